"""What is looked at before publication: each check over its facts, the answers written by hand."""

import pytest

from editorial.core.checks import CHECKS, Check, DeadLink, Facts, Picture, Site, SparseUnit, warnings
from editorial.locales import render

GOOD = Picture(place="photo", credit="A. Photographer", alternative="A market")


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(), []),
        (Facts(pictures=(GOOD,), made_from=3, source_at=3), []),
        (Facts(made_from=None, source_at=3), []),
        (Facts(made_from=4, source_at=3), []),
        (
            Facts(unanswered_warnings=2),
            [(Check.UNANSWERED_WARNING, None, "2 warnings about the translation have no answer.")],
        ),
        (
            Facts(section_is_taken=True),
            [
                (
                    Check.SECTION_IS_TAKEN,
                    None,
                    "This section already has a published commentary for this week.",
                )
            ],
        ),
        (
            Facts(pictures=(GOOD, Picture(place="k3v", credit="\u00a0", alternative=""))),
            [
                (Check.PICTURE_WITHOUT_CREDIT, "k3v", "The picture has no credit."),
                (Check.PICTURE_WITHOUT_ALTERNATIVE, "k3v", "The picture has no alternative text."),
            ],
        ),
        (
            Facts(
                dead_links=(
                    DeadLink(address="https://e.org/a", is_retracted=True),
                    DeadLink(address="https://e.org/b", is_retracted=False),
                )
            ),
            [
                (Check.DEAD_LINK, None, "The link `https://e.org/a` leads to a text that was retracted."),
                (Check.DEAD_LINK, None, "The link `https://e.org/b` leads nowhere."),
            ],
        ),
        (
            Facts(
                sparse_units=(
                    SparseUnit(place="lead", type="lead", lines=("",)),
                    SparseUnit(place="photo", type="caption", lines=("—",)),
                    SparseUnit(place="a", type="paragraph", lines=("",)),
                    SparseUnit(place="b", type="heading", lines=("\u00a0\u3164",)),
                    SparseUnit(place="c", type="list", lines=("one", "&nbsp;", "[](https://a.example)")),
                    SparseUnit(place="d", type="quote", lines=("Words and [ ](https://a.example).",)),
                    SparseUnit(place="e", type="caption", lines=("",)),
                    SparseUnit(place="f", type="paragraph", lines=("🌾",)),
                )
            ),
            [
                (Check.WITHOUT_WORDS, "photo", "A caption has no words, and readers do not get it."),
                (Check.WITHOUT_WORDS, "a", "A paragraph has no words, and readers do not get it."),
                (Check.WITHOUT_WORDS, "b", "A heading has no words, and readers do not get it."),
                (Check.WITHOUT_WORDS, "c", "Item 2 of the list has no words, and readers do not get it."),
                (Check.WITHOUT_WORDS, "c", "Item 3 of the list has no words, and readers do not get it."),
                (
                    Check.WITHOUT_WORDS,
                    "d",
                    "The link to `https://a.example` has no words, and readers do not get it.",
                ),
            ],
        ),
        (
            Facts(made_from=2, source_at=3),
            [
                (
                    Check.SOURCE_HAS_MOVED_ON,
                    None,
                    "Made from revision 2 of the source; revision 3 is approved.",
                )
            ],
        ),
    ],
)
def test_a_check_says_what_it_found(facts: Facts, found: list[tuple[Check, str | None, str]]) -> None:
    told = warnings(facts, "be", [])
    assert [(one.check, one.place, render(one.detail, "en")) for one in told] == found
    assert {one.language for one in told} <= {"be"}
    assert not any(one.blocks for one in told)


def test_only_what_the_newsroom_has_marked_blocks() -> None:
    told = warnings(Facts(section_is_taken=True, unanswered_warnings=1), "be", [Check.SECTION_IS_TAKEN])
    assert {one.check: one.blocks for one in told} == {
        Check.UNANSWERED_WARNING: False,
        Check.SECTION_IS_TAKEN: True,
    }


def test_every_check_is_in_the_table() -> None:
    (table,) = vars(test_a_check_says_what_it_found)["pytestmark"]
    shown = {check for _, found in table.args[1] for check, _, _ in found}
    assert shown == set(Check), "the table of tests/core/test_checks.py has a row for each check"


def test_every_check_has_its_rule() -> None:
    assert list(CHECKS) == list(Check)


@pytest.mark.parametrize(
    ("address", "is_page"),
    [
        ("https://digest.example.org/en/week-2024-W30/grain", True),
        ("http://DIGEST.example.org/en/week-2024-W30/grain/?utm=1#part", True),
        ("https://digest.example.org/en/week-2024-W30/", False),
        ("https://digest.example.org/about", False),
        ("https://digest.example.org/en/week-2024-W30/grain/comments", False),
        ("https://digestXexample.org/en/week-2024-W30/grain", False),
        ("https://elsewhere.example.org/?to=https://digest.example.org/en/week-2024-W30/grain", False),
    ],
)
def test_a_page_of_the_site_is_known_by_its_form(address: str, is_page: bool) -> None:
    assert not Site().has(address)
    assert Site("https://digest.example.org/{language}/week-{week}/{slug}").has(address) is is_page


def test_a_page_that_never_was_is_dead_only_on_the_site_that_was_told() -> None:
    links = ("https://a.example.org/be/2024-W30/zbozza", "https://b.example.org/be/2024-W30/zbozza")
    of_site = {
        name: Facts(
            other_links=links, site=Site(f"https://{name}.example.org/{{language}}/{{week}}/{{slug}}")
        )
        for name in ("a", "b")
    }
    found = {
        name: [render(one.detail, "en") for one in warnings(facts, "be", [])]
        for name, facts in of_site.items()
    }
    assert found == {
        "a": ["The link `https://a.example.org/be/2024-W30/zbozza` leads nowhere."],
        "b": ["The link `https://b.example.org/be/2024-W30/zbozza` leads nowhere."],
    }
