"""The doctor sees what a restore leaves behind, and who must not sign in as a superuser."""

import contextlib
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from conftest import address, run_sql
from editorial.cli.doctor import examine
from editorial.database.access import Database


async def sayings(owner_url: str, application_url: str) -> dict[str, bool]:
    """What the doctor says, and whether it is well."""
    return {finding.says: finding.is_well for finding in await examine(owner_url, application_url)}


async def test_a_restored_database_that_lost_its_rights_is_seen(owner_url: str, application_url: str) -> None:
    well = "The application can make no temporary tables that shadow ours."
    assert (await sayings(owner_url, application_url))[well]
    connection = await asyncpg.connect(owner_url)
    database = await connection.fetchval("select quote_ident(current_database())")
    try:
        await connection.execute(f"grant temporary on database {database} to public")
        said = await sayings(owner_url, application_url)
        assert well not in said
        assert any("temporary tables" in says and not is_well for says, is_well in said.items())
    finally:
        await connection.execute(f"revoke temporary on database {database} from public")
        await connection.close()


async def test_an_application_that_signs_in_as_a_superuser_is_told_so(
    owner_url: str, application_url: str
) -> None:
    assert any(
        "superuser" in says and not well for says, well in (await sayings(owner_url, owner_url)).items()
    )
    assert (await sayings(owner_url, application_url))["The application does not sign in as a superuser."]


@pytest.mark.parametrize(
    ("power", "begins"),
    [
        ("grant editorial_owner to {login}", "The application signs in as the owner"),
        ("alter role {login} createrole", "The application's login can make roles"),
        ("grant pg_write_all_data to {login}", "The application's login can make roles"),
        (
            "grant set on parameter session_replication_role to {login}",
            "The application's login can make roles",
        ),
        ("alter role {login} set synchronous_commit = off", "synchronous_commit is off for the application"),
    ],
)
async def test_a_login_that_leads_past_the_trail_is_told(owner_url: str, power: str, begins: str) -> None:
    login = f"login_{uuid4().hex}"
    await run_sql(
        owner_url,
        f"create role {login} login in role editorial_app",
        f"alter role {login} set synchronous_commit = on",
    )
    url = address(owner_url, urlsplit(owner_url).path[1:], login)
    try:
        assert all(well for says, well in (await sayings(owner_url, url)).items() if "login" in says)
        await run_sql(owner_url, power.format(login=login))
        said = await sayings(owner_url, url)
        assert [says for says, well in said.items() if not well and says.startswith(begins)]
    finally:
        with contextlib.suppress(asyncpg.PostgresError):
            await run_sql(owner_url, f"revoke set on parameter session_replication_role from {login}")
        await run_sql(owner_url, f"drop owned by {login}", f"drop role {login}")


async def test_a_guard_that_is_off_and_a_grant_too_much_are_told(own_database: str) -> None:
    application = address(own_database, urlsplit(own_database).path[1:], "editorial_app")
    assert (await sayings(own_database, application))["Every guard of the trail is on."]
    await run_sql(
        own_database,
        "alter table revision disable trigger signed_and_numbered",
        "grant delete on audit_leaf to editorial_app",
    )
    bad = [says for says, well in (await sayings(own_database, application)).items() if not well]
    assert any(says.startswith("A trigger that guards the trail is switched off") for says in bad)
    assert any(says.startswith("The application's role was granted more") for says in bad)


async def test_every_connection_waits_for_the_disk_whoever_turned_that_off(application_url: str) -> None:
    # The server of the tests has it off.
    db = Database(application_url, pool_size=1)
    await db.open()
    try:
        async with db.read() as connection:
            assert await connection.fetchval("show synchronous_commit") == "on"
            assert await connection.fetchval("select current_user") == "editorial_app"
    finally:
        await db.close()
