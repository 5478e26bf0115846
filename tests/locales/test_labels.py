"""Everything that has a name in the machines has one in each language of the interface."""

from enum import StrEnum

import pytest

from editorial.core.checks import Check
from editorial.core.permissions import Role
from editorial.core.sheets import UnitStatus
from editorial.core.states import Action, CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Trend
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE, Who
from editorial.locales import Label, has, in_every_language
from editorial.translations.comparison import DifferenceKind

NAMED: list[tuple[str, type[StrEnum]]] = [
    ("state.commentary", CommentaryState),
    ("status.edition", EditionStatus),
    ("state.translation_task", TaskState),
    ("role", Role),
    ("trend", Trend),
    ("who", Who),
    ("status.unit", UnitStatus),
    ("check", Check),
    ("warning", DifferenceKind),
]
WORDS: dict[str, list[str]] = {
    **{family: [member.value for member in kind] for family, kind in NAMED},
    "action.commentary": [transition.action.value for transition in COMMENTARY_MACHINE],
    "action.translation_task": [transition.action.value for transition in TASK_MACHINE],
}
EVERY_LABEL = [
    pytest.param(Label(family, word), id=f"{family}.{word}")
    for family, words in WORDS.items()
    for word in words
]


@pytest.mark.parametrize("label", EVERY_LABEL)
def test_every_word_of_the_machines_has_a_label(label: Label) -> None:
    assert has(label.key), f"no file of src/editorial/locales/en has {label.key}"


def test_every_action_is_one_of_a_machine() -> None:
    assert {*WORDS["action.commentary"], *WORDS["action.translation_task"]} == set(Action)


@pytest.mark.parametrize("label", EVERY_LABEL)
def test_a_label_begins_with_a_capital_and_has_no_blanks_or_points_round_it(label: Label) -> None:
    for words in in_every_language(label).values():
        assert words == words.strip(" .,-")
        assert words[0].isupper()


@pytest.mark.parametrize("family", WORDS)
def test_no_two_things_of_a_kind_look_the_same(family: str) -> None:
    for language in ("be", "ru", "en"):
        said = [Label(family, word).in_(language) for word in WORDS[family]]
        assert len(said) == len(set(said)), language


@pytest.mark.parametrize("role", Role)
def test_a_role_has_a_form_for_the_middle_of_a_sentence(role: Role) -> None:
    for language, words in in_every_language(Label("role", role, "in")).items():
        assert words == Label("role", role).in_(language).lower()


def test_the_same_action_says_on_a_task_what_it_means_there() -> None:
    assert (
        in_every_language(Label("action.commentary", Action.SUBMIT)).items()
        >= {
            "be": "Адправіць на праверку",
            "en": "Submit for review",
            "ru": "Отправить на проверку",
        }.items()
    )
    assert (
        in_every_language(Label("action.translation_task", Action.SUBMIT)).items()
        >= {
            "be": "Здаць пераклад",
            "en": "Hand in",
            "ru": "Сдать перевод",
        }.items()
    )
    assert Label("action.commentary", Action.RECALL).in_("be") != (
        Label("action.translation_task", Action.RECALL).in_("be")
    )
