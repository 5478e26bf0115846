"""The week's board, warnings before publication, and a whole week published in one call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from editorial.commentaries.board import read_board
from editorial.core.checks import Check, Site
from editorial.core.permissions import Actor, ActorKind, Role
from editorial.database.access import Database
from newsroom import Newsroom, fine, refused
from servers import serving

_WEEKS = count(1)


@pytest.fixture
def week() -> str:
    """Give a week that nothing else is written for."""
    return f"2031-W{next(_WEEKS):02d}"


def cells(board: dict[str, Any], commentary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The cells of one commentary, by language."""
    shown = next(
        one
        for section in board["sections"]
        for one in section["commentaries"]
        if one["id"] == commentary["id"]
    )
    return {cell["language"]: cell for cell in shown["cells"]}


@asynccontextmanager
async def blocking(newsroom: Newsroom, check: str) -> AsyncIterator[None]:
    """The newsroom lets nothing go live with this warning."""
    for blocks in (True, False):
        checks = (await newsroom.coordinator.get("/v1/publication-checks"))["data"]
        now = next(one for one in checks if one["name"] == check)
        path = f"/v1/publication-checks/{check}"
        fine(await newsroom.coordinator.call("PATCH", path, {"blocks": blocks}, version=now["version"]))
        if blocks:
            try:
                yield
            except BaseException:
                checks = (await newsroom.coordinator.get("/v1/publication-checks"))["data"]
                now = next(one for one in checks if one["name"] == check)
                await newsroom.coordinator.call("PATCH", path, {"blocks": False}, version=now["version"])
                raise


async def test_the_board_tells_what_stands_where_and_why_it_is_not_live(
    newsroom: Newsroom, week: str
) -> None:
    draft = await newsroom.a_draft(week=week, section="security")
    translated = await newsroom.a_commentary_in_translation(week=week)
    task = await newsroom.a_claimed_task(translated, "be")
    board = await newsroom.coordinator.get(f"/v1/weeks/{week}")
    assert board["week"] == week
    assert board["languages"] == ["be", "ru", "en"]
    of_draft, of_translated = cells(board, draft), cells(board, translated)
    assert list(of_draft) == ["en", "be", "ru"]
    assert (of_draft["en"]["status"], of_draft["en"]["holder"]["id"]) == ("pending", newsroom.analyst.id)
    # The reasons are those of the action itself.
    for commentary, cell in ((draft, of_draft["en"]), (draft, of_draft["be"])):
        path = f"/v1/commentaries/{commentary['id']}/transitions"
        problem = refused(
            await newsroom.coordinator.call(
                "POST", path, {"action": "publish"}, version=commentary["version"]
            ),
            409,
        )
        assert (cell["reason"]["code"], cell["reason"]["reason"]) == (problem["code"], problem["detail"])
        assert cell["reason"].get("params") == problem.get("params")
        assert not cell["can_be_published"]
    assert (of_translated["en"]["status"], of_translated["en"]["can_be_published"]) == ("ready", True)
    assert of_translated["en"]["reason"] is None
    assert of_translated["be"]["reason"]["code"] == "nothing-is-ready"
    assert of_translated["be"]["task"] == {"id": task["id"], "state": "claimed"}
    assert of_translated["be"]["holder"]["id"] == newsroom.translator_be.id
    assert of_translated["ru"]["holder"] is None
    assert of_translated["be"]["due_at"] is not None
    # Tests of other files add sections of their own, which come last.
    missing = board["missing"]["sections"]
    assert missing[:3] == ["domestic-policy", "foreign-policy", "society"]
    assert not {"economy", "security"} & set(missing)
    not_live = [translated["id"], draft["id"]]
    assert [(one["language"], one["commentaries"]) for one in board["missing"]["languages"]] == [
        ("be", not_live),
        ("ru", not_live),
        ("en", not_live),
    ]
    assert board["totals"] == {
        "commentaries": 2,
        "editions": 6,
        "pending": 5,
        "ready": 1,
        "scheduled": 0,
        "live": 0,
        "retracted": 0,
        "can_be_published": 1,
        "warnings": 0,
    }


