"""What is looked at before publication. Each check says what it finds; the newsroom says which of them block.

To add a check: its name here and in the constraint `a_publication_check_is_known`, what it needs to know in
`Facts` and in the SQL function `publication_facts`, its row in `CHECKS`, its label in
`locales/<language>/labels.po`. docs/recipes/check.md does it step by step.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from editorial.core import markdown
from editorial.core.uris import uri_of
from editorial.locales import Label, Message, values


class Check(StrEnum):
    """The name of a check."""

    UNANSWERED_WARNING = "unanswered_warning"
    """The translation desk has a warning that nobody has answered."""
    SECTION_IS_TAKEN = "section_is_taken"
    """The section has a live commentary of that week in that language already."""
    PICTURE_WITHOUT_CREDIT = "picture_without_credit"
    PICTURE_WITHOUT_ALTERNATIVE = "picture_without_alternative"
    DEAD_LINK = "dead_link"
    """A link to a page of ours, here or on the public site, that leads nowhere or to what was taken down."""
    WITHOUT_WORDS = "without_words"
    """A block, a list item or a link that readers do not get, because it has no words."""
    SOURCE_HAS_MOVED_ON = "source_has_moved_on"
    """The translation was made from an earlier source than the one that is approved."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A photo or a figure: its block's id (or `photo`), and the words that have to be with it."""

    place: str
    credit: str
    alternative: str


class SparseUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that may have no words, or a link without words: the database suspects, the rule decides."""

    place: str
    type: str
    lines: tuple[str, ...]
    """The items of a list; one line for all else."""


class DeadLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link to a page of ours that readers do not get."""

    address: str
    is_retracted: bool


class Site(msgspec.Struct, frozen=True):
    """The public site, known by the form of its pages' addresses."""

    pages: str | None = None
    """With `{language}` and `{slug}` in it, perhaps `{week}`. None where there is no site."""

    def has(self, address: str) -> bool:
        """Whether a commentary would be at this address, if there were one."""
        return self.pages is not None and _form(self.pages).fullmatch(uri_of(address)) is not None


@cache
def _form(pages: str) -> re.Pattern[str]:
    rest = pages.partition("://")[2]
    form = re.sub(r"\\{(?:language|week|slug)\\}", "[^/?#]+", re.escape(rest))
    return re.compile(rf"https?://{form.rstrip('/')}/?(?:[?#].*)?", re.IGNORECASE)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks need to know of one edition's text."""

    pictures: tuple[Picture, ...] = ()
    sparse_units: tuple[SparseUnit, ...] = ()
    dead_links: tuple[DeadLink, ...] = ()
    other_links: tuple[str, ...] = ()
    """Addresses at which nothing of ours was ever live: most of them are somebody else's."""
    section_is_taken: bool = False
    made_from: int | None = None
    """The source revision that a translation was put together from."""
    source_at: int | None = None
    """The source revision that is approved now."""
    unanswered_warnings: int = 0
    """Warnings of the translation desk that nobody has answered."""
    site: Site = Site()
    """Where readers find us. Not the database's to know: whoever reads the rest adds it."""


def on_site(facts: Facts | None, site: Site) -> Facts | None:
    """The database's facts, where there are any, with what settings know."""
    return None if facts is None else msgspec.structs.replace(facts, site=site)


class PublicationWarning(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody should look at before readers do."""

    check: Check
    language: str
    place: str | None
    """The block's id, or `photo`, where it is about one."""
    detail: Message
    blocks: bool
    """The newsroom lets nothing go live with it."""
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    """The values in the sentence, for a program that words it itself."""

    def __post_init__(self) -> None:
        """Take the values from the sentence."""
        msgspec.structs.force_setattr(self, "params", values(self.detail))

    def __hash__(self) -> int:
        """Equal warnings hash alike; the values in the sentence have no hash."""
        return hash((self.check, self.language, self.place, self.detail, self.blocks))


class Found(msgspec.Struct, frozen=True):
    """What a check found: where, and in words."""

    place: str | None
    detail: Message


Rule = Callable[[Facts], Iterable[Found]]
"""From the facts to what there is to say."""


def _unanswered(facts: Facts) -> Iterable[Found]:
    if facts.unanswered_warnings:
        yield Found(None, Message("publication.unanswered-warnings", count=facts.unanswered_warnings))


def _taken(facts: Facts) -> Iterable[Found]:
    if facts.section_is_taken:
        yield Found(None, Message("publication.section-is-taken"))


def _without_credit(facts: Facts) -> Iterable[Found]:
    for picture in facts.pictures:
        if not picture.credit.strip():
            yield Found(picture.place, Message("publication.picture-without-credit"))


def _without_alternative(facts: Facts) -> Iterable[Found]:
    for picture in facts.pictures:
        if not picture.alternative.strip():
            yield Found(picture.place, Message("publication.picture-without-alternative"))


def _without_words(facts: Facts) -> Iterable[Found]:
    for unit in facts.sparse_units:
        for number, line in enumerate(unit.lines, start=1):
            if markdown.has_words(line):
                for address in markdown.links_without_words(line):
                    yield Found(unit.place, Message("publication.link-without-words", address=address))
            elif unit.type == "list":
                yield Found(unit.place, Message("publication.item-without-words", item=number))
            elif unit.type in _BLOCKS or line:
                yield Found(
                    unit.place, Message("publication.unit-without-words", unit=Label("unit", unit.type))
                )


_BLOCKS = frozenset({"paragraph", "heading", "quote"})
"""What is there for its words. A caption may well be empty."""


def _dead(facts: Facts) -> Iterable[Found]:
    for link in facts.dead_links:
        key = "publication.link-to-retracted" if link.is_retracted else "publication.link-leads-nowhere"
        yield Found(None, Message(key, address=link.address))
    for address in facts.other_links:
        if facts.site.has(address):
            yield Found(None, Message("publication.link-leads-nowhere", address=address))


def _moved_on(facts: Facts) -> Iterable[Found]:
    if facts.made_from is not None and facts.source_at is not None and facts.made_from < facts.source_at:
        yield Found(
            None,
            Message("publication.source-has-moved-on", made_from=facts.made_from, approved=facts.source_at),
        )


CHECKS: dict[Check, Rule] = {
    Check.UNANSWERED_WARNING: _unanswered,
    Check.SECTION_IS_TAKEN: _taken,
    Check.PICTURE_WITHOUT_CREDIT: _without_credit,
    Check.PICTURE_WITHOUT_ALTERNATIVE: _without_alternative,
    Check.DEAD_LINK: _dead,
    Check.WITHOUT_WORDS: _without_words,
    Check.SOURCE_HAS_MOVED_ON: _moved_on,
}
"""Every check, in the order in which its warnings are listed."""


def warnings(facts: Facts, language: str, blocking: Iterable[str]) -> list[PublicationWarning]:
    """What there is to look at in one edition."""
    blocks = frozenset(blocking)
    return [
        PublicationWarning(
            check=check,
            language=language,
            place=found.place,
            detail=found.detail,
            blocks=check in blocks,
        )
        for check, rule in CHECKS.items()
        for found in rule(facts)
    ]
