"""Feeds of what was published last: Atom, RSS and JSON Feed, of a language or of one section.

A correction moves an entry up, with its note at the end of the text. A retracted text stays as an entry with
the same id, which says nothing but the notice: so a reader's copy is overwritten, where leaving it out would
leave the copy. See docs/adr/0022-what-feeds-say.md.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Annotated, Any

import feedgenerator
import msgspec
from litestar import Response, get
from litestar.params import PathParameter

from editorial.core import html, markdown
from editorial.core.public_text import PublicText
from editorial.core.refusals import NotFound
from editorial.database.replica import Replica
from editorial.locales import Message, render
from editorial.published import views
from editorial.published.views import PathLanguage, public, sql
from editorial.settings import Settings
from editorial.web import operation
from editorial.web.request import Request

LONG = 50
"""How many entries a feed has."""

ATOM, RSS, JSON = "application/atom+xml", "application/rss+xml", "application/feed+json"

PathSection = Annotated[str, PathParameter(max_length=60, description="A section's key.")]


class FeedAuthor(msgspec.Struct, kw_only=True):
    """A byline."""

    name: str


class FeedItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An entry of a JSON Feed."""

    id: str
    title: str
    content_html: str
    date_published: str
    date_modified: str
    language: str
    url: str | None = None
    summary: str | None = None
    image: str | None = None
    authors: list[FeedAuthor] | None = None
    tags: list[str] | None = None


class Feed(msgspec.Struct, kw_only=True):
    """A JSON Feed, version 1.1."""

    version: str = "https://jsonfeed.org/version/1.1"
    title: str
    home_page_url: str
    feed_url: str
    language: str
    items: list[FeedItem]


class _Dated(feedgenerator.SyndicationFeed):  # type: ignore[misc]  # the library has no types
    """A feed that also says when it last changed where it is empty: the library would take the present."""

    def latest_post_date(self) -> datetime:
        found: datetime = super().latest_post_date() if self.items else self.feed["modified"]
        return found


class _Atom(_Dated, feedgenerator.Atom1Feed):  # type: ignore[misc]
    """Atom, dated."""


class _Rss(_Dated, feedgenerator.Rss201rev2Feed):  # type: ignore[misc]
    """RSS with whole texts, for which its own element `description` is not meant."""

    def rss_attributes(self) -> dict[str, str]:
        namespaces = {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }
        return {**super().rss_attributes(), **namespaces}

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, {**item, "author_name": None})
        if item["author_name"] is not None:
            handler.addQuickElement("dc:creator", item["author_name"])
        handler.addQuickElement("content:encoded", item["content"])


_XML: dict[str, type[feedgenerator.SyndicationFeed]] = {ATOM: _Atom, RSS: _Rss}


class Source(msgspec.Struct, frozen=True):
    """What a feed is made of."""

    title: str
    home: str
    address: str
    language: str
    rows: list[Any]
    settings: Settings

    def item(self, row: Any) -> FeedItem:
        """An entry, as every form of feed has it."""
        told = {
            "id": self.settings.tag(row["public_id"]),
            "date_published": row["first_published_at"].isoformat(),
            "date_modified": row["changed_at"].isoformat(),
            "language": self.language,
        }
        if row["live_revision"] is None:
            title = render(Message("published.retracted"), self.language)
            return FeedItem(title=title, content_html=f"<p>{escape(row['retraction_reason'])}</p>", **told)
        text = views.text_of(row)
        trend = views.trend_of(row, self.language)
        tags = [views.section_of(row, self.language).label, *([trend.label] if trend else [])]
        return FeedItem(
            title=text.title,
            content_html=_content(text, row["corrections"], self.language),
            url=self.settings.page_address(self.language, row["week"], row["slug"]),
            summary=markdown.plain(text.lead),
            image=text.photo.url if text.photo else None,
            authors=[FeedAuthor(name=row["byline"])] if row["byline"] else None,
            tags=tags,
            **told,
        )


def _content(text: PublicText, corrections: Sequence[Any], language: str) -> str:
    parts = [f"<p><strong>{markdown.to_safe_html(text.lead)}</strong></p>"]
    if text.photo is not None:
        parts.insert(0, html.render_photo(text.photo))
    parts.append(html.render(text.blocks))
    word = escape(render(Message("published.correction"), language))
    parts += [
        f"<p><em>{word}, {escape(one['at'][:10])}: {escape(one['note'])}</em></p>" for one in corrections
    ]
    return "\n".join(parts)


