"""The words that stand for a number, in Belarusian, Russian and English, and the months.

Months come from CLDR by way of Babel, which has no number words that could be read, and no cases beyond
nominative and genitive; the rest are tables. Forms are written out, since a numeral is declined like no other
word. Russian is looked up with е for ё, and Belarusian without ь, so that `дзьве` is `дзве`.
"""

from collections.abc import Iterator
from enum import Enum
from fractions import Fraction
from functools import cache

import msgspec
from babel import Locale

Value = int | Fraction

LANGUAGES = ("be", "ru", "en")


class Sort(Enum):
    """What a word does in a number."""

    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    SCALE = "scale"
    FRACTION = "fraction"
    """A part of something: `half`, `third`, `траціна`."""
    MULTIPLE = "multiple"
    """How many times: `twice`, `tripled`, `утрая`."""
    MEASURE = "measure"
    """A number in front of what it counts, in one word: `пяцідзённы`."""
    LOOSE = "loose"
    """Says something that a number may also say, and never alarms: `both`, `dozen`."""
    HALF_MORE = "half more"
    """The end of `two and a half`."""
    MONTH = "month"


class Word(msgspec.Struct, frozen=True):
    """A word of the vocabulary; `values` holds what it may mean, the likeliest first."""

    sort: Sort
    values: tuple[Value, ...]
    sure: bool = True
    """Of a month: is it one wherever it stands? English `may` and Belarusian `мая` are other words too."""


HALF, THIRD, QUARTER = Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)
ONE_AND_A_HALF = Fraction(3, 2)

_SMALL_ENGLISH = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)

