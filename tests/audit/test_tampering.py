"""Everything that the owner of the database can do to the trail, done, and found by `editorial audit verify`.

Each tampering works on a copy of one newsroom's sealed history, with every trigger switched off and on again.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest
from click.testing import CliRunner

from conftest import PASSWORD, PEOPLE, Run, address, run_sql
from editorial.app import create_app
from editorial.audit import merkle
from editorial.audit import sealer as sealing
from editorial.audit import verify as audit_verify
from editorial.audit.checkpoints import Checkpoint, Note, SealKey
from editorial.audit.tampering import Kind, Tampered
from editorial.cli.main import main
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from editorial.identity.people import add_person
from editorial.settings import Settings
from newsroom import Newsroom, Person

Connection = Any
Tampering = Callable[[Connection, "History"], Awaitable[None]]
THIS_YEAR = datetime.now(UTC).year


NEEDED = ("analyst", "coordinator", "other_coordinator", "translator_be", "translator_ru", "administrator")


@dataclass(frozen=True)
class History:
    """A database with a sealed history, and what somebody kept of it elsewhere."""

    url: str
    """The owner's address of the database that all copies are made of."""
    folder: Path
    """The data folder with the private key."""
    kept: str
    """A checkpoint from the middle of the history."""
    newest: str

    @property
    def key(self) -> SealKey:
        return SealKey.read((self.folder / "seal-key").read_text())


async def settled(db: Database, settings: Settings) -> None:
    """Seal everything, whoever else works on this server."""
    waits = True
    while waits:
        await sealing.seal_trail(db, settings)
        async with db.read() as connection:
            waits = await connection.fetchval(
                "select exists (select from audit_entry where id not in (select entry_id from audit_leaf))"
            )


@pytest.fixture(scope="module")
async def history(run: Run, server_url: str, owner_url: str) -> AsyncIterator[History]:
    """Give a newsroom that has published one commentary, and sealed it step by step."""
    assert owner_url
    name = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {name} template {run.name}_template")
    url = address(server_url, name)
    application = address(server_url, name, "editorial_app")
    folder = Path(tempfile.mkdtemp(dir=run.folder))
    settings = Settings(data_dir=folder)
    owner = Database(url, pool_size=1, as_owner=True)
    await owner.open()
    for one in NEEDED:
        roles, languages = PEOPLE[one]
        await add_person(
            owner,
            actor=SYSTEM,
            email=f"{one}@newsroom.example",
            display_name=one,
            roles=roles,
            languages=languages,
            password=PASSWORD,
        )
    await owner.close()
    db = Database(application, pool_size=2)
    await db.open()
    await add_first_sections(db)
    await settled(db, settings)
    app, litestar = create_app(settings, application)
    async with litestar.lifespan():
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
        async with httpx.AsyncClient(transport=transport, base_url="http://newsroom", timeout=60) as client:
            people = {}
            for one in NEEDED:
                email = f"{one}@newsroom.example"
                body = {"email": email, "password": PASSWORD}
                answer = (await client.post("/v1/auth/session", json=body)).json()
                people[one] = Person(client, one, email, PASSWORD, "", answer["access_token"])
            newsroom = Newsroom(client, people)
            await newsroom.analyst.call("POST", "/v1/me/bylines", {"name": "A. Nonymous"})
            await newsroom.a_commentary_in_review()
            read = await newsroom.a_commentary_in_review()
            await newsroom.coordinator.move(read, "request_changes", note="Which figure?")
            await settled(db, settings)
            async with db.read() as connection:
                kept = (await sealing.sql.newest_checkpoint(connection))["note"]
            published = await newsroom.a_published_commentary()
            await settled(db, settings)
            await newsroom.analyst.move(published, "revise")
    async with db.write(SYSTEM, "try", ObjectKind.NONE, uuid4()) as tx:
        await tx.fetchval("select record_attempt('editorial')")
    await settled(db, settings)
    # The last thing that happened: something that changed no row.
    async with db.write(SYSTEM, "try", ObjectKind.NONE, uuid4()) as tx:
        await tx.fetchval("select record_attempt('editorial')")
    await settled(db, settings)
    async with db.read() as connection:
        newest = (await sealing.sql.newest_checkpoint(connection))["note"]
    await db.close()
    yield History(url, folder, kept, newest)
    await run_sql(server_url, f"drop database {name} with (force)")
    shutil.rmtree(folder)


