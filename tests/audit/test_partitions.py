"""The trail lies in parts, one for each year: made ahead, guarded like the whole, and movable."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from conftest import address, run_sql
from editorial.audit import sealer
from editorial.audit import verify as audit_verify
from editorial.cli.doctor import examine
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from editorial.database.embedded import embedded_binaries
from editorial.operations.worker import JOBS
from editorial.settings import Settings

Connection = Any

WHOLES = ("audit_entry", "audit_change", "audit_salt")
MADE = "This year and the next have their parts of the trail."
GUARDED = "Every part of the trail has its guards."
STEP = (
    "select set_config('editorial.context', jsonb_build_object('actor_kind', 'system', 'action', $1::text, "
    "'request', 'by-hand', 'object_kind', 'section')::text, true)"
)
SECTION = 'insert into section (key, labels, position) values ($1, \'{"en": "Section"}\', 1)'
OWN_PART = (
    "select relid::regclass::text as part from pg_partition_tree('{whole}') "
    "where isleaf and relid::regclass::text ~ '_[0-9]+$'"
)


@pytest.fixture
async def owner(own_database: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(own_database)
    yield connection
    await connection.close()


@pytest.fixture
async def db(own_database: str) -> AsyncIterator[Database]:
    database = Database(as_application(own_database), pool_size=2)
    await database.open()
    yield database
    await database.close()


def as_application(owner_url: str) -> str:
    return address(owner_url, urlsplit(owner_url).path.removeprefix("/"), "editorial_app")


async def the_worker_comes_by(db: Database) -> None:
    await JOBS["add_audit_partitions"](db, Settings.read({}))


async def parts_of(owner: Connection, whole: str) -> list[str]:
    """The parts of years, by name."""
    return sorted(row["part"] for row in await owner.fetch(OWN_PART.format(whole=whole)))


async def next_years(owner: Connection) -> list[str]:
    return sorted([part for whole in WHOLES for part in (await parts_of(owner, whole))[1:]])


async def without_next_year(owner: Connection) -> list[str]:
    """Take next year's parts away, which are empty, as if nobody had made them, and give their names."""
    gone = [part for whole in reversed(WHOLES) for part in (await parts_of(owner, whole))[1:]]
    for part in gone:
        await owner.execute(
            f"alter table {part.rpartition('_')[0]} detach partition {part}; drop table {part}"
        )
    assert gone
    return sorted(gone)


def year_of(part: str) -> int:
    return int(part.rpartition("_")[2])


async def an_entry_of(owner: Connection, year: int) -> str:
    """Put an entry of some year into the trail, past all guards, and say in which part it lies."""
    part = await owner.fetchval(
        "insert into audit_entry (id, domain, actor_kind, action, object_kind, request_id) "
        "values (first_id_at(make_timestamptz($1, 6, 1, 12, 0, 0, 'UTC')), "
        "'editorial', 'system', 'lie', 'none', 'none') returning tableoid::regclass::text",
        year,
    )
    return str(part)


async def test_an_entry_lies_in_the_part_of_its_year(owner: Connection) -> None:
    this = await owner.fetchval("select extract(year from now() at time zone 'UTC')::integer")
    assert await parts_of(owner, "audit_entry") == [f"audit_entry_{this}", f"audit_entry_{this + 1}"]
    assert await an_entry_of(owner, 2021) == "audit_entry_beyond"
    assert await an_entry_of(owner, this) == f"audit_entry_{this}"
    assert await an_entry_of(owner, this + 1) == f"audit_entry_{this + 1}"
    assert await an_entry_of(owner, this + 9) == "audit_entry_beyond"


async def test_all_rows_of_a_step_have_one_entry_and_their_places_in_it(owner: Connection) -> None:
    async with owner.transaction():
        for key, action in (("one", "first"), ("two", "first"), ("three", "second"), ("four", "first")):
            await owner.execute(STEP, action)
            await owner.execute(SECTION, key)
    told = await owner.fetch(
        "select entry.action, array_agg(change.position order by change.sequence) as places, "
        "array_agg(change.row_key ->> 'key' order by change.sequence) "
        "filter (where change.table_name = 'section') as sections "
        "from audit_entry as entry inner join audit_change as change on change.entry_id = entry.id "
        "where entry.request_id = 'by-hand' group by entry.id order by min(change.sequence)"
    )
    assert [(row["action"], row["sections"]) for row in told] == [
        ("first", ["one", "two", "four"]),
        ("second", ["three"]),
    ]
    assert all(row["places"] == list(range(len(row["places"]))) for row in told)
    assert await owner.fetchval("select count(*) from audit_entry where request_id = 'by-hand'") == 2


