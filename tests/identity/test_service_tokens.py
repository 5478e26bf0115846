"""What the server of a front end may do: what its token's scopes say, and nothing else."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from editorial.app import FEATURES
from editorial.core.permissions import SCOPES, Scope
from newsroom import Newsroom, fine, refused

SITE = {"name": "The public site", "scopes": ["preview:read", "events:read"], "expires_in_days": 30}


async def a_token(newsroom: Newsroom, **members: Any) -> dict[str, Any]:
    return fine(await newsroom.administrator.call("POST", "/v1/service-tokens", {**SITE, **members}))


async def ask(newsroom: Newsroom, token: str, method: str, path: str, body: Any = None) -> httpx.Response:
    header = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
    return await newsroom.client.request(method, path, json=body, headers=header)


async def test_a_service_token_is_shown_once_and_kept_as_a_hash(
    newsroom: Newsroom, application_url: str
) -> None:
    made = await a_token(newsroom)
    assert re.fullmatch(r"editorial_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", made["token"])
    assert made["token"].startswith(made["prefix"] + "_")
    listed = (await newsroom.administrator.get("/v1/service-tokens?limit=100"))["data"]
    [shown] = [one for one in listed if one["id"] == made["id"]]
    assert shown == {key: value for key, value in made.items() if key != "token"}
    assert shown["last_used_at"] is None
    secret = made["token"].removeprefix(made["prefix"] + "_")
    connection = await asyncpg.connect(application_url)
    try:
        kept = await connection.fetchval(
            "select to_jsonb(service_token)::text from service_token where id = $1", made["id"]
        )
        told = await connection.fetch(
            "select after::text as said from audit_change where table_name = 'service_token'"
        )
    finally:
        await connection.close()
    assert told
    for text in (kept, *(row["said"] for row in told)):
        assert secret not in text
    assert not any("token_hash" in row["said"] for row in told)


async def test_the_last_use_is_shown(newsroom: Newsroom) -> None:
    made = await a_token(newsroom)
    refused(await ask(newsroom, made["token"], "GET", "/v1/me"), 403)
    listed = (await newsroom.administrator.get("/v1/service-tokens?limit=100"))["data"]
    [shown] = [one for one in listed if one["id"] == made["id"]]
    used = datetime.fromisoformat(shown["last_used_at"])
    assert abs((datetime.now(UTC) - used).total_seconds()) < 30


async def test_a_revoked_token_is_void_at_once_and_stays_in_the_list(newsroom: Newsroom) -> None:
    made = await a_token(newsroom)
    refused(await ask(newsroom, made["token"], "GET", "/v1/me"), 403, "forbidden")
    fine(await newsroom.administrator.call("DELETE", f"/v1/service-tokens/{made['id']}"))
    refused(await ask(newsroom, made["token"], "GET", "/v1/me"), 401, "not-signed-in")
    listed = (await newsroom.administrator.get("/v1/service-tokens?limit=100"))["data"]
    assert next(one for one in listed if one["id"] == made["id"])["revoked_at"] is not None
    refused(await newsroom.administrator.call("DELETE", f"/v1/service-tokens/{uuid4()}"), 404)


async def test_a_token_that_ran_out_is_void(newsroom: Newsroom, owner_url: str) -> None:
    made = await a_token(newsroom)
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute(
                "select set_config('editorial.context', "
                '\'{"actor_kind": "system", "action": "test", "request": "test"}\', true)'
            )
            await connection.execute("update service_token set expires_at = now() where id = $1", made["id"])
    finally:
        await connection.close()
    refused(await ask(newsroom, made["token"], "GET", "/v1/me"), 401, "not-signed-in")


@pytest.mark.parametrize(
    "body", [{"scopes": []}, {"scopes": ["desk:write"]}, {"expires_in_days": 400}, {"name": ""}]
)
async def test_a_token_wants_a_name_known_scopes_and_an_end(newsroom: Newsroom, body: dict[str, Any]) -> None:
    refused(await newsroom.administrator.call("POST", "/v1/service-tokens", {**SITE, **body}), 422, "invalid")


@pytest.mark.parametrize("who", ["analyst", "coordinator", "translator_be"])
async def test_only_administrators_keep_service_tokens(newsroom: Newsroom, who: str) -> None:
    person = newsroom.people[who]
    refused(await person.call("GET", "/v1/service-tokens"), 403)
    refused(await person.call("POST", "/v1/service-tokens", SITE), 403)
    refused(await person.call("DELETE", f"/v1/service-tokens/{uuid4()}"), 403)


async def test_a_service_reaches_nothing_that_its_scopes_do_not_name(
    newsroom: Newsroom, app: Litestar
) -> None:
    made = await a_token(newsroom)
    draft = await newsroom.a_draft()
    tried = 0
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if handler.opt.get("public") or handler.opt.get("scope") is not None:
                continue
            path = re.sub(r"\{\w+:uuid\}", draft["id"], route.path)
            path = re.sub(r"\{\w+:\w+\}", "1", path)
            problem = refused(await ask(newsroom, made["token"], method, path), 403, "forbidden")
            assert problem["detail"] == "The service token has no scope for this."
            tried += 1
    assert tried > 30
    assert await newsroom.read(draft) == draft | {
        key: value for key, value in (await newsroom.read(draft)).items() if key.endswith("_actions")
    }


def test_every_scope_is_explained_and_no_route_asks_for_another() -> None:
    assert set(SCOPES) == set(Scope)
    asked = {route.opt.get("scope") for feature in FEATURES for route in feature.ROUTES}
    assert asked - {None} <= set(Scope)


@pytest.mark.parametrize("token", ["editorial_", "editorial_0123abcd_" + "A" * 43, "editorial_" + "x" * 9000])
async def test_no_invented_service_token_is_good(newsroom: Newsroom, token: str) -> None:
    refused(await ask(newsroom, token, "GET", "/v1/me"), 401)


async def test_a_service_changes_nobodys_password(newsroom: Newsroom) -> None:
    made = await a_token(newsroom)
    body = {"current_password": "x", "new_password": "nine plain words are easy to remember"}
    refused(await ask(newsroom, made["token"], "POST", "/v1/auth/password", body), 401)
