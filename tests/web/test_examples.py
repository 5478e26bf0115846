"""The answers that the document shows: recorded from a walk over real HTTP, and each as its schema has it.

`make examples` records them anew: what is different in each walk (ids, times, secrets) is put into a form
that is the same each time.
"""

import os
import random
import re
import string
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
import pytest
import yaml

from conftest import address
from described import DOCUMENT
from walk import name_of, take_a_walk

RECORDED = Path(__file__).parents[2] / "openapi" / "answers.yaml"
WRITES = "EXAMPLES" in os.environ
ACTIONS = {"move_commentary": "approve", "move_translation_task": "submit"}
"""Of the operations that take an action, the one whose answer is shown."""
FIRST = {"create_commentary", "save_translation"}
"""The operations whose first answer is shown; of the others it is the last."""

MORNING = datetime(2024, 7, 24, 9, tzinfo=UTC)
"""When the walk is said to have begun."""

Json = dict[str, Any]


class Recorder:
    """Hears each answer, and keeps one of each operation."""

    def __init__(self) -> None:
        """Nothing is heard yet."""
        self._answers: dict[str, Any] = {}

    async def before(self, _: httpx.Request) -> None:
        """A request goes out."""

    async def after(self, response: httpx.Response) -> None:
        """Its answer is there."""
        await response.aread()
        name, _, action = name_of(response.request).partition(": ")
        is_shown = ACTIONS.get(name, action) == action and not (name in FIRST and name in self._answers)
        if response.content and is_shown:
            kind = response.headers["Content-Type"].partition(";")[0]
            self._answers[name] = response.json() if kind.endswith("json") else response.text

    def told(self, began: datetime) -> Json:
        """The answers, in the order of their names, in a form that does not change."""
        answers = {name: shortened(self._answers[name]) for name in sorted(self._answers)}
        disguise = Disguise(answers, began)
        return {name: disguise.of(answer) for name, answer in answers.items()}


def shortened(value: Any) -> Any:
    """A value in which no list has more than two objects, and no file of JSON more than its two shortest."""
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        kept = value[:2] if value and isinstance(value[0], dict | list) else value
        return [shortened(one) for one in kept]
    if isinstance(value, str) and value.startswith("{"):
        lines = value.splitlines(keepends=True)
        kept = sorted(lines, key=len)[:2]
        return "".join(line for line in lines if line in kept)
    return value


SECRET = {
    "access_token", "refresh_token", "token", "secret", "recovery_codes", "next_cursor", "x", "kid",
    "prefix", "device_token",
}  # fmt: skip
"""Members whose texts are different in each walk."""

UUIDS = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"
RFC_822 = r"\b\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d \+0000"
STAMPS = r"\b20\d{6}T\d{12}Z"
INSTANTS = r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
WORDS = (
    r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])",
    r"(?<=/previews/)[\w-]{40,}",
    r"(?<=/trail\+)[0-9a-f]{8}",
    r"(?<=/trail\+[0-9a-f]{8}\+)[A-Za-z0-9/+]{40,}=*",
    r"(?<![\w/+.\\-])(?!editorial/|/v1/)[A-Za-z0-9/+]{40,}=*(?![\w-])",
)
"""Hashes, tokens in addresses, names of keys, and what is written in base64."""
BLOCKS = r"[a-km-np-z2-9]{8}"


LOWER = "abcdefghjkmnpqrstuvwxyz23456789"
ALPHABETS = {
    r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}": LOWER,
    r"[0-9a-f]*": "0123456789abcdef",
    BLOCKS: LOWER,
    r"[A-Z2-7]*": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    r"[\w+/=-]*": string.ascii_letters + string.digits,
}
"""The forms that such texts have, and what each is written in; the first that fits counts."""


