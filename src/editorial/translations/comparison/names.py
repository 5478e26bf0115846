"""Names that a translation keeps: in Latin letters, with figures in them, or with an @ in front.

A name that is written in another alphabet is no difference: `Telegram` may be `Тэлеграм`. So is one that is
translated: `G7` may be `Вялікая сямёрка`. What is told is a Latin name of a Cyrillic text that is nowhere on
the other side in any spelling that sounds alike.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from editorial.translations.comparison.marks import Model
from editorial.translations.comparison.units import is_code

LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:'[A-Za-zÀ-ɏ]+)*")
_NAME = re.compile(r"(?<![^\W_])[A-Za-zÀ-ɏ]+(?:'[A-Za-zÀ-ɏ]+)*(?!-?\d|[A-Za-zÀ-ɏ])")
"""A Latin word with no figures behind it: those are models."""
HANDLE = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{2,}")
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ɏ]")
_CYRILLIC_WORD = re.compile(r"[Ѐ-ӿ]+(?:'[Ѐ-ӿ]+)*")
_ROMAN = re.compile(r"[IVXLCDM]+")
_SOUNDS = {
    "а": "", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "", "ё": "", "ж": "j", "з": "z", "и": "",
    "і": "", "й": "", "к": "k", "л": "l", "м": "m", "н": "n", "о": "", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "", "ў": "v", "ф": "f", "х": "g", "ц": "t", "ч": "j", "ш": "j", "щ": "j", "ъ": "", "ы": "", "ь": "",
    "э": "", "ю": "", "я": "", "a": "", "e": "", "i": "", "o": "", "u": "", "y": "", "c": "k", "q": "k",
    "w": "v", "h": "g", "x": "ks", "'": "",
}  # fmt: skip
_CLUSTERS = (
    ("tsch", "j"), ("sch", "j"), ("tch", "j"), ("ch", "j"), ("sh", "j"), ("zh", "j"), ("ph", "f"),
    ("ck", "k"), ("th", "t"), ("дж", "j"), ("дз", "d"), ("кс", "ks"), ("gh", "g"), ("ts", "t"), ("tz", "t"),
    ("wh", "v"), ("ce", "s"), ("ci", "s"), ("cy", "s"), ("ge", "j"), ("gi", "j"),
)  # fmt: skip


def is_cyrillic(text: str) -> bool:
    """Whether most of a text's letters are Cyrillic."""
    if not _LATIN_LETTER.search(text):
        return not text.isascii() and _CYRILLIC_WORD.search(text) is not None
    cyrillic = sum(map(len, _CYRILLIC_WORD.findall(text)))
    return cyrillic > sum(map(len, LATIN_WORD.findall(text)))


def latin_names(text: str) -> list[str]:
    """The Latin words of a Cyrillic text that are names: three letters or more, and not all of them small."""
    if not _LATIN_LETTER.search(text):
        return []
    return list(
        dict.fromkeys(
            word
            for word in _NAME.findall(text)
            if len(word) > 2 and not word.islower() and not is_code(word) and not _ROMAN.fullmatch(word)
        )
    )


@lru_cache(maxsize=8_192)
def sound(word: str) -> str:
    """The consonants of a word in either alphabet, roughly: what a transliteration keeps."""
    word = word.lower()
    for cluster, letters in _CLUSTERS:
        word = word.replace(cluster, letters)
    kept = "".join(_SOUNDS.get(letter, letter) for letter in word)
    return re.sub(r"(.)\1+", r"\1", kept)


def sounds(text: str) -> set[str]:
    """How the Cyrillic words of a text begin, to the ear."""
    return {sound(word)[:3] for word in _CYRILLIC_WORD.findall(text)}


def heard_in(name: str, heard: set[str]) -> bool:
    """Whether a word that sounds like the beginning of a name is among those heard."""
    begins = sound(name)[:3]
    return not begins or begins in heard


def nearest(name: str, words: Iterable[str]) -> str | None:
    """The word that the name is most likely a slip of."""
    best, nearness = None, 0.74
    lower = name.lower()
    for word in words:
        if abs(len(word) - len(name)) > 3:
            continue
        ratio = SequenceMatcher(None, lower, word.lower()).ratio()
        if ratio > nearness:
            best, nearness = word, ratio
    return best


def same_model(one: Model, other: Model) -> bool:
    """`S-400` and `С-400`: the same figures, and the same letters where both are of one alphabet."""
    if one.runs != other.runs:
        return False
    if one.letters.isascii() and other.letters.isascii():
        return one.letters.lower() == other.letters.lower()
    return True
