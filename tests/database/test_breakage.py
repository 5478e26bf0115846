"""The door to the database when the database does not answer: it says so, soon, and says nothing untrue."""

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import httpx
import pytest

from conftest import run_sql
from editorial.core.permissions import SYSTEM
from editorial.core.refusals import DatabaseAway, OutcomeUnknown, TooManyAtOnce
from editorial.database import embedded
from editorial.database.access import (
    WAITING_FOR_EACH,
    Database,
    Decision,
    ObjectKind,
    UnitOfWork,
    current_unit_of_work,
)
from editorial.database.queries import Connection, Statement
from editorial.identity import actor_cache
from newsroom import Newsroom, refused
from servers import serving


async def pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, cut_after: bytes = b""
) -> None:
    """Say here what is said there, up to a word after which everything is cut."""
    with contextlib.suppress(OSError):
        while said := await reader.read(65_536):
            writer.write(said)
            await writer.drain()
            if cut_after and cut_after in said:
                # Time for the server to do it, but the answer is lost.
                await asyncio.sleep(0.5)
                break
    writer.transport.abort()


@pytest.mark.parametrize("way", ["a transaction", "an undertaking", "at once"])
async def test_a_commit_whose_answer_is_lost_is_not_said_to_be_undone(
    own_database: str, tmp_path: Path, way: str
) -> None:
    parts = urlsplit(own_database)
    (host,) = parse_qs(parts.query).get("host", [""])
    if not host:
        pytest.skip("the server of this run is not behind a socket")

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.5432")
        told, answer = (b"opened", b"INSERT 0 1") if way == "at once" else (b"commit\x00", b"COMMIT")
        cutting = asyncio.create_task(pass_on(reader, forth, cut_after=told))
        with contextlib.suppress(OSError):
            while (said := await back.read(65_536)) and answer not in said:
                writer.write(said)
                await writer.drain()
        await cutting
        writer.transport.abort()

    server = await asyncio.start_unix_server(carry, tmp_path / ".s.PGSQL.5432")
    where = f"host={quote(str(tmp_path), safe='')}&port=5432"
    db = Database(f"postgresql://{parts.username}@{parts.path}?{where}", pool_size=1)
    await db.open()

    async def add() -> None:
        async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
            await tx.execute(
                """insert into section (key, labels, position) values ('cut-off', '{"en": "Cut off"}', 99)"""
            )

    async def add_at_once() -> None:
        async def query(connection: Connection, *, context: str) -> str:
            done: str = await connection.execute(
                f"""
                with opened as materialized (select set_config('editorial.context', '{context}', true))
                insert into section (key, labels, position) select 'cut-off', '{{"en": "Cut off"}}', 99
                from opened
                """
            )
            return done

        statement = Statement(query, {})
        await db.write_one(SYSTEM, Decision(action="add_section", on=ObjectKind.SECTION, statement=statement))

    if way == "at once":
        with pytest.raises(OutcomeUnknown):
            await add_at_once()
    elif way == "an undertaking":
        undertaking = UnitOfWork(db)
        token = current_unit_of_work.set(undertaking)
        await add()
        current_unit_of_work.reset(token)
        with pytest.raises(OutcomeUnknown):
            await undertaking.commit()
        await undertaking.end()
    else:
        with pytest.raises(OutcomeUnknown):
            await add()
    server.close()
    await db.close()
    owner = await asyncpg.connect(own_database)
    try:
        assert await owner.fetchval("select count(*) from section where key = 'cut-off'") == 1
    finally:
        await owner.close()


@pytest.fixture(scope="module")
def lonely() -> Iterator[embedded.Server]:
    """Give a server of its own whose commits wait for a replica that does not come."""
    with (
        tempfile.TemporaryDirectory(prefix="editorial-lonely-") as place,
        embedded.start(Path(place)) as server,
    ):
        asyncio.run(
            run_sql(
                server.owner_url,
                "create role editorial_app login",
                "create table note (word text)",
                "grant insert on note to editorial_app",
                "alter system set synchronous_standby_names = 'nobody'",
                "select pg_reload_conf()",
            )
        )
        yield server


