"""Comparisons of units that were made before: a sheet is read many times, and one unit of it changes.

A comparison depends on its two texts, their languages and the glossary, and on nothing else. It is found by a digest of
these, so that no text stays in memory for longer than its request.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence

import msgspec

from editorial.translations.comparison.rules import DifferenceKind, Finding
from editorial.translations.comparison.terms import Term

Found = tuple[tuple[DifferenceKind, Finding], ...]
"""What differs in one unit, in the order of the rules."""

MOST = 20_000
"""Comparisons that a process keeps: those of a hundred sheets of 200 units."""


class Memory:
    """The latest comparisons of this process. The least recently used one goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[bytes, Found] = OrderedDict()

    def get(self, key: bytes, compare: Callable[[], Found]) -> Found:
        """The comparison with this key, made now if it is not kept."""
        found = self._found.pop(key, None)
        if found is None:
            found = compare()
        self._found[key] = found
        if len(self._found) > self._most:
            self._found.popitem(last=False)
        return found

    def __len__(self) -> int:
        """How many comparisons are kept."""
        return len(self._found)


def digest_of(source_language: str, language: str, glossary: Sequence[Term]) -> bytes:
    """What all units of a sheet have in common."""
    return _digest(msgspec.json.encode((source_language, language, glossary)))


def key_of(common: bytes, kind: str, source: str, target: str) -> bytes:
    """The key of one unit: its type and its two texts."""
    written = (kind.encode(), source.encode(), target.encode())
    return _digest(common, *(len(one).to_bytes(8) + one for one in written))


def _digest(*parts: bytes) -> bytes:
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        made.update(part)
    return made.digest()
