"""A newsroom on more than one Postgres: etcd, Patroni, PgBouncer, API processes and workers, on this machine.

What deploy/ has for several machines is used as it is, but for places and passwords.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import yaml

from chaos import engines
from chaos.installation import EDITORIAL, Installation, Process, free_port, populate, settings_of

DATABASE = "newsroom"
MEMBERS, APIS, WORKERS = 2, 4, 2
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
PROGRAMS = ("etcd", "patroni", "pgbouncer")


def why_not() -> str | None:
    """What this machine lacks, in a sentence."""
    missing = [name for name in PROGRAMS if engines.program(name) is None]
    if not (binaries() / "pg_rewind").exists():
        missing.append("PostgreSQL 15")
    if not missing:
        return None
    return (
        f"There is no {', no '.join(missing)} here. Debian's packages are etcd-server, patroni, pgbouncer "
        "and postgresql-15 (PG15_BIN: its programs)."
    )


def binaries() -> Path:
    """PostgreSQL's programs."""
    return Path(os.environ.get("PG15_BIN") or POSTGRES_15)


class Engine(Process):
    """A process that is not ours, and does not run as root."""

    def start(self) -> None:
        """Start it, without waiting for it."""
        self.running = engines.start(self.command, self.log, folder=self.log.parent)


@dataclass
class Member:
    """One Postgres of the cluster, with its Patroni and its PgBouncer: what would be one machine."""

    name: str
    folder: Path
    port: int
    pooler_port: int
    rest: str
    """The address of its Patroni."""
    patroni: Process
    pooler: Process
    is_held: bool = False
    """It is down, and nobody starts it again."""

    def postgres(self) -> list[psutil.Process]:
        """The postmaster and all that it started."""
        try:
            postmaster = psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]))
            return [postmaster, *postmaster.children(recursive=True)]
        except (FileNotFoundError, IndexError, psutil.NoSuchProcess):
            return []


@dataclass
class Cluster(Installation):
    """Everything that runs, and how to reach it."""

    members: list[Member] = field(default_factory=list)
    etcd: Process | None = None

    @property
    def processes(self) -> list[Process]:
        """All that is restarted, as service managers would."""
        up = [process for one in self.members if not one.is_held for process in (one.patroni, one.pooler)]
        return [*self.apis, *self.workers, *up, *([self.etcd] if self.etcd else [])]

    async def roles(self) -> dict[str, str]:
        """What each member is by its own word: `primary`, `replica`, or `none`."""
        told = await asyncio.gather(*(_told_by(one) for one in self.members))
        return {
            one.name: "none" if it.get("state") != "running" else _ROLES.get(it["role"], it["role"])
            for one, it in zip(self.members, told, strict=True)
        }

    async def primary(self) -> Member | None:
        """The member that is the primary at this moment, if one is."""
        roles = await self.roles()
        return next((one for one in self.members if roles[one.name] == "primary"), None)

    async def is_whole(self) -> bool:
        """Whether there is a primary, and a replica that has all that is acknowledged."""
        told = await asyncio.gather(*(_told_by(one) for one in self.members))
        standby = any(it.get("sync_standby") and it.get("state") == "running" for it in told)
        return standby and await self.primary() is not None

    async def until_whole(self, within: float) -> float | None:
        """Wait for that; the seconds that it took, or none if they ran out."""
        return await _until(self.is_whole, within)

    async def until_another_is_primary(self, than: Member, within: float) -> float | None:
        """Wait for a failover; the seconds that it took, or none if they ran out."""

        async def is_another() -> bool:
            return (await self.primary() or than) is not than

        return await _until(is_another, within)


_ROLES = {"master": "primary", "leader": "primary"}


async def _told_by(member: Member) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=2) as client:
            found: dict[str, Any] = (await client.get(f"{member.rest}/patroni")).json()
            return found
    except (httpx.HTTPError, ValueError):
        return {}


async def _until(is_so: Any, within: float) -> float | None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not await is_so():
        if loop.time() - began > within:
            return None
        await asyncio.sleep(0.1)
    return loop.time() - began


def _etcd(folder: Path) -> tuple[Engine, int]:
    client, peer = free_port(), free_port()
    here, there = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    engines.new_folder(folder)
    command = [
        *(str(engines.program("etcd")), "--name", "etcd", "--data-dir", str(folder / "data")),
        *("--listen-client-urls", here, "--advertise-client-urls", here),
        *("--listen-peer-urls", there, "--initial-advertise-peer-urls", there),
        *("--initial-cluster", f"etcd={there}"),
    ]
    return Engine("etcd", command, {}, folder / "log"), client


@dataclass(frozen=True)
class Passwords:
    """Of everybody who may sign in to Postgres."""

    postgres: str = field(default_factory=secrets.token_hex)
    application: str = field(default_factory=secrets.token_hex)
    replication: str = field(default_factory=secrets.token_hex)
    rewind: str = field(default_factory=secrets.token_hex)


