"""Access tokens, refresh tokens, links and service tokens: how they are made, and how they are checked.

An access token is a JWT that names a person and a session, and nothing that can change: roles are read
from the database. Refresh tokens are derived from the session and its generation, and links from their
row, so that none is kept: two tabs that refresh at once get the same successor, and a mail that is sent
again leads to the same place. Of service tokens, which are not derived, only hashes are kept.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, cast
from uuid import UUID, uuid4

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta

from editorial.core.refusals import NotSignedIn
from editorial.locales import Message

AUDIENCE = "editorial"
OVERLAP = timedelta(days=1)
"""How long a retired key still verifies: as long as the longest access token lives."""
GRACE = timedelta(minutes=1)
"""How long a retired key may still sign where the clocks of two processes, or their keys, differ a little."""
REPEAT = timedelta(seconds=30)
"""How long the previous refresh token still gets the present one: for a client's own retry."""

REMEMBERED = 10_000
"""How many verified tokens a ring caches. A signature stays valid; its time and its key may not, and are
checked each time."""

_LONGEST_TOKEN = 2_000
_REFRESH_TOKEN = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{32})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})")


class UnknownKey(LookupError):
    """A token that names a key which is not in the ring: forged, or made by a newer key."""


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """The person and session that an access token names."""

    person_id: UUID
    session_id: UUID


class RefreshToken(msgspec.Struct, frozen=True, kw_only=True):
    """The session and generation that a refresh token names."""

    session_id: UUID
    generation: int


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that access tokens are verified with (RFC 8037)."""

    kid: str
    x: str
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that signs access tokens, and the secret that refresh tokens are derived from."""

    id: str
    private_key: bytes
    """Ed25519, PKCS 8 in DER."""
    refresh_secret: bytes
    signs: bool = True
    """Whether it signs already: a new key is published everywhere first."""
    retired_at: datetime | None = None
    """When it stops signing. May be in the future."""

    def __repr__(self) -> str:
        """Show no secret: a repr ends up in logs."""
        return f"SigningKey({self.id!r})"

    @classmethod
    def new(cls) -> "SigningKey":
        """A new random key."""
        return cls(
            id=secrets.token_hex(8),
            private_key=Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            refresh_secret=secrets.token_bytes(32),
        )


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only header that an access token of ours has."""

    alg: Literal["EdDSA"]
    typ: Literal["at+jwt"]
    kid: str


Instant = Annotated[int, Meta(ge=0, le=2**40)]


class _Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of our access tokens. Every claim is required."""

    iss: str
    aud: Literal["editorial"]
    sub: UUID
    sid: UUID
    jti: UUID
    iat: Instant
    exp: Instant


class _Verified(NamedTuple):
    """A verified token: its content, its key, and when it expires."""

    read: AccessToken
    key: str
    expires: int


