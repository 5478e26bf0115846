"""What was accepted before is offered again, to those who may see where it comes from."""

from typing import Any

from newsroom import Newsroom, fine, refused

SENTENCE = "The ports of the Baltic handled far less grain than they did a year ago."
NEARLY = "The ports of the Baltic handled far less grain than they did two years ago."


async def a_remembered_text(newsroom: Newsroom, sentence: str = SENTENCE) -> dict[str, Any]:
    blocks = [{"type": "paragraph", "text": sentence}]
    commentary = await newsroom.a_commentary_in_translation(blocks=blocks, target_languages=["be"])
    await newsroom.an_accepted_task(commentary, "be")
    return await newsroom.read(commentary)


async def suggestions(newsroom: Newsroom, task: dict[str, Any], unit: str) -> list[dict[str, Any]]:
    path = f"/v1/translation-tasks/{task['id']}/suggestions?unit={unit}"
    data = (await newsroom.translator_be.get(path))["data"]
    return data[0]["suggestions"] if data else []


async def test_the_same_and_nearly_the_same_words_are_offered_and_never_filled_in(newsroom: Newsroom) -> None:
    remembered = await a_remembered_text(newsroom)
    blocks = [
        {"type": "paragraph", "text": SENTENCE},
        {"type": "paragraph", "text": NEARLY},
        {"type": "paragraph", "text": "Something else altogether, about schools."},
    ]
    commentary = await newsroom.a_commentary_in_translation(blocks=blocks, target_languages=["be", "ru"])
    task = await newsroom.a_claimed_task(commentary, "be")
    same, near, other = (line["id"] for line in task["blocks"])
    (exact,) = await suggestions(newsroom, task, same)
    assert exact == {
        "text": f"be {SENTENCE}",
        "source": SENTENCE,
        "score": 100,
        "commentary_id": remembered["id"],
        "week": "2024-W30",
        "section": "economy",
    }
    (nearly,) = await suggestions(newsroom, task, near)
    assert (nearly["text"], 90 <= nearly["score"] < 100) == (f"be {SENTENCE}", True)
    assert await suggestions(newsroom, task, other) == []
    everything = await newsroom.translator_be.get(f"/v1/translation-tasks/{task['id']}/suggestions")
    # The lead was accepted before, in the same words, with many texts of this newsroom.
    assert {same, near} <= {one["unit"] for one in everything["data"]}
    assert other not in {one["unit"] for one in everything["data"]}
    again = await newsroom.translator_be.get(f"/v1/translation-tasks/{task['id']}")
    assert {line["status"] for line in again["blocks"]} == {"missing"}
    russian = await newsroom.task(commentary, "ru")
    path = f"/v1/translation-tasks/{russian['id']}/suggestions?unit={same}"
    assert (await newsroom.translator_ru.get(path))["data"] == []
    refused(await newsroom.translator_ru.call("GET", path.replace(same, "nowhere")), 404)
    refused(await newsroom.translator_ru.call("GET", path.replace(russian["id"], task["id"])), 404)


async def test_what_a_translator_may_not_see_is_not_offered(newsroom: Newsroom) -> None:
    sentence = "The customs office has closed three of its five posts without a word."
    remembered = await a_remembered_text(newsroom, sentence)
    blocks = [{"type": "paragraph", "text": sentence}]
    commentary = await newsroom.a_commentary_in_translation(blocks=blocks, target_languages=["be"])
    task = await newsroom.a_claimed_task(commentary, "be")
    (unit,) = (line["id"] for line in task["blocks"])
    assert len(await suggestions(newsroom, task, unit)) == 1
    # A draft again: translators do not see it.
    remembered = await newsroom.coordinator.move(remembered, "reopen", note="The second paragraph is wrong.")
    assert await suggestions(newsroom, task, unit) == []
    path = f"/v1/translation-tasks/{task['id']}/suggestions?unit={unit}"
    assert len((await newsroom.coordinator.get(path))["data"]) == 1


async def test_what_was_retracted_is_not_offered(newsroom: Newsroom) -> None:
    sentence = "The governor has resigned, two of his deputies say, for reasons of health."
    remembered = await a_remembered_text(newsroom, sentence)
    remembered = await newsroom.coordinator.move(remembered, "publish")
    blocks = [{"type": "paragraph", "text": sentence}]
    commentary = await newsroom.a_commentary_in_translation(blocks=blocks, target_languages=["be"])
    task = await newsroom.a_claimed_task(commentary, "be")
    (unit,) = (line["id"] for line in task["blocks"])
    assert len(await suggestions(newsroom, task, unit)) == 1
    await newsroom.coordinator.move(remembered, "retract", reason="He has not.")
    assert await suggestions(newsroom, task, unit) == []


async def test_a_translation_that_is_accepted_anew_is_remembered_as_it_is_now(newsroom: Newsroom) -> None:
    sentence = "Nobody has seen the minister since the vote in the upper house."
    remembered = await a_remembered_text(newsroom, sentence)
    draft = await newsroom.coordinator.move(remembered, "reopen", note="Another lead.")
    draft = await newsroom.analyst.edit(draft, lead="A new lead.")
    draft = await newsroom.analyst.move(draft, "submit")
    await newsroom.coordinator.move(draft, "approve")
    task = await newsroom.task(draft, "be")
    (unit,) = (line["id"] for line in task["blocks"])
    body = {"lead": "Новы лід.", "blocks": {unit: "Міністра ніхто не бачыў."}}
    path = f"/v1/translation-tasks/{task['id']}"
    task = fine(await newsroom.translator_be.call("PATCH", path, body, version=task["version"]))
    await newsroom.coordinator.move_task(await newsroom.translator_be.move_task(task, "submit"), "accept")
    commentary = await newsroom.a_commentary_in_translation(
        blocks=[{"type": "paragraph", "text": sentence}], target_languages=["be"]
    )
    task = await newsroom.a_claimed_task(commentary, "be")
    found = await suggestions(newsroom, task, task["blocks"][0]["id"])
    assert [one["text"] for one in found] == ["Міністра ніхто не бачыў."]