@pytest.mark.parametrize("is_keyed", [False, True])
async def test_a_commit_that_waits_for_a_replica_is_given_up_and_never_called_off(
    lonely: embedded.Server, is_keyed: bool
) -> None:
    db = Database(lonely.application_url, pool_size=1, patience=1)
    await db.open()
    owner = await asyncpg.connect(lonely.owner_url)
    word = f"keyed {is_keyed}"

    async def note() -> None:
        async with db.write(SYSTEM, "note", ObjectKind.NONE) as tx:
            await tx.execute("insert into note values ($1)", word)

    if is_keyed:
        undertaking = UnitOfWork(db)
        token = current_unit_of_work.set(undertaking)
        await note()
        current_unit_of_work.reset(token)
        with pytest.raises(OutcomeUnknown):
            await undertaking.commit()
        await undertaking.end()
    else:
        with pytest.raises(OutcomeUnknown):
            await note()
    try:
        seen = "select count(*) from note where word = $1"
        assert await owner.fetchval(seen, word) == 0
        waiting = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
        assert await owner.fetchval(waiting) >= 1
    finally:
        await owner.close()
        await db.close()


async def test_a_look_that_fails_after_a_change_does_not_say_that_nothing_was_done(
    application_url: str,
) -> None:
    db = Database(application_url, pool_size=1, patience=0.3)
    await db.open()
    with pytest.raises(OutcomeUnknown):
        async with db.read(after_write=True) as connection:
            await connection.execute("select pg_sleep(20)")
    await db.close()


async def test_who_would_wait_behind_too_many_hears_so_at_once(application_url: str) -> None:
    db = Database(application_url, pool_size=1)
    await db.open()

    async def wait() -> None:
        async with db.read() as connection:
            await connection.execute("select")

    async with db.read():
        waiting = [asyncio.create_task(wait()) for _ in range(WAITING_FOR_EACH)]
        await asyncio.sleep(0.1)
        with pytest.raises(TooManyAtOnce):
            await wait()
    await asyncio.gather(*waiting)
    await db.close()


async def test_a_statement_that_gets_no_answer_ends_and_takes_no_connection_with_it(
    application_url: str,
) -> None:
    db = Database(application_url, pool_size=1, patience=0.3)
    await db.open()
    with pytest.raises(DatabaseAway):
        async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
            await tx.execute("select pg_sleep(20)")
    async with db.read() as connection:
        assert await connection.fetchval("select 1") == 1
    await db.close()


async def test_a_text_that_somebody_keeps_locked_is_refused_and_not_changed(
    newsroom: Newsroom, owner_url: str
) -> None:
    draft = await newsroom.a_draft()
    owner = await asyncpg.connect(owner_url)
    try:
        async with owner.transaction():
            await owner.execute("select from commentary where id = $1 for update", draft["id"])
            path = f"/v1/commentaries/{draft['id']}/transitions"
            answer = await newsroom.analyst.call("POST", path, {"action": "submit"}, version=draft["version"])
    finally:
        await owner.close()
    refused(answer, 503, "database-away")
    assert answer.headers["retry-after"].isdigit()
    assert (await newsroom.read(draft))["state"] == "draft"


