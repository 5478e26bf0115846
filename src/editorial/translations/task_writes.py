"""Changes of a translation task, and the statement that writes each.

docs/adr/0033-fewer-round-trips.md says why it is one, and what each statement locks or checks.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from editorial.core import sheets, workflow
from editorial.core.permissions import Actor
from editorial.core.publication import TRANSLATION_RETURNED
from editorial.core.sheets import TranslatedUnit
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.database.access import Database, Decision, ObjectKind
from editorial.database.queries import Connection, Statement, load_queries
from editorial.settings import Settings
from editorial.translations import views
from editorial.translations.views import TaskRow, TranslationTask

sql = load_queries("translations/task_writes")


class TaskChange(msgspec.Struct, kw_only=True):
    """What a step makes of a task: its state and its holder. Each kind of change gives its own statement."""

    action: str
    state: TaskState
    holder: UUID | None
    note: str | None = None
    """A new request for changes."""
    open_warnings: int | None = None
    is_claim: bool = False
    """The holder takes it themselves, and may hold only so many."""
    holder_version: int | None = None
    """A coordinator gives it to a holder, who must still have this version."""

    def statement(self, row: TaskRow, actor: Actor, settings: Settings) -> Statement:
        """The statement that writes the change, if nothing it was decided on has changed."""
        return Statement(
            sql.move_task_at_once,
            {
                **_seen(row),
                **self._task(row, settings),
                "commentary_state": row.commentary_state,
                "claimant": self.holder if self.is_claim else None,
                "claim_limit": settings.claim_limit,
                "assignee": None if self.holder_version is None else self.holder,
                "assignee_version": self.holder_version,
            },
        )

    def _task(self, row: TaskRow, settings: Settings) -> dict[str, Any]:
        """The task's own columns after the step."""
        requested = self.state in workflow.TRANSLATION_CHANGES_ARE_REQUESTED
        return {
            "state": self.state,
            "holder": self.holder,
            "claim_hours": settings.claim_hours,
            "review_note": self.note or row.review_note if requested else None,
            "open_warnings": self.open_warnings,
        }


class TaskSave(TaskChange, kw_only=True):
    """The translated units become a new revision."""

    kept: Mapping[str, TranslatedUnit]

    def statement(self, row: TaskRow, actor: Actor, settings: Settings) -> Statement:
        """As `TaskChange.statement`."""
        text = sheets.assemble(row.source, {name: unit.text for name, unit in self.kept.items()})
        return Statement(
            sql.save_task_at_once,
            {
                **_seen(row),
                **self._task(row, settings),
                "commentary_state": row.commentary_state,
                "language": row.language,
                "number": (row.revision or 0) + 1,
                "title": text.title,
                "lead": text.lead,
                "trend": text.trend,
                "photo": text.photo,
                "blocks": text.blocks,
                "source_revision": row.source_revision,
                "units": self.kept,
                "created_by": actor.person_id,
            },
        )


class TaskEnd(TaskChange, kw_only=True):
    """The translation is accepted or cancelled."""

    commentary_state: CommentaryState
    """The last task that ends makes the commentary ready, in the same transaction."""
    approval: UUID | None = None
    """The approval by which a second person agrees to the text."""
    units: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """The accepted units, for the translation memory."""

    def statement(self, row: TaskRow, actor: Actor, settings: Settings) -> Statement:
        """As `TaskChange.statement`."""
        return Statement(
            sql.end_task_at_once,
            {
                **_seen(row),
                **self._task(row, settings),
                "commentary_version": row.commentary_version,
                "commentary_state": self.commentary_state,
                "approval": self.approval,
                "language": row.language,
                "revision": row.revision,
                "approved_by": actor.person_id,
                "source_language": row.source_language,
                "units": self.units,
            },
        )


class TaskReturn(TaskChange, kw_only=True):
    """The translation was accepted, and goes back to work."""

    commentary_state: CommentaryState
    """The state of its commentary after that."""

    def statement(self, row: TaskRow, actor: Actor, settings: Settings) -> Statement:
        """As `TaskChange.statement`."""
        return Statement(
            sql.return_task_at_once,
            {
                **_seen(row),
                **self._task(row, settings),
                "commentary_version": row.commentary_version,
                "commentary_state": self.commentary_state,
                "holder_version": self.holder_version,
                "language": row.language,
                "returned": TRANSLATION_RETURNED,
            },
        )


class WarningAnswer(TaskChange, kw_only=True):
    """A warning is answered, and nothing else changes."""

    warning: str
    reason: str | None
    """None takes the answer back."""

    def statement(self, row: TaskRow, actor: Actor, settings: Settings) -> Statement:
        """As `TaskChange.statement`."""
        return Statement(
            sql.answer_warning_at_once,
            {
                **_seen(row),
                "commentary_state": row.commentary_state,
                "warning": self.warning,
                "reason": self.reason,
                "answered_by": actor.person_id,
                "open_warnings": self.open_warnings,
            },
        )


def _seen(row: TaskRow) -> dict[str, Any]:
    return {"id": row.id, "version": row.version, "commentary": row.commentary_id}


def as_saved(
    row: TaskRow, actor: Actor, kept: Mapping[str, TranslatedUnit], *, action: str = Action.SAVE
) -> TaskChange:
    """A save of these units: a new revision where they differ. The claim is renewed."""
    warnings = row.open_warnings(kept)
    if kept == row.kept:
        return TaskChange(action=action, state=row.state, holder=actor.person_id, open_warnings=warnings)
    return TaskSave(action=action, state=row.state, holder=actor.person_id, open_warnings=warnings, kept=kept)


async def take_step(
    db: Database,
    settings: Settings,
    actor: Actor,
    task_id: UUID,
    decide: Callable[[Connection, TaskRow], Awaitable[TaskChange]],
) -> TranslationTask:
    """Take the step that `decide` gives, and show the task after it.

    Every task that ends changes the version of its commentary, and many of them may end at once: `transition()`
    locks the task when others were quicker three times.
    """

    async def read(connection: Connection) -> TaskRow:
        return await views.see_task(connection, actor, task_id)

    async def decide_on(connection: Connection, row: TaskRow, *, is_locked: bool) -> Decision:
        change = await decide(connection, row)
        return Decision(
            action=change.action,
            on=ObjectKind.TASK,
            object_id=task_id,
            statement=change.statement(row, actor, settings),
            note=change.note,
        )

    row, changed = await db.transition(actor, read, decide_on)
    return await show_changed(db, actor, as_changed(row, actor, dict(changed)), settings)


def as_changed(row: TaskRow, actor: Actor, changed: Mapping[str, Any]) -> TaskRow:
    """The task after a step that changed only these columns of it."""
    after = msgspec.structs.replace(row, **changed, is_holder=changed["assignee_id"] == actor.id)
    after.state = TaskState(changed["state"])
    after.commentary_state = CommentaryState(after.commentary_state)
    after.claims_held += after.is_claimed_by_actor - row.is_claimed_by_actor
    if "units" in changed:
        after.units = msgspec.convert(changed["units"], dict[str, TranslatedUnit])
        after.wrote_units = True
    return after


async def show_changed(db: Database, actor: Actor, row: TaskRow, settings: Settings) -> TranslationTask:
    """The task for the actor. The database is asked only for the source of an outdated translation."""
    if not row.outdated_from:
        return views.shown(actor, row, settings, {})
    async with db.read(after_write=True) as connection:
        return await views.show_task(connection, actor, row, settings)
