"""Numbers and amounts out of marks: what was not part of a date, put together with its scale and its unit.

How sure a reading is decides what it may do. Figures must be found on the other side; a number word that good
prose drops or turns (`one of`, `both`, `a dozen`) may only explain them.
"""

import re
from enum import IntEnum, IntFlag
from fractions import Fraction

import msgspec

from editorial.translations.comparison.marks import CLOCK, Mark, Reading, whole
from editorial.translations.comparison.units import PERCENT, unit_after, unit_before
from editorial.translations.comparison.vocabulary import (
    ADJECTIVE_SCALES,
    HALF,
    LETTER_SCALES,
    ONE_AND_A_HALF,
    QUARTER,
    Sort,
    Value,
    folded,
    vocabulary,
)


class Strength(IntEnum):
    """How much a reading proves."""

    EXPLAINS = 0
    """It may be what the other side says in figures."""
    CONTRADICTS = 1
    """Besides, it stands against another number where neither has its like: `three` and `пяць`."""
    ASSERTS = 2
    """It must be on the other side too."""


class Kind(IntFlag):
    """What a number is: a small one in words contradicts only another of its kind."""

    CARDINAL = 1
    ORDINAL = 2
    FRACTION = 4
    MULTIPLE = 8


class Amount(msgspec.Struct, kw_only=True):
    """One number in a text."""

    text: str
    readings: tuple[Reading, ...]
    strength: Strength
    start: int
    end: int
    unit: str | None = None
    kind: Kind = Kind.CARDINAL
    negative: bool = False


class _Read(msgspec.Struct, kw_only=True):
    """An amount, and what its neighbours want to know of it."""

    amount: Amount
    start: int
    end: int
    scale: int
    following: int
    """The first mark behind it."""


_HALF_MORE = {
    "be": re.compile(r" з паловай\b"),
    "ru": re.compile(r" с половиной\b"),
    "en": re.compile(r" and a half\b"),
}
_TIMES = {
    "be": re.compile(r" (?:раз|разы|разоў)\b"),
    "ru": re.compile(r" раза?\b"),
    "en": re.compile(r" times\b|-fold\b"),
}
_OF_AN_HOUR = re.compile(r" (?:of )?an hour\b| гадзіны\b| часа\b")
_PERIOD = re.compile(r" (?:квартал|стагодд|стст?\.|век|вв?\.|паўгодд|полугод|quarter|centur|half)")
"""What a Roman letter numbers: alone it may be a word, or a name."""
_HOUR = {
    "be": re.compile(r" (?:гадзін[а-яі]*|раніцы|вечара|ночы|дня|папоўдні)\b"),
    "ru": re.compile(r" (?:час(?:ов|а|ам|у)?|утра|вечера|ночи|дня|пополудни)\b"),
    "en": re.compile(r" (?:o'clock|[ap]\.? ?m\b|in the (?:morning|afternoon|evening)|at night)"),
}
_BEFORE_AN_HOUR = re.compile(r"\b(?:а|аб|да|з|са|к|па|пасля|каля) $", re.IGNORECASE)
_HOUR_ORDINALS = ("ай", "яй", "ой", "ей", "ую", "юю")
_PAST = {
    "be": (" ", " на ", " па "),
    "ru": (" ",),
    "en": (" past ",),
}
_TO = {"be": (" ", " да "), "ru": (" ",), "en": (" to ", " till ")}
_WITHOUT = re.compile(r"\bбез $", re.IGNORECASE)
_SAYINGS = {
    "be": (
        ("перш-", "адзін за ", "адна за ", "адно за ", "адзін ", "адно "),
        (" чарг", " чэрг", " рук", " погляд", " час", " бок", " дзень"),
    ),
    "ru": (("прежде ", "один за "), (" очеред", " рук", " взгляд", " врем", " план")),
    "en": (
        ("at ", "split ", "per ", "from the ", "the very "),
        (
            " of all",
            " and foremost",
            "-hand",
            " lady",
            " place",
            " aid",
            " to none",
            " thought",
            " glance",
            " time ever",
        ),
    ),
}
"""What is before or behind `first` and `second` where they count nothing: `at first`, `з другога боку`."""
_NOUN_AND_A_HALF = re.compile(r"\ban? [^\W\d_]+ and a half\b", re.IGNORECASE)
_PARTS = {"", " ", "-"}
_PART_AND_SCALE = {" ", " a ", " of a "}
_RANGE = {
    "be": re.compile(r" ?(?:[-–—/]|да|і|або) ?"),
    "ru": re.compile(r" ?(?:[-–—/]|до|и|или) ?"),
    "en": re.compile(r" ?(?:[-–—/]|to|and|or) ?"),
}
_ROW = {
    "be": re.compile(r", | з (?:[^\W\d_]+ )?"),
    "ru": re.compile(r", | из (?:[^\W\d_]+ )?"),
    "en": re.compile(r", | (?:out )?of (?:the )?"),
}
"""`10, 12 і 15 млн`, `1,2 из обещанных 3 млрд`."""
_ABBREVIATED = re.compile(r"(?:тыс|млн|лрд|рлн)\.(?= \w)", re.IGNORECASE)
_MINUS = re.compile(r"(?:^|[\s(\[«“„\"'])[-−–]$|\b(?:мінус|минус|minus) $", re.IGNORECASE)
_MERIDIEM = re.compile(r" ?([ap])\.? ?m\b\.?", re.IGNORECASE)
_ORDINAL_SUFFIXES = {"st", "nd", "rd", "th"}


