"""A translation task as one person sees it: what more than one feature of the desk needs.

Every read of a task goes through `see_task`, which carries the need-to-know rule; every text that comes in
goes through `merged`. Steps are taken in `translations/task_writes.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from editorial.commentaries import views
from editorial.core import decisions, sheets, subjects, texts, workflow
from editorial.core.diffs import Change, word_diff
from editorial.core.normalisation import BLANKS, Form, clean
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Information, may_know_holder
from editorial.core.refusals import BlockedAction, FieldError, Invalid, NotFound
from editorial.core.sheets import EquivalentWording, SheetUnit, TranslatedUnit, UnitStatus
from editorial.core.states import CommentaryState, TaskState
from editorial.core.texts import Text
from editorial.database.queries import Connection, load_queries
from editorial.locales import Message, values
from editorial.settings import Settings
from editorial.translations.comparison import Difference, DifferenceKind, Term, compare
from editorial.web import person_id_of

sql = load_queries("translations/views")

Words = Annotated[str, Meta(max_length=texts.MAX_UNIT), Form.OPEN_TEXT]
TitleWords = Annotated[str, Meta(max_length=texts.MAX_UNIT), Form.OPEN_LINE]


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
    detail: Message
    params: dict[str, Any]
    """The values in the sentence, for a program that words it itself."""
    answer: str | None
    """Why it is no fault: the word of the holder, or of the coordinator who reviews."""


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
    holder: PersonName | None | UnsetType = UNSET
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
    """The request for changes that is still open: null once the text was handed in again.

    Only for coordinators and the holder.
    """
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
    assignee_id: UUID | None
    holder_name: str | None
    claim_expires_at: datetime | None
    due_at: datetime
    read_at: datetime
    review_note: str | None
    commentary_state: CommentaryState
    commentary_version: int
    week: str
    section: str
    source_language: str
    revision: int | None
    units: dict[str, TranslatedUnit] | None
    text_source_revision: int | None
    is_holder: bool
    holder_version: int | None
    holder_translates: bool
    """Its holder is active, and a translator of its language."""
    wrote_units: bool
    """The actor made a revision of this translation since it was last accepted."""
    claims_held: int
    other_states: list[TaskState]
    """How the other wanted translations of the commentary stand."""
    same: list[EquivalentWording]
    glossary: list[Term]
    answers: dict[str, str]
    """Answers to warnings, by the warning."""
    unanswered_block: bool
    """The newsroom lets no translation go on while one of its warnings has no answer."""
    source: Text

    @property
    def kept(self) -> dict[str, TranslatedUnit]:
        """The translated units, orphans among them."""
        return self.units or {}

    @property
    def lines(self) -> list[SheetUnit]:
        """How each unit stands to its source."""
        return sheets.sheet(self.source, self.kept, self.same)

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

    def differences(self, kept: Mapping[str, TranslatedUnit] | None = None) -> list[Difference]:
        """In what the translation (or another one of this task) differs from its source and should not."""
        return compare(
            texts.units(self.source),
            {name: unit.text for name, unit in (self.kept if kept is None else kept).items()},
            source_language=self.source_language,
            language=self.language,
            glossary=self.glossary,
        )

    def open_warnings(self, kept: Mapping[str, TranslatedUnit] | None = None) -> int:
        """How many of them have no answer."""
        return sum(one.key not in self.answers for one in self.differences(kept))

    @property
    def blocking(self) -> tuple[subjects.BlockingWarning, ...]:
        """Those that keep the translation from going on, where the newsroom says so."""
        if not self.unanswered_block:
            return ()
        return tuple(
            subjects.BlockingWarning(pointer=texts.pointer_of(one.unit), kind=one.kind, detail=one.detail)
            for one in self.differences()
            if one.key not in self.answers
        )

    def subject(self, claim_limit: int) -> subjects.Task:
        """What the machine needs to know."""
        return subjects.Task(
            state=self.state,
            version=self.version,
            language=self.language,
            is_holder=self.is_holder,
            translated_it=self.is_holder or self.wrote_units,
            source_is_approved=self.commentary_state in workflow.SOURCE_STANDS,
            unfinished_units=sheets.unfinished(self.lines),
            blocking=self.blocking,
            claims_held=self.claims_held,
            claim_limit=claim_limit,
        )


async def see_task(connection: Connection, actor: Actor, task_id: UUID) -> TaskRow:
    """A task that the actor may see. Raises `NotFound`."""
    found = await sql.get_task(
        connection,
        id=task_id,
        actor=person_id_of(actor),
        languages=views.languages_of(actor),
        sees_all=actor.may_know(Information.UNFINISHED_TEXT),
        translator_states=views.translator_states(),
    )
    if found is None:
        raise NotFound
    return msgspec.convert({**dict(found), "source": views.text_of(found)}, TaskRow)


async def show_task(
    connection: Connection, actor: Actor, row: TaskRow, settings: Settings
) -> TranslationTask:
    """The task for somebody, with the sources that its outdated units were made from."""
    return shown(actor, row, settings, await _earlier_sources(connection, row))


def shown(
    actor: Actor, row: TaskRow, settings: Settings, earlier: Mapping[int, Mapping[str, str]]
) -> TranslationTask:
    """The task for somebody, with these units of earlier sources."""
    lines = [_line(line, earlier) for line in row.lines]
    by_id = {line.id: line for line in lines}
    allowed, blocked = decisions.verdicts(row.subject(settings.claim_limit), actor)
    knows_translator = may_know_holder(actor, row.language, is_holder=row.is_holder)
    task = TranslationTask(
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
        is_mine=row.is_holder and actor.translates(row.language),
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
        task.holder = (
            None if row.assignee_id is None else PersonName(id=row.assignee_id, display_name=row.holder_name)
        )
        task.note = row.review_note
    return task


def _warning(one: Difference, answers: Mapping[str, str]) -> TranslationWarning:
    return TranslationWarning(
        id=one.key,
        unit=one.unit,
        kind=one.kind,
        expected=one.expected,
        found=one.found,
        detail=one.detail,
        params=values(one.detail),
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
    return {one["number"]: {unit.id: unit.text for unit in texts.units(views.text_of(one))} for one in found}


def _line(line: SheetUnit, earlier: Mapping[int, Mapping[str, str]]) -> SheetLine:
    shown = SheetLine(id=line.id, type=line.type, source=line.source, target=line.target, status=line.status)
    if line.status is UnitStatus.OUTDATED and line.made_from_revision is not None:
        was = earlier[line.made_from_revision].get(line.id, "")
        shown.source_was = was
        shown.diff = word_diff(was, line.source or "")
    return shown


_LONGEST = {texts.TITLE: texts.MAX_TITLE, texts.LEAD: texts.MAX_LEAD}


def merged(
    row: TaskRow, units: Mapping[str, str | None], more: Sequence[FieldError] = ()
) -> dict[str, TranslatedUnit]:
    """The kept units with what was saved; an emptied one goes. Raises `Invalid` for what is no unit.

    `more` are faults that were found before.
    """
    source = {unit.id: unit for unit in texts.units(row.source)}
    faults = list(more)
    for name, words in units.items():
        longest = _LONGEST.get(name, texts.MAX_UNIT)
        pointer = texts.pointer_of(name)
        if name not in source and (words or name not in row.kept):
            faults.append(
                FieldError(pointer=pointer, detail=Message("fault.no-such-unit"), code="unknown_block")
            )
        elif words and len(words) > longest:
            faults.append(
                FieldError(
                    pointer=pointer, detail=Message("fault.at-most-characters", count=longest), code="invalid"
                )
            )
        elif words and source[name].type in texts.INLINE_TYPES:
            faults += texts.faults_of_links(words, pointer)
    if faults:
        raise Invalid(faults=faults)
    kept = dict(row.kept)
    for name, words in units.items():
        if words and source[name].type == "heading":
            words = clean(words, Form.OPEN_LINE)
        if words and words.strip(BLANKS):
            kept[name] = TranslatedUnit(words, texts.unit_hash(source[name]), row.source_revision)
        else:
            kept.pop(name, None)
    return kept
