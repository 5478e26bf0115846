"""A text as readers get it, the same in every output: pages, lists, search, feeds, JSON-LD, ninjs, previews.

What has no words is left out. Blocks are numbered within their page: the ids that the desk gave them, or that
a client chose, would link two texts to one author. Addresses are in ASCII.
"""

from collections.abc import Iterable

import msgspec

from editorial.core import markdown
from editorial.core.texts import Block, Figure, Heading, ListBlock, Paragraph, Photo, Quote, Text, Trend
from editorial.core.uris import uri_of


class PublishedParagraph(msgspec.Struct, frozen=True, kw_only=True, tag="paragraph"):
    """A paragraph."""

    id: str
    """The block's number on this page, beginning with 1."""
    text: str
    """Inline CommonMark: emphasis, strong, link."""


class PublishedHeading(msgspec.Struct, frozen=True, kw_only=True, tag="heading"):
    """A heading inside the body."""

    id: str
    """The block's number on this page, beginning with 1."""
    text: str
    """Inline CommonMark: emphasis, strong, link."""


class PublishedQuote(msgspec.Struct, frozen=True, kw_only=True, tag="quote"):
    """Words of another person, set off from the text."""

    id: str
    """The block's number on this page, beginning with 1."""
    text: str
    """Inline CommonMark: emphasis, strong, link."""


class PublishedList(msgspec.Struct, frozen=True, kw_only=True, tag="list"):
    """A list."""

    id: str
    """The block's number on this page, beginning with 1."""
    items: list[str]
    """Inline CommonMark: emphasis, strong, link."""
    ordered: bool


class PublishedFigure(msgspec.Struct, frozen=True, kw_only=True, tag="figure"):
    """A picture in the body."""

    id: str
    """The block's number on this page, beginning with 1."""
    url: str
    """In ASCII."""
    alt: str
    """Plain text."""
    credit: str
    """Plain text."""
    text: str
    """The caption, in inline CommonMark."""
    caption_html: str
    """The caption as HTML: emphasis, strong and links, everything else escaped."""
    licence: str | None
    """Plain text."""


PublishedBlock = PublishedParagraph | PublishedHeading | PublishedQuote | PublishedList | PublishedFigure


class PublishedPhoto(msgspec.Struct, frozen=True, kw_only=True):
    """The photo over the text."""

    url: str
    """In ASCII."""
    credit: str
    """Plain text."""
    alt: str | None
    """Plain text."""
    caption: str | None
    """Inline CommonMark: emphasis, strong, link."""
    caption_html: str | None
    """The caption as HTML: emphasis, strong and links, everything else escaped."""
    licence: str | None
    """Plain text."""


class PublicText(msgspec.Struct, frozen=True, kw_only=True):
    """What readers get of one edition's text."""

    title: str
    lead: str
    trend: Trend | None
    photo: PublishedPhoto | None
    blocks: list[PublishedBlock]


def public_text(text: Text) -> PublicText:
    """A text of the desk as readers get it."""
    return PublicText(
        title=text.title,
        lead=markdown.for_readers(text.lead),
        trend=text.trend,
        photo=public_photo(text.photo),
        blocks=_numbered(text.blocks),
    )


def public_photo(photo: Photo | None) -> PublishedPhoto | None:
    """A photo as readers get it, with a caption only where that has words."""
    if photo is None:
        return None
    caption = _said(photo.caption or "")
    return PublishedPhoto(
        url=uri_of(photo.url),
        credit=photo.credit,
        alt=photo.alt,
        caption=caption or None,
        caption_html=markdown.to_safe_html(caption) if caption else None,
        licence=photo.licence,
    )


def _said(text: str) -> str:
    """An inline text as readers get it; empty where it has no words."""
    return markdown.for_readers(text) if markdown.has_words(text) else ""


def _numbered(blocks: Iterable[Block]) -> list[PublishedBlock]:
    numbered: list[PublishedBlock] = []
    for block in blocks:
        shown = _published(block, str(len(numbered) + 1))
        if shown is not None:
            numbered.append(shown)
    return numbered


def _published(block: Block, number: str) -> PublishedBlock | None:
    """A block as readers get it, or nothing where it has no words and is no picture."""
    match block:
        case ListBlock():
            items = [item for item in map(_said, block.items) if item]
            return PublishedList(id=number, items=items, ordered=block.ordered) if items else None
        case Figure():
            caption = _said(block.text)
            return PublishedFigure(
                id=number,
                url=uri_of(block.url),
                alt=block.alt,
                credit=block.credit,
                text=caption,
                caption_html=markdown.to_safe_html(caption),
                licence=block.licence,
            )
    text = _said(block.text)
    if not text:
        return None
    match block:
        case Heading():
            return PublishedHeading(id=number, text=text)
        case Quote():
            return PublishedQuote(id=number, text=text)
        case Paragraph():
            return PublishedParagraph(id=number, text=text)


def plain_lines(blocks: Iterable[PublishedBlock]) -> list[str]:
    """The words of a body without marks: a line for each paragraph, list item and caption."""
    lines: list[str] = []
    for block in blocks:
        lines += map(markdown.plain, block.items if isinstance(block, PublishedList) else [block.text])
    return [line for line in lines if line]
