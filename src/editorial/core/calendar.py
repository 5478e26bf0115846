"""Coverage weeks and instants: their range, and weeks as readers see them (`22–28 ліпеня 2024`).

Patterns and month names are Babel's (CLDR).
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from msgspec import Meta

from editorial.core.rules import Broken, Rule
from editorial.locales import Message

FIRST_YEAR = 1990
YEARS_AHEAD = 50
"""Weeks and instants go from the first year to so many years from now: there is no digest of any other, and
a calendar has ends beyond which nothing can be computed."""
WEEK_FORM = "^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$"
_INSTANTS = f"from {FIRST_YEAR} to {YEARS_AHEAD} years from now"


def last_year() -> int:
    """The last year of the range, of weeks and of instants."""
    return datetime.now(UTC).year + YEARS_AHEAD


def week_exists(week: str) -> bool:
    """Whether `2024-W30` names a week of the ISO 8601 calendar (W53 is not in every year), in the range."""
    return broken_week(week) is None


def broken_week(week: str) -> Broken | None:
    """What is wrong with a coverage week, or nothing."""
    # Python takes any digits for \d and a line end for $; a week has ASCII digits and nothing else.
    if re.fullmatch(WEEK_FORM.strip("^$"), week) is None:
        return Broken(Message("fault.week-form"), "form")
    year, number = int(week[:4]), int(week[6:])
    if not FIRST_YEAR <= year <= last_year():
        return Broken(Message("fault.week-range", first=FIRST_YEAR, last=last_year()), "week")
    if number > date(year, 12, 28).isocalendar().week:
        return Broken(Message("fault.no-such-week"), "week")
    return None


def broken_instant(written: Any) -> Broken | None:
    """What is wrong with an instant that has its offset, or nothing."""
    instant = msgspec.convert(written, datetime)
    if instant.tzinfo is None:
        return Broken(Message("fault.time-offset"), "offset")
    # Compared by the calendar, not in UTC, where the ends of the calendar cannot be taken.
    if FIRST_YEAR <= instant.year <= last_year():
        return None
    return Broken(Message("fault.time-range", first=FIRST_YEAR, last=last_year()), "range")


Week = Annotated[
    str,
    Meta(
        pattern=WEEK_FORM,
        description=f"An ISO 8601 week, Monday to Sunday, {_INSTANTS}.",
        examples=["2024-W30"],
    ),
    Rule(broken_week),
]
"""A coverage week, in every path, query and body."""

Instant = Annotated[
    datetime,
    Meta(description=f"An RFC 3339 instant with its offset, {_INSTANTS}."),
    Rule(broken_instant),
]
"""An instant that is sent, in every query and body."""


def to_the_minute(instant: datetime | None) -> datetime | None:
    """A time of publication as readers get it. The view `public_page` tells all others the same way."""
    return None if instant is None else instant.replace(second=0, microsecond=0)


def week_of(day: date) -> str:
    """The ISO week of a day, as `2024-W30`."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def week_days(week: str) -> tuple[date, date]:
    """The Monday and the Sunday of an ISO week. Raises `ValueError` where there is no such week."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1), date.fromisocalendar(int(year), int(number), 7)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def week_label(week: str, language: str) -> str:
    """The days of a week in words, with the month's whole name. Unknown languages get English."""
    first, last = week_days(week)
    locale = _locale(language)
    largest = "M" if first.month != last.month else "d"
    if first.year != last.year:
        largest = "y"
    before, after = locale.interval_formats["yMMMd"][largest]
    parts = (
        format_date(day, pattern.replace("MMM", "MMMM").replace("LLL", "LLLL"), locale=locale)
        for day, pattern in ((first, before), (last, after))
    )
    return "".join(parts)
