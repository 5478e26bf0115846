"""Signing in and out, and the devices on which one is signed in."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from msgspec import UNSET, Meta, UnsetType

from editorial.core import limits
from editorial.core.devices import device_of
from editorial.core.ids import new_id
from editorial.core.letters import LetterKind
from editorial.core.permissions import ANONYMOUS, Actor, ActorKind
from editorial.core.refusals import (
    Invalid,
    NotFound,
    NotSignedIn,
    RateLimited,
    ServerIsBusy,
    SessionEnded,
    TotpNeeded,
    WrongCredentials,
    WrongTotp,
)
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, Connection, Many, One, Queries, Row, Value
from editorial.identity import mail, second_factor, tokens
from editorial.identity.authentication import ENDED, Credentials
from editorial.identity.passwords import Password, password_fits
from editorial.identity.rate_limits import RateLimiter, Try
from editorial.identity.tokens import KeyRing, Refresh
from editorial.settings import Settings
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
from editorial.web.request import Request


class CredentialsRow(Row):
    """What a sign-in is checked against."""

    id: UUID
    password_hash: str | None
    is_active: bool
    has_totp: bool


class LockedSessionRow(Row):
    """A session, locked."""

    person_id: UUID
    generation: int
    ended_because: str | None
    since_rotation: timedelta
    holds: bool


class SessionRow(Row):
    """A device that is signed in."""

    id: UUID
    device: str | None
    created_at: datetime
    rotated_at: datetime
    expires_at: datetime


class _Queries(Queries, file="identity/sessions"):
    find_credentials: One[CredentialsRow]
    start_session: Value[UUID | None]
    lock_session: One[LockedSessionRow]
    rotate_session: Value[int]
    list_sessions: Many[SessionRow]
    end_session: Value[UUID | None]
    end_sessions: Command
    record_attempt: Value[UUID]


sql = _Queries()

Email = Annotated[str, Meta(max_length=254, examples=["alesia@newsroom.example"])]


class SignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who you are, and the proof."""

    email: Email
    password: Password
    totp: Annotated[str, Meta(max_length=40, examples=["492039"])] | UnsetType = UNSET
    """Where you have set it up: a one-time code, or a recovery code."""
    device_token: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    """What this device got at an earlier sign-in. With it, nobody else's attempts stand in your way."""