async def test_a_transaction_over_midnight_lies_in_the_year_in_which_it_began(owner: Connection) -> None:
    """Were it to lie in two, no index could see that a step has an entry already."""
    async with owner.transaction():
        for number, action in enumerate(("first", "second", "third")):
            await owner.execute(STEP, action)
            await owner.execute(SECTION, f"key-{number}")
            await owner.execute("select pg_sleep(0.005)")
        began = await owner.fetchval("select first_id_at(now())")
    rows = await owner.fetch("select id, at from audit_entry where request_id = 'by-hand' order by at")
    assert {row["id"].hex[:12] for row in rows} == {began.hex[:12]}
    assert len({row["at"] for row in rows}) == 3


async def test_a_step_has_one_entry_even_for_the_owner(owner: Connection) -> None:
    _, part = await parts_of(owner, "audit_entry")
    for year in (2021, year_of(part), 2099):
        two = (
            "insert into audit_entry (id, domain, actor_kind, action, object_kind, request_id) "
            "select first_id_at(make_timestamptz($1, month, 1, 12, 0, 0, 'UTC')), "
            "'editorial', 'system', 'lie', 'none', 'none' from generate_series(6, 7) as month"
        )
        with pytest.raises(asyncpg.UniqueViolationError, match="one_entry_for_each_step"):
            await owner.execute(two, year)


async def test_every_part_is_guarded_like_the_whole_and_in_replication_mode_too(owner: Connection) -> None:
    rows = await owner.fetch(
        "select inhrelid::regclass::text as part, inhparent::regclass::text as whole from pg_inherits "
        "where inhparent = any($1::regclass[])",
        list(WHOLES),
    )
    assert len(rows) == 9
    await owner.execute("set session_replication_role = replica")
    for row in rows:
        part, column = row["part"], "id" if row["whole"] == "audit_entry" else "entry_id"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="what was written stays written"):
            await owner.execute(f"truncate {part} cascade")
        enabled = await owner.fetch(
            "select tgname from pg_trigger where tgrelid = $1::regclass and tgenabled = 'A' order by tgname",
            part,
        )
        assert [one["tgname"] for one in enabled] == ["no_truncate", "stays_written"], part
        if await owner.fetchval(f"select exists (select from {part})"):
            for attempt in (f"delete from {part}", f"update {part} set {column} = {column}"):
                with pytest.raises(
                    asyncpg.InsufficientPrivilegeError, match="what was written stays written"
                ):
                    await owner.execute(attempt)


async def test_the_worker_makes_the_parts_of_this_year_and_the_next(owner: Connection, db: Database) -> None:
    gone = await without_next_year(owner)
    await the_worker_comes_by(db)
    assert await next_years(owner) == gone
    await the_worker_comes_by(db)
    assert await next_years(owner) == gone


async def test_the_doctor_says_that_a_part_is_missing_or_unguarded(
    owner: Connection, own_database: str, db: Database
) -> None:
    async def says() -> dict[str, bool]:
        return {one.says: one.is_well for one in await examine(own_database, as_application(own_database))}

    said = await says()
    assert said[MADE]
    assert said[GUARDED]
    await without_next_year(owner)
    said = await says()
    assert [one for one in said if one.startswith("The trail has no part for this year or the next.")]
    assert said[GUARDED]
    await the_worker_comes_by(db)
    _, part = await parts_of(owner, "audit_entry")
    for guard in (f"trigger no_truncate on {part}", f"index one_entry_for_each_step_{year_of(part)}"):
        await owner.execute(f"drop {guard}")
        assert GUARDED not in await says(), guard
        await owner.execute(f"select guard_audit_partition('{part}')")
        assert (await says())[GUARDED]


