"""A translation task as one person sees it: what more than one feature of the desk needs.

Every read of a task goes through `see_task`, which carries the need-to-know rule; every text that comes in
goes through `merged`. Every step is taken by `take_step`, as a rule without a lock.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from editorial import desk
from editorial.core import texts, workflow
from editorial.core.comparison import Difference, DifferenceKind, Term, compare
from editorial.core.diffs import Change, word_diff
from editorial.core.permissions import Actor, Matter, Relation
from editorial.core.refusals import (
    BlockedAction,
    DatabaseAway,
    Fault,
    Invalid,
    NotFound,
)
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.texts import Kept, Same, SheetUnit, Text, UnitStatus
from editorial.db import LOOKS, TWO_CHANGES_MET, Connection, Database, Domain, context_of, load_queries
from editorial.desk import Somebody
from editorial.settings import Settings
from editorial.web import (
    person_id_of,
)

sql = load_queries("translations")

Words = Annotated[str, Meta(max_length=texts.MAX_UNIT)]


class SheetLine(msgspec.Struct, kw_only=True):
    """A unit of the text: its source, its translation, and how they stand to each other."""

    id: str
    """The block's id; `<id>.alt` for a figure's alternative text; `photo.alt` and `photo.caption`."""
    type: str
    source: str | None
    """A list's items stand one a line. Null for a unit whose source is gone."""
    target: str | None
    status: UnitStatus
    source_was: str | UnsetType = UNSET
    """Where it is outdated: the source that the translation was made from."""
    diff: list[Change] | UnsetType = UNSET
    """Where it is outdated: what changed in the source, word by word."""


class TranslationWarning(msgspec.Struct, kw_only=True):
    """Something that differs from the source and should not: a figure, a date, a link, a name, a term."""

    id: str
    """Names the warning in its address. It changes with what the warning says."""
    unit: str
    kind: DifferenceKind
    expected: str | None
    """As the source or the glossary has it."""
    found: str | None
    """As the translation has it."""
    detail: str
    answer: str | None
    """Why it is no fault: the holder's word."""


class TranslationTask(msgspec.Struct, kw_only=True):
    """The work of making one translated edition current, block by block."""

    id: UUID
    version: int
    state: TaskState
    commentary_id: UUID
    week: str
    section: str
    source_language: str
    language: str
    source_revision: int
    due_at: datetime
    """When it is wanted: what a coordinator has said, else a schedule, else the end of the coverage week."""
    is_mine: bool
    holder: Somebody | None | UnsetType = UNSET
    """Who holds it: only for coordinators and the holder."""
    claim_expires_at: datetime | None
    claim_expires_soon: bool
    """A warning for the holder: without a save the task goes back to the queue, with its text."""
    title: SheetLine
    lead: SheetLine
    blocks: list[SheetLine]
    warnings: list[TranslationWarning]
    """What the translation should be looked at for, before it is handed in and before it is accepted."""
    note: str | None | UnsetType = UNSET
    """What the coordinator said when the text was returned: only for coordinators and the holder."""
    allowed_actions: list[str]
    blocked_actions: list[BlockedAction]


