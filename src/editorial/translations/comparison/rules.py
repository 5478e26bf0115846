"""What each kind of difference is: a function that finds it in a unit and its translation."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from urllib.parse import unquote

import msgspec

from editorial.core.markdown import has_words
from editorial.translations.comparison.amounts import Amount, Kind, Strength
from editorial.translations.comparison.marks import CLOCK, DAY, Model, Moment, Reading
from editorial.translations.comparison.names import (
    HANDLE,
    LATIN_WORD,
    heard_in,
    latin_names,
    nearest,
    same_model,
    sounds,
)
from editorial.translations.comparison.places import Beside, beside
from editorial.translations.comparison.terms import Term, broken_terms
from editorial.translations.comparison.text import UnitText
from editorial.translations.comparison.units import compatible


class DifferenceKind(StrEnum):
    """In what a translation differs from its source."""

    EMPTY = "empty"
    UNCHANGED = "unchanged"
    LIST_LENGTH = "list_length"
    NUMBER = "number"
    DATE = "date"
    LINK = "link"
    NAME = "name"
    TERM = "term"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, before it has its sentence."""

    kind: DifferenceKind
    expected: str | None = None
    found: str | None = None
    basis: str = ""
    """What an answer to it rests on besides the two: the source's words, the glossary's entry."""


class Pair(msgspec.Struct, frozen=True):
    """A unit and its translation, and the glossary between their languages."""

    source: UnitText
    target: UnitText
    glossary: Sequence[Term]


_MATES = 50
"""How many candidates are looked at: a text of thousands of numbers must not take thousands squared."""
_WORDS = 500
"""And words, for the one that a name is a slip of."""


def empty(pair: Pair) -> Iterator[Finding]:
    """Nothing but blanks, punctuation and links without words, where the source says something."""
    if has_words(pair.source.raw) and not has_words(pair.target.raw):
        yield Finding(kind=DifferenceKind.EMPTY, found=pair.target.raw.strip() or None, basis=pair.source.raw)


_FOREIGN_LETTERS = {"ru": frozenset("іўІЎ"), "be": frozenset("ищъИЩЪ")}
_SMALL_WORDS = {"and", "the", "for", "von", "van", "der", "und", "les", "del", "des"}


def unchanged(pair: Pair) -> Iterator[Finding]:
    """The source's own words, left as they were. A name, a number or an address may well stay."""
    if pair.source.language == pair.target.language or len(pair.source.words) != len(pair.target.words):
        return
    words = pair.target.words.casefold().split()
    if words and words == pair.source.words.casefold().split() and _ought_to_change(pair):
        yield Finding(
            kind=DifferenceKind.UNCHANGED, found=_shortened(pair.target.words), basis=pair.source.raw
        )


def _ought_to_change(pair: Pair) -> bool:
    text = pair.target.prose
    written = [word.strip("«»“”„\"'.,:;!?()—–-…") for word in text.split()]
    small = [word for word in written if len(word) > 2 and word.isalpha() and word.islower()]
    if pair.target.is_cyrillic and {pair.source.language, pair.target.language} <= {"be", "ru"}:
        # The two share many a word: `Курс рубля` is right in both.
        foreign = _FOREIGN_LETTERS[pair.target.language]
        return (not foreign.isdisjoint(text) and not _is_a_quoted_name(text)) or len(small) > 3
    return any(word not in _SMALL_WORDS for word in small)


def _is_a_quoted_name(text: str) -> bool:
    bare = text.strip(" .,")
    return len(bare.split()) < 4 and bare[:1] in '«“„"' and bare[-1:] in '»”“"'


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def list_length(pair: Pair) -> Iterator[Finding]:
    """A list with more items than its source, or fewer."""
    if pair.source.kind == "list" and len(pair.source.lines) != len(pair.target.lines):
        yield Finding(
            kind=DifferenceKind.LIST_LENGTH,
            expected=str(len(pair.source.lines)),
            found=str(len(pair.target.lines)),
        )


