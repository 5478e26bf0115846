"""What a number counts: percent, points, money; and which of them may be the same."""

import re

PERCENT, POINTS = "%", "points"

_SYMBOLS = {"$": "dollar", "US$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "₴": "UAH", "%": PERCENT}
_CODES = {
    **{code: code for code in ("USD", "EUR", "BYN", "RUB", "GBP", "UAH", "PLN", "CNY", "KZT", "GEL", "CHF")},
    "BYR": "BYN",
    "Br": "BYN",
    "RUR": "RUB",
}
_WORDS = {
    "dollar": ("доллар", "долар", "dollar"),
    "EUR": ("евро", "еўра", "euro"),
    "rouble": ("рубл", "рубел", "руб", "rouble", "ruble"),
    "pound": ("фунт", "pound"),
    "CNY": ("юан", "yuan", "renminbi"),
    "PLN": ("злот", "zlot", "zł"),
    "UAH": ("грив", "грыў", "грывен", "hryvn"),
    "KZT": ("тэнге", "тенге", "tenge"),
    "GEL": ("лары", "лари", "lari"),
    "CHF": ("франк", "franc"),
    PERCENT: ("процент", "працэнт", "адсот", "percent", "pct"),
}
_STEMS = {stem: unit for unit, stems in _WORDS.items() for stem in stems}
_STEMS_BY_BEGINNING: dict[str, list[tuple[str, str]]] = {}
for _stem, _unit in _STEMS.items():
    _STEMS_BY_BEGINNING.setdefault(_stem[:3], []).append((_stem, _unit))
_FAMILIES = {"USD": "dollar", "BYN": "rouble", "RUB": "rouble", "GBP": "pound", POINTS: PERCENT}
_COUNTRIES = {
    "беларуск": "BYN", "белорусс": "BYN", "belarusi": "BYN", "расійскі": "RUB", "расійска": "RUB",
    "российск": "RUB", "russian": "RUB", "амерыкан": "USD", "американ": "USD", "american": "USD", "us": "USD",
}  # fmt: skip
"""By the first eight letters of the adjective."""
_EUROPE = ("europ", "euras", "euroz", "еўрап", "еўраз", "европ", "евраз", "еврозо")
_BEFORE = re.compile(r"(?:(US\$|[$€£₽₴])|\b(" + "|".join(_CODES) + r")) ?$")
_AFTER = re.compile(r" ?(?:([%$€£₽₴])|(" + "|".join(_CODES) + r")\b)")
_NEXT_WORD = re.compile(r"[ -]?([^\W\d_]+)")
_SHORT_POINTS = re.compile(r" ?(?:п\. ?п\b\.?|p\.p\b\.?|pp\b)")
_SHORT_WORDS = {"п", "p", "pp", "per"}
_ABBREVIATIONS = re.compile(r" ?(?:(р|руб)|(долл|дол|у\. ?е)|(проц|прац))\.(?! [А-ЯЁІЎ])")
"""What a figure counts, cut short: `10 р.`; but `10 р. Беларусі` are rivers."""
_CUT_SHORT = {"р", "руб", "долл", "дол", "у", "проц", "прац"}
_PER_CENT = re.compile(r"[ -]per cent\b")
_ROUBLES = re.compile(r"\d ?р\.")
_POINT_WORD = re.compile(r"[ -](?:пункт|point)[^\W\d_]*", re.IGNORECASE)

_FALL = re.compile(
    r"мінус|минус|minus|below|fell|fall|declin|decreas|drop|shr[aiu]nk|contract|reduc|los[ts]|lower|slump|minus"
    r"|\b(?:у?пад|упа[лў]|зні[жз]|змен|менш|скара|спад|страт|ніжэй|сни[жз]|умен|меньш|сокра|убы|потер|ниже)",
    re.IGNORECASE,
)


def is_code(letters: str) -> bool:
    """Whether letters stand for money, and not for a name: `USD5`."""
    return letters in _CODES


def family(unit: str) -> str:
    """The unit without its country: dollars of one kind or another."""
    return _FAMILIES.get(unit, unit)


def compatible(one: str | None, other: str | None) -> bool:
    """Whether two units may be the same: roubles may be Belarusian ones."""
    if one is None or other is None or one == other:
        return True
    kin = family(one)
    return kin == family(other) and kin in {one, other} and kin != PERCENT


def mentions(text: str, unit: str) -> bool:
    """Whether a text speaks of a unit at all, with a number or without."""
    lower, kin = text.lower(), family(unit)
    return (
        (kin == PERCENT and ("per cent" in lower or _SHORT_POINTS.search(lower) is not None))
        or (unit == POINTS and _POINT_WORD.search(lower) is not None)
        or any(stem in lower for stem, name in _STEMS.items() if family(name) == kin)
        or (kin == "rouble" and _ROUBLES.search(lower) is not None)
        or any(symbol in text for symbol, name in _SYMBOLS.items() if family(name) == kin)
        or any(code in text for code, name in _CODES.items() if family(name) == kin)
    )


def tells_of_a_fall(text: str) -> bool:
    """Whether words may say what a minus sign says."""
    return _FALL.search(text) is not None


def unit_before(text: str, start: int) -> tuple[str | None, int]:
    """The unit in front of a number, and where it begins: `USD 5`, `$5`."""
    if found := _BEFORE.search(text, max(0, start - 5), start):
        return _SYMBOLS[found[1]] if found[1] else _CODES[found[2]], found.start()
    return None, start


def unit_after(text: str, end: int) -> tuple[str | None, int]:
    """The unit behind a number, and where it ends: `5 %`, `5 млн беларускіх рублёў`."""
    if found := _AFTER.match(text, end):
        return _SYMBOLS[found[1]] if found[1] else _CODES[found[2]], found.end()
    following = _NEXT_WORD.match(text, end)
    if following is None:
        return None, end
    if following[1] in _SHORT_WORDS:
        for unit, form in ((POINTS, _SHORT_POINTS), (PERCENT, _PER_CENT)):
            if found := form.match(text, end):
                return unit, found.end()
    if following[1] in _CUT_SHORT and (short := _ABBREVIATIONS.match(text, end)):
        return ("rouble", "dollar", PERCENT)[(short.lastindex or 1) - 1], short.end()
    country: str | None = None
    for _ in range(2):
        found = _NEXT_WORD.match(text, end)
        if found is None:
            break
        word = found[1].lower()
        end = found.end()
        for stem, unit in _STEMS_BY_BEGINNING.get(word[:3], ()):
            if word.startswith(stem) and not word.startswith(_EUROPE):
                if unit == PERCENT and (points := _POINT_WORD.match(text, end)):
                    return POINTS, points.end()
                return country if country and family(country) == unit else unit, end
        country = _COUNTRIES.get(word[:8])
        if country is None:
            break
    return None, end
