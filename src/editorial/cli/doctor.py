"""What can be wrong with an installation, looked up in the database itself."""

import asyncio
from pathlib import Path

import msgspec

from editorial.audit import sealer
from editorial.audit.sealer import KeyPlace
from editorial.database import definitions, multi_host
from editorial.database.migrate import pending
from editorial.database.queries import Connection
from editorial.identity import mail
from editorial.settings import Settings


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    is_well: bool
    says: str


CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "select current_setting('server_version_num')::integer >= 150000",
        "The server is Postgres 15 or newer.",
        "The server is older than Postgres 15.",
    ),
    (
        "select lower('Ў') = 'ў'",
        "Cyrillic is lowered.",
        "lower('Ў') is not 'ў': the database's locale knows no Cyrillic. Make it with C.UTF-8.",
    ),
    (
        "select current_setting('synchronous_commit') <> 'off'",
        "What is acknowledged is on disk.",
        "synchronous_commit is off: acknowledged work can be lost. Turn it on.",
    ),
    (
        "select not exists (select from pg_class where relowner = 'editorial_app'::regrole)",
        "The application's role owns nothing.",
        "The application's role owns tables: it could switch the trail off. Migrate as the owner.",
    ),
    (
        "select has_database_privilege('editorial_owner', current_database(), 'create')",
        "The owner can make what the next migration needs.",
        "The owner lacks `create` on the database: it was restored. Run `editorial migrate`.",
    ),
    (
        "select not has_database_privilege('editorial_app', current_database(), 'temporary')",
        "The application can make no temporary tables that shadow ours.",
        "The application can make temporary tables: the database was restored. Run `editorial migrate`.",
    ),
    (
        """select not exists (
            select from pg_trigger
            where not tgisinternal and tgenabled <> 'A' and tgname in (
                'trail', 'no_truncate', 'stays_written', 'content_hash', 'four_eyes', 'only_withdrawn',
                'approved_now', 'own_byline', 'keeps_its_author', 'stays_the_source', 'signed_and_numbered'
            )
        )""",
        "Every guard of the trail is on.",
        "A trigger that guards the trail is switched off: find out why, and run `editorial audit verify`.",
    ),
    (
        """select not exists (
            select from pg_inherits
            where inhparent in ('audit_entry'::regclass, 'audit_change'::regclass, 'audit_salt'::regclass)
            and (
                2 <> (
                    select count(*) from pg_trigger
                    where tgrelid = inhrelid and tgname in ('no_truncate', 'stays_written')
                )
                or (
                    inhparent = 'audit_entry'::regclass and not exists (
                        select from pg_index
                        where indrelid = inhrelid and indisunique and indisvalid and not indisprimary
                    )
                )
            )
        )""",
        "Every part of the trail has its guards.",
        "A part of the trail is without the guards that the others have: find out who made it. "
        "`select guard_audit_partition('audit_…')`, as the owner, makes them.",
    ),
    (
        "select not exists (select from years_without_partition())",
        "This year and the next have their parts of the trail.",
        "The trail has no part for this year or the next. A worker makes it; so does `editorial migrate`.",
    ),
    (
        """select not exists (
            select from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and relname ~ '^audit_(entry|change|salt|leaf|node|checkpoint)'
            and has_table_privilege('editorial_app', oid, 'update, delete, truncate, trigger, references')
        )""",
        "The application can change nothing in the trail.",
        "The application's role was granted more on the trail than to read it and to seal it. Revoke it.",
    ),
    (
        """select not exists (
            select from pg_stat_activity
            where backend_xid is not null and xact_start < now() - interval '5 minutes'
        ) and not exists (
            select from pg_prepared_xacts where prepared < now() - interval '5 minutes'
        )""",
        "No transaction in this cluster keeps the trail from being sealed.",
        "A transaction that writes has been open for more than five minutes, in this database or in another "
        "of the cluster: until it ends, nothing is sealed. Set idle_in_transaction_session_timeout.",
    ),
    (
        """select not exists (
            select from totp where secret is not null and not starts_with(encode(secret, 'escape'), 'sealed:')
        )""",
        "No secret of a one-time code lies open.",
        "The secret of somebody's one-time codes lies open in the database. Set EDITORIAL_ENCRYPTION_KEYS: "
        "each is sealed when it is used next.",
    ),
    (
        f"select not ({mail.sql.mail_is_stuck.sql.rstrip().rstrip(';')})",
        "No mail waits for longer than it should.",
        "A mail has not gone out for ten minutes, or was given up. Look at the log and EDITORIAL_SMTP_URL.",
    ),
    (
        "select dictionary_serves() is not false",
        "Search can read what it looks words up in.",
        "The files of the Belarusian dictionary are gone from this server, and search does without. "
        "Put them back, or give the dictionary up: `editorial reindex`.",
    ),
)
"""A question with a yes or no, what a yes says, and what a no says and what to do."""