@pytest.fixture
async def copy(history: History, run: Run, server_url: str) -> AsyncIterator[str]:
    """Give the owner's address of a copy that may be tampered with."""
    own = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {own} template {urlsplit(history.url).path[1:]}")
    yield address(server_url, own)
    await run_sql(server_url, f"drop database {own} with (force)")


async def tamper(url: str, history: History, tampering: Tampering) -> None:
    """Do it as the database's owner, and leave every trigger as it was."""
    connection = await asyncpg.connect(url)
    try:
        guards = await connection.fetch(
            "select tgrelid::regclass::text as name, quote_ident(tgname) as trigger from pg_trigger "
            "inner join pg_class on pg_class.oid = tgrelid "
            "where relnamespace = 'public'::regnamespace and not tgisinternal and tgenabled = 'A'"
        )
        async with connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            for row in guards:
                await connection.execute(f"alter table {row['name']} disable trigger {row['trigger']}")
            await tampering(connection, history)
            for row in guards:
                await connection.execute(
                    f"do $$ begin alter table {row['name']} enable always trigger {row['trigger']}; "
                    "exception when undefined_object then null; end $$"
                )
    finally:
        await connection.close()


def does(*statements: str) -> Tampering:
    """Statements, as they are."""

    async def run_them(connection: Connection, _: History) -> None:
        for statement in statements:
            assert await connection.execute(statement) not in {"UPDATE 0", "DELETE 0", "INSERT 0 0"}, (
                statement
            )

    return run_them


MIDDLE = "(select entry_id from audit_leaf where position = (select max(position) / 2 from audit_leaf))"
"""An entry somewhere in the middle of the tree, that was sealed long ago."""
WITH_CHANGES = (
    "(select entry_id from audit_leaf where entry_id in (select entry_id from audit_change) "
    "and position >= (select max(position) / 2 from audit_leaf) order by position limit 1)"
)
WITHHOLDING = (
    "(select entry_id from audit_change where withheld is not null and table_name = 'person' "
    "order by sequence limit 1)"
)
SOMEBODY_ELSE = "(select person_id from person_role where role = 'coordinator' limit 1)"
LAST = "(select entry_id from audit_leaf order by position desc limit 1)"
GONE = "create temporary table gone as select * from audit_leaf where entry_id = {entry}"
NEW = UUID("00000000-0000-7000-8000-000000000001")
AN_ENTRY = (
    "insert into audit_entry (id, at, transaction, domain, actor_kind, action, object_kind, request_id) "
    f"select '{NEW}', {{at}}, {{transaction}}, 'editorial', 'system', 'approve', 'none', 'none' "
    "from audit_entry where id = {entry}"
)


async def reseal_leaf(connection: Connection, entry: UUID) -> None:
    """Give an entry the leaf that it would have."""
    (row,) = await sealing.sql.leaves_of(connection, entries=[entry])
    leaf = merkle.leaf_hash(row["leaf"].encode())
    await connection.execute("update audit_leaf set hash = $2 where entry_id = $1", entry, leaf)


async def change_with_its_leaf(connection: Connection, _: History) -> None:
    entry = await connection.fetchval(
        f"update audit_entry set action = 'lie' where id = {MIDDLE} returning id"
    )
    await reseal_leaf(connection, entry)


async def delete_and_close_the_gap(connection: Connection, _: History) -> None:
    await does(
        GONE.format(entry=MIDDLE),
        "alter table audit_leaf drop constraint a_leaf_has_a_place",
        "delete from audit_leaf where entry_id in (select entry_id from gone)",
        "update audit_leaf set position = -position where position > (select position from gone)",
        "update audit_leaf set position = -position - 1 where position < 0",
    )(connection, _)
    await remove(connection, await connection.fetchval("select entry_id from gone"))


async def remove(connection: Connection, entry: UUID) -> None:
    """Take an entry away, with all that hangs on it."""
    for table, column in (("audit_salt", "entry_id"), ("audit_change", "entry_id"), ("audit_entry", "id")):
        await connection.execute(f"delete from {table} where {column} = $1", entry)