async def test_the_board_of_a_schedule_that_came_to_nothing_says_why(newsroom: Newsroom, week: str) -> None:
    ready = await newsroom.a_commentary_in_translation(week=week, target_languages=["be"])
    at = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    now = await newsroom.coordinator.move(ready, "schedule", at=at.isoformat())
    cell = cells(await newsroom.coordinator.get(f"/v1/weeks/{week}"), now)["en"]
    assert (cell["status"], cell["reason"]["code"]) == ("scheduled", "only-scheduled-is-ready")
    assert datetime.fromisoformat(cell["scheduled_for"]) == datetime.fromisoformat(cell["due_at"]) == at
    now = await newsroom.coordinator.move(now, "reopen", note="A source has called.")
    cell = cells(await newsroom.coordinator.get(f"/v1/weeks/{week}"), now)["en"]
    assert cell["schedule_refusal"] == "The approval was withdrawn before the scheduled time."
    board = await newsroom.coordinator.get(f"/v1/weeks/{week}")
    shown = next(section for section in board["sections"] if section["key"] == "economy")
    assert shown["commentaries"][0]["missing_languages"] == ["ru"]


async def test_everybody_has_the_board_of_what_they_may_see(newsroom: Newsroom, week: str) -> None:
    draft = await newsroom.a_draft(week=week, section="security")
    working = await newsroom.a_commentary_in_translation(week=week)
    await newsroom.a_claimed_task(working, "be")
    boards = {
        who: await newsroom.people[who].get(f"/v1/weeks/{week}")
        for who in ("analyst", "other_analyst", "translator_be", "translator_ru", "administrator")
    }
    seen = {
        who: {one["id"] for section in board["sections"] for one in section["commentaries"]}
        for who, board in boards.items()
    }
    assert seen == {
        "analyst": {draft["id"], working["id"]},
        "other_analyst": set(),
        "translator_be": {working["id"]},
        "translator_ru": {working["id"]},
        "administrator": set(),
    }
    # What one may not see is missing for them, and is counted for nobody.
    assert boards["administrator"]["totals"]["commentaries"] == 0
    assert "security" in boards["translator_be"]["missing"]["sections"]
    assert "security" not in boards["analyst"]["missing"]["sections"]
    # The author sees where it stands, not who translates; a translator, their own language and the source.
    assert "holder" not in cells(boards["analyst"], working)["be"]
    assert list(cells(boards["translator_be"], working)) == ["en", "be"]
    assert cells(boards["translator_be"], working)["be"]["holder"]["id"] == newsroom.translator_be.id
    assert cells(boards["translator_be"], working)["en"]["task"] is None
    assert list(cells(boards["translator_ru"], working)) == ["en", "ru"]
    assert "holder" not in cells(boards["translator_ru"], working)["ru"]
    for who in ("translator_be", "translator_ru", "administrator", "other_analyst"):
        told = str(boards[who])
        assert newsroom.analyst.id not in told
        assert newsroom.analyst.name not in told
    # Once it is live, everybody has it, as readers do.
    published = await newsroom.coordinator.move(working, "publish")
    for who in ("administrator", "other_analyst"):
        board = await newsroom.people[who].get(f"/v1/weeks/{week}")
        assert list(cells(board, published)) == ["en"]
        assert board["totals"]["live"] == board["totals"]["editions"] == 1
        assert board["sections"][2]["commentaries"][0]["version"] == 0
        assert "author" not in board["sections"][2]["commentaries"][0]


async def test_a_week_that_never_was_has_no_board(newsroom: Newsroom) -> None:
    for never in ("2031-W54", "2031-W1", "soon"):
        refused(await newsroom.coordinator.call("GET", f"/v1/weeks/{never}"), 404)
        body = {"mode": "as_much_as_is_ready"}
        refused(await newsroom.coordinator.call("POST", f"/v1/weeks/{never}/publish", body), 404)


