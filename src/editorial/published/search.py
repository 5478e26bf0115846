"""Search for readers: words in whatever form, in the order of likeness, with the places marked."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from editorial.core import markdown
from editorial.core.normalisation import UnfitText, clean
from editorial.core.public_text import plain_lines
from editorial.core.refusals import FieldError, Invalid, NotFound
from editorial.database.queries import load_queries
from editorial.database.replica import Replica
from editorial.published import views
from editorial.published.views import PathLanguage, PublishedInList, public
from editorial.web import Cursor, Limit, operation, read_cursor, write_cursor
from editorial.web.request import Request

sql = load_queries("published/search")

MOST = 300
"""How many texts a search ranks: the newest that have the words. A common word is in most texts of an archive."""

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
    """A word that no live text has was replaced by one that a live text has, which differs in one letter."""
    left_out: list[str]
    """Words of the question that no live text has. What was found has others of its words."""
    has_all_words: bool
    """Each text that was found has all of `searched_for`; if not, it has some of these words."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for, as the answer tells it and its cursors keep it."""

    words: str
    corrected: bool = False
    left_out: tuple[str, ...] = ()
    any_word: bool = False


@get(
    "/v1/published/{language:str}/search",
    name="search_published",
    operation_id="search_published",
    opt=operation(public=True, refuses=[NotFound, Invalid]),
)
async def search_published(
    request: Request,
    replica: Replica,
    language: PathLanguage,
    q: Annotated[
        str,
        QueryParameter(
            name="q",
            min_length=1,
            max_length=200,
            description=(
                "Words that the text must have, in any form. There is no other syntax. Of the texts that have them, "
                f"the {MOST} newest are found."
            ),
        ),
    ],
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[FoundTexts]:
    """Search what is live in a language.

    Where no text has all of the words, a word that none has is replaced by the one it is a slip of. Without
    such a word it is left out; and where no text has all that remain, those are found that have some.
    """
    try:
        words = clean(q)
    except UnfitText as fault:
        raise Invalid(
            faults=[FieldError(pointer="/query/q", detail=fault.message, code="character")]
        ) from fault
    before = read_cursor(cursor, tuple[int, datetime, str, Question])
    question = before[3] if before else Question(words=words)
    async with replica.read() as connection:
        modified = await views.last_change(connection, language)

        async def find(question: Question) -> list[Any]:
            found: list[Any] = await sql.search_published(
                connection,
                language=language,
                asked=question.words,
                any_word=question.any_word,
                before_score=before[0] if before else None,
                before=before[1] if before else None,
                before_slug=before[2] if before else None,
                most=MOST,
                page=limit + 1,
            )
            return found

        rows = await find(question)
        if not rows and before is None:
            for easier in _easier(words, await sql.read_words(connection, language=language, asked=words)):
                if rows := await find(easier):
                    question = easier
                    break
    page = FoundTexts(
        data=[_found(row, language) for row in views.as_approved(rows[:limit])],
        searched_for=question.words,
        corrected=question.corrected,
        left_out=list(question.left_out),
        has_all_words=not question.any_word,
    )
    if len(rows) > limit:
        last = rows[limit - 1]
        place = (last["score"], last["first_published_exactly"], last["slug"])
        page.next_cursor = write_cursor(*place, question)
    links = views.next_link(request, page.next_cursor)
    return public(request, page, modified=modified, links=links)


def _easier(words: str, asked: Sequence[Any]) -> Iterator[Question]:
    """What is looked for where nothing has all of the words: first the nearest to what was asked."""
    kept = [row["correction"] or row["spelling"] for row in asked if row["is_known"] or row["correction"]]
    if not kept:
        return
    corrected = any(row["correction"] for row in asked)
    left_out = tuple(row["spelling"] for row in asked if not (row["is_known"] or row["correction"]))
    question = Question(
        words=" ".join(kept) if corrected or left_out else words, corrected=corrected, left_out=left_out
    )
    if corrected or left_out:
        yield question
    if len(kept) > 1:
        yield msgspec.structs.replace(question, any_word=True)


def fold(word: str) -> str:
    """A word as it is compared: small, and with one letter for those that are written in two ways."""
    return unicodedata.normalize("NFC", word).lower().translate(_APOSTROPHES)


def _found(row: Any, language: str) -> FoundText:
    listed = views.in_list(row, language)
    forms = frozenset(row["forms"])
    text = views.text_of(row)
    parts = itertools.chain([markdown.plain(text.lead)], plain_lines(text.blocks))
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


def _extract(parts: Iterable[str], forms: Collection[str]) -> str:
    """The passage round the first word that was found; the beginning, where it is in the title alone.

    `parts` are read no further than that passage.
    """
    lead = ""
    for number, part in enumerate(parts):
        lead = part if number == 0 else lead
        place = next(_places(part, forms), None)
        if place is not None:
            return _passage(part, max(0, place[0] - AROUND), place[1] + AROUND, forms)
    return _passage(lead, 0, 2 * AROUND, forms)


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
