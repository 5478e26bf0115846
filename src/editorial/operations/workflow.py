"""The machines themselves, for front ends: states, actions, roles, and what they are called in be, ru, en."""

from typing import Any

import msgspec
from litestar import Response, get

from editorial.core import labels, workflow
from editorial.core.labels import Labels
from editorial.web import answer, operation


class Named(msgspec.Struct, kw_only=True):
    """A word of the product with its labels."""

    key: str
    labels: Labels


class ActionOfMachine(msgspec.Struct, kw_only=True):
    """One row of a machine."""

    action: str
    labels: Labels
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


def _named(words: Any) -> list[Named]:
    return [Named(key=key, labels=found) for key, found in words.items()]


def _machine(states: Any, actions: Any, table: Any) -> Machine:
    return Machine(
        states=_named(states),
        actions=[
            ActionOfMachine(
                action=row.action,
                labels=actions[row.action],
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
        commentary=_machine(labels.COMMENTARY_STATES, labels.COMMENTARY_ACTIONS, workflow.COMMENTARY_MACHINE),
        edition=EditionMachine(
            states=_named(labels.EDITION_STATUSES),
            changes=[
                EditionChange(
                    sources=sorted(change.sources), target=change.target, because=sorted(change.because)
                )
                for change in workflow.EDITION_MACHINE
            ],
        ),
        translation_task=_machine(labels.TASK_STATES, labels.TASK_ACTIONS, workflow.TASK_MACHINE),
        roles=_named(labels.ROLES),
        trends=_named(labels.TRENDS),
    )


@get("/v1/workflow", name="get_workflow", operation_id="get_workflow", opt=operation())
async def get_workflow() -> Response[Workflow]:
    """Read the machines: every state, every action, who takes it, and their names in three languages."""
    return answer(describe())


ROUTES = [get_workflow]