CARDINALS: dict[str, dict[int, str]] = {
    "be": {
        0: "нуль нуля нулю нулём нулі нуле",
        1: "адзін адна адно адны аднаго адной аднае адному адным адну адных аднымі",
        2: "два дзве двух дзвюх двум дзвюм двума дзвюма двое дваіх дваім дваімі",
        3: "тры трох тром трыма трое траіх траім траімі",
        4: "чатыры чатырох чатыром чатырма чацвёра чацвярых чацвярым чацвярымі",
        5: "пяць пяці пяццю пяцёра пяцярых пяцярым пяцярымі",
        6: "шэсць шасці шасцю шасцёра шасцярых шасцярым шасцярымі",
        7: "сем сямі сямю сямёра сямярых сямярым сямярымі",
        8: "восем васьмі васьмю",
        9: "дзевяць дзевяці дзевяццю",
        10: "дзесяць дзесяці дзесяццю",
        11: "адзінаццаць адзінаццаці адзінаццаццю",
        12: "дванаццаць дванаццаці дванаццаццю",
        13: "трынаццаць трынаццаці трынаццаццю",
        14: "чатырнаццаць чатырнаццаці чатырнаццаццю",
        15: "пятнаццаць пятнаццаці пятнаццаццю",
        16: "шаснаццаць шаснаццаці шаснаццаццю",
        17: "сямнаццаць сямнаццаці сямнаццаццю",
        18: "васямнаццаць васямнаццаці васямнаццаццю",
        19: "дзевятнаццаць дзевятнаццаці дзевятнаццаццю",
        20: "дваццаць дваццаці дваццаццю",
        30: "трыццаць трыццаці трыццаццю",
        40: "сорак сарака",
        50: "пяцьдзясят пяцідзесяці пяццюдзесяццю",
        60: "шэсцьдзясят шасцідзесяці шасцюдзесяццю",
        70: "семдзесят сямідзесяці сямюдзесяццю",
        80: "восемдзесят васьмідзесяці васьмюдзесяццю",
        90: "дзевяноста",
        100: "сто ста",
        200: "дзвесце двухсот дзвюхсот двумстам двумастамі двухстах",
        300: "трыста трохсот тромстам трымастамі трохстах",
        400: "чатырыста чатырохсот чатыромстам чатырмастамі чатырохстах",
        500: "пяцьсот пяцісот пяцістам пяццюстамі пяцістах",
        600: "шэсцьсот шасцісот шасцістам шасцюстамі шасцістах",
        700: "семсот сямісот сямістам сямюстамі сямістах",
        800: "восемсот васьмісот васьмістам васьмюстамі васьмістах",
        900: "дзевяцьсот дзевяцісот дзевяцістам дзевяццюстамі дзевяцістах",
    },
    "ru": {
        0: "ноль нуль ноля нуля нолю нулю нолем нулем ноле нуле",
        1: "один одна одно одни одного одной одному одним одну одном одних одними",
        2: "два две двух двум двумя двое двоих двоим двоими",
        3: "три трех трем тремя трое троих троим троими",
        4: "четыре четырех четырем четырьмя четверо четверых четверым четверыми",
        5: "пять пяти пятью пятеро пятерых пятерым пятерыми",
        6: "шесть шести шестью шестеро шестерых шестерым шестерыми",
        7: "семь семи семеро семерых семерым семерыми",
        8: "восемь восьми восемью восьмью",
        9: "девять девяти девятью",
        10: "десять десяти десятью",
        11: "одиннадцать одиннадцати одиннадцатью",
        12: "двенадцать двенадцати двенадцатью",
        13: "тринадцать тринадцати тринадцатью",
        14: "четырнадцать четырнадцати четырнадцатью",
        15: "пятнадцать пятнадцати пятнадцатью",
        16: "шестнадцать шестнадцати шестнадцатью",
        17: "семнадцать семнадцати семнадцатью",
        18: "восемнадцать восемнадцати восемнадцатью",
        19: "девятнадцать девятнадцати девятнадцатью",
        20: "двадцать двадцати двадцатью",
        30: "тридцать тридцати тридцатью",
        40: "сорок сорока",
        50: "пятьдесят пятидесяти пятьюдесятью",
        60: "шестьдесят шестидесяти шестьюдесятью",
        70: "семьдесят семидесяти семьюдесятью",
        80: "восемьдесят восьмидесяти восемьюдесятью восьмьюдесятью",
        90: "девяносто девяноста",
        100: "сто ста",
        200: "двести двухсот двумстам двумястами двухстах",
        300: "триста трехсот тремстам тремястами трехстах",
        400: "четыреста четырехсот четыремстам четырьмястами четырехстах",
        500: "пятьсот пятисот пятистам пятьюстами пятистах",
        600: "шестьсот шестисот шестистам шестьюстами шестистах",
        700: "семьсот семисот семистам семьюстами семистах",
        800: "восемьсот восьмисот восьмистам восемьюстами восьмистах",
        900: "девятьсот девятисот девятистам девятьюстами девятистах",
    },
    "en": {
        0: "zero nil",
        1: "one",
        **dict(enumerate(_SMALL_ENGLISH.split(), start=2)),
        20: "twenty",
        30: "thirty",
        40: "forty",
        50: "fifty",
        60: "sixty",
        70: "seventy",
        80: "eighty",
        90: "ninety",
    },
}

ORDINAL_STEMS: dict[str, dict[int, str]] = {
    "be": {
        1: "перш", 2: "друг", 3: "трэц", 4: "чацвёрт", 5: "пят", 6: "шост", 7: "сём", 8: "восьм",
        9: "дзявят", 10: "дзясят", 11: "адзінаццат", 12: "дванаццат", 13: "трынаццат", 14: "чатырнаццат",
        15: "пятнаццат", 16: "шаснаццат", 17: "сямнаццат", 18: "васямнаццат", 19: "дзевятнаццат",
        20: "дваццат", 30: "трыццат", 40: "саракав", 50: "пяцідзясят", 60: "шасцідзясят", 70: "сямідзясят",
        80: "васьмідзясят", 90: "дзевяност", 100: "сот",
    },
    "ru": {
        1: "перв", 2: "втор", 3: "трет", 4: "четверт", 5: "пят", 6: "шест", 7: "седьм", 8: "восьм",
        9: "девят", 10: "десят", 11: "одиннадцат", 12: "двенадцат", 13: "тринадцат", 14: "четырнадцат",
        15: "пятнадцат", 16: "шестнадцат", 17: "семнадцат", 18: "восемнадцат", 19: "девятнадцат",
        20: "двадцат", 30: "тридцат", 40: "сороков", 50: "пятидесят", 60: "шестидесят", 70: "семидесят",
        80: "восьмидесят", 90: "девяност", 100: "сот",
    },
}  # fmt: skip

