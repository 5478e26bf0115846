"""Accounts: signing in and out, one's own devices, password and bylines, and the keys behind the tokens."""

import time
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, delete, get, post
from msgspec import UNSET, Meta, UnsetType

from editorial import tokens
from editorial.core.permissions import ANONYMOUS, GRANTS, SYSTEM, Actor, ActorKind, Grant, Role
from editorial.core.refusals import (
    Fault,
    Invalid,
    LinkIsUsedUp,
    NotFound,
    NotSignedIn,
    SessionEnded,
    WrongCredentials,
)
from editorial.db import Database, Domain, load_queries
from editorial.identifiers import new_id
from editorial.settings import Settings
from editorial.tokens import KeyRing, NewPassword, Refresh, SigningKey, UnknownKey
from editorial.web import (
    Cursor,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    person_id_of,
    read_body,
    read_cursor,
    write_cursor,
)

sql = load_queries("accounts")

Email = Annotated[str, Meta(max_length=254, examples=["alesia@newsroom.example"])]
Password = Annotated[str, Meta(max_length=200)]


class SignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who you are, and the proof."""

    email: Email
    password: Password


class RefreshSession(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the answer before."""

    refresh_token: Annotated[str, Meta(max_length=500)]


class ChangePassword(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new password: by the token of an invitation, or by the present password when signed in."""

    new_password: NewPassword
    token: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    current_password: Password | UnsetType = UNSET


class TakeByline(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A public name to sign with."""

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["A. Kalina"])]


class SessionTokens(msgspec.Struct, kw_only=True):
    """What a front end needs to go on in somebody's name."""

    access_token: str
    token_type: str
    expires_in: int
    """Seconds that the access token is good for."""
    refresh_token: str
    """Good for one refresh, which gives the next one."""
    session_id: UUID


class Device(msgspec.Struct, kw_only=True):
    """One place where you are signed in."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    is_this_one: bool


class Me(msgspec.Struct, kw_only=True):
    """Who you are, and what you may do."""

    id: UUID
    display_name: str | None
    email: str | None
    roles: list[Role]
    languages: list[str]
    """The languages that you translate into."""
    bylines: list[str]
    may: list[Grant]
    """What your roles let you do, beside what each object's `allowed_actions` say."""


class KeySet(msgspec.Struct, kw_only=True):
    """The keys that access tokens are verified with (RFC 7517)."""

    keys: list[tokens.PublicKey]


