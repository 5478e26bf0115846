"""What happens when the newsroom has grown: no query reads its way through a large table."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec

from bench.desk import DRAFTS
from bench.growth import faults, plans
from bench.parts.newsrooms import Size, fill
from conftest import address
from editorial.audit import replay, verify

ROOT = Path(__file__).parents[2]
RECORDS = """
import asyncio, sys, uuid
from bench.parts.bare import moves
from bench.parts.recorded import for_pgbench

url, folder, about, version = sys.argv[1:]
for trips in asyncio.run(moves(url, folder, "analyst", uuid.UUID(about), int(version))):
    print(len(trips), "set_config" in trips[-1].sql, ":version" in for_pgbench(trips, uuid.UUID(about)))
"""
GROWN = Size(commentaries=20_000, in_work=2_000, revisions=2, entries=20_000)


async def test_no_query_reads_a_large_table_whole_but_for_a_reason(own_database: str) -> None:
    await fill(own_database, GROWN)
    planned = await plans(own_database)
    assert len(planned) > 200
    assert faults(planned) == []


async def test_what_a_transition_is_measured_against_is_recorded_from_the_product(
    own_database: str, tmp_path: Path
) -> None:
    """A look and a step for each of submit and recall, whose version is the one that was seen."""
    application = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    await fill(own_database, Size(commentaries=200, in_work=100, revisions=1, entries=10))
    connection = await asyncpg.connect(own_database)
    draft = await connection.fetchrow(f"select id, version {DRAFTS} and state = 'draft' order by id limit 1")
    await connection.close()
    assert draft is not None
    told = subprocess.run(
        [sys.executable, "-c", RECORDS, application, str(tmp_path), str(draft["id"]), str(draft["version"])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "2 True True\n2 True True\n"), told.stderr


async def test_an_auditor_goes_through_no_table_again_for_each_row_of_another(own_database: str) -> None:
    """Where Postgres knows nothing of the tables, it takes them for small, and would."""
    asked: list[tuple[str, Any]] = [
        (getattr(verify.sql, name).sql, ())
        for name in ("changes_without_entry", "changed_notes", "salts_without_reason_gone")
    ]
    connection = await verify.connect(own_database)
    async with connection.transaction(readonly=True):
        await connection.execute(verify.WHOLE_TABLES)
        with connection.query_logger(lambda one: asked.append((one.query, one.args))):
            await replay.verify_rows(connection)
        assert len(asked) > 60
        for query, arguments in asked:
            (told,) = msgspec.json.decode(
                await connection.fetchval(f"explain (format json) {query}", *arguments)
            )
            assert _loops_over_tables(told["Plan"]) == [], query
    await connection.close()


def _loops_over_tables(node: dict[str, Any]) -> list[str]:
    """What is read from end to end for each row of something else, to find what goes with it."""
    parts = node.get("Plans", [])
    found = [one for part in parts for one in _loops_over_tables(part)]
    if node["Node Type"] == "Nested Loop" and "Join Filter" in node:
        inner = parts[1]
        while inner["Node Type"] in ("Materialize", "Memoize"):
            (inner,) = inner["Plans"]
        if inner["Node Type"] in ("Seq Scan", "CTE Scan"):
            found.append(str(inner.get("Relation Name") or inner["CTE Name"]))
    return found
