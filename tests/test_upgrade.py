"""A database of the first migrations, with work in it, brought forward: its trail is sealed, and holds."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from conftest import Run, address, run_sql
from editorial import audit, files, seal
from editorial.core.tampering import Kind, Tampered
from editorial.db import Database
from editorial.migrate import migrate
from editorial.settings import Settings

Connection = Any

BEFORE_PARTS = "0068"
"""Where the trail was one table."""
BEFORE_IDS_OF_RECOVERY_CODES = "0080"
"""Where the trail named a recovery code by its person alone."""
BEFORE_LEAVES = "0010"
"""What came before that kept no digests of what a trail withholds."""
VERA, HANNA, NASTA, TEXT, TASK, THREAD, APPROVAL, LINK, SESSION = (
    UUID(f"00000000-0000-4000-8000-00000000000{number}") for number in range(1, 10)
)

# Who did what, as the application of that time wrote it.
WORK: list[tuple[str, UUID | None, str | None, str]] = [
    (
        "add_person",
        None,
        None,
        f"""
insert into person (id, email, display_name) values
    ('{VERA}', 'vera@old.example', 'Vera'), ('{HANNA}', 'hanna@old.example', 'Hanna'),
    ('{NASTA}', 'nasta@old.example', 'Nasta');
insert into person_role (person_id, role) values ('{VERA}', 'analyst'), ('{HANNA}', 'coordinator');
insert into person_language (person_id, language) values ('{NASTA}', 'be'), ('{NASTA}', 'ru');
insert into one_time_link (id, person_id, purpose, token_hash, expires_at)
    values ('{LINK}', '{VERA}', 'invitation', 'hash', now() + interval '1 day')""",
    ),
    ("change_languages", HANNA, "She asked.", "delete from person_language where language = 'ru'"),
    (
        "accept_invitation",
        VERA,
        None,
        f"""
update person set password_hash = 'x', state = 'active' where id = '{VERA}';
update one_time_link set used_at = now() where id = '{LINK}';
insert into session (id, person_id, expires_at) values ('{SESSION}', '{VERA}', now() + interval '30 days');
insert into signing_key (id, private_key, refresh_secret) values ('first', 'key', 'secret')""",
    ),
    ("sign_out", VERA, None, "update session set ended_at = now(), ended_because = 'sign_out'"),
    ("take_byline", VERA, None, f"select take_byline('{TEXT}', 'A. Quill')"),
    (
        "create",
        VERA,
        None,
        f"""
insert into section (key, labels, position) values ('economy', '{{"en": "Economy"}}', 1);
insert into commentary (id, week, section, source_language, author_id, byline_id)
    values ('{TEXT}', '2024-W30', 'economy', 'en', '{VERA}', '{TEXT}');
insert into contributor (commentary_id, person_id) values ('{TEXT}', '{HANNA}');
insert into revision (commentary_id, language, number, title, lead, blocks, made_by)
    values ('{TEXT}', 'en', 1, 'Grain', 'Prices held.', '[]', '{VERA}');
insert into edition (commentary_id, language, is_source, revision)
    values ('{TEXT}', 'en', true, 1), ('{TEXT}', 'be', false, null)""",
    ),
    ("submit", VERA, None, "update commentary set state = 'in_review', note = 'Please.'"),
    (
        "request_changes",
        HANNA,
        "Which ports?",
        "update commentary set state = 'draft', note = 'Which ports?'",
    ),
    (
        "edit",
        VERA,
        None,
        f"""
insert into revision (commentary_id, language, number, title, lead, blocks, made_by)
    values ('{TEXT}', 'en', 2, 'Grain', 'Baltic prices held.', '[]', '{VERA}');
update edition set revision = 2 where is_source;
insert into same_meaning (commentary_id, unit, was, became)
    values ('{TEXT}', 'lead', 'one', 'two'), ('{TEXT}', 'lead', 'two', 'three')""",
    ),
    (
        "approve",
        HANNA,
        None,
        f"""
delete from contributor;
insert into approval (id, commentary_id, language, revision, content_hash, approved_by)
    select '{APPROVAL}', commentary_id, language, number, content_hash, '{HANNA}' from revision
    where number = 2;
update edition set approval_id = '{APPROVAL}', approved_revision = 2 where is_source;
update commentary set state = 'in_translation', note = null;
insert into translation_task (id, commentary_id, language, source_revision, note)
    values ('{TASK}', '{TEXT}', 'be', 2, 'Soon, please.')""",
    ),
    (
        "claim",
        NASTA,
        None,
        f"""
