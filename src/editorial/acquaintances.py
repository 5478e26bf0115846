"""Who stood behind a token a moment ago, so that not every request has to ask the database again.

What was read is good for two seconds at the most. Postgres says on the channel `standing` when somebody's
roles, languages, session or account have changed (`sql/migrations/0060_standing.sql`); whoever hears it
forgets everybody. Where nobody listens, nothing is kept. See docs/adr/0033-fewer-round-trips.md.
"""

import time
from collections import OrderedDict
from typing import Generic, TypeVar
from uuid import UUID

from editorial.core.permissions import Actor

SECONDS = 2.0
"""How long it counts, whatever gets lost on the way: a notice, or the news that nobody hears notices."""
LIMIT = 10_000
"""How many are kept at the most. Who has not been seen for longest leaves first."""

Token = tuple[UUID, UUID] | bytes
"""A session and its person, or the hash of a service's token."""
Who = TypeVar("Who")


class Acquaintances(Generic[Who]):
    """Those whom this process has seen in the last two seconds, by what they showed."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        """Know nobody yet."""
        self._limit = limit
        self._known: OrderedDict[Token, tuple[Who, float]] = OrderedDict()
        self._is_told = False
        self.age = 0
        """Grows whenever all are forgotten. Who was read in one age is not kept in the next."""

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._known)

    def find(self, token: Token) -> Who | None:
        """Who showed this token a moment ago."""
        found = self._known.get(token)
        if found is None:
            return None
        who, until = found
        if time.monotonic() < until:
            return who
        del self._known[token]
        return None

    def keep(self, token: Token, who: Who, *, age: int, seconds: float) -> None:
        """Remember somebody, whose token is good for `seconds` still.

        `age` is what it was before they were read: what changed meanwhile may be missing in what was read.
        """
        if not self._is_told or age != self.age:
            return
        self._known[token] = who, time.monotonic() + min(seconds, SECONDS)
        self._known.move_to_end(token)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Somebody's standing has changed. Whose, need not be said: all of them are read again."""
        self.age += 1
        self._known.clear()

    def listen(self) -> None:
        """From now on every change is heard."""
        if not self._is_told:
            self.forget()
        self._is_told = True

    def lose(self) -> None:
        """Changes may go unheard from now on: nobody is kept."""
        self._is_told = False
        self.forget()


People = Acquaintances[Actor]
"""Whoever has made a request."""