async def test_a_week_is_published_as_far_as_it_is_ready(newsroom: Newsroom, week: str) -> None:
    draft = await newsroom.a_draft(week=week, section="security")
    ready = await newsroom.a_commentary_in_translation(week=week)
    both = await newsroom.a_commentary_in_translation(week=week, section="society", target_languages=["be"])
    await newsroom.an_accepted_task(both, "be")
    path = f"/v1/weeks/{week}/publish"
    body = {"mode": "as_much_as_is_ready"}
    refused(await newsroom.analyst.call("POST", path, body), 403, "forbidden")
    done = fine(await newsroom.coordinator.call("POST", path, body))
    assert (done["published"], done["already_live"], done["refused"]) == (3, 0, 5)
    outcomes = {(one["commentary_id"], one["language"]): one["outcome"] for one in done["data"]}
    assert outcomes == {
        (ready["id"], "en"): "published",
        (ready["id"], "be"): "refused",
        (ready["id"], "ru"): "refused",
        (draft["id"], "en"): "refused",
        (draft["id"], "be"): "refused",
        (draft["id"], "ru"): "refused",
        (both["id"], "en"): "published",
        (both["id"], "be"): "published",
    }
    assert all((one["reason"] is None) is (one["outcome"] == "published") for one in done["data"])
    for commentary in (ready, both):
        history = await newsroom.coordinator.get(f"/v1/commentaries/{commentary['id']}/history?limit=100")
        assert [one["action"] for one in history["data"]].count("publish") == 1
    again = fine(await newsroom.coordinator.call("POST", path, body))
    assert (again["published"], again["already_live"], again["refused"]) == (0, 3, 5)


async def test_a_language_or_section_that_is_mistyped_publishes_nothing_and_is_named(
    newsroom: Newsroom, week: str
) -> None:
    ready = await newsroom.a_commentary_in_translation(week=week, target_languages=[])
    body = {"languages": ["en", "pl"], "sections": ["economy", "ecnomy"]}
    for mode in ("as_much_as_is_ready", "all_or_nothing"):
        answer = await newsroom.coordinator.call("POST", f"/v1/weeks/{week}/publish", {"mode": mode, **body})
        assert [(one["pointer"], one["code"]) for one in refused(answer, 422, "invalid")["errors"]] == [
            ("/languages/1", "unknown_language"),
            ("/sections/1", "unknown_section"),
        ]
    assert (await newsroom.read(ready))["editions"][0]["status"] == "ready"


async def test_a_week_is_published_whole_or_not_at_all(newsroom: Newsroom, week: str) -> None:
    ready = await newsroom.a_commentary_in_translation(week=week, target_languages=[])
    draft = await newsroom.a_draft(week=week, section="security", target_languages=[])
    thrown = await newsroom.a_draft(week=week, section="society")
    await newsroom.analyst.move(thrown, "discard")
    path = f"/v1/weeks/{week}/publish"
    problem = refused(
        await newsroom.coordinator.call("POST", path, {"mode": "all_or_nothing"}), 409, "week-is-not-ready"
    )
    assert [one["pointer"] for one in problem["errors"]] == [f"/{draft['id']}/en"]
    assert [one["code"] for one in problem["errors"]] == ["not-in-this-state"]
    assert (await newsroom.read(ready))["version"] == ready["version"]
    done = fine(
        await newsroom.coordinator.call("POST", path, {"mode": "all_or_nothing", "sections": ["economy"]})
    )
    assert [(one["commentary_id"], one["outcome"]) for one in done["data"]] == [(ready["id"], "published")]
    body = {"mode": "all_or_nothing", "sections": ["economy"]}
    refused(await newsroom.coordinator.call("POST", path, body), 409, "nothing-is-ready")


async def test_what_was_live_before_needs_its_words_in_a_week_too(newsroom: Newsroom, week: str) -> None:
    commentary = await newsroom.a_commentary_in_translation(week=week, target_languages=[])
    commentary = await newsroom.coordinator.move(commentary, "publish")
    commentary = await newsroom.analyst.move(commentary, "revise")
    commentary = await newsroom.analyst.edit(commentary, lead="Prices fell, volumes did not.")
    commentary = await newsroom.analyst.move(commentary, "submit")
    commentary = await newsroom.coordinator.move(commentary, "approve")
    path = f"/v1/weeks/{week}/publish"
    done = fine(await newsroom.coordinator.call("POST", path, {"mode": "as_much_as_is_ready"}))
    assert [one["outcome"] for one in done["data"]] == ["refused"]
    body = {"mode": "as_much_as_is_ready", "minor": True, "correction_note": "Both."}
    refused(await newsroom.coordinator.call("POST", path, body), 422)
    body = {"mode": "all_or_nothing", "correction_note": "The lead named the wrong trend."}
    done = fine(await newsroom.coordinator.call("POST", path, body))
    assert done["published"] == 1
    slug = (await newsroom.read(commentary))["editions"][0]["slug"]
    page = fine(await newsroom.client.get(f"/v1/published/en/{week}/{slug}"))
    assert [one["note"] for one in page["corrections"]] == ["The lead named the wrong trend."]


