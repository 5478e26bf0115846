"""What a process asks again and again costs the same however much there is, whatever Postgres knows of it.

Postgres plans by statistics, which are missing in a new or restored database and old while a table grows. A
query of each second may not depend on them: it would read whole tables, in each process, for hours.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec
import pytest

from bench.growth import named_queries
from bench.parts.newsrooms import CONTEXT, Size, fill
from conftest import address
from editorial.audit import sealer
from editorial.audit.checkpoints import SealKey
from editorial.cli.doctor import examine
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from servers import serving

Connection = Any

THIS_YEAR = datetime.now(UTC).year
GROWN = Size(commentaries=4_000, in_work=200, revisions=1, entries=10, searchable=False)
ENTRIES = 60_000
FEW_PAGES = 60
"""Pages of 8 KiB that one question may look at: some levels of some indexes, and what they lead to."""
ROUNDS = 3

# Half was written here, half in another cluster with larger numbers, before a restore. All is sealed.
_A_LONG_TRAIL = f"""
insert into audit_entry (
    at, cluster, transaction, domain, actor_kind, action, object_kind, object_id, request_id
)
select
    now() - interval '1 hour',
    case when number % 2 = 0 then cluster_identifier() else 42 end,
    case
        when number % 2 = 0 then 100 + number % (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 100)
        else 1000000 + number
    end::text::xid8,
    'editorial', 'system', 'write', 'none', gen_random_uuid(), 'made-up'
from generate_series(1, {ENTRIES}) as number;
insert into audit_leaf (position, entry_id, hash)
select row_number() over (order by id) - 1, id, sha256(uuid_send(id)) from audit_entry;
insert into audit_node (level, position, hash)
select level, place, sha256('node')
from generate_series(8, 16, 8) as level
cross join lateral generate_series(0, (select count(*) from audit_leaf) / (1 << level) - 1) as place;
insert into audit_checkpoint (number, size, note, horizon, cluster)
select 1, count(*), 'unsigned', pg_snapshot_xmin(pg_current_snapshot()), cluster_identifier() from audit_leaf;
"""

_MUCH_THAT_IS_OVER = f"""
begin;
{CONTEXT};
insert into mail (id, kind, person_id, due_at, queued_at, given_up_at, failure, attempts)
select
    new_id(), 'password_changed', (select id from person order by id limit 1), now() - interval '9 days',
    now() - interval '9 days', now() - interval '9 days', 'refused', 1
from generate_series(1, 8000);
insert into session (id, person_id, created_at, rotated_at, expires_at, ended_at, ended_because)
select
    new_id(), (select id from person order by id limit 1), now() - interval '2 days',
    now() - interval '2 days', now() + interval '28 days', now() - interval '1 day', 'sign_out'
from generate_series(1, 8000);
commit;
insert into idempotency_record (id, sealed, kept_at)
select sha256(number::text::bytea), repeat('x', 400)::bytea, now() from generate_series(1, 10000) as number;
insert into rate_limit_bucket (bucket, empty_at)
select sha256(number::text::bytea), now() + interval '1 hour' from generate_series(1, 10000) as number;
"""

STATISTICS = {
    "good": "analyze",
    "none": "delete from pg_statistic; update pg_class set reltuples = -1, relpages = 0, relallvisible = 0 "
    "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'i', 'I')",
    "of empty tables": "delete from pg_statistic; update pg_class set reltuples = 0, relpages = 1 "
    "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'i', 'I')",
}


@pytest.fixture(scope="module")
async def grown(request: pytest.FixtureRequest, server_url: str, owner_url: str) -> AsyncIterator[str]:
    """Give the owner's address of a newsroom with much behind it, which no autovacuum looks at."""
    assert owner_url
    run = request.getfixturevalue("run")
    name = f"{run.name}_{run.worker or 'only'}_grown"
    first = await asyncpg.connect(server_url)
    await first.execute(f'create database "{name}" template "{run.name}_template"')
    await first.close()
    url = address(server_url, name)
    await fill(url, GROWN)
    owner = await asyncpg.connect(url)
    for row in await owner.fetch(
        "select oid::regclass::text as name from pg_class "
        "where relnamespace = 'public'::regnamespace and relkind = 'r'"
    ):
        await owner.execute(f"alter table {row['name']} set (autovacuum_enabled = off)")
    await owner.execute(_MUCH_THAT_IS_OVER)
    await owner.execute(_A_LONG_TRAIL)
    await owner.close()
    yield url
    first = await asyncpg.connect(server_url)
    await first.execute(f'drop database "{name}" with (force)')
    await first.close()


def as_application(owner_url: str) -> str:
    return address(owner_url, urlsplit(owner_url).path.removeprefix("/"), "editorial_app")


async def pages_of_tables(owner: Connection) -> dict[str, int]:
    """How many pages of each table and its indexes were looked at until now, by all who have hung up."""
    rows = await owner.fetch(
        "select relname, coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) "
        "+ coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0) as pages from pg_statio_user_tables"
    )
    return {row["relname"]: row["pages"] for row in rows}


