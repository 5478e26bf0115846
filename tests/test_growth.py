"""What happens when the newsroom has grown: no query reads its way through a large table."""

from urllib.parse import urlsplit

from bench.growth import faults, plans
from bench.parts.newsrooms import Size, fill
from conftest import address

GROWN = Size(commentaries=20_000, in_work=2_000, revisions=2, entries=20_000)


async def test_no_query_reads_a_large_table_whole_but_for_a_reason(own_database: str) -> None:
    application = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    await fill(own_database, application, GROWN)
    assert faults(await plans(own_database)) == []
