"""The schema is brought up to date: roles first, then each file of sql/migrations that is new.

A migration is a file in pogo's form, and pogo's tables keep which ones were applied. It is sent to
the server whole, though: pogo would split it into statements, and drop each line that begins like
a comment, even inside a text.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pogo_core.util import sql as pogo

from editorial import resources
from editorial.database import multi_host

OLDEST_SERVER = 15
_LOCK = int.from_bytes(b"editoria")  # Any number will do that others are unlikely to choose.
_APPLY = "-- migrate: apply"
_ROLLBACK = "-- migrate: rollback"
_SCHEMA = "public"


class MigrationError(Exception):
    """The schema can't be brought up to date; the text says why, and what to do about it."""


def _say_nothing(_: str) -> None:
    """Be told, and pass nothing on."""


async def migrate(
    owner_url: str, migrations: Path | None = None, *, tell: Callable[[str], None] = _say_nothing
) -> list[str]:
    """Apply what is missing, in the order of the names, and return the names of what was applied.

    Each file is applied whole or not at all. Any number of processes may do this at once: one
    works, and the others find it done. Everything that is made belongs to the role
    editorial_owner; the role editorial_app, which the application works under, owns nothing. Both
    are made when missing, so `owner_url` must be of a superuser, or of a role that may create
    roles and owns the database; or an administrator has run what MigrationError then asks for.
    The connection has to be a session of its own, not one that a pooler shares out. Last, the trail gets its
    parts for this year and the next; where a write is open, the worker makes them. `tell` hears what is
    being applied.
    """
    scripts = _scripts(migrations)
    connection = await _connect(owner_url)
    try:
        await _check(connection)
        if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            tell("Waiting for another process that migrates this database …")
            await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await _prepare(connection)
        await connection.execute("set role editorial_owner")
        await pogo.ensure_pogo_sync(connection)
        await connection.execute("grant select on _pogo_migration, _pogo_version to editorial_app")
        missing = await _missing(connection, scripts)
        await _refuse_another_history(connection, scripts, missing)
        for number, script in enumerate(missing, 1):
            tell(f"Applying {script.name}, {number} of {len(missing)} …")
            await script.apply(connection)
        # The migrations of an older version know of no parts.
        if await connection.fetchval("select to_regproc('add_audit_partitions') is not null"):
            await connection.execute("select add_audit_partitions()")
        return [script.name for script in missing]
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"The database failed during migration: {error}") from error
    finally:
        await connection.close()


async def pending(url: str, migrations: Path | None = None) -> list[str]:
    """Return the names of the migrations that were not applied yet. Any role may ask."""
    connection = await _connect(url)
    try:
        return [script.name for script in await _missing(connection, _scripts(migrations))]
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"The database does not answer: {error}") from error
    finally:
        await connection.close()


