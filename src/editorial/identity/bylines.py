"""Bylines: the public names that people sign with, and the persons who hold them.

The link between the two is read in one place of the database, and each reading leaves an entry in the trail.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import Meta

from editorial.core.ids import new_random_id
from editorial.core.normalisation import UnfitText, clean
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Information
from editorial.core.refusals import FieldError, Forbidden, Invalid
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, Many, Queries, Row, Value
from editorial.locales import Message
from editorial.web import answer, operation, person_id_of, read_body
from editorial.web.request import Request


class OwnBylineRow(Row):
    """A byline of the person who asks."""

    name: str


class HolderRow(Row):
    """A person behind a byline."""

    person_id: UUID
    display_name: str | None


class _Queries(Queries, file="identity/bylines"):
    own_bylines: Many[OwnBylineRow]
    holders_of_byline: Many[HolderRow]
    take_byline: Value[UUID]


sql = _Queries()


class TakeByline(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A public name to sign with."""

    name: Annotated[
        str, Meta(min_length=1, max_length=200, description="Plain text.", examples=["A. Kalina"])
    ]


class OwnBylines(msgspec.Struct, kw_only=True):
    """The public names that you sign with."""

    data: list[str]


class BylineHolders(msgspec.Struct, kw_only=True):
    """Who stands behind a byline. Two people can have the same one; behind an unknown one is nobody."""

    name: str
    holders: list[PersonName]


async def _own(tx: Connection, actor: Actor) -> OwnBylines:
    return OwnBylines(data=[row.name for row in await sql.own_bylines(tx, person=person_id_of(actor))])


@get("/v1/me/bylines", name="list_own_bylines", operation_id="list_own_bylines", opt=operation(refuses=[]))
async def list_own_bylines(db: Database, actor: Actor) -> Response[OwnBylines]:
    """List your bylines. The trail says that you looked."""
    async with db.write(actor, "read_bylines", ObjectKind.PERSON, person_id_of(actor)) as tx:
        own = await _own(tx, actor)
    return answer(own)


@post(
    "/v1/me/bylines",
    name="take_byline",
    operation_id="take_byline",
    status_code=201,
    opt=operation(takes=TakeByline, refuses=[Invalid], example={"name": "A. Kalina"}),
)
async def take_byline(request: Request, db: Database, actor: Actor) -> Response[OwnBylines]:
    """Take a public name to sign with. Only coordinators can learn whose it is, and the trail hears of it."""
    wanted = (await read_body(request, TakeByline)).checked()
    # A random id: one with a time in it would lead, by the trail's times, to who took it.
    async with db.write(actor, "take_byline", ObjectKind.PERSON, person_id_of(actor)) as tx:
        await sql.take_byline(tx, id=new_random_id(), name=wanted.name)
        own = await _own(tx, actor)
    return answer(own, status=201)


@get(
    "/v1/bylines",
    name="look_behind_byline",
    operation_id="look_behind_byline",
    opt=operation(refuses=[Forbidden, Invalid]),
)
async def look_behind_byline(
    db: Database,
    actor: Actor,
    name: Annotated[str, QueryParameter(name="name", min_length=1, max_length=200, description="A byline.")],
) -> Response[BylineHolders]:
    """Learn who stands behind a byline. For coordinators; the trail says who looked."""
    if not actor.may_know(Information.BYLINES):
        raise Forbidden(Message("reason.bylines-are-for"))
    try:
        wanted = clean(name)
    except UnfitText as fault:
        raise Invalid(
            faults=[FieldError(pointer="/query/name", detail=fault.message, code="character")]
        ) from fault
    async with db.write(actor, "look_behind_byline", ObjectKind.BYLINE) as tx:
        rows = await sql.holders_of_byline(tx, name=wanted)
    holders = [PersonName(id=row.person_id, display_name=row.display_name) for row in rows]
    return answer(BylineHolders(name=wanted, holders=holders))


ROUTES = [list_own_bylines, take_byline, look_behind_byline]
