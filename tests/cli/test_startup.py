"""What a command says that cannot begin: one sentence with the remedy, and a documented exit code."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from chaos.installation import free_port
from conftest import Run, address, run_sql
from editorial.cli.startup import ExitCode
from servers import environment

SERVE, WORKER = ("serve", "--port", "0"), ("worker",)
MIGRATE, DOCTOR, VERIFY = ("migrate",), ("doctor",), ("audit", "verify")
EACH = (SERVE, WORKER, MIGRATE, DOCTOR, VERIFY)
ASKING = (SERVE, WORKER, VERIFY, ("audit", "keys"), ("keys", "list"), ("reindex",))
RUN = (SERVE, WORKER)


# Runs each command in turn, and says with what it ended: a process for each would take much longer.
DRIVER = """
import json, os, sys
from editorial.cli.main import main
for arguments, form in json.loads(sys.argv[1]):
    os.environ["EDITORIAL_LOG_FORMAT"] = form
    try:
        main(arguments)
    except SystemExit as end:
        print("\\n###", end.code, file=sys.stderr, flush=True)
"""


def ended(
    each: Sequence[tuple[Sequence[str], str]], url: str, folder: Path, **more: str
) -> list[tuple[int, str]]:
    """With what each command ends, under a format of the log, and what it says."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(each)],
        env=environment(url, EDITORIAL_DATA_DIR=str(folder), **more),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == ""
    parts = re.findall(r"(.*?)\n### (\d+)\n", done.stderr, re.DOTALL)
    assert len(parts) == len(each), done.stderr
    return [(int(code), told) for told, code in parts]


def refused(
    each: Sequence[Sequence[str]], url: str, folder: Path, code: ExitCode, *words: str, **more: str
) -> None:
    """Each of the commands says one sentence with these words, as a line or as JSON like the log."""
    *plain, machine = ended([*((one, "console") for one in each), (each[0], "json")], url, folder, **more)
    for found, told in plain:
        (line,) = told.splitlines()
        assert found == code, told
        assert line.startswith("Error: ")
        assert all(word in line for word in words), line
        assert "─" not in line
    event = json.loads(machine[1])
    assert (machine[0], event["exit_code"], event["level"]) == (code, code, "error")
    assert all(word in event["detail"] for word in words)


@contextmanager
def answering(said: bytes) -> Iterator[int]:
    """A server that says one thing to whoever connects; gives its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def answer() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    line.settimeout(5)
                    line.recv(1024)
                    line.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def with_database(url: str, name: str) -> str:
    """The application's address of another database of the server."""
    return address(url, name, "editorial_app")


def test_a_port_on_which_nothing_listens(tmp_path: Path) -> None:
    url = f"postgresql://editorial_app:geheim@127.0.0.1:{free_port()}/newsroom"
    refused(EACH, url, tmp_path, ExitCode.DATABASE_AWAY, "Nothing listens", "DATABASE_URL", "127.0.0.1")


def test_a_host_that_nobody_knows(tmp_path: Path) -> None:
    url = "postgresql://editorial_app@nowhere.invalid/newsroom"
    refused(EACH, url, tmp_path, ExitCode.DATABASE_AWAY, "nowhere.invalid", "is not known")


def test_a_server_without_tls_where_the_address_asks_for_it(tmp_path: Path) -> None:
    with answering(b"N") as port:
        url = f"postgresql://editorial_app@127.0.0.1:{port}/newsroom?sslmode=require"
        refused(EACH, url, tmp_path, ExitCode.DATABASE_REFUSES, "TLS", "sslmode")


def fatal(code: str, message: str) -> bytes:
    """What Postgres says before it closes a connection."""
    fields = b"".join(
        kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"C", code), (b"M", message))
    )
    return b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0"


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (
            fatal("28P01", 'password authentication failed for user "editorial_app"'),
            ExitCode.DATABASE_REFUSES,
            ("password of editorial_app", "DATABASE_URL"),
        ),
        (
            fatal("53300", "sorry, too many clients already"),
            ExitCode.DATABASE_AWAY,
            ("no connection left", "max_connections"),
        ),
        (fatal("57P03", "the database system is starting up"), ExitCode.DATABASE_AWAY, ("starting up",)),
    ],
)
def test_a_server_that_turns_the_login_away(
    tmp_path: Path, said: bytes, code: ExitCode, words: tuple[str, ...]
) -> None:
    with answering(said) as port:
        url = f"postgresql://editorial_app:geheim@127.0.0.1:{port}/newsroom?sslmode=disable"
        refused(EACH, url, tmp_path, code, *words)


def test_a_database_that_is_not_there(application_url: str, tmp_path: Path) -> None:
    url = with_database(application_url, "nothing_of_that_name")
    refused(EACH, url, tmp_path, ExitCode.NOT_SET_UP, "no database nothing_of_that_name", "docs/deploy.md")


async def test_a_login_that_is_not_there(application_url: str, tmp_path: Path) -> None:
    url = address(application_url, urlsplit(application_url).path[1:], "a_stranger")
    refused(EACH, url, tmp_path, ExitCode.DATABASE_REFUSES, "a_stranger", "let")


