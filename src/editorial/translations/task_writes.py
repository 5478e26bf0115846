"""Steps of a translation task: decided on what is seen, and written by one statement where it is so still.

docs/adr/0033-fewer-round-trips.md says why, and what each statement has to lock or to look at.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from editorial.core import sheets, workflow
from editorial.core.permissions import Actor
from editorial.core.publication import TRANSLATION_RETURNED
from editorial.core.refusals import DatabaseAway
from editorial.core.sheets import TranslatedUnit
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.database.access import SNAPSHOTS, Database, ObjectKind, context_of
from editorial.database.queries import Connection, load_queries
from editorial.database.transactions import TWO_CHANGES_MET
from editorial.settings import Settings
from editorial.translations import views
from editorial.translations.views import TaskRow, TranslationTask

sql = load_queries("translations/task_writes")


class TaskChange(msgspec.Struct, kw_only=True):
    """What a step makes of a task."""

    action: str
    state: TaskState
    holder: UUID | None
    note: str | None = None
    """A new request for changes."""
    kept: Mapping[str, TranslatedUnit] | None = None
    """The translated units, where they are to be a new revision."""
    open_warnings: int | None = None
    is_claim: bool = False
    """The holder takes it themselves, and may hold only so many."""
    holder_version: int | None = None
    """A coordinator gives it to a holder, who is as they were seen."""
    ends: "Ending | None" = None
    """The translation ends."""
    returns: CommentaryState | None = None
    """It was accepted, and goes back to work: where its commentary stands then."""
    answers: "Answer | None" = None
    """A warning is answered, and nothing else changes."""


class Ending(msgspec.Struct, kw_only=True):
    """What the end of a translation does beside its task."""

    commentary_state: CommentaryState
    """The last task that ends makes the commentary ready, in the same transaction."""
    approval: UUID | None = None
    """By which a second person agrees to the text."""
    units: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """What was accepted, to be offered where the same is to be translated again."""


class Answer(msgspec.Struct, kw_only=True):
    """What is said of a warning."""

    warning: str
    reason: str | None
    """None takes back what was said."""


def as_saved(
    row: TaskRow, actor: Actor, kept: Mapping[str, TranslatedUnit], *, action: str = Action.SAVE
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
    for _ in range(SNAPSHOTS):
        async with db.snapshot() as snapshot:
            row = await views.see_task(snapshot.connection, actor, task_id)
            change = await decide(snapshot.connection, row)
            opened = snapshot.write_one(actor, change.action, ObjectKind.TASK, task_id, note=change.note)
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
    lock = (ObjectKind.TASK, task_id)
    async with db.write(actor, last.action, ObjectKind.TASK, task_id, note=last.note, lock=lock) as tx:
        row = await views.see_task(tx, actor, task_id)
        change = await decide(tx, row)
        context = context_of(actor, change.action, ObjectKind.TASK, task_id, change.note)
        changed = await write_change(tx, context, settings, actor, row, change)
        if changed is None:
            # Of what it was decided on, only an assignee is not locked.
            raise DatabaseAway(TWO_CHANGES_MET)
        return as_changed(row, actor, changed)


async def write_change(
    connection: Connection, context: str, settings: Settings, actor: Actor, row: TaskRow, change: TaskChange
) -> Mapping[str, Any] | None:
    """Write a change of a task that is as it was seen; what came of it, or nothing where it is not."""
    seen = {"context": context, "id": row.id, "version": row.version, "commentary": row.commentary_id}
    written = {
        "state": change.state,
        "holder": change.holder,
        "claim_hours": settings.claim_hours,
        "review_note": change.note or row.review_note
        if change.state in workflow.TRANSLATION_CHANGES_ARE_REQUESTED
        else None,
        "open_warnings": change.open_warnings,
    }
    if change.answers is not None:
        found = await sql.answer_warning_at_once(
            connection,
            **seen,
            commentary_state=row.commentary_state,
            warning=change.answers.warning,
            reason=change.answers.reason,
            answered_by=actor.person_id,
            open_warnings=change.open_warnings,
        )
    elif change.ends is not None:
        found = await sql.end_task_at_once(
            connection,
            **seen,
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
    elif change.returns is not None:
        found = await sql.return_task_at_once(
            connection,
            **seen,
            **written,
            commentary_version=row.commentary_version,
            commentary_state=change.returns,
            holder_version=change.holder_version,
            language=row.language,
            returned=TRANSLATION_RETURNED,
        )
    elif change.kept is None:
        found = await sql.move_task_at_once(
            connection,
            **seen,
            **written,
            commentary_state=row.commentary_state,
            claimant=change.holder if change.is_claim else None,
            claim_limit=settings.claim_limit,
            assignee=None if change.holder_version is None else change.holder,
            assignee_version=change.holder_version,
        )
    else:
        text = sheets.assemble(row.source, {name: unit.text for name, unit in change.kept.items()})
        found = await sql.save_task_at_once(
            connection,
            **seen,
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
            created_by=actor.person_id,
        )
    return None if found is None else dict(found)


def as_changed(row: TaskRow, actor: Actor, changed: Mapping[str, Any]) -> TaskRow:
    """The task after a step that has changed nothing else of it than this."""
    after = msgspec.structs.replace(row, **changed, is_holder=changed["assignee_id"] == actor.id)
    after.state = TaskState(changed["state"])
    after.commentary_state = CommentaryState(after.commentary_state)
    after.claims_held += after.is_claimed_by_actor - row.is_claimed_by_actor
    if "units" in changed:
        after.units = msgspec.convert(changed["units"], dict[str, TranslatedUnit])
        after.wrote_units = True
    return after


async def show_changed(db: Database, actor: Actor, row: TaskRow, settings: Settings) -> TranslationTask:
    """The task for somebody, where the database is asked for no more than what it had as a source before."""
    if not row.outdated_from:
        return views.shown(actor, row, settings, {})
    async with db.read_after_write() as connection:
        return await views.show_task(connection, actor, row, settings)