ORDINAL_ENDINGS = {
    "be": "ы і ая яя ое ае яе ога ага яга ому аму яму ым ім ую юю ой ай яй ою аю яю ыя ія ых іх ымі імі",
    "ru": "ый ой ий ья ая ое ье ого ьего ому ьему ым ьим ом ьем ую ью ей ьей ые ьи ых ьих ыми ьими",
}

ENGLISH_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
ENGLISH_TENS = "thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth"
ENGLISH_DECADES = "twenties thirties forties fifties sixties seventies eighties nineties"

_THOUSAND, _MILLION, _BILLION, _TRILLION = 10**3, 10**6, 10**9, 10**12

SCALES: dict[str, dict[int, str]] = {
    "be": {
        _THOUSAND: "тыс тысяча тысячы тысячу тысячай тысячаю тысяч тысячам тысячамі тысячах",
        _MILLION: "млн мільён мільёна мільёну мільёнам мільёне мільёны мільёнаў мільёнамі мільёнах",
        _BILLION: "млрд мільярд мільярда мільярду мільярдам мільярдзе мільярды мільярдаў мільярдамі"
        " мільярдах",
        _TRILLION: "трлн трыльён трыльёна трыльёну трыльёнам трыльёне трыльёны трыльёнаў трыльёнамі"
        " трыльёнах",
    },
    "ru": {
        _THOUSAND: "тыс тысяча тысячи тысячу тысячей тысячью тысяче тысяч тысячам тысячами тысячах",
        _MILLION: "млн миллион миллиона миллиону миллионом миллионе миллионы миллионов миллионам миллионами"
        " миллионах",
        _BILLION: "млрд миллиард миллиарда миллиарду миллиардом миллиарде миллиарды миллиардов миллиардам"
        " миллиардами миллиардах",
        _TRILLION: "трлн триллион триллиона триллиону триллионом триллионе триллионы триллионов триллионам"
        " триллионами триллионах",
    },
    "en": {
        100: "hundred hundreds",
        _THOUSAND: "thousand thousands",
        _MILLION: "million millions mn mln",
        _BILLION: "billion billions bn bln",
        _TRILLION: "trillion trillions tn trn trln",
    },
}

ADJECTIVE_SCALES: dict[str, tuple[tuple[str, int], ...]] = {
    "be": (("тысячн", _THOUSAND), ("мільённ", _MILLION), ("мільярдн", _BILLION)),
    "ru": (("тысячн", _THOUSAND), ("миллионн", _MILLION), ("миллиардн", _BILLION)),
    "en": (("thousand", _THOUSAND), ("million", _MILLION), ("billion", _BILLION)),
}
"""`5-мільённы`: the beginnings of an adjective that multiplies the figure before it."""

LETTER_SCALES = {"k": _THOUSAND, "m": _MILLION, "b": _BILLION}
"""Written on to the figure, in English only; `m` may be metres as well."""

_Words = dict[str, list[tuple[str, tuple[Value, ...]]]]

FRACTIONS: _Words = {
    "be": [
        ("палова паловы палову палове паловай паловаю палавіна палавіны палавіну", (HALF,)),
        ("траціна траціны траціну траціне трацінай трацін трацінамі трэць трэццю", (THIRD,)),
        ("чвэрць чвэрці чвэрцю чвэрцяў чвэрцямі", (QUARTER,)),
        ("паўтара паўтары", (ONE_AND_A_HALF, 18)),
        ("паўгадзіны паўгадзіне паўгадзіну", (HALF, 30)),
    ],
    "ru": [
        ("половина половины половину половине половиной", (HALF,)),
        ("треть трети третью третей третями", (THIRD,)),
        ("четверть четверти четвертью четвертей четвертями", (QUARTER,)),
        ("полтора полторы полутора", (ONE_AND_A_HALF, 18)),
        ("полчаса получаса получасу", (HALF, 30)),
    ],
    "en": [
        ("half", (HALF, 6)),
        ("halves", (HALF,)),
        ("thirds", (THIRD,)),
        ("quarter quarters quarterly", (QUARTER, 3)),
        ("fourths", (QUARTER,)),
        ("fifths", (Fraction(1, 5),)),
        ("sixths", (Fraction(1, 6),)),
        ("sevenths", (Fraction(1, 7),)),
        ("eighths", (Fraction(1, 8),)),
        ("ninths", (Fraction(1, 9),)),
        ("tenths", (Fraction(1, 10),)),
        ("hundredths", (Fraction(1, 100),)),
    ],
}

