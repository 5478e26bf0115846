"""Authentication: the actor of a request, and the keys that verify its token."""

import time
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from editorial.core.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from editorial.core.refusals import NotSignedIn, SessionEnded
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, Connection, Many, One, Queries, Row, Value
from editorial.identity import tokens
from editorial.identity.actor_cache import Actors
from editorial.identity.tokens import KeyRing, RefreshToken, SigningKey, UnknownKey
from editorial.locales import Message
from editorial.settings import Settings


class ActorRow(Row):
    """Who stands behind an access token, and whether the session still holds."""

    id: UUID
    own_language: str | None
    ended_because: str | None
    holds: bool
    seconds: float
    roles: list[str]
    languages: list[str]
    has_totp: bool


class ServiceRow(Row):
    """Which service stands behind a token."""

    id: UUID
    scopes: list[str]
    seconds: float
    use_is_news: bool


class SigningKeyRow(Row):
    """A key that signs or verifies access tokens."""

    id: str
    private_key: bytes
    refresh_secret: bytes
    signs: bool
    retired_at: datetime | None

    def __repr__(self) -> str:
        """Show no secret: a repr ends up in logs."""
        return f"SigningKeyRow({self.id!r})"


class SigningKeyTimes(Row):
    """When a key came, and what became of it."""

    id: str
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None
    distrusted_at: datetime | None


class _Queries(Queries, file="identity/authentication"):
    find_actor: One[ActorRow]
    find_service: One[ServiceRow]
    note_use: Command
    lock_signing_keys: Value[None]
    list_signing_keys: Many[SigningKeyRow]
    list_all_signing_keys: Many[SigningKeyTimes]
    add_signing_key: Command
    retire_signing_keys: Command
    distrust_signing_keys: Command
    distrust_signing_key: Value[str | None]


sql = _Queries()

FRESH_SECONDS = 2
"""How old the cached keys of a process may be before it reads them again."""

ENDED = {
    "refresh_reuse": Message("reason.session-refresh-reuse"),
    "password_change": Message("reason.session-password-change"),
    "totp_change": Message("reason.session-totp-change"),
    "sign_out": Message("reason.session-sign-out"),
}
"""What the holder of a token reads when the session has ended. Other reasons stay private."""


