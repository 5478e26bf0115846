"""One throw-away server for each run of the tests, and in it a database for each worker.

EDITORIAL_TEST_OWNER_URL, a superuser's address, names another server to use; it has to let
editorial_app in without a password. Two runs at once never meet, on either kind of server.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import settings as hypothesis_settings
from litestar import Litestar

from editorial.app import create_app
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM, Role
from editorial.database import embedded
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.identity.people import add_person
from editorial.settings import Settings
from newsroom import Newsroom, Person

# Compiled modules are kept also where the environment says otherwise: each process that a test starts would compile
# the whole program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A machine that is busy is no fault of the code: what must not hang says so itself.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")

GIVEN_SERVER = os.environ.get("EDITORIAL_TEST_OWNER_URL")
PREFIX = "editorial-test-"


@dataclass(frozen=True)
class Run:
    """One run of the tests, however many workers share it."""

    folder: Path
    worker: str
    """Empty in the process that leads the others, or is the only one."""

    @property
    def name(self) -> str:
        """Return what no other run is called, and what all of its databases begin with."""
        return self.folder.name.replace("-", "_")

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only worker of the run who does what follows."""
        with (self.folder / "turn").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


RUN = pytest.StashKey[Run]()
LOCK = pytest.StashKey[IO[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run, or join it as one of its workers."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[RUN] = Run(Path(workerinput["run"]), workerinput["workerid"])
        return
    # Told to end, pytest would leave everything behind; interrupted, it tidies up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with (
            contextlib.suppress(FileNotFoundError, PermissionError, BlockingIOError),
            (folder / "run").open("r+") as lock,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tidy(Run(folder, ""))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = (folder / "run.new").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "run.new").rename(folder / "run")
    config.stash[RUN], config.stash[LOCK] = Run(folder, ""), lock
    # A key that a demo of this user left behind must not lie in the way.
    os.environ["XDG_DATA_HOME"] = str(folder / "data")
    if config.option.basetemp is None:
        # In a folder that all runs of a user share, each new one bars the way to the servers of the others.
        config.option.basetemp = str(folder / "tmp")


LONGEST = (
    "published/test_search.py",
    "web/test_client.py",
    "test_documentation.py",
    "database/test_periodic_queries.py",
    "operations/test_proxy.py",
    "fuzz/test_schemathesis.py",
    "operations/test_deploy_page.py",
    "cli/test_startup.py",
    "audit/test_trail_holds.py",
    "audit/test_tampering.py",
    "identity/test_rate_limits.py",
    "database/test_multi_host.py",
    "web/test_ranges.py",
    "test_crawl.py",
    "database/test_breakage.py",
    "database/test_growth.py",
    "web/test_contract.py",
    "translations/test_comparison.py",
    "test_lost_roles.py",
    "test_need_to_know.py",
)
"""The files that take longest. Workers take whole files: one of these, begun last, would end alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    tests = Path(__file__).parent
    rank = {tests / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it belongs to."""
    node.workerinput["run"] = str(node.config.stash[RUN].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, unless this is a mere worker of it."""
    if LOCK in config.stash:
        tidy(config.stash[RUN])
        config.stash[LOCK].close()


def tidy(run: Run) -> None:
    """Remove what a run leaves, also one that was killed with its server running."""
    if GIVEN_SERVER:
        asyncio.run(drop_databases(GIVEN_SERVER, run.name))
    if (run.folder / "postgres").exists():
        embedded.start(run.folder).stop()
    shutil.rmtree(run.folder)


def address(url: str, database: str, user: str | None = None) -> str:
    """Return `url` for another database, and for another user without a password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    netloc = f"{quote(user, safe='')}@{place[2]}" if user else parts.netloc
    return urlunsplit((parts.scheme, netloc, f"/{database}", parts.query, ""))


async def run_sql(url: str, *statements: str) -> None:
    """Run each statement in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def drop_databases(url: str, beginning: str) -> None:
    """Drop the databases whose names begin so."""
    connection = await asyncpg.connect(url)
    try:
        for row in await connection.fetch(
            "select datname from pg_database where starts_with(datname, $1)", beginning
        ):
            await connection.execute(f'drop database "{row["datname"]}" with (force)')
    finally:
        await connection.close()


PEOPLE: dict[str, tuple[list[Role], list[str]]] = {
    "analyst": ([Role.ANALYST], []),
    "contributor": ([Role.ANALYST], []),
    "other_analyst": ([Role.ANALYST], []),
    "coordinator": ([Role.COORDINATOR], []),
    "other_coordinator": ([Role.COORDINATOR], []),
    "writing_coordinator": ([Role.ANALYST, Role.COORDINATOR], []),
    "administrator": ([Role.ADMINISTRATOR], []),
    "translator_be": ([Role.TRANSLATOR], ["be"]),
    "other_translator_be": ([Role.TRANSLATOR], ["be"]),
    "translator_ru": ([Role.TRANSLATOR], ["ru"]),
}
PASSWORD = "correct horse battery staple"


async def add_people(owner_url: str) -> None:
    """Add the newsroom's people and the first sections. It takes a while to hash the passwords: once for each run."""
    db = Database(owner_url, pool_size=2, as_owner=True)
    await db.open()
    try:
        await add_first_sections(db)
        for name, (roles, languages) in PEOPLE.items():
            await add_person(
                db,
                actor=SYSTEM,
                email=f"{name}@newsroom.example",
                display_name=name.replace("_", " ").title(),
                roles=roles,
                languages=languages,
                password=PASSWORD,
            )
    finally:
        await db.close()


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """Give the run that this test is part of."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def server_url(run: Run) -> Iterator[str]:
    """Give a superuser's address of the server; its own database is nobody's."""
    if GIVEN_SERVER:
        yield GIVEN_SERVER
        return
    with embedded.start(run.folder) as server:
        # Nothing here has to survive a power cut.
        asyncio.run(
            run_sql(
                server.owner_url,
                "alter system set fsync = off",
                "alter system set synchronous_commit = off",
                "alter system set full_page_writes = off",
                "select pg_reload_conf()",
            )
        )
        yield server.owner_url


@pytest.fixture(scope="session")
def owner_url(run: Run, server_url: str) -> str:
    """Give the owner's address of this worker's own migrated database."""
    template, with_people = f"{run.name}_template", f"{run.name}_with_people"
    own = f"{run.name}_{run.worker or 'only'}"
    with run.turn():
        made = run.folder / "template"
        if not made.exists():
            asyncio.run(run_sql(server_url, f"create database {template} template template0"))
            asyncio.run(migrate(address(server_url, template)))
            asyncio.run(run_sql(server_url, f"create database {with_people} template {template}"))
            asyncio.run(add_people(address(server_url, with_people)))
            made.touch()
        asyncio.run(run_sql(server_url, f"create database {own} template {with_people}"))
    url = address(server_url, own)
    # A copy has all but the rights on the database itself.
    asyncio.run(migrate(url))
    return url


@pytest.fixture(scope="session")
def server_programs(owner_url: str) -> Path:
    """Give the folder with the programs of the run's server, where it runs on this machine."""

    async def ask() -> str:
        connection = await asyncpg.connect(owner_url)
        try:
            return str(await connection.fetchval("select setting from pg_config where name = 'BINDIR'"))
        finally:
            await connection.close()

    return Path(asyncio.run(ask()))


@pytest.fixture
async def own_database(run: Run, server_url: str, owner_url: str) -> AsyncIterator[str]:
    """Give the owner's address of a migrated database that is this test's alone."""
    # With the worker's own database, the template is there.
    assert owner_url
    own = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {own} template {run.name}_template")
    yield address(server_url, own)
    await run_sql(server_url, f"drop database {own} with (force)")


@pytest.fixture(scope="session")
def application_url(owner_url: str) -> str:
    """Give the application's address of this worker's own migrated database."""
    return address(owner_url, urlsplit(owner_url).path.removeprefix("/"), "editorial_app")


@pytest.fixture(scope="session")
async def person_ids(owner_url: str) -> dict[str, str]:
    """Give the ids of the newsroom's people."""
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch("select split_part(email, '@', 1) as name, id from person")
    finally:
        await connection.close()
    ids = {row["name"]: str(row["id"]) for row in rows}
    return {name: ids[name] for name in PEOPLE}


@pytest.fixture(scope="session")
def server(run: Run, application_url: str) -> Iterator[str]:
    """Give the address of a real server on this worker's database."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EDITORIAL_")},
        "DATABASE_URL": application_url,
        "EDITORIAL_DATA_DIR": str(run.folder / f"data-{run.worker}"),
        "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "1000000",
        "EDITORIAL_CLAIM_LIMIT": "1000",
        # Everybody signs in once: on a machine that takes its time, the tests take more than ten minutes.
        "EDITORIAL_ACCESS_TOKEN_SECONDS": "3600",
        "EDITORIAL_LOG_FORMAT": "json",
    }
    log = run.folder / f"server-{run.worker}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "editorial", "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("Editorial is ready at "), log.read_text()
        yield ready.removeprefix("Editorial is ready at ").strip()
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture(scope="session")
async def newsroom(server: str, person_ids: dict[str, str]) -> AsyncIterator[Newsroom]:
    """Give a newsroom in which everybody is signed in."""
    # The server closes a connection after five quiet seconds: this end lets go of it before.
    limits = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=server, timeout=30, limits=limits) as client:
        people = {}
        for name, person_id in person_ids.items():
            email = f"{name}@newsroom.example"
            response = await client.post("/v1/auth/session", json={"email": email, "password": PASSWORD})
            assert response.status_code == 200, response.text
            people[name] = Person(
                client=client,
                name=name.replace("_", " ").title(),
                email=email,
                password=PASSWORD,
                id=person_id,
                token=response.json()["access_token"],
            )
        yield Newsroom(client, people)


ORIGIN = "https://desk.example.org"


@pytest.fixture(scope="session")
def app() -> Litestar:
    """Give the application; nothing is connected."""
    from described import APP

    return APP


@pytest.fixture(scope="session")
async def anonymous() -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that is not signed in, to an application that one front end's origin may use."""
    settings = Settings(data_dir=Path(), cors_origins=(ORIGIN,))
    served, _ = create_app(settings, "postgresql:///nowhere")
    transport = httpx.ASGITransport(app=served)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client:
        yield client
