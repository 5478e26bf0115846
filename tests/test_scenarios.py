"""Six stories from the bug trackers of other publishing systems, each with what the trail tells of it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from editorial.database.access import Database
from editorial.operations import worker
from editorial.settings import Settings
from newsroom import Newsroom, Person, fine, invited, refused

WITHDRAWN = "The approval was withdrawn before the scheduled time."
ANOTHER_TEXT = "Another text was approved after this was scheduled."
NOT_THEIRS = "The person who scheduled this may not publish it any more."


def edition(commentary: dict[str, Any], language: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in commentary["editions"] if one["language"] == language)
    return found


def in_a_minute() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


async def page(newsroom: Newsroom, commentary: dict[str, Any], language: str) -> httpx.Response:
    slug = edition(commentary, language)["slug"]
    return await newsroom.client.get(f"/v1/published/{language}/{commentary['week']}/{slug}")


async def told(newsroom: Newsroom, commentary: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """What the trail tells: action, who, why."""
    history = await newsroom.coordinator.get(f"/v1/commentaries/{commentary['id']}/history?limit=100")
    return [(one["action"], one["who"], one["note"]) for one in history["data"]]


async def touched(owner_url: str, commentary: dict[str, Any], action: str) -> set[tuple[str, str | None]]:
    """What an action has written, by the trail: the table, and the language of the row."""
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch(
            "select change.table_name, change.row_key, change.after from audit_change as change "
            "inner join audit_entry on audit_entry.id = change.entry_id "
            "where audit_entry.commentary_id = $1 and audit_entry.action = $2",
            commentary["id"],
            action,
        )
    finally:
        await connection.close()
    return {
        (
            row["table_name"],
            json.loads(row["row_key"]).get("language") or json.loads(row["after"] or "{}").get("language"),
        )
        for row in rows
    }


async def the_instant_comes(owner_url: str, commentary: dict[str, Any]) -> None:
    """A minute passes, for this commentary's schedules."""
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute(
                "select set_config('editorial.context', "
                '\'{"actor_kind": "system", "action": "mend", "request": "psql"}\', true)'
            )
            await connection.execute(
                "update edition set scheduled_for = scheduled_for - interval '1 minute' "
                "where commentary_id = $1 and scheduled_for is not null",
                commentary["id"],
            )
    finally:
        await connection.close()


async def the_worker_works(application_url: str) -> None:
    """Another round of another worker, however busy the server's own may be."""
    db = Database(application_url, pool_size=2)
    await db.open()
    try:
        async with asyncio.timeout(20):
            while not await worker.work_once(db, Settings(data_dir=Path())):
                await asyncio.sleep(0.1)
    finally:
        await db.close()


async def until_decided(
    newsroom: Newsroom, commentary: dict[str, Any], language: str = "en"
) -> dict[str, Any]:
    """The commentary when nothing is scheduled any more in a language."""
    async with asyncio.timeout(20):
        while edition(now := await newsroom.read(commentary), language)["scheduled_for"]:
            await asyncio.sleep(0.1)
    return now


async def test_an_approval_is_withdrawn_a_minute_before_the_schedule(
    newsroom: Newsroom, owner_url: str, application_url: str
) -> None:
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    scheduled = await newsroom.coordinator.move(ready, "schedule", at=in_a_minute().isoformat())
    reopened = await newsroom.other_coordinator.move(scheduled, "reopen", note="A source has called.")
    english = edition(reopened, "en")
    assert (english["status"], english["scheduled_for"], english["schedule_refusal"]) == (
        "pending",
        None,
        WITHDRAWN,
    )
    await the_instant_comes(owner_url, ready)
    await the_worker_works(application_url)
    assert await newsroom.read(ready) == {**reopened, **(await allowed_to_coordinator(newsroom, ready))}
    # What was scheduled and what ended it, and nothing after that.
    assert (await told(newsroom, ready))[-2:] == [
        ("schedule", "you", None),
        ("reopen", "Other Coordinator", "A source has called."),
    ]


async def allowed_to_coordinator(newsroom: Newsroom, commentary: dict[str, Any]) -> dict[str, Any]:
    now = await newsroom.read(commentary)
    return {name: now[name] for name in ("allowed_actions", "blocked_actions")}


