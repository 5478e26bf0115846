"""How a request may be written: its address, its Host, its charset, its If-Match, a password with blanks."""

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest
from uuid_utils import uuid4

from described import APP
from newsroom import Newsroom, fine, refused

ROUTES = sorted({path for route in APP.routes if (path := route.path) != "/"})


def odd(path: str) -> list[str]:
    """Other ways to write an address, which some programs take for the same."""
    first, _, rest = path.removeprefix("/").partition("/")
    last = path.rpartition("/")[2]
    return [
        f"/{path}",
        f"{path}/",
        f"{path}//",
        f"/.{path}",
        f"/x/..{path}",
        f"{path}/.",
        f"{path}/%2e%2E",
        f"{path}%2F",
        f"/%2f{path.removeprefix('/')}",
        *([f"/{first}//{rest}", f"/{first}/./{rest}", f"/{first}%2F{rest}"] if rest else []),
        *([f"{path.removesuffix(last)}%2F{last}"] if rest else []),
    ]


async def raw(address: str, request: bytes) -> bytes:
    """What a server answers to these bytes."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 15)
    finally:
        writer.close()


async def status(address: str, path: str, *headers: str, version: str = "1.1") -> int:
    """The status of the answer to a request that nobody tidies up."""
    lines = [f"GET {path} HTTP/{version}", *headers, "Connection: close", "", ""]
    return int((await raw(address, "\r\n".join(lines).encode())).split(b" ", 2)[1])


@pytest.mark.parametrize("template", ROUTES)
async def test_an_address_that_is_written_in_another_way_is_not_there(server: str, template: str) -> None:
    path = "/".join(
        "en" if "language" in part else str(uuid4()) if part.startswith("{") else part
        for part in template.split("/")
    )
    told = {one: await status(server, one, "Host: api.example.org") for one in odd(path)}
    assert told == dict.fromkeys(told, 404)


async def test_what_is_not_there_is_told_in_the_same_words(newsroom: Newsroom) -> None:
    strange = await newsroom.analyst.call("GET", "/v1//me")
    unknown = await newsroom.analyst.call("GET", "/v1/nothing")
    assert strange.json().keys() == unknown.json().keys()
    refused(strange, 404, "not-found")
    refused(unknown, 404, "not-found")


@pytest.mark.parametrize("path", ["/v1/published/en", "/v1/published/en/feed.rss", "/healthz", "/v1/me"])
async def test_http_1_1_needs_one_host_that_can_be_one(server: str, path: str) -> None:
    # Twice: the second answer to a reader comes from memory.
    for _ in range(2):
        assert await status(server, path) == 400
        assert await status(server, path, "Host: a.example", "Host: b.example") == 400
        assert await status(server, path, "Host: a example") == 400
        expected = 401 if path == "/v1/me" else 200
        assert await status(server, path, "Host: [::1]:8000") == expected
        assert await status(server, path, version="1.0") == expected


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("application/json", True),
        ("application/json; charset=utf8", True),
        ("application/json;charset=UTF8", True),
        ('application/json; charset="Utf-8"', True),
        ("Application/JSON; Charset=utf_8;", True),
        ("application/json; charset=utf-16", False),
        ("application/json; charset=latin1", False),
        ("application/json; charset=", False),
        ("application/json; charset=utf8; charset=latin1", False),
        ("text/plain; charset=utf8", False),
    ],
)
async def test_utf_8_is_taken_by_each_of_its_names(newsroom: Newsroom, kind: str, taken: bool) -> None:
    answer = await newsroom.client.post(
        "/v1/auth/password/reset",
        content=b'{"email": "nobody@newsroom.example"}',
        headers={"Content-Type": kind},
    )
    assert (answer.status_code != 415) is taken, answer.text


async def test_a_password_is_what_was_typed(newsroom: Newsroom) -> None:
    person = newsroom.other_analyst
    typed = "  nine plain words, typed \u00a0 "

    async def signs_in(password: str) -> bool:
        body = {"email": person.email, "password": password}
        answer = await newsroom.client.post("/v1/auth/session", json=body)
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200

    async def change(was: str, to: str) -> httpx.Response:
        return await person.call("POST", "/v1/auth/password", {"current_password": was, "new_password": to})

    assert not await signs_in(f"{person.password} ")
    assert not await signs_in(f" {person.password}")
    refused(await change(f"{person.password} ", typed), 422, "wrong-password")
    assert (await change(person.password, typed)).status_code == 204
    try:
        assert await signs_in(typed)
        assert not await signs_in(typed.strip())
        refused(await change(typed, " " * 20), 422, "invalid")
    finally:
        assert (await change(typed, person.password)).status_code == 204


@pytest.mark.parametrize(
    ("form", "code", "says"),
    [
        ('W/"{n}"', 412, "compresses"),
        ('"{n}-gzip"', 412, "compresses"),
        ('"{n};br"', 412, "compresses"),
        ('"0{n}"', 412, "in quotes and with nothing else"),
        ('""', 412, "in quotes and with nothing else"),
        ("*", 400, "what you read"),
        ('"1", "{n}"', 400, "one version"),
        ("{n}", 400, "in quotes"),
        ('"{n}', 400, "in quotes"),
        ('w/"{n}"', 400, "in quotes"),
    ],
)
async def test_if_match_takes_the_one_version_that_was_read(
    newsroom: Newsroom, form: str, code: int, says: str
) -> None:
    body = {"week": "2024-W30", "section": "economy", "source_language": "en", "title": "T", "lead": "L"}
    draft = fine(await newsroom.analyst.call("POST", "/v1/commentaries", body))
    path, tag = f"/v1/commentaries/{draft['id']}", form.format(n=draft["version"])
    headers = {"Authorization": f"Bearer {newsroom.analyst.token}", "If-Match": tag}
    for method, where, wanted in (
        ("PATCH", path, {"title": "Another"}),
        ("POST", f"{path}/transitions", {"action": "discard"}),
    ):
        answer = await newsroom.client.request(method, where, json=wanted, headers=headers)
        assert (answer.status_code, says in answer.json()["detail"]) == (code, True), answer.text
        if code == 412:
            assert answer.json()["version"] == draft["version"]
    headers["If-Match"] = f'"{draft["version"]}"'
    fine(await newsroom.client.patch(path, json={"title": "Another"}, headers=headers))