def member_of(name: str, folder: Path, etcd: int, passwords: Passwords) -> Member:
    port, rest, pooler_port = free_port(), free_port(), free_port()
    engines.new_folder(folder)
    settings = yaml.safe_load((engines.DEPLOY / "patroni.yml").read_text(encoding="utf-8"))
    settings["name"] = name
    settings["restapi"] = {"listen": f"127.0.0.1:{rest}", "connect_address": f"127.0.0.1:{rest}"}
    settings["etcd3"] = {"hosts": [f"127.0.0.1:{etcd}"]}
    # The shortest that Patroni allows: the rest is as deployed.
    settings["bootstrap"]["dcs"] |= {"loop_wait": 1, "retry_timeout": 3}
    # There is no system user of that name.
    settings["bootstrap"]["pg_hba"].remove("local all postgres peer")
    settings["postgresql"] |= {
        "listen": f"127.0.0.1:{port}",
        "connect_address": f"127.0.0.1:{port}",
        "bin_dir": str(binaries()),
        "data_dir": str(folder / "data"),
        "pgpass": str(folder / "pgpass"),
    }
    settings["postgresql"]["parameters"]["unix_socket_directories"] = str(folder)
    for whose, password in (
        ("superuser", passwords.postgres),
        ("replication", passwords.replication),
        ("rewind", passwords.rewind),
    ):
        settings["postgresql"]["authentication"][whose]["password"] = password
    (folder / "patroni.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    engines.give(folder / "patroni.yml")
    patroni = [str(engines.program("patroni")), str(folder / "patroni.yml")]
    users = f'"editorial_app" "{passwords.application}"\n'
    where = f"host={folder} port={port}"
    pooled = {"listen_addr": "127.0.0.1", "listen_port": str(pooler_port)}
    written = engines.write_pooler(folder, {DATABASE: where}, users, **pooled)
    return Member(
        name=name,
        folder=folder,
        port=port,
        pooler_port=pooler_port,
        rest=f"http://127.0.0.1:{rest}",
        patroni=Engine(f"Patroni of {name}", patroni, {}, folder / "patroni.log"),
        pooler=Engine(
            f"PgBouncer of {name}",
            [str(engines.program("pgbouncer")), str(written)],
            {},
            folder / "pgbouncer.log",
        ),
    )


def _address(user: str, password: str, ports: list[int], database: str, wanted: str = "") -> str:
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://{user}:{password}@{hosts}/{database}" + (
        f"?target_session_attrs={wanted}" if wanted else ""
    )


@contextlib.asynccontextmanager
async def clustered(folder: Path) -> AsyncIterator[Cluster]:
    """Start all of it, and end it afterwards."""
    passwords = Passwords()
    etcd, etcd_port = _etcd(folder / "etcd")
    members = [member_of(f"db{n + 1}", folder / f"db{n + 1}", etcd_port, passwords) for n in range(MEMBERS)]
    ports = [one.port for one in members]
    made = Cluster(
        folder=folder,
        owner_url=_address("postgres", passwords.postgres, ports, DATABASE, "read-write"),
        apis=[],
        urls=[],
        workers=[],
        people=[],
        members=members,
        etcd=etcd,
    )
    try:
        etcd.start()
        for one in members:
            one.patroni.start()
            one.pooler.start()
        if await made.until_whole(90) is None:
            raise engines.EngineError(f"The cluster does not come up: {await made.roles()}. Logs: {folder}")
        await _make_database(
            _address("postgres", passwords.postgres, ports, "postgres", "read-write"), passwords
        )
        direct = _address("editorial_app", passwords.application, ports, DATABASE, "read-write")
        made.people = await populate(made.owner_url)
        _add_ours(made, direct, passwords)
        yield made
    finally:
        await _end(made)


async def _make_database(url: str, passwords: Passwords) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "create role editorial_app login noinherit nosuperuser nocreatedb nocreaterole "
            f"password '{passwords.application}'"
        )
        await connection.execute(
            f"create database {DATABASE} template template0 encoding 'UTF8' locale 'C.UTF-8'"
        )
    finally:
        await connection.close()


def _add_ours(made: Cluster, direct: str, passwords: Passwords) -> None:
    """API processes, every other one by the poolers, and workers, which go past them."""
    ports = [one.port for one in made.members]
    pooled = _address(
        "editorial_app", passwords.application, [one.pooler_port for one in made.members], DATABASE
    )
    replica = _address("editorial_app", passwords.application, ports, DATABASE, "standby")
    for number in range(APIS):
        port = free_port()
        more = {"DATABASE_REPLICA_URL": replica} | ({"DATABASE_POOLER_URL": pooled} if number % 2 else {})
        made.urls.append(f"http://127.0.0.1:{port}")
        made.apis.append(
            Process(
                f"API process {number + 1}",
                [*EDITORIAL, "serve", "--port", str(port)],
                settings_of(direct, made.folder, **more),
                made.folder / f"api-{number + 1}.log",
            )
        )
    made.workers.extend(
        Process(
            f"worker {number + 1}",
            [*EDITORIAL, "worker"],
            settings_of(direct, made.folder),
            made.folder / f"worker-{number + 1}.log",
        )
        for number in range(WORKERS)
    )


def kill(processes: list[psutil.Process]) -> None:
    """End processes at once, without a word."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(processes, timeout=20)


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.send_signal(number)


async def _end(made: Cluster) -> None:
    for one in (*made.apis, *made.workers):
        if one.is_up():
            await one.end(signal.SIGKILL)
    for member in made.members:
        for process in (member.pooler, member.patroni):
            if process.is_up():
                await process.end(signal.SIGKILL)
    # Whatever Postgres is still there, its postmaster's file gone or not: each process works in its data.
    places = {str(member.folder / "data") for member in made.members}
    kill([one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] in places])
    if made.etcd is not None and made.etcd.is_up():
        with contextlib.suppress(subprocess.TimeoutExpired):
            await made.etcd.end(signal.SIGKILL)
    for member in made.members:
        shutil.rmtree(member.folder / "data", ignore_errors=True)
