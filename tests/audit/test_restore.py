"""A backup on another server: its trail verifies and goes on there, and a backup that is too old is found."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from conftest import address, run_sql
from editorial.audit import sealer
from editorial.audit import verify as audit_verify
from editorial.audit.checkpoints import Note
from editorial.audit.tampering import Tampered
from editorial.core.permissions import SYSTEM
from editorial.database import embedded
from editorial.database.access import Database, ObjectKind
from editorial.database.migrate import migrate
from editorial.settings import Settings
from servers import environment

DOES_NOT_HOLD = 3
ROLES = ("create role editorial_owner nologin", "create role editorial_app login noinherit nosuperuser")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Give a folder with a short path, for sockets have to be in it."""
    with tempfile.TemporaryDirectory(prefix="editorial-restore-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def other_server(place: Path) -> Iterator[str]:
    """Give the owner's address of a server that has never seen the newsroom."""
    with embedded.start(place / "other") as server:
        yield server.owner_url


@dataclass
class Newsroom:
    """An installation: a database, and the folder with its key."""

    owner_url: str
    folder: Path

    @property
    def application_url(self) -> str:
        return address(self.owner_url, urlsplit(self.owner_url).path.removeprefix("/"), "editorial_app")

    async def work(self, *keys: str) -> str:
        """Add sections, seal what the trail says of that, and give the newest checkpoint."""
        db = Database(self.application_url, pool_size=2)
        await db.open()
        try:
            for key in keys:
                async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
                    await tx.execute(
                        "insert into section (key, labels, position) values ($1, $2, 1)", key, {"en": key}
                    )
            # A transaction of another test on this server may hold our entries up.
            async with asyncio.timeout(30):
                await sealer.seal_trail(db, Settings(data_dir=self.folder))
                while await sealer.seconds_behind(db) > 0:
                    await asyncio.sleep(0.1)
                    await sealer.seal_trail(db, Settings(data_dir=self.folder))
            async with db.read() as connection:
                note: str = (await sealer.sql.newest_checkpoint(connection))["note"]
                return note
        finally:
            await db.close()

    def verify(self, *checkpoints: Path) -> tuple[int, dict[str, Any]]:
        """What `editorial audit verify` says, held against checkpoints that were kept elsewhere."""
        kept = [word for path in checkpoints for word in ("--checkpoint", str(path))]
        done = subprocess.run(
            [sys.executable, "-m", "editorial", "audit", "verify", "--json", *kept],
            env=environment(self.application_url, DATABASE_OWNER_URL=self.owner_url),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    async def fault(self, checkpoint: str) -> str | None:
        """The kind of fault that is found, if one is."""
        try:
            await audit_verify.verify(self.owner_url, kept=[Note.read(checkpoint)], trusted=[])
        except Tampered as fault:
            return fault.kind
        return None


def size_of(checkpoint: str) -> int:
    return int(checkpoint.splitlines()[1])


def run_program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        [embedded.embedded_binaries() / name, *arguments],
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


async def restored(dump: Path, server: str, folder: Path) -> Newsroom:
    """Restore a dump into a new database, as docs/deploy.md says."""
    name = f"restored_{uuid4().hex}"
    make = f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'"
    await run_sql(server, make)
    url = address(server, name)
    run_program("pg_restore", "--dbname", url, "--exit-on-error", str(dump))
    await migrate(url)
    return Newsroom(url, folder)


async def test_a_restored_trail_verifies_and_one_that_lost_its_tail_is_found(
    own_database: str, other_server: str, place: Path
) -> None:
    at_home = Newsroom(own_database, place / "keys")
    early, late, kept = place / "early.dump", place / "late.dump", place / "kept.checkpoint"
    dump = ("--format", "custom", "--exclude-schema", "editorial_dictionary", "--dbname", own_database)
    before = await at_home.work("before")
    run_program("pg_dump", *dump, "--file", str(early))
    after = await at_home.work("after", "later")
    run_program("pg_dump", *dump, "--file", str(late))
    kept.write_text(after)

    await run_sql(other_server, *ROLES)
    again = await restored(late, other_server, at_home.folder)
    ended, told = again.verify(kept)
    assert (ended, told["verified"], told["unsealed"], told["size"]) == (0, True, 0, size_of(after))
    # The work goes on where the tree ended, with the transaction numbers of another server.
    newest = await again.work("elsewhere")
    assert size_of(newest) == size_of(after) + 1
    assert await again.fault(after) is None

    lost = await restored(early, other_server, at_home.folder)
    assert await lost.fault(before) is None
    ended, told = lost.verify(kept)
    assert (ended, told["fault"]["kind"]) == (DOES_NOT_HOLD, "truncated_tail")
    # Nor does it help to write on: what was kept elsewhere is not what comes now.
    await lost.work("instead", "of", "these")
    assert await lost.fault(after) == "rewritten_history"