class Accounts:
    """The keys that this process knows, and who stands behind a token."""

    def __init__(self, db: Database, settings: Settings) -> None:
        """Read nothing yet: `ensure_signing_key()` does."""
        self._db = db
        self._settings = settings
        self._ring = self._ring_of([])
        self._read_at = float("-inf")

    def _ring_of(self, keys: list[SigningKey]) -> KeyRing:
        lifetime = timedelta(seconds=self._settings.access_token_seconds)
        return KeyRing(keys, issuer=self._settings.issuer, lifetime=lifetime)

    @property
    def ring(self) -> KeyRing:
        """The keys as they were read last."""
        return self._ring

    async def ensure_signing_key(self) -> None:
        """Make the first key where there is none. Any number of processes may do so at once."""
        async with self._db.acting(SYSTEM, "add_signing_key", Domain.SIGNING_KEY) as tx:
            await sql.lock_signing_keys(tx)
            if not await sql.list_signing_keys(tx):
                key = SigningKey.new()
                await sql.add_signing_key(
                    tx, id=key.id, private_key=key.private_key, refresh_secret=key.refresh_secret
                )
        await self.read_keys()

    async def read_keys(self) -> None:
        """Read the keys again."""
        async with self._db.reading() as connection:
            rows = await sql.list_signing_keys(connection)
        self._ring = self._ring_of([SigningKey(**dict(row)) for row in rows])
        self._read_at = time.monotonic()

    async def _hear_of_new_keys(self) -> None:
        """A token names a key that is not known here: read the keys, at most once a second."""
        if time.monotonic() - self._read_at < 1:
            raise NotSignedIn
        # Before the read, so that a crowd of forged key ids makes one of them.
        self._read_at = time.monotonic()
        await self.read_keys()

    async def authenticate(self, token: str) -> Actor:
        """Who stands behind an access token, as they are now. Raises `NotSignedIn` or `SessionEnded`."""
        try:
            read = self._ring.read_access_token(token)
        except UnknownKey:
            await self._hear_of_new_keys()
            try:
                read = self._ring.read_access_token(token)
            except UnknownKey as fault:
                raise NotSignedIn from fault
        async with self._db.reading() as connection:
            row = await sql.find_actor(connection, session=read.session_id, person=read.person_id)
        if row is None or not row["holds"]:
            raise SessionEnded
        return Actor(
            kind=ActorKind.PERSON,
            id=row["id"],
            roles=frozenset(Role(role) for role in row["roles"]),
            languages=frozenset(row["languages"]),
            session_id=read.session_id,
        )

    async def read_refresh_token(self, token: str) -> tokens.RefreshToken:
        """What a refresh token stands for. Raises `NotSignedIn`."""
        try:
            return self._ring.read_refresh_token(token)
        except UnknownKey:
            await self._hear_of_new_keys()
        try:
            return self._ring.read_refresh_token(token)
        except UnknownKey as fault:
            raise NotSignedIn from fault

    def tokens_for(self, person: UUID, session: UUID, generation: int) -> SessionTokens:
        """A pair of tokens for a session."""
        return SessionTokens(
            access_token=self._ring.write_access_token(person, session),
            token_type="Bearer",  # noqa: S106  # the kind of token, not one
            expires_in=self._settings.access_token_seconds,
            refresh_token=self._ring.write_refresh_token(session, generation),
            session_id=session,
        )


def _as_person(person: UUID) -> Actor:
    return Actor(kind=ActorKind.PERSON, id=person)


@post(
    "/v1/auth/session",
    name="sign_in",
    operation_id="sign_in",
    status_code=200,
    opt=operation(
        takes=SignIn,
        public=True,
        refuses=[WrongCredentials, Invalid],
        example={"email": "alesia@newsroom.example", "password": "nine plain words are easy to remember"},
    ),
)
async def sign_in(
    request: Request[Any, Any, Any], db: Database, accounts: Accounts, settings: Settings
) -> Response[SessionTokens]:
    """Sign in. A wrong name and a wrong password get the same answer in the same time."""
    wanted = (await read_body(request, SignIn)).checked()
    async with db.reading() as connection:
        known = await sql.find_credentials(connection, email=wanted.email)
    kept = known["password_hash"] if known is not None and known["is_active"] else None
    session_id = new_id()
    started = None
    if await tokens.password_fits(wanted.password, kept):
        async with db.acting(_as_person(known["id"]), "sign_in", Domain.SESSION, session_id) as tx:
            started = await sql.start_session(
                tx, id=session_id, person=known["id"], password_hash=kept, days=settings.session_days
            )
    if started is None:
        tried = None if known is None else known["id"]
        async with db.acting(ANONYMOUS, "sign_in_failed", Domain.PERSON, tried) as tx:
            await sql.record_attempt(tx)
        raise WrongCredentials
    return answer(accounts.tokens_for(known["id"], session_id, 1))


