"""Signing in and out, sessions, passwords, and one's own account."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from msgspec import UNSET, Meta, UnsetType

from editorial.core.permissions import SYSTEM, Actor, ActorKind, Role
from editorial.core.permissions import ANONYMOUS as NOBODY
from editorial.core.refusals import (
    Fault,
    Invalid,
    LinkIsUsedUp,
    NotFound,
    NotSignedIn,
    SessionEnded,
    WrongCredentials,
)
from editorial.db import Connection, Database, Domain, load_queries
from editorial.identifiers import new_id
from editorial.settings import Settings
from editorial.tokens import (
    KeyRing,
    NewPassword,
    PublicKey,
    Refresh,
    SigningKey,
    UnknownKey,
    hash_of_link,
    hash_password,
    password_fits,
    refresh_step,
)
from editorial.web import (
    Cursor,
    Limit,
    Page,
    operation,
    page_response,
    person_id_of,
    read_body,
    read_cursor,
    write_cursor,
)

sql = load_queries("accounts")

T = TypeVar("T")

MAY: dict[Role, tuple[str, ...]] = {
    Role.ANALYST: ("create_commentary",),
    Role.TRANSLATOR: ("claim_translation_tasks",),
    Role.COORDINATOR: (
        "review_commentaries",
        "publish_editions",
        "assign_translation_tasks",
        "change_sections",
        "list_people",
        "read_editorial_trail",
    ),
    Role.ADMINISTRATOR: ("invite_people", "change_people", "list_people", "read_accounts_trail"),
}
"""What a role opens, in words for a front end's menu. What can be done to one object, the object says."""

OwnPassword = Annotated[str, Meta(min_length=1, max_length=200)]


class SignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who you are, and the proof."""

    email: Annotated[str, Meta(min_length=1, max_length=254, examples=["hanna@newsroom.example"])]
    """Capitals do not matter."""
    password: OwnPassword


class TokenPair(msgspec.Struct, kw_only=True):
    """An access token for the next minutes, and a refresh token for the one after it."""

    access_token: str
    expires_in: int
    """In how many seconds the access token runs out."""
    refresh_token: str
    """Good for one use. A client that did not hear the answer may repeat it within 30 seconds."""
    session_id: UUID
    token_type: Literal["Bearer"] = "Bearer"


class RefreshSession(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The refresh token that came last."""

    refresh_token: Annotated[str, Meta(max_length=200)]


class Session(msgspec.Struct, kw_only=True):
    """A device that is signed in."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    """When it last took a new pair of tokens."""
    expires_at: datetime
    is_this_one: bool
    """Whether the request came from it."""


class SetPassword(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new password, with the token of an invitation or a reset, or else with the present password."""

    new_password: NewPassword
    token: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    """From the link. It proves who you are: no sign-in is needed."""
    current_password: OwnPassword | UnsetType = UNSET
    """Needs a sign-in."""


class KeySet(msgspec.Struct, kw_only=True):
    """The public keys of our access tokens, as JWKS (RFC 7517)."""

    keys: list[PublicKey]


class Me(msgspec.Struct, kw_only=True):
    """Your own account."""

    id: UUID
    display_name: str
    email: str
    roles: list[Role]
    languages: list[str]
    """The languages that you translate into."""
    bylines: list[str]
    """The public names that you can sign with. Nobody but the coordinators knows whose they are."""
    may: list[str]
    """What your roles open to you, for a menu."""


