"""Service tokens: what the server of a front end signs in with. Administrators keep them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from msgspec import UNSET, Meta, UnsetType

from editorial.core.ids import new_id
from editorial.core.permissions import Actor, Permission, Scope
from editorial.core.refusals import Forbidden, Invalid, NotFound
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, Many, Queries, Row, Single, Value
from editorial.identity import tokens
from editorial.locales import Message
from editorial.web import (
    Cursor,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    read_body,
    read_cursor,
    write_cursor,
)
from editorial.web.request import Request


class ServiceTokenRow(Row):
    """A token of a service."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


class _Queries(Queries, file="identity/service_tokens"):
    list_service_tokens: Many[ServiceTokenRow]
    get_service_token: Single[ServiceTokenRow]
    add_service_token: Command
    revoke_service_token: Value[UUID | None]


sql = _Queries()


class CreateServiceToken(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A token for one server and what it needs."""

    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["The public site"])]
    """What people know the server by."""
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]
    expires_in_days: Annotated[int, Meta(ge=1, le=365)] = 90


class ServiceToken(msgspec.Struct, kw_only=True):
    """A service token, as far as it can be shown."""

    id: UUID
    name: str
    prefix: str
    """How the token begins. The rest is not kept."""
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    """To the minute."""
    revoked_at: datetime | None
    token: str | UnsetType = UNSET
    """Only in the answer to its making: it is shown once."""


def _must_keep_tokens(actor: Actor) -> None:
    """Let administrators through."""
    if not actor.may(Permission.KEEP_SERVICE_TOKENS):
        raise Forbidden(Message("reason.service-tokens-are-for"))


def _shown(row: ServiceTokenRow) -> ServiceToken:
    return ServiceToken(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=[Scope(scope) for scope in row.scopes],
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


@get(
    "/v1/service-tokens",
    name="list_service_tokens",
    operation_id="list_service_tokens",
    opt=operation(refuses=[Forbidden]),
)
async def list_service_tokens(
    request: Request, db: Database, actor: Actor, limit: Limit = 25, cursor: Cursor = None
) -> Response[Page[ServiceToken]]:
    """List the service tokens, newest first, with those that were revoked or ran out."""
    _must_keep_tokens(actor)
    before = read_cursor(cursor, tuple[UUID])
    async with db.read() as connection:
        rows = await sql.list_service_tokens(connection, before=before[0] if before else None, page=limit + 1)
    page = Page(data=[_shown(row) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1].id)
    return page_response(request, page)


@post(
    "/v1/service-tokens",
    name="create_service_token",
    operation_id="create_service_token",
    status_code=201,
    opt=operation(
        takes=CreateServiceToken,
        refuses=[Forbidden, Invalid],
        example={"name": "The public site", "scopes": ["preview:read"], "expires_in_days": 90},
    ),
)
async def create_service_token(request: Request, db: Database, actor: Actor) -> Response[ServiceToken]:
    """Make a token for the server of a front end. The answer shows it, once."""
    body = await read_body(request, CreateServiceToken)
    _must_keep_tokens(actor)
    wanted = body.checked()
    token, token_id = tokens.new_service_token(), new_id()
    async with db.write(actor, "create_service_token", ObjectKind.SERVICE_TOKEN, token_id) as tx:
        await sql.add_service_token(
            tx,
            id=token_id,
            name=wanted.name,
            prefix=tokens.prefix_of(token),
            token_hash=tokens.hash_of(token),
            scopes=list(dict.fromkeys(wanted.scopes)),
            days=wanted.expires_in_days,
        )
        shown = _shown(await sql.get_service_token(tx, id=token_id))
    shown.token = token
    return answer(shown, status=201)


@delete(
    "/v1/service-tokens/{id:uuid}",
    name="revoke_service_token",
    operation_id="revoke_service_token",
    status_code=204,
    opt=operation(refuses=[Forbidden, NotFound]),
)
async def revoke_service_token(db: Database, actor: Actor, id: UUID) -> None:
    """Revoke a service token. It is void with the next request, and stays in the list."""
    _must_keep_tokens(actor)
    async with db.write(actor, "revoke_service_token", ObjectKind.SERVICE_TOKEN, id) as tx:
        if await sql.revoke_service_token(tx, id=id) is None:
            raise NotFound


ROUTES = [list_service_tokens, create_service_token, revoke_service_token]
