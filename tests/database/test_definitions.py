"""A definition that was replaced, switched off or put in is found, though every row is right."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from conftest import address
from editorial.audit import verify as audit_verify
from editorial.audit.tampering import Kind, Tampered
from editorial.cli.doctor import SAME, examine
from editorial.database import definitions

Connection = Any


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Connection]:
    """Give the owner's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(owner_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_what_the_migrations_made_differs_in_nothing(owner: Connection) -> None:
    assert await definitions.differences(owner) == []


HIDES = "create policy mine on approval using (approved_by is null)"
OTHER_BODY = "returns trigger language plpgsql security definer as $$ begin return null; end $$"
FOUND = {
    "a view replaced": (
        "create or replace view public_page as select * from (select * from public_page) as page",
        "view public_page",
    ),
    "a view dropped": ("drop view task_due", "view task_due"),
    "a view that runs as its owner no more": (
        "alter view public_page set (security_invoker = true)",
        "view public_page",
    ),
    "another view": ("create view approvals as select * from approval", "view approvals"),
    "a function replaced": (
        f"create or replace function write_audit_change() {OTHER_BODY}",
        "function write_audit_change()",
    ),
    "a guard that lets everything through": (
        "create or replace function an_approval_is_by_a_second_person() returns trigger language plpgsql "
        "set search_path = pg_catalog, public, pg_temp as $$ begin return new; end $$",
        "function an_approval_is_by_a_second_person()",
    ),
    "a function with a search path": (
        "alter function erase_person(uuid) set search_path = pg_temp, public",
        "function erase_person(erased uuid)",
    ),
    "a function with its owner's rights": (
        "alter function new_id() security definer",
        "function new_id()",
    ),
    "a function more": (
        "create function mine() returns integer language sql return 1",
        "function mine()",
    ),
    "an overload": (
        "create function new_id(integer) returns uuid language sql as 'select null::uuid'",
        "function new_id(integer)",
    ),
    "a function for somebody else": (
        "grant execute on function erase_from_trail(uuid) to editorial_app",
        "grant erase_from_trail(erased uuid)",
    ),
    "a function for everybody": (
        "grant execute on function add_audit_entry(text, uuid) to public",
        "grant add_audit_entry(entry_domain text, row_commentary uuid)",
    ),
    "a function's owner": ("alter function new_id() owner to editorial_app", "function new_id()"),
    "a trigger that never fires": (
        "drop trigger four_eyes on approval; create trigger four_eyes before insert on approval for each row "
        "when (false) execute function an_approval_is_by_a_second_person(); "
        "alter table approval enable always trigger four_eyes",
        "trigger approval.four_eyes",
    ),
    "a trigger switched off": (
        "alter table approval disable trigger four_eyes",
        "trigger approval.four_eyes",
    ),
    "a trigger that sleeps in replication": (
        "alter table approval enable trigger four_eyes",
        "trigger approval.four_eyes",
    ),
    "a trigger dropped": ("drop trigger as_approved on edition", "trigger edition.as_approved"),
    "a trigger more": (
        "create trigger mine before insert on session for each row execute function refuse_change()",
        "trigger session.mine",
    ),
    "a trigger with other arguments": (
        "drop trigger trail on person; create trigger trail after insert or update or delete on person "
        "for each row execute function write_audit_change('accounts', '', 'id', 'id,state'); "
        "alter table person enable always trigger trail",
        "trigger person.trail",
    ),
    "a trigger of a part of the trail": (
        "alter table audit_entry_2027 disable trigger stays_written",
        "trigger audit_entry_2027.stays_written",
    ),
    "the checks of references": (
        "alter table edition disable trigger all",
        "reference edition.a_live_edition_was_approved",
    ),
    "a policy": (f"{HIDES}; alter table approval enable row level security", "policy approval.mine"),
    "a policy that waits": (HIDES, "policy approval.mine"),
    "row-level security": ("alter table approval enable row level security", "table approval"),
    "a rule": ("create rule mine as on insert to approval do instead nothing", "rule approval.mine"),
    "a constraint dropped": (
        "alter table approval drop constraint an_approval_names_a_text_byte_for_byte",
        "constraint approval.an_approval_names_a_text_byte_for_byte",
    ),
    "a constraint that looks at nothing": (
        "alter table edition drop constraint a_live_edition_is_not_retracted; "
        "alter table edition add constraint a_live_edition_is_not_retracted check (true)",
        "constraint edition.a_live_edition_is_not_retracted",
    ),
    "an index that keeps one of each": (
        "drop index one_standing_approval_for_a_revision",
        "index approval.one_standing_approval_for_a_revision",
    ),
    "a default": (
        "alter table person alter column state set default 'active'",
        "column person.state",
    ),
    "a column that may be empty": (
        "alter table approval alter column approved_by drop not null",
        "column approval.approved_by",
    ),
    "a column more": ("alter table approval add column mine text", "column approval.mine"),
    "a table for the application to change": (
        "grant update on audit_entry to editorial_app",
        "grant audit_entry",
    ),
    "a column for the application to change": (
        "grant update (content_hash) on approval to editorial_app",
        "grant approval.content_hash",
    ),
    "a table for everybody": ("grant select on byline_holder to public", "grant byline_holder"),
    "a table's owner": ("alter table rate_limit_bucket owner to editorial_app", "table rate_limit_bucket"),
    "a table without a log": ("alter table mail set unlogged", "table mail"),
    "a part of the trail taken away": (
        "alter table audit_change detach partition audit_change_2027",
        "partition audit_change_2027 of public.audit_change",
    ),
    "the schema for the application to make things in": (
        "grant create on schema public to editorial_app",
        "grant schema public",
    ),
    "an operator": (
        "create operator public.= (leftarg = uuid, rightarg = text, function = mine)",
        "operator public.=(uuid,text)",
    ),
    "an event trigger": (
        "create function public.mine() returns event_trigger language plpgsql as 'begin end'; "
        "create event trigger mine on ddl_command_end execute function public.mine()",
        "event trigger mine",
    ),
    "a setting of the application's role": (
        "alter role editorial_app in database {database} set search_path = mine, public",
        "setting editorial_app search_path",
    ),
    "a setting of the database": (
        "alter database {database} set session_replication_role = replica",
        "setting every role session_replication_role",
    ),
}
"""What an owner does, and the definition that is named."""