class TaskRow(msgspec.Struct, kw_only=True):
    """A task as the database has it, and how the actor stands to it."""

    id: UUID
    version: int
    state: TaskState
    commentary_id: UUID
    language: str
    source_revision: int
    holder_id: UUID | None
    holder_name: str | None
    claim_expires_at: datetime | None
    due_at: datetime
    read_at: datetime
    note: str | None
    commentary_state: CommentaryState
    commentary_version: int
    week: str
    section: str
    source_language: str
    revision: int | None
    units: dict[str, Kept] | None
    text_source_revision: int | None
    is_holder: bool
    wrote_units: bool
    """The actor made a revision of this translation since it was last accepted."""
    claims_held: int
    other_states: list[TaskState]
    """How the other wanted translations of the commentary stand."""
    same: list[Same]
    glossary: list[Term]
    answers: dict[str, str]
    """The holder's answers to warnings, by the warning."""
    source: Text

    @property
    def kept(self) -> dict[str, Kept]:
        """The translated units, orphans among them."""
        return self.units or {}

    @property
    def lines(self) -> list[SheetUnit]:
        """How each unit stands to its source."""
        return texts.sheet(self.source, self.kept, self.same)

    @property
    def outdated_from(self) -> set[int]:
        """The source revisions that its outdated units were made from."""
        return {
            line.made_from_revision
            for line in self.lines
            if line.status is UnitStatus.OUTDATED and line.made_from_revision is not None
        }

    @property
    def is_claimed_by_actor(self) -> bool:
        """Whether it counts among the tasks that the actor may hold so many of."""
        return self.is_holder and self.state is TaskState.CLAIMED

    def differences(self, kept: Mapping[str, Kept] | None = None) -> list[Difference]:
        """In what the translation (or another one of this task) differs from its source and should not."""
        return compare(
            texts.units(self.source),
            {name: unit.text for name, unit in (self.kept if kept is None else kept).items()},
            source_language=self.source_language,
            language=self.language,
            glossary=self.glossary,
        )

    def open_warnings(self, kept: Mapping[str, Kept] | None = None) -> int:
        """How many of them nobody has answered."""
        return sum(one.key not in self.answers for one in self.differences(kept))

    def subject(self, claim_limit: int) -> workflow.Task:
        """What the machine needs to know."""
        return workflow.Task(
            state=self.state,
            version=self.version,
            language=self.language,
            is_holder=self.is_holder,
            translated_it=self.is_holder or self.wrote_units,
            source_is_approved=self.commentary_state in workflow.SOURCE_STANDS,
            unfinished_units=texts.unfinished(self.lines),
            claims_held=self.claims_held,
            claim_limit=claim_limit,
        )


async def see_task(connection: Connection, actor: Actor, task_id: UUID) -> TaskRow:
    """A task that the actor may see. Raises `NotFound`."""
    found = await sql.get_task(
        connection,
        id=task_id,
        actor=person_id_of(actor),
        languages=desk.languages_of(actor),
        sees_all=actor.may_know(Matter.UNFINISHED_TEXT),
        translator_states=desk.translator_states(),
    )
    if found is None:
        raise NotFound
    return msgspec.convert({**dict(found), "source": desk.text_of(found)}, TaskRow)


def knows_holder(actor: Actor, *, is_holder: bool) -> bool:
    """Whether the actor may know who translates, and until when they hold the task."""
    return actor.may_know(Matter.TRANSLATORS, *((Relation.ONESELF,) if is_holder else ()))


async def show_task(
    connection: Connection, actor: Actor, row: TaskRow, settings: Settings
) -> TranslationTask:
    """The task for somebody, with the sources that its outdated units were made from."""
    return _shown(actor, row, settings, await _earlier_sources(connection, row))


def _shown(
    actor: Actor, row: TaskRow, settings: Settings, earlier: Mapping[int, Mapping[str, str]]
) -> TranslationTask:
    lines = [_line(line, earlier) for line in row.lines]
    by_id = {line.id: line for line in lines}
    allowed, blocked = workflow.verdicts(row.subject(settings.claim_limit), actor)
    knows_translator = knows_holder(actor, is_holder=row.is_holder)
    shown = TranslationTask(
        id=row.id,
        version=row.version,
        state=row.state,
        commentary_id=row.commentary_id,
        week=row.week,
        section=row.section,
        source_language=row.source_language,
        language=row.language,
        source_revision=row.source_revision,
        due_at=row.due_at,
        is_mine=row.is_holder,
        claim_expires_at=row.claim_expires_at if knows_translator else None,
        claim_expires_soon=knows_translator and expires_soon(row.claim_expires_at, row.read_at, settings),
        title=by_id[texts.TITLE],
        lead=by_id[texts.LEAD],
        blocks=[line for line in lines if line.id not in {texts.TITLE, texts.LEAD}],
        warnings=[_warning(one, row.answers) for one in row.differences()],
        allowed_actions=allowed,
        blocked_actions=blocked,
    )
    if knows_translator:
        shown.holder = (
            None if row.holder_id is None else Somebody(id=row.holder_id, display_name=row.holder_name)
        )
        shown.note = row.note
    return shown


def _warning(one: Difference, answers: Mapping[str, str]) -> TranslationWarning:
    return TranslationWarning(
        id=one.key,
        unit=one.unit,
        kind=one.kind,
        expected=one.expected,
        found=one.found,
        detail=one.detail,
        answer=answers.get(one.key),
    )


