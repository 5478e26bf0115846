"""The doctor sees what a restore leaves behind, and who must not sign in as a superuser."""

import asyncpg

from editorial.doctor import examine


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
