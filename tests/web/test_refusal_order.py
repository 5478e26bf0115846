"""Which refusal comes first, what a query may hold, and what a cursor tells: nothing."""

import asyncio
import base64
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import pytest
from litestar.routes import HTTPRoute

from described import APP
from editorial.web.parameters import parameters_of, validate_query
from newsroom import TEXT, Newsroom, refused

EXPORT = next(
    handler
    for route in APP.routes
    if isinstance(route, HTTPRoute) and route.path == "/v1/trail/export"
    for method, (handler, _) in route.route_handler_map.items()
    if method == "GET"
)
NOWHERE = "01900000-0000-7000-8000-000000000000"


async def test_a_query_is_judged_after_who_asks_and_what_they_may_see(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    refused(await newsroom.client.get("/v1/people?role=boss"), 401)
    refused(await newsroom.analyst.call("GET", "/v1/people?role=boss"), 403)
    refused(await newsroom.other_analyst.call("GET", f"{path}?bogus=1"), 404)
    refused(await newsroom.other_analyst.call("GET", f"/v1/commentaries/{NOWHERE}?bogus=1"), 404)
    refused(await newsroom.analyst.call("GET", f"{path}?bogus=1"), 422)
    refused(await newsroom.analyst.call("PATCH", f"{path}?bogus=1", {"title": "x"}), 428)
    refused(await newsroom.analyst.call("PATCH", f"{path}?bogus=1", {"title": "x"}, version=9), 412)
    move = {"action": "recall"}
    refused(await newsroom.analyst.call("POST", f"{path}/transitions?bogus=1", move, version=1), 409)


async def test_a_password_needs_somebody_or_a_link_before_it_is_judged(newsroom: Newsroom) -> None:
    path = "/v1/auth/password"
    refused(await newsroom.client.post(path, json={"new_password": "x"}), 401, "not-signed-in")
    refused(await newsroom.client.post(path, json=[]), 401, "not-signed-in")
    faults = refused(await newsroom.client.post(path, json={"token": 5, "new_password": "x", "y": 1}), 422)
    assert {one["pointer"] for one in faults["errors"]} == {"/token", "/new_password", "/y"}
    refused(await newsroom.analyst.call("POST", path, {"new_password": "x"}), 422)


async def test_all_the_faults_of_a_query_and_of_a_body_come_at_once(newsroom: Newsroom) -> None:
    answer = await newsroom.coordinator.call("GET", "/v1/people?role=boss&limit=0&limit=5&bogus=&state=%00")
    assert [(one["pointer"], one["code"]) for one in refused(answer, 422)["errors"]] == [
        ("/query/role", "choice"),
        ("/query/limit", "range"),
        ("/query/limit", "repeated"),
        ("/query/bogus", "unknown"),
        ("/query/state", "character"),
    ]
    answer = await newsroom.analyst.call("POST", "/v1/commentaries?x=1", {**TEXT, "title": 5, "y": 1})
    pointers = [one["pointer"] for one in refused(answer, 422)["errors"]]
    assert pointers == ["/query/x", "/y", "/title"]


def test_a_list_with_a_bad_query_is_asked_for_one_thing_only() -> None:
    # With a hundred, an export of the trail took seconds on a busy machine, only to be refused.
    known = parameters_of(EXPORT)
    for query in (b"bogus=1", b"bogus=1&limit=100", b"limit=500&person=nobody", b"limit=0"):
        faults, asked = validate_query(query, known)
        assert faults
        assert parse_qs(asked)[b"limit"] == [b"1"]
    assert validate_query(b"limit=100", known) == ([], b"limit=100")


async def test_a_write_with_a_bad_query_changes_nothing(newsroom: Newsroom, application_url: str) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    answer = await newsroom.analyst.call("PATCH", f"{path}?dry_run=1", {"title": "Changed"}, version=1)
    problem = refused(answer, 422)
    assert problem["errors"][0]["pointer"] == "/query/dry_run"
    now = await newsroom.read(draft)
    assert (now["version"], now["text"]["title"]) == (1, draft["text"]["title"])
    connection = await asyncpg.connect(application_url)
    try:
        told = "select count(*) from audit_entry where request_id = $1"
        assert await connection.fetchval(told, problem["request_id"]) == 0
    finally:
        await connection.close()


async def page(newsroom: Newsroom, path: str) -> dict[str, Any]:
    return await newsroom.coordinator.get(path)


async def test_a_cursor_tells_nothing_and_is_good_for_its_own_list(newsroom: Newsroom) -> None:
    for _ in range(2):
        await newsroom.a_draft()
    first = await page(newsroom, "/v1/commentaries?limit=1")
    cursor = first["next_cursor"]
    sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert first["data"][0]["id"][:8].encode() not in sealed
    assert first["data"][0]["id"].replace("-", "")[:12] not in sealed.hex()
    # The same page has the same bytes, so that an ETag over them is worth something.
    assert (await page(newsroom, "/v1/commentaries?limit=1"))["next_cursor"] == cursor
    answer = await newsroom.coordinator.call("GET", "/v1/commentaries?limit=1&q=nobody+has+%26+written+this")
    assert "Link" not in answer.headers
    answer = await newsroom.coordinator.call("GET", "/v1/commentaries?limit=1&q=report&state=draft")
    address = answer.links["next"]["url"]
    assert address == f"/v1/commentaries?limit=1&q=report&state=draft&cursor={answer.json()['next_cursor']}"
    assert (await page(newsroom, address))["data"]
    second = await page(newsroom, f"/v1/commentaries?limit=1&cursor={cursor}")
    assert second["data"][0]["id"] != first["data"][0]["id"]
    for path in (
        f"/v1/people?cursor={cursor}",
        f"/v1/commentaries?cursor={cursor[:-2]}",
        f"/v1/commentaries?cursor={'A' if cursor[0] != 'A' else 'B'}{cursor[1:]}",
        "/v1/commentaries?cursor=W251bGxd",
        "/v1/commentaries?cursor=%C3%A9",
        "/v1/commentaries?cursor=",
    ):
        refused(await newsroom.coordinator.call("GET", path), 400, "bad-cursor")


async def test_two_changes_that_meet_are_a_503_and_nothing_is_done(
    newsroom: Newsroom, owner_url: str
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.task(commentary, "be")
    path = f"/v1/translation-tasks/{task['id']}"
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            # The other one waits for longer, so that it is the request which gives way.
            await connection.execute("set local deadlock_timeout = '1min'")
            await connection.execute("select from translation_task where id = $1 for update", task["id"])
            claim = asyncio.create_task(
                newsroom.translator_be.call(
                    "POST", f"{path}/transitions", {"action": "claim"}, version=task["version"]
                )
            )
            waiting = (
                "select count(*) from pg_stat_activity "
                "where wait_event_type = 'Lock' and datname = current_database()"
            )
            while not await connection.fetchval(waiting):
                await connection.execute("select pg_stat_clear_snapshot()")
            await connection.execute("select from commentary where id = $1 for update", commentary["id"])
    finally:
        await connection.close()
    answer = await claim
    problem = refused(answer, 503, "database-away")
    assert problem["detail"] == "Two changes met at the same moment, and this one was not done. Try again."
    assert answer.headers["Retry-After"] == "2"
    now = await newsroom.coordinator.get(path)
    assert (now["state"], now["version"]) == ("open", task["version"])


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "overtaken"}])
async def test_whoever_is_overtaken_hears_that_their_version_is_stale_and_has_done_nothing(
    newsroom: Newsroom, owner_url: str, key: dict[str, str]
) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    changed, moved = (path, {"lead": "New."}), (f"{path}/transitions", {"action": "submit"})
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            context = '{"actor_kind": "system", "action": "test", "request": "test"}'
            await connection.execute(f"select set_config('editorial.context', '{context}', true)")
            await connection.execute("update commentary set review_note = 'x' where id = $1", draft["id"])
            late = [
                asyncio.create_task(newsroom.analyst.call(method, *asked, version=1, headers=headers))
                for method, asked, headers in (("PATCH", changed, {}), ("POST", moved, key))
            ]
            waiting = (
                "select count(*) from pg_stat_activity "
                "where wait_event_type = 'Lock' and datname = current_database()"
            )
            while await connection.fetchval(waiting) < len(late):
                await connection.execute("select pg_stat_clear_snapshot()")
        problems = [refused(answer, 412, "precondition-failed") for answer in await asyncio.gather(*late)]
        told = "select count(*) from audit_entry where request_id = any($1)"
        assert await connection.fetchval(told, [one["request_id"] for one in problems]) == 0
    finally:
        await connection.close()
    now = await newsroom.read(draft)
    assert (now["version"], now["state"], now["text"]["revision"]) == (2, "draft", 1)


