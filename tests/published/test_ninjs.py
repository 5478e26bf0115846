"""ninjs for partners: every item that anybody can get is held by the IPTC's schema.

`ninjs-3.0.json` has those parts of it that the product writes. `NINJS_SCHEMA=ninjs-schema_3.0.json` names the
IPTC's own file, and then every item here is held by the whole of it, too.
"""

import json
import os
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from newsroom import Newsroom
from reading import corrected, got, illustrated, page

SCHEMAS = [Path(__file__).parents[1] / "ninjs-3.0.json"]
if "NINJS_SCHEMA" in os.environ:
    SCHEMAS.append(Path(os.environ["NINJS_SCHEMA"]))


@cache
def checkers() -> list[Any]:
    # Its import takes four seconds: only the process that runs these tests waits for it.
    from jsonschema import Draft202012Validator

    return [
        Draft202012Validator(
            json.loads(schema.read_bytes()), format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        for schema in SCHEMAS
    ]


def check(item: dict[str, Any]) -> None:
    for checker in checkers():
        checker.validate(item)


async def items_of(newsroom: Newsroom, language: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await got(newsroom, f"/v1/published/{language}/ninjs")).json()["data"]
    for item in items:
        check(item)
    return items


async def item_of(newsroom: Newsroom, published: dict[str, Any], language: str = "en") -> dict[str, Any]:
    item: dict[str, Any] = (await got(newsroom, f"{page(published, language)}/ninjs")).json()
    check(item)
    return item


async def test_a_partner_gets_each_language_by_itself_as_the_iptc_has_it(
    newsroom: Newsroom, server: str
) -> None:
    published = await illustrated(newsroom, "be", "ru")
    for language in ("en", "be", "ru"):
        item = await item_of(newsroom, published, language)
        assert item in await items_of(newsroom, language)
        assert (item["language"], item["pubStatus"]) == (language, "usable")
        assert published["text"]["title"] in item["headlines"][0]["value"]
        assert {"role": "url", "value": server + page(published, language)} in item["altIds"]
        photo, *rest = item["associations"]
        assert (photo["name"], photo["by"]) == ("photo", "A. Photographer")
        assert {one["name"]: (one["language"], one["uri"]) for one in rest} == {
            f"translation-{other}": (other, server + page(published, other))
            for other in {"en", "be", "ru"} - {language}
        }


async def test_a_partner_is_told_of_a_correction_and_of_a_retraction(newsroom: Newsroom) -> None:
    published = await illustrated(newsroom, "be")
    before = await item_of(newsroom, published)
    note, reason = f"It was <12>, {uuid4().hex[:8]}.", f"The figures were <wrong>, {uuid4().hex[:8]}."
    published = await corrected(newsroom, published, note)
    after = await item_of(newsroom, published)
    assert note in after["edNote"]
    assert (after["uri"], after["firstCreated"]) == (before["uri"], before["firstCreated"])
    assert after["version"] > before["version"]
    await newsroom.coordinator.move(published, "retract", reason=reason, languages=["en"])
    gone = next(one for one in await items_of(newsroom, "en") if one["uri"] == before["uri"])
    assert (gone["pubStatus"], gone["edNote"]) == ("canceled", reason)
    assert gone["version"] > after["version"]
    assert published["text"]["title"] not in json.dumps(gone)
    # The other language stands, and no longer names this one.
    assert [one["name"] for one in (await item_of(newsroom, published, "be"))["associations"]] == ["photo"]


async def test_a_text_without_photo_translation_or_byline_is_an_item_too(newsroom: Newsroom) -> None:
    draft = await newsroom.a_commentary_in_translation(target_languages=[])
    item = await item_of(newsroom, await newsroom.coordinator.move(draft, "publish"))
    assert item["profile"] == "text-only"
    assert "associations" not in item
    assert "by" not in item


@pytest.mark.parametrize(
    ("pasted", "uri"),
    [
        ("https://photos.example.org/порт.jpg", "https://photos.example.org/%D0%BF%D0%BE%D1%80%D1%82.jpg"),
        (
            "https://photos.example.org/a[1]|b.jpg?w=100%",
            "https://photos.example.org/a%5B1%5D%7Cb.jpg?w=100%25",
        ),
    ],
)
async def test_a_pasted_address_of_a_photo_goes_out_as_a_uri(
    newsroom: Newsroom, pasted: str, uri: str
) -> None:
    published = await illustrated(newsroom, photo=pasted)
    photo = (await item_of(newsroom, published))["associations"][0]
    assert photo["uri"] == photo["renditions"][0]["href"] == uri
    assert (await got(newsroom, f"{page(published)}/json-ld")).json()["image"]["url"] == uri
    feed = (await got(newsroom, "/v1/published/en/feed.json")).json()["items"]
    assert next(one for one in feed if one["url"].endswith(page(published)))["image"] == uri


def unknown_member(item: dict[str, Any]) -> None:
    item["author"] = "PersonName"


def no_uri(item: dict[str, Any]) -> None:
    del item["uri"]


def a_path_for_a_uri(item: dict[str, Any]) -> None:
    item["associations"][0]["uri"] = "/порт.jpg"


def a_day_in_words(item: dict[str, Any]) -> None:
    item["versionCreated"] = "last Monday"


def a_state_of_our_own(item: dict[str, Any]) -> None:
    item["pubStatus"] = "retracted"


def a_headline_as_in_ninjs_1(item: dict[str, Any]) -> None:
    item["headline"] = item.pop("headlines")[0]["value"]


def a_body_without_text(item: dict[str, Any]) -> None:
    del item["bodies"][0]["value"]


def words_counted_in_words(item: dict[str, Any]) -> None:
    item["bodies"][0]["wordCount"] = "twelve"


def a_nameless_association(item: dict[str, Any]) -> None:
    del item["associations"][0]["name"]


@pytest.mark.parametrize(
    "spoil",
    [
        unknown_member,
        no_uri,
        a_path_for_a_uri,
        a_day_in_words,
        a_state_of_our_own,
        a_headline_as_in_ninjs_1,
        a_body_without_text,
        words_counted_in_words,
        a_nameless_association,
    ],
)
async def test_a_broken_item_would_be_refused(
    newsroom: Newsroom, spoil: Callable[[dict[str, Any]], None]
) -> None:
    item = await item_of(newsroom, await illustrated(newsroom))
    broken = deepcopy(item)
    spoil(broken)
    for checker in checkers():
        assert checker.is_valid(item)
        assert not checker.is_valid(broken)