class Disguise:
    """What is different in each walk, with something in its place that is always the same."""

    def __init__(self, answers: Json, began: datetime) -> None:
        """Look for it all."""
        self._began = began
        self._known: dict[str, str] = {}
        for member, text in texts_in(answers):
            if member in SECRET:
                self._know(text, partial(like, text, longest=40))
            if member in {"id", "unit", "block"} and re.fullmatch(BLOCKS, text):
                self._know(text, partial(like, text))
            if text in self._known:
                continue
            for found in re.findall(UUIDS, text):
                self._know(found, partial(uuid_like, found))
            for found in [found for form in WORDS for found in re.findall(form, text)]:
                self._know(found, partial(like, found))
            for found in re.findall(INSTANTS, text):
                self._know(found, partial(self._moment, found))
            for day in (began, began - timedelta(days=1)):
                self._know(f"{day:%Y-%m-%d}", partial(always, f"{MORNING + (day - began):%Y-%m-%d}"))
            for found in re.findall(RFC_822, text):
                self._know(found, partial(always, f"{MORNING:%a, %d %b %Y %H:%M:%S +0000}"))
            for found in re.findall(STAMPS, text):
                self._know(found, partial(always, f"{MORNING:%Y%m%dT%H%M%S%fZ}"))

    def _know(self, text: str, make: Callable[[int], str]) -> None:
        if text not in self._known:
            self._known[text] = make(len(self._known))

    def _moment(self, text: str, _: int) -> str:
        """An instant of the walk, or as far from it as it was, in whole hours; another one stays."""
        passed = datetime.fromisoformat(text) - self._began
        if abs(passed) > timedelta(days=100):
            return text
        zone = re.search(r"Z$|[+-][\d:]+$", text)
        assert zone is not None
        return f"{MORNING + timedelta(hours=passed // timedelta(hours=1)):%Y-%m-%dT%H:%M:%S}{zone[0]}"

    def of(self, value: Any) -> Any:
        """A value with all of it replaced."""
        if isinstance(value, dict):
            return {self.of(name): self.of(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if isinstance(value, str):
            return self._words.sub(lambda found: self._known[found[0]], value)
        return value

    @property
    def _words(self) -> re.Pattern[str]:
        longest_first = sorted(self._known, key=lambda one: (-len(one), one))
        return re.compile("|".join(map(re.escape, longest_first)))


def texts_in(value: Any, member: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, with the name of the member that it stands in."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield "", name
            yield from texts_in(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one, member)
    elif isinstance(value, str):
        yield member, value


def always(text: str, _: int) -> str:
    """That, whichever number it has."""
    return text


def like(text: str, number: int, *, longest: int = 100) -> str:
    """Another text of the same form, if no part between points is longer: each begins as it did."""
    chance = random.Random(number)
    return ".".join(part_like(part, longest, chance) for part in text.split("."))


def part_like(part: str, longest: int, chance: random.Random) -> str:
    """A part in letters of the same alphabet."""
    kept = re.match(r"eyJ|[a-z]+_", part)
    begins = kept[0] if kept else ""
    rest = part[len(begins) :][:longest]
    alphabet = next(letters for form, letters in ALPHABETS.items() if re.fullmatch(form, rest))
    return begins + "".join(
        one if one == "=" or (one == "-" and alphabet is LOWER) else chance.choice(alphabet) for one in rest
    )


def uuid_like(text: str, number: int) -> str:
    """Another UUID of the same version; those with a time in them keep the order of the walk."""
    version = UUID(text).version
    chance = random.Random(number)
    if version == 4:
        return str(UUID(int=chance.getrandbits(128), version=4))
    moment = int(MORNING.timestamp() * 1_000) + number * 1_000
    drawn = moment << 80 | chance.getrandbits(80)
    return str(UUID(int=drawn & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62))


ANSWERS = [
    (operation["operationId"], kind, media)
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
    for status, response in operation["responses"].items()
    if status[0] == "2"
    for kind, media in response.get("content", {}).items()
]


def validator_of(schema: Json) -> Any:
    """A validator of a schema of the document that takes no member which the document does not know."""
    # Its import takes four seconds: only the process that runs these tests waits for it.
    from jsonschema import Draft202012Validator, FormatChecker

    known = {
        name: {"additionalProperties": False, **one} if "properties" in one else one
        for name, one in DOCUMENT["components"]["schemas"].items()
    }
    whole = {**schema, "components": {"schemas": known}}
    return Draft202012Validator(whole, format_checker=FormatChecker())


@pytest.mark.parametrize(("name", "kind", "media"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
def test_an_answer_has_an_example_that_is_as_its_schema_says(name: str, kind: str, media: Json) -> None:
    shown = media["example"]
    assert not [
        f"{fault.json_path}: {fault.message}; `make examples` records anew"
        for fault in validator_of(media["schema"]).iter_errors(shown)
    ]
    assert shown
    assert not isinstance(shown, dict) or shown.get("data") != []


@pytest.mark.parametrize("name", DOCUMENT["components"]["responses"])
def test_each_problem_is_shown_as_its_schema_says(name: str) -> None:
    media = DOCUMENT["components"]["responses"][name]["content"]["application/problem+json"]
    assert media["examples"]
    for code, one in media["examples"].items():
        assert not list(validator_of(media["schema"]).iter_errors(one["value"]))
        assert one["value"]["code"] == code


def test_what_is_recorded_is_of_today_s_operations_and_tells_nothing_of_where_it_was_recorded() -> None:
    written = RECORDED.read_text(encoding="utf-8")
    assert set(msgspec.yaml.decode(written)) == {name for name, _, _ in ANSWERS}
    assert not re.search(r"example\.(?!org\b)", written)
    assert not re.search(r"127\.0\.0\.1|localhost|/tmp|202[5-9]-|203\d-", written)


@pytest.fixture
async def recorded(own_database: str, tmp_path: Path) -> Json:
    """Give the answers of a walk."""
    recorder = Recorder()
    began = datetime.now(UTC)
    url = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    await take_a_walk(own_database, url, tmp_path, before=recorder.before, after=recorder.after)
    return recorder.told(began)


@pytest.mark.skipif(not WRITES, reason="it records them: `make examples`")
async def test_what_is_recorded_is_written_down(recorded: Json) -> None:
    RECORDED.write_text(yaml.safe_dump(recorded, allow_unicode=True, sort_keys=False, width=100))
