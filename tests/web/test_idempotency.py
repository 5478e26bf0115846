"""A request that is sent twice with one key: carried out once, answered alike, to those who may see it."""

import asyncio
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest

from editorial.core.permissions import SYSTEM, Actor, ActorKind
from editorial.core.refusals import InternalError
from editorial.database.access import Database, ObjectKind, UnitOfWork, current_unit_of_work
from editorial.operations.worker import JOBS
from editorial.settings import Settings
from editorial.web.idempotency import Key
from newsroom import TEXT, Newsroom, Person, fine, invited, refused


def key() -> str:
    """A key that nobody has used."""
    return str(uuid4())


async def send(person: Person, path: str, body: Any, key: str, version: int | None = None) -> httpx.Response:
    """A POST with a key."""
    return await person.call("POST", path, body, version=version, headers={"Idempotency-Key": key})


def same(first: httpx.Response, second: httpx.Response) -> None:
    """The second answer is the first, given again."""
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert (first.status_code, first.content) == (second.status_code, second.content)
    for name in ("ETag", "Location", "Content-Type", "Cache-Control"):
        assert first.headers.get(name) == second.headers.get(name), name


async def test_a_text_that_is_sent_twice_is_made_once(newsroom: Newsroom) -> None:
    body, one_key = {**TEXT, "title": f"Sent twice {key()}"}, key()
    first = await send(newsroom.analyst, "/v1/commentaries", body, one_key)
    assert first.status_code == 201
    same(first, await send(newsroom.analyst, "/v1/commentaries", body, one_key))
    found = await newsroom.analyst.get(f"/v1/commentaries?q={body['title'].replace(' ', '%20')}")
    assert len(found["data"]) == 1


async def test_a_move_that_is_sent_twice_leaves_one_entry(newsroom: Newsroom) -> None:
    draft, one_key = await newsroom.a_draft(), key()
    path, body = f"/v1/commentaries/{draft['id']}/transitions", {"action": "submit"}
    first = await send(newsroom.analyst, path, body, one_key, draft["version"])
    # The client has read the text again meanwhile: what it asks for is the same.
    same(first, await send(newsroom.analyst, path, body, one_key, draft["version"] + 1))
    history = await newsroom.coordinator.get(f"/v1/commentaries/{draft['id']}/history")
    assert [entry["action"] for entry in history["data"]] == ["create", "submit"]


async def test_what_would_be_refused_by_now_was_answered_then(newsroom: Newsroom) -> None:
    section = {
        "key": f"s-{key()[:8]}",
        "position": 90,
        "labels": {"be": "Раздзел", "ru": "Раздел", "en": "A section"},
    }
    made = fine(await newsroom.coordinator.call("POST", "/v1/sections", section))
    body, one_key = {**TEXT, "section": section["key"]}, key()
    first = await send(newsroom.analyst, "/v1/commentaries", body, one_key)
    assert first.status_code == 201
    path = f"/v1/sections/{section['key']}"
    fine(await newsroom.coordinator.call("PATCH", path, {"is_closed": True}, version=made["version"]))
    refused(await send(newsroom.analyst, "/v1/commentaries", body, key()), 422)
    same(first, await send(newsroom.analyst, "/v1/commentaries", body, one_key))


async def test_a_crowd_with_one_key_does_it_once_and_hears_the_same(newsroom: Newsroom) -> None:
    body, one_key = {**TEXT, "title": f"A crowd {key()}"}, key()
    answers = await asyncio.gather(
        *(send(newsroom.analyst, "/v1/commentaries", body, one_key) for _ in range(12))
    )
    made = [answer for answer in answers if answer.status_code == 201]
    running = [answer for answer in answers if answer.status_code != 201]
    assert len({answer.content for answer in made}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in made) == 1
    for answer in running:
        refused(answer, 409, "still-running")
    found = await newsroom.analyst.get(f"/v1/commentaries?q={body['title'].replace(' ', '%20')}")
    assert len(found["data"]) == 1


