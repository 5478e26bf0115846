"""The translation desk: the queue, the sheet of a task block by block, and the task's transitions."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from editorial import desk
from editorial.core import texts, workflow
from editorial.core.permissions import TRANSLATION_STATES, Actor, Grant, Role
from editorial.core.refusals import (
    AlreadyClaimed,
    BlockedAction,
    Conflict,
    Fault,
    Invalid,
    NotFound,
    NotYours,
    SessionEnded,
    SourceIsBeingChanged,
    TooManyClaims,
    TranslationIsIncomplete,
    VersionIsStale,
    VersionMissing,
)
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.texts import Change, Kept, Same, SheetUnit, Text, UnitStatus
from editorial.db import Connection, Database, Domain, load_queries
from editorial.desk import Language, Somebody
from editorial.identifiers import new_id
from editorial.settings import Settings
from editorial.web import (
    Body,
    Cursor,
    IfMatch,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    person_id_of,
    read_body,
    read_cursor,
    version_of,
    write_cursor,
)

sql = load_queries("translations")
moves = load_queries("moves")

Note = Annotated[str, Meta(min_length=1, max_length=5_000, description="Why, in a sentence or two.")]
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
    due_at: datetime | None
    is_mine: bool
    holder: Somebody | None | UnsetType = UNSET
    """Who holds it: only for coordinators and the holder."""
    claim_expires_at: datetime | None
    title: SheetLine
    lead: SheetLine
    blocks: list[SheetLine]
    note: str | None | UnsetType = UNSET
    """What the coordinator said when the text was returned: only for coordinators and the holder."""
    allowed_actions: list[str]
    blocked_actions: list[BlockedAction]


class TaskInList(msgspec.Struct, kw_only=True):
    """A translation task in the queue."""

    id: UUID
    version: int
    state: TaskState
    commentary_id: UUID
    week: str
    section: str
    source_language: str
    language: str
    title: str
    """The source's title."""
    due_at: datetime | None
    is_mine: bool
    claim_expires_at: datetime | None
    holder: Somebody | None | UnsetType = UNSET
    """Who holds it: only for coordinators and the holder."""


class SaveTranslation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of the translation: what is absent stays, null or an empty text clears."""

    title: Words | None | UnsetType = UNSET
    lead: Words | None | UnsetType = UNSET
    blocks: dict[str, Words | None] | UnsetType = UNSET
    """Text by unit id, as in the task's sheet."""


