"""Engines of other people's that stand around the product: PgBouncer, replicas. Each is started on its own.

None of them runs as root: for root, they run as whoever the embedded Postgres runs as.
"""

import configparser
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg

from editorial.database import embedded, server_account

DEPLOY = Path(__file__).parent.parent / "deploy"
PORT = 5432
"""A part of each socket's name."""


class EngineError(Exception):
    """An engine does not start; the text says what it said."""


def program(name: str) -> str | None:
    """Where a program is, also one of those that are for administrators."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


def account() -> pwd.struct_passwd | None:
    """Whom engines run as, where that is not ourselves."""
    return server_account.account_for_root() if os.geteuid() == 0 else None


def give(path: Path) -> Path:
    """Let the engines have a file or a folder, which nobody else can enter."""
    who = account()
    if who is not None:
        os.chown(path, who.pw_uid, who.pw_gid)
        server_account.open_the_way(path, who)
    return path


def new_folder(path: Path) -> Path:
    """A folder of the engines' own."""
    path.mkdir(mode=0o700)
    return give(path)


def start(command: list[str], log: Path, *, folder: Path) -> subprocess.Popen[bytes]:
    """Start a program, and do not wait for it."""
    who = account()
    with log.open("ab") as said:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": str(folder)},
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            user=who.pw_uid if who else None,
            group=who.pw_gid if who else None,
            extra_groups=[] if who else None,
            start_new_session=True,
        )


def run(command: list[str], log: Path, *, folder: Path) -> None:
    """Run a program to its end. Raises `EngineError`."""
    if start(command, log, folder=folder).wait(timeout=120) != 0:
        raise EngineError(f"{command[0]} failed:\n{log.read_text(errors='replace')[-2000:]}")


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """End a program, and wait until it is gone."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=20)


def until_there(path: Path, process: subprocess.Popen[bytes], log: Path, *, within: float = 20) -> None:
    """Wait until a socket is there. Raises `EngineError`."""
    deadline = time.monotonic() + within
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise EngineError(f"{path} does not come:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def address(folder: Path, database: str, *, user: str, port: int = PORT) -> str:
    """An address by a socket."""
    return f"postgresql://{user}@/{database}?host={quote(str(folder), safe='')}&port={port}"


@dataclass
class Pooler:
    """A PgBouncer that runs by deploy/pgbouncer.ini, but for its places."""

    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str, user: str = "editorial_app") -> str:
        """The address of a database behind it."""
        return address(self.folder, database, user=user)

    def lead_to(self, server: Path, **changes: str) -> None:
        """Lead to the Postgres whose socket is in another folder, from the next transaction on."""
        _by_socket(self.folder, server, ("editorial_app",), changes)
        self.process.send_signal(signal.SIGHUP)

    async def drop_servers(self) -> None:
        """Have it lend none of the connections that it has now, as where they are lost."""
        connection = await asyncpg.connect(self.url("pgbouncer", embedded.OWNER), statement_cache_size=0)
        try:
            await connection.execute("reload")
            await connection.execute("reconnect")
        finally:
            await connection.close()


def write_pooler(folder: Path, databases: dict[str, str], users: str, **changes: str) -> Path:
    """Write deploy/pgbouncer.ini with places of our own into a folder, and the file of its users."""
    written = configparser.ConfigParser(interpolation=None)
    written.read(DEPLOY / "pgbouncer.ini", encoding="utf-8")
    written["databases"] = databases
    written["pgbouncer"].update({"auth_file": str(folder / "userlist.txt"), **changes})
    (folder / "userlist.txt").write_text(users, encoding="utf-8")
    with (folder / "pgbouncer.ini").open("w", encoding="utf-8") as file:
        written.write(file)
    give(folder / "userlist.txt")
    return give(folder / "pgbouncer.ini")


def _by_socket(folder: Path, server: Path, logins: Iterable[str], changes: dict[str, str]) -> Path:
    """The same for a pooler that only who may enter the folder reaches, and that trusts them."""
    users = "".join(f'"{login}" ""\n' for login in (*logins, embedded.OWNER))
    by_socket = {"listen_addr": "", "listen_port": str(PORT), "unix_socket_dir": str(folder)}
    trusting = {"auth_type": "trust", "admin_users": embedded.OWNER}
    return write_pooler(
        folder, {"*": f"host={server} port={PORT}"}, users, **by_socket, **trusting, **changes
    )


@contextlib.contextmanager
def pooling(
    folder: Path, server: Path, logins: Iterable[str] = ("editorial_app",), **changes: str
) -> Iterator[Pooler]:
    """Run a PgBouncer in front of the Postgres whose socket is in the folder `server`."""
    pgbouncer = program("pgbouncer")
    assert pgbouncer is not None
    new_folder(folder)
    log = folder.with_suffix(".log")
    process = start([pgbouncer, str(_by_socket(folder, server, logins, changes))], log, folder=folder)
    try:
        until_there(folder / f".s.PGSQL.{PORT}", process, log)
        yield Pooler(folder, process)
    finally:
        end(process, signal.SIGINT)


def socket_folder(url: str) -> Path | None:
    """The folder of the socket that an address leads to, if it leads to one."""
    (host,) = parse_qs(urlsplit(url).query).get("host", [""])
    return Path(host) if host.startswith("/") else None


@contextlib.contextmanager
def replicating(folder: Path, owner_url: str, binaries: Path) -> Iterator[Path]:
    """Run a replica of the server at `owner_url`, and give the folder of its socket."""
    new_folder(folder)
    data, log = folder / "data", folder.with_suffix(".log")
    server = socket_folder(owner_url)
    assert server is not None
    user = urlsplit(owner_url).username or embedded.OWNER
    copy = ["--pgdata", str(data), "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream"]
    where = ["--host", str(server), "--port", str(PORT), "--username", user]
    run([str(binaries / "pg_basebackup"), *copy, *where], log, folder=folder)
    settings = {"unix_socket_directories": folder, "listen_addresses": "", "port": PORT}
    # A replica takes no fewer than its primary does, and says so by ending.
    options = [f"--{name}={value}" for name, value in (settings | {"max_connections": 1000}).items()]
    process = start([str(binaries / "postgres"), "-D", str(data), *options], log, folder=folder)
    try:
        until_there(folder / f".s.PGSQL.{PORT}", process, log)
        yield folder
    finally:
        end(process, signal.SIGINT)
        shutil.rmtree(data, ignore_errors=True)
