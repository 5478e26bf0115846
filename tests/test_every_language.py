"""Every sentence of every operation is in the language that was asked for, and holds no word of the machines.

What is a sentence, the types of the answers say: each place that holds a message. A walk calls everything that
succeeds, and what can be read is read in the other languages too; then each operation is asked for in ways that it
refuses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import inspect as kinds

from conftest import address
from editorial.app import app_without_database
from editorial.locales import Message
from editorial.web import Problem
from editorial.web.openapi.found import has_messages
from editorial.web.openapi.routes import Route, routes
from newsroom import Newsroom
from scripts import in_script
from walk import NAMES, name_of, take_a_walk

LANGUAGES = ("be", "ru", "en")
OPERATIONS: dict[str, Route] = {str(route.handler.name): route for route in routes(app_without_database())}
WRITTEN_BY_PEOPLE = {"expected", "found", "text", "display_name", "name", "email", "note", "byline", "title"}
"""Members whose words people wrote: a sentence may quote them."""
PEOPLE = [*(name for _, name in NAMES.values()), "Зміцер Ю."]
NOWHERE = "01900000-0000-7000-8000-000000000000"
IN_AN_ADDRESS = {"week": "2024-W30", "language": "be", "number": "1", "slug": "nowhere", "key": "nowhere"}


def sentences(value: Any, kind: kinds.Type) -> Iterator[str]:
    """The words in each place of an answer that holds a message."""
    match kind:
        case kinds.CustomType() if issubclass(kind.cls, Message) and isinstance(value, str):
            yield value
        case kinds.Metadata():
            yield from sentences(value, kind.type)
        case kinds.StructType() if isinstance(value, dict) and kind.tag in {None, value.get(kind.tag_field)}:
            for member in kind.fields:
                if member.encode_name in value:
                    yield from sentences(value[member.encode_name], member.type)
        case kinds.UnionType():
            for one in kind.types:
                yield from sentences(value, one)
        case kinds.CollectionType() if isinstance(value, list):
            for item in value:
                yield from sentences(item, kind.item_type)
        case kinds.DictType() if isinstance(value, dict):
            for item in value.values():
                yield from sentences(item, kind.value_type)
        case _:
            pass


@cache
def type_of(kind: Any) -> kinds.Type:
    return kinds.type_info(kind)


def quoted_in(value: Any, member: str = "") -> Iterator[str]:
    """What people wrote, in an answer."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from quoted_in(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from quoted_in(one, member)
    elif isinstance(value, str) and member in WRITTEN_BY_PEOPLE:
        yield value


@dataclass
class Heard:
    """What was said, and what was wrong with it."""

    faults: dict[str, str] = field(default_factory=dict)
    said: dict[str, set[str]] = field(default_factory=lambda: {language: set() for language in LANGUAGES})
    operations: set[str] = field(default_factory=set)

    def hear(self, name: str, language: str, answer: httpx.Response) -> None:
        """Look at an answer that was asked for in a language."""
        route = OPERATIONS.get(name)
        if answer.status_code >= 400:
            found = list(sentences(answer.json(), type_of(Problem)))
            assert found, name
        elif route is None or route.gives is None or not has_messages(route.gives):
            return
        else:
            form = answer.headers["Content-Type"].partition(";")[0]
            lines = answer.text.splitlines() if form == "application/jsonl" else [answer.text]
            kind = type_of(route.gives)
            if form == "application/jsonl":
                kind = next(one for one in everything_in(kind) if isinstance(one, kinds.StructType))
            found = [words for line in lines for words in sentences(msgspec.json.decode(line), kind)]
        if not found:
            return
        self.operations.add(name)
        assert answer.headers["Content-Language"] == language, name
        quoted = [*PEOPLE]
        if answer.status_code < 400 and answer.headers["Content-Type"].startswith("application/json"):
            quoted += quoted_in(answer.json())
        for words in found:
            self.said[language].add(words)
            fault = wrong_with(words, language, quoted)
            if fault:
                self.faults[f"{name} in {language}: {words}"] = fault


def everything_in(kind: kinds.Type) -> Iterator[kinds.Type]:
    yield kind
    if isinstance(kind, kinds.UnionType):
        for one in kind.types:
            yield from everything_in(one)
    if isinstance(kind, kinds.CollectionType):
        yield from everything_in(kind.item_type)


def wrong_with(words: str, language: str, quoted: list[str]) -> str | None:
    """What is wrong with a sentence: another language, a machine's word, a place that nothing was put in."""
    for one in sorted(quoted, key=len, reverse=True):
        words = words.replace(one, "") if len(one) > 1 else words
    if not in_script(words, language):
        return "another language"
    if re.search(r"\{[a-z_]*\}", words):
        return "an empty place"
    if re.search(r"\b[a-z]+_[a-z_]+\b", re.sub(r"`[^`]*`", "", words)):
        return "a word of the machines"
    if re.search(r"\(\?|\\[dwsS]|\[\^?[A-Za-z0-9]-|\[a-z", words):
        return "a regular expression"
    return None


