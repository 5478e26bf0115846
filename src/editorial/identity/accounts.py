"""An account as others see it, and what every feature about accounts needs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from editorial.core.people import PersonName
from editorial.core.permissions import SYSTEM, Actor, ActorKind, Permission, Role
from editorial.core.refusals import Forbidden, LastAdministrator, NotFound
from editorial.core.states import Action
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, Connection, Many, One, Queries, Row, Value
from editorial.locales import Message


class PersonRow(Row):
    """An account, with the role that waits for its confirmation, if one does."""

    id: UUID
    version: int
    email: str | None
    display_name: str | None
    state: str
    created_at: datetime
    roles: list[str]
    languages: list[str]
    given_at: datetime | None
    given_by: UUID | None
    given_by_name: str | None


class PendingRow(Row):
    """The role of coordinator as it waits; no giver where none waits."""

    given_by: UUID | None
    password_set_by_shown_link: bool


class IdRow(Row):
    """The id of a person or of a task."""

    id: UUID


class AccountRow(Row):
    """An account that a command on the server names."""

    id: UUID
    state: str


class LanguageRow(Row):
    """A language of the newsroom."""

    tag: str


class _Queries(Queries, file="identity/people"):
    list_people: Many[PersonRow]
    get_person: One[PersonRow]
    add_person: Command
    rename_person: Command
    set_state: Command
    add_role: Command
    remove_role: Command
    give_coordinator: Command
    end_pending: Value[UUID | None]
    find_pending: One[PendingRow]
    other_coordinators: Many[IdRow]
    find_account: One[AccountRow]
    void_shown_links: Command
    add_language: Command
    remove_language: Command
    known_languages: Many[LanguageRow]
    lock_administrators: Value[None]
    count_other_administrators: Value[int]
    void_links: Command
    choose_mail_language: Command
    end_sessions: Command
    claims_outside: Many[IdRow]
    hand_back_task: Command
    is_administrator: Value[bool]


sql = _Queries()


class Invitation(msgspec.Struct, kw_only=True):
    """A link by which a person sets their password."""

    is_mailed: bool
    """It goes to the person's address, and no other person gets to see it."""
    expires_at: datetime | UnsetType = UNSET
    """Absent where no link was made: no mail goes out, and this person's link is made on the server."""
    token: str | UnsetType = UNSET
    """Where no mail goes out: what the person sets their password with, for you to hand over. Shown once, and
    only for an account that was never used and is not to be a coordinator's."""


class RoleConfirmation(msgspec.Struct, kw_only=True):
    """What a role waits for: that a coordinator confirms it."""

    given_at: datetime
    given_by: PersonName
    """The administrator who gave it. They can't confirm it themselves."""


class Person(msgspec.Struct, kw_only=True):
    """An account, as far as you may see it."""

    id: UUID
    display_name: str | None
    roles: list[Role]
    pending_roles: list[Role]
    """Roles that were given and wait for a coordinator's confirmation. They grant nothing yet."""
    languages: list[str]
    confirmation: RoleConfirmation | UnsetType = UNSET
    """Only where a role waits."""
    version: int | UnsetType = UNSET
    """Only for administrators, like what follows."""
    email: str | None | UnsetType = UNSET
    state: str | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    invitation: Invitation | UnsetType = UNSET
    """Only in the answer to an invitation."""


def shown(row: PersonRow, actor: Actor) -> Person:
    """An account with what the actor may know of it."""
    person = Person(
        id=row.id,
        display_name=row.display_name,
        roles=[Role(role) for role in row.roles],
        pending_roles=[] if row.given_at is None else [Role.COORDINATOR],
        languages=row.languages,
    )
    if row.given_at is not None and row.given_by is not None:
        giver = PersonName(id=row.given_by, display_name=row.given_by_name)
        person.confirmation = RoleConfirmation(given_at=row.given_at, given_by=giver)
    if actor.may(Permission.CHANGE_ROLES):
        person.version = row.version
        person.email = row.email
        person.state = row.state
        person.created_at = row.created_at
    return person


def must_administrate(actor: Actor) -> None:
    """Let administrators through."""
    if not actor.may(Permission.CHANGE_ROLES):
        raise Forbidden(Message("reason.accounts-are-for"))


async def person(connection: Connection, person_id: UUID) -> PersonRow:
    """An account. Raises `NotFound` where there is none, or not any more."""
    row = await sql.get_person(connection, id=person_id)
    if row is None:
        raise NotFound
    return row


async def find(db: Database, whom: str) -> AccountRow:
    """The account of a mail address or an id. Raises `NotFound`."""
    async with db.read() as connection:
        account = await sql.find_account(connection, whom=whom)
    if account is None:
        raise NotFound(Message("reason.no-such-account"))
    return account


async def touch(tx: Connection, person_id: UUID) -> None:
    """Count a change of a person's roles as one of the account."""
    await sql.rename_person(tx, id=person_id, display_name=None)


async def keep_an_administrator(tx: Connection, actor: Actor, person_id: UUID) -> None:
    """Of two administrators who remove each other at once, one stays. Raises `LastAdministrator`."""
    await sql.lock_administrators(tx)
    if actor.kind is ActorKind.PERSON and not await sql.is_administrator(tx, person=actor.person_id):
        raise Forbidden(Message("reason.no-longer-administrator"))
    if not await sql.count_other_administrators(tx, person=person_id):
        raise LastAdministrator


async def hand_back(db: Database, tx: Connection, person_id: UUID, languages: Sequence[str]) -> None:
    """Return a person's claims in other languages than these to the queue, one step each."""
    for row in await sql.claims_outside(tx, person=person_id, languages=list(languages)):
        await db.step(tx, SYSTEM, Action.RELEASE, ObjectKind.TASK, row.id)
        await sql.hand_back_task(tx, id=row.id)
