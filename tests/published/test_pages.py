"""What readers get of a text: nothing without words, captions as CommonMark; and what the desk is told."""

from typing import Any

import pytest

from newsroom import Newsroom, fine, refused
from reading import page

NOTHING = "[](https://empty.example)"
BAD = "[x](javascript:alert(1))"
BLOCKS: list[dict[str, Any]] = [
    {"type": "paragraph", "id": "words", "text": "Words and [\u00a0](https://empty.example)."},
    {"type": "paragraph", "id": "nothing", "text": ""},
    {"type": "heading", "id": "blank", "text": "&nbsp;"},
    {"type": "quote", "id": "dash", "text": "—"},
    {"type": "paragraph", "id": "link", "text": NOTHING},
    {"type": "list", "id": "items", "items": ["one", NOTHING, "🌾"]},
]
PHOTO = {
    "url": "https://photos.example.org/1.jpg",
    "credit": "*A.*",
    "alt": "*Cranes*",
    "caption": "*The* port",
}


async def published(newsroom: Newsroom, **members: Any) -> dict[str, Any]:
    approved = await newsroom.a_commentary_in_translation(target_languages=[], **members)
    return await newsroom.coordinator.move(approved, "publish")


async def test_what_has_no_words_reaches_no_reader_in_any_form(newsroom: Newsroom) -> None:
    address = page(await published(newsroom, blocks=BLOCKS, lead=f"Prices held{NOTHING}."))
    read = fine(await newsroom.client.get(address))
    assert read["blocks"] == [
        {"type": "paragraph", "id": "1", "text": "Words and \u00a0."},
        {"type": "list", "id": "2", "items": ["one", "🌾"], "ordered": False},
    ]
    assert read["html"] == "<p>Words and &nbsp;.</p>\n<ul><li>one</li><li>🌾</li></ul>"
    assert (read["lead"], read["lead_html"]) == ("Prices held.", "Prices held.")
    linked = fine(await newsroom.client.get(f"{address}/json-ld"))
    assert linked["articleBody"] == "Words and \u00a0.\none\n🌾"
    item = fine(await newsroom.client.get(f"{address}/ninjs"))
    assert item["bodies"][0]["value"] == read["html"]
    assert item["bodies"][0]["wordCount"] == 5
    for name in ("", "/2024-W30", "/feed.atom", "/feed.rss", "/feed.json", "/ninjs", "/search?q=words"):
        answer = await newsroom.client.get(f"/v1/published/en{name}")
        assert "empty.example" not in answer.text
        assert "<h2></h2>" not in answer.text