def links(pair: Pair) -> Iterator[Finding]:
    """Each address as often as in the source, or the same site in the language of the translation."""
    if not (pair.source.addresses or pair.target.addresses):
        return
    wanted = Counter(map(_address, pair.source.addresses))
    there = Counter(map(_address, pair.target.addresses))
    missing, extra = list((wanted - there).elements()), list((there - wanted).elements())
    translated = Counter(_site(address) for address in extra if _speaks(address, pair.target.language))
    lost: list[str] = []
    for address in missing:
        site = _site(address)
        if translated[site]:
            translated[site] -= 1
        else:
            lost.append(address)
    odd: list[str] = []
    for address in reversed(extra):
        # Those of a site that found no mate are what `translated` still counts.
        site = _site(address)
        if not _speaks(address, pair.target.language):
            odd.append(address)
        elif translated[site]:
            translated[site] -= 1
            odd.append(address)
    yield from _paired(DifferenceKind.LINK, lost, odd[::-1])


_TONGUES = {"be": {"be", "bel", "blr", "by"}, "ru": {"ru", "rus"}, "en": {"en", "eng"}}


def _address(address: str) -> str:
    """The address without what does not lead elsewhere."""
    head, sign, rest = unquote(address).partition("://")
    if not sign or not head.lower().startswith("http"):
        return unquote(address).removesuffix("/")
    host, slash, path = rest.partition("/")
    return f"https://{host.lower().removeprefix('www.')}{slash}{path}".removesuffix("/")


def _parts(address: str) -> tuple[list[str], list[str]]:
    """The labels of the host; and what may say a language: the first of them, and words of path and query."""
    host, _, rest = address.partition("://")[2].partition("/")
    path, _, query = rest.lower().partition("?")
    labels = host.split(".")
    values = [value for _, _, value in (one.partition("=") for one in query.split("&"))]
    return labels, [labels[0] if len(labels) > 2 else "", *path.split("/")[:2], *values]


def _speaks(address: str, language: str) -> bool:
    """Whether an address says that its page is in a language."""
    tongue = _TONGUES.get(language, {language})
    return any(mark and mark.partition("-")[0] in tongue for mark in _parts(address)[1])


def _site(address: str) -> str:
    """The host without its language.

    Only the host: an encyclopedia names one and the same page in each language by another word, and a
    newspaper by another number, so that the rest of two such addresses cannot be held against each other.
    """
    labels, (first, *_) = _parts(address)
    tongue = first.partition("-")[0]
    return ".".join(labels[1:] if len(tongue) in {2, 3} and first else labels)


def numbers(pair: Pair) -> Iterator[Finding]:
    """Numbers and amounts, by value and unit, whatever their spelling."""
    if not (pair.source.is_known and pair.target.is_known):
        yield from _bare_numbers(pair)
        return
    source = [one for one in pair.source.amounts if not _is_a_time(one)]
    target = [one for one in pair.target.amounts if not _is_a_time(one)]
    missing = _but_for_none(_unmatched(source, _explained(pair.target)), pair.target)
    extra = _but_for_none(_unmatched(target, _explained(pair.source)), pair.source)
    yield from _units(pair, source, target, {*map(id, missing), *map(id, extra)})
    _even_out(source, target, missing, extra)
    told = list(_contradictions(missing, extra))
    yield from told
    if not told:
        yield from _changed_places(pair, source, target)


def _is_a_time(amount: Amount) -> bool:
    first = amount.readings[0]
    return isinstance(first, tuple) and first[0] == CLOCK


def _explained(text: UnitText) -> set[Reading]:
    """Everything that a number of the other side may be explained by."""
    return text.readings | {int(run) for model in text.models for run in model.runs if len(run) < 10}


def _unmatched(amounts: Iterable[Amount], there: set[Reading]) -> list[Amount]:
    return [
        amount
        for amount in amounts
        if amount.strength is not Strength.EXPLAINS
        and there.isdisjoint(amount.readings)
        and not (amount.readings[0] == 1 and amount.unit is None and Kind.ORDINAL not in amount.kind)
    ]


