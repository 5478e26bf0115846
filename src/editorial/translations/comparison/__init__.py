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

from editorial.core.texts import Unit
from editorial.locales import Message
from editorial.translations.comparison import rules
from editorial.translations.comparison.memory import Found, Memory, digest_of, key_of
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
    detail: Message
    key: str
    """What an answer to it is remembered by: the same as long as the same thing differs in the same unit."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of difference: how it is found. Its words are `warning.<kind>.…` in the catalogues."""

    kind: DifferenceKind
    find: Callable[[Pair], Iterator[Finding]]
    is_one_sided: bool = False
    """Whether there are sentences of their own for what only the source has, and only the translation."""
    alone: bool = False
    """Whether nothing else is looked for once it is found."""

    def sentence(self, finding: Finding) -> Message:
        """The difference in words."""
        form = "differs"
        if self.is_one_sided and finding.found is None:
            form = "missing"
        elif self.is_one_sided and finding.expected is None:
            form = "extra"
        return Message(
            f"warning.{self.kind}.{form}",
            expected=finding.expected,
            found=finding.found,
            basis=finding.basis,
        )


RULES = (
    Rule(kind=DifferenceKind.EMPTY, find=rules.empty, alone=True),
    Rule(kind=DifferenceKind.UNCHANGED, find=rules.unchanged, alone=True),
    Rule(kind=DifferenceKind.LIST_LENGTH, find=rules.list_length),
    Rule(kind=DifferenceKind.NUMBER, find=rules.numbers, is_one_sided=True),
    Rule(kind=DifferenceKind.DATE, find=rules.dates, is_one_sided=True),
    Rule(kind=DifferenceKind.LINK, find=rules.links, is_one_sided=True),
    Rule(kind=DifferenceKind.NAME, find=rules.names, is_one_sided=True),
    Rule(kind=DifferenceKind.TERM, find=rules.terms),
)

_RULES = {rule.kind: rule for rule in RULES}
_MEMORY = Memory()


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
    common = digest_of(source_language, language, glossary)
    differences: list[Difference] = []
    for unit in source:
        translated = target.get(unit.id)
        if translated is None:
            continue
        key = key_of(common, unit.type, unit.text, translated)
        pair = _pair_of(unit, translated, source_language, language, glossary)
        differences += [_told(unit.id, _RULES[kind], finding) for kind, finding in _MEMORY.get(key, pair)]
    return differences


def _pair_of(
    unit: Unit, translated: str, source_language: str, language: str, glossary: Sequence[Term]
) -> Callable[[], Found]:
    """The comparison of one unit, to be made where it was not made before."""

    def compare_now() -> Found:
        source = UnitText(unit.text, unit.type, source_language)
        return tuple(_found(Pair(source, UnitText(translated, unit.type, language), glossary)))

    return compare_now


def _found(pair: Pair) -> Iterator[tuple[DifferenceKind, Finding]]:
    for rule in RULES:
        found = list(islice(dict.fromkeys(rule.find(pair)), MOST_OF_A_KIND))
        yield from ((rule.kind, finding) for finding in found)
        if found and rule.alone:
            return


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
