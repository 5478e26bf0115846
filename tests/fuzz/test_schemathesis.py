"""schemathesis against a newsroom of its own: every check on, stateful too, as every role and as nobody."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest

PROGRAMS = Path(sys.executable).parent
CONFIG = Path(__file__).parent / "schemathesis.toml"
WHOLE = os.environ.get("FUZZ") == "all"
ENDS_SESSIONS = ("sign_out", "end_all_sessions", "end_session", "change_password")
"""These would sign out whoever asks; the contract's own test has them."""


class PersonName(msgspec.Struct):
    email: str
    password: str
    roles: list[str]


@dataclass
class Served:
    """A newsroom that is there for this alone."""

    url: str
    people: list[PersonName]
    log: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start a newsroom with people and without texts."""
    folder = Path("/tmp") / f"editorial-fuzz-{os.getpid()}"
    path = tmp_path_factory.mktemp("fuzz") / "log"
    command = [sys.executable, "-m", "editorial", "quickstart", "--json", "--port", "0", "--no-demo"]
    # A whole run takes longer than a token is good for.
    environment = {**os.environ, "EDITORIAL_LOG_FORMAT": "json", "EDITORIAL_ACCESS_TOKEN_SECONDS": "86400"}
    with (
        path.open("w") as log,
        subprocess.Popen(
            [*command, "--data-dir", str(folder)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        ) as server,
    ):
        try:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline())
            yield Served(ready["url"], msgspec.convert(ready["people"], list[PersonName]), path)
        finally:
            server.terminate()
            server.wait(timeout=30)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("role", ["analyst", "coordinator", "translator", "administrator", None])
def test_every_check_holds(served: Served, role: str | None, tmp_path: Path) -> None:
    headers: list[str] = []
    if role is not None:
        person = next(one for one in served.people if role in one.roles)
        credentials = {"email": person.email, "password": person.password}
        signed_in = httpx.post(f"{served.url}/v1/auth/session", json=credentials)
        headers = ["--header", f"Authorization: Bearer {signed_in.json()['access_token']}"]
        headers += [f"--exclude-operation-id={name}" for name in ENDS_SESSIONS]
    budget = (
        ["--max-examples=200"] if WHOLE else ["--max-examples=1", "--phases=fuzzing,stateful", "--seed=1"]
    )
    done = subprocess.run(
        [
            *(str(PROGRAMS / "schemathesis"), f"--config-file={CONFIG}", "run", f"{served.url}/openapi.json"),
            *("--checks=all", "--workers=2", "--no-color", "--continue-on-failure"),
            *budget,
            *headers,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3_600 if WHOLE else 300,
    )
    # `make fuzz` shows how much was asked.
    print(done.stdout[done.stdout.rfind("SUMMARY") :])
    told = done.stdout[done.stdout.find("FAILURES") :]
    assert done.returncode == 0, f"{told[:6_000]}\n{done.stderr[-2_000:]}"
    bugs = [line for line in served.log.read_text(encoding="utf-8").splitlines() if '"event": "bug"' in line]
    assert not bugs
