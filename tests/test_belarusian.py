"""Belarusian on a server that has a dictionary of it, on one that has none, and on one that loses it."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from bench.parts.newsrooms import Size, fill
from conftest import Run, address, run_sql
from editorial import dictionary, postgres
from editorial.doctor import examine
from editorial.migrate import migrate
from servers import run_program

# In the form of hunspell's files, as pg_updatedicts lays them down for Postgres.
AFFIXES = """\
SET UTF-8

SFX M Y 3
SFX M ежы яжа ежы
SFX M ежы ежаў ежы
SFX M ежы яжой ежы

SFX P Y 2
SFX P а у а
SFX P а ы а

SFX V Y 1
SFX V 0 у воз

SFX R Y 1
SFX R ёў ёве ёў
"""
WORDS = "4\nмежы/M\nп'еса/P\nувоз/V\nмагілёў/R\n"
GONE = "The files of the Belarusian dictionary are gone from this server"


class Installation:
    """A Postgres with a folder of dictionaries that is ours to change."""

    def __init__(self, folder: Path) -> None:
        """Copy what a server looks for beside itself; the libraries stay where they are."""
        theirs = postgres.embedded_binaries().parent
        ours = folder / theirs.parent.name / theirs.name
        (ours / "bin").mkdir(parents=True)
        for program in ("postgres", "initdb", "pg_ctl", "psql"):
            shutil.copy2(theirs / "bin" / program, ours / "bin")
        shutil.copytree(theirs / "share", ours / "share", ignore=shutil.ignore_patterns("doc"))
        (ours / "lib").symlink_to(theirs / "lib")
        libraries = theirs.parent.with_name(f"{theirs.parent.name}.libs")
        (folder / libraries.name).symlink_to(libraries)
        self.binaries = ours / "bin"
        self._dictionaries = ours / "share" / "tsearch_data"

    def add_dictionary(self) -> None:
        """Lay the dictionary down, as Debian's pg_updatedicts does."""
        for name, words in (("be_by.affix", AFFIXES), ("be_by.dict", WORDS)):
            (self._dictionaries / name).write_text(words, encoding="utf-8")
            (self._dictionaries / name).chmod(0o644)

    def take_dictionary_away(self) -> None:
        """Uninstall it."""
        for path in self._dictionaries.glob("be_by.*"):
            path.unlink()


@pytest.fixture(scope="module")
def installation(run: Run) -> Installation:
    """Give an installation without the dictionary."""
    return Installation(run.folder / f"installation-{run.worker}")


@pytest.fixture(scope="module")
def own_server(run: Run, installation: Installation) -> Iterator[str]:
    """Give a superuser's address of a server of that installation."""
    with postgres.start(run.folder / f"belarusian-{run.worker}", binaries=installation.binaries) as server:
        asyncio.run(run_sql(server.owner_url, "alter system set fsync = off", "select pg_reload_conf()"))
        yield server.owner_url


async def a_database(own_server: str) -> str:
    """A newsroom's database, migrated."""
    name = f"newsroom_{uuid4().hex}"
    await run_sql(own_server, f"create database {name} template template0")
    await migrate(address(own_server, name))
    return address(own_server, name)


def application_of(url: str) -> str:
    return address(url, urlsplit(url).path.removeprefix("/"), "editorial_app")


async def ask(url: str, question: str, *values: object) -> object:
    connection = await asyncpg.connect(application_of(url))
    try:
        return await connection.fetchval(question, *values)
    finally:
        await connection.close()


async def found(url: str, asked: str) -> object:
    """How many live Belarusian texts have these words."""
    question = "select count(*) from published_text where language = 'be' and words @@ search_query('be', $1)"
    return await ask(url, question, asked)


async def matches(url: str, text: str, asked: str) -> object:
    return await ask(url, "select searchable('be', $1) @@ search_query('be', $2)", text, asked)


# A text, and what somebody asks for: found with the dictionary, and without.
ASKED = [
    ("Мяжа закрытая", "межаў", True, False),
    ("Чарга каля межаў", "мяжа", True, False),
    ("Чарга за мяжой", "межаў", True, False),
    ("Мяжа закрытая", "мяжа", True, True),
    # ў at the beginning, in the text or in what is asked.
    ("Падатак на ўвозу", "увоз", True, False),
    ("Увоз забаронены", "ўвозу", True, True),
    ("Увоз забаронены", "ўвоз", True, True),
    # One apostrophe or another, or none.
    ("Новыя п’есы", "п'еса", True, False),
    ("Новыя п'есы", "пʼеса", True, False),
    ("Новыя п`есы", "п‘есу", True, False),
    ("Новая п’еса", "песа", True, True),
    # ё written as е, and a stress mark.
    ("У Магілёве", "Магілеве", True, True),
    ("У Магілеве", "Магілёве", True, True),
    ("У Магілё\u0301ве", "магілёў", True, True),
    # What the dictionary does not know is found by its beginning, as without one.
    ("Каля аўтобусаў", "аўтобус", True, True),
    ("Каля межаў", "аўтобус", False, False),
]


async def test_a_word_is_found_in_all_the_forms_that_the_dictionary_knows(
    installation: Installation, own_server: str
) -> None:
    installation.take_dictionary_away()
    bare = await a_database(own_server)
    installation.add_dictionary()
    url = await a_database(own_server)
    for text, asked, by_dictionary, without in ASKED:
        assert await matches(url, text, asked) is by_dictionary, (text, asked)
        assert await matches(bare, text, asked) is without, (text, asked)


async def test_a_dictionary_may_come_and_go(
    installation: Installation, own_server: str, tmp_path: Path
) -> None:
    installation.take_dictionary_away()
    url = await a_database(own_server)
    await fill(url, application_of(url), Size(commentaries=60, in_work=0, revisions=1, entries=1))
    everywhere = await found(url, "мяжа")
    assert everywhere
    assert await found(url, "межаў") == 0
    # It comes, and is taken into use.
    installation.add_dictionary()
    assert await dictionary.renew(url) is None
    renewed = await dictionary.reindex(url)
    assert renewed == everywhere
    assert await found(url, "межаў") == everywhere
    assert await dictionary.reindex(url) == 0
    # A dump leaves it out, and goes into a server that does not have it.
    dump, programs = tmp_path / "newsroom.dump", postgres.embedded_binaries()
    written = (str(programs / "pg_dump"), "--format=custom", "--exclude-schema=editorial_dictionary")
    subprocess.run([*written, f"--file={dump}", url], check=True)
    installation.take_dictionary_away()
    again = f"newsroom_{uuid4().hex}"
    await run_sql(url, f"create database {again} template template0")
    restored = address(url, again)
    subprocess.run(
        [str(programs / "pg_restore"), "--exit-on-error", f"--dbname={restored}", str(dump)], check=True
    )
    await migrate(restored)
    for one in (url, restored):
        # A form that is asked for is not looked up any more, and nothing fails.
        assert await found(one, "мяжа") == everywhere
        assert await found(one, "межаў") == 0
    assert not [one for one in await examine(restored, application_of(restored)) if GONE in one.says]
    assert [one.is_well for one in await examine(url, application_of(url)) if GONE in one.says] == [False]
    # What was published when it was there is indexed as if it had never been.
    said = run_program(url, "reindex").splitlines()
    assert said[0].startswith("No Belarusian dictionary is in use: could not open dictionary file")
    assert said[1] == f"Texts that were indexed anew: {renewed}."
    assert not [one for one in await examine(url, application_of(url)) if GONE in one.says]
    assert await dictionary.reindex(url) == 0
    assert await found(url, "мяжа") == everywhere
