"""Nobody slips past the trail as the application: everything that its role can try in SQL, tried."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

Connection = Any


@pytest.fixture
async def application(application_url: str) -> AsyncIterator[Connection]:
    """Give the application's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(application_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


CONTEXT = (
    "select set_config('editorial.context', "
    '\'{"actor_kind": "system", "action": "lie", "request": "by-hand"}\', true)'
)
THIS_YEAR = datetime.now(UTC).year
PARTS = tuple(
    f"audit_{whole}_{part}" for whole in ("entry", "change", "salt") for part in (THIS_YEAR, "beyond")
)
TRAIL = (
    "audit_entry",
    "audit_change",
    "audit_salt",
    *PARTS,
    "audit_leaf",
    "audit_node",
    "audit_checkpoint",
    "audit_key",
)

FORBIDDEN = {
    **{
        f"update {table}": f"update {table} set {column} = {column}"
        for table, column in [
            ("audit_entry", "action"),
            ("audit_change", "position"),
            ("audit_salt", "position"),
            ("audit_leaf", "hash"),
            ("audit_node", "hash"),
            ("audit_checkpoint", "note"),
            ("audit_key", "verifier"),
        ]
    },
    **{f"delete {table}": f"delete from {table}" for table in TRAIL},
    **{f"truncate {table}": f"truncate {table} cascade" for table in TRAIL},
    "truncate a table": "truncate commentary cascade",
    "insert an entry": (
        "insert into audit_entry (domain, actor_kind, action, object_kind, request_id) "
        "values ('editorial', 'system', 'lie', 'none', 'none')"
    ),
    "insert into a part": (
        f"insert into audit_entry_{THIS_YEAR} (domain, actor_kind, action, object_kind, request_id) "
        "values ('editorial', 'system', 'lie', 'none', 'none')"
    ),
    "read a part": f"select id from audit_entry_{THIS_YEAR}",
    "take a part away": f"alter table audit_entry detach partition audit_entry_{THIS_YEAR}",
    "make a part": (
        "create table mine partition of audit_entry for values "
        "from ('02000000-0000-0000-0000-000000000000') to ('03000000-0000-0000-0000-000000000000')"
    ),
    "ask which parts are missing": "select years_without_partition()",
    "guard a part": f"select guard_audit_partition('audit_entry_{THIS_YEAR}')",
    "insert a change": (
        "insert into audit_change (entry_id, position, table_name, operation, row_key) "
        "select id, 99, 'section', 'insert', '{}' from audit_entry limit 1"
    ),
    "read a salt": "select salt from audit_salt",
    "read who holds a byline": "select person_id from byline_holder",
    "copy into the trail": "copy audit_entry from program 'true'",
    "copy from the trail to a file": "copy audit_entry to '/tmp/trail'",
    "run a program": "copy (select 1) to program 'true'",
    "lock the trail": "lock table audit_entry in exclusive mode",
    "disable a trigger": "alter table commentary disable trigger trail",
    "disable all triggers": "alter table commentary disable trigger all",
    "drop a trigger": "drop trigger trail on commentary",
    "add a trigger": (
        "create trigger mine before insert on audit_entry for each row execute function refuse_change()"
    ),
    "add a rule": "create rule mine as on insert to commentary do instead nothing",
    "event trigger": "create event trigger mine on ddl_command_end execute function refuse_change()",
    "replication role": "set session_replication_role = replica",
    "replication role by function": "select set_config('session_replication_role', 'replica', true)",
    "take the owner's role": "set role editorial_owner",
    "take the owner's session": "set session authorization editorial_owner",
    "become a member": "grant editorial_owner to editorial_app",
    "make a role": "create role mine superuser",
    "more for oneself": "alter role editorial_app superuser",
    "a table that shadows": "create table commentary_shadow (id integer)",
    "a temporary table that shadows": "create temporary table audit_entry (id uuid)",
    "a temporary view that shadows": "create temporary view audit_entry as select 1",
    "a function in pg_temp": "create function pg_temp.now() returns int language sql return 1",
    "a function that shadows": "create function public.now() returns timestamptz language sql return 'now'",
    "another body for a function": (
        "create or replace function acting_context() returns jsonb language sql return '{}'"
    ),
    "another search path for a function": "alter function write_audit_change() set search_path = pg_temp",
    "an operator that shadows": (
        "create operator public.= (leftarg = uuid, rightarg = uuid, function = uuid_eq)"
    ),
    "a type that shadows": "create type public.uuid as enum ('x')",
    "a schema in front": "create schema mine",
    "an extension": "create extension dblink",
    "a table's owner": "alter table commentary owner to editorial_app",
    "a column less": "alter table audit_entry drop column note",
    "a constraint less": "alter table approval drop constraint an_approval_names_a_text_byte_for_byte",
    "the table away": "drop table audit_entry",
    "defaults of the owner": (
        "alter default privileges for role editorial_owner grant execute on functions to public"
    ),
    "write the trail by its own function": "select current_audit_entry('editorial', null)",
    "write the trail by its other function": "select add_audit_entry('editorial', null)",
    "erase somebody from the trail alone": "select erase_from_trail(id) from person",
    "erase nobody": "select erase_person(new_id())",
    "forget the bylines of somebody who is here": "select forget_bylines(new_id())",
    "forget sign-ins in another step": "select forget_sign_ins(1)",
    "look up every byline": "select byline_links(null, null)",
    "remove a salt": "delete from audit_salt",
    "change a salt": "update audit_salt set person_id = null",
    "change a text": "update revision set lead = 'Lies.'",
    "remove a text": "delete from revision",
    "remove an approval": "delete from approval",
    "change whom an approval is by": "update approval set approved_by = new_id()",
    "remove a commentary": "delete from commentary",
    "remove an edition": "delete from edition",
    "remove a publication": "delete from publication",
    "remove a person": "delete from person",
    "give a byline to somebody": "insert into byline_holder (byline_id, person_id) select new_id(), new_id()",
    "change what search finds": "update search_document set body = ''",
    "a policy": "create policy mine on approval using (false)",
    "row-level security": "alter table approval enable row level security",
    "another view": "create or replace view public_page as select 1",
    "a view of one's own": "create view mine as select 1",
    "a column's default": "alter table person alter column state set default 'active'",
    "an index less": "drop index one_standing_approval_for_a_revision",
    "an index more": "create index mine on approval (id)",
    "a function's rights": "alter function new_id() security definer",
    "a function for everybody": "grant execute on function erase_from_trail(uuid) to public",
    "a comment on a table": "comment on table audit_entry is 'mine'",
    "a setting of a role": "alter role editorial_owner set search_path = mine",
    "a setting of the database": (
        "do $$ begin execute format('alter database %I set row_security = off', current_database()); end $$"
    ),
    "a cluster of the trail": "cluster audit_entry using audit_entry_pkey",
    "an index of the trail built again": "reindex table audit_entry",
    "put a table under another trail": "call watch('section', 'editorial', '', 'key')",
    "freeze": "call freeze('section')",
    "a file into a large object": "select lo_import('/etc/passwd')",
    "a large object into a file": "select lo_export(1, '/tmp/x')",
    "a file": "select pg_read_file('postgresql.conf')",
    "the catalogue": "update pg_trigger set tgenabled = 'D'",
    "a publication that replays": (
        "create subscription mine connection '' publication mine with (connect = false)"
    ),
    "a foreign server": "create foreign data wrapper mine",
    "another process's end": (
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'"
    ),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
async def test_the_application_can_do_nothing_about_the_trail(application: Connection, attempt: str) -> None:
    await application.execute(CONTEXT)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(FORBIDDEN[attempt])


@pytest.mark.parametrize("to", ["editorial_app", "public"])
async def test_the_application_has_nothing_to_grant(application: Connection, to: str) -> None:
    # Postgres says no more than a warning, and grants nothing.
    await application.execute(f"grant all on audit_entry, audit_change to {to}")
    assert not await application.fetchval(
        "select has_table_privilege('editorial_app', 'audit_entry', 'insert, update, delete, truncate')"
    )


async def test_the_application_changes_no_setting_of_the_server(application_url: str) -> None:
    connection = await asyncpg.connect(application_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("alter system set synchronous_commit = off")
    finally:
        await connection.close()


WRITE = "insert into section (key, labels, position) values ('x', '{\"en\": \"X\"}', 9)"
UNNAMED = {
    "a plain statement": WRITE,
    "a block": f"do $$ begin execute $sql$ {WRITE} $sql$; end $$",
    "a block that swallows what goes wrong": (
        f"do $$ begin begin execute $sql$ {WRITE} $sql$; "
        "exception when division_by_zero then null; end; end $$"
    ),
    "from pg_temp first": f"set local search_path = pg_temp, public; {WRITE}",
    "without a search path": "set local search_path = ''; " + WRITE.replace("section", "public.section", 1),
    "with deferred constraints": f"set constraints all deferred; {WRITE}",
    "an update": "update language set position = position + 1",
    "a conflict": (
        "insert into language (tag, position) values ('be', 1) on conflict (tag) do update set position = 9"
    ),
    "a merge": (
        "merge into language using (values ('be')) as given (tag) on language.tag = given.tag "
        "when matched then update set position = 9"
    ),
    "behind a select": (
        "with written as (update language set position = 9 where tag = 'be' returning tag) "
        "select * from written"
    ),
    "a prepared statement": f"prepare mine as {WRITE}; execute mine",
    "a context without an action": (
        "select set_config('editorial.context', '{\"actor_kind\": \"system\"}', true); " + WRITE
    ),
    "a context without an actor": "select set_config('editorial.context', '{\"action\": \"lie\"}', true); "
    + WRITE,
    "an empty context": f"select set_config('editorial.context', '', true); {WRITE}",
    "an attempt that says nothing": "select record_attempt('editorial')",
}


@pytest.mark.parametrize("attempt", UNNAMED)
async def test_a_change_without_an_actor_and_an_action_fails(application: Connection, attempt: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as refusal:
        await application.execute(UNNAMED[attempt])
    assert refusal.value.constraint_name == "a_change_has_an_actor_and_an_action"


async def test_a_copy_without_an_actor_fails_too(application: Connection) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as refusal:
        await application.copy_records_to_table(
            "section", records=[("x", '{"en": "X"}', 9)], columns=["key", "labels", "position"]
        )
    assert refusal.value.constraint_name == "a_change_has_an_actor_and_an_action"


@pytest.mark.parametrize(
    "context",
    [
        '{"actor_kind": "person", "action": "lie"}',
        '{"actor_kind": "ghost", "action": "lie"}',
        '{"actor_kind": "system", "action": "Not a word"}',
        '{"actor_kind": "system", "action": "lie", "actor": "nobody"}',
        "not json",
    ],
)
async def test_a_change_by_whom_the_trail_cannot_name_fails(application: Connection, context: str) -> None:
    await application.execute("select set_config('editorial.context', $1, true)", context)
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.DataError)):
        await application.execute(WRITE)


async def test_no_setting_of_the_session_keeps_a_change_out_of_the_trail(application: Connection) -> None:
    await application.execute(
        "set local search_path = pg_temp; set local row_security = off; set local timezone = 'Asia/Kolkata'; "
        "set local bytea_output = 'escape'; set local check_function_bodies = off"
    )
    await application.execute(CONTEXT)
    await application.execute(WRITE.replace("section", "public.section", 1))
    told = await application.fetchval(
        "select after ->> 'key' from public.audit_change as change "
        "inner join public.audit_entry as entry on entry.id = entry_id "
        "where entry.transaction = pg_current_xact_id()"
    )
    assert told == "x"


async def catalogue(owner_url: str, question: str) -> list[str]:
    connection = await asyncpg.connect(owner_url)
    try:
        return [row[0] for row in await connection.fetch(question)]
    finally:
        await connection.close()


OURS = (
    "from pg_proc where pronamespace = 'public'::regnamespace "
    "and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')"
)


async def test_every_function_of_ours_has_a_search_path_that_nobody_chooses(owner_url: str) -> None:
    # Four are planned as a part of their query, which they could not be with a path of their own. They name
    # each table with its schema, and have no rights but the asker's.
    part_of_its_query = (
        "proname in ('sight_of', 'end_of_week', 'lists_edition', 'match_score') and not prosecdef "
        "and prosrc !~ '(from|join) (?!public\\.)' and prosrc !~ ' [-+] '"
    )
    loose = await catalogue(
        owner_url,
        f"select proname {OURS} and not exists (select from unnest(proconfig) as setting "
        "where setting in ('search_path=pg_catalog', 'search_path=pg_catalog, public, pg_temp')) "
        f"and not ({part_of_its_query})",
    )
    assert loose == []


async def test_nobody_runs_a_function_of_ours_but_whom_a_grant_names(owner_url: str) -> None:
    open_to_all = await catalogue(
        owner_url,
        f"select proname {OURS} and exists (select from "
        "aclexplode(coalesce(proacl, acldefault('f', proowner))) as granted where granted.grantee = 0)",
    )
    assert open_to_all == []


async def test_whatever_refuses_or_records_does_so_in_replication_mode_too(owner_url: str) -> None:
    assert not await catalogue(
        owner_url,
        "select tgname::text from pg_trigger inner join pg_class on pg_class.oid = tgrelid "
        "inner join pg_proc on pg_proc.oid = tgfoid "
        "where relnamespace = 'public'::regnamespace and not tgisinternal and tgenabled <> 'A' "
        "and (prosrc like '%raise exception%' or proname in ('write_audit_change', 'hash_revision'))",
    )


async def test_what_the_application_may_write_is_listed(owner_url: str) -> None:
    """Of the trail it may add what the sealer makes, and nothing of it may it change."""
    granted = await catalogue(
        owner_url,
        "select table_name || ' ' || privilege_type from information_schema.role_table_grants "
        "where grantee = 'editorial_app' and table_schema = 'public' and starts_with(table_name, 'audit_') "
        "and privilege_type <> 'SELECT' order by 1",
    )
    assert granted == [f"audit_{name} INSERT" for name in ("checkpoint", "key", "leaf", "node")]


async def test_the_trail_names_each_row_by_a_key_of_its_table(owner_url: str) -> None:
    """By less, two rows have one name, and the verifier takes one of them for changed."""
    shared = await catalogue(
        owner_url,
        """
        select tgrelid::regclass::text
        from pg_trigger
        cross join lateral (
            select string_to_array(split_part(encode(tgargs, 'escape'), '\\000', 3), ',') as columns
        ) as named
        where tgname = 'trail' and not tgisinternal and named.columns <> '{}'
        and not exists (
            select from pg_index
            where indrelid = tgrelid and indisunique and indpred is null and named.columns @> (
                select array_agg(attname::text) from pg_attribute
                where attrelid = tgrelid and attnum = any(indkey)
            )
        )
        order by 1
        """,
    )
    assert shared == []


RUN_AS_OWNER = {
    "add_audit_partitions": "makes the partitions of this year and the next, and no other",
    "byline_links": "tells who holds one byline, or what one person holds, and leaves an entry each time",
    "erase_person": "erases a person, in the step of the trail that says so",
    "forget_bylines": "removes the links of a person who is erased",
    "forget_idempotency_records": "removes answers that are a day old",
    "forget_sign_ins": "removes ended sign-ins, in the step of the trail that says so",
    "index_working_document": "makes the words of a revision for search, from the revision alone",
    "keep_idempotency_record": "keeps the answer of a transaction that has written to the trail",
    "publication_time": "tells the minute at which a text goes live",
    "record_attempt": "writes an entry that changes nothing",
    "record_refusal": "writes an entry that changes nothing, once an hour",
    "take_byline": "gives a byline to the person who acts",
}
"""What the application may run with the owner's rights, and why that is no way past the trail."""


async def test_what_the_application_runs_with_the_owners_rights_is_listed(owner_url: str) -> None:
    runs = await catalogue(
        owner_url,
        f"select proname {OURS} and prosecdef and prorettype <> 'trigger'::regtype "
        "and has_function_privilege('editorial_app', oid, 'execute') order by 1",
    )
    assert runs == sorted(RUN_AS_OWNER)