async def insert_with_its_leaf(connection: Connection, _: History) -> None:
    await does(
        AN_ENTRY.format(entry=MIDDLE, at="at", transaction="transaction"),
        "alter table audit_leaf drop constraint a_leaf_has_a_place",
        GONE.format(entry=MIDDLE),
        "update audit_leaf set position = -position - 1 where position >= (select position from gone)",
        "update audit_leaf set position = -position where position < 0",
        f"insert into audit_leaf (position, entry_id, hash) select position, '{NEW}', hash from gone",
    )(connection, _)
    await reseal_leaf(connection, NEW)


async def insert_leaf_at_the_end(connection: Connection, _: History) -> None:
    await does(
        AN_ENTRY.format(entry=LAST, at="at", transaction="transaction"),
        "insert into audit_leaf (position, entry_id, hash) "
        f"select max(position) + 1, '{NEW}', sha256('') from audit_leaf",
    )(connection, _)
    await reseal_leaf(connection, NEW)


async def swap_two_leaves(connection: Connection, _: History) -> None:
    """Of one checkpoint, two leaves change places."""
    await does(
        "create temporary table two as select position, entry_id, hash, "
        "row_number() over (order by position) as place from audit_leaf "
        "where position in (select max(size) - 2 from audit_checkpoint where size > 1 and number = 1 "
        "union select max(size) - 1 from audit_checkpoint where number = 1)",
        "delete from audit_leaf where entry_id in (select entry_id from two)",
        "insert into audit_leaf (position, entry_id, hash) select one.position, other.entry_id, other.hash "
        "from two as one inner join two as other on other.place <> one.place",
    )(connection, _)


async def cut_the_tail(connection: Connection, _: History) -> None:
    """The last entry goes, with its leaf and the checkpoint over it."""
    entry = await connection.fetchval(f"select {LAST}")
    await connection.execute("delete from audit_leaf where entry_id = $1", entry)
    await connection.execute("delete from audit_checkpoint where size > (select count(*) from audit_leaf)")
    await remove(connection, entry)


async def resign(connection: Connection, key: SealKey) -> None:
    """Sign every checkpoint anew, over the leaves that are there."""
    rows = await connection.fetch("select hash from audit_leaf order by position")
    edges = {0: merkle.EMPTY}
    edge = merkle.Edge(0, [])
    for row in rows:
        edge.append(row["hash"])
        edges[edge.size] = edge.root
    for row in await connection.fetch("select number, size from audit_checkpoint"):
        note = Checkpoint(key.name, row["size"], edges[row["size"]]).note(key)
        await connection.execute(
            "update audit_checkpoint set note = $2 where number = $1", row["number"], note
        )


async def rewrite_and_sign_anew(connection: Connection, history: History) -> None:
    entry = await connection.fetchval("select entry_id from audit_leaf where position = 3")
    await connection.execute("update audit_entry set action = 'lie' where id = $1", entry)
    await reseal_leaf(connection, entry)
    await resign(connection, history.key)


async def erase_from_trail_alone(connection: Connection, _: History) -> None:
    """Salts and notes go in a step that says `erase`, and the person stays."""
    person = await connection.fetchval(f"select {SOMEBODY_ELSE}")
    context = {"actor_kind": "system", "action": "erase", "object_kind": "person", "object": str(person)}
    await connection.execute(
        "select set_config('editorial.context', $1, true)", msgspec.json.encode(context).decode()
    )
    await connection.execute("select erase_from_trail($1)", person)


OTHER_KEY = SealKey("editorial/trail", bytes(range(32)))


async def replace_the_key_everywhere(connection: Connection, _: History) -> None:
    await connection.execute("update audit_key set verifier = $1", str(OTHER_KEY.public))
    fold = await connection.fetchval("select entry_id from audit_change where table_name = 'audit_key'")
    await connection.execute(
        "update audit_change set after = jsonb_set(after, '{verifier}', to_jsonb($1::text)) "
        "where entry_id = $2",
        str(OTHER_KEY.public),
        fold,
    )
    await reseal_leaf(connection, fold)
    await resign(connection, OTHER_KEY)


