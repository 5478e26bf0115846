"""A commentary is found by an address of it, by those who may see the edition that has it."""

from typing import Any

from newsroom import Newsroom, Person, refused


async def with_slug(person: Person, slug: str, more: str = "") -> list[str]:
    found = await person.get(f"/v1/commentaries?slug={slug}{more}")
    return [one["id"] for one in found["data"]]


def slug_of(commentary: dict[str, Any], language: str) -> str:
    (slug,) = (one["slug"] for one in commentary["editions"] if one["language"] == language)
    assert isinstance(slug, str)
    return slug


async def test_a_published_text_is_found_by_each_of_its_addresses(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    readers = (newsroom.analyst, newsroom.other_analyst, newsroom.translator_ru, newsroom.coordinator)
    for language in ("en", "be", "ru"):
        for reader in readers:
            assert await with_slug(reader, slug_of(published, language)) == [published["id"]]
    first = slug_of(published, "en")
    renamed = await newsroom.coordinator.move(
        published, "change_slug", language="en", slug=f"renamed-{published['id'][-8:]}"
    )
    for slug in (first, slug_of(renamed, "en")):
        assert await with_slug(newsroom.other_analyst, slug) == [published["id"]], (
            "an old address leads to it"
        )
    assert await with_slug(newsroom.coordinator, first, "&state=published&language=be") == [published["id"]]
    assert await with_slug(newsroom.coordinator, first, "&state=draft") == []
    assert await with_slug(newsroom.coordinator, first[:-1]) == []
    assert await with_slug(newsroom.coordinator, "nobody-has-this") == []
    refused(await newsroom.coordinator.call("GET", f"/v1/commentaries?slug={'x' * 201}"), 422)


async def test_words_and_an_address_are_asked_for_together(newsroom: Newsroom) -> None:
    published, other = await newsroom.a_published_commentary(), await newsroom.a_published_commentary()
    words = f"&q={published['text']['title'].replace(' ', '%20')}"
    assert await with_slug(newsroom.other_analyst, slug_of(published, "en"), words) == [published["id"]]
    assert await with_slug(newsroom.other_analyst, slug_of(other, "en"), words) == []


async def test_an_address_that_one_may_not_see_leads_to_nothing(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(commentary, language)
    commentary = await newsroom.coordinator.move(await newsroom.read(commentary), "publish")
    be = slug_of(commentary, "be")
    commentary = await newsroom.coordinator.move(
        commentary, "retract", reason="Памылка ў лічбах.", languages=["be"]
    )
    assert await with_slug(newsroom.coordinator, be) == [commentary["id"]]
    assert await with_slug(newsroom.analyst, be) == [commentary["id"]], "its author sees all of it"
    # Live in two other languages, it is in everybody's list: without this edition, and its address.
    assert await with_slug(newsroom.other_analyst, slug_of(commentary, "en")) == [commentary["id"]]
    assert await with_slug(newsroom.other_analyst, be) == []
    assert await with_slug(newsroom.administrator, be) == []
    en = slug_of(commentary, "en")
    commentary = await newsroom.coordinator.move(commentary, "retract", reason="It was wrong.")
    assert await with_slug(newsroom.other_analyst, en) == []
    assert await with_slug(newsroom.coordinator, en) == [commentary["id"]]