class KeyRing:
    """The known keys, newest first. It signs tokens with one key and verifies them with all."""

    def __init__(self, keys: Sequence[SigningKey], *, issuer: str, lifetime: timedelta) -> None:
        """Sign as `issuer`; an access token is valid for `lifetime`."""
        self._keys = {key.id: key for key in keys}
        self._private = {key.id: _private(key) for key in keys}
        self._issuer = issuer
        self._lifetime = lifetime
        self._verified: dict[str, _Verified] = {}

    @property
    def present(self) -> SigningKey:
        """The key that signs: the newest active one. Raises `LookupError` where there is none."""
        for key in self._keys.values():
            if key.signs and (key.retired_at is None or datetime.now(UTC) < key.retired_at + GRACE):
                return key
        raise LookupError("there is no signing key")

    def write_access_token(self, person_id: UUID, session_id: UUID) -> str:
        """A signed token for a person in a session."""
        now = datetime.now(UTC)
        key = self.present
        return jwt.encode(
            {
                "iss": self._issuer,
                "aud": AUDIENCE,
                "sub": str(person_id),
                "sid": str(session_id),
                "jti": str(uuid4()),
                "iat": int(now.timestamp()),
                "exp": int((now + self._lifetime).timestamp()),
            },
            self._private[key.id],
            algorithm="EdDSA",
            headers={"typ": "at+jwt", "kid": key.id},
        )

    def read_access_token(self, token: str) -> AccessToken:
        """Verify an access token. Raises `NotSignedIn`, or `UnknownKey` where its key is not in the ring."""
        if token in self._verified:
            return self._read_again(token)
        key = self._verifying(_kid_of(token))
        try:
            claims = msgspec.convert(
                jwt.decode(
                    token,
                    self._private[key.id].public_key(),
                    algorithms=["EdDSA"],
                    audience=AUDIENCE,
                    issuer=self._issuer,
                    # The clocks of two of our processes may differ: `iat` is read, not checked.
                    options={"require": list(_Claims.__struct_fields__), "verify_iat": False},
                ),
                _Claims,
            )
        except (jwt.PyJWTError, msgspec.ValidationError) as fault:
            raise NotSignedIn(Message("reason.access-token-invalid")) from fault
        read = AccessToken(person_id=claims.sub, session_id=claims.sid)
        if len(self._verified) >= REMEMBERED:
            # The oldest entry, since a dictionary keeps its order.
            del self._verified[next(iter(self._verified))]
        self._verified[token] = _Verified(read, key.id, claims.exp)
        return read

    def _read_again(self, token: str) -> AccessToken:
        """A token with a valid signature: check its expiry and its key again."""
        verified = self._verified[token]
        try:
            self._verifying(verified.key)
            if verified.expires <= time.time():
                raise NotSignedIn(Message("reason.access-token-invalid"))
        except (NotSignedIn, UnknownKey):
            del self._verified[token]
            raise
        return verified.read

    def write_refresh_token(self, session_id: UUID, generation: int) -> str:
        """The refresh token of a session's generation: always the same one, as long as the key is."""
        return _refresh_token(self.present, session_id, generation)

    def read_refresh_token(self, token: str) -> RefreshToken:
        """Decode a refresh token. Raises `NotSignedIn`, or `UnknownKey` as above.

        A retired key's refresh tokens stay good: the session they belong to ends by itself.
        """
        found = _REFRESH_TOKEN.fullmatch(token)
        if found is None:
            raise _not_our_refresh_token()
        kid, session, generation, _ = found.groups()
        if kid not in self._keys:
            raise UnknownKey(kid)
        read = RefreshToken(session_id=UUID(session), generation=int(generation))
        expected = _refresh_token(self._keys[kid], read.session_id, read.generation)
        if not hmac.compare_digest(expected, token):
            raise _not_our_refresh_token()
        return read

    def derive(self, purpose: str, *parts: str) -> str:
        """A secret derived from these words and the present key, the same in every process."""
        return _derived(self.present, purpose, *parts)

    def derives(self, secret: str, purpose: str, *parts: str) -> bool:
        """Whether a key of ours, present or past, has derived this."""
        # Try every key, so that the time does not show which one matched.
        found = [
            hmac.compare_digest(_derived(key, purpose, *parts).encode(), secret.encode(errors="replace"))
            for key in self._keys.values()
        ]
        return any(found)

    def public_keys(self) -> list[PublicKey]:
        """The keys that others can verify our access tokens with."""
        return [
            PublicKey(kid=key.id, x=_base64url(self._private[key.id].public_key().public_bytes_raw()))
            for key in self._keys.values()
            if _verifies(key)
        ]

    def _verifying(self, kid: str) -> SigningKey:
        if kid not in self._keys:
            raise UnknownKey(kid)
        key = self._keys[kid]
        if not _verifies(key):
            raise NotSignedIn(Message("reason.access-token-old-key"))
        return key


def _private(key: SigningKey) -> Ed25519PrivateKey:
    return cast(Ed25519PrivateKey, serialization.load_der_private_key(key.private_key, password=None))


def _verifies(key: SigningKey) -> bool:
    return key.retired_at is None or datetime.now(UTC) < key.retired_at + OVERLAP


def _kid_of(token: str) -> str:
    """The key that a token names. A header that is not exactly ours is no access token."""
    try:
        if len(token) > _LONGEST_TOKEN:
            raise ValueError("the token is too long")
        head = token.partition(".")[0].encode("ascii")
        written = base64.b64decode(head + b"=" * (-len(head) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(written, type=_Header).kid
    except (ValueError, msgspec.MsgspecError) as fault:
        raise NotSignedIn(Message("reason.no-access-token")) from fault


def _refresh_token(key: SigningKey, session_id: UUID, generation: int) -> str:
    named = f"{key.id}.{session_id.hex}.{generation}"
    proof = hmac.digest(key.refresh_secret, f"refresh token {named}".encode(), "sha256")
    return f"{named}.{_base64url(proof)}"


def _derived(key: SigningKey, purpose: str, *parts: str) -> str:
    return _base64url(hmac.digest(key.refresh_secret, "\0".join((purpose, *parts)).encode(), "sha256"))


def _not_our_refresh_token() -> NotSignedIn:
    return NotSignedIn(Message("reason.refresh-token-invalid"))


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class Refresh(StrEnum):
    """What a refresh token leads to."""

    ROTATE = "rotate"
    """It is the present one: the next one takes its place."""
    REPEAT = "repeat"
    """It was replaced recently, and the answer may be lost: return the present one again."""
    REUSE = "reuse"
    """It was replaced earlier, so a copy exists. The session ends."""
    NOT_YET = "not_yet"
    """It is newer than the database, which was restored from a backup. Nothing happens."""


def refresh_step(presented: int, present: int, since_rotation: timedelta) -> Refresh:
    """What a token of generation `presented` leads to in a session at generation `present`."""
    if presented == present:
        return Refresh.ROTATE
    if presented > present:
        return Refresh.NOT_YET
    if presented == present - 1 and since_rotation <= REPEAT:
        return Refresh.REPEAT
    return Refresh.REUSE


SERVICE_TOKEN = re.compile(r"editorial_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
"""The format of a service token, which secret scanners can also recognise in repositories."""


def new_service_token() -> str:
    """A new random service token."""
    return f"editorial_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def prefix_of(service_token: str) -> str:
    """The part of a service token that may be shown, so that people can tell them apart."""
    return service_token[:18]


def hash_of(token: str) -> bytes:
    """The stored hash of a link or a service token. The secret is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()
