"""Signing keys change under running servers, and nobody is signed out who should not be."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import jwt
import pytest

from conftest import PASSWORD
from newsroom import Newsroom, fine, refused
from servers import run_program, serving


@pytest.fixture(scope="module")
def pair(application_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Give the addresses of two servers on one database."""
    place: Path = tmp_path_factory.mktemp("pair")
    with (
        serving(application_url, place / "one.log") as one,
        serving(application_url, place / "two.log") as two,
    ):
        yield one, two


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_keys_rotate_under_two_servers_without_a_break(
    newsroom: Newsroom, pair: tuple[str, str], application_url: str
) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        credentials = {"email": newsroom.analyst.email, "password": PASSWORD}
        tokens = fine(await client.post(f"{pair[0]}/v1/auth/session", json=credentials))
        first = kid_of(tokens["access_token"])
        told = await asyncio.to_thread(run_program, application_url, "keys", "rotate", "--after", "4")
        second = told.split()[0]

        seen: list[int] = []
        async with asyncio.timeout(20):
            while kid_of(tokens["access_token"]) != second or len(seen) < 20:
                at, other = pair if len(seen) % 2 else pair[::-1]
                answer = await client.get(
                    f"{other}/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}
                )
                seen.append(answer.status_code)
                body = {"refresh_token": tokens["refresh_token"]}
                tokens = fine(await client.post(f"{at}/v1/auth/session/refresh", json=body))
                await asyncio.sleep(0.1)
        assert set(seen) == {200}
        for address in pair:
            published = fine(await client.get(f"{address}/.well-known/jwks.json"))["keys"]
            assert {key["kid"] for key in published} >= {first, second}
        listed = await asyncio.to_thread(run_program, application_url, "keys", "list")
        assert [line.split()[0] for line in listed.splitlines()][:2] == [second, first]


async def test_two_tabs_that_refresh_at_once_at_two_servers_both_go_on(
    newsroom: Newsroom, pair: tuple[str, str]
) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        credentials = {"email": newsroom.analyst.email, "password": PASSWORD}
        tokens = [fine(await client.post(f"{pair[0]}/v1/auth/session", json=credentials))] * 2
        for _ in range(30):
            body = {"refresh_token": tokens[0]["refresh_token"]}
            answers = [client.post(f"{address}/v1/auth/session/refresh", json=body) for address in pair]
            tokens = [fine(answer) for answer in await asyncio.gather(*answers)]
            assert tokens[0]["refresh_token"] == tokens[1]["refresh_token"] != body["refresh_token"]
        for address, told in zip(pair, reversed(tokens), strict=True):
            fine(
                await client.get(
                    f"{address}/v1/me", headers={"Authorization": f"Bearer {told['access_token']}"}
                )
            )


async def test_after_a_theft_every_server_distrusts_the_old_keys_within_seconds(
    newsroom: Newsroom, pair: tuple[str, str], application_url: str
) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        credentials = {"email": newsroom.other_analyst.email, "password": PASSWORD}
        stolen = fine(await client.post(f"{pair[0]}/v1/auth/session", json=credentials))
        header = {"Authorization": f"Bearer {stolen['access_token']}"}
        old = kid_of(stolen["access_token"])
        await asyncio.to_thread(run_program, application_url, "keys", "rotate", "--distrust")
        async with asyncio.timeout(10):
            for address in pair:
                while (await client.get(f"{address}/v1/me", headers=header)).status_code == 200:
                    await asyncio.sleep(0.1)
                body = {"refresh_token": stolen["refresh_token"]}
                refused(
                    await client.post(f"{address}/v1/auth/session/refresh", json=body), 401, "not-signed-in"
                )
                published = fine(await client.get(f"{address}/.well-known/jwks.json"))["keys"]
                assert old not in {key["kid"] for key in published}
                fine(await client.post(f"{address}/v1/auth/session", json=credentials))
    await newsroom.sign_everybody_in()


async def test_the_trail_knows_of_the_rotation_and_no_secret(
    pair: tuple[str, str], application_url: str
) -> None:
    run_program(application_url, "keys", "rotate", "--after", "0")
    connection = await asyncpg.connect(application_url)
    try:
        row = await connection.fetchrow(
            "select entry.actor_kind, jsonb_agg(change.after)::text as told from audit_entry as entry "
            "inner join audit_change as change on change.entry_id = entry.id "
            "where entry.action = 'rotate_signing_keys' group by entry.id order by entry.at desc limit 1"
        )
        secrets = await connection.fetch("select refresh_secret from signing_key")
    finally:
        await connection.close()
    assert row is not None
    assert row["actor_kind"] == "system"
    assert not any(secret["refresh_secret"].hex() in row["told"] for secret in secrets)
    assert "refresh_secret" not in row["told"]


async def test_a_retired_key_alone_can_be_distrusted(
    newsroom: Newsroom, pair: tuple[str, str], application_url: str
) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        credentials = {"email": newsroom.contributor.email, "password": PASSWORD}
        tokens = fine(await client.post(f"{pair[0]}/v1/auth/session", json=credentials))
        header = {"Authorization": f"Bearer {tokens['access_token']}"}
        old = kid_of(tokens["access_token"])
        with pytest.raises(AssertionError, match="no retired key of that name"):
            await asyncio.to_thread(run_program, application_url, "keys", "distrust", old)
        await asyncio.to_thread(run_program, application_url, "keys", "rotate", "--after", "0")
        assert (await client.get(f"{pair[1]}/v1/me", headers=header)).status_code == 200
        told = await asyncio.to_thread(run_program, application_url, "keys", "distrust", old)
        assert told == "Distrusted.\n"
        async with asyncio.timeout(10):
            while (await client.get(f"{pair[1]}/v1/me", headers=header)).status_code == 200:
                await asyncio.sleep(0.1)
        listed = await asyncio.to_thread(run_program, application_url, "keys", "list")
        assert next(line for line in listed.splitlines() if line.startswith(old)).count("distrusted") == 1
    await newsroom.sign_everybody_in()
