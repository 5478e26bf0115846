"""Loads: wrk for HTTP, pgbench for SQL. Ways take turns, so that what disturbs one disturbs the others."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from bench.parts.servers import Server
from editorial.database import embedded

SCRIPTS = Path(__file__).parent
SETTLING = 0.2
"""Seconds in which a server gives the answers that nobody waits for any more."""
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Load(msgspec.Struct, kw_only=True):
    """What a run found."""

    per_second: float
    per_processor_second: float | None = None
    """For each second of the server's processor, which a busy machine disturbs less."""
    median: float | None = None
    """Seconds that the middle one of the answers took."""
    slowest: float | None = None
    """Seconds within which 99 of 100 answers came."""
    refused: float = 0.0
    """Answers a second that were no success, where such are allowed."""


Way = Callable[[], Load]


def wrk() -> str:
    """The program. Where there is none the measurement ends, and says what to install."""
    found = os.environ.get("WRK") or shutil.which("wrk")
    if found is None:
        sys.exit("There is no wrk here, which makes the load: apt-get install wrk (or name it in WRK).")
    return found


def http(
    server: Server,
    path: str = "",
    *,
    seconds: int,
    connections: int = 32,
    headers: Mapping[str, str] | None = None,
    script: str | None = None,
    arguments: Sequence[str] = (),
    may_be_refused: bool = False,
) -> Load:
    """One run of wrk with one thread. Raises `RuntimeError` where an answer was no success, or never came.

    Where answers `may_be_refused`, they are counted apart; the times are those of all of them.
    """
    command = [wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(SCRIPTS / script)]
    before = server.seconds()
    ran = subprocess.run(
        [*command, server.url + path, *(["--", *arguments] if script else [])],
        check=True,
        capture_output=True,
        text=True,
    )
    told, spent = ran.stdout, server.seconds() - before
    time.sleep(SETTLING)
    if ("Non-2xx" in told and not may_be_refused) or "Socket errors" in told:
        raise RuntimeError(f"{server.url}{path} {' '.join(arguments)}\n{told}{ran.stderr}")
    requests = int(re.findall(r"(\d+) requests in", told)[0])
    refused = int((re.findall(r"Non-2xx or 3xx responses: (\d+)", told) or ["0"])[0])
    all_of_them = float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0])
    return Load(
        per_second=all_of_them * (requests - refused) / max(requests, 1),
        refused=all_of_them * refused / max(requests, 1),
        per_processor_second=requests / max(spent, 0.01),
        median=_latency(told, "50%"),
        slowest=_latency(told, "99%"),
    )


def _latency(told: str, share: str) -> float:
    number, unit = re.findall(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", told)[0]
    return float(number) * _SECONDS[unit]


def sql(url: str, script: str, *, seconds: int, clients: int = 10, for_each: int = 1) -> Load:
    """One run of pgbench with prepared statements, where a script does the work of `for_each` requests.

    As many clients as the product's pool has connections. Each plans a statement once: the product's
    connections are old, and have done that long ago.
    """
    parts = urlsplit(url)
    where = parse_qs(parts.query)
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "script.sql")
        written.write_text(script)
        told = subprocess.run(
            [
                str(embedded.embedded_binaries() / "pgbench"),
                *("--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1"),
                *(f"--time={seconds}", f"--file={written}"),
                *(f"--host={where['host'][0]}", f"--port={where.get('port', ['5432'])[0]}"),
                *(f"--username={parts.username}", parts.path.removeprefix("/")),
            ],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C", "PGOPTIONS": "-c plan_cache_mode=force_generic_plan"},
        )
    if told.returncode or "number of failed transactions: 0 " not in told.stdout:
        raise RuntimeError(f"{told.stdout}\n{told.stderr}")
    tps = float(re.findall(r"^tps = ([\d.]+)", told.stdout, re.MULTILINE)[0])
    latency = float(re.findall(r"latency average = ([\d.]+) ms", told.stdout)[0]) / 1000
    return Load(per_second=tps * for_each, median=latency / for_each)


def in_turn(ways: Mapping[str, Way], rounds: int) -> dict[str, list[Load]]:
    """What each way found, in rounds of one run of each."""
    found: dict[str, list[Load]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return found
