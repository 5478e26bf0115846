"""Passwords: what is kept of them, and how much of the machine they may take."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypeVar

from msgspec import Meta
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from editorial.core.normalisation import Form, clean
from editorial.core.refusals import ServerIsBusy

T = TypeVar("T")

NewPassword = Annotated[
    str,
    Meta(
        min_length=12,
        max_length=200,
        pattern=r"\S",
        description="A password, 12 to 200 characters, not all of them blanks. It is taken as it is typed.",
        examples=["nine plain words are easy to remember"],
    ),
    Form.AS_TYPED,
]

Password = Annotated[str, Meta(max_length=200), Form.AS_TYPED]
"""A password that is to be the one that is kept."""

# Named, not taken from the library: a hash that is compared in vain has to cost what a real one does.
_PASSWORDS = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=65_536, parallelism=4),))
_NOBODYS_HASH = f"$argon2id$v=19$m=65536,t=3,p=4${'A' * 22}${'A' * 43}"

AT_ONCE = min(4, os.cpu_count() or 1)
"""How many hashes are made at once. Each takes 64 MiB, and a core."""
MAY_WAIT = 32
"""How many may wait for that. At a tenth of a second each, later requests would wait too long."""

_HASHING = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
_in_hand = 0


async def _in_a_thread(work: Callable[[], T]) -> T:
    """Do something costly off the event loop. Raises `ServerIsBusy` where too many wait already."""
    global _in_hand
    if _in_hand >= AT_ONCE + MAY_WAIT:
        raise ServerIsBusy
    _in_hand += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_HASHING, work)
    finally:
        _in_hand -= 1


def _prepared(password: str) -> str:
    """A password as it is hashed: NFC, each blank as ASCII's, and nothing taken away (RFC 8265, 4.2).

    Raises `ValueError` for control characters.
    """
    clean(password)
    blanks = "".join(" " if unicodedata.category(one) == "Zs" else one for one in password)
    return unicodedata.normalize("NFC", blanks)


async def hash_password(password: str) -> str:
    """What is kept of a password: Argon2id. Raises `ValueError` for control characters."""
    written = _prepared(password)
    return await _in_a_thread(lambda: _PASSWORDS.hash(written))


async def password_fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one of this hash. Where there is no hash, the answer takes as long."""
    written = _prepared(password)
    fits = await _in_a_thread(lambda: _PASSWORDS.verify(written, kept or _NOBODYS_HASH))
    return fits and kept is not None