async def replace_the_key(connection: Connection, _: History) -> None:
    await connection.execute("update audit_key set verifier = $1", str(OTHER_KEY.public))


async def add_a_key(connection: Connection, _: History) -> None:
    await connection.execute("insert into audit_key (number, verifier) values (2, $1)", str(OTHER_KEY.public))


async def sign_with_another_key(connection: Connection, _: History) -> None:
    row = await connection.fetchrow("select number, note from audit_checkpoint order by number limit 1")
    note = Note.read(row["note"]).checkpoint.note(OTHER_KEY)
    await connection.execute("update audit_checkpoint set note = $2 where number = $1", row["number"], note)


FOUND: dict[str, tuple[Tampering, Kind]] = {
    "an action changed": (
        does(f"update audit_entry set action = 'approve' where id = {MIDDLE}"),
        Kind.CHANGED_ENTRY,
    ),
    "an actor changed": (
        does(f"update audit_entry set actor_id = new_id() where id = {MIDDLE}"),
        Kind.CHANGED_ENTRY,
    ),
    "a time changed": (
        does(f"update audit_entry set at = at - interval '1 microsecond' where id = {MIDDLE}"),
        Kind.CHANGED_ENTRY,
    ),
    "a note changed": (
        does("update audit_entry set note = note || '!' where note is not null"),
        Kind.CHANGED_ENTRY,
    ),
    "a note given to an entry that had none": (
        does(f"update audit_entry set note = 'He asked for it.' where id = {MIDDLE} and note is null"),
        Kind.CHANGED_ENTRY,
    ),
    "a note changed with its digest": (
        does(
            "update audit_entry set note = 'x', note_digest = sha256(audit_salt.salt || 'x'::bytea) "
            "from audit_salt where audit_salt.entry_id = id and audit_salt.position = -1"
        ),
        Kind.CHANGED_ENTRY,
    ),
    "what an entry tells of a row changed": (
        does(
            "update audit_change set after = coalesce(after, '{}') || '{\"x\": 1}' "
            f"where entry_id = {WITH_CHANGES}"
        ),
        Kind.CHANGED_ENTRY,
    ),
    "a change taken from an entry": (
        does(f"delete from audit_change where entry_id = {WITH_CHANGES} and position = 0"),
        Kind.CHANGED_ENTRY,
    ),
    "a change put into an entry": (
        does(
            "insert into audit_change (entry_id, position, table_name, operation, row_key) "
            f"values ({MIDDLE}, 99, 'section', 'delete', '{{}}')"
        ),
        Kind.CHANGED_ENTRY,
    ),
    "an entry and its leaf changed": (change_with_its_leaf, Kind.CHANGED_ENTRY),
    "an entry removed": (
        does(
            GONE.format(entry=WITH_CHANGES),
            "delete from audit_change where entry_id in (select entry_id from gone)",
            "delete from audit_entry where id in (select entry_id from gone)",
        ),
        Kind.DELETED_ENTRY,
    ),
    "an entry and its leaf removed": (
        does(
            GONE.format(entry=MIDDLE),
            "delete from audit_leaf where entry_id in (select entry_id from gone)",
            "delete from audit_change where entry_id in (select entry_id from gone)",
            "delete from audit_entry where id in (select entry_id from gone)",
        ),
        Kind.DELETED_ENTRY,
    ),
    "a part of the trail taken away": (
        does(
            "alter table audit_leaf drop constraint audit_leaf_entry_id_fkey",
            "alter table audit_change drop constraint audit_change_entry_id_fkey",
            "alter table audit_salt drop constraint audit_salt_entry_id_fkey",
            f"alter table audit_entry detach partition audit_entry_{THIS_YEAR}",
        ),
        Kind.DELETED_ENTRY,
    ),
    "a part of what entries tell of rows taken away": (
        does(f"alter table audit_change detach partition audit_change_{THIS_YEAR}"),
        Kind.CHANGED_ENTRY,
    ),
    "an entry and its leaf removed, and the gap closed": (delete_and_close_the_gap, Kind.DELETED_ENTRY),
    "an entry removed that left its changes": (
        does(
            "update audit_change set entry_id = new_id() where (entry_id, position) in "
            "(select entry_id, max(position) from audit_change "
            f"where entry_id = {WITH_CHANGES} group by entry_id)"
        ),
        Kind.CHANGED_ENTRY,
    ),
    "an entry put in, with an earlier time": (
        does(AN_ENTRY.format(entry=MIDDLE, at="at", transaction="transaction")),
        Kind.INSERTED_ENTRY,
    ),
    "an entry put in with a number that is yet to come": (
        does(AN_ENTRY.format(entry=MIDDLE, at="now()", transaction="'9000000000000'::xid8")),
        Kind.INSERTED_ENTRY,
    ),
    "an entry put in among the leaves": (insert_with_its_leaf, Kind.INSERTED_ENTRY),
    "an entry put in behind the last leaf": (insert_leaf_at_the_end, Kind.INSERTED_ENTRY),
    "an entry of a cluster that was left behind put in": (
        does(
            AN_ENTRY.format(entry=MIDDLE, at="at", transaction="transaction"),
            f"update audit_entry set cluster = 7 where id = '{NEW}'",
        ),
        Kind.INSERTED_ENTRY,
    ),
    "two leaves swapped": (swap_two_leaves, Kind.REORDERED_ENTRY),
    "the tail cut off": (
        does(GONE.format(entry=LAST), f"delete from audit_leaf where entry_id = {LAST}"),
        Kind.TRUNCATED_TAIL,
    ),
    "the key replaced": (replace_the_key, Kind.REPLACED_KEY),
    "a second key slipped in": (add_a_key, Kind.REPLACED_KEY),
    "a checkpoint signed by a stranger": (sign_with_another_key, Kind.REPLACED_KEY),
    "a root changed": (
        does(
            "update audit_checkpoint set number = number, "
            "note = overlay(note placing 'AAAA' from position(chr(10) in note) + 6) where number = 2"
        ),
        Kind.FORGED_CHECKPOINT,
    ),
    "a checkpoint removed": (
        does("delete from audit_checkpoint where number = 2"),
        Kind.FORGED_CHECKPOINT,
    ),
    "a checkpoint filed under another size": (
        does("update audit_checkpoint set size = size - 1 where number = 2"),
        Kind.FORGED_CHECKPOINT,
    ),
    "a node put in": (
        does("insert into audit_node (level, position, hash) values (8, 7, sha256(''))"),
        Kind.CHANGED_TREE,
    ),
    "an author changed": (
        does(f"update commentary set author_id = {SOMEBODY_ELSE}"),
        Kind.UNEXPLAINED_ROW,
    ),
    "a text changed": (does("update revision set lead = lead || '!'"), Kind.UNEXPLAINED_ROW),
    "a text changed with its hash": (
        does(
            "update approval set content_hash = sha256('') where false or approved_at is not null",
            "update revision set lead = '', content_hash = sha256('')",
        ),
        Kind.UNEXPLAINED_ROW,
    ),
    "another revision made live": (
        does("update edition set live_revision = live_revision + 1 where live_revision is not null"),
        Kind.UNEXPLAINED_ROW,
    ),
    "an approval put in": (
        does(
            "insert into approval "
            "(id, commentary_id, language, revision, content_hash, approved_by, withdrawn_at) "
            "select new_id(), commentary_id, language, number, content_hash, created_by, now() "
            "from revision limit 1"
        ),
        Kind.UNEXPLAINED_ROW,
    ),
    "a commentary removed": (
        does("delete from commentary where state = 'in_review'"),
        Kind.UNEXPLAINED_ROW,
    ),
    "a role given": (
        does(
            "insert into person_role (person_id, role) "
            "select person_id, 'administrator' from person_role where role = 'analyst' limit 1"
        ),
        Kind.UNEXPLAINED_ROW,
    ),
    "a password replaced": (
        does("update person set password_hash = 'another' where email = 'administrator@newsroom.example'"),
        Kind.UNEXPLAINED_ROW,
    ),
    "a byline given to somebody else": (
        does(f"update byline_holder set person_id = {SOMEBODY_ELSE}"),
        Kind.UNEXPLAINED_ROW,
    ),
    "a byline removed": (does("delete from byline_holder"), Kind.UNEXPLAINED_ROW),
    "a salt destroyed": (
        does(f"delete from audit_salt where entry_id = {WITHHOLDING}"),
        Kind.UNEXPLAINED_ERASURE,
    ),
    "a note wiped": (
        does(
            "delete from audit_salt where position = -1",
            "update audit_entry set note = null where note is not null",
        ),
        Kind.UNEXPLAINED_ERASURE,
    ),
    "somebody erased from the trail who is here": (
        erase_from_trail_alone,
        Kind.UNEXPLAINED_ERASURE,
    ),
    "a table taken out of the trail": (does("drop trigger trail on commentary"), Kind.UNWATCHED_TABLE),
    "a table beside the trail": (does("create table commentary_too (id integer)"), Kind.UNWATCHED_TABLE),
}
"""What an owner does, and what it is called when it is found."""


