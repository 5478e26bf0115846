"""The embedded server, with real processes that start it, share it, leave it and are killed."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from editorial.database import embedded

# Starts the server, says so, and works until its standard input ends.
SHARER = """
import signal
import sys
from pathlib import Path
from editorial.database import embedded as postgres
# Tests that are run in the background, or under nohup, pass on that they do not listen to these.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
with postgres.start(Path(sys.argv[1])) as server:
    print(server.owner_url, flush=True)
    sys.stdin.read()
"""


class Sharer:
    """Another process that has a share in the server of a data folder."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SHARER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environ,
        )

    def owner_url(self) -> str:
        """Wait until the process has its share, and return the address that it got."""
        assert self.process.stdout
        url = self.process.stdout.readline().strip()
        assert url, f"The process ended with {self.process.wait(20)}."
        return url

    def finish(self) -> int:
        """Let the process go its way, and return its exit status."""
        with self.process:
            self.process.communicate(timeout=20)
        return self.process.returncode

    def send(self, number: signal.Signals) -> int:
        """Send the process a signal that ends it, and return its exit status."""
        with self.process:
            self.process.send_signal(number)
            return self.process.wait(20)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Give a folder for everything here, with a path that is short."""
    with tempfile.TemporaryDirectory(prefix="editorial-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def made(place: Path) -> Path:
    """Give a data folder that many tests may start, each of which leaves it stopped."""
    with embedded.start(place / "data"):
        return place / "data"


@pytest.fixture
def folder(made: Path) -> Iterator[Path]:
    """Give the data folder, with nothing running on it before or after."""
    assert not is_running(made)
    yield made
    left = processes_in(made)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=20)


@pytest.fixture
def share(folder: Path) -> Iterator[Callable[..., Sharer]]:
    """Give a function that starts another process on the data folder."""
    sharers: list[Sharer] = []

    def start(**environ: str) -> Sharer:
        sharers.append(Sharer(folder, **environ))
        return sharers[-1]

    yield start
    for sharer in sharers:
        if sharer.process.returncode is None:
            sharer.finish()


def processes_in(place: Path) -> list[psutil.Process]:
    """Return the processes that work in a folder, as all of a server's do."""
    return [
        process
        for process in psutil.process_iter(["cwd"])
        if process.info["cwd"] and Path(process.info["cwd"]).is_relative_to(place.resolve())
    ]


def postmaster(folder: Path) -> psutil.Process:
    """Return the server's first process."""
    text = (folder / "postgres" / "postmaster.pid").read_text()
    return psutil.Process(int(text.splitlines()[0]))


def is_running(folder: Path) -> bool:
    """Return whether a server runs on the data folder, whatever the files in it say."""
    return bool(processes_in(folder))


async def ask(url: str, query: str) -> object:
    """Return the one value that a query gives on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_what_was_written_survives_a_restart(folder: Path) -> None:
    with embedded.start(folder) as server:
        await ask(server.owner_url, "create table page as select 'Тыдзень' as title")
    assert not is_running(folder)

    with embedded.start(folder) as server:
        assert await ask(server.owner_url, "select title from page") == "Тыдзень"
    assert not is_running(folder)


async def test_the_application_has_an_address_of_its_own(folder: Path) -> None:
    with embedded.start(folder) as server:
        await ask(server.owner_url, "create role editorial_app login")

        assert await ask(server.application_url, "select current_user") == "editorial_app"
        assert await ask(server.application_url, "select current_database()") == "editorial"
        assert await ask(server.application_url, "show listen_addresses") == ""


async def test_cyrillic_is_lowered_under_lc_all_c(share: Callable[..., Sharer]) -> None:
    url = share(LC_ALL="C", LANG="C", LC_CTYPE="C", PYTHONUTF8="0").owner_url()

    await ask(url, "create extension pg_trgm")
    assert await ask(url, "select lower('ЎСЁ')") == "ўсё"
    assert await ask(url, "select similarity('Менск', 'МЕНСК')") == 1
    assert await ask(url, "select 'Ўсё' ~ '^[[:alpha:]]+$'") is True


async def test_the_users_own_postgres_settings_do_not_matter(
    share: Callable[..., Sharer], monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = {
        "PGPORT": "6543",
        "PGHOST": "db.example.org",
        "PGDATA": "/nonexistent",
        "PGUSER": "nobody",
        "PGOPTIONS": "-c nonsense=1",
    }
    url = share(**foreign).owner_url()

    for name in ("PGPORT", "PGHOST", "PGUSER"):
        monkeypatch.setenv(name, foreign[name])
    assert await ask(url, "select current_user") == "postgres"


async def test_the_last_one_out_stops_the_server(folder: Path, share: Callable[..., Sharer]) -> None:
    first, second = share(), share()
    assert first.owner_url() == second.owner_url()

    with embedded.start(folder) as server:
        assert first.finish() == 0
        assert second.finish() == 0
        assert await ask(server.owner_url, "select 1") == 1
    assert not is_running(folder)


def test_eight_processes_may_start_it_at_once(folder: Path, share: Callable[..., Sharer]) -> None:
    sharers = [share() for _ in range(8)]

    assert len({sharer.owner_url() for sharer in sharers}) == 1
    assert [sharer.finish() for sharer in sharers] == [0] * 8
    assert not is_running(folder)


async def test_one_process_may_have_several_shares(folder: Path) -> None:
    with embedded.start(folder) as outer:
        with embedded.start(folder) as inner:
            inner.stop()
            inner.stop()
        assert await ask(outer.owner_url, "select 1") == 1
    assert not is_running(folder)


def test_a_fork_does_not_take_the_server_down_with_it(folder: Path) -> None:
    code = f"""
