"""Migrations: whole or not at all, once however many try, and nothing that the application owns."""

import asyncio
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from pogo_core.migration import read_sql_migration

from conftest import address, run_sql
from editorial import resources
from editorial.database import embedded
from editorial.database.migrate import MigrationError, migrate, pending

NewDatabase = Callable[..., Awaitable[str]]

# What a splitter of statements may stumble over.
HARD = r"""
create table page (id int primary key, title text not null);

-- don't break; here
create function check_page() returns trigger language plpgsql as $$
declare
    words text[] := array['a;b', 'it''s'];
    word text;
begin
-- it's a comment; at the beginning of a line
    word := case when new.id = 2 then $q$it's; $q$ else case new.title when ';' then 'x' end end;
    begin
        perform 1 / (new.id - 3);
    exception when division_by_zero then
        word := 'caught';
    end;
    for i in 1..2 loop
        if i = 2 then continue; end if;
        case i when 1 then null; else raise exception 'no; never'; end case;
    end loop;
    execute format($sql$ insert into note values (%L); $sql$, coalesce(word, 'none'));
    return new;
end
$$;
create trigger page_is_checked before insert on page for each row execute function check_page();

do $outer$
begin
    execute $inner$ create table note (text text); -- isn't it; $$nested$$ $inner$;
end
$outer$;

/* a block; it's /* nested; */ */
create function twice(x int) returns int language sql begin atomic; select x; select 2 * x; end;
create table span (begin int, "end" int);

comment on table page is 'A text
-- with a line like a comment;
and an end';
insert into page values (1, 'Ўсё; і болей'), (2, 'two'), (3, 'three');
"""


