"""Four servers on one database: what one of them publishes or takes down, all of them tell at once."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from newsroom import Newsroom

LANGUAGES = ("be", "ru", "en")


@pytest.fixture(scope="module")
async def four(
    application_url: str, newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Give clients of four servers, which all work on this worker's database."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EDITORIAL_")},
        "DATABASE_URL": application_url,
        "EDITORIAL_POOL_SIZE": "4",
        "EDITORIAL_LOG_FORMAT": "json",
    }
    log: Path = tmp_path_factory.mktemp("four") / "log"
    async with contextlib.AsyncExitStack() as stack:
        errors = stack.enter_context(log.open("w"))
        processes = []
        for _ in range(4):
            process = subprocess.Popen(
                [sys.executable, "-m", "editorial", "serve", "--port", "0"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            processes.append(process)
            stack.callback(process.wait, timeout=20)
            stack.callback(process.terminate)
        clients = []
        for process in processes:
            assert process.stdout is not None
            stack.callback(process.stdout.close)
            ready = process.stdout.readline()
            assert ready.startswith("Editorial is ready at "), log.read_text()
            address = ready.removeprefix("Editorial is ready at ").strip()
            clients.append(await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=10)))
        yield clients


async def until(is_so: Callable[[], Awaitable[bool]], *, within: float) -> float:
    """Look until something is so; return the seconds that it took. Fails where it takes longer."""
    began = time.monotonic()
    while not await is_so():
        assert time.monotonic() - began < within, f"not within {within} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def addresses(commentary: dict[str, Any]) -> dict[str, str]:
    """Where the editions of a commentary are published."""
    return {
        one["language"]: f"/v1/published/{one['language']}/{commentary['week']}/{one['slug']}"
        for one in commentary["editions"]
    }


async def test_from_retraction_to_410_everywhere_in_under_a_second(
    four: list[httpx.AsyncClient], newsroom: Newsroom
) -> None:
    published = await newsroom.a_published_commentary()
    slugs = [one["slug"] for one in published["editions"]]
    title = published["text"]["title"]
    pages = list(addresses(published).values())
    lists = [
        path
        for language in LANGUAGES
        for path in (
            f"/v1/published/{language}",
            *(
                f"/v1/published/{language}/{name}"
                for name in (published["week"], "feed.atom", "feed.rss", "feed.json", "sitemap.xml", "ninjs")
            ),
        )
    ]

    async def all_of(paths: list[str]) -> list[httpx.Response]:
        return list(await asyncio.gather(*(client.get(path) for client in four for path in paths)))

    async def everybody_has_it() -> bool:
        found = await all_of(pages)
        listed = await all_of(lists)
        return all(one.status_code == 200 for one in found) and all(
            any(slug in one.text for slug in slugs) for one in listed
        )

    await until(everybody_has_it, within=10)
    await newsroom.coordinator.move(published, "retract", reason="The figures were wrong.")

    async def nobody_has_it() -> bool:
        return all(one.status_code == 410 for one in await all_of(pages))

    assert await until(nobody_has_it, within=1.0) < 1.0
    # One notice goes for all: whoever says 410 lists it nowhere any more.
    for listed in await all_of(lists):
        assert title not in listed.text
        assert not any(slug in listed.text for slug in slugs), listed.url
    for notice in await all_of(pages):
        assert notice.json()["detail"] == "The figures were wrong."
        assert notice.json()["request_id"] == notice.headers["x-request-id"]
