"""Each action that the code can write into the trail has a sentence, in three languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from editorial.audit.narration import has_words, narrate_other
from editorial.core.states import Action
from editorial.database.access import ObjectKind
from editorial.locales import Translated, Verbatim, catalogues
from editorial.web.refused import RELEASING

ROOT = Path(__file__).parents[2]
LANGUAGES = ("be", "ru", "en")
TEXTS = {"commentary", "translation_task"}
FAMILIES = [
    found.groups()
    for key in catalogues.read_catalogue("en")
    if (found := re.fullmatch(r"history\.([a-z_]+)\.([a-z_]+)", key))
]
REFUSED = {action for family, action in FAMILIES if family == "refused"}
EVERY_STEP = [
    (kind, action) for kind, action in FAMILIES if kind not in TEXTS | {"refused", "reached", "detail"}
]

FOUND_AT_RUN_TIME = {
    # The action that a transition's body names: those of the machines, whose words test_narration holds.
    ("transitions.py", "step.action"),
    ("task_writes.py", "change.action"),
    # The same, once it is decided.
    ("access.py", "decision.action"),
    # Its callers name it: `Action.EDIT`, "restore_revision".
    ("views.py", "action"),
    # A refusal: `refusals()` below holds its words.
    ("refused.py", "refused.action"),
    # Which members a patch has: `ACTION_OF_FIELD`, whose values are actions of the machine.
    ("edit.py", "wanted[0]"),
    ("tasks.py", "wanted[0]"),
}
"""What the code computes, and where its words are held to be whole."""

OBJECTS_FOUND_AT_RUN_TIME = {
    ("comments.py", "on"): TEXTS,
    ("access.py", "decision.on"): TEXTS,
    ("refused.py", "refused.kind"): TEXTS,
}
"""What a step is taken on, where the code computes it."""

NEVER_WRITTEN = {"refuse"}
"""A body that names no action is refused before anything is written."""


def say(kind: str, action: str, language: str, *, who: str, account: str | None = None, **told: Any) -> str:
    """A step, in a language."""
    whose = None if account is None else Verbatim(account)
    return narrate_other(kind, action, who=Verbatim(who), account=whose, **told).in_(language)


def steps() -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Every call that writes: the file, the action and the kind of object."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == "Decision":
                given = {one.arg: one.value for one in node.keywords}
                yield path.name, given["action"], given["on"]
            if not isinstance(node.func, ast.Attribute):
                continue
            place = {"write": 1, "step": 2}.get(node.func.attr)
            if place is not None and len(node.args) > place + 1:
                yield path.name, node.args[place], node.args[place + 1]


def actions_of(file: str, node: ast.expr) -> set[str]:
    """What an expression for an action can be."""
    match node:
        case ast.Constant(value=str(action)):
            return {action}
        case ast.Attribute(value=ast.Name(id="Action"), attr=name):
            return {Action[name].value}
        case ast.IfExp():
            return actions_of(file, node.body) | actions_of(file, node.orelse)
        case ast.BoolOp():
            return {action for one in node.values for action in actions_of(file, one)}
        case _:
            assert (file, ast.unparse(node)) in FOUND_AT_RUN_TIME, f"{file}: {ast.unparse(node)}"
            return set()


def written() -> set[tuple[str, str]]:
    """Every kind of object and action that the code can write."""
    found = set()
    for file, action, on in steps():
        kinds = OBJECTS_FOUND_AT_RUN_TIME.get((file, ast.unparse(on)))
        if kinds is None:
            assert isinstance(on, ast.Attribute), f"{file}: {ast.unparse(on)}"
            kinds = {ObjectKind[on.attr].value}
        found |= {(kind, one) for kind in kinds for one in actions_of(file, action) - NEVER_WRITTEN}
    for path in (ROOT / "sql").rglob("*.sql"):
        by_hand = re.findall(r'"action": "(\w+)"', path.read_text(encoding="utf-8"))
        found |= {("none", action) for action in by_hand}
    return found | {("person", action) for action in told_by_the_database()}


def told_by_the_database() -> set[str]:
    """The actions that a trigger names, for what coordinators hear of accounts."""
    [function] = [
        found[1]
        for path in (ROOT / "sql" / "migrations").glob("*.sql")
        for found in re.finditer(
            r"create function tell_coordinators\(\)(.*?)\$\$;", path.read_text(encoding="utf-8"), re.DOTALL
        )
    ]
    return set(re.findall(r"(?:then|else)\s+'(\w+)'", function))


def refusals() -> set[str]:
    """What can be written of a refusal: by the pipeline, and by the database where there were too many."""
    texts = (
        (ROOT / "src/editorial/web/refused.py").read_text(encoding="utf-8"),
        (ROOT / "sql" / "migrations" / "0001_audit.sql").read_text(encoding="utf-8"),
    )
    named = {one for text in texts for one in re.findall(r"[\"']([a-z_]+_refused)[\"']", text)}
    return named | {f"{step}_refused" for step in RELEASING}


def test_every_refusal_has_its_words_and_no_words_are_without_a_refusal() -> None:
    assert refusals() == REFUSED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", sorted(REFUSED))
def test_every_refusal_is_a_sentence_in_its_script(action: str, language: str) -> None:
    said = say("commentary", action, language, who="7")
    assert re.fullmatch(r"[A-ZА-ЯЁІЎ][^{}()]{4,}\. — 7", said)
    letters = {"be": r"[A-Za-zищъИЩЪ]", "ru": r"[A-Za-zіўІЎ’]", "en": r"[А-Яа-яЁёІіЎў]"}
    assert not re.search(letters[language], said)


def test_no_action_that_the_code_can_write_lacks_its_words() -> None:
    found = written()
    assert len(found) > 30
    assert not {(kind, action) for kind, action in found if not has_words(kind, action)}


def test_there_are_no_words_for_what_nobody_writes() -> None:
    assert not set(EVERY_STEP) - written()
    assert {kind for kind, _ in EVERY_STEP} <= set(ObjectKind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "action"), EVERY_STEP)
def test_every_deed_is_a_sentence_in_its_script(kind: str, action: str, language: str) -> None:
    said = say(kind, action, language, who="7")
    assert re.fullmatch(r"[A-ZА-ЯЁІЎ][^{}()]{4,}\. — 7", said)
    letters = {"be": r"[A-Za-zищъИЩЪ]", "ru": r"[A-Za-zіўІЎ’]", "en": r"[А-Яа-яЁёІіЎў]"}
    assert not re.search(letters[language], said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_deeds_on_one_kind_of_thing_are_told_alike(language: str) -> None:
    for kind in {kind for kind, _ in EVERY_STEP}:
        actions = [action for other, action in EVERY_STEP if other == kind]
        assert len({say(kind, action, language, who="7") for action in actions}) == len(actions)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "be",
            "Уліковы запіс зменены (уліковы запіс: Вера Д.; дададзена: каардынатар, беларуская;"
            " забрана: перакладчык). — Адам Р.",
        ),
        (
            "ru",
            "Учётная запись изменена (учётная запись: Вера Д.; добавлено: координатор, белорусский;"
            " отнято: переводчик). — Адам Р.",
        ),
        (
            "en",
            "The account was changed (account: Вера Д.; added: coordinator, Belarusian;"
            " taken away: translator). — Адам Р.",
        ),
    ],
)
def test_a_change_of_roles_says_which(language: str, said: str) -> None:
    told = say(
        "person",
        "change_person",
        language,
        who="Адам Р.",
        account="Вера Д.",
        added=["coordinator", "be"],
        taken=["translator"],
    )
    assert told == said


def test_a_step_by_hand_is_told_by_its_name() -> None:
    assert say(
        "section", "merge", "en", who="the system", section=Translated("economy", {"en": "Economy"})
    ) == ("A step was taken: “merge” (section: Economy). — the system")
