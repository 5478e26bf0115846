"""The only access to the database: `read()`, and three ways to write.

`write()` is a transaction, `write_one()` is one statement, and `transition()` reads, decides and writes until no other
request is quicker. Within a `UnitOfWork`, all of them belong to its transaction.

Postgres refuses any other write: its triggers take actor, action and request id from the context that these
methods set in the transaction, and write the audit entry from them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from editorial.core.permissions import Actor
from editorial.core.refusals import (
    AlreadyExists,
    DatabaseAway,
    InternalError,
    OutcomeUnknown,
    Refusal,
    TooManyAtOnce,
)
from editorial.database import transactions
from editorial.database.multi_host import Hosts
from editorial.database.queries import Connection, Statement

request_id: ContextVar[str] = ContextVar("request_id", default="none")
"""The id of the request that is being answered, for the trail and the log."""


class ObjectKind(StrEnum):
    """What a step is taken on, by the name of its table."""

    COMMENTARY = "commentary"
    TASK = "translation_task"
    SECTION = "section"
    PUBLICATION_CHECK = "publication_check"
    GLOSSARY = "glossary_term"
    PERSON = "person"
    SESSION = "session"
    SIGNING_KEY = "signing_key"
    BYLINE = "byline"
    SERVICE_TOKEN = "service_token"  # noqa: S105  # a table's name
    SEAL_KEY = "audit_key"
    TRAIL = "audit_entry"
    MAIL = "mail"
    NONE = "none"


CHANGES_ACTORS = frozenset({ObjectKind.PERSON, ObjectKind.SESSION, ObjectKind.SERVICE_TOKEN})
"""Kinds of object whose changes can change the actor of a token, or that actor's roles."""

LOCKABLE = frozenset({ObjectKind.COMMENTARY, ObjectKind.TASK, ObjectKind.PERSON})
"""Tables in which `write()` can lock a row when it begins."""


ATTEMPTS = 3
"""How many times `transition()` reads and decides without a lock, before it locks the object."""

