"""Compares a translation with its source for what must not differ between languages.

`compare()` is the way in, `RULES` the table of what is looked for. A false alarm is as much a fault as a
miss: people who are warned of nothing stop reading warnings. So a rule asserts only what it can read on both
sides, and a unit in a language whose words are not known here is compared by figures and addresses alone.

Read on in `rules.py`, what each kind of difference is; `text.py`, one unit of one side; `marks.py`,
`dates.py`, `amounts.py`, `units.py`, how figures are read, with the words of `vocabulary.py`; `places.py`,
which words are beside them; `names.py`; and `terms.py`, the glossary, with the forms of words by
`inflection.py`.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from editorial.core.labels import Labels
from editorial.core.texts import Unit
from editorial.translations.comparison import rules
from editorial.translations.comparison.rules import DifferenceKind, Finding, Pair
from editorial.translations.comparison.terms import Term
from editorial.translations.comparison.text import UnitText

__all__ = ["RULES", "Difference", "DifferenceKind", "Rule", "Term", "compare"]

MOST_OF_A_KIND = 25
"""Differences of one kind in one unit. Whoever has as many reads the unit again anyway."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which a unit of the translation differs from its source, and should not."""

    unit: str
    kind: DifferenceKind
    expected: str | None
    """As the source or the glossary has it; null where the source has nothing of the kind."""
    found: str | None
    """As the translation has it; null where it has nothing of the kind."""
    detail: str
    key: str
    """What an answer to it is remembered by: the same as long as the same thing differs in the same unit."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of difference: how it is found, and how it is told."""

    kind: DifferenceKind
    find: Callable[[Pair], Iterator[Finding]]
    label: Labels
    differs: str
    missing: str = ""
    extra: str = ""
    alone: bool = False
    """Whether nothing else is looked for once it is found."""

    def sentence(self, finding: Finding) -> str:
        """The difference in words."""
        if finding.found is None and self.missing:
            form = self.missing
        elif finding.expected is None and self.extra:
            form = self.extra
        else:
            form = self.differs
        return form.format(expected=finding.expected, found=finding.found, basis=finding.basis)


RULES = (
    Rule(
        kind=DifferenceKind.EMPTY,
        find=rules.empty,
        label=Labels("Пусты пераклад", "Пустой перевод", "Empty translation"),
        differs="The translation has no words.",
        alone=True,
    ),
    Rule(
        kind=DifferenceKind.UNCHANGED,
        find=rules.unchanged,
        label=Labels("Не перакладзена", "Не переведено", "Not translated"),
        differs="The translation is the same as the source.",
        alone=True,
    ),
    Rule(
        kind=DifferenceKind.LIST_LENGTH,
        find=rules.list_length,
        label=Labels("Даўжыня спіса", "Длина списка", "Length of a list"),
        differs="The number of items differs: {expected} in the source, {found} in the translation.",
    ),
    Rule(
        kind=DifferenceKind.NUMBER,
        find=rules.numbers,
        label=Labels("Лік", "Число", "Number"),
        differs="The source says “{expected}”, the translation “{found}”.",
        missing="The number “{expected}” of the source is not in the translation.",
        extra="The number “{found}” of the translation is not in the source.",
    ),
    Rule(
        kind=DifferenceKind.DATE,
        find=rules.dates,
        label=Labels("Дата", "Дата", "Date"),
        differs="The source says “{expected}”, the translation “{found}”.",
        missing="The date “{expected}” of the source is not in the translation.",
        extra="The date “{found}” of the translation is not in the source.",
    ),
    Rule(
        kind=DifferenceKind.LINK,
        find=rules.links,
        label=Labels("Спасылка", "Ссылка", "Link"),
        differs="The source links to {expected}, the translation to {found}.",
        missing="The link to {expected} is not in the translation.",
        extra="The link to {found} is not in the source.",
    ),
    Rule(
        kind=DifferenceKind.NAME,
        find=rules.names,
        label=Labels("Назва", "Название", "Name"),
        differs="The source has the name “{expected}”, the translation “{found}”.",
        missing="The name “{expected}” of the source is not in the translation.",
        extra="The name “{found}” of the translation is not in the source.",
    ),
    Rule(
        kind=DifferenceKind.TERM,
        find=rules.terms,
        label=Labels("Тэрмін", "Термин", "Term"),
        differs="The glossary has “{expected}” for “{basis}”.",
    ),
)


def compare(
    source: Sequence[Unit],
    target: Mapping[str, str],
    *,
    source_language: str,
    language: str,
    glossary: Sequence[Term] = (),
) -> list[Difference]:
    """What differs and should not: by unit in the order of the source, by kind in the order of `RULES`.

    `target` holds the translated units by id. A unit that it lacks is not compared: it is missing, which the
    sheet says already. Languages are BCP 47 tags. Never raises, whatever the texts.
    """
    differences: list[Difference] = []
    for unit in source:
        translated = target.get(unit.id)
        if translated is None:
            continue
        pair = Pair(
            UnitText(unit.text, unit.type, source_language),
            UnitText(translated, unit.type, language),
            glossary,
        )
        for rule in RULES:
            found = list(islice(dict.fromkeys(rule.find(pair)), MOST_OF_A_KIND))
            differences += [_told(unit.id, rule, finding) for finding in found]
            if found and rule.alone:
                break
    return differences


def _told(unit: str, rule: Rule, finding: Finding) -> Difference:
    parts = (unit, rule.kind, finding.expected, finding.found, finding.basis)
    return Difference(
        unit=unit,
        kind=rule.kind,
        expected=finding.expected,
        found=finding.found,
        detail=rule.sentence(finding),
        key=hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32],
    )