async def test_a_history_that_nobody_touched_holds(history: History) -> None:
    found = await audit_verify.verify(
        history.url, kept=[Note.read(history.kept), Note.read(history.newest)], trusted=[history.key.public]
    )
    assert found.size == Note.read(history.newest).checkpoint.size > 30
    assert found.root == Note.read(history.newest).checkpoint.root.hex()
    assert found.checkpoints >= 5
    assert found.unsealed == 0
    assert found.rows > 50


@pytest.mark.parametrize("name", FOUND)
async def test_tampering_is_found_and_named(name: str, copy: str, history: History) -> None:
    tampering, kind = FOUND[name]
    await tamper(copy, history, tampering)
    with pytest.raises(Tampered) as fault:
        await audit_verify.verify(copy)
    assert fault.value.kind is kind, f"{fault.value.kind}: {fault.value}"


@pytest.mark.parametrize(
    "name", ["an action changed", "an entry put in among the leaves", "two leaves swapped"]
)
async def test_the_first_wrong_entry_is_named(name: str, copy: str, history: History) -> None:
    leaves = "select position, entry_id from audit_leaf order by position"
    connection = await asyncpg.connect(copy)
    before = [row["entry_id"] for row in await connection.fetch(leaves)]
    await tamper(copy, history, FOUND[name][0])
    after = [row["entry_id"] for row in await connection.fetch(leaves)]
    await connection.close()
    with pytest.raises(Tampered) as fault:
        await audit_verify.verify(copy)
    middle = (len(before) - 1) // 2
    differing = next(
        (place for place, pair in enumerate(zip(after, before, strict=False)) if pair[0] != pair[1]), middle
    )
    assert fault.value.where["position"] == differing
    assert fault.value.where["entry"] == str(after[differing])
    assert (after[differing] == NEW) == (name == "an entry put in among the leaves")