@contextlib.asynccontextmanager
async def silenced(url: str, folder: Path) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A way to the database on which nothing comes through while the event is not set."""
    parts = urlsplit(url)
    (host,) = parse_qs(parts.query).get("host", [""])
    if not host:
        pytest.skip("the server of this run is not behind a socket")
    speaks = asyncio.Event()
    speaks.set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await speaks.wait()
        back, forth = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.5432")

        async def pass_when_it_speaks(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while said := await source.read(65_536):
                    await speaks.wait()
                    to.write(said)
            to.transport.abort()

        await asyncio.gather(pass_when_it_speaks(reader, forth), pass_when_it_speaks(back, writer))

    server = await asyncio.start_unix_server(carry, folder / ".s.PGSQL.5432")
    where = f"host={quote(str(folder), safe='')}&port=5432"
    try:
        yield f"postgresql://{parts.username}@{parts.path}?{where}", speaks
    finally:
        speaks.set()
        server.close()


async def test_a_database_that_falls_silent_is_away_and_found_again(
    own_database: str, tmp_path: Path
) -> None:
    async with silenced(own_database, tmp_path) as (url, speaks):
        db = Database(url, pool_size=1, patience=0.3)
        await db.open()
        async with db.read() as connection:
            assert await connection.fetchval("select 1") == 1
        speaks.clear()
        with pytest.raises(DatabaseAway):
            async with db.read() as connection:
                await connection.fetchval("select 1")
        with pytest.raises(DatabaseAway):
            async with db.write(SYSTEM, "add_section", ObjectKind.SECTION):
                pass
        db.seems_away = True
        with pytest.raises(DatabaseAway):
            async with db.read():
                pass
        speaks.set()
        async with db.read() as connection:
            assert await connection.fetchval("select 1") == 1
        await db.close()


async def test_who_waits_on_a_database_that_falls_silent_is_answered_before_its_patience_ends(
    own_database: str, tmp_path: Path
) -> None:
    async with silenced(own_database, tmp_path) as (url, speaks):
        # The way leads through this very loop, so nothing here may wait for the server.
        house = serving(url, tmp_path / "log", EDITORIAL_POOL_SIZE="4", EDITORIAL_ALLOW_SUPERUSER="true")
        served = await asyncio.to_thread(house.__enter__)
        try:
            async with httpx.AsyncClient(base_url=served, timeout=20) as client:
                assert (await client.get("/readyz")).status_code == 200
                speaks.clear()
                began = asyncio.get_running_loop().time()
                answer = await client.post(
                    "/v1/auth/session", json={"email": "nobody@newsroom.example", "password": "x" * 12}
                )
                took = asyncio.get_running_loop().time() - began
            problem = refused(answer, 503, "database-away")
            assert "Nothing was done" in problem["detail"]
            assert took < 5
        finally:
            speaks.set()
            await asyncio.to_thread(house.__exit__, None, None, None)


async def test_what_is_in_hand_is_hung_up_on_and_a_commit_is_not_said_to_be_undone(
    own_database: str, tmp_path: Path
) -> None:
    async with silenced(own_database, tmp_path) as (url, speaks):
        db = Database(url, pool_size=2)
        await db.open()
        committing = asyncio.Event()

        async def write() -> None:
            async with db.write(SYSTEM, "add_section", ObjectKind.SECTION):
                speaks.clear()
                committing.set()

        async def read() -> None:
            async with db.read() as connection:
                await committing.wait()
                await connection.execute("select")

        asked = [asyncio.create_task(read()), asyncio.create_task(write())]
        await committing.wait()
        await asyncio.sleep(0.1)
        async with asyncio.timeout(2):
            db.hang_up()
            told = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in told] == [DatabaseAway, OutcomeUnknown]
        speaks.set()
        async with db.read() as connection:
            assert await connection.fetchval("select 1") == 1
        await db.close()


async def test_a_crowd_is_turned_away_at_the_door_and_the_slow_keep_nobody_out(
    newsroom: Newsroom, application_url: str, owner_url: str, tmp_path: Path
) -> None:
    can_be_in_hand = 1 + WAITING_FOR_EACH
    headers = {"Authorization": f"Bearer {newsroom.coordinator.token}"}
    owner = await asyncpg.connect(owner_url)
    with serving(application_url, tmp_path / "log", EDITORIAL_POOL_SIZE="1") as url:
        async with contextlib.AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, headers=headers, timeout=20)
            )
            # Those who take their time to say what they want are none of the crowd.
            where = urlsplit(url)
            for _ in range(2 * can_be_in_hand):
                _, writer = await asyncio.open_connection(where.hostname, where.port)
                stack.callback(writer.close)
                writer.write(
                    b"POST /v1/auth/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    b'Content-Length: 20\r\n\r\n{"email"'
                )
            await asyncio.sleep(0.3)
            assert (await client.get("/v1/sections")).status_code == 200

            async with owner.transaction():
                await owner.execute("lock table section in access exclusive mode")
                asked = [asyncio.create_task(client.get("/v1/sections")) for _ in range(can_be_in_hand + 10)]
                turned_away = [
                    await next_one for next_one in itertools.islice(asyncio.as_completed(asked), 10)
                ]
                # Nor does it matter who asks for its health, and that nobody can be recognised now.
                await asyncio.sleep(actor_cache.SECONDS + 0.1)
                assert (await client.get("/healthz")).status_code == 200
            answers = await asyncio.gather(*asked)
    await owner.close()
    for answer in turned_away:
        problem = refused(answer, 503, "too-many-at-once")
        assert problem["instance"] == "/v1/sections"
        assert answer.headers["retry-after"].isdigit()
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert sorted(answer.status_code for answer in answers) == [200] * can_be_in_hand + [503] * 10
