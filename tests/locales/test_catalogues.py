"""The catalogues hold the same messages, complete, each in its own script, and code uses all of them."""

import ast
import gettext
import re
import shutil
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from editorial.locales import FALLBACK, Message, catalogues, in_every_language, languages, messages, render
from scripts import in_script

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "editorial"
FOLDER = SOURCE / "locales"
COMPLETE = ("be", "en", "ru")
"""The languages in which nothing may be missing. Another language may be under way."""


@cache
def texts(language: str) -> dict[str, catalogues.Text]:
    return catalogues.read_catalogue(language)


def files_of(language: str) -> list[Path]:
    return sorted((FOLDER / language).glob("*.po"))


def places(text: str) -> set[str]:
    """The named places of a text. A place without a name, or with a format, is a fault."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            assert re.fullmatch(r"[a-z_]+", name), f"{text}: {{{name}}}"
            assert not form, text
            assert conversion is None, text
            found.add(name)
    return found


def missing(language: str) -> list[str]:
    """The messages that a language lacks."""
    inherited = [one for one in catalogues.parents(language) if one != FALLBACK or language == FALLBACK]
    own = {key for one in inherited for key in catalogues.read_catalogue(one)}
    return sorted(key for key in texts(FALLBACK) if key not in own)


class Use:
    """What the code says: the keys that it names, and patterns of those that it puts together."""

    def __init__(self) -> None:
        self.named: set[str] = set()
        self.made: list[re.Pattern[str]] = []
        self.calls: list[tuple[str, str, set[str]]] = []
        for file in sorted(SOURCE.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                self._look_at(node, file.name)

    def _look_at(self, node: ast.AST, file: str) -> None:
        match node:
            case ast.Constant(value=str(value)):
                self.named.add(value)
            case ast.JoinedStr(values=[ast.Constant(value=str(first)), *_]) if re.match(r"[a-z-]+\.", first):
                self.made.append(re.compile("".join(self._pattern(one) for one in node.values)))
            case ast.Call(func=ast.Name(id="Message"), args=[ast.Constant(value=str(key))]):
                given = {one.arg for one in node.keywords}
                if None not in given:
                    self.calls.append((file, key, {str(name) for name in given}))
            case ast.Call(func=ast.Name(id="Label"), args=[ast.Constant(value=str(family)), *_]):
                self.made.append(re.compile(re.escape(family) + r"\.[a-z_-]+(\.in)?"))
            case _:
                pass

    @staticmethod
    def _pattern(part: ast.expr) -> str:
        return re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[A-Za-z0-9_-]+"

    def uses(self, key: str) -> bool:
        return key in self.named or any(pattern.fullmatch(key) for pattern in self.made)


@pytest.fixture(scope="module")
def use() -> Use:
    return Use()


def test_each_complete_language_has_a_catalogue() -> None:
    assert set(COMPLETE) <= set(languages())


@pytest.mark.parametrize("language", [one for one in languages() if one in COMPLETE])
def test_no_message_is_missing(language: str) -> None:
    assert missing(language) == [], f"src/editorial/locales/{language} lacks what English has"


@pytest.mark.parametrize("language", [one for one in languages() if one != FALLBACK])
def test_no_message_is_unknown_to_english(language: str) -> None:
    # The forms of a language's name are needed where a language inflects them.
    own = {key for key in texts(language) if not re.fullmatch(r"language\.[A-Za-z-]+\.[a-z]+", key)}
    assert sorted(own - texts(FALLBACK).keys()) == []


@pytest.mark.parametrize("language", languages())
def test_a_message_is_in_a_file_of_the_same_name_in_each_language(language: str) -> None:
    def homes(of: str) -> dict[str, str]:
        return {
            key: file.name
            for file in files_of(of)
            for key in re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
        }

    english = homes(FALLBACK)
    own = homes(language)
    assert {key: home for key, home in own.items() if english.get(key, home) != home} == {}


@pytest.mark.parametrize("language", languages())
def test_no_key_is_there_twice_and_none_is_empty(language: str) -> None:
    written = [
        key
        for file in files_of(language)
        for key in re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert sorted(written) == sorted(texts(language))


@pytest.mark.parametrize("language", languages())
def test_a_message_has_the_same_places_in_each_language(language: str) -> None:
    differ = {}
    for key, text in texts(language).items():
        if key in texts(FALLBACK):
            english = {place for form in texts(FALLBACK)[key].forms for place in places(form)}
            own = {place for form in text.forms for place in places(form)}
            if own - {"count"} != english - {"count"}:
                differ[key] = (own, english)
    assert differ == {}


@pytest.mark.parametrize("language", COMPLETE)
def test_a_message_is_written_in_the_script_of_its_language(language: str) -> None:
    wrong = [
        f"{key}: {form}"
        for key, text in texts(language).items()
        for form in text.forms
        # A pattern of a date is read by a program.
        if not key.startswith("pattern.") and not in_script(form, language)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_a_message_with_a_number_has_a_form_for_each_plural(language: str) -> None:
    for file in files_of(language):
        written = file.read_text(encoding="utf-8")
        found = re.search(r"nplurals=(\d)", written)
        assert found, f"{file} does not say which plurals the language has"
        needed = int(found[1])
        for block in re.findall(r'^msgid_plural .*\n((?:msgstr\[\d\] ".*"\n)+)', written, re.MULTILINE):
            assert block.count("msgstr[") == needed, f"{file}: {block}"


def test_the_plurals_of_a_language_are_those_of_its_grammar() -> None:
    def forms(language: str) -> list[int]:
        header = files_of(language)[0].read_text(encoding="utf-8")
        rule = re.search(r"plural=(.+?);", header)
        assert rule
        plural = gettext.c2py(rule[1])
        return [plural(count) for count in (0, 1, 2, 5, 11, 12, 21, 22, 25, 101, 111, 112)]

    slavic = [2, 0, 1, 2, 2, 2, 0, 1, 2, 0, 2, 2]
    assert forms("be") == slavic
    assert forms("ru") == slavic
    assert forms("en") == [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def test_every_message_is_used_by_the_code(use: Use) -> None:
    assert [key for key in texts(FALLBACK) if not use.uses(key)] == []


def test_every_message_that_the_code_names_is_there_and_gets_its_parameters(use: Use) -> None:
    faults = []
    for file, key, given in use.calls:
        text = texts(FALLBACK).get(key)
        if text is None:
            faults.append(f"{file}: {key} is in no catalogue")
            continue
        needed = {place for form in text.forms for place in places(form)}
        if needed - {"count"} != given - {"count"} or (text.plural and "count" not in given):
            faults.append(f"{file}: {key} needs {sorted(needed)} and gets {sorted(given)}")
    assert faults == []


@pytest.fixture
def with_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The catalogues with a folder for Latvian beside them that has one file."""
    shutil.copytree(FOLDER, tmp_path / "locales")
    folder = tmp_path / "locales" / "lv"
    folder.mkdir()
    (folder / "formats.po").write_text(
        (FOLDER / "ru" / "formats.po").read_text(encoding="utf-8").replace("Language: ru", "Language: lv"),
        encoding="utf-8",
    )
    cached = (
        catalogues.languages,
        catalogues.nearest,
        catalogues.lookup,
        catalogues._own,
        catalogues._complete,
        messages._plain,
        messages._language_name,
        texts,
    )
    monkeypatch.setattr(catalogues, "_folder", lambda: tmp_path / "locales")
    for one in cached:
        one.cache_clear()
    yield folder
    monkeypatch.undo()
    for one in cached:
        one.cache_clear()


def test_a_language_is_added_by_a_folder_and_takes_what_it_lacks_from_english(with_another: Path) -> None:
    assert {*COMPLETE, "lv"} <= set(languages())
    into = Message("language.into", language="X")
    assert render(into, "lv-LV") == render(into, "en")
    assert in_every_language(into)["lv"] == render(into, "en")
    assert "language.into" in missing("lv")
    assert "list.comma" not in missing("lv")
