"""When something was published: the database says so, the owner alone dates it back, the demo is dated."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from conftest import address
from editorial.audit import verify as audit_verify
from editorial.cli import quickstart
from editorial.core.calendar import week_days
from editorial.settings import Settings
from newsroom import Newsroom

Connection = Any
LONG_AGO = datetime(2024, 7, 26, 14, 3, 17, tzinfo=UTC)


@pytest.fixture
async def application(application_url: str) -> AsyncIterator[Connection]:
    """Give the application's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(application_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def act(connection: Connection) -> None:
    context = {"actor_kind": "system", "action": "mend", "object_kind": "commentary", "request": "by-hand"}
    await connection.execute(
        "select set_config('editorial.context', $1, true)", msgspec.json.encode(context).decode()
    )


async def test_the_application_dates_nothing(application: Connection, newsroom: Newsroom) -> None:
    one = (await newsroom.a_published_commentary())["id"]
    await act(application)
    present = await application.fetchval("select now()")
    first = await application.fetchval(
        "select first_published_at from edition where commentary_id = $1 and language = 'en'", one
    )
    await application.execute(
        "insert into publication (id, commentary_id, language, kind, revision, published_at) "
        "values (new_id(), $1, 'en', 'minor', 1, $2)",
        one,
        LONG_AGO,
    )
    await application.execute(
        "update edition set published_at = $2, first_published_at = $2 "
        "where commentary_id = $1 and language = 'en'",
        one,
        LONG_AGO,
    )
    written = await application.fetchrow(
        "select edition.published_at, edition.first_published_at, publication.published_at as told "
        "from edition inner join publication using (commentary_id, language) "
        "where commentary_id = $1 and language = 'en' and kind = 'minor'",
        one,
    )
    assert written["published_at"] == present
    assert written["told"] == present
    # The first publication stays when it was.
    assert written["first_published_at"] == first
    for statement in (
        f"select date_publication('{one}', now())",
        "select * from publication_date",
        f"insert into publication_date values ('{one}', now(), now())",
    ):
        savepoint = application.transaction()
        await savepoint.start()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(statement)
        await savepoint.rollback()


async def test_the_owner_dates_what_is_published_next_within_a_minute(
    newsroom: Newsroom, owner_url: str
) -> None:
    dated, late = await newsroom.a_ready_commentary(), await newsroom.a_ready_commentary()
    owner = await asyncpg.connect(owner_url)
    try:
        for one in (dated, late):
            await owner.execute("select date_publication($1, $2)", one["id"], LONG_AGO)
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute("select date_publication($1, now() + interval '1 hour')", dated["id"])
        async with owner.transaction():
            await act(owner)
            await owner.execute(
                "update publication_date set good_until = now() where commentary_id = $1", late["id"]
            )
        published = {}
        for one in (dated, late):
            await newsroom.coordinator.move(one, "publish")
            published[one["id"]] = await owner.fetchval(
                "select max(published_at) from publication where commentary_id = $1", one["id"]
            )
    finally:
        await owner.close()
    assert published[dated["id"]] == LONG_AGO
    assert published[late["id"]] > datetime.now(UTC) - timedelta(minutes=10)
    history = (await newsroom.coordinator.get(f"/v1/commentaries/{dated['id']}/history?limit=100"))["data"]
    said = [one for one in history if one["action"] in {"date_publication", "publish"}]
    assert [one["action"] for one in said] == ["date_publication", "publish"]
    # What is dated is what readers are told. The trail says when it happened.
    assert all(one["at"][:10] > "2024-07-26" for one in said)


async def test_the_demos_past_weeks_were_published_in_their_own_weeks(
    own_database: str, tmp_path: Path
) -> None:
    database = own_database.rpartition("/")[2].partition("?")[0]
    application = address(own_database, database, "editorial_app")
    await quickstart.prepare(Settings(data_dir=tmp_path), own_database, application, demo=True)
    owner = await asyncpg.connect(own_database)
    try:
        told = await owner.fetch(
            "select commentary.week, publication.kind, publication.published_at "
            "from publication inner join commentary on commentary.id = publication.commentary_id"
        )
        editions = await owner.fetch(
            "select commentary.week, at from edition inner join commentary on commentary.id = commentary_id "
            "cross join unnest(array[first_published_at, published_at, retracted_at]) as at "
            "where at is not null"
        )
        assert {row["kind"] for row in told} == {"first", "correction", "retraction"}
        for week, at in [
            *((row["week"], row["published_at"]) for row in told),
            *((row["week"], row["at"]) for row in editions),
        ]:
            monday, sunday = week_days(week)
            assert monday <= at.date() <= sunday, (week, at)
        corrected = await owner.fetchrow(
            "select min(published_at) as first, max(published_at) as last from publication "
            "where commentary_id = (select commentary_id from publication where kind = 'correction')"
        )
        assert corrected is not None
        assert corrected["last"] - corrected["first"] == timedelta(days=1)
        dated = await owner.fetchval("select count(*) from audit_entry where action = 'date_publication'")
        assert dated >= len({row["week"] for row in told})
        found = await audit_verify.verify(own_database)
        assert found.rows > 50
    finally:
        await owner.close()
