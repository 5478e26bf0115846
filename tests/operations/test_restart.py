"""Two servers on one socket, restarted one after the other under load: no request is lost."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from newsroom import TEXT, Newsroom
from servers import NAME, environment

CLIENTS = 6
ENDED = {0, -signal.SIGTERM}
"""How a process ends that was told to: in good order, and by that signal."""


def start(application_url: str, listening: socket.socket, folder: Path, number: int) -> subprocess.Popen[str]:
    """Start a server on a socket that is ours."""
    with (folder / f"log-{number}").open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "editorial", "serve", "--fd", str(listening.fileno())],
            env=environment(
                application_url, EDITORIAL_POOL_SIZE="4", EDITORIAL_DATA_DIR=str(folder / "data")
            ),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            pass_fds=[listening.fileno()],
        )


async def ready(process: subprocess.Popen[str]) -> None:
    """Wait until it says that it is."""
    assert process.stdout is not None
    assert (await asyncio.to_thread(process.stdout.readline)).startswith(NAME)


async def end(process: subprocess.Popen[str]) -> int:
    """Tell it to end, and return how it did."""
    process.send_signal(signal.SIGTERM)
    ended = await asyncio.to_thread(process.wait, 30)
    assert process.stdout is not None
    process.stdout.close()
    return ended


async def test_a_rolling_restart_under_load_loses_no_request(
    application_url: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    answered: list[int] = []
    titles: set[str] = set()
    enough = asyncio.Event()
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        headers = {"Authorization": f"Bearer {newsroom.analyst.token}"}

        async def ask(number: int) -> None:
            """Make drafts, one after the other, on a connection that is kept as long as it is offered."""
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
                while not enough.is_set():
                    title = f"Restart {number}-{len(answered)}"
                    answer = await client.post("/v1/commentaries", json={**TEXT, "title": title})
                    answered.append(answer.status_code)
                    titles.add(title)

        running = [start(application_url, listening, tmp_path, number) for number in range(2)]
        for one in running:
            stack.callback(one.kill)
            await ready(one)
        asking = [asyncio.create_task(ask(number)) for number in range(CLIENTS)]
        for number in range(2):
            new = start(application_url, listening, tmp_path, 2 + number)
            stack.callback(new.kill)
            await ready(new)
            before = len(answered)
            assert await end(running.pop(0)) in ENDED
            running.append(new)
            while len(answered) < before + 2 * CLIENTS:
                await asyncio.sleep(0.05)
                assert not any(one.done() for one in asking), [
                    one.exception() for one in asking if one.done()
                ]
        enough.set()
        await asyncio.gather(*asking)
        for one in running:
            assert await end(one) in ENDED
    assert set(answered) == {201}
    assert len(answered) >= 4 * CLIENTS


async def test_a_server_that_is_about_to_end_says_so_on_the_connections_that_it_has(
    application_url: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = start(application_url, listening, tmp_path, 0)
        try:
            await ready(process)
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=address, timeout=30) as client:
                first = await client.get("/readyz")
                assert (first.status_code, first.headers.get("connection")) == (200, None)
                process.send_signal(signal.SIGTERM)
                await asyncio.sleep(1)
                last = await client.get("/readyz")
                assert (last.status_code, last.headers["connection"]) == (503, "close")
                assert last.json()["reasons"] == ["This process is about to end."]
        finally:
            assert await end(process) in ENDED