FOUND_BY_WHAT_WAS_KEPT: dict[str, tuple[Tampering, Kind]] = {
    "the tail cut off with its checkpoints": (cut_the_tail, Kind.TRUNCATED_TAIL),
    "history rewritten and signed anew with the real key": (rewrite_and_sign_anew, Kind.REWRITTEN_HISTORY),
    "the key replaced, and everything signed anew": (replace_the_key_everywhere, Kind.REPLACED_KEY),
}


@pytest.mark.parametrize("name", FOUND_BY_WHAT_WAS_KEPT)
async def test_only_a_checkpoint_that_was_kept_elsewhere_finds_it(
    name: str, copy: str, history: History
) -> None:
    tampering, kind = FOUND_BY_WHAT_WAS_KEPT[name]
    await tamper(copy, history, tampering)
    # From inside there is nothing to be seen, which is what docs/trail.md says.
    await audit_verify.verify(copy)
    with pytest.raises(Tampered) as fault:
        await audit_verify.verify(copy, kept=[Note.read(history.kept), Note.read(history.newest)])
    assert fault.value.kind is kind, fault.value


async def test_a_key_that_somebody_noted_finds_it_too(copy: str, history: History) -> None:
    await tamper(copy, history, replace_the_key_everywhere)
    with pytest.raises(Tampered) as fault:
        await audit_verify.verify(copy, trusted=[history.key.public])
    assert fault.value.kind is Kind.REPLACED_KEY


