"""Keeps the page cache true to the database, and says how far a replica has to be.

Postgres notifies on `published_changed` which commentary a transaction has changed for readers, and counts such
transactions (`published_version`). A process that hears each notification knows the count; one that finds another
count has missed a notification, and drops every page.
"""

from uuid import UUID

from editorial.database.notifications import Subscription
from editorial.database.queries import Connection
from editorial.database.replica import Replica, sql
from editorial.published.page_cache import PageCache


class PublishedPages(Subscription):
    """The pages that this process keeps in memory."""

    channel = "published_changed"

    def __init__(self, cache: PageCache, replica: Replica) -> None:
        """Start without a count: the first comparison drops every page."""
        self._cache = cache
        self._replica = replica
        self._count: int | None = None

    def notified(self, payload: str) -> None:
        """Drop the pages of one commentary, or all (`*`). The payload is the count and the commentary's id."""
        count, _, concerned = payload.partition(" ")
        if self._count is not None and int(count) <= self._count + 1:
            self._cache.drop(None if concerned == "*" else UUID(concerned))
            self._count = max(self._count, int(count))
        else:
            self._cache.drop()
            self._count = int(count)
        self._replica.raise_to(self._count)

    async def compare(self, connection: Connection) -> None:
        """Read the count. Another one than ours says that a notification is missing, or still on its way."""
        asked_at = self._replica.moves
        count: int = await sql.count_generations(connection)
        if count != self._count:
            self._cache.drop()
        self._count = count
        self._cache.confirm()
        self._replica.trust_from(count, asked_at)

    def away(self) -> None:
        """Serve what is in memory, and trust no replica."""
        self._cache.lose_database()
        self._replica.distrust()
