"""A history reads as a story in three languages, and says what it was given and no more."""

import re
from typing import Any

import pytest

from editorial.audit.narration import narrate_text, pseudonym
from editorial.core.states import Action, CommentaryState
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE
from editorial.locales import Label, UnknownMessage, Verbatim, catalogues

LANGUAGES = ("be", "ru", "en")
TALK = ("comment", "resolve_comment", "reopen_comment")
COMMENTARY_ACTIONS = [
    *(transition.action.value for transition in COMMENTARY_MACHINE),
    *("restore_revision", "make_preview", "date_publication"),
    *TALK,
]
TASK_ACTIONS = [
    *(transition.action.value for transition in TASK_MACHINE),
    *("open", "expire", "restore_revision"),
    *TALK,
]
EVERYTHING = [
    *(("commentary", action) for action in COMMENTARY_ACTIONS),
    *(("translation_task", action) for action in TASK_ACTIONS),
]
WORDS_FOR_REVISION_7 = {"be": "версія 7", "ru": "версия 7", "en": "revision 7"}
WORDS_FOR_INTO_BELARUSIAN = {
    "be": "пераклад на беларускую мову",
    "ru": "перевод на белорусский язык",
    "en": "translation into Belarusian",
}
WORDS_FOR_READY = {
    "be": "Каментарый гатовы да публікацыі.",
    "ru": "Комментарий готов к публикации.",
    "en": "The commentary is ready for publication.",
}
WORDS_FOR_BOTH = {
    "be": "мовы: беларуская, англійская",
    "ru": "языки: белорусский, английский",
    "en": "languages: Belarusian, English",
}


def sentence(kind: str, action: str, language: str, *, who: str, **told: Any) -> str:
    """A step on a text, in a language."""
    return narrate_text(kind, action, who=Verbatim(who), **told).in_(language)


def keys(family: str) -> list[str]:
    """The last word of each key of a family, in the order of the catalogue."""
    own = catalogues.read_catalogue("en")
    return [key.removeprefix(f"{family}.") for key in own if re.fullmatch(rf"{family}\.[a-z_]+", key)]


PSEUDONYMS = keys("pseudonym")


def is_in_its_script(words: str, language: str) -> bool:
    """Whether the letters are those of the language, and none of its sister's."""
    match language:
        case "be":
            return not re.search(r"[A-Za-zищъИЩЪ]", words)
        case "ru":
            return not re.search(r"[A-Za-zіўІЎ’]", words)
        case _:
            return not re.search(r"[А-Яа-яЁёІіЎў]", words)


def test_there_are_words_for_the_actions_of_the_machines_and_of_the_system_and_no_others() -> None:
    assert set(keys("history.commentary")) == set(COMMENTARY_ACTIONS)
    assert set(keys("history.translation_task")) == set(TASK_ACTIONS)
    assert keys("history.reached") == list(CommentaryState)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("machine", "action"), EVERYTHING)
def test_every_action_is_a_sentence_signed_by_who_took_it(machine: str, action: str, language: str) -> None:
    said = sentence(machine, action, language, who="7")
    assert re.fullmatch(r"[A-ZА-ЯЁІЎ][^{}()]{5,}\. — 7", said)
    assert is_in_its_script(said, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("machine", "actions"), [("commentary", COMMENTARY_ACTIONS), ("translation_task", TASK_ACTIONS)]
)
def test_no_two_actions_of_a_machine_are_told_alike(machine: str, actions: list[str], language: str) -> None:
    said = {sentence(machine, action, language, who="7") for action in actions}
    assert len(said) == len(actions)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", TASK_ACTIONS)