WAITING_FOR_EACH = 20
"""How many requests may wait for each connection of the pool. More could not be answered in time."""

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A step that may be taken, and the statement that writes it."""

    action: str
    on: ObjectKind
    object_id: UUID | None = None
    statement: Statement | None
    """It checks that what it was decided on is unchanged, and gives `None` where it is not. None: nothing to write."""
    note: str | None = None
    """Why, for the trail."""


class Decide(Protocol[T_contra]):
    """Decides on what was read. Raises the refusal where the step may not be taken."""

    def __call__(
        self, connection: Connection, seen: T_contra, /, *, is_locked: bool
    ) -> Awaitable[Decision]: ...


class Database:
    """The connection pool, and the ways to read and write."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        keeps_open: int = 2,
        patience: float = 30,
        connects_within: float = 5,
        pooler_url: str | None = None,
        as_owner: bool = False,
    ) -> None:
        """Name the database; nothing is connected before `open()`. `patience` is for one statement.

        With `pooler_url`, the pool is of connections to a pooler, which lends a server for one transaction.
        `as_owner` is for commands on the server: they may do what is refused to the application's role.
        """
        self._prepare = transactions.prepare_owner if as_owner else transactions.prepare_connection
        self._hosts = Hosts(url)
        self._pooler = None if pooler_url is None else Hosts(pooler_url, is_pooled=True)
        self.opening = "" if pooler_url is None else transactions.LENT
        """The SQL that every transaction begins with."""
        self._pool_size = pool_size
        self._keeps_open = keeps_open
        self._connects_within = connects_within
        self.patience = patience
        self._pool: Any = None
        self._waiting = 0
        self._lent: set[Connection] = set()
        self.seems_away = False
        """Set by the database monitor: each connection is then tested before use."""
        self.actors_changed: Callable[[], None] = lambda: None
        """Called in this process after a write that may change an actor's roles or session, before the answer."""

    async def open(self) -> None:
        """Connect. Raises `OSError` or `asyncpg.PostgresError` where there is no server."""
        self._pool = await asyncpg.create_pool(
            connect=(self._pooler or self._hosts).connect,
            min_size=min(self._keeps_open, self._pool_size),
            max_size=self._pool_size,
            init=transactions.teach_json if self._pooler else self._prepare,
            reset=transactions.leave_as_it_is,
            command_timeout=self.patience,
            server_settings=transactions.OF_A_POOLER if self._pooler else transactions.SESSION,
            # What one server has prepared, the next one that is lent does not know.
            statement_cache_size=0 if self._pooler else 100,
        )

    async def connect(self) -> Connection:
        """A connection outside the pool, for listeners. Raises as `open()` does."""
        connection = await self._hosts.connect(server_settings=transactions.SESSION)
        try:
            await transactions.prepare_connection(connection)
        except BaseException:
            # A cancelled caller must not leak the connection.
            transactions.close(connection)
            raise
        return connection

    async def close(self) -> None:
        """Disconnect when the current work is done."""
        await self._pool.close()

    @property
    def open_connections(self) -> int:
        """How many connections the pool holds now."""
        return 0 if self._pool is None else self._pool.get_size()

    @property
    def busy_connections(self) -> int:
        """How many of them are at work."""
        return 0 if self._pool is None else self._pool.get_size() - self._pool.get_idle_size()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        connection = await self._acquire()
        self._lent.add(connection)
        try:
            yield connection
        except (DatabaseAway, TimeoutError) as fault:
            if isinstance(fault.__cause__ or fault, (TimeoutError, *transactions.NO_PRIMARY)):
                # It still waits for an answer, or leads to a server that is no longer the primary.
                transactions.close(connection)
            raise
        finally:
            self._lent.discard(connection)
            await self._give_back(connection)

    def hang_up(self) -> None:
        """Close every connection in use, because the monitor finds that the database does not answer."""
        for connection in self._lent:
            transactions.close(connection)

    async def _give_back(self, connection: Connection) -> None:
        """Return a connection to the pool, or drop it: its request already has an answer."""
        # Where an abandoned statement cannot be cancelled either, asyncpg closes the connection and raises; that
        # error must not become the request's answer.
        with suppress(*transactions.UNANSWERED):
            await self._pool.release(connection)

    async def _acquire(self) -> Connection:
        """A free connection, or the next one to become free. Raises `TooManyAtOnce` or `DatabaseAway`."""
        if self._waiting >= WAITING_FOR_EACH * self._pool_size:
            raise TooManyAtOnce
        self._waiting += 1
        try:
            connection = await self._pool.acquire(timeout=1 if self.seems_away else self._connects_within)
        except transactions.AWAY as fault:
            raise DatabaseAway from fault
        finally:
            self._waiting -= 1
        if self.seems_away:
            try:
                await connection.execute("select", timeout=1)
            except transactions.AWAY as fault:
                transactions.close(connection)
                await self._give_back(connection)
                raise DatabaseAway from fault
        return connection

    @asynccontextmanager
    async def read(self, *, after_write: bool = False) -> AsyncIterator[Connection]:
        """A connection for reading. Each query that it runs carries its own need-to-know rule.

        `after_write` reads what this request wrote: if that read fails, the write is still done, and the answer
        says so. Tables without a trail (rate limits, last uses, records that expire) are also written on this
        connection; every other table refuses. Within a `UnitOfWork` it is the unit's connection: requests that
        hold one connection and wait for a second would deadlock the pool under load.
        """
        unit_of_work = current_unit_of_work.get()
        try:
            if unit_of_work is not None and unit_of_work.connection is not None:
                # Reads also see what this request wrote and has not committed yet.
                with transactions.translate_database_errors(), unit_of_work.read():
                    yield unit_of_work.connection
            else:
                async with self._statements() as connection:
                    yield connection
        except DatabaseAway as fault:
            if after_write:
                raise OutcomeUnknown from fault
            raise

    @asynccontextmanager
    async def _statements(self) -> AsyncIterator[Connection]:
        """A connection for independent statements. Through a pooler, they still run on one server."""
        async with self._connection() as connection:
            with transactions.translate_database_errors():
                if not self.opening:
                    yield connection
                    return
                async with transactions.on_one_server(connection, self.opening):
                    yield connection

    @asynccontextmanager
    async def write(
        self,
        actor: Actor,
        action: str,
        on: ObjectKind,
        object_id: UUID | None = None,
        *,
        note: str | None = None,
        lock: tuple[ObjectKind, UUID] | None = None,
    ) -> AsyncIterator[Connection]:
        """A transaction in which `actor` takes `action` on one object, and a row lock when one is asked for.

        Begin, context and lock take one round trip. Commits when the block ends, and rolls back when it
        raises. `object_id` names the object in the trail; `note` says why.

        Within a `UnitOfWork`, the unit commits later, and all such blocks are one transaction.
        """
        opening = f"{_opening(context_of(actor, action, on, object_id, note))}; {_lock(lock)}"
        unit_of_work = current_unit_of_work.get()
        if unit_of_work is not None:
            unit_of_work.on = unit_of_work.on or (on, object_id)
            unit_of_work.changes_actors |= on in CHANGES_ACTORS
            async with unit_of_work.write(opening) as connection:
                yield connection
            return
        async with self._connection() as connection:
            with transactions.translate_database_errors():
                try:
                    async with transactions.transaction(connection, self.opening + opening, self.patience):
                        yield connection
                finally:
                    if on in CHANGES_ACTORS:
                        self.actors_changed()

    async def step(
        self,
        connection: Connection,
        actor: Actor,
        action: str,
        on: ObjectKind,
        object_id: UUID | None,
        *,
        note: str | None = None,
    ) -> None:
        """Begin another step in the same transaction: what follows gets its own entry in the trail."""
        await connection.execute(_opening(context_of(actor, action, on, object_id, note)))

    async def write_one(self, actor: Actor, decision: Decision) -> Any:
        """Write with one statement that commits by itself, and return its result.

        The statement sets the context before it touches a row: `with opened as materialized (select
        set_config('editorial.context', :context, true)) …`, and joins `opened`. Nothing is locked
        before, so the statement itself checks that the version is still the one that was read. Within a
        `UnitOfWork` it is one block of the transaction; through a pooler, a transaction of its own.
        """
        unit_of_work = current_unit_of_work.get()
        if unit_of_work is not None:
            unit_of_work.on = unit_of_work.on or (decision.on, decision.object_id)
            async with unit_of_work.write("") as connection:
                return await _run(connection, actor, decision)
        async with self._connection() as connection:
            with transactions.translate_database_errors():
                if self.opening:
                    async with transactions.transaction(connection, self.opening, self.patience):
                        return await _run(connection, actor, decision)
                with transactions.outcome_of_commit(connection, self.patience):
                    return await _run(connection, actor, decision)

    async def transition(
        self, actor: Actor, read: Callable[[Connection], Awaitable[T]], decide: Decide[T]
    ) -> tuple[T, Any]:
        """Read, decide, write; read and decide again where another request was quicker.

        After `ATTEMPTS` lost races, lock the object and decide once more: of many requests that meet, each gets
        its turn. Returns what was read, and the result of the statement (None where nothing was to be written).
        """
        for _ in range(ATTEMPTS):
            seen, decision, result = await self._attempt(actor, read, decide)
            if result is not None or decision.statement is None:
                return seen, result
        # The object and the action are those of the last attempt.
        lock = None if decision.object_id is None else (decision.on, decision.object_id)
        async with self.write(
            actor, decision.action, decision.on, decision.object_id, note=decision.note, lock=lock
        ) as connection:
            seen = await read(connection)
            decision = await decide(connection, seen, is_locked=True)
            result = await _run(connection, actor, decision)
            if result is None and decision.statement is not None:
                # It was decided on something that is not locked, and that has changed.
                raise DatabaseAway(transactions.TWO_CHANGES_MET)
            return seen, result

    async def _attempt(
        self, actor: Actor, read: Callable[[Connection], Awaitable[T]], decide: Decide[T]
    ) -> tuple[T, Decision, Any]:
        """Read, decide and write once. The result is None where another request was quicker."""
        if self.opening or current_unit_of_work.get() is not None:
            async with self.read() as connection:
                seen = await read(connection)
                decision = await decide(connection, seen, is_locked=False)
            # The connection of the read goes back before the write takes one.
            with suppress(AlreadyExists):
                return seen, decision, decision.statement and await self.write_one(actor, decision)
            return seen, decision, None
        async with self._connection() as connection:
            with transactions.translate_database_errors():
                seen = await read(connection)
                decision = await decide(connection, seen, is_locked=False)
                with (
                    # Another request took what was free when it was read, such as an address.
                    suppress(AlreadyExists),
                    transactions.translate_database_errors(),
                    transactions.outcome_of_commit(connection, self.patience),
                ):
                    return seen, decision, await _run(connection, actor, decision)
        return seen, decision, None


