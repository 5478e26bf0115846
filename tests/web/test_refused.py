"""What is refused leaves an entry: whose part hears of it, how often, and without telling what exists."""

import asyncio
import json
import statistics
import time
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from newsroom import Newsroom, fine, invited, refused


async def somebody(newsroom: Newsroom, *roles: str, languages: tuple[str, ...] = ()) -> tuple[str, Any]:
    """A new person, of whom the trail knows nothing yet, and what makes a request in their name."""
    name = f"r{uuid4().hex[:12]}"
    person, header = await invited(newsroom, name, roles=list(roles), languages=list(languages))

    async def call(method: str, path: str, body: Any = None, version: int | None = None) -> httpx.Response:
        match = {} if version is None else {"If-Match": f'"{version}"'}
        return await newsroom.client.request(method, path, json=body, headers={**header, **match})

    return person, call


async def entries(newsroom: Newsroom, who: str, person: str, language: str = "en") -> list[dict[str, Any]]:
    """The refusals of a person that a reader of the trail is told of, oldest first."""
    page = await newsroom.people[who].get(f"/v1/trail?person={person}&limit=100", spoken=language)
    return [one for one in reversed(page["data"]) if one["action"].endswith("_refused")]


async def test_a_refused_approval_and_publication_are_entries(newsroom: Newsroom) -> None:
    person, call = await somebody(newsroom, "analyst", "coordinator")
    text: dict[str, Any] = {"week": "2024-W30", "section": "economy", "source_language": "en"}
    text |= {"trend": "worse", "title": "T", "lead": "L", "blocks": [{"type": "paragraph", "text": "x"}]}
    own = fine(await call("POST", "/v1/commentaries", text))
    path = f"/v1/commentaries/{own['id']}"
    own = fine(await call("POST", f"{path}/transitions", {"action": "submit"}, own["version"]))
    steps = f"{path}/transitions"
    refused(await call("POST", steps, {"action": "approve"}, own["version"]), 403, "you-wrote-this")
    refused(await call("POST", steps, {"action": "publish"}, own["version"]), 409)
    refused(await call("POST", steps, {"action": "publish"}), 428)
    refused(await call("POST", steps, {"action": "schedule", "at": "2030-01-01T09:00:00Z"}, 1), 412)
    seen = await entries(newsroom, "coordinator", person)
    assert [(one["action"], one["object"]["kind"], one["object"]["id"]) for one in seen] == [
        ("approve_refused", "commentary", own["id"]),
        ("publish_refused", "commentary", own["id"]),
        ("schedule_refused", "commentary", own["id"]),
    ]
    assert {(one["part"], one["actor"]["id"]) for one in seen} == {("editorial", person)}
    assert seen[0]["sentence"].startswith("An approval was refused. — ")
    told = await entries(newsroom, "coordinator", person, "be")
    assert told[0]["sentence"].startswith("Адмоўлена ў адабрэнні. — ")
    assert await entries(newsroom, "administrator", person) == []
    history = await newsroom.coordinator.get(f"{path}/history?limit=100")
    assert [one["action"] for one in history["data"]] == ["create", "submit"]


async def test_a_refused_acceptance_and_a_refused_week_are_entries(newsroom: Newsroom) -> None:
    person, call = await somebody(newsroom, "translator", languages=("be",))
    task = await newsroom.a_claimed_task(await newsroom.a_commentary_in_translation(), "be")
    path = f"/v1/translation-tasks/{task['id']}/transitions"
    refused(await call("POST", path, {"action": "accept"}, task["version"]), 403)
    refused(await call("POST", "/v1/weeks/2024-W30/publish", {"mode": "all_or_nothing"}), 403)
    seen = await entries(newsroom, "coordinator", person)
    assert [(one["action"], one["object"]["id"]) for one in seen] == [
        ("accept_refused", task["id"]),
        ("publish_refused", None),
    ]


