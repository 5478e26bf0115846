"""A published text as readers see it: what more than one feature needs to read and to show."""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

import msgspec
import structlog
from litestar import Response
from litestar.params import PathParameter

from editorial.core import calendar, html, markdown
from editorial.core.public_text import PublicText, PublishedBlock, PublishedPhoto, public_photo, public_text
from editorial.core.refusals import Gone, NotFound, TextIsWithheld
from editorial.core.texts import Photo, Text, Trend
from editorial.database.queries import Connection, load_queries
from editorial.locales import Label, Verbatim, render
from editorial.published import page_cache
from editorial.web.request import Request

sql = load_queries("published/views")
log = structlog.get_logger("editorial.published")

ROOT = "/v1/published"

PathLanguage = Annotated[
    str, PathParameter(max_length=20, description="A language of the newsroom, as BCP 47 tag.")
]


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
    """Inline CommonMark: emphasis, strong, link."""
    lead_html: str
    """The lead as HTML: emphasis, strong and links, everything else escaped."""
    blocks: list[PublishedBlock]
    """Those that have words or a picture, numbered in order: a number names a block on this page only."""
    html: str
    """The blocks as HTML."""
    byline: str | None
    photo: PublishedPhoto | None
    published_at: datetime
    updated_at: datetime
    corrections: list[Correction]
    correction_pending: bool
    """The text was corrected in another language, and this translation has yet to catch up."""
    alternates: list[Alternate]
    slug: str
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
    photo: PublishedPhoto | None
    published_at: datetime
    updated_at: datetime
    slug: str
    url: str


def url_of(language: str, week: str, slug: str) -> str:
    """The address of a page in this API."""
    return f"{ROOT}/{language}/{week}/{slug}"


def section_of(row: Any, language: str) -> SectionLabel:
    """A section by its name in a language; in English or by its key where it has none."""
    named = row["section_labels"]
    return SectionLabel(key=row["section"], label=named.get(language) or named.get("en") or row["section"])


def trend_of(row: Any, language: str) -> TrendLabel | None:
    """A trend in words."""
    if row["trend"] is None:
        return None
    trend = Trend(row["trend"])
    return TrendLabel(key=trend, label=render(Label("trend", trend), language))


def text_of(row: Any) -> PublicText:
    """The text of a page's row, as readers get it."""
    named = {name: row[name] for name in ("title", "lead", "trend", "photo", "blocks")}
    return public_text(msgspec.convert(named, Text))


def alternates_of(row: Any) -> list[Alternate]:
    """The other languages of a page's row."""
    return [
        Alternate(
            language=other["language"],
            slug=other["slug"],
            url=url_of(other["language"], row["week"], other["slug"]),
        )
        for other in row["alternates"]
    ]


def page_of(row: Any) -> PublishedCommentary:
    """A page's row as readers get it."""
    language = row["language"]
    text = text_of(row)
    return PublishedCommentary(
        language=language,
        week=row["week"],
        week_label=calendar.week_label(row["week"], language),
        section=section_of(row, language),
        trend=trend_of(row, language),
        title=text.title,
        lead=text.lead,
        lead_html=markdown.to_safe_html(text.lead),
        blocks=text.blocks,
        html=html.render(text.blocks),
        byline=row["byline"],
        photo=text.photo,
        published_at=row["first_published_at"],
        updated_at=row["published_at"],
        corrections=msgspec.convert(row["corrections"], list[Correction]),
        correction_pending=row["correction_pending"],
        alternates=alternates_of(row),
        slug=row["slug"],
        url=url_of(language, row["week"], row["slug"]),
    )


def in_list(row: Any, language: str) -> PublishedInList:
    """A page's row as a list has it."""
    return PublishedInList(
        language=language,
        week=row["week"],
        week_label=calendar.week_label(row["week"], language),
        section=section_of(row, language),
        trend=trend_of(row, language),
        title=row["title"],
        lead=markdown.for_readers(row["lead"]),
        byline=row["byline"],
        photo=public_photo(msgspec.convert(row["photo"], Photo | None)),
        published_at=row["first_published_at"],
        updated_at=row["published_at"],
        slug=row["slug"],
        url=url_of(language, row["week"], row["slug"]),
    )


class Modified(NamedTuple):
    """When an answer last changed, to the minute, and whether it changed only once in that minute."""

    at: datetime
    once: bool


async def last_change(connection: Connection, language: str | None) -> Modified:
    """When any public page last changed. Raises `NotFound` where the newsroom has no such language."""
    row = await sql.reading(connection, language=language)
    if not row["is_known"]:
        raise NotFound
    return Modified(row["modified_at"], row["is_modified_once"])


def modified_of(row: Any) -> Modified:
    """When a page's row last changed."""
    return Modified(row["modified_at"], row["is_modified_once"])


def public(
    request: Request,
    content: Any,
    *,
    modified: Modified,
    media_type: str = "application/json",
    links: tuple[str, ...] = (),
    commentary: UUID | None = None,
    is_page: bool = False,
) -> Response[Any]:
    """An answer that caches may keep, our own among them. Bytes go as they are, all else as JSON."""
    headers = {"Cache-Control": page_cache.CACHE, "Last-Modified": http_date(modified.at)}
    if "language" in request.path_params:
        headers["Content-Language"] = request.path_params["language"]
    if links:
        headers["Link"] = ", ".join(links)
    page_cache.keep(request.scope, commentary=commentary, is_page=is_page, is_told_by_date=modified.once)
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(body, media_type=media_type, headers=headers)


def next_link(request: Request, cursor: str | None) -> tuple[str, ...]:
    """The next page as a link (RFC 8288), where there is one."""
    if cursor is None:
        return ()
    asked = [(name, value) for name, value in request.query_params.items() if name != "cursor"]
    query = "&".join(f"{quote(name)}={quote(str(value))}" for name, value in [*asked, ("cursor", cursor)])
    return (f'<{request.url.path}?{query}>; rel="next"',)


def moved(request: Request, row: Any, ending: str = "") -> Response[Any]:
    """A redirect from an old address of a page to the one that it has now."""
    page_cache.keep(request.scope, commentary=row["commentary_id"])
    address = url_of(row["language"], row["week"], row["slug"]) + ending
    headers = {"Location": address, "Cache-Control": page_cache.CACHE}
    return Response(b"", status_code=308, media_type="text/plain", headers=headers)


def refuse_retracted(request: Request, row: Any) -> None:
    """Raise `Gone` with the notice, which is kept as the page was, where a page's row was retracted."""
    if row["live_revision"] is None:
        page_cache.keep(request.scope, commentary=row["commentary_id"], is_page=True)
        raise Gone(Verbatim(row["retraction_reason"]))


def refuse_altered(row: Any) -> None:
    """Raise `TextIsWithheld` where a live page's text is not, byte for byte, the one that was approved."""
    if _is_altered(row):
        raise TextIsWithheld


def as_approved(rows: Iterable[Any]) -> list[Any]:
    """The rows without live texts that are not, byte for byte, the ones that were approved."""
    return [row for row in rows if not _is_altered(row)]


def _is_altered(row: Any) -> bool:
    """Whether a page's text is not the one that was approved, with an alarm in the log where it is not."""
    if row["is_altered"]:
        log.error(
            "a live text is not the one that was approved, and is withheld: run `editorial audit verify`",
            week=row["week"],
            slug=row["slug"],
        )
    return bool(row["is_altered"])


def http_date(moment: datetime) -> str:
    """An instant as HTTP writes it (RFC 9110, 5.6.7)."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
