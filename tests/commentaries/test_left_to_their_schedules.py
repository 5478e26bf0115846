"""Editions with a schedule of their own are left alone by whatever does not name them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsroom import Newsroom, fine, refused


def soon(days: int = 2) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def statuses(commentary: dict[str, Any]) -> dict[str, str]:
    return {one["language"]: one["status"] for one in commentary["editions"]}


def instants(commentary: dict[str, Any]) -> dict[str, str | None]:
    return {one["language"]: one["scheduled_for"] for one in commentary["editions"]}


async def test_publishing_without_languages_leaves_a_scheduled_edition_alone(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    scheduled = await newsroom.coordinator.move(ready, "schedule", at=soon(), languages=["be"])
    now = await newsroom.coordinator.move(scheduled, "publish")
    assert statuses(now) == {"en": "live", "be": "scheduled", "ru": "live"}
    assert instants(now)["be"] == instants(scheduled)["be"]
    # All that is ready has a schedule: there is nothing to publish, but what is named.
    blocked = {one["action"]: one["code"] for one in now["blocked_actions"]}
    assert blocked["publish"] == blocked["schedule"] == "only-scheduled-is-ready"
    path = f"/v1/commentaries/{now['id']}/transitions"
    for body in ({"action": "publish"}, {"action": "schedule", "at": soon(3)}):
        problem = await newsroom.coordinator.call("POST", path, body, version=now["version"])
        refused(problem, 409, "only-scheduled-is-ready")
    now = await newsroom.coordinator.move(now, "publish", languages=["be"])
    assert statuses(now) == dict.fromkeys(("en", "be", "ru"), "live")
    assert instants(now)["be"] is None


async def test_scheduling_without_languages_moves_no_other_schedule(newsroom: Newsroom) -> None:
    now = await newsroom.coordinator.move(
        await newsroom.a_ready_commentary(), "schedule", at=soon(2), languages=["be"]
    )
    first = instants(now)["be"]
    now = await newsroom.coordinator.move(now, "schedule", at=soon(5))
    assert instants(now)["be"] == first
    assert instants(now)["en"] == instants(now)["ru"] != first
    now = await newsroom.coordinator.move(now, "schedule", at=soon(7), languages=["be"])
    assert instants(now)["be"] not in {first, instants(now)["en"]}


async def test_a_scheduled_correction_waits_although_the_rest_is_live(newsroom: Newsroom) -> None:
    """Nothing is published, not even the state, where the only thing to publish has its own instant."""
    published = await newsroom.a_published_commentary()
    now = await newsroom.analyst.edit(
        await newsroom.analyst.move(published, "revise"), lead="Prices fell, volumes did not."
    )
    now = await newsroom.analyst.move(now, "submit")
    now = await newsroom.coordinator.move(now, "approve", unchanged_in_meaning=["lead"])
    assert now["state"] == "ready"
    now = await newsroom.coordinator.move(now, "schedule", at=soon(), correction_note="Prices fell.")
    path = f"/v1/commentaries/{now['id']}/transitions"
    refused(
        await newsroom.coordinator.call("POST", path, {"action": "publish"}, version=now["version"]),
        409,
        "only-scheduled-is-ready",
    )
    # Of a partial retraction, the schedules of the rest know nothing.
    now = await newsroom.coordinator.move(now, "retract", reason="A slip.", languages=["ru"])
    assert instants(now)["en"] is not None


WEEKS = iter(f"2032-W{number:02}" for number in range(1, 50))


@pytest.fixture
async def week(newsroom: Newsroom) -> tuple[str, dict[str, Any]]:
    """A week with one text that is ready, whose Belarusian edition is scheduled."""
    own = next(WEEKS)
    commentary = await newsroom.a_commentary_in_translation(week=own)
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(commentary, language)
    ready = await newsroom.read(commentary)
    return own, await newsroom.coordinator.move(ready, "schedule", at=soon(), languages=["be"])


@pytest.mark.parametrize("mode", ["as_much_as_is_ready", "all_or_nothing"])
async def test_publishing_a_week_leaves_alone_what_is_scheduled(
    newsroom: Newsroom, week: tuple[str, dict[str, Any]], mode: str
) -> None:
    own, commentary = week
    path = f"/v1/weeks/{own}/publish"
    board = await newsroom.coordinator.get(f"/v1/weeks/{own}")
    assert (board["totals"]["can_be_published"], board["totals"]["scheduled"]) == (2, 1)
    (cell,) = [
        cell
        for section in board["sections"]
        for one in section["commentaries"]
        for cell in one["cells"]
        if cell["language"] == "be"
    ]
    assert (cell["can_be_published"], cell["reason"]["code"]) == (False, "only-scheduled-is-ready")
    done = fine(await newsroom.coordinator.call("POST", path, {"mode": mode}))
    assert (done["published"], done["scheduled"], done["refused"]) == (2, 1, 0)
    outcomes = {one["language"]: one["outcome"] for one in done["data"]}
    assert outcomes == {"en": "published", "be": "scheduled", "ru": "published"}
    now = await newsroom.read(commentary)
    assert statuses(now) == {"en": "live", "be": "scheduled", "ru": "live"}
    assert instants(now)["be"] == instants(commentary)["be"]
    again = await newsroom.coordinator.call("POST", path, {"mode": mode})
    if mode == "all_or_nothing":
        refused(again, 409, "only-scheduled-is-ready")
    else:
        assert (fine(again)["published"], fine(again)["already_live"]) == (0, 2)
    named = fine(await newsroom.coordinator.call("POST", path, {"mode": mode, "languages": ["be"]}))
    assert named["published"] == 1
    assert statuses(await newsroom.read(commentary))["be"] == "live"
