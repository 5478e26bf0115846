"""Everything that has a name in the machines has one in each language of the newsroom."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from editorial.core.checks import Check
from editorial.core.labels import (
    CHECKS,
    COMMENTARY_ACTIONS,
    COMMENTARY_STATES,
    EDITION_STATUSES,
    ROLES,
    TASK_ACTIONS,
    TASK_STATES,
    TRENDS,
    UNIT_STATUSES,
    WHO,
    Labels,
)
from editorial.core.permissions import Role
from editorial.core.sheets import UnitStatus
from editorial.core.states import Action, CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Trend
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE, Who

NAMED: list[tuple[type[StrEnum], Mapping[Any, Labels]]] = [
    (CommentaryState, COMMENTARY_STATES),
    (EditionStatus, EDITION_STATUSES),
    (TaskState, TASK_STATES),
    (Role, ROLES),
    (Trend, TRENDS),
    (Who, WHO),
    (UnitStatus, UNIT_STATUSES),
    (Check, CHECKS),
]
ACTIONS: dict[str, Mapping[Any, Labels]] = {
    "commentary": COMMENTARY_ACTIONS,
    "translation_task": TASK_ACTIONS,
}
EVERY_LABEL = [
    pytest.param(labels, id=f"{place}.{name}")
    for place, table in [*((kind.__name__, table) for kind, table in NAMED), *ACTIONS.items()]
    for name, labels in table.items()
]


@pytest.mark.parametrize(("kind", "table"), NAMED, ids=[kind.__name__ for kind, _ in NAMED])
def test_every_member_has_a_label_in_the_order_of_its_enum(
    kind: type[StrEnum], table: Mapping[Any, Labels]
) -> None:
    assert list(table) == list(kind)


def test_every_action_of_a_machine_has_a_label_for_that_machine() -> None:
    assert list(COMMENTARY_ACTIONS) == [transition.action for transition in COMMENTARY_MACHINE]
    assert list(TASK_ACTIONS) == [transition.action for transition in TASK_MACHINE]
    assert {*COMMENTARY_ACTIONS, *TASK_ACTIONS} == set(Action)


@pytest.mark.parametrize("labels", EVERY_LABEL)
def test_a_label_is_written_in_the_script_of_its_language(labels: Labels) -> None:
    assert re.fullmatch(r"[А-ЯЁІЎа-яёіў’,\- ]+", labels.be)
    assert re.fullmatch(r"[А-ЯЁа-яё,\- ]+", labels.ru)
    assert re.fullmatch(r"[A-Za-z,\- ]+", labels.en)


@pytest.mark.parametrize("labels", EVERY_LABEL)
def test_a_label_has_no_letters_of_the_sister_language(labels: Labels) -> None:
    assert not set(labels.be.lower()) & set("ищъ")
    assert not set(labels.ru.lower()) & set("іў’")


@pytest.mark.parametrize("labels", EVERY_LABEL)
def test_a_label_begins_with_a_capital_and_has_no_blanks_or_points_round_it(labels: Labels) -> None:
    for label in (labels.be, labels.ru, labels.en):
        assert label == label.strip(" .,-")
        assert label[0].isupper()


@pytest.mark.parametrize(("kind", "table"), [*NAMED, *ACTIONS.items()])
def test_no_two_things_of_a_kind_look_the_same(kind: object, table: Mapping[Any, Labels]) -> None:
    for language in ("be", "ru", "en"):
        said = [labels.in_(language) for labels in table.values()]
        assert len(said) == len(set(said)), f"{kind} in {language}"


def test_the_same_action_says_on_a_task_what_it_means_there() -> None:
    assert COMMENTARY_ACTIONS[Action.SUBMIT] == Labels(
        "Адправіць на праверку", "Отправить на проверку", "Submit for review"
    )
    assert TASK_ACTIONS[Action.SUBMIT] == Labels("Здаць пераклад", "Сдать перевод", "Hand in")
    assert COMMENTARY_ACTIONS[Action.RECALL] != TASK_ACTIONS[Action.RECALL]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("be", "Чарнавік"),
        ("ru", "Черновик"),
        ("en", "Draft"),
        ("be-tarask", "Чарнавік"),
        ("ru-BY", "Черновик"),
        ("RU", "Черновик"),
        ("pl", "Draft"),
        ("ber", "Draft"),
        ("", "Draft"),
    ],
)
def test_an_unknown_language_is_answered_in_english(language: str, said: str) -> None:
    assert COMMENTARY_STATES[CommentaryState.DRAFT].in_(language) == said
