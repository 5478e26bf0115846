"""Too many attempts: counted by two servers as by one, and no stranger shuts an owner out."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from editorial.identity import passwords
from newsroom import Newsroom, Person, fine, refused
from servers import serving


@dataclass
class Doors:
    """Two servers behind a proxy, with the limits that everybody has."""

    client: httpx.AsyncClient
    addresses: tuple[str, str]
    owner_url: str
    asked: int = 0

    async def sign_in(
        self, email: str, password: str = "not this one", *, origin: str, **members: str
    ) -> httpx.Response:
        """Try to sign in, as the proxy passes it on: now to this server, now to the other."""
        self.asked += 1
        return await self.client.post(
            f"{self.addresses[self.asked % 2]}/v1/auth/session",
            json={"email": email, "password": password, **members},
            headers={"X-Forwarded-For": origin},
        )

    async def in_sql(self, statement: str, *values: Any) -> Any:
        connection = await asyncpg.connect(self.owner_url)
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def doors(
    newsroom: Newsroom, application_url: str, owner_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    """Give two servers that believe a proxy on this machine."""
    place: Path = tmp_path_factory.mktemp("doors")
    settings = {"EDITORIAL_TRUSTED_PROXIES": "127.0.0.1"}
    with (
        serving(application_url, place / "one.log", **settings) as one,
        serving(application_url, place / "two.log", **settings) as two,
    ):
        async with httpx.AsyncClient(timeout=60) as client:
            yield Doors(client, (one, two), owner_url)


def somewhere() -> str:
    """An address that nobody has come from yet."""
    number = uuid4().int
    return f"2001:db8:{number & 0xFFFF:x}:{number >> 16 & 0xFFFF:x}::1"


def comparable(answer: httpx.Response) -> tuple[int, dict[str, Any], set[str]]:
    """An answer without what differs between any two: the request's id, and the seconds that are left."""
    problem = answer.json()
    del problem["request_id"]
    return answer.status_code, problem, set(answer.headers)


async def test_two_servers_count_as_one_and_the_owner_comes_in_from_elsewhere(
    newsroom: Newsroom, doors: Doors
) -> None:
    person, stranger = newsroom.other_coordinator, somewhere()
    for _ in range(10):
        refused(await doors.sign_in(person.email, origin=stranger), 401, "wrong-credentials")
    answer = await doors.sign_in(person.email, origin=stranger)
    refused(answer, 429, "rate-limited")
    wait = int(answer.headers["retry-after"])
    assert 1 <= wait <= 90
    assert answer.headers["ratelimit-policy"] == '"account-and-address";q=10;w=900'
    assert re.fullmatch(rf'"account-and-address";r=0;t={wait}', answer.headers["ratelimit"])
    refused(await doors.sign_in(person.email, person.password, origin=stranger), 429)
    fine(await doors.sign_in(person.email, person.password, origin=somewhere()))


async def test_an_account_that_nobody_has_is_counted_the_same(newsroom: Newsroom, doors: Doors) -> None:
    emails = (newsroom.contributor.email, f"{uuid4().hex[:11]}@newsroom.example")
    origins = (somewhere(), somewhere())
    for _ in range(12):
        known, unknown = [
            comparable(await doors.sign_in(email, origin=origin))
            for email, origin in zip(emails, origins, strict=True)
        ]
        assert known == unknown
    assert known[0] == 429


async def test_a_crowd_that_comes_at_once_passes_no_more_than_one_after_another(
    newsroom: Newsroom, doors: Doors
) -> None:
    email, origin = f"{uuid4().hex}@newsroom.example", somewhere()
    answers = await asyncio.gather(*(doors.sign_in(email, origin=origin) for _ in range(24)))
    assert sorted(answer.status_code for answer in answers) == [*[401] * 10, *[429] * 14]


async def test_one_address_that_tries_many_accounts_is_stopped(doors: Doors) -> None:
    origin = somewhere()
    await doors.in_sql("delete from rate_limit_bucket")
    refused(await doors.sign_in(f"{uuid4().hex}@newsroom.example", origin=origin), 401)
    # As after fifty tries, but for the hashing. Of the three buckets, the address's empties first.
    await doors.in_sql(
        "update rate_limit_bucket set empty_at = now() + interval '15 minutes' "
        "where empty_at = (select min(empty_at) from rate_limit_bucket)"
    )
    answer = await doors.sign_in(f"{uuid4().hex}@newsroom.example", origin=origin)
    refused(answer, 429, "rate-limited")
    assert answer.headers["ratelimit-policy"] == '"address";q=50;w=900'


