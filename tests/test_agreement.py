"""The parts of the repository held against each other."""

import re
from enum import StrEnum
from pathlib import Path

import asyncpg
import pytest

from editorial.app import FEATURES
from editorial.audit.replay import COUNTERS
from editorial.core.checks import Check
from editorial.core.letters import LetterKind
from editorial.core.permissions import Role, Scope
from editorial.core.states import CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Trend
from editorial.database.constraints import CONSTRAINTS
from schema import definitions, dump

ROOT = Path(__file__).parent.parent
QUERIES = ROOT / "sql" / "queries"
QUERY = re.compile(r"^-- name: (?P<name>\w+)\((?P<parameters>[^)]*)\)", re.MULTILINE)

PUBLIC = {
    "change_password",
    "docs_file",
    "docs_page",
    "front_page",
    "get_keys",
    "get_published_commentary",
    "get_week_issue",
    "healthz",
    "get_atom_feed",
    "get_json_feed",
    "get_linked_article",
    "get_ninjs",
    "get_rss_feed",
    "get_section_atom_feed",
    "get_section_json_feed",
    "get_section_rss_feed",
    "get_sitemap",
    "get_sitemap_index",
    "list_ninjs",
    "list_checkpoints",
    "list_published",
    "list_trail_keys",
    "list_published_sections",
    "list_published_weeks",
    "metrics",
    "openapi_json",
    "openapi_yaml",
    "problem_list",
    "problem_page",
    "readyz",
    "refresh_session",
    "request_password_reset",
    "search_published",
    "sign_in",
}


def queries() -> list[tuple[str, str, list[str]]]:
    """Every named query: file and name, its SQL with numbered parameters, and their names."""
    found = []
    for path in sorted(QUERIES.rglob("*.sql")):
        parts = re.split(r"^-- name: ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        for part in parts:
            head, _, body = part.partition("\n")
            names = [
                one.strip() for one in head[head.index("(") + 1 : head.index(")")].split(",") if one.strip()
            ]
            for place, name in enumerate(names, start=1):
                body = re.sub(rf"(?<![:\w]):{name}\b", f"${place}", body)
            name = f"{path.relative_to(QUERIES).with_suffix('')}.{head.partition('(')[0]}"
            found.append((name, body, names))
    return found


def test_a_file_of_queries_has_the_name_of_a_file_of_code_and_no_other_package_loads_it() -> None:
    for path in QUERIES.rglob("*.sql"):
        assert (ROOT / "src" / "editorial" / path.relative_to(QUERIES)).with_suffix(".py").exists(), path
    for path in (ROOT / "src" / "editorial").rglob("*.py"):
        for package in re.findall(r'(?:load_queries\(|, file=)"(\w+)/', path.read_text(encoding="utf-8")):
            assert path.parent.name == package, path


@pytest.mark.parametrize(("name", "body", "parameters"), queries(), ids=[one[0] for one in queries()])
async def test_every_query_prepares_on_the_real_schema(
    application_url: str, name: str, body: str, parameters: list[str]
) -> None:
    assert body.lstrip().startswith("-- "), f"{name} has no sentence"
    connection = await asyncpg.connect(application_url)
    try:
        statement = await connection.prepare(body)
        assert len(statement.get_parameters()) == len(parameters)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        ("a_commentary_has_a_known_state", CommentaryState),
        ("a_task_has_a_known_state", TaskState),
        ("a_publication_check_is_known", Check),
        ("a_role_is_known", Role),
        ("a_trend_is_known", Trend),
        ("a_mail_has_a_known_kind", LetterKind),
        ("a_service_token_has_known_scopes", Scope),
    ],
)
async def test_every_enum_equals_its_twin_in_sql(
    owner_url: str, constraint: str, words: type[StrEnum]
) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        found = await connection.fetchval(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = $1", constraint
        )
    finally:
        await connection.close()
    listed = set(re.findall(r"'([\w:]+)'::text", found))
    assert listed == {str(word) for word in words}, (
        f"a migration in sql/migrations has to make {constraint} list what {words.__name__} has"
    )


async def test_an_edition_has_the_statuses_of_the_machine(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        found = await connection.fetchval(
            "select pg_get_expr(adbin, adrelid) from pg_attrdef "
            "inner join pg_attribute on attrelid = adrelid and attnum = adnum "
            "where adrelid = 'edition'::regclass and attname = 'status'"
        )
    finally:
        await connection.close()
    assert set(re.findall(r"'(\w+)'::text", found)) == {str(status) for status in EditionStatus}


async def test_every_constraint_with_a_sentence_has_its_refusal(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        named = await connection.fetch(
            "select conname as name from pg_constraint where connamespace = 'public'::regnamespace "
            # A trigger that waits for the commit is listed as a constraint, but refuses nothing.
            "and contype not in ('n', 't') "
            "union select indexrelid::regclass::text from pg_index where indisunique "
            "and indrelid in (select oid from pg_class where relnamespace = 2200)"
        )
        sources = await connection.fetch(
            "select prosrc from pg_proc "
            "where pronamespace = 'public'::regnamespace and prosrc like '%constraint =%'"
        )
    finally:
        await connection.close()
    names = {row["name"] for row in named if not re.search(r"(_pkey|_fkey[\d_]*|_pogo\w*)$", row["name"])}
    # Each part of the trail has an index of its own.
    names = {re.sub(r"^(one_entry_for_each_step)_\w+$", r"\1", name) for name in names}
    names = {name for name in names if not name.startswith("_pogo")}
    names |= {one for row in sources for one in re.findall(r"constraint = '(\w+)'", row["prosrc"])}
    missing = names - set(CONSTRAINTS)
    assert not missing
    assert all(name in names for name in CONSTRAINTS)


async def test_every_table_is_watched_by_the_trail(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        unwatched = await connection.fetch(
            "select relname from pg_class "
            "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition "
            "and relname not in ('audit_entry', 'audit_change', 'audit_salt') "
            "and relname not in ('audit_leaf', 'audit_node', 'audit_checkpoint') "
            "and relname not like '\\_pogo%' "
            "and not exists (select from pg_trigger where tgrelid = pg_class.oid and tgname = 'trail' "
            "and tgenabled = 'A')"
        )
    finally:
        await connection.close()
    assert {row["relname"] for row in unwatched} == set(COUNTERS)


async def test_the_application_can_neither_write_outside_the_door_nor_touch_the_trail(
    application_url: str,
) -> None:
    connection = await asyncpg.connect(application_url)
    statements = (
        "insert into section (key, labels, position) values ('x', '{\"en\": \"X\"}', 1)",
        "update audit_entry set note = 'nothing happened'",
        "delete from audit_change",
        "truncate audit_entry",
        "alter table commentary disable trigger trail",
        "set session_replication_role = replica",
        "create table commentary_shadow (id integer)",
        "create temporary table commentary (id integer)",
        "select * from byline_holder",
        "insert into audit_entry (domain, actor_kind, action, object_kind, request_id) "
        "values ('editorial', 'system', 'lie', 'none', 'none')",
    )
    try:
        for statement in statements:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


def test_the_schema_is_the_sum_of_the_migrations(owner_url: str) -> None:
    assert dump(owner_url) == (ROOT / "sql" / "schema.sql").read_text(encoding="utf-8")


async def test_the_list_of_definitions_is_the_migrations(owner_url: str) -> None:
    assert await definitions(owner_url) == (ROOT / "sql" / "definitions.txt").read_text(encoding="utf-8")


def test_only_these_routes_are_public() -> None:
    public = {route.name for feature in FEATURES for route in feature.ROUTES if route.opt.get("public")}
    assert public == PUBLIC
