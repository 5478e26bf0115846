"""The schema that the migrations add up to, as pg_dump writes it. Run as a program, this prints it.

With the name of a file, it writes into that file the list of definitions that an audit compares.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg

from editorial.database import definitions as database_definitions
from editorial.database import embedded
from editorial.database.embedded import embedded_binaries
from editorial.database.migrate import migrate


def dump(url: str) -> str:
    """The schema as pg_dump of the embedded server writes it, without what differs from run to run."""
    written = subprocess.run(
        [
            str(embedded_binaries() / "pg_dump"),
            "--schema-only",
            "--no-owner",
            "--restrict-key=editorial",
            "--exclude-table=_pogo*",
            # The years have their parts of the trail as they come.
            "--exclude-table=audit_*_[0-9]*",
            # It is there where the server has a dictionary, and belongs to the server.
            "--exclude-schema=editorial_dictionary",
            url,
        ],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    ).stdout
    kept = [line for line in written.splitlines() if not line.startswith("-- Dumped")]
    # Since PostgreSQL 18 even a column's `not null` has a name, by which nobody calls it.
    plain = re.sub(r" CONSTRAINT \w+_not_null\d* NOT NULL", " NOT NULL", "\n".join(kept))
    # The first part of the trail ends with the year in which it was made.
    plain = re.sub(r"(FOR VALUES FROM \(MINVALUE\) TO) \('[0-9a-f-]+'\)", r"\1 ('…')", plain)
    return re.sub(r"\n{3,}", "\n\n", plain).strip() + "\n"


async def definitions(url: str) -> str:
    """The list of definitions that an audit compares, of a migrated database."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(readonly=True):
            return database_definitions.written(await database_definitions.read(connection))
    finally:
        await connection.close()


def main() -> None:
    """Print the schema of a database that has just been migrated, and is thrown away."""
    with tempfile.TemporaryDirectory() as folder, embedded.start(Path(folder)) as server:
        asyncio.run(migrate(server.owner_url))
        sys.stdout.write(dump(server.owner_url))
        for name in sys.argv[1:]:
            Path(name).write_text(asyncio.run(definitions(server.owner_url)), encoding="utf-8")


if __name__ == "__main__":
    main()