async def test_two_who_publish_the_same_week_at_once_publish_each_edition_once(
    newsroom: Newsroom, week: str
) -> None:
    for _ in range(3):
        await newsroom.a_commentary_in_translation(week=week, target_languages=[])
    path, body = f"/v1/weeks/{week}/publish", {"mode": "as_much_as_is_ready"}
    answers = await asyncio.gather(
        *(
            person.call("POST", path, body)
            for person in (newsroom.coordinator, newsroom.other_coordinator) * 2
        )
    )
    assert sorted(fine(answer)["published"] for answer in answers) == [0, 0, 0, 3]


async def test_warnings_say_what_to_look_at(newsroom: Newsroom, week: str) -> None:
    taken = await newsroom.a_commentary_in_translation(week=week, target_languages=[])
    taken = await newsroom.coordinator.move(taken, "publish")
    slug = taken["editions"][0]["slug"]
    live = f"https://api.example.org/v1/published/en/{week}/{slug}"
    nowhere = f"https://api.example.org/v1/published/en/{week}/never-was-{uuid4().hex[:8]}"
    blocks = [
        {
            "type": "paragraph",
            "text": f"See [this]({live}), [that]({nowhere}), [elsewhere](https://e.org/x).",
        },
        {"type": "figure", "url": "https://photos.example.org/a.jpg", "alt": "", "credit": "A.", "id": "fig"},
    ]
    photo = {"url": "https://photos.example.org/b.jpg", "credit": "A. Photographer"}
    second = await newsroom.a_commentary_in_translation(
        week=week, target_languages=[], blocks=blocks, photo=photo
    )

    def told(commentary: dict[str, Any]) -> list[tuple[str, str | None, bool]]:
        return [(one["check"], one["place"], one["blocks"]) for one in commentary["warnings"]]

    assert told(second) == [
        ("section_is_taken", None, False),
        ("picture_without_alternative", "photo", False),
        ("picture_without_alternative", "fig", False),
        ("dead_link", None, False),
    ]
    assert second["warnings"][3]["detail"] == f"The link `{nowhere}` leads nowhere."
    board = await newsroom.coordinator.get(f"/v1/weeks/{week}")
    assert cells(board, second)["en"]["warnings"] == second["warnings"]
    assert board["totals"]["warnings"] == 4
    # Once the other is taken down, the section is free, and links to it are dead, on the site's address too.
    await newsroom.coordinator.move(taken, "retract", reason="Wrong.")
    second = await newsroom.read(second)
    assert [one for one in told(second) if one[0] != "picture_without_alternative"] == [
        ("dead_link", None, False),
        ("dead_link", None, False),
    ]
    site = f"https://digest.example.org/en/{week}/{slug}"
    third = await newsroom.a_draft(week=week, blocks=[{"type": "paragraph", "text": f"[This]({site})."}])
    assert [one["detail"] for one in third["warnings"]] == [
        f"The link `{site}` leads to a text that was retracted."
    ]
    # Weeks, lists and feeds lead somewhere, where there is something.
    root = "https://api.example.org/v1/published"
    empty = (f"{root}/en/1999-W01", f"{root}/xx/feed.atom", f"{root}/en/{week}/nothing?a=b")
    full = (f"{root}/en", f"{root}/be/feed.atom", f"{root}/en/2024-W30", f"{root}/sitemap.xml#top")
    await newsroom.coordinator.move(
        await newsroom.a_commentary_in_translation(target_languages=[]), "publish"
    )
    words = " ".join(f"[a]({one})" for one in (*empty, *full))
    fourth = await newsroom.a_draft(week=week, blocks=[{"type": "paragraph", "text": words}])
    assert {one["detail"] for one in fourth["warnings"]} == {
        f"The link `{one}` leads nowhere." for one in empty
    }
    # Nobody learns from a warning that something unpublished has an address.
    hidden = await newsroom.a_draft()
    name = f"hidden-{uuid4().hex}"
    await newsroom.coordinator.move(hidden, "change_slug", language="en", slug=name)
    guess = [{"type": "paragraph", "text": f"[This](https://digest.example.org/en/{week}/{name})."}]
    assert (await newsroom.a_draft(week=week, blocks=guess))["warnings"] == []


