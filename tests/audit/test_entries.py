"""The trail as it is read: each its part, every filter, names for those who may know them."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from newsroom import Newsroom, Person, fine, refused


async def read(person: Person, query: str = "", *, spoken: str = "en") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.get(f"/v1/trail?limit=100{query}", spoken=spoken))["data"]
    return found


async def test_a_coordinator_reads_what_happened_to_a_text_as_a_story(newsroom: Newsroom) -> None:
    ready = await newsroom.a_commentary_in_translation()
    await newsroom.a_claimed_task(ready, "be")
    entries = await read(newsroom.coordinator, f"&object={ready['id']}")
    assert [entry["sentence"] for entry in reversed(entries)] == [
        "A new commentary was started (revision 1). — Analyst",
        "The text was submitted for review. — Analyst",
        "The text was read and approved (revision 1). — Coordinator",
        "The translation into Belarusian was taken on. — Translator Be",
    ]
    approved = entries[1]
    assert (approved["part"], approved["action"], approved["actor_kind"]) == (
        "editorial",
        "approve",
        "person",
    )
    assert (approved["from_state"], approved["to_state"]) == ("in_review", "in_translation")
    assert approved["actor"] == {"id": newsroom.coordinator.id, "display_name": "Coordinator"}
    assert approved["object"] == {
        "kind": "commentary",
        "id": ready["id"],
        "commentary_id": ready["id"],
        "week": "2024-W30",
        "language": None,
    }
    assert {"approval", "edition", "commentary", "translation_task"} <= {
        change["table"] for change in approved["changes"]
    }
    assert entries[0]["object"]["language"] == "be"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("be", "Пачаты новы каментарый (версія 1). — Analyst"),
        ("ru", "Начат новый комментарий (версия 1). — Analyst"),
        ("en", "A new commentary was started (revision 1). — Analyst"),
    ],
)
async def test_the_trail_is_told_in_three_languages(newsroom: Newsroom, language: str, sentence: str) -> None:
    draft = await newsroom.a_draft()
    (entry,) = await read(newsroom.coordinator, f"&object={draft['id']}", spoken=language)
    assert entry["sentence"] == sentence


async def test_a_section_is_named_by_its_label_in_the_language_of_the_reader(newsroom: Newsroom) -> None:
    labels = {"be": "Спорт", "ru": "Спорт", "en": "Sport"}
    body = {"key": "sport", "labels": labels, "position": 90}
    fine(await newsroom.coordinator.call("POST", "/v1/sections", body))
    said = [
        (await read(newsroom.coordinator, "&object_kind=section&action=add_section", spoken=language))[0][
            "sentence"
        ]
        for language in ("be", "en")
    ]
    assert "(рубрыка: Спорт)" in said[0]
    assert "(section: Sport)" in said[1]


async def test_an_administrator_reads_what_happened_to_accounts(newsroom: Newsroom) -> None:
    body = {"email": "eva@newsroom.example", "display_name": "Eva Z.", "roles": ["analyst"]}
    eva = fine(await newsroom.administrator.call("POST", "/v1/people", body))
    path = f"/v1/people/{eva['id']}"
    change = {"roles": ["translator"], "languages": ["be"]}
    changed = fine(await newsroom.administrator.call("PATCH", path, change, version=eva["version"]))
    fine(await newsroom.administrator.call("POST", f"{path}/deactivation", version=changed["version"]))
    sign_in = {"email": body["email"], "password": "not the one"}
    refused(await newsroom.client.post("/v1/auth/session", json=sign_in), 401)
    entries = await read(newsroom.administrator, f"&object={eva['id']}")
    assert [entry["sentence"] for entry in reversed(entries)] == [
        "An invitation was made (account: Eva Z.; added: analyst). — Administrator",
        "The account was changed (account: Eva Z.; added: translator, Belarusian; taken away: analyst)."
        " — Administrator",
        "The account was deactivated (account: Eva Z.). — Administrator",
        "An attempt to sign in failed (account: Eva Z.). — somebody unknown",
    ]
    assert {entry["part"] for entry in entries} == {"accounts"}
    assert "eva@newsroom.example" not in str(entries)


async def test_each_reads_their_own_part_and_the_others_does_not_exist_for_them(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    assert {entry["part"] for entry in await read(newsroom.coordinator)} == {"editorial"}
    assert {entry["part"] for entry in await read(newsroom.administrator)} == {"accounts"}
    assert await read(newsroom.administrator, f"&object={draft['id']}") == []
    assert await read(newsroom.administrator, "&week=2024-W30") == []
    assert await read(newsroom.administrator, "&action=create") == []
    assert await read(newsroom.coordinator, "&action=sign_in") == []
    path = "/v1/trail?part="
    refused(await newsroom.coordinator.call("GET", f"{path}accounts"), 403, "forbidden")
    refused(await newsroom.administrator.call("GET", f"{path}editorial"), 403, "forbidden")
    for person in (newsroom.analyst, newsroom.translator_be):
        refused(await person.call("GET", "/v1/trail"), 403, "forbidden")


async def test_the_trail_is_filtered_by_person_action_object_week_and_time(newsroom: Newsroom) -> None:
    begun = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    this = await newsroom.a_commentary_in_review(week="2019-W07")
    other = await newsroom.a_draft(week="2019-W08")
    between = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    await newsroom.coordinator.move(this, "request_changes", note="Say where the figure comes from.")

    async def told(query: str) -> list[tuple[str, str]]:
        entries = await read(newsroom.coordinator, f"&since={begun}{query}")
        return [(entry["action"], entry["object"]["id"]) for entry in reversed(entries)]

    assert await told("&week=2019-W08") == [("create", other["id"])]
    assert await told(f"&object={this['id']}") == [
        ("create", this["id"]),
        ("submit", this["id"]),
        ("request_changes", this["id"]),
    ]
    assert await told(f"&week=2019-W07&until={between}") == [("create", this["id"]), ("submit", this["id"])]
    assert await told("&week=2019-W07&action=submit") == [("submit", this["id"])]
    by_coordinator = await told(f"&week=2019-W07&person={newsroom.coordinator.id}")
    assert by_coordinator == [("request_changes", this["id"])]
    assert await told("&week=2019-W07&object_kind=translation_task") == []
    assert await told(f"&person={uuid4()}") == []


async def test_the_pages_of_the_trail_join_without_a_gap(newsroom: Newsroom) -> None:
    texts = [await newsroom.a_commentary_in_review(week="2018-W11") for _ in range(3)]
    found, path = [], "/v1/trail?week=2018-W11&limit=2"
    while path:
        response = await newsroom.coordinator.call("GET", path)
        found += [(one["object"]["id"], one["action"]) for one in fine(response)["data"]]
        path = response.links.get("next", {}).get("url", "")
    assert found == [(one["id"], action) for one in reversed(texts) for action in ("submit", "create")]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("week=2024-W99", "/query/week"),
        ("since=2024-07-22T10:00:00", "/query/since"),
        ("since=0.5", "/query/since"),
        ("part=secrets", "/query/part"),
        ("language=pl", "/query/language"),
        ("person=Hanna", "/query/person"),
        ("authr=x", "/query/authr"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(newsroom: Newsroom, query: str, pointer: str) -> None:
    problem = refused(await newsroom.coordinator.call("GET", f"/v1/trail?{query}"), 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


async def test_an_export_has_a_line_for_each_entry_that_proves_itself(
    newsroom: Newsroom, owner_url: str
) -> None:
    draft = await newsroom.a_commentary_in_review()
    path = f"/v1/trail/export?object={draft['id']}&limit=1"
    async with asyncio.timeout(30):
        while True:
            response = await newsroom.coordinator.call("GET", path)
            assert response.headers["content-type"] == "application/jsonl"
            (line,) = response.text.splitlines()
            if json.loads(line)["position"] is not None:
                break
            await asyncio.sleep(0.2)
    following = await newsroom.coordinator.call("GET", response.links["next"]["url"])
    lines = [line, *following.text.splitlines()]
    assert "next" not in following.links
    assert [json.loads(one)["sentence"] for one in lines] == [
        "The text was submitted for review. — Analyst",
        "A new commentary was started (revision 1). — Analyst",
    ]
    connection = await asyncpg.connect(owner_url)
    try:
        keys = [row["verifier"] for row in await connection.fetch("select verifier from audit_key")]
    finally:
        await connection.close()
    command = [sys.executable, "-m", "editorial", "audit", "check", "-", "--key", keys[-1], "--json"]
    for one, code in ((line, 0), (line.replace("submit", "submot"), 3)):
        done = await asyncio.to_thread(
            subprocess.run, command, input=one, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stderr
        if code == 0:
            assert json.loads(done.stdout)["entry"]["id"] == json.loads(one)["id"]
    refused(await newsroom.analyst.call("GET", "/v1/trail/export"), 403, "forbidden")
    told = (await newsroom.administrator.call("GET", path)).text
    assert told == ""


async def test_a_step_by_hand_is_told_too(newsroom: Newsroom, application_url: str) -> None:
    draft = await newsroom.a_draft()
    connection = await asyncpg.connect(application_url)
    context = (
        '{"actor_kind": "system", "action": "mend_by_hand", "object_kind": "commentary", '
        f'"object": "{draft["id"]}", "request": "by-hand", "note": "A slip of the section."}}'
    )
    try:
        async with connection.transaction():
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            await connection.execute("update commentary set week = '2024-W31' where id = $1", draft["id"])
    finally:
        await connection.close()
    entry = (await read(newsroom.coordinator, f"&object={draft['id']}"))[0]
    assert entry["sentence"] == "A step was taken: “mend_by_hand”. — the system"
    assert (entry["note"], entry["request_id"]) == ("A slip of the section.", "by-hand")
    history = await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/history")
    assert history["data"][-1]["sentence"] == entry["sentence"]


async def test_each_look_behind_a_byline_leaves_its_entry(newsroom: Newsroom) -> None:
    name = f"Pen {uuid4().hex[:8]}"
    person = newsroom.other_analyst
    since = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert name in fine(await person.call("POST", "/v1/me/bylines", {"name": name}))["data"]
    assert name in (await person.get("/v1/me/bylines"))["data"]
    found = await newsroom.coordinator.get(f"/v1/bylines?name={name}")
    assert found == {"name": name, "holders": [{"id": person.id, "display_name": person.name}]}
    assert (await newsroom.coordinator.get("/v1/bylines?name=Nobody"))["holders"] == []
    entries = await read(newsroom.coordinator, f"&since={since}")
    assert [entry["sentence"] for entry in reversed(entries)] == [
        "A byline was taken. — Other Analyst",
        "Own bylines were read. — Other Analyst",
        "A coordinator looked up who is behind a byline. — Coordinator",
        "A coordinator looked up who is behind a byline. — Coordinator",
    ]
    assert name not in str(entries)
    # When a name was taken, beside when it first appeared, would lead from one to the other.
    assert not [one for one in await read(newsroom.administrator, f"&since={since}") if "byline" in str(one)]
    for other in (newsroom.analyst, newsroom.administrator, newsroom.translator_be):
        refused(await other.call("GET", f"/v1/bylines?name={name}"), 403, "forbidden")


async def test_a_byline_leads_to_nobody_outside_of_the_door(newsroom: Newsroom, application_url: str) -> None:
    connection = await asyncpg.connect(application_url)
    try:
        for statement in (
            f"select byline_links('{newsroom.analyst.id}', null)",
            "select byline_links(null, 'A. Kalina')",
            "select byline_links(null, null)",
            "select person_id from byline_holder",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_byline_is_chosen_with_one_entry_that_says_so(newsroom: Newsroom) -> None:
    fine(await newsroom.analyst.call("POST", "/v1/me/bylines", {"name": "A. Kalina"}))
    draft = await newsroom.a_draft()
    signed = await newsroom.analyst.edit(draft, lead=draft["text"]["lead"], byline="A. Kalina")
    signed = await newsroom.analyst.edit(signed, byline="A. Kalina")
    assert signed["byline"] == "A. Kalina"
    history = (await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/history"))["data"]
    assert [entry["action"] for entry in history] == ["create", "change_byline"]
    response = await newsroom.analyst.call(
        "PATCH", f"/v1/commentaries/{draft['id']}", {"byline": "Somebody Else"}, version=signed["version"]
    )
    assert refused(response, 422)["errors"][0]["pointer"] == "/byline"


async def test_what_one_request_did_is_found_by_its_id_in_the_parts_that_one_may_read(
    newsroom: Newsroom,
) -> None:
    draft = await newsroom.a_draft()
    about = f"request-{uuid4().hex}"
    submitted = await newsroom.client.post(
        f"/v1/commentaries/{draft['id']}/transitions",
        json={"action": "submit"},
        headers={
            "Authorization": f"Bearer {newsroom.analyst.token}",
            "If-Match": f'"{draft["version"]}"',
            "X-Request-Id": about,
        },
    )
    assert submitted.headers["X-Request-Id"] == about
    (entry,) = await read(newsroom.coordinator, f"&request_id={about}")
    assert (entry["action"], entry["object"]["id"], entry["request_id"]) == ("submit", draft["id"], about)
    assert await read(newsroom.coordinator, f"&request_id={about}&action=approve") == []
    assert await read(newsroom.coordinator, f"&request_id={uuid4()}") == []
    # The other part of the trail says nothing of it, and who reads neither is refused as ever.
    assert await read(newsroom.administrator, f"&request_id={about}") == []
    refused(await newsroom.analyst.call("GET", f"/v1/trail?request_id={about}"), 403)
    lines = await newsroom.client.get(
        f"/v1/trail/export?request_id={about}",
        headers={"Authorization": f"Bearer {newsroom.coordinator.token}"},
    )
    assert [json.loads(line)["id"] for line in lines.text.splitlines()] == [entry["id"]]

    signing_in = f"request-{uuid4().hex}"
    analyst = newsroom.analyst
    await newsroom.client.post(
        "/v1/auth/session",
        json={"email": analyst.email, "password": analyst.password},
        headers={"X-Request-Id": signing_in},
    )
    (entry,) = await read(newsroom.administrator, f"&request_id={signing_in}")
    assert entry["action"] == "sign_in"
    assert await read(newsroom.coordinator, f"&request_id={signing_in}") == []
    refused(await newsroom.coordinator.call("GET", f"/v1/trail?request_id={'x' * 65}"), 422)
