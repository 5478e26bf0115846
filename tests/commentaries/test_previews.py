"""Previews: an approved text as readers would get it, by a link that ends and opens nothing by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from newsroom import Newsroom, fine, refused


async def a_link(newsroom: Newsroom, commentary: dict[str, Any], language: str = "en") -> str:
    made = fine(
        await newsroom.coordinator.call(
            "POST", f"/v1/commentaries/{commentary['id']}/previews", {"language": language}
        )
    )
    url: str = made["url"]
    return url


async def a_service(newsroom: Newsroom, *scopes: str) -> dict[str, str]:
    body = {"name": "The public site", "scopes": list(scopes), "expires_in_days": 1}
    made = fine(await newsroom.administrator.call("POST", "/v1/service-tokens", body))
    return {"Authorization": f"Bearer {made['token']}"}


async def follow(newsroom: Newsroom, url: str, headers: dict[str, str]) -> httpx.Response:
    return await newsroom.client.get(url, headers=headers)


async def test_a_preview_is_what_readers_will_get(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    response = await newsroom.coordinator.call(
        "POST", f"/v1/commentaries/{ready['id']}/previews", {"language": "be", "hours": 48}
    )
    made = fine(response)
    assert response.status_code == 201
    assert response.headers["location"] == made["url"]
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=47) < left <= timedelta(hours=48)
    response = await follow(newsroom, made["url"], await a_service(newsroom, "preview:read"))
    preview = fine(response)
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert (preview["is_live"], preview["revision"]) == (False, made["revision"])
    published = await newsroom.coordinator.move(ready, "publish")
    slug = next(one["slug"] for one in published["editions"] if one["language"] == "be")
    page = fine(await newsroom.client.get(f"/v1/published/be/{ready['week']}/{slug}"))
    # All but the times, and the other languages that went live with it.
    times = ("published_at", "updated_at", "alternates")
    assert {name: value for name, value in preview["page"].items() if name not in times} == {
        name: value for name, value in page.items() if name not in times
    }
    # The link goes on, and says that readers have it.
    assert fine(await newsroom.coordinator.call("GET", made["url"]))["is_live"]


async def test_a_link_opens_nothing_by_itself(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    url = await a_link(newsroom, ready, "be")
    refused(await newsroom.client.get(url), 401)
    refused(await follow(newsroom, url, await a_service(newsroom, "events:read")), 403)
    for who in ("coordinator", "analyst", "translator_be"):
        preview = await newsroom.people[who].get(url)
        assert newsroom.analyst.id not in str(preview)
        assert newsroom.analyst.name not in str(preview)
    for who in ("translator_ru", "other_analyst", "administrator"):
        refused(await newsroom.people[who].call("GET", url), 404)
    refused(await newsroom.coordinator.call("GET", f"{url}x"), 404)
    refused(await newsroom.coordinator.call("GET", f"/v1/previews/{'x' * 43}"), 404)


async def test_a_link_is_made_by_who_sees_the_text_whole_and_leaves_an_entry(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    path, body = f"/v1/commentaries/{ready['id']}/previews", {"language": "en"}
    refused(await newsroom.other_analyst.call("POST", path, body), 404)
    refused(await newsroom.translator_be.call("POST", path, body), 403)
    fine(await newsroom.analyst.call("POST", path, body))
    for wrong in ({}, {"language": "en", "hours": 0}, {"language": "en", "hours": 721}, {"tongue": "en"}):
        refused(await newsroom.analyst.call("POST", path, wrong), 422)
    refused(await newsroom.analyst.call("POST", path, {"language": "de"}), 409, "nothing-is-ready")
    history = (await newsroom.coordinator.get(f"/v1/commentaries/{ready['id']}/history?limit=100"))["data"]
    assert (history[-1]["action"], history[-1]["who"]) == ("make_preview", newsroom.analyst.name)
    assert history[-1]["sentence"].startswith("A link to a preview was made (language: English)")
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}/previews"
    refused(await newsroom.coordinator.call("POST", path, body), 409, "nothing-is-ready")


async def test_a_link_ends_with_the_approval_of_its_text(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation(target_languages=[])
    url = await a_link(newsroom, commentary)
    site = await a_service(newsroom, "preview:read")
    fine(await follow(newsroom, url, site))
    commentary = await newsroom.coordinator.move(commentary, "reopen", note="A source has called.")
    refused(await follow(newsroom, url, site), 410, "preview-has-ended")
    commentary = await newsroom.analyst.edit(commentary, lead="Prices fell, volumes did not.")
    commentary = await newsroom.analyst.move(commentary, "submit")
    await newsroom.coordinator.move(commentary, "approve")
    # Another text is approved: the link shows neither that nor the old one.
    refused(await follow(newsroom, url, site), 410, "preview-has-ended")
    refused(await newsroom.coordinator.call("GET", url), 410, "preview-has-ended")
    refused(await newsroom.other_analyst.call("GET", url), 404)


async def test_a_link_ends_with_its_time_and_is_never_made_longer(
    newsroom: Newsroom, application_url: str
) -> None:
    commentary = await newsroom.a_commentary_in_translation(target_languages=[])
    url = await a_link(newsroom, commentary)
    connection = await asyncpg.connect(application_url)
    try:
        kept = await connection.fetchval(
            "select to_jsonb(preview_link)::text from preview_link where commentary_id = $1",
            commentary["id"],
        )
        # What is kept does not lead back to the link.
        assert url.rsplit("/", 1)[1] not in kept
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update preview_link set expires_at = expires_at + interval '1 day'")
        async with connection.transaction():
            context = (
                f'{{"actor_kind": "person", "actor": "{newsroom.coordinator.id}", "action": "make_preview", '
                f'"object_kind": "commentary", "object": "{commentary["id"]}", "request": "by-hand"}}'
            )
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            await connection.execute(
                "insert into preview_link (id, token_hash, commentary_id, language, approval_id, revision,"
                " created_by, created_at, expires_at)"
                " select new_id(), sha256('an earlier link'), commentary_id, language, approval_id, revision,"
                " created_by, now() - interval '2 hours', now() - interval '1 hour'"
                " from preview_link where commentary_id = $1",
                commentary["id"],
            )
    finally:
        await connection.close()
    refused(await newsroom.coordinator.call("GET", "/v1/previews/an earlier link"), 410, "preview-has-ended")
