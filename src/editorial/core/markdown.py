"""Inline text: the small part of CommonMark (0.31) that a unit may hold. Emphasis, strong, link, escapes.

Everything else is words: no HTML, no images, no autolinks, no code.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkLabel
from markdown_it.rules_inline import StateInline, link
from markdown_it.token import Token

from editorial.core.uris import uri_of

_SAFE = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
SCHEMES = {"http", "https", "mailto"}
LINK_REL = "noopener noreferrer"

_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc")
"""Letters and symbols by their category that no screen shows: fillers, the empty Braille cell."""


class Link(NamedTuple):
    """A link, and where it is in the text."""

    start: int
    end: int
    label: str
    address: str


def is_safe(address: str) -> bool:
    """Whether a link may lead there: an http, https or mailto address."""
    return _SAFE.match(address) is not None


def _noted_link(state: StateInline, silent: bool) -> bool:
    """The library's rule for links, which also notes where each one is in the source."""
    start = state.pos
    if state.src[start] != "[":
        return False
    label_end = parseLinkLabel(state, start, True)
    place = len(state.tokens)
    if not link(state, silent):
        return False
    if not silent:
        # Words that were waiting come before the link's own token.
        opened = next(token for token in state.tokens[place:] if token.type == "link_open")
        noted = state.env.setdefault("links", [])
        noted.append(
            Link(start, state.pos, state.src[start + 1 : label_end], str(opened.attrGet("href") or ""))
        )
    return True


def _normalized(address: str) -> str:
    return uri_of(address) if is_safe(address) else address


def _parser(may_lead_to: Callable[[str], bool]) -> MarkdownIt:
    parser = MarkdownIt("zero").enable(["emphasis", "link", "escape", "entity"])
    # The library's own way to decide: what it does not let through stays words.
    parser.validateLink = may_lead_to  # type: ignore[method-assign, assignment]
    parser.normalizeLink = _normalized  # type: ignore[method-assign, assignment]
    parser.inline.ruler.at("link", _noted_link)
    return parser


_MARKDOWN = _parser(is_safe)
_EVERY_LINK = _parser(lambda _: True)
"""To refuse an unsafe link by name, it has to be seen first."""


def to_html(text: str) -> str:
    """An inline text as HTML. Not the last word: `html.render` cleans what it puts together."""
    return str(_MARKDOWN.renderInline(text))


def to_safe_html(text: str) -> str:
    """An inline text as HTML that holds nothing but emphasis, strong and links."""
    return nh3.clean(
        to_html(text),
        tags={"em", "strong", "a"},
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel=LINK_REL,
    )


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
    """The words of a text, and the addresses of the links that a reader sees: those with words."""
    words: list[str] = []
    addresses: list[str] = []
    address, begins = "", 0
    for token in _tokens(text):
        words.append(token.content)
        if token.type == "link_open":
            address, begins = str(token.attrGet("href") or ""), len(words)
        elif token.type == "link_close" and says_something("".join(words[begins:])):
            addresses.append(address)
    return "".join(words), addresses


def says_something(words: str) -> bool:
    """Whether plain text has a letter, a figure or a symbol such as an emoji, which a reader can see."""
    return any(
        character.isalnum() or unicodedata.category(character) == "So"
        for character in words
        if character not in _UNSEEN
    )


def has_words(text: str) -> bool:
    """Whether an inline text says something to a reader: not blanks, marks or a link without a label."""
    # A text without links and entities has the words that its source has.
    return says_something(text if "](" not in text and "&" not in text else plain(text))


def _noted_links(text: str) -> list[Link]:
    if "](" not in text:
        return []
    noted: dict[str, list[Link]] = {}
    _MARKDOWN.parseInline(text, noted)
    outermost: list[Link] = []
    for one in sorted(noted.get("links", [])):
        if not outermost or one.start >= outermost[-1].end:
            outermost.append(one)
    return outermost


def links_without_words(text: str) -> list[str]:
    """The addresses of links that a reader cannot see, because their labels have no words."""
    return [one.address for one in _noted_links(text) if not has_words(one.label)]


def for_readers(text: str) -> str:
    """The source as readers get it: no link without words, and each address that is not ASCII as a URI."""
    written: list[str] = []
    end = 0
    for one in _noted_links(text):
        if not has_words(one.label):
            written += [text[end : one.start], one.label]
        elif text[one.start + 1 + len(one.label) : one.end].isascii():
            written.append(text[end : one.end])
        else:
            # What is a URI has no angle brackets; an ampersand could begin an entity.
            written += [text[end : one.start], f"[{one.label}](<{one.address.replace('&', '&amp;')}>)"]
        end = one.end
    return "".join([*written, text[end:]])