SESSION_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "select not rolsuper from pg_roles where rolname = session_user",
        "The application does not sign in as a superuser.",
        "The application signs in as a superuser: whoever breaks into it can rewrite the trail. "
        "Give DATABASE_URL the role editorial_app, and DATABASE_OWNER_URL the owner.",
    ),
    (
        """select rolsuper or not (
            pg_has_role(session_user, 'editorial_owner', 'member')
            or exists (
                select from pg_database where datname = current_database() and datdba = pg_roles.oid
            )
            or exists (
                select from pg_class
                where relnamespace = 'public'::regnamespace and relowner = pg_roles.oid
            )
        ) from pg_roles where rolname = session_user""",
        "The application signs in as nobody who owns anything here.",
        "The application signs in as the owner, or as a member of it: it can take that role on, and switch "
        "the trail off. Give DATABASE_URL a login that is a member of editorial_app alone.",
    ),
    (
        """select rolsuper or not (
            rolcreaterole or rolreplication or rolbypassrls
            or has_parameter_privilege(session_user, 'session_replication_role', 'set')
            or exists (
                select from pg_roles as power
                where power.rolname in (
                    'pg_write_all_data', 'pg_maintain', 'pg_execute_server_program',
                    'pg_write_server_files', 'pg_read_server_files', 'pg_create_subscription'
                )
                and pg_has_role(session_user, power.oid, 'member')
            )
        ) from pg_roles where rolname = session_user""",
        "The application's login has no power that leads past the trail.",
        "The application's login can make roles, replicate, write all data, run programs on the server or "
        "switch triggers off: each leads past the trail. Revoke it.",
    ),
    (
        "select current_setting('synchronous_commit') <> 'off'",
        "The application's commits wait for the disk.",
        "synchronous_commit is off for the application's login. Each connection turns it on again; "
        "find out who turned it off.",
    ),
)
"""The same, asked as the application signs in."""


SAME = "Every view, function, trigger, policy, constraint and grant is as the migrations make it."
LISTED = 20
"""How many definitions that differ are named."""


async def examine(owner_url: str, application_url: str, settings: Settings | None = None) -> list[Finding]:
    """Ask every question; with `settings`, also whose key lies in their data folder.

    Raises `OSError` or `asyncpg.PostgresError` where there is no server.
    """
    missing = await pending(owner_url)
    findings = [
        Finding(
            not missing,
            "Every migration is applied." if not missing else f"Run `editorial migrate`: {missing}.",
        )
    ]
    if missing:
        return findings
    owner = await multi_host.connect(owner_url)
    try:
        findings += await _asked(owner, CHECKS)
        findings += await _looked_at_definitions(owner)
        findings += await _looked_at_seal(owner, settings)
    finally:
        await owner.close()
    application = await multi_host.connect(application_url)
    try:
        findings += await _asked(application, SESSION_CHECKS)
    finally:
        await application.close()
    return findings


async def _asked(connection: Connection, checks: tuple[tuple[str, str, str], ...]) -> list[Finding]:
    findings = []
    for question, yes, no in checks:
        well = bool(await connection.fetchval(question))
        findings.append(Finding(well, yes if well else no))
    return findings


async def _looked_at_definitions(owner: Connection) -> list[Finding]:
    """What the database has otherwise than the migrations make it."""
    async with owner.transaction(readonly=True):
        different = await definitions.differences(owner)
    if not different:
        return [Finding(True, SAME)]
    findings = [Finding(False, one.says) for one in different[:LISTED]]
    if len(different) > LISTED:
        findings.append(Finding(False, f"{len(different) - LISTED} more definitions differ."))
    return findings


async def _looked_at_seal(owner: Connection, settings: Settings | None) -> list[Finding]:
    """Whether the trail is sealed in time, and whether its key is in the data folder of this command."""
    behind = await sealer.sql.seconds_behind(owner)
    keys = await sealer.sql.list_keys(owner)
    in_time = behind <= sealer.LATE
    lag = Finding(
        in_time,
        "The trail is sealed in time."
        if in_time
        else f"The trail is not sealed: its oldest entry without a seal has waited for "
        f"{behind:.0f} seconds. Run "
        "a worker that has the key; its log says what is in the way.",
    )
    if settings is None:
        return [lag]
    folder = sealer.key_file(settings)
    if not keys and not await asyncio.to_thread(_exists, folder):
        return [
            lag,
            Finding(True, f"The trail has no key yet. The first worker makes it, in its {folder.name}."),
        ]
    found = await asyncio.to_thread(sealer.look_for_key, settings, keys[-1]["verifier"] if keys else None)
    # On a machine without a worker the key need not be there, nor be open to whoever asks.
    may_be_elsewhere = found.place in {KeyPlace.NO_KEY, KeyPlace.UNREADABLE} and in_time
    if may_be_elsewhere:
        return [
            lag,
            Finding(True, f"Another data folder than {folder.parent} has the key that seals the trail."),
        ]
    return [lag, Finding(found.place is KeyPlace.IN_USE, found.says)]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True
