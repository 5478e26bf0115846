"""Who somebody is, is remembered for two seconds, and never a moment longer than it is true."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from conftest import run_sql
from editorial.database.access import Database
from editorial.database.notifications import Listener
from editorial.identity.actor_cache import ActorCache, Actors
from newsroom import Newsroom, fine, invited
from servers import serving


def known(**members: Any) -> ActorCache[str]:
    """Acquaintances who hear of changes."""
    people = ActorCache[str](**members)
    people.connected()
    return people


def test_whoever_was_seen_is_known_until_somebodys_standing_changes() -> None:
    people = known()
    people.keep(b"token", "Hanna", age=people.age, seconds=60)
    assert people.find(b"token") == "Hanna"
    people.clear()
    assert people.find(b"token") is None


def test_who_was_read_before_a_change_is_not_kept_after_it() -> None:
    people = known()
    before = people.age
    people.clear()
    people.keep(b"token", "Hanna", age=before, seconds=60)
    assert people.find(b"token") is None


def test_nobody_is_known_longer_than_their_session_and_than_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    people = known()
    people.keep(b"short", "Hanna", age=people.age, seconds=0.5)
    people.keep(b"long", "Nasta", age=people.age, seconds=60)
    now += 0.6
    assert (people.find(b"short"), people.find(b"long")) == (None, "Nasta")
    now += 1.5
    assert people.find(b"long") is None


def test_while_nobody_hears_of_changes_nobody_is_kept() -> None:
    people = ActorCache[str]()
    people.keep(b"token", "Hanna", age=people.age, seconds=60)
    assert people.find(b"token") is None
    people.connected()
    people.keep(b"token", "Hanna", age=people.age, seconds=60)
    people.disconnected()
    people.keep(b"other", "Nasta", age=people.age, seconds=60)
    assert (people.find(b"token"), people.find(b"other")) == (None, None)


def test_a_crowd_pushes_out_whoever_was_not_seen_for_longest() -> None:
    people = known(limit=2)
    for name in ("Alesia", "Hanna", "Nasta"):
        people.keep(name.encode(), name, age=people.age, seconds=60)
    assert len(people) == 2
    assert people.find(b"Alesia") is None


async def until(is_so: Callable[[], Awaitable[bool]] | Callable[[], bool], *, within: float) -> None:
    began = time.monotonic()
    while True:
        found = is_so()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() - began < within, f"not within {within} s"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Actors]:
    """Give the actor cache of a process that listens to a database."""
    db, people = Database(url, pool_size=2), Actors()
    task = asyncio.create_task(Listener(db, [people]).run())
    try:
        yield people
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_process_that_loses_its_notices_keeps_nobody_until_it_hears_them_again(
    own_database: str, server_url: str
) -> None:
    name = own_database.rpartition("/")[2].partition("?")[0]

    async with listening(own_database) as people:

        def are_kept() -> bool:
            people.keep(b"token", None, age=people.age, seconds=60)  # type: ignore[arg-type]  # anybody
            return len(people) == 1

        await until(are_kept, within=5)
        await run_sql(
            server_url,
            f"alter database {name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        await until(lambda: not are_kept(), within=1)
        await asyncio.sleep(0.5)
        assert not are_kept()
        await run_sql(server_url, f"alter database {name} allow_connections true")
        await until(are_kept, within=5)


CHANGES = {
    "another role": "insert into person_role (person_id, role) values ('{person}', 'analyst')",
    "a role less": "delete from person_role where person_id = '{person}'",
    "another language": "insert into person_language (person_id, language) values ('{person}', 'be')",
    "a language less": "delete from person_language where person_id = '{person}'",
    "a secret for one-time codes": "delete from totp where person_id = '{person}'",
    "an account that is closed": "update person set state = 'deactivated' where id = '{person}'",
    "a session that ended": "update session set ended_at = now(), ended_because = 'sign_out'",
    "a session that ends sooner": "update session set expires_at = now()",
    "a session that is gone": "delete from session",
    "a service's token": "update service_token set revoked_at = now()",
}
UNCHANGED = {
    "another name": "update person set display_name = 'B' where id = '{person}'",
    "the next token of a session": "update session set generation = generation + 1",
}


async def test_the_database_tells_of_each_change_of_somebodys_standing_and_of_nothing_else(
    own_database: str,
) -> None:
    connection = await asyncpg.connect(own_database)
    told: list[object] = []
    person = uuid4()
    context = '{"actor_kind": "system", "action": "test", "request": "test"}'
    try:
        await connection.execute(f"select set_config('editorial.context', '{context}', false)")
        await connection.execute(
            f"""
            insert into person (id, display_name, email, password_hash, state)
            values ('{person}', 'A', 'a@newsroom.example', 'x', 'active');
            insert into session (id, person_id, expires_at) values (new_id(), '{person}', now() + '1 day');
            """
        )
        await connection.add_listener("actor_changed", lambda *_: told.append(1))
        for change, statement in {**CHANGES, **UNCHANGED}.items():
            told.clear()
            await connection.execute(statement.format(person=person))
            # Notices of its own transaction come with the answer to a statement, or with the next one's.
            await connection.execute("select 1")
            assert bool(told) is (change in CHANGES), change
    finally:
        await connection.close()


async def me(client: httpx.AsyncClient, header: dict[str, str]) -> httpx.Response:
    return await client.get("/v1/me", headers=header)


async def test_who_may_do_less_is_refused_here_at_once_and_elsewhere_within_the_notice(
    newsroom: Newsroom, application_url: str, tmp_path: Path
) -> None:
    administrator, here = newsroom.administrator, newsroom.client
    with serving(application_url, tmp_path / "log", EDITORIAL_WORKER_IN_SERVE="false") as url:
        async with httpx.AsyncClient(base_url=url, timeout=10) as elsewhere:

            async def both_know(header: dict[str, str], **members: Any) -> None:
                for server in (here, elsewhere):
                    answer = fine(await me(server, header))
                    assert members.items() <= answer.items()

            person, header = await invited(newsroom, "fleeting", roles=["analyst", "coordinator"])
            path = f"/v1/people/{person}"
            await both_know(header, roles=["analyst", "coordinator"])
            version = (await administrator.get(path))["version"]
            fine(await administrator.call("PATCH", path, {"roles": ["analyst"]}, version=version))
            assert fine(await me(here, header))["roles"] == ["analyst"]

            async def elsewhere_too() -> bool:
                return bool(fine(await me(elsewhere, header))["roles"] == ["analyst"])

            await until(elsewhere_too, within=1)

            async def is_out() -> bool:
                return (await me(elsewhere, header)).status_code == 401

            await both_know(header, roles=["analyst"])
            fine(await here.delete("/v1/auth/session", headers=header))
            assert (await me(here, header)).status_code == 401
            await until(is_out, within=1)

            email = {
                "email": "fleeting@newsroom.example",
                "password": "nine plain words are easy to remember",
            }
            token = fine(await here.post("/v1/auth/session", json=email))["access_token"]
            header = {"Authorization": f"Bearer {token}"}
            await both_know(header)
            version = (await administrator.get(path))["version"]
            fine(await administrator.call("POST", f"{path}/deactivation", version=version))
            assert (await me(here, header)).status_code == 401
            await until(is_out, within=1)

            service = {"name": "The site", "scopes": ["preview:read"], "expires_in_days": 1}
            made = fine(await administrator.call("POST", "/v1/service-tokens", service))
            header = {"Authorization": f"Bearer {made['token']}"}
            assert (await me(here, header)).status_code == (await me(elsewhere, header)).status_code == 403
            fine(await administrator.call("DELETE", f"/v1/service-tokens/{made['id']}"))
            assert (await me(here, header)).status_code == 401
            await until(is_out, within=1)
