"""The role of coordinator takes two people: an administrator gives it, and a coordinator confirms it.

Until then it waits in a table that no check of roles reads, so that it grants nothing.
"""

from uuid import UUID

from litestar import Response, delete, post

from editorial.core.letters import LetterKind
from editorial.core.permissions import Actor, Permission, Role
from editorial.core.refusals import Conflict, Forbidden, NotFound, NothingToConfirm, PasswordWasShown
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection
from editorial.identity import accounts, mail
from editorial.identity.accounts import PendingRow, Person, sql
from editorial.locales import Message
from editorial.settings import Settings
from editorial.web import answer, operation


@post(
    "/v1/people/{id:uuid}/coordinator-confirmation",
    name="confirm_coordinator",
    operation_id="confirm_coordinator",
    status_code=200,
    opt=operation(refuses=[Forbidden, NotFound, NothingToConfirm, PasswordWasShown]),
)
async def confirm_coordinator(db: Database, settings: Settings, actor: Actor, id: UUID) -> Response[Person]:
    """Confirm that a person is a coordinator. For coordinators; the role holds from now on.

    `GET /v1/people?pending=true` lists who waits. Make sure first, face to face or by a call, that it is this
    person who uses the account. The administrator who gave the role can't confirm it.
    """
    if not actor.may(Permission.CONFIRM_COORDINATORS):
        raise Forbidden(Message("reason.coordinator-confirms"))
    async with db.write(actor, "confirm_role", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await _pending(tx, id)
        if row.given_by == actor.id:
            raise Forbidden(Message("reason.another-coordinator-confirms"))
        if row.password_set_by_shown_link:
            raise PasswordWasShown
        await sql.add_role(tx, person=id, role=Role.COORDINATOR)
        await sql.end_pending(tx, person=id)
        await accounts.touch(tx, id)
        await notify_all(tx, settings, LetterKind.COORDINATOR_CHANGED, id)
        shown = accounts.shown(await accounts.person(tx, id), actor)
    return answer(shown)


@delete(
    "/v1/people/{id:uuid}/coordinator-confirmation",
    name="decline_coordinator",
    operation_id="decline_coordinator",
    status_code=200,
    opt=operation(refuses=[Forbidden, NotFound, NothingToConfirm]),
)
async def decline_coordinator(db: Database, settings: Settings, actor: Actor, id: UUID) -> Response[Person]:
    """Decline that a person becomes a coordinator. For coordinators; the role waits no longer."""
    if not actor.may(Permission.CONFIRM_COORDINATORS):
        raise Forbidden(Message("reason.coordinator-confirms"))
    async with db.write(actor, "decline_role", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        await _pending(tx, id)
        await sql.end_pending(tx, person=id)
        await accounts.touch(tx, id)
        await notify_all(tx, settings, LetterKind.COORDINATOR_CHANGED, id)
        shown = accounts.shown(await accounts.person(tx, id), actor)
    return answer(shown)


async def appoint_coordinator(db: Database, settings: Settings, actor: Actor, whom: str) -> None:
    """Make a person a coordinator at once, by a command of the schema's owner. Raises `NotFound`."""
    account = await accounts.find(db, whom)
    person_id: UUID = account.id
    async with db.write(
        actor, "give_role", ObjectKind.PERSON, person_id, lock=(ObjectKind.PERSON, person_id)
    ) as tx:
        row = await accounts.person(tx, person_id)
        if Role.COORDINATOR in row.roles:
            raise Conflict(Message("reason.already-coordinator"))
        await sql.add_role(tx, person=person_id, role=Role.COORDINATOR)
        await sql.end_pending(tx, person=person_id)
        await accounts.touch(tx, person_id)
        await notify_all(tx, settings, LetterKind.COORDINATOR_CHANGED, person_id)


async def give(tx: Connection, settings: Settings, actor: Actor, person_id: UUID) -> None:
    """Give the role of coordinator, which waits. Links that an administrator saw are void from now on."""
    await sql.give_coordinator(tx, person=person_id, given_by=actor.person_id)
    await sql.void_shown_links(tx, person=person_id)
    await notify_all(tx, settings, LetterKind.COORDINATOR_GIVEN, person_id)


async def end(tx: Connection, settings: Settings, person_id: UUID) -> None:
    """Take the role of coordinator away, whether it was confirmed or waits."""
    await sql.remove_role(tx, person=person_id, role=Role.COORDINATOR)
    await sql.end_pending(tx, person=person_id)
    await notify_all(tx, settings, LetterKind.COORDINATOR_CHANGED, person_id)


async def notify_all(tx: Connection, settings: Settings, kind: LetterKind, person_id: UUID) -> None:
    """Mail the other coordinators about a change among them, and the person once it holds."""
    for row in await sql.other_coordinators(tx, person=person_id):
        await mail.queue(tx, settings, kind, row.id)
    if kind is LetterKind.COORDINATOR_CHANGED:
        await mail.queue(tx, settings, kind, person_id)


async def _pending(tx: Connection, person_id: UUID) -> PendingRow:
    """What waits for a coordinator's confirmation. Raises `NotFound` and `NothingToConfirm`."""
    row = await sql.find_pending(tx, person=person_id)
    if row is None:
        raise NotFound
    if row.given_by is None:
        raise NothingToConfirm
    return row


ROUTES = [confirm_coordinator, decline_coordinator]
