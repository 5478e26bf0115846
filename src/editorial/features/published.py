"""What readers get, without signing in: one page by its address, lists, and a week's issue."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get
from litestar.params import PathParameter, QueryParameter

from editorial import desk
from editorial.core import calendar, html, labels, texts
from editorial.core.refusals import Gone, Invalid, NotFound
from editorial.core.texts import Block, Photo, Trend
from editorial.db import Connection, Database, load_queries
from editorial.web import Cursor, Limit, Page, operation, read_cursor, write_cursor

sql = load_queries("published")

CACHE = "public, max-age=60, stale-while-revalidate=300"


class SectionLabel(msgspec.Struct, kw_only=True):
    """A section, with its name in the page's language."""

    key: str
    label: str


class TrendLabel(msgspec.Struct, kw_only=True):
    """How the situation changed, in words of the page's language."""

    key: Trend
    label: str


class Correction(msgspec.Struct, kw_only=True):
    """What was changed after publication."""

    at: datetime
    note: str


class Alternate(msgspec.Struct, kw_only=True):
    """The same commentary in another language."""

    language: str
    slug: str
    url: str


class PublishedCommentary(msgspec.Struct, kw_only=True):
    """A live edition, as readers get it."""

    language: str
    week: str
    week_label: str
    section: SectionLabel
    trend: TrendLabel | None
    title: str
    lead: str
    blocks: list[Block]
    html: str
    byline: str | None
    photo: Photo | None
    published_at: datetime
    updated_at: datetime
    corrections: list[Correction]
    correction_pending: bool
    """The text was corrected in another language, and this translation has yet to catch up."""
    alternates: list[Alternate]
    url: str


class PublishedInList(msgspec.Struct, kw_only=True):
    """A live edition in a list."""

    language: str
    week: str
    week_label: str
    section: SectionLabel
    trend: TrendLabel | None
    title: str
    lead: str
    byline: str | None
    photo: Photo | None
    published_at: datetime
    updated_at: datetime
    slug: str
    url: str


class WeekIssue(msgspec.Struct, kw_only=True):
    """One week's issue of the digest in one language: every live commentary, section by section."""

    language: str
    week: str
    week_label: str
    commentaries: list[PublishedInList]


def _url(language: str, week: str, slug: str) -> str:
    return f"/v1/published/{language}/{week}/{slug}"


def _section(row: Any, language: str) -> SectionLabel:
    named = row["section_labels"]
    return SectionLabel(key=row["section"], label=named.get(language) or named.get("en") or row["section"])


def _trend(row: Any, language: str) -> TrendLabel | None:
    if row["trend"] is None:
        return None
    trend = Trend(row["trend"])
    return TrendLabel(key=trend, label=labels.TRENDS[trend].in_(language))


def _photo(row: Any) -> Photo | None:
    return None if row["photo"] is None else msgspec.convert(row["photo"], Photo)


def _in_list(row: Any, language: str) -> PublishedInList:
    return PublishedInList(
        language=language,
        week=row["week"],
        week_label=calendar.week_label(row["week"], language),
        section=_section(row, language),
        trend=_trend(row, language),
        title=row["title"],
        lead=row["lead"],
        byline=row["byline"],
        photo=_photo(row),
        published_at=row["first_published_at"],
        updated_at=row["published_at"],
        slug=row["slug"],
        url=_url(language, row["week"], row["slug"]),
    )


async def _check_language(connection: Connection, language: str) -> None:
    if not await sql.knows_language(connection, language=language):
        raise NotFound


def _public(
    request: Request[Any, Any, Any],
    content: Any,
    *,
    modified: datetime | None = None,
    links: tuple[str, ...] = (),
) -> Response[Any]:
    """An answer that caches may keep: a strong ETag over its bytes, 304 for who has it (RFC 9110, 13)."""
    body = msgspec.json.encode(content)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": CACHE}
    if modified is not None:
        headers["Last-Modified"] = format_datetime(
            modified.astimezone(UTC).replace(microsecond=0), usegmt=True
        )
    if links:
        headers["Link"] = ", ".join(links)
    asked = request.headers.get("if-none-match")
    if asked is not None and (
        asked.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in asked.split(",")]
    ):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


PathLanguage = Annotated[
    str, PathParameter(max_length=20, description="A language of the newsroom, as BCP 47 tag.")
]


