"""Connection timeouts and size limits that uvicorn lacks.

A silent connection, a request that never ends, an answer that the client does not read: each has a time
limit, and then the connection is closed. What is not valid HTTP gets a problem like any other refusal.
"""

import asyncio
import logging
import re
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, cast
from uuid import uuid4

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from editorial.core.refusals import Malformed, Refusal, TooSlow
from editorial.database.access import request_id
from editorial.locales import Message
from editorial.web.pipeline import ALWAYS
from editorial.web.problems import problem_bytes, status_of
from editorial.web.raw_response import EXTENSION, written

MAX_ADDRESS = 8 * 1024
MAX_HEADERS = 32 * 1024
MAX_HEADER_FIELDS = 100
MAX_PIPELINED = 50
_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")
LAST = (b"connection", b"close")
"""A header after which uvicorn closes the connection."""


@lru_cache(maxsize=4)
def _written_once(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """What the server adds to each answer, which changes once a second."""
    return written(headers)


_NO_NEWS = frozenset({"Invalid HTTP request received.", "Unsupported upgrade request."})
# What a stranger sends is no news: with one line for each, they could fill the disk.
logging.getLogger("uvicorn.error").addFilter(lambda record: record.getMessage() not in _NO_NEWS)


class Unreadable(Exception):
    """The request goes beyond a limit; the text says which."""


class BodyTimeout:
    """A connection's transport, which is closed as its protocol says.

    Closed with something unread in it, a connection is reset, and the other side throws away what it was
    answered (RFC 9112, 9.6).
    """

    def __init__(self, transport: Transport, end: Callable[[], None], is_ending: Callable[[], bool]) -> None:
        """Stand before `transport`."""
        self._transport = transport
        self.write = transport.write
        self.close = end
        self.is_closing = is_ending

    def __getattr__(self, name: str) -> Any:
        """The rest is the transport's own."""
        return getattr(self._transport, name)


class ServerProtocol(HttpToolsProtocol):
    """One connection, with a time for each thing that the other side has to do."""

    HEAD_WITHIN = 10.0
    """Seconds from the connection, or from the answer before, to the end of the headers."""
    BODY_WITHIN = 60.0
    """Seconds from the end of the headers to the end of the body."""
    TAKEN_WITHIN = 30.0
    """Seconds without the other side taking anything of an answer that waits."""
    HEARD_OUT_WITHIN = 10.0
    """Seconds for the other side to come to its end, after an answer that came before that."""
    HEARD_OUT = 16 << 20
    """Bytes that are heard out, and thrown away."""

    _deadline: float | None = None
    _timer: TimerHandle | None = None
    _fault: Message | None = None
    _is_awaited = False
    _running: RequestResponseCycle | None = None
    _has_head = False
    _head_bytes = 0
    _is_leaving = False
    _is_over = False
    _heard = 0
    _socket: Transport

    def leave(self) -> None:
        """Let the next answer on this connection be the last: the process is about to end."""
        self._is_leaving = True
        if self._running is not None and not self._running.response_started:
            self._running.default_headers = [*self._running.default_headers, LAST]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        self._socket = cast(Transport, transport)
        standing = BodyTimeout(self._socket, self._end, self._is_ending)
        super().connection_made(cast(Transport, standing))
        self._expect_within(self.HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, or drain what is not used any more."""
        if not self._is_over:
            super().data_received(data)
            return
        self._heard += len(data)
        if self._heard > self.HEARD_OUT:
            self._socket.abort()

    def on_message_begin(self) -> None:
        """A request begins: its headers have to end in time."""
        super().on_message_begin()
        self._head_bytes = 0
        self._has_head = False
        self._is_awaited = True
        self._expect_within(self.HEAD_WITHIN)

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        if len(self.url) > MAX_ADDRESS:
            self._refuse_to_read(Message("request.address-too-long", most=MAX_ADDRESS))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEADERS:
            self._refuse_to_read(Message("request.headers-too-large", most=MAX_HEADERS))
        if len(self.headers) >= MAX_HEADER_FIELDS:
            self._refuse_to_read(Message("request.too-many-headers", most=MAX_HEADER_FIELDS))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The headers are there: now the body has to end in time."""
        if len(self.pipeline) >= MAX_PIPELINED:
            self._refuse_to_read(Message("request.too-many-pipelined", most=MAX_PIPELINED))
        self._check_host()
        if self._is_leaving:
            self.scope["state"]["is_leaving"] = True
        super().on_headers_complete()
        self._has_head = True
        self._expect_within(self.BODY_WITHIN)

    def on_message_complete(self) -> None:
        """The request is whole: now it is for us to hurry."""
        self._is_awaited = False
        self._deadline = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is given. The next request has its time, beside what a quiet connection is kept for."""
        if not self._is_awaited:
            self._expect_within(self.timeout_keep_alive + self.HEAD_WITHIN)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The answer waits to be taken."""
        self._expect_within(self.TAKEN_WITHIN)
        super().pause_writing()

    def resume_writing(self) -> None:
        """It is being taken."""
        self._deadline = None
        if self._is_over:
            self._expect_within(self.HEARD_OUT_WITHIN)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Say what could not be read, unless another answer is on its way: that one is the last, then."""
        self._close_with(Malformed(self._fault or Message("request.not-http")))

    def _check_host(self) -> None:
        """One Host, and one that a host can be called; HTTP/1.1 needs it (RFC 9112, 3.2)."""
        hosts = [value for name, value in self.headers if name == b"host"]
        if not hosts and self.parser.get_http_version() == "1.1":
            self._refuse_to_read(Message("request.needs-host"))
        if len(hosts) > 1:
            self._refuse_to_read(Message("request.repeated-header", header="Host"))
        if hosts and not _HOST.fullmatch(hosts[0]):
            self._refuse_to_read(Message("request.host-names-none"))

    def _refuse_to_read(self, fault: Message) -> None:
        self._fault = fault
        raise Unreadable(fault.key)

    def _expect_within(self, seconds: float) -> None:
        self._deadline = self.loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self.loop.call_at(self._deadline, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        """One timer for a connection: it is set again where the deadline has moved meanwhile."""
        self._timer = None
        if self._deadline is None:
            return
        if self._deadline > self.loop.time():
            self._timer = self.loop.call_at(self._deadline, self._look_at_the_clock)
        elif self._is_over:
            self._socket.abort()
        elif self._is_awaited and not self.flow.write_paused:
            self._close_with(TooSlow())
        else:
            # Nothing was said, or nothing is listened to.
            self.transport.abort()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        extensions: Any = {EXTENSION: partial(self.send_whole, cycle)}
        cycle.scope["extensions"] = extensions
        if self._is_leaving:
            cycle.default_headers = [*cycle.default_headers, LAST]
        super()._start_asgi_task(cycle, app)

    async def send_whole(self, cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> None:
        """Answer a request with headers that are written already, and a body of the length that they say.

        ASGI has an answer's head and body sent one after the other, and uvicorn looks at each header and
        writes twice. For an answer from memory that is more than half of the work.
        """
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected:
            return
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.keep_alive = cycle.keep_alive and LAST not in cycle.default_headers
        own = cycle.default_headers if cycle.keep_alive else {*cycle.default_headers, LAST}
        self.transport.write(b"".join([STATUS_LINE[status], _written_once(tuple(own)), head, b"\r\n", body]))
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def _close_with(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        # A client that gets the refusal may still be writing.
        self._is_awaited = True
        if self._is_answering():
            # What is on its way arrives, and is the last.
            self.pipeline.clear()
            self.flow.pause_reading()
            cast(RequestResponseCycle, self._running).keep_alive = False
        else:
            self.transport.write(_answer(refusal))
            self.transport.close()

    def _end(self) -> None:
        """Close the connection. Where a request is still on its way, that is heard out before."""
        if self._is_over or not self._is_awaited or self._socket.is_closing():
            self._socket.close()
            return
        self._is_over = True
        self._expect_within(self.TAKEN_WITHIN if self.flow.write_paused else self.HEARD_OUT_WITHIN)
        self.flow.resume_reading()
        self._socket.write_eof()

    def _is_ending(self) -> bool:
        return self._is_over or self._socket.is_closing()

    def _is_answering(self) -> bool:
        """Whether an answer has begun, or an earlier request waits for one."""
        running = self._running
        if running is None or running.response_complete:
            return False
        return running.response_started or running is not self.cycle or not self._has_head


def _answer(refusal: Refusal) -> bytes:
    """A whole answer, for a request that never became one."""
    named = request_id.set(str(uuid4()))
    try:
        body = problem_bytes(refusal, "")
        name = request_id.get().encode()
    finally:
        request_id.reset(named)
    headers = {
        **ALWAYS,
        b"x-request-id": name,
        b"content-type": b"application/problem+json",
        b"content-length": str(len(body)).encode(),
        b"connection": b"close",
    }
    return STATUS_LINE[status_of(type(refusal))] + written(headers.items()) + b"\r\n" + body
