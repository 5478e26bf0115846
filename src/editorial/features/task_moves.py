"""The transitions of a translation task: one address, one body for each action.

What concerns the task alone is decided on what was seen (`tasks.take_step`); the rest has a command, which
runs in a transaction that has locked the task and its commentary.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from msgspec import Meta

from editorial import desk, tasks
from editorial.core import texts, workflow
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    AlreadyClaimed,
    Conflict,
    Fault,
    Invalid,
    NotFound,
    NotYours,
    SourceIsBeingChanged,
    TooManyClaims,
    TranslationIsIncomplete,
    VersionIsStale,
    VersionMissing,
)
from editorial.core.states import Action, TaskState
from editorial.core.texts import UnitStatus
from editorial.db import Connection, Database, Domain, load_queries
from editorial.identifiers import new_id
from editorial.settings import Settings
from editorial.tasks import TaskChange, TaskRow, TranslationTask, sql
from editorial.web import (
    Body,
    IfMatch,
    answer,
    operation,
    read_body,
    version_of,
)

moves = load_queries("moves")

Note = Annotated[str, Meta(min_length=1, max_length=5_000, description="Why, in a sentence or two.")]


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


class Move(msgspec.Struct, kw_only=True):
    """What a command needs: the transaction, who acts, and the task as it was locked."""

    tx: Connection
    settings: Settings
    actor: Actor
    row: TaskRow
    step: workflow.Step[TaskState]

    async def move_task(self, holder: UUID | None) -> TaskRow:
        """Write the step's state, with this holder. The task as it is then."""
        moved = await sql.move_task(
            self.tx,
            id=self.row.id,
            state=self.step.leads_to,
            holder=holder,
            claim_hours=self.settings.claim_hours,
            note=None,
            open_warnings=self.row.open_warnings(),
        )
        return tasks.as_changed(self.row, self.actor, dict(moved))


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
    named = body.action((*CHANGES, *COMMANDS))

    def decided(row: TaskRow) -> tuple[workflow.Step[TaskState], Any]:
        if named is None:
            workflow.check_version(row.version, version)
            raise body.invalid()
        step = workflow.decide(row.subject(settings.claim_limit), named, actor, version)
        return step, body.checked()

    if named is not None and named not in _ACTIONS_ON_THE_TASK_ALONE:
        async with db.acting(actor, named, Domain.TASK, id, lock=(Domain.TASK, id)) as tx:
            row = await tasks.see_task(tx, actor, id)
            step, wanted = decided(row)
            move = Move(tx=tx, settings=settings, actor=actor, row=row, step=step)
            row = await COMMANDS[type(wanted)](move, wanted)
        shown = await tasks.show_changed(db, actor, row, settings)
    else:

        async def change(_: Connection, row: TaskRow) -> TaskChange:
            step, wanted = decided(row)
            return CHANGES[type(wanted)](step, row, actor, wanted)

        shown = await tasks.take_step(db, settings, actor, id, change)
    return answer(shown, version=shown.version)


def _change(step: workflow.Step[TaskState], row: TaskRow, holder: UUID | None, **more: Any) -> TaskChange:
    return TaskChange(
        action=step.action, state=step.leads_to, holder=holder, open_warnings=row.open_warnings(), **more
    )


def _claim(step: workflow.Step[TaskState], row: TaskRow, actor: Actor, _: Claim) -> TaskChange:
    return _change(step, row, actor.person_id, is_claim=True)


def _release(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Release) -> TaskChange:
    return _change(step, row, None)


def _recall(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Recall) -> TaskChange:
    return _change(step, row, row.holder_id)


def _return(step: workflow.Step[TaskState], row: TaskRow, _: Actor, wanted: Return) -> TaskChange:
    return _change(step, row, row.holder_id, note=wanted.note)


def _submit(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Submit) -> TaskChange:
    """What is handed in is put together from the present source, without orphans."""
    present = {line.id for line in row.lines if line.status is UnitStatus.CURRENT}
    kept = {name: unit for name, unit in row.kept.items() if name in present}
    is_as_it_was = kept == row.kept and row.text_source_revision == row.source_revision
    return _change(step, row, row.holder_id, kept=None if is_as_it_was else kept)


async def _assign(move: Move, wanted: Assign) -> TaskRow:
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
    return await move.move_task(wanted.translator)


async def _accept(move: Move, _: Accept) -> TaskRow:
    row = move.row
    await moves.approve_revision(
        move.tx,
        id=new_id(),
        commentary=row.commentary_id,
        language=row.language,
        revision=row.revision,
        approved_by=move.actor.person_id,
    )
    moved = await move.move_task(row.holder_id)
    await _remember(move)
    await _tell_commentary(move)
    return moved


async def _remember(move: Move) -> None:
    """Keep what was accepted, to be offered where the same is to be translated again."""
    row = move.row
    source = {unit.id: unit for unit in texts.units(row.source)}
    await sql.remember_units(
        move.tx,
        commentary=row.commentary_id,
        language=row.language,
        source_language=row.source_language,
        revision=row.revision,
        units=[
            {
                "unit": line.id,
                "source_hash": texts.unit_hash(source[line.id]),
                "source": line.source,
                "target": line.target,
            }
            for line in row.lines
            if line.target and line.id in source
        ],
    )


async def _cancel(move: Move, _: Cancel) -> TaskRow:
    moved = await move.move_task(None)
    await _tell_commentary(move)
    return moved


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


CHANGES: dict[type[msgspec.Struct], Callable[[workflow.Step[TaskState], TaskRow, Actor, Any], TaskChange]] = {
    Claim: _claim,
    Release: _release,
    Submit: _submit,
    Recall: _recall,
    Return: _return,
}
"""What each transition makes of its task, where it concerns the task alone."""

_ACTIONS_ON_THE_TASK_ALONE = frozenset(Action(str(one.__struct_config__.tag)) for one in CHANGES)

COMMANDS: dict[type[msgspec.Struct], Callable[[Move, Any], Awaitable[TaskRow]]] = {
    Assign: _assign,
    Accept: _accept,
    Cancel: _cancel,
}
"""The command of each other transition, in a transaction that has locked the task and its commentary."""


ROUTES = [move_translation_task]
