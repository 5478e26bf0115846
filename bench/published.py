"""A public read of one commentary from memory, beside a bare ASGI callable and a static Litestar handler.

Each serves the same bytes with the same headers on the product's own server (`quickstart.serve_app`:
uvicorn with uvloop and httptools, no access log), in one process, to 32 connections of wrk's one thread.
The ways take turns, and a ratio is one of two neighbours in one round: of requests a second, and of
requests for a second of the server's processor, which a busy machine disturbs less. A miss is measured
with one connection, since many that ask at once have one answer made. `python -m bench.published
[--quick]` runs it alone. It needs wrk, in the PATH or named by WRK.
"""

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil

WANTED = 6_000
"""About how many bytes the page should have."""


class Server(msgspec.Struct):
    """A server that runs."""

    url: str
    process: psutil.Process

    def seconds(self) -> float:
        """What it has used of the processor, it and what it has started."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)


class Load(msgspec.Struct):
    """What a run found."""

    per_second: float
    per_processor_second: float


class Page(msgspec.Struct):
    """An answer of the product, for others to send."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes
    tag: str


def measure(quick: bool) -> str:
    """Give the table of requests a second and ratios; a sentence where there is no wrk."""
    wrk = os.environ.get("WRK") or shutil.which("wrk")
    if wrk is None:
        return "NOT MEASURED: there is no wrk here (apt-get install wrk)."
    rounds, seconds = (3, 3) if quick else (5, 10)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        product = stack.enter_context(_quickstart(Path(folder)))
        page = _choose(product.url)
        kept = Path(folder, "page.json")
        kept.write_bytes(msgspec.json.encode(page))
        bare, static = (
            stack.enter_context(_serving([sys.executable, "-m", "bench.published", kind, str(kept)]))
            for kind in ("bare", "static")
        )
        unkept = stack.enter_context(
            _serving([sys.executable, "-m", "bench.published", "unkept", folder, *_database_of(folder)])
        )
        has_it = ["-H", f"If-None-Match: {page.tag}"]
        ways: dict[str, Callable[[], Load]] = {
            "bare": lambda: _load(wrk, bare, page.path, seconds, 32),
            "hit": lambda: _load(wrk, product, page.path, seconds, 32),
            "static": lambda: _load(wrk, static, page.path, seconds, 32),
            "bare, 304": lambda: _load(wrk, bare, page.path, seconds, 32, *has_it),
            "hit, 304": lambda: _load(wrk, product, page.path, seconds, 32, *has_it),
            "static, one connection": lambda: _load(wrk, static, page.path, seconds, 1),
            "miss, one connection": lambda: _load(wrk, unkept, page.path, seconds, 1),
        }
        found: dict[str, list[Load]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, load in ways.items():
                found[way].append(load())
    return _table(found, len(page.body), rounds, seconds)


def _table(found: dict[str, list[Load]], size: int, rounds: int, seconds: int) -> str:
    lines = [f"{size} bytes, {rounds} rounds of {seconds} s; minimum / median / maximum.", ""]
    lines += ["| way | requests a second | for a second of the processor |", "|---|--:|--:|"]
    for way, loads in found.items():
        a_second = _shown([load.per_second for load in loads], ",.0f")
        of_processor = _shown([load.per_processor_second for load in loads], ",.0f")
        lines.append(f"| {way} | {a_second} | {of_processor} |")
    for upper, lower in (
        ("hit", "bare"),
        ("hit", "static"),
        ("hit, 304", "bare, 304"),
        ("miss, one connection", "static, one connection"),
    ):
        pairs = list(zip(found[upper], found[lower], strict=True))
        a_second = _shown([one.per_second / other.per_second for one, other in pairs], ".2f")
        of_processor = _shown(
            [one.per_processor_second / other.per_processor_second for one, other in pairs], ".2f"
        )
        lines.append(f"| **{upper} : {lower}** | {a_second} | {of_processor} |")
    return "\n".join(lines)


def _shown(numbers: list[float], form: str) -> str:
    return " / ".join(format(one, form) for one in (min(numbers), statistics.median(numbers), max(numbers)))


def _load(wrk: str, server: Server, path: str, seconds: int, connections: int, *more: str) -> Load:
    """One run. Raises `RuntimeError` where an answer was no success."""
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", *more, server.url + path]
    before = server.seconds()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # wrk
    spent = server.seconds() - before
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    requests = int(re.findall(r"(\d+) requests in", told)[0])
    return Load(float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]), requests / spent)


