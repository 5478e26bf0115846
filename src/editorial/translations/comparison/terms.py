"""The newsroom's glossary: where the source has a term, the translation has one of its translations."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from editorial.translations.comparison.inflection import Forms, forms, plain, softened

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = dict.fromkeys(map(ord, "’ʼ‘′`"), "'")


class Term(msgspec.Struct, frozen=True):
    """One entry of a glossary, for one pair of languages."""

    source: str
    target: str
    targets: tuple[str, ...] = ()
    """Other translations that are as good."""
    exact: bool = False
    """Only these very words: no other form, and letters as large or small as here."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """A word of a text: as written, as compared, and without what stress does to its vowels."""

    written: str
    plain: str
    softened: str


class Words:
    """The words of a text, found by how they begin."""

    def __init__(self, text: str, language: str) -> None:
        """The words of a text in that language."""
        self.tokens = [_token(word, language) for word in _WORD.findall(text)]
        self._joined = " ".join(token.softened for token in self.tokens)
        self._by_beginning: dict[str, list[int]] = {}
        for at, token in enumerate(self.tokens):
            self._by_beginning.setdefault(token.softened[:2], []).append(at)

    def like(self, core: str) -> Iterable[int]:
        """Where words stand that begin alike, or have that core in them."""
        if core in self._joined:
            return range(len(self.tokens))
        return self._by_beginning.get(core[:2], ())


@lru_cache(maxsize=16_384)
def _token(word: str, language: str) -> Token:
    compared = plain(word, language)
    return Token(word, compared, softened(compared))


class _Phrase(msgspec.Struct, frozen=True):
    """A term of one or more words."""

    words: tuple[Token, ...]
    forms: tuple[Forms, ...]
    exact: bool

    def stands_at(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether the term stands here, in any of its forms."""
        return at + len(self.words) <= len(tokens) and all(
            self._is(tokens[at + place], place) for place in range(len(self.words))
        )

    def begins_with(self, token: Token) -> bool:
        """Whether the word may be the first of the term."""
        return self._is(token, 0)

    def _is(self, token: Token, place: int) -> bool:
        word = self.words[place]
        if self.exact:
            return token.written == word.written
        if _is_an_abbreviation(word.written):
            return token.written.removesuffix("'s") in {word.written, word.written + "s"}
        if len(self.words) == 1 and word.written[0].isupper() and not token.written[0].isupper():
            return False
        return self.forms[place].include(token.plain)

    def stands_in(self, words: Words) -> bool:
        """Whether the term, or words made of it, stand somewhere close together."""
        wanted = [place for place, word in enumerate(self.words) if len(word.plain) > 2] or [0]
        width = len(self.words) + 2
        places: list[list[int]] = []
        for place in wanted:
            there = [
                at for at in words.like(self.forms[place].core) if self._resembles(words.tokens[at], place)
            ]
            if not there:
                return False
            places.append(there)
        first, *others = places
        return any(
            all(any(abs(at - anchor) <= width for at in there) for there in others)
            for anchor in first[:_ANCHORS]
        )

    def _resembles(self, token: Token, place: int) -> bool:
        word = self.words[place]
        if self.exact:
            return token.written == word.written
        if _is_an_abbreviation(word.written):
            return token.written.startswith(word.written)
        return self.forms[place].resembles(token.plain, token.softened)


_ANCHORS = 100
"""Places where a term may begin that are looked at."""


class _Entry(msgspec.Struct, frozen=True):
    source: str
    phrase: _Phrase
    targets: tuple[str, ...]
    phrases: tuple[_Phrase, ...]


class Broken(msgspec.Struct, frozen=True):
    """A term of the source that the translation does not have."""

    source: str
    targets: tuple[str, ...]


def broken_terms(
    source: Words,
    target: Words,
    glossary: Sequence[Term],
    source_language: str,
    language: str,
) -> Iterator[Broken]:
    """The terms of the source, each once, whose translations the target has none of."""
    index = _index(tuple(glossary), source_language, language)
    seen: set[str] = set()
    covered = 0
    for at, token in enumerate(source.tokens):
        if at < covered:
            continue
        for entry in index.beginning_with(token):
            if entry.phrase.stands_at(source.tokens, at):
                covered = at + len(entry.phrase.words)
                if entry.source not in seen:
                    seen.add(entry.source)
                    if not any(phrase.stands_in(target) for phrase in entry.phrases):
                        yield Broken(entry.source, entry.targets)
                break


class _Index:
    """A glossary by the first letters of its source terms."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        """The entries, longer terms before the shorter ones that they begin with."""
        self._by_letters: dict[str, list[_Entry]] = {}
        # A term of signs alone has no word that a text could hold.
        for entry in sorted((one for one in entries if one.phrase.words), key=_length, reverse=True):
            letters = entry.phrase.words[0].softened
            self._by_letters.setdefault(letters[: min(3, len(letters) - 1)], []).append(entry)
        self._lengths = sorted({len(letters) for letters in self._by_letters})
        self._remembered: dict[str, tuple[_Entry, ...]] = {}

    def beginning_with(self, token: Token) -> tuple[_Entry, ...]:
        """The entries whose first word a word of the text may be. Words come again and again."""
        known = self._remembered.get(token.written)
        if known is None:
            found = [
                entry
                for length in self._lengths
                for entry in self._by_letters.get(token.softened[:length], ())
                if entry.phrase.begins_with(token)
            ]
            known = tuple(sorted(found, key=_length, reverse=True))
            if len(self._remembered) > _REMEMBERED:
                self._remembered.clear()
            self._remembered[token.written] = known
        return known


_REMEMBERED = 50_000


def _length(entry: _Entry) -> int:
    return len(entry.phrase.words)


@lru_cache(maxsize=16)
def _index(glossary: tuple[Term, ...], source_language: str, language: str) -> _Index:
    translations: dict[tuple[str, bool], dict[str, bool]] = {}
    for term in glossary:
        targets = {target: term.exact for target in (term.target, *term.targets) if _WORD.search(target)}
        if targets and _WORD.search(term.source):
            translations.setdefault((term.source, term.exact), {}).update(targets)
    return _Index(
        _Entry(
            source=source,
            phrase=_phrase(source, source_language, exact),
            targets=tuple(targets),
            phrases=tuple(_phrase(target, language, only) for target, only in targets.items()),
        )
        for (source, exact), targets in translations.items()
    )


def _phrase(text: str, language: str, exact: bool) -> _Phrase:
    words = tuple(Words(text.translate(_APOSTROPHES), language).tokens)
    return _Phrase(words=words, forms=tuple(forms(word.plain, language) for word in words), exact=exact)


def _is_an_abbreviation(word: str) -> bool:
    return len(word) > 1 and word.isupper()