MULTIPLES: _Words = {
    "be": [
        ("двойчы", (2,)),
        ("удвая ўдвая удвойчы напалову надвое", (2, HALF)),
        ("тройчы", (3,)),
        ("утрая ўтрая", (3, THIRD)),
        ("учацвёра ўчацвёра", (4, QUARTER)),
        ("упяцёра ўпяцёра", (5, Fraction(1, 5))),
        ("ушасцёра ўшасцёра", (6,)),
        ("усямёра ўсямёра", (7,)),
        ("удзесяцёра ўдзесяцёра", (10, Fraction(1, 10))),
    ],
    "ru": [
        ("дважды", (2,)),
        ("вдвое надвое наполовину", (2, HALF)),
        ("трижды", (3,)),
        ("втрое", (3, THIRD)),
        ("четырежды", (4,)),
        ("вчетверо", (4, QUARTER)),
        ("впятеро", (5, Fraction(1, 5))),
        ("вшестеро", (6,)),
        ("всемеро", (7,)),
        ("вдесятеро", (10, Fraction(1, 10))),
    ],
    "en": [
        ("twice double doubled doubles doubling doubly twofold two-fold", (2,)),
        ("halve halved halving", (HALF, 2)),
        ("triple tripled triples tripling threefold thrice treble trebled trebling trebles", (3,)),
        ("quadruple quadrupled quadrupling quadruples fourfold", (4,)),
        ("quintuple quintupled fivefold", (5,)),
        ("sixfold sextupled", (6,)),
        ("sevenfold", (7,)),
        ("eightfold", (8,)),
        ("tenfold", (10,)),
        ("hundredfold", (100,)),
    ],
}

MULTIPLE_BEGINNINGS: dict[str, tuple[tuple[str, int], ...]] = {
    "be": (("падво", 2), ("удво", 2), ("двайн", 2), ("двой", 2), ("патро", 3), ("утро", 3), ("трайн", 3),
           ("пачацвяр", 4), ("учацвяр", 4), ("удзесяцяр", 10), ("падзесяцяр", 10)),
    "ru": (("удвои", 2), ("удваив", 2), ("удвое", 2), ("двойн", 2), ("утрои", 3), ("утраив", 3), ("утрое", 3),
           ("тройн", 3), ("учетвер", 4), ("упятер", 5), ("удесятер", 10)),
    "en": (),
}  # fmt: skip
"""Verbs and adjectives that multiply: `падвоіўся`, `тройной`."""

LOOSE: _Words = {
    "be": [
        ("адзінае адзіны адзіная адзінага адзіным адзінай адзіную", (1,)),
        ("абодва абедзве абодвух абедзвюх абодвум абедзвюм абодвума абедзвюма", (2,)),
        ("пара пары пару парай двойка двойкі удвух удваіх", (2,)),
        ("тройка тройкі тройку утраіх утрох", (3,)),
        ("квартал квартала кварталу кварталам квартале кварталы кварталаў", (QUARTER, 3)),
        ("пяцёрка пяцёркі пяцёрку пяцёркай", (5,)),
        ("паўгода паўгоддзе паўгоддзя паўгоддзі паўгоддзю паўгоддзем", (6, HALF)),
        ("сямёрка сямёркі сямёрку сямёркай сямёрцы", (7,)),
        ("васьмёрка васьмёркі васьмёрку", (8,)),
        ("дзясятак дзясятка дзясятку дзясяткам дзясяткі дзясяткаў", (10, 12)),
        ("дэкада дэкады дэкаду", (10,)),
        ("тузін тузіна", (12, 10)),
        ("дваццатка дваццаткі дваццатку дваццаткай дваццатцы", (20,)),
        ("суткі сутак суткам суткамі сутках", (24, 1)),
        ("сотня сотні сотню сотняй соцень стагоддзе стагоддзя стагоддзю стагоддзем стагоддзі", (100,)),
        ("нулявыя нулявых", (2000,)),
    ],
    "ru": [
        ("единственный единственная единственное единственного единственной единственную", (1,)),
        ("оба обе обоих обеих обоим обеим обоими обеими", (2,)),
        ("пара пары пару парой двойка двойки вдвоем", (2,)),
        ("тройка тройки тройку втроем", (3,)),
        ("квартал квартала кварталу кварталом квартале кварталы кварталов", (QUARTER, 3)),
        ("пятерка пятерки пятерку пятеркой", (5,)),
        ("полгода полугода полугодие полугодия полугодию полугодием полугодии", (6, HALF)),
        ("семерка семерки семерку семеркой семерке семью", (7,)),
        ("восьмерка восьмерки восьмерку", (8,)),
        ("десяток десятка десятку десятком десятки десятков", (10, 12)),
        ("декада декады декаду", (10,)),
        ("дюжина дюжины дюжину", (12, 10)),
        ("двадцатка двадцатки двадцатку двадцаткой двадцатке", (20,)),
        ("сутки суток суткам сутками сутках", (24, 1)),
        ("сотня сотни сотню сотней сотен столетие столетия столетию столетием столетии", (100,)),
        ("век века веку веком веке", (100,)),
        ("нулевые нулевых", (2000,)),
    ],
    "en": [
        ("once single sole only", (1,)),
        ("both couple pair dual twin", (2,)),
        ("trio", (3,)),
        ("decade decades", (10,)),
        ("dozen", (12, 10)),
        ("fortnight", (14, 2)),
        ("century centuries centenary", (100,)),
    ],
}  # fmt: skip