async def size_in_pages(owner: Connection) -> dict[str, int]:
    rows = await owner.fetch(
        "select relname, pg_relation_size(oid) / 8192 as pages from pg_class "
        "where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    return {row["relname"]: row["pages"] for row in rows}


@pytest.mark.parametrize("known", STATISTICS)
async def test_what_happens_each_second_reads_no_large_table_whole(
    grown: str, known: str, tmp_path: Path
) -> None:
    owner = await asyncpg.connect(grown)
    try:
        await owner.execute(STATISTICS[known])
        large = {name for name, pages in (await size_in_pages(owner)).items() if pages > FEW_PAGES}
        assert {
            f"audit_entry_{THIS_YEAR}",
            "audit_leaf",
            "edition",
            "idempotency_record",
            "session",
            "mail",
        } <= large
        before = await pages_of_tables(owner)
        with serving(
            as_application(grown),
            tmp_path / "log",
            EDITORIAL_DATA_DIR=str(tmp_path),
            EDITORIAL_SMTP_URL="smtp://127.0.0.1:9",
            EDITORIAL_MAIL_FROM="desk@newsroom.example",
        ) as url:
            async with httpx.AsyncClient(base_url=url) as client:
                for _ in range(ROUNDS):
                    assert (await client.get("/readyz")).status_code == 200
                    rounds = (await client.get("/metrics")).text
                    await asyncio.sleep(1)
        done = re.findall(r'job_\w+_total\{job_name="(\w+)",outcome="done"\} ', rounds)
        assert {"seal_trail", "forget_idempotency_records", "send_mails", "publish_due_commentaries"} <= set(
            done
        )
        await examine(grown, as_application(grown))
        after = await pages_of_tables(owner)
        # Each job, and each look of /readyz, at the most once a second; the doctor once.
        most = FEW_PAGES * (2 * ROUNDS + 4)
        looked = {name: after[name] - before[name] for name in large}
        sizes = await size_in_pages(owner)
        assert {name: pages for name, pages in looked.items() if pages > min(most, 2 * sizes[name])} == {}
    finally:
        await owner.close()


@pytest.mark.parametrize("known", STATISTICS)
async def test_the_lag_of_the_seal_is_read_at_the_horizon(grown: str, known: str) -> None:
    """With all sealed, with one entry that waits, and with what another cluster has left behind."""
    owner = await asyncpg.connect(grown)
    try:
        await owner.execute(STATISTICS[known])
        async with owner.transaction():
            await owner.execute(seal_is_up_to_date)
            assert await lag_and_pages(owner) == (0, True)
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute(seal_is_up_to_date)
        await owner.execute(
            "insert into audit_entry (at, domain, actor_kind, action, object_kind, request_id) "
            "values (now() - interval '90 seconds', 'editorial', 'system', 'wait', 'none', 'none')"
        )
        seconds, is_flat = await lag_and_pages(owner)
        assert (90 <= seconds < 120, is_flat) == (True, True)
        await transaction.rollback()
        transaction = owner.transaction()
        await transaction.start()
        # What the other cluster wrote after its last checkpoint came along in the restore.
        await owner.execute(
            "insert into audit_checkpoint (number, size, note, horizon, cluster) "
            "select max(number) + 1, max(size), 'unsigned', '5000000', 42 from audit_checkpoint"
        )
        await owner.execute(
            "insert into audit_entry (at, cluster, transaction, domain, actor_kind, action, object_kind, "
            "request_id) values (now() - interval '3 days', 42, '5000001', "
            "'editorial', 'system', 'wait', 'none', 'none')"
        )
        seconds = await owner.fetchval(sealer.sql.seconds_behind.sql)
        assert 3 * 86400 <= seconds < 3 * 86400 + 60
        await transaction.rollback()
    finally:
        await owner.close()


seal_is_up_to_date = (
    "insert into audit_checkpoint (number, size, note, horizon, cluster) select max(number) + 1, max(size), "
    "'unsigned', (pg_current_xact_id()::text)::xid8, cluster_identifier() from audit_checkpoint"
)


async def lag_and_pages(owner: Connection) -> tuple[float, bool]:
    """What is said of the lag, and whether it was found on few pages."""
    question = sealer.sql.seconds_behind.sql
    (told,) = msgspec.json.decode(
        await owner.fetchval(f"explain (analyze, buffers, timing off, format json) {question}")
    )
    pages = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
    return float(await owner.fetchval(question)), pages < FEW_PAGES


@pytest.mark.parametrize("known", STATISTICS)
async def test_a_page_of_the_trail_is_sealed_without_reading_the_rest(grown: str, known: str) -> None:
    db = Database(as_application(grown), pool_size=2)
    owner = await asyncpg.connect(grown)
    try:
        await owner.execute(STATISTICS[known])
        await db.open()
        for _ in range(20):
            async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
                await tx.fetchval("select record_attempt('editorial')")
        before = await pages_of_tables(owner)
        async with asyncio.timeout(30):
            key = SealKey("newsroom.example/trail", bytes(range(32)))
            while await sealer.seconds_behind(db) > 0:
                await sealer.seal(db, key)
                await asyncio.sleep(0.05)
    finally:
        await db.close()
    after = await pages_of_tables(owner)
    sizes = await size_in_pages(owner)
    await owner.close()
    for name in (f"audit_entry_{THIS_YEAR}", "audit_leaf"):
        assert after[name] - before[name] < sizes[name], name


async def test_the_queue_of_mails_is_asked_for_what_waits(grown: str) -> None:
    owner = await asyncpg.connect(grown)
    try:
        await owner.execute(STATISTICS["none"])
        asked = named_queries()
        for name in ("queue_state", "due_mail", "failures_to_forget", "mail_is_stuck"):
            question = re.sub(r"\$\d", "26", asked[f"identity/mail.{name}"])
            (told,) = msgspec.json.decode(
                await owner.fetchval(f"explain (analyze, buffers, timing off, format json) {question}")
            )
            pages = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
            assert pages < FEW_PAGES, name
    finally:
        await owner.close()
