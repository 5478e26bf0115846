"""A message says the same in each language; what it is given stands in the sentence by its label."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from editorial.core.states import Action
from editorial.locales import (
    LanguageName,
    Listed,
    Message,
    Param,
    Translated,
    UnknownMessage,
    Verbatim,
    has,
    nearest,
    render,
    values,
)

LANGUAGES = ("be", "ru", "en")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("be", "be"),
        ("BE", "be"),
        ("be-tarask", "be"),
        ("ru-BY", "ru"),
        ("en-x-plain", "en"),
        ("pl", "en"),
        ("ber", "en"),
        ("", "en"),
        ("-", "en"),
    ],
)
def test_a_language_is_looked_up_by_its_parents_and_an_unknown_one_is_english(
    tag: str, language: str
) -> None:
    assert nearest(tag) == language


def test_an_unknown_key_is_a_fault() -> None:
    assert not has("history.nothing")
    with pytest.raises(UnknownMessage, match=r"history\.nothing"):
        render(Message("history.nothing"), "be")


@pytest.mark.parametrize("given", [{}, {"name": "X"}])
def test_a_missing_parameter_is_a_fault(given: dict[str, Param]) -> None:
    with pytest.raises(UnknownMessage, match="language"):
        render(Message("language.into", **given), "be")


@pytest.mark.parametrize("words", ["{language}", "{0}", "100 %", "O’Neil \\1"])
def test_a_parameter_is_taken_as_it_is(words: str) -> None:
    assert render(Message("language.into", language=words), "en") == f"into {words}"
    assert render(Verbatim(words), "be") == words


def test_a_member_of_an_enumeration_is_its_value() -> None:
    assert render(Message("language.into", language=Action.SUBMIT), "en") == "into submit"


def test_an_instant_is_in_universal_time_with_the_month_in_words() -> None:
    at = datetime(2024, 7, 22, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    said = [render(Message("language.into", language=at), language) for language in LANGUAGES]
    assert said == [
        "на мову: 21 ліпеня 2024, 22:30 UTC",
        "на язык: 21 июля 2024, 22:30 UTC",
        "into 21 July 2024, 22:30 UTC",
    ]
    assert render(Message("language.into", language=date(2024, 7, 22)), "be") == "на мову: 22 ліпеня 2024"


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("be", ("беларуская", "белорусский", "Belarusian")),
        ("uk", ("украінская", "украинский", "Ukrainian")),
        ("hi", ("хіндзі", "хинди", "Hindi")),
        ("be-tarask", ("беларуская (be-tarask)", "белорусский (be-tarask)", "Belarusian (be-tarask)")),
        ("qxx", ("qxx", "qxx", "qxx")),
    ],
)
def test_a_language_has_its_name_and_a_variety_keeps_its_tag(tag: str, said: tuple[str, ...]) -> None:
    assert tuple(render(LanguageName(tag), language) for language in LANGUAGES) == said


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("uk", ("на украінскую мову", "на украинский язык", "into Ukrainian")),
        ("hi", ("на хіндзі", "на хинди", "into Hindi")),
        ("sw", ("на мову: суахілі", "на язык: суахили", "into Swahili")),
        (
            "be-tarask",
            (
                "на беларускую мову (be-tarask)",
                "на белорусский язык (be-tarask)",
                "into Belarusian (be-tarask)",
            ),
        ),
        ("qxx", ("на мову: qxx", "на язык: qxx", "into qxx")),
    ],
)
def test_a_language_is_inflected_where_the_sentence_asks(tag: str, said: tuple[str, ...]) -> None:
    assert tuple(render(LanguageName(tag, "into"), language) for language in LANGUAGES) == said


def test_parts_are_listed_and_a_program_gets_their_values() -> None:
    listed = Listed([LanguageName("be"), LanguageName("en")])
    message = Message("language.into", language=listed)
    assert render(message, "ru") == "на язык: белорусский, английский"
    assert values(message) == {"language": ["be", "en"]}
    at = datetime(2024, 7, 22, tzinfo=UTC)
    assert values(Message("x", at=at, name="A", count=2, none=None)) == {
        "at": at.isoformat(),
        "name": "A",
        "count": 2,
    }


def test_words_of_the_newsroom_fall_back_to_a_parent_and_to_english() -> None:
    words = Translated("economy", {"be": "Эканоміка", "en": "Economy"})
    assert [words.in_(language) for language in ("be", "be-tarask", "ru", "uk")] == [
        "Эканоміка",
        "Эканоміка",
        "Economy",
        "Economy",
    ]
    assert Translated("economy", {"pl": "Gospodarka"}).in_("be") == "Gospodarka"
    assert Translated("economy", {}).in_("be") == "economy"
    assert values(Message("a.b", section=words)) == {"section": "economy"}


def test_messages_that_say_the_same_are_equal() -> None:
    one, other = Message("a.b", name="X"), Message("a.b", name="X")
    assert one == other
    assert hash(one) == hash(other)
    assert one != Message("a.b", name="Y")
    assert Listed([one]) == Listed([other])
    assert LanguageName("be") != Message("language.be")
