"""The commentary's transitions: one address, one body for each action, one command for each.

What changes nothing but the commentary's own row is decided on what was seen, and written by one statement
that looks whether it is so still (docs/adr/0033-fewer-round-trips.md). Every other command runs in a
transaction that has locked the commentary. `workflow.decide` lets an action through; what must never happen
is refused by Postgres besides.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from msgspec import Meta

from editorial import desk, publication, shelf
from editorial.core import texts, workflow
from editorial.core.permissions import Actor
from editorial.core.publication import (
    ANOTHER_TEXT,
    APPROVAL_WITHDRAWN,
    READERS_NOTICE,
    TRANSLATION_IS_BEHIND,
)
from editorial.core.refusals import (
    AddressIsTaken,
    Conflict,
    DatabaseAway,
    Fault,
    Invalid,
    NotFound,
    NothingIsLive,
    NothingIsReady,
    NothingIsScheduled,
    NotYours,
    SectionIsClosed,
    TextIsIncomplete,
    VersionIsStale,
    VersionMissing,
    WarningsBlock,
)
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.texts import Kept, Same
from editorial.db import LOOKS, TWO_CHANGES_MET, Database, Domain, load_queries
from editorial.desk import Commentary, CommentaryRow, Move
from editorial.identifiers import new_id
from editorial.publication import ChangeSlug, Publish, Retract, Schedule, Unschedule
from editorial.settings import Settings
from editorial.web import Body, IfMatch, answer, operation, read_body, version_of

sql = load_queries("moves")

Note = Annotated[str, Meta(min_length=1, max_length=5_000, description="Why, in a sentence or two.")]


class Submit(msgspec.Struct, kw_only=True, tag_field="action", tag="submit", forbid_unknown_fields=True):
    """Hand the text in for review."""


class Recall(msgspec.Struct, kw_only=True, tag_field="action", tag="recall", forbid_unknown_fields=True):
    """Take it back from review."""


class RequestChanges(
    msgspec.Struct, kw_only=True, tag_field="action", tag="request_changes", forbid_unknown_fields=True
):
    """Send it back to its author, saying what to change."""

    note: Note


class Approve(msgspec.Struct, kw_only=True, tag_field="action", tag="approve", forbid_unknown_fields=True):
    """Agree to the text that was read. Translation tasks open for each missing language."""

    unchanged_in_meaning: Annotated[list[texts.UnitId], Meta(max_length=1_000)] = msgspec.field(
        default_factory=list
    )
    """Of the units that changed since the last approval: those whose meaning did not (a typo)."""


class Reopen(msgspec.Struct, kw_only=True, tag_field="action", tag="reopen", forbid_unknown_fields=True):
    """Withdraw the approval. Schedules end; translations wait, and keep their text."""

    note: Note


class Revise(msgspec.Struct, kw_only=True, tag_field="action", tag="revise", forbid_unknown_fields=True):
    """Start a new version. What is live stays live, unchanged, until the next publish."""


class Discard(msgspec.Struct, kw_only=True, tag_field="action", tag="discard", forbid_unknown_fields=True):
    """Throw away a draft that was never published."""


class Restore(msgspec.Struct, kw_only=True, tag_field="action", tag="restore", forbid_unknown_fields=True):
    """Take a discarded draft back."""


CommentaryTransition = (
    Submit
    | Recall
    | RequestChanges
    | Approve
    | Reopen
    | Publish
    | Schedule
    | Unschedule
    | Revise
    | Retract
    | ChangeSlug
    | Discard
    | Restore
)


@post(
    "/v1/commentaries/{id:uuid}/transitions",
    name="move_commentary",
    operation_id="move_commentary",
    status_code=200,
    opt=operation(
        takes=CommentaryTransition,
        refuses=[
            NotFound,
            NotYours,
            VersionMissing,
            VersionIsStale,
            Conflict,
            NothingIsReady,
            NothingIsLive,
            NothingIsScheduled,
            SectionIsClosed,
            WarningsBlock,
            AddressIsTaken,
            TextIsIncomplete,
            Invalid,
        ],
        example={
            "action": "request_changes",
            "note": "Say where the figure in the second paragraph comes from.",
        },
    ),
)
async def move_commentary(
    request: Request[Any, Any, Any],
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[Commentary]:
    """Move a commentary from one state to the next. The answer is the commentary as it is now."""
    body: Body[Any] = await read_body(request, CommentaryTransition)
    version = version_of(if_match)
    named = body.action((*JUST_MOVES, *COMMANDS))
    if named is None or named in _ACTIONS_THAT_JUST_MOVE:
        shown = await _just_move(db, settings, actor, id, named, version, body)
    else:
        shown = await _carry_out(db, settings, actor, id, named, version, body)
    if named in READERS_NOTICE:
        shelf.tell_changed(request.scope, [id])
    return answer(shown, version=shown.version)


def _decided(
    row: CommentaryRow, named: Action | None, actor: Actor, version: int | None, body: Body[Any]
) -> tuple[workflow.Step[CommentaryState], Any]:
    """The step that may be taken, and the body that asks for it. Raises the first refusal."""
    if named is None:
        workflow.check_version(row.version, version)
        raise body.invalid()
    step = workflow.decide(row.subject, named, actor, version)
    return step, body.checked()


async def _just_move(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    named: Action | None,
    version: int | None,
    body: Body[Any],
) -> Commentary:
    """Decide on what is seen, and write it where it is so still. If somebody was quicker, look again."""
    for _ in range(LOOKS):
        async with db.reading() as connection:
            seen = await desk.see_commentary(connection, actor, id, settings.site)
        step, wanted = _decided(seen.row, named, actor, version, body)
        note = wanted.note if isinstance(wanted, RequestChanges) else None
        async with db.at_once(actor, step.action, Domain.COMMENTARY, id, note=note) as (connection, context):
            moved = await desk.sql.move_commentary_at_once(
                connection,
                context=context,
                id=id,
                version=seen.row.version,
                state=step.leads_to,
                note=note,
            )
        if moved is not None:
            return desk.show_whole(actor, desk.as_moved(seen, moved))
    raise DatabaseAway(TWO_CHANGES_MET)


async def _carry_out(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    named: Action,
    version: int | None,
    body: Body[Any],
) -> Commentary:
    """Lock the commentary, decide, and run the action's command."""
    # The note goes into the trail's entry, so the context has to know it before the command runs.
    note = body.first_text("note", "reason", "correction_note")
    async with db.acting(actor, named, Domain.COMMENTARY, id, note=note, lock=(Domain.COMMENTARY, id)) as tx:
        seen = await desk.see_commentary(tx, actor, id, settings.site)
        step, wanted = _decided(seen.row, named, actor, version, body)
        move = Move(tx=tx, settings=settings, actor=actor, row=seen.row, step=step)
        await COMMANDS[type(wanted)](move, wanted)
        seen = await desk.see_commentary(tx, actor, id, settings.site)
        return await desk.show_commentary(tx, actor, seen)


