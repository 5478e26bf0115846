"""A published text as HTML: inline CommonMark by markdown-it-py, and whatever comes out of it through nh3."""

from collections.abc import Iterable
from html import escape

import nh3

from editorial.core.markdown import LINK_REL, SCHEMES, to_html
from editorial.core.public_text import (
    PublishedBlock,
    PublishedFigure,
    PublishedHeading,
    PublishedList,
    PublishedParagraph,
    PublishedPhoto,
    PublishedQuote,
)

_TAGS = {
    "p", "h2", "blockquote", "ul", "ol", "li", "figure", "img", "figcaption", "span", "em", "strong", "a"
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_CLASSES = {"span": {"caption", "credit"}}


def _block(block: PublishedBlock) -> str:
    match block:
        case PublishedParagraph():
            return f"<p>{to_html(block.text)}</p>"
        case PublishedHeading():
            return f"<h2>{to_html(block.text)}</h2>"
        case PublishedQuote():
            return f"<blockquote><p>{to_html(block.text)}</p></blockquote>"
        case PublishedList():
            kind = "ol" if block.ordered else "ul"
            items = "".join(f"<li>{to_html(item)}</li>" for item in block.items)
            return f"<{kind}>{items}</{kind}>"
        case PublishedFigure():
            return _figure(block.url, block.alt, block.text, block.credit)


def _figure(url: str, alt: str, caption: str, credit: str) -> str:
    """A picture. Caption and credit are elements of their own, so that a style sheet can tell them apart."""
    said = [
        f'<span class="{name}">{words}</span>'
        for name, words in (("caption", to_html(caption)), ("credit", escape(credit)))
        if words
    ]
    return (
        f'<figure><img src="{escape(url)}" alt="{escape(alt)}">'
        f"<figcaption>{' '.join(said)}</figcaption></figure>"
    )


def _cleaned(written: str) -> str:
    return nh3.clean(
        written,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=SCHEMES,
        link_rel=LINK_REL,
    )


def render(blocks: Iterable[PublishedBlock]) -> str:
    """The body as HTML that holds nothing but what the blocks may say."""
    return _cleaned("\n".join(_block(block) for block in blocks))


def render_photo(photo: PublishedPhoto) -> str:
    """The photo over a text as a figure."""
    return _cleaned(_figure(photo.url, photo.alt or "", photo.caption or "", photo.credit))