def expires_soon(claim_expires_at: datetime | None, now: datetime, settings: Settings) -> bool:
    """Whether a claim runs out within the hours in which its holder is warned."""
    return claim_expires_at is not None and claim_expires_at - now <= timedelta(
        hours=settings.claim_warning_hours
    )


async def _earlier_sources(connection: Connection, row: TaskRow) -> dict[int, dict[str, str]]:
    """The units of the source revisions that outdated units were made from, in one round trip."""
    numbers = sorted(row.outdated_from)
    if not numbers:
        return {}
    found = await sql.source_revisions(
        connection, commentary=row.commentary_id, language=row.source_language, numbers=numbers
    )
    return {one["number"]: {unit.id: unit.text for unit in texts.units(desk.text_of(one))} for one in found}


def _line(line: SheetUnit, earlier: Mapping[int, Mapping[str, str]]) -> SheetLine:
    shown = SheetLine(id=line.id, type=line.type, source=line.source, target=line.target, status=line.status)
    if line.status is UnitStatus.OUTDATED and line.made_from_revision is not None:
        was = earlier[line.made_from_revision].get(line.id, "")
        shown.source_was = was
        shown.diff = word_diff(was, line.source or "")
    return shown


_LONGEST = {texts.TITLE: texts.MAX_TITLE, texts.LEAD: texts.MAX_LEAD}


def merged(row: TaskRow, units: Mapping[str, str | None]) -> dict[str, Kept]:
    """The kept units with what was saved; an emptied one goes. Raises `Invalid` for what is no unit."""
    source = {unit.id: unit for unit in texts.units(row.source)}
    faults: list[Fault] = []
    for name, words in units.items():
        longest = _LONGEST.get(name, texts.MAX_UNIT)
        if name not in source and (words or name not in row.kept):
            faults.append(
                Fault(pointer=pointer_of(name), detail="The text has no such unit.", code="unknown_block")
            )
        elif words and len(words) > longest:
            faults.append(
                Fault(pointer=pointer_of(name), detail=f"At most {longest} characters.", code="invalid")
            )
        elif words and source[name].type in texts.INLINE_TYPES:
            faults += texts.faults_of_links(words, pointer_of(name))
    if faults:
        raise Invalid(faults=faults)
    kept = dict(row.kept)
    for name, words in units.items():
        if words:
            kept[name] = Kept(words, texts.unit_hash(source[name]), row.source_revision)
        else:
            kept.pop(name, None)
    return kept


def pointer_of(unit: str) -> str:
    """Where a unit stands in the body of a save."""
    return f"/{unit}" if unit in _LONGEST else f"/blocks/{unit}"


class TaskChange(msgspec.Struct, kw_only=True):
    """What a step makes of a task."""

    action: str
    state: TaskState
    holder: UUID | None
    note: str | None = None
    kept: Mapping[str, Kept] | None = None
    """The translated units, where they are to be a new revision."""
    open_warnings: int | None = None
    is_claim: bool = False
    """The holder takes it themselves, and may hold only so many."""
    holder_version: int | None = None
    """Somebody gives it to a holder, who is as they were seen."""
    ends: "Ending | None" = None
    """The translation ends."""


class Ending(msgspec.Struct, kw_only=True):
    """What the end of a translation does beside its task."""

    commentary_state: CommentaryState
    """The last task that ends makes the commentary ready, in the same transaction."""
    approval: UUID | None = None
    """By which a second person agrees to the text."""
    units: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """What was accepted, to be offered where the same is to be translated again."""


def as_saved(
    row: TaskRow, actor: Actor, kept: Mapping[str, Kept], *, action: str = Action.SAVE
) -> TaskChange:
    """These are the units from now on, in one new revision where that is a change; the claim is renewed."""
    return TaskChange(
        action=action,
        state=row.state,
        holder=actor.person_id,
        kept=None if kept == row.kept else kept,
        open_warnings=row.open_warnings(kept),
    )


