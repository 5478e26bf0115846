"""No administrator alone comes to know who wrote what: a coordinator's role takes two, no link is shown."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from newsroom import Newsroom, fine, invited, refused
from servers import run_program

PASSWORD = "nine plain words are easy to remember"
OTHER = "ten other plain words are as easy to remember"


async def analyst(newsroom: Newsroom, *, own_password: bool = True) -> tuple[str, dict[str, str], str]:
    """A new analyst with a password of their own: id, the header that speaks for them, e-mail address."""
    name = f"a{uuid4().hex[:12]}"
    person, header = await invited(newsroom, name, roles=["analyst"])
    if own_password:
        body = {"current_password": PASSWORD, "new_password": OTHER}
        fine(await newsroom.client.post("/v1/auth/password", json=body, headers=header))
    return person, header, f"{name}@newsroom.example"


async def change(
    newsroom: Newsroom, person: str, by: str = "administrator", **members: object
) -> httpx.Response:
    path = f"/v1/people/{person}"
    version = (await newsroom.administrator.get(path))["version"]
    return await newsroom.people[by].call("PATCH", path, members, version=version)


async def confirm(newsroom: Newsroom, person: str, by: str = "coordinator") -> httpx.Response:
    return await newsroom.people[by].call("POST", f"/v1/people/{person}/coordinator-confirmation")


async def told(newsroom: Newsroom, who: str, person: str) -> list[dict[str, Any]]:
    """What a reader of the trail is told of an account, oldest first."""
    page = await newsroom.people[who].get(f"/v1/trail?object={person}&limit=100")
    return list(reversed(page["data"]))


async def test_a_coordinator_that_an_administrator_made_is_none_until_a_coordinator_confirms(
    newsroom: Newsroom,
) -> None:
    person, header, _ = await analyst(newsroom)
    text = await newsroom.a_draft()
    path = f"/v1/commentaries/{text['id']}"
    given = fine(await change(newsroom, person, roles=["analyst", "coordinator"]))
    assert (given["roles"], given["pending_roles"]) == (["analyst"], ["coordinator"])
    assert given["confirmation"]["given_by"]["id"] == newsroom.administrator.id

    me = fine(await newsroom.client.get("/v1/me", headers=header))
    assert (me["roles"], me["pending_roles"]) == (["analyst"], ["coordinator"])
    assert "review" not in me["may"]
    assert (await newsroom.client.get(path, headers=header)).status_code == 404
    for closed in ("/v1/trail", "/v1/people", "/v1/bylines?name=x"):
        assert (await newsroom.client.get(closed, headers=header)).status_code == 403

    waiting = await newsroom.coordinator.get("/v1/people?pending=true&limit=100")
    [shown] = [one for one in waiting["data"] if one["id"] == person]
    assert shown["pending_roles"] == ["coordinator"]
    assert "email" not in shown

    confirmed = fine(await confirm(newsroom, person))
    assert (confirmed["roles"], confirmed["pending_roles"]) == (["analyst", "coordinator"], [])
    assert "confirmation" not in confirmed
    assert (await newsroom.client.get(path, headers=header)).status_code == 200
    refused(await confirm(newsroom, person), 409, "nothing-to-confirm")

    fine(await change(newsroom, person, roles=["analyst"]))
    assert (await newsroom.client.get(path, headers=header)).status_code == 404
    again = fine(await change(newsroom, person, roles=["analyst", "coordinator"]))
    assert (again["roles"], again["pending_roles"]) == (["analyst"], ["coordinator"])
    assert (await newsroom.client.get(path, headers=header)).status_code == 404

    seen = await told(newsroom, "coordinator", person)
    assert [one["action"] for one in seen] == [
        "give_coordinator",
        "confirm_coordinator",
        "take_coordinator",
        "give_coordinator",
    ]
    assert {one["part"] for one in seen} == {"editorial"}
    assert [one["actor"]["id"] for one in seen][:2] == [newsroom.administrator.id, newsroom.coordinator.id]
    assert seen[0]["sentence"].startswith("The role of coordinator was given and waits")
    accounts = await told(newsroom, "administrator", person)
    assert {one["part"] for one in accounts} == {"accounts"}
    assert "confirm_role" in [one["action"] for one in accounts]
    assert any("waits for confirmation: coordinator" in one["sentence"] for one in accounts)


async def test_who_confirms_is_another_coordinator(newsroom: Newsroom) -> None:
    both, header = await invited(newsroom, f"chief{uuid4().hex[:8]}", roles=["administrator", "coordinator"])
    person, own, _ = await analyst(newsroom)
    path = f"/v1/people/{person}"
    confirmation = f"{path}/coordinator-confirmation"
    version = (await newsroom.administrator.get(path))["version"]
    given = {"roles": ["analyst", "coordinator"]}
    headers = {**header, "If-Match": f'"{version}"'}
    fine(await newsroom.client.patch(path, json=given, headers=headers))
    refused(await newsroom.client.post(confirmation, headers=header), 403, "forbidden")
    refused(await newsroom.client.post(confirmation, headers=own), 403, "forbidden")
    for other in ("administrator", "analyst", "translator_be"):
        refused(await confirm(newsroom, person, by=other), 403, "forbidden")
    refused(await confirm(newsroom, str(uuid4())), 404)
    fine(await confirm(newsroom, person, by="other_coordinator"))
    assert both


async def test_a_coordinator_can_decline(newsroom: Newsroom) -> None:
    person, _, _ = await analyst(newsroom)
    fine(await change(newsroom, person, roles=["analyst", "coordinator"]))
    path = f"/v1/people/{person}/coordinator-confirmation"
    declined = fine(await newsroom.coordinator.call("DELETE", path))
    assert (declined["roles"], declined["pending_roles"]) == (["analyst"], [])
    refused(await newsroom.coordinator.call("DELETE", path), 409, "nothing-to-confirm")
    refused(await confirm(newsroom, person), 409, "nothing-to-confirm")
    fine(await change(newsroom, person, roles=["analyst", "coordinator"]))
    withdrawn = fine(await change(newsroom, person, roles=["analyst"]))
    assert withdrawn["pending_roles"] == []
    actions = [one["action"] for one in await told(newsroom, "coordinator", person)]
    assert actions == ["give_coordinator", "withdraw_coordinator"] * 2


@pytest.mark.parametrize(
    "members",
    [
        {"roles": ["administrator", "coordinator"]},
        {"roles": ["administrator", "analyst"]},
        {"roles": []},
        {"roles": ["administrator", "translator"], "languages": ["be"]},
        {"languages": ["be"]},
    ],
    ids=str,
)
async def test_no_person_changes_their_own_roles(newsroom: Newsroom, members: dict[str, Any]) -> None:
    refused(await change(newsroom, newsroom.administrator.id, **members), 403, "own-roles")
    me = await newsroom.administrator.get("/v1/me")
    assert (me["roles"], me["pending_roles"], me["languages"]) == (["administrator"], [], [])


async def test_an_account_can_be_renamed_by_its_own_administrator(newsroom: Newsroom) -> None:
    mine = await newsroom.administrator.get(f"/v1/people/{newsroom.administrator.id}")
    body = {"display_name": mine["display_name"], "roles": ["administrator"], "languages": []}
    fine(await change(newsroom, newsroom.administrator.id, **body))


async def test_an_invited_coordinator_gets_no_link_that_an_administrator_saw(
    newsroom: Newsroom, application_url: str
) -> None:
    email = f"{uuid4().hex[:12]}@newsroom.example"
    body = {"email": email, "display_name": "New", "roles": ["coordinator"]}
    person = fine(await newsroom.administrator.call("POST", "/v1/people", body))
    path = f"/v1/people/{person['id']}"
    assert (person["roles"], person["pending_roles"]) == ([], ["coordinator"])
    assert person["invitation"] == {"is_mailed": False}
    refused(await newsroom.administrator.call("POST", f"{path}/invitation"), 409, "no-mail-is-sent")
    refused(await confirm(newsroom, person["id"]), 404)

    token = run_program(application_url, "people", "link", email).strip()
    link = {"token": token, "new_password": PASSWORD}
    fine(await newsroom.client.post("/v1/auth/password", json=link))
    session = fine(
        await newsroom.client.post("/v1/auth/session", json={"email": email, "password": PASSWORD})
    )
    header = {"Authorization": f"Bearer {session['access_token']}"}
    assert fine(await newsroom.client.get("/v1/me", headers=header))["pending_roles"] == ["coordinator"]
    fine(await confirm(newsroom, person["id"]))
    assert fine(await newsroom.client.get("/v1/me", headers=header))["roles"] == ["coordinator"]
    assert "make_link_on_server" in [
        one["action"] for one in await told(newsroom, "coordinator", person["id"])
    ]
    assert "make_link" in [one["action"] for one in await told(newsroom, "administrator", person["id"])]


async def test_a_link_that_was_shown_leads_nowhere_once_the_role_is_given(newsroom: Newsroom) -> None:
    email = f"{uuid4().hex[:12]}@newsroom.example"
    body = {"email": email, "display_name": "New", "roles": ["analyst"]}
    person = fine(await newsroom.administrator.call("POST", "/v1/people", body))
    fine(await change(newsroom, person["id"], roles=["analyst", "coordinator"]))
    link = {"token": person["invitation"]["token"], "new_password": PASSWORD}
    refused(await newsroom.client.post("/v1/auth/password", json=link), 422, "link-is-used-up")


async def test_a_password_that_an_administrator_may_have_set_is_changed_first(newsroom: Newsroom) -> None:
    person, header, _ = await analyst(newsroom, own_password=False)
    fine(await change(newsroom, person, roles=["coordinator"]))
    refused(await confirm(newsroom, person), 409, "password-was-shown")
    body = {"current_password": PASSWORD, "new_password": OTHER}
    fine(await newsroom.client.post("/v1/auth/password", json=body, headers=header))
    fine(await confirm(newsroom, person))


async def test_no_link_into_an_account_in_use_is_shown(newsroom: Newsroom) -> None:
    for person in newsroom.people.values():
        path = f"/v1/people/{person.id}/invitation"
        answer = await newsroom.administrator.call("POST", path)
        refused(answer, 409, "no-mail-is-sent")
        assert "token" not in answer.json()
        assert "editorial people link" in answer.json()["detail"]


async def test_a_link_is_made_on_the_server_and_both_parts_of_the_trail_tell(
    newsroom: Newsroom, application_url: str
) -> None:
    person, header, email = await analyst(newsroom)
    token = run_program(application_url, "people", "link", email.upper()).strip()
    body = {"token": token, "new_password": PASSWORD}
    fine(await newsroom.client.post("/v1/auth/password", json=body))
    refused(await newsroom.client.get("/v1/me", headers=header), 401, "session-ended")
    fine(await newsroom.client.post("/v1/auth/session", json={"email": email, "password": PASSWORD}))
    seen = await told(newsroom, "coordinator", person)
    assert [(one["action"], one["actor_kind"]) for one in seen] == [("make_link_on_server", "system")]
    assert token not in json.dumps(seen)
    assert "make_link" in [one["action"] for one in await told(newsroom, "administrator", person)]


async def test_coordinators_are_made_on_the_server_where_none_can_confirm(
    newsroom: Newsroom, application_url: str, owner_url: str
) -> None:
    person, header, email = await analyst(newsroom, own_password=False)
    with pytest.raises(AssertionError, match="needs the rights"):
        run_program(application_url, "people", "appoint-coordinator", email)
    said = run_program(application_url, "people", "appoint-coordinator", email, DATABASE_OWNER_URL=owner_url)
    assert "coordinator" in said
    assert "coordinator" in fine(await newsroom.client.get("/v1/me", headers=header))["roles"]
    assert [one["action"] for one in await told(newsroom, "coordinator", person)] == ["appoint_coordinator"]
    assert "give_role" in [one["action"] for one in await told(newsroom, "administrator", person)]
    name = f"{uuid4().hex[:12]}@newsroom.example"
    arguments = ("people", "add", "--email", name, "--name", "First", "--role", "coordinator")
    with pytest.raises(AssertionError, match="needs the rights"):
        run_program(application_url, *arguments, "--password-stdin", given=f"{PASSWORD}\n")
    run_program(
        application_url,
        *arguments,
        "--password-stdin",
        given=f"{PASSWORD}\n",
        DATABASE_OWNER_URL=owner_url,
    )
    fine(await newsroom.client.post("/v1/auth/session", json={"email": name, "password": PASSWORD}))


async def test_coordinators_hear_of_an_account_of_theirs_that_is_closed_opened_or_weakened(
    newsroom: Newsroom,
) -> None:
    person, _ = await invited(newsroom, f"c{uuid4().hex[:10]}", roles=["coordinator"])
    path = f"/v1/people/{person}"
    for step in ("deactivation", "activation", "erasure"):
        version = (await newsroom.administrator.get(path))["version"]
        fine(await newsroom.administrator.call("POST", f"{path}/{step}", version=version))
    actions = [one["action"] for one in await told(newsroom, "coordinator", person)]
    assert actions == [
        "give_coordinator",
        "confirm_coordinator",
        "deactivate_coordinator",
        "activate_coordinator",
        "take_coordinator",
    ]


async def test_a_role_that_waits_goes_with_its_person(newsroom: Newsroom, application_url: str) -> None:
    person, _, _ = await analyst(newsroom)
    fine(await change(newsroom, person, roles=["coordinator"]))
    version = (await newsroom.administrator.get(f"/v1/people/{person}"))["version"]
    fine(await newsroom.administrator.call("POST", f"/v1/people/{person}/erasure", version=version))
    connection = await asyncpg.connect(application_url)
    try:
        assert not await connection.fetchval(
            "select count(*) from pending_coordinator where person_id = $1", person
        )
    finally:
        await connection.close()


@pytest.fixture
async def application(application_url: str) -> AsyncIterator[Any]:
    """Give the application's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(application_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


