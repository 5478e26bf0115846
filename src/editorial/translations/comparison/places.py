"""Which of two numbers has which words beside it: what is found when they changed places.

Languages turn sentences round, so the order of two numbers says nothing by itself. What they count does: a
noun of the table below, a name or a word of one root in both languages, the first or second part of
`from … to`. Two numbers have changed places where each has the other's words beside it, and none of its own.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from editorial.translations.comparison.names import sound

_CLAUSE = re.compile(
    r"[.;:!?()«»\"“”\n]|, |\s[-–—]\s|\s(?:and|but|while|whereas|і|й|ды|а|але|и|но|тады як|тогда как)\s",
    re.IGNORECASE,
)
"""What parts one number's words from another's."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_BEHIND, _BEFORE = 3, 3
"""Words that belong to a number, behind it and before it."""
_LONGEST = 60

# One line a notion: how its words begin, in Belarusian, Russian and English.
_NOTIONS = """
год гадо гады|год лет|year
месяц|месяц|month
тыдзен тыдн|недел|week
дзень дня дні дзён дням|день дня дни дней дням|day
гадзін|час|hour
хвілін|минут|minute
чалавек людз асоб|человек люд|people person human men
жанчын|женщин|woman women
мужчын|мужчин|man
дзіця дзец дзяц|дет ребен|child
студэнт|студент|student
школьнік вучн вучан|школьник учени учащ|pupil schoolchild
настаўнік|учител|teacher
урач лекар дактар|врач доктор|doctor physician
салдат вайскоў|солдат военнослуж|soldier troop servicem
афіцэр|офицер|officer
журналіст|журналист|journalist
дэпутат|депутат|deput
работнік рабоч супрацоўнік|работник рабоч сотрудник|worker employee staff
зняволен вязн палітвязн|заключен узник политзаключен|prisoner
суддз|суд|judge
завод|завод|plant factor works
шахт|шахт|mine
фабрык|фабрик|factor mill
школ|школ|school
бальніц шпітал|больниц госпитал|hospital
універсітэт|университет|universit
дом дамы дамоў дамах|дом|house building
кватэр|квартир|flat apartment
мост масты мастоў|мост|bridge
дарог|дорог|road
вёск вёсак|деревн дереве сел|village
горад гарад|город|city cities town
раён|район|district
вобласц абласц|област|region
краін|стран|country countries
кампані фірм|компани фирм|compan firm
банк|банк|bank
магазін крам|магазин|shop store
самалёт|самолет|plane aircraft
верталёт|вертолет|helicopter
цягнік|поезд|train
аўтобус|автобус|bus
аўтамабіл машын|автомобил машин|car vehicle
танк|танк|tank
ракет|ракет|missile rocket
дрон беспілотнік|дрон беспилотник|drone
карабл судн|корабл судн|ship vessel
тон тонн|тонн|tonne ton
кіламетр|километр|kilometre kilometer
метр|метр|metre meter
літр|литр|litre liter
гектар|гектар|hectare
голас галас|голос|vote
справ|дел|case
арышт|арест|arrest
штраф|штраф|fine
страт паранен|ранен|wounded
загін забіт|погиб убит|killed dead
параненн паранен|ранен|wounded injured
удзельнік|участник|participant
турыст наведвальнік|турист посетител|tourist visitor
бежанц бежанец|беженц беженец|refugee
месц|мест|seat place
кніг|книг|book
фільм|фильм|film
песн песень|песн песен|song
мов|язык|language
закон|закон|law
указ|указ|decree
дагавор|договор|treat contract
запіт запыт|запрос|request
скарг|жалоб|complaint
заяў заяв|заявлен заявк|application
крэдыт пазык|кредит заем займ|loan credit
заробак заробк зарплат|зарплат заработ|wage salar pay
пенсі|пенси|pension
цан|цен|price
падатк падатак|налог|tax
экспарт|экспорт|export
імпарт|импорт|import
рост вырас павяліч|рост вырос увелич|rise rose grew grow increas growth
спад упал упаў знізі скараці|спад упал снизи сократи|fall fell drop decline decreas shrank
хлопчык хлопец хлопц|мальчик парн юнош|boy
дзяўчын дзяўчат|девочк девуш девоч|girl
поўнач паўночн|север|north
поўдзень паўднёв|юг юж|south
усход|восток восточн|east
захад заходн|запад|west
вясн|весн весен|spring
лета летн летам|лето летн|summer
восен восень|осен|autumn fall
зім|зим|winter
ранн раніц|утр|morning
вечар|вечер|evening
дзверы дзвярэй|двер|door
стол сталы сталоў|стол|table desk
крэсл|стул кресел кресл|chair
корпус|корпус|corps
брыгад|бригад|brigade
гурт груп|групп|group
праект|проект|project
раздзел|глав раздел|chapter section
артыкул|стать|article
стар старонк|страниц|page
паверх|этаж|floor storey
дачк|доч|daughter
сын|сын|son
брат|брат|brother
сястр сясцёр|сестр сестер|sister
""".strip()
_FROM_TO = {
    "be": ({"ад", "з", "са", "с"}, {"да"}),
    "ru": ({"от", "с", "со", "из"}, {"до"}),
    "en": ({"from"}, {"to"}),
}
_LANGUAGES = {"be": 0, "ru": 1, "en": 2}


def _notions() -> dict[str, dict[str, list[tuple[str, int]]]]:
    """The beginnings of the words of each language, by their first two letters."""
    found: dict[str, dict[str, list[tuple[str, int]]]] = {language: {} for language in _LANGUAGES}
    for number, line in enumerate(_NOTIONS.split("\n")):
        for language, beginnings in zip(_LANGUAGES, line.split("|"), strict=True):
            for one in beginnings.split():
                found[language].setdefault(one[:2], []).append((one.replace("ё", "е"), number))
    return found


_BY_BEGINNING = _notions()


@lru_cache(maxsize=32_768)
def _keys(word: str, language: str) -> frozenset[str]:
    """What a word has in common with its translation: its notion, or how its root sounds."""
    word = word.lower().replace("ё", "е")
    keys = {
        f"n{number}"
        for beginning, number in _BY_BEGINNING.get(language, {}).get(word[:2], ())
        if word.startswith(beginning) and len(word) - len(beginning) <= 5
    }
    if not keys and len(word) > 4 and len(heard := sound(word)) > 2:
        keys.add(f"s{heard[:3]}")
    return frozenset(keys)


class Beside(NamedTuple):
    """The keys of the words by a number."""

    behind: frozenset[str]
    around: frozenset[str]
    """Those before it, and those behind it."""


def beside(text: str, language: str, start: int, end: int, left: int, right: int) -> Beside:
    """The words by a number, between the number before it and the one behind it."""
    after = text[end : min(right, end + _LONGEST)]
    if stop := _CLAUSE.search(after):
        after = after[: stop.start()]
    before = text[max(left, start - _LONGEST) : start]
    last = 0
    for stop in _CLAUSE.finditer(before):
        last = stop.end()
    behind = _keys_of(_WORD.findall(after)[:_BEHIND], language)
    words = _WORD.findall(before[last:])[-_BEFORE:]
    around = behind | _keys_of(words, language)
    if words and language in _FROM_TO:
        names = (
            name
            for name, marks in zip(("from", "to"), _FROM_TO[language], strict=True)
            if words[-1].lower() in marks
        )
        around |= frozenset(names)
    return Beside(behind, around)


def _keys_of(words: list[str], language: str) -> frozenset[str]:
    return frozenset().union(*(_keys(word, language) for word in words))