async def take_step(
    db: Database,
    settings: Settings,
    actor: Actor,
    task_id: UUID,
    decide: Callable[[Connection, TaskRow], Awaitable[TaskChange]],
) -> TranslationTask:
    """Decide on the task as it is seen, write the change where it is so still, and show the task after it.

    If somebody was quicker, look again. Whom others forestall again and again has it locked at last: each
    task that ends changes the version of its commentary, and many of them may end at once.
    """
    for _ in range(LOOKS):
        async with db.reading() as connection:
            row = await see_task(connection, actor, task_id)
            change = await decide(connection, row)
        opened = db.at_once(actor, change.action, Domain.TASK, task_id, note=change.note)
        async with opened as (connection, context):
            changed = await write_change(connection, context, settings, actor, row, change)
        if changed is not None:
            return await show_changed(db, actor, as_changed(row, actor, changed), settings)
    row = await _take_locked(db, settings, actor, task_id, change, decide)
    return await show_changed(db, actor, row, settings)


async def _take_locked(
    db: Database,
    settings: Settings,
    actor: Actor,
    task_id: UUID,
    last: TaskChange,
    decide: Callable[[Connection, TaskRow], Awaitable[TaskChange]],
) -> TaskRow:
    lock = (Domain.TASK, task_id)
    async with db.acting(actor, last.action, Domain.TASK, task_id, note=last.note, lock=lock) as tx:
        row = await see_task(tx, actor, task_id)
        change = await decide(tx, row)
        context = context_of(actor, change.action, Domain.TASK, task_id, change.note)
        changed = await write_change(tx, context, settings, actor, row, change)
        if changed is None:
            # Of what it was decided on, only an assignee is not locked.
            raise DatabaseAway(TWO_CHANGES_MET)
        return as_changed(row, actor, changed)


async def write_change(
    connection: Connection, context: str, settings: Settings, actor: Actor, row: TaskRow, change: TaskChange
) -> Mapping[str, Any] | None:
    """Write a change of a task that is as it was seen; what came of it, or nothing where it is not."""
    written = {
        "context": context,
        "id": row.id,
        "version": row.version,
        "commentary": row.commentary_id,
        "state": change.state,
        "holder": change.holder,
        "claim_hours": settings.claim_hours,
        "note": change.note,
        "open_warnings": change.open_warnings,
    }
    if change.ends is not None:
        found = await sql.end_task_at_once(
            connection,
            **written,
            commentary_version=row.commentary_version,
            commentary_state=change.ends.commentary_state,
            approval=change.ends.approval,
            language=row.language,
            revision=row.revision,
            approved_by=actor.person_id,
            source_language=row.source_language,
            units=change.ends.units,
        )
    elif change.kept is None:
        found = await sql.move_task_at_once(
            connection,
            **written,
            commentary_state=row.commentary_state,
            claimant=change.holder if change.is_claim else None,
            claim_limit=settings.claim_limit,
            assignee=None if change.holder_version is None else change.holder,
            assignee_version=change.holder_version,
        )
    else:
        text = texts.assemble(row.source, {name: unit.text for name, unit in change.kept.items()})
        found = await sql.save_task_at_once(
            connection,
            **written,
            commentary_state=row.commentary_state,
            language=row.language,
            number=(row.revision or 0) + 1,
            title=text.title,
            lead=text.lead,
            trend=text.trend,
            photo=text.photo,
            blocks=text.blocks,
            source_revision=row.source_revision,
            units=change.kept,
            made_by=actor.person_id,
        )
    return None if found is None else dict(found)


def as_changed(row: TaskRow, actor: Actor, changed: Mapping[str, Any]) -> TaskRow:
    """The task after a step that has changed nothing else of it than this."""
    after = msgspec.structs.replace(row, **changed, is_holder=changed["holder_id"] == actor.id)
    after.state = TaskState(changed["state"])
    after.commentary_state = CommentaryState(after.commentary_state)
    after.claims_held += after.is_claimed_by_actor - row.is_claimed_by_actor
    if "units" in changed:
        after.units = msgspec.convert(changed["units"], dict[str, Kept])
        after.wrote_units = True
    return after


async def show_changed(db: Database, actor: Actor, row: TaskRow, settings: Settings) -> TranslationTask:
    """The task for somebody, where the database is asked for no more than what it had as a source before."""
    if not row.outdated_from:
        return _shown(actor, row, settings, {})
    async with db.reading_after() as connection:
        return await show_task(connection, actor, row, settings)
