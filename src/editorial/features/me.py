"""Who I am, and the names that I sign with."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, get, post
from msgspec import Meta

from editorial.core.permissions import GRANTS, Actor, Grant, Role
from editorial.core.refusals import Invalid
from editorial.db import Database, Domain, load_queries
from editorial.web import answer, operation, person_id_of, read_body

sql = load_queries("me")


class TakeByline(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A public name to sign with."""

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["A. Kalina"])]


class Me(msgspec.Struct, kw_only=True):
    """Who you are, and what you may do."""

    id: UUID
    display_name: str | None
    email: str | None
    roles: list[Role]
    languages: list[str]
    """The languages that you translate into."""
    bylines: list[str]
    may: list[Grant]
    """What your roles let you do, beside what each object's `allowed_actions` say."""


async def _me(db: Database, actor: Actor) -> Me:
    async with db.reading() as connection:
        row = await sql.get_me(connection, person=person_id_of(actor))
    roles = [Role(role) for role in row["roles"]]
    return Me(
        id=row["id"],
        display_name=row["display_name"],
        email=row["email"],
        roles=roles,
        languages=row["languages"],
        bylines=row["bylines"],
        may=list(dict.fromkeys(one for role in roles for one in GRANTS[role])),
    )


@get("/v1/me", name="get_me", operation_id="get_me", opt=operation(refuses=[]))
async def get_me(db: Database, actor: Actor) -> Response[Me]:
    """Read who you are and what you may do."""
    return answer(await _me(db, actor))


@post(
    "/v1/me/bylines",
    name="take_byline",
    operation_id="take_byline",
    status_code=201,
    opt=operation(takes=TakeByline, refuses=[Invalid], example={"name": "A. Kalina"}),
)
async def take_byline(request: Request[Any, Any, Any], db: Database, actor: Actor) -> Response[Me]:
    """Take a public name to sign with. Only coordinators can learn whose it is."""
    wanted = (await read_body(request, TakeByline)).checked()
    # A random id: one with a time in it would lead, by the trail's times, to who took it.
    async with db.acting(actor, "take_byline", Domain.PERSON, actor.id) as tx:
        await sql.take_byline(tx, id=uuid4(), name=wanted.name)
    return answer(await _me(db, actor), status=201)


ROUTES = [get_me, take_byline]
