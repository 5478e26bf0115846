"""Connection setup, transactions, and what an error or a missing answer from Postgres means."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import msgspec

from editorial.core.refusals import DatabaseAway, OutcomeUnknown, Refusal
from editorial.database.constraints import refusal_of
from editorial.database.queries import Connection
from editorial.locales import Message

TWO_CHANGES_MET = Message("reason.two-changes-met")

HANGS_UP_AT = 0.95
"""The share of `patience` after which a commit is abandoned, before asyncpg would cancel it."""

UNANSWERED = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
    # Shutting down, starting up, or stopped by an operator.
    asyncpg.OperatorInterventionError,
)
"""Errors after which the outcome is unknown. A `TimeoutError` is an `OSError`."""

NO_PRIMARY = (asyncpg.ReadOnlySQLTransactionError, asyncpg.FeatureNotSupportedError)
"""The former primary is now a replica. (The second is its answer to `LENT`.)"""

AWAY = (
    *UNANSWERED,
    # Disk or memory is full, or there are too many connections.
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    *NO_PRIMARY,
)
"""Errors that mean that the database cannot be used now."""


def encode_json(value: Any) -> str:
    """JSON as Postgres takes it."""
    return msgspec.json.encode(value).decode()


# Any role may turn this off for itself; a commit that is not on disk would then be acknowledged.
_DURABLE = (
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
)


async def teach_json(connection: Connection) -> None:
    """Let a connection read and write `jsonb` by msgspec."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode_json, decoder=msgspec.json.decode
    )


async def prepare_connection(connection: Connection) -> None:
    """Set up a new connection: JSON by msgspec, the application's role, commits that wait for the disk."""
    await teach_json(connection)
    await connection.execute(f"set role editorial_app; {_DURABLE}")


async def prepare_owner(connection: Connection) -> None:
    """The same for a command on the server that needs the rights of the schema's owner."""
    await teach_json(connection)
    await connection.execute(f"set role editorial_owner; {_DURABLE}")


SESSION = {
    "application_name": "editorial",
    "search_path": "public",
    "idle_in_transaction_session_timeout": "60000",
    # A request that waits for a lock holds one of few connections. (No statement_timeout: it could end a
    # commit's wait for a replica, and the commit would count as done.)
    "lock_timeout": "4000",
    "timezone": "UTC",
}
"""Settings of every connection."""

OF_A_POOLER = {name: SESSION[name] for name in ("application_name", "timezone")}
"""Settings that a pooler tracks, and sets on each server that it lends."""

LENT = "".join(
    [
        # Refused by a replica: a pooler may lead to one where it led to the primary.
        "set transaction read write; set local role editorial_app; set local synchronous_commit = on; ",
        *(f"set local {name} = '{value}'; " for name, value in SESSION.items() if name not in OF_A_POOLER),
    ]
)
"""The same for one transaction, on a server that a pooler lends for as long. See ADR 34."""


async def leave_as_it_is(_: Connection) -> None:
    """Reset nothing when a connection is returned: settings last for one transaction only."""


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Turn errors of Postgres and of the network into refusals."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as fault:
        raise refusal_of(fault) from fault
    except asyncpg.InsufficientPrivilegeError as fault:
        raise refusal_of(fault) from fault
    except asyncpg.TransactionRollbackError as fault:
        raise DatabaseAway(TWO_CHANGES_MET) from fault
    except asyncpg.LockNotAvailableError as fault:
        raise DatabaseAway(Message("reason.locked-too-long")) from fault
    except AWAY as fault:
        raise DatabaseAway from fault


@contextmanager
def outcome_of_commit(connection: Connection, patience: float) -> Iterator[None]:
    """Raise `OutcomeUnknown` where a commit gets no answer: it may be done. An error is an answer.

    Abandon a commit by closing the connection, never by cancelling: a cancelled commit that waits for a replica
    is committed on this server alone, so all readers see what the next failover would lose.
    """
    hanging_up = asyncio.get_running_loop().call_later(HANGS_UP_AT * patience, close, connection)
    try:
        yield
    except UNANSWERED as fault:
        raise OutcomeUnknown from fault
    finally:
        hanging_up.cancel()


async def roll_back(connection: Connection, statement: str = "rollback") -> None:
    """Undo what was not committed. Close a connection that cannot do so."""
    try:
        await connection.execute(statement, timeout=2)
    except AWAY:
        close(connection)


def is_open(connection: Connection) -> bool:
    """Whether a connection is usable. The pool takes back a closed connection at once."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False


def close(connection: Connection) -> None:
    """Close a connection at once, without a message to the server."""
    if is_open(connection):
        connection.terminate()


@asynccontextmanager
async def begun(connection: Connection, opening: str) -> AsyncIterator[None]:
    """A transaction that stays open at the end of the block, or is rolled back when it raises."""
    try:
        await connection.execute(f"begin; {opening}")
        yield
    except BaseException:
        if is_open(connection):
            await roll_back(connection)
        raise


@asynccontextmanager
async def transaction(connection: Connection, opening: str, patience: float) -> AsyncIterator[None]:
    """A transaction: the block is done as a whole, or not at all."""
    async with begun(connection, opening):
        yield
    with outcome_of_commit(connection, patience):
        await connection.execute("commit")


@asynccontextmanager
async def on_one_server(connection: Connection, opening: str) -> AsyncIterator[None]:
    """A transaction that pins one server and still commits when a refusal ends the block."""
    refusal: Refusal | None = None
    async with begun(connection, opening):
        try:
            yield
        except Refusal as fault:
            refusal = fault
    await connection.execute("commit")
    if refusal is not None:
        raise refusal


@asynccontextmanager
async def savepoint(connection: Connection, opening: str) -> AsyncIterator[None]:
    """A block within a transaction that is done as a whole, or not at all."""
    try:
        await connection.execute(f"savepoint block; {opening}")
        yield
    except BaseException:
        if is_open(connection):
            await roll_back(connection, "rollback to savepoint block; release savepoint block")
        raise
    await connection.execute("release savepoint block")
