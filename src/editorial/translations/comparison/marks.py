"""One pass over a text: its figures, its number words and its months, each where it stands.

What stands there is a value, not a spelling, and may be read in more than one way: `2.300` in Belarusian is
two thousand three hundred to one writer and two and three tenths to another. The later passes (`dates`,
`amounts`) put the marks together.
"""

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache

import msgspec

from editorial.translations.comparison.units import is_code
from editorial.translations.comparison.vocabulary import (
    Sort,
    Value,
    Word,
    beginnings,
    compound,
    folded,
    vocabulary,
)

Reading = Value | tuple[str, str]
"""A number; or what is no amount and equals only itself: a time of day, a telephone number, a version."""

CLOCK, DAY = "clock", "day"


class Mark(msgspec.Struct, kw_only=True, gc=False):
    """A figure or a word of the vocabulary."""

    start: int
    end: int
    sort: Sort | None
    """None: it is written in figures."""
    values: tuple[Reading, ...]
    sure: bool = True
    suffix: str = ""
    used: bool = False


class Moment(msgspec.Struct, kw_only=True):
    """One date: a day of a month, or a month."""

    text: str
    days: tuple[tuple[int | None, int], ...]
    """Day and month; both ways round where the text does not say which is which."""
    year: int | None = None
    sure: bool = True


class Model(msgspec.Struct, kw_only=True):
    """A name with figures in it: `LAD-21T`, `Т-72`, `G7`."""

    text: str
    letters: str
    runs: tuple[str, ...]


class Marks(msgspec.Struct, kw_only=True):
    """What the pass brings home. Dates in figures and models are whole already."""

    marks: list[Mark]
    moments: list[Moment]
    models: list[Model]


_WORD = re.compile(r"\w+")
_FIGURES = re.compile(
    r"""
    [\d+]  # a set comes first, so that the engine skips the words at full speed
    (?: (?<=\+)(?P<phone>\d[\d() -]{6,20}\d)
    |   (?<=\d)(?P<iso>\d{3}-\d\d-\d\d)(?!\d)
    |   (?<=\d)(?P<clock>\d?:\d\d)(?!:?\d)
    |   (?<=\d)(?P<slashes>\d?/\d{1,2}/\d{4})(?!\d)
    |   (?<=\d)(?P<digits>\d*(?:[ .,]\d+)*)(?P<suffix>-?[^\W\d_]+)?
    )
    """,
    re.VERBOSE,
)
_MODEL = re.compile(r"(?P<word>[^\W\d_]+)(?P<figures>-?\d\w*(?:-\d\w*)*)")
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+-?$")
_NUMBER = re.compile(r"(?<!\d)(?:\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+(?!\d))?|\d+(?:[.,]\d+)*)")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)")
_GROUPED = {",": re.compile(r"\d{1,3}(?:,\d{3})+"), ".": re.compile(r"\d{1,3}(?:\.\d{3})+")}
_LONGEST = 18
"""Digits of a number; what is longer is a code."""

_BEFORE_A_MONTH = re.compile(
    r"\b(?:in|since|until|till|by|of|from|during|last|next|this|early|late|mid|before|after|through"
    r"|у|ў|в|во|з|с|за|на|да|до|к|па|по|пачатку|начале|канцы|конце|сярэдзіне|середине)[ -]$",
    re.IGNORECASE,
)
_NEVER_ALONE = {"маю", "маем"}
_DECADE = {"-я", "-х", "-ыя", "-ых", "-е", "-ые", "-м", "-мі", "-ми", "s"}
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_WORTH = {"I": 1, "V": 5, "X": 10}
_LONGEST_ROMAN = 8
_FRACTIONS: dict[str, Value] = {
    sign: Fraction(unicodedata.numeric(sign)).limit_denominator(10) for sign in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
}
_FRACTION = re.compile(f"[{''.join(_FRACTIONS)}](?<!\\d.)")
_LATIN = str.maketrans("ІХ", "IX")


def read_marks(text: str, language: str) -> Marks:
    """Find the marks of a text whose language is one of `vocabulary.LANGUAGES`."""
    found = Marks(marks=[], moments=[], models=[])
    _find_figures(text, language, found)
    _find_words(text, language, found)
    found.marks.sort(key=_start)
    _join_ordinals(text, found)
    return found


