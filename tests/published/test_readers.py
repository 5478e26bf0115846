"""JSON Feed and JSON-LD, read by programs that know nothing of this product."""

import asyncio
from html import escape
from typing import Any
from uuid import uuid4

import fastfeedparser
import pytest

from newsroom import Newsroom
from reading import PHOTO, corrected, got, illustrated, page
from vocabulary import SCHEMA, TYPE, faults, triples


async def entries(feed: str) -> dict[str, Any]:
    """The entries of a feed by their id, as somebody else's program fetches and reads them."""
    read = await asyncio.to_thread(fastfeedparser.parse, feed)
    found = {one["id"]: one for one in read["entries"]}
    assert len(found) == len(read["entries"])
    return found


@pytest.mark.parametrize("name", ["feed.json", "sections/economy/feed.json"])
async def test_a_feed_reader_gets_text_correction_and_retraction_from_the_json_feed(
    newsroom: Newsroom, server: str, name: str
) -> None:
    feed = f"{server}/v1/published/en/{name}"
    published = await illustrated(newsroom, "be")
    title = published["text"]["title"]
    note, reason = f"It was 12 & not 21, {uuid4().hex[:8]}.", f"It was <wrong>, {uuid4().hex[:8]}."
    id, first = next((id, one) for id, one in (await entries(feed)).items() if one["title"] == title)
    assert first["link"] == server + page(published)
    assert first["description"] == "Prices held & so on."
    assert (first["image"], first["content"][0]["type"]) == (PHOTO["url"], "text/html")
    assert "<strong>12 %</strong>" in first["content"][0]["value"]
    assert [one["term"] for one in first["tags"]] == ["Economy", "Worse"]

    published = await corrected(newsroom, published, note)
    after = (await entries(feed))[id]
    assert "not 21" in after["content"][0]["value"]
    assert after["published"] == first["published"] == first["updated"] <= after["updated"]

    await newsroom.coordinator.move(published, "retract", reason=reason, languages=["en"])
    gone = (await entries(feed))[id]
    assert (gone["title"], gone["link"], gone["links"]) == ("Retracted", "", [])
    assert gone["content"][0]["value"] == f"<p>{escape(reason)}</p>"


@pytest.mark.parametrize("language", ["be", "ru", "en"])
async def test_a_feed_reader_finds_the_same_in_each_form_of_a_feed(
    newsroom: Newsroom, server: str, language: str
) -> None:
    published = await illustrated(newsroom, "be", "ru")
    read = [
        await entries(f"{server}/v1/published/{language}/feed.{form}") for form in ("json", "atom", "rss")
    ]
    mine = [
        next(one for one in found.values() if one["link"] == server + page(published, language))
        for found in read
    ]
    for name in ("id", "title", "link"):
        assert len({one[name] for one in mine}) == 1
    assert published["text"]["title"] in mine[0]["title"]
    assert len({one["content"][0]["value"] for one in mine}) == 1


async def linked(newsroom: Newsroom, published: dict[str, Any], language: str = "en") -> Any:
    return (await got(newsroom, f"{page(published, language)}/json-ld")).json()


async def test_a_search_engine_understands_every_word_of_the_json_ld(newsroom: Newsroom, server: str) -> None:
    published = await illustrated(newsroom, "be", "ru")
    note = f"It was <12>, {uuid4().hex[:8]}."
    published = await corrected(newsroom, published, note)
    for language in ("en", "be", "ru"):
        document = await linked(newsroom, published, language)
        assert faults(document) == []
        address = server + page(published, language)
        said = [(predicate, thing["value"]) for one, predicate, thing in triples(document) if one == address]
        assert (TYPE, f"{SCHEMA}AnalysisNewsArticle") in said
        assert (f"{SCHEMA}inLanguage", language) in said
        assert (f"{SCHEMA}url", address) in said
    everything = triples(await linked(newsroom, published))
    comment = next(one for one, _, thing in everything if thing["value"] == f"{SCHEMA}CorrectionComment")
    assert (comment, f"{SCHEMA}text", note) in [(one, two, thing["value"]) for one, two, thing in everything]
    image = next(one for one, _, thing in everything if thing["value"] == f"{SCHEMA}ImageObject")
    photo = [thing for one, two, thing in everything if (one, two) == (image, f"{SCHEMA}url")]
    assert photo == [{"type": "IRI", "value": PHOTO["url"]}]
    translations = {thing["value"] for _, two, thing in everything if two == f"{SCHEMA}workTranslation"}
    assert translations == {server + page(published, "be"), server + page(published, "ru")}


async def test_a_word_that_schema_org_does_not_know_would_be_found(newsroom: Newsroom) -> None:
    document = await linked(newsroom, await illustrated(newsroom))
    spoilt: dict[str, dict[str, Any]] = {
        "no property https://schema.org/deck": {"deck": "Prices held."},
        "no class AnalysisArticle": {"@type": "AnalysisArticle"},
        "no temporalCoverage of ['NewsMediaOrganization']": {
            "publisher": {**document["publisher"], "temporalCoverage": "2024"}
        },
        "publisher is no 'Editorial'": {"publisher": "Editorial"},
        "isAccessibleForFree is no 'yes'": {"isAccessibleForFree": "yes"},
    }
    for fault, members in spoilt.items():
        assert fault in faults({**document, **members})