class TakeByline(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A public name."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern="^[^\n\t]+$", examples=["M. Viarba"])]


class Byline(msgspec.Struct, kw_only=True):
    """A public name that you can sign with."""

    name: str


class Accounts:
    """Who stands behind a token. Keeps the keys in memory, and nothing about anybody."""

    KEYS_STAY_FRESH = 300.0
    """After so many seconds the keys are read again, so that a retired one signs no longer."""
    SECONDS_BETWEEN_LOOKS = 1.0
    """An unknown key may be a new one: it is looked for, but not for each forged token."""

    def __init__(self, db: Database, settings: Settings) -> None:
        """Look into `db`; nothing is read before it is needed."""
        self._db = db
        self._issuer = settings.issuer
        self._lifetime = timedelta(seconds=settings.access_token_seconds)
        self._ring = KeyRing((), issuer=self._issuer, lifetime=self._lifetime)
        self._read_at = float("-inf")
        self._turn = asyncio.Lock()

    async def authenticate(self, token: str) -> Actor:
        """Who sends this access token, as the database knows them now.

        Raises `NotSignedIn` for what is no good token, `SessionEnded` where its session is over.
        """
        claims = await self._read(lambda ring: ring.read_access_token(token))
        async with self._db.reading() as connection:
            found = await sql.find_actor(connection, session=claims.session_id, person=claims.person_id)
        if found is None:
            raise NotSignedIn
        if not found["holds"]:
            raise SessionEnded
        return Actor(
            kind=ActorKind.PERSON,
            id=claims.person_id,
            roles=frozenset(Role(role) for role in found["roles"]),
            languages=frozenset(found["languages"]),
            session_id=claims.session_id,
        )

    async def ensure_signing_key(self) -> None:
        """Make the first key where there is none. Any number of processes may do this at once."""
        async with self._db.acting(SYSTEM, "create_signing_key", Domain.SIGNING_KEY) as tx:
            await sql.lock_signing_keys(tx)
            if not await sql.list_signing_keys(tx):
                await _add_key(tx)
        await self.keys(not_older_than=0)

    async def rotate_signing_key(self, actor: Actor = SYSTEM) -> None:
        """Sign with a new key from now on. The old one verifies until its last token has run out."""
        async with self._db.acting(actor, "rotate_signing_key", Domain.SIGNING_KEY) as tx:
            await sql.lock_signing_keys(tx)
            await sql.retire_signing_keys(tx)
            await _add_key(tx)
        await self.keys(not_older_than=0)

    async def keys(self, *, not_older_than: float = KEYS_STAY_FRESH) -> KeyRing:
        """The keys, read again where they were read more than so many seconds ago."""
        async with self._turn:
            if monotonic() - self._read_at >= not_older_than:
                async with self._db.reading() as connection:
                    rows = await sql.list_signing_keys(connection)
                self._ring = KeyRing(
                    [SigningKey(**dict(row)) for row in rows],
                    issuer=self._issuer,
                    lifetime=self._lifetime,
                )
                self._read_at = monotonic()
            return self._ring

    async def pair(self, person_id: UUID, session_id: UUID, generation: int) -> TokenPair:
        """The tokens of a session that has come to this generation."""
        ring = await self.keys()
        return TokenPair(
            access_token=ring.write_access_token(person_id, session_id),
            expires_in=int(self._lifetime.total_seconds()),
            refresh_token=ring.write_refresh_token(session_id, generation),
            session_id=session_id,
        )

    async def session_of(self, refresh_token: str) -> tuple[UUID, int]:
        """Which session and generation a refresh token stands for. Raises `NotSignedIn`."""
        read = await self._read(lambda ring: ring.read_refresh_token(refresh_token))
        return read.session_id, read.generation

    async def _read(self, read: Callable[[KeyRing], T]) -> T:
        """Read a token, and look once more where its key is not known here yet."""
        try:
            return read(await self.keys())
        except UnknownKey:
            ring = await self.keys(not_older_than=self.SECONDS_BETWEEN_LOOKS)
        try:
            return read(ring)
        except UnknownKey as fault:
            raise NotSignedIn("The token is signed by a key that is not one of ours.") from fault


async def _add_key(tx: Connection) -> None:
    key = SigningKey.new()
    await sql.add_signing_key(tx, id=key.id, private_key=key.private_key, refresh_secret=key.refresh_secret)


@post(
    "/v1/auth/session",
    name="sign_in",
    operation_id="sign_in",
    status_code=200,
    opt=operation(
        takes=SignIn,
        refuses=[WrongCredentials, Invalid],
        public=True,
        example={"email": "hanna@newsroom.example", "password": "nine plain words are easy"},
    ),
)
async def sign_in(
    request: Request[Any, Any, Any], db: Database, settings: Settings, accounts: Accounts
) -> Response[TokenPair]:
    """Sign in. A wrong name and a wrong password take the same time and get the same answer."""
    wanted = (await read_body(request, SignIn)).checked()
    async with db.reading() as connection:
        found = await sql.find_credentials(connection, email=wanted.email)
    person_id = found and found["id"]
    kept = found and found["password_hash"]
    if not await password_fits(wanted.password, kept) or not found["is_active"]:
        await _record(db, NOBODY, "sign_in_failed", person_id)
        raise WrongCredentials
    session_id = new_id()
    async with db.acting(_person(person_id), "sign_in", Domain.SESSION, session_id) as tx:
        started = await sql.start_session(
            tx,
            id=session_id,
            person=person_id,
            password_hash=kept,
            days=settings.session_days,
        )
    if started is None:
        raise WrongCredentials
    return Response(await accounts.pair(person_id, session_id, generation=1))


def _person(person_id: UUID) -> Actor:
    """Somebody who has just proved who they are. Their roles are not looked at."""
    return Actor(kind=ActorKind.PERSON, id=person_id)


async def _record(db: Database, actor: Actor, action: str, person_id: UUID | None) -> None:
    """Have an attempt that changed nothing in the trail."""
    async with db.acting(actor, action, Domain.PERSON, person_id) as tx:
        await sql.record_attempt(tx)


@delete(
    "/v1/auth/session",
    name="sign_out",
    operation_id="sign_out",
    status_code=204,
    opt=operation(),
)
async def sign_out(db: Database, actor: Actor) -> None:
    """Sign out. The tokens of this session are worth nothing from now on."""
    async with db.acting(actor, "sign_out", Domain.SESSION, actor.session_id) as tx:
        await sql.end_session(tx, id=actor.session_id, person=person_id_of(actor), because="sign_out")


@post(
    "/v1/auth/session/refresh",
    name="refresh_session",
    operation_id="refresh_session",
    status_code=200,
    opt=operation(
        takes=RefreshSession,
        refuses=[NotSignedIn, SessionEnded, Invalid],
        public=True,
        example={"refresh_token": "9f2c….018f….3.q1Zk…"},
    ),
)
async def refresh_session(
    request: Request[Any, Any, Any], db: Database, accounts: Accounts
) -> Response[TokenPair]:
    """Take a new pair of tokens for a refresh token. One that is used a second time ends the session."""
    wanted = (await read_body(request, RefreshSession)).checked()
    session_id, presented = await accounts.session_of(wanted.refresh_token)
    async with db.acting(NOBODY, "refresh_session", Domain.SESSION, session_id) as tx:
        session = await sql.lock_session(tx, id=session_id)
        if session is None or not session["holds"]:
            raise SessionEnded
        person_id: UUID = session["person_id"]
        generation: int = session["generation"]
        step = refresh_step(presented, generation, session["since_rotation"])
        if step is Refresh.ROTATE:
            await db.step(tx, _person(person_id), "refresh_session", Domain.SESSION, session_id)
            generation = await sql.rotate_session(tx, id=session_id)
        elif step is Refresh.REUSE:
            await db.step(tx, _person(person_id), "refresh_reuse", Domain.SESSION, session_id)
            await sql.end_session(tx, id=session_id, person=person_id, because="refresh_reuse")
    if step is Refresh.REUSE:
        raise SessionEnded(
            "This refresh token was used before. Somebody may have a copy, so the session was ended. "
            "Sign in again."
        )
    if step is Refresh.NOT_YET:
        raise SessionEnded
    return Response(await accounts.pair(person_id, session_id, generation))


@get(
    "/v1/auth/sessions",
    name="list_sessions",
    operation_id="list_sessions",
    opt=operation(refuses=[Invalid]),
)
async def list_sessions(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[Session]]:
    """List your devices that are signed in, newest first."""
    after = read_cursor(cursor, tuple[UUID])
    async with db.reading() as connection:
        rows = await sql.list_sessions(
            connection,
            person=person_id_of(actor),
            after=after[0] if after else None,
            page=limit + 1,
        )
    page = Page(
        data=[
            Session(
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
        page.next_cursor = write_cursor(page.data[-1].id)
    return page_response(request, page)


@delete(
    "/v1/auth/sessions/{id:uuid}",
    name="end_session",
    operation_id="end_session",
    status_code=204,
    opt=operation(refuses=[NotFound]),
)
async def end_session(db: Database, actor: Actor, id: UUID) -> None:
    """Sign one of your devices out."""
    async with db.acting(actor, "end_session", Domain.SESSION, id) as tx:
        if not await sql.end_session(tx, id=id, person=person_id_of(actor), because="sign_out"):
            raise NotFound


@delete(
    "/v1/auth/sessions",
    name="end_all_sessions",
    operation_id="end_all_sessions",
    status_code=204,
    opt=operation(),
)
async def end_all_sessions(db: Database, actor: Actor) -> None:
    """Sign all of your devices out, this one too."""
    person_id = person_id_of(actor)
    async with db.acting(actor, "end_all_sessions", Domain.PERSON, person_id) as tx:
        await sql.end_sessions(tx, person=person_id, except_session=None, because="sign_out")


@post(
    "/v1/auth/password",
    name="set_password",
    operation_id="set_password",
    status_code=204,
    opt=operation(
        takes=SetPassword,
        refuses=[NotSignedIn, LinkIsUsedUp, Invalid],
        public=True,
        example={
            "token": "s3cr3tFromTheLink",
            "new_password": "nine plain words are easy to remember",
        },
    ),
)
async def set_password(request: Request[Any, Any, Any], db: Database) -> None:
    """Set a password: with the token of a link, or signed in, with the present one. Other sessions end."""
    body = await read_body(request, SetPassword)
    if isinstance(body.raw, dict) and "token" in body.raw:
        wanted = body.checked()
        if wanted.current_password is not UNSET or wanted.token is UNSET:
            raise Invalid(faults=[_one_proof()])
        await _set_by_link(db, wanted.token, wanted.new_password)
        return
    actor = request.scope.get("user")
    if not isinstance(actor, Actor):
        why = request.scope.get("auth")
        raise why if isinstance(why, NotSignedIn) else NotSignedIn
    wanted = body.checked()
    if wanted.current_password is UNSET:
        raise Invalid(faults=[_one_proof()])
    await _change_own(db, actor, wanted.current_password, wanted.new_password)


def _one_proof() -> Fault:
    return Fault(
        pointer="/current_password",
        detail="Either `token`, from a link, or `current_password`.",
        code="one_of",
    )


async def _set_by_link(db: Database, token: str, new_password: str) -> None:
    """Spend a link. An invited person is active from now on. Raises `LinkIsUsedUp`."""
    token_hash = hash_of_link(token)
    async with db.reading() as connection:
        person_id: UUID | None = await sql.find_link(connection, token_hash=token_hash)
    if person_id is None:
        raise _used_up()
    password_hash = await hash_password(new_password)
    async with db.acting(_person(person_id), "set_password", Domain.PERSON, person_id) as tx:
        # The person before their links and sessions, as wherever these are changed together.
        is_set = await sql.set_password(tx, person=person_id, password_hash=password_hash)
        if not (is_set and await sql.spend_link(tx, token_hash=token_hash)):
            raise _used_up()
        await sql.end_sessions(tx, person=person_id, except_session=None, because="password_change")
        await sql.void_links(tx, person=person_id)


def _used_up() -> LinkIsUsedUp:
    return LinkIsUsedUp(faults=[Fault(pointer="/token", detail=LinkIsUsedUp.explanation, code="used_up")])


async def _change_own(db: Database, actor: Actor, current: str, new_password: str) -> None:
    """Change one's own password. Raises `Invalid` where the present one is wrong."""
    person_id = person_id_of(actor)
    async with db.reading() as connection:
        found = await sql.find_own_credentials(connection, person=person_id)
    was = found and found["password_hash"]
    if not await password_fits(current, was):
        await _record(db, actor, "set_password_failed", person_id)
        raise _wrong_password()
    password_hash = await hash_password(new_password)
    async with db.acting(actor, "set_password", Domain.PERSON, person_id) as tx:
        if not await sql.change_password(tx, person=person_id, was=was, password_hash=password_hash):
            raise _wrong_password()
        await sql.end_sessions(
            tx, person=person_id, except_session=actor.session_id, because="password_change"
        )
        await sql.void_links(tx, person=person_id)


def _wrong_password() -> Invalid:
    return Invalid(
        faults=[
            Fault(
                pointer="/current_password",
                detail="This is not your present password.",
                code="wrong_password",
            )
        ]
    )


@get(
    "/.well-known/jwks.json",
    name="list_signing_keys",
    operation_id="list_signing_keys",
    opt=operation(public=True),
)
async def list_signing_keys(accounts: Accounts) -> Response[KeySet]:
    """List the public keys that verify our access tokens."""
    ring = await accounts.keys()
    return Response(KeySet(keys=ring.public_keys()), headers={"Cache-Control": "public, max-age=300"})


@get("/v1/me", name="get_me", operation_id="get_me", opt=operation())
async def get_me(db: Database, actor: Actor) -> Response[Me]:
    """Read who you are, and what your roles open to you."""
    async with db.reading() as connection:
        found = await sql.get_me(connection, person=person_id_of(actor))
    return Response(msgspec.convert({**dict(found), "may": what_opens_to(actor)}, Me))


def what_opens_to(actor: Actor) -> list[str]:
    """What the roles of a person open to them, in the order of `MAY`, each thing once."""
    opened = [name for role, names in MAY.items() if actor.has(role) for name in names]
    return list(dict.fromkeys(opened))


@post(
    "/v1/me/bylines",
    name="take_byline",
    operation_id="take_byline",
    opt=operation(takes=TakeByline, refuses=[Invalid], example={"name": "M. Viarba"}),
)
async def take_byline(request: Request[Any, Any, Any], db: Database, actor: Actor) -> Response[Byline]:
    """Take a public name to sign with. A name that you have already stays one name."""
    wanted = (await read_body(request, TakeByline)).checked()
    async with db.acting(actor, "take_byline", Domain.PERSON, person_id_of(actor)) as tx:
        await sql.take_byline(tx, id=new_id(), name=wanted.name)
    return Response(Byline(name=wanted.name), status_code=201, headers={"Location": "/v1/me"})


ROUTES = [
    sign_in,
    sign_out,
    refresh_session,
    list_sessions,
    end_session,
    end_all_sessions,
    set_password,
    list_signing_keys,
    get_me,
    take_byline,
]
