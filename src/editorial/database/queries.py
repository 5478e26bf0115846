"""The named queries of sql/queries, as coroutines that take a connection first.

A file of queries is declared as a class, with what each query gives: `One`, `Single` or `Many` rows, a `Value`, or
nothing (`Command`). A row is a Struct with the columns of the query, in their order. Rows are built without
validation, which would cost time in each request; a test prepares each statement and compares it with its row.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from inspect import isasyncgenfunction
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints

import aiosql
import msgspec
from aiosql.adapters.asyncpg import AsyncPGAdapter
from aiosql.types import SQLOperationType

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
    @wraps(query)
    async def rows(connection: Connection, **parameters: Any) -> list[Any]:
        return [row async for row in query(connection, **parameters)]

    return rows


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Row(msgspec.Struct, gc=False):
    """One row: a field for each column, in the order in which the query selects them."""


class One(Protocol[T_co]):
    """A query that gives one row or none (`^`)."""

    sql: str

    async def __call__(self, connection: Connection, /, **parameters: Any) -> T_co | None: ...


class Single(Protocol[T_co]):
    """A query that always gives one row (`^`). Raises `LookupError` where it does not."""

    sql: str

    async def __call__(self, connection: Connection, /, **parameters: Any) -> T_co: ...


class Many(Protocol[T]):
    """A query that gives any number of rows."""

    sql: str

    async def __call__(self, connection: Connection, /, **parameters: Any) -> list[T]: ...


class Value(Protocol[T_co]):
    """A query that gives one value (`$`). It is None where there is no row: declare `Value[UUID | None]` then."""

    sql: str

    async def __call__(self, connection: Connection, /, **parameters: Any) -> T_co: ...


class Command(Protocol):
    """A statement that gives nothing but what Postgres says about it (`!`)."""

    sql: str

    async def __call__(self, connection: Connection, /, **parameters: Any) -> str: ...


_OPERATION = {
    One: SQLOperationType.SELECT_ONE,
    Single: SQLOperationType.SELECT_ONE,
    Many: SQLOperationType.SELECT,
    Value: SQLOperationType.SELECT_VALUE,
    Command: SQLOperationType.INSERT_UPDATE_DELETE,
}


class Queries:
    """The queries of one file. A subclass declares all of them, each by its name and what it gives."""

    file: ClassVar[str]
    declared: ClassVar[dict[str, tuple[Any, Any]]]
    """The kind of each query, and the type of its rows or of its value; None for a command."""

    def __init_subclass__(cls, *, file: str) -> None:
        """Name the file: `sql/queries/<file>.sql`."""
        cls.file = file
        cls.declared = {}
        for name, hint in get_type_hints(cls).items():
            if name not in get_type_hints(Queries):
                cls.declared[name] = (get_origin(hint) or hint, (*get_args(hint), None)[0])

    def __init__(self) -> None:
        """Load the file. Raises `LookupError` where the declarations differ from what is in it."""
        loaded = load_queries(self.file)
        found = {name for name in loaded.available_queries if not name.endswith("_cursor")}
        if found != self.declared.keys():
            different = ", ".join(sorted(found ^ self.declared.keys()))
            raise LookupError(f"sql/queries/{self.file}.sql and {type(self).__name__} differ in: {different}")
        for name, (kind, gives) in self.declared.items():
            query = getattr(loaded, name)
            if query.operation is not _OPERATION[kind]:
                raise LookupError(f"{name} in sql/queries/{self.file}.sql is declared as {kind.__name__}")
            setattr(self, name, _typed(query, kind, gives))


def _typed(query: Any, kind: Any, row: Any) -> Any:
    """A query that gives Structs in place of records."""
    if kind in (Value, Command):
        return query

    async def one(connection: Connection, /, **parameters: Any) -> Any:
        record = await query(connection, **parameters)
        return None if record is None else row(*record)

    async def single(connection: Connection, /, **parameters: Any) -> Any:
        record = await query(connection, **parameters)
        if record is None:
            raise LookupError(f"{query.__name__} gives no row")
        return row(*record)

    async def many(connection: Connection, /, **parameters: Any) -> Any:
        return [row(*record) for record in await query(connection, **parameters)]

    typed: Any = {One: one, Single: single, Many: many}[kind]
    typed.__name__, typed.sql = query.__name__, query.sql
    return typed