@post(
    "/v1/auth/session/refresh",
    name="refresh_session",
    operation_id="refresh_session",
    status_code=200,
    opt=operation(
        takes=RefreshSession,
        public=True,
        refuses=[NotSignedIn, SessionEnded, Invalid],
        example={"refresh_token": "the refresh token of the answer before"},
    ),
)
async def refresh_session(
    request: Request[Any, Any, Any], db: Database, accounts: Accounts
) -> Response[SessionTokens]:
    """Get new tokens for old. A refresh token that is used twice ends the session, but for a quick retry."""
    wanted = (await read_body(request, RefreshSession)).checked()
    read = await accounts.read_refresh_token(wanted.refresh_token)
    async with db.acting(ANONYMOUS, "refresh", Domain.SESSION, read.session_id) as tx:
        session = await sql.lock_session(tx, id=read.session_id)
        if session is None or not session["holds"]:
            raise SessionEnded
        person, generation = session["person_id"], session["generation"]
        step = tokens.refresh_step(read.generation, generation, session["since_rotation"])
        if step is Refresh.ROTATE:
            await db.step(tx, _as_person(person), "refresh", Domain.SESSION, read.session_id)
            generation = await sql.rotate_session(tx, id=read.session_id)
        elif step is Refresh.REUSE:
            await db.step(tx, _as_person(person), "refresh_reuse", Domain.SESSION, read.session_id)
            await sql.end_session(tx, id=read.session_id, person=person, because="refresh_reuse")
    if step in {Refresh.REUSE, Refresh.NOT_YET}:
        raise SessionEnded
    return answer(accounts.tokens_for(person, read.session_id, generation))


@delete(
    "/v1/auth/session", name="sign_out", operation_id="sign_out", status_code=204, opt=operation(refuses=[])
)
async def sign_out(db: Database, actor: Actor) -> None:
    """Sign out here. The tokens are void at once."""
    async with db.acting(actor, "sign_out", Domain.SESSION, actor.session_id) as tx:
        await sql.end_session(tx, id=actor.session_id, person=actor.person_id, because="sign_out")


@get("/v1/auth/sessions", name="list_sessions", operation_id="list_sessions", opt=operation(refuses=[]))
async def list_sessions(
    request: Request[Any, Any, Any], db: Database, actor: Actor, limit: Limit = 25, cursor: Cursor = None
) -> Response[Page[Device]]:
    """List the places where you are signed in, newest first."""
    after = read_cursor(cursor, tuple[UUID])
    async with db.reading() as connection:
        rows = await sql.list_sessions(
            connection, person=person_id_of(actor), after=after[0] if after else None, page=limit + 1
        )
    page = Page(
        data=[
            Device(
                id=row["id"],
                created_at=row["created_at"],
                refreshed_at=row["rotated_at"],
                expires_at=row["expires_at"],
                is_this_one=row["id"] == actor.session_id,
            )
            for row in rows[:limit]
        ]
    )
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["id"])
    return page_response(request, page)


@delete(
    "/v1/auth/sessions/{id:uuid}",
    name="end_session",
    operation_id="end_session",
    status_code=204,
    opt=operation(refuses=[NotFound]),
)
async def end_session(db: Database, actor: Actor, id: UUID) -> None:
    """Sign out on one of your devices."""
    async with db.acting(actor, "sign_out", Domain.SESSION, id) as tx:
        if await sql.end_session(tx, id=id, person=actor.person_id, because="sign_out") is None:
            raise NotFound


@delete(
    "/v1/auth/sessions",
    name="end_all_sessions",
    operation_id="end_all_sessions",
    status_code=204,
    opt=operation(refuses=[]),
)
async def end_all_sessions(db: Database, actor: Actor) -> None:
    """Sign out everywhere, here too."""
    async with db.acting(actor, "sign_out", Domain.PERSON, actor.id) as tx:
        await sql.end_sessions(tx, person=actor.person_id, except_session=None, because="sign_out")


@post(
    "/v1/auth/password",
    name="change_password",
    operation_id="change_password",
    status_code=204,
    opt=operation(
        takes=ChangePassword,
        public=True,
        refuses=[NotSignedIn, WrongCredentials, LinkIsUsedUp, Invalid],
        example={
            "token": "the token of an invitation",
            "new_password": "nine plain words are easy to remember",
        },
    ),
)
async def change_password(request: Request[Any, Any, Any], db: Database) -> None:
    """Set a password by an invitation, or change yours. Your other sessions end."""
    wanted = (await read_body(request, ChangePassword)).checked()
    if wanted.token is not UNSET and wanted.current_password is UNSET:
        await _set_by_link(db, wanted.token, wanted.new_password)
    elif wanted.current_password is not UNSET and wanted.token is UNSET:
        actor = request.scope.get("user")
        if not isinstance(actor, Actor):
            raise NotSignedIn
        await _change_own(db, actor, wanted.current_password, wanted.new_password)
    else:
        detail = "Either the token of an invitation, or the current password."
        raise Invalid(faults=[Fault(pointer="/token", detail=detail, code="one_of")])


