"""The machines themselves, for front ends: states, actions, roles, and what they are called in each language."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from litestar import Response, get

from editorial.core import workflow
from editorial.core.permissions import Role
from editorial.core.sheets import UnitStatus
from editorial.core.states import CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Trend
from editorial.core.workflow import Who
from editorial.locales import Label, in_every_language
from editorial.translations.comparison import DifferenceKind
from editorial.web import answer, operation


class Named(msgspec.Struct, kw_only=True):
    """A word of the product with its labels."""

    key: str
    labels: dict[str, str]
    """What it is called, by language."""


class ActionOfMachine(msgspec.Struct, kw_only=True):
    """One row of a machine."""

    action: str
    labels: dict[str, str]
    """What its button says, by language."""
    sources: list[str]
    """The states that it starts from; none for what makes a new object."""
    targets: list[str]
    """The states that it can lead to; none where the state stays."""
    who: list[str]
    needs_note: bool
    four_eyes: bool
    """Refused to whoever wrote or translated the text."""
    by_transition: bool
    """Taken by POST …/transitions; else by PATCH or its own address."""


class Machine(msgspec.Struct, kw_only=True):
    """States and the actions between them."""

    states: list[Named]
    actions: list[ActionOfMachine]


class EditionChange(msgspec.Struct, kw_only=True):
    """How an edition's status follows from what happens to its commentary and its task."""

    sources: list[str]
    target: str
    because: list[str]


class EditionMachine(msgspec.Struct, kw_only=True):
    """Statuses of an edition and what changes them."""

    states: list[Named]
    changes: list[EditionChange]


class Workflow(msgspec.Struct, kw_only=True):
    """Everything that can happen to a commentary, its editions and its translation tasks."""

    commentary: Machine
    edition: EditionMachine
    translation_task: Machine
    roles: list[Named]
    trends: list[Named]
    who: list[Named]
    """Who takes an action: the values of `who` in a machine."""
    unit_statuses: list[Named]
    warning_kinds: list[Named]
    """What a translation is compared with its source for."""


def _named(words: Iterable[str], label: Callable[[str], Label]) -> list[Named]:
    return [Named(key=word, labels=in_every_language(label(word))) for word in words]


def _machine(states: list[Named], action: Callable[[str], Label], table: Any) -> Machine:
    return Machine(
        states=states,
        actions=[
            ActionOfMachine(
                action=row.action,
                labels=in_every_language(action(row.action)),
                sources=sorted(row.sources),
                targets=sorted(row.outcomes or ([row.target] if row.target else [])),
                who=list(row.who),
                needs_note=row.needs_note,
                four_eyes=row.not_by is not None,
                by_transition=not row.by_patch,
            )
            for row in table
        ],
    )


def describe() -> Workflow:
    """The tables of `core.workflow`, as data."""
    return Workflow(
        commentary=_machine(
            _named(CommentaryState, lambda state: Label("state.commentary", state)),
            lambda action: Label("action.commentary", action),
            workflow.COMMENTARY_MACHINE,
        ),
        edition=EditionMachine(
            states=_named(EditionStatus, lambda status: Label("status.edition", status)),
            changes=[
                EditionChange(
                    sources=sorted(change.sources), target=change.target, because=sorted(change.because)
                )
                for change in workflow.EDITION_MACHINE
            ],
        ),
        translation_task=_machine(
            _named(TaskState, lambda state: Label("state.translation_task", state)),
            lambda action: Label("action.translation_task", action),
            workflow.TASK_MACHINE,
        ),
        roles=_named(Role, lambda role: Label("role", role)),
        trends=_named(Trend, lambda trend: Label("trend", trend)),
        who=_named(Who, lambda who: Label("who", who)),
        unit_statuses=_named(UnitStatus, lambda status: Label("status.unit", status)),
        warning_kinds=_named(DifferenceKind, lambda kind: Label("warning", kind)),
    )


@get("/v1/workflow", name="get_workflow", operation_id="get_workflow", opt=operation())
async def get_workflow() -> Response[Workflow]:
    """Read the machines: every state, every action, who takes it, and their names in each language of the interface."""
    return answer(describe())


ROUTES = [get_workflow]