def read_amounts(text: str, language: str, marks: list[Mark]) -> list[Amount]:
    """Every number that no date has used."""
    found: list[Amount] = []
    before: list[_Read] = []
    """Numbers that the next one may complete: in `10–12 млн` both are millions."""
    at = 0
    while at < len(marks):
        if marks[at].used:
            before, at = [], at + 1
            continue
        read = _read(text, language, marks, at)
        if before and _RANGE[language].fullmatch(text, before[-1].end, read.start):
            _share_unit(before[-1].amount, read.amount)
            _share_scale(before, read)
        elif before and _ROW[language].fullmatch(text, before[-1].end, read.start):
            _share_scale(before, read)
        else:
            before = []
        if read.amount.strength is Strength.EXPLAINS:
            before = []
        else:
            before.append(read)
        found.append(read.amount)
        at = read.following
    if language == "en" and " and a half" in text:
        found += [_loose(match, (ONE_AND_A_HALF, 18, 90)) for match in _NOUN_AND_A_HALF.finditer(text)]
    return found


def _loose(match: re.Match[str], readings: tuple[Reading, ...]) -> Amount:
    return Amount(
        text=match[0], readings=readings, strength=Strength.EXPLAINS, start=match.start(), end=match.end()
    )


def _share_unit(first: Amount, last: Amount) -> None:
    """In `8–10 %` both are percent, and in `$10–12 million` both are dollars."""
    first.unit = first.unit or last.unit
    last.unit = last.unit or first.unit
    _with_short_year(first, last)


def _share_scale(before: list[_Read], last: _Read) -> None:
    """In `10–12 млн` both may be millions."""
    while last.scale != 1 and before and (read := before.pop()).scale == 1:
        read.amount.readings += tuple(_times(read.amount.readings, last.scale))


def _with_short_year(first: Amount, last: Amount) -> None:
    """`2022–23` ends in 2023."""
    match first.readings[0], last.readings[0]:
        case int(year), int(short) if 1900 <= year < 2100 and year % 100 < short < 100:
            last.readings += (year - year % 100 + short,)


def _times(readings: tuple[Reading, ...], factor: Value) -> list[Reading]:
    products = [value * factor for value in readings if not isinstance(value, tuple)]
    return [value if isinstance(value, int) else whole(value) for value in products]


def _read(text: str, language: str, marks: list[Mark], at: int) -> _Read:
    if marks[at].sort is None:
        return _in_figures(text, language, marks, at)
    return _in_words(text, language, marks, at)


