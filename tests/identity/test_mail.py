"""Mail, over real SMTP: what goes out, what is kept, and what becomes of a mail that cannot be sent."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from editorial.cli.doctor import examine
from newsroom import Newsroom, fine, refused
from postbox import Postbox, open_postbox, text_of
from servers import serving

PAGE = "https://desk.example.org/set-password"
NEW = "nine plain words are easy to remember"


@pytest.fixture(scope="module")
async def postbox() -> AsyncIterator[Postbox]:
    """Give a mail server."""
    async with open_postbox() as opened:
        yield opened


@dataclass
class Office:
    """Two servers that send mail, and an administrator."""

    client: httpx.AsyncClient
    other: str
    administrator: dict[str, str]
    postbox: Postbox
    application_url: str
    owner_url: str

    async def invite(self, **members: Any) -> dict[str, Any]:
        email = f"{uuid4().hex[:12]}@newsroom.example"
        body = {"email": email, "display_name": "PersonName", "roles": ["analyst"], **members}
        return fine(await self.client.post("/v1/people", json=body, headers=self.administrator))

    async def somebody(self) -> dict[str, Any]:
        """Somebody who has set a password by the link that came."""
        person = await self.invite()
        token = token_of(await self.mail())
        answer = await self.client.post("/v1/auth/password", json={"token": token, "new_password": NEW})
        assert answer.status_code == 204, answer.text
        return person

    async def mail(self) -> EmailMessage:
        return await self.postbox.next_mail()

    async def reset(self, email: str) -> httpx.Response:
        return await self.client.post("/v1/auth/password/reset", json={"email": email})

    async def waiting(self) -> list[Any]:
        """What stands in the queue."""
        connection = await asyncpg.connect(self.application_url)
        try:
            return list(await connection.fetch("select * from mail order by queued_at"))
        finally:
            await connection.close()

    async def until(self, shape: Any) -> list[Any]:
        """The queue, once it has this shape."""
        async with asyncio.timeout(30):
            while not shape(waiting := await self.waiting()):
                await asyncio.sleep(0.1)
        return waiting

    async def by_hand(self, statement: str, *values: Any) -> None:
        """Change something in SQL, as the owner, with an entry in the trail."""
        connection = await asyncpg.connect(self.owner_url)
        context = '{"actor_kind": "system", "action": "test", "request": "by-hand"}'
        try:
            async with connection.transaction():
                await connection.execute("select set_config('editorial.context', $1, true)", context)
                await connection.execute(statement, *values)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def office(
    newsroom: Newsroom,
    postbox: Postbox,
    application_url: str,
    owner_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Office]:
    """Give two servers that send mail on one database."""
    place: Path = tmp_path_factory.mktemp("office")
    settings = {
        "EDITORIAL_SMTP_URL": postbox.address,
        "EDITORIAL_MAIL_FROM": "robot@newsroom.example",
        "EDITORIAL_PASSWORD_PAGE_URL": PAGE,
        "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "1000000",
    }
    with (
        serving(application_url, place / "one.log", **settings) as one,
        serving(application_url, place / "two.log", **settings) as two,
    ):
        async with httpx.AsyncClient(base_url=one, timeout=30) as client:
            header = {"Authorization": f"Bearer {newsroom.administrator.token}"}
            yield Office(client, two, header, postbox, application_url, owner_url)


def token_of(message: EmailMessage) -> str:
    found = re.search(re.escape(PAGE) + r"#token=([A-Za-z0-9_-]{43})$", text_of(message), re.MULTILINE)
    assert found, text_of(message)
    return found[1]


async def test_an_invitation_goes_to_the_person_and_to_nobody_else(office: Office) -> None:
    person = await office.invite(mail_language="be")
    assert person["invitation"]["is_mailed"] is True
    assert "token" not in person["invitation"]
    message = await office.mail()
    assert message["To"] == person["email"]
    assert message["From"] == "robot@newsroom.example"
    assert message["Subject"] == "Ваш уліковы запіс"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@newsroom\.example>", message["Message-ID"])
    for form in ("plain", "html"):
        assert "Для вас створаны ўліковы запіс." in text_of(message, form)
        assert f"{PAGE}#token=" in text_of(message, form)
        for secret in ("PersonName", "analyst", "Editorial"):
            assert secret not in text_of(message, form)
    assert '<html lang="be">' in text_of(message, "html")
    link = {"token": token_of(message), "new_password": NEW}
    assert (await office.client.post("/v1/auth/password", json=link)).status_code == 204
    refused(await office.client.post("/v1/auth/password", json=link), 422, "link-is-used-up")
    credentials = {"email": person["email"], "password": NEW}
    fine(await office.client.post("/v1/auth/session", json=credentials))


async def test_the_language_of_mails_is_chosen_by_their_reader(office: Office) -> None:
    person = await office.somebody()
    credentials = {"email": person["email"], "password": NEW}
    session = fine(await office.client.post("/v1/auth/session", json=credentials))
    header = {"Authorization": f"Bearer {session['access_token']}"}
    me = fine(await office.client.patch("/v1/me", json={"mail_language": "ru"}, headers=header))
    assert me["mail_language"] == "ru"
    refused(await office.client.patch("/v1/me", json={"mail_language": "de"}, headers=header), 422)
    assert (await office.reset(person["email"])).status_code == 204
    message = await office.mail()
    assert message["Subject"] == "Ваша учётная запись"
    assert "Кто-то запросил новый пароль" in text_of(message)
    me = fine(await office.client.patch("/v1/me", json={"mail_language": None}, headers=header))
    assert me["mail_language"] is None
    assert (await office.reset(person["email"].upper())).status_code == 204
    assert (await office.mail())["Subject"] == "Your account"


async def test_a_reset_is_answered_alike_whoever_has_the_address(office: Office) -> None:
    person = await office.somebody()
    known = await office.reset(person["email"])
    unknown = await office.reset(f"{uuid4().hex[:12]}@newsroom.example")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")
    assert {name for name, _ in known.headers.items()} == {name for name, _ in unknown.headers.items()}
    assert (await office.mail())["To"] == person["email"]
    await office.until(lambda waiting: not waiting)
    assert office.postbox.is_empty()


async def test_a_reset_ends_the_sessions_and_the_owner_hears_of_it(office: Office) -> None:
    person = await office.somebody()
    credentials = {"email": person["email"], "password": NEW}
    session = fine(await office.client.post("/v1/auth/session", json=credentials))
    await office.reset(person["email"])
    first = token_of(await office.mail())
    await office.reset(person["email"])
    second = token_of(await office.mail())
    assert first != second
    other = "ten other words are as easy to keep in mind"
    link = {"token": first, "new_password": other}
    assert (await office.client.post("/v1/auth/password", json=link)).status_code == 204
    header = {"Authorization": f"Bearer {session['access_token']}"}
    refused(await office.client.get("/v1/me", headers=header), 401, "session-ended")
    refused(await office.client.post("/v1/auth/password", json=link | {"token": second}), 422)
    fine(await office.client.post("/v1/auth/session", json=credentials | {"password": other}))
    message = await office.mail()
    assert "The password of your account was changed." in text_of(message)
    assert "#token=" not in text_of(message)


async def test_a_link_runs_out(office: Office) -> None:
    person = await office.invite()
    token = token_of(await office.mail())
    await office.by_hand("update account_link set expires_at = now() where person_id = $1", person["id"])
    link = {"token": token, "new_password": NEW}
    refused(await office.client.post("/v1/auth/password", json=link), 422, "link-is-used-up")


async def test_after_a_theft_the_owner_is_written_to(office: Office) -> None:
    person = await office.somebody()
    credentials = {"email": person["email"], "password": NEW}
    path = "/v1/auth/session/refresh"
    stolen = fine(await office.client.post("/v1/auth/session", json=credentials))["refresh_token"]
    second = fine(await office.client.post(path, json={"refresh_token": stolen}))["refresh_token"]
    fine(await office.client.post(path, json={"refresh_token": second}))
    refused(await office.client.post(path, json={"refresh_token": stolen}), 401, "session-ended")
    assert "One of your sessions was ended" in text_of(await office.mail())


async def test_each_mail_goes_once_though_two_workers_send(office: Office) -> None:
    people = await asyncio.gather(*(office.invite() for _ in range(20)))
    came = [await office.mail() for _ in people]
    await office.until(lambda waiting: not waiting)
    assert office.postbox.is_empty()
    assert sorted(str(one["To"]) for one in came) == sorted(person["email"] for person in people)
    assert len({token_of(one) for one in came}) == 20


async def test_nothing_is_kept_of_a_mail_that_was_sent(office: Office) -> None:
    person = await office.invite()
    await office.reset(person["email"])
    tokens = [token_of(await office.mail()), token_of(await office.mail())]
    assert await office.until(lambda waiting: not waiting) == []
    connection = await asyncpg.connect(office.application_url)
    try:
        entries = await connection.fetch(
            "select entry.action, array_agg(concat(change.before, change.after)) as told "
            "from audit_entry as entry left join audit_change as change on change.entry_id = entry.id "
            "where entry.domain = 'accounts' group by entry.id"
        )
        links = await connection.fetch("select to_jsonb(account_link)::text as kept from account_link")
    finally:
        await connection.close()
    assert {"mail_sent", "send_mail", "request_password_reset"} <= {row["action"] for row in entries}
    kept = [*(text for row in entries for text in row["told"]), *(row["kept"] for row in links)]
    for secret in (*tokens, person["email"]):
        assert not any(secret in text for text in kept)


async def test_a_mail_that_comes_twice_is_the_same_and_its_link_is_good(office: Office) -> None:
    office.postbox.takes_it_but_says_no = True
    try:
        person = await office.invite()
        first = await office.mail()
        [waiting] = await office.until(lambda waiting: [one for one in waiting if one["failure"]])
        assert (waiting["failure"], waiting["attempts"], waiting["given_up_at"]) == ("refused", 1, None)
        assert waiting["due_at"] > waiting["queued_at"]
    finally:
        office.postbox.takes_it_but_says_no = False
    assert office.postbox.is_empty()
    await office.by_hand("update mail set due_at = now() where id = $1", waiting["id"])
    second = await office.mail()
    assert second["Message-ID"] == first["Message-ID"]
    assert token_of(second) == token_of(first)
    await office.until(lambda waiting: not waiting)
    link = {"token": token_of(first), "new_password": NEW}
    assert (await office.client.post("/v1/auth/password", json=link)).status_code == 204
    assert (person["state"], person["invitation"]["is_mailed"]) == ("invited", True)


async def test_a_mail_that_nobody_takes_is_given_up_and_seen(office: Office) -> None:
    office.postbox.recipients_are_unknown = True
    try:
        person = await office.invite()
        [given_up] = await office.until(lambda waiting: [one for one in waiting if one["given_up_at"]])
    finally:
        office.postbox.recipients_are_unknown = False
    assert (str(given_up["person_id"]), given_up["failure"]) == (person["id"], "recipient_refused")
    ready = await office.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["warnings"] == [
        "A mail has not gone out for ten minutes, or was given up. The log says why."
    ]
    assert person["email"] not in ready.text
    said = [
        finding
        for finding in await examine(office.owner_url, office.application_url)
        if "mail" in finding.says
    ]
    assert [finding.is_well for finding in said] == [False]
    await office.by_hand("update mail set given_up_at = now() - interval '15 days'")
    await office.until(lambda waiting: not waiting)
    assert fine(await office.client.get("/readyz"))["warnings"] == []


async def test_after_two_days_a_mail_is_given_up(office: Office) -> None:
    office.postbox.takes_it_but_says_no = True
    try:
        person = await office.invite()
        await office.mail()
        [waiting] = await office.until(lambda waiting: [one for one in waiting if one["failure"]])
        await office.by_hand(
            "update mail set due_at = now(), queued_at = now() - interval '49 hours' where id = $1",
            waiting["id"],
        )
        await office.mail()
        [given_up] = await office.until(lambda waiting: [one for one in waiting if one["given_up_at"]])
    finally:
        office.postbox.takes_it_but_says_no = False
    assert (str(given_up["person_id"]), given_up["attempts"]) == (person["id"], 2)
    await office.by_hand("update mail set given_up_at = now() - interval '15 days'")
    await office.until(lambda waiting: not waiting)


async def test_a_link_that_leads_nowhere_is_not_sent(office: Office) -> None:
    office.postbox.takes_it_but_says_no = True
    try:
        person = await office.invite()
        await office.mail()
        [waiting] = await office.until(lambda waiting: [one for one in waiting if one["failure"]])
    finally:
        office.postbox.takes_it_but_says_no = False
    version = {"If-Match": f'"{person["version"]}"', **office.administrator}
    fine(await office.client.post(f"/v1/people/{person['id']}/deactivation", headers=version))
    await office.by_hand("update mail set due_at = now() where id = $1", waiting["id"])
    await office.until(lambda waiting: not waiting)
    assert office.postbox.is_empty()


async def coordinators(office: Office) -> set[str]:
    """The addresses of all who are coordinators now."""
    connection = await asyncpg.connect(office.application_url)
    try:
        rows = await connection.fetch(
            "select email from person inner join person_role on person_role.person_id = person.id "
            "where person_role.role = 'coordinator' and person.state = 'active'"
        )
    finally:
        await connection.close()
    return {row["email"] for row in rows}


async def test_every_coordinator_hears_of_a_role_that_waits_and_of_what_becomes_of_it(
    newsroom: Newsroom, office: Office
) -> None:
    person = await office.somebody()
    await office.by_hand("update person set mail_language = 'be' where id = $1", newsroom.coordinator.id)
    path = f"/v1/people/{person['id']}"

    async def change(roles: list[str]) -> None:
        version = (await newsroom.administrator.get(path))["version"]
        headers = {**office.administrator, "If-Match": f'"{version}"'}
        fine(await office.client.patch(path, json={"roles": roles}, headers=headers))

    before = await coordinators(office)
    assert newsroom.coordinator.email in before
    await change(["analyst", "coordinator"])
    given = {str(one["To"]): one for one in [await office.mail() for _ in before]}
    assert given.keys() == before
    assert given[newsroom.coordinator.email]["Subject"] == "Ваш уліковы запіс"
    # They are spoken to in it, too, and other tests share this coordinator.
    await office.by_hand("update person set mail_language = null where id = $1", newsroom.coordinator.id)
    said = text_of(given[newsroom.other_coordinator.email])
    assert "a second person has to confirm" in said.replace("\n", " ")
    assert person["display_name"] not in said

    header = {"Authorization": f"Bearer {newsroom.coordinator.token}"}
    fine(await office.client.post(f"{path}/coordinator-confirmation", headers=header))
    everybody = before | {person["email"]}
    assert {str((await office.mail())["To"]) for _ in everybody} == everybody
    await change([])
    assert {str((await office.mail())["To"]) for _ in everybody} == everybody
    assert office.postbox.is_empty()


async def test_the_link_into_an_account_in_use_is_mailed_and_shown_to_no_other_person(
    office: Office,
) -> None:
    person = await office.somebody()
    answer = await office.client.post(f"/v1/people/{person['id']}/invitation", headers=office.administrator)
    assert (fine(answer)["is_mailed"], "token" in answer.json()) == (True, False)
    message = await office.mail()
    assert message["To"] == person["email"]
    assert "A new password was requested" in text_of(message)
    body = {"token": token_of(message), "new_password": f"{NEW} still"}
    assert (await office.client.post("/v1/auth/password", json=body)).status_code == 204
    assert (await office.mail())["To"] == person["email"]


async def test_an_invited_coordinator_gets_the_link_by_mail(office: Office) -> None:
    person = await office.invite(roles=["coordinator"])
    assert (person["roles"], person["pending_roles"]) == ([], ["coordinator"])
    assert "token" not in person["invitation"]
    expected = await coordinators(office) | {person["email"]}
    came = {str(one["To"]): one for one in [await office.mail() for _ in expected]}
    assert came.keys() == expected
    assert token_of(came[person["email"]])


async def test_nobody_waits_for_a_mail_server_that_is_away(
    newsroom: Newsroom, application_url: str, tmp_path: Path
) -> None:
    settings = {
        "EDITORIAL_SMTP_URL": "smtp://127.0.0.1:1",
        "EDITORIAL_MAIL_FROM": "robot@newsroom.example",
    }
    log = tmp_path / "log"
    # The other servers of this file would send it: their mail server is there.
    with serving(application_url, log, **settings) as server:
        async with httpx.AsyncClient(base_url=server, timeout=30) as client:
            header = {"Authorization": f"Bearer {newsroom.administrator.token}"}
            for number in range(10):
                body = {
                    "email": f"waiting.{number}.{uuid4().hex[:6]}@newsroom.example",
                    "display_name": "W",
                    "roles": [],
                }
                answer = await client.post("/v1/people", json=body, headers=header)
                assert fine(answer)["invitation"]["is_mailed"] is True
                assert answer.elapsed.total_seconds() < 5
            assert (await client.get("/readyz")).status_code == 200
    assert "@newsroom.example" not in log.read_text()
