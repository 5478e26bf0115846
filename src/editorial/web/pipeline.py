"""What every request goes through before its feature: who asks, what the route knows, what is always said."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import structlog
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from editorial.core import permissions
from editorial.core.permissions import Actor, ActorKind
from editorial.core.refusals import DatabaseAway, Malformed, NotFound, NotSignedIn, Refusal, TooManyAtOnce
from editorial.database.access import request_id
from editorial.telemetry import metrics
from editorial.web.cursors import address_of, list_address
from editorial.web.negotiation import spoken, spoken_in, with_language
from editorial.web.problems import send_problem
from editorial.web.request_syntax import check_form

log = structlog.get_logger("editorial")


def operation(
    *,
    takes: Any = None,
    refuses: Sequence[type[Refusal]] = (),
    public: bool = False,
    scope: permissions.Scope | None = None,
    before_totp: bool = False,
    example: Any = None,
    takes_as: str | None = None,
    gives_as: str | None = None,
) -> dict[str, Any]:
    """What the document and the pipeline know of a route beside its signature.

    `takes` is the type of its body, `refuses` the problems that it can give beside those that every route
    can, `public` says that no sign-in is needed, `scope` that a service may come in that has it,
    `before_totp` that it is open to who has yet to set up one-time codes, `example` is a real body.
    `takes_as` and `gives_as` are the media types of a body and an answer that are files, not JSON.
    """
    return {
        "takes": takes,
        "refuses": tuple(refuses),
        "public": public,
        "scope": scope,
        "before_totp": before_totp,
        "example": example,
        "takes_as": takes_as,
        "gives_as": gives_as,
    }


Authenticate = Callable[[str], Awaitable[Actor]]
HELD_BACK = 1.0
"""Seconds before an overload refusal is sent. Without the delay, clients that retry at once would take all of
the server's time."""
HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths answered under any load, to any client: a process that fails them is taken out of service."""


def bearer_of(scope: Scope) -> str | None:
    """The bearer token of a request, if it carries one."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if kind.lower() == "bearer" else ""
    return None


class Waiting:
    """A block that waits for the client: a slow client must not block other requests."""

    def __init__(self, door: "RequestPipeline") -> None:
        """Wait in a pipeline. One instance serves all requests, as it keeps no state of them."""
        self._door = door

    def __enter__(self) -> None:
        """Stop counting this request as in progress."""
        self._door.in_hand -= 1

    def __exit__(self, *_: object) -> None:
        """Count it as in progress again."""
        self._door.in_hand += 1


class RequestPipeline:
    """The outermost layer: request ids, who asks, the headers that every answer has, one log line each.

    The log knows the route, never the address that was asked for: no names, no ids, no queries.
    """

    def __init__(self, app: ASGIApp, authenticate: Authenticate, *, at_once: int) -> None:
        """Wrap `app`; `authenticate` turns a token into an actor, or raises `NotSignedIn`.

        Where `at_once` requests are in progress, the next one is refused before any work: otherwise requests
        that cannot be answered in time would delay those that can.
        """
        self._app = app
        self._authenticate = authenticate
        self._at_once = at_once
        self.in_hand = 0
        """The requests that are worked on now, without those whose client is to send or to take something."""
        self._waiting = Waiting(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id.set(_request_id_of(scope))
        spoken.set(spoken_in(scope))
        list_address.set(address_of(scope["path"], scope["query_string"]))
        began = time.perf_counter()
        status = 500

        method = scope["method"]
        is_head = method == HttpMethod.HEAD
        if is_head:
            # Whatever can be read can be asked about (RFC 9110, 9.3.2). The server has to know that it was
            # HEAD, or it takes the answer for one that broke off, and closes the connection.
            scope = scope.copy()
            scope["method"] = HttpMethod.GET

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if is_head and message["type"] == "http.response.body":
                message["body"] = b""
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete_headers(message)
            with self._waiting:
                await send(message)

        async def receive_from_client() -> Any:
            with self._waiting:
                return await receive()

        scope["user"] = None
        scope["auth"] = None
        is_too_much = self.in_hand >= self._at_once and scope["path"] not in HEALTH
        self.in_hand += 1
        try:
            refused = await (self._hold_back() if is_too_much else self._recognise(scope))
            if refused is not None:
                await send_problem(refused, scope, receive, send_with_headers)
                metrics.count_request(method, "unknown", status, time.perf_counter() - began)
                return
            await self._app(scope, receive_from_client, send_with_headers)
        finally:
            self.in_hand -= 1
        template = scope.get("path_template") or "unknown"
        seconds = time.perf_counter() - began
        metrics.count_request(method, template, status, seconds)
        log.info(
            "request",
            method=method,
            route=template,
            status=status,
            duration_seconds=round(seconds, 6),
            request_id=request_id.get(),
        )

    async def _hold_back(self) -> Refusal:
        """The refusal of a request over the limit, after a delay in which it is not counted."""
        with self._waiting:
            await asyncio.sleep(HELD_BACK)
        return TooManyAtOnce()

    async def _recognise(self, scope: HTTPScope) -> Refusal | None:
        """Store the actor in the scope; or return the refusal that applies to any actor."""
        try:
            check_form(scope)
        except (Malformed, NotFound) as refusal:
            return refusal
        refused: Refusal | None = scope.get("editorial.refusal")  # type: ignore[assignment]  # the shelf's word
        token = (
            None if scope["path"].startswith("/v1/published") or scope["path"] in HEALTH else bearer_of(scope)
        )
        if refused is None and token is not None:
            try:
                actor = scope["user"] = await self._authenticate(token)
                spoken.get().prefer(actor.own_language)
            except NotSignedIn as refusal:
                scope["auth"] = refusal
            except DatabaseAway as refusal:
                return refusal
        return refused


def is_request_id(value: bytes) -> bool:
    """Whether a client may name its request so."""
    return re.fullmatch(rb"[A-Za-z0-9._-]{8,64}", value) is not None


def _request_id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and is_request_id(value):
            return value.decode()
    return str(uuid4())


ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"private, no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}


def _complete_headers(message: Message) -> None:
    headers = with_language(message.setdefault("headers", []))  # type: ignore[typeddict-item]
    present = {name.lower() for name, _ in headers}
    headers = [*headers, *((name, value) for name, value in ALWAYS.items() if name not in present)]
    message["headers"] = [*headers, (b"x-request-id", request_id.get().encode())]  # type: ignore[typeddict-unknown-key]


def person_id_of(actor: Actor) -> UUID:
    """The person who asks. Raises `NotSignedIn` where a service does."""
    if actor.kind is not ActorKind.PERSON or actor.id is None:
        raise NotSignedIn
    return actor.id
