"""A text as HTML: inline CommonMark by markdown-it-py, and whatever comes out of it through nh3."""

from collections.abc import Iterable
from html import escape

import nh3
from markdown_it import MarkdownIt

from editorial.core.texts import Block, Figure, Heading, ListBlock, Paragraph, Quote

_INLINE = MarkdownIt("zero").enable(["emphasis", "link", "escape", "entity"])
_TAGS = {"p", "h2", "blockquote", "ul", "ol", "li", "figure", "img", "figcaption", "em", "strong", "a"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_SCHEMES = {"http", "https", "mailto"}


def inline(text: str) -> str:
    """Emphasis, strong and links; everything else is words."""
    return str(_INLINE.renderInline(text))


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p>{inline(block.text)}</p>"
        case Heading():
            return f"<h2>{inline(block.text)}</h2>"
        case Quote():
            return f"<blockquote><p>{inline(block.text)}</p></blockquote>"
        case ListBlock():
            kind = "ol" if block.ordered else "ul"
            items = "".join(f"<li>{inline(item)}</li>" for item in block.items)
            return f"<{kind}>{items}</{kind}>"
        case Figure():
            image = f'<img src="{escape(block.url)}" alt="{escape(block.alt)}">'
            caption = " ".join(part for part in (inline(block.text), escape(block.credit)) if part)
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