def write(folder: Path, name: str, statements: str) -> Path:
    """Write a migration in pogo's form, and return the folder."""
    text = f"-- {name}\n-- depends:\n\n-- migrate: apply\n{statements}\n-- migrate: rollback\n"
    (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def name_of(url: str) -> str:
    """Return the name of the database that an address leads to."""
    return urlsplit(url).path.removeprefix("/")


def as_application(url: str) -> str:
    """Return the application's address of a database."""
    return address(url, name_of(url), "editorial_app")


@pytest.fixture
async def keeper(server_url: str) -> AsyncIterator[str]:
    """Give the name of a role that may sign in, and nothing else."""
    name = f"keeper_{uuid.uuid4().hex}"
    await run_sql(server_url, f"create role {name} login")
    yield name
    await run_sql(server_url, f"drop role {name}")


@pytest.fixture
async def new_database(server_url: str) -> AsyncIterator[NewDatabase]:
    """Give a function that creates an empty database, and returns its address."""
    names: list[str] = []

    async def create(options: str = "") -> str:
        names.append(f"database_{uuid.uuid4().hex}")
        await run_sql(server_url, f"create database {names[-1]} template template0 {options}")
        return address(server_url, names[-1])

    yield create
    for name in names:
        await run_sql(server_url, f"drop database if exists {name} with (force)")


@pytest.fixture
async def database(new_database: NewDatabase) -> str:
    """Give the address of an empty database."""
    return await new_database()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[str]:
    """Give a superuser's address of a server that knows none of our roles."""
    with embedded.start(tmp_path) as server:
        yield server.owner_url


async def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Return what a query gives on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_each_file_is_applied_once_and_in_order(database: str, tmp_path: Path) -> None:
    write(tmp_path, "0002_notes", "create table note (page int references page (id));")
    write(tmp_path, "0001_pages", "create table page (id int primary key);")
    assert await pending(database, tmp_path) == ["0001_pages", "0002_notes"]

    assert await migrate(database, tmp_path) == ["0001_pages", "0002_notes"]
    assert await migrate(database, tmp_path) == []
    write(tmp_path, "0003_words", "create table word (id int);")
    assert await pending(database, tmp_path) == ["0003_words"]
    assert await migrate(database, tmp_path) == ["0003_words"]
    assert await pending(database, tmp_path) == []


async def test_a_database_of_another_line_of_versions_is_refused_and_left_as_it_is(
    database: str, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    theirs = write(tmp_path / "theirs", "0001_theirs", "create table theirs ();")
    ours = write(tmp_path / "ours", "0001_ours", "create table ours ();")
    assert await migrate(database, theirs) == ["0001_theirs"]
    with pytest.raises(
        MigrationError, match=r"it has 0001_theirs, .* and lacks 0001_ours\..* empty database"
    ):
        await migrate(database, ours)
    assert await pending(database, ours) == ["0001_ours"]
    # What a newer version has applied besides is no harm.
    (theirs / "0001_theirs.sql").rename(ours / "0001_theirs.sql")
    (ours / "0001_ours.sql").unlink()
    write(ours, "0002_newer", "create table newer ();")
    assert await migrate(database, ours) == ["0002_newer"]
    (ours / "0002_newer.sql").unlink()
    assert await migrate(database, ours) == []


async def test_the_application_may_ask_what_is_pending(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, "0001_pages", "create table page (id int);"))
    write(tmp_path, "0002_notes", "create table note (id int);")

    assert await pending(as_application(database), tmp_path) == ["0002_notes"]


async def test_ten_processes_may_migrate_at_once(database: str, tmp_path: Path) -> None:
    write(tmp_path, "0001_pages", "create table page (id int); select pg_sleep(0.2);")
    write(tmp_path, "0002_notes", "create table note (id int); insert into note values (1);")
    code = """
import asyncio, sys
from pathlib import Path
from editorial.database.migrate import migrate
print(*asyncio.run(migrate(sys.argv[1], Path(sys.argv[2]))))
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, database, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(10)
    ]

    answers = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0] * 10
    assert sorted(answers) == [""] * 9 + ["0001_pages 0002_notes"]
    assert await rows(database, "select id from note") == [(1,)]


async def test_the_roles_may_be_made_for_ten_databases_at_once(new_server: str, tmp_path: Path) -> None:
    names = [f"newsroom_{number}" for number in range(10)]
    await run_sql(new_server, *(f"create database {name}" for name in names))
    (tmp_path / "sql").mkdir()
    write(tmp_path / "sql", "0001_pages", "create table page (id int);")

    applied = await asyncio.gather(*(migrate(address(new_server, name), tmp_path / "sql") for name in names))
    assert applied == [["0001_pages"]] * 10


async def test_an_owner_who_may_create_roles_needs_no_superuser(new_server: str, tmp_path: Path) -> None:
    await run_sql(
        new_server,
        "create role keeper login createrole",
        'create database "The newsroom" owner keeper',
    )
    (tmp_path / "sql").mkdir()
    write(tmp_path / "sql", "0001_pages", "create extension pg_trgm; create table page (id int);")
    url = address(new_server, "The%20newsroom", "keeper")

    assert await migrate(url, tmp_path / "sql") == ["0001_pages"]
    assert await migrate(url, tmp_path / "sql") == []


async def test_the_applications_role_is_brought_back_within_its_bounds(
    new_server: str, tmp_path: Path
) -> None:
    await run_sql(
        new_server,
        "create role editorial_owner",
        "create role editorial_app superuser createdb login in role editorial_owner",
    )
    (tmp_path / "sql").mkdir()
    await migrate(new_server, tmp_path / "sql")

    assert await rows(
        new_server,
        """
        select rolsuper, rolcreatedb, pg_has_role('editorial_app', 'editorial_owner', 'member')
        from pg_roles where rolname = 'editorial_app'
        """,
    ) == [(False, False, False)]


async def test_an_administrator_is_told_what_to_run(
    keeper: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    # The roles are there, as an earlier database of the same server left them.
    await migrate(await new_database(), tmp_path)
    database = await new_database(f"owner {keeper}")
    url = address(database, name_of(database), keeper)
    with pytest.raises(MigrationError) as refusal:
        await migrate(url, tmp_path)

    first, *statements = str(refusal.value).splitlines()
    assert first.endswith("An administrator has to run in it:")
    assert f"    grant editorial_owner to {keeper};" in statements
    await run_sql(database, *statements)
    assert await migrate(url, write(tmp_path, "0001_pages", "create table page (id int);"))


async def test_everything_belongs_to_the_owner_and_nothing_to_the_application(
    owner_url: str,
) -> None:
    assert await rows(
        owner_url,
        """
        select distinct owner.rolname::text from (
            select relowner from pg_class where relnamespace = 'public'::regnamespace
            union all
            select proowner from pg_proc
            where pronamespace = 'public'::regnamespace
                and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
            union all
            select typowner from pg_type
            where typnamespace = 'public'::regnamespace
                and typcategory <> 'A'
                and not exists (select from pg_depend where objid = pg_type.oid and deptype = 'e')
        ) as thing (owned_by)
        join pg_roles as owner on owner.oid = thing.owned_by
        """,
    ) == [("editorial_owner",)]
    assert not await rows(
        owner_url,
        "select from pg_shdepend where deptype = 'o' and refobjid = 'editorial_app'::regrole",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (id int)",
        "create temporary table mine (id int)",
        "create schema mine",
        "create function mine() returns int language sql return 1",
        "set role editorial_owner",
        "set session_replication_role = replica",
        "delete from _pogo_migration",
    ],
)
async def test_the_application_can_change_no_schema(application_url: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run_sql(application_url, statement)


async def test_a_file_reaches_the_server_as_it_is(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, "0001_pages", HARD))

    comment = "select obj_description('page'::regclass)"
    assert await rows(database, comment) == [("A text\n-- with a line like a comment;\nand an end",)]
    assert await rows(database, "select title from page where id = 1") == [("Ўсё; і болей",)]
    notes = await rows(database, "select text from note")
    assert notes == [("none",), ("it's; ",), ("caught",)]
    [(body,)] = await rows(database, "select prosrc from pg_proc where proname = 'check_page'")
    assert "\n-- it's a comment; at the beginning of a line\n" in str(body)


async def test_a_file_that_fails_leaves_nothing_and_says_where(database: str, tmp_path: Path) -> None:
    write(tmp_path, "0001_pages", "create table page (id int);")
    write(tmp_path, "0002_notes", "create table note (id int);\n\nselect 'Ў', nonsense;")

    with pytest.raises(MigrationError, match=r'0002_notes, line 7: .*"nonsense"'):
        await migrate(database, tmp_path)
    assert await pending(database, tmp_path) == ["0002_notes"]
    assert await rows(database, "select to_regclass('note') is null") == [(True,)]


@pytest.mark.parametrize(
    "text",
    [
        "create table page (id int);",
        "-- Pages\n\n-- migrate: apply\nselect 1;\n-- migrate: rollback\n",
        "-- Pages\n-- depends:\n-- migrate: apply\nselect 1;\n",
        "-- Pages\n-- depends:\n-- migrate: apply\n-- migrate: rollback\ndrop table page;\n",
        "-- Pages\n-- depends:\n-- transaction: false\n-- migrate: apply\n-- migrate: rollback\n",
    ],
    ids=["no head", "no depends", "no rollback", "a way back", "no transaction"],
)
async def test_a_file_in_another_form_is_refused(database: str, tmp_path: Path, text: str) -> None:
    (tmp_path / "0001_pages.sql").write_text(text)

    with pytest.raises(MigrationError, match=r"0001_pages\.sql"):
        await migrate(database, tmp_path)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("encoding 'SQL_ASCII' locale 'C'", "encoding is SQL_ASCII"),
        ("encoding 'UTF8' locale 'C'", "does not know Cyrillic letters"),
    ],
)
async def test_a_database_that_is_not_fit_for_our_texts_is_refused(
    new_database: NewDatabase, tmp_path: Path, options: str, reason: str
) -> None:
    with pytest.raises(MigrationError, match=reason):
        await migrate(await new_database(options), tmp_path)


@pytest.mark.parametrize(
    "url",
    ["postgresql://keeper:correct-horse@127.0.0.1:1/newsroom", "postgresql://keeper@/x?port=y"],
)
async def test_a_server_that_is_not_there_is_told_plainly(url: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="can't be reached") as refusal:
        await pending(url, tmp_path)
    assert "correct-horse" not in str(refusal.value)


async def test_nothing_is_pending_in_a_database_of_the_tests(application_url: str) -> None:
    assert await pending(application_url) == []


def test_our_migrations_are_in_an_order_that_pogo_can_read() -> None:
    earlier: list[str] = []
    for path in sorted((resources.folder("sql") / "migrations").iterdir()):
        assert path.suffix == ".sql"
        number = path.name.partition("_")[0]
        assert re.fullmatch(r"[0-9]{4}", number)
        assert not any(name.startswith(number) for name in earlier)
        message, depends, *_ = read_sql_migration(path)
        assert message
        # Work that goes on side by side has numbers of its own, so the one named is not always the last one.
        assert depends in (earlier or [""])
        earlier.append(path.stem)