update translation_task
    set state = 'claimed', holder_id = '{NASTA}', claim_expires_at = now() + interval '1 day', note = null;
insert into warning_answer (task_id, warning, reason, answered_by)
    values ('{TASK}', md5('x'), 'It is a name.', '{NASTA}');
insert into remembered_unit
    (commentary_id, language, unit, source_hash, source_language, source, target, revision)
    values ('{TEXT}', 'be', 'title', 'hash', 'en', 'Grain', 'Збожжа', 1);
insert into comment_thread (id, commentary_id, language) values ('{THREAD}', '{TEXT}', 'be');
insert into comment (id, thread_id, commentary_id, part, made_by, text)
    values (new_id(), '{THREAD}', '{TEXT}', 'translator', '{NASTA}', 'Is this the word?');
insert into glossary_term (id, source_language, language, source, target)
    values ('{TASK}', 'en', 'be', 'grain', 'збожжа')""",
    ),
]


def migrations_before(name: str, folder: Path) -> Path:
    """Copy the migrations that an older version has into a folder."""
    for path in sorted((files.folder("sql") / "migrations").glob("*.sql")):
        if path.name < name:
            shutil.copy(path, folder)
    return folder


async def work(connection: Connection) -> None:
    """Do what the first newsroom did, step by step."""
    for action, person, note, statements in WORK:
        kind = "person" if person else "system"
        context = {"actor_kind": kind, "actor": person, "action": action, "note": note, "request": "old"}
        async with connection.transaction():
            await connection.execute(
                "select set_config('editorial.context', $1, true)",
                msgspec.json.encode({name: one for name, one in context.items() if one is not None}).decode(),
            )
            await connection.execute(statements)


@pytest.fixture(scope="module")
async def upgraded(run: Run, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Give a database that was begun with the first migrations, worked in, brought forward and sealed."""
    name, folder = f"{run.name}_upgraded_{run.worker}", tmp_path_factory.mktemp("upgraded")
    await run_sql(server_url, f"create database {name} template template0")
    owner, application = address(server_url, name), address(server_url, name, "editorial_app")
    assert len(await migrate(owner, migrations_before(BEFORE_LEAVES, folder))) >= 8
    connection = await asyncpg.connect(application)
    await work(connection)
    await connection.close()
    assert await migrate(owner)
    db = Database(application, pool_size=2)
    await db.open()
    waits = True
    while waits:
        await seal.seal_trail(db, Settings(data_dir=folder))
        async with db.reading() as connection:
            waits = await seal.sql.count_unsealed(connection) > 0
    await db.close()
    yield owner
    await run_sql(server_url, f"drop database {name} with (force)")


@pytest.fixture
async def copy(upgraded: str, server_url: str) -> AsyncIterator[str]:
    """Give a copy of it, to be tampered with."""
    of = upgraded.rpartition("/")[2].partition("?")[0]
    name = f"{of}_{uuid4().hex}"
    await run_sql(server_url, f"create database {name} template {of}")
    yield address(server_url, name)
    await run_sql(server_url, f"drop database {name} with (force)")


async def test_what_was_written_before_there_were_leaves_is_sealed_and_holds(upgraded: str) -> None:
    found = await audit.verify(upgraded)
    assert found.size > len(WORK)
    assert found.unsealed == 0
    assert found.rows > 25


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("update trail_entry set action = 'approve' where action = 'submit'", Kind.CHANGED_ENTRY),
        ("update trail_entry set note = 'Which port?' where action = 'request_changes'", Kind.CHANGED_ENTRY),
        ("update trail_change set after = '{}' where table_name = 'approval'", Kind.CHANGED_ENTRY),
        (f"update person_role set role = 'administrator' where person_id = '{VERA}'", Kind.UNEXPLAINED_ROW),
        (f"update commentary set author_id = '{NASTA}'", Kind.UNEXPLAINED_ROW),
        ("update revision set lead = 'Lower.'", Kind.UNEXPLAINED_ROW),
        ("update same_meaning set became = 'four' where became = 'three'", Kind.UNEXPLAINED_ROW),
        ("delete from same_meaning where became = 'three'", Kind.UNEXPLAINED_ROW),
        ("insert into byline (id, name) values (new_id(), 'B. Quill')", Kind.UNEXPLAINED_ROW),
        ("delete from byline_holder", Kind.UNEXPLAINED_ROW),
    ],
)
async def test_what_is_done_to_it_since_is_found(copy: str, statement: str, kind: Kind) -> None:
    connection = await asyncpg.connect(copy)
    guards = await connection.fetch(
        "select tgrelid::regclass::text as name, quote_ident(tgname) as trigger from pg_trigger "
        "where not tgisinternal and tgenabled = 'A'"
    )
    # What refuses it is switched off meanwhile, as an owner can.
    for row in guards:
        await connection.execute(f"alter table {row['name']} disable trigger {row['trigger']}")
    assert await connection.execute(statement) not in {"UPDATE 0", "DELETE 0", "INSERT 0 0"}
    for row in guards:
        await connection.execute(f"alter table {row['name']} enable always trigger {row['trigger']}")
    await connection.close()
    with pytest.raises(Tampered) as fault:
        await audit.verify(copy)
    assert fault.value.kind is kind, fault.value