def _in_figures(text: str, language: str, marks: list[Mark], at: int) -> _Read:
    mark = marks[at]
    readings, end, following = mark.values, mark.end, at + 1
    unit, start = unit_before(text, mark.start)
    if ratio := _ratio(text, marks, at):
        return ratio
    if language == "en" and (meridiem := _MERIDIEM.match(text, end)):
        readings, end = _twelve_hours(readings, meridiem[1].lower() == "p"), meridiem.end()
    scale = 1
    if mark.suffix:
        scale, sure = _scale_of_suffix(mark.suffix, unit, language)
        readings = tuple(_times(readings, scale)) + (() if sure else readings) if scale != 1 else readings
        if unit is None:
            unit, after = unit_after(text, end - len(mark.suffix))
            end = max(end, after) if unit else end
    if scale == 1 and following < len(marks):
        scale, readings, end, following = _scaled(text, marks, following, readings, end)
    if more := _HALF_MORE[language].match(text, end):
        readings = _plus_half(readings, scale)
        end = more.end()
        following = _first_from(marks, following, end)
    readings += tuple(_of_many(text, marks, following, end, readings))
    if unit is None:
        unit, after = unit_after(text, end)
        end = after if unit else end
    readings += _share(readings[0], unit)
    negative = _MINUS.search(text, max(0, start - 7), start) is not None and not (
        at > 0 and text[marks[at - 1].end : start].strip() in {"-", "–", "−"}
    )
    return _Read(
        amount=Amount(
            text=text[start - negative : end].strip() if negative else text[start:end],
            readings=readings,
            strength=Strength.ASSERTS,
            unit=unit,
            start=start,
            end=end,
            kind=_kind_of_figure(language, mark),
            negative=negative,
        ),
        start=start,
        end=end,
        scale=scale,
        following=following,
    )


def _kind_of_figure(language: str, mark: Mark) -> Kind:
    if mark.suffix in _ORDINAL_SUFFIXES or (language != "en" and mark.suffix.startswith("-")):
        return Kind.ORDINAL | Kind.CARDINAL
    return Kind.CARDINAL


def _share(value: Reading, unit: str | None) -> tuple[Reading, ...]:
    """50 % is also a half, and 200 % more than before is three times as much."""
    if unit != PERCENT or isinstance(value, tuple) or value <= 0:
        return ()
    share = Fraction(value) / 100
    return (share,) if value < 100 else (whole(share), whole(share + 1))


def _first_from(marks: list[Mark], at: int, end: int) -> int:
    """The first mark behind a place."""
    while at < len(marks) and marks[at].start < end:
        at += 1
    return at


def _ratio(text: str, marks: list[Mark], at: int) -> _Read | None:
    """`2/3` is a fraction, and `24/7` a saying."""
    if (
        at + 1 == len(marks)
        or text[marks[at].end : marks[at + 1].start] != "/"
        or marks[at + 1].sort is not None
    ):
        return None
    match marks[at].values, marks[at + 1].values:
        case (int(one),), (int(other),) if 0 < one < 100 and 0 < other < 100:
            start, end = marks[at].start, marks[at + 1].end
            shown = text[start:end]
            readings: tuple[Reading, ...] = (("ratio", shown), whole(Fraction(one, other)))
            strength = Strength.ASSERTS if one < other else Strength.EXPLAINS
            return _Read(
                amount=Amount(
                    text=shown, readings=readings, strength=strength, start=start, end=end, kind=Kind.FRACTION
                ),
                start=start,
                end=end,
                scale=1,
                following=at + 2,
            )
    return None


def _twelve_hours(readings: tuple[Reading, ...], afternoon: bool) -> tuple[Reading, ...]:
    """`10 a.m.` as a time; `10 p.m.` is 22:00."""
    more: list[Reading] = []
    for value in readings:
        match value:
            case int(hour) if hour <= 12:
                more += [(CLOCK, f"{hour}:00"), (CLOCK, f"{hour % 12 + 12 * afternoon}:00")]
                more += [hour + 12] if afternoon else []
            case ("clock", time):
                hours, _, minutes = time.partition(":")
                more.append((CLOCK, f"{int(hours) % 12 + 12 * afternoon}:{minutes}"))
    return (*more, *readings)


