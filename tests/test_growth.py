"""What happens when the newsroom has grown: no query reads its way through a large table."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.growth import faults, plans
from bench.parts.newsrooms import Size, fill
from conftest import address
from editorial import audit, audited_rows

GROWN = Size(commentaries=20_000, in_work=2_000, revisions=2, entries=20_000)


async def test_no_query_reads_a_large_table_whole_but_for_a_reason(own_database: str) -> None:
    application = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    await fill(own_database, application, GROWN)
    assert faults(await plans(own_database)) == []


async def test_an_auditor_goes_through_no_table_again_for_each_row_of_another(own_database: str) -> None:
    """Where Postgres knows nothing of the tables, it takes them for small, and would."""
    asked: list[tuple[str, Any]] = [
        (getattr(audit.sql, name).sql, ())
        for name in ("changes_without_entry", "changed_notes", "salts_without_reason_gone")
    ]
    connection = await audit.connect(own_database)
    async with connection.transaction(readonly=True):
        await connection.execute(audit.WHOLE_TABLES)
        with connection.query_logger(lambda one: asked.append((one.query, one.args))):
            await audited_rows.verify_rows(connection)
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