NONE: dict[str, str] = {
    "be": r"\b(?:ніводн\w+|ніхто|ніко(?:га|му)|нічога|ні|няма|ніяк(?:ага|ай|іх)|без)\b",
    "ru": r"\b(?:никто|никого|никому|ничего|ни|нет|никак(?:ого|ой|их)|без)\b",
    "en": r"\b(?:none|no|nobody|nothing|not|neither|never|without)\b",
}
"""What may say 0."""

PREFIXES: dict[str, tuple[tuple[str, Value], ...]] = {
    "be": (
        ("двух", 2), ("трох", 3), ("чатырох", 4), ("пяці", 5), ("шасці", 6), ("сямі", 7), ("васьмі", 8),
        ("дзевяці", 9), ("дзесяці", 10), ("адзінаццаці", 11), ("дванаццаці", 12), ("трынаццаці", 13),
        ("чатырнаццаці", 14), ("пятнаццаці", 15), ("шаснаццаці", 16), ("сямнаццаці", 17),
        ("васямнаццаці", 18), ("дзевятнаццаці", 19), ("дваццаці", 20), ("трыццаці", 30), ("сарака", 40),
        ("пяцідзесяці", 50), ("шасцідзесяці", 60), ("сямідзесяці", 70), ("васьмідзесяці", 80),
        ("дзевяноста", 90), ("сто", 100), ("двухсот", 200), ("трохсот", 300), ("пяцісот", 500),
        ("паўтара", ONE_AND_A_HALF), ("адна", 1),
    ),
    "ru": (
        ("двух", 2), ("трех", 3), ("четырех", 4), ("пяти", 5), ("шести", 6), ("семи", 7), ("восьми", 8),
        ("девяти", 9), ("десяти", 10), ("одиннадцати", 11), ("двенадцати", 12), ("тринадцати", 13),
        ("четырнадцати", 14), ("пятнадцати", 15), ("шестнадцати", 16), ("семнадцати", 17),
        ("восемнадцати", 18), ("девятнадцати", 19), ("двадцати", 20), ("тридцати", 30), ("сорока", 40),
        ("пятидесяти", 50), ("шестидесяти", 60), ("семидесяти", 70), ("восьмидесяти", 80),
        ("девяносто", 90), ("сто", 100), ("двухсот", 200), ("трехсот", 300), ("пятисот", 500),
        ("полутора", ONE_AND_A_HALF), ("одно", 1),
    ),
    "en": (),
}  # fmt: skip
"""`пяцідзённы`, `двадцатипятилетний`: numbers in front of the rest of a word."""

