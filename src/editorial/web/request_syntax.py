"""The form of a request, before anybody looks at what it asks for: its address, its query, its headers.

What is not well-formed is refused here, so that no layer below has to guess what was meant.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from litestar.types import HTTPScope

from editorial.core.refusals import Malformed, NotFound
from editorial.locales import Message

MAX_PARAMETERS = 50
ONCE = frozenset(
    {b"host", b"authorization", b"content-type", b"content-length", b"if-match", b"x-request-id"}
)
"""Headers that a request has once: of two, each side might take another."""

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_form(scope: HTTPScope) -> None:
    """Raise `Malformed` where a request is not well-formed, `NotFound` where no address is written so."""
    names = [name for name, _ in scope["headers"]]
    if b"host" not in names and scope["http_version"] not in {"1.0", "2"}:
        raise Malformed(Message("request.needs-host"))
    for name, value in scope["headers"]:
        if name in ONCE and names.count(name) > 1:
            raise Malformed(Message("request.repeated-header", header=name.decode().title()))
        if name in ONCE and not value.isascii():
            raise Malformed(Message("request.header-not-ascii", header=name.decode().title()))
    path = scope.get("raw_path") or scope["path"].encode()
    if _CONTROL.search(_decoded(path, "address")):
        raise Malformed(Message("request.address-control-characters"))
    if not is_canonical(path):
        raise NotFound
    query = scope["query_string"]
    if query:
        _decoded(query, "query")
        if query.count(b"&") >= MAX_PARAMETERS:
            raise Malformed(Message("request.too-many-parameters", most=MAX_PARAMETERS))


def is_canonical(path: bytes) -> bool:
    """Whether an address is written as the one that there is: the router would let others lead to the same.

    A proxy before this server may read `//`, a slash at the end, `%2F` and dots in another way, and let
    through what it means to keep out.
    """
    segments = path.split(b"?")[0].split(b"/")[1:]
    if segments == [b""]:
        return True
    return not any(b"/" in one or one in {b"", b".", b".."} for one in map(unquote_to_bytes, segments))


def _decoded(written: bytes, part: str) -> str:
    if _BAD_ESCAPE.search(written):
        raise Malformed(Message(f"request.{part}-bad-escape"))
    try:
        return unquote_to_bytes(written).decode()
    except UnicodeDecodeError as fault:
        raise Malformed(Message(f"request.{part}-not-utf8")) from fault


def is_acceptable(accepted: Iterable[str], given: str) -> bool:
    """Whether an Accept header allows what the route gives (RFC 9110, 12.5.1)."""
    family = given.partition("/")[0]
    best: tuple[int, float] | None = None
    for one in ",".join(accepted).split(","):
        kind, *parameters = (part.strip().lower() for part in one.split(";"))
        rank = {given: 2, f"{family}/*": 1, "*/*": 0}.get(kind)
        weights = [part.partition("=")[2] for part in parameters if part.startswith("q=")]
        weight = _weight(weights[0]) if weights else 1.0
        if rank is not None and (best is None or (rank, weight) > best):
            best = (rank, weight)
    return best is not None and best[1] > 0


def _weight(written: str) -> float:
    return float(written) if re.fullmatch(r"[01](\.\d{0,3})?", written) else 0.0
