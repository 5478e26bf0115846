"""The translators' queue: what is most urgent, who holds what, and what becomes of a claim."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from newsroom import Newsroom, fine, refused


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def due(newsroom: Newsroom, task: dict[str, Any], at: str | None) -> dict[str, Any]:
    """A task that a coordinator wants by then."""
    path = f"/v1/translation-tasks/{task['id']}"
    now = await newsroom.coordinator.get(path)
    return fine(await newsroom.coordinator.call("PATCH", path, {"due_at": at}, version=now["version"]))


async def test_a_translation_is_wanted_by_the_end_of_its_week_unless_somebody_says_otherwise(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_translation(week="2024-W30")
    task = await newsroom.task(commentary, "be")
    assert task["due_at"] == "2024-07-29T00:00:00Z"
    at = datetime.now(UTC) + timedelta(days=3)
    commentary = await newsroom.read(commentary)
    commentary = await newsroom.coordinator.move(commentary, "schedule", at=at.isoformat(), languages=["en"])
    assert instant((await newsroom.task(commentary, "be"))["due_at"]) == at
    task = await due(newsroom, task, "2031-01-06T08:00:00+03:00")
    assert task["due_at"] == "2031-01-06T05:00:00Z"
    assert instant((await newsroom.task(commentary, "ru"))["due_at"]) == at
    task = await due(newsroom, task, None)
    assert instant(task["due_at"]) == at
    await newsroom.coordinator.move(await newsroom.read(commentary), "unschedule")
    commentary = await newsroom.coordinator.edit(await newsroom.read(commentary), week="2024-W31")
    assert (await newsroom.task(commentary, "be"))["due_at"] == "2024-08-05T00:00:00Z"
    history = (await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}/history"))["data"]
    assert [entry["action"] for entry in history] == ["change_due_date", "change_due_date"]


async def test_a_due_date_is_for_coordinators_and_has_an_offset(newsroom: Newsroom) -> None:
    task = await newsroom.a_claimed_task(await newsroom.a_commentary_in_translation(), "be")
    path = f"/v1/translation-tasks/{task['id']}"
    body = {"due_at": "2031-01-06T08:00:00Z"}
    refused(await newsroom.translator_be.call("PATCH", path, body, version=task["version"]), 403)
    both = {**body, "title": "Загаловак"}
    refused(await newsroom.translator_be.call("PATCH", path, both, version=task["version"]), 403)
    refused(await newsroom.coordinator.call("PATCH", path, both, version=task["version"]), 403)
    naive = {"due_at": "2031-01-06T08:00:00"}
    refused(await newsroom.coordinator.call("PATCH", path, naive, version=task["version"]), 422)
    assert (await newsroom.coordinator.get(path))["version"] == task["version"]


async def test_claim_next_takes_the_most_urgent_and_of_two_the_older(newsroom: Newsroom) -> None:
    tasks = [await newsroom.task(await newsroom.a_commentary_in_translation(), "be") for _ in range(3)]
    first, second, third = tasks
    await due(newsroom, third, "2001-01-01T00:00:00Z")
    await due(newsroom, second, "2001-01-02T00:00:00Z")
    await due(newsroom, first, "2001-01-02T00:00:00Z")
    claimed = [
        fine(
            await newsroom.translator_be.call("POST", "/v1/translation-tasks/claim-next", {"language": "be"})
        )["id"]
        for _ in range(3)
    ]
    assert claimed == [third["id"], first["id"], second["id"]]
    for task_id in claimed:
        task = await newsroom.coordinator.get(f"/v1/translation-tasks/{task_id}")
        await newsroom.coordinator.move_task(task, "cancel")


async def test_the_list_is_in_order_of_urgency_and_pages_lose_nothing(newsroom: Newsroom) -> None:
    made = [await newsroom.a_commentary_in_translation(week="2019-W0" + str(n)) for n in (3, 1, 2)]
    tasks = [await newsroom.task(commentary, "ru") for commentary in made]
    found: list[str] = []
    path = "/v1/translation-tasks?language=ru&state=open&limit=1"
    for _ in range(3):
        answer = await newsroom.translator_ru.call("GET", path)
        page = fine(answer)
        found += [one["id"] for one in page["data"]]
        # What is claimed meanwhile leaves the list, and the next page begins where this one ended.
        task = await newsroom.translator_ru.get(f"/v1/translation-tasks/{found[-1]}")
        await newsroom.translator_ru.move_task(task, "claim")
        path = answer.headers["link"].partition(">")[0].removeprefix("<") if page["next_cursor"] else ""
    assert found == [tasks[1]["id"], tasks[2]["id"], tasks[0]["id"]]
    overdue = await newsroom.coordinator.get("/v1/translation-tasks?week=2019-W02&overdue=true&language=ru")
    assert [(one["id"], one["is_overdue"]) for one in overdue["data"]] == [(tasks[2]["id"], True)]
    mine = await newsroom.translator_ru.get("/v1/translation-tasks?holder=me&week=2019-W02")
    assert [one["id"] for one in mine["data"]] == [tasks[2]["id"]]
    none = await newsroom.coordinator.get("/v1/translation-tasks?week=2019-W02&overdue=false")
    assert none["data"] == []


async def test_what_is_still_to_be_done_comes_first_and_what_is_done_with_after_it(
    newsroom: Newsroom,
) -> None:
    made = [await newsroom.a_commentary_in_translation(week="2018-W0" + str(n)) for n in (4, 1, 2, 3)]
    older, newer = [await newsroom.an_accepted_task(one, "ru") for one in made[1:3]]
    cancelled = await newsroom.coordinator.move_task(await newsroom.task(made[3], "ru"), "cancel")
    open_one = await newsroom.task(made[0], "ru")
    claimed = await newsroom.a_claimed_task(made[0], "be")
    ours = {one["id"]: one for one in (older, newer, cancelled, open_one, claimed)}
    found: list[str] = []
    path: str | None = "/v1/translation-tasks?limit=2"
    while path is not None:
        answer = await newsroom.coordinator.call("GET", path)
        found += [one["id"] for one in fine(answer)["data"]]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert len(found) == len(set(found))
    to_do = sorted([open_one["id"], claimed["id"]])
    assert [one for one in found if one in ours] == [*to_do, cancelled["id"], newer["id"], older["id"]]
    of_week = await newsroom.coordinator.get("/v1/translation-tasks?week=2018-W01&language=ru")
    assert [(one["state"], one["is_overdue"]) for one in of_week["data"]] == [("accepted", False)]
    # A translator who did not make them sees what was accepted, but not what was called off.
    others = await newsroom.other_translator_be.get("/v1/translation-tasks?week=2018-W04")
    assert [one["id"] for one in others["data"]] == [claimed["id"]]


async def test_the_last_task_that_is_cancelled_makes_the_commentary_ready(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await newsroom.an_accepted_task(commentary, "be")
    await newsroom.translator_ru.move_task(await newsroom.task(commentary, "ru"), "claim")
    assert (await newsroom.read(commentary))["state"] == "in_translation"
    await newsroom.coordinator.move_task(await newsroom.task(commentary, "ru"), "cancel")
    ready = await newsroom.read(commentary)
    assert (ready["state"], ready["editions"][2]["status"]) == ("ready", "pending")
    # Reopened and approved again, it waits for nobody whose task was cancelled.
    draft = await newsroom.coordinator.move(ready, "reopen", note="One word.")
    again = await newsroom.coordinator.move(await newsroom.analyst.move(draft, "submit"), "approve")
    assert again["state"] == "ready"
    # What is cancelled while the source is a draft makes nothing ready.
    other = await newsroom.a_commentary_in_translation(target_languages=["be"])
    other = await newsroom.coordinator.move(other, "reopen", note="One word.")
    await newsroom.coordinator.move_task(await newsroom.task(other, "be"), "cancel")
    assert (await newsroom.read(other))["state"] == "draft"
    # And what goes live is what was accepted.
    live = await newsroom.coordinator.move(await newsroom.read(again), "publish")
    assert {one["language"]: one["status"] for one in live["editions"]} == {
        "en": "live",
        "be": "live",
        "ru": "pending",
    }


async def test_a_coordinator_sees_who_holds_what_and_translators_do_not(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(commentary, "be")
    query = f"/v1/translation-tasks?holder={newsroom.translator_be.id}&commentary={commentary['id']}"
    (seen,) = (await newsroom.coordinator.get(query))["data"]
    assert seen["holder"]["display_name"] == newsroom.translator_be.name
    refused(await newsroom.other_translator_be.call("GET", query), 422)
    other = f"/v1/translation-tasks?commentary={commentary['id']}"
    (seen,) = (await newsroom.other_translator_be.get(other))["data"]
    assert (seen["id"], seen["is_mine"], seen["claim_expires_at"]) == (task["id"], False, None)
    assert "holder" not in seen


async def expire_in(owner_url: str, task: dict[str, Any], interval: str) -> None:
    """Let a claim run out then, as if its holder had saved long ago. By the owner, and through the door."""
    connection = await asyncpg.connect(owner_url)
    context = '{"actor_kind": "system", "action": "wind_the_clock", "request": "test"}'
    try:
        async with connection.transaction():
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            await connection.execute(
                "update translation_task set claim_expires_at = now() + $2::text::interval where id = $1",
                task["id"],
                interval,
            )
    finally:
        await connection.close()


async def test_a_claim_warns_runs_out_and_keeps_its_text(newsroom: Newsroom, owner_url: str) -> None:
    task = await newsroom.a_translated_task(await newsroom.a_commentary_in_translation(), "be")
    translator, path = newsroom.translator_be, f"/v1/translation-tasks/{task['id']}"
    assert not task["claim_expires_soon"]
    await expire_in(owner_url, task, "11 hours")
    task = await translator.get(path)
    assert task["claim_expires_soon"]
    other = await newsroom.other_translator_be.get(path)
    assert not other["claim_expires_soon"]
    task = fine(await translator.call("PATCH", path, {"title": "Іншы"}, version=task["version"]))
    assert not task["claim_expires_soon"]
    assert instant(task["claim_expires_at"]) > datetime.now(UTC) + timedelta(hours=47)
    await expire_in(owner_url, task, "-1 second")
    for _ in range(100):
        task = await newsroom.coordinator.get(path)
        if task["state"] == "open":
            break
        await asyncio.sleep(0.1)
    assert (task["state"], task["holder"], task["title"]["target"]) == ("open", None, "Іншы")
    history = (await newsroom.coordinator.get(f"{path}/history"))["data"]
    assert history[-1]["sentence"] == (
        "Time ran out: the translation into Belarusian is back in the queue, its text is kept. — the system"
    )
    claimed = await newsroom.other_translator_be.move_task(task, "claim")
    assert claimed["title"]["target"] == "Іншы"
