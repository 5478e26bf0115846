"""A state, an action or a check is in each of its places. What is missing names the file that lacks it."""

from collections.abc import Iterable
from typing import Any, get_args

import pytest

from editorial.commentaries import transitions as commentaries
from editorial.core.checks import CHECKS, Check
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE
from editorial.locales import has
from editorial.translations import transitions as translations
from test_state_machines import ACTIONS, SEES, STATES, TASK_ACTIONS, TASK_SUCCEEDS


def lacks(file: str, needed: Iterable[str], has: Iterable[str]) -> str:
    """What a file lacks of what it needs, in a sentence; nothing where it is complete."""
    missing = sorted(set(needed) - set(has))
    return f"{file} lacks {', '.join(missing)}" if missing else ""


def tags(structs: Iterable[Any]) -> set[str]:
    return {str(one.__struct_config__.tag) for one in structs}


BY_TRANSITION = [
    (row.action.value, machine)
    for machine, rows in (("commentary", COMMENTARY_MACHINE), ("task", TASK_MACHINE))
    for row in rows
    if row.sources and not row.by_patch
]


def test_every_action_has_a_row_in_a_machine() -> None:
    rows = {row.action for row in COMMENTARY_MACHINE} | {row.action for row in TASK_MACHINE}
    assert not lacks("core/workflow.py", Action, rows)


def test_every_state_is_left_and_reached_by_a_row() -> None:
    for states, machine in ((CommentaryState, COMMENTARY_MACHINE), (TaskState, TASK_MACHINE)):
        named = {state for row in machine for state in (*row.sources, row.target, *row.outcomes)}
        assert not lacks("core/workflow.py", states, {str(state) for state in named})


def test_every_transition_of_a_commentary_has_a_body_and_a_command() -> None:
    needed = {action for action, machine in BY_TRANSITION if machine == "commentary"}
    file = "commentaries/transitions.py"
    bodies = tags(get_args(commentaries.CommentaryTransition))
    assert not lacks(f"CommentaryTransition of {file}", needed, bodies)
    assert not lacks(f"COMMANDS of {file}", needed, tags(commentaries.COMMANDS))
    assert not lacks("COMMENTARY_MACHINE of core/workflow.py", bodies, needed)


def test_every_transition_of_a_task_has_a_body() -> None:
    needed = {action for action, machine in BY_TRANSITION if machine == "task"}
    bodies = tags(get_args(translations.TaskTransition))
    assert not lacks("TaskTransition of translations/transitions.py", needed, bodies)
    assert not lacks("TASK_MACHINE of core/workflow.py", bodies, needed)


def test_the_tables_of_the_machines_tests_have_every_state_and_action() -> None:
    file = "tests/test_state_machines.py"
    assert not lacks(f"SUCCEEDS of {file}", CommentaryState, STATES)
    assert not lacks(f"SEES of {file}", CommentaryState, SEES)
    assert not lacks(f"THEIRS of {file}", {row.action for row in COMMENTARY_MACHINE if row.sources}, ACTIONS)
    assert not lacks(f"TASK_SUCCEEDS of {file}", TaskState, TASK_SUCCEEDS)
    needed = {row.action for row in TASK_MACHINE} - {Action.ANSWER_WARNING}
    assert not lacks(f"TASK_ACTIONS of {file}", needed, TASK_ACTIONS)


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("history.commentary", [row.action.value for row in COMMENTARY_MACHINE]),
        ("history.translation_task", [row.action.value for row in TASK_MACHINE]),
        ("history.reached", list(CommentaryState)),
    ],
)
def test_history_has_a_sentence_for_every_action_and_state(family: str, words: list[str]) -> None:
    known = {word for word in words if has(f"{family}.{word}")}
    assert not lacks(f"locales/en/workflow.po ({family})", words, known)


def test_every_check_has_its_rule() -> None:
    assert not lacks("CHECKS of core/checks.py", Check, CHECKS)
