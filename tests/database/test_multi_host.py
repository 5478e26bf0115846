"""Commands find the primary among several servers, as the API does: past a silent one and a replica."""

import asyncio
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from chaos.engines import PORT, replicating, socket_folder
from editorial.audit import verify as audit_verify
from editorial.cli import doctor
from editorial.cli.startup import ExitCode
from editorial.database import migrate
from editorial.database.multi_host import Hosts
from editorial.published import dictionary
from servers import environment

NO_LONGER = 8
"""Seconds: each silent host is given one and a half, and asyncpg would give it sixty."""


@pytest.fixture(scope="module")
def silent_folder() -> Iterator[Path]:
    """Give the folder of a socket that takes connections and never says a word, as a frozen server does."""
    with (
        tempfile.TemporaryDirectory(prefix="editorial-silent-") as place,
        socket.socket(socket.AF_UNIX) as never_answers,
    ):
        never_answers.bind(f"{place}/.s.PGSQL.{PORT}")
        never_answers.listen(100)
        yield Path(place)


@pytest.fixture(scope="module")
def replica_folder(owner_url: str, server_programs: Path) -> Iterator[Path]:
    """Give the folder of a replica's socket."""
    if socket_folder(owner_url) is None:
        pytest.skip("the server of this run is not behind a socket")
    with (
        tempfile.TemporaryDirectory(prefix="editorial-hosts-") as place,
        replicating(Path(place) / "replica", owner_url, server_programs) as folder,
    ):
        yield folder


def among(url: str, *others: Path) -> str:
    """The address of a server as the last of several, the primary of which is wanted."""
    folders = ",".join(quote(str(folder), safe="") for folder in (*others, socket_folder(url)))
    parts = urlsplit(url)
    return (
        f"postgresql://{parts.username}@{parts.path}?host={folders}&port={PORT}"
        "&target_session_attrs=read-write"
    )


@pytest.fixture
def addresses(
    owner_url: str, application_url: str, silent_folder: Path, replica_folder: Path
) -> tuple[str, str]:
    """Give the owner's and the application's address, in which the primary is named last."""
    return (
        among(owner_url, silent_folder, replica_folder),
        among(application_url, silent_folder, replica_folder),
    )


ASKED: dict[str, Callable[[str, str], Awaitable[Any]]] = {
    "doctor": doctor.examine,
    "migrate": lambda owner, _: migrate.migrate(owner),
    "pending": lambda owner, _: migrate.pending(owner),
    "audit": lambda owner, _: audit_verify.verify(owner),
    "reindex": lambda owner, _: dictionary.renew(owner),
}


@pytest.mark.parametrize("name", ASKED)
async def test_a_command_asks_the_primary_past_a_silent_server_and_a_replica(
    addresses: tuple[str, str], name: str
) -> None:
    async with asyncio.timeout(NO_LONGER):
        await ASKED[name](*addresses)


@pytest.mark.parametrize("command", [["audit", "keys"], ["audit", "verify"], ["migrate"]])
async def test_the_program_does_so_too(addresses: tuple[str, str], command: list[str]) -> None:
    owner, application = addresses
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "editorial", *command],
        env=environment(application, DATABASE_OWNER_URL=owner),
        capture_output=True,
        text=True,
        timeout=30,
    )
    # No worker seals this database: an entry may have waited for longer than it should.
    codes = {ExitCode.DONE, ExitCode.NOT_SEALED} if "verify" in command else {ExitCode.DONE}
    assert done.returncode in codes, done.stdout + done.stderr


async def test_where_no_server_answers_the_command_says_so_in_a_sentence(silent_folder: Path) -> None:
    folder = quote(str(silent_folder), safe="")
    url = f"postgresql://keeper@/newsroom?host={folder},{folder}&port={PORT}&target_session_attrs=read-write"
    with pytest.raises(TimeoutError, match="does not answer"):
        await Hosts(url).connect()
    with pytest.raises(migrate.MigrationError, match="does not answer"):
        await migrate.pending(url)