def _but_for_none(amounts: list[Amount], text: UnitText) -> list[Amount]:
    """Without a nought that the other side says in words: `none of them`."""
    return [one for one in amounts if one.readings[0] != 0 or not text.tells_of_none]


def _even_out(source: list[Amount], target: list[Amount], missing: list[Amount], extra: list[Amount]) -> None:
    """Where one side has a number that the other lacks, look for its mate among those that stand there twice.

    `10 … 10` made into `10 … 12` lacks nothing, and yet differs.
    """
    for here, there, lacking, surplus in ((source, target, missing, extra), (target, source, extra, missing)):
        asserted = [one for one in surplus if one.strength is Strength.ASSERTS]
        if len(asserted) <= len(lacking):
            continue
        count = Counter(one.readings[0] for one in here if one.strength is Strength.ASSERTS)
        others = Counter(reading for one in there for reading in set(one.readings))
        for one in reversed(here):
            value = one.readings[0]
            if len(lacking) == len(asserted):
                break
            if one.strength is Strength.ASSERTS and 0 < others[value] < count[value]:
                count[value] -= 1
                lacking.append(one)


def _contradictions(missing: list[Amount], extra: list[Amount]) -> Iterator[Finding]:
    """Pair what is missing with what stands in its place, likest first; tell the rest that is asserted."""
    left, rest = list(missing), list(extra)
    for is_like in (_of_one_unit, _both_assert, _one_asserts, _of_one_sort):
        for one in left[:_MATES]:
            mate = next((other for other in rest[:_MATES] if is_like(one, other)), None)
            if mate is not None:
                left.remove(one)
                rest.remove(mate)
                yield Finding(kind=DifferenceKind.NUMBER, expected=one.text, found=mate.text)
    for one in left:
        if one.strength is Strength.ASSERTS:
            yield Finding(kind=DifferenceKind.NUMBER, expected=one.text)
    for one in rest:
        if one.strength is Strength.ASSERTS:
            yield Finding(kind=DifferenceKind.NUMBER, found=one.text)


def _of_one_unit(one: Amount, other: Amount) -> bool:
    return one.unit is not None and other.unit is not None and compatible(one.unit, other.unit)


def _both_assert(one: Amount, other: Amount) -> bool:
    return one.strength is other.strength is Strength.ASSERTS


def _one_asserts(one: Amount, other: Amount) -> bool:
    return Strength.ASSERTS in {one.strength, other.strength}


def _of_one_sort(one: Amount, other: Amount) -> bool:
    return bool(one.kind & other.kind)


def _units(pair: Pair, source: list[Amount], target: list[Amount], apart: set[int]) -> Iterator[Finding]:
    """The same number of something else, or with another sign: percent made points, dollars made roubles."""
    by_reading: dict[Reading, list[Amount]] = {}
    for one in target:
        if id(one) not in apart:
            for reading in one.readings:
                mates = by_reading.setdefault(reading, [])
                if len(mates) < _MATES:
                    mates.append(one)
    for one in source:
        if id(one) in apart or one.strength is Strength.EXPLAINS:
            continue
        mates = [mate for reading in one.readings for mate in by_reading.get(reading, ())]
        if any(
            mate.strength is Strength.EXPLAINS
            or (_same_unit(pair, one, mate) and _same_sign(pair, one, mate))
            for mate in mates
        ):
            continue
        if mates:
            yield Finding(kind=DifferenceKind.NUMBER, expected=one.text, found=mates[0].text)


_NUMBERS = 24
"""Numbers whose places are looked at: what a reader holds together is shorter."""


