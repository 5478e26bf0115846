"""What a trail entry keeps so that it can be sealed, and what an erasure may take from it."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

Connection = Any


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Connection]:
    """Give the owner's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(owner_url, server_settings={"timezone": "UTC"})
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
async def application(application_url: str) -> AsyncIterator[Connection]:
    """Give the application's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(application_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def act(connection: Connection, action: str, **members: Any) -> None:
    """What the door says of a step of the system's."""
    context = {"actor_kind": "system", "action": action, "request": "test", **members}
    await connection.execute(
        "select set_config('editorial.context', $1, true)", msgspec.json.encode(context).decode()
    )


async def a_person(connection: Connection, **members: Any) -> UUID:
    """Somebody new, of whom the trail withholds name and e-mail."""
    person = uuid4()
    await act(connection, "add_person", object_kind="person", object=str(person), **members)
    await connection.execute(
        "insert into person (id, email, display_name) values ($1, $2, 'Vera')",
        person,
        f"{person}@newsroom.example",
    )
    return person


async def the_change(connection: Connection, person: UUID) -> Any:
    return await connection.fetchrow(
        "select change.*, audit_salt.salt, audit_salt.person_id, entry.note, entry.note_digest "
        "from audit_change as change inner join audit_entry as entry on entry.id = change.entry_id "
        "left join audit_salt "
        "on audit_salt.entry_id = change.entry_id and audit_salt.position = change.position "
        "where change.table_name = 'person' and change.row_key = jsonb_build_object('id', $1::text) "
        "order by change.sequence desc limit 1",
        str(person),
    )


async def test_a_change_holds_a_salted_digest_of_what_it_withholds(owner: Connection) -> None:
    person = await a_person(owner)
    change = await the_change(owner, person)
    kept = f'{{"email": "{person}@newsroom.example", "display_name": "Vera", "password_hash": null}}'
    assert change["withheld"] == ["email", "display_name", "password_hash"]
    assert change["withheld_digest"] == hashlib.sha256(change["salt"] + kept.encode()).digest()
    assert len(change["salt"]) == 32
    assert change["person_id"] == person
    assert "Vera" not in change["after"]


async def test_only_a_change_of_something_withheld_has_a_digest(owner: Connection) -> None:
    person = await a_person(owner)
    await owner.execute("update person set state = 'deactivated' where id = $1", person)
    change = await the_change(owner, person)
    assert (change["withheld"], change["withheld_digest"], change["salt"]) == (None, None, None)
    await owner.execute("update person set display_name = 'Volha' where id = $1", person)
    change = await the_change(owner, person)
    kept = f'{{"email": "{person}@newsroom.example", "display_name": "Volha", "password_hash": null}}'
    assert change["withheld_digest"] == hashlib.sha256(change["salt"] + kept.encode()).digest()


async def test_changes_are_in_the_order_in_which_they_happened(owner_url: str) -> None:
    first, second = await asyncpg.connect(owner_url), await asyncpg.connect(owner_url)
    try:
        await first.execute("begin")
        both = await a_person(first)
        await first.execute("commit")
        for connection in (first, second):
            await connection.execute("begin")
            await a_person(connection)
        # The transaction that began later touches the row first.
        rename = "update person set display_name = $2 where id = $1"
        await second.execute(rename, both, "Second")
        await second.execute("commit")
        await first.execute(rename, both, "First")
        await first.execute("commit")
        touched = await first.fetch(
            "select entry.transaction::text::bigint as number from audit_change as change "
            "inner join audit_entry as entry on entry.id = change.entry_id "
            "where change.row_key = jsonb_build_object('id', $1::text) order by change.sequence",
            str(both),
        )
        _, by_second, by_first = [row["number"] for row in touched]
        assert by_first < by_second
    finally:
        await first.close()
        await second.close()


async def test_an_erasure_takes_salts_and_notes_and_nothing_else(owner: Connection) -> None:
    person = await a_person(owner, note="Recommended by a friend.")
    before = await the_change(owner, person)
    assert before["note_digest"] is not None
    await act(owner, "erase", object_kind="person", object=str(person))
    await owner.execute("select erase_from_trail($1)", person)
    after = await the_change(owner, person)
    assert (after["salt"], after["note"]) == (None, None)
    same = ("entry_id", "position", "after", "withheld", "withheld_digest", "note_digest", "sequence")
    assert [after[name] for name in same] == [before[name] for name in same]
    entries = "select count(*) from audit_entry where action = 'erase' and object_id = $1"
    assert await owner.fetchval(entries, person) == 1


@pytest.mark.parametrize(
    ("step", "statement"),
    [
        ("change_person", "select erase_from_trail('{person}')"),
        ("erase", "select erase_from_trail('{other}')"),
        ("change_person", "delete from audit_salt where person_id = '{person}'"),
        ("erase", "update audit_salt set salt = '' where person_id = '{person}'"),
        ("erase", "truncate audit_salt"),
        ("erase", "update audit_entry set note = 'another' where object_id = '{person}'"),
        ("erase", "update audit_entry set note = null, action = 'x' where object_id = '{person}'"),
        ("change_person", "update audit_entry set note = null where object_id = '{person}'"),
        ("erase", "delete from audit_entry where object_id = '{person}'"),
        ("erase", "update audit_change set after = null"),
    ],
)
async def test_nothing_else_is_taken_from_the_trail_even_by_its_owner(
    owner: Connection, step: str, statement: str
) -> None:
    person = await a_person(owner, note="Recommended by a friend.")
    await act(owner, step, object_kind="person", object=str(person))
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as refusal:
        await owner.execute(statement.format(person=person, other=uuid4()))
    assert refusal.value.constraint_name in {"what_was_written_stays_written", "an_erasure_says_so"}


async def test_the_application_never_reads_a_salt(application: Connection) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.fetch("select entry_id from audit_salt")


async def test_a_row_keeps_its_key(application: Connection) -> None:
    await act(application, "change_section")
    await application.execute(
        "insert into section (key, labels, position) values ('x', '{\"en\": \"X\"}', 99)"
    )
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await application.execute("update section set key = 'y' where key = 'x'")
    assert refusal.value.constraint_name == "a_row_keeps_its_key"
