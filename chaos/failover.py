"""Takes the primary away from a newsroom on a cluster, under 32 writers, and checks that nothing is lost.

    python -m chaos.failover [--seed N] [--seconds N] [--folder FOLDER] [NAME …]

Exits as `python -m chaos` does, and with 2 where this machine lacks a program that it takes.
"""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from chaos.cluster import Cluster, Member, clustered, kill, send, why_not
from chaos.installation import Installation
from chaos.nemesis import FieldError, api_killed, fault, worker_killed
from chaos.trial import NotKept, Stage, main, say

BREAKS: dict[str, FieldError] = {}
TAKES_OVER_WITHIN = 60.0
COMES_BACK_WITHIN = 90.0


async def primary_of(it: Installation) -> tuple[Cluster, Member]:
    """The cluster, and its primary."""
    assert isinstance(it, Cluster)
    primary = await it.primary()
    if primary is None:
        raise NotKept(f"no member is the primary: {await it.roles()}")
    return it, primary


async def see_another(it: Cluster, than: Member) -> None:
    """Wait until another member is the primary."""
    took = await it.until_another_is_primary(than, TAKES_OVER_WITHIN)
    if took is None:
        raise NotKept(f"nobody took over from {than.name}: {await it.roles()}")
    say(f"    {than.name} was the primary; another one is after {took:.1f} s")


async def see_whole(it: Cluster) -> None:
    """Wait until there is a replica again that has all that is acknowledged."""
    if await it.until_whole(COMES_BACK_WITHIN) is None:
        raise NotKept(f"the cluster is not whole again: {await it.roles()}")


@contextlib.asynccontextmanager
async def powered_off(it: Cluster, one: Member) -> AsyncIterator[None]:
    """All of one member killed at once, and started again afterwards."""
    one.is_held = True
    await one.patroni.end(signal.SIGKILL)
    await asyncio.to_thread(kill, one.postgres())
    await one.pooler.end(signal.SIGKILL)
    try:
        yield
    finally:
        one.is_held = False
    await see_whole(it)


@fault("primary-killed", seconds=5, among=BREAKS)
async def primary_killed(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """kill -9 of the primary with its Patroni and its PgBouncer, as where a machine loses its power."""
    cluster, primary = await primary_of(it)
    async with powered_off(cluster, primary):
        await see_another(cluster, primary)
        yield


@fault("switchover", seconds=3, among=BREAKS)
async def switchover(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """Another member made the primary on purpose, as before maintenance."""
    cluster, primary = await primary_of(it)
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{primary.rest}/switchover", json={"leader": primary.name})
    if answer.status_code != 200:
        raise NotKept(f"Patroni does not switch over: {answer.text}")
    await see_another(cluster, primary)
    yield
    await see_whole(cluster)


@fault("postgres-killed", seconds=3, among=BREAKS)
async def postgres_killed(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """kill -9 of the primary's Postgres alone: its Patroni hands over."""
    cluster, primary = await primary_of(it)
    await asyncio.to_thread(kill, primary.postgres())
    await see_another(cluster, primary)
    yield
    await see_whole(cluster)


@fault("primary-frozen", seconds=5, among=BREAKS)
async def primary_frozen(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """SIGSTOP of the primary with its Patroni, woken when another one is: Postgres first, Patroni later."""
    # For that while two take themselves for the primary, and nobody tells the old one otherwise.
    cluster, old = await primary_of(it)
    postgres = old.postgres()
    old.patroni.send(signal.SIGSTOP)
    send(postgres, signal.SIGSTOP)
    try:
        await see_another(cluster, old)
        send(postgres, signal.SIGCONT)
        await see_that_it_acknowledges_nothing(cluster, old)
        yield
    finally:
        send(postgres, signal.SIGCONT)
        old.patroni.send(signal.SIGCONT)
    await see_whole(cluster)


async def see_that_it_acknowledges_nothing(it: Cluster, old: Member) -> None:
    """Write to what was the primary: its commits wait for a replica that is none any more."""
    connection = await asyncpg.connect(alone(it.owner_url, old), timeout=10)
    if await connection.fetchval("select pg_is_in_recovery()"):
        raise NotKept(f"{old.name} is a replica already: it was not woken as a primary")
    # Hung up on, as our own processes do: a wait that is called off would be a commit.
    asyncio.get_running_loop().call_later(4, connection.terminate)
    try:
        await connection.execute("create table written_to_who_was_the_primary ()")
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        say(f"    {old.name}, woken, takes itself for the primary, and acknowledges nothing")
    else:
        raise NotKept(f"{old.name} acknowledged a write when another one was the primary")


def alone(url: str, member: Member) -> str:
    """The address of one member, whatever it is at this moment."""
    parts = urlsplit(url)
    who = parts.netloc.rpartition("@")[0]
    return urlunsplit((parts.scheme, f"{who}@127.0.0.1:{member.port}", parts.path, "", ""))


@fault("replica-killed", seconds=8, among=BREAKS)
async def replica_killed(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """kill -9 of the replica with its Patroni and its PgBouncer: the primary goes on alone."""
    cluster, primary = await primary_of(it)
    (replica,) = (one for one in cluster.members if one is not primary)
    async with powered_off(cluster, replica):
        yield


@fault("pooler-killed", seconds=3, among=BREAKS)
async def pooler_killed(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """kill -9 of the primary's PgBouncer."""
    _cluster, primary = await primary_of(it)
    await primary.pooler.end(signal.SIGKILL)
    yield


@fault("etcd-stopped", seconds=8, among=BREAKS)
async def etcd_stopped(it: Installation, _: random.Random) -> AsyncIterator[None]:
    """SIGSTOP of etcd for eight seconds: the primary stays what it is."""
    cluster, primary = await primary_of(it)
    assert cluster.etcd is not None
    cluster.etcd.send(signal.SIGSTOP)
    try:
        yield
    finally:
        cluster.etcd.send(signal.SIGCONT)
    await see_whole(cluster)
    if await cluster.primary() is not primary:
        raise NotKept("the primary gave up for a pause of etcd's")


BREAKS |= {
    name: FieldError(name, says, seconds, breaks)
    for name, says, seconds, breaks in (
        ("api-killed", "kill -9 of each API process, one after the other.", 4, api_killed),
        ("worker-killed", "kill -9 of each worker, three times over, at random moments.", 3, worker_killed),
    )
}


def stage(folder: Path) -> contextlib.AbstractAsyncContextManager[Installation]:
    """The cluster that all of it happens to."""
    return clustered(folder)


if __name__ == "__main__":
    lacking = why_not()
    if lacking is not None:
        say(lacking)
        sys.exit(2)
    main(Stage("python -m chaos.failover", "Take the primary away, and check.", BREAKS, stage))