@pytest.mark.parametrize(
    ("roles", "languages"),
    [(("analyst",), ()), (("administrator",), ()), (("translator",), ("be",))],
    ids=("analyst", "administrator", "translator"),
)
async def test_to_ask_for_anothers_text_is_an_entry_in_the_editorial_part_alone(
    newsroom: Newsroom, roles: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    draft = await newsroom.a_draft()
    person, call = await somebody(newsroom, *roles, languages=languages)
    path = f"/v1/commentaries/{draft['id']}"
    for page in ("", "/revisions", "/history", "/comments"):
        refused(await call("GET", path + page), 404)
    refused(await call("PATCH", path, {"title": "Mine"}, draft["version"]), 404)
    seen = await entries(newsroom, "coordinator", person)
    assert [(one["action"], one["object"]["id"]) for one in seen] == [
        ("read_refused", draft["id"]),
        ("change_refused", draft["id"]),
    ]
    accounts = await newsroom.administrator.get(f"/v1/trail?person={person}&limit=100")
    assert draft["id"] not in json.dumps(accounts)


async def test_what_is_not_there_leaves_the_same_entry(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    person, call = await somebody(newsroom, "analyst")
    nothing = str(uuid4())
    for one in (draft["id"], nothing):
        refused(await call("GET", f"/v1/commentaries/{one}"), 404)
    seen = await entries(newsroom, "coordinator", person)
    assert [one["object"]["id"] for one in seen] == [draft["id"], nothing]
    for entry in seen:
        for changing in ("id", "at", "request_id"):
            del entry[changing]
        del entry["object"]["id"]
    assert seen[0] == seen[1]


async def test_what_is_not_there_takes_as_long(newsroom: Newsroom) -> None:
    drafts = [(await newsroom.a_draft())["id"] for _ in range(12)]
    _, call = await somebody(newsroom, "analyst")
    took: dict[bool, list[float]] = {True: [], False: []}
    for draft in drafts:
        for exists, one in ((True, draft), (False, str(uuid4()))):
            began = time.perf_counter()
            refused(await call("GET", f"/v1/commentaries/{one}"), 404)
            took[exists].append(time.perf_counter() - began)
    there, absent = (statistics.median(took[exists]) for exists in (True, False))
    assert 0.4 < there / absent < 2.5


async def test_accounts_that_were_asked_for_are_the_administrators_to_hear_of(newsroom: Newsroom) -> None:
    person, call = await somebody(newsroom, "analyst")
    refused(await call("GET", f"/v1/people/{newsroom.analyst.id}"), 403)
    refused(await call("GET", "/v1/service-tokens"), 403)
    seen = await entries(newsroom, "administrator", person)
    assert [(one["action"], one["object"]["kind"]) for one in seen] == [
        ("account_access_refused", "person"),
        ("account_access_refused", "service_token"),
    ]
    assert await entries(newsroom, "coordinator", person) == []


async def test_who_asks_for_a_part_of_the_trail_is_told_of_to_its_readers(newsroom: Newsroom) -> None:
    person, call = await somebody(newsroom, "administrator")
    refused(await call("GET", "/v1/trail?part=editorial"), 403)
    seen = await entries(newsroom, "coordinator", person)
    assert [one["object"]["kind"] for one in seen] == ["audit_entry"]
    assert await entries(newsroom, "administrator", person) == []
    other, call = await somebody(newsroom, "analyst")
    refused(await call("GET", "/v1/trail?part=accounts"), 403)
    assert len(await entries(newsroom, "administrator", other)) == 1


async def test_refusals_do_not_fill_the_trail(newsroom: Newsroom, application_url: str) -> None:
    person, call = await somebody(newsroom, "analyst")
    same = str(uuid4())
    for _ in range(5):
        refused(await call("GET", f"/v1/commentaries/{same}"), 404)
    assert len(await entries(newsroom, "coordinator", person)) == 1
    for _ in range(9):
        await asyncio.gather(*(call("GET", f"/v1/commentaries/{uuid4()}") for _ in range(10)))
    seen = await entries(newsroom, "coordinator", person)
    assert len(seen) == 61
    assert [one["action"] for one in seen].count("more_refused") == 1
    connection = await asyncpg.connect(application_url)
    try:
        # The bound is the database's: a script that writes as the application does not get past it either.
        async with connection.transaction():
            context = {"actor_kind": "person", "actor": person, "action": "read_refused", "request": "hand"}
            for _ in range(20):
                context["object"] = str(uuid4())
                await connection.execute(
                    "select set_config('editorial.context', $1, true)", json.dumps(context)
                )
                assert await connection.fetchval("select record_refusal('editorial')") == "full"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("delete from refusal_count")
    finally:
        await connection.close()
    assert len(await entries(newsroom, "coordinator", person)) == 61


async def test_to_have_been_refused_a_task_gives_no_right_to_its_history(newsroom: Newsroom) -> None:
    task = await newsroom.task(await newsroom.a_commentary_in_translation(), "ru")
    _, call = await somebody(newsroom, "translator", languages=("be",))
    path = f"/v1/translation-tasks/{task['id']}"
    for _ in range(2):
        refused(await call("GET", path), 404)
        refused(await call("GET", f"{path}/history"), 404)


async def test_a_refusal_of_a_request_with_a_key_is_an_entry_too(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    person, header = await invited(newsroom, f"r{uuid4().hex[:12]}", roles=["analyst"])
    path = f"/v1/commentaries/{draft['id']}/transitions"
    for _ in range(2):
        sent = {**header, "Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        refused(await newsroom.client.post(path, json={"action": "approve"}, headers=sent), 404)
    assert [one["action"] for one in await entries(newsroom, "coordinator", person)] == ["approve_refused"]
