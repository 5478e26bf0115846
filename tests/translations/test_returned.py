"""A translation that is returned, also after its acceptance: nobody's work is a dead end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsroom import Newsroom, Person, fine, invited, refused

NOTE = "The amount is in millions."


def edition(commentary: dict[str, Any], language: str) -> dict[str, Any]:
    return next(one for one in commentary["editions"] if one["language"] == language)


async def mend(newsroom: Newsroom, task: dict[str, Any], person: Person | None = None) -> dict[str, Any]:
    """Save another title, hand it in, and have it accepted."""
    person = person or newsroom.translator_be
    path = f"/v1/translation-tasks/{task['id']}"
    task = fine(await person.call("PATCH", path, {"title": "Папраўлены загаловак"}, version=task["version"]))
    task = await person.move_task(task, "submit")
    return await newsroom.coordinator.move_task(task, "accept")


async def a_translator(newsroom: Newsroom, name: str) -> Person:
    person, header = await invited(newsroom, name, roles=["translator"], languages=["be"])
    token = header["Authorization"].removeprefix("Bearer ")
    return Person(newsroom.client, name, f"{name}@newsroom.example", "", person, token)


async def test_an_accepted_translation_goes_back_and_its_edition_waits(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    now = await newsroom.coordinator.move(ready, "schedule", at=at, languages=["be", "ru"])
    task = await newsroom.task(now, "be")
    assert {"return"} == set(task["allowed_actions"])
    returned = await newsroom.other_coordinator.move_task(task, "return", note=NOTE)
    assert (returned["state"], returned["note"]) == ("claimed", NOTE)
    assert returned["holder"]["id"] == newsroom.translator_be.id
    now = await newsroom.read(now)
    assert now["state"] == "in_translation"
    belarusian = edition(now, "be")
    assert (belarusian["status"], belarusian["approved_revision"], belarusian["scheduled_for"]) == (
        "pending",
        None,
        None,
    )
    why = "The translation was returned to its translator before the scheduled time."
    assert belarusian["schedule_refusal"] == why
    # The others are as they were.
    assert (edition(now, "ru")["status"], edition(now, "en")["status"]) == ("scheduled", "ready")
    refused(
        await newsroom.coordinator.call(
            "POST",
            f"/v1/commentaries/{now['id']}/transitions",
            {"action": "publish", "languages": ["be"]},
            version=now["version"],
        ),
        409,
        "nothing-is-ready",
    )
    task = await newsroom.translator_be.get(f"/v1/translation-tasks/{task['id']}")
    assert task["note"] == NOTE
    accepted = await mend(newsroom, task)
    assert (accepted["state"], accepted["note"]) == ("accepted", None)
    now = await newsroom.read(now)
    assert (now["state"], edition(now, "be")["status"]) == ("ready", "ready")


async def test_what_is_live_stays_and_the_next_acceptance_is_a_correction_of_that_edition_alone(
    newsroom: Newsroom,
) -> None:
    published = await newsroom.a_published_commentary()
    before = {one["language"]: one for one in published["editions"]}
    pages = {language: f"/v1/published/{language}/2024-W30/{one['slug']}" for language, one in before.items()}
    shown = {language: fine(await newsroom.client.get(page)) for language, page in pages.items()}
    returned = await newsroom.coordinator.move_task(await newsroom.task(published, "be"), "return", note=NOTE)
    now = await newsroom.read(published)
    belarusian = edition(now, "be")
    assert (now["state"], belarusian["status"]) == ("published", "live")
    assert belarusian["live_revision"] == before["be"]["live_revision"]
    assert {language: fine(await newsroom.client.get(page)) for language, page in pages.items()} == shown
    await mend(newsroom, returned)
    now = await newsroom.read(published)
    assert edition(now, "be")["approved_revision"] == belarusian["live_revision"] + 1
    path = f"/v1/commentaries/{now['id']}/transitions"
    problem = refused(
        await newsroom.coordinator.call("POST", path, {"action": "publish"}, version=now["version"]), 422
    )
    assert [fault["pointer"] for fault in problem["errors"]] == ["/correction_note"]
    corrected = await newsroom.coordinator.move(now, "publish", correction_note="Выпраўлены загаловак.")
    assert edition(corrected, "be")["live_revision"] == belarusian["live_revision"] + 1
    for language in ("en", "ru"):
        assert edition(corrected, language) == before[language]
        assert fine(await newsroom.client.get(pages[language])) == shown[language]
    page = fine(await newsroom.client.get(pages["be"]))
    assert page["title"] == "Папраўлены загаловак"
    assert [one["note"] for one in page["corrections"]] == ["Выпраўлены загаловак."]


async def test_what_is_returned_and_handed_in_as_it_was_changes_nothing_for_readers(
    newsroom: Newsroom,
) -> None:
    published = await newsroom.a_published_commentary()
    task = await newsroom.coordinator.move_task(await newsroom.task(published, "be"), "return", note=NOTE)
    task = await newsroom.translator_be.move_task(task, "submit")
    await newsroom.coordinator.move_task(task, "accept")
    now = await newsroom.read(published)
    assert (now["state"], edition(now, "be")["status"]) == ("published", "live")
    assert "publish" not in now["allowed_actions"]


async def test_a_return_of_what_was_changed_meanwhile_is_refused(newsroom: Newsroom) -> None:
    task = await newsroom.task(await newsroom.a_ready_commentary(), "be")
    await newsroom.coordinator.move_task(task, "return", note=NOTE)
    path = f"/v1/translation-tasks/{task['id']}/transitions"
    body = {"action": "return", "note": NOTE}
    refused(await newsroom.coordinator.call("POST", path, body, version=task["version"]), 412)
    refused(await newsroom.coordinator.call("POST", path, body, version=task["version"] + 1), 409)
    refused(
        await newsroom.coordinator.call("POST", path, {"action": "return"}, version=task["version"] + 1), 409
    )


@pytest.mark.parametrize("state", ["submitted", "accepted"])
@pytest.mark.parametrize("way", ["role", "language", "deactivation", "erasure"])
async def test_what_is_returned_to_somebody_who_is_gone_is_open(
    newsroom: Newsroom, state: str, way: str
) -> None:
    leaving = await a_translator(newsroom, f"leaving-{way}-{state}")
    commentary = await newsroom.a_commentary_in_translation(target_languages=["be"])
    task = await leaving.move_task(await newsroom.task(commentary, "be"), "claim")
    task = await leaving.move_task(await newsroom.translate(leaving, task), "submit")
    if state == "accepted":
        task = await newsroom.coordinator.move_task(task, "accept")
    account = f"/v1/people/{leaving.id}"
    version = (await newsroom.administrator.get(account))["version"]
    if way in {"role", "language"}:
        change = {"roles": ["analyst"]} if way == "role" else {"languages": ["ru"]}
        fine(await newsroom.administrator.call("PATCH", account, change, version=version))
    else:
        fine(await newsroom.administrator.call("POST", f"{account}/{way}", version=version))
    task = await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}")
    assert task["state"] == state
    returned = await newsroom.coordinator.move_task(task, "return", note=NOTE)
    assert (returned["state"], returned["holder"], returned["note"]) == ("open", None, NOTE)
    assert returned["claim_expires_at"] is None
    claimed = await newsroom.other_translator_be.move_task(returned, "claim")
    assert (claimed["note"], claimed["title"]["target"]) == (NOTE, task["title"]["target"])
    await mend(newsroom, claimed, newsroom.other_translator_be)
    assert (await newsroom.read(commentary))["state"] == "ready"


async def test_an_approval_gives_nothing_back_to_a_translator_who_kept_only_the_language(
    newsroom: Newsroom,
) -> None:
    leaving = await a_translator(newsroom, "leaving-approval")
    commentary = await newsroom.a_commentary_in_translation(target_languages=["be"])
    task = await leaving.move_task(await newsroom.task(commentary, "be"), "claim")
    task = await leaving.move_task(await newsroom.translate(leaving, task), "submit")
    await newsroom.coordinator.move_task(task, "accept")
    account = f"/v1/people/{leaving.id}"
    version = (await newsroom.administrator.get(account))["version"]
    fine(await newsroom.administrator.call("PATCH", account, {"roles": ["analyst"]}, version=version))
    now = await newsroom.coordinator.move(
        await newsroom.read(commentary), "reopen", note="A figure is wrong."
    )
    now = await newsroom.analyst.edit(now, lead="Prices fell, volumes did not.")
    await newsroom.coordinator.move(await newsroom.analyst.move(now, "submit"), "approve")
    task = await newsroom.task(commentary, "be")
    assert (task["state"], task["holder"]) == ("open", None)


async def test_a_cancelled_translation_that_readers_have_seen_can_be_taken_up_again(
    newsroom: Newsroom,
) -> None:
    published = await newsroom.a_published_commentary()
    task = await newsroom.coordinator.move_task(await newsroom.task(published, "be"), "return", note=NOTE)
    cancelled = await newsroom.coordinator.move_task(task, "cancel")
    assert (cancelled["state"], cancelled["note"]) == ("cancelled", None)
    now = await newsroom.read(published)
    path = f"/v1/commentaries/{now['id']}/languages"
    added = fine(await newsroom.coordinator.call("POST", path, {"language": "be"}, version=now["version"]))
    assert (edition(added, "be")["status"], edition(added, "be")["task"]["state"]) == ("live", "open")
    again = fine(await newsroom.coordinator.call("POST", path, {"language": "be"}, version=added["version"]))
    assert again["version"] == added["version"]
    task = await newsroom.translator_be.move_task(await newsroom.task(now, "be"), "claim")
    await mend(newsroom, task)
    now = await newsroom.read(now)
    corrected = await newsroom.coordinator.move(now, "publish", correction_note="Выпраўлена.")
    assert edition(corrected, "be")["live_revision"] == 2


async def test_a_language_that_is_dropped_and_wanted_again_in_a_draft_is_translated(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_translation(target_languages=["be", "ru"])
    now = await newsroom.coordinator.move(commentary, "reopen", note="A figure is wrong.")
    now = await newsroom.coordinator.edit(now, target_languages=["ru"])
    now = await newsroom.coordinator.edit(now, target_languages=["be", "ru"])
    now = await newsroom.coordinator.move(await newsroom.analyst.move(now, "submit"), "approve")
    assert (now["state"], edition(now, "be")["task"]["state"]) == ("in_translation", "open")


@asynccontextmanager
async def blocking(newsroom: Newsroom) -> AsyncIterator[None]:
    """The newsroom lets no translation go on with an unanswered warning."""

    async def say(blocks: bool) -> None:
        checks = (await newsroom.coordinator.get("/v1/publication-checks"))["data"]
        version = next(one["version"] for one in checks if one["name"] == "unanswered_warning")
        path = "/v1/publication-checks/unanswered_warning"
        fine(await newsroom.coordinator.call("PATCH", path, {"blocks": blocks}, version=version))

    await say(True)
    try:
        yield
    finally:
        await say(False)


async def a_task_with_a_warning(newsroom: Newsroom) -> dict[str, Any]:
    """All is translated, and the lead has another figure than its source."""
    commentary = await newsroom.a_commentary_in_translation(
        target_languages=["be"],
        title="Exports fall",
        lead="Ports handled 5 million tonnes.",
        blocks=[{"type": "paragraph", "text": "Text."}],
    )
    task = await newsroom.a_claimed_task(commentary, "be")
    (block,) = task["blocks"]
    units = {"title": "Экспарт падае", "lead": "Апрацавалі 6 млн тон.", "blocks": {block["id"]: "Тэкст."}}
    path = f"/v1/translation-tasks/{task['id']}"
    task = fine(await newsroom.translator_be.call("PATCH", path, units, version=task["version"]))
    assert len(task["warnings"]) == 1
    return task


async def attempt(person: Person, task: dict[str, Any], action: str) -> Any:
    path = f"/v1/translation-tasks/{task['id']}/transitions"
    return await person.call("POST", path, {"action": action}, version=task["version"])


async def answer(person: Person, task: dict[str, Any]) -> Any:
    path = f"/v1/translation-tasks/{task['id']}/warnings/{task['warnings'][0]['id']}"
    return await person.call("PUT", path, {"reason": "The ministry corrected it."}, version=task["version"])


async def test_a_blocking_warning_is_refused_at_submission_and_its_holder_answers_it(
    newsroom: Newsroom,
) -> None:
    async with blocking(newsroom):
        task = await a_task_with_a_warning(newsroom)
        problem = refused(await attempt(newsroom.translator_be, task, "submit"), 409, "warnings-block")
        assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [("/lead", "number")]
        seen = await newsroom.translator_be.get(f"/v1/translation-tasks/{task['id']}")
        assert {one["code"] for one in seen["blocked_actions"] if one["action"] == "submit"} == {
            "warnings-block"
        }
        assert "answer_warning" in seen["allowed_actions"]
        # A coordinator answers what they review, and reviews what was handed in.
        refused(await answer(newsroom.coordinator, task), 403)
        task = fine(await answer(newsroom.translator_be, task))
        task = await newsroom.translator_be.move_task(task, "submit")
        await newsroom.coordinator.move_task(task, "accept")
        await newsroom.coordinator.move(
            await newsroom.coordinator.get(f"/v1/commentaries/{task['commentary_id']}"), "publish"
        )


async def test_a_warning_that_blocks_after_the_submission_is_answered_by_the_coordinator_who_reviews(
    newsroom: Newsroom,
) -> None:
    task = await newsroom.translator_be.move_task(await a_task_with_a_warning(newsroom), "submit")
    async with blocking(newsroom):
        refused(await attempt(newsroom.coordinator, task, "accept"), 409, "warnings-block")
        seen = await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}")
        assert {"answer_warning", "return"} <= set(seen["allowed_actions"])
        task = fine(await answer(newsroom.coordinator, task))
        assert task["warnings"][0]["answer"] == "The ministry corrected it."
        seen = await newsroom.translator_be.get(f"/v1/translation-tasks/{task['id']}")
        assert seen["warnings"][0]["answer"] == "The ministry corrected it."
        assert (await newsroom.coordinator.move_task(task, "accept"))["state"] == "accepted"


async def test_a_warning_that_blocks_after_the_acceptance_strands_nothing(newsroom: Newsroom) -> None:
    task = await newsroom.translator_be.move_task(await a_task_with_a_warning(newsroom), "submit")
    task = await newsroom.coordinator.move_task(task, "accept")
    commentary = f"/v1/commentaries/{task['commentary_id']}"
    async with blocking(newsroom):
        now = await newsroom.coordinator.get(commentary)
        body = {"action": "publish", "languages": ["be"]}
        path = f"{commentary}/transitions"
        refused(
            await newsroom.coordinator.call("POST", path, body, version=now["version"]), 409, "warnings-block"
        )
        task = await newsroom.coordinator.move_task(task, "return", note="Answer the warning.")
        task = fine(await answer(newsroom.translator_be, task))
        task = await newsroom.translator_be.move_task(task, "submit")
        await newsroom.coordinator.move_task(task, "accept")
        now = await newsroom.coordinator.move(await newsroom.coordinator.get(commentary), "publish")
        assert edition(now, "be")["status"] == "live"


async def test_a_closed_section_keeps_no_text_for_ever(newsroom: Newsroom) -> None:
    key = "closing"
    body = {"key": key, "position": 90, "labels": {"be": "а", "ru": "б", "en": "c"}}
    section = fine(await newsroom.coordinator.call("POST", "/v1/sections", body))
    ready = await newsroom.a_commentary_in_translation(section=key, target_languages=[])
    close = await newsroom.coordinator.call(
        "PATCH", f"/v1/sections/{key}", {"is_closed": True}, version=section["version"]
    )
    fine(close)
    now = await newsroom.read(ready)
    path = f"/v1/commentaries/{now['id']}/transitions"
    refused(
        await newsroom.coordinator.call("POST", path, {"action": "publish"}, version=now["version"]),
        409,
        "section-is-closed",
    )
    now = await newsroom.coordinator.edit(now, section="security")
    assert (await newsroom.coordinator.move(now, "publish"))["state"] == "published"


@pytest.mark.parametrize("way", ["request_changes", "reopen"])
async def test_a_note_is_there_while_its_request_is_open(newsroom: Newsroom, way: str) -> None:
    now = await newsroom.a_commentary_in_review(target_languages=[])
    if way == "reopen":
        now = await newsroom.coordinator.move(now, "approve")
    now = await newsroom.coordinator.move(now, way, note=NOTE)
    assert now["note"] == NOTE
    now = await newsroom.analyst.edit(now, lead="Prices fell, volumes did not.")
    now = await newsroom.analyst.move(now, "discard")
    now = await newsroom.analyst.move(now, "restore")
    assert now["note"] == NOTE
    now = await newsroom.analyst.move(now, "submit")
    assert now["note"] is None
    for person in (newsroom.coordinator, newsroom.analyst):
        assert (await person.get(f"/v1/commentaries/{now['id']}"))["note"] is None
    now = await newsroom.analyst.move(now, "recall")
    assert now["note"] is None
    now = await newsroom.coordinator.move(await newsroom.analyst.move(now, "submit"), "approve")
    assert now["note"] is None
    now = await newsroom.coordinator.move(now, "publish")
    assert now["note"] is None
    # The history has it.
    told = (await newsroom.analyst.get(f"/v1/commentaries/{now['id']}/history?limit=100"))["data"]
    assert [one["note"] for one in told if one["action"] == way] == [NOTE]


async def test_the_note_of_a_returned_translation_is_there_until_it_is_handed_in(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation(target_languages=["be"])
    task = await newsroom.a_submitted_task(commentary, "be")
    task = await newsroom.coordinator.move_task(task, "return", note=NOTE)
    task = await newsroom.translate(newsroom.translator_be, task)
    assert task["note"] == NOTE
    task = await newsroom.translator_be.move_task(task, "release")
    task = await newsroom.translator_be.move_task(task, "claim")
    assert task["note"] == NOTE
    task = await newsroom.translator_be.move_task(task, "submit")
    assert task["note"] is None
    assert (await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}"))["note"] is None
    task = await newsroom.translator_be.move_task(task, "recall")
    assert task["note"] is None
    task = await newsroom.translator_be.move_task(task, "submit")
    assert (await newsroom.coordinator.move_task(task, "accept"))["note"] is None


async def test_a_retraction_of_all_closes_the_request_of_a_draft(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    now = await newsroom.analyst.move(await newsroom.analyst.move(published, "revise"), "submit")
    now = await newsroom.coordinator.move(now, "request_changes", note=NOTE)
    now = await newsroom.coordinator.move(now, "retract", reason="The figures were wrong.", languages=["en"])
    assert (now["state"], now["note"]) == ("draft", NOTE)
    now = await newsroom.coordinator.move(now, "retract", reason="The figures were wrong.")
    assert (now["state"], now["note"]) == ("retracted", None)