MEASURES: dict[str, tuple[str, ...]] = {
    "be": (
        "гадов", "годд", "месячн", "тыднёв", "дзённ", "дзенн", "гадзінн", "хвілінн", "секундн", "метров",
        "кілам", "тонн", "літров", "кілагр", "працэнтн", "адсоткав", "рублёв", "долар", "павярхов", "пакаёв",
        "мясцов", "бальн", "разов", "кратн", "градусн", "вугольн", "томн", "серыйн", "этапн", "палосн",
    ),
    "ru": (
        "летн", "лети", "годичн", "годов", "месячн", "недельн", "дневн", "часов", "минутн", "секундн",
        "метров", "килом", "тонн", "литров", "килогр", "процентн", "рублев", "доллар", "этажн", "комнатн",
        "местн", "балльн", "разов", "кратн", "градусн", "угольн", "томн", "серийн", "этапн", "полосн",
    ),
    "en": (),
}  # fmt: skip
"""What `пяці` counts in `пяцігадовы`. Before other words it may be chance: `стоимость` is no hundred."""

HALVED_SCALE = {"be": "паў", "ru": "пол", "en": ""}
HALF_OF = {"be": ("паў",), "ru": ("полу", "пол"), "en": ()}


def folded(word: str, language: str) -> str:
    """The word as it is looked up."""
    word = word.lower()
    if language == "ru":
        return word.replace("ё", "е")
    return word.replace("ь", "") if language == "be" else word


def _cardinals(language: str) -> Iterator[tuple[str, Word]]:
    for number, forms in CARDINALS[language].items():
        for form in forms.split():
            yield form, Word(Sort.CARDINAL, (number,))


def _ordinals(language: str) -> Iterator[tuple[str, Word]]:
    for number, stem in ORDINAL_STEMS.get(language, {}).items():
        word = Word(Sort.ORDINAL, (number, Fraction(1, number)) if number > 2 else (number,))
        if 20 <= number < 100 and number % 10 == 0:
            word = Word(Sort.ORDINAL, (number, 1900 + number))
        for ending in ORDINAL_ENDINGS[language].split():
            yield stem + ending, word
    if language == "en":
        for number, form in enumerate(ENGLISH_ORDINALS.split(), start=1):
            yield form, Word(Sort.ORDINAL, (number, Fraction(1, number)) if number > 2 else (number,))
        for number, form in zip(range(30, 101, 10), ENGLISH_TENS.split(), strict=True):
            yield form, Word(Sort.ORDINAL, (number,))
        for number, form in zip(range(20, 91, 10), ENGLISH_DECADES.split(), strict=True):
            yield form, Word(Sort.ORDINAL, (number, 1900 + number))


MONTH_ENDINGS = {
    "be": {"soft": ("я", "ю", "ем", "і"), "hard": ("а", "у", "ам", "ом", "зе")},
    "ru": {"soft": ("я", "ю", "ем", "ём", "е"), "hard": ("а", "у", "ом", "е")},
}
MONTH_ADJECTIVES = {
    "be": (
        "студзеньск", "лютаўск", "сакавіцк", "красавіцк", "майск", "чэрвеньск", "ліпеньск", "жнівеньск",
        "вераснёўск", "кастрычніцк", "лістападаўск", "снежаньск",
    ),
    "ru": (
        "январск", "февральск", "мартовск", "апрельск", "майск", "июньск", "июльск", "августовск",
        "сентябрьск", "октябрьск", "ноябрьск", "декабрьск",
    ),
}  # fmt: skip
MONTHS_BESIDE_CLDR = {"be": {5: "травень траўня траўню траўнем траўні"}}
UNSURE_MONTHS = {
    "be": {"май", "мая", "маю", "маем", "маі", "люты", "лютага", "лютаму", "лютым"},
    "ru": {"мая"},
    "en": {"may", "march"},
}
"""Other words too: taken for a month where a day or a year stands beside them, and never alarming alone."""


def _months(language: str) -> Iterator[tuple[str, Word]]:
    months = Locale.parse(language).months
    unsure = UNSURE_MONTHS[language]
    for number in range(1, 13):
        forms: set[str] = set()
        for context in ("format", "stand-alone"):
            name = str(months[context]["wide"][number]).lower()
            forms.add(name)
            if language == "en":
                continue
            if name not in {"люты", "лютага"}:
                soft = name.endswith(("ь", "й", "я"))
                stem = name.rstrip("ьйя" if soft else "а")
                endings = MONTH_ENDINGS[language]["soft" if soft else "hard"]
                forms.update(stem + ending for ending in endings)
        if "люты" in forms:
            forms |= {"лютаму", "лютым"}
        forms.update(MONTHS_BESIDE_CLDR.get(language, {}).get(number, "").split())
        for form in forms:
            yield form, Word(Sort.MONTH, (number,), sure=form not in unsure)
        for context in ("format", "stand-alone"):
            short = str(months[context]["abbreviated"][number]).lower().rstrip(".")
            if short not in forms and len(short) > 2:
                yield short, Word(Sort.MONTH, (number,), sure=False)
        if language == "en" and number == 9:
            yield "sept", Word(Sort.MONTH, (number,), sure=False)


