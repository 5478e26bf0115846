"""What everybody may know of the trail's seal, and what its keepers are warned of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from conftest import address
from editorial.app import create_app
from editorial.audit import sealer as sealing
from editorial.audit.checkpoints import Checkpoint, Note, PublicKey, SealKey
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from editorial.settings import Settings
from editorial.telemetry import metrics
from newsroom import refused

KEY = SealKey("newsroom.example/trail", bytes(range(32)))


@pytest.fixture
def application_of(own_database: str) -> str:
    """Give the application's address of a database that is this test's alone."""
    return address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")


@asynccontextmanager
async def outside(application: str, data_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in, before a newsroom without a worker."""
    served, litestar = create_app(Settings(data_dir=data_dir, worker_in_serve=False), application)
    async with litestar.lifespan():
        transport = httpx.ASGITransport(app=served)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
        async with httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client:
            yield client


async def signed(url: str, *days_ago: float) -> list[str]:
    """Checkpoints that were signed so many days ago, the earliest first."""
    connection = await asyncpg.connect(url)
    notes = []
    try:
        for number, days in enumerate(days_ago, start=1):
            notes.append(Checkpoint(KEY.name, number, bytes([number] * 32)).note(KEY))
            await connection.execute(
                "insert into audit_checkpoint (number, size, note, cluster, horizon, sealed_at) "
                "select $1, $1, $2, 0, '0', today at time zone 'UTC' - $3 * interval '1 day' "
                "from date_trunc('day', now() at time zone 'UTC') as today",
                number,
                notes[-1],
                days,
            )
    finally:
        await connection.close()
    return notes


async def test_of_each_day_that_is_over_there_is_the_last_checkpoint(
    own_database: str, application_of: str, tmp_path: Path
) -> None:
    async with outside(application_of, tmp_path) as readers:
        # Two on one day, none on the next, one yesterday, and one today.
        notes = await signed(own_database, 2.9, 2.1, 0.5, -0.0001)
        found = (await readers.get("/v1/trail/checkpoints")).json()
        assert [one["note"] for one in found["data"]] == [notes[2], notes[1]]
        assert [(one["size"], one["root"]) for one in found["data"]] == [(3, "03" * 32), (2, "02" * 32)]
        assert all(
            set(one) == {"day", "size", "root", "note"} and len(one["day"]) == 10 for one in found["data"]
        )
        assert found["next_cursor"] is None
        for one in found["data"]:
            assert Note.read(one["note"]).opened([KEY.public]).size == one["size"]


async def test_checkpoints_come_in_pages(own_database: str, application_of: str, tmp_path: Path) -> None:
    async with outside(application_of, tmp_path) as readers:
        notes = await signed(own_database, 2.5, 1.5, 0.5)
        first = await readers.get("/v1/trail/checkpoints", params={"limit": 2})
        assert [one["note"] for one in first.json()["data"]] == [notes[2], notes[1]]
        assert 'rel="next"' in first.headers["link"]
        rest = await readers.get(
            "/v1/trail/checkpoints", params={"limit": 2, "cursor": first.json()["next_cursor"]}
        )
        assert [one["note"] for one in rest.json()["data"]] == [notes[0]]
        assert rest.json()["next_cursor"] is None
        refused(await readers.get("/v1/trail/checkpoints", params={"cursor": "rubbish"}), 400)


async def test_the_keys_are_there_for_everybody(application_of: str, tmp_path: Path) -> None:
    async with outside(application_of, tmp_path) as readers:
        db = Database(application_of, pool_size=2)
        await db.open()
        key = await sealing.present_key(db, Settings(data_dir=tmp_path))
        await db.close()
        assert key is not None
        (found,) = (await readers.get("/v1/trail/keys")).json()["data"]
        assert PublicKey.read(found["key"]) == key.public
        assert set(found) == {"key", "since"}


async def test_who_looks_after_the_newsroom_is_warned_when_nothing_is_sealed(
    application_of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with outside(application_of, tmp_path) as readers:
        db = Database(application_of, pool_size=2)
        await db.open()
        settings = Settings(data_dir=tmp_path)
        async with db.write(SYSTEM, "try", ObjectKind.NONE, uuid4()) as tx:
            await tx.execute("select record_attempt('editorial')")
        monkeypatch.setattr(sealing, "LATE", -1.0)
        told = (await readers.get("/readyz")).json()
        assert told["status"] == "ready"
        assert "has not been sealed" in told["warnings"][0]
        monkeypatch.setattr(sealing, "LATE", 1e9)
        assert (await readers.get("/readyz")).json()["warnings"] == []
        await sealing.seal_trail(db, settings)
        assert b"editorial_seal_lag_seconds " in metrics.written()
        await db.close()
