"""Dates out of marks: the days before or after a month, and the year behind them."""

import re

from editorial.translations.comparison.marks import Mark, Moment
from editorial.translations.comparison.vocabulary import Sort

_CONNECTORS = {
    "be": re.compile(r" ?(?:[-–—]|,|і|й|ды|да|па|на|або) ?"),
    "ru": re.compile(r" ?(?:[-–—]|,|и|да|до|по|на|или) ?"),
    "en": re.compile(r" ?(?:[-–—]|,|(?:and|or|to|through|&)(?: the)?) ?"),
}
_OF = re.compile(r" (?:of (?:the )?)?")
_AFTER_THE_MONTH = re.compile(r" (?:the )?")
_AND_ANOTHER_DAY = re.compile(r" ?(?:[-–—]|(?:and|to|through|&)(?: the)?) ?")
_DASH = re.compile(r" ?[-–—] ?")
_BEFORE_A_YEAR = re.compile(r",? (?:of )?")
_YEAR_WORD = re.compile(r" ?(?:гг?\.|год(?:а|у|ам|ом|зе|е)?\b)")


def read_dates(text: str, language: str, marks: list[Mark]) -> list[Moment]:
    """Every date that has a month's name. The marks that make it up are used up."""
    found: list[Moment] = []
    for at, mark in enumerate(marks):
        if mark.sort is Sort.MONTH and not mark.used:
            found += _around(text, language, marks, at)
    return found


def _around(text: str, language: str, marks: list[Mark], at: int) -> list[Moment]:
    month = _number(marks[at]) or 0
    first = last = at
    gap = _OF
    while first > 0 and _is_a_day(marks[first - 1]) and _between(text, marks, first - 1, gap):
        first -= 1
        gap = _CONNECTORS[language]
    if first == at and language == "en":
        gap = _AFTER_THE_MONTH
        while last + 1 < len(marks) and _is_a_day(marks[last + 1]) and _between(text, marks, last, gap):
            last += 1
            gap = _AND_ANOTHER_DAY
    days = [_number(mark) for mark in marks[first : last + 1] if mark.sort is not Sort.MONTH]
    year, end = _year_after(text, marks, last)
    sure = marks[at].sure or (
        at > 0 and marks[at - 1].sort is Sort.MONTH and _between(text, marks, at - 1, _DASH)
    )
    if not days and year is None and not sure:
        # Perhaps another word: it may explain a month on the other side, and takes no number from a sentence.
        shown = text[marks[at].start : marks[at].end]
        return [Moment(text=shown, days=((None, month),), sure=False)]
    if year is not None:
        last += 1
    for mark in marks[first : last + 1]:
        mark.used = True
    shown = text[marks[first].start : max(end, marks[last].end)]
    return [Moment(text=shown, days=((day, month),), year=year) for day in days or [None]]


def _number(mark: Mark) -> int | None:
    match mark.values[0]:
        case int(number):
            return number
    return None


def _is_a_day(mark: Mark) -> bool:
    number = _number(mark)
    return (
        not mark.used
        and (mark.sort is None or mark.sort is Sort.ORDINAL)
        and number is not None
        and 1 <= number <= 31
    )


def _between(text: str, marks: list[Mark], before: int, gap: re.Pattern[str]) -> bool:
    return gap.fullmatch(text, marks[before].end, marks[before + 1].start) is not None


def _year_after(text: str, marks: list[Mark], last: int) -> tuple[int | None, int]:
    """The year behind a date, and where it ends."""
    if last + 1 < len(marks) and _between(text, marks, last, _BEFORE_A_YEAR):
        mark = marks[last + 1]
        year = _number(mark)
        if year is not None and mark.sort is None and not mark.used and 1500 <= year < 2200:
            word = _YEAR_WORD.match(text, mark.end)
            return year, word.end() if word else mark.end
    return None, 0
