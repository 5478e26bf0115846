"""Signing in and out, and the devices on which one is signed in."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from msgspec import Meta

from editorial import tokens
from editorial.core.devices import device_of
from editorial.core.permissions import ANONYMOUS, Actor, ActorKind
from editorial.core.refusals import (
    Invalid,
    NotFound,
    NotSignedIn,
    ServerIsBusy,
    SessionEnded,
    WrongCredentials,
)
from editorial.credentials import ENDED, Credentials
from editorial.db import Database, Domain, load_queries
from editorial.identifiers import new_id
from editorial.passwords import password_fits
from editorial.settings import Settings
from editorial.tokens import KeyRing, Refresh
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

sql = load_queries("sessions")

Email = Annotated[str, Meta(max_length=254, examples=["alesia@newsroom.example"])]
Password = Annotated[str, Meta(max_length=200)]


class SignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who you are, and the proof."""

    email: Email
    password: Password


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
        refuses=[WrongCredentials, ServerIsBusy, Invalid],
        example={"email": "alesia@newsroom.example", "password": "nine plain words are easy to remember"},
    ),
)
async def sign_in(
    request: Request[Any, Any, Any], db: Database, credentials: Credentials, settings: Settings
) -> Response[SessionTokens]:
    """Sign in. A wrong name and a wrong password get the same answer in the same time."""
    wanted = (await read_body(request, SignIn)).checked()
    async with db.reading() as connection:
        known = await sql.find_credentials(connection, email=wanted.email)
    kept = known["password_hash"] if known is not None and known["is_active"] else None
    session_id = new_id()
    started = None
    if await password_fits(wanted.password, kept):
        async with db.acting(_as_person(known["id"]), "sign_in", Domain.SESSION, session_id) as tx:
            started = await sql.start_session(
                tx,
                id=session_id,
                person=known["id"],
                password_hash=kept,
                days=settings.session_days,
                device=device_of(request.headers.get("user-agent", "")),
            )
    if started is None:
        tried = None if known is None else known["id"]
        async with db.acting(ANONYMOUS, "sign_in_failed", Domain.PERSON, tried) as tx:
            await sql.record_attempt(tx)
        raise WrongCredentials
    return answer(_tokens_for(await credentials.ring(), settings, known["id"], session_id, 1))


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
    request: Request[Any, Any, Any], db: Database, credentials: Credentials, settings: Settings
) -> Response[SessionTokens]:
    """Get new tokens for old. A refresh token that is used twice ends the session, but for a quick retry."""
    wanted = (await read_body(request, RefreshSession)).checked()
    read = await credentials.read_refresh_token(wanted.refresh_token)
    async with db.acting(ANONYMOUS, "refresh", Domain.SESSION, read.session_id) as tx:
        session = await sql.lock_session(tx, id=read.session_id)
        if session is None or not session["holds"]:
            raise SessionEnded(ENDED.get(session["ended_because"]) if session is not None else None)
        person, generation = session["person_id"], session["generation"]
        step = tokens.refresh_step(read.generation, generation, session["since_rotation"])
        if step is Refresh.ROTATE:
            await db.step(tx, _as_person(person), "refresh", Domain.SESSION, read.session_id)
            generation = await sql.rotate_session(tx, id=read.session_id)
        elif step is Refresh.REUSE:
            await db.step(tx, _as_person(person), "refresh_reuse", Domain.SESSION, read.session_id)
            await sql.end_session(tx, id=read.session_id, person=person, because="refresh_reuse")
    if step is Refresh.REUSE:
        raise SessionEnded(ENDED["refresh_reuse"])
    if step is Refresh.NOT_YET:
        raise SessionEnded
    return answer(_tokens_for(await credentials.ring(), settings, person, read.session_id, generation))


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
                device=row["device"],
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
        await sql.end_sessions(tx, person=actor.person_id, because="sign_out")


ROUTES = [sign_in, refresh_session, sign_out, list_sessions, end_session, end_all_sessions]