async def test_a_database_without_migrations(run: Run, server_url: str, tmp_path: Path) -> None:
    name = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {name} template template0")
    try:
        url = with_database(server_url, name)
        refused(ASKING, url, tmp_path, ExitCode.NOT_SET_UP, "editorial migrate", "0001_audit")
    finally:
        await run_sql(server_url, f"drop database {name} with (force)")


async def test_a_database_that_is_half_migrated(own_database: str, tmp_path: Path) -> None:
    await run_sql(
        own_database,
        "delete from _pogo_migration where migration_id = (select max(migration_id) from _pogo_migration)",
    )
    url = with_database(own_database, urlsplit(own_database).path[1:])
    refused(ASKING, url, tmp_path, ExitCode.NOT_SET_UP, "editorial migrate", "lacks migrations")


async def test_a_login_that_is_no_member_of_the_applications_role(own_database: str, tmp_path: Path) -> None:
    login = f"login_{uuid4().hex}"
    await run_sql(own_database, f"create role {login} login")
    try:
        url = address(own_database, urlsplit(own_database).path[1:], login)
        asked = f"grant editorial_app to {login};"
        refused((SERVE, WORKER, ("audit", "keys")), url, tmp_path, ExitCode.DATABASE_REFUSES, asked)
        ((_, told),) = ended([(MIGRATE, "console")], url, tmp_path)
        # Each statement that is to be pasted has a line to itself, and nothing around it.
        assert f"    grant editorial_owner to {login};" in told.splitlines()
    finally:
        await run_sql(own_database, f"drop role {login}")


async def test_a_superuser_serves_only_where_that_is_asked_for(own_database: str, tmp_path: Path) -> None:
    wanted = ("superuser", "EDITORIAL_ALLOW_SUPERUSER")
    refused(RUN, own_database, tmp_path, ExitCode.DATABASE_REFUSES, *wanted)
    for command, ready in ((SERVE, "Editorial is ready at "), (WORKER, "The worker answers at ")):
        with subprocess.Popen(
            [sys.executable, "-m", "editorial", *command],
            env=environment(own_database, EDITORIAL_ALLOW_SUPERUSER="true", EDITORIAL_DATA_DIR=str(tmp_path)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(ready)
            process.terminate()


def test_a_port_that_is_taken(application_url: str, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        each = (("serve", "--port", port), ("worker", "--port", port))
        refused(each, application_url, tmp_path, ExitCode.NOT_SET_UP, f"Port {port}", "--port")


def test_settings_that_are_wrong(application_url: str, tmp_path: Path) -> None:
    wrong = {"EDITORIAL_PORT": "many"}
    refused(EACH, application_url, tmp_path, ExitCode.NOT_SET_UP, "EDITORIAL_PORT must be", **wrong)


def test_a_key_that_is_none(application_url: str, tmp_path: Path) -> None:
    (tmp_path / "seal-key").write_text("rubbish")
    refused(RUN, application_url, tmp_path, ExitCode.NOT_SET_UP, f"{tmp_path}/seal-key is no key", "new-key")


def test_a_data_folder_that_cannot_be_made(application_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    refused(RUN, application_url, folder, ExitCode.NOT_SET_UP, str(folder), "EDITORIAL_DATA_DIR")


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root reads and writes everything: run this as an ordinary user"
)
def test_a_key_that_may_not_be_read(application_url: str, tmp_path: Path) -> None:
    key = tmp_path / "seal-key"
    key.write_text("secret")
    key.chmod(0)
    refused(RUN, application_url, tmp_path, ExitCode.NOT_SET_UP, str(key), "read")


def test_no_frame_is_drawn_around_what_is_wrong_with_a_command_line(tmp_path: Path) -> None:
    ((code, told),) = ended([(("serve", "--prot", "1"), "console")], "", tmp_path)
    assert code == ExitCode.USAGE
    assert "─" not in told
    assert "No such option" in told
    for arguments in (["--help"], ["audit", "verify", "--help"]):
        command = [sys.executable, "-m", "editorial", *arguments]
        told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
        assert "Usage: " in told
        assert not set("─│╭╮╯╰") & set(told)


def test_every_exit_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text(encoding="utf-8")
    table = page.partition("| exit code |")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} >= set(ExitCode)


def rest_of(terminal: int) -> bytes:
    """What a terminal shows until the last process on it has ended."""
    said = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return said
        if not part:
            return said
        said += part


def test_ctrl_c_ends_the_demo_with_a_sentence() -> None:
    """On a terminal, where what is being done is told meanwhile."""
    folder = Path("/tmp") / f"editorial-ctrl-c-{os.getpid()}"
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execve(
            sys.executable,
            [sys.executable, "-m", "editorial", "quickstart", "--no-demo", "--port", "0"],
            environment("", EDITORIAL_DATA_DIR=str(folder), EDITORIAL_LOG_FORMAT="console"),
        )
    said = b""
    deadline = time.monotonic() + 120
    try:
        while b"Ctrl-C stops it." not in said:
            assert time.monotonic() < deadline, said
            said += os.read(terminal, 65536)
        os.write(terminal, b"\x03")
        said += rest_of(terminal)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(terminal)
        shutil.rmtree(folder)
    told = said.decode()
    assert os.waitstatus_to_exitcode(status) == 0
    assert "Bringing the schema up to date" in told
    assert f"Stopped. All of it is kept in {folder}" in told
    assert "Aborted" not in told
    assert "Traceback" not in told