@pytest.mark.parametrize(
    ("words", "language", "fault"),
    [
        ("Тэкст адпраўлены на праверку. — Ганна С.", "be", None),
        ("Текст прочитан и одобрен.", "be", "another language"),
        ("Тэкст адпраўлены на праверку.", "ru", "another language"),
        ("The text was submitted.", "ru", "another language"),
        ("Дашліце `If-Match`.", "be", None),
        ("The state is in_review.", "en", "a word of the machines"),
        ("The state is {state}.", "en", "an empty place"),
        ("It has to match ^[a-z]+$.", "en", "a regular expression"),
    ],
)
def test_a_sentence_that_is_wrong_is_found(words: str, language: str, fault: str | None) -> None:
    assert wrong_with(words, language, PEOPLE) == fault


async def test_what_succeeds_speaks_the_language_that_was_asked_for(
    own_database: str, tmp_path: Path
) -> None:
    heard = Heard()
    turn = cycle(LANGUAGES)

    async def ask(request: httpx.Request) -> None:
        request.headers["Accept-Language"] = next(turn)

    async def listen(answer: httpx.Response) -> None:
        await answer.aread()
        request = answer.request
        name = name_of(request).partition(": ")[0]
        heard.hear(name, request.headers["Accept-Language"], answer)
        if request.method == "GET" and name in OPERATIONS and not OPERATIONS[name].is_cached:
            async with httpx.AsyncClient() as client:
                for language in LANGUAGES:
                    headers = {**request.headers, "accept-language": language}
                    heard.hear(name, language, await client.get(request.url, headers=headers))

    url = address(own_database, own_database.rpartition("/")[2].partition("?")[0], "editorial_app")
    await take_a_walk(own_database, url, tmp_path, before=ask, after=listen)
    assert heard.faults == {}
    assert all(len(words) > 50 for words in heard.said.values())
    speaking = {name for name, route in OPERATIONS.items() if route.gives and has_messages(route.gives)}
    # All of the walk's week goes live, so that nothing is left to be explained.
    assert speaking - heard.operations == {"publish_week"}


def filled(path: str) -> str:
    """An address that leads to nothing."""
    return re.sub(r"\{(\w+)\}", lambda one: IN_AN_ADDRESS.get(one[1], NOWHERE), path)


def bad_bodies(route: Route) -> Iterator[dict[str, Any]]:
    """Requests with a body that the operation refuses, each for another reason."""
    if route.takes is not None:
        yield {"json": {"bogus": 1}}
        members = getattr(route.takes, "__struct_fields__", ())
        for wrong in (1, "", ["x" * 3000, None]):
            yield {"json": dict.fromkeys(members, wrong)}


def bad_forms(route: Route) -> Iterator[dict[str, Any]]:
    """Requests that are refused for their form, which is the same for all operations."""
    yield {"params": {"no_such_parameter": "1"}}
    yield {"headers": {"Idempotency-Key": "two words"}}
    yield {"headers": {"Accept": "image/png"}}
    if "limit" in route.parameters:
        yield {"params": {"limit": "0", "cursor": "nonsense"}}
    if "if_match" in route.parameters:
        yield {"headers": {"If-Match": "*"}}
    if route.takes is not None:
        yield {"json": []}
        yield {"content": b"{", "headers": {"Content-Type": "application/json"}}
        yield {"content": b"x", "headers": {"Content-Type": "text/plain"}}


@pytest.fixture
async def readers(newsroom: Newsroom) -> list[dict[str, str]]:
    """Give the headers of nobody and of one person of each kind."""
    kinds_of_people = ("analyst", "coordinator", "translator_be", "administrator")
    tokens = [newsroom.people[who].token for who in kinds_of_people]
    return [{}, *({"Authorization": f"Bearer {token}"} for token in tokens)]


async def test_what_is_refused_says_why_in_the_language_that_was_asked_for(
    newsroom: Newsroom, readers: list[dict[str, str]]
) -> None:
    heard = Heard()
    ends_the_session = {"sign_out", "end_all_sessions"}

    async def ask(name: str, language: str, one: dict[str, Any]) -> None:
        route = OPERATIONS[name]
        headers = {**one.get("headers", {}), "Accept-Language": language}
        answer = await newsroom.client.request(
            route.method, filled(route.path), **{**one, "headers": headers}
        )
        if answer.status_code >= 400:
            of_its_address = "be" if "{language}" in route.path else "en"
            heard.hear(name, of_its_address if route.path.startswith("/v1/published") else language, answer)

    turn = cycle(LANGUAGES)
    for name in OPERATIONS.keys() - ends_the_session:
        route = OPERATIONS[name]
        coordinator = readers[2]
        for language in LANGUAGES:
            for headers in readers:
                await ask(name, language, {"headers": headers})
            for one in bad_bodies(route):
                await ask(name, language, {**one, "headers": coordinator})
        for one in bad_forms(route):
            await ask(name, next(turn), {**one, "headers": {**coordinator, **one.get("headers", {})}})
    assert heard.faults == {}
    assert heard.operations == OPERATIONS.keys() - ends_the_session
