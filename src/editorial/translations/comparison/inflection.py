"""Whether a word of a text is a form of a word of the glossary.

A glossary gives words as a dictionary does, so there is nothing to be stemmed: the word's own ending says
what endings its forms may have. That keeps `Беларусь` apart from `беларусы`, and `prison` from `prisoner`,
which a stemmer made for search puts together on purpose. ADR 9 has the comparison.

The endings of Belarusian and Russian are those of the declension tables of nouns and adjectives («Кароткая
граматыка беларускай мовы», ч. 1, Мінск, 2007; «Русская грамматика», т. 1, Москва, 1980). What changes inside
a Belarusian word is as in the Rules of Belarusian Orthography and Punctuation of 2008: ў for у and в,
akanne and yakanne, dzekanne and tsekanne.
"""

from functools import lru_cache

import msgspec


def _endings(written: str, *, none: bool = False) -> frozenset[str]:
    """Endings parted by spaces; `none`: a form may have none at all."""
    return frozenset([*written.split(), *([""] if none else [])])


_BE_ADJECTIVE = _endings(
    "ы і ая яя ое ае яе ога ага яга ому аму яму ым ім ую юю ой ай яй ою аю яю ыя ія ых іх ымі імі"
)
_BE_HARD = _endings("а у ам ом е э ы і аў оў эй амі ах", none=True)
_BE_SOFT = _endings("ь й і ю я ем ём е яў ёў ей ям ямі ьмі ях")
_BE_VOWEL = _endings(
    "а я ы і у ю е э о ё ой ёй ай яй ою ёю аю яю эй ей эю ею ам ям ом ем ём аў яў оў ёў амі ямі мі ьмі ах ях"
    " ь й",
    none=True,
)
_RU_ADJECTIVE = _endings(
    "ый ий ой ая яя ое ее ого его ому ему ым им ом ем ую юю ей ою ею ые ие ых их ыми ими"
)
_RU_HARD = _endings("а у ом ем е ы и ов ев ам ами ах", none=True)
_RU_SOFT = _endings("ь и ю я ем ём е ей ям ями ях ьми ью й ев ёв")
_RU_VOWEL = _endings("а я ы и у ю е о ё ой ёй ей ою ею ом ем ём ам ям ов ев ами ями ах ях ь й", none=True)
_VOWELS = frozenset("аеёіоуыэюяи")
_FLEETING = frozenset("аеёоэ")
_BE_RESPELT = {"к": ("ц",), "г": ("з",), "х": ("с",), "т": ("ц",), "д": ("дз",), "ў": ("в",), "в": ("ў",),
               "ц": ("к", "т")}  # fmt: skip
_BE_STRESSED = {"а": "о", "я": "её"}
_BE_UNSTRESSED = {"о": "а", "э": "а", "ё": "я", "е": "я"}
_EN_ENDINGS = _endings("'s s es ed d ing", none=True)
_ALTERNATING = str.maketrans({"о": "а", "э": "а", "ё": "я", "е": "я", "ў": "у"})
_LOOSE_LENGTH = 4


def plain(word: str, language: str) -> str:
    """A word as it is compared: small letters, a first ў as у, ё as е in Russian."""
    word = word.lower()
    if language == "ru":
        return word.replace("ё", "е")
    return "у" + word[1:] if language == "be" and word.startswith("ў") else word


def softened(word: str) -> str:
    """A plain word without what stress does to its vowels: о is а, and е and ё are я."""
    return word.translate(_ALTERNATING)


class Forms(msgspec.Struct, frozen=True):
    """The forms of one dictionary word: any of the stems with any of its endings."""

    word: str
    kinds: tuple[tuple[frozenset[str], frozenset[str]], ...]
    core: str
    """What a word made of this one still has in it: `мінск` of `Мінскі`."""

    def include(self, word: str) -> bool:
        """Whether a word, made plain, is one of them."""
        if word == self.word:
            return True
        for cut in range(max(2, len(word) - 4), len(word) + 1):
            beginning = word[:cut]
            for stems, endings in self.kinds:
                if beginning in stems and word[cut:] in endings:
                    return True
        return False

    def resembles(self, word: str, unstressed: str) -> bool:
        """Whether a word, also given softened, is one of them or made of it: what a translator may write."""
        if len(self.core) > 2 and (
            unstressed.startswith(self.core) or (len(self.core) > _LOOSE_LENGTH and self.core in unstressed)
        ):
            return True
        return self.include(word)


