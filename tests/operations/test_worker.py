"""The worker as processes of its own: each due thing once, whatever is killed; and what it counts."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from editorial.app import create_app, create_worker
from editorial.core.refusals import DatabaseAway
from editorial.database.access import Database
from editorial.operations import worker
from editorial.settings import Settings
from newsroom import Newsroom


@contextlib.contextmanager
def a_worker(application_url: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A worker that runs, and where it answers. Killed at the end, if it is there still."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EDITORIAL_")},
        "DATABASE_URL": application_url,
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "editorial", "worker"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("The worker answers at "), ready
        yield process, ready.removeprefix("The worker answers at ").strip()
    finally:
        process.kill()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


async def _live(newsroom: Newsroom, commentary: dict[str, Any]) -> bool:
    now = await newsroom.read(commentary)
    return bool(now["editions"][0]["status"] == "live")


async def test_two_workers_of_which_one_is_killed_in_the_due_second_publish_each_thing_once(
    newsroom: Newsroom, application_url: str
) -> None:
    ready = [await newsroom.a_commentary_in_translation(target_languages=[]) for _ in range(8)]
    with a_worker(application_url) as (first, _), a_worker(application_url):
        at = datetime.now(UTC) + timedelta(seconds=1.5)
        for one in ready:
            await newsroom.coordinator.move(one, "schedule", at=at.isoformat())
        await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
        first.kill()
        with a_worker(application_url):
            async with asyncio.timeout(20):
                while not all([await _live(newsroom, one) for one in ready]):
                    await asyncio.sleep(0.1)
    connection = await asyncpg.connect(application_url)
    try:
        told = await connection.fetch(
            "select commentary_id::text as commentary, kind, revision from publication "
            "where commentary_id::text = any($1)",
            [one["id"] for one in ready],
        )
        entries = await connection.fetch(
            "select actor_kind, on_behalf_of::text as person, "
            "extract(epoch from at - $2::timestamptz)::float8 as late "
            "from audit_entry where action = 'publish' and commentary_id::text = any($1)",
            [one["id"] for one in ready],
            at,
        )
    finally:
        await connection.close()
    assert sorted(row["commentary"] for row in told) == sorted(one["id"] for one in ready)
    assert {(row["kind"], row["revision"]) for row in told} == {("first", 1)}
    assert len(entries) == len(ready)
    assert {(row["actor_kind"], row["person"]) for row in entries} == {("system", newsroom.coordinator.id)}
    # Never before its instant, and within seconds of it.
    assert all(0 <= row["late"] < 10 for row in entries)


async def test_a_worker_says_how_it_is_and_counts_what_it_does(
    newsroom: Newsroom, application_url: str
) -> None:
    token = "a-token-of-the-scraper"
    with a_worker(application_url, EDITORIAL_METRICS_TOKEN=token) as (process, url):
        async with httpx.AsyncClient(base_url=url, timeout=10) as client:
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).json() == {
                "status": "ready",
                "reasons": [],
                "warnings": [],
            }
            assert (await client.get("/metrics")).status_code == 404
            assert (await client.get("/v1/sections")).status_code == 404
            headers = {"Authorization": f"Bearer {token}"}
            async with asyncio.timeout(10):
                while True:
                    told = (await client.get("/metrics", headers=headers)).text
                    if 'editorial_job_runs_total{job_name="publish_due_commentaries",outcome="done"}' in told:
                        break
                    await asyncio.sleep(0.1)
            assert "editorial_oldest_due_seconds 0.0" in told
            assert "editorial_pool_connections 2.0" in told
        process.terminate()
        # It ends what it is at, and then by the signal that it was sent.
        assert process.wait(timeout=20) == -signal.SIGTERM


async def test_the_metrics_of_the_api_name_routes_and_nobody(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_draft()
    await newsroom.client.request("BREW", f"/v1/commentaries/{commentary['id']}")
    response = await newsroom.client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    told = response.text
    assert re.search(
        r'editorial_http_requests_total\{method="POST",route="/v1/commentaries",status="201"\} \d+', told
    )
    assert "editorial_http_request_duration_seconds_bucket" in told
    assert "BREW" not in told
    for person in newsroom.people.values():
        for secret in (person.id, person.email, person.name):
            assert secret not in told
    assert commentary["id"] not in told


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_the_metrics_are_not_for_whom_a_proxy_asks_for(newsroom: Newsroom, header: str) -> None:
    response = await newsroom.client.get("/metrics", headers={header: "203.0.113.7"})
    assert response.status_code == 404


@pytest.fixture
async def db(application_url: str) -> AsyncIterator[Database]:
    database = Database(application_url, pool_size=2)
    await database.open()
    yield database
    await database.close()


async def test_a_job_that_fails_ends_neither_the_others_nor_the_worker(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def broken(_: Database, __: Settings) -> None:
        raise KeyError("a bug")

    async def away(_: Database, __: Settings) -> None:
        raise DatabaseAway

    async def works(_: Database, __: Settings) -> None:
        done.append("works")

    monkeypatch.setattr(worker, "JOBS", {"broken": broken, "away": away, "works": works})
    assert not await worker.work_once(db, Settings(data_dir=Path()))
    assert done == ["works"]
    monkeypatch.setattr(worker, "JOBS", {"works": works})
    assert await worker.work_once(db, Settings(data_dir=Path()))


async def test_one_due_thing_that_fails_keeps_no_other_waiting(
    db: Database, newsroom: Newsroom, application_url: str
) -> None:
    """Somebody has a commentary locked; what is due of others is published meanwhile."""
    held, free = [await newsroom.a_commentary_in_translation(target_languages=[]) for _ in range(2)]
    connection = await asyncpg.connect(application_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
        for one in (held, free):
            await newsroom.coordinator.move(one, "schedule", at=at)
        await connection.execute("select id from commentary where id = $1 for no key update", held["id"])
        async with asyncio.timeout(10):
            while not await _live(newsroom, free):
                await asyncio.sleep(0.1)
        assert not await _live(newsroom, held)
        await transaction.rollback()
        async with asyncio.timeout(10):
            while not await _live(newsroom, held):
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def test_a_worker_that_does_not_get_on_is_not_ready(application_url: str) -> None:
    app, litestar = create_worker(Settings(data_dir=Path()), application_url)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with (
        litestar.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://worker") as client,
    ):
        assert (await client.get("/readyz")).status_code == 200
        pulse = worker.Heartbeat()
        pulse._last -= worker.STALLED + 1
        litestar.state["troubles"] = (pulse.trouble,)
        response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["reasons"] == ["The worker has not finished a round for a while."]


@contextlib.asynccontextmanager
async def a_server_with_a_worker(application_url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app, litestar = create_app(Settings(data_dir=folder, pool_size=2), application_url)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with (
        litestar.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client,
    ):
        yield client


async def _warning(client: httpx.AsyncClient) -> str:
    """What the server warns of, which answers requests all the same."""
    async with asyncio.timeout(10):
        while True:
            response = await client.get("/readyz")
            assert response.status_code == 200, response.text
            for warning in response.json()["warnings"]:
                if warning.startswith("The worker"):
                    return str(warning)
            await asyncio.sleep(0.05)


async def test_a_server_says_that_the_worker_in_it_hangs(
    application_url: str, person_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hangs = asyncio.Event()

    async def hang(_: Database, __: Settings) -> None:
        hangs.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(worker, "JOBS", {"hang": hang})
    async with a_server_with_a_worker(application_url, tmp_path) as client:
        await hangs.wait()
        ready = (await client.get("/readyz")).json()
        assert not [one for one in ready["warnings"] if one.startswith("The worker")]
        monkeypatch.setattr(worker, "STALLED", 0.2)
        assert await _warning(client) == "The worker has not finished a round for a while."


async def test_a_server_says_that_the_worker_in_it_has_ended(
    application_url: str, person_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A bug outside of any job.
    monkeypatch.setattr(worker, "PAUSE", "a second")
    async with a_server_with_a_worker(application_url, tmp_path) as client:
        assert await _warning(client) == "The worker has ended."


def test_what_fails_each_second_is_told_at_once_and_then_once_a_minute() -> None:
    trouble = worker.Trouble()
    assert [trouble.is_news("the database is away") for _ in range(3)] == [True, False, False]
    assert trouble.is_news("a bug"), "another trouble is told at once"
    assert trouble.is_over("the database is away")
    assert not trouble.is_over("the database is away")
    assert trouble.is_news("the database is away"), "when it comes again, it is told at once"
    trouble.AGAIN_AFTER = 0.0
    assert trouble.is_news("the database is away")
