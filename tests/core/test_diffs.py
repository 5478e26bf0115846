"""What changed between two texts, in words that a translator can act on."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.core.diffs import DiffKind, fact_diffs, unit_diffs, word_diff
from editorial.core.texts import Figure, Heading, ListBlock, Paragraph, Photo, Text, Trend


def told(was: str, now: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[one.kind].format(one.text) for one in word_diff(was, now))


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("Prices rose.", "Prices rose.", "Prices rose."),
        ("Prices rose.", "Prices fell.", "Prices[- rose-]{+ fell+}."),
        ("", "Prices", "{+Prices+}"),
        ("Prices", "", "[-Prices-]"),
        (
            "Порты апрацавалі на 12 % менш.",
            "Порты апрацавалі на 14 % менш.",
            "Порты апрацавалі на[- 12-]{+ 14+} % менш.",
        ),
        ("аб’ём", "аб’ёмы", "[-аб’ём-]{+аб’ёмы+}"),
        ("за́мак", "замак", "[-за́мак-]{+замак+}"),
        ("one  two", "one two", "one[-  two-]{+ two+}"),
        (
            "The ministry said that it would pay.",
            "The ministry promised to pay by May.",
            "The ministry[- said that it would-]{+ promised to+} pay{+ by May+}.",
        ),
    ],
)
def test_a_word_diff_names_the_words_that_changed(was: str, now: str, expected: str) -> None:
    assert told(was, now) == expected


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_word_diff_holds_both_texts_whole(was: str, now: str) -> None:
    changes = word_diff(was, now)
    assert "".join(one.text for one in changes if one.kind != "added") == was
    assert "".join(one.text for one in changes if one.kind != "removed") == now


@pytest.mark.parametrize("word", ["a ", "а́", "’", "a’", ". "])
def test_a_word_diff_of_the_longest_unit_does_not_hang(word: str) -> None:
    was, now = word * (20_000 // len(word)), ("b " + word) * (20_000 // (len(word) + 2))
    began = time.monotonic()
    word_diff(was, now)
    # Seconds would mean that time grows with the square of the length: it takes some hundredths.
    assert time.monotonic() - began < 2


def a_text(*blocks: Paragraph | Heading | ListBlock | Figure, title: str = "Title") -> Text:
    return Text(title=title, lead="Lead", trend=Trend.WORSE, blocks=list(blocks))


def kinds(was: Text, now: Text) -> list[tuple[str, str, bool]]:
    """Of each unit beside title and lead: its id, what became of it, whether it moved."""
    return [
        (one.id, str(one.kind), one.moved) for one in unit_diffs(was, now) if one.id not in {"title", "lead"}
    ]


ONE, TWO, THREE, FOUR = (Paragraph(id=f"p{n}", text=f"Paragraph number {n}.") for n in (1, 2, 3, 4))


def test_a_text_is_the_same_as_itself() -> None:
    text = a_text(ONE, TWO)
    assert {one.kind for one in unit_diffs(text, text)} == {DiffKind.SAME}
    assert not fact_diffs(text, text)


def test_a_moved_block_has_moved_and_was_neither_removed_nor_added() -> None:
    assert kinds(a_text(ONE, TWO, THREE, FOUR), a_text(TWO, THREE, FOUR, ONE)) == [
        ("p2", "same", False),
        ("p3", "same", False),
        ("p4", "same", False),
        ("p1", "same", True),
    ]


def test_a_block_may_move_and_change() -> None:
    changed = Paragraph(id="p3", text="Paragraph number 33.")
    assert kinds(a_text(ONE, TWO, THREE), a_text(changed, ONE, TWO)) == [
        ("p3", "changed", True),
        ("p1", "same", False),
        ("p2", "same", False),
    ]


def test_a_removed_block_stands_where_it_stood() -> None:
    assert kinds(a_text(ONE, TWO, THREE), a_text(ONE, THREE)) == [
        ("p1", "same", False),
        ("p2", "removed", False),
        ("p3", "same", False),
    ]
    assert kinds(a_text(ONE, TWO), a_text(TWO))[0] == ("p1", "removed", False)


def test_a_block_that_lost_its_id_but_kept_its_words_is_the_same_block() -> None:
    renamed = Paragraph(id="new", text=TWO.text)
    assert kinds(a_text(ONE, TWO, THREE), a_text(ONE, renamed, THREE)) == [
        ("p1", "same", False),
        ("new", "same", False),
        ("p3", "same", False),
    ]


def test_a_paragraph_that_became_a_heading_has_changed() -> None:
    assert kinds(a_text(ONE), a_text(Heading(id="p1", text=ONE.text))) == [("p1", "changed", False)]


def test_what_differs_beside_the_words_is_told_as_a_fact() -> None:
    photo = Photo(url="https://photos.example.org/1.jpg", credit="A. B.")
    was = Text(title="T", trend=Trend.WORSE, photo=photo, blocks=[ListBlock(id="l", items=["one"])])
    now = Text(
        title="T", trend=Trend.BETTER, blocks=[ListBlock(id="l", items=["one"], ordered=True)], photo=None
    )
    assert [(one.pointer, one.was, one.now) for one in fact_diffs(was, now)] == [
        ("/trend", "worse", "better"),
        ("/photo/url", "https://photos.example.org/1.jpg", None),
        ("/photo/credit", "A. B.", None),
        ("/blocks/l/ordered", False, True),
    ]


@given(st.permutations(range(8)), st.sets(st.integers(0, 7)))
def test_moves_and_removals_in_any_order_lose_no_block(order: list[int], removed: set[int]) -> None:
    blocks = [Paragraph(id=f"b{n}", text=f"Block {n}") for n in range(8)]
    found = unit_diffs(a_text(*blocks), a_text(*(blocks[n] for n in order if n not in removed)))
    assert sorted(one.id for one in found if one.id.startswith("b")) == [f"b{n}" for n in range(8)]
    assert {one.id for one in found if one.kind is DiffKind.REMOVED} == {f"b{n}" for n in removed}
    stayed = [one.id for one in found if one.kind is DiffKind.SAME and not one.moved]
    assert stayed == ["title", "lead", *sorted(stayed[2:])]
