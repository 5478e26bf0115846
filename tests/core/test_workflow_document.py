"""docs/workflow.md says what the machines do: no more, no less, and today."""

import re
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from editorial.core.refusals import every_refusal
from editorial.core.states import CommentaryState, EditionStatus, TaskState
from editorial.core.workflow import COMMENTARY_MACHINE, EDITION_MACHINE, TASK_MACHINE, Transition
from editorial.core.workflow_document import workflow_document
from editorial.locales import Label

PAGE = Path(__file__).parents[2] / "docs" / "workflow.md"
TITLES: dict[type[StrEnum], str] = {
    CommentaryState: "Commentary",
    TaskState: "Translation task",
    EditionStatus: "Edition",
}
Arrow = tuple[str, str, str]


def chapter(states: type[StrEnum]) -> str:
    """The part of the page about one machine."""
    _, _, rest = workflow_document().partition(f"\n## {TITLES[states]}\n")
    return rest.partition("\n## ")[0]


def arrows(states: type[StrEnum]) -> set[Arrow]:
    """Every (from, to, action) of a diagram."""
    lines = re.findall(r"^    (\S+) --> (\S+): (.+)$", chapter(states), re.MULTILINE)
    return {(start, end, action) for start, end, said in lines for action in said.split(", ")}


def rows(states: type[StrEnum]) -> dict[str, list[str]]:
    """The cells of the table of transitions, by action."""
    _, _, table = chapter(states).partition("|---|---|---|---|---|\n")
    found: dict[str, list[str]] = {}
    for line in table.partition("\n\n")[0].splitlines():
        action, *cells = line.strip("| ").split(" | ")
        found[action] = cells
    return found


def arrows_of(machine: tuple[Transition[Any, Any], ...]) -> set[Arrow]:
    """What the diagram of a machine must have at the least."""
    found: set[Arrow] = set()
    for transition in machine:
        for source in transition.sources or {"[*]"}:
            for target in transition.outcomes or (transition.target or source,):
                found.add((str(source), str(target), transition.action.value))
    return found


def test_the_committed_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == workflow_document()


def test_every_transition_of_a_commentary_is_drawn_and_nothing_else() -> None:
    stays = {
        (state.value, state.value, "retract")
        for state in CommentaryState
        if state is not CommentaryState.DISCARDED
    }
    last_task = {
        ("in_translation", "ready", "last task ended"),
        ("ready", "in_translation", "translation returned"),
    }
    assert arrows(CommentaryState) == arrows_of(COMMENTARY_MACHINE) | stays | last_task


def test_every_transition_of_a_task_is_drawn_and_nothing_else_but_what_the_system_does() -> None:
    assert arrows(TaskState) == arrows_of(TASK_MACHINE) | {
        ("[*]", "open", "open"),
        ("claimed", "open", "expire"),
        ("submitted", "claimed", "source changed"),
        ("submitted", "open", "source changed"),
        ("accepted", "claimed", "source changed"),
        ("accepted", "open", "source changed"),
    }


def test_every_change_of_an_edition_is_drawn_and_nothing_else() -> None:
    assert arrows(EditionStatus) == {("[*]", "pending", "begin")} | {
        (source.value, change.target.value, str(action))
        for change in EDITION_MACHINE
        for source in change.sources
        for action in change.because
    }


@pytest.mark.parametrize("states", list(TITLES))
def test_an_arrow_is_drawn_once_and_in_the_order_of_the_states(states: type[StrEnum]) -> None:
    order = ["[*]", *(state.value for state in states)]
    drawn = [
        (order.index(start), order.index(end))
        for start, end in re.findall(r"^    (\S+) --> (\S+): ", chapter(states), re.MULTILINE)
    ]
    assert all(one < next_one for one, next_one in pairwise(drawn))


