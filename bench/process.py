"""The process itself: how soon it answers, what memory it takes, and what a second one brings.

A start is `editorial serve` with the embedded Postgres on data that are there already, until /readyz says
yes. Memory is what is the process's own (USS).

Two processes share a database and the machine with the load and with Postgres, so that on two processors they
cannot do twice the work: the aim (1.7) is for a machine where those are elsewhere. What can be seen on any
machine is whether they hinder one another: how many requests a second of the servers' own processor time is
good for, with two of them and with one. A page from memory asks for no Postgres.

`python -m bench.process [--quick] [--hour]` runs it alone, and `--hour` makes the load before the last look
at the memory last an hour, and measures nothing else; in a crowd for so long, some may be turned away.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from bench.parts import loads, newsrooms, servers
from bench.parts.loads import Load, http
from bench.parts.newsrooms import Newsroom
from bench.parts.servers import Server
from bench.parts.tables import HEAD, Against, Ratio, Row, keep, measure
from bench.published import published

CONNECTIONS = 1_000


def main(quick: bool, hour: bool) -> None:
    """Measure."""
    loads.wrk()
    servers.allow_many_connections()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (2, 1) if quick else (5, 3)
    with newsrooms.postgres_of_its_own() as (server, folder):
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        if hour:
            _memory(newsroom, folder, 3600)
            return
        _two(newsroom, folder, rounds, seconds, quick)
        _memory(newsroom, folder, 4 if quick else 60)
    _start(rounds)


def _two(newsroom: Newsroom, folder: str, rounds: int, seconds: int, quick: bool) -> None:
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(servers.product(newsroom.url, folder)) for _ in range(2)]
        token = newsrooms.token(both[0].url, "coordinator")
        path, headers = "/v1/commentaries?state=published", {"Authorization": f"Bearer {token}"}
        page = published(both[0])
        rows = [_one_and_two("public read", both, page.path, seconds, {})]
        if not quick:
            rows.append(_one_and_two("list of 25", both, path, seconds, headers))
        sys.stdout.write("\n")
        measure(rows, rounds)


def _one_and_two(name: str, both: list[Server], path: str, seconds: int, headers: dict[str, str]) -> Row:
    return Row(
        name=f"{name}, one process and two",
        ways={
            "one": lambda: http(both[0], path, seconds=seconds, headers=headers),
            "two": lambda: _at_once(both, path, seconds, headers),
        },
        ratios=[
            Against(upper="two", lower="one", aim=1.7),
            Against(upper="two", lower="one", aim=0.9, of_processor=True),
        ],
    )


def _at_once(both: list[Server], path: str, seconds: int, headers: dict[str, str]) -> Load:
    """The same load on each of two servers, at once."""
    found: list[Load] = []
    threads = [
        threading.Thread(
            target=lambda one=one: found.append(
                http(one, path, seconds=seconds, headers=headers, connections=16)
            )
        )
        for one in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(found) < len(both):
        raise RuntimeError("a load failed")
    # Processors that each of them kept busy, of those that there are.
    busy = sum(one.per_second / (one.per_processor_second or 1) for one in found)
    every = sum(one.per_second for one in found)
    return Load(per_second=every, per_processor_second=every / busy)


def _memory(newsroom: Newsroom, folder: str, seconds: int) -> None:
    with servers.product(newsroom.url, folder) as product:
        httpx.get(f"{product.url}/readyz").raise_for_status()
        at_rest = product.memory()
        with _connected(product):
            with_many = product.memory()
        token = newsrooms.token(product.url, "coordinator")
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("/v1/commentaries", "/v1/published/en"):
            http(product, path, seconds=seconds // 4, headers=headers, may_be_refused=True)
        half_way = product.memory()
        for path in ("/v1/commentaries", "/v1/published/en"):
            http(product, path, seconds=seconds // 4, headers=headers, may_be_refused=True)
        after = product.memory()
    sys.stdout.write(
        f"\n| memory of one process | MiB |\n|---|--:|\n| at rest | {_mib(at_rest)} |\n"
        f"| for each {CONNECTIONS:,} idle connections | {_mib(with_many - at_rest)} |\n"
        f"| after {seconds // 2} s of load | {_mib(half_way)} |\n| after {seconds} s | {_mib(after)} |\n"
    )


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f}"


@contextlib.contextmanager
def _connected(product: Server) -> Iterator[None]:
    """Many connections, each of which has had an answer and says nothing more."""
    parts = urlsplit(product.url)
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            line = stack.enter_context(socket.create_connection((parts.hostname, parts.port)))
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: newsroom\r\n\r\n")
            if not line.recv(4096).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("no answer")
        yield


def _start(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="editorial-bench-") as folder:
        environment = {
            **os.environ,
            "EDITORIAL_DATA_DIR": folder,
            "EDITORIAL_LOG_FORMAT": "json",
        }
        subprocess.run(
            [sys.executable, "-m", "editorial", "migrate"], env=environment, check=True, capture_output=True
        )
        took = [_until_ready(folder) for _ in range(rounds)]
    numbers = f"{min(took):.2f} | **{statistics.median(took):.2f}** | {max(took):.2f}"
    sys.stdout.write(
        f"\n| start to first answer | least | median | most |\n|---|--:|--:|--:|\n| s | {numbers} |\n"
    )
    ratio = Ratio(
        row="start to the first answer, warm, with its Postgres",
        upper="seconds",
        lower="1",
        numbers=took,
        aim=2,
        at_most=True,
    )
    sys.stdout.write(f"\n{HEAD}\n{ratio.line()}\n")
    keep([ratio])


def _until_ready(folder: str) -> float:
    environment = {"EDITORIAL_DATA_DIR": folder, "EDITORIAL_LOG_FORMAT": "json"}
    began = time.monotonic()
    with servers.serving([sys.executable, "-m", "editorial", "serve", "--port", "0"], environment) as server:
        httpx.get(f"{server.url}/readyz").raise_for_status()
        return time.monotonic() - began


if __name__ == "__main__":
    main("--quick" in sys.argv, "--hour" in sys.argv)
