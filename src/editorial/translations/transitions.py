"""The transitions of a translation task: one address, one body for each action.

`Database.transition()` runs each one: read, decide, write. A command here decides, and returns a `TaskChange`.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post
from msgspec import Meta

from editorial.core import decisions, texts, workflow
from editorial.core.ids import new_id
from editorial.core.normalisation import BLANKS, Form
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    AlreadyClaimed,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    SourceIsBeingChanged,
    TextWasAltered,
    TooManyClaims,
    TranslationIsIncomplete,
    WarningsBlock,
)
from editorial.core.sheets import UnitStatus
from editorial.core.states import CommentaryState, TaskState
from editorial.database.access import Database
from editorial.database.queries import Connection
from editorial.locales import Message
from editorial.settings import Settings
from editorial.translations import task_writes
from editorial.translations.task_writes import TaskChange, TaskEnd, TaskReturn, TaskSave
from editorial.translations.views import TaskRow, TranslationTask, sql
from editorial.web import Body, IfMatch, answer, operation, read_body, version_of
from editorial.web.request import Request

Note = Annotated[
    str, Meta(min_length=1, max_length=5_000, description="Why, in a sentence or two."), Form.TEXT
]


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
    """Send the translation back, saying what to change.

    One that was accepted goes back to work, too. What readers see of it stays, and its next acceptance is
    published as a correction of that edition.
    """

    note: Note


class Accept(msgspec.Struct, kw_only=True, tag_field="action", tag="accept", forbid_unknown_fields=True):
    """Agree to the translation that was read. The edition is ready to be published."""


class Cancel(msgspec.Struct, kw_only=True, tag_field="action", tag="cancel", forbid_unknown_fields=True):
    """The translation is not needed. The text is kept."""


TaskTransition = Claim | Assign | Release | Submit | Recall | Return | Accept | Cancel


@post(
    "/v1/translation-tasks/{id:uuid}/transitions",
    name="move_translation_task",
    operation_id="move_translation_task",
    status_code=200,
    opt=operation(
        takes=TaskTransition,
        refuses=[
            NotFound,
            Forbidden,
            PreconditionRequired,
            PreconditionFailed,
            Conflict,
            AlreadyClaimed,
            TooManyClaims,
            SourceIsBeingChanged,
            TextWasAltered,
            TranslationIsIncomplete,
            WarningsBlock,
            Invalid,
        ],
        example={"action": "return", "note": "The amount in the third block is in millions."},
    ),
)
async def transition_translation_task(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[TranslationTask]:
    """Move a translation task from one state to the next. The answer is the task as it is now."""
    body: Body[Any] = await read_body(request, TaskTransition)
    version = version_of(if_match)
    named = body.action((*CHANGES, Assign))

    async def change(connection: Connection, row: TaskRow) -> TaskChange:
        if named is None:
            decisions.check_version(row.version, version)
            raise body.invalid()
        step = decisions.decide(row.subject(settings.claim_limit), named, actor, version)
        with body.judging() as wanted:
            if isinstance(wanted, Assign):
                return await _assign(connection, step, row, wanted)
            return CHANGES[type(wanted)](step, row, actor, wanted)

    shown = await task_writes.take_step(db, settings, actor, id, change)
    return answer(shown, version=shown.version)


def _change(
    step: workflow.Step[TaskState],
    row: TaskRow,
    holder: UUID | None,
    kind: type[TaskChange] = TaskChange,
    **more: Any,
) -> TaskChange:
    return kind(
        action=step.action, state=step.leads_to, holder=holder, open_warnings=row.open_warnings(), **more
    )


def _claim(step: workflow.Step[TaskState], row: TaskRow, actor: Actor, _: Claim) -> TaskChange:
    return _change(step, row, actor.person_id, is_claim=True)


def _release(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Release) -> TaskChange:
    return _change(step, row, None)


def _recall(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Recall) -> TaskChange:
    return _change(step, row, row.assignee_id)


def _return(step: workflow.Step[TaskState], row: TaskRow, _: Actor, wanted: Return) -> TaskChange:
    """To the same translator; where they are gone or may no longer, to the queue."""
    state = workflow.state_of_reopened(holder_is_gone=not row.holder_translates)
    is_claimed = state is TaskState.CLAIMED
    change = TaskChange(
        action=step.action,
        state=state,
        holder=row.assignee_id if is_claimed else None,
        holder_version=row.holder_version if is_claimed else None,
        open_warnings=row.open_warnings(),
        note=wanted.note,
    )
    if step.source is not TaskState.ACCEPTED:
        return change
    commentary_state = workflow.after_task_reopened(row.commentary_state)
    return TaskReturn(**msgspec.structs.asdict(change), commentary_state=commentary_state)


def _submit(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Submit) -> TaskChange:
    """What is handed in is put together from the present source, without orphans."""
    present = {line.id for line in row.lines if line.status is UnitStatus.CURRENT}
    kept = {
        name: msgspec.structs.replace(unit, text=unit.text.strip(BLANKS))
        for name, unit in row.kept.items()
        if name in present
    }
    is_as_it_was = kept == row.kept and row.text_source_revision == row.source_revision
    if is_as_it_was:
        return _change(step, row, row.assignee_id)
    return _change(step, row, row.assignee_id, TaskSave, kept=kept)


async def _assign(
    connection: Connection, step: workflow.Step[TaskState], row: TaskRow, wanted: Assign
) -> TaskChange:
    version: int | None = await sql.find_translator(
        connection, person=wanted.translator or None, language=row.language
    )
    if version is None:
        raise Invalid(
            faults=[
                FieldError(
                    pointer="/translator",
                    detail=Message("fault.no-such-translator"),
                    code="unknown_person",
                )
            ]
        )
    return _change(step, row, wanted.translator, holder_version=version)


def _accept(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Accept) -> TaskChange:
    source = {unit.id: unit for unit in texts.units(row.source)}
    accepted = [
        {
            "unit": line.id,
            "source_hash": texts.unit_hash(source[line.id]),
            "source": line.source,
            "target": line.target,
        }
        for line in row.lines
        if line.target and line.id in source
    ]
    state = _commentary_after(row)
    return _change(
        step, row, row.assignee_id, TaskEnd, commentary_state=state, approval=new_id(), units=accepted
    )


def _cancel(step: workflow.Step[TaskState], row: TaskRow, _: Actor, __: Cancel) -> TaskChange:
    return _change(step, row, None, TaskEnd, commentary_state=_commentary_after(row))


def _commentary_after(row: TaskRow) -> CommentaryState:
    """Where the commentary stands when this task has ended."""
    waiting = sum(state in workflow.UNFINISHED_TASKS for state in row.other_states)
    return workflow.after_task_ended(row.commentary_state, waiting)


CHANGES: dict[type[msgspec.Struct], Callable[[workflow.Step[TaskState], TaskRow, Actor, Any], TaskChange]] = {
    Claim: _claim,
    Release: _release,
    Submit: _submit,
    Recall: _recall,
    Return: _return,
    Accept: _accept,
    Cancel: _cancel,
}
"""What each transition makes of its task, where the task says all that is to be known for it."""

ROUTES = [transition_translation_task]
