"""The revisions of an edition's text: what was written, and stays."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from editorial import desk
from editorial.core.permissions import Actor, Role, Sight
from editorial.core.refusals import NotFound
from editorial.core.texts import Block, Photo, Trend
from editorial.db import Database
from editorial.desk import Somebody, sql
from editorial.web import (
    Cursor,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    read_cursor,
    write_cursor,
)


class RevisionInList(msgspec.Struct, kw_only=True):
    """An immutable, numbered state of an edition's text."""

    number: int
    title: str
    approved: bool
    made_at: datetime | UnsetType = UNSET
    made_by: Somebody | UnsetType = UNSET
    """Only for coordinators."""


class Revision(msgspec.Struct, kw_only=True):
    """An immutable, numbered state of an edition's text, whole."""

    language: str
    number: int
    title: str
    lead: str
    trend: Trend | None
    photo: Photo | None
    blocks: list[Block]
    source_revision: int | None
    """For a translation: the source's revision that it was made from."""
    made_at: datetime | UnsetType = UNSET
    made_by: Somebody | UnsetType = UNSET
    """Only for coordinators."""


RevisionLanguage = Annotated[
    str | None,
    QueryParameter(
        name="language", required=False, max_length=20, description="The source language unless given."
    ),
]


@get(
    "/v1/commentaries/{id:uuid}/revisions",
    name="list_revisions",
    operation_id="list_revisions",
    opt=operation(refuses=[NotFound]),
)
async def list_revisions(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    id: UUID,
    language: RevisionLanguage = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[RevisionInList]]:
    """List the revisions of one edition's text that you may read, latest first."""
    before = read_cursor(cursor, tuple[int])
    async with db.reading() as connection:
        seen = await desk.see_commentary(connection, actor, id)
        chosen = language or seen.row.source_language
        numbers = desk.visible_revisions(seen, actor, chosen)
        if numbers == []:
            raise NotFound
        rows = await sql.list_revisions(
            connection,
            commentary=id,
            language=chosen,
            numbers=numbers,
            before=before[0] if before else None,
            page=limit + 1,
        )
    page = Page(data=[_revision_in_list(row, actor, seen.sight) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["number"])
    return page_response(request, page)


def _revision_in_list(row: Any, actor: Actor, sight: Sight) -> RevisionInList:
    revision = RevisionInList(number=row["number"], title=row["title"], approved=row["approved"])
    if sight is Sight.WHOLE:
        revision.made_at = row["made_at"]
    if actor.has(Role.COORDINATOR):
        revision.made_by = Somebody(id=row["made_by"], display_name=row["made_by_name"])
    return revision


@get(
    "/v1/commentaries/{id:uuid}/revisions/{number:int}",
    name="get_revision",
    operation_id="get_revision",
    opt=operation(refuses=[NotFound]),
)
async def get_revision(
    db: Database, actor: Actor, id: UUID, number: int, language: RevisionLanguage = None
) -> Response[Revision]:
    """Read one revision of one edition's text."""
    async with db.reading() as connection:
        seen = await desk.see_commentary(connection, actor, id)
        chosen = language or seen.row.source_language
        numbers = desk.visible_revisions(seen, actor, chosen)
        if not 0 < number < 2**31 or (numbers is not None and number not in numbers):
            raise NotFound
        row = await sql.get_revision(connection, commentary=id, language=chosen, number=number)
    if row is None:
        raise NotFound
    revision = msgspec.convert(
        {
            name: row[name]
            for name in ("language", "number", "title", "lead", "trend", "photo", "blocks", "source_revision")
        },
        Revision,
    )
    if seen.sight is Sight.WHOLE:
        revision.made_at = row["made_at"]
    if actor.has(Role.COORDINATOR):
        revision.made_by = Somebody(id=row["made_by"], display_name=row["made_by_name"])
    return answer(revision)


ROUTES = [list_revisions, get_revision]