async def test_a_part_waits_for_whoever_writes_and_keeps_nobody_waiting(
    owner: Connection, own_database: str, db: Database
) -> None:
    gone = await without_next_year(owner)
    writer = await asyncpg.connect(own_database)
    reader = await asyncpg.connect(own_database)
    try:
        writing = writer.transaction()
        await writing.start()
        await writer.execute(STEP, "write")
        await writer.execute(SECTION, "written")
        async with asyncio.timeout(5):
            await the_worker_comes_by(db)
        assert len(await parts_of(owner, "audit_entry")) == 1
        await writing.commit()
        reading = reader.transaction()
        await reading.start()
        await reader.fetch("select id from audit_entry")
        async with asyncio.timeout(5):
            await the_worker_comes_by(db)
        assert len(await parts_of(owner, "audit_entry")) == 1
        await reading.commit()
        await the_worker_comes_by(db)
        assert await next_years(owner) == gone
    finally:
        await writer.close()
        await reader.close()


async def test_two_workers_make_a_part_once(owner: Connection, own_database: str) -> None:
    gone = await without_next_year(owner)
    workers = [await asyncpg.connect(as_application(own_database)) for _ in range(4)]
    try:
        made = await asyncio.gather(
            *(worker.fetch("select part from add_audit_partitions() as part") for worker in workers)
        )
        assert sorted(row["part"] for rows in made for row in rows) == gone
    finally:
        for worker in workers:
            await worker.close()


async def test_what_a_clock_that_ran_ahead_has_written_stays_where_it_is(
    owner: Connection, own_database: str, db: Database
) -> None:
    await without_next_year(owner)
    next_year = 1 + await owner.fetchval("select extract(year from now() at time zone 'UTC')::integer")
    assert await an_entry_of(owner, next_year) == "audit_entry_beyond"
    await the_worker_comes_by(db)
    assert len(await parts_of(owner, "audit_entry")) == 1
    assert await owner.fetchval("select count(*) from audit_entry where request_id = 'none'") == 1
    said = {one.says: one.is_well for one in await examine(own_database, as_application(own_database))}
    assert said[MADE]


async def test_an_old_part_moves_to_another_disk_and_the_trail_holds(
    owner: Connection, own_database: str, db: Database, tmp_path: Path
) -> None:
    settings = Settings.read({"EDITORIAL_DATA_DIR": str(tmp_path)})
    async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
        await tx.execute(SECTION, "before")
    await sealer.seal_trail(db, settings)
    page = (Path(__file__).parents[2] / "docs" / "trail.md").read_text(encoding="utf-8")
    this = await owner.fetchval("select extract(year from now() at time zone 'UTC')::integer")
    (move,) = re.findall(r"^```sql\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    archive = f"archive_{uuid4().hex}"
    # It lies in Postgres's own folder here; any other would have to be given to the server's user.
    await owner.execute("set allow_in_place_tablespaces = on")
    await owner.execute(f"create tablespace {archive} location ''")
    try:
        psql = subprocess.run(
            [str(embedded_binaries() / "psql"), "-qAt", "--set=ON_ERROR_STOP=1", own_database],
            input=move.replace("archive", archive).replace("2026", str(this)),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
        assert (psql.returncode, psql.stderr) == (0, "")
        elsewhere = await owner.fetch(
            "select pg_class.relname from pg_class "
            "inner join pg_tablespace on pg_tablespace.oid = reltablespace "
            "where spcname = $1 and relkind <> 't' and relname !~ '^pg_toast' order by 1",
            archive,
        )
        of_this_year = await owner.fetch(
            "select relname from pg_class where relname ~ $1 order by 1",
            f"^(audit_entry|audit_change|audit_salt|one_entry_for_each_step)_{this}(_|$)",
        )
        assert len(of_this_year) > 10
        assert elsewhere == of_this_year
        async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
            await tx.execute(SECTION, "after")
        await sealer.seal_trail(db, settings)
        said = {one.says: one.is_well for one in await examine(own_database, as_application(own_database))}
        assert said[GUARDED]
        assert said["Every guard of the trail is on."]
        await audit_verify.verify(own_database)
    finally:
        await run_sql(
            own_database,
            f"alter table all in tablespace {archive} set tablespace pg_default",
            f"alter index all in tablespace {archive} set tablespace pg_default",
            f"drop tablespace {archive}",
        )
