"""Texts over HTTP: what is saved, what is refused, and how two revisions are compared."""

from typing import Any

import pytest

from newsroom import Newsroom, fine, refused

PARAGRAPHS = [{"type": "paragraph", "text": f"Paragraph number {n}."} for n in range(1, 5)]


async def test_what_people_write_comes_back_byte_for_byte(newsroom: Newsroom) -> None:
    text = "«Ўсё ў парадку», — сказаў ён; аб’ём 12 000, за́мак, “quotes”, ‑ — –"
    draft = await newsroom.a_draft(
        title=text, lead=text, blocks=[{"type": "quote", "text": text}, {"type": "list", "items": [text]}]
    )
    found = (await newsroom.read(draft))["text"]
    assert (found["title"], found["lead"]) == (text, text)
    assert found["blocks"][0]["text"] == text
    assert found["blocks"][1]["items"] == [text]


async def test_a_save_that_changes_nothing_makes_no_revision(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    same = await newsroom.analyst.edit(
        draft, lead=draft["text"]["lead"], blocks=draft["text"]["blocks"], trend=draft["trend"]
    )
    assert (same["version"], same["text"]["revision"]) == (draft["version"], 1)
    history = (await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/history"))["data"]
    assert [entry["action"] for entry in history] == ["create"]


@pytest.mark.parametrize(
    ("blocks", "pointer", "code"),
    [
        (
            [{"type": "paragraph", "text": "1", "id": "a"}, {"type": "quote", "text": "2", "id": "a"}],
            "/blocks/1/id",
            "duplicate_id",
        ),
        ([{"type": "paragraph", "text": "x", "items": ["a list"]}], "/blocks/0/items", "unknown"),
        ([{"type": "paragraph", "text": ["a", "list"]}], "/blocks/0/text", "type"),
        ([{"type": "paragraph", "text": "[x](javascript:alert(1))"}], "/blocks/0/text", "link"),
        ([{"type": "list", "items": ["[x](data:text/html,y)"]}], "/blocks/0/items/0", "link"),
        ([{"type": "paragraph", "text": "x"}] * 10_000, "/blocks", "length"),
        ([{"type": "paragraph", "text": "x" * 1_000_000}], "/blocks/0/text", "length"),
        ([{"type": "poem", "text": "x"}], "/blocks/0/type", "unknown_kind"),
        ([{"type": "paragraph", "text": "x", "id": "no id"}], "/blocks/0/id", "form"),
    ],
    ids=[
        "two blocks with one id",
        "a list inside a paragraph",
        "a list for a text",
        "a javascript: link",
        "a data: link in a list",
        "10,000 blocks",
        "a paragraph of 1 MB",
        "an unknown kind",
        "an id with a blank",
    ],
)
async def test_a_bad_block_is_refused_by_name_and_the_saved_text_stays(
    newsroom: Newsroom, blocks: list[dict[str, Any]], pointer: str, code: str
) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    answer = await newsroom.analyst.call("PATCH", path, {"blocks": blocks}, version=draft["version"])
    faults = refused(answer, 422)["errors"]
    assert (pointer, code) in {(fault["pointer"], fault["code"]) for fault in faults}
    assert await newsroom.read(draft) == await newsroom.read(draft) | {"text": draft["text"]}


async def test_a_paragraph_of_2_mb_is_too_large(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    body = {"blocks": [{"type": "paragraph", "text": "x" * 2 * 1024 * 1024}]}
    path = f"/v1/commentaries/{draft['id']}"
    refused(await newsroom.analyst.call("PATCH", path, body, version=draft["version"]), 413)


async def test_two_revisions_are_compared_by_block_and_by_word(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft(blocks=PARAGRAPHS)
    one, two, three, four = draft["text"]["blocks"]
    two = {**two, "text": "Paragraph number two."}
    draft = await newsroom.analyst.edit(
        draft, blocks=[two, four, one, {"type": "heading", "text": "New"}], trend="better"
    )
    diff = await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/diff?from=1&to=2")
    assert (diff["from_revision"], diff["to_revision"], diff["language"]) == (1, 2, "en")
    found = {unit["id"]: unit for unit in diff["units"]}
    assert [(unit["kind"], unit["moved"]) for unit in diff["units"]] == [
        ("same", False),
        ("same", False),
        ("changed", False),
        ("removed", False),
        ("same", False),
        ("same", True),
        ("added", False),
    ]
    assert found[three["id"]]["kind"] == "removed"
    assert found[two["id"]]["diff"] == [
        {"kind": "same", "text": "Paragraph number"},
        {"kind": "removed", "text": " 2"},
        {"kind": "added", "text": " two"},
        {"kind": "same", "text": "."},
    ]
    assert diff["facts"] == [{"pointer": "/trend", "was": "worse", "now": "better"}]


async def test_without_numbers_the_latest_is_compared_with_the_one_before(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}/diff"
    alone = await newsroom.analyst.get(path)
    assert (alone["from_revision"], alone["to_revision"]) == (1, 1)
    assert {unit["kind"] for unit in alone["units"]} == {"same"}
    draft = await newsroom.analyst.edit(draft, lead="Another.")
    draft = await newsroom.analyst.edit(draft, lead="And another.")
    last = await newsroom.analyst.get(path)
    assert (last["from_revision"], last["to_revision"]) == (2, 3)


async def test_only_what_somebody_may_read_can_be_compared(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    draft = await newsroom.analyst.edit(draft, lead="Another.")
    path = f"/v1/commentaries/{draft['id']}/diff"
    refused(await newsroom.other_analyst.call("GET", path), 404)
    refused(await newsroom.analyst.call("GET", f"{path}?to=9"), 404)
    refused(await newsroom.analyst.call("GET", f"{path}?to=0"), 422)
    refused(await newsroom.analyst.call("GET", f"{path}?to=99999999999"), 422)
    refused(await newsroom.analyst.call("GET", f"{path}?language=be"), 404)
    draft = await newsroom.analyst.move(draft, "submit")
    approved = await newsroom.coordinator.move(draft, "approve")
    translator = newsroom.translator_be
    refused(await translator.call("GET", f"/v1/commentaries/{approved['id']}/diff?from=1&to=2"), 404)
    fine(await translator.call("GET", f"/v1/commentaries/{approved['id']}/diff?to=2"))


async def test_an_earlier_revision_is_restored_as_a_new_one(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    first = draft["text"]
    draft = await newsroom.analyst.edit(draft, title="Another title", blocks=PARAGRAPHS)
    path = f"/v1/commentaries/{draft['id']}/revisions/1/restoration"
    refused(await newsroom.analyst.call("POST", path), 428)
    refused(await newsroom.analyst.call("POST", path, version=1), 412)
    refused(await newsroom.coordinator.call("POST", path, version=draft["version"]), 403)
    refused(await newsroom.other_analyst.call("POST", path, version=draft["version"]), 404)
    missing = f"/v1/commentaries/{draft['id']}/revisions/7/restoration"
    refused(await newsroom.analyst.call("POST", missing, version=draft["version"]), 404)
    restored = fine(await newsroom.analyst.call("POST", path, version=draft["version"]))
    assert restored["text"] == {**first, "revision": 3}
    again = fine(await newsroom.analyst.call("POST", path, version=restored["version"]))
    assert again["text"]["revision"] == 3
    history = (await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/history"))["data"]
    assert [entry["action"] for entry in history] == ["create", "edit", "restore_revision"]
    assert history[-1]["sentence"].startswith("An earlier revision of the text was restored (revision 3)")
    submitted = await newsroom.analyst.move(restored, "submit")
    refused(await newsroom.analyst.call("POST", path, version=submitted["version"]), 409)


async def test_an_earlier_translation_is_restored_with_what_it_was_made_from(newsroom: Newsroom) -> None:
    task = await newsroom.a_translated_task(await newsroom.a_commentary_in_translation(), "be")
    translator = newsroom.translator_be
    path = f"/v1/translation-tasks/{task['id']}"
    first = [line["target"] for line in task["blocks"]]
    cleared = {line["id"]: None for line in task["blocks"]}
    task = fine(await translator.call("PATCH", path, {"blocks": cleared}, version=task["version"]))
    assert {line["status"] for line in task["blocks"]} == {"missing"}
    restore = f"{path}/revisions/1/restoration"
    refused(await newsroom.coordinator.call("POST", restore, version=task["version"]), 403)
    refused(await newsroom.other_translator_be.call("POST", restore, version=task["version"]), 403)
    refused(await newsroom.translator_ru.call("POST", restore, version=task["version"]), 404)
    task = fine(await translator.call("POST", restore, version=task["version"]))
    assert [line["target"] for line in task["blocks"]] == first
    assert {line["status"] for line in task["blocks"]} == {"current"}
    history = (await translator.get(f"{path}/history"))["data"]
    assert history[-1]["sentence"] == (
        "The translation into Belarusian was restored to an earlier revision (revision 3). — you"
    )
