"""What readers get, without signing in: one page by its address, lists, and a week's issue."""

import unicodedata
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from editorial.core import calendar
from editorial.core.calendar import Week
from editorial.core.refusals import Gone, Invalid, NotFound, TextIsWithheld
from editorial.core.texts import Trend
from editorial.database.replica import Replica
from editorial.published import views
from editorial.published.views import PathLanguage, PublishedCommentary, PublishedInList, public, sql
from editorial.web import Cursor, Limit, Page, operation, read_cursor, write_cursor
from editorial.web.request import Request


class WeekIssue(msgspec.Struct, kw_only=True):
    """One week's issue of the digest in one language: every live commentary, section by section."""

    language: str
    week: str
    week_label: str
    commentaries: list[PublishedCommentary]
    previous_week: str | None
    """The nearest week before that has something to read."""
    next_week: str | None


class WeekInList(msgspec.Struct, kw_only=True):
    """A week that has something to read."""

    week: str
    week_label: str
    commentaries: int
    updated_at: datetime
    url: str


class SectionWithTexts(msgspec.Struct, kw_only=True):
    """A section that has something to read, by its name in the language."""

    key: str
    label: str
    commentaries: int


class SectionsWithTexts(msgspec.Struct, kw_only=True):
    """The sections that have something to read, in the order of the digest."""

    data: list[SectionWithTexts]
    next_cursor: str | None = None


@get(
    "/v1/published/{language:str}",
    name="list_published",
    operation_id="list_published",
    opt=operation(public=True, refuses=[NotFound, Invalid]),
)
async def list_published(
    request: Request,
    replica: Replica,
    language: PathLanguage,
    limit: Limit = 25,
    cursor: Cursor = None,
    week: Annotated[Week | None, QueryParameter(name="week", required=False)] = None,
    section: Annotated[str | None, QueryParameter(name="section", required=False, max_length=60)] = None,
    trend: Annotated[Trend | None, QueryParameter(name="trend", required=False)] = None,
    byline: Annotated[str | None, QueryParameter(name="byline", required=False, max_length=200)] = None,
) -> Response[Page[PublishedInList]]:
    """List what is live in a language, latest first."""
    before = read_cursor(cursor, tuple[datetime, str])
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        rows = await sql.list_published(
            connection,
            language=language,
            week=week,
            section=section,
            trend=trend,
            byline=None if byline is None else unicodedata.normalize("NFC", byline),
            before=before[0] if before else None,
            before_slug=before[1] if before else None,
            page=limit + 1,
        )
    page = Page(data=[views.in_list(row, language) for row in views.as_approved(rows[:limit])])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["first_published_exactly"], rows[limit - 1]["slug"])
    links = views.next_link(request, page.next_cursor)
    return public(request, page, modified=modified, links=links, is_page=not request.query_params)


@get(
    "/v1/published/{language:str}/weeks",
    name="list_published_weeks",
    operation_id="list_published_weeks",
    opt=operation(public=True, refuses=[NotFound]),
)
async def list_published_weeks(
    request: Request,
    replica: Replica,
    language: PathLanguage,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[WeekInList]]:
    """List the weeks that have something to read, latest first."""
    before = read_cursor(cursor, tuple[str])
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        rows = await sql.list_weeks(
            connection, language=language, before=before[0] if before else None, page=limit + 1
        )
    page = Page(
        data=[
            WeekInList(
                week=row["week"],
                week_label=calendar.week_label(row["week"], language),
                commentaries=row["commentaries"],
                updated_at=row["updated_at"],
                url=f"{views.ROOT}/{language}/{row['week']}",
            )
            for row in rows[:limit]
        ]
    )
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["week"])
    links = views.next_link(request, page.next_cursor)
    return public(request, page, modified=modified, links=links, is_page=not request.query_params)


@get(
    "/v1/published/{language:str}/sections",
    name="list_published_sections",
    operation_id="list_published_sections",
    opt=operation(public=True, refuses=[NotFound]),
)
async def list_published_sections(
    request: Request, replica: Replica, language: PathLanguage
) -> Response[SectionsWithTexts]:
    """List the sections that have something to read, in the order of the digest."""
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        rows = await sql.list_sections(connection, language=language)
    found = SectionsWithTexts(
        data=[
            SectionWithTexts(
                key=row["section"],
                label=views.section_of(row, language).label,
                commentaries=row["commentaries"],
            )
            for row in rows
        ]
    )
    return public(request, found, modified=modified, is_page=True)


@get(
    "/v1/published/{language:str}/{week:str}",
    name="get_week_issue",
    operation_id="get_week_issue",
    opt=operation(public=True, refuses=[NotFound]),
)
async def get_week_issue(
    request: Request, replica: Replica, language: PathLanguage, week: str
) -> Response[WeekIssue]:
    """Read one week's issue: every live commentary whole, in the order of the sections."""
    if not calendar.week_exists(week):
        raise NotFound
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        rows = await sql.list_issue(connection, language=language, week=week)
        around = await sql.neighbour_weeks(connection, language=language, week=week)
    issue = WeekIssue(
        language=language,
        week=week,
        week_label=calendar.week_label(week, language),
        commentaries=[views.page_of(row) for row in views.as_approved(rows)],
        previous_week=around["previous"],
        next_week=around["following"],
    )
    return public(request, issue, modified=modified, is_page=bool(rows))


@get(
    "/v1/published/{language:str}/{week:str}/{slug:str}",
    name="get_published_commentary",
    operation_id="get_published_commentary",
    opt=operation(public=True, refuses=[NotFound, Gone, TextIsWithheld]),
)
async def get_published_commentary(
    request: Request, replica: Replica, language: PathLanguage, week: str, slug: str
) -> Response[PublishedCommentary]:
    """Read a published commentary. An old address redirects; a retracted text answers 410 with the notice."""
    async with replica.read() as connection:
        row = await sql.get_published(connection, language=language, slug=slug)
    if row is None:
        raise NotFound
    if row["slug"] != slug or row["week"] != week:
        return views.moved(request, row)
    views.refuse_retracted(request, row)
    views.refuse_altered(row)
    page = views.page_of(row)
    links = tuple(f'<{other.url}>; rel="alternate"; hreflang="{other.language}"' for other in page.alternates)
    return public(
        request,
        page,
        modified=views.modified_of(row),
        links=links,
        commentary=row["commentary_id"],
        is_page=True,
    )


ROUTES = [
    list_published,
    list_published_weeks,
    list_published_sections,
    get_week_issue,
    get_published_commentary,
]