async def test_something_scheduled_for_tomorrow_is_approved_today(
    newsroom: Newsroom, application_url: str
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat()
    now = await newsroom.a_commentary_in_translation(target_languages=[])
    now = await newsroom.coordinator.move(now, "publish")
    now = await newsroom.analyst.move(now, "revise")
    now = await newsroom.analyst.edit(now, lead="Prices fell, volumes did not.")
    now = await newsroom.analyst.move(now, "submit")
    now = await newsroom.coordinator.move(now, "approve")
    before = fine(await page(newsroom, now, "en"))
    now = await newsroom.coordinator.move(now, "schedule", at=tomorrow, correction_note="The lead.")
    # A second thought, approved today: it neither goes live today nor takes over the schedule of the first.
    now = await newsroom.coordinator.move(now, "reopen", note="One word more.")
    now = await newsroom.analyst.edit(now, lead="Prices fell, and volumes did not.")
    now = await newsroom.analyst.move(now, "submit")
    now = await newsroom.other_coordinator.move(now, "approve")
    await the_worker_works(application_url)
    now = await newsroom.read(now)
    english = edition(now, "en")
    assert (english["live_revision"], english["scheduled_for"]) == (1, None)
    assert fine(await page(newsroom, now, "en")) == before
    assert [(action, who) for action, who, _ in await told(newsroom, now)][-5:] == [
        ("schedule", "you"),
        ("reopen", "you"),
        ("edit", "Analyst"),
        ("submit", "Analyst"),
        ("approve", "Other Coordinator"),
    ]


async def test_a_text_is_edited_after_its_approval(newsroom: Newsroom, owner_url: str) -> None:
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    approved = ready["text"]
    path = f"/v1/commentaries/{ready['id']}"
    body = {"lead": "Nobody has read this."}
    for person in (newsroom.analyst, newsroom.coordinator):
        problem = refused(
            await person.call("PATCH", path, body, version=(await person.get(path))["version"]),
            409 if person is newsroom.analyst else 403,
        )
        assert "edit" not in problem.get("allowed_actions", [])
    # The way back is to withdraw the approval; what is edited then has none, and nothing can publish it.
    now = await newsroom.coordinator.move(ready, "reopen", note="The lead is unclear.")
    now = await newsroom.analyst.edit(now, lead="Prices held; volumes fell.")
    now = await newsroom.analyst.move(now, "submit")
    move = f"{path}/transitions"
    refused(await newsroom.coordinator.call("POST", move, {"action": "publish"}, version=now["version"]), 409)
    now = await newsroom.other_coordinator.move(now, "approve")
    now = await newsroom.coordinator.move(now, "publish")
    live = fine(await page(newsroom, now, "en"))
    assert live["lead"] == "Prices held; volumes fell." != approved["lead"]
    assert edition(now, "en")["live_revision"] == now["text"]["revision"] == approved["revision"] + 1
    assert [(action, who, note) for action, who, note in await told(newsroom, now)][-6:] == [
        ("approve", "you", None),
        ("reopen", "you", "The lead is unclear."),
        ("edit", "Analyst", None),
        ("submit", "Analyst", None),
        ("approve", "Other Coordinator", None),
        ("publish", "you", None),
    ]
    # Whoever wrote past the guards would be stopped by Postgres: what was not approved is not made live.
    connection = await asyncpg.connect(owner_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "select set_config('editorial.context', "
            '\'{"actor_kind": "system", "action": "mend", "request": "psql"}\', true)'
        )
        await connection.execute(
            "update approval set withdrawn_at = now() where commentary_id = $1 and withdrawn_at is null",
            now["id"],
        )
        shown = await connection.fetchrow(
            "update edition set live_revision = null, live_approval_id = null, approval_id = null, "
            "approved_revision = null where commentary_id = $1 returning revision",
            now["id"],
        )
        assert shown is not None
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="approv"):
            await connection.execute(
                "update edition set live_revision = $2, live_approval_id = ("
                "select id from approval where commentary_id = $1 and revision = $2"
                ") where commentary_id = $1",
                now["id"],
                shown["revision"],
            )
        await transaction.rollback()
    finally:
        await connection.close()


async def test_the_account_of_whoever_scheduled_is_disabled(
    newsroom: Newsroom, owner_url: str, application_url: str
) -> None:
    id, header = await invited(newsroom, "leaves-before-the-instant", roles=["coordinator"])
    token = header["Authorization"].removeprefix("Bearer ")
    leaving = Person(newsroom.client, "leaving", "", "", id, token)
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    await leaving.move(ready, "schedule", at=in_a_minute().isoformat())
    account = f"/v1/people/{id}"
    version = (await newsroom.administrator.get(account))["version"]
    fine(await newsroom.administrator.call("POST", f"{account}/deactivation", version=version))
    assert edition(await newsroom.read(ready), "en")["status"] == "scheduled"
    await the_instant_comes(owner_url, ready)
    await the_worker_works(application_url)
    now = await until_decided(newsroom, ready)
    english = edition(now, "en")
    assert (now["state"], english["status"], english["schedule_refusal"]) == ("ready", "ready", NOT_THEIRS)
    board = await newsroom.coordinator.get(f"/v1/weeks/{now['week']}")
    cells = [
        cell
        for section in board["sections"]
        for one in section["commentaries"]
        if one["id"] == now["id"]
        for cell in one["cells"]
    ]
    assert [cell["schedule_refusal"] for cell in cells] == [NOT_THEIRS]
    assert (await told(newsroom, now))[-1] == (
        "unschedule",
        "the system, for: leaves-before-the-instant",
        NOT_THEIRS,
    )