async def _approve(move: Move, wanted: Approve) -> None:
    row = move.row
    if wanted.unchanged_in_meaning:
        await _note_same_meanings(move, wanted.unchanged_in_meaning)
    if row.source.scheduled_for is not None and row.source.approved_revision != row.source_number:
        await publication.end_schedules(move, [row.source_language], ANOTHER_TEXT)
    await sql.approve_revision(
        move.tx,
        id=new_id(),
        commentary=row.id,
        language=row.source_language,
        revision=row.source_number,
        approved_by=move.actor.person_id,
    )
    waiting = await _renew_tasks(move)
    await desk.sql.move_commentary(move.tx, id=row.id, state=workflow.after_approval(waiting), note=None)


async def _note_same_meanings(move: Move, unchanged: list[str]) -> None:
    before = await sql.last_approved_source(move.tx, commentary=move.row.id)
    now = {unit.id: texts.unit_hash(unit) for unit in texts.units(move.row.text)}
    earlier = (
        {}
        if before is None
        else {unit.id: texts.unit_hash(unit) for unit in texts.units(desk.text_of(before))}
    )
    faults = [
        Fault(
            pointer=f"/unchanged_in_meaning/{place}",
            detail="This unit was not in the text that was approved before, or is not in it now.",
            code="unknown_block",
        )
        for place, unit in enumerate(unchanged)
        if unit not in now or unit not in earlier
    ]
    if faults:
        raise Invalid(faults=faults)
    changed = [unit for unit in unchanged if now[unit] != earlier[unit]]
    await sql.add_same_meanings(
        move.tx,
        commentary=move.row.id,
        units=changed,
        were=[earlier[unit] for unit in changed],
        became=[now[unit] for unit in changed],
    )


