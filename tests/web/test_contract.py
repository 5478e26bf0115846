"""Every operation against every line of the contract that holds for all of them, over real HTTP.

The operations are those of the document, so that a new one is held here without a word.
"""

import re
from typing import Any

import httpx
import pytest

from described import DOCUMENT
from editorial.core.refusals import every_refusal
from editorial.web import status_of
from newsroom import Newsroom, Person, fine, invited, refused

OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
STATUS = {refusal.code: status_of(refusal) for refusal in every_refusal()}
NOWHERE = {
    "id": "01900000-0000-7000-8000-000000000000",
    "number": "1",
    "week": "2024-W30",
    "language": "en",
    "slug": "nowhere-at-all",
    "key": "nowhere",
}
PASSWORD = "nine plain words are easy to remember"
ENDS_SESSIONS = {"sign_out", "end_all_sessions"}
KINDS = ("analyst", "coordinator", "translator_be", "administrator")
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}

each_operation = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[one[2]["operationId"] for one in OPERATIONS]
)


@pytest.fixture(scope="module")
async def team(newsroom: Newsroom) -> Newsroom:
    """Give people of these tests alone, for what is asked here ends sessions, too."""
    roles: dict[str, dict[str, Any]] = {
        "analyst": {"roles": ["analyst"]},
        "coordinator": {"roles": ["coordinator"]},
        "translator_be": {"roles": ["translator"], "languages": ["be"]},
        "administrator": {"roles": ["administrator"]},
    }
    people = {}
    for kind in KINDS:
        name = f"contract.{kind}"
        person, header = await invited(newsroom, name, **roles[kind])
        people[kind] = Person(
            client=newsroom.client,
            name=name,
            email=f"{name}@newsroom.example",
            password=PASSWORD,
            id=person,
            token=header["Authorization"].removeprefix("Bearer "),
        )
    return Newsroom(newsroom.client, people)


def filled(path: str) -> str:
    """The path with something that is nowhere in place of each parameter."""
    return re.sub(r"\{(\w+)\}", lambda one: NOWHERE.get(one[1], NOWHERE["id"]), path)


def parameters(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ())}


def asked(path: str, operation: dict[str, Any]) -> str:
    """The address with something for each query parameter that is required."""
    required = [
        one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")
    ]
    query = "&".join(f"{one['name']}=1" for one in required)
    return f"{filled(path)}?{query}" if query else filled(path)