def found(commentary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What the check has found: in which language, where, and in words."""
    return [
        (one["language"], one["place"], one["detail"])
        for one in commentary["warnings"]
        if one["check"] == "without_words"
    ]


async def test_the_desk_is_told_at_each_block_in_each_language(newsroom: Newsroom) -> None:
    photo = {**PHOTO, "caption": "…"}
    draft = await newsroom.a_draft(blocks=BLOCKS, photo=photo, lead=f"Prices held{NOTHING}.")
    told = found(draft)
    rest = "has no words, and readers do not get it."
    assert told == [
        ("en", "lead", f"The link to `https://empty.example` {rest}"),
        ("en", "photo", f"A caption {rest}"),
        ("en", "words", f"The link to `https://empty.example` {rest}"),
        ("en", "nothing", f"A paragraph {rest}"),
        ("en", "blank", f"A heading {rest}"),
        ("en", "dash", f"A quotation {rest}"),
        ("en", "link", f"A paragraph {rest}"),
        ("en", "items", f"Item 2 of the list {rest}"),
    ]
    fixed = await newsroom.analyst.edit(draft, lead="Prices held.", blocks=BLOCKS[5:], photo=None)
    fixed = await newsroom.analyst.edit(
        fixed, blocks=[{**BLOCKS[5], "items": ["one", "two"]}, {**BLOCKS[0], "text": "Words."}]
    )
    assert found(fixed) == []
    submitted = await newsroom.analyst.move(fixed, "submit")
    approved = await newsroom.coordinator.move(submitted, "approve")
    task = await newsroom.translate(newsroom.translator_be, await newsroom.a_claimed_task(approved, "be"))
    words = {"words": f"словы {NOTHING}", "items": f"адзін\n{NOTHING}"}
    path = f"/v1/translation-tasks/{task['id']}"
    saved = await newsroom.translator_be.call("PATCH", path, {"blocks": words}, version=task["version"])
    kinds = {(one["unit"], one["kind"]) for one in fine(saved)["warnings"]}
    # To the translator a list has an item less; readers get the same.
    assert ("items", "list_length") in kinds
    submitted = await newsroom.translator_be.move_task(fine(saved), "submit")
    await newsroom.coordinator.move_task(submitted, "accept")
    assert found(await newsroom.read(approved)) == [
        ("be", "items", f"Item 2 of the list {rest}"),
        ("be", "words", f"The link to `https://empty.example` {rest}"),
    ]


async def test_a_text_without_words_is_not_submitted(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft(blocks=BLOCKS[1:5], lead=NOTHING)
    path = f"/v1/commentaries/{draft['id']}/transitions"
    problem = refused(
        await newsroom.analyst.call("POST", path, {"action": "submit"}, version=draft["version"]), 422
    )
    assert [one["pointer"] for one in problem["errors"]] == ["/lead", "/blocks"]


async def test_a_caption_and_a_lead_are_checked_like_the_text_of_a_block(newsroom: Newsroom) -> None:
    photo = {**PHOTO, "alt": BAD, "credit": BAD, "caption": BAD}
    body = {
        "week": "2024-W30",
        "section": "economy",
        "source_language": "en",
        "title": BAD,
        "lead": BAD,
        "photo": photo,
        "blocks": [{"type": "paragraph", "text": BAD}],
    }
    wanted = ["/lead", "/photo/caption", "/blocks/0/text"]
    problem = refused(await newsroom.analyst.call("POST", "/v1/commentaries", body), 422)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(one, "link") for one in wanted]
    draft = await newsroom.a_draft(photo=PHOTO)
    path = f"/v1/commentaries/{draft['id']}"
    patch = {name: body[name] for name in ("lead", "photo", "blocks")}
    problem = refused(await newsroom.analyst.call("PATCH", path, patch, version=draft["version"]), 422)
    assert [one["pointer"] for one in problem["errors"]] == wanted
    submitted = await newsroom.analyst.move(draft, "submit")
    approved = await newsroom.coordinator.move(submitted, "approve")
    task = await newsroom.a_claimed_task(approved, "be")
    path = f"/v1/translation-tasks/{task['id']}"
    saved = {"lead": BAD, "blocks": {"photo.caption": BAD}}
    problem = refused(await newsroom.translator_be.call("PATCH", path, saved, version=task["version"]), 422)
    assert {one["pointer"] for one in problem["errors"]} == {"/lead", "/blocks/photo.caption"}
    # An alternative text is plain: there is no link in it.
    plain = {"blocks": {"photo.alt": BAD}}
    fine(await newsroom.translator_be.call("PATCH", path, plain, version=task["version"]))


@pytest.mark.parametrize("name", ["", "/2024-W30", "/search?q=caption"])
async def test_a_caption_has_its_source_and_its_html_wherever_a_photo_is(
    newsroom: Newsroom, name: str
) -> None:
    text = await published(newsroom, photo=PHOTO, lead="A caption & so on <b>.")
    answer = fine(await newsroom.client.get(f"/v1/published/en{name}"))
    listed = answer["data"] if "data" in answer else answer["commentaries"]
    found = next(one for one in listed if one["title"] == text["text"]["title"])
    assert found["photo"] == {**PHOTO, "caption_html": "<em>The</em> port", "licence": None}


async def test_caption_and_credit_are_told_apart_in_every_form(newsroom: Newsroom) -> None:
    figure = {
        "type": "figure",
        "url": PHOTO["url"],
        "alt": "*b*",
        "credit": "*B.* <i>",
        "text": "*A* [ship](https://e.org)",
    }
    address = page(await published(newsroom, photo=PHOTO, blocks=[figure], lead="*Held* <b>"))
    read = fine(await newsroom.client.get(address))
    link = '<a href="https://e.org" rel="noopener noreferrer">ship</a>'
    caption = (
        f'<figcaption><span class="caption"><em>A</em> {link}</span> '
        '<span class="credit">*B.* &lt;i&gt;</span></figcaption>'
    )
    assert caption in read["html"]
    assert 'alt="*b*"' in read["html"]
    assert read["blocks"][0]["caption_html"] == f"<em>A</em> {link}"
    assert read["lead_html"] == "<em>Held</em> &lt;b&gt;"
    image = fine(await newsroom.client.get(f"{address}/json-ld"))["image"]
    assert (image["caption"], image["creditText"]) == ("The port", "*A.*")
    picture = fine(await newsroom.client.get(f"{address}/ninjs"))["associations"][0]
    assert picture["by"] == "*A.*"
    assert [(one["role"], one["value"]) for one in picture["descriptions"]] == [
        ("alternative-text", "*Cranes*"),
        ("caption", "The port"),
    ]
    feed = fine(await newsroom.client.get("/v1/published/en/feed.json"))
    item = next(one for one in feed["items"] if one["title"] == read["title"])
    assert caption in item["content_html"]
    of_photo = '<span class="caption"><em>The</em> port</span> <span class="credit">*A.*</span>'
    assert f"<figcaption>{of_photo}</figcaption>" in item["content_html"]
