"""A public read of one commentary, beside a bare ASGI callable and a static Litestar handler.

Each serves the same bytes with the same headers on the product's own server (`cli/serve.py`:
uvicorn with uvloop and httptools, no access log), in one process, to 32 connections of wrk's one thread.
Hits and 304 come from the product's memory. A miss is measured with one connection, since many that ask at
once have one answer made. `python -m bench.published [--quick]` runs it alone.
"""

import contextlib
import sys
from pathlib import Path

import httpx
import msgspec

from bench.parts import loads, newsrooms, servers
from bench.parts.bare import Page
from bench.parts.loads import http
from bench.parts.tables import Against, Row, measure

BLOCKS = [
    {"type": "paragraph", "text": f"{number}. " + "Ports handled **12 %** less than a month ago. " * 7}
    for number in range(8)
]


def main(quick: bool) -> None:
    """Measure."""
    loads.wrk()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (2, 1) if quick else (5, 3)
    with newsrooms.postgres_of_its_own() as (server, folder), contextlib.ExitStack() as stack:
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        product = stack.enter_context(servers.product(newsroom.url, folder))
        page = published(product)
        kept = Path(folder, "page.json")
        kept.write_bytes(msgspec.json.encode(page))
        asgi = stack.enter_context(servers.bare("asgi", str(kept)))
        static = stack.enter_context(servers.bare("static", str(kept)))
        unkept = stack.enter_context(servers.bare("unkept", folder, newsroom.url))
        has_it = {"If-None-Match": page.tag}
        sys.stdout.write(f"\n{len(page.body):,} bytes, {rounds} rounds of {seconds} s.\n\n")
        rows = [
            Row(
                name="public read",
                ways={
                    "bare ASGI": lambda: http(asgi, page.path, seconds=seconds),
                    "product": lambda: http(product, page.path, seconds=seconds),
                    "static Litestar": lambda: http(static, page.path, seconds=seconds),
                },
                ratios=[
                    Against(upper="product", lower="bare ASGI", aim=0.9),
                    Against(upper="product", lower="bare ASGI", of_processor=True),
                    Against(upper="product", lower="static Litestar", aim=2),
                ],
            ),
        ]
        if not quick:
            rows += [
                Row(
                    name="public read, 304",
                    ways={
                        "bare ASGI": lambda: http(asgi, page.path, seconds=seconds, headers=has_it),
                        "product": lambda: http(product, page.path, seconds=seconds, headers=has_it),
                    },
                    ratios=[Against(upper="product", lower="bare ASGI")],
                ),
                Row(
                    name="public read, miss, one connection",
                    ways={
                        "static Litestar": lambda: http(static, page.path, seconds=seconds, connections=1),
                        "product": lambda: http(unkept, page.path, seconds=seconds, connections=1),
                    },
                    ratios=[Against(upper="product", lower="static Litestar")],
                ),
            ]
        measure(rows, rounds)


def published(product: servers.Server) -> Page:
    """A page of eight blocks, published as any other, or the one that was published before."""
    analyst, coordinator = (newsrooms.token(product.url, who) for who in ("analyst", "coordinator"))
    listed = httpx.get(f"{product.url}/v1/published/en", params={"limit": 1}).json()["data"]
    if not listed or listed[0]["title"] != "Grain exports fall":
        made = newsrooms.call(
            product.url,
            analyst,
            "POST",
            "/v1/commentaries",
            {
                "week": "2024-W30",
                "section": "economy",
                "source_language": "en",
                "target_languages": [],
                "trend": "worse",
                "title": "Grain exports fall",
                "lead": "Prices held, volumes did not.",
                "blocks": BLOCKS,
            },
        )
        path = f"/v1/commentaries/{made['id']}/transitions"
        for who, action in ((analyst, "submit"), (coordinator, "approve"), (coordinator, "publish")):
            made = newsrooms.call(product.url, who, "POST", path, {"action": action}, made["version"])
        listed = httpx.get(f"{product.url}/v1/published/en", params={"limit": 1}).json()["data"]
    answer = httpx.get(
        listed[0]["url"] if listed[0]["url"].startswith("http") else product.url + listed[0]["url"]
    )
    # What the server adds of its own, it adds for the others too.
    own = {"date", "server", "content-length"}
    headers = [(name, value) for name, value in answer.headers.items() if name not in own]
    return Page(answer.url.path, headers, answer.content, answer.headers["etag"])


if __name__ == "__main__":
    main("--quick" in sys.argv)
