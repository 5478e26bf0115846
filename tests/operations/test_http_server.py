"""What the server does with those who are slow or silent, or do not speak HTTP, over real sockets."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from editorial.app import create_app
from editorial.operations.http_server import (
    MAX_ADDRESS,
    MAX_HEADER_FIELDS,
    MAX_HEADERS,
    MAX_PIPELINED,
    ServerProtocol,
)
from editorial.settings import Settings


class Hasty(ServerProtocol):
    """A server that waits for nobody."""

    HEAD_WITHIN = 0.3
    BODY_WITHIN = 0.3
    TAKEN_WITHIN = 0.3
    HEARD_OUT_WITHIN = 0.3


@pytest.fixture(scope="module")
async def hasty() -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """Give the application on a hasty server, without a database, and its port."""
    app, _ = create_app(Settings(data_dir=Path()), "postgresql:///nowhere")
    config = uvicorn.Config(app, http=Hasty, ws="none", lifespan="off", timeout_keep_alive=1)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield server, listening.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
def port(hasty: tuple[uvicorn.Server, int]) -> int:
    """Give the port of the hasty server."""
    return hasty[1]


async def say(port: int, *parts: bytes) -> bytes:
    """Say something and nothing more, and hear what is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def status(answer: bytes) -> int:
    """The status of the first answer, which is a problem."""
    head, _, body = answer.partition(b"\r\n\r\n")
    code = int(head.split(b" ", 2)[1])
    assert b"content-type: application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"x-request-id: " in head
    problem, _ = json.JSONDecoder().raw_decode(body.decode())
    assert problem["status"] == code
    return code


async def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    assert await say(port) == b""


@pytest.mark.parametrize(
    "request_so_far",
    [
        b"G",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST /v1/auth/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b'Content-Length: 100\r\n\r\n{"email": ',
        b"POST /v1/auth/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
    ids=["first letter", "half a head", "half a body", "half a chunk"],
)
async def test_a_request_that_does_not_end_is_408(port: int, request_so_far: bytes) -> None:
    answer = await say(port, request_so_far)
    assert status(answer) == 408
    assert b"connection: close" in answer


BODY = b"{" + b" " * (4 << 20)
JSON = b"Host: a\r\nConnection: close\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"POST /v1/commentaries HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (JSON, len(BODY), BODY), 401),
        (b"POST /v1/auth/session HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (JSON, len(BODY), BODY), 413),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: %s\r\n\r\n" % BODY, 400),
        (b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * len(BODY)), 400),
        (b"\0" * len(BODY), 400),
    ],
    ids=["nobody", "a body too large", "a header too long", "an address too long", "no HTTP"],
)
async def test_who_is_refused_while_they_write_hears_why(port: int, sent: bytes, expected: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for start in range(0, len(sent), 1 << 16):
            writer.write(sent[start : start + (1 << 16)])
            await writer.drain()
        # They read only now. Had the connection been reset, there would be nothing to read.
        assert status(await asyncio.wait_for(reader.read(), 10)) == expected
    finally:
        writer.close()


async def write_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_who_never_stops_writing_is_not_heard_out_for_ever(hasty: tuple[uvicorn.Server, int]) -> None:
    server, port = hasty
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /%s" % (b"a" * (MAX_ADDRESS + 1)))
    assert status(await asyncio.wait_for(reader.read(), 5)) == 400
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(write_for_ever(writer), 5)
    writer.close()
    while server.server_state.connections:
        await asyncio.sleep(0.02)


async def test_a_trickle_does_not_buy_time(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")

    async def trickle() -> None:
        while True:
            writer.write(b"a")
            await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    try:
        assert status(await asyncio.wait_for(reader.read(), 5)) == 408
    finally:
        trickling.cancel()
        writer.close()


async def test_a_kept_connection_serves_again_within_its_time(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(4):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        await asyncio.sleep(0.2)
    writer.write(b"GET /heal")
    assert status(await asyncio.wait_for(reader.read(), 10)) == 408
    writer.close()


async def test_an_answer_that_nobody_takes_is_given_up(hasty: tuple[uvicorn.Server, int]) -> None:
    server, port = hasty
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, ("127.0.0.1", port))
        await loop.sock_sendall(deaf, b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 49)
        await asyncio.sleep(0.1)
        while server.server_state.connections:
            await asyncio.sleep(0.05)
        heard = await hear(deaf)
        length = re.search(rb"content-length: (\d+)", heard)
        assert length is not None
        # What the kernel holds is no memory of ours; the rest was not even made.
        assert len(heard) < 49 * int(length[1])


async def hear(deaf: socket.socket) -> bytes:
    """All that is left in a connection, until it ends or breaks off."""
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while got := await asyncio.wait_for(asyncio.get_running_loop().sock_recv(deaf, 1 << 20), 5):
            heard += got
    return heard


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    answer = await say(
        port,
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/me HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    found = [int(part.split(b" ", 1)[0]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert found == [200, 401, 404]


GET = b"GET /v1/sections HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /v1/auth/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "expected"),
    {
        "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n" * 5, 400),
        "an unknown method": (b"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "a method that nobody takes": (b"TRACE /v1/sections HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        "a method of WebDAV": (b"PROPFIND /v1/sections HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        "a tunnel": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "no version": (b"GET /\r\n\r\n", 400),
        "version 9.9": (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400),
        "no Host": (b"GET /v1/sections HTTP/1.1\r\n\r\n", 400),
        "two Hosts": (GET + b"Host: b\r\n\r\n", 400),
        "a Host that is none": (b"GET /v1/sections HTTP/1.1\r\nHost: a b/c\r\n\r\n", 400),
        "two tokens": (GET + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400),
        "NUL in a header": (GET + b"X-A: a\0b\r\n\r\n", 400),
        "a header without a name": (GET + b": a\r\n\r\n", 400),
        "a folded header": (GET + b"X-A: a\r\n b\r\n\r\n", 400),
        "a long address": (b"GET /" + b"a" * MAX_ADDRESS + b" HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "large headers": (GET + b"X-A: " + b"a" * MAX_HEADERS + b"\r\n\r\n", 400),
        "many headers": (GET + b"X-A: a\r\n" * (MAX_HEADER_FIELDS + 1) + b"\r\n", 400),
        "a bad escape": (b"GET /v1/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "an escape cut short": (b"GET /v1/a?b=% HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "another encoding": (b"GET /v1/%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "a surrogate": (b"GET /v1/sections?q=%ed%a0%80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "NUL": (b"GET /v1/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "letters beyond ASCII": ("GET /v1/ў HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 400),
        "many parameters": (b"GET /v1/a?" + b"a=1&" * 60 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        "a number beyond bounds": (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
        "a negative length": (POST + b"Content-Length: -1\r\n\r\n", 400),
        "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        "a length and chunks": (
            POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        "a chunk without a size": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", 400),
        "a body too large": (POST + b"Content-Length: 3000000\r\n\r\n{", 413),
        "a zipped body": (POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415),
        "a wish for another form": (
            b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: a\r\nAccept: text/xml\r\n\r\n",
            406,
        ),
        "a web socket": (
            GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
            401,
        ),
        "a path of dots": (b"GET /v1/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        "an address of another": (b"GET http://evil/nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        "a crowd in one go": (GET + b"\r\n" + (GET + b"\r\n") * (MAX_PIPELINED + 5), 401),
    }.values(),
    ids=lambda value: None,
)
async def test_what_is_not_well_formed_has_its_own_status(port: int, sent: bytes, expected: int) -> None:
    assert status(await say(port, sent)) == expected
