"""The plan of each named query on tables that have grown for years.

    python -m bench.growth [--commentaries N] [--revisions N] [--entries N]

Every query of sql/queries is planned as Postgres plans what was prepared long ago, for any arguments, on
made-up data with statistics. One that would read a large table from its first row to its last is a fault,
unless a reason is written down in `READS_ALL`. The tests do the same with few rows. This is no measurement
of time: `make bench` leaves it out.
"""

import argparse
import asyncio
import re
import sys
import time
from typing import Any

import aiosql
import asyncpg
import msgspec

from bench.parts import newsrooms
from bench.parts.newsrooms import Size
from editorial import resources

READS_ALL = {
    "audit/verify.changed_notes": "an auditor reads everything",
    "audit/verify.changes_without_entry": "an auditor reads everything",
    "audit/verify.entries_that_came_too_late": "an auditor reads everything",
    "audit/verify.salts_without_reason_gone": "an auditor reads everything",
    "audit/verify.sizes": "an auditor reads everything",
    "audit/sealer.count_unsealed": "only an auditor asks",
    "audit/sealer.leftovers": "only before the first checkpoint, and once after a restore into another cluster",
    "published/views.list_published": "without filters, or by a week, it goes by an index; all at once have none",
    "published/views.list_sections": "counts all that is live; kept in memory until something is published",
    "published/views.list_years": "sums up all that is live; kept in memory until something is published",
    "audit/entries.list_trail": "each of its filters has an index; all at once have none",
}
"""Queries that read all of a large table, and why they may."""


class Plan(msgspec.Struct):
    """How Postgres would run a query."""

    query: str
    cost: float
    read_whole: list[str]
    """The large tables that it would read from end to end."""


def named_queries() -> dict[str, str]:
    """Every named query, with numbered parameters."""
    found = {}
    folder = resources.folder("sql") / "queries"
    for path in sorted(folder.rglob("*.sql")):
        queries = aiosql.from_path(path, "asyncpg")
        for name in queries.available_queries:
            if not name.endswith("_cursor"):
                found[f"{path.relative_to(folder).with_suffix('')}.{name}"] = getattr(queries, name).sql
    return found


async def large_tables(connection: Any) -> set[str]:
    """The tables in which there is too much to be read for one answer."""
    rows = await connection.fetch(
        "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace "
        "and reltuples >= 2000"
    )
    return {row["relname"] for row in rows}


async def plan(connection: Any, name: str, sql: str, large: set[str]) -> Plan:
    """The plan of one query, for any arguments."""
    async with connection.transaction():
        # Lists are short, which Postgres sees when it plans for the arguments at hand.
        sql = re.sub(r"\blimit \$\d+", "limit 26", sql)
        await connection.execute(
            # What is asked for often is in memory: a row by its key costs hardly more than the next one.
            "set local plan_cache_mode = force_generic_plan; set local random_page_cost = 1.1"
        )
        await connection.execute(f"prepare planned as {sql}")
        try:
            count = await connection.fetchval(
                "select coalesce(cardinality(parameter_types), 0) from pg_prepared_statements "
                "where name = 'planned'"
            )
            arguments = f"({', '.join(['null'] * count)})" if count else ""
            told = await connection.fetchval(f"explain (format json) execute planned{arguments}")
        finally:
            await connection.execute("deallocate planned")
    (whole,) = msgspec.json.decode(told)
    return Plan(name, whole["Plan"]["Total Cost"], sorted(_read_whole(whole["Plan"]) & large))


def _read_whole(node: dict[str, Any]) -> set[str]:
    found = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    return found.union(*(_read_whole(one) for one in node.get("Plans", [])))


async def plans(owner_url: str) -> list[Plan]:
    """The plans of all queries, for a superuser."""
    connection = await asyncpg.connect(owner_url)
    try:
        # Autovacuum counts parts, and never the whole of them.
        await connection.execute("delete from pg_statistic where stainherit")
        large = await large_tables(connection)
        return [await plan(connection, name, sql, large) for name, sql in named_queries().items()]
    finally:
        await connection.close()


def faults(found: list[Plan]) -> list[str]:
    """What is wrong with plans."""
    return [
        f"{one.query} reads all of {', '.join(one.read_whole)}"
        for one in found
        if one.read_whole and one.query not in READS_ALL
    ]


def main() -> None:
    """Make the data, plan, and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description="Plan every query on much.")
    parser.add_argument("--commentaries", type=int, default=1_000_000)
    parser.add_argument("--revisions", type=int, default=4, help="of each edition that has a text")
    parser.add_argument("--entries", type=int, default=5_000_000, help="of the trail")
    asked = parser.parse_args()
    size = Size(
        commentaries=asked.commentaries, in_work=2_000, revisions=asked.revisions, entries=asked.entries
    )
    with newsrooms.postgres_of_its_own() as (server, _):
        began = time.monotonic()
        newsroom = newsrooms.newsroom(server, size)
        print(f"Made in {time.monotonic() - began:,.0f} s.\n")
        for row in newsroom.ask(
            "select relname, reltuples::bigint as rows, pg_size_pretty(pg_total_relation_size(oid)) as size "
            "from pg_class "
            "where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 2000 "
            "order by pg_total_relation_size(oid) desc"
        ):
            print(f"{row['relname']}: {row['rows']:,} rows, {row['size']}")
        found = asyncio.run(plans(newsroom.owner_url))
    print("\nThe dearest plans, as Postgres reckons:")
    for one in sorted(found, key=lambda one: -one.cost)[:25]:
        print(f"{one.cost:>15,.0f}  {one.query}  {', '.join(one.read_whole)}")
    wrong = faults(found)
    if wrong:
        sys.exit("\n".join(["", *wrong]))
    print(f"\n{len(found)} queries, and none reads a large table whole but for a reason.")


if __name__ == "__main__":
    main()
