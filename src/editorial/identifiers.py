"""Ids: UUIDv7 (RFC 9562) for the desk, short random ones for blocks."""

import secrets
from uuid import UUID

from uuid_utils import compat

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> UUID:
    """A UUIDv7: new ones sort after old ones."""
    return compat.uuid7()


def new_block_id() -> str:
    """A block's id: eight characters, easy to read aloud, unique within any text."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))