def test_a_task_is_told_with_its_language_revision_and_what_it_did_to_the_commentary(
    action: str, language: str
) -> None:
    said = sentence(
        "translation_task",
        action,
        language,
        who="7",
        task_language="be",
        revision=7,
        new_state="ready",
    )
    assert WORDS_FOR_INTO_BELARUSIAN[language] in said
    assert f"({WORDS_FOR_REVISION_7[language]})." in said
    assert said.endswith(f" {WORDS_FOR_READY[language]} — 7")
    assert is_in_its_script(said, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", COMMENTARY_ACTIONS)
def test_a_commentary_is_told_with_its_languages_revision_and_new_state(action: str, language: str) -> None:
    said = sentence(
        "commentary",
        action,
        language,
        who="7",
        revision=7,
        new_state="ready",
        languages=["be", "en"],
    )
    details = f"({WORDS_FOR_BOTH[language]}; {WORDS_FOR_REVISION_7[language]})."
    assert said.endswith(f" {details} {WORDS_FOR_READY[language]} — 7")
    assert is_in_its_script(said, language)


@pytest.mark.parametrize("state", list(CommentaryState))
def test_a_state_is_told_unless_the_action_always_leads_there(state: CommentaryState) -> None:
    surprising = sentence("commentary", "retract", "en", who="7", new_state=state)
    assert Label("history.reached", state).in_("en") in surprising
    always_there = {
        CommentaryState.DRAFT: "recall",
        CommentaryState.IN_REVIEW: "submit",
        CommentaryState.PUBLISHED: "publish",
        CommentaryState.DISCARDED: "discard",
    }
    if state in always_there:
        plain = sentence("commentary", always_there[state], "en", who="7")
        assert sentence("commentary", always_there[state], "en", who="7", new_state=state) == plain


@pytest.mark.parametrize(
    ("language", "story"),
    [
        (
            "be",
            [
                "Тэкст адпраўлены на праверку (версія 3). — Ганна",
                "Тэкст прачытаны і ўхвалены (версія 3). Каментарый перададзены ў пераклад. — Ганна",
                "Адкрыта заданне: пераклад на англійскую мову. — Ганна",
                "Прачытаны і прыняты пераклад на англійскую мову (версія 2)."
                " Каментарый гатовы да публікацыі. — Ганна",
                "Час выйшаў: пераклад на рускую мову зноў у чарзе, тэкст захаваны. — Ганна",
                "Тэкст зняты з публікацыі (мова: руская). — Ганна",
            ],
        ),
        (
            "ru",
            [
                "Текст отправлен на проверку (версия 3). — Ганна",
                "Текст прочитан и одобрен (версия 3). Комментарий передан в перевод. — Ганна",
                "Открыто задание: перевод на английский язык. — Ганна",
                "Прочитан и принят перевод на английский язык (версия 2)."
                " Комментарий готов к публикации. — Ганна",
                "Время вышло: перевод на русский язык снова в очереди, текст сохранён. — Ганна",
                "Текст снят с публикации (язык: русский). — Ганна",
            ],
        ),
        (
            "en",
            [
                "The text was submitted for review (revision 3). — Ганна",
                "The text was read and approved (revision 3). The commentary went into translation. — Ганна",
                "A task was opened: translation into English. — Ганна",
                "The translation into English was read and accepted (revision 2)."
                " The commentary is ready for publication. — Ганна",
                "Time ran out: the translation into Russian is back in the queue, its text is kept. — Ганна",
                "The text was retracted (language: Russian). — Ганна",
            ],
        ),
    ],
)
def test_a_story_reads_well(language: str, story: list[str]) -> None:
    task = "translation_task"
    assert [
        sentence("commentary", "submit", language, who="Ганна", revision=3, new_state="in_review"),
        sentence("commentary", "approve", language, who="Ганна", revision=3, new_state="in_translation"),
        sentence(task, "open", language, who="Ганна", task_language="en"),
        sentence(task, "accept", language, who="Ганна", task_language="en", revision=2, new_state="ready"),
        sentence(task, "expire", language, who="Ганна", task_language="ru"),
        sentence("commentary", "retract", language, who="Ганна", languages=["ru"]),
    ] == story


@pytest.mark.parametrize("who", ["{translation}", "Hanna {0}", "100 %", "O’Neil \\1", "de Vries"])
def test_a_name_is_taken_as_it_is(who: str) -> None:
    assert sentence("translation_task", "claim", "en", who=who).endswith(f". — {who}")


def test_a_task_language_named_beside_a_commentary_is_told_among_its_languages() -> None:
    said = sentence("commentary", "add_language", "en", who="7", task_language="en")
    assert said == "The list of target languages was extended (language: English). — 7"
    twice = sentence("commentary", "add_language", "en", who="7", task_language="en", languages=["en"])
    assert twice == said


@pytest.mark.parametrize("action", ["erase", "", "claim"])
def test_what_has_no_words_is_not_talked_around(action: str) -> None:
    with pytest.raises(UnknownMessage):
        sentence("commentary", action, "en", who="7")


def test_a_state_or_machine_that_does_not_exist_has_no_words() -> None:
    with pytest.raises(UnknownMessage):
        sentence("commentary", Action.APPROVE, "en", who="7", new_state="finished")
    with pytest.raises(UnknownMessage):
        sentence("edition", Action.APPROVE, "en", who="7")


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_not_named_has_a_word_of_the_language(language: str) -> None:
    said = [pseudonym(role).in_(language) for role in PSEUDONYMS]
    assert len(set(said)) == len(said)
    for word in said:
        assert word
        assert word == word.lower()
        assert is_in_its_script(word, language)


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("author", ("аўтар", "автор", "the author")),
        ("contributor", ("суаўтар", "соавтор", "a contributor")),
        ("coordinator", ("каардынатар", "координатор", "a coordinator")),
        (
            "translator",
            (
                "перакладчык на беларускую мову",
                "переводчик на белорусский язык",
                "a translator into Belarusian",
            ),
        ),
        ("system", ("сістэма", "система", "the system")),
        ("you", ("вы", "вы", "you")),
    ],
)
def test_only_a_translator_is_told_by_their_language(role: str, said: tuple[str, ...]) -> None:
    assert tuple(pseudonym(role, task_language="be").in_(language) for language in LANGUAGES) == said


def test_a_role_that_does_not_exist_has_no_word() -> None:
    with pytest.raises(UnknownMessage):
        pseudonym("editor").in_("en")