@lru_cache(maxsize=8_192)
def forms(word: str, language: str) -> Forms:
    """The forms of a dictionary word, given plain. Of an unknown language, the word itself."""
    match language:
        case "be":
            kinds = _belarusian(word)
        case "ru":
            kinds = _russian(word)
        case "en":
            kinds = _english(word)
        case _:
            kinds = []
    core = softened(word)
    if language in {"be", "ru"} and len(core) > 3:
        core = core.rstrip("ьй")
        while len(core) > 3 and core[-1] in _VOWELS:
            core = core[:-1]
    return Forms(word, tuple((frozenset(stems), endings) for stems, endings in kinds), core)


def _with_fleeting(stem: str) -> set[str]:
    """`рынак` and `рынк`, `рубел` and `рубл`, `палец` and `пальц`."""
    if len(stem) > 3 and stem[-2] in _FLEETING and stem[-1] not in _VOWELS and stem[-3] not in _VOWELS:
        short = stem[:-2] + stem[-1]
        soft = stem[:-2] + "ь" + stem[-1]
        return {stem, short, soft} if stem[-3] in "лн" else {stem, short}
    if len(stem) > 3 and stem[-2] in _FLEETING and stem[-3] in _VOWELS:
        return {stem, stem[:-2] + "й" + stem[-1]}
    return {stem}


def _with_inserted(stem: str) -> set[str]:
    """`песн` as in `песень`, `акн` as in `акон`: a vowel where no ending is left."""
    if len(stem) > 2 and stem[-1] not in _VOWELS and stem[-2] not in _VOWELS:
        head = stem[:-2] if stem[-2] in "ьй" else stem[:-1]
        return {stem, *(head + vowel + stem[-1] for vowel in "аеоэё")}
    return {stem}


def _respelt(stems: set[str]) -> set[str]:
    """The last consonant before е and і, ў where no vowel follows, and one vowel under another stress."""
    found = set(stems)
    for stem in stems:
        found |= {stem[:-1] + other for other in _BE_RESPELT.get(stem[-1:], ())}
    for stem in tuple(found):
        vowels = [at for at, letter in enumerate(stem) if letter in _VOWELS]
        for at in vowels:
            found |= {stem[:at] + other + stem[at + 1 :] for other in _BE_STRESSED.get(stem[at], "")}
        for at in vowels[:1]:
            # `горад`, `гарады`; but no form of `дарога` is `дараг…`.
            found |= {stem[:at] + other + stem[at + 1 :] for other in _BE_UNSTRESSED.get(stem[at], "")}
    return found


def _belarusian(word: str) -> list[tuple[set[str], frozenset[str]]]:
    last = word[-1]
    if word.endswith("ь"):
        stem = word[:-1]
        doubled = stem + stem[-1]
        return [(_respelt(_with_fleeting(stem)), _BE_SOFT), ({doubled}, frozenset(["ю", "у"]))]
    if last == "й":
        return [({word[:-1]}, _BE_SOFT | {""})]
    if last not in _VOWELS:
        kinds = [(_respelt(_with_fleeting(word)), _BE_HARD)]
        if last in "чшжц":
            kinds.append(({word + last}, frozenset(["у", "ю"])))
        return kinds
    kinds = [(_respelt(_with_inserted(word[:-1])), _BE_VOWEL)]
    if word[-2:] in _BE_ADJECTIVE:
        kinds.append(({word[:-2]}, _BE_ADJECTIVE))
    if last in "ыі":
        kinds.append(({word[:-1]}, _BE_ADJECTIVE))
    return kinds


def _russian(word: str) -> list[tuple[set[str], frozenset[str]]]:
    last = word[-1]
    if word[-2:] in {"ый", "ий", "ой"}:
        return [({word[:-2]}, _RU_ADJECTIVE), ({word[:-1]}, _RU_SOFT | {"я", "е"})]
    if last == "ь":
        return [(_with_fleeting(word[:-1]), _RU_SOFT)]
    if last == "й":
        return [({word[:-1]}, _RU_SOFT)]
    if last not in _VOWELS:
        return [(_with_fleeting(word), _RU_HARD)]
    kinds = [(_with_inserted(word[:-1]), _RU_VOWEL)]
    if word[-2:] in _RU_ADJECTIVE:
        kinds.append(({word[:-2]}, _RU_ADJECTIVE))
    return kinds


def _english(word: str) -> list[tuple[set[str], frozenset[str]]]:
    kinds: list[tuple[set[str], frozenset[str]]] = [({word}, _EN_ENDINGS)]
    if word.endswith("y"):
        kinds.append(({word[:-1]}, _endings("ies ied")))
    elif word.endswith("ies"):
        kinds.append(({word[:-3]}, _endings("y y's")))
    elif word.endswith("s") and not word.endswith("ss"):
        kinds.append(({word[:-1]}, _endings("'s", none=True)))
    if word.endswith("e"):
        kinds.append(({word[:-1]}, _endings("ing ed")))
    return kinds