async def missing_on(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Return the same, asked on a connection whose role may read the schema."""
    return [script.name for script in await _missing(connection, _scripts(None))]


@dataclass(frozen=True)
class _Script:
    name: str
    text: str
    """The statements, on the very lines that they have in the file."""

    @classmethod
    def read(cls, path: Path) -> "_Script":
        """Read a file in pogo's form. Raises MigrationError when it is in another."""
        text = path.read_text(encoding="utf-8")
        head, apply, rest = text.partition(_APPLY)
        body, rollback, backward = rest.partition(_ROLLBACK)
        if not apply or not rollback or "-- depends:" not in head:
            raise MigrationError(
                f'{path}: a migration has the lines "-- depends:", "{_APPLY}" and, at its end, "{_ROLLBACK}".'
            )
        if backward.strip() or "-- transaction:" in head:
            raise MigrationError(f"{path}: migrations go forward only, and each in a transaction of its own.")
        return cls(path.stem, "\n" * head.count("\n") + body)

    async def apply(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Run the statements and record that they ran, in one transaction."""
        try:
            async with connection.transaction():
                await connection.execute(self.text)
                await pogo.migration_applied(
                    connection,
                    self.name,
                    hashlib.sha256(self.name.encode()).hexdigest(),
                    schema_name=_SCHEMA,
                )
        except asyncpg.PostgresError as error:
            raise MigrationError(f"{self.name}{self.line_of(error)}: {error}") from error

    def line_of(self, error: asyncpg.PostgresError) -> str:
        """Return on which line the server found the fault, where it says so."""
        position = getattr(error, "position", None)
        if position is None:
            return ""
        return f", line {self.text.count(chr(10), 0, int(position) - 1) + 1}"


def _scripts(migrations: Path | None) -> list[_Script]:
    place = migrations or resources.folder("sql") / "migrations"
    return [_Script.read(path) for path in sorted(place.glob("*.sql"))]


async def _missing(connection: "asyncpg.Connection[asyncpg.Record]", scripts: list[_Script]) -> list[_Script]:
    if await connection.fetchval("select to_regclass('public._pogo_migration') is null"):
        return scripts
    applied = await pogo.get_applied_migrations(connection, schema_name=_SCHEMA)
    return [script for script in scripts if script.name not in applied]


async def _refuse_another_history(
    connection: "asyncpg.Connection[asyncpg.Record]", scripts: list[_Script], missing: list[_Script]
) -> None:
    """Raise MigrationError where migrations were applied that are not ours, and ours were not.

    A database that a newer version has migrated lacks nothing, and is left as it is.
    """
    applied = await pogo.get_applied_migrations(connection, schema_name=_SCHEMA)
    foreign = sorted(applied - {script.name for script in scripts})
    if foreign and missing:
        raise MigrationError(
            f"The database was made by another line of versions: it has {foreign[0]}, which this version does not "
            f"know, and lacks {missing[0].name}. It cannot be brought forward. Use an empty database; "
            "for the demo, another EDITORIAL_DATA_DIR."
        )


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        connection: asyncpg.Connection[asyncpg.Record] = await multi_host.connect(
            url,
            server_settings={
                "application_name": "editorial migrate",
                "search_path": _SCHEMA,
                "statement_timeout": "0",  # We may wait long for another process's migration.
            },
        )
        return connection
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"The database can't be reached: {error}") from error


async def _check(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Raise MigrationError when the server or the database is not fit for a newsroom's texts."""
    version = connection.get_server_version()
    if version.major < OLDEST_SERVER:
        raise MigrationError(
            f"The server is PostgreSQL {version.major}, and the oldest that will do is {OLDEST_SERVER}."
        )
    encoding = await connection.fetchval("select current_setting('server_encoding')")
    if encoding != "UTF8":
        raise MigrationError(
            f"The database's encoding is {encoding}, and it must be UTF8: create it again with "
            "create database … template template0 encoding 'UTF8'."
        )
    if not await connection.fetchval("select lower('Ў') = 'ў'"):
        raise MigrationError(
            "The database does not know Cyrillic letters (lower('Ў') is not 'ў'): create it again "
            "with create database … template template0 encoding 'UTF8' locale 'C.UTF-8'."
        )


@dataclass(frozen=True)
class _Step:
    """Something that must be so before the first migration; `unmet` tells whether it is not."""

    unmet: str
    statement: str


# Each condition holds its own, whatever else is missing, so that all which is can be listed.
_STEPS = (
    _Step(
        "not exists (select from pg_roles where rolname = 'editorial_owner')",
        "create role editorial_owner nologin",
    ),
    _Step(
        "not exists (select from pg_roles where rolname = 'editorial_app')",
        "create role editorial_app login noinherit nosuperuser nocreatedb nocreaterole",
    ),
    _Step(
        """exists (
            select from pg_roles
            where rolname = 'editorial_app'
                and (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)
        )""",
        "alter role editorial_app nosuperuser nocreatedb nocreaterole noreplication nobypassrls",
    ),
    _Step(
        """exists (
            select from pg_roles as application
            cross join pg_roles as owner
            where application.rolname = 'editorial_app'
                and owner.rolname = 'editorial_owner'
                and not application.rolsuper
                and pg_has_role(application.oid, owner.oid, 'member')
        )""",
        "revoke editorial_owner from editorial_app",
    ),
    _Step(
        """exists (
            select from pg_namespace
            cross join aclexplode(coalesce(nspacl, acldefault('n', nspowner))) as granted
            where nspname = 'public' and granted.grantee = 0
                and granted.privilege_type = 'CREATE'
        )""",
        "revoke create on schema public from public",
    ),
    _Step(
        """exists (
            select from pg_database
            cross join aclexplode(coalesce(datacl, acldefault('d', datdba))) as granted
            where datname = current_database() and granted.grantee = 0
                and granted.privilege_type = 'TEMPORARY'
        )""",
        "revoke temporary on database {database} from public",
    ),
    _Step(
        """not exists (
            select from pg_roles
            where rolname = 'editorial_owner' and pg_has_role(current_user, oid, {membership})
        )""",
        "grant editorial_owner to {user}",
    ),
    _Step(
        """not exists (
            select from pg_roles
            where rolname = 'editorial_owner'
                and has_database_privilege(oid, current_database(), 'create')
        )""",
        "grant create on database {database} to editorial_owner",
    ),
    _Step(
        """not exists (
            select from pg_roles
            where rolname = 'editorial_owner' and has_schema_privilege(oid, 'public', 'create')
        )""",
        "grant usage, create on schema public to editorial_owner",
    ),
)


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have the two roles, and what they may do in this database."""
    names = await connection.fetchrow(
        "select quote_ident(current_user) as user, quote_ident(current_database()) as database"
    )
    assert names is not None  # noqa: S101 - a select without from has a row
    # Since PostgreSQL 16 a member may be one who is not allowed to take the role on.
    membership = "'set'" if connection.get_server_version().major >= 16 else "'member'"
    steps = [
        _Step(
            step.unmet.format(membership=membership),
            step.statement.format(user=names["user"], database=names["database"]),
        )
        for step in _STEPS
    ]
    for step in steps:
        for _ in range(50):
            if not await _is_unmet(connection, step):
                break
            try:
                await connection.execute(step.statement)
            except asyncpg.InsufficientPrivilegeError as error:
                raise await _asks_for(connection, steps) from error
            except (
                # Roles belong to the whole server, where the lock on this database means nothing:
                # another process does the same for another database.
                asyncpg.DuplicateObjectError,
                asyncpg.UniqueViolationError,
                asyncpg.InternalServerError,
            ):
                await asyncio.sleep(0.02)
        else:
            # A revoke without the right to do so is only a warning.
            raise await _asks_for(connection, steps)


async def _is_unmet(connection: "asyncpg.Connection[asyncpg.Record]", step: _Step) -> bool:
    return bool(await connection.fetchval(f"select {step.unmet}"))


async def _asks_for(connection: "asyncpg.Connection[asyncpg.Record]", steps: list[_Step]) -> MigrationError:
    """Return the error that tells an administrator which statements to run."""
    wanted = [step.statement for step in steps if await _is_unmet(connection, step)]
    return MigrationError(
        "This connection's role may not prepare the database. An administrator has to run in it:\n"
        + "\n".join(f"    {statement};" for statement in wanted)
    )