def _scale_of_suffix(suffix: str, unit: str | None, language: str) -> tuple[int, bool]:
    """What is written on to a figure multiplies it by, and whether it surely does."""
    if suffix.startswith("-"):
        for stem, scale in ADJECTIVE_SCALES[language]:
            if folded(suffix[1:], language).startswith(folded(stem, language)):
                return scale, True
        return 1, True
    word = vocabulary(language).get(folded(suffix, language))
    if word is not None and word.sort is Sort.SCALE:
        match word.values[0]:
            case int(scale):
                return scale, True
    if language == "en" and suffix.lower() in LETTER_SCALES:
        return LETTER_SCALES[suffix.lower()], unit is not None or suffix in {"k", "K"}
    return 1, True


def _scaled(
    text: str, marks: list[Mark], following: int, readings: tuple[Reading, ...], end: int
) -> tuple[int, tuple[Reading, ...], int, int]:
    """Take in the scale behind a number, and what a smaller one adds: `2 млн 300 тыс.`"""
    if not _scale_stands(text, marks, following, end):
        return 1, readings, end, following
    scale = _scale(marks[following])
    readings, end, following = tuple(_times(readings, scale)), _past(text, marks[following]), following + 1
    smallest = scale
    while (
        following + 1 < len(marks)
        and marks[following].sort is None
        and text[end : marks[following].start] == " "
        and _scale_stands(text, marks, following + 1, marks[following].end)
        and _scale(marks[following + 1]) < smallest
    ):
        smallest = _scale(marks[following + 1])
        rest = _times(marks[following].values[:1], smallest)
        if not rest:
            break
        readings = tuple(
            whole(Fraction(value + more))
            for value in readings
            for more in rest
            if not isinstance(value, tuple) and not isinstance(more, tuple)
        )
        end, following = _past(text, marks[following + 1]), following + 2
    if more := _rest_of(text, marks, following, end, smallest):
        readings = tuple(whole(Fraction(value + more)) for value in readings if not isinstance(value, tuple))
        end, following = marks[following].end, following + 1
    return scale, readings, end, following


def _rest_of(text: str, marks: list[Mark], at: int, end: int, scale: int) -> int:
    """What a figure adds to the scale before it: the last of `12 тыс. 500`."""
    if at == len(marks) or marks[at].sort is not None or marks[at].used or text[end : marks[at].start] != " ":
        return 0
    if marks[at].suffix or _scale_stands(text, marks, at + 1, marks[at].end):
        return 0
    match marks[at].values:
        case (int(rest),) if 10 <= rest < scale and marks[at].end - marks[at].start == len(str(rest)):
            return rest if text[end - 1] == "." or scale == 1000 else 0
    return 0


def _scale(mark: Mark) -> int:
    match mark.values[0]:
        case int(scale):
            return scale
    return 1


def _scale_before(mark: Mark) -> int:
    """What a half is half of: of a million in `a million and a half`."""
    return _scale(mark) if mark.sort is Sort.SCALE else 1


def _past(text: str, scale: Mark) -> int:
    """The end of a scale, with the point of `тыс.` where the sentence goes on."""
    return scale.end + bool(_ABBREVIATED.match(text, scale.end - 3))


def _scale_stands(text: str, marks: list[Mark], at: int, end: int) -> bool:
    return (
        at < len(marks)
        and marks[at].sort is Sort.SCALE
        and not marks[at].used
        and text[end : marks[at].start] in _PARTS
    )


def _plus_half(readings: tuple[Reading, ...], scale: int) -> tuple[Reading, ...]:
    return tuple(whole(Fraction(value) + HALF * scale) for value in readings if not isinstance(value, tuple))