async def test_a_translator_and_a_colleague_get_no_warnings(newsroom: Newsroom, week: str) -> None:
    photo = {"url": "https://photos.example.org/b.jpg", "credit": "A. Photographer"}
    commentary = await newsroom.a_commentary_in_translation(week=week, photo=photo)
    path = f"/v1/commentaries/{commentary['id']}"
    assert "warnings" in await newsroom.analyst.get(path)
    assert "warnings" not in await newsroom.translator_be.get(path)
    board = await newsroom.translator_be.get(f"/v1/weeks/{week}")
    assert all(cell["warnings"] == [] for cell in cells(board, commentary).values())


async def test_a_translation_whose_source_has_moved_on_is_told(newsroom: Newsroom, week: str) -> None:
    commentary = await newsroom.a_commentary_in_translation(week=week, target_languages=["be"])
    await newsroom.an_accepted_task(commentary, "be")
    commentary = await newsroom.coordinator.move(await newsroom.read(commentary), "publish")
    commentary = await newsroom.analyst.move(commentary, "revise")
    commentary = await newsroom.analyst.edit(commentary, lead="Prices fell, volumes did not.")
    commentary = await newsroom.analyst.move(commentary, "submit")
    commentary = await newsroom.coordinator.move(commentary, "approve")
    assert [(one["check"], one["language"]) for one in commentary["warnings"]] == [
        ("source_has_moved_on", "be")
    ]


async def test_a_warning_that_the_newsroom_has_marked_blocks_its_language_and_no_other(
    newsroom: Newsroom, week: str
) -> None:
    photo = {"url": "https://photos.example.org/b.jpg", "credit": "A. Photographer"}
    commentary = await newsroom.a_commentary_in_translation(week=week, target_languages=[], photo=photo)
    path = f"/v1/commentaries/{commentary['id']}/transitions"
    at = (datetime.now(UTC) + timedelta(seconds=1.5)).isoformat()
    scheduled = await newsroom.coordinator.move(commentary, "schedule", at=at)
    async with blocking(newsroom, "picture_without_alternative"):
        # A schedule that was made before is held to it at its instant.
        async with asyncio.timeout(15):
            while True:
                now = await newsroom.read(scheduled)
                if now["editions"][0]["scheduled_for"] is None:
                    break
                await asyncio.sleep(0.1)
        why = "English: The picture has no alternative text."
        assert (now["state"], now["editions"][0]["schedule_refusal"]) == ("ready", why)
        assert now["warnings"][0]["blocks"]
        blocked = {one["action"]: (one["code"], one["reason"]) for one in now["blocked_actions"]}
        assert blocked["publish"] == blocked["schedule"] == ("warnings-block", why)
        for body in ({"action": "publish"}, {"action": "schedule", "at": "2099-01-01T00:00:00Z"}):
            problem = refused(
                await newsroom.coordinator.call("POST", path, body, version=now["version"]),
                409,
                "warnings-block",
            )
            assert [one["code"] for one in problem["errors"]] == ["picture_without_alternative"]
        cell = cells(await newsroom.coordinator.get(f"/v1/weeks/{week}"), now)["en"]
        assert cell["reason"] == {"code": "warnings-block", "reason": why}
        body = {"mode": "as_much_as_is_ready"}
        done = fine(await newsroom.coordinator.call("POST", f"/v1/weeks/{week}/publish", body))
        assert done["data"][0]["reason"] == cell["reason"]
    assert (await newsroom.coordinator.move(now, "publish"))["state"] == "published"


