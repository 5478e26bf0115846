"""What several features need: the administrator check, and what happens to the work of an account."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from editorial.core.permissions import SYSTEM, Actor, ActorKind, Permission
from editorial.core.refusals import Forbidden, LastAdministrator, NotFound
from editorial.core.states import Action
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries

sql = load_queries("identity/people")


def must_administrate(actor: Actor) -> None:
    """Let administrators through."""
    if not actor.may(Permission.CHANGE_ROLES):
        raise Forbidden("Accounts are kept by administrators.")


async def person(connection: Connection, person_id: UUID) -> Any:
    """An account. Raises `NotFound` where there is none, or not any more."""
    row = await sql.get_person(connection, id=person_id)
    if row is None:
        raise NotFound
    return row


async def keep_an_administrator(tx: Connection, actor: Actor, person_id: UUID) -> None:
    """Of two administrators who remove each other at once, one stays. Raises `LastAdministrator`."""
    await sql.lock_administrators(tx)
    if actor.kind is ActorKind.PERSON and not await sql.is_administrator(tx, person=actor.person_id):
        raise Forbidden("You are no administrator any more.")
    if not await sql.count_other_administrators(tx, person=person_id):
        raise LastAdministrator


async def hand_back(db: Database, tx: Connection, person_id: UUID, languages: Sequence[str]) -> None:
    """Return a person's claims in other languages than these to the queue, one step each."""
    for row in await sql.claims_outside(tx, person=person_id, languages=list(languages)):
        await db.step(tx, SYSTEM, Action.RELEASE, ObjectKind.TASK, row["id"])
        await sql.hand_back_task(tx, id=row["id"])
