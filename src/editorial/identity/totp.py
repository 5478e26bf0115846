"""One-time codes: set up, replaced and removed by their owner; removed for a person who lost them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from msgspec import UNSET, Meta, UnsetType

from editorial.core import limits
from editorial.core.letters import LetterKind
from editorial.core.permissions import Actor, Permission
from editorial.core.refusals import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    ServerIsBusy,
    TotpIsRequired,
    WrongCode,
    WrongPassword,
)
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, Connection, Queries, Row, Single, Value
from editorial.identity import mail, second_factor
from editorial.identity.passwords import Password, password_fits
from editorial.identity.rate_limits import RateLimiter
from editorial.locales import Message
from editorial.settings import Settings
from editorial.web import answer, operation, person_id_of, read_body
from editorial.web.request import Request


class TotpRow(Row):
    """Since when a person signs in with one-time codes, and how many recovery codes are left."""

    confirmed_at: datetime | None
    recovery_codes_left: int


class _Queries(Queries, file="identity/totp"):
    get_totp: Single[TotpRow]
    has_totp: Value[bool]
    find_password: Value[str | None]
    keep_pending: Command
    lock_pending: Value[bytes | None]
    confirm: Command
    remove: Command
    void_recovery_codes: Command
    add_recovery_code: Command
    end_other_sessions: Command
    person_exists: Value[bool]
    record_attempt: Value[UUID]


sql = _Queries()

Code = Annotated[str, Meta(max_length=40, examples=["492039"])]


class BeginTotp(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The proof that it is you who sets this up."""

    current_password: Password
    totp: Code | UnsetType = UNSET
    """Where you have it already and replace it: a present code, or a recovery code."""


