"""Cursors: a sealed name for the place after a row, good for one list of one address with its filters.

What a list is sorted by can be an id with a time in it, or the time itself, and neither is for everybody's
eyes. The sealing is deterministic, so that the same page has the same bytes, and the same ETag, each time.
"""

import base64
import binascii
import os
from contextvars import ContextVar
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from editorial.core.refusals import BadCursor
from editorial.database.access import Database
from editorial.database.queries import load_queries

T = TypeVar("T")
sql: Any = load_queries("web/cursors")

list_address: ContextVar[str] = ContextVar("list_address", default="")
"""What the request that is being answered lists: a cursor of another list is none here."""

OF_A_PAGE = frozenset({"cursor", "limit"})
"""Parameters that say how a page is cut and told, not what is in the list."""


def address_of(path: str, query: bytes) -> str:
    """What a request lists: its path and its filters, whatever their order."""
    if not query:
        return path
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    filters = sorted((name, value) for name, value in pairs if name not in OF_A_PAGE)
    return f"{path}?{urlencode(filters)}" if filters else path


class CursorCodec:
    """The key that this process seals cursors with."""

    def __init__(self) -> None:
        """Begin with a key of one's own, until the database's is read."""
        self._cipher = AESSIV(os.urandom(64))

    async def read_key(self, db: Database) -> None:
        """Take the key that all processes on a database share."""
        async with db.read() as connection:
            self._cipher = AESSIV(await sql.get_cursor_key(connection))

    def sealed(self, written: bytes) -> bytes:
        """What only this product can read, and only at this address."""
        return self._cipher.encrypt(written, [list_address.get().encode()])

    def opened(self, sealed: bytes) -> bytes:
        """What was sealed. Raises `InvalidTag` or `ValueError` for what was not."""
        return self._cipher.decrypt(sealed, [list_address.get().encode()])


SEALER = CursorCodec()


def write_cursor(*values: Any) -> str:
    """An opaque name for the place after the row with these sort values."""
    return base64.urlsafe_b64encode(SEALER.sealed(msgspec.json.encode(values))).decode().rstrip("=")


def read_cursor(cursor: str | None, shape: type[T]) -> T | None:
    """The sort values that a cursor names. Raises `BadCursor`."""
    if cursor is None:
        return None
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(SEALER.opened(sealed), type=shape)
    except (binascii.Error, InvalidTag, ValueError, msgspec.MsgspecError) as fault:
        raise BadCursor from fault
