"""What the contract promises in words of all operations, word for word."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from described import DOCUMENT
from editorial.resources import folder
from newsroom import Newsroom, Person, fine, invited, refused

SCHEMAS = DOCUMENT["components"]["schemas"]
WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}

MAP = """
POST /v1/auth/session
DELETE /v1/auth/session
POST /v1/auth/session/refresh
GET /v1/auth/sessions
DELETE /v1/auth/sessions
DELETE /v1/auth/sessions/{id}
POST /v1/auth/password
POST /v1/auth/totp
GET /.well-known/jwks.json
GET /v1/me
GET /v1/people ? role state
POST /v1/people
PATCH /v1/people/{id}
POST /v1/people/{id}/deactivation
POST /v1/people/{id}/erasure
GET /v1/service-tokens
POST /v1/service-tokens
DELETE /v1/service-tokens/{id}
GET /v1/sections
PATCH /v1/sections/{key}
GET /v1/weeks/{week}
GET /v1/commentaries ? state week section language mine q
POST /v1/commentaries
GET /v1/commentaries/{id}
PATCH /v1/commentaries/{id}
POST /v1/commentaries/{id}/transitions
GET /v1/commentaries/{id}/revisions ? language
GET /v1/commentaries/{id}/revisions/{number} ? language
GET /v1/commentaries/{id}/diff ? from to language
GET /v1/commentaries/{id}/comments
POST /v1/commentaries/{id}/comments
PATCH /v1/commentaries/{id}/comments/{thread}
GET /v1/commentaries/{id}/history
POST /v1/commentaries/{id}/languages
DELETE /v1/commentaries/{id}/languages/{language}
GET /v1/translation-tasks ? language state holder
GET /v1/translation-tasks/{id}
PATCH /v1/translation-tasks/{id}
POST /v1/translation-tasks/{id}/transitions
POST /v1/translation-tasks/claim-next
GET /v1/trail
GET /v1/workflow
GET /v1/published/{language}
GET /v1/published/{language}/{week}
GET /v1/published/{language}/{week}/{slug}
"""


@pytest.mark.parametrize("line", MAP.strip().splitlines())
def test_the_map_leads_where_it_says(line: str) -> None:
    address, _, query = line.partition(" ? ")
    method, path = address.split()
    operation = DOCUMENT["paths"][path][method.lower()]
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    assert set(query.split()) <= known


OF_STANDARDS = {"LinkedArticle", "NinjsAssociation", "NinjsItem", "NinjsText"}
"""What has its members' names from schema.org and from the IPTC."""


@pytest.mark.parametrize("name", sorted(SCHEMAS.keys() - OF_STANDARDS))
def test_members_are_in_snake_case_and_enumerations_in_lower_case(name: str) -> None:
    schema = SCHEMAS[name]
    assert [one for one in schema.get("properties", {}) if not WORD.fullmatch(one)] == []
    # A scope names what it is for and what it allows: two words with a colon.
    words = [part for value in schema.get("enum", ()) for part in value.split(":")]
    assert [one for one in words if not WORD.fullmatch(one)] == []


def moments(schema: dict[str, Any], value: Any) -> Iterator[str]:
    """Every instant in a value of a schema."""
    if "$ref" in schema:
        yield from moments(SCHEMAS[schema["$ref"].rpartition("/")[2]], value)
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from moments(option, value)
    if schema.get("format") == "date-time" and isinstance(value, str):
        yield value
    if isinstance(value, dict):
        for name, one in schema.get("properties", {}).items():
            yield from moments(one, value.get(name))
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for one in value:
            yield from moments(schema["items"], one)


def test_every_instant_that_was_answered_is_in_utc_and_says_so() -> None:
    answers = msgspec.yaml.decode((folder("openapi") / "answers.yaml").read_bytes())
    found: list[str] = []
    for name, answer in answers.items():
        for response in OPERATIONS[name][2]["responses"].values():
            for media in response.get("content", {}).values():
                found += moments(media["schema"], answer)
    assert len(found) > 50
    assert [
        one
        for one in found
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)", one)
    ] == []