CONFIRMED = "a_coordinator_is_confirmed_by_another_coordinator"
GIVEN = "a_pending_role_is_given_by_an_administrator"
OWN = "roles_are_changed_by_another_person"
ROLE = "insert into person_role (person_id, role) values ('{analyst}', 'coordinator')"
PENDING = "insert into pending_coordinator (person_id, given_by) values ('{analyst}', '{administrator}')"
BY_HAND: dict[str, tuple[str, str, str]] = {
    "the system makes a coordinator": ("system", ROLE, CONFIRMED),
    "an administrator makes one": ("administrator", ROLE, CONFIRMED),
    "a coordinator makes one that was not given": ("coordinator", ROLE, CONFIRMED),
    "an administrator confirms their own": ("administrator", f"{PENDING}; {ROLE}", CONFIRMED),
    "a role becomes another": (
        "administrator",
        "update person_role set role = 'coordinator' where person_id = '{analyst}'",
        "",
    ),
    "a coordinator gives it": ("coordinator", PENDING, GIVEN),
    "a coordinator gives it in their own name": (
        "coordinator",
        "insert into pending_coordinator (person_id, given_by) values ('{analyst}', '{coordinator}')",
        GIVEN,
    ),
    "the system gives it": ("system", PENDING, GIVEN),
    "an administrator takes another role": (
        "administrator",
        "insert into person_role (person_id, role) values ('{administrator}', 'analyst')",
        OWN,
    ),
    "an administrator takes a language": (
        "administrator",
        "insert into person_language (person_id, language) values ('{administrator}', 'be')",
        OWN,
    ),
    "an administrator gives it to themselves": (
        "administrator",
        "insert into pending_coordinator (person_id, given_by) values ('{administrator}', '{administrator}')",
        OWN,
    ),
    "an administrator changes an address": (
        "administrator",
        "update person set email = 'mine@newsroom.example' where id = '{coordinator}'",
        "an_address_is_changed_by_its_person",
    ),
    "the system changes an address": (
        "system",
        "update person set email = 'mine@newsroom.example' where id = '{coordinator}'",
        "an_address_is_changed_by_its_person",
    ),
    "an administrator sets a password": (
        "administrator",
        "update person set password_hash = 'mine' where id = '{coordinator}'",
        "a_password_is_set_by_its_person",
    ),
    "a link into an account in use is shown": (
        "administrator",
        "insert into account_link (id, person_id, purpose, token_hash, expires_at, delivery) "
        "values (new_id(), '{coordinator}', 'invitation', 'x', now() + interval '1 day', 'shown')",
        "a_link_into_an_account_in_use_is_never_shown",
    ),
}


@pytest.mark.parametrize("attempt", BY_HAND)
async def test_no_script_of_the_application_gets_round_the_second_person(
    newsroom: Newsroom, application: Any, attempt: str
) -> None:
    who, statements, constraint = BY_HAND[attempt]
    context = {"actor_kind": "system", "action": "lie", "request": "by-hand"}
    if who != "system":
        context |= {"actor_kind": "person", "actor": newsroom.people[who].id}
    await application.execute("select set_config('editorial.context', $1, true)", json.dumps(context))
    ids = {name: person.id for name, person in newsroom.people.items()}
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InsufficientPrivilegeError)) as fault:
        await application.execute(statements.format(**ids))
    assert (fault.value.constraint_name or "") == constraint