async def _set_by_link(db: Database, token: str, password: str) -> None:
    key = tokens.hash_of_link(token)
    async with db.reading() as connection:
        person = await sql.find_link(connection, token_hash=key)
    if person is None:
        raise LinkIsUsedUp
    hashed = await tokens.hash_password(password)
    async with db.acting(
        _as_person(person), "accept_invitation", Domain.PERSON, person, lock=(Domain.PERSON, person)
    ) as tx:
        if await sql.spend_link(tx, token_hash=key) is None:
            raise LinkIsUsedUp
        if await sql.set_password(tx, person=person, password_hash=hashed) is None:
            raise LinkIsUsedUp
        await sql.void_links(tx, person=person)
        await sql.end_sessions(tx, person=person, except_session=None, because="password_change")


async def _change_own(db: Database, actor: Actor, current: str, password: str) -> None:
    async with db.reading() as connection:
        known = await sql.find_own_credentials(connection, person=actor.person_id)
    if known is None or not await tokens.password_fits(current, known["password_hash"]):
        async with db.acting(actor, "change_password_failed", Domain.PERSON, actor.id) as tx:
            await sql.record_attempt(tx)
        raise WrongCredentials
    hashed = await tokens.hash_password(password)
    async with db.acting(actor, "change_password", Domain.PERSON, actor.id) as tx:
        changed = await sql.change_password(
            tx, person=actor.person_id, was=known["password_hash"], password_hash=hashed
        )
        if changed is None:
            raise WrongCredentials
        await sql.end_sessions(
            tx, person=actor.person_id, except_session=actor.session_id, because="password_change"
        )


@get(
    "/.well-known/jwks.json",
    name="get_keys",
    operation_id="get_keys",
    opt=operation(public=True, refuses=[]),
)
async def get_keys(accounts: Accounts) -> Response[KeySet]:
    """Read the keys that access tokens are verified with."""
    response = answer(KeySet(keys=accounts.ring.public_keys()))
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


async def _me(db: Database, actor: Actor) -> Me:
    async with db.reading() as connection:
        row = await sql.get_me(connection, person=person_id_of(actor))
    roles = [Role(role) for role in row["roles"]]
    return Me(
        id=row["id"],
        display_name=row["display_name"],
        email=row["email"],
        roles=roles,
        languages=row["languages"],
        bylines=row["bylines"],
        may=list(dict.fromkeys(one for role in roles for one in GRANTS[role])),
    )


@get("/v1/me", name="get_me", operation_id="get_me", opt=operation(refuses=[]))
async def get_me(db: Database, actor: Actor) -> Response[Me]:
    """Read who you are and what you may do."""
    return answer(await _me(db, actor))


@post(
    "/v1/me/bylines",
    name="take_byline",
    operation_id="take_byline",
    status_code=201,
    opt=operation(takes=TakeByline, refuses=[Invalid], example={"name": "A. Kalina"}),
)
async def take_byline(request: Request[Any, Any, Any], db: Database, actor: Actor) -> Response[Me]:
    """Take a public name to sign with. Only coordinators can learn whose it is."""
    wanted = (await read_body(request, TakeByline)).checked()
    # A random id: one with a time in it would lead, by the trail's times, to who took it.
    async with db.acting(actor, "take_byline", Domain.PERSON, actor.id) as tx:
        await sql.take_byline(tx, id=uuid4(), name=wanted.name)
    return answer(await _me(db, actor), status=201)


ROUTES = [
    sign_in,
    refresh_session,
    sign_out,
    list_sessions,
    end_session,
    end_all_sessions,
    change_password,
    get_keys,
    get_me,
    take_byline,
]