async def test_an_entry_removed_with_its_row_before_it_was_sealed_cannot_be_found(
    copy: str, history: History
) -> None:
    db = Database(copy, pool_size=1)
    await db.open()
    person = uuid4()
    async with db.write(SYSTEM, "add_person", ObjectKind.PERSON, person) as tx:
        await tx.execute("insert into person (id, display_name) values ($1, 'Nobody')", person)
    await db.close()

    async def take_both(connection: Connection, _: History) -> None:
        entry = await connection.fetchval("select id from audit_entry where object_id = $1", person)
        await remove(connection, entry)
        await connection.execute("delete from person where id = $1", person)

    await tamper(copy, history, take_both)
    await audit_verify.verify(copy, kept=[Note.read(history.newest)], trusted=[history.key.public])


async def test_an_erased_person_leaves_a_trail_that_holds(copy: str, history: History) -> None:
    db = Database(copy, pool_size=1)
    await db.open()
    async with db.read() as connection:
        person = await connection.fetchval(
            "select id from person where email = 'administrator@newsroom.example'"
        )
    async with db.write(SYSTEM, "erase", ObjectKind.PERSON, person) as tx:
        await tx.execute("select erase_person($1)", person)
    await settled(db, Settings(data_dir=history.folder))
    await db.close()
    found = await audit_verify.verify(copy, kept=[Note.read(history.newest)])
    assert found.size == Note.read(history.newest).checkpoint.size + 1


async def test_a_trail_holds_while_the_newsroom_works_and_after_its_key_was_replaced(
    copy: str, history: History, tmp_path: Path
) -> None:
    shutil.copy(history.folder / "seal-key", tmp_path)
    settings = Settings(data_dir=tmp_path)
    db = Database(copy, pool_size=1)
    await db.open()
    old = history.key.public
    new = await sealing.replace_key(db, settings)
    await settled(db, settings)
    found = await audit_verify.verify(copy, kept=[Note.read(history.newest)], trusted=[old])
    assert found.keys == [str(old), str(new)]
    # One that the old key did not introduce has to be trusted by name.
    last = await sealing.replace_key(db, settings, old_is_lost=True)
    await settled(db, settings)
    await db.close()
    with pytest.raises(Tampered) as fault:
        await audit_verify.verify(copy)
    assert fault.value.kind is Kind.REPLACED_KEY
    assert (await audit_verify.verify(copy, trusted=[old, last])).keys[-1] == str(last)


