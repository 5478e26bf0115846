"""What can be wrong with an installation, looked up in the database itself."""

import asyncpg
import msgspec

from editorial.migrate import pending


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
            where not tgisinternal and tgname in ('trail', 'stays_written', 'four_eyes') and tgenabled <> 'A'
        )""",
        "Every guard of the trail is on.",
        "A trigger that guards the trail is switched off.",
    ),
    (
        """select not exists (
            select from totp where secret is not null and not starts_with(encode(secret, 'escape'), 'sealed:')
        )""",
        "No secret of a one-time code lies open.",
        "The secret of somebody's one-time codes lies open in the database. Set EDITORIAL_SECRET_KEYS: "
        "each is sealed when it is used next.",
    ),
    (
        """select not exists (
            select from mail
            where given_up_at > now() - interval '2 days'
                or (given_up_at is null and queued_at < now() - interval '10 minutes')
        )""",
        "No mail waits for longer than it should.",
        "A mail has not gone out for ten minutes, or was given up. Look at the log and EDITORIAL_SMTP_URL.",
    ),
)
"""A question with a yes or no, what a yes says, and what a no says and what to do."""

SESSION_CHECK = (
    "select not rolsuper from pg_roles where rolname = session_user",
    "The application does not sign in as a superuser.",
    "The application signs in as a superuser: whoever breaks into it can rewrite the trail. "
    "Give DATABASE_URL the role editorial_app, and DATABASE_OWNER_URL the owner.",
)


async def examine(owner_url: str, application_url: str) -> list[Finding]:
    """Ask every question. Raises `OSError` or `asyncpg.PostgresError` where there is no server."""
    missing = await pending(owner_url)
    findings = [
        Finding(
            not missing,
            "Every migration is applied." if not missing else f"Run `editorial migrate`: {missing}.",
        )
    ]
    if missing:
        return findings
    owner = await asyncpg.connect(owner_url)
    try:
        for question, yes, no in CHECKS:
            well = bool(await owner.fetchval(question))
            findings.append(Finding(well, yes if well else no))
    finally:
        await owner.close()
    application = await asyncpg.connect(application_url)
    try:
        question, yes, no = SESSION_CHECK
        well = bool(await application.fetchval(question))
        findings.append(Finding(well, yes if well else no))
    finally:
        await application.close()
    return findings
