"""A text as HTML: inline CommonMark by markdown-it-py, and whatever comes out of it through nh3."""

from collections.abc import Iterable
from html import escape

import nh3

from editorial.core.inline import to_html
from editorial.core.texts import Block, Figure, Heading, ListBlock, Paragraph, Quote

_TAGS = {"p", "h2", "blockquote", "ul", "ol", "li", "figure", "img", "figcaption", "em", "strong", "a"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_SCHEMES = {"http", "https", "mailto"}


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p>{to_html(block.text)}</p>"
        case Heading():
            return f"<h2>{to_html(block.text)}</h2>"
        case Quote():
            return f"<blockquote><p>{to_html(block.text)}</p></blockquote>"
        case ListBlock():
            kind = "ol" if block.ordered else "ul"
            items = "".join(f"<li>{to_html(item)}</li>" for item in block.items)
            return f"<{kind}>{items}</{kind}>"
        case Figure():
            image = f'<img src="{escape(block.url)}" alt="{escape(block.alt)}">'
            caption = " ".join(part for part in (to_html(block.text), escape(block.credit)) if part)
            return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def render(blocks: Iterable[Block]) -> str:
    """The body as HTML that holds nothing but what the blocks may say."""
    return nh3.clean(
        "\n".join(_block(block) for block in blocks),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