def body_of(operation: dict[str, Any]) -> tuple[str, bytes] | None:
    """A body of the operation's type that is not good."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return None
    kind = next(iter(content))
    return kind, b'{"bogus": 1}' if kind == "application/json" else b"<bogus/>"


async def send(
    newsroom: Newsroom,
    who: str | None,
    method: str,
    path: str,
    operation: dict[str, Any],
    **headers: str,
) -> httpx.Response:
    """One request of the operation, and what every answer has to hold."""
    sent = {"Content-Type": "", **headers}
    body = body_of(operation)
    content = None
    if body is not None:
        sent["Content-Type"] = headers.get("Content-Type", body[0])
        content = body[1]
    if not sent["Content-Type"]:
        del sent["Content-Type"]
    if who is not None:
        person = newsroom.people[who]
        sent["Authorization"] = f"Bearer {person.token}"
    answer = await newsroom.client.request(method, path, content=content, headers=sent)
    keeps_the_form(answer, operation)
    if who is not None and operation["operationId"] in ENDS_SESSIONS and answer.status_code < 400:
        credentials = {"email": person.email, "password": person.password}
        again = fine(await newsroom.client.post("/v1/auth/session", json=credentials))
        person.token = again["access_token"]
    return answer


def keeps_the_form(answer: httpx.Response, operation: dict[str, Any]) -> None:
    """An answer is one that the document tells of, and has what every answer has."""
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in operation["responses"], f"{answer.status_code} {answer.text}"
    assert answer.headers["X-Request-Id"]
    for name, value in SECURITY.items():
        assert answer.headers[name] == value
    assert "Cache-Control" in answer.headers
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    if answer.status_code < 400:
        return
    problem = refused(answer, answer.status_code)
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= problem.keys()
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert problem["instance"] == answer.request.url.path
    assert problem["code"] in operation["x-problems"], problem
    assert STATUS[problem["code"]] == answer.status_code


@each_operation
async def test_it_says_first_who_may_ask_and_what_is_there(
    team: Newsroom, method: str, path: str, operation: dict[str, Any]
) -> None:
    if operation["security"]:
        answer = await send(team, None, method, f"{asked(path, operation)}", operation)
        refused(answer, 401, "not-signed-in")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for who in KINDS if operation["security"] else ():
        answer = await send(team, who, method, asked(path, operation), operation)
        if "{id}" in path or "{key}" in path:
            assert answer.status_code in {403, 404}, answer.text


@each_operation
async def test_it_knows_its_own_parameters_and_no_others(
    team: Newsroom, method: str, path: str, operation: dict[str, Any]
) -> None:
    address = asked(path, operation)
    unknown = f"{address}{'&' if '?' in address else '?'}no_such_parameter=1"
    for who in KINDS if operation["security"] else (None,):
        plain = await send(team, who, method, address, operation)
        answer = await send(team, who, method, unknown, operation)
        if plain.status_code < 400 or plain.status_code == 422:
            pointers = [one["pointer"] for one in refused(answer, 422)["errors"]]
            assert pointers[:1] == ["/query/no_such_parameter"] or plain.json()["code"] != "invalid"
        else:
            assert answer.status_code == plain.status_code
    twice = await send(team, "coordinator", method, f"{filled(path)}?x=%zz", operation)
    refused(twice, 400, "malformed")


@each_operation
async def test_it_takes_bodies_of_its_own_type_and_size(
    team: Newsroom, method: str, path: str, operation: dict[str, Any]
) -> None:
    if "requestBody" not in operation:
        return
    who = None if not operation["security"] else "administrator"
    address = asked(path, operation)
    answer = await send(team, who, method, address, operation, **{"Content-Type": "text/plain"})
    assert answer.status_code in {403, 415}
    zipped = await send(team, who, method, address, operation, **{"Content-Encoding": "gzip"})
    assert zipped.status_code in {403, 415}
    sent = {"Content-Type": next(iter(operation["requestBody"]["content"]))}
    if who is not None:
        sent["Authorization"] = f"Bearer {team.people[who].token}"
    large = await team.client.request(method, address, content=b"{" + b" " * (9 << 20), headers=sent)
    keeps_the_form(large, operation)
    assert large.status_code in {403, 413}


@each_operation
async def test_it_has_one_form_of_answer(
    team: Newsroom, method: str, path: str, operation: dict[str, Any]
) -> None:
    if "406" in operation["responses"]:
        answer = await send(team, "coordinator", method, filled(path), operation, Accept="image/png")
        refused(answer, 406, "not-acceptable")
    for accepted in ("*/*", "application/*", "text/html, */*;q=0.1"):
        answer = await send(team, "coordinator", method, filled(path), operation, Accept=accepted)
        assert answer.status_code != 406


@each_operation
async def test_it_reads_its_headers_strictly(
    team: Newsroom, method: str, path: str, operation: dict[str, Any]
) -> None:
    address = asked(path, operation)
    if "If-Match" in parameters(operation):
        answer = await send(team, "coordinator", method, address, operation, **{"If-Match": "3"})
        assert answer.status_code in {400, 403, 404, 422}
    takes_keys = method == "POST" and bool(operation["security"])
    assert ("Idempotency-Key" in parameters(operation)) == takes_keys
    if takes_keys:
        bad = {"Idempotency-Key": "two words"}
        refused(await send(team, "coordinator", method, address, operation, **bad), 400)
        success = next(one for status, one in operation["responses"].items() if status[0] == "2")
        assert "Idempotency-Replayed" in success["headers"]
    if "cursor" in parameters(operation):
        answer = await send(team, "coordinator", method, f"{filled(path)}?cursor=bogus", operation)
        assert answer.status_code in {400, 403, 404}
        most = next(one["schema"]["maximum"] for one in operation["parameters"] if one.get("name") == "limit")
        for limit in ("0", str(most + 1), "-1", "1.5", "9" * 30, "ten"):
            answer = await send(team, "coordinator", method, f"{filled(path)}?limit={limit}", operation)
            assert answer.status_code in {403, 404, 422}


@each_operation
async def test_it_can_be_asked_about(
    team: Newsroom, method: str, path: str, operation: dict[str, Any]
) -> None:
    answer = await team.client.options(filled(path))
    assert answer.status_code == 204
    assert method in answer.headers["Allow"].split(", ")
    if method == "GET":
        assert "HEAD" in answer.headers["Allow"]
        token = {"Authorization": f"Bearer {team.coordinator.token}"}
        whole = await team.client.get(asked(path, operation), headers=token)
        bare = await team.client.head(asked(path, operation), headers=token)
        assert (bare.status_code, bare.content) == (whole.status_code, b"")
        assert bare.headers["Content-Type"] == whole.headers["Content-Type"]
