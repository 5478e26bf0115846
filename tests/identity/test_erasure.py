"""Erasure: a person is gone for good, what they did stays, and nobody's work is lost."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from conftest import PASSWORD, address
from editorial.audit import verify as audit_verify
from editorial.database.access import Database
from editorial.operations import worker
from editorial.settings import Settings
from newsroom import Newsroom, Person, fine, refused

# What refers to a person, and what becomes of it. A new column needs its line here; and in erase_person?
KEPT_AS_AN_ID = {
    ("pending_coordinator", "given_by"),
    ("approval", "approved_by"),
    ("comment", "created_by"),
    ("commentary", "author_id"),
    ("contributor", "person_id"),
    ("edition", "scheduled_by"),
    ("preview_link", "created_by"),
    ("revision", "created_by"),
    ("translation_task", "assignee_id"),
    ("warning_answer", "answered_by"),
}
GONE = {
    ("byline_holder", "person_id"),
    ("mail", "person_id"),
    ("account_link", "person_id"),
    ("person_language", "person_id"),
    ("pending_coordinator", "person_id"),
    ("person_role", "person_id"),
    ("recovery_code", "person_id"),
    ("session", "person_id"),
    ("totp", "person_id"),
}


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def somebody(newsroom: Newsroom, roles: list[str], languages: list[str]) -> Person:
    """Somebody new, who is signed in, with a name that stands nowhere else."""
    name = f"Erazm {uuid4().hex[:8]}"
    email = f"{uuid4().hex[:8]}@erased.example"
    body = {"email": email, "display_name": name, "roles": roles, "languages": languages}
    invited = fine(await newsroom.administrator.call("POST", "/v1/people", body))
    link = {"token": invited["invitation"]["token"], "new_password": PASSWORD}
    fine(await newsroom.client.post("/v1/auth/password", json=link))
    credentials = {"email": email, "password": PASSWORD}
    session = fine(await newsroom.client.post("/v1/auth/session", json=credentials))
    return Person(newsroom.client, name, email, PASSWORD, invited["id"], session["access_token"])


async def erase(newsroom: Newsroom, person: Person) -> None:
    path = f"/v1/people/{person.id}"
    version = (await newsroom.administrator.get(path))["version"]
    response = await newsroom.administrator.call("POST", f"{path}/erasure", version=version)
    assert (response.status_code, response.content) == (204, b"")


async def everything(owner_url: str) -> str:
    """Every row of every table, as text."""
    async with connected(owner_url) as connection:
        tables = await connection.fetch(
            "select quote_ident(relname) as name from pg_class "
            "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        )
        told = [
            await connection.fetchval(
                f"select string_agg(to_jsonb(one)::text, '') from {table['name']} as one"
            )
            for table in tables
        ]
    return "\n".join(one or "" for one in told)


async def test_an_erased_person_is_gone_and_their_text_stays(newsroom: Newsroom, owner_url: str) -> None:
    author = await somebody(newsroom, ["analyst"], [])
    byline, unused = f"Pen {uuid4().hex[:8]}", f"Pen {uuid4().hex[:8]}"
    for name in (byline, unused):
        fine(await author.call("POST", "/v1/me/bylines", {"name": name}))
    writers = Newsroom(newsroom.client, newsroom.people | {"analyst": author})
    published = await writers.a_published_commentary()
    draft = await writers.a_draft(byline=byline)
    before = await everything(owner_url)
    assert all(secret in before for secret in (author.name, author.email, unused))

    await erase(newsroom, author)

    after = await everything(owner_url)
    assert not [secret for secret in (author.name, author.email, unused) if secret in after]
    assert refused(await author.call("GET", "/v1/me"), 401)["code"] == "session-ended"
    credentials = {"email": author.email, "password": PASSWORD}
    refused(await newsroom.client.post("/v1/auth/session", json=credentials), 401, "wrong-credentials")
    refused(await newsroom.administrator.call("GET", f"/v1/people/{author.id}"), 404)
    assert author.id not in str(await newsroom.administrator.get("/v1/people?limit=100"))
    assert (await newsroom.coordinator.get(f"/v1/bylines?name={byline}"))["holders"] == []
    now = await newsroom.read(published)
    assert (now["state"], now["author"]) == ("published", {"id": author.id, "display_name": None})
    # A draft waits for a colleague, whom a coordinator names.
    assert (await newsroom.read(draft))["byline"] == byline
    named = await newsroom.coordinator.edit(draft, contributors=[newsroom.contributor.id])
    named = await newsroom.contributor.edit(named, lead="Prices held; volumes did not.")
    assert (await newsroom.contributor.move(named, "submit"))["state"] == "in_review"
    # The trail explains every row, also of those that went.
    await audit_verify.verify(owner_url)
    # The address is free again.
    again = {"email": author.email, "display_name": "Somebody Else", "roles": ["analyst"]}
    assert fine(await newsroom.administrator.call("POST", "/v1/people", again))["id"] != author.id


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "be",
            (
                "Пачаты новы каментарый (версія 1). — выдалены ўдзельнік",
                "Чалавек выдалены назаўжды (уліковы запіс: выдалены ўдзельнік; "
                "забрана: аналітык). — Administrator",
            ),
        ),
        (
            "ru",
            (
                "Начат новый комментарий (версия 1). — удалённый участник",
                "Человек удалён навсегда (учётная запись: удалённый участник; "
                "отнято: аналитик). — Administrator",
            ),
        ),
        (
            "en",
            (
                "A new commentary was started (revision 1). — an erased person",
                "A person was erased permanently (account: an erased person; "
                "taken away: analyst). — Administrator",
            ),
        ),
    ],
)
async def test_the_history_of_an_erased_person_reads_well(
    newsroom: Newsroom, language: str, sentences: tuple[str, str]
) -> None:
    author = await somebody(newsroom, ["analyst"], [])
    writers = Newsroom(newsroom.client, newsroom.people | {"analyst": author})
    draft = await writers.a_draft()
    await erase(newsroom, author)
    history = await newsroom.coordinator.get(f"/v1/commentaries/{draft['id']}/history", spoken=language)
    assert history["data"][0]["sentence"] == sentences[0]
    trail = await newsroom.administrator.get(f"/v1/trail?object={author.id}", spoken=language)
    assert trail["data"][0]["sentence"] == sentences[1]
    assert author.name not in str(trail)
    told = await newsroom.coordinator.get(f"/v1/trail?person={author.id}")
    assert {entry["who"] for entry in told["data"]} == {"an erased person"}


async def test_the_claims_of_an_erased_person_go_back_with_their_text(newsroom: Newsroom) -> None:
    translator = await somebody(newsroom, ["translator"], ["be"])
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.task(commentary, "be")
    task = await newsroom.translate(translator, await translator.move_task(task, "claim"))
    await erase(newsroom, translator)
    now = await newsroom.task(commentary, "be")
    assert (now["state"], now["holder"]) == ("open", None)
    assert now["title"]["target"] == task["title"]["target"]
    path = f"/v1/translation-tasks/{task['id']}/history"
    history = (await newsroom.coordinator.get(path))["data"]
    assert [(entry["action"], entry["who"]) for entry in history] == [
        ("claim", "an erased person"),
        ("save", "an erased person"),
        ("release", "the system"),
    ]
    claimed = await newsroom.translator_be.move_task(now, "claim")
    assert (await newsroom.translator_be.move_task(claimed, "submit"))["state"] == "submitted"


async def test_what_the_trail_withholds_of_an_erased_person_is_destroyed(
    newsroom: Newsroom, owner_url: str
) -> None:
    author = await somebody(newsroom, ["analyst"], [])
    fine(await author.call("POST", "/v1/me/bylines", {"name": f"Pen {uuid4().hex[:8]}"}))
    salts = (
        "select count(*) from audit_salt where exists (select from audit_change inner join audit_entry "
        "on audit_entry.id = audit_change.entry_id where audit_change.entry_id = audit_salt.entry_id "
        "and audit_change.position = audit_salt.position and audit_entry.action <> 'erase' "
        "and audit_change.table_name in ('person', 'session', 'account_link', 'byline_holder') "
        "and (audit_salt.person_id = $1 or audit_entry.actor_id = $1))"
    )
    async with connected(owner_url) as connection:
        assert await connection.fetchval(salts, author.id) >= 3
        await erase(newsroom, author)
        assert await connection.fetchval(salts, author.id) == 0
        links = await connection.fetchval(
            "select count(*) from byline_holder where person_id = $1", author.id
        )
    assert links == 0


async def test_an_erasure_is_an_administrators_with_the_version_that_was_read(newsroom: Newsroom) -> None:
    person = await somebody(newsroom, ["analyst"], [])
    path = f"/v1/people/{person.id}/erasure"
    for other in (newsroom.coordinator, newsroom.analyst, person):
        refused(await other.call("POST", path, version=2), 403, "forbidden")
    refused(await newsroom.administrator.call("POST", path), 428)
    refused(await newsroom.administrator.call("POST", path, version=99), 412)
    refused(await newsroom.administrator.call("POST", f"/v1/people/{uuid4()}/erasure", version=1), 404)
    await erase(newsroom, person)
    refused(await newsroom.administrator.call("POST", path, version=3), 404)


async def test_of_two_administrators_who_erase_each_other_one_stays(newsroom: Newsroom) -> None:
    pair = [await somebody(newsroom, ["administrator"], []) for _ in range(2)]
    versions = [(await newsroom.administrator.get(f"/v1/people/{one.id}"))["version"] for one in pair]
    answers = await asyncio.gather(
        *(
            pair[me].call("POST", f"/v1/people/{pair[1 - me].id}/erasure", version=versions[1 - me])
            for me in (0, 1)
        )
    )
    assert sorted(answer.status_code for answer in answers)[0] == 204
    assert sorted(answer.status_code for answer in answers)[1] in {401, 403}


async def test_the_application_can_erase_nobody_without_saying_so(
    newsroom: Newsroom, application_url: str
) -> None:
    person = newsroom.other_analyst.id
    context = msgspec.json.encode(
        {"actor_kind": "system", "action": "mend", "object_kind": "person", "object": person, "request": "x"}
    ).decode()
    async with connected(application_url) as connection:
        for statement in (f"select erase_person('{person}')", f"select forget_bylines('{person}')"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
            await transaction.rollback()
        for statement in ("delete from session", "delete from account_link", "delete from person"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_whatever_refers_to_a_person_is_erased_or_kept_as_an_id(owner_url: str) -> None:
    async with connected(owner_url) as connection:
        rows = await connection.fetch(
            "select conrelid::regclass::text as name, attname from pg_constraint "
            "inner join pg_attribute on attrelid = conrelid and attnum = any(conkey) "
            "where contype = 'f' and confrelid = 'person'::regclass"
        )
    assert {(row["name"], row["attname"]) for row in rows} == KEPT_AS_AN_ID | GONE


async def test_a_person_is_erased_from_the_command_line(newsroom: Newsroom, application_url: str) -> None:
    person = await somebody(newsroom, ["analyst"], [])
    environ = {**os.environ, "DATABASE_URL": application_url}
    command = [sys.executable, "-m", "editorial", "people", "erase", "--yes"]

    async def run(whom: str) -> tuple[int, str]:
        done = await asyncio.to_thread(
            subprocess.run, [*command, whom], env=environ, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout + done.stderr

    code, said = await run(person.email.upper())
    assert code == 0
    assert said.startswith(f"Erased. What they did stays, as done by {person.id}.\n")
    # The application's login may not vacuum: what is left to do is said.
    assert "run `editorial people vacuum`" in said
    code, said = await run(person.email)
    assert code == 1
    assert "No person has this address or id." in said


async def test_many_old_sign_ins_are_forgotten_a_page_at_a_time_and_the_trail_holds(
    own_database: str,
) -> None:
    context = '{"actor_kind": "system", "action": "sign_in", "request": "test"}'
    person = uuid4()
    application = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    async with connected(own_database) as connection:
        async with connection.transaction():
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            await connection.execute(
                "insert into person (id, display_name) values ($1, 'Many Times')", person
            )
            await connection.execute(
                """
                insert into session (id, person_id, expires_at, device)
                select gen_random_uuid(), $1, now() - interval '91 days', 'Firefox'
                from generate_series(1, 520)
                """,
                person,
            )
        db = Database(application, pool_size=1)
        await db.open()
        try:
            left = []
            for _ in range(2):
                await worker.forget_old_sign_ins(db, Settings(data_dir=Path()))
                left.append(await connection.fetchval("select count(*) from session"))
        finally:
            await db.close()
        assert left == [20, 0]
        told = await connection.fetchval("select count(*) from audit_entry where action = 'forget_sign_ins'")
        salts = await connection.fetchval(
            """
            select count(*) from audit_salt
            inner join audit_change using (entry_id, position)
            where table_name = 'session'
            """
        )
    assert (told, salts) == (2, 0)
    await audit_verify.verify(own_database)


async def test_old_sign_ins_are_forgotten_and_the_trail_says_so(
    newsroom: Newsroom, owner_url: str, application_url: str
) -> None:
    person = await somebody(newsroom, ["analyst"], [])
    assert (await person.call("DELETE", "/v1/auth/session")).status_code == 204
    context = '{"actor_kind": "system", "action": "turn_back_the_clock", "request": "test"}'
    async with connected(owner_url) as connection:
        async with connection.transaction():
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            await connection.execute(
                "update session set ended_at = ended_at - interval '91 days' where person_id = $1", person.id
            )
            await connection.execute(
                "update account_link set used_at = used_at - interval '89 days' where person_id = $1",
                person.id,
            )
        db = Database(application_url, pool_size=1)
        await db.open()
        try:
            await worker.forget_old_sign_ins(db, Settings(data_dir=Path()))
        finally:
            await db.close()
        left = [
            await connection.fetchval(f"select count(*) from {table} where person_id = $1", person.id)
            for table in ("session", "account_link")
        ]
    assert left == [0, 1]
    await audit_verify.verify(owner_url)
    told = await newsroom.administrator.get("/v1/trail?action=forget_sign_ins&limit=1")
    assert told["data"][0]["sentence"] == "Old sign-ins were forgotten. — the system"