@cache
def vocabulary(language: str) -> dict[str, Word]:
    """Every form of every word that stands for a number or a month in a language."""
    words: dict[str, Word] = {}
    for form, word in _ordinals(language):
        words.setdefault(folded(form, language), word)
    for form, word in _cardinals(language):
        words[folded(form, language)] = word
    for value, forms in SCALES[language].items():
        for form in forms.split():
            words[folded(form, language)] = Word(Sort.SCALE, (value,))
    for sort, table in ((Sort.LOOSE, LOOSE), (Sort.FRACTION, FRACTIONS), (Sort.MULTIPLE, MULTIPLES)):
        for several, values in table[language]:
            for form in several.split():
                words[folded(form, language)] = Word(sort, values)
    if half := HALVED_SCALE[language]:
        for value, forms in SCALES[language].items():
            for form in forms.split():
                words.setdefault(folded(half + form, language), Word(Sort.CARDINAL, (Fraction(value, 2),)))
    for form, word in _months(language):
        words.setdefault(folded(form, language), word)
    for form in {"be": ("паловай",), "ru": ("половиной",), "en": ()}[language]:
        words[folded(form, language)] = Word(Sort.HALF_MORE, (HALF,))
    return words


@cache
def month_adjectives(language: str) -> tuple[tuple[str, int], ...]:
    """The beginnings of `ліпеньскі`, with the number of the month."""
    stems = MONTH_ADJECTIVES.get(language, ())
    return tuple((folded(stem, language), number) for number, stem in enumerate(stems, start=1))


def compound(word: str, language: str) -> Word | None:
    """The number or month in front of a longer word: `пяцідзённы`, `двадцатипятилетний`, `ліпеньскі`."""
    for stem, month in month_adjectives(language):
        if word.startswith(stem):
            return Word(Sort.MONTH, (month,), sure=False)
    for stem, value in MULTIPLE_BEGINNINGS[language]:
        if word.startswith(stem):
            return Word(Sort.MULTIPLE, (value,))
    rest, total, found = word, Fraction(), False
    while True:
        best = max(
            ((prefix, value) for prefix, value in _prefixes(language) if rest.startswith(prefix)),
            key=lambda pair: len(pair[0]),
            default=None,
        )
        if best is None or len(rest) - len(best[0]) < 3:
            break
        rest, total, found = rest[len(best[0]) :], total + best[1], True
    for half in HALF_OF[language]:
        if not found and word.startswith(half) and _scale_of_adjective(word[len(half) :], language):
            rest, total, found = word[len(half) :], HALF, True
    if not found:
        return None
    scale = _scale_of_adjective(rest, language)
    total *= scale or 1
    worth = int(total) if total.denominator == 1 else total
    counts = scale is not None or rest.startswith(MEASURES[language])
    return Word(Sort.MEASURE if counts else Sort.LOOSE, (worth, 18) if total == ONE_AND_A_HALF else (worth,))


def _scale_of_adjective(word: str, language: str) -> int | None:
    """`тысячны`: what such an adjective multiplies by."""
    return next(
        (scale for stem, scale in ADJECTIVE_SCALES[language] if word.startswith(folded(stem, language))), None
    )


@cache
def _prefixes(language: str) -> tuple[tuple[str, Value], ...]:
    return tuple((folded(prefix, language), value) for prefix, value in PREFIXES[language])


@cache
def beginnings(language: str) -> frozenset[str]:
    """The first three letters of all that `compound` knows: a quick way to leave the other words alone."""
    known = [*_prefixes(language), *MULTIPLE_BEGINNINGS[language], *month_adjectives(language)]
    return frozenset([HALVED_SCALE[language], *(stem[:3] for stem, _ in known)])