class UnitOfWork:
    """Everything that one request writes, committed together with the answer or not at all.

    Every `write()` block of the request runs in one transaction, which stays open until `commit()` or
    `end()`. A block that raises rolls back only its own work.
    """

    def __init__(self, db: Database, *, opening: str = "") -> None:
        """Begin nothing yet. `opening` is SQL that runs first in the transaction, and may refuse it."""
        self._db = db
        self._opening = opening
        self._held = AsyncExitStack()
        self._is_broken = False
        self.has_begun = False
        """The transaction has begun: `opening` did not refuse it."""
        self.connection: Connection | None = None
        """The connection of the open transaction, after the first write."""
        self.on: tuple[ObjectKind, UUID | None] | None = None
        """What the first block acts on."""
        self.changes_actors = False
        """A block may have changed an actor's roles or session."""

    @asynccontextmanager
    async def write(self, opening: str) -> AsyncIterator[Connection]:
        """Run a block in the transaction; the first block begins it."""
        with transactions.translate_database_errors():
            if self.connection is not None:
                async with transactions.savepoint(self.connection, opening):
                    yield self.connection
                return
            self.connection = await self._held.enter_async_context(self._db._connection())
            try:
                opening = f"{self._db.opening}{self._opening}; {opening}"
                async with transactions.begun(self.connection, opening):
                    self.has_begun = True
                    yield self.connection
            except BaseException:
                await self.end()
                raise

    @contextmanager
    def read(self) -> Iterator[None]:
        """Read what is not committed yet. A failed read leaves a transaction that cannot commit.

        A refusal is not a failure: it is a decision about the data that was read.
        """
        try:
            yield
        except Refusal:
            raise
        except BaseException:
            self._is_broken = True
            raise

    async def commit(self, last: str = "") -> None:
        """Run the SQL in `last` and commit. Raises a refusal."""
        if self.connection is None:
            return
        with (
            transactions.translate_database_errors(),
            transactions.outcome_of_commit(self.connection, self._db.patience),
        ):
            done = await self.connection.execute(f"{last}; commit")
        if self._is_broken or done != "COMMIT":
            raise InternalError
        await self.end()

    async def end(self) -> None:
        """Roll back what was not committed, and return the connection."""
        connection, self.connection = self.connection, None
        try:
            if connection is not None and transactions.is_open(connection) and connection.is_in_transaction():
                await transactions.roll_back(connection)
        finally:
            if self.changes_actors:
                self._db.actors_changed()
            await self._held.aclose()