def _changed_places(pair: Pair, source: list[Amount], target: list[Amount]) -> Iterator[Finding]:
    """Two numbers that are both there, in another order, each by the words of the other."""
    if len(source) < 2 or len(target) < 2:
        return
    if _values(source) == _values(target):
        return
    mates = _mates(source[:_NUMBERS], target[:_NUMBERS])
    moved: set[int] = set()
    here: dict[int, Beside] = {}
    there: dict[int, Beside] = {}
    for at, (one, mate) in enumerate(mates):
        for other, its_mate in mates[at + 1 :]:
            if one.unit != other.unit or (one.start < other.start) == (mate.start < its_mate.start):
                continue
            # The words of a sentence are looked at only where there is a reason to.
            here = here or _words_beside(pair.source, source)
            there = there or _words_beside(pair.target, target)
            if not {id(one), id(other)} & moved and _each_by_the_others(
                here[id(one)], here[id(other)], there[id(mate)], there[id(its_mate)]
            ):
                moved |= {id(one), id(other)}
                yield Finding(
                    kind=DifferenceKind.NUMBER,
                    expected=_in_order(one, other),
                    found=_in_order(mate, its_mate),
                )


def _values(amounts: list[Amount]) -> list[Reading]:
    return [one.readings[0] for one in amounts if one.strength is not Strength.EXPLAINS]


def _each_by_the_others(one: Beside, other: Beside, mate: Beside, its_mate: Beside) -> bool:
    """Whether two numbers have each other's words in the translation, and none of their own.

    One word is proof enough where it follows the number in both texts: it is what the number counts.
    """
    first, second = one.around - other.around, other.around - one.around
    found, found_second = mate.around - its_mate.around, its_mate.around - mate.around
    if first & found or second & found_second:
        return False
    crossed, crossed_second = first & found_second, second & found
    return bool(
        (crossed and crossed_second)
        or (crossed & one.behind & its_mate.behind)
        or (crossed_second & other.behind & mate.behind)
    )


def _in_order(one: Amount, other: Amount) -> str:
    first, last = sorted((one, other), key=lambda amount: amount.start)
    return f"{first.text} … {last.text}"


def _mates(source: list[Amount], target: list[Amount]) -> list[tuple[Amount, Amount]]:
    """Numbers that each side has once."""
    here, there = _by_reading(source), _by_reading(target)
    found: list[tuple[Amount, Amount]] = []
    for one in source:
        if one.strength is Strength.EXPLAINS or any(len(here[reading]) > 1 for reading in one.readings):
            continue
        mates = {id(mate): mate for reading in one.readings for mate in there.get(reading, ())}
        if len(mates) == 1:
            (mate,) = mates.values()
            if mate.strength is not Strength.EXPLAINS:
                found.append((one, mate))
    return found if len({id(mate) for _, mate in found}) == len(found) else []


def _by_reading(amounts: list[Amount]) -> dict[Reading, list[Amount]]:
    found: dict[Reading, list[Amount]] = {}
    for one in amounts:
        for reading in one.readings:
            found.setdefault(reading, []).append(one)
    return found


def _words_beside(text: UnitText, amounts: list[Amount]) -> dict[int, Beside]:
    found: dict[int, Beside] = {}
    ordered = sorted(amounts, key=lambda amount: amount.start)
    for at, one in enumerate(ordered):
        left = ordered[at - 1].end if at else 0
        right = ordered[at + 1].start if at + 1 < len(ordered) else len(text.prose)
        found[id(one)] = beside(text.prose, text.language, one.start, one.end, left, right)
    return found


def _same_unit(pair: Pair, one: Amount, mate: Amount) -> bool:
    if (one.unit is None or mate.unit is None) and (one.kind | mate.kind) & (Kind.FRACTION | Kind.MULTIPLE):
        # `half` is 50 %, and `doubled` 100 % more.
        return True
    if one.unit is not None and mate.unit is not None:
        return compatible(one.unit, mate.unit)
    if one.unit is not None:
        return pair.target.mentions(one.unit)
    return mate.unit is None or pair.source.mentions(mate.unit)


