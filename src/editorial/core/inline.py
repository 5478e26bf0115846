"""Inline text: the small part of CommonMark (0.31) that a unit may hold. Emphasis, strong, link, escapes.

Everything else is words: no HTML, no images, no autolinks, no code.
"""

import re
from collections.abc import Callable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SAFE = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)


def is_safe(address: str) -> bool:
    """Whether a link may lead there: an http, https or mailto address."""
    return _SAFE.match(address) is not None


def _parser(may_lead_to: Callable[[str], bool]) -> MarkdownIt:
    parser = MarkdownIt("zero").enable(["emphasis", "link", "escape", "entity"])
    # The library's own way to decide: what it does not let through stays words.
    parser.validateLink = may_lead_to  # type: ignore[method-assign, assignment]
    return parser


_MARKDOWN = _parser(is_safe)
_EVERY_LINK = _parser(lambda _: True)
"""To refuse an unsafe link by name, it has to be seen first."""


def to_html(text: str) -> str:
    """An inline text as HTML. Not the last word: `html.render` cleans what it puts together."""
    return str(_MARKDOWN.renderInline(text))


def _tokens(text: str) -> Iterator[Token]:
    for token in _EVERY_LINK.parseInline(text):
        yield from token.children or ()


def links(text: str) -> list[str]:
    """The addresses that the links of a text lead to, in order, whatever they are."""
    if "](" not in text:
        return []
    return [str(token.attrGet("href") or "") for token in _tokens(text) if token.type == "link_open"]


def plain(text: str) -> str:
    """The words of a text, without the marks round them."""
    return "".join(token.content for token in _tokens(text))


def words_and_links(text: str) -> tuple[str, list[str]]:
    """`plain` and `links` of one reading."""
    tokens = list(_tokens(text))
    addresses = [str(token.attrGet("href") or "") for token in tokens if token.type == "link_open"]
    return "".join(token.content for token in tokens), addresses