@pytest.mark.parametrize("name", FOUND)
async def test_a_changed_definition_is_found_and_named(owner: Connection, name: str) -> None:
    statement, named = FOUND[name]
    if name == "an operator":
        await owner.execute(
            "create function public.mine(uuid, text) returns boolean language sql return true"
        )
    database = await owner.fetchval("select quote_ident(current_database())")
    await owner.execute(statement.replace("{database}", database))
    told = {f"{one.kind} {one.name}": one.says for one in await definitions.differences(owner)}
    assert named in told, told
    assert named in told[named]
    assert told[named].endswith("put it back as sql/schema.sql has it.")


async def test_an_audit_and_the_doctor_name_a_changed_definition(own_database: str) -> None:
    application = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    connection = await asyncpg.connect(own_database)
    await audit_verify.verify(own_database)
    before = {one.says for one in await examine(own_database, application)}
    assert SAME in before, sorted(before)
    await connection.execute(FOUND["a view replaced"][0])
    await connection.close()
    with pytest.raises(Tampered) as fault:
        await audit_verify.verify(own_database)
    assert (fault.value.kind, fault.value.where) == (Kind.CHANGED_DEFINITION, {"object": "view public_page"})
    after = {one.says: one.is_well for one in await examine(own_database, application)}
    # How long the trail has waited for its seal is told in seconds.
    before = {one for one in before if not one.startswith("The trail is not sealed")}
    told = {one for one in after if not one.startswith("The trail is not sealed")}
    assert told - before == {str(fault.value)}
    assert before - told == {SAME}


async def test_a_role_that_only_reads_is_no_finding(owner: Connection) -> None:
    await owner.execute("create role reports_of_a_test; grant select on commentary to reports_of_a_test")
    assert await definitions.differences(owner) == []