@pytest.fixture
def program(history: History, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Give the program on the history, as its owner would call it."""
    monkeypatch.setenv("DATABASE_URL", history.url)
    monkeypatch.setenv("EDITORIAL_DATA_DIR", str(history.folder))
    return lambda *words, **more: CliRunner().invoke(main, ["audit", *words], **more)


def test_the_program_verifies_proves_and_checks(
    program: Callable[..., Any], history: History, tmp_path: Path
) -> None:
    kept, proof = tmp_path / "kept", tmp_path / "proof"
    kept.write_text(history.kept)
    key = str(history.key.public)
    said = program("verify", "--checkpoint", str(kept), "--key", key, "--json")
    assert said.exit_code == 0, said.output
    found = msgspec.json.decode(said.stdout)
    assert found["verified"]
    assert found["size"] == Note.read(history.newest).checkpoint.size
    assert program("verify").exit_code == 0
    assert program("checkpoint").stdout == history.newest
    assert program("keys").stdout == f"{key}\n"

    early = Note.read(history.kept).checkpoint.size
    proof.write_text(program("consistency", str(early)).stdout)
    said = program("check", str(proof), "--key", key, "--json")
    assert msgspec.json.decode(said.stdout) == {"proved": True, "earlier": early, "later": found["size"]}

    bad = program("check", str(proof), "--key", str(OTHER_KEY.public), "--json")
    assert bad.exit_code == 3
    assert msgspec.json.decode(bad.stdout)["proved"] is False
    assert program("check", str(proof)).exit_code == 2
    assert program("check", str(kept), "--key", key).exit_code == 1
    assert program("check", str(proof), "--key", "rubbish").exit_code == 2
    assert program("consistency", "999999").exit_code == 1
    assert program("prove", str(uuid4())).exit_code == 1
    assert program("verify", "--checkpoint", str(proof)).exit_code == 1


async def entry_of(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(f"select {MIDDLE}"))
    finally:
        await connection.close()


@pytest.fixture
async def an_entry(history: History) -> str:
    """Give the id of a sealed entry."""
    return await entry_of(history.url)


def test_the_program_proves_an_entry(
    program: Callable[..., Any], history: History, an_entry: str, tmp_path: Path
) -> None:
    key = str(history.key.public)
    given = program("prove", an_entry).stdout
    (tmp_path / "proof").write_text(given)
    said = program("check", str(tmp_path / "proof"), "--key", key, "--json")
    told = msgspec.json.decode(said.stdout)
    assert (told["proved"], told["entry"]["id"]) == (True, an_entry)
    assert an_entry in program("check", str(tmp_path / "proof"), "--key", key).stdout
    (tmp_path / "proof").write_text(given.replace(an_entry, str(uuid4())))
    assert program("check", str(tmp_path / "proof"), "--key", key).exit_code == 3


@pytest.fixture
async def a_tampered_copy(copy: str, history: History) -> str:
    """Give a copy in which an action was changed."""
    await tamper(copy, history, FOUND["an action changed"][0])
    return copy


def test_the_program_names_the_fault_and_exits_with_3(
    program: Callable[..., Any], a_tampered_copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", a_tampered_copy)
    said = program("verify", "--json")
    assert said.exit_code == 3
    fault = msgspec.json.decode(said.stdout)["fault"]
    assert fault["kind"] == "changed_entry"
    assert {"says", "entry", "position"} <= set(fault)
    plain = program("verify")
    assert (plain.exit_code, plain.stdout) == (3, "")
    assert plain.stderr.startswith("changed_entry: The entry of leaf ")


_REMEMBERED = """
select set_config(
    'editorial.context', '{{"actor_kind": "system", "action": "accept", "request": "test"}}', true
);
insert into translation_memory
(commentary_id, language, unit, source_hash, source_language, source, target, revision)
select id, 'be', 'lead', '{source}', 'en', 'Grain', 'Збожжа', {revision} from commentary
on conflict (commentary_id, language, unit, source_hash) do update
set target = excluded.target, revision = excluded.revision
"""

_SHORTER_KEY = """
drop trigger trail on translation_memory;
create trigger trail after insert or update or delete on translation_memory
for each row execute function write_audit_change(
    'editorial', 'commentary_id', 'commentary_id,language,unit', 'source,target'
);
alter table translation_memory enable always trigger trail
"""

_WHOLE_KEY = _SHORTER_KEY.replace("language,unit", "language,unit,source_hash")


async def test_a_unit_that_was_remembered_of_two_sources_is_explained(own_database: str) -> None:
    await run_sql(
        own_database,
        """
        begin;
        select set_config('editorial.context', jsonb_build_object('actor_kind', 'person',
            'actor', '00000000-0000-7000-8000-000000000000',
            'action', 'create', 'request', 'test')::text, true);
        insert into person (id, display_name) values ('00000000-0000-7000-8000-000000000000', 'Alena');
        insert into section (key, labels, position) values ('economy', '{"en": "Economy"}', 1);
        insert into commentary (id, week, section, source_language, author_id)
        values (new_id(), '2024-W30', 'economy', 'en', '00000000-0000-7000-8000-000000000000');
        commit
        """,
    )

    async def remember(source: str, revision: int) -> None:
        await run_sql(own_database, f"begin; {_REMEMBERED.format(source=source, revision=revision)}; commit")

    # As it was written before the key was whole.
    await run_sql(own_database, _SHORTER_KEY)
    await remember("old", 1)
    await remember("old", 2)
    await remember("new", 3)
    await remember("new", 4)
    await run_sql(own_database, _WHOLE_KEY)
    await audit_verify.verify(own_database)
    await remember("old", 5)
    await remember("new", 6)
    await audit_verify.verify(own_database)
    await run_sql(
        own_database,
        "alter table translation_memory disable trigger trail",
        "update translation_memory set revision = 7 where source_hash = 'old'",
        "alter table translation_memory enable always trigger trail",
    )
    with pytest.raises(Tampered):
        await audit_verify.verify(own_database)
