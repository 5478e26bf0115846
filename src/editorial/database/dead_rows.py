"""Takes from the disk what deleted and changed rows about people leave behind in their tables.

Postgres keeps the old version of a row until a vacuum, and a plain vacuum frees its place without clearing
it. A full vacuum writes a table and its indexes into new files. Only the owner of the tables may do so.
"""

import asyncio

import asyncpg

from editorial.database import multi_host
from editorial.database.queries import Connection

OF_PEOPLE = (
    "person",
    "person_role",
    "person_language",
    "account_link",
    "session",
    "totp",
    "recovery_code",
    "mail",
    "pending_coordinator",
    "byline",
    "byline_holder",
    "idempotency_record",
)
"""The tables with names, addresses, credentials and what they lead to. They are small."""
OF_THE_TRAIL = ("audit_entry", "audit_salt")
"""These grow for years, so their places are freed, and cleared by the rows that come."""


TRIES, PAUSE = 20, 0.5
"""How often to try again, and how many seconds later, where a transaction may still read what was deleted."""

_DEAD_ROWS = "select pg_stat_get_dead_tuples($1::regclass)"


async def remove(owner_url: str) -> list[str]:
    """Vacuum the tables that held data of people. Returns those that were in use for too long.

    A vacuum keeps the rows that a transaction which began earlier may still read. A full one does not count
    them, so a plain one follows, which is quick then.
    """
    connection = await multi_host.connect(owner_url)
    in_use = []
    try:
        await connection.execute("set role editorial_owner; set lock_timeout = '4s'")
        for table in OF_PEOPLE:
            if not await _is_cleared(connection, f"public.{table}"):
                in_use.append(table)
        for table in OF_THE_TRAIL:
            await connection.execute(f"vacuum public.{table}")
    finally:
        await connection.close()
    return in_use


async def _is_cleared(connection: Connection, table: str) -> bool:
    for _ in range(TRIES):
        try:
            await connection.execute(f"vacuum (full) {table}")
            await connection.execute(f"vacuum {table}")
        except asyncpg.LockNotAvailableError:
            return False
        if await connection.fetchval(_DEAD_ROWS, table) == 0:
            return True
        await asyncio.sleep(PAUSE)
    return False
