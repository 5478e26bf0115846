"""Front ends of other origins, where the settings let them in (the Fetch standard's CORS)."""

from collections.abc import Iterable

from litestar import HttpMethod
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED = (
    "Content-Disposition",
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "Idempotency-Replayed",
)
ALLOWED = (
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "X-Request-Id",
)


def headers_for(origin: str) -> list[tuple[bytes, bytes]]:
    """What an answer carries for a front end that is let in."""
    return [
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-expose-headers", ", ".join(EXPOSED).encode()),
    ]


class CrossOrigin:
    """Lets front ends of other origins in, if the settings name them (the Fetch standard's CORS).

    A preflight is an OPTIONS like any other, with a few headers more. Litestar's own middleware answers
    it in plain text where it refuses, and overwrites the Vary of what has one.
    """

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        """Wrap `app`, and let these origins in."""
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        asked = Headers.from_scope(scope)
        origin = asked.get("origin")
        is_preflight = scope["method"] == HttpMethod.OPTIONS and "access-control-request-method" in asked
        if is_preflight:
            # The query belongs to the request that is to come, and is judged there.
            scope["query_string"] = b""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                headers.extend_header_value("Vary", "Origin")
                if origin is not None and origin in self._origins:
                    for name, value in headers_for(origin):
                        headers[name.decode()] = value.decode()
                    if is_preflight:
                        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
                        headers["Access-Control-Allow-Headers"] = ", ".join(ALLOWED)
                        headers["Access-Control-Max-Age"] = "600"
            await send(message)

        await self._app(scope, receive, send_with_headers)
