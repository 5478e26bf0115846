"""The connection beside the pool: whoever gets none leaves none behind."""

import asyncio
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from conftest import address, run_sql
from editorial.database.access import Database


async def test_a_connection_that_cannot_be_made_ours_is_closed(own_database: str) -> None:
    stranger = f"stranger_{uuid4().hex}"
    await run_sql(own_database, f"create role {stranger} login")
    db = Database(address(own_database, urlsplit(own_database).path.removeprefix("/"), stranger))
    watcher = await asyncpg.connect(own_database)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refusal:
            await db.connect()
        async with asyncio.timeout(5):
            while await watcher.fetchval(
                "select count(*) from pg_stat_activity where usename = $1", stranger
            ):
                await asyncio.sleep(0.05)
        # Until here, what was raised holds whatever was left open.
        assert "editorial_app" in str(refusal.value)
    finally:
        await watcher.close()
        await run_sql(own_database, f"drop role {stranger}")
