"""Cursors: an opaque name for the place after a row."""

import base64
import binascii
from typing import Any, TypeVar

import msgspec

from editorial.core.refusals import BadCursor

T = TypeVar("T")


def write_cursor(*values: Any) -> str:
    """An opaque name for the place after the row with these sort values."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def read_cursor(cursor: str | None, shape: type[T]) -> T | None:
    """The sort values that a cursor names. Raises `BadCursor`."""
    if cursor is None:
        return None
    try:
        written = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(written, type=shape)
    except (binascii.Error, UnicodeError, ValueError, msgspec.MsgspecError) as fault:
        raise BadCursor from fault