def _of_many(
    text: str, marks: list[Mark], following: int, end: int, readings: tuple[Reading, ...]
) -> list[Reading]:
    """`two dozen` is also 24, and `двое сутак` also 48 hours."""
    if following == len(marks) or text[end : marks[following].start] not in _PARTS:
        return []
    mark = marks[following]
    if mark.sort in {Sort.LOOSE, Sort.FRACTION}:
        return [more for value in mark.values if not isinstance(value, tuple) and value > 0 and value != 1
                for more in _times(readings[:1], value)]  # fmt: skip
    if mark.sort is Sort.ORDINAL and len(mark.values) > 1:
        return [more for value in mark.values[1:] if isinstance(value, Fraction)
                for more in _times(readings[:1], value)]  # fmt: skip
    return []


def _in_words(text: str, language: str, marks: list[Mark], at: int) -> _Read:
    first = marks[at]
    if first.sort is Sort.FRACTION and (hour := _part_of_an_hour(text, language, marks, at)):
        return hour
    value, ordinal, following = _composed(text, language, marks, at)
    end = marks[following - 1].end
    explicit = first.sort is Sort.CARDINAL
    readings: tuple[Reading, ...] = first.values if value is None else (value,)
    if following == at + 1 and not explicit and first.sort is not Sort.SCALE:
        readings = first.values
    if more := _HALF_MORE[language].match(text, end):
        readings, end = _plus_half(readings[:1], _scale_before(marks[following - 1])), more.end()
        following = _first_from(marks, following, end)
    scale = 1
    if first.sort is not Sort.SCALE and _scale_stands_loosely(text, marks, following, end):
        scale = _scale(marks[following])
        readings, end, following = (
            tuple(_times(readings[:1], scale)),
            _past(text, marks[following]),
            following + 1,
        )
    kind = _kind(text, language, first, ordinal, end)
    if explicit and (parts := _parts_of(text, marks, following, end, readings[0])):
        readings, end, following, kind = parts, marks[following].end, following + 1, Kind.FRACTION
    elif explicit:
        readings += tuple(_of_many(text, marks, following, end, readings))
    if Kind.FRACTION in kind and _OF_AN_HOUR.match(text, end):
        readings += tuple(_times(readings[:1], 60))
    unit: str | None = None
    if explicit or scale != 1:
        unit, after = unit_after(text, end)
        end = after if unit else end
    readings += _share(readings[0], unit)
    strength = _strength(first, readings, explicit, kind, unit)
    if _is_an_hour(text, language, first, ordinal, end, readings[0]):
        kind = Kind.CARDINAL | Kind.ORDINAL
        readings += _clocks(readings[0], 0)
    elif ordinal and _is_a_saying(text, language, first.start, end, readings[0]):
        strength = Strength.EXPLAINS
    elif first.sort in {Sort.LOOSE, Sort.FRACTION} and _is_a_period(text, marks, at):
        strength = Strength.EXPLAINS
        if first.values[0] == QUARTER:
            readings = (("period", "quarter"),)
    return _Read(
        amount=Amount(
            text=text[first.start : end],
            readings=readings,
            strength=strength,
            start=first.start,
            end=end,
            unit=unit,
            kind=kind,
        ),
        start=first.start,
        end=end,
        scale=scale,
        following=following,
    )


def _kind(text: str, language: str, first: Mark, ordinal: bool, end: int) -> Kind:
    if ordinal or _numbers_a_period(text, first):
        return Kind.ORDINAL | Kind.FRACTION if len(first.values) > 1 else Kind.ORDINAL
    if first.sort is Sort.FRACTION:
        return Kind.FRACTION | Kind.CARDINAL if first.values[0] == ONE_AND_A_HALF else Kind.FRACTION
    if first.sort is Sort.MULTIPLE:
        return Kind.MULTIPLE
    if first.sort is Sort.CARDINAL and _TIMES[language].match(text, end):
        return Kind.CARDINAL | Kind.MULTIPLE
    return Kind.CARDINAL


