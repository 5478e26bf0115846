"""Readers' pages from a real replica: one that is far enough, one that lags, one that is gone."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from litestar import Litestar

from chaos.engines import address, replicating, socket_folder
from editorial.app import create_app
from editorial.core.permissions import SYSTEM
from editorial.core.refusals import DatabaseAway
from editorial.database import embedded
from editorial.database.access import Database, ObjectKind
from editorial.database.replica import Replica
from editorial.published.page_cache import PageCache
from editorial.settings import Settings
from newsroom import Newsroom


@pytest.fixture(scope="module")
def replica_folder(owner_url: str, person_ids: dict[str, str], server_programs: Path) -> Iterator[Path]:
    """Give the folder of a replica's socket."""
    assert person_ids
    if socket_folder(owner_url) is None:
        pytest.skip("the server of this run is not behind a socket")
    with (
        tempfile.TemporaryDirectory(prefix="editorial-replica-") as place,
        replicating(Path(place) / "replica", owner_url, server_programs) as folder,
    ):
        yield folder


def on_the_replica(folder: Path, url: str, user: str = "editorial_app") -> str:
    """The address of the same database there."""
    return address(folder, urlsplit(url).path.removeprefix("/"), user=user)


@asynccontextmanager
async def replay_paused(folder: Path, url: str) -> AsyncIterator[Callable[[], Any]]:
    """Let the replica fall behind; gives a function that ends that before the block does."""
    owner = await asyncpg.connect(on_the_replica(folder, url, embedded.OWNER))
    await owner.execute("select pg_wal_replay_pause()")
    while await owner.fetchval("select pg_get_wal_replay_pause_state()") != "paused":
        await asyncio.sleep(0.01)
    try:
        yield lambda: owner.execute("select pg_wal_replay_resume()")
    finally:
        await owner.execute("select pg_wal_replay_resume()")
        await owner.close()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.02)


class Stand:
    """An application with a replica, in this process."""

    def __init__(self, client: httpx.AsyncClient, shelf: PageCache, replica: Replica) -> None:
        self.client = client
        self.shelf = shelf
        self.replica = replica

    async def read(self, path: str) -> tuple[str, str]:
        """The title that a reader gets, made anew; and who gave it."""
        self.shelf.drop()
        before = self.replica.reads
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        title: str = answer.json()["title"]
        return title, "replica" if self.replica.reads > before else "primary"

    async def comes_from_the_replica(self, path: str, title: str) -> None:
        """See that the page is soon read there."""
        async with asyncio.timeout(10):
            while await self.read(path) != (title, "replica"):
                await asyncio.sleep(0.05)


@asynccontextmanager
async def standing(application_url: str, replica_url: str, folder: Path) -> AsyncIterator[Stand]:
    """Run an application in this process."""
    settings = Settings(
        data_dir=folder,
        database_url=application_url,
        database_replica_url=replica_url,
        pool_size=4,
        worker_in_serve=False,
    )
    shelf, litestar = create_app(settings, application_url)
    assert isinstance(shelf, PageCache)
    assert isinstance(litestar, Litestar)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # A lifespan begins and ends in one task, and a fixture does not.
        async with litestar.lifespan():
            begun.set()
            await ended.wait()

    life = asyncio.create_task(live())
    await begun.wait()
    await until(lambda: shelf.is_told)
    transport = httpx.ASGITransport(app=shelf)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client:
        replica: Replica = litestar.state["replica"]
        yield Stand(client, shelf, replica)
    ended.set()
    await life


