"""What a server and an application agree on for an answer that goes out in one piece.

ASGI has an answer's head and body sent one after the other. A server that can do better says so among the
extensions of the request's scope (ASGI, "Extensions"): there lies a function that takes an answer whole.
"""

from collections.abc import Awaitable, Callable, Iterable

EXTENSION = "editorial.http.response.whole"

SendWhole = Callable[[int, bytes, bytes], Awaitable[None]]
"""Takes the status, the headers as `written()` gives them, and a body of the length that they say."""


def written(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they go over the wire, without the empty line after them."""
    return b"".join([part for name, value in headers for part in (name, b": ", value, b"\r\n")])