def _numbers_a_period(text: str, mark: Mark) -> bool:
    """Whether one letter is a Roman figure: `I квартал`."""
    return (
        mark.sort is Sort.LOOSE and mark.end - mark.start == 1 and _PERIOD.match(text, mark.end) is not None
    )


def _parts_of(text: str, marks: list[Mark], following: int, end: int, number: Reading) -> tuple[Reading, ...]:
    """`two thirds`, `дзве пятыя`: a fraction alone, and neither a two nor a third."""
    if following == len(marks) or text[end : marks[following].start] not in {" ", "-"}:
        return ()
    mark = marks[following]
    if isinstance(number, tuple) or mark.used or not 0 < number < 100:
        return ()
    if mark.sort is Sort.FRACTION and mark.values[0] != ONE_AND_A_HALF:
        return tuple(_times(mark.values, number))
    if mark.sort is Sort.ORDINAL:
        return tuple(more for value in mark.values if isinstance(value, Fraction)
                     for more in _times((value,), number))  # fmt: skip
    return ()


def _is_an_hour(text: str, language: str, first: Mark, ordinal: bool, end: int, value: Reading) -> bool:
    """`а сёмай`, `at seven`, `в семь вечера`: an ordinal in one language, and a cardinal in another."""
    if not isinstance(value, int) or not 0 < value <= 24:
        return False
    if ordinal:
        return (
            language == "be"
            and text[first.start : end].endswith(_HOUR_ORDINALS)
            and _BEFORE_AN_HOUR.search(text, max(0, first.start - 8), first.start) is not None
        )
    return first.sort is Sort.CARDINAL and _HOUR[language].match(text, end) is not None


def _clocks(hour: Reading, minutes: int) -> tuple[Reading, ...]:
    """An hour as a clock shows it, by day and by night."""
    if not isinstance(hour, int):
        return ()
    return tuple((CLOCK, f"{one}:{minutes:02}") for one in {hour, hour % 12, hour % 12 + 12})


def _part_of_an_hour(text: str, language: str, marks: list[Mark], at: int) -> _Read | None:
    """`half past seven` is `палова восьмай`, and `a quarter to eight` is `без чвэрці восем`."""
    first = marks[at]
    if at + 1 == len(marks):
        return None
    hour = marks[at + 1]
    gap = text[first.end : hour.start]
    before_it = (
        gap in _TO[language]
        and first.values[0] == QUARTER
        and (language == "en" or _WITHOUT.search(text, max(0, first.start - 4), first.start) is not None)
    )
    match first.values[0], hour.values[0]:
        case Fraction() as part, int(number) if 0 < number <= 12 and part < 1:
            if before_it and hour.sort in {Sort.CARDINAL, Sort.ORDINAL, None}:
                readings = _clocks((number - 1) or 12, 45)
            elif language == "en" and gap == " past " and hour.sort in {Sort.CARDINAL, None}:
                readings = _clocks(number, int(60 * part))
            elif language != "en" and gap in _PAST[language] and _is_the_next_hour(text, language, hour):
                readings = _clocks((number - 1) or 12, int(60 * part))
            else:
                return None
            return _Read(
                amount=Amount(
                    text=text[first.start : hour.end],
                    readings=readings,
                    strength=Strength.CONTRADICTS,
                    start=first.start,
                    end=hour.end,
                ),
                start=first.start,
                end=hour.end,
                scale=1,
                following=at + 2,
            )
    return None


def _is_the_next_hour(text: str, language: str, hour: Mark) -> bool:
    if hour.sort is None:
        return hour.suffix in {"-й", "-ю", "-го"}
    ending = ("ай", "яй", "ой", "ую", "юю") if language == "be" else ("ого", "его")
    return hour.sort is Sort.ORDINAL and text[hour.start : hour.end].endswith(ending)


def _is_a_saying(text: str, language: str, start: int, end: int, value: Reading) -> bool:
    if value not in (1, 2):
        return False
    before, behind = _SAYINGS[language]
    return text[max(0, start - 10) : start].lower().endswith(before) or text[end : end + 14].startswith(
        behind
    )