@pytest.mark.parametrize("wait", [0, 0.005, 0.02, 0.06])
async def test_who_was_cut_off_and_asks_again_has_made_one_text(
    newsroom: Newsroom, server: str, owner_url: str, wait: float
) -> None:
    title = f"Cut off {uuid4().hex}"
    body = msgspec.json.encode({**TEXT, "title": title})
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    head = {"Host": "a", "Authorization": f"Bearer {newsroom.analyst.token}", **headers}
    lines = [f"{name}: {value}" for name, value in {**head, "Content-Length": str(len(body))}.items()]
    sent = "\r\n".join(["POST /v1/commentaries HTTP/1.1", *lines, "", ""]).encode() + body
    parts = urlsplit(server)
    for _ in range(3):
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(sent)
        await asyncio.sleep(wait)
        writer.transport.abort()
    async with asyncio.timeout(20):
        while True:
            answer = await newsroom.analyst.call("POST", "/v1/commentaries", headers=headers, content=body)
            if answer.status_code != 409:
                break
            refused(answer, 409, "still-running")
    made = fine(answer)
    connection = await asyncpg.connect(owner_url)
    try:
        told = "select commentary_id from revision where title = $1"
        assert [str(row[0]) for row in await connection.fetch(told, title)] == [made["id"]]
    finally:
        await connection.close()


async def test_a_key_stands_for_one_body_at_one_address(newsroom: Newsroom) -> None:
    one_key = key()
    fine(await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key))
    other = {**TEXT, "title": "Another"}
    refused(await send(newsroom.analyst, "/v1/commentaries", other, one_key), 422, "key-used-for-another")
    refused(
        await send(newsroom.analyst, "/v1/me/bylines", {"name": "A. B."}, one_key),
        422,
        "key-used-for-another",
    )


async def test_somebody_elses_same_key_is_another_key(newsroom: Newsroom) -> None:
    one_key = key()
    mine = fine(await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key))
    theirs = await send(newsroom.other_analyst, "/v1/commentaries", TEXT, one_key)
    assert "Idempotency-Replayed" not in theirs.headers
    assert fine(theirs)["id"] != mine["id"]


async def test_what_was_refused_is_judged_anew(newsroom: Newsroom) -> None:
    draft, one_key = await newsroom.a_draft(lead=""), key()
    path = f"/v1/commentaries/{draft['id']}/transitions"
    refused(await send(newsroom.analyst, path, {"action": "submit"}, one_key, draft["version"]), 422)
    now = await newsroom.analyst.edit(draft, lead="There is one now.")
    answer = await send(newsroom.analyst, path, {"action": "submit"}, one_key, now["version"])
    assert fine(answer)["state"] == "in_review"


async def test_a_refusal_that_the_trail_hears_of_is_heard_of_with_a_key_too(
    newsroom: Newsroom, application_url: str
) -> None:
    body = {"email": "nobody@newsroom.example", "display_name": "Nobody", "roles": ["analyst"]}
    answer = await send(newsroom.translator_be, "/v1/people", body, key())
    request = refused(answer, 403)["request_id"]
    connection = await asyncpg.connect(application_url)
    try:
        rows = await connection.fetch(
            "select distinct action from audit_entry where request_id = $1 or action = 'account_access_refused'",
            request,
        )
    finally:
        await connection.close()
    assert [row["action"] for row in rows] == ["account_access_refused"]


@pytest.mark.parametrize("bad", ["", "two words", "ü", "x" * 256])
async def test_a_key_that_is_none_is_a_bad_header(newsroom: Newsroom, bad: str) -> None:
    answer = await newsroom.client.post(
        "/v1/commentaries",
        json=TEXT,
        headers=[
            (b"Authorization", f"Bearer {newsroom.analyst.token}".encode()),
            (b"Idempotency-Key", bad.encode()),
        ],
    )
    refused(answer, 400, "malformed")


async def test_a_byline_that_was_just_taken_is_in_the_answer(newsroom: Newsroom) -> None:
    name, one_key = f"A. {key()[:8]}", key()
    first = await send(newsroom.analyst, "/v1/me/bylines", {"name": name}, one_key)
    assert name in str(fine(first))
    same(first, await send(newsroom.analyst, "/v1/me/bylines", {"name": name}, one_key))


async def test_whoever_lost_a_role_is_not_told_again(newsroom: Newsroom) -> None:
    person, header = await invited(newsroom, f"keys.{key()[:8]}", roles=["analyst", "coordinator"])
    sent = {**header, "Idempotency-Key": key()}
    first = await newsroom.client.post("/v1/commentaries", json=TEXT, headers=sent)
    assert first.status_code == 201
    path = f"/v1/people/{person}"
    version = (await newsroom.administrator.get(path))["version"]
    fine(await newsroom.administrator.call("PATCH", path, {"roles": ["analyst"]}, version=version))
    again = await newsroom.client.post("/v1/commentaries", json=TEXT, headers=sent)
    assert "title" not in refused(again, 409, "answer-withheld").get("text", {})