@pytest.mark.parametrize(
    ("content", "status", "detail"),
    [
        (b'{"title": "a", "title": "b"}', 400, "One object has the field `title` 2 times."),
        (b'{"photo": {"url" :"http://a.b", "url": "http://c.d"}}', 400, "One object has the field `url`"),
        (b'{"title": NaN}', 400, "The body is not valid JSON"),
        (b'{"title": -Infinity}', 400, "The body is not valid JSON"),
        (b'{"title": "\\ud800"}', 400, "The body is not valid JSON"),
        (b'{"title": "\xed\xa0\x80"}', 400, "The body is not UTF-8."),
        (b'{"title": "\xc0\xaf"}', 400, "The body is not UTF-8."),
        (b'\xef\xbb\xbf{"title": "x"}', 400, "The body is not valid JSON"),
        (b'{"title": "x"} {}', 400, "The body is not valid JSON"),
        (b"[" * 33 + b"]" * 33, 400, "The body is nested deeper than 32 levels."),
        (b"", 400, "The request needs a JSON body."),
        (b'{"title": "a:b", "lead": "c"}', 200, None),
        (b'{"position": 1.0}', 422, "The body has 1 error."),
        (b"null", 422, "The body has 1 error."),
        (b"[]", 422, "The body has 1 error."),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_body_is_read_strictly(
    newsroom: Newsroom, content: bytes, status: int, detail: str | None
) -> None:
    draft = await newsroom.a_draft()
    answer = await newsroom.client.patch(
        f"/v1/commentaries/{draft['id']}",
        content=content,
        headers={
            "Authorization": f"Bearer {newsroom.analyst.token}",
            "Content-Type": "application/json",
            "If-Match": '"1"',
        },
    )
    if detail is None:
        assert answer.status_code == status
        return
    assert refused(answer, status)["detail"].startswith(detail)
    assert (await newsroom.read(draft))["version"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json; charset=latin1"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
    ids=str,
)
async def test_a_body_of_another_type_is_415(newsroom: Newsroom, headers: dict[str, str]) -> None:
    sent = {"Authorization": f"Bearer {newsroom.analyst.token}", **headers}
    answer = await newsroom.client.post("/v1/commentaries", content=b"{}", headers=sent)
    refused(answer, 415, "wrong-type")
