"""One-time codes, over real HTTP: set up, needed, spent, replaced, lost, required."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pyotp
import pytest

from editorial.core.encryption import EncryptionKeyError, SecretBox
from editorial.identity import actor_cache
from editorial.identity.second_factor import step_of
from newsroom import Newsroom, fine, invited, refused
from servers import serving

PASSWORD = "nine plain words are easy to remember"
KEYS = [base64.b64encode(os.urandom(32)).decode() for _ in range(2)]


@dataclass
class PersonName:
    """Somebody new, and their telephone."""

    client: httpx.AsyncClient
    id: str
    email: str
    token: str = ""
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    steps: int = 0

    @property
    def header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def sign_in(self, **members: str) -> httpx.Response:
        body = {"email": self.email, "password": PASSWORD, **members}
        answer = await self.client.post("/v1/auth/session", json=body)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    async def post(self, path: str, **members: str) -> httpx.Response:
        return await self.client.post(path, json=members, headers=self.header)

    def code(self, steps: int = 0) -> str:
        """What the telephone shows, so many half minutes from now."""
        return pyotp.TOTP(self.secret).at(int(time.time()), counter_offset=steps)

    async def set_up(self) -> None:
        begun = fine(await self.post("/v1/auth/totp", current_password=PASSWORD))
        self.secret = begun["secret"]
        # The code of the step before, so that a test can still use the present one and the next.
        confirmed = fine(await self.post("/v1/auth/totp/confirmation", code=self.code(-1)))
        self.recovery_codes = confirmed["recovery_codes"]


@dataclass
class House:
    """A server that needs one-time codes of coordinators and administrators."""

    client: httpx.AsyncClient
    application_url: str
    owner_url: str
    administrator: PersonName | None = None

    async def somebody(self, newsroom: Newsroom, *roles: str) -> PersonName:
        name = uuid4().hex[:12]
        person, _ = await invited(newsroom, name, roles=list(roles))
        made = PersonName(self.client, person, f"{name}@newsroom.example")
        fine(await made.sign_in())
        return made

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(self.owner_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def house(
    newsroom: Newsroom, application_url: str, owner_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Give a server with keys to seal with."""
    place: Path = tmp_path_factory.mktemp("house")
    settings = {
        "EDITORIAL_TOTP_REQUIRED_FOR": "coordinator, administrator",
        "EDITORIAL_ENCRYPTION_KEYS": ",".join(KEYS),
        "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "1000000",
    }
    with serving(application_url, place / "log", **settings) as server:
        async with httpx.AsyncClient(base_url=server, timeout=30) as client:
            yield House(client, application_url, owner_url)