async def test_whoever_may_not_see_the_text_any_more_is_not_told_again(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    named = await newsroom.coordinator.edit(draft, contributors=[newsroom.contributor.id])
    path, body, one_key = f"/v1/commentaries/{draft['id']}/transitions", {"action": "submit"}, key()
    fine(await send(newsroom.contributor, path, body, one_key, named["version"]))
    now = await newsroom.read(draft)
    await newsroom.coordinator.edit(now, contributors=[])
    refused(await send(newsroom.contributor, path, body, one_key, named["version"]), 404)


async def test_the_database_holds_nothing_that_can_be_read(newsroom: Newsroom, owner_url: str) -> None:
    one_key, title = key(), f"A secret title {key()}"
    fine(await send(newsroom.analyst, "/v1/commentaries", {**TEXT, "title": title}, one_key))
    actor = Actor(kind=ActorKind.PERSON, id=UUID(newsroom.analyst.id))
    connection = await asyncpg.connect(owner_url)
    try:
        kept = await connection.fetchval(
            "select sealed from idempotency_record where id = $1", Key(actor, one_key.encode()).id
        )
    finally:
        await connection.close()
    assert title.encode() not in kept
    assert title.encode() in Key(actor, one_key.encode()).opened(kept).body
    with pytest.raises(InternalError):
        Key(actor, b"another").opened(kept)


async def test_an_erasure_empties_what_was_kept(newsroom: Newsroom, owner_url: str) -> None:
    one_key = key()
    fine(await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key))
    context = '{"actor_kind": "system", "action": "erase", "request": "by-hand"}'
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            await connection.execute(
                "insert into person (id, state, display_name) values ($1, 'invited', 'Gone')", uuid4()
            )
            await connection.execute(
                "update person set state = 'erased', display_name = null where display_name = 'Gone'"
            )
    finally:
        await connection.close()
    # Still nobody makes the text a second time.
    refused(await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key), 409, "answer-withheld")


async def test_a_day_later_it_is_gone(newsroom: Newsroom, owner_url: str, application_url: str) -> None:
    one_key = key()
    first = fine(await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key))
    connection = await asyncpg.connect(owner_url)
    db = Database(application_url, pool_size=1)
    await db.open()
    try:

        async def age(hours: int) -> None:
            async with connection.transaction():
                await connection.execute(
                    "select set_config('editorial.context', "
                    '\'{"actor_kind": "system", "action": "age"}\', true)'
                )
                await connection.execute(
                    "update idempotency_record set kept_at = kept_at - make_interval(hours => $1)", hours
                )

        await age(23)
        again = await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key)
        assert fine(again)["id"] == first["id"]
        await age(1)
        anew = await send(newsroom.analyst, "/v1/commentaries", TEXT, one_key)
        assert fine(anew)["id"] != first["id"]
        await age(26)
        await JOBS["forget_idempotency_records"](db, Settings.read({}))
        assert await connection.fetchval("select count(*) from idempotency_record") == 0
    finally:
        await db.close()
        await connection.close()


async def test_a_transaction_that_failed_never_passes_for_done(application_url: str) -> None:
    db = Database(application_url, pool_size=1)
    await db.open()
    undertaking = UnitOfWork(db)
    token = current_unit_of_work.set(undertaking)
    try:
        async with db.write(SYSTEM, "try", ObjectKind.NONE):
            pass
        with pytest.raises(asyncpg.PostgresError):
            async with db.read() as connection:
                await connection.execute("select nothing")
        with pytest.raises(InternalError):
            await undertaking.commit()
        await undertaking.end()
        assert undertaking.connection is None
        async with db.read() as connection:
            assert await connection.fetchval("select 1") == 1
    finally:
        current_unit_of_work.reset(token)
        await db.close()


async def test_a_block_that_raises_takes_back_itself_and_no_more(application_url: str) -> None:
    db = Database(application_url, pool_size=1)
    await db.open()
    undertaking = UnitOfWork(db)
    token = current_unit_of_work.set(undertaking)
    try:
        for name, fails in (("first", False), ("second", True), ("third", False)):
            try:
                async with db.write(SYSTEM, f"attempt_{name}", ObjectKind.NONE) as tx:
                    await tx.execute("select record_attempt('accounts')")
                    if fails:
                        raise LookupError
            except LookupError:
                pass
        await undertaking.commit()
        async with db.read() as connection:
            rows = await connection.fetch(
                "select action from audit_entry where action like 'attempt\\_%' order by at"
            )
        assert [row["action"] for row in rows] == ["attempt_first", "attempt_third"]
    finally:
        current_unit_of_work.reset(token)
        await db.close()
