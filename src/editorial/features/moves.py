"""The commentary's transitions: one address, one body for each action, one command for each.

Every command runs in one transaction that has locked the commentary, after `workflow.decide` has let the
action through; what must never happen is refused by Postgres besides.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from msgspec import Meta

from editorial import desk
from editorial.core import slugs, texts, workflow
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    Conflict,
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
)
from editorial.core.states import CommentaryState, TaskState
from editorial.core.texts import Kept, Same, Text
from editorial.db import Connection, Database, Domain, load_queries
from editorial.desk import Commentary, CommentaryRow, Language
from editorial.identifiers import new_block_id, new_id
from editorial.settings import Settings
from editorial.web import Body, IfMatch, answer, operation, read_body, version_of

sql = load_queries("moves")

Note = Annotated[str, Meta(min_length=1, max_length=5_000, description="Why, in a sentence or two.")]
PublicNote = Annotated[str, Meta(min_length=1, max_length=1_000, description="Readers see this.")]
Languages = Annotated[list[Language], Meta(min_length=1, max_length=20)]


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

    unchanged_in_meaning: Annotated[list[str], Meta(max_length=1_000)] = msgspec.field(default_factory=list)
    """Of the units that changed since the last approval: those whose meaning did not (a typo)."""


class Reopen(msgspec.Struct, kw_only=True, tag_field="action", tag="reopen", forbid_unknown_fields=True):
    """Withdraw the approval. Schedules end; translations wait, and keep their text."""

    note: Note


class Publish(msgspec.Struct, kw_only=True, tag_field="action", tag="publish", forbid_unknown_fields=True):
    """Put the approved or accepted editions before readers."""

    languages: Languages | None = None
    """All that are ready, unless you say which."""
    correction_note: PublicNote | None = None
    """What was changed. Required where an edition was live before, unless the change is minor."""
    minor: bool = False
    """The change is of no substance: readers are not told."""


class Schedule(msgspec.Struct, kw_only=True, tag_field="action", tag="schedule", forbid_unknown_fields=True):
    """Publish at an instant, with your rights as they are then."""

    at: Annotated[datetime, Meta(tz=True, description="An RFC 3339 instant with its offset, in the future.")]
    languages: Languages | None = None
    correction_note: PublicNote | None = None
    minor: bool = False


class Unschedule(
    msgspec.Struct, kw_only=True, tag_field="action", tag="unschedule", forbid_unknown_fields=True
):
    """Take a schedule back."""

    languages: Languages | None = None


class Revise(msgspec.Struct, kw_only=True, tag_field="action", tag="revise", forbid_unknown_fields=True):
    """Start a new version. What is live stays live, unchanged, until the next publish."""


class Retract(msgspec.Struct, kw_only=True, tag_field="action", tag="retract", forbid_unknown_fields=True):
    """Take live editions down. Readers get the reason in their place."""

    reason: PublicNote
    languages: Languages | None = None


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
    | Discard
    | Restore
)


class Move(msgspec.Struct, kw_only=True):
    """What a command needs: the transaction, who acts, and the commentary as it was locked."""

    tx: Connection
    db: Database
    settings: Settings
    actor: Actor
    row: CommentaryRow
    step: workflow.Step[CommentaryState]


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
    named = body.action(COMMANDS)
    # The note goes into the trail's entry, so the context has to know it before the command runs.
    note = body.first_text("note", "reason", "correction_note")
    async with db.acting(
        actor, named or "refuse", Domain.COMMENTARY, id, note=note, lock=(Domain.COMMENTARY, id)
    ) as tx:
        seen = await desk.see_commentary(tx, actor, id)
        if named is None:
            workflow.check_version(seen.row.version, version)
            raise body.invalid()
        step = workflow.decide(seen.row.subject, named, actor, version)
        wanted = body.checked()
        move = Move(tx=tx, db=db, settings=settings, actor=actor, row=seen.row, step=step)
        await COMMANDS[type(wanted)](move, wanted)
        seen = await desk.see_commentary(tx, actor, id)
        shown = await desk.show_commentary(tx, actor, seen)
    return answer(shown, version=shown.version)


async def _just_move(move: Move, _: Any) -> None:
    await desk.sql.move_commentary(move.tx, id=move.row.id, state=move.step.leads_to, note=None)


async def _request_changes(move: Move, wanted: RequestChanges) -> None:
    await desk.sql.move_commentary(move.tx, id=move.row.id, state=move.step.leads_to, note=wanted.note)


async def _approve(move: Move, wanted: Approve) -> None:
    row = move.row
    before = await sql.last_approved_source(move.tx, commentary=row.id)
    await _note_same_meanings(
        move, None if before is None else desk.text_of(before), wanted.unchanged_in_meaning
    )
    await sql.withdraw_approval(
        move.tx, commentary=row.id, language=row.source_language, revision=row.source_number
    )
    await sql.approve_revision(
        move.tx,
        id=new_id(),
        commentary=row.id,
        language=row.source_language,
        revision=row.source_number,
        approved_by=move.actor.person_id,
    )
    await _renew_tasks(move)
    waiting: int = await sql.count_unfinished_tasks(
        move.tx, commentary=row.id, states=sorted(workflow.UNFINISHED_TASKS)
    )
    await desk.sql.move_commentary(move.tx, id=row.id, state=workflow.after_approval(waiting), note=None)


async def _note_same_meanings(move: Move, before: Text | None, unchanged: list[str]) -> None:
    now = {unit.id: texts.unit_hash(unit) for unit in texts.units(move.row.text)}
    earlier = {} if before is None else {unit.id: texts.unit_hash(unit) for unit in texts.units(before)}
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
    for unit in unchanged:
        if now[unit] != earlier[unit]:
            await sql.add_same_meaning(
                move.tx, commentary=move.row.id, unit=unit, was=earlier[unit], became=now[unit]
            )


async def _renew_tasks(move: Move) -> None:
    """Open a task for each language that has none; send back to work those whose text went stale."""
    row, tx = move.row, move.tx
    same = [
        msgspec.convert(dict(found), Same) for found in await sql.list_same_meaning(tx, commentary=row.id)
    ]
    for translation in await sql.translations_of(tx, commentary=row.id):
        language = translation["language"]
        if translation["task_id"] is None:
            await sql.open_task(
                tx,
                id=new_id(),
                commentary=row.id,
                language=language,
                source_revision=row.source_number,
                due_at=None,
            )
            continue
        state = TaskState(translation["task_state"])
        holder = translation["holder_id"]
        if state is TaskState.CANCELLED:
            continue
        if workflow.reopens(state):
            kept = msgspec.convert(translation["units"] or {}, dict[str, Kept])
            lines = texts.sheet(row.text, kept, same)
            if any(line.status is not texts.UnitStatus.CURRENT for line in lines) or await _shape_changed(
                move, translation
            ):
                await sql.unready_edition(tx, commentary=row.id, language=language)
                state = workflow.state_of_reopened(holder_is_gone=not translation["holder_is_here"])
                holder = holder if state is TaskState.CLAIMED else None
            elif state is TaskState.ACCEPTED:
                await sql.ready_again(tx, commentary=row.id, language=language)
        await sql.renew_task(
            tx,
            id=translation["task_id"],
            state=state,
            holder=holder,
            source_revision=row.source_number,
            claim_hours=move.settings.claim_hours,
        )


async def _shape_changed(move: Move, translation: Any) -> bool:
    """Whether units came, went or moved since the source that this translation was put together from."""
    made_from = await desk.sql.get_revision(
        move.tx,
        commentary=move.row.id,
        language=move.row.source_language,
        number=translation["source_revision"],
    )
    return texts.shape(desk.text_of(made_from)) != texts.shape(move.row.text)


async def _reopen(move: Move, wanted: Reopen) -> None:
    row = move.row
    if row.source.approved_revision is not None:
        await sql.withdraw_approval(
            move.tx, commentary=row.id, language=row.source_language, revision=row.source.approved_revision
        )
    await sql.unready_edition(move.tx, commentary=row.id, language=row.source_language)
    await sql.unschedule_all(move.tx, commentary=row.id)
    await desk.sql.move_commentary(move.tx, id=row.id, state=move.step.leads_to, note=wanted.note)


async def publish(move: Move, wanted: Publish) -> None:
    """Make the chosen editions live, at once or (by the worker) at their instant."""
    row = move.row
    chosen = workflow.chosen_languages(wanted.languages, row.subject.ready_languages, NothingIsReady)
    editions = await sql.titles_to_publish(move.tx, commentary=row.id, languages=sorted(chosen))
    was_live = [edition["language"] for edition in editions if edition["was_live"]]
    if was_live and wanted.correction_note is None and not wanted.minor:
        raise Invalid(
            f"Readers have seen: {', '.join(was_live)}. Say what was changed, or that the change is minor.",
            faults=[Fault(pointer="/correction_note", detail="This member is required.", code="missing")],
        )
    for edition in editions:
        if edition["slug"] is None:
            await _take_slug(move, edition["language"], edition["title"])
        kind = _kind_of_publication(edition, wanted)
        await sql.make_live(
            move.tx,
            id=new_id(),
            commentary=row.id,
            language=edition["language"],
            kind=kind,
            note=wanted.correction_note if kind == "correction" else None,
        )
        if kind == "correction" and edition["is_source"]:
            await sql.announce_correction(
                move.tx, commentary=row.id, unfinished=sorted(workflow.UNFINISHED_TASKS)
            )
    await sql.mark_published(move.tx, id=row.id, state=move.step.leads_to)


def _kind_of_publication(edition: Any, wanted: Publish) -> str:
    if not edition["was_live"]:
        return "first"
    return "minor" if wanted.minor else "correction"


async def _take_slug(move: Move, language: str, title: str) -> None:
    candidates = slugs.slug_candidates(title, language, move.row.week, new_block_id())
    slug = await sql.free_slug(move.tx, language=language, candidates=candidates)
    await sql.take_slug(move.tx, commentary=move.row.id, language=language, slug=slug)


async def _schedule(move: Move, wanted: Schedule) -> None:
    if wanted.at <= datetime.now(UTC) or wanted.at > datetime.now(UTC) + timedelta(days=3_650):
        raise Invalid(
            faults=[Fault(pointer="/at", detail="An instant in the future, within ten years.", code="past")]
        )
    chosen = workflow.chosen_languages(wanted.languages, move.row.subject.ready_languages, NothingIsReady)
    for language in sorted(chosen):
        await sql.schedule_edition(
            move.tx,
            commentary=move.row.id,
            language=language,
            at=wanted.at,
            scheduled_by=move.actor.person_id,
            note=wanted.correction_note,
            minor=wanted.minor,
        )
    await desk.sql.touch_commentary(move.tx, id=move.row.id)


async def _unschedule(move: Move, wanted: Unschedule) -> None:
    chosen = workflow.chosen_languages(
        wanted.languages, move.row.subject.scheduled_languages, NothingIsScheduled
    )
    for language in sorted(chosen):
        await sql.unschedule_edition(move.tx, commentary=move.row.id, language=language, refusal=None)
    await desk.sql.touch_commentary(move.tx, id=move.row.id)


async def _retract(move: Move, wanted: Retract) -> None:
    live = move.row.subject.live_languages
    chosen = workflow.chosen_languages(wanted.languages, live, NothingIsLive)
    for language in sorted(chosen):
        await sql.take_down(
            move.tx, id=new_id(), commentary=move.row.id, language=language, reason=wanted.reason
        )
    state = workflow.after_retraction(move.row.state, len(live - chosen))
    await desk.sql.move_commentary(move.tx, id=move.row.id, state=state, note=None)


COMMANDS: dict[type[msgspec.Struct], Callable[[Move, Any], Awaitable[None]]] = {
    Submit: _just_move,
    Recall: _just_move,
    RequestChanges: _request_changes,
    Approve: _approve,
    Reopen: _reopen,
    Publish: publish,
    Schedule: _schedule,
    Unschedule: _unschedule,
    Revise: _just_move,
    Retract: _retract,
    Discard: _just_move,
    Restore: _just_move,
}
"""The command of each transition."""

ROUTES = [move_commentary]
