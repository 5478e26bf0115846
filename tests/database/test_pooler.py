"""Behind a pooler that lends a server for one transaction: a real PgBouncer, by deploy/pgbouncer.ini."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg
import httpx
import pytest

from chaos.engines import PORT, Pooler, pooling, program, socket_folder
from conftest import Run, run_sql
from editorial.core.permissions import SYSTEM
from editorial.core.refusals import DatabaseAway, NotFound
from editorial.database.access import Database, ObjectKind
from newsroom import TEXT, Newsroom
from servers import serving

SERVERS = 2


def through(pooler: Pooler, url: str, user: str = "editorial_app") -> str:
    """The address of a database, by way of the pooler."""
    return pooler.url(urlsplit(url).path.removeprefix("/"), user)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Give a folder with a short path, for sockets have to be in it."""
    with tempfile.TemporaryDirectory(prefix="editorial-pooler-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def postgres_folder(owner_url: str) -> Path:
    """Give the folder of the server's socket, to which a pooler leads."""
    if program("pgbouncer") is None:
        pytest.skip("PgBouncer is not installed: Debian's package is pgbouncer")
    server = socket_folder(owner_url)
    if server is None:
        pytest.skip("the server of this run is not behind a socket")
    return server


@pytest.fixture(scope="module")
def member(run: Run, owner_url: str, postgres_folder: Path) -> Iterator[str]:
    """Give a login that can do nothing before it takes on the application's role."""
    assert postgres_folder
    name = f"{run.name}_{run.worker or 'only'}_member"
    asyncio.run(run_sql(owner_url, f"create role {name} login noinherit in role editorial_app"))
    yield name
    asyncio.run(run_sql(owner_url, f"drop role {name}"))


@pytest.fixture(scope="module")
def pooler(place: Path, postgres_folder: Path, member: str) -> Iterator[Pooler]:
    logins = ("editorial_app", member)
    with pooling(place / "pooler", postgres_folder, logins, default_pool_size=str(SERVERS)) as running:
        yield running


@pytest.fixture
async def db(pooler: Pooler, own_database: str, member: str) -> AsyncIterator[Database]:
    database = Database(own_database, pool_size=12, pooler_url=through(pooler, own_database, member))
    await database.open()
    yield database
    await database.close()


async def test_many_read_and_write_through_few_servers_and_each_gets_their_own_answer(db: Database) -> None:
    async def read(number: int) -> None:
        for _ in range(20):
            async with db.read() as connection:
                assert await connection.fetchval(f"select {number} + $1::int", 1) == number + 1
                # Two statements of one block, each prepared before it is run, are answered by one server.
                servers = {await connection.fetchval("select pg_backend_pid()") for _ in range(2)}
                assert len(servers) == 1
                assert await connection.fetchval("select current_user::text") == "editorial_app"

    async def write(number: int) -> None:
        for turn in range(5):
            key = f"pooled-{number}-{turn}"
            async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
                await tx.execute(
                    "insert into section (key, labels, position) values ($1, $2, 99)", key, {"en": key}
                )
            async with db.read() as connection:
                found = await connection.fetchrow("select labels from section where key = $1", key)
                assert found["labels"] == {"en": key}

    await asyncio.gather(*(read(number) for number in range(12)), *(write(number) for number in range(8)))


async def test_what_one_needs_is_there_for_the_transaction_and_gone_for_the_next_who_borrows(
    db: Database, pooler: Pooler, own_database: str
) -> None:
    asked = (
        "select current_setting('role') as role, current_setting('lock_timeout') as lock_timeout, "
        "current_setting('idle_in_transaction_session_timeout') as idle, "
        "current_setting('synchronous_commit') as durable, current_setting('TimeZone') as zone"
    )
    async with db.read() as connection:
        assert tuple(await connection.fetchrow(asked)) == ("editorial_app", "4s", "1min", "on", "UTC")
    async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
        assert tuple(await tx.fetchrow(asked)) == ("editorial_app", "4s", "1min", "on", "UTC")
    stranger = await asyncpg.connect(through(pooler, own_database), statement_cache_size=0)
    try:
        async with stranger.transaction():
            found = await stranger.fetchrow(asked)
        assert found is not None
        assert (found["role"], found["lock_timeout"]) == ("none", "0")
    finally:
        await stranger.close()


async def test_what_was_counted_before_a_refusal_stays_counted(db: Database) -> None:
    async def count(bucket: bytes, then: type[Exception]) -> None:
        async with db.read() as connection:
            await connection.execute(
                "insert into rate_limit_bucket (bucket, empty_at) values ($1, now())", bucket
            )
            raise then

    with pytest.raises(NotFound):
        await count(b"pooled", NotFound)
    with pytest.raises(ZeroDivisionError):
        await count(b"broken", ZeroDivisionError)
    async with db.read() as connection:
        kept = await connection.fetch(
            "select bucket from rate_limit_bucket where bucket = any($1)", [b"pooled", b"broken"]
        )
    assert [row["bucket"] for row in kept] == [b"pooled"]


async def test_the_newsroom_works_through_a_pooler(
    pooler: Pooler, application_url: str, member: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    more = {
        "DATABASE_POOLER_URL": through(pooler, application_url, member),
        "EDITORIAL_WORKER_IN_SERVE": "false",
        "EDITORIAL_DATA_DIR": str(tmp_path / "data"),
        "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "1000",
    }
    with serving(application_url, tmp_path / "log", **more) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            assert (await client.get("/readyz")).json() == {"status": "ready", "reasons": [], "warnings": []}
            analyst = newsroom.analyst
            sign_in = {"email": analyst.email, "password": analyst.password}
            signed_in = (await client.post("/v1/auth/session", json=sign_in)).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"

            async def draft(number: int) -> None:
                key = {"Idempotency-Key": f"pooled-{number}"}
                first = await client.post("/v1/commentaries", json=TEXT, headers=key)
                again = await client.post("/v1/commentaries", json=TEXT, headers=key)
                assert first.status_code == 201, first.text
                assert again.json() == first.json()
                path = f"/v1/commentaries/{first.json()['id']}"
                moved = await client.post(
                    f"{path}/transitions", json={"action": "submit"}, headers={"If-Match": '"1"'}
                )
                assert moved.json()["state"] == "in_review", moved.text
                history = (await client.get(f"{path}/history")).json()["data"]
                assert [entry["action"] for entry in history] == ["create", "submit"]

            await asyncio.gather(*(draft(number) for number in range(16)))


async def test_a_pooler_that_leads_to_no_primary_is_left_for_the_next_one(
    place: Path, postgres_folder: Path, application_url: str
) -> None:
    nobody = place / "nobody"
    with (
        pooling(place / "one", postgres_folder, query_wait_timeout="1") as one,
        pooling(place / "other", postgres_folder) as other,
    ):
        folders = ",".join(quote(str(folder), safe="") for folder in (nobody, one.folder, other.folder))
        url = f"postgresql://editorial_app@{urlsplit(application_url).path}?host={folders}&port={PORT}"
        db = Database(application_url, pool_size=1, pooler_url=url)
        await db.open()
        try:
            assert await one_of(db) == 1
            one.lead_to(nobody, query_wait_timeout="1")
            await one.drop_servers()
            with pytest.raises(DatabaseAway):
                await one_of(db)
            assert await one_of(db) == 1
        finally:
            await db.close()


async def one_of(db: Database) -> int:
    async with db.read() as connection:
        found: int = await connection.fetchval("select 1")
        return found
