"""The headers of answers: what each says, and which an answer has."""

import typing
from collections.abc import Iterator

from editorial.web import Page
from editorial.web.openapi.found import has_messages
from editorial.web.openapi.routes import Route
from editorial.web.openapi.sentences import Json

HEADERS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "Names the request, in the log and in the trail.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The version of the object, for `If-Match`; of the answer, where it is public.",
        "schema": {"type": "string", "examples": ['"3"']},
    },
    "Location": {
        "description": "The address of what was made, or where it is now.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Content-Disposition": {
        "description": "The name under which to keep the file.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'Where there is a next page: its address, as `rel="next"` (RFC 8288).',
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true` where this is the first answer to the Idempotency-Key, given again.",
        "schema": {"type": "boolean", "const": True},
    },
    "Cache-Control": {
        "description": "How long the answer can be kept.",
        "schema": {"type": "string"},
    },
    "Last-Modified": {
        "description": "When what is shown was published last.",
        "schema": {"type": "string"},
    },
    "Content-Language": {
        "description": "The language of the sentences in the answer.",
        "schema": {"type": "string", "examples": ["be"]},
    },
    "WWW-Authenticate": {
        "description": "How to sign in.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of the limit, and in how many seconds there is more "
        "(draft-ietf-httpapi-ratelimit-headers).",
        "schema": {"type": "string", "examples": ['"account-and-address";r=0;t=90']},
    },
    "RateLimit-Policy": {
        "description": "The limit: so many tries in so many seconds.",
        "schema": {"type": "string", "examples": ['"account-and-address";q=10;w=900']},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer"},
    },
}


def headers_of(route: Route) -> Iterator[str]:
    """The names of the headers that a success of this route has."""
    yield "X-Request-Id"
    if route.is_cached:
        yield from ("ETag", "Cache-Control", "Last-Modified")
    elif "if_match" in route.parameters or "version" in getattr(route.gives, "__struct_fields__", ()):
        yield "ETag"
    elif route.handler.opt.get("gives_as") is not None:
        yield from (
            ("Link", "Content-Disposition")
            if "cursor" in route.parameters
            else ("ETag", "Content-Disposition")
        )
    if route.handler.status_code == 201 and route.is_collection:
        yield "Location"
    if typing.get_origin(route.gives) is Page or route.is_cached:
        yield "Link"
    if route.takes_keys:
        yield "Idempotency-Replayed"
    if route.gives is not None and has_messages(route.gives):
        yield "Content-Language"


def header(name: str) -> Json:
    """A reference to a header."""
    return {"$ref": f"#/components/headers/{name}"}
