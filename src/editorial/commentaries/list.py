"""The list of commentaries: what somebody may see, as far as they may see it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from editorial.commentaries import views
from editorial.core.calendar import Week
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Information, Visibility
from editorial.core.refusals import Invalid
from editorial.core.states import CommentaryState, EditionStatus
from editorial.core.texts import Trend
from editorial.database.access import Database
from editorial.database.queries import load_queries
from editorial.web import Cursor, Limit, Page, operation, page_response, read_cursor, write_cursor
from editorial.web.request import Request

sql = load_queries("commentaries/list")

MOST = 300
"""How many texts of each kind (live, in work) a search ranks: the newest that have the words."""


class EditionInList(msgspec.Struct, kw_only=True):
    """How an edition stands."""

    language: str
    status: EditionStatus
    slug: str | None
    published_at: datetime | None


class CommentaryInList(msgspec.Struct, kw_only=True):
    """A commentary in a list."""

    id: UUID
    version: int
    state: CommentaryState
    week: str
    section: str
    trend: Trend | None
    source_language: str
    language: str
    """The language of the title and the lead here."""
    title: str
    lead: str
    byline: str | None
    editions: list[EditionInList]
    author: PersonName | UnsetType = UNSET
    """Only for those who may know."""
    updated_at: datetime | UnsetType = UNSET


@get(
    "/v1/commentaries",
    name="list_commentaries",
    operation_id="list_commentaries",
    opt=operation(refuses=[Invalid]),
)
async def list_commentaries(
    request: Request,
    db: Database,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
    week: Annotated[
        Week | None, QueryParameter(name="week", required=False, description="An ISO week.")
    ] = None,
    in_state: Annotated[CommentaryState | None, QueryParameter(name="state", required=False)] = None,
    section: Annotated[str | None, QueryParameter(name="section", required=False, max_length=60)] = None,
    language: Annotated[
        str | None,
        QueryParameter(name="language", required=False, max_length=20, description="Has such an edition."),
    ] = None,
    slug: Annotated[
        str | None,
        QueryParameter(
            name="slug",
            required=False,
            max_length=200,
            description="An edition that you may see has this address, or had it.",
        ),
    ] = None,
    mine: Annotated[
        bool,
        QueryParameter(name="mine", required=False, description="Only what you write, or contribute to."),
    ] = False,
    q: Annotated[
        str | None,
        QueryParameter(
            name="q",
            required=False,
            max_length=200,
            description=(
                "Words of a text that you may see, in any form. Of those that have them, the newest are listed:"
                f" {MOST} live ones and {MOST} in work."
            ),
        ),
    ] = None,
) -> Response[Page[CommentaryInList]]:
    """List the commentaries that you may see: newest first, or by how well they have what you ask for."""
    asked: dict[str, Any] = {
        "writer": actor.writer_id,
        "languages": views.languages_of(actor),
        "sees_all": actor.may_know(Information.UNFINISHED_TEXT),
        "translator_states": views.translator_states(),
        "state": in_state,
        "week": week,
        "section": section,
        "language": language,
        "slug": slug,
        "mine": mine,
    }
    if q is not None:
        return await _search(request, db, asked, q, limit, cursor)
    before = read_cursor(cursor, tuple[UUID])
    async with db.read() as connection:
        rows = await sql.list_commentaries(
            connection, **asked, among=None, before=before[0] if before else None, page=limit + 1
        )
    page = Page(data=_listed(rows[:limit]))
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["id"])
    return page_response(request, page)


async def _search(
    request: Request,
    db: Database,
    asked: dict[str, Any],
    q: str,
    limit: int,
    cursor: str | None,
) -> Response[Page[CommentaryInList]]:
    """First what has the words, then those of one page as they stand in a list."""
    before = read_cursor(cursor, tuple[int, UUID])
    async with db.read() as connection:
        found = await sql.find_commentaries(
            connection,
            **asked,
            query=q,
            score=before[0] if before else None,
            before=before[1] if before else None,
            most=MOST,
            page=limit + 1,
        )
        best = [row["id"] for row in found[:limit]]
        rows = await sql.list_commentaries(connection, **asked, among=best, before=None, page=limit)
    by_id = {row["id"]: row for row in rows}
    page = Page(data=_listed(by_id[one] for one in best if one in by_id))
    if len(found) > limit:
        last = found[limit - 1]
        page.next_cursor = write_cursor(last["score"], last["id"])
    return page_response(request, page)


def _listed(rows: Iterable[Any]) -> list[CommentaryInList]:
    return msgspec.convert([_in_list(row) for row in rows], list[CommentaryInList])


def _in_list(row: Any) -> dict[str, Any]:
    """A row as it is listed, without what its reader may not know."""
    listed = dict(row)
    if row["sight"] == Visibility.WHOLE:
        listed["author"] = {"id": row["author_id"], "display_name": row["author_name"]}
    else:
        listed["version"] = 0
        del listed["updated_at"]
    return listed


ROUTES = [list_commentaries]