def _same_sign(pair: Pair, one: Amount, mate: Amount) -> bool:
    if one.negative == mate.negative:
        return True
    return (pair.target if one.negative else pair.source).tells_of_a_fall


def _bare_numbers(pair: Pair) -> Iterator[Finding]:
    """In a language whose words we do not know: figures of three digits and more, or with a fraction."""
    wanted, there = _figures(pair.source.prose), _figures(pair.target.prose)
    yield from _paired(
        DifferenceKind.NUMBER,
        [shown for value, shown in wanted.items() if value not in there],
        [shown for value, shown in there.items() if value not in wanted],
    )


_BARE_NUMBER = re.compile(r"\d+(?:[ .,]\d+)*")
_SEPARATORS = str.maketrans("", "", " .,")


def _figures(text: str) -> dict[str, str]:
    return {
        digits.strip("0"): shown
        for shown in _BARE_NUMBER.findall(text)
        if len(digits := shown.translate(_SEPARATORS)) > 2 or len(digits) < len(shown)
    }


def dates(pair: Pair) -> Iterator[Finding]:
    """Days, months and years, and times of day."""
    if not (pair.source.is_known and pair.target.is_known):
        return
    missing = [one for one in pair.source.moments if one.sure and not _is_told(one, pair.target)]
    extra = [one for one in pair.target.moments if one.sure and not _is_told(one, pair.source)]
    if _are_a_part_of_the_year(missing, pair.target):
        missing = []
    if _are_a_part_of_the_year(extra, pair.source):
        extra = []
    yield from _moved(pair, missing, extra)
    yield from _times(pair)


def _are_a_part_of_the_year(moments: list[Moment], text: UnitText) -> bool:
    """`студзень — чэрвень` is the first half of the year, and `January–March` a quarter."""
    match [one.days for one in moments]:
        case [((None, int(first)),), ((None, int(last)),)]:
            months = last - first + 1
            return first % 3 == 1 and months in {3, 6, 9} and months in text.readings
    return False


def _is_told(moment: Moment, text: UnitText) -> bool:
    """Whether a text has the same date, or may well have it."""
    year_is_there = moment.year is None or moment.year in text.readings

    def agrees(others: list[Moment]) -> bool:
        years = {one.year for one in others}
        return moment.year is None or moment.year in years or (None in years and year_is_there)

    for day, month in moment.days:
        if same_day := text.dates.get((day, month)):
            if agrees(same_day):
                return True
            continue
        if (DAY, f"{day}.{month}") in text.readings and year_is_there:
            return True
        same_month = text.months.get(month, [])
        if day is None:
            if same_month and agrees(same_month):
                return True
        elif day in text.readings and (None, month) in text.dates and year_is_there:
            # `In December 12 people` looks like a date, `у снежні 12 чалавек` does not.
            return True
    return False


def _moved(pair: Pair, missing: list[Moment], extra: list[Moment]) -> Iterator[Finding]:
    """Pair each lost date with the likest new one."""
    rest = list(extra)
    for one in missing:
        mate = next(
            (
                other
                for is_like in (_same_day, _same_month, _any_date)
                for other in rest[:_MATES]
                if is_like(one, other)
            ),
            None,
        )
        if mate is not None:
            rest.remove(mate)
        found = mate or next((mate for day in one.days for mate in pair.target.dates.get(day, ())), None)
        yield Finding(kind=DifferenceKind.DATE, expected=one.text, found=found.text if found else None)
    for other in rest:
        meant = next((mate for day in other.days for mate in pair.source.dates.get(day, ())), None)
        yield Finding(kind=DifferenceKind.DATE, expected=meant.text if meant else None, found=other.text)


def _same_day(one: Moment, other: Moment) -> bool:
    return any(day in other.days for day in one.days)


def _same_month(one: Moment, other: Moment) -> bool:
    return any(month == other_month for _, month in one.days for _, other_month in other.days)


def _any_date(one: Moment, other: Moment) -> bool:
    return True


