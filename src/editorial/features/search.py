"""Search for readers: words in whatever form, in the order of likeness, with the places marked."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import datetime
from html import escape
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from editorial import newsstand
from editorial.core import inline, texts
from editorial.core.public_text import plain_lines
from editorial.core.refusals import Fault, Invalid, NotFound
from editorial.newsstand import PathLanguage, PublishedInList, public
from editorial.queries import load_queries
from editorial.replica import Replica
from editorial.web import Cursor, Limit, operation, read_cursor, write_cursor

sql = load_queries("search")

AROUND = 100
"""Characters of an extract before and after the first word that was found."""

_WORD = re.compile(r"[^\W_]+(?:['’ʼ‘`´\u0301\u0300][^\W_]+)*")
_APOSTROPHES = str.maketrans("ёў", "еу", "'’ʼ‘`´\u0301\u0300")


class FoundText(PublishedInList, kw_only=True):
    """A live edition that was found."""

    marked_title: str
    """The title as HTML, with `<mark>` round each word that was found."""
    extract: str
    """A passage of the text as HTML, with `<mark>` round each word that was found."""


class FoundTexts(msgspec.Struct, kw_only=True):
    """What was found, the best first."""

    data: list[FoundText]
    next_cursor: str | None = None
    searched_for: str
    """The words that were looked for in the end."""
    corrected: bool
    """Nothing has the words as they were written, so the nearest ones were taken."""


@get(
    "/v1/published/{language:str}/search",
    name="search_published",
    operation_id="search_published",
    opt=operation(public=True, refuses=[NotFound, Invalid]),
)
async def search_published(
    request: Request[Any, Any, Any],
    replica: Replica,
    language: PathLanguage,
    q: Annotated[
        str,
        QueryParameter(
            name="q",
            min_length=1,
            max_length=200,
            description="Words that the text must have, in any form. There is no other syntax.",
        ),
    ],
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[FoundTexts]:
    """Search what is live in a language. A word that no text has is replaced by the nearest."""
    try:
        words = texts.clean(q)
    except ValueError as fault:
        raise Invalid(faults=[Fault(pointer="/query/q", detail=str(fault), code="character")]) from fault
    before = read_cursor(cursor, tuple[int, datetime, str, str])
    asked = before[3][:400] if before else words
    async with replica.reading() as connection:
        modified = await newsstand.last_change(connection, language)

        async def find(asked: str) -> list[Any]:
            found: list[Any] = await sql.search_published(
                connection,
                language=language,
                asked=asked,
                before_score=before[0] if before else None,
                before=before[1] if before else None,
                before_slug=before[2] if before else None,
                page=limit + 1,
            )
            return found

        rows = await find(asked)
        if not rows and before is None:
            nearest = await sql.correct_words(connection, language=language, asked=words)
            if nearest and nearest != fold(words):
                asked = nearest
                rows = await find(asked)
    page = FoundTexts(
        data=[_found(row, language) for row in newsstand.as_approved(rows[:limit])],
        searched_for=asked,
        corrected=asked != words,
    )
    if len(rows) > limit:
        last = rows[limit - 1]
        page.next_cursor = write_cursor(last["score"], last["first_published_exactly"], last["slug"], asked)
    links = newsstand.next_link(request, page.next_cursor)
    return public(request, page, modified=modified, links=links)


def fold(word: str) -> str:
    """A word as it is compared: small, and with one letter for those that are written in two ways."""
    return unicodedata.normalize("NFC", word).lower().translate(_APOSTROPHES)


def _found(row: Any, language: str) -> FoundText:
    listed = newsstand.in_list(row, language)
    forms = frozenset(row["forms"])
    text = newsstand.text_of(row)
    parts = [inline.plain(text.lead), *plain_lines(text.blocks)]
    return FoundText(
        **msgspec.structs.asdict(listed),
        marked_title=mark(listed.title, forms),
        extract=_extract(parts, forms),
    )


def _places(text: str, forms: Collection[str]) -> Iterator[tuple[int, int]]:
    for word in _WORD.finditer(text):
        if fold(word[0]) in forms:
            yield word.span()


def mark(text: str, forms: Collection[str]) -> str:
    """A text as HTML, with a mark round each word that is one of these forms."""
    written: list[str] = []
    end = 0
    for first, last in _places(text, forms):
        written += [escape(text[end:first]), "<mark>", escape(text[first:last]), "</mark>"]
        end = last
    return "".join([*written, escape(text[end:])])


def _extract(parts: list[str], forms: Collection[str]) -> str:
    """The passage round the first word that was found; the beginning, where it is in the title alone."""
    for part in parts:
        place = next(_places(part, forms), None)
        if place is not None:
            return _passage(part, max(0, place[0] - AROUND), place[1] + AROUND, forms)
    return _passage(parts[0], 0, 2 * AROUND, forms)


def _passage(text: str, first: int, last: int, forms: Collection[str]) -> str:
    """A part of a text, cut between words."""
    if first > 0:
        first = text.find(" ", first) + 1
    if last < len(text):
        last = max(text.rfind(" ", first, last), first)
        last = last if last > first else len(text)
    before, after = ("… " if first > 0 else ""), (" …" if last < len(text) else "")
    return f"{before}{mark(text[first:last], forms)}{after}"


ROUTES = [search_published]