current_unit_of_work: ContextVar[UnitOfWork | None] = ContextVar("current_unit_of_work", default=None)
"""The unit of work of the current request, where it has one."""


async def _run(connection: Connection, actor: Actor, decision: Decision) -> Any:
    """The result of a decision's statement; None where there is nothing to write."""
    if decision.statement is None:
        return None
    context = context_of(actor, decision.action, decision.on, decision.object_id, decision.note)
    return await decision.statement.run(connection, context)


def context_of(
    actor: Actor, action: str, on: ObjectKind, object_id: UUID | None, note: str | None = None
) -> str:
    """Who acts, on what, and why: what Postgres needs to know about each step."""
    context = {
        "actor_kind": actor.kind,
        "actor": actor.id,
        "on_behalf_of": actor.on_behalf_of,
        "action": action,
        "object_kind": on,
        "object": object_id,
        "request": request_id.get(),
        "note": note,
    }
    return transactions.encode_json(context)


def _opening(context: str) -> str:
    """The statement that sets the context. The JSON is sent as hex, so nothing in it can end the literal."""
    written = context.encode().hex()
    return f"select set_config('editorial.context', convert_from(decode('{written}', 'hex'), 'UTF8'), true)"


def _lock(wanted: tuple[ObjectKind, UUID] | None) -> str:
    if wanted is None:
        return ""
    table, key = wanted
    if table not in LOCKABLE:
        raise LookupError(f"write() cannot lock a row of {table}")
    name = f"'{UUID(str(key))}'"
    lock = f"select id from {table} where id = {name} for no key update"  # noqa: S608  # a table of ours and a UUID
    if table is not ObjectKind.TASK:
        return lock
    # Always lock the commentary before its tasks, to avoid a deadlock.
    of_task = f"(select commentary_id from translation_task where id = {name})"  # noqa: S608  # likewise
    return f"select id from commentary where id = {of_task} for no key update; {lock}"  # noqa: S608  # likewise
