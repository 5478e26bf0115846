"""A comparison that was made before gives the same answer, and any change of what it depends on gives a new one."""

from editorial.core.texts import Unit
from editorial.translations.comparison import Term, compare
from editorial.translations.comparison.memory import Memory


def kinds(
    source: str, target: str, *, unit: str = "a", glossary: tuple[Term, ...] = ()
) -> list[tuple[str, str]]:
    found = compare(
        [Unit(unit, "paragraph", source)],
        {unit: target},
        source_language="en",
        language="be",
        glossary=glossary,
    )
    return [(one.unit, one.kind) for one in found]


def test_the_same_texts_have_the_same_differences_each_time_in_whatever_unit() -> None:
    for unit in ("a", "b", "a"):
        assert kinds("Prices rose by 12 percent.", "Цэны выраслі на 13 працэнтаў.", unit=unit) == [
            (unit, "number")
        ]


def test_a_corrected_translation_and_a_corrected_source_are_compared_again() -> None:
    assert kinds("Exports fell by 5 percent.", "Экспарт упаў на 6 працэнтаў.") == [("a", "number")]
    assert kinds("Exports fell by 5 percent.", "Экспарт упаў на 5 працэнтаў.") == []
    assert kinds("Exports fell by 6 percent.", "Экспарт упаў на 5 працэнтаў.") == [("a", "number")]


def test_a_term_that_came_into_the_glossary_counts_at_once() -> None:
    source, target = "The key rate is a matter of trust.", "Працэнт — справа даверу."
    assert kinds(source, target) == []
    assert kinds(source, target, glossary=(Term(source="key rate", target="ключавая стаўка"),)) == [
        ("a", "term")
    ]
    assert kinds(source, target) == []


def test_the_comparison_that_was_used_longest_ago_goes_first() -> None:
    memory = Memory(most=2)
    made: list[bytes] = []

    def ask(key: bytes) -> None:
        def compare_now() -> tuple[()]:
            made.append(key)
            return ()

        memory.get(key, compare_now)

    for key in (b"one", b"two", b"one", b"three", b"one", b"two"):
        ask(key)
    assert made == [b"one", b"two", b"three", b"two"]
    assert len(memory) == 2