import os
from pathlib import Path
from editorial.database import embedded as postgres
with postgres.start(Path({str(folder)!r})) as server:
    if not (child := os.fork()):
        server.stop()
        raise SystemExit
    os.waitpid(child, 0)
    assert Path({str(folder)!r}, "postgres", "postmaster.pid").exists()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)

    assert not is_running(folder)


def test_a_killed_process_does_not_keep_the_server_alive_for_ever(
    folder: Path, share: Callable[..., Sharer]
) -> None:
    killed, other = share(), share()
    killed.owner_url()
    other.owner_url()

    killed.send(signal.SIGKILL)
    assert is_running(folder)
    other.finish()
    assert not is_running(folder)


async def test_a_server_whose_users_were_all_killed_is_taken_over(
    folder: Path, share: Callable[..., Sharer]
) -> None:
    killed = share()
    killed.owner_url()
    killed.send(signal.SIGKILL)
    left = postmaster(folder)

    with embedded.start(folder) as server:
        assert postmaster(folder) == left
        assert await ask(server.owner_url, "select 1") == 1
    assert not is_running(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_process_that_is_told_to_end_stops_the_server(
    folder: Path, share: Callable[..., Sharer], number: signal.Signals
) -> None:
    sharer = share()
    sharer.owner_url()

    assert sharer.send(number) != 0
    assert not is_running(folder)


async def test_a_server_that_was_killed_recovers(folder: Path) -> None:
    with embedded.start(folder) as server:
        await ask(server.owner_url, "create table leaf as select 'Тыдзень' as title")
        for process in processes_in(folder):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with embedded.start(folder) as again:
            assert await ask(again.owner_url, "select title from leaf") == "Тыдзень"
    assert not is_running(folder)


def test_a_number_that_now_belongs_to_another_process_does_not_matter(folder: Path) -> None:
    with embedded.start(folder):
        pid_file = folder / "postgres" / "postmaster.pid"
        left = pid_file.read_text()
        owner = pid_file.stat()
    # PostgreSQL itself is deceived only by a process of its own user.
    user = owner.st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=user) as stranger:
        for file in (pid_file, pid_file.with_name(".s.PGSQL.5432.lock")):
            file.write_text("\n".join([str(stranger.pid), *left.splitlines()[1:]]) + "\n")
            os.chown(file, owner.st_uid, owner.st_gid)
        with embedded.start(folder):
            assert postmaster(folder).pid != stranger.pid
        assert not is_running(folder)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    "name", ["дані, 'двукоссе' \"$HOME\" `id` 100% &x=y", "long-" * 30], ids=["odd", "long"]
)
async def test_the_folder_may_be_moved_and_any_path_will_do(folder: Path, name: str) -> None:
    moved = folder.rename(folder.with_name(name))
    try:
        with embedded.start(moved) as server:
            sockets = Path(str(await ask(server.owner_url, "show unix_socket_directories")))
            assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
            assert not sockets.is_relative_to(moved)
        assert not sockets.exists()
        assert not is_running(moved)
    finally:
        moved.rename(folder)


def test_nobody_else_may_enter_the_data(folder: Path) -> None:
    with embedded.start(folder):
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.stat().st_mode) & 0o007 == 0
        sockets = (folder / "postgres").glob(".s.PGSQL.*[0-9]")
        assert [stat.S_IMODE(socket.stat().st_mode) for socket in sockets] == [0o700]


async def test_no_value_of_a_failed_statement_reaches_the_log(folder: Path) -> None:
    with embedded.start(folder) as server:
        await ask(server.owner_url, "create table person (email text primary key)")
        insert = "insert into person values ('somebody@example.org')"
        await ask(server.owner_url, insert)
        with pytest.raises(asyncpg.UniqueViolationError):
            await ask(server.owner_url, insert)
    assert "somebody" not in (folder / "postgres" / "server.log").read_text()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(embedded.PostgresError, match=f"{tmp_path}/file/data.*EDITORIAL_DATA_DIR"):
        embedded.start(tmp_path / "file" / "data")


def test_somebody_elses_folder_is_left_alone(place: Path) -> None:
    thesis = place / "university" / "postgres" / "thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years of work")
    if os.geteuid() == 0:
        shutil.chown(thesis.parent, "nobody")

    with pytest.raises(embedded.PostgresError, match="neither empty nor PostgreSQL's"):
        embedded.start(place / "university")
    assert thesis.read_text() == "years of work"


def test_data_of_another_major_version_are_refused(folder: Path) -> None:
    version = folder / "postgres" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(embedded.PostgresError, match=f"PostgreSQL 14, .* {ours.strip()}:"):
            embedded.start(folder)
    finally:
        version.write_text(ours)


def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    settings = folder / "postgres" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text("nonsense = 1\n")
    try:
        with pytest.raises(embedded.PostgresError, match='parameter "nonsense"'):
            embedded.start(folder)
    finally:
        settings.write_text(good)


def test_an_interrupted_beginning_leaves_nothing_in_the_way(place: Path) -> None:
    folder = place / "interrupted"
    sharer = Sharer(folder)
    while not list(folder.glob("postgres.new-*/global")):
        assert sharer.process.poll() is None
        time.sleep(0.01)
    sharer.send(signal.SIGKILL)

    with embedded.start(folder):
        assert is_running(folder)
    assert not is_running(folder)