@pytest.fixture
async def full_buckets(doors: Doors) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give what fills every bucket that there is, as a hundred tries from a hundred addresses would."""

    async def fill() -> None:
        await doors.in_sql("update rate_limit_bucket set empty_at = now() + interval '1 hour'")

    yield fill
    await doors.in_sql("delete from rate_limit_bucket")


async def test_a_device_that_is_known_passes_what_strangers_have_filled(
    newsroom: Newsroom, doors: Doors, full_buckets: Callable[[], Awaitable[None]]
) -> None:
    person, home = newsroom.other_analyst, somewhere()
    device = fine(await doors.sign_in(person.email, person.password, origin=home))["device_token"]
    refused(await doors.sign_in(person.email, origin=home), 401)
    await full_buckets()
    refused(await doors.sign_in(person.email, person.password, origin=home), 429, "rate-limited")
    refused(await doors.sign_in(person.email, person.password, origin=somewhere()), 429, "rate-limited")
    forged = f"{device.partition('.')[0]}.{'A' * 43}"
    refused(await doors.sign_in(person.email, person.password, origin=home, device_token=forged), 429)
    refused(await doors.sign_in(newsroom.analyst.email, origin=home, device_token=device), 429)
    others = fine(await doors.sign_in(person.email, person.password, origin=home, device_token=device))
    assert others["device_token"] != device
    for _ in range(10):
        refused(await doors.sign_in(person.email, origin=home, device_token=device), 401)
    answer = await doors.sign_in(person.email, origin=home, device_token=device)
    refused(answer, 429)
    assert answer.headers["ratelimit-policy"] == '"device";q=10;w=900'


async def test_a_header_of_a_stranger_changes_no_address(newsroom: Newsroom) -> None:
    # This server knows no proxy, so it is the peer that counts, whatever the header says.
    email = f"{uuid4().hex}@newsroom.example"
    codes = []
    for _ in range(11):
        answer = await newsroom.client.post(
            "/v1/auth/session",
            json={"email": email, "password": "x"},
            headers={"X-Forwarded-For": somewhere(), "Forwarded": f'for="[{somewhere()}]"'},
        )
        codes.append(answer.status_code)
    assert codes == [*[401] * 10, 429]


async def test_the_trail_hears_of_a_full_bucket_once(newsroom: Newsroom, doors: Doors) -> None:
    person, origin = newsroom.translator_ru, somewhere()
    for _ in range(14):
        await doors.sign_in(person.email, origin=origin)
    told = await doors.in_sql(
        "select array_agg(action order by at) from audit_entry "
        "where object_id = $1 and actor_kind = 'anonymous'",
        person.id,
    )
    assert told == [*["sign_in_failed"] * 10, "sign_in_throttled"]


async def test_who_is_tried_and_from_where_is_kept_by_a_keyed_hash(newsroom: Newsroom, doors: Doors) -> None:
    refused(await doors.sign_in(newsroom.analyst.email, origin="203.0.113.77"), 401)
    kept = await doors.in_sql("select string_agg(encode(bucket, 'escape'), ' ') from rate_limit_bucket")
    assert newsroom.analyst.email not in kept
    assert "203.0.113.77" not in kept


async def test_a_present_password_is_not_guessed_by_who_stole_a_token(newsroom: Newsroom) -> None:
    person: Person = newsroom.writing_coordinator
    body = {"current_password": "a guess", "new_password": "nine plain words are easy to remember"}
    for _ in range(10):
        refused(await person.call("POST", "/v1/auth/password", body), 422, "wrong-password")
    refused(await person.call("POST", "/v1/auth/password", body), 429, "rate-limited")
    assert (await person.call("GET", "/v1/me")).status_code == 200


async def test_resets_are_counted_the_same_for_an_address_that_nobody_has(newsroom: Newsroom) -> None:
    for email in (newsroom.analyst.email, f"{uuid4().hex}@newsroom.example"):
        codes = [
            (await newsroom.client.post("/v1/auth/password/reset", json={"email": email})).status_code
            for _ in range(4)
        ]
        assert codes == [204, 204, 204, 429]


async def test_a_crowd_that_signs_in_at_once_is_sent_away_before_it_takes_the_machine(
    newsroom: Newsroom,
) -> None:
    room = passwords.AT_ONCE + passwords.MAY_WAIT
    limits = httpx.Limits(max_connections=None)
    address = newsroom.client.base_url
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as crowd:
        answers = await asyncio.gather(
            *(
                crowd.post(
                    "/v1/auth/session",
                    json={"email": f"{uuid4().hex}@newsroom.example", "password": "x"},
                )
                for _ in range(4 * room)
            )
        )
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {401, 503}
    assert codes.count(401) >= room
    away = [answer for answer in answers if answer.status_code == 503]
    assert "server-is-busy" in {refused(answer, 503)["code"] for answer in away}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in away)
    # Those who are signed in were answered meanwhile, and the next one is let in.
    assert (await newsroom.analyst.call("GET", "/v1/me")).status_code == 200
    refused(
        await newsroom.client.post(
            "/v1/auth/session", json={"email": f"{uuid4().hex}@newsroom.example", "password": "x"}
        ),
        401,
    )
