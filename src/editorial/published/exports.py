"""What machines read of the published: sitemaps, JSON-LD for search engines, ninjs for partners."""

from html import escape
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from editorial.core import calendar, html, markdown
from editorial.core.public_text import PublishedPhoto, plain_lines
from editorial.core.refusals import Gone, NotFound, TextIsWithheld
from editorial.database.replica import Replica
from editorial.locales import Message, render
from editorial.published import views
from editorial.published.views import PathLanguage, public, sql
from editorial.settings import Settings
from editorial.web import operation
from editorial.web.request import Request

XML, JSON_LD = "application/xml", "application/ld+json"
MAX_ADDRESSES = 50_000
"""As many as a sitemap may have."""
LATEST = 50
"""How many items partners get at once."""


class NinjsStandard(msgspec.Struct, kw_only=True):
    """Which standard an item follows."""

    name: str = "ninjs"
    version: str = "3.0"
    schema: str = "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json#"


class NinjsText(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A headline, a description or a body."""

    role: str
    value: str
    content_type: str | None = None
    word_count: int | None = None


class NinjsName(msgspec.Struct, kw_only=True):
    """A subject or a genre."""

    name: str
    literal: str


class NinjsId(msgspec.Struct, kw_only=True):
    """Another name of an item."""

    role: str
    value: str


class NinjsRendition(msgspec.Struct, kw_only=True):
    """Where a picture lies."""

    name: str
    href: str


class NinjsAssociation(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A picture of an item, or the same in another language."""

    name: str
    uri: str
    type: str
    language: str | None = None
    by: str | None = None
    usage_terms: str | None = None
    descriptions: list[NinjsText] | None = None
    renditions: list[NinjsRendition] | None = None


class NinjsItem(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A published text as the IPTC's ninjs 3.0 has it; one that was retracted is `canceled`."""

    standard: NinjsStandard
    uri: str
    type: str
    representation_type: str
    profile: str
    version: str
    first_created: str
    version_created: str
    pub_status: str
    language: str
    copyright_holder: str
    ed_note: str | None = None
    by: str | None = None
    slugline: str | None = None
    headlines: list[NinjsText] | None = None
    descriptions: list[NinjsText] | None = None
    bodies: list[NinjsText] | None = None
    subjects: list[NinjsName] | None = None
    genres: list[NinjsName] | None = None
    alt_ids: list[NinjsId] | None = None
    associations: list[NinjsAssociation] | None = None


class NinjsItems(msgspec.Struct, kw_only=True):
    """What partners were told last, the latest first."""

    data: list[NinjsItem]


class LinkedArticle(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A published text in the words of schema.org."""

    context: str = msgspec.field(name="@context")
    kind: str = msgspec.field(name="@type")
    id: str = msgspec.field(name="@id")
    url: str
    main_entity_of_page: str
    headline: str
    description: str
    article_body: str
    article_section: str
    in_language: str
    date_published: str
    date_modified: str
    temporal_coverage: str
    is_accessible_for_free: bool
    publisher: dict[str, str]
    author: dict[str, str]
    image: dict[str, str] | None = None
    correction: list[dict[str, str]] | None = None
    work_translation: list[dict[str, str]] | None = None
    translation_of_work: dict[str, str] | None = None


@get(
    "/v1/published/sitemap.xml",
    name="get_sitemap_index",
    operation_id="get_sitemap_index",
    opt=operation(public=True, gives_as=XML),
)
async def get_sitemap_index(request: Request, replica: Replica, settings: Settings) -> Response[bytes]:
    """List the sitemaps: one for each language and year."""
    async with replica.read() as connection:
        modified = await views.last_change(connection, None)
        rows = await sql.list_years(connection)
    entries = "".join(
        f"<sitemap><loc>{escape(settings.address)}{views.ROOT}/{row['language']}/sitemap.xml"
        f"?year={row['year']}</loc><lastmod>{row['changed_at'].isoformat()}</lastmod></sitemap>\n"
        for row in rows
    )
    written = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</sitemapindex>\n'
    )
    return public(request, written.encode(), modified=modified, media_type=XML, is_page=True)


@get(
    "/v1/published/{language:str}/sitemap.xml",
    name="get_sitemap",
    operation_id="get_sitemap",
    opt=operation(public=True, refuses=[NotFound], gives_as=XML),
)
async def get_sitemap(
    request: Request,
    replica: Replica,
    settings: Settings,
    language: PathLanguage,
    year: Annotated[
        int | None,
        QueryParameter(name="year", required=False, ge=1900, le=9999, description="The year of the week."),
    ] = None,
) -> Response[bytes]:
    """List the pages of a language, each with its addresses in the other languages (`hreflang`)."""
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        rows = await sql.list_addresses(
            connection, language=language, year=None if year is None else f"{year:04d}", page=MAX_ADDRESSES
        )
    entries = "".join(_sitemap_entry(row, settings, language) for row in rows)
    written = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{entries}</urlset>\n'
    )
    return public(request, written.encode(), modified=modified, media_type=XML, is_page=year is None)


def _sitemap_entry(row: Any, settings: Settings, language: str) -> str:
    own = escape(settings.page_address(language, row["week"], row["slug"]))
    others = {
        other["language"]: escape(settings.page_address(other["language"], row["week"], other["slug"]))
        for other in row["alternates"]
    }
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href="{address}"/>'
        for tag, address in {language: own, **others}.items()
    )
    changed = row["published_at"].isoformat()
    return f"<url><loc>{own}</loc><lastmod>{changed}</lastmod>{links}</url>\n"


@get(
    "/v1/published/{language:str}/{week:str}/{slug:str}/json-ld",
    name="get_linked_article",
    operation_id="get_linked_article",
    opt=operation(public=True, refuses=[NotFound, Gone, TextIsWithheld], gives_as=JSON_LD),
)
async def get_linked_article(
    request: Request,
    replica: Replica,
    settings: Settings,
    language: PathLanguage,
    week: str,
    slug: str,
) -> Response[LinkedArticle]:
    """Read a page as JSON-LD (`AnalysisNewsArticle`), to be put into an HTML page as it is."""
    async with replica.read() as connection:
        row = await sql.get_published(connection, language=language, slug=slug)
    if row is None:
        raise NotFound
    if row["slug"] != slug or row["week"] != week:
        return views.moved(request, row, "/json-ld")
    views.refuse_retracted(request, row)
    views.refuse_altered(row)
    # Inside <script>, no text may end it.
    written = msgspec.json.encode(_linked(row, settings)).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
    return public(
        request,
        written,
        modified=views.modified_of(row),
        media_type=JSON_LD,
        commentary=row["commentary_id"],
        is_page=True,
    )


def _linked(row: Any, settings: Settings) -> LinkedArticle:
    language = row["language"]
    text = views.text_of(row)
    address = settings.page_address(language, row["week"], row["slug"])
    publisher = {
        "@type": "NewsMediaOrganization",
        "name": settings.site_name,
        "url": settings.home_address(language),
    }
    others = {
        other["language"]: {
            "@type": "AnalysisNewsArticle",
            "@id": settings.page_address(other["language"], row["week"], other["slug"]),
            "inLanguage": other["language"],
        }
        for other in row["alternates"]
    }
    monday, sunday = calendar.week_days(row["week"])
    return LinkedArticle(
        context="https://schema.org",
        kind="AnalysisNewsArticle",
        id=address,
        url=address,
        main_entity_of_page=address,
        headline=text.title,
        description=markdown.plain(text.lead),
        article_body="\n".join(plain_lines(text.blocks)),
        article_section=views.section_of(row, language).label,
        in_language=language,
        date_published=row["first_published_at"].isoformat(),
        date_modified=row["published_at"].isoformat(),
        temporal_coverage=f"{monday.isoformat()}/{sunday.isoformat()}",
        is_accessible_for_free=True,
        publisher=publisher,
        author={"@type": "Person", "name": row["byline"]} if row["byline"] else publisher,
        image=_image(text.photo),
        correction=[
            {"@type": "CorrectionComment", "text": one["note"], "datePublished": one["at"]}
            for one in row["corrections"]
        ]
        or None,
        work_translation=list(others.values()) or None if row["is_source"] else None,
        translation_of_work=None if row["is_source"] else others.get(row["source_language"]),
    )


def _image(photo: PublishedPhoto | None) -> dict[str, str] | None:
    if photo is None:
        return None
    told = {
        "url": photo.url,
        "caption": markdown.plain(photo.caption or "") or photo.alt,
        "creditText": photo.credit,
    }
    return {"@type": "ImageObject", **{name: one for name, one in told.items() if one}}


@get(
    "/v1/published/{language:str}/ninjs",
    name="list_ninjs",
    operation_id="list_ninjs",
    opt=operation(public=True, refuses=[NotFound]),
)
async def list_ninjs(
    request: Request, replica: Replica, settings: Settings, language: PathLanguage
) -> Response[NinjsItems]:
    """Follow a language as ninjs 3 items, the latest change first: what was retracted is `canceled`."""
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)
        rows = await sql.list_latest(connection, language=language, section=None, page=LATEST)
    items = NinjsItems(data=[_ninjs(row, settings) for row in views.as_approved(rows)])
    return public(request, items, modified=modified, is_page=True)


@get(
    "/v1/published/{language:str}/{week:str}/{slug:str}/ninjs",
    name="get_ninjs",
    operation_id="get_ninjs",
    opt=operation(public=True, refuses=[NotFound, Gone, TextIsWithheld]),
)
async def get_ninjs(
    request: Request,
    replica: Replica,
    settings: Settings,
    language: PathLanguage,
    week: str,
    slug: str,
) -> Response[NinjsItem]:
    """Read a page as a ninjs 3 item, as partners take it in."""
    async with replica.read() as connection:
        row = await sql.get_published(connection, language=language, slug=slug)
    if row is None:
        raise NotFound
    if row["slug"] != slug or row["week"] != week:
        return views.moved(request, row, "/ninjs")
    views.refuse_retracted(request, row)
    views.refuse_altered(row)
    return public(
        request,
        _ninjs(row, settings),
        modified=views.modified_of(row),
        commentary=row["commentary_id"],
        is_page=True,
    )


def _ninjs(row: Any, settings: Settings) -> NinjsItem:
    language = row["language"]
    item = NinjsItem(
        standard=NinjsStandard(),
        uri=settings.tag(row["public_id"]),
        type="text",
        representation_type="full",
        profile="text-photo",
        version=_version(row),
        first_created=row["first_published_at"].isoformat(),
        version_created=row["changed_at"].isoformat(),
        pub_status="usable",
        language=language,
        copyright_holder=settings.site_name,
    )
    if row["live_revision"] is None:
        item.pub_status = "canceled"
        item.profile = "text-only"
        item.ed_note = row["retraction_reason"]
        item.headlines = [NinjsText(role="main", value=render(Message("published.retracted"), language))]
        return item
    text = views.text_of(row)
    body = html.render(text.blocks)
    words = " ".join(plain_lines(text.blocks))
    section, trend = views.section_of(row, language), views.trend_of(row, language)
    item.by = row["byline"]
    item.slugline = row["slug"]
    item.headlines = [NinjsText(role="main", value=text.title)]
    item.descriptions = [NinjsText(role="summary", value=markdown.plain(text.lead))]
    item.bodies = [
        NinjsText(role="main", content_type="text/html", value=body, word_count=len(words.split()))
    ]
    item.subjects = [
        NinjsName(name=section.label, literal=section.key),
        *([NinjsName(name=trend.label, literal=f"trend-{trend.key}")] if trend else ()),
    ]
    item.genres = [NinjsName(name="Analysis", literal="analysis")]
    item.alt_ids = [
        NinjsId(role="url", value=settings.page_address(language, row["week"], row["slug"])),
        NinjsId(role="week", value=row["week"]),
    ]
    if row["corrections"]:
        latest = row["corrections"][-1]
        item.ed_note = (
            f"{render(Message('published.correction'), language)}, {latest['at'][:10]}: {latest['note']}"
        )
    item.associations = _associations(row, text.photo, settings) or None
    if text.photo is None:
        item.profile = "text-only"
    return item


def _version(row: Any) -> str:
    """What grows with each publication, and tells no second and no number of any other."""
    minute = f"{row['changed_at']:%Y%m%dT%H%MZ}"
    number = row["changes_in_the_minute"]
    return minute if number <= 1 else f"{minute}-{number}"


def _associations(row: Any, photo: PublishedPhoto | None, settings: Settings) -> list[NinjsAssociation]:
    found: list[NinjsAssociation] = []
    if photo is not None:
        said = (("alternative-text", photo.alt), ("caption", markdown.plain(photo.caption or "")))
        found.append(
            NinjsAssociation(
                name="photo",
                uri=photo.url,
                type="picture",
                by=photo.credit,
                usage_terms=photo.licence,
                descriptions=[NinjsText(role=role, value=words) for role, words in said if words] or None,
                renditions=[NinjsRendition(name="main", href=photo.url)],
            )
        )
    found += [
        NinjsAssociation(
            name=f"translation-{other['language']}",
            uri=settings.page_address(other["language"], row["week"], other["slug"]),
            type="text",
            language=other["language"],
        )
        for other in row["alternates"]
    ]
    return found


ROUTES = [get_sitemap_index, get_sitemap, get_linked_article, list_ninjs, get_ninjs]
