"""Answers: versions as ETags, lists as pages with a cursor."""

import re
from typing import Annotated, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Response
from litestar.params import HeaderParameter, QueryParameter

from editorial.core.decisions import NO_VERSION
from editorial.core.refusals import Malformed
from editorial.locales import Message
from editorial.web.request import Request

T = TypeVar("T")

IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", required=False, description="The ETag of the version that was read."),
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=100, description="How many at the most, 1 to 100.")
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        name="cursor", required=False, max_length=1_000, description="`next_cursor` of the page before."
    ),
]

_ETAG = re.compile(r'"(0|[1-9][0-9]{0,8})"')
_ANY_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')


def version_of(if_match: str | None) -> int | None:
    """The version that If-Match names, or nothing where there is none.

    Version n is `"n"`. Every other tag, also a weak one, matches nothing (RFC 9110, 13.1.1): `NO_VERSION`.
    Raises `Malformed` for what is not one entity tag.
    """
    if if_match is None:
        return None
    written = if_match.strip(" \t")
    found = _ETAG.fullmatch(written)
    if found:
        return int(found[1])
    if _ANY_TAG.fullmatch(written):
        return NO_VERSION
    if written == "*":
        raise Malformed(Message("request.if-match-any"))
    if "," in written:
        raise Malformed(Message("request.if-match-one"))
    raise Malformed(Message("request.if-match-form"))


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None = None


def following_address(request: Request, cursor: str) -> str:
    """The address of the page after this one, with all that was asked for here."""
    asked = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name != "cursor"]
    return f"{request.scope['path']}?{urlencode([*kept, ('cursor', cursor)])}"


def page_response(request: Request, page: Page[T]) -> Response[Page[T]]:
    """A list's page, with the next one as a link (RFC 8288)."""
    headers: dict[str, str] = {}
    if page.next_cursor is not None:
        headers["Link"] = f'<{following_address(request, page.next_cursor)}>; rel="next"'
    return Response(page, headers=headers)


def answer(
    content: T, *, version: int | None = None, status: int = 200, location: str | None = None
) -> Response[T]:
    """An object as an answer: its version is its ETag."""
    headers: dict[str, str] = {}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if location is not None:
        headers["Location"] = location
    return Response(content, status_code=status, headers=headers)


def file_answer(content: str, *, kind: str, name: str, version: int) -> Response[str]:
    """A file as an answer, to be kept under this name: letters, digits, points and hyphens."""
    headers = {"ETag": f'"{version}"', "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
