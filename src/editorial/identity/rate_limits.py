"""How often something may be tried, counted in Postgres: the same for any number of processes.

Who is tried and from where is kept as a keyed hash, for as long as it counts. An account that nobody has is
counted like any other.
"""

import math
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from litestar import Request

from editorial.core.client_address import origin
from editorial.core.limits import ADDRESS, NOTICE, Limit
from editorial.core.refusals import RateLimited
from editorial.database.access import Database
from editorial.database.queries import Command, Connection, Queries, Value
from editorial.identity.authentication import Credentials
from editorial.settings import Settings


class _Queries(Queries, file="identity/rate_limits"):
    take: Value[datetime | None]
    time_left: Value[timedelta | None]
    give_back: Command
    forget: Command


sql = _Queries()


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: one bucket of one limit."""

    limit: Limit
    bucket: bytes


class RateLimiter:
    """Counts attempts, and refuses those over the limit."""

    def __init__(self, db: Database, credentials: Credentials, settings: Settings) -> None:
        """Count in `db`."""
        self._db = db
        self._credentials = credentials
        self._trusted = settings.trusted_networks
        self._per_address = msgspec.structs.replace(ADDRESS, quota=settings.sign_in_failures_per_address)

    def origin_of(self, request: Request[object, object, object]) -> str:  # type: ignore[type-var]  # any request
        """The network that a request comes from."""
        peer = request.scope.get("client")
        forwarded = request.headers.getall("x-forwarded-for", [])
        return origin(peer[0] if peer else None, forwarded, self._trusted)

    async def a_try(self, limit: Limit, *whose: str | UUID) -> Try:
        """An attempt that counts against a limit, for one account, address or person."""
        ring = await self._credentials.ring()
        named = ring.derive("throttle", limit.name, *(str(one).lower() for one in whose))
        return Try(limit=self._per_address if limit is ADDRESS else limit, bucket=named.encode())

    async def take(self, *tries: Try) -> None:
        """Count these tries, up to the first that is too many. Raises `RateLimited`.

        They are counted before their outcome is known, or many simultaneous attempts would pass; a success is
        given back.
        """
        async with self._db.read() as connection:
            for one in tries:
                if not await self._is_taken(connection, one):
                    left = await sql.time_left(connection, bucket=one.bucket)
                    wait = (left or one.limit.cost) + one.limit.cost - one.limit.window
                    raise RateLimited(limit=one.limit, retry_after=max(1, math.ceil(wait.total_seconds())))

    async def is_news(self, refusal: RateLimited, *whose: str | UUID) -> bool:
        """Whether to record this refusal in the trail; not if one was recorded recently."""
        limit = refusal.limit.name if refusal.limit is not None else ""
        notice = await self.a_try(NOTICE, limit, *whose)
        async with self._db.read() as connection:
            return await self._is_taken(connection, notice)

    async def _is_taken(self, connection: Connection, one: Try) -> bool:
        taken = await sql.take(connection, bucket=one.bucket, cost=one.limit.cost, window=one.limit.window)
        return taken is not None

    async def give_back(self, *tries: Try) -> None:
        """Take succeeded attempts out of the count."""
        async with self._db.read() as connection:
            for one in tries:
                await sql.give_back(connection, bucket=one.bucket, cost=one.limit.cost)

    async def forget(self, *tries: Try) -> None:
        """Clear the count of these buckets after a success."""
        async with self._db.read() as connection:
            for one in tries:
                await sql.forget(connection, bucket=one.bucket)
