"""Coverage weeks as readers see them: `22–28 ліпеня 2024`. Patterns and month names are Babel's (CLDR)."""

from datetime import date, datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date


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
