"""The dictionary that search looks Belarusian words up in, which belongs to the server and not to us.

What search does with it, and without, is in sql/migrations/0007_search.sql.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from editorial.database import multi_host

PAGE = 200
"""Commentaries that are indexed in one transaction, and cannot be published meanwhile."""

_CONTEXT = '{"actor_kind": "system", "action": "migrate", "request": "reindex"}'


async def renew(owner_url: str) -> str | None:
    """Take the dictionary into use as the server has it now, or give it up, and say why."""
    async with _owner(owner_url) as connection:
        why_not: str | None = await connection.fetchval("select renew_dictionary()")
    return why_not


async def reindex(owner_url: str, *, tell: Callable[[str], None] = lambda _: None) -> int:
    """Index what is live anew, and return how many texts were not indexed as they are now.

    `tell` hears how far it is.
    """
    renewed, seen, last = 0, 0, UUID(int=0)
    async with _owner(owner_url) as connection:
        while last is not None:
            async with connection.transaction():
                await connection.execute("select set_config('editorial.context', $1, true)", _CONTEXT)
                page = await connection.fetchrow(
                    "select last, changed from reindex_published($1, $2)", last, PAGE
                )
            assert page is not None  # noqa: S101 - a function without a set has a row
            last = page["last"]
            renewed += page["changed"]
            seen += PAGE
            tell(f"Indexed the first {seen} commentaries at least …" if last else "Indexed all.")
    return renewed


@asynccontextmanager
async def _owner(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection: asyncpg.Connection[asyncpg.Record] = await multi_host.connect(
        url, server_settings={"application_name": "editorial reindex"}
    )
    try:
        await connection.execute("set role editorial_owner")
        yield connection
    finally:
        await connection.close()