LISTS = [
    (name, {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"})
    for name, (_, _, operation) in OPERATIONS.items()
    if any(one["name"] == "cursor" for one in operation.get("parameters", ()))
]


@pytest.mark.parametrize(("name", "query"), LISTS, ids=[name for name, _ in LISTS])
def test_a_list_gives_25_and_100_at_the_most_and_no_totals(name: str, query: dict[str, Any]) -> None:
    limit = query["limit"]
    most = 500 if name == "export_trail" else 100
    usual = 100 if name == "export_trail" else 25
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, most, usual)
    media = OPERATIONS[name][2]["responses"]["200"]["content"].get("application/json")
    if media is not None and "properties" in SCHEMAS[media["schema"]["$ref"].rpartition("/")[2]]:
        members = SCHEMAS[media["schema"]["$ref"].rpartition("/")[2]]["properties"]
        assert {"data", "next_cursor"} <= members.keys()
        assert not {"total", "count", "pages"} & members.keys()


def test_every_object_that_moves_says_where_it_can_go() -> None:
    moving = [
        operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for _, path, operation in OPERATIONS.values()
        if path.endswith("/transitions")
    ]
    assert sorted(moving) == ["Commentary", "TranslationTask"]
    for name in moving:
        assert {"version", "state", "allowed_actions", "blocked_actions"} <= set(SCHEMAS[name]["required"])
    assert set(SCHEMAS["BlockedAction"]["required"]) == {"action", "reason", "code"}


class Written:
    """Something that can be written: its address, who may, what is sent, and what is refused as invalid."""

    def __init__(self, who: Person, method: str, path: str, version: Any, bad: Any = None) -> None:
        """Keep it."""
        self.who, self.method, self.path, self.version, self.bad = who, method, path, version, bad


@pytest.fixture(scope="module")
async def written(newsroom: Newsroom) -> dict[str, Written]:
    """Give something to write to, for every operation that needs a version."""
    analyst, coordinator, administrator = newsroom.analyst, newsroom.coordinator, newsroom.administrator
    draft = await analyst.edit(await newsroom.a_draft(), lead="Another lead.")
    text = f"/v1/commentaries/{draft['id']}"
    translated = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_translated_task(translated, "be")
    holder = newsroom.translator_be
    file = f"/v1/translation-tasks/{task['id']}"
    task = fine(await holder.call("PATCH", file, {"title": "be 99"}, version=task["version"]))
    warning = f"{file}/warnings/{task['warnings'][0]['id']}"
    thread = fine(await analyst.call("POST", f"{text}/comments", {"text": "Since when?"}))
    talk = f"{text}/comments/{thread['id']}"
    term = {"source_language": "en", "language": "be", "source": "word for word", "target": "слова ў слова"}
    term = fine(await coordinator.call("POST", "/v1/glossary", term))
    entry = f"/v1/glossary/{term['id']}"
    person, _ = await invited(newsroom, "word.for.word", roles=["analyst"])
    account = f"/v1/people/{person}"
    version = (await administrator.get(account))["version"]
    check = (await coordinator.get("/v1/publication-checks"))["data"][0]
    section = (await coordinator.get("/v1/sections"))["data"][0]
    bogus = {"bogus": 1}
    return {
        "edit_commentary": Written(analyst, "PATCH", text, draft["version"], bogus),
        "resolve_thread": Written(analyst, "PATCH", talk, thread["version"], bogus),
        "add_language": Written(analyst, "POST", f"{text}/languages", draft["version"], bogus),
        "drop_language": Written(analyst, "DELETE", f"{text}/languages/ru", draft["version"]),
        "restore_revision": Written(analyst, "POST", f"{text}/revisions/1/restoration", draft["version"]),
        "move_commentary": Written(
            analyst, "POST", f"{text}/transitions", draft["version"], {"action": "submit", **bogus}
        ),
        "change_glossary_term": Written(coordinator, "PATCH", entry, term["version"], bogus),
        "remove_glossary_term": Written(coordinator, "DELETE", entry, term["version"]),
        "change_person": Written(administrator, "PATCH", account, version, bogus),
        "activate_person": Written(administrator, "POST", f"{account}/activation", version),
        "deactivate_person": Written(administrator, "POST", f"{account}/deactivation", version),
        "erase_person": Written(administrator, "POST", f"{account}/erasure", version),
        "change_publication_check": Written(
            coordinator, "PATCH", f"/v1/publication-checks/{check['name']}", check["version"], bogus
        ),
        "change_section": Written(
            coordinator, "PATCH", f"/v1/sections/{section['key']}", section["version"], bogus
        ),
        "save_translation": Written(holder, "PATCH", file, task["version"], bogus),
        "restore_translation": Written(holder, "POST", f"{file}/revisions/1/restoration", task["version"]),
        "move_translation_task": Written(
            holder, "POST", f"{file}/transitions", task["version"], {"action": "release", **bogus}
        ),
        "answer_warning": Written(holder, "PUT", warning, task["version"], bogus),
        "withdraw_answer": Written(holder, "DELETE", warning, task["version"]),
        "return_translation_file": Written(holder, "PUT", f"{file}/xliff", task["version"]),
    }


WRITES = [
    name
    for name, (_, _, operation) in OPERATIONS.items()
    if "If-Match" in {one["name"] for one in operation.get("parameters", ())}
]


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_is_judged_by_its_version_before_its_body_and_its_query(
    newsroom: Newsroom, written: dict[str, Written], name: str
) -> None:
    one = written[name]
    method, pattern, _ = OPERATIONS[name]
    assert (method, len(one.path.split("/"))) == (one.method, len(pattern.split("/")))
    path = f"{one.path}?bogus=1"
    file = {"Content-Type": "application/xliff+xml"} if name == "return_translation_file" else {}
    sent: dict[str, Any] = {"content": b"<bogus/>"} if file else {"body": one.bad}
    anonymous = await newsroom.client.request(one.method, path, json=one.bad)
    refused(anonymous, 401, "not-signed-in")
    refused(await one.who.call(one.method, path, **sent, headers=file), 428, "precondition-required")
    stale = refused(await one.who.call(one.method, path, **sent, version=one.version + 7, headers=file), 412)
    assert stale["version"] == one.version
    answer = await one.who.call(one.method, path, **sent, version=one.version, headers=file)
    # What the state does not allow comes before what is wrong with the request.
    assert answer.status_code in {409, 422}, answer.text
    if answer.status_code == 422:
        assert "/query/bogus" in {fault["pointer"] for fault in answer.json()["errors"]}
    again = refused(await one.who.call(one.method, path, **sent, version=one.version + 7, headers=file), 412)
    assert again["version"] == one.version, "what was refused changed something"


async def test_the_version_is_the_etag_of_every_object_and_of_each_asker(
    newsroom: Newsroom, written: dict[str, Written]
) -> None:
    for name in (
        "edit_commentary",
        "save_translation",
        "change_person",
        "change_glossary_term",
        "resolve_thread",
    ):
        one = written[name]
        for method in ("GET", "HEAD"):
            answer = await one.who.call(method, one.path)
            assert answer.headers["ETag"] == f'"{one.version}"'
            assert answer.headers["Cache-Control"] == "private, no-store"


async def test_an_object_is_told_anew_also_to_who_has_its_version(newsroom: Newsroom) -> None:
    text = await newsroom.a_commentary_in_translation()
    path = f"/v1/commentaries/{text['id']}"
    before = await newsroom.analyst.call("GET", path)
    await newsroom.a_claimed_task(text, "be")
    after = await newsroom.analyst.call("GET", path, headers={"If-None-Match": before.headers["ETag"]})
    # The version is the same, and what is told is not: somebody has taken the translation.
    assert after.headers["ETag"] == before.headers["ETag"]
    assert after.status_code == 200
    assert [one["task"]["state"] for one in fine(before)["editions"] if one["task"]] == ["open", "open"]
    assert [one["task"]["state"] for one in fine(after)["editions"] if one["task"]] == ["claimed", "open"]


@pytest.mark.parametrize("tags", ['"{}"', 'W/"{}"', '"0", "{}"', "*"])
async def test_no_desk_object_is_not_modified(
    newsroom: Newsroom, written: dict[str, Written], tags: str
) -> None:
    for name in (
        "edit_commentary",
        "save_translation",
        "change_person",
        "change_glossary_term",
        "resolve_thread",
    ):
        one = written[name]
        asked = {"If-None-Match": tags.format(one.version)}
        whole = await one.who.call("GET", one.path, headers=asked)
        bare = await one.who.call("HEAD", one.path, headers=asked)
        assert (whole.status_code, bare.status_code, bare.content) == (200, 200, b"")
        assert whole.json()["id"] in one.path


async def test_absent_leaves_and_null_clears(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    for kind in ("application/json", "application/merge-patch+json"):
        headers = {"Content-Type": kind}
        answer = await newsroom.analyst.call(
            "PATCH", path, version=draft["version"], headers=headers, content=b'{"trend": null}'
        )
        now = fine(answer)
        assert (now["trend"], now["text"]["title"]) == (None, draft["text"]["title"])
        draft = await newsroom.analyst.edit(now, trend="worse")
        assert draft["trend"] == "worse"


async def test_sign_out_and_deactivation_work_at_once(newsroom: Newsroom) -> None:
    person, header = await invited(newsroom, "gone.at.once", roles=["analyst"])
    client, account = newsroom.client, f"/v1/people/{person}"
    fine(await client.get("/v1/me", headers=header))
    fine(await client.delete("/v1/auth/session", headers=header))
    refused(await client.get("/v1/me", headers=header), 401, "session-ended")
    credentials = {
        "email": "gone.at.once@newsroom.example",
        "password": "nine plain words are easy to remember",
    }
    session = fine(await client.post("/v1/auth/session", json=credentials))
    header = {"Authorization": f"Bearer {session['access_token']}"}
    fine(await client.get("/v1/me", headers=header))
    version = (await newsroom.administrator.get(account))["version"]
    fine(await newsroom.administrator.call("POST", f"{account}/deactivation", version=version))
    refused(await client.get("/v1/me", headers=header), 401)
    refused(
        await client.post("/v1/auth/session/refresh", json={"refresh_token": session["refresh_token"]}), 401
    )
    refused(await client.post("/v1/auth/session", json=credentials), 401, "wrong-credentials")


async def test_readers_are_led_to_the_other_languages_by_links_too(newsroom: Newsroom) -> None:
    text = await newsroom.a_published_commentary()
    slugs = {one["language"]: one["slug"] for one in text["editions"]}
    address = f"/v1/published/be/{text['week']}/{slugs['be']}"
    answer = await newsroom.client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
    assert not answer.headers["ETag"].startswith("W/")
    assert answer.headers["Last-Modified"]
    found = re.findall(r'<([^>]+)>; rel="alternate"; hreflang="(\w+)"', answer.headers["Link"])
    told = {one["language"]: one["url"] for one in fine(answer)["alternates"]}
    assert {language: url for url, language in found if language != "be"} == told
    assert told.keys() == {"en", "ru"}
