"""A newsroom to break: Postgres, a wire to it, API processes, workers; each restarted when it is gone."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import httpx
import msgspec
import psutil

from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM, Role
from editorial.database import embedded
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.identity.people import add_person

PASSWORD = "nine plain words are easy to remember"
ANALYSTS, COORDINATORS, TRANSLATORS = 5, 6, 2
"""How many people there are; of translators, for each language."""
LANGUAGES = ("be", "ru")
DISK = "600m"
"""The size of the disk that Postgres has for itself, where one can be had."""


@dataclass
class Process:
    """A process of ours, which comes back after it was killed."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    pass_fds: tuple[int, ...] = ()
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting for it."""
        with self.log.open("ab") as errors:
            self.running = subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=errors,
                stderr=errors,
                pass_fds=self.pass_fds,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.running is not None
        self.running.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGTERM, *, within: float = 30.0) -> int:
        """End it, and return how it ended."""
        assert self.running is not None
        with contextlib.suppress(ProcessLookupError):
            self.running.send_signal(signal.SIGCONT)
            self.running.send_signal(number)
        return await asyncio.to_thread(self.running.wait, within)

    def is_up(self) -> bool:
        """Whether it runs."""
        return self.running is not None and self.running.poll() is None


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def bare_environment(**more: str) -> dict[str, str]:
    """Our environment without anybody's settings, and with these."""
    ours = ("EDITORIAL_", "DATABASE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of a bounded size in `folder`, if we may; says whether there is one."""
    folder.mkdir(parents=True)
    mount, umount = shutil.which("mount"), shutil.which("umount")
    mounted = (
        mount is not None
        and umount is not None
        and os.geteuid() == 0
        and subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={DISK},mode=0711", "chaos", str(folder)], capture_output=True
        ).returncode
        == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run([str(umount), "--lazy", str(folder)], check=True)


def clock_library() -> Path | None:
    """The library that shifts a process's clock (Debian's package libfaketime), if it is here."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return found[0] if found else None


@dataclass
class Person:
    """Somebody who can sign in."""

    id: str
    email: str
    role: Role
    language: str | None = None


@dataclass
class Installation:
    """Everything that runs, and how to reach it."""

    folder: Path
    owner_url: str
    """Straight to the primary, as a superuser: for whoever looks."""
    apis: list[Process]
    urls: list[str]
    workers: list[Process]
    people: list[Person]
    wire: Process | None = None
    has_small_disk: bool = False
    clock: Path | None = None
    """The file that says how wrong the clocks of the first API process and the first worker are."""
    server: embedded.Server | None = None
    is_expected_up: bool = True
    stopped: list[psutil.Process] = field(default_factory=list)

    @property
    def processes(self) -> list[Process]:
        """All that the installation itself restarts, as a service manager would."""
        return [*self.apis, *self.workers, *([self.wire] if self.wire else [])]

    async def look_after(self) -> None:
        """Restart what is gone, until cancelled."""
        while True:
            for one in self.processes:
                if not one.is_up():
                    one.start()
            await asyncio.sleep(0.2)

    async def is_ready(self) -> bool:
        """Whether every API process says that it is."""
        async with httpx.AsyncClient(timeout=2) as client:
            answers = await asyncio.gather(
                *(client.get(f"{url}/readyz") for url in self.urls), return_exceptions=True
            )
        return all(isinstance(one, httpx.Response) and one.status_code == 200 for one in answers)

    async def until_ready(self, within: float) -> float | None:
        """Wait until every API process is ready; the seconds that it took, or none if they ran out."""
        began = asyncio.get_running_loop().time()
        while not await self.is_ready():
            if asyncio.get_running_loop().time() - began > within:
                return None
            await asyncio.sleep(0.1)
        return asyncio.get_running_loop().time() - began

    def postgres_processes(self) -> list[psutil.Process]:
        """The postmaster and all that it started."""
        (pid_file,) = (self.folder / "disk").rglob("postmaster.pid")
        postmaster = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        return [postmaster, *postmaster.children(recursive=True)]

    def start_postgres(self) -> None:
        """Start the server again where it is gone, as a service manager would."""
        again = embedded.start(self.folder / "disk" / "data")
        if self.server is not None:
            self.server.stop()
        self.server = again


def wired(url: str, folder: Path) -> str:
    """The address `url` with its socket in another folder."""
    parts = urlsplit(url)
    host = quote(str(folder), safe="")
    return f"postgresql://{parts.username}@{parts.path}?host={host}&port=5432"


def socket_of(url: str) -> str:
    """The socket that an address of the embedded server leads to."""
    (host,) = parse_qs(urlsplit(url).query)["host"]
    return f"{host}/.s.PGSQL.5432"


async def populate(owner_url: str) -> list[Person]:
    """Migrate, and add sections and people."""
    await migrate(owner_url)
    db = Database(owner_url, pool_size=2, as_owner=True)
    await db.open()
    people: list[Person] = []
    wanted: list[tuple[str, Role, str | None]] = [
        *((f"analyst{n}", Role.ANALYST, None) for n in range(ANALYSTS)),
        *((f"coordinator{n}", Role.COORDINATOR, None) for n in range(COORDINATORS)),
        *((f"{tag}{n}", Role.TRANSLATOR, tag) for tag in LANGUAGES for n in range(TRANSLATORS)),
    ]
    try:
        await add_first_sections(db)
        for name, role, language in wanted:
            email = f"{name}@newsroom.example"
            added = await add_person(
                db,
                actor=SYSTEM,
                email=email,
                display_name=name,
                roles=[role],
                languages=[language] if language else [],
                password=PASSWORD,
            )
            people.append(Person(str(added), email, role, language))
    finally:
        await db.close()
    return people


def settings_of(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment of every process of the installation."""
    return bare_environment(
        DATABASE_URL=database_url,
        EDITORIAL_DATA_DIR=str(folder / "keys"),
        EDITORIAL_POOL_SIZE="6",
        EDITORIAL_WORKER_IN_SERVE="false",
        EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS="100000000",
        EDITORIAL_CLAIM_LIMIT="200",
        EDITORIAL_ACCESS_TOKEN_SECONDS="3600",
        EDITORIAL_LOG_FORMAT="json",
        **more,
    )


EDITORIAL = [sys.executable, "-m", "editorial"]


@contextlib.asynccontextmanager
async def installed(folder: Path, *, apis: int, workers: int) -> Any:
    """Start an installation on one machine, and end all of it afterwards."""
    async with contextlib.AsyncExitStack() as stack:
        has_disk = stack.enter_context(small_disk(folder / "disk"))
        server = embedded.start(folder / "disk" / "data")
        (folder / "wire").mkdir()
        people = await populate(server.owner_url)
        wire = Process(
            "the wire",
            [
                *(sys.executable, "-m", "chaos.wire"),
                *(str(folder / "wire" / ".s.PGSQL.5432"), socket_of(server.owner_url)),
            ],
            bare_environment(),
            folder / "wire.log",
        )
        address = wired(server.application_url, folder / "wire")
        library, clock = clock_library(), folder / "clock"
        clock.write_text("+0")
        shifted = (
            {
                "LD_PRELOAD": str(library),
                "FAKETIME_TIMESTAMP_FILE": str(clock),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
            }
            if library
            else {}
        )
        ports = [free_port() for _ in range(apis)]
        serving = [
            Process(
                f"API process {number + 1}",
                [*EDITORIAL, "serve", "--port", str(port)],
                settings_of(address, folder, **(shifted if number == 0 else {})),
                folder / f"api-{number + 1}.log",
            )
            for number, port in enumerate(ports)
        ]
        working = [
            Process(
                f"worker {number + 1}",
                [*EDITORIAL, "worker"],
                settings_of(address, folder, **(shifted if number == 0 else {})),
                folder / f"worker-{number + 1}.log",
            )
            for number in range(workers)
        ]
        made = Installation(
            folder=folder,
            owner_url=server.owner_url,
            apis=serving,
            urls=[f"http://127.0.0.1:{port}" for port in ports],
            workers=working,
            people=people,
            wire=wire,
            has_small_disk=has_disk,
            clock=clock if library else None,
            server=server,
        )
        stack.push_async_callback(_end, made)
        yield made


async def _end(made: Installation) -> None:
    for one in made.stopped:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.resume()
    for process in (*made.apis, *made.workers, *([made.wire] if made.wire else [])):
        if process.is_up():
            await process.end(signal.SIGKILL)
    if made.server is not None:
        made.server.stop()


async def ask(url: str, question: str, *values: Any) -> list[Any]:
    """The rows of one question, asked as the owner."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            encoder=lambda one: msgspec.json.encode(one).decode(),
            decoder=msgspec.json.decode,
        )
        rows: list[Any] = await connection.fetch(question, *values)
        return rows
    finally:
        await connection.close()