class ClaimNext(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The language to translate into."""

    language: Language


class Claim(msgspec.Struct, kw_only=True, tag_field="action", tag="claim", forbid_unknown_fields=True):
    """Take the task."""


class Assign(msgspec.Struct, kw_only=True, tag_field="action", tag="assign", forbid_unknown_fields=True):
    """Give the task to a translator of its language."""

    translator: UUID


class Release(msgspec.Struct, kw_only=True, tag_field="action", tag="release", forbid_unknown_fields=True):
    """Hand the task back to the queue. The text is kept."""


class Submit(msgspec.Struct, kw_only=True, tag_field="action", tag="submit", forbid_unknown_fields=True):
    """Hand the translation in."""


class Recall(msgspec.Struct, kw_only=True, tag_field="action", tag="recall", forbid_unknown_fields=True):
    """Take the translation back to work on it."""


class Return(msgspec.Struct, kw_only=True, tag_field="action", tag="return", forbid_unknown_fields=True):
    """Send the translation back, saying what to change."""

    note: Note


class Accept(msgspec.Struct, kw_only=True, tag_field="action", tag="accept", forbid_unknown_fields=True):
    """Agree to the translation that was read. The edition is ready to be published."""


class Cancel(msgspec.Struct, kw_only=True, tag_field="action", tag="cancel", forbid_unknown_fields=True):
    """The translation is not needed. The text is kept."""


TaskTransition = Claim | Assign | Release | Submit | Recall | Return | Accept | Cancel


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
    due_at: datetime | None
    note: str | None
    commentary_state: CommentaryState
    week: str
    section: str
    source_language: str
    revision: int | None
    units: dict[str, Kept] | None
    text_source_revision: int | None
    is_holder: bool
    translated_it: bool
    claims_held: int
    same: list[Same]
    source: Text

    @property
    def kept(self) -> dict[str, Kept]:
        """The translated units, orphans among them."""
        return self.units or {}

    @property
    def lines(self) -> list[SheetUnit]:
        """How each unit stands to its source."""
        return texts.sheet(self.source, self.kept, self.same)

    def subject(self, claim_limit: int) -> workflow.Task:
        """What the machine needs to know."""
        return workflow.Task(
            state=self.state,
            version=self.version,
            language=self.language,
            is_holder=self.is_holder,
            translated_it=self.translated_it,
            source_is_approved=self.commentary_state in workflow.SOURCE_STANDS,
            unfinished_units=texts.unfinished(self.lines),
            claims_held=self.claims_held,
            claim_limit=claim_limit,
        )


async def _see_task(connection: Connection, actor: Actor, task_id: UUID) -> TaskRow:
    """A task that the actor may see. Raises `NotFound`."""
    found = await sql.get_task(connection, id=task_id, actor=person_id_of(actor))
    if found is None:
        raise NotFound
    row = msgspec.convert({**dict(found), "source": desk.text_of(found)}, TaskRow)
    in_the_queue = (
        row.language in desk.languages_of(actor)
        and row.commentary_state in TRANSLATION_STATES
        and row.state is not TaskState.CANCELLED
    )
    if not (actor.has(Role.COORDINATOR) or row.is_holder or in_the_queue):
        raise NotFound
    return row


async def _show_task(connection: Connection, actor: Actor, row: TaskRow, claim_limit: int) -> TranslationTask:
    earlier = await _earlier_sources(connection, row)
    lines = [_line(line, earlier) for line in row.lines]
    by_id = {line.id: line for line in lines}
    allowed, blocked = workflow.verdicts(row.subject(claim_limit), actor)
    knows_holder = row.is_holder or actor.has(Role.COORDINATOR)
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
        claim_expires_at=row.claim_expires_at if knows_holder else None,
        title=by_id[texts.TITLE],
        lead=by_id[texts.LEAD],
        blocks=[line for line in lines if line.id not in {texts.TITLE, texts.LEAD}],
        allowed_actions=allowed,
        blocked_actions=blocked,
    )
    if knows_holder:
        shown.holder = (
            None if row.holder_id is None else Somebody(id=row.holder_id, display_name=row.holder_name)
        )
        shown.note = row.note
    return shown


async def _earlier_sources(connection: Connection, row: TaskRow) -> dict[int, dict[str, str]]:
    """The units of the source revisions that outdated units were made from, in one round trip."""
    numbers = {
        line.made_from_revision
        for line in row.lines
        if line.status is UnitStatus.OUTDATED and line.made_from_revision is not None
    }
    if not numbers:
        return {}
    found = await sql.source_revisions(
        connection, commentary=row.commentary_id, language=row.source_language, numbers=sorted(numbers)
    )
    return {one["number"]: {unit.id: unit.text for unit in texts.units(desk.text_of(one))} for one in found}


def _line(line: SheetUnit, earlier: dict[int, dict[str, str]]) -> SheetLine:
    shown = SheetLine(id=line.id, type=line.type, source=line.source, target=line.target, status=line.status)
    if line.status is UnitStatus.OUTDATED and line.made_from_revision is not None:
        was = earlier[line.made_from_revision].get(line.id, "")
        shown.source_was = was
        shown.diff = texts.word_diff(was, line.source or "")
    return shown


@get(
    "/v1/translation-tasks",
    name="list_translation_tasks",
    operation_id="list_translation_tasks",
    opt=operation(refuses=[Invalid]),
)
async def list_translation_tasks(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
    language: Annotated[str | None, QueryParameter(name="language", required=False, max_length=20)] = None,
    in_state: Annotated[TaskState | None, QueryParameter(name="state", required=False)] = None,
    holder: Annotated[
        str | None,
        QueryParameter(
            name="holder", required=False, description="`me`, or (for coordinators) a person's id."
        ),
    ] = None,
    commentary: Annotated[UUID | None, QueryParameter(name="commentary", required=False)] = None,
) -> Response[Page[TaskInList]]:
    """List the translation tasks that you may see, most urgent first."""
    after = read_cursor(cursor, tuple[UUID])
    async with db.reading() as connection:
        rows = await sql.list_tasks(
            connection,
            actor=person_id_of(actor),
            languages=desk.languages_of(actor),
            sees_all=actor.has(Role.COORDINATOR),
            translator_states=desk.translator_states(),
            language=language,
            state=in_state,
            holder=_holder(holder, actor),
            commentary=commentary,
            after=after[0] if after else None,
            page=limit + 1,
        )
    page = Page(data=[_in_list(row, actor) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["id"])
    return page_response(request, page)


def _holder(wanted: str | None, actor: Actor) -> UUID | None:
    if wanted is None:
        return None
    if wanted == "me":
        return person_id_of(actor)
    if not actor.has(Role.COORDINATOR):
        raise Invalid(faults=[Fault(pointer="/query/holder", detail="Only `me`.", code="invalid")])
    try:
        return UUID(wanted)
    except ValueError as fault:
        raise Invalid(
            faults=[Fault(pointer="/query/holder", detail="`me`, or a person's id.", code="invalid")]
        ) from fault


def _in_list(row: Any, actor: Actor) -> TaskInList:
    is_mine = row["holder_id"] == actor.id
    knows_holder = is_mine or actor.has(Role.COORDINATOR)
    listed = TaskInList(
        id=row["id"],
        version=row["version"],
        state=TaskState(row["state"]),
        commentary_id=row["commentary_id"],
        week=row["week"],
        section=row["section"],
        source_language=row["source_language"],
        language=row["language"],
        title=row["title"],
        due_at=row["due_at"],
        is_mine=is_mine,
        claim_expires_at=row["claim_expires_at"] if knows_holder else None,
    )
    if knows_holder:
        listed.holder = (
            None
            if row["holder_id"] is None
            else Somebody(id=row["holder_id"], display_name=row["holder_name"])
        )
    return listed


@get(
    "/v1/translation-tasks/{id:uuid}",
    name="get_translation_task",
    operation_id="get_translation_task",
    opt=operation(refuses=[NotFound]),
)
async def get_translation_task(
    db: Database, settings: Settings, actor: Actor, id: UUID
) -> Response[TranslationTask]:
    """Read a task: source and translation unit by unit, and exactly which of them to touch."""
    async with db.reading() as connection:
        row = await _see_task(connection, actor, id)
        shown = await _show_task(connection, actor, row, settings.claim_limit)
    return answer(shown, version=shown.version)


@patch(
    "/v1/translation-tasks/{id:uuid}",
    name="save_translation",
    operation_id="save_translation",
    opt=operation(
        takes=SaveTranslation,
        refuses=[NotFound, NotYours, VersionMissing, VersionIsStale, Conflict, Invalid],
        example={
            "title": "Экспарт збожжа падае трэці месяц",
            "blocks": {"k3v9x2mp": "Порты апрацавалі на 12 % менш."},
        },
    ),
)
async def save_translation(
    request: Request[Any, Any, Any],
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[TranslationTask]:
    """Save some of the translated units, and renew the claim.

    A unit that is saved counts as made from the present source.
    """
    body = await read_body(request, SaveTranslation)
    async with db.acting(actor, Action.SAVE, Domain.TASK, id, lock=(Domain.TASK, id)) as tx:
        row = await _see_task(tx, actor, id)
        workflow.decide(row.subject(settings.claim_limit), Action.SAVE, actor, version_of(if_match))
        kept = _merged(row, body.checked())
        if kept != row.kept:
            await _add_revision(tx, row, kept, actor.person_id)
        await sql.move_task(
            tx, id=id, state=row.state, holder=actor.person_id, claim_hours=settings.claim_hours, note=None
        )
        row = await _see_task(tx, actor, id)
        shown = await _show_task(tx, actor, row, settings.claim_limit)
    return answer(shown, version=shown.version)


def _merged(row: TaskRow, wanted: SaveTranslation) -> dict[str, Kept]:
    """The kept units with what was saved; an emptied one goes. Raises `Invalid` for what is no unit."""
    sent: dict[str, str | None] = {} if wanted.blocks is UNSET else dict(wanted.blocks)
    source = {unit.id: unit for unit in texts.units(row.source)}
    faults = [
        Fault(pointer=f"/blocks/{name}", detail="The text has no such unit.", code="unknown_block")
        for name, words in sent.items()
        if name in {texts.TITLE, texts.LEAD} or (name not in source and (words or name not in row.kept))
    ]
    if faults:
        raise Invalid(faults=faults)
    if wanted.title is not UNSET:
        sent[texts.TITLE] = wanted.title
    if wanted.lead is not UNSET:
        sent[texts.LEAD] = wanted.lead
    if len(sent.get(texts.TITLE) or "") > texts.MAX_TITLE:
        raise Invalid(
            faults=[Fault(pointer="/title", detail=f"At most {texts.MAX_TITLE} characters.", code="invalid")]
        )
    if len(sent.get(texts.LEAD) or "") > texts.MAX_LEAD:
        raise Invalid(
            faults=[Fault(pointer="/lead", detail=f"At most {texts.MAX_LEAD} characters.", code="invalid")]
        )
    kept = dict(row.kept)
    for name, words in sent.items():
        if words:
            kept[name] = Kept(words, texts.unit_hash(source[name]), row.source_revision)
        else:
            kept.pop(name, None)
    return kept


async def _add_revision(tx: Connection, row: TaskRow, kept: dict[str, Kept], made_by: UUID) -> None:
    text = texts.assemble(row.source, {name: unit.text for name, unit in kept.items()})
    await desk.sql.add_revision(
        tx,
        commentary=row.commentary_id,
        language=row.language,
        number=(row.revision or 0) + 1,
        title=text.title,
        lead=text.lead,
        trend=text.trend,
        photo=text.photo,
        blocks=text.blocks,
        source_revision=row.source_revision,
        units=kept,
        made_by=made_by,
    )


class Move(msgspec.Struct, kw_only=True):
    """What a command needs: the transaction, who acts, and the task as it was locked."""

    tx: Connection
    settings: Settings
    actor: Actor
    row: TaskRow
    step: workflow.Step[TaskState]

    async def move_task(self, holder: UUID | None, note: str | None = None) -> None:
        """Write the step's state, with this holder."""
        await sql.move_task(
            self.tx,
            id=self.row.id,
            state=self.step.leads_to,
            holder=holder,
            claim_hours=self.settings.claim_hours,
            note=note,
        )


@post(
    "/v1/translation-tasks/{id:uuid}/transitions",
    name="move_translation_task",
    operation_id="move_translation_task",
    status_code=200,
    opt=operation(
        takes=TaskTransition,
        refuses=[
            NotFound,
            NotYours,
            VersionMissing,
            VersionIsStale,
            Conflict,
            AlreadyClaimed,
            TooManyClaims,
            SourceIsBeingChanged,
            TranslationIsIncomplete,
            Invalid,
        ],
        example={"action": "return", "note": "The amount in the third block is in millions."},
    ),
)
async def move_translation_task(
    request: Request[Any, Any, Any],
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[TranslationTask]:
    """Move a translation task from one state to the next. The answer is the task as it is now."""
    body: Body[Any] = await read_body(request, TaskTransition)
    version = version_of(if_match)
    named = body.action(COMMANDS)
    note = body.first_text("note")
    async with db.acting(actor, named or "refuse", Domain.TASK, id, note=note, lock=(Domain.TASK, id)) as tx:
        row = await _see_task(tx, actor, id)
        subject = row.subject(settings.claim_limit)
        if named is None:
            workflow.check_version(row.version, version)
            raise body.invalid()
        step = workflow.decide(subject, named, actor, version)
        wanted = body.checked()
        await COMMANDS[type(wanted)](Move(tx=tx, settings=settings, actor=actor, row=row, step=step), wanted)
        row = await _see_task(tx, actor, id)
        shown = await _show_task(tx, actor, row, settings.claim_limit)
    return answer(shown, version=shown.version)


async def _check_claims(tx: Connection, actor: Actor, settings: Settings) -> None:
    """Refuse a claim above the limit, and one by somebody whose account has ended meanwhile."""
    held: int | None = await sql.count_claims(tx, person=actor.person_id)
    if held is None:
        raise SessionEnded
    if held >= settings.claim_limit:
        raise TooManyClaims


async def _claim(move: Move, _: Claim) -> None:
    await _check_claims(move.tx, move.actor, move.settings)
    await move.move_task(move.actor.person_id)


async def _assign(move: Move, wanted: Assign) -> None:
    translator = await sql.find_translator(move.tx, person=wanted.translator, language=move.row.language)
    if translator is None:
        raise Invalid(
            faults=[
                Fault(
                    pointer="/translator",
                    detail="No translator of this language has this id.",
                    code="unknown_person",
                )
            ]
        )
    await move.move_task(wanted.translator)


async def _hand_back(move: Move, _: Release | Cancel) -> None:
    await move.move_task(None)


async def _keep_holder(move: Move, wanted: Recall | Return) -> None:
    await move.move_task(move.row.holder_id, wanted.note if isinstance(wanted, Return) else None)


async def _submit(move: Move, _: Submit) -> None:
    """What is handed in is put together from the present source, without orphans."""
    row = move.row
    present = {line.id for line in row.lines if line.status is UnitStatus.CURRENT}
    kept = {name: unit for name, unit in row.kept.items() if name in present}
    if kept != row.kept or row.text_source_revision != row.source_revision:
        await _add_revision(move.tx, row, kept, move.actor.person_id)
    await move.move_task(row.holder_id)


async def _accept(move: Move, _: Accept) -> None:
    row = move.row
    await moves.withdraw_approval(
        move.tx, commentary=row.commentary_id, language=row.language, revision=row.revision
    )
    await moves.approve_revision(
        move.tx,
        id=new_id(),
        commentary=row.commentary_id,
        language=row.language,
        revision=row.revision,
        approved_by=move.actor.person_id,
    )
    await move.move_task(row.holder_id)
    await _tell_commentary(move)


async def _cancel(move: Move, wanted: Cancel) -> None:
    await _hand_back(move, wanted)
    await _tell_commentary(move)


async def _tell_commentary(move: Move) -> None:
    """The last task that ends makes the commentary ready, in the same transaction."""
    row = move.row
    waiting: int = await moves.count_unfinished_tasks(
        move.tx, commentary=row.commentary_id, states=sorted(workflow.UNFINISHED_TASKS)
    )
    await desk.sql.move_commentary(
        move.tx,
        id=row.commentary_id,
        state=workflow.after_task_ended(row.commentary_state, waiting),
        note=None,
    )


COMMANDS: dict[type[msgspec.Struct], Callable[[Move, Any], Awaitable[None]]] = {
    Claim: _claim,
    Assign: _assign,
    Release: _hand_back,
    Submit: _submit,
    Recall: _keep_holder,
    Return: _keep_holder,
    Accept: _accept,
    Cancel: _cancel,
}
"""The command of each transition."""


@post(
    "/v1/translation-tasks/claim-next",
    name="claim_next_task",
    operation_id="claim_next_task",
    status_code=200,
    opt=operation(
        takes=ClaimNext,
        refuses=[NotYours, TooManyClaims, Invalid],
        example={"language": "be"},
    ),
)
async def claim_next_task(
    request: Request[Any, Any, Any], db: Database, settings: Settings, actor: Actor
) -> Response[TranslationTask | None]:
    """Claim the most urgent open task in a language. No content when the queue is empty."""
    body = await read_body(request, ClaimNext)
    if not actor.may(Grant.CLAIM_TASKS):
        raise NotYours(
            f"The action “{Action.CLAIM}” belongs to {workflow.spoken((workflow.Who.TRANSLATOR,))}."
        )
    language = body.checked().language
    if language not in actor.languages:
        raise NotYours(f"You do not translate into {language}.")
    async with db.acting(actor, Action.CLAIM, Domain.TASK) as tx:
        await _check_claims(tx, actor, settings)
        task_id = await sql.next_open_task(tx, language=language, translator_states=desk.translator_states())
        if task_id is None:
            return Response(None, status_code=204)
        await db.step(tx, actor, Action.CLAIM, Domain.TASK, task_id)
        await sql.move_task(
            tx,
            id=task_id,
            state=TaskState.CLAIMED,
            holder=actor.person_id,
            claim_hours=settings.claim_hours,
            note=None,
        )
        row = await _see_task(tx, actor, task_id)
        shown = await _show_task(tx, actor, row, settings.claim_limit)
    return answer(shown, version=shown.version)


ROUTES = [
    list_translation_tasks,
    claim_next_task,
    get_translation_task,
    save_translation,
    move_translation_task,
]