def _as_xml(source: Source, media_type: str, modified: datetime) -> bytes:
    feed = _XML[media_type](
        title=source.title,
        link=source.home,
        description=source.title,
        language=source.language,
        author_name=source.settings.site_name if media_type == ATOM else None,
        feed_url=source.address,
        feed_guid=source.address,
        modified=modified,
    )
    for row in source.rows:
        item = source.item(row)
        feed.add_item(
            title=item.title,
            link=item.url or source.home,
            description=item.summary or "",
            content=item.content_html,
            author_name=item.authors[0].name if item.authors else None,
            pubdate=row["first_published_at"],
            updateddate=row["changed_at"],
            unique_id=item.id,
            unique_id_is_permalink=False,
            categories=item.tags or (),
        )
    return str(feed.writeString("utf-8")).encode()


def _as_json(source: Source) -> Feed:
    return Feed(
        title=source.title,
        home_page_url=source.home,
        feed_url=source.address,
        language=source.language,
        items=[source.item(row) for row in source.rows],
    )


async def _answer(
    request: Request,
    replica: Replica,
    settings: Settings,
    media_type: str,
    language: str,
    section: str | None = None,
) -> Response[Any]:
    title = settings.site_name
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        if section is not None:
            named = await sql.get_section(connection, key=section)
            if named is None:
                raise NotFound
            title = f"{title}: {views.section_of(named, language).label}"
        rows = await sql.list_latest(connection, language=language, section=section, page=LONG)
    home = settings.home_address(language)
    source = Source(
        title=title,
        home=home,
        address=settings.address + request.url.path,
        language=language,
        rows=views.as_approved(rows),
        settings=settings,
    )
    content = _as_json(source) if media_type == JSON else _as_xml(source, media_type, modified.at)
    charset = "" if media_type == JSON else "; charset=utf-8"
    return public(request, content, modified=modified, media_type=media_type + charset, is_page=True)


@get(
    "/v1/published/{language:str}/feed.atom",
    name="get_atom_feed",
    operation_id="get_atom_feed",
    opt=operation(public=True, refuses=[NotFound], gives_as=ATOM),
)
async def get_atom_feed(
    request: Request, replica: Replica, settings: Settings, language: PathLanguage
) -> Response[bytes]:
    """Follow a language as an Atom feed."""
    return await _answer(request, replica, settings, ATOM, language)


@get(
    "/v1/published/{language:str}/feed.rss",
    name="get_rss_feed",
    operation_id="get_rss_feed",
    opt=operation(public=True, refuses=[NotFound], gives_as=RSS),
)
async def get_rss_feed(
    request: Request, replica: Replica, settings: Settings, language: PathLanguage
) -> Response[bytes]:
    """Follow a language as an RSS feed."""
    return await _answer(request, replica, settings, RSS, language)


@get(
    "/v1/published/{language:str}/feed.json",
    name="get_json_feed",
    operation_id="get_json_feed",
    opt=operation(public=True, refuses=[NotFound], gives_as=JSON),
)
async def get_json_feed(
    request: Request, replica: Replica, settings: Settings, language: PathLanguage
) -> Response[Feed]:
    """Follow a language as a JSON Feed."""
    return await _answer(request, replica, settings, JSON, language)


@get(
    "/v1/published/{language:str}/sections/{section:str}/feed.atom",
    name="get_section_atom_feed",
    operation_id="get_section_atom_feed",
    opt=operation(public=True, refuses=[NotFound], gives_as=ATOM),
)
async def get_section_atom_feed(
    request: Request,
    replica: Replica,
    settings: Settings,
    language: PathLanguage,
    section: PathSection,
) -> Response[bytes]:
    """Follow a section as an Atom feed."""
    return await _answer(request, replica, settings, ATOM, language, section)


@get(
    "/v1/published/{language:str}/sections/{section:str}/feed.rss",
    name="get_section_rss_feed",
    operation_id="get_section_rss_feed",
    opt=operation(public=True, refuses=[NotFound], gives_as=RSS),
)
async def get_section_rss_feed(
    request: Request,
    replica: Replica,
    settings: Settings,
    language: PathLanguage,
    section: PathSection,
) -> Response[bytes]:
    """Follow a section as an RSS feed."""
    return await _answer(request, replica, settings, RSS, language, section)


@get(
    "/v1/published/{language:str}/sections/{section:str}/feed.json",
    name="get_section_json_feed",
    operation_id="get_section_json_feed",
    opt=operation(public=True, refuses=[NotFound], gives_as=JSON),
)
async def get_section_json_feed(
    request: Request,
    replica: Replica,
    settings: Settings,
    language: PathLanguage,
    section: PathSection,
) -> Response[Feed]:
    """Follow a section as a JSON Feed."""
    return await _answer(request, replica, settings, JSON, language, section)


ROUTES = [
    get_atom_feed,
    get_rss_feed,
    get_json_feed,
    get_section_atom_feed,
    get_section_rss_feed,
    get_section_json_feed,
]
