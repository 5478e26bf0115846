"""One unit in one language, read only as far as the rules ask."""

import re
from functools import cached_property

from editorial.core.markdown import has_words, words_and_links
from editorial.core.texts import INLINE_TYPES
from editorial.translations.comparison.amounts import Amount, read_amounts
from editorial.translations.comparison.dates import read_dates
from editorial.translations.comparison.marks import Model, Moment, Reading, read_marks
from editorial.translations.comparison.names import is_cyrillic
from editorial.translations.comparison.terms import Words
from editorial.translations.comparison.units import mentions, tells_of_a_fall
from editorial.translations.comparison.vocabulary import LANGUAGES, NONE

_ALIKE = {
    **{chr(space): " " for space in (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)},
    **{chr(nothing): "" for nothing in (0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x300, 0x301)},
    **dict.fromkeys("’ʼ‘′`", "'"),
    **dict.fromkeys("\u2010\u2011", "-"),
}
_UNLIKE = re.compile(f"[{re.escape(''.join(_ALIKE))}]")
_MARKUP = re.compile(r"[\[_\\&]")
_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)[^\s<>«»“”\"]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(r"(?<![\w.@])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,12}(?![\w@])")
_POINT_INSIDE = re.compile(r"\.[A-Za-z]")
_TRAILING = ".,;:!?)]}'…"


def alike(text: str) -> str:
    """The text with one kind of space, apostrophe and hyphen, and without marks of stress."""
    for one in set(_UNLIKE.findall(text)):
        text = text.replace(one, _ALIKE[one])
    return text


class UnitText:
    """A unit of one side. What a rule asks for is worked out once."""

    def __init__(self, text: str, kind: str, language: str) -> None:
        """A text of that kind of unit, in a language given by its BCP 47 tag."""
        self.raw = text
        self.kind = kind
        self.tag = language
        self.language = language.partition("-")[0].lower()
        self._mentioned: dict[str, bool] = {}

    @property
    def is_known(self) -> bool:
        """Whether its language is one whose words we know."""
        return self.language in LANGUAGES

    @cached_property
    def is_cyrillic(self) -> bool:
        """Whether it is written in Cyrillic letters: by its language, or by most of them."""
        if self.is_known and self.language == "en":
            return False
        return is_cyrillic(self.words)

    @cached_property
    def lines(self) -> list[str]:
        """The items of a list that have words: readers get no others."""
        return [line for line in self.raw.split("\n") if has_words(line)]

    @cached_property
    def _parsed(self) -> tuple[str, list[str]]:
        addresses: list[str] = []
        words: list[str] = []
        lines = self.lines if self.kind == "list" else [self.raw]
        for line in lines:
            if self.kind not in INLINE_TYPES:
                words.append(line)
            elif not _MARKUP.search(line):
                # Stars alone are emphasis, which no rule asks for: not worth a parser.
                words.append(line.replace("*", ""))
            else:
                shown, found = words_and_links(line)
                words.append(shown)
                addresses += found
        text = alike("\n".join(words))
        if "://" in text or "www." in text or "mailto:" in text:
            written = [found.rstrip(_TRAILING) for found in _ADDRESS.findall(text)]
            # `[https://example.org/](https://example.org/)` is one link.
            known = set(addresses)
            addresses += [address for address in written if address not in known]
            text = _ADDRESS.sub(" ", text)
        return text, addresses

    @cached_property
    def words(self) -> str:
        """What a reader sees, without addresses."""
        return self._parsed[0]

    @property
    def addresses(self) -> list[str]:
        """Where its links lead, with those that are written out."""
        return self._parsed[1]

    @cached_property
    def prose(self) -> str:
        """The words without mail addresses and names of sites, whose figures are no amounts."""
        text = self.words
        if "@" in text:
            text = _MAIL.sub(" ", text)
        return _DOMAIN.sub(" ", text) if _POINT_INSIDE.search(text) else text

    @cached_property
    def _figures(self) -> tuple[list[Amount], list[Moment], list[Model]]:
        marks = read_marks(self.prose, self.language)
        moments = marks.moments + read_dates(self.prose, self.language, marks.marks)
        return read_amounts(self.prose, self.language, marks.marks), moments, marks.models

    @property
    def amounts(self) -> list[Amount]:
        """Its numbers."""
        return self._figures[0]

    @property
    def moments(self) -> list[Moment]:
        """Its dates."""
        return self._figures[1]

    @property
    def models(self) -> list[Model]:
        """Its names with figures."""
        return self._figures[2]

    @cached_property
    def tells_of_none(self) -> bool:
        """Whether its words may say what 0 says."""
        return re.search(NONE[self.language], self.prose, re.IGNORECASE) is not None

    @cached_property
    def tells_of_a_fall(self) -> bool:
        """Whether its words may say what a minus sign says."""
        return tells_of_a_fall(self.prose)

    def mentions(self, unit: str) -> bool:
        """Whether it speaks of a unit at all, with a number or without."""
        known = self._mentioned.get(unit)
        if known is None:
            known = self._mentioned[unit] = mentions(self.prose, unit)
        return known

    @cached_property
    def readings(self) -> set[Reading]:
        """Whatever its numbers and dates may be read as."""
        found = {reading for amount in self.amounts for reading in amount.readings}
        for moment in self.moments:
            found |= {day for day, _ in moment.days if day is not None}
            if moment.year is not None:
                found |= {moment.year, moment.year % 100}
        return found

    @cached_property
    def dates(self) -> dict[tuple[int | None, int], list[Moment]]:
        """Its dates by day and month."""
        found: dict[tuple[int | None, int], list[Moment]] = {}
        for moment in self.moments:
            for day in moment.days:
                found.setdefault(day, []).append(moment)
        return found

    @cached_property
    def months(self) -> dict[int, list[Moment]]:
        """Its dates by month."""
        found: dict[int, list[Moment]] = {}
        for moment in self.moments:
            for _, month in moment.days:
                found.setdefault(month, []).append(moment)
        return found

    @cached_property
    def models_by_runs(self) -> dict[tuple[str, ...], list[Model]]:
        """Its names with figures, by the figures."""
        found: dict[tuple[str, ...], list[Model]] = {}
        for model in self.models:
            found.setdefault(model.runs, []).append(model)
        return found

    @cached_property
    def vocabulary(self) -> Words:
        """Its words, for the glossary."""
        return Words(self.words, self.language)
