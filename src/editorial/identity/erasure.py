"""Erasure: a person's name, address and credentials go for good, and what leads from a byline to them.

What they did stays, under an id that leads to nobody. Their texts, translations and approvals are the
newsroom's, and the trail and its proofs still verify.
"""

from uuid import UUID

from litestar import post

from editorial.core import decisions
from editorial.core.permissions import Actor, Role
from editorial.core.refusals import (
    Forbidden,
    LastAdministrator,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.identity import accounts
from editorial.locales import Message
from editorial.web import IfMatch, operation, version_of

sql = load_queries("identity/erasure")


@post(
    "/v1/people/{id:uuid}/erasure",
    name="erase_person",
    operation_id="erase_person",
    status_code=204,
    opt=operation(refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed, LastAdministrator]),
)
async def erase_person(db: Database, actor: Actor, id: UUID, if_match: IfMatch = None) -> None:
    """Erase a person for good: name, address, credentials, sessions, and the link to their bylines.

    Their claims go back to the queue with the text, and what they scheduled is not published. There is no way
    back.
    """
    accounts.must_administrate(actor)
    async with db.write(actor, "erase", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await accounts.person(tx, id)
        decisions.check_version(row.version, version_of(if_match))
        await _erase(db, tx, actor, id, row.roles if row.state == "active" else [])


async def erase(db: Database, actor: Actor, whom: str) -> UUID:
    """Erase the person with this e-mail address or id, from the command line. Raises `NotFound`."""
    async with db.read() as connection:
        person_id: UUID | None = await sql.find_person(connection, whom=whom)
    if person_id is None:
        raise NotFound(Message("reason.no-such-person"))
    async with db.write(
        actor, "erase", ObjectKind.PERSON, person_id, lock=(ObjectKind.PERSON, person_id)
    ) as tx:
        row = await accounts.person(tx, person_id)
        await _erase(db, tx, actor, person_id, row.roles if row.state == "active" else [])
    return person_id


async def _erase(db: Database, tx: Connection, actor: Actor, person_id: UUID, roles: list[str]) -> None:
    if Role.ADMINISTRATOR in roles:
        await accounts.keep_an_administrator(tx, actor, person_id)
    await sql.erase_person(tx, id=person_id)
    # A step of its own, in the editorial part: administrators do not even learn how many there were.
    await db.step(tx, actor, "forget_bylines", ObjectKind.PERSON, person_id)
    await sql.forget_bylines(tx, id=person_id)
    await accounts.hand_back(db, tx, person_id, [])


ROUTES = [erase_person]
