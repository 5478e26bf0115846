"""Listen on a socket, and serve the API or the worker's pages there until a signal stops the process."""

import asyncio
import contextlib
import errno
import gc
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import uvicorn

from editorial.app import create_app, create_worker
from editorial.cli.startup import ListenError
from editorial.operations.http_server import ServerProtocol
from editorial.settings import Settings

Lifespan = Callable[[], AbstractAsyncContextManager[None]]
"""What begins before the application is served, and ends afterwards."""


def listen(host: str, port: int, *, or_any: bool) -> socket.socket:
    """A socket that listens on the port, or (when `or_any`) on a free one where it is taken.

    Raises `ListenError` where the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as fault:
        if not or_any or fault.errno != errno.EADDRINUSE:
            listening.close()
            raise ListenError(
                f"Port {port} on {host} cannot be used: {fault.strerror}. Choose another with "
                "--port and --host "
                "(EDITORIAL_PORT and EDITORIAL_HOST), or end what uses it."
            ) from fault
        listening.bind((host, 0))
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


def inherited_socket(number: int) -> socket.socket:
    """The listening socket that the parent process left open. Raises `ListenError` where it is none."""
    try:
        listening = socket.socket(fileno=number)
        if not listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise ListenError(f"File descriptor {number} is a socket that does not listen.")
    except OSError as fault:
        raise ListenError(f"File descriptor {number} is no socket: {fault.strerror}.") from fault
    return listening


class AnnouncingServer(uvicorn.Server):
    """A server that says when it is ready, and lets each connection finish before it exits."""

    LEAVES_WITHIN = 6.0
    """Seconds until each connection has its last answer: an idle one is closed after five anyway."""

    def __init__(self, config: uvicorn.Config, lifespan: Lifespan, announce: Any) -> None:
        """Call `announce()` once requests are answered."""
        super().__init__(config)
        self._lifespan = lifespan
        self._announce = announce

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve within the application's lifespan, and let its faults through as they are.

        uvicorn would log a traceback, and exit with a code of its own.
        """
        async with self._lifespan():
            await super()._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and announce it."""
        await super().startup(sockets)
        if not self.should_exit:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no new connection; end each with its next answer; then end the rest, and exit."""
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in self.server_state.connections:
            if isinstance(connection, ServerProtocol):
                connection.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.LEAVES_WITHIN):
                while self.server_state.connections and not self.force_exit:  # noqa: ASYNC110  # uvicorn's set
                    await asyncio.sleep(0.05)
        await super().shutdown([])


def serve_api(settings: Settings, application_url: str, listening: socket.socket, announce: Any) -> None:
    """Serve the API until a signal stops it."""
    # Where port 0 was asked for, the system has chosen another one.
    settings = msgspec.structs.replace(settings, port=listening.getsockname()[1])
    app, litestar = create_app(settings, application_url)
    serve_app(app, listening, announce, litestar.lifespan)


def serve_worker(settings: Settings, application_url: str, listening: socket.socket, announce: Any) -> None:
    """Run the scheduled jobs, and serve the worker's health pages, until a signal stops it."""
    app, litestar = create_worker(settings, application_url)
    serve_app(app, listening, announce, litestar.lifespan)


def serve_app(app: Any, listening: socket.socket, announce: Any, lifespan: Lifespan | None = None) -> None:
    """Serve any ASGI application with the product's own server, until a signal stops it.

    Without `lifespan`, the application is asked by ASGI's own protocol to begin and to end.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        # Which proxies to trust for the client address is our own setting: EDITORIAL_TRUSTED_PROXIES.
        proxy_headers=False,
        date_header=True,
        timeout_graceful_shutdown=10,
        http=ServerProtocol,
        ws="none",
        lifespan="auto" if lifespan is None else "off",
    )
    server = AnnouncingServer(config, lifespan or contextlib.nullcontext, announce)
    # What is loaded by now stays until the end, so the garbage collector skips it, and collects less often.
    # Without this, collection took 8 % of the processor time of a transition.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))


def address_of(listening: socket.socket) -> str:
    """The address that a socket listens on."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