async def _renew_tasks(move: Move) -> int:
    """Open a task for each language that has none; send back to work those whose text went stale.

    Returns how many translations the commentary waits for then.
    """
    row, tx = move.row, move.tx
    opened: list[str] = []
    behind: list[str] = []
    current: list[str] = []
    renewed: list[tuple[UUID, TaskState, UUID | None]] = []
    for translation in await sql.translations_of(tx, commentary=row.id):
        language = translation["language"]
        if translation["task_id"] is None:
            opened.append(language)
            continue
        state = TaskState(translation["task_state"])
        holder = translation["holder_id"]
        if state is TaskState.CANCELLED:
            continue
        if workflow.reopens(state):
            kept = msgspec.convert(translation["units"] or {}, dict[str, Kept])
            same = msgspec.convert(translation["same"], list[Same])
            if texts.is_behind(row.text, kept, desk.text_of(translation["source"]), same):
                behind.append(language)
                state = workflow.state_of_reopened(holder_is_gone=not translation["holder_is_here"])
                holder = holder if state is TaskState.CLAIMED else None
            elif state is TaskState.ACCEPTED:
                current.append(language)
        renewed.append((translation["task_id"], state, holder))
    if behind:
        await sql.unready_editions(tx, commentary=row.id, languages=behind, refusal=TRANSLATION_IS_BEHIND)
    if current:
        await sql.ready_again(tx, commentary=row.id, languages=current)
    if opened:
        await sql.open_tasks(
            tx,
            commentary=row.id,
            ids=[new_id() for _ in opened],
            languages=opened,
            source_revision=row.source_number,
        )
    if renewed:
        ids, states, holders = zip(*renewed, strict=True)
        await sql.renew_tasks(
            tx,
            ids=ids,
            states=states,
            holders=holders,
            source_revision=row.source_number,
            claim_hours=move.settings.claim_hours,
        )
    return len(opened) + sum(state in workflow.UNFINISHED_TASKS for _, state, _ in renewed)


async def _reopen(move: Move, wanted: Reopen) -> None:
    row = move.row
    if row.source.approved_revision is not None:
        await sql.withdraw_approval(
            move.tx, commentary=row.id, language=row.source_language, revision=row.source.approved_revision
        )
    await sql.unready_editions(
        move.tx, commentary=row.id, languages=[row.source_language], refusal=APPROVAL_WITHDRAWN
    )
    still_scheduled = row.subject.scheduled_languages - {row.source_language}
    if still_scheduled:
        await publication.end_schedules(move, still_scheduled, APPROVAL_WITHDRAWN)
    await desk.sql.move_commentary(move.tx, id=row.id, state=move.step.leads_to, note=wanted.note)


JUST_MOVES = (Submit, Recall, RequestChanges, Revise, Discard, Restore)
"""The transitions that change nothing but the commentary's own row."""

_ACTIONS_THAT_JUST_MOVE = frozenset(Action(str(one.__struct_config__.tag)) for one in JUST_MOVES)

COMMANDS: dict[type[msgspec.Struct], Callable[[Move, Any], Awaitable[None]]] = {
    Approve: _approve,
    Reopen: _reopen,
    Publish: publication.publish,
    Schedule: publication.schedule,
    Unschedule: publication.unschedule,
    Retract: publication.retract,
    ChangeSlug: publication.change_slug,
}
"""The command of each other transition."""

ROUTES = [move_commentary]