class ConfirmTotp(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The proof that your authenticator has the new secret."""

    code: Code


class RemoveTotp(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The proof that it is you who removes this."""

    current_password: Password
    totp: Code


class TotpStatus(msgspec.Struct, kw_only=True):
    """Whether you sign in with a one-time code."""

    is_on: bool
    is_required: bool
    """Your roles ask for it: until it is on, you can do nothing but set it up."""
    confirmed_at: datetime | None
    recovery_codes_left: int


class NewSecret(msgspec.Struct, kw_only=True):
    """What your authenticator needs. Shown once; nothing changes before a code confirms it."""

    secret: str
    """In base32, for typing in."""
    uri: str
    """For a QR code."""


class RecoveryCodes(msgspec.Struct, kw_only=True):
    """Codes that stand in for a lost telephone, once each. Shown once: keep them on paper."""

    recovery_codes: list[str]


@get(
    "/v1/auth/totp",
    name="get_totp",
    operation_id="get_totp",
    opt=operation(refuses=[], before_totp=True),
)
async def get_totp(db: Database, actor: Actor, settings: Settings) -> Response[TotpStatus]:
    """Read whether you sign in with a one-time code, and whether you have to."""
    async with db.read() as connection:
        row = await sql.get_totp(connection, person=person_id_of(actor))
    return answer(
        TotpStatus(
            is_on=row.confirmed_at is not None,
            is_required=settings.requires_totp(actor.roles),
            confirmed_at=row.confirmed_at,
            recovery_codes_left=row.recovery_codes_left,
        )
    )


@post(
    "/v1/auth/totp",
    name="begin_totp",
    operation_id="begin_totp",
    status_code=200,
    opt=operation(
        takes=BeginTotp,
        refuses=[RateLimited, ServerIsBusy, WrongPassword, WrongCode, Invalid],
        before_totp=True,
        example={"current_password": "nine plain words are easy to remember"},
    ),
)
async def begin_totp(
    request: Request, db: Database, actor: Actor, throttle: RateLimiter, settings: Settings
) -> Response[NewSecret]:
    """Begin to set up one-time codes, or to replace the secret behind them."""
    wanted = (await read_body(request, BeginTotp)).checked()
    person = person_id_of(actor)
    proof = await throttle.a_try(limits.PROOF, person)
    await throttle.take(proof)
    await _must_know_the_password(db, actor, wanted.current_password)
    secret = second_factor.new_secret()
    async with db.write(actor, "begin_totp", ObjectKind.PERSON, person) as tx:
        if await sql.has_totp(tx, person=person):
            code = "" if wanted.totp is UNSET else wanted.totp
            await _must_show(tx, settings, person, code, "/totp")
        kept = second_factor.kept(settings, person, secret)
        await sql.keep_pending(tx, person=person, secret=kept)
    await throttle.forget(proof)
    return answer(NewSecret(secret=secret, uri=second_factor.address_of(secret)))


@post(
    "/v1/auth/totp/confirmation",
    name="confirm_totp",
    operation_id="confirm_totp",
    status_code=200,
    opt=operation(
        takes=ConfirmTotp,
        refuses=[RateLimited, Conflict, WrongCode, Invalid],
        before_totp=True,
        example={"code": "492039"},
    ),
)
async def confirm_totp(
    request: Request, db: Database, actor: Actor, throttle: RateLimiter, settings: Settings
) -> Response[RecoveryCodes]:
    """Switch one-time codes on by showing one. Your other sessions end, older recovery codes are void."""
    wanted = (await read_body(request, ConfirmTotp)).checked()
    person = person_id_of(actor)
    proof = await throttle.a_try(limits.PROOF, person)
    await throttle.take(proof)
    codes = second_factor.new_recovery_codes()
    async with db.write(actor, "confirm_totp", ObjectKind.PERSON, person) as tx:
        kept = await sql.lock_pending(tx, person=person)
        if kept is None:
            raise Conflict(Message("reason.totp-not-begun"))
        secret = second_factor.opened(settings, person, kept)
        digits = wanted.code.replace(" ", "")
        step = second_factor.step_of(secret, digits, datetime.now(UTC))
        if step is None:
            raise _wrong_code("/code")
        await sql.confirm(tx, person=person, step=step)
        await sql.void_recovery_codes(tx, person=person)
        for code in codes:
            hashed = second_factor.hash_of_recovery_code(person, code)
            await sql.add_recovery_code(tx, person=person, code_hash=hashed)
        await sql.end_other_sessions(tx, person=person, session=actor.session_id)
        await mail.queue(tx, settings, LetterKind.TOTP_ON, person)
    await throttle.forget(proof)
    return answer(RecoveryCodes(recovery_codes=codes))


@post(
    "/v1/auth/totp/removal",
    name="remove_totp",
    operation_id="remove_totp",
    status_code=204,
    opt=operation(
        takes=RemoveTotp,
        refuses=[RateLimited, ServerIsBusy, TotpIsRequired, WrongPassword, WrongCode, Invalid],
        example={"current_password": "nine plain words are easy to remember", "totp": "492039"},
    ),
)
async def remove_totp(
    request: Request, db: Database, actor: Actor, throttle: RateLimiter, settings: Settings
) -> None:
    """Switch one-time codes off. Your other sessions end."""
    body = await read_body(request, RemoveTotp)
    if settings.requires_totp(actor.roles):
        raise TotpIsRequired
    wanted = body.checked()
    person = person_id_of(actor)
    proof = await throttle.a_try(limits.PROOF, person)
    await throttle.take(proof)
    await _must_know_the_password(db, actor, wanted.current_password)
    async with db.write(actor, "remove_totp", ObjectKind.PERSON, person) as tx:
        await _must_show(tx, settings, person, wanted.totp, "/totp")
        await _remove(tx, settings, person)
        await sql.end_other_sessions(tx, person=person, session=actor.session_id)
    await throttle.forget(proof)


@delete(
    "/v1/people/{id:uuid}/totp",
    name="remove_totp_of_person",
    operation_id="remove_totp_of_person",
    status_code=204,
    opt=operation(refuses=[Forbidden, NotFound]),
)
async def remove_totp_of_person(db: Database, actor: Actor, settings: Settings, id: UUID) -> None:
    """Switch one-time codes off for somebody who has lost both telephone and recovery codes.

    Their sessions end, and they are written to. Make sure that it is them who asks.
    """
    if not actor.may(Permission.CHANGE_ROLES):
        raise Forbidden(Message("reason.accounts-are-for"))
    async with db.write(
        actor, "remove_totp_of_person", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)
    ) as tx:
        if not await sql.person_exists(tx, person=id):
            raise NotFound
        if await sql.has_totp(tx, person=id):
            await _remove(tx, settings, id)
            await sql.end_other_sessions(tx, person=id, session=None)


async def _remove(tx: Connection, settings: Settings, person: UUID) -> None:
    await sql.remove(tx, person=person)
    await sql.void_recovery_codes(tx, person=person)
    await mail.queue(tx, settings, LetterKind.TOTP_OFF, person)


async def _must_know_the_password(db: Database, actor: Actor, password: str) -> None:
    async with db.read() as connection:
        kept = await sql.find_password(connection, person=actor.person_id)
    if await password_fits(password, kept):
        return
    async with db.write(actor, "change_totp_failed", ObjectKind.PERSON, actor.id) as tx:
        await sql.record_attempt(tx)
    fault = FieldError(
        pointer="/current_password", detail=Message("fault.wrong-current-password"), code="wrong"
    )
    raise WrongPassword(faults=[fault])


async def _must_show(tx: Connection, settings: Settings, person: UUID, code: str, pointer: str) -> None:
    if not await second_factor.is_shown(tx, settings, person, code):
        raise _wrong_code(pointer)


def _wrong_code(pointer: str) -> WrongCode:
    return WrongCode(faults=[FieldError(pointer=pointer, detail=Message("fault.wrong-code"), code="wrong")])


ROUTES = [get_totp, begin_totp, confirm_totp, remove_totp, remove_totp_of_person]
