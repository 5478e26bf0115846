"""Who may know what, and how much of a commentary a person sees, without a database. The answers are by hand."""

from itertools import combinations

import pytest

from editorial.core.permissions import (
    Actor,
    ActorKind,
    Information,
    Part,
    Relation,
    Role,
    Visibility,
    commenter_role,
    may_know,
    visibility_of,
)
from editorial.core.states import CommentaryState

MAY_KNOW = """
                  author contributor coordinator translator holder administrator oneself colleague reader
unfinished_text   yes    yes         yes         no         no     no            no      no        no
approved_text     yes    yes         yes         yes        no     no            no      no        no
live_text         yes    yes         yes         yes        yes    yes           yes     yes       yes
authorship        yes    yes         yes         no         no     no            no      no        no
reviewers         yes    yes         yes         no         no     no            no      no        no
translators       no     no          yes         no         no     no            yes     no        no
history           yes    yes         yes         no         no     no            no      no        no
history_of_task   no     no          yes         no         yes    no            no      no        no
bylines           no     no          yes         no         no     no            yes     no        no
editorial_trail   no     no          yes         no         no     no            no      no        no
accounts_trail    no     no          no          no         no     yes           no      no        no
names             no     no          yes         no         no     yes           yes     no        no
accounts          no     no          no          no         no     yes           yes     no        no
"""

# What a person in one relation sees, where an edition is live / where none is.
VISIBILITY = """
                author      contributor coordinator translator              holder       administrator oneself      colleague    reader
draft           whole/whole whole/whole whole/whole live/nothing            live/nothing live/nothing  live/nothing live/nothing live/nothing
in_review       whole/whole whole/whole whole/whole live/nothing            live/nothing live/nothing  live/nothing live/nothing live/nothing
in_translation  whole/whole whole/whole whole/whole translation/translation live/nothing live/nothing  live/nothing live/nothing live/nothing
ready           whole/whole whole/whole whole/whole translation/translation live/nothing live/nothing  live/nothing live/nothing live/nothing
published       whole/whole whole/whole whole/whole translation/translation live/nothing live/nothing  live/nothing live/nothing live/nothing
retracted       whole/whole whole/whole whole/whole translation/translation live/nothing live/nothing  live/nothing live/nothing live/nothing
discarded       whole/whole whole/whole whole/whole live/nothing            live/nothing live/nothing  live/nothing live/nothing live/nothing
"""  # noqa: E501


def cells(table: str) -> dict[tuple[str, str], str]:
    head, *lines = table.strip("\n").splitlines()
    return {
        (line.split()[0], column): cell
        for line in lines
        for column, cell in zip(head.split(), line.split()[1:], strict=True)
    }


@pytest.mark.parametrize("matter", Information)
def test_who_may_know(matter: Information) -> None:
    written = cells(MAY_KNOW)
    found = {relation: may_know({relation}, matter) for relation in Relation}
    assert found == {relation: written[matter, relation] == "yes" for relation in Relation}


@pytest.mark.parametrize("matter", Information)
def test_a_person_in_several_relations_knows_what_each_of_them_may(matter: Information) -> None:
    written = cells(MAY_KNOW)
    for pair in combinations(Relation, 2):
        assert may_know(pair, matter) == any(written[matter, one] == "yes" for one in pair)
    assert not may_know((), matter)


@pytest.mark.parametrize("state", CommentaryState)
def test_how_much_a_person_sees(state: CommentaryState) -> None:
    written = cells(VISIBILITY)
    found = {
        relation: "/".join(
            visibility_of(frozenset({relation}), state, any_live=any_live) for any_live in (True, False)
        )
        for relation in Relation
    }
    assert found == {relation: written[state, relation] for relation in Relation}


@pytest.mark.parametrize("state", CommentaryState)
@pytest.mark.parametrize("any_live", [True, False])
def test_of_several_relations_the_one_that_shows_most_counts(state: CommentaryState, any_live: bool) -> None:
    order = list(Visibility)
    for pair in combinations(Relation, 2):
        alone = [visibility_of(frozenset({one}), state, any_live=any_live) for one in pair]
        assert visibility_of(frozenset(pair), state, any_live=any_live) is min(alone, key=order.index)


@pytest.mark.parametrize(
    ("roles", "relations"),
    [
        ((), {"reader", "colleague"}),
        ((Role.ANALYST,), {"reader", "colleague"}),
        ((Role.TRANSLATOR,), {"reader", "colleague"}),
        ((Role.COORDINATOR,), {"reader", "colleague", "coordinator"}),
        ((Role.ADMINISTRATOR,), {"reader", "colleague", "administrator"}),
    ],
)
def test_relations_that_come_with_a_role(roles: tuple[Role, ...], relations: set[str]) -> None:
    assert Actor(kind=ActorKind.PERSON, roles=frozenset(roles)).relations == relations
    assert Actor(kind=ActorKind.SERVICE).relations == {"reader"}
    assert Actor(kind=ActorKind.ANONYMOUS).relations == {"reader"}


@pytest.mark.parametrize(
    ("roles", "is_author", "is_contributor", "is_holder", "role"),
    [
        ((Role.ANALYST,), True, False, False, Part.AUTHOR),
        ((Role.ANALYST, Role.COORDINATOR), True, True, False, Part.AUTHOR),
        ((Role.ANALYST,), False, True, False, Part.CONTRIBUTOR),
        ((Role.TRANSLATOR,), False, False, True, Part.TRANSLATOR),
        ((Role.COORDINATOR,), False, False, False, Part.COORDINATOR),
        # A relation without the role that it rests on gives nothing.
        ((Role.COORDINATOR,), True, True, True, Part.COORDINATOR),
        ((), True, True, True, None),
        ((Role.ANALYST,), False, False, False, None),
        ((Role.TRANSLATOR,), False, False, False, None),
    ],
)
def test_the_role_in_which_a_person_comments(
    roles: tuple[Role, ...], is_author: bool, is_contributor: bool, is_holder: bool, role: Part | None
) -> None:
    actor = Actor(kind=ActorKind.PERSON, roles=frozenset(roles), languages=frozenset({"be"}))
    assert (
        commenter_role(actor, "be", is_author=is_author, is_contributor=is_contributor, is_holder=is_holder)
        is role
    )