class Credentials:
    """The keys that this process has read, and the actor of a token."""

    def __init__(self, db: Database, settings: Settings) -> None:
        """Read nothing yet: `ensure_signing_key()` does."""
        self._db = db
        self.actors = Actors()
        self._settings = settings
        self._keys: list[SigningKey] = []
        self._ring = self._ring_of(self._keys)
        self._read_at = float("-inf")

    def _ring_of(self, keys: list[SigningKey]) -> KeyRing:
        lifetime = timedelta(seconds=self._settings.access_token_seconds)
        return KeyRing(keys, issuer=self._settings.issuer, lifetime=lifetime)

    async def ring(self) -> KeyRing:
        """The keys, at most a few seconds old."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            await self.read_keys()
        return self._ring

    async def ensure_signing_key(self) -> None:
        """Make the first key where there is none. Any number of processes may call this at once."""
        async with self._db.write(SYSTEM, "add_signing_key", ObjectKind.SIGNING_KEY) as tx:
            await sql.lock_signing_keys(tx)
            if not await sql.list_signing_keys(tx):
                await _add_key(tx, seconds=0)
        await self.read_keys()

    async def read_keys(self) -> None:
        """Read the keys again."""
        # Set before the read, so that many forged key ids cause one read only.
        self._read_at = time.monotonic()
        async with self._db.read() as connection:
            rows = await sql.list_signing_keys(connection)
        keys = [SigningKey(**msgspec.structs.asdict(row)) for row in rows]
        # A ring caches valid tokens, so replace it only where a key is new, gone or retired.
        if keys != self._keys:
            self._keys, self._ring = keys, self._ring_of(keys)

    async def _ring_that_knows(self) -> KeyRing:
        """Read the keys, at most once a second: a token names a key that this process has not read."""
        if time.monotonic() - self._read_at < 1:
            raise NotSignedIn
        await self.read_keys()
        return self._ring

    async def authenticate(self, token: str) -> Actor:
        """The actor of a token, with current roles. Raises `NotSignedIn` or `SessionEnded`."""
        if token.startswith("editorial_"):
            return await self._service(token)
        ring = await self.ring()
        try:
            read = ring.read_access_token(token)
        except UnknownKey:
            ring = await self._ring_that_knows()
            try:
                read = ring.read_access_token(token)
            except UnknownKey as fault:
                raise NotSignedIn from fault
        return await self._person(read.session_id, read.person_id)

    async def _person(self, session: UUID, person: UUID) -> Actor:
        known = self.actors.find((session, person))
        if known is not None:
            return known
        age = self.actors.age
        async with self._db.read() as connection:
            row = await sql.find_actor(connection, session=session, person=person)
        if row is None or not row.holds:
            raise SessionEnded(ENDED.get(row.ended_because or "") if row is not None else None)
        roles = frozenset(Role(role) for role in row.roles)
        actor = Actor(
            kind=ActorKind.PERSON,
            id=row.id,
            roles=roles,
            languages=frozenset(row.languages),
            must_set_up_totp=not row.has_totp and self._settings.requires_totp(roles),
            session_id=session,
            own_language=row.own_language,
        )
        self.actors.keep((session, person), actor, age=age, seconds=row.seconds)
        return actor

    async def _service(self, token: str) -> Actor:
        if not tokens.SERVICE_TOKEN.fullmatch(token):
            raise NotSignedIn(Message("reason.service-token-unknown"))
        token_hash = tokens.hash_of(token)
        known = self.actors.find(token_hash)
        if known is not None:
            return known
        age = self.actors.age
        async with self._db.read() as connection:
            row = await sql.find_service(connection, token_hash=token_hash)
            if row is None:
                raise NotSignedIn(Message("reason.service-token-invalid"))
            if row.use_is_news:
                await sql.note_use(connection, id=row.id)
        service = Actor(
            kind=ActorKind.SERVICE, id=row.id, scopes=frozenset(Scope(scope) for scope in row.scopes)
        )
        self.actors.keep(token_hash, service, age=age, seconds=row.seconds)
        return service

    async def read_refresh_token(self, token: str) -> RefreshToken:
        """Decode a refresh token. Raises `NotSignedIn`."""
        ring = await self.ring()
        try:
            return ring.read_refresh_token(token)
        except UnknownKey:
            ring = await self._ring_that_knows()
        try:
            return ring.read_refresh_token(token)
        except UnknownKey as fault:
            raise NotSignedIn from fault


async def _add_key(tx: Connection, *, seconds: int) -> str:
    key = SigningKey.new()
    await sql.add_signing_key(
        tx, id=key.id, private_key=key.private_key, refresh_secret=key.refresh_secret, seconds=seconds
    )
    return key.id


ANNOUNCED_SECONDS = 120
"""How long a new key is published before it signs: longer than a client may cache the key set."""


async def rotate_keys(db: Database, *, after: int = ANNOUNCED_SECONDS, distrust: bool = False) -> str:
    """Add a key that signs after so many seconds, when the present ones stop. Returns its id.

    `distrust` is for an emergency: the new key signs now, and nothing that the others made is taken.
    """
    async with db.write(SYSTEM, "rotate_signing_keys", ObjectKind.SIGNING_KEY) as tx:
        await sql.lock_signing_keys(tx)
        seconds = 0 if distrust else after
        await sql.retire_signing_keys(tx, seconds=seconds)
        if distrust:
            await sql.distrust_signing_keys(tx)
        return await _add_key(tx, seconds=seconds)


async def distrust_key(db: Database, key: str) -> bool:
    """Reject everything that a retired key has made. Returns whether there is such a key."""
    async with db.write(SYSTEM, "distrust_signing_key", ObjectKind.SIGNING_KEY) as tx:
        await sql.lock_signing_keys(tx)
        return await sql.distrust_signing_key(tx, id=key) is not None
