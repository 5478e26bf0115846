"""The form of a request, before anybody looks at what it asks for: its address, its query, its headers.

What is not well-formed is refused here, so that no layer below has to guess what was meant.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from litestar.types import HTTPScope

from editorial.core.refusals import Malformed, NotFound

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
        raise Malformed("A request needs the header Host.")
    for name, value in scope["headers"]:
        if name in ONCE and names.count(name) > 1:
            raise Malformed(f"The header {name.decode().title()} is given more than once.")
        if name in ONCE and not value.isascii():
            raise Malformed(f"The header {name.decode().title()} has characters beyond ASCII.")
    path = scope.get("raw_path") or scope["path"].encode()
    if _CONTROL.search(_decoded(path, "address")):
        raise Malformed("The address has control characters.")
    if not is_canonical(path):
        raise NotFound
    query = scope["query_string"]
    if query:
        _decoded(query, "query")
        if query.count(b"&") >= MAX_PARAMETERS:
            raise Malformed(f"A query has at most {MAX_PARAMETERS} parameters.")


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
        raise Malformed(f"The {part} has a % that two hexadecimal digits do not follow.")
    try:
        return unquote_to_bytes(written).decode()
    except UnicodeDecodeError as fault:
        raise Malformed(f"The {part} is not UTF-8.") from fault


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
