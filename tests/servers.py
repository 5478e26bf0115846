"""More servers than one: real processes on this worker's database, with settings of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "Editorial is ready at "


def environment(application_url: str, **more: str) -> dict[str, str]:
    """An environment with this database and these settings, and nobody else's."""
    ours = ("EDITORIAL_", "DATABASE_")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**bare, "DATABASE_URL": application_url, "EDITORIAL_LOG_FORMAT": "json", **more}


@contextmanager
def serving(application_url: str, log: Path, **more: str) -> Iterator[str]:
    """Start a server, give its address, and stop it."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "editorial", "serve", "--port", "0"],
            env=environment(application_url, **more),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()
            assert ready.startswith(NAME), log.read_text()
            yield ready.removeprefix(NAME).strip()
        finally:
            process.terminate()
            process.wait(timeout=20)
            process.stdout.close()


def run_program(application_url: str, *arguments: str, given: str | None = None, **more: str) -> str:
    """Run the program to its end, with settings of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "editorial", *arguments],
        env=environment(application_url, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