def _join_ordinals(text: str, found: Marks) -> None:
    """`двадцать первого` is one ordinal, and may be the day of a date."""
    joined: list[Mark] = []
    for mark in found.marks:
        if mark.sort is Sort.ORDINAL and joined and joined[-1].sort is Sort.CARDINAL:
            match joined[-1].values[0], mark.values[0]:
                case int(tens), int(ones) if tens in range(20, 100, 10) and ones < 10:
                    if text[joined[-1].end : mark.start] in {" ", "-"}:
                        start = joined.pop().start
                        mark = Mark(start=start, end=mark.end, sort=mark.sort, values=(tens + ones,))
        joined.append(mark)
    found.marks = joined


def _start(mark: Mark) -> int:
    return mark.start


def _find_figures(text: str, language: str, found: Marks) -> None:
    place = 0
    while match := _FIGURES.search(text, place):
        start, place = match.span()
        letters = _LETTERS_BEFORE.search(text, max(0, start - 20), start)
        if letters and not is_code(letters[0]) and (model := _MODEL.match(text, letters.start())):
            place = model.end()
            _model(model, found)
            continue
        match match.lastgroup:
            case "digits" | "suffix":
                _digits(match, language, found)
            case "iso":
                year, month, day = (int(part) for part in match[0].split("-"))
                _date(match[0], start, ((day, month),), year, found)
            case "slashes":
                first, second, year = (int(part) for part in match[0].split("/"))
                _date(match[0], start, ((first, second), (second, first)), year, found)
            case "clock":
                _figure(start, match.end(), _clock(match[0]), found)
            case _:
                number = "".join(filter(str.isdecimal, match[0]))
                _figure(start, match.end(), (("phone", number),), found)


def _find_words(text: str, language: str, found: Marks) -> None:
    """Look up each word once, and only then where it stands: most stand for no number."""
    for word in set(_WORD.findall(text)):
        entry = _look_up(word, language)
        if entry is not None:
            _find_word(text, word, entry, language, found)
    if not text.isascii():
        for match in _FRACTION.finditer(text):
            _figure(match.start(), match.end(), (_FRACTIONS[match[0]],), found)


@lru_cache(maxsize=65_536)
def _look_up(word: str, language: str) -> Word | None:
    key = folded(word, language)
    entry = vocabulary(language).get(key)
    if entry is None and key[:3] in beginnings(language):
        entry = compound(key, language)
    if entry is None and len(word) < _LONGEST_ROMAN and word.isupper():
        entry = _roman(word)
    return entry


def _find_word(text: str, word: str, entry: Word, language: str, found: Marks) -> None:
    start, length = text.find(word), len(word)
    while start >= 0:
        end = start + length
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            mark = Mark(start=start, end=end, sort=entry.sort, values=entry.values)
            if entry.sort is Sort.MONTH:
                mark.sure = _is_surely_a_month(text, start, word, entry, language)
            found.marks.append(mark)
        start = text.find(word, end)


def _figure(start: int, end: int, values: tuple[Reading, ...], found: Marks) -> None:
    found.marks.append(Mark(start=start, end=end, sort=None, values=values))


def _roman(word: str) -> Word | None:
    """`XXI` in Latin or Cyrillic letters."""
    roman = word.translate(_LATIN)
    if not _ROMAN.fullmatch(roman):
        return None
    worth = [_ROMAN_WORTH[letter] for letter in roman]
    total = sum(-one if one < after else one for one, after in zip(worth, [*worth[1:], 0], strict=True))
    return Word(Sort.ORDINAL if len(roman) > 1 else Sort.LOOSE, (total,))


def _is_surely_a_month(text: str, start: int, word: str, entry: Word, language: str) -> bool:
    """English months have a capital, the others none (`Марта` is a person), and `may` is a verb as well."""
    capital = word[0].isupper()
    if language == "en" and not capital:
        return False
    if entry.sure and capital == (language == "en"):
        return True
    return word.lower() not in _NEVER_ALONE and (
        _BEFORE_A_MONTH.search(text, max(0, start - 10), start) is not None
    )


def _model(match: re.Match[str], found: Marks) -> None:
    letters, rest = match["word"], match["figures"].lstrip("-")
    runs = tuple(re.findall(r"\d+", rest))
    if letters.islower() and len(runs) == 1 and len(runs[0]) <= _LONGEST:
        _figure(match.end() - len(rest), match.end(), (int(runs[0]),), found)
    else:
        found.models.append(Model(text=match[0], letters=letters, runs=runs))


def _date(text: str, start: int, days: tuple[tuple[int, int], ...], year: int, found: Marks) -> None:
    possible = tuple((day, month) for day, month in days if 1 <= day <= 31 and 1 <= month <= 12)
    if possible:
        found.moments.append(Moment(text=text, days=possible, year=year))
    else:
        _figure(start, start + len(text), (("code", text),), found)


