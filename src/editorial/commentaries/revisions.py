"""The revisions of an edition's text: what was written, and stays."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from editorial.commentaries import views
from editorial.commentaries.views import Commentary, Seen
from editorial.core import decisions, diffs
from editorial.core.diffs import FactDiff, UnitDiff
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Information, Visibility
from editorial.core.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TextWasAltered,
)
from editorial.core.states import Action
from editorial.core.texts import Block, Photo, Text, Trend
from editorial.database.access import Database
from editorial.database.queries import Connection, load_queries
from editorial.settings import Settings
from editorial.web import (
    Cursor,
    IfMatch,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    read_cursor,
    version_of,
    write_cursor,
)
from editorial.web.request import Request

sql = load_queries("commentaries/revisions")


class RevisionInList(msgspec.Struct, kw_only=True):
    """An immutable, numbered state of an edition's text."""

    number: int
    title: str
    approved: bool
    created_at: datetime | UnsetType = UNSET
    created_by: PersonName | UnsetType = UNSET
    """Only for coordinators."""


class RevisionDiff(msgspec.Struct, kw_only=True):
    """What changed between two revisions of one edition's text."""

    language: str
    from_revision: int
    to_revision: int
    units: list[UnitDiff]
    """Title, lead, alternative texts, captions and blocks, in the order of the newer revision."""
    facts: list[FactDiff]
    """What differs beside the words."""


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
    created_at: datetime | UnsetType = UNSET
    created_by: PersonName | UnsetType = UNSET
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
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    language: RevisionLanguage = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[RevisionInList]]:
    """List the revisions of one edition's text that you may read, latest first."""
    before = read_cursor(cursor, tuple[int])
    async with db.read() as connection:
        seen = await views.see_commentary(connection, actor, id, settings.site)
        chosen = language or seen.row.source_language
        numbers = views.visible_revisions(seen, actor, chosen)
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


def _revision_in_list(row: Any, actor: Actor, sight: Visibility) -> RevisionInList:
    revision = RevisionInList(number=row["number"], title=row["title"], approved=row["approved"])
    if sight is Visibility.WHOLE:
        revision.created_at = row["created_at"]
    if actor.may_know(Information.TRANSLATORS):
        revision.created_by = PersonName(id=row["created_by"], display_name=row["created_by_name"])
    return revision


@get(
    "/v1/commentaries/{id:uuid}/revisions/{number:int}",
    name="get_revision",
    operation_id="get_revision",
    opt=operation(refuses=[NotFound]),
)
async def get_revision(
    db: Database, settings: Settings, actor: Actor, id: UUID, number: int, language: RevisionLanguage = None
) -> Response[Revision]:
    """Read one revision of one edition's text."""
    async with db.read() as connection:
        seen = await views.see_commentary(connection, actor, id, settings.site)
        chosen = language or seen.row.source_language
        numbers = views.visible_revisions(seen, actor, chosen)
        if not 0 < number < 2**31 or (numbers is not None and number not in numbers):
            raise NotFound
        row = await read_revision(connection, id, chosen, number)
    revision = msgspec.convert(
        {
            name: row[name]
            for name in ("language", "number", "title", "lead", "trend", "photo", "blocks", "source_revision")
        },
        Revision,
    )
    if seen.sight is Visibility.WHOLE:
        revision.created_at = row["created_at"]
    if actor.may_know(Information.TRANSLATORS):
        revision.created_by = PersonName(id=row["created_by"], display_name=row["created_by_name"])
    return answer(revision)


def _number(name: str, meaning: str) -> Any:
    return QueryParameter(name=name, required=False, ge=1, le=2**31 - 1, description=meaning)


@get(
    "/v1/commentaries/{id:uuid}/diff",
    name="compare_revisions",
    operation_id="compare_revisions",
    opt=operation(refuses=[NotFound, Invalid]),
)
async def compare_revisions(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    language: RevisionLanguage = None,
    older: Annotated[
        int | None, _number("from", "The older revision; the one before `to` unless given.")
    ] = None,
    newer: Annotated[int | None, _number("to", "The newer revision; the latest unless given.")] = None,
) -> Response[RevisionDiff]:
    """Compare two revisions of one edition's text, unit by unit and word by word.

    Of a translator's edition and an author's text all revisions can be compared; of the rest, what was live.
    """
    async with db.read() as connection:
        seen = await views.see_commentary(connection, actor, id, settings.site)
        chosen = language or seen.row.source_language
        edition = next((one for one in seen.row.editions if one.language == chosen), None)
        if edition is None or edition.revision is None:
            raise NotFound
        numbers = views.visible_revisions(seen, actor, chosen)
        readable = list(range(1, edition.revision + 1)) if numbers is None else numbers
        to = newer or max(readable, default=0)
        since = older or max((number for number in readable if number < to), default=to)
        if not {since, to} <= set(readable):
            raise NotFound
        was = views.text_of(await read_revision(connection, id, chosen, since))
        now = views.text_of(await read_revision(connection, id, chosen, to))
    return answer(
        RevisionDiff(
            language=chosen,
            from_revision=since,
            to_revision=to,
            units=diffs.unit_diffs(was, now),
            facts=diffs.fact_diffs(was, now),
        )
    )


async def read_revision(connection: Connection, commentary: UUID, language: str, number: int) -> Any:
    """One revision of an edition. Raises `NotFound`."""
    row = await views.sql.get_revision(connection, commentary=commentary, language=language, number=number)
    if row is None:
        raise NotFound
    return row


async def revision_as_written(connection: Connection, commentary: UUID, language: str, number: int) -> Any:
    """One revision, to be taken as a new one. Raises `NotFound`, or `TextWasAltered`."""
    row = await read_revision(connection, commentary, language, number)
    if not row["is_as_written"]:
        raise TextWasAltered
    return row


@post(
    "/v1/commentaries/{id:uuid}/revisions/{number:int}/restoration",
    name="restore_revision",
    operation_id="restore_revision",
    status_code=200,
    opt=operation(refuses=[NotFound, Forbidden, PreconditionRequired, PreconditionFailed, Conflict]),
)
async def restore_revision(
    db: Database, settings: Settings, actor: Actor, id: UUID, number: int, if_match: IfMatch = None
) -> Response[Commentary]:
    """Take an earlier revision of the source text as a new one. Nothing in between is lost.

    It is an edit, with an edit's rules: of a draft, by its author or a contributor.
    """
    version = version_of(if_match)

    async def earlier(connection: Connection, seen: Seen) -> Text:
        row = seen.row
        if seen.sight is not Visibility.WHOLE or not 0 < number <= row.source_number:
            raise NotFound
        decisions.decide(row.subject, Action.EDIT, actor, version)
        return views.text_of(await revision_as_written(connection, id, row.source_language, number))

    shown = await views.write_text(db, settings, actor, id, "restore_revision", earlier)
    return answer(shown, version=shown.version)


ROUTES = [list_revisions, get_revision, compare_revisions, restore_revision]
