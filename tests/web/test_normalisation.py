"""What is done to texts at the door: unseen signs go, a line is one line, and what is being typed stays."""

from typing import Any
from urllib.parse import quote

import pytest

from newsroom import TEXT, Newsroom, fine


async def live(newsroom: Newsroom, **members: Any) -> dict[str, Any]:
    """A text of one language that is live."""
    text = {**TEXT, "source_language": "be", "target_languages": [], **members}
    draft = fine(await newsroom.analyst.call("POST", "/v1/commentaries", text))
    approved = await newsroom.coordinator.move(await newsroom.analyst.move(draft, "submit"), "approve")
    return await newsroom.coordinator.move(approved, "publish")


async def test_unseen_signs_hide_no_word_from_search(newsroom: Newsroom) -> None:
    paragraph = "Дзяр\u00adжаўная Вілей\u200dшчына, пера\u2060будова, вобл\u200bасць."
    published = await live(
        newsroom, title="Міні\u00adстэрства", blocks=[{"type": "paragraph", "text": paragraph}]
    )
    assert published["text"]["title"] == "Міністэрства"
    assert published["editions"][0]["slug"].startswith("ministerstva")
    for word in ("Міністэрства", "дзяржаўная", "Вілейшчына", "перабудова", "вобласць", "пера\u00adбудова"):
        found = fine(await newsroom.client.get(f"/v1/published/be/search?q={quote(word)}"))
        assert len(found["data"]) == 1, word
        assert not found["corrected"]
        listed = await newsroom.coordinator.get(f"/v1/commentaries?q={quote(word)}")
        assert published["id"] in [one["id"] for one in listed["data"]], word


LINE_ENDS = ["\n", "\r\n", "\t", "\u2028", "\u2029", "\x0b", " \n\n "]


@pytest.mark.parametrize("line_end", LINE_ENDS)
async def test_a_line_end_in_a_name_is_a_blank(newsroom: Newsroom, line_end: str) -> None:
    written, kept = f"One{line_end}Two", "One Two"
    draft = await newsroom.a_draft(
        title=written,
        blocks=[{"type": "heading", "text": written}, {"type": "list", "items": [written]}],
        photo={"url": "https://photos.example.org/1.jpg", "credit": written, "licence": written},
    )
    heading, listed = draft["text"]["blocks"]
    assert draft["text"]["title"] == heading["text"] == listed["items"][0] == kept
    assert draft["photo"]["credit"] == draft["photo"]["licence"] == kept
    own = fine(await newsroom.analyst.call("POST", "/v1/me/bylines", {"name": written}))
    assert kept in own["data"]
    term = {"source_language": "en", "language": "be", "source": written, "target": f"{kept}{line_end}be"}
    added = await newsroom.coordinator.call("POST", "/v1/glossary", term)
    if added.status_code != 409:
        assert (fine(added)["source"], fine(added)["target"]) == (kept, f"{kept} be")
    sections = (await newsroom.coordinator.get("/v1/sections"))["data"]
    section = next(one for one in sections if one["key"] == "society")
    labels = dict.fromkeys(("be", "ru", "en"), written)
    changed = await newsroom.coordinator.call(
        "PATCH", "/v1/sections/society", {"labels": labels}, version=section["version"]
    )
    assert set(fine(changed)["labels"].values()) == {kept}
    await newsroom.coordinator.call(
        "PATCH", "/v1/sections/society", {"labels": section["labels"]}, version=section["version"] + 1
    )


async def test_a_translated_title_and_heading_are_one_line(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation(
        blocks=[{"type": "heading", "text": "What changed", "id": "h1"}, {"type": "paragraph", "text": "x"}]
    )
    task = await newsroom.a_claimed_task(commentary, "be")
    saved = fine(
        await newsroom.translator_be.call(
            "PATCH",
            f"/v1/translation-tasks/{task['id']}",
            {"title": "Адзін\nдва ", "lead": "Адзін\nдва ", "blocks": {"h1": "Адзін\nдва"}},
            version=task["version"],
        )
    )
    heading = next(one for one in saved["blocks"] if one["id"] == "h1")
    assert (saved["title"]["target"], saved["lead"]["target"], heading["target"]) == (
        "Адзін два ",
        "Адзін\nдва ",
        "Адзін два",
    )


async def test_what_is_being_typed_keeps_its_blanks_until_it_is_handed_in(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    typed = "first word "
    blocks = [
        {"type": "paragraph", "text": f" {typed}"},
        {"type": "heading", "text": typed},
        {"type": "list", "items": [typed, "second"]},
        {"type": "quote", "text": f"{typed}\n"},
    ]
    edited = await newsroom.analyst.edit(draft, title=typed, lead=typed, blocks=blocks)
    text = edited["text"]
    assert (text["title"], text["lead"]) == (typed, typed)
    assert [one.get("text", one.get("items")) for one in text["blocks"]] == [
        f" {typed}",
        typed,
        [typed, "second"],
        f"{typed}\n",
    ]
    again = await newsroom.analyst.edit(edited, title=typed)
    assert again["version"] == edited["version"]
    submitted = await newsroom.analyst.move(again, "submit")
    text = submitted["text"]
    assert (text["title"], text["lead"]) == ("first word", "first word")
    assert [one.get("text", one.get("items")) for one in text["blocks"]] == [
        "first word",
        "first word",
        ["first word", "second"],
        "first word",
    ]
    assert submitted["state"] == "in_review"


async def test_a_translation_that_is_being_typed_keeps_its_blanks_until_it_is_handed_in(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_translated_task(commentary, "be")
    name = task["blocks"][0]["id"]
    path = f"/v1/translation-tasks/{task['id']}"
    body = {"title": "Першае ", "blocks": {name: " 12 % першае слова "}}
    saved = fine(await newsroom.translator_be.call("PATCH", path, body, version=task["version"]))
    assert (saved["title"]["target"], saved["blocks"][0]["target"]) == ("Першае ", " 12 % першае слова ")
    submitted = await newsroom.translator_be.move_task(saved, "submit")
    assert (submitted["title"]["target"], submitted["blocks"][0]["target"]) == (
        "Першае",
        "12 % першае слова",
    )
