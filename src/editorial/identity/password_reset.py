"""Passwords: set by a one-time link, or changed with the present password."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from msgspec import UNSET, Meta, UnsetType

from editorial.core import limits
from editorial.core.letters import LetterKind
from editorial.core.permissions import ANONYMOUS, Actor, ActorKind
from editorial.core.refusals import (
    FieldError,
    Invalid,
    LinkIsUsedUp,
    NotSignedIn,
    RateLimited,
    ServerIsBusy,
    WrongPassword,
)
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, One, Queries, Row, Value
from editorial.identity import mail, passwords, tokens
from editorial.identity.passwords import NewPassword, Password
from editorial.identity.rate_limits import RateLimiter
from editorial.locales import Message
from editorial.settings import Settings
from editorial.web import operation, read_body
from editorial.web.request import Request


class LinkRow(Row):
    """Whose link it is, while it is good, and what it is for."""

    person_id: UUID
    had_a_password: bool
    is_reset: bool
    was_shown: bool


class OwnCredentialsRow(Row):
    """What a change of a person's own password is checked against."""

    id: UUID
    password_hash: str


class _Queries(Queries, file="identity/password_reset"):
    find_link: One[LinkRow]
    set_password: Value[UUID | None]
    spend_link: Value[UUID | None]
    void_links: Command
    find_own_credentials: One[OwnCredentialsRow]
    change_password: Value[UUID | None]
    end_sessions: Command
    record_attempt: Value[UUID]


sql = _Queries()


class RequestReset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who has lost their password."""

    email: Annotated[
        str,
        Meta(
            min_length=3,
            max_length=254,
            pattern=r"^[^@\s]+@[^@\s]+$",
            examples=["alesia@newsroom.example"],
        ),
    ]


class ChangePassword(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new password: by the token of a link, or by the present password when signed in."""

    new_password: NewPassword
    token: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    current_password: Password | UnsetType = UNSET


@post(
    "/v1/auth/password",
    name="change_password",
    operation_id="change_password",
    status_code=204,
    opt=operation(
        takes=ChangePassword,
        public=True,
        refuses=[NotSignedIn, RateLimited, ServerIsBusy, WrongPassword, LinkIsUsedUp, Invalid],
        example={
            "token": "the token of an invitation",
            "new_password": "nine plain words are easy to remember",
        },
    ),
)
async def change_password(request: Request, db: Database, throttle: RateLimiter, settings: Settings) -> None:
    """Set a password by the link that you got, or change yours. Your other sessions end."""
    body = await read_body(request, ChangePassword)
    names_a_link = isinstance(body.raw, dict) and "token" in body.raw
    if not names_a_link and not isinstance(request.scope.get("user"), Actor):
        raise NotSignedIn
    wanted = body.checked()
    if wanted.token is not UNSET and wanted.current_password is UNSET:
        await _set_by_link(db, settings, wanted.token, wanted.new_password)
    elif wanted.current_password is not UNSET and wanted.token is UNSET:
        actor = request.scope.get("user")
        if not isinstance(actor, Actor) or actor.kind is not ActorKind.PERSON:
            raise NotSignedIn
        proof = await throttle.a_try(limits.PROOF, actor.person_id)
        await throttle.take(proof)
        await _change_own(db, settings, actor, wanted.current_password, wanted.new_password)
        await throttle.forget(proof)
    else:
        detail = Message("fault.token-or-password")
        raise Invalid(faults=[FieldError(pointer="/token", detail=detail, code="one_of")])


@post(
    "/v1/auth/password/reset",
    name="request_password_reset",
    operation_id="request_password_reset",
    status_code=204,
    opt=operation(
        takes=RequestReset,
        public=True,
        refuses=[RateLimited, Invalid],
        example={"email": "alesia@newsroom.example"},
    ),
)
async def request_password_reset(
    request: Request, db: Database, throttle: RateLimiter, settings: Settings
) -> None:
    """Ask for a link to set a new password. The answer is the same whether anybody has the address or not.

    The link goes out by mail and is good for an hour. Where the newsroom sends no mail, it is made on the
    server (`editorial people link`): no administrator gets to see it.
    """
    wanted = (await read_body(request, RequestReset)).checked()
    await throttle.take(
        await throttle.a_try(limits.RESET, wanted.email),
        await throttle.a_try(limits.RESET_FROM_ADDRESS, throttle.origin_of(request)),
    )
    async with db.write(ANONYMOUS, "request_password_reset", ObjectKind.NONE) as tx:
        await sql.record_attempt(tx)
        await mail.queue_reset(tx, settings, wanted.email)


async def _set_by_link(db: Database, settings: Settings, token: str, password: str) -> None:
    key = tokens.hash_of(token)
    async with db.read() as connection:
        link = await sql.find_link(connection, token_hash=key)
    if link is None:
        raise LinkIsUsedUp
    person = link.person_id
    hashed = await passwords.hash_password(password)
    async with db.write(
        Actor(kind=ActorKind.PERSON, id=person),
        "reset_password" if link.is_reset else "accept_invitation",
        ObjectKind.PERSON,
        person,
        lock=(ObjectKind.PERSON, person),
    ) as tx:
        if await sql.spend_link(tx, token_hash=key) is None:
            raise LinkIsUsedUp
        was_set = await sql.set_password(tx, person=person, password_hash=hashed, was_shown=link.was_shown)
        if was_set is None:
            raise LinkIsUsedUp
        await sql.void_links(tx, person=person)
        await sql.end_sessions(tx, person=person, except_session=None, because="password_change")
        if link.had_a_password:
            await mail.queue(tx, settings, LetterKind.PASSWORD_CHANGED, person)


def _wrong_password() -> WrongPassword:
    fault = FieldError(
        pointer="/current_password", detail=Message("fault.wrong-current-password"), code="wrong"
    )
    return WrongPassword(faults=[fault])


async def _change_own(db: Database, settings: Settings, actor: Actor, current: str, password: str) -> None:
    async with db.read() as connection:
        known = await sql.find_own_credentials(connection, person=actor.person_id)
    if known is None or not await passwords.password_fits(current, known.password_hash):
        async with db.write(actor, "change_password_failed", ObjectKind.PERSON, actor.id) as tx:
            await sql.record_attempt(tx)
        raise _wrong_password()
    hashed = await passwords.hash_password(password)
    async with db.write(actor, "change_password", ObjectKind.PERSON, actor.id) as tx:
        changed = await sql.change_password(
            tx, person=actor.person_id, was=known.password_hash, password_hash=hashed
        )
        if changed is None:
            raise _wrong_password()
        await sql.void_links(tx, person=actor.person_id)
        await mail.queue(tx, settings, LetterKind.PASSWORD_CHANGED, actor.person_id)
        await sql.end_sessions(
            tx, person=actor.person_id, except_session=actor.session_id, because="password_change"
        )


ROUTES = [change_password, request_password_reset]