async def test_two_workers_look_and_one_begins_again_in_the_due_minute(
    newsroom: Newsroom, owner_url: str, application_url: str
) -> None:
    """Many at once find the same thing due, one of them is torn away from it, and it happens once.

    With processes that are killed: tests/operations/test_worker.py.
    """
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    await newsroom.coordinator.move(ready, "schedule", at=in_a_minute().isoformat())
    await the_instant_comes(owner_url, ready)
    torn = asyncio.create_task(the_worker_works(application_url))
    others = [asyncio.create_task(the_worker_works(application_url)) for _ in range(2)]
    await asyncio.sleep(0.02)
    torn.cancel()
    await asyncio.gather(torn, *others, return_exceptions=True)
    await the_worker_works(application_url)
    now = await until_decided(newsroom, ready)
    assert edition(now, "en")["status"] == "live"
    assert [one for one in await told(newsroom, now) if one[0] == "publish"] == [
        ("publish", "the system, for: you", None)
    ]


async def test_one_language_is_published_and_retracted_and_the_others_stay_as_they_are(
    newsroom: Newsroom, owner_url: str
) -> None:
    now = await newsroom.a_ready_commentary()
    now = await newsroom.coordinator.move(now, "publish", languages=["be", "ru"])

    async def others() -> dict[str, Any]:
        """Text, revision, slug and times of the others: for readers, on the desk, and the work behind it."""
        seen = await newsroom.read(now)
        found = {}
        for language in ("be", "ru"):
            public = fine(await page(newsroom, seen, language))
            del public["alternates"]
            task = await newsroom.task(seen, language)
            for name in ("allowed_actions", "blocked_actions", "version"):
                del task[name]
            found[language] = (edition(seen, language), public, task)
        return found

    before = await others()
    now = await newsroom.coordinator.move(now, "publish", languages=["en"])
    assert await others() == before
    alternates = fine(await page(newsroom, now, "be"))["alternates"]
    assert sorted(one["language"] for one in alternates) == ["en", "ru"]
    now = await newsroom.coordinator.move(now, "retract", reason="The figures were wrong.", languages=["en"])
    assert now["state"] == "published"
    assert await others() == before
    assert refused(await page(newsroom, now, "en"), 410)["detail"] == "The figures were wrong."
    assert [one["language"] for one in fine(await page(newsroom, now, "be"))["alternates"]] == ["ru"]
    assert [one for one in await told(newsroom, now) if one[0] in ("publish", "retract")][1:] == [
        ("publish", "you", None),
        ("retract", "you", "The figures were wrong."),
    ]
    # Of what was retracted the trail names rows of this language alone, and the commentary itself.
    assert {language for _, language in await touched(owner_url, now, "retract")} <= {"en", None}
    assert ("edition", "en") in await touched(owner_url, now, "retract")


async def test_a_clock_that_jumps_does_no_harm(
    newsroom: Newsroom, owner_url: str, application_url: str
) -> None:
    """The clock of Postgres, the only one that counts, was an hour fast for a while, and is put right."""
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    now = await newsroom.coordinator.move(ready, "schedule", at=in_a_minute().isoformat())
    # On it goes: what is due now goes live, and is due no more.
    await the_instant_comes(owner_url, ready)
    await the_worker_works(application_url)
    now = await until_decided(newsroom, ready)
    # Back it goes: what is live is so from an hour on that has yet to come.
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(
            "set session_replication_role = replica; select set_config('editorial.context', "
            '\'{"actor_kind": "system", "action": "mend", "request": "psql"}\', false)'
        )
        for change in (
            "update edition set published_at = published_at + interval '1 hour', "
            "first_published_at = first_published_at + interval '1 hour' where commentary_id = $1",
            "update commentary set updated_at = updated_at + interval '1 hour' where id = $1",
        ):
            await connection.execute(change, ready["id"])
    finally:
        await connection.close()
    await the_worker_works(application_url)
    assert edition(await newsroom.read(ready), "en")["live_revision"] == 1
    assert (await page(newsroom, now, "en")).status_code == 200
    # Work goes on as ever, and what comes later stands later.
    now = await newsroom.analyst.move(await newsroom.read(ready), "revise")
    now = await newsroom.analyst.edit(now, lead="Prices fell, volumes did not.")
    now = await newsroom.analyst.move(now, "submit")
    now = await newsroom.coordinator.move(now, "approve")
    now = await newsroom.coordinator.move(now, "publish", correction_note="The lead named the wrong trend.")
    assert edition(now, "en")["live_revision"] == 2
    where = f"/v1/published/en/{now['week']}/{edition(now, 'en')['slug']}"
    async with asyncio.timeout(10):
        while (await newsroom.client.get(where)).json()["lead"] != "Prices fell, volumes did not.":
            await asyncio.sleep(0.05)
    live = fine(await newsroom.client.get(where))
    assert [one["note"] for one in live["corrections"]] == ["The lead named the wrong trend."]
    await newsroom.coordinator.move(now, "retract", reason="The figures were wrong.")
    assert refused(await page(newsroom, now, "en"), 410)["detail"] == "The figures were wrong."
    assert [one[0] for one in await told(newsroom, now)][-3:] == ["approve", "publish", "retract"]
    assert [one[1] for one in await told(newsroom, now) if one[0] == "publish"] == [
        "the system, for: you",
        "you",
    ]
