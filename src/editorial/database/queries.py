"""The named queries of sql/queries, as coroutines that take a connection first."""

from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isasyncgenfunction
from typing import Any

import aiosql
import msgspec
from aiosql.adapters.asyncpg import AsyncPGAdapter

from editorial.resources import folder

Connection = Any
"""An asyncpg connection, pooled or bare. The queries that run on it are typed by their SQL."""


class Statement(msgspec.Struct, frozen=True):
    """One named query with its parameters: what a command decides to write."""

    query: Callable[..., Awaitable[Any]]
    parameters: dict[str, Any]
    """All parameters except `context`, which the transaction knows."""

    async def run(self, connection: Connection, context: str | None) -> Any:
        """Run it. `context` says who acts, for the trail; without one, the context of the transaction stays."""
        return await self.query(connection, context=context, **self.parameters)


class _OnConnections(AsyncPGAdapter):
    """aiosql's way to asyncpg for connections alone.

    Its own finds out for each query whether it was given a pool, from a list of all that a connection can do:
    3 % of the Python of a transition.
    """

    def maybe_order_params(self, name: str, parameters: dict[str, Any]) -> list[Any]:
        return [parameters[key] for key in self.var_sorted[name]]

    async def select(
        self, conn: Connection, name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        for row in await conn.fetch(sql, *self.maybe_order_params(name, parameters)):
            yield row

    async def select_one(
        self, conn: Connection, name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        return await conn.fetchrow(sql, *self.maybe_order_params(name, parameters))

    async def select_value(self, conn: Connection, name: str, sql: str, parameters: Any) -> Any:
        return await conn.fetchval(sql, *self.maybe_order_params(name, parameters))

    async def insert_update_delete(self, conn: Connection, name: str, sql: str, parameters: Any) -> Any:
        return await conn.execute(sql, *self.maybe_order_params(name, parameters))


def load_queries(name: str) -> Any:
    """The named queries of sql/queries/`name`.sql, as coroutines that take a connection first.

    aiosql gives what selects many rows as a generator; here it is a list, from the same one round trip.
    """
    queries = aiosql.from_path(folder("sql") / "queries" / f"{name}.sql", _OnConnections)
    for query in queries.available_queries:
        function = getattr(queries, query)
        if isasyncgenfunction(function):
            setattr(queries, query, _all_rows(function))
    return queries


def _all_rows(query: Callable[..., AsyncIterator[Any]]) -> Callable[..., Awaitable[list[Any]]]:
    async def rows(connection: Connection, **parameters: Any) -> list[Any]:
        return [row async for row in query(connection, **parameters)]

    return rows