class RefreshSession(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the answer before."""

    refresh_token: Annotated[str, Meta(max_length=500)]


class SessionTokens(msgspec.Struct, kw_only=True):
    """What a front end needs to go on in somebody's name."""

    access_token: str
    token_type: str
    expires_in: int
    """Seconds that the access token is good for."""
    refresh_token: str
    """Good for one refresh, which gives the next one."""
    session_id: UUID
    device_token: str | UnsetType = UNSET
    """Only at the sign-in: keep it on the device, also when signed out, and send it with the next sign-in."""


class Device(msgspec.Struct, kw_only=True):
    """One place where you are signed in."""

    id: UUID
    device: str | None
    """A browser and a system, as far as the device said so when it signed in. No address is kept."""
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    is_this_one: bool


def _as_person(person: UUID) -> Actor:
    return Actor(kind=ActorKind.PERSON, id=person)


def _tokens_for(
    ring: KeyRing, settings: Settings, person: UUID, session: UUID, generation: int
) -> SessionTokens:
    return SessionTokens(
        access_token=ring.write_access_token(person, session),
        token_type="Bearer",  # noqa: S106  # the kind of token, not one
        expires_in=settings.access_token_seconds,
        refresh_token=ring.write_refresh_token(session, generation),
        session_id=session,
    )


@post(
    "/v1/auth/session",
    name="sign_in",
    operation_id="sign_in",
    status_code=200,
    opt=operation(
        takes=SignIn,
        public=True,
        refuses=[WrongCredentials, TotpNeeded, WrongTotp, RateLimited, ServerIsBusy, Invalid],
        example={"email": "alesia@newsroom.example", "password": "nine plain words are easy to remember"},
    ),
)
async def sign_in(
    request: Request,
    db: Database,
    credentials: Credentials,
    throttle: RateLimiter,
    settings: Settings,
) -> Response[SessionTokens]:
    """Sign in. A wrong name and a wrong password get the same answer in the same time."""
    wanted = (await read_body(request, SignIn)).checked()
    async with db.read() as connection:
        known = await sql.find_credentials(connection, email=wanted.email)
    ring = await credentials.ring()
    tried = None if known is None else known.id
    person = tried or NOBODY
    device = _known_device(ring, wanted.device_token, person)
    tries = await _tries(throttle, wanted.email, device, throttle.origin_of(request))
    await _take(db, throttle, tried, wanted.email, tries)
    kept = known.password_hash if known is not None and known.is_active else None
    if not await password_fits(wanted.password, kept) or known is None:
        async with db.write(ANONYMOUS, "sign_in_failed", ObjectKind.PERSON, tried) as tx:
            await sql.record_attempt(tx)
        raise WrongCredentials
    proofs = []
    if known.has_totp:
        if wanted.totp is UNSET:
            async with db.write(ANONYMOUS, "sign_in_without_totp", ObjectKind.PERSON, tried) as tx:
                await sql.record_attempt(tx)
            raise TotpNeeded
        proofs = [await throttle.a_try(limits.PROOF, person, device)]
        await _take(db, throttle, tried, wanted.email, proofs)
    session_id = new_id()
    try:
        async with db.write(_as_person(person), "sign_in", ObjectKind.SESSION, session_id) as tx:
            if wanted.totp is not UNSET and known.has_totp:
                await _must_show(tx, settings, person, wanted.totp)
            started = await sql.start_session(
                tx,
                id=session_id,
                person=person,
                password_hash=kept,
                has_totp=known.has_totp,
                days=settings.session_days,
                device=device_of(request.headers.get("user-agent", "")),
            )
            if started is None:
                raise WrongCredentials
    except (WrongTotp, WrongCredentials):
        async with db.write(ANONYMOUS, "sign_in_failed", ObjectKind.PERSON, tried) as tx:
            await sql.record_attempt(tx)
        raise
    await throttle.give_back(*tries[1:])
    await throttle.forget(tries[0], *proofs)
    given = _tokens_for(ring, settings, person, session_id, 1)
    given.device_token = _device_token(ring, person)
    return answer(given)


NOBODY = UUID(int=0)


async def _tries(throttle: RateLimiter, email: str, device: str, origin: str) -> list[Try]:
    """What a sign-in counts as. The first of it is what is forgotten when its own person has come in."""
    if device:
        return [await throttle.a_try(limits.DEVICE, email, device)]
    return [
        await throttle.a_try(limits.ACCOUNT_AND_ADDRESS, email, origin),
        await throttle.a_try(limits.ADDRESS, origin),
        await throttle.a_try(limits.ACCOUNT, email),
    ]


async def _take(
    db: Database, throttle: RateLimiter, tried: UUID | None, email: str, tries: list[Try]
) -> None:
    try:
        await throttle.take(*tries)
    except RateLimited as refusal:
        if await throttle.is_news(refusal, email):
            async with db.write(ANONYMOUS, "sign_in_throttled", ObjectKind.PERSON, tried) as tx:
                await sql.record_attempt(tx)
        raise


async def _must_show(tx: Connection, settings: Settings, person: UUID, code: str) -> None:
    if not await second_factor.is_shown(tx, settings, person, code):
        raise WrongTotp


def _known_device(ring: KeyRing, token: str | UnsetType, person: UUID) -> str:
    """The device that a token says this person has signed in on; empty where it says nothing true."""
    device, _, proof = ("" if token is UNSET else token).partition(".")
    return device if ring.derives(proof, "known device", person.hex, device) else ""


def _device_token(ring: KeyRing, person: UUID) -> str:
    """What says of a device that this person has signed in on it."""
    device = secrets.token_hex(16)
    return f"{device}.{ring.derive('known device', person.hex, device)}"


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
    request: Request, db: Database, credentials: Credentials, settings: Settings
) -> Response[SessionTokens]:
    """Get new tokens for old. A refresh token that is used twice ends the session, but for a quick retry."""
    wanted = (await read_body(request, RefreshSession)).checked()
    read = await credentials.read_refresh_token(wanted.refresh_token)
    async with db.write(ANONYMOUS, "refresh", ObjectKind.SESSION, read.session_id) as tx:
        session = await sql.lock_session(tx, id=read.session_id)
        if session is None or not session.holds:
            raise SessionEnded(ENDED.get(session.ended_because or "") if session is not None else None)
        person, generation = session.person_id, session.generation
        step = tokens.refresh_step(read.generation, generation, session.since_rotation)
        if step is Refresh.ROTATE:
            await db.step(tx, _as_person(person), "refresh", ObjectKind.SESSION, read.session_id)
            generation = await sql.rotate_session(tx, id=read.session_id)
        elif step is Refresh.REUSE:
            await db.step(tx, _as_person(person), "refresh_reuse", ObjectKind.SESSION, read.session_id)
            await sql.end_session(tx, id=read.session_id, person=person, because="refresh_reuse")
            await mail.queue(tx, settings, LetterKind.SESSION_STOLEN, person)
    if step is Refresh.REUSE:
        raise SessionEnded(ENDED["refresh_reuse"])
    if step is Refresh.NOT_YET:
        raise SessionEnded
    return answer(_tokens_for(await credentials.ring(), settings, person, read.session_id, generation))