async def test_who_works_while_the_trail_becomes_parts_hears_nothing_of_it(
    run: Run, server_url: str, tmp_path: Path
) -> None:
    """An update migrates first, and lets processes of the old version go on meanwhile."""
    name = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {name} template template0")
    owner, application = address(server_url, name), address(server_url, name, "editorial_app")
    await migrate(owner, migrations_before(BEFORE_PARTS, tmp_path))
    is_over, steps = asyncio.Event(), 0

    async def keep_working(worker: int) -> None:
        nonlocal steps
        connection = await asyncpg.connect(application)
        try:
            while not is_over.is_set():
                async with connection.transaction():
                    await connection.execute(
                        "select set_config('editorial.context', jsonb_build_object('actor_kind', 'system', "
                        "'action', 'work', 'note', 'why', 'request', $1::text)::text, true)",
                        f"{worker}-{steps}",
                    )
                    await connection.execute("select record_attempt('editorial')")
                    for row in range(3):
                        await connection.execute(
                            'insert into section (key, labels, position) values ($1, \'{"en": "X"}\', 1)',
                            f"section-{worker}-{steps}-{row}",
                        )
                steps += 1
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as working:
        for worker in range(6):
            working.create_task(keep_working(worker))
        await asyncio.sleep(0.3)
        done_before = steps
        assert len(await migrate(owner)) >= 2
        done_at_the_end = steps
        await asyncio.sleep(0.3)
        is_over.set()
    assert 0 < done_before <= done_at_the_end < steps
    connection = await asyncpg.connect(owner)
    told = await connection.fetchrow(
        "select count(*) as entries, min(sections) as least, max(sections) as most from ("
        "select count(*) filter (where change.table_name = 'section') as sections from trail_entry as entry "
        "inner join trail_change as change on change.entry_id = entry.id "
        "where entry.action = 'work' group by entry.id) as one"
    )
    await connection.close()
    assert told is not None
    assert tuple(told) == (steps, 3, 3)
    await run_sql(server_url, f"drop database {name} with (force)")


async def test_recovery_codes_that_shared_a_name_in_the_trail_are_explained(
    run: Run, server_url: str, tmp_path: Path
) -> None:
    name = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {name} template template0")
    owner, application = address(server_url, name), address(server_url, name, "editorial_app")
    await migrate(owner, migrations_before(BEFORE_IDS_OF_RECOVERY_CODES, tmp_path))
    context = """select set_config(
        'editorial.context', '{"actor_kind": "system", "action": "confirm_totp", "request": "old"}', true
    );"""
    await run_sql(
        application,
        f"""begin; {context}
        insert into person (id, email, display_name) values ('{VERA}', 'vera@old.example', 'Vera');
        insert into recovery_code (person_id, code_hash)
            select '{VERA}', sha256(number::text::bytea) from generate_series(1, 10) as number;
        commit;""",
        f"""begin; {context.replace("confirm_totp", "sign_in")}
        update recovery_code set used_at = now() where code_hash = sha256('7');
        commit;""",
    )
    with pytest.raises(Tampered):
        await audit.verify(owner)
    await migrate(owner)
    await audit.verify(owner)
    connection = await asyncpg.connect(owner)
    used = await connection.fetch(
        "select code_hash = sha256('7') as is_it from recovery_code where used_at is not null"
    )
    left = await connection.fetchval("select count(*) from recovery_code")
    await connection.close()
    assert ([row["is_it"] for row in used], left) == ([True], 10)
    await run_sql(server_url, f"drop database {name} with (force)")