async def test_codes_are_set_up_with_the_password_and_a_code(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    path = "/v1/auth/totp"
    status = fine(await house.client.get(path, headers=person.header))
    assert status == {"is_on": False, "is_required": False, "confirmed_at": None, "recovery_codes_left": 0}
    refused(await person.post(f"{path}/confirmation", code="123456"), 409)
    refused(await person.post(path, current_password="not this one"), 422, "wrong-password")
    begun = fine(await person.post(path, current_password=PASSWORD))
    assert begun["uri"] == f"otpauth://totp/account?secret={begun['secret']}"
    person.secret = begun["secret"]
    wrong = f"{(int(person.code()) + 1) % 1_000_000:06}"
    refused(await person.post(f"{path}/confirmation", code=wrong), 422, "wrong-code")
    fine(await person.sign_in())
    codes = fine(await person.post(f"{path}/confirmation", code=person.code()))["recovery_codes"]
    assert len(set(codes)) == 10
    status = fine(await house.client.get(path, headers=person.header))
    assert (status["is_on"], status["recovery_codes_left"]) == (True, 10)


async def test_a_sign_in_then_needs_a_code_and_each_is_good_once(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    refused(await person.sign_in(), 401, "totp-needed")
    code = person.code()
    refused(await person.sign_in(totp="000000" if code != "000000" else "111111"), 401, "wrong-totp")
    fine(await person.sign_in(totp=f"{code[:3]} {code[3:]}"))
    refused(await person.sign_in(totp=code), 401, "wrong-totp")
    later = person.code(1)
    answers = await asyncio.gather(*(person.sign_in(totp=later) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    # An older one, too, though it is of this half minute.
    refused(await person.sign_in(totp=code), 401, "wrong-totp")
    wrong = {"email": person.email, "password": "not this one", "totp": person.code()}
    refused(await house.client.post("/v1/auth/session", json=wrong), 401, "wrong-credentials")


async def test_a_recovery_code_stands_in_once(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    first = person.recovery_codes[0]
    fine(await person.sign_in(totp=first.upper().replace("-", " ")))
    refused(await person.sign_in(totp=first), 401, "wrong-totp")
    status = fine(await house.client.get("/v1/auth/totp", headers=person.header))
    assert status["recovery_codes_left"] == 9
    other = await house.somebody(newsroom, "analyst")
    await other.set_up()
    refused(await other.sign_in(totp=person.recovery_codes[1]), 401, "wrong-totp")


async def test_switching_codes_on_ends_the_sessions_that_began_without(
    newsroom: Newsroom, house: House
) -> None:
    person = await house.somebody(newsroom, "analyst")
    before = person.header
    fine(await person.sign_in())
    await person.set_up()
    refused(await house.client.get("/v1/me", headers=before), 401, "session-ended")
    assert (await house.client.get("/v1/me", headers=person.header)).status_code == 200


async def test_codes_are_replaced_and_removed_by_whoever_has_both_proofs(
    newsroom: Newsroom, house: House
) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    path = "/v1/auth/totp"
    refused(await person.post(path, current_password=PASSWORD), 422, "wrong-code")
    old = person.secret
    begun = fine(await person.post(path, current_password=PASSWORD, totp=person.recovery_codes[0]))
    # Until the new one is confirmed, the old one counts.
    fine(await person.sign_in(totp=person.code()))
    person.secret = begun["secret"]
    codes = fine(await person.post(f"{path}/confirmation", code=person.code()))["recovery_codes"]
    refused(
        await person.sign_in(totp=pyotp.TOTP(old).at(int(time.time()), counter_offset=1)), 401, "wrong-totp"
    )
    refused(await person.sign_in(totp=person.recovery_codes[1]), 401, "wrong-totp")
    refused(await person.post(f"{path}/removal", current_password=PASSWORD, totp="123"), 422, "wrong-code")
    gone = await person.post(f"{path}/removal", current_password=PASSWORD, totp=codes[0])
    assert gone.status_code == 204
    fine(await person.sign_in())


async def test_who_needs_codes_can_do_nothing_but_set_them_up(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "coordinator")
    draft = await newsroom.a_draft()
    for path in (
        "/v1/commentaries",
        f"/v1/commentaries/{draft['id']}",
        f"/v1/commentaries/{uuid4()}",
        "/v1/people",
    ):
        refused(await house.client.get(path, headers=person.header), 403, "set-up-totp-first")
    me = fine(await house.client.get("/v1/me", headers=person.header))
    assert (me["must_set_up_totp"], me["roles"]) == (True, ["coordinator"])
    assert (await house.client.get("/v1/auth/sessions", headers=person.header)).status_code == 200
    await person.set_up()
    assert fine(await house.client.get("/v1/me", headers=person.header))["must_set_up_totp"] is False
    fine(await house.client.get(f"/v1/commentaries/{draft['id']}", headers=person.header))
    proofs = {"current_password": PASSWORD, "totp": person.recovery_codes[0]}
    refused(await person.post("/v1/auth/totp/removal", **proofs), 409, "totp-is-required")
    analyst = {"Authorization": f"Bearer {newsroom.analyst.token}"}
    assert (await house.client.get("/v1/commentaries", headers=analyst)).status_code == 200


async def test_a_role_that_needs_codes_closes_the_desk(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    assert (await house.client.get("/v1/commentaries", headers=person.header)).status_code == 200
    version = (await newsroom.administrator.get(f"/v1/people/{person.id}"))["version"]
    roles = {"roles": ["analyst", "administrator"]}
    fine(await newsroom.administrator.call("PATCH", f"/v1/people/{person.id}", roles, version=version))
    # The house is another process than the newsroom: it hears of the change.
    async with asyncio.timeout(actor_cache.SECONDS):
        while (answer := await house.client.get("/v1/commentaries", headers=person.header)).is_success:
            await asyncio.sleep(0.01)
    refused(answer, 403, "set-up-totp-first")


async def test_an_administrator_helps_who_lost_everything(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    path = f"/v1/people/{person.id}/totp"
    refused(await newsroom.coordinator.call("DELETE", path), 403)
    refused(await newsroom.administrator.call("DELETE", f"/v1/people/{uuid4()}/totp"), 404)
    assert (await newsroom.administrator.call("DELETE", path)).status_code == 204
    refused(await house.client.get("/v1/me", headers=person.header), 401, "session-ended")
    fine(await person.sign_in())


async def test_codes_are_not_guessed(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    device = fine(await person.sign_in(totp=person.code()))["device_token"]
    recovery = person.recovery_codes[0]
    answers = [await person.sign_in(totp="123 45x") for _ in range(10)]
    assert {answer.json()["code"] for answer in answers} == {"wrong-totp"}
    answer = await person.sign_in(totp=recovery)
    refused(answer, 429, "rate-limited")
    # The account was tried ten times from here, with the right password: the owner's own device passes.
    fine(await person.sign_in(totp=recovery, device_token=device))


async def test_nothing_of_it_is_kept_in_the_clear(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    [kept] = await house.fetch("select secret, pending_secret from totp where person_id = $1", person.id)
    assert kept["pending_secret"] is None
    assert person.secret.encode() not in kept["secret"]
    assert SecretBox(KEYS).open(kept["secret"], person.id).decode() == person.secret
    told = await house.fetch(
        "select concat(before, after) as said from audit_change where table_name in ('totp', 'recovery_code')"
    )
    assert told
    for secret in (person.secret, kept["secret"].hex(), "code_hash"):
        assert not any(secret in row["said"] for row in told)
    hashes = await house.fetch("select code_hash from recovery_code where person_id = $1", person.id)
    assert len(hashes) == 10
    actions = await house.fetch("select action from audit_entry where object_id = $1 order by at", person.id)
    assert [row["action"] for row in actions][-2:] == ["begin_totp", "confirm_totp"]


async def test_nothing_of_it_outlives_its_owner(newsroom: Newsroom, house: House) -> None:
    person = await house.somebody(newsroom, "analyst")
    await person.set_up()
    connection = await asyncpg.connect(house.application_url)
    context = f'{{"actor_kind": "system", "action": "erase", "object": "{person.id}", "request": "by-hand"}}'
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select set_config('editorial.context', $1, true)", context)
        await connection.execute(
            "update person set state = 'erased', email = null, display_name = null, password_hash = null "
            "where id = $1",
            person.id,
        )
        for table in ("totp", "recovery_code", "mail"):
            left = await connection.fetchval(f"select count(*) from {table} where person_id = $1", person.id)
            assert left == 0, table
        await transaction.rollback()
    finally:
        await connection.close()


def test_a_seal_opens_with_its_key_in_its_place_only() -> None:
    kept = SecretBox(KEYS[:1]).close(b"secret", "somebody")
    assert b"secret" not in kept
    assert SecretBox(KEYS[::-1]).open(kept, "somebody") == b"secret"
    for seal, about in (
        (SecretBox(KEYS[1:]), "somebody"),
        (SecretBox(KEYS), "somebody else"),
        (SecretBox(), "somebody"),
    ):
        with pytest.raises(EncryptionKeyError):
            seal.open(kept, about)
    assert SecretBox(KEYS).open(SecretBox().close(b"secret", "somebody"), "somebody") == b"secret"
    assert SecretBox(KEYS).close(b"secret", "somebody") != SecretBox(KEYS).close(b"secret", "somebody")


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34"])
def test_what_is_no_code_belongs_to_no_step(code: str) -> None:
    assert step_of("A" * 32, code, datetime.now(UTC)) is None
