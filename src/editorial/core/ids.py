"""Ids: UUIDv7 (RFC 9562) for the desk, random ones where a time would tell too much, short ones of blocks."""

import secrets
from uuid import UUID, uuid4

from uuid_utils import compat

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> UUID:
    """A UUIDv7: new ones sort after old ones."""
    return compat.uuid7()


def new_random_id() -> UUID:
    """A UUIDv4, for what others see who may not know when it was made: commentaries, people, bylines."""
    return uuid4()


def new_block_id() -> str:
    """A block's id: eight characters, easy to read aloud, unique within any text."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))