def _times(pair: Pair) -> Iterator[Finding]:
    source, target = ([one for one in text.amounts if _is_a_time(one)] for text in (pair.source, pair.target))
    missing = [one.text for one in _unmatched(source, _explained(pair.target))]
    extra = [one.text for one in _unmatched(target, _explained(pair.source))]
    yield from _paired(DifferenceKind.DATE, missing, extra)


def names(pair: Pair) -> Iterator[Finding]:
    """Names with figures, names in Latin letters, names with an @."""
    yield from _models(pair)
    if "@" in pair.source.words or "@" in pair.target.words:
        wanted, there = (dict.fromkeys(HANDLE.findall(text.words)) for text in (pair.source, pair.target))
        yield from _paired(
            DifferenceKind.NAME,
            [name for name in wanted if name not in there],
            [name for name in there if name not in wanted],
        )
    if pair.target.is_cyrillic:
        yield from _latin_in_cyrillic(pair)
    elif pair.source.is_cyrillic:
        whole = pair.target.words.casefold()
        for name in latin_names(pair.source.words)[:_MATES]:
            if name.casefold() not in whole:
                words = LATIN_WORD.findall(pair.target.words)[:_WORDS]
                yield Finding(kind=DifferenceKind.NAME, expected=name, found=nearest(name, words))


def _models(pair: Pair) -> Iterator[Finding]:
    source, target = pair.source, pair.target
    if not (source.is_known and target.is_known):
        return
    missing = [one.text for one in source.models if not _has_model(target, one)]
    extra = [one.text for one in target.models if not _has_model(source, one)]
    yield from _paired(DifferenceKind.NAME, list(dict.fromkeys(missing)), list(dict.fromkeys(extra)))


def _has_model(text: UnitText, model: Model) -> bool:
    """Whether a text has the name, its number alone (`Вялікая сямёрка`), or its word alone (`COVID`)."""
    if any(same_model(model, other) for other in text.models_by_runs.get(model.runs, ())):
        return True
    if len(model.runs) == 1 and len(model.runs[0]) < 10 and int(model.runs[0]) in text.readings:
        return True
    letters = model.letters.casefold()
    return (
        len(letters) > 3
        and letters in text.prose.casefold()
        and all(other.letters.casefold() != letters for other in text.models)
    )


def _latin_in_cyrillic(pair: Pair) -> Iterator[Finding]:
    source, target = pair.source.words, pair.target.words
    there = latin_names(target)
    if pair.source.is_cyrillic:
        wanted = latin_names(source)
        if wanted or there:
            known, audible = target.casefold(), sounds(target)
            whole, heard = source.casefold(), sounds(source)
            yield from _paired(
                DifferenceKind.NAME,
                [name for name in wanted if name.casefold() not in known and not heard_in(name, audible)],
                [name for name in there if name.casefold() not in whole and not heard_in(name, heard)],
            )
    elif there:
        whole = source.casefold()
        words = list(dict.fromkeys(LATIN_WORD.findall(source)))[:_WORDS]
        for name in there[:_MATES]:
            if name.casefold() in whole:
                continue
            meant = nearest(name, words)
            if meant is not None or len(name) > 3:
                yield Finding(kind=DifferenceKind.NAME, expected=meant, found=name)


def terms(pair: Pair) -> Iterator[Finding]:
    """Terms of the glossary, in any form."""
    if pair.glossary:
        for broken in broken_terms(
            pair.source.vocabulary,
            pair.target.vocabulary,
            pair.glossary,
            pair.source.language,
            pair.target.language,
        ):
            yield Finding(kind=DifferenceKind.TERM, expected=" / ".join(broken.targets), basis=broken.source)


def _paired(kind: DifferenceKind, missing: Sequence[str], extra: Sequence[str]) -> Iterator[Finding]:
    for at in range(max(len(missing), len(extra))):
        yield Finding(
            kind=kind,
            expected=missing[at] if at < len(missing) else None,
            found=extra[at] if at < len(extra) else None,
        )
