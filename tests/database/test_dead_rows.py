"""What an erased person leaves in the files of the database, looked for byte by byte."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from conftest import address
from editorial.core.permissions import SYSTEM, Role
from editorial.database import dead_rows
from editorial.database.access import Database
from editorial.identity.erasure import erase
from editorial.identity.people import add_person

Connection = Any


async def files_with(superuser: Connection, canary: str) -> set[str]:
    """The files of this database that have these bytes, after all of it was written to disk."""
    await superuser.execute("checkpoint")
    folder = await superuser.fetchval(
        "select current_setting('data_directory') || '/base/' || oid from pg_database "
        "where datname = current_database()"
    )
    if not Path(folder).is_dir():
        pytest.skip("The files of the server are not on this machine.")
    return {path.name for path in Path(folder).iterdir() if canary.encode() in path.read_bytes()}


async def test_no_file_of_the_database_has_the_name_of_an_erased_person(own_database: str) -> None:
    canary = f"canary{uuid4().hex}"
    db = Database(address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app"))
    await db.open()
    superuser = await asyncpg.connect(own_database)
    person = await add_person(
        db,
        actor=SYSTEM,
        email=f"{canary}@newsroom.example",
        display_name=canary,
        roles=[Role.ANALYST],
        languages=[],
        password="correct horse battery staple",
    )
    assert await files_with(superuser, canary) != set()
    # A transaction, or Postgres's own analysis of a table, may still read what was there before.
    reader = await asyncpg.connect(own_database)
    reading = reader.transaction(isolation="repeatable_read")
    await reading.start()
    await reader.fetch("select from section")
    await erase(db, SYSTEM, str(person))
    # Erased, and still on disk: that is what the vacuum is for.
    assert await files_with(superuser, canary) != set()
    await db.close()
    removal = asyncio.create_task(dead_rows.remove(own_database))
    await asyncio.sleep(1)
    await reading.rollback()
    await reader.close()
    assert await removal == []
    assert await files_with(superuser, canary) == set()
    await superuser.close()


async def test_a_table_in_use_is_named_and_the_rest_is_done(own_database: str) -> None:
    reader = await asyncpg.connect(own_database)
    async with reader.transaction():
        await reader.execute("lock table mail in access share mode")
        assert await dead_rows.remove(own_database) == ["mail"]
    await reader.close()
