"""Feeds, sitemaps and exports, read by readers that know nothing of this product."""

import json
from typing import Any
from uuid import uuid4

import feedparser
import pytest
from lxml import etree

from newsroom import Newsroom, fine, refused
from reading import PHOTO, corrected, edition, got, illustrated, page

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
FEEDS = ("feed.atom", "feed.rss", "feed.json", "sections/economy/feed.atom", "sections/economy/feed.rss")


@pytest.fixture
async def published(newsroom: Newsroom) -> dict[str, Any]:
    """A text with a photo, marks and angles, in two languages."""
    return await illustrated(newsroom, "be")


async def parsed(newsroom: Newsroom, name: str, title: str, language: str = "en") -> Any:
    """The entry of that title, as feedparser reads it."""
    response = await got(newsroom, f"/v1/published/{language}/{name}")
    read = feedparser.parse(response.content, response_headers=dict(response.headers))
    assert not read.bozo, read.get("bozo_exception")
    assert read.feed.title
    assert read.feed.link
    return next(one for one in read.entries if one.title == title)


@pytest.mark.parametrize("name", ["feed.atom", "feed.rss", "sections/economy/feed.atom"])
async def test_a_feed_reader_reads_the_whole_text(
    newsroom: Newsroom, published: dict[str, Any], name: str, server: str
) -> None:
    entry = await parsed(newsroom, name, published["text"]["title"])
    assert entry.link == server + page(published)
    assert entry.summary == "Prices held & so on."
    content = entry.content[0].value
    for words in ("<strong>12 %</strong>", "<li>barley</li>", "The port &amp; its cranes", "A. Photographer"):
        assert words in content
    assert entry.id.startswith("tag:127.0.0.1,2024:")
    assert {tag.term for tag in entry.tags} == {"Economy", "Worse"}
    assert published["id"] not in entry.id


async def test_a_json_feed_has_what_its_standard_asks_for(
    newsroom: Newsroom, published: dict[str, Any], server: str
) -> None:
    response = await got(newsroom, "/v1/published/be/feed.json")
    assert response.headers["content-type"] == "application/feed+json"
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{server}/v1/published/be/feed.json"
    assert feed["language"] == "be"
    item = next(one for one in feed["items"] if one["title"] == f"be {published['text']['title']}")
    assert item["url"] == server + page(published, "be")
    assert item["image"] == PHOTO["url"]
    assert "<blockquote>" in item["content_html"]
    assert len({one["id"] for one in feed["items"]}) == len(feed["items"])
    assert all(one["date_published"].endswith("+00:00") for one in feed["items"])


async def test_a_correction_reaches_every_form_at_once(newsroom: Newsroom, published: dict[str, Any]) -> None:
    note = f"It was <12> & not 21, {uuid4().hex[:8]}."
    title = published["text"]["title"]
    await corrected(newsroom, published, note)
    for name in ("feed.atom", "feed.rss"):
        read = await parsed(newsroom, name, title)
        assert "&lt;12&gt; &amp; not 21" in read.content[0].value
    items = (await got(newsroom, "/v1/published/en/feed.json")).json()["items"]
    # What changed last comes first.
    assert items[0]["title"] == title
    assert "not 21" in items[0]["content_html"]
    linked = (await got(newsroom, f"{page(published)}/json-ld")).json()
    assert [one["text"] for one in linked["correction"]] == [note]
    item = (await got(newsroom, f"{page(published)}/ninjs")).json()
    assert note in item["edNote"]
    whole = (await got(newsroom, page(published))).json()
    assert [one["note"] for one in whole["corrections"]] == [note]
    # The translation has yet to catch up, and says so.
    assert (await got(newsroom, page(published, "be"))).json()["correction_pending"]


async def test_a_retraction_overwrites_what_feed_readers_keep(
    newsroom: Newsroom, published: dict[str, Any]
) -> None:
    title, slug = published["text"]["title"], edition(published, "en")["slug"]
    before = {name: (await parsed(newsroom, name, title)).id for name in ("feed.atom", "feed.rss")}
    reason = f"The figures were <wrong> & we are sorry, {uuid4().hex[:8]}."
    await newsroom.coordinator.move(published, "retract", reason=reason, languages=["en"])
    for name in FEEDS:
        assert slug not in (await got(newsroom, f"/v1/published/en/{name}")).text
    for name, kept in before.items():
        read = feedparser.parse((await got(newsroom, f"/v1/published/en/{name}")).content)
        entry = next(one for one in read.entries if one.id == kept)
        assert entry.title == "Retracted"
        assert "&lt;wrong&gt; &amp; we are sorry" in entry.content[0].value
    items = (await got(newsroom, "/v1/published/en/ninjs")).json()["data"]
    assert (items[0]["pubStatus"], items[0]["edNote"]) == ("canceled", reason)
    assert title not in json.dumps(items[0])
    for gone in (page(published), f"{page(published)}/json-ld", f"{page(published)}/ninjs"):
        assert refused(await newsroom.client.get(gone), 410)["detail"] == reason
    sitemap = await got(newsroom, "/v1/published/be/sitemap.xml")
    assert page(published, "be") in sitemap.text
    assert f"/{slug}" not in sitemap.text