async def test_of_two_in_one_section_a_week_publishes_one_where_that_blocks(
    newsroom: Newsroom, week: str
) -> None:
    for _ in range(2):
        await newsroom.a_commentary_in_translation(week=week, target_languages=[])
    path = f"/v1/weeks/{week}/publish"
    async with blocking(newsroom, "section_is_taken"):
        problem = refused(await newsroom.coordinator.call("POST", path, {"mode": "all_or_nothing"}), 409)
        assert [one["code"] for one in problem["errors"]] == ["warnings-block"]
        board = await newsroom.coordinator.get(f"/v1/weeks/{week}")
        assert board["totals"]["live"] == 0
        done = fine(await newsroom.coordinator.call("POST", path, {"mode": "as_much_as_is_ready"}))
        assert sorted(one["outcome"] for one in done["data"]) == ["published", "refused"]


async def test_only_coordinators_say_what_blocks(newsroom: Newsroom) -> None:
    listed = (await newsroom.analyst.get("/v1/publication-checks"))["data"]
    assert [one["name"] for one in listed] == list(Check)
    assert not any(one["blocks"] for one in listed)
    path, body = "/v1/publication-checks/dead_link", {"blocks": True}
    for who in ("analyst", "translator_be", "administrator"):
        refused(await newsroom.people[who].call("PATCH", path, body, version=listed[4]["version"]), 403)
    refused(await newsroom.coordinator.call("PATCH", path, body), 428)
    refused(await newsroom.coordinator.call("PATCH", path, body, version=99), 412)
    refused(await newsroom.coordinator.call("PATCH", "/v1/publication-checks/spelling", body, version=1), 404)
    problem = refused(
        await newsroom.coordinator.call("PATCH", path, {"block": True}, version=listed[4]["version"]), 422
    )
    assert {one["pointer"] for one in problem["errors"]} == {"/block", "/blocks"}


async def test_the_board_takes_two_statements_whatever_the_week_holds(
    newsroom: Newsroom, week: str, application_url: str
) -> None:
    db = Database(application_url, pool_size=1)
    await db.open()
    asked: list[str] = []
    actor = Actor(
        kind=ActorKind.PERSON, id=UUID(newsroom.coordinator.id), roles=frozenset({Role.COORDINATOR})
    )
    try:
        async with db.read() as connection:
            connection.add_query_logger(lambda query: asked.append(query.query))
            for wanted in (0, 3):
                for _ in range(wanted):
                    await newsroom.a_draft(week=week)
                await asyncio.sleep(0)
                asked.clear()
                board = await read_board(connection, actor, week, Site())
                await asyncio.sleep(0)  # asyncpg tells of a query in the loop's next turn
                assert board.totals.commentaries == wanted
                assert len(asked) == 2
    finally:
        await db.close()


async def test_a_link_to_the_site_that_leads_nowhere_is_told_whatever_stands_there_hidden(
    newsroom: Newsroom, application_url: str, tmp_path: Path
) -> None:
    site = "https://digest.example.org/{language}/{week}/{slug}"
    live = await newsroom.coordinator.move(
        await newsroom.a_commentary_in_translation(target_languages=[]), "publish"
    )
    hidden, name = await newsroom.a_draft(), f"hidden-{uuid4().hex}"
    await newsroom.coordinator.move(hidden, "change_slug", language="en", slug=name)
    there = site.format(language="en", week="2024-W30", slug=live["editions"][0]["slug"])
    unpublished = site.format(language="en", week="2024-W30", slug=name)
    never = site.format(language="en", week="2024-W30", slug=f"never-{uuid4().hex}")
    words = f"[a]({there}), [b]({unpublished}), [c]({never}), [d](https://digest.example.org/about)"
    draft = await newsroom.a_draft(week="2024-W29", blocks=[{"type": "paragraph", "text": words}])
    with serving(
        application_url, tmp_path / "log", EDITORIAL_SITE_URL=site, EDITORIAL_DATA_DIR=str(tmp_path / "data")
    ) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            seen = await replace(newsroom.coordinator, client=client).get(f"/v1/commentaries/{draft['id']}")
    dead = {one["detail"] for one in seen["warnings"] if one["check"] == "dead_link"}
    assert dead == {f"The link `{one}` leads nowhere." for one in (unpublished, never)}