def _is_a_period(text: str, marks: list[Mark], at: int) -> bool:
    """Whether a quarter or a half is numbered, and so is a part of the year: `the second quarter`."""
    first = marks[at]
    if at == 0 or first.values[0] not in (QUARTER, HALF, 6):
        return False
    before = marks[at - 1]
    return text[before.end : first.start] in {" ", "-"} and (
        before.sort is Sort.ORDINAL or bool(before.suffix) or _numbers_a_period(text, before)
    )


def _strength(
    first: Mark, readings: tuple[Reading, ...], explicit: bool, kind: Kind, unit: str | None
) -> Strength:
    """Small numbers in words come and go in good prose; large ones, and those of a unit, do not."""
    value = readings[0]
    if isinstance(value, tuple) or first.sort in {Sort.MONTH, Sort.HALF_MORE}:
        return Strength.EXPLAINS
    if first.sort is Sort.SCALE:
        return Strength.ASSERTS if value != first.values[0] else Strength.EXPLAINS
    if first.sort in {Sort.FRACTION, Sort.MULTIPLE}:
        return Strength.ASSERTS if value > 100 else Strength.CONTRADICTS
    if kind is Kind.FRACTION or Kind.ORDINAL in kind:
        return Strength.CONTRADICTS
    if first.sort in {Sort.MEASURE, Sort.LOOSE}:
        return Strength.CONTRADICTS if first.sort is Sort.MEASURE and value > 1 else Strength.EXPLAINS
    if explicit and len(readings) == 1 and value > 1:
        return Strength.ASSERTS if value > 10 and value != 100 else Strength.CONTRADICTS
    return Strength.ASSERTS if explicit and unit is not None and value > 1 else Strength.EXPLAINS


def _scale_stands_loosely(text: str, marks: list[Mark], at: int, end: int) -> bool:
    """`half a million`, `паўтара мільёна`."""
    return (
        at < len(marks)
        and marks[at].sort is Sort.SCALE
        and not marks[at].used
        and text[end : marks[at].start] in _PART_AND_SCALE
    )


def _composed(text: str, language: str, marks: list[Mark], at: int) -> tuple[Value | None, bool, int]:
    """The value of a row of number words, whether it is an ordinal, and the mark behind it."""
    total: Value = 0
    part: Value | None = None
    smallest = 10**15
    here = at
    while here < len(marks) and not marks[here].used and (here == at or _joined(text, language, marks, here)):
        mark = marks[here]
        value = mark.values[0]
        if isinstance(value, tuple):
            break
        if mark.sort is Sort.CARDINAL and (part is None or _fits(part, value)):
            part = (part or 0) + value
        elif mark.sort is Sort.SCALE and value == 100:
            part = (part or 1) * value
        elif mark.sort is Sort.SCALE and value < smallest:
            total, part, smallest = total + (1 if part is None else part) * value, None, int(value)
        elif mark.sort is Sort.ORDINAL and (here == at or (part is not None and _fits(part, value))):
            return whole(Fraction(total + (part or 0) + value)), True, here + 1
        else:
            break
        here += 1
    if here == at:
        return None, False, at + 1
    return whole(Fraction(total + (part or 0))), False, here


def _fits(part: Value, value: Value) -> bool:
    """Whether a smaller number may follow: `сто дваццаць пяць`, but not `два тры`."""
    if not isinstance(part, int) or value >= 1000:
        return False
    return (part % 100 == 0 and part > 0 and value < 100) or (
        part % 10 == 0 and part % 100 >= 20 and 0 < value < 10
    )


def _joined(text: str, language: str, marks: list[Mark], at: int) -> bool:
    gap = text[marks[at - 1].end : marks[at].start]
    if gap in _PARTS:
        return True
    return (
        language == "en"
        and gap == " and "
        and marks[at - 1].sort is Sort.SCALE
        and marks[at].sort is Sort.CARDINAL
        and not (at + 1 < len(marks) and marks[at + 1].values == (100,))
    )