async def test_the_sitemap_follows_the_rules_of_sitemaps_org(
    newsroom: Newsroom, published: dict[str, Any], server: str
) -> None:
    index = etree.fromstring((await got(newsroom, "/v1/published/sitemap.xml")).content)
    assert index.tag == f"{SITEMAP}sitemapindex"
    maps = [one.text for one in index.iter(f"{SITEMAP}loc")]
    assert f"{server}/v1/published/en/sitemap.xml?year=2024" in maps
    response = await got(newsroom, "/v1/published/en/sitemap.xml?year=2024")
    assert response.headers["content-type"] == "application/xml"
    found = etree.fromstring(response.content)
    assert found.tag == f"{SITEMAP}urlset"
    assert [one.tag for one in found] == [f"{SITEMAP}url"] * len(found)
    for one in found:
        assert [part.tag for part in one][:2] == [f"{SITEMAP}loc", f"{SITEMAP}lastmod"]
        assert all(part.tag == f"{XHTML}link" for part in one[2:])
    mine = next(one for one in found if one[0].text == server + page(published))
    assert {part.get("hreflang"): part.get("href") for part in mine[2:]} == {
        "en": server + page(published),
        "be": server + page(published, "be"),
    }
    other_year = etree.fromstring((await got(newsroom, "/v1/published/en/sitemap.xml?year=1999")).content)
    assert len(other_year) == 0


async def test_json_ld_says_what_search_engines_ask_for(
    newsroom: Newsroom, published: dict[str, Any], server: str
) -> None:
    response = await got(newsroom, f"{page(published)}/json-ld")
    assert response.headers["content-type"] == "application/ld+json"
    # It can stand inside <script>.
    assert "<" not in response.text
    source = response.json()
    assert source["@context"] == "https://schema.org"
    assert source["@type"] == "AnalysisNewsArticle"
    assert source["headline"] == published["text"]["title"]
    assert source["url"] == source["@id"] == server + page(published)
    assert source["inLanguage"] == "en"
    assert source["temporalCoverage"] == "2024-07-22/2024-07-28"
    assert source["articleSection"] == "Economy"
    assert source["articleBody"].startswith("Ports handled 12 % less")
    assert source["author"] == source["publisher"]
    assert source["image"]["creditText"] == PHOTO["credit"]
    assert [one["inLanguage"] for one in source["workTranslation"]] == ["be"]
    assert "correction" not in source
    translated = (await got(newsroom, f"{page(published, 'be')}/json-ld")).json()
    assert translated["translationOfWork"]["@id"] == source["@id"]


async def test_no_public_form_leads_to_a_person_or_to_the_desk(
    newsroom: Newsroom, published: dict[str, Any]
) -> None:
    where = page(published)
    paths = [f"/v1/published/en/{name}" for name in (*FEEDS, "sitemap.xml", "ninjs", "2024-W30", "weeks")]
    for path in (where, f"{where}/json-ld", f"{where}/ninjs", "/v1/published/sitemap.xml", *paths):
        written = (await got(newsroom, path)).text
        for secret in (published["id"], *(one.id for one in newsroom.people.values())):
            assert secret not in written, path
        for person in newsroom.people.values():
            assert person.email not in written, path


async def test_a_page_under_an_old_address_redirects_in_every_form(
    newsroom: Newsroom, published: dict[str, Any]
) -> None:
    wrong = page(published).replace("2024-W30", "2024-W29")
    for ending in ("", "/json-ld", "/ninjs"):
        moved = await newsroom.client.get(wrong + ending)
        assert (moved.status_code, moved.headers["location"]) == (308, page(published) + ending)


async def test_weeks_and_sections_say_where_there_is_something_to_read(
    newsroom: Newsroom, published: dict[str, Any]
) -> None:
    weeks = (await got(newsroom, "/v1/published/be/weeks")).json()["data"]
    mine = next(one for one in weeks if one["week"] == "2024-W30")
    assert mine["week_label"].replace(" ", " ") == "22–28 ліпеня 2024"
    assert mine["commentaries"] >= 1
    assert fine(await newsroom.client.get(mine["url"]))["week"] == "2024-W30"
    sections = (await got(newsroom, "/v1/published/ru/sections")).json()["data"]
    assert all(one["commentaries"] >= 1 for one in sections)
    issue = (await got(newsroom, "/v1/published/en/2024-W30")).json()
    whole = next(one for one in issue["commentaries"] if one["title"] == published["text"]["title"])
    assert whole == (await got(newsroom, page(published))).json()
    refused(await newsroom.client.get("/v1/published/en/sections/nothing/feed.atom"), 404)
    refused(await newsroom.client.get("/v1/published/xx/feed.atom"), 404)
