"""Public addresses from titles: Belarusian in its national Latin, Russian romanised, the rest as it is."""

import iuliia
from slugify import slugify

from editorial.core.normalisation import without_unseen

MAX_SLUG = 80

_PLAIN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "ж": "ž", "з": "z", "і": "i", "й": "j",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ў": "ŭ", "ф": "f", "х": "ch", "ц": "c", "ч": "č", "ш": "š", "ы": "y", "э": "e", "ь": "",
    "’": "", "'": "", "ʼ": "",
}  # fmt: skip
_IOTATED = {"е": "e", "ё": "o", "ю": "u", "я": "a"}
_VOWELS = frozenset("аеёіоуыэюя")
_APART = frozenset("'’ʼьў")


def belarusian_latin(text: str) -> str:
    """Belarusian in Latin letters by the national system of 2007, in lower case.

    Source: the State Committee's instruction on the transliteration of geographical names, which the
    UN took over in 2012 (resolution X/6): `Жабінка` is `žabinka`, `Магілёў` is `mahilioŭ`.
    """
    written: list[str] = []
    before = " "
    for letter in text.lower():
        if letter in _IOTATED:
            begins = before in _VOWELS or before in _APART or not before.isalpha()
            written.append(("j" if begins else "i") + _IOTATED[letter])
        else:
            written.append(_PLAIN.get(letter, letter))
        before = letter
    return "".join(written)


def slug_of(title: str, language: str) -> str:
    """The address that a title gives: ASCII words joined by hyphens. Empty where nothing is left."""
    title = without_unseen(title)
    match language.partition("-")[0]:
        case "be":
            latin = belarusian_latin(title)
        case "ru":
            latin = iuliia.WIKIPEDIA.translate(title)
        case _:
            latin = title
    # A decimal sign parts the figures, and an apostrophe nothing.
    plain = latin.translate({ord(","): " ", ord("."): " ", ord("’"): None, ord("'"): None})
    return slugify(plain, max_length=MAX_SLUG, word_boundary=True, save_order=True)


def slug_candidates(title: str, language: str, week: str, unique: str) -> list[str]:
    """Addresses to try in turn: the title's, with its week, with a number, and one that is surely free."""
    base = slug_of(title, language) or week.lower()
    return [
        base,
        f"{base}-{week.lower()}",
        *(f"{base}-{number}" for number in range(2, 6)),
        f"{base}-{unique}",
    ]