@get(
    "/v1/published/{language:str}",
    name="list_published",
    operation_id="list_published",
    opt=operation(public=True, refuses=[NotFound, Invalid]),
)
async def list_published(
    request: Request[Any, Any, Any],
    db: Database,
    language: PathLanguage,
    limit: Limit = 25,
    cursor: Cursor = None,
    week: Annotated[str | None, QueryParameter(name="week", required=False, max_length=8)] = None,
    section: Annotated[str | None, QueryParameter(name="section", required=False, max_length=60)] = None,
    trend: Annotated[Trend | None, QueryParameter(name="trend", required=False)] = None,
    byline: Annotated[str | None, QueryParameter(name="byline", required=False, max_length=200)] = None,
) -> Response[Page[PublishedInList]]:
    """List what is live in a language, latest first."""
    before = read_cursor(cursor, tuple[datetime, str])
    async with db.reading() as connection:
        rows = await sql.list_published(
            connection,
            language=language,
            week=week,
            section=section,
            trend=trend,
            byline=byline,
            before=before[0] if before else None,
            before_slug=before[1] if before else None,
            page=limit + 1,
        )
        if not rows:
            await _check_language(connection, language)
    page = Page(data=[_in_list(row, language) for row in rows[:limit]])
    links: tuple[str, ...] = ()
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["first_published_at"], rows[limit - 1]["slug"])
        following = request.url.with_replacements(
            query=f"{_without_cursor(request)}cursor={quote(page.next_cursor)}"
        )
        links = (f'<{following.path}?{following.query}>; rel="next"',)
    return _public(request, page, links=links)


def _without_cursor(request: Request[Any, Any, Any]) -> str:
    kept = [(name, value) for name, value in request.query_params.items() if name != "cursor"]
    return "".join(f"{quote(name)}={quote(str(value))}&" for name, value in kept)


@get(
    "/v1/published/{language:str}/{week:str}",
    name="get_week_issue",
    operation_id="get_week_issue",
    opt=operation(public=True, refuses=[NotFound]),
)
async def get_week_issue(
    request: Request[Any, Any, Any], db: Database, language: PathLanguage, week: str
) -> Response[WeekIssue]:
    """Read one week's issue: every live commentary, in the order of the sections."""
    if not texts.week_exists(week):
        raise NotFound
    async with db.reading() as connection:
        rows = await sql.list_published(
            connection,
            language=language,
            week=week,
            section=None,
            trend=None,
            byline=None,
            before=None,
            before_slug=None,
            page=1_000,
        )
        if not rows:
            await _check_language(connection, language)
    rows = sorted(rows, key=lambda row: (row["section_position"], row["first_published_at"]))
    issue = WeekIssue(
        language=language,
        week=week,
        week_label=calendar.week_label(week, language),
        commentaries=[_in_list(row, language) for row in rows],
    )
    return _public(request, issue, modified=max((row["published_at"] for row in rows), default=None))


@get(
    "/v1/published/{language:str}/{week:str}/{slug:str}",
    name="get_published_commentary",
    operation_id="get_published_commentary",
    opt=operation(public=True, refuses=[NotFound, Gone]),
)
async def get_published_commentary(
    request: Request[Any, Any, Any], db: Database, language: PathLanguage, week: str, slug: str
) -> Response[PublishedCommentary]:
    """Read a published commentary. An old address redirects; a retracted text answers 410 with the notice."""
    async with db.reading() as connection:
        row = await sql.get_published(connection, language=language, slug=slug)
    if row is None:
        raise NotFound
    if row["slug"] != slug or row["week"] != week:
        address = _url(language, row["week"], row["slug"])
        return Response(None, status_code=308, headers={"Location": address, "Cache-Control": CACHE})  # type: ignore[arg-type]  # a redirect has no body
    if row["live_revision"] is None:
        raise Gone(row["retraction_reason"])
    alternates = [
        Alternate(
            language=other["language"],
            slug=other["slug"],
            url=_url(other["language"], row["week"], other["slug"]),
        )
        for other in row["alternates"]
    ]
    text = desk.text_of(row)
    page = PublishedCommentary(
        language=language,
        week=row["week"],
        week_label=calendar.week_label(row["week"], language),
        section=_section(row, language),
        trend=_trend(row, language),
        title=text.title,
        lead=text.lead,
        blocks=text.blocks,
        html=html.render(text.blocks),
        byline=row["byline"],
        photo=text.photo,
        published_at=row["first_published_at"],
        updated_at=row["published_at"],
        corrections=msgspec.convert(row["corrections"], list[Correction]),
        correction_pending=row["correction_pending"],
        alternates=alternates,
        url=_url(language, row["week"], row["slug"]),
    )
    links = tuple(f'<{other.url}>; rel="alternate"; hreflang="{other.language}"' for other in alternates)
    return _public(request, page, modified=page.updated_at, links=links)


ROUTES = [list_published, get_week_issue, get_published_commentary]
