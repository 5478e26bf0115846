"""What breaks, by name: each breaks something, holds it for a while, and mends what a person would mend."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import asyncpg
import psutil

from chaos.installation import Installation

Break = Callable[[Installation, random.Random], contextlib.AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class FieldError:
    """One kind of breakage."""

    name: str
    says: str
    seconds: float
    """For how long it lasts."""
    breaks: Break
    why_not: Callable[[Installation], str | None] = lambda _: None
    """A sentence where this machine cannot carry it."""


FAULTS: dict[str, FieldError] = {}


def fault(
    name: str,
    *,
    seconds: float,
    why_not: Callable[[Installation], str | None] = lambda _: None,
    among: dict[str, FieldError] = FAULTS,
) -> Callable[[Callable[[Installation, random.Random], AsyncIterator[None]]], Break]:
    """Put a fault on the list; its docstring says what breaks."""

    def listed(breaks: Callable[[Installation, random.Random], AsyncIterator[None]]) -> Break:
        broken = contextlib.asynccontextmanager(breaks)
        among[name] = FieldError(name, (breaks.__doc__ or "").strip(), seconds, broken, why_not)
        return broken

    return listed


def kill_all(processes: list[psutil.Process]) -> None:
    """End processes at once, without a word."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(processes, timeout=20)


async def restart_postgres(it: Installation) -> None:
    """What a service manager does."""
    await asyncio.to_thread(it.start_postgres)


@fault("postgres-killed", seconds=2)
async def postgres_killed(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """kill -9 of Postgres, every process of it; started again after two seconds."""
    await asyncio.to_thread(kill_all, it.postgres_processes())
    try:
        yield
    finally:
        await restart_postgres(it)


@fault("backends-killed", seconds=2)
async def backends_killed(it: Installation, chance: random.Random) -> AsyncIterator[None]:
    """kill -9 of one of Postgres's backends, whereupon it restarts itself and recovers."""
    _, *children = it.postgres_processes()
    chance.choice(children).kill()
    yield


@fault("postgres-stopped", seconds=10)
async def postgres_stopped(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """SIGSTOP of Postgres for ten seconds."""
    stopped = it.postgres_processes()
    it.stopped += stopped
    for one in stopped:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.suspend()
    try:
        yield
    finally:
        for one in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.resume()
        it.stopped.clear()


@fault("api-killed", seconds=4)
async def api_killed(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """kill -9 of each API process, one after the other."""
    for one in it.apis:
        await one.end(signal.SIGKILL)
        await asyncio.sleep(0.7)
    yield


@fault("worker-killed", seconds=3)
async def worker_killed(it: Installation, chance: random.Random) -> AsyncIterator[None]:
    """kill -9 of each worker, three times over, at random moments."""
    for _ in range(3):
        for one in it.workers:
            if one.is_up():
                await one.end(signal.SIGKILL)
            await asyncio.sleep(chance.random())
    yield


@fault("wire-cut", seconds=4)
async def wire_cut(it: Installation, chance: random.Random) -> AsyncIterator[None]:
    """Every connection to Postgres cut, ten times at random moments, also in the middle of a commit."""
    assert it.wire is not None
    for _ in range(10):
        it.wire.send(signal.SIGUSR1)
        await asyncio.sleep(0.2 + chance.random() * 0.4)
    yield


@fault("wire-silent", seconds=8)
async def wire_silent(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """Nothing comes through to Postgres or back for eight seconds, and nobody is told; then all is cut."""
    assert it.wire is not None
    it.wire.send(signal.SIGSTOP)
    try:
        yield
    finally:
        await it.wire.end(signal.SIGKILL)


@fault("pool-exhausted", seconds=8)
async def pool_exhausted(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """Somebody holds a lock on every commentary for eight seconds, and every connection waits for it."""
    connection = await asyncpg.connect(it.owner_url)
    try:
        async with connection.transaction():
            await connection.execute("lock table commentary in access exclusive mode")
            yield
    finally:
        connection.terminate()


def _no_disk(it: Installation) -> str | None:
    if it.has_small_disk:
        return None
    return "Postgres has no disk of its own to fill: mounting one takes root, and the right to mount."


@fault("disk-full", seconds=5, why_not=_no_disk)
async def disk_full(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """Postgres's disk is full for five seconds."""
    filler = it.folder / "disk" / "filler"
    with filler.open("wb") as file:
        filling = asyncio.create_task(_keep_full(file.fileno(), it))
        try:
            yield
        finally:
            filling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await filling
    filler.unlink()
    # Where it could not write its log, Postgres has given up: somebody has to start it.
    await restart_postgres(it)


async def _keep_full(file: int, it: Installation) -> None:
    size = 0
    while True:
        room = os.statvfs(it.folder / "disk")
        free = room.f_bavail * room.f_frsize
        if free:
            with contextlib.suppress(OSError):
                os.posix_fallocate(file, size, free)
                size += free
        await asyncio.sleep(0.05)


def _no_clock(it: Installation) -> str | None:
    return None if it.clock else "No clock can be shifted: Debian's package libfaketime is missing."


@fault("clock-stepped", seconds=6, why_not=_no_clock)
async def clock_stepped(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """The clock of one API process and one worker steps two hours on, then two hours back."""
    assert it.clock is not None
    it.clock.write_text("+7200")
    try:
        await asyncio.sleep(3)
        it.clock.write_text("-7200")
        yield
    finally:
        it.clock.write_text("+0")
        # The library looks once in a while.
        await asyncio.sleep(1.5)


@fault("restarted", seconds=1)
async def restarted(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """Each API process and worker told to end (SIGTERM), one after the other, and started again."""
    for one, url in zip([*it.apis, *it.workers], [*it.urls, *([""] * len(it.workers))], strict=True):
        await one.end(signal.SIGTERM)
        if url:
            await it.until_ready(15)
    yield
