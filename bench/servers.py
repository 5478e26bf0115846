"""The same application by three servers: uvicorn, granian and hypercorn, each on uvloop with one process.

The product is bound to uvicorn: an extension of its protocol writes a page from memory in one piece, and
keeps deadlines and limits for hostile clients. That is the first way, `editorial serve`. What the others
serve is the ASGI application alone, without all that; so does the second way, uvicorn as it comes, which is
what the others are compared with. granian and hypercorn are no dependencies: the first run installs what
`bench/peers/servers.txt` names into `.venv-servers`. `python -m bench.servers [--quick]` runs it alone.
"""

import contextlib
import subprocess
import sys
from pathlib import Path

from bench.desk import NO_DRAFT_IN_REVIEW, moving
from bench.parts import loads, newsrooms, servers
from bench.parts.loads import http
from bench.parts.servers import Server
from bench.parts.tables import Against, Row, measure
from bench.published import published

WANTED = Path(__file__).parent / "peers/servers.txt"
HOME = Path(__file__).parent.parent / ".venv-servers"
LIST = "/v1/commentaries?state=published&limit=50"
PRODUCT, PLAIN, OTHERS = "as the product is served", "uvicorn", ("granian", "hypercorn")


def main(quick: bool) -> None:
    """Measure."""
    loads.wrk()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (2, 1) if quick else (5, 3)
    install()
    with newsrooms.postgres_of_its_own() as (server, folder), contextlib.ExitStack() as stack:
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        newsroom.run(NO_DRAFT_IN_REVIEW)
        ways = {PRODUCT: stack.enter_context(servers.product(newsroom.url, folder))}
        for kind in (PLAIN, *OTHERS):
            ways[kind] = stack.enter_context(_served(kind, newsroom.url, folder))
        page = published(ways[PRODUCT])
        coordinator, analyst = (newsrooms.token(ways[PRODUCT].url, who) for who in ("coordinator", "analyst"))
        signed_in = {"Authorization": f"Bearer {coordinator}"}
        # A server with threads beside its loop takes more of a machine that others want, too.
        ratios = [
            Against(upper=PRODUCT, lower=PLAIN),
            Against(upper=PRODUCT, lower=PLAIN, of_processor=True),
            *(
                Against(upper=one, lower=PLAIN, of_processor=of_processor)
                for one in OTHERS
                for of_processor in (False, True)
            ),
        ]
        sys.stdout.write(f"\n{rounds} rounds of {seconds} s, 32 connections.\n\n")
        measure(
            [
                Row(
                    name="public read, by server",
                    ways={name: _get(one, page.path, seconds, {}) for name, one in ways.items()},
                    ratios=ratios,
                ),
                Row(
                    name="50 of 20,000 texts, by server",
                    ways={name: _get(one, LIST, seconds, signed_in) for name, one in ways.items()},
                    ratios=ratios,
                ),
                Row(
                    name="a transition, by server",
                    ways={
                        name: moving(newsroom, one, analyst, folder, seconds) for name, one in ways.items()
                    },
                    ratios=ratios,
                ),
            ],
            # Rows without an aim are run half as often.
            2 * rounds - 1,
        )


def install() -> None:
    """Put granian and hypercorn into a folder, unless they are there."""
    mark, wanted = HOME / "installed", WANTED.read_text()
    if mark.exists() and mark.read_text() == wanted:
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--upgrade", "--target", str(HOME), "--requirement", str(WANTED)], check=True)
    mark.write_text(wanted)


def _served(kind: str, url: str, folder: str) -> contextlib.AbstractContextManager[Server]:
    port = str(servers.free_port())
    command = [sys.executable, "-m", "bench.parts.served", kind, port, str(HOME)]
    return servers.answering(command, f"http://127.0.0.1:{port}", servers.environment_of(url, folder))


def _get(server: Server, path: str, seconds: int, headers: dict[str, str]) -> loads.Way:
    return lambda: http(server, path, seconds=seconds, headers=headers)


if __name__ == "__main__":
    main("--quick" in sys.argv)