@delete(
    "/v1/auth/session",
    name="sign_out",
    operation_id="sign_out",
    status_code=204,
    opt=operation(refuses=[], before_totp=True),
)
async def sign_out(db: Database, actor: Actor) -> None:
    """Sign out here. The tokens are void at once."""
    async with db.write(actor, "sign_out", ObjectKind.SESSION, actor.session_id) as tx:
        await sql.end_session(tx, id=actor.session_id, person=actor.person_id, because="sign_out")


@get(
    "/v1/auth/sessions",
    name="list_sessions",
    operation_id="list_sessions",
    opt=operation(refuses=[], before_totp=True),
)
async def list_sessions(
    request: Request, db: Database, actor: Actor, limit: Limit = 25, cursor: Cursor = None
) -> Response[Page[Device]]:
    """List the places where you are signed in, newest first."""
    after = read_cursor(cursor, tuple[UUID])
    async with db.read() as connection:
        rows = await sql.list_sessions(
            connection, person=person_id_of(actor), after=after[0] if after else None, page=limit + 1
        )
    page = Page(
        data=[
            Device(
                id=row.id,
                device=row.device,
                created_at=row.created_at,
                refreshed_at=row.rotated_at,
                expires_at=row.expires_at,
                is_this_one=row.id == actor.session_id,
            )
            for row in rows[:limit]
        ]
    )
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1].id)
    return page_response(request, page)


@delete(
    "/v1/auth/sessions/{id:uuid}",
    name="end_session",
    operation_id="end_session",
    status_code=204,
    opt=operation(refuses=[NotFound], before_totp=True),
)
async def end_session(db: Database, actor: Actor, id: UUID) -> None:
    """Sign out on one of your devices."""
    async with db.write(actor, "sign_out", ObjectKind.SESSION, id) as tx:
        if await sql.end_session(tx, id=id, person=actor.person_id, because="sign_out") is None:
            raise NotFound


@delete(
    "/v1/auth/sessions",
    name="end_all_sessions",
    operation_id="end_all_sessions",
    status_code=204,
    opt=operation(refuses=[], before_totp=True),
)
async def end_all_sessions(db: Database, actor: Actor) -> None:
    """Sign out everywhere, here too."""
    async with db.write(actor, "sign_out", ObjectKind.PERSON, actor.id) as tx:
        await sql.end_sessions(tx, person=actor.person_id, because="sign_out")


ROUTES = [sign_in, refresh_session, sign_out, list_sessions, end_session, end_all_sessions]