def _clock(text: str) -> tuple[Reading, ...]:
    hours, minutes = (int(part) for part in text.replace(".", ":").split(":"))
    readings: list[Reading] = [(CLOCK, f"{hours}:{minutes:02}")]
    if hours > 12:
        readings.append((CLOCK, f"{hours - 12}:{minutes:02}"))
    if minutes == 0:
        readings += [hours, hours - 12] if hours > 12 else [hours]
    return tuple(readings)


def _digits(match: re.Match[str], language: str, found: Marks) -> None:
    place = match.start()
    cluster = match[0][: match.end("digits") - place]
    if date := _DATE.fullmatch(cluster):
        day, month, year = (int(part) for part in date.groups())
        _date(cluster, place, ((day, month),), year + 2000 * (year < 100), found)
        return
    for values, start, end in numbers(cluster, language):
        _figure(place + start, place + end, values, found)
    if suffix := match["suffix"]:
        last = found.marks[-1]
        last.suffix, last.end = suffix, match.end()
        last.values = _with_suffix(last.values, suffix)


def _with_suffix(values: tuple[Reading, ...], suffix: str) -> tuple[Reading, ...]:
    """`1990-я`, `90-е` and `1990s` with and without the century; `1½`."""
    match values:
        case (int(number),) if suffix in _DECADE and number % 10 == 0:
            if 1000 <= number < 2100 and number % 100:
                return (number, number % 100)
            if 10 < number < 100:
                return (number, 1900 + number)
        case (int(number),) if (more := _FRACTIONS.get(suffix[0])) is not None:
            return (whole(Fraction(number + more)),)
    return values


@lru_cache(maxsize=4_096)
def numbers(cluster: str, language: str) -> tuple[tuple[tuple[Reading, ...], int, int], ...]:
    """The numbers in a row of digits, spaces, points and commas, as a language writes them."""
    found: list[tuple[tuple[Reading, ...], int, int]] = []
    for match in _NUMBER.finditer(cluster):
        plain = match[0].replace(" ", "")
        signs = {sign for sign in ",." if sign in plain}
        if len(plain) > _LONGEST and not (signs == {","} and plain.count(",") > 1):
            found.append(((("code", plain),), *match.span()))
        elif not signs:
            found.append(((int(plain),), *match.span()))
        elif len(signs) == 2:
            found.append((_with_both(plain), *match.span()))
        else:
            (sign,) = signs
            if plain.count(sign) == 1:
                found.append((_with_one(plain, sign, " " in match[0], language), *match.span()))
            elif len(plain) <= _LONGEST and _GROUPED[sign].fullmatch(plain):
                found.append(((int(plain.replace(sign, "")),), *match.span()))
            elif sign == ".":
                found.append(((("code", plain),), *match.span()))
            else:
                for part in re.finditer(r"\d+", match[0]):
                    value: Reading = int(part[0]) if len(part[0]) <= _LONGEST else ("code", part[0])
                    found.append(((value,), match.start() + part.start(), match.start() + part.end()))
    return tuple(found)


def _with_both(plain: str) -> tuple[Reading, ...]:
    """`5,560,000.5` or `5.560.000,5`: the last sign is the decimal one."""
    decimal = max(",.", key=plain.rfind)
    group = "." if decimal == "," else ","
    head, _, tail = plain.rpartition(decimal)
    if decimal not in head and _GROUPED[group].fullmatch(head):
        return (whole(Fraction(f"{head.replace(group, '')}.{tail}")),)
    return (("code", plain),)


def _with_one(plain: str, sign: str, spaced: bool, language: str) -> tuple[Reading, ...]:
    head, _, tail = plain.partition(sign)
    decimal = whole(Fraction(f"{head}.{tail}"))
    if len(tail) == 3 and len(head) <= 3 and not head.startswith("0") and not spaced:
        grouped = int(head + tail)
        if language == "en":
            return (grouped,) if sign == "," else (decimal,)
        return (decimal,) if sign == "," else (grouped, decimal)
    readings: list[Reading] = [decimal]
    if sign == "." and len(tail) == 2 and len(head) <= 2:
        if int(head) < 24 and int(tail) < 60:
            readings += _clock(plain)
        if len(head) == 2 and 1 <= int(head) <= 31 and 1 <= int(tail) <= 12:
            readings.append((DAY, f"{int(head)}.{int(tail)}"))
    return tuple(readings)


def whole(value: Fraction) -> Value:
    """The number as an integer where it is one."""
    return value.numerator if value.denominator == 1 else value