@pytest.fixture
async def stand(application_url: str, replica_folder: Path, tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(application_url, on_the_replica(replica_folder, application_url), tmp_path) as made:
        yield made


def page_of(commentary: dict[str, Any]) -> str:
    slug = next(one["slug"] for one in commentary["editions"] if one["language"] == "en")
    return f"/v1/published/en/{commentary['week']}/{slug}"


async def corrected(newsroom: Newsroom, commentary: dict[str, Any], title: str) -> None:
    """Publish it with another title, through another process."""
    revised = await newsroom.analyst.move(commentary, "revise")
    edited = await newsroom.analyst.edit(revised, title=title)
    submitted = await newsroom.analyst.move(edited, "submit")
    approved = await newsroom.coordinator.move(submitted, "approve")
    await newsroom.coordinator.move(approved, "publish", languages=["en"], correction_note="The title.")


async def test_a_page_comes_from_the_replica_and_is_the_same(stand: Stand, newsroom: Newsroom) -> None:
    commentary = await newsroom.a_published_commentary()
    path = page_of(commentary)
    await stand.comes_from_the_replica(path, commentary["text"]["title"])
    for more in (
        "/v1/published/en",
        "/v1/published/en/weeks",
        "/v1/published/en/feed.atom",
        f"{path}/json-ld",
    ):
        reads = stand.replica.reads
        assert (await stand.client.get(more)).status_code == 200
        assert stand.replica.reads == reads + 1, more


async def test_no_reader_gets_a_page_older_than_what_was_told_however_far_the_replica_is_behind(
    stand: Stand, newsroom: Newsroom, replica_folder: Path, application_url: str
) -> None:
    commentary = await newsroom.a_published_commentary()
    path, old = page_of(commentary), commentary["text"]["title"]
    await stand.comes_from_the_replica(path, old)
    async with replay_paused(replica_folder, application_url) as go_on:
        drops = stand.shelf.counts.drops
        await corrected(newsroom, commentary, "Grain exports rise")
        # A notice has come. From then on nobody reads what was before.
        await until(lambda: stand.shelf.counts.drops > drops)
        await asyncio.sleep(0.5)
        for _ in range(5):
            assert await stand.read(path) == ("Grain exports rise", "primary")
        await go_on()
        await stand.comes_from_the_replica(path, "Grain exports rise")


async def test_who_publishes_reads_the_page_at_once_through_the_same_process(
    stand: Stand, newsroom: Newsroom, replica_folder: Path, application_url: str
) -> None:
    ready = await newsroom.a_ready_commentary()
    moves = stand.replica.moves
    async with replay_paused(replica_folder, application_url):
        answer = await stand.client.post(
            f"/v1/commentaries/{ready['id']}/transitions",
            json={"action": "publish"},
            headers={
                "Authorization": f"Bearer {newsroom.coordinator.token}",
                "If-Match": f'"{ready["version"]}"',
            },
        )
        assert answer.status_code == 200, answer.text
        # Whether the notice is quicker than the next request or not.
        assert stand.replica.moves == moves + 1
        assert (await stand.client.get(page_of(answer.json()))).status_code == 200


def test_a_count_that_was_asked_for_before_a_move_says_nothing_of_it() -> None:
    replica = Replica(Database("postgresql:///nowhere"), None, pool_size=1)
    asked_at = replica.moves
    replica.trust_from(7, asked_at)
    assert replica.is_trusted
    replica.distrust()
    replica.trust_from(7, asked_at)
    replica.raise_to(8)
    assert not replica.is_trusted
    replica.trust_from(9, replica.moves)
    assert replica.is_trusted


async def test_the_desk_reads_from_the_primary(
    stand: Stand, newsroom: Newsroom, replica_folder: Path, application_url: str
) -> None:
    async with replay_paused(replica_folder, application_url):
        draft = await newsroom.a_draft()
        headers = {"Authorization": f"Bearer {newsroom.analyst.token}"}
        assert (await stand.client.get(f"/v1/commentaries/{draft['id']}", headers=headers)).status_code == 200


async def test_a_replica_that_is_gone_costs_readers_nothing(
    application_url: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    commentary = await newsroom.a_published_commentary()
    nowhere = address(tmp_path, "newsroom", user="editorial_app")
    async with standing(application_url, nowhere, tmp_path) as stand:
        await until(lambda: stand.replica.is_trusted)
        assert await stand.read(page_of(commentary)) == (commentary["text"]["title"], "primary")
        assert stand.replica.refused == 1
        # It is left alone for a while.
        await stand.read(page_of(commentary))
        assert stand.replica.refused == 1


async def test_what_leads_to_a_replica_writes_nothing_and_is_no_primary(
    replica_folder: Path, application_url: str
) -> None:
    here = on_the_replica(replica_folder, application_url)
    db = Database(here, pool_size=1)
    await db.open()
    with pytest.raises(DatabaseAway):
        async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
            await tx.execute("insert into section (key, labels, position) values ('lost', '{}', 99)")
    await db.close()
    with pytest.raises(asyncpg.FeatureNotSupportedError):
        await Database(application_url, pool_size=1, pooler_url=here).open()
    with pytest.raises(ConnectionError):
        await Database(f"{here}&target_session_attrs=read-write", pool_size=1).open()
    folders = ",".join(str(socket_folder(url)) for url in (here, application_url))
    both = f"postgresql://editorial_app@{urlsplit(here).path}?host={folders}&port=5432"
    asked = f"{both}&target_session_attrs=read-write"
    for db in (Database(asked, pool_size=1), Database(asked, pool_size=1, pooler_url=both)):
        await db.open()
        async with db.read() as connection:
            assert await connection.fetchval("select pg_is_in_recovery()") is False
        await db.close()
