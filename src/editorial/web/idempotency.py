"""Idempotency keys: a request that is sent twice is carried out once, and answered alike.

The answer is stored in the transaction of the work, encrypted with the key that the client chose: without
that key, nothing in the database can be read or found. docs/adr/0015-one-answer-for-one-key.md has the reasons.
"""

import hashlib
import hmac
import os
import re
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar.types import Scope

from editorial.core.permissions import Actor, Role
from editorial.core.refusals import InternalError, Malformed
from editorial.database.access import ObjectKind
from editorial.database.queries import load_queries
from editorial.locales import Message

HEADER = "Idempotency-Key"
REPLAYED = (b"idempotency-replayed", b"true")
sql: Any = load_queries("web/idempotency")


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The first answer to a request, and the actor who got it."""

    asked: bytes
    """A hash of what was asked."""
    roles: frozenset[Role]
    """The person's roles then. A person who has lost a role or language does not get the answer again."""
    languages: frozenset[str]
    on: ObjectKind | None
    object_id: UUID | None
    """What the work was done on."""
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Key:
    """One person's key: where its answer is kept, and what it is sealed with."""

    def __init__(self, actor: Actor, written: bytes) -> None:
        """Derive both from the key and its actor, so that the keys of two people never collide."""
        derived = hmac.digest(written, f"{actor.kind}:{actor.id}".encode(), hashlib.sha512)
        self.id = derived[:32]
        self._secret = derived[32:]

    def sealed(self, answer: KeptAnswer) -> bytes:
        """The answer as only this key can read it."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self._secret).encrypt(nonce, msgspec.msgpack.encode(answer), self.id)

    def opened(self, sealed: bytes) -> KeptAnswer:
        """The answer that was sealed with this key."""
        try:
            written = AESGCM(self._secret).decrypt(sealed[:12], sealed[12:], self.id)
        except InvalidTag as fault:
            raise InternalError from fault
        return msgspec.msgpack.decode(written, type=KeptAnswer)

    @property
    def opening(self) -> str:
        """The SQL that lets one request with this key begin."""
        return f"select begin_idempotent_request('\\x{self.id.hex()}')"

    def keeping(self, answer: KeptAnswer) -> str:
        """The SQL that keeps an answer."""
        return f"select keep_idempotency_record('\\x{self.id.hex()}', '\\x{self.sealed(answer).hex()}')"


def key_of(scope: Scope, actor: Actor) -> Key | None:
    """The key that a request carries, if it has one. Raises `Malformed` for what is none."""
    given = [value for name, value in scope["headers"] if name == HEADER.lower().encode()]
    if not given:
        return None
    if len(given) > 1 or not re.fullmatch(rb"[\x21-\x7e]{1,255}", given[0]):
        raise Malformed(Message("request.idempotency-key"))
    return Key(actor, given[0])


def asked(scope: Scope, body: bytes) -> bytes:
    """A hash of what a request asks for: two that differ in it are two requests."""
    parts = (scope["path"].encode(), scope["query_string"], body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).digest()