@pytest.mark.parametrize(
    ("states", "machine"), [(CommentaryState, COMMENTARY_MACHINE), (TaskState, TASK_MACHINE)]
)
def test_the_table_has_a_row_for_each_transition_in_the_order_of_the_machine(
    states: type[StrEnum], machine: tuple[Transition[Any, Any], ...]
) -> None:
    marked = [
        f"`{transition.action}` †" if transition.by_patch else f"`{transition.action}`"
        for transition in machine
    ]
    assert [action for action in rows(states) if "‡" not in action] == marked


@pytest.mark.parametrize(
    ("states", "action", "cells"),
    [
        (CommentaryState, "`create` †", ["–", "`draft`", "an analyst", "–"]),
        (CommentaryState, "`recall`", ["`in_review`", "`draft`", "the author", "–"]),
        (
            CommentaryState,
            "`submit`",
            [
                "`draft`",
                "`in_review`",
                "the author or a named contributor",
                "Review needs a title, a lead, at least one block and a trend. (`text-is-incomplete`)",
            ],
        ),
        (
            CommentaryState,
            "`approve`",
            [
                "`in_review`",
                "`in_translation` or `ready`",
                "a coordinator",
                "Approval needs a second person, who has written no part of this text"
                " since its last approval. (`you-wrote-this`)",
            ],
        ),
        (
            CommentaryState,
            "`reopen`",
            ["`in_translation`, `ready`", "`draft`", "a coordinator", "A note."],
        ),
        (
            CommentaryState,
            "`retract`",
            [
                "any but `discarded`",
                "the same or `retracted`",
                "a coordinator",
                "Only a published text can be retracted. (`nothing-is-live`)",
            ],
        ),
        (
            CommentaryState,
            "`last task ended` ‡",
            ["`in_translation`", "`ready`", "the system", "–"],
        ),
        (
            TaskState,
            "`release`",
            ["`claimed`", "`open`", "the translator who holds the task or a coordinator", "–"],
        ),
        (
            TaskState,
            "`cancel`",
            ["`open`, `claimed`, `submitted`", "`cancelled`", "a coordinator", "–"],
        ),
        (EditionStatus, "`publish`", ["`ready`, `scheduled`", "`live`", "a coordinator", "–"]),
    ],
)
def test_a_row_tells_the_whole_rule(states: type[StrEnum], action: str, cells: list[str]) -> None:
    assert rows(states)[action] == cells


@pytest.mark.parametrize(
    ("states", "machine"), [(CommentaryState, COMMENTARY_MACHINE), (TaskState, TASK_MACHINE)]
)
def test_each_rule_is_told_with_a_refusal_that_exists(
    states: type[StrEnum], machine: tuple[Transition[Any, Any], ...]
) -> None:
    codes = {refusal.code for refusal in every_refusal()}
    table = {action.split("`")[1]: cells[-1] for action, cells in rows(states).items()}
    for transition in machine:
        told = re.findall(r"\(`([a-z-]+)`\)", table[transition.action])
        assert len(told) == len(transition.needs) + (transition.not_by is not None)
        assert set(told) <= codes
        assert table[transition.action].startswith("A note.") is transition.needs_note


def test_every_state_is_named_in_three_languages() -> None:
    for states, family in (
        (CommentaryState, "state.commentary"),
        (TaskState, "state.translation_task"),
        (EditionStatus, "status.edition"),
    ):
        assert "| state | беларуская | English | русский |" in chapter(states)
        for state in states:
            said = [Label(family, state).in_(language) for language in ("be", "en", "ru")]
            assert f"| `{state}` | {' | '.join(said)} |" in chapter(states)


def test_the_page_is_well_formed_markdown() -> None:
    page = workflow_document()
    assert page == workflow_document()
    assert page.startswith("# The workflow\n")
    assert page.endswith("|\n")
    assert "\n\n\n" not in page
    assert page.count("```mermaid\nstateDiagram-v2\n") == 3
    assert page.count("```") == 6
    for line in page.splitlines():
        assert line == line.rstrip()
        assert not line.startswith("|") or line.count("|") in {5, 6}