@contextlib.contextmanager
def _serving(command: list[str]) -> Iterator[Server]:
    """A server that says its address in its first line."""
    process = subprocess.Popen(  # noqa: S603  # one of ours
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None  # noqa: S101  # it was asked for
    try:
        yield Server(process.stdout.readline().strip(), psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextlib.contextmanager
def _quickstart(folder: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "editorial", "quickstart", "--json", "--port", "0"]
    with _serving([*command, "--data-dir", str(folder)]) as server:
        yield Server(msgspec.json.decode(server.url)["url"], server.process)


def _database_of(folder: str) -> list[str]:
    """The address of the quickstart's database, which one more user may share."""
    from editorial import postgres

    with postgres.start(Path(folder)) as server:
        return [server.application_url]


def _choose(product: str) -> Page:
    """The published page whose size is nearest to what is wanted."""
    with httpx.Client(base_url=product) as client:
        listed = client.get("/v1/published/be", params={"limit": 100}).json()["data"]
        answers = [client.get(one["url"]) for one in listed]
        chosen = min(answers, key=lambda answer: abs(len(answer.content) - WANTED))
        # What the server adds of its own, it adds for the others too.
        own = {"date", "server", "content-length"}
        headers = [(name, value) for name, value in chosen.headers.items() if name not in own]
        return Page(chosen.url.path, headers, chosen.content, chosen.headers["etag"])


def _bare(page: Page) -> Any:
    """The least that an ASGI application can do: the bytes, and 304 for who has them."""
    headers = [(name.encode(), value.encode()) for name, value in page.headers]
    whole = [*headers, (b"content-length", str(len(page.body)).encode())]
    unchanged = [one for one in headers if one[0] != b"content-type"]
    start = {"type": "http.response.start", "status": 200, "headers": whole}
    body = {"type": "http.response.body", "body": page.body}
    has_it = {"type": "http.response.start", "status": 304, "headers": unchanged}
    empty = {"type": "http.response.body", "body": b""}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if any(name == b"if-none-match" for name, _ in scope["headers"]):
            await send(has_it)
            await send(empty)
            return
        await send(start)
        await send(body)

    return app


def _static(page: Page) -> Any:
    """A handler of Litestar that returns the same bytes."""
    from litestar import Litestar, Response, get

    media_type = dict(page.headers)["content-type"]
    headers = {name: value for name, value in page.headers if name != "content-type"}

    @get("/v1/published/{language:str}/{week:str}/{slug:str}")
    async def handler(language: str, week: str, slug: str) -> Response[bytes]:
        return Response(page.body, media_type=media_type, headers=headers)

    return Litestar([handler], openapi_config=None, logging_config=None)


def _unkept(folder: str, url: str) -> Any:
    """The product with no memory for public answers."""
    from editorial import logs
    from editorial.app import create_app
    from editorial.settings import Settings

    logs.configure("json")
    settings = Settings(data_dir=Path(folder), readers_memory_mb=0, worker_in_serve=False)
    return create_app(settings, url)[0]


def _serve(app: Any) -> None:
    from editorial.quickstart import address_of, listen, serve_app

    def announce() -> None:
        sys.stdout.write(f"{address_of(listening)}\n")
        sys.stdout.flush()

    listening = listen("127.0.0.1", 0, or_any=True)
    serve_app(app, listening, announce)


def main(arguments: list[str]) -> None:
    """Measure, or be one of the servers that are measured."""
    match arguments:
        case ["bare", kept]:
            _serve(_bare(msgspec.json.decode(Path(kept).read_bytes(), type=Page)))
        case ["static", kept]:
            _serve(_static(msgspec.json.decode(Path(kept).read_bytes(), type=Page)))
        case ["unkept", folder, url]:
            _serve(_unkept(folder, url))
        case _:
            sys.stdout.write(f"{__doc__}\n{measure(quick='--quick' in arguments)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
