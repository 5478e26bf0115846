"""The table of need to know: whole, drawn as it is, and the product's own, cell by cell."""

from pathlib import Path

import pytest

from editorial.core.need_to_know import INFORMATION, RELATIONS, need_to_know_document
from editorial.core.permissions import (
    MAY_KNOW,
    Actor,
    ActorKind,
    Information,
    Relation,
    Role,
    Visibility,
    may_know,
    visibility_of,
)
from editorial.core.states import CommentaryState

PAGE = Path(__file__).parents[2] / "docs" / "need-to-know.md"

DESK = {"author", "contributor", "coordinator"}
EVERYBODY = {
    *("author", "contributor", "coordinator", "translator", "holder"),
    *("administrator", "oneself", "colleague", "reader"),
}
BY_HAND = {
    "unfinished_text": DESK,
    "approved_text": DESK | {"translator"},
    "live_text": EVERYBODY,
    "authorship": DESK,
    "reviewers": DESK,
    "translators": {"oneself", "coordinator"},
    "history": DESK,
    "history_of_task": {"holder", "coordinator"},
    "bylines": {"oneself", "coordinator"},
    "editorial_trail": {"coordinator"},
    "accounts_trail": {"administrator"},
    "names": {"oneself", "coordinator", "administrator"},
    "accounts": {"oneself", "administrator"},
}


def test_the_table_is_the_one_by_hand() -> None:
    assert {str(matter): {str(one) for one in known} for matter, known in MAY_KNOW.items()} == BY_HAND
    assert set(EVERYBODY) == {str(relation) for relation in Relation}


def test_the_page_is_drawn_from_the_table() -> None:
    assert need_to_know_document() == PAGE.read_text(encoding="utf-8")
    assert INFORMATION.keys() == set(Information)
    assert RELATIONS.keys() == set(Relation)


@pytest.mark.parametrize(
    ("relation", "state", "live", "sight"),
    [
        ("author", "draft", False, "whole"),
        ("author", "discarded", False, "whole"),
        ("contributor", "in_review", False, "whole"),
        ("coordinator", "draft", True, "whole"),
        ("translator", "draft", False, "nothing"),
        ("translator", "in_review", True, "live"),
        ("translator", "in_translation", False, "translation"),
        ("translator", "retracted", False, "translation"),
        ("administrator", "ready", False, "nothing"),
        ("administrator", "published", True, "live"),
        ("colleague", "in_translation", False, "nothing"),
        ("colleague", "draft", True, "live"),
        ("reader", "draft", False, "nothing"),
        ("holder", "draft", False, "nothing"),
    ],
)
def test_how_much_of_a_commentary_somebody_sees(relation: str, state: str, live: bool, sight: str) -> None:
    seen = visibility_of(frozenset({Relation(relation)}), CommentaryState(state), any_live=live)
    assert seen is Visibility(sight)


def test_roles_are_relations_to_the_newsroom_and_add_up() -> None:
    nobody = Actor(kind=ActorKind.ANONYMOUS)
    assert nobody.relations == {Relation.READER}
    both = Actor(kind=ActorKind.PERSON, roles=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
    assert both.may_know(Information.EDITORIAL_TRAIL)
    assert both.may_know(Information.ACCOUNTS_TRAIL)
    translator = Actor(kind=ActorKind.PERSON, roles=frozenset({Role.TRANSLATOR}))
    assert translator.relations == {Relation.READER, Relation.COLLEAGUE}
    assert not translator.may_know(Information.HISTORY_OF_TASK)
    assert translator.may_know(Information.HISTORY_OF_TASK, Relation.HOLDER)
    assert not may_know(set(), Information.LIVE_TEXT)
