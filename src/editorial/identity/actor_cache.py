"""A cache of the actors behind recent tokens, so that not every request asks the database who it is from.

An entry counts for two seconds at most. Postgres notifies on `actor_changed` when roles, languages, a session or an
account have changed, and the cache drops every entry. A process that cannot hear notifications caches nothing. See
docs/adr/0033-fewer-round-trips.md.
"""

import time
from collections import OrderedDict
from typing import Generic, TypeVar
from uuid import UUID

from editorial.core.permissions import Actor
from editorial.database.notifications import Subscription

SECONDS = 2.0
"""How long an entry counts, even where a notification is lost."""
LIMIT = 10_000
"""How many entries the cache holds. The least recently used one leaves first."""

Token = tuple[UUID, UUID] | bytes
"""A session and its person, or the hash of a service's token."""
Who = TypeVar("Who")


class ActorCache(Subscription, Generic[Who]):
    """The actors of the last two seconds, by the token that they sent."""

    channel = "actor_changed"

    def __init__(self, *, limit: int = LIMIT) -> None:
        """Start empty."""
        self._limit = limit
        self._known: OrderedDict[Token, tuple[Who, float]] = OrderedDict()
        self._is_connected = False
        self.age = 0
        """Grows with each `clear()`. What was read in one age is not kept in the next."""

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._known)

    def find(self, token: Token) -> Who | None:
        """The actor behind a token, where it is cached."""
        found = self._known.get(token)
        if found is None:
            return None
        who, until = found
        if time.monotonic() < until:
            return who
        del self._known[token]
        return None

    def keep(self, token: Token, who: Who, *, age: int, seconds: float) -> None:
        """Cache an actor whose token is valid for `seconds` more.

        `age` is the cache's age before the actor was read: a change since then may be missing in what was read.
        """
        if not self._is_connected or age != self.age:
            return
        self._known[token] = who, time.monotonic() + min(seconds, SECONDS)
        self._known.move_to_end(token)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)

    def clear(self) -> None:
        """Drop the whole cache."""
        self.age += 1
        self._known.clear()

    def notified(self, payload: str) -> None:
        """Drop the whole cache: the notification does not say whose roles changed."""
        self.clear()

    def connected(self) -> None:
        """Cache from now on: every change is heard."""
        if not self._is_connected:
            self.clear()
        self._is_connected = True

    def disconnected(self) -> None:
        """Cache nothing: changes may go unheard."""
        self._is_connected = False
        self.clear()


Actors = ActorCache[Actor]
"""The cache of everyone who makes requests."""
