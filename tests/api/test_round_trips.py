"""What each operation costs the database: statements, round trips and bytes, held by a committed table.

A change that adds a round trip to an operation fails here, until the table is written anew
(`make counts`) and the difference shows in review. Times belong to `bench/`.
"""

import asyncio
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import msgspec
import pyotp
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from conftest import PASSWORD, PEOPLE, address
from editorial.app import app_without_database
from editorial.core.permissions import SYSTEM
from editorial.db import Database
from editorial.features.people import add_person
from editorial.features.sections import add_first_sections
from newsroom import BLOCKS, Newsroom, Person, fine
from servers import serving
from wire import Wire, listening

TABLE = Path(__file__).parents[2] / "docs" / "round-trips.md"
WRITES = "COUNTS" in os.environ
TIMES = ("statements", "round_trips")
BYTES = ("sent", "received", "answer")
HEADING = """# What each operation asks of the database

Written by `make counts` from requests over real HTTP, and held by `tests/api/test_round_trips.py`: where a
change adds a statement or a round trip, the test fails until this table is written anew. Counted on the wire
between the server and Postgres, with `begin` and `commit`, and without what a connection does once (preparing
a statement) and what a server asks by the clock (its signing keys, and who stands behind a token, every two
seconds). A page for readers is counted where it is made: from memory it costs nothing. Where an action has a
command of its own, it has a line of its own. Bytes are about so many: what goes to Postgres, what comes from
it, and the answer's body.

| operation | statements | round trips | bytes sent | received | answered |
|---|--:|--:|--:|--:|--:|
"""

ROUTES: dict[str, tuple[str, str, HTTPRouteHandler]] = {
    str(handler.name): (method, route.path_format, handler)
    for route in app_without_database().routes
    if isinstance(route, HTTPRoute)
    for method, (handler, _) in route.route_handler_map.items()
    if method != "OPTIONS"
}

Counts = dict[str, dict[str, int]]


class Ear:
    """Hears each request that succeeds, by the name of its operation, and what it cost."""

    def __init__(self, wire: Wire) -> None:
        """Nothing is heard yet."""
        self._wire = wire
        self._before = wire.now()
        self.counts: Counts = {}

    async def begin(self, _: httpx.Request) -> None:
        """A request goes out: one at a time."""
        self._before = self._wire.now()

    async def end(self, response: httpx.Response) -> None:
        """Its answer is there. Of several of a kind the one counts that cost least."""
        body = await response.aread()
        cost = {name: count - self._before[name] for name, count in self._wire.now().items()}
        assert response.status_code < 400, (response.request.method, str(response.url), response.text)
        name = name_of(response.request)
        cost["answer"] = len(body)
        if name not in self.counts or weight(cost) <= weight(self.counts[name]):
            self.counts[name] = cost


def weight(cost: dict[str, int]) -> tuple[int, ...]:
    return cost["round_trips"], cost["statements"]


def name_of(request: httpx.Request) -> str:
    """The operation's name, and the action where it takes one."""
    found = [
        name
        for name, (method, path, _) in ROUTES.items()
        if method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path)
    ]
    # Where one address is also the pattern of another (`/v1/published/be/weeks`), the plainest is it.
    name = min(found, key=lambda one: ROUTES[one][1].count("{"))
    if request.url.path.endswith("/transitions"):
        return f"{name}: {msgspec.json.decode(request.content)['action']}"
    return name


@pytest.fixture
async def counts(own_database: str, tmp_path: Path) -> AsyncIterator[Counts]:
    """Walk every operation, one request at a time, and give what each cost."""
    parts = parse_qs(urlsplit(own_database).query)
    if "host" not in parts:
        pytest.skip("the server of these tests is not on a socket of its own, to be listened to")
    database = urlsplit(own_database).path.removeprefix("/")
    socket = Path(parts["host"][0]) / f".s.PGSQL.{parts['port'][0]}"
    db = Database(address(own_database, database, "editorial_app"), pool_size=1)
    await db.open()
    await add_first_sections(db)
    ids = {
        name: await add_person(
            db,
            actor=SYSTEM,
            email=f"{name}@newsroom.example",
            display_name=name.replace("_", " ").title(),
            roles=roles,
            languages=languages,
            password=PASSWORD,
        )
        for name, (roles, languages) in PEOPLE.items()
    }
    await db.close()
    url = f"postgresql://editorial_app@/{database}?host={quote(str(tmp_path), safe='')}&port=5432"
    settings = {
        "EDITORIAL_WORKER_IN_SERVE": "false",
        "EDITORIAL_POOL_SIZE": "2",
        "EDITORIAL_DATA_DIR": str(tmp_path / "data"),
        "EDITORIAL_ATTEMPTS_PER_ADDRESS": "1000000",
        "EDITORIAL_CLAIM_LIMIT": "1000",
    }
    async with listening(tmp_path, str(socket)) as wire:
        process = serving(url, tmp_path / "log", **settings)
        server = await in_thread(process.__enter__)
        try:
            ear = Ear(wire)
            hooks: dict[str, list[Any]] = {"request": [ear.begin], "response": [ear.end]}
            async with httpx.AsyncClient(base_url=server, timeout=30, event_hooks=hooks) as client:
                people = {
                    name: Person(client, name, f"{name}@newsroom.example", PASSWORD, str(id), "")
                    for name, id in ids.items()
                }
                newsroom = Newsroom(client, people)
                await newsroom.sign_everybody_in()
                await walk(newsroom)
            yield ear.counts
        finally:
            await in_thread(process.__exit__, None, None, None)


async def in_thread(function: Any, *arguments: Any) -> Any:
    """Wait for a server without keeping the wire waiting."""
    return await asyncio.to_thread(function, *arguments)


async def walk(newsroom: Newsroom) -> None:
    """Call everything that succeeds, more or less in the order of a newsroom's days."""
    await walk_texts(newsroom)
    await walk_translations(newsroom)
    await walk_readers(newsroom)
    await walk_house(newsroom)
    await walk_people(newsroom)
    await walk_oneself(newsroom)


async def walk_texts(newsroom: Newsroom) -> None:
    analyst, coordinator = newsroom.analyst, newsroom.coordinator
    draft = await newsroom.a_draft()
    here = f"/v1/commentaries/{draft['id']}"
    draft = await analyst.move(await analyst.move(draft, "discard"), "restore")
    draft = await analyst.edit(draft, lead="Baltic prices held.")
    answer = await analyst.call("POST", f"{here}/revisions/1/restoration", version=draft["version"])
    draft = fine(answer)
    draft = fine(await analyst.call("DELETE", f"{here}/languages/ru", version=draft["version"]))
    draft = await analyst.get(here)
    fine(await analyst.call("POST", f"{here}/languages", {"language": "ru"}, version=draft["version"]))
    draft = await analyst.move(await analyst.get(here), "submit")
    draft = await analyst.move(await analyst.move(draft, "recall"), "submit")
    draft = await coordinator.move(draft, "request_changes", note="Which ports?")
    draft = await coordinator.move(await analyst.move(draft, "submit"), "approve")
    draft = await coordinator.move(draft, "reopen", note="One figure is wrong.")
    draft = await analyst.move(await analyst.edit(draft, blocks=BLOCKS[:2]), "submit")
    draft = await coordinator.move(draft, "approve")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    draft = await coordinator.move(draft, "schedule", at=tomorrow, languages=["en"])
    draft = await coordinator.move(draft, "unschedule", languages=["en"])
    for page in ("", "/revisions", "/revisions/2", "/diff?from=1&to=2", "/history"):
        await coordinator.get(here + page)
    thread = fine(await coordinator.call("POST", f"{here}/comments", {"text": "Since when?"}))
    talk = f"{here}/comments/{thread['id']}"
    fine(await analyst.call("POST", f"{talk}/replies", {"text": "Since May."}))
    await coordinator.get(f"{here}/comments")
    now = await coordinator.get(talk)
    fine(await coordinator.call("PATCH", talk, {"resolved": True}, version=now.get("version")))
    link = fine(await coordinator.call("POST", f"{here}/previews", {"language": "en"}))
    await coordinator.get(f"/v1/previews/{link['url'].rpartition('/')[2]}")
    await coordinator.get("/v1/commentaries?state=in_translation&limit=50")
    await coordinator.get("/v1/weeks/2024-W30")


async def walk_translations(newsroom: Newsroom) -> None:
    coordinator, holder = newsroom.coordinator, newsroom.translator_be
    text = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(text, "be")
    here = f"/v1/translation-tasks/{task['id']}"
    task = await holder.move_task(task, "release")
    task = await coordinator.move_task(task, "assign", translator=holder.id)
    task = await newsroom.translate(holder, task)
    saved = fine(await holder.call("PATCH", here, {"title": "Порты 99"}, version=task["version"]))
    answer = await holder.call("POST", f"{here}/revisions/1/restoration", version=saved["version"])
    fine(answer)
    task = await holder.get(here)
    task = fine(await holder.call("PATCH", here, {"title": "Порты 99"}, version=task["version"]))
    warning = f"{here}/warnings/{task['warnings'][0]['id']}"
    fine(await holder.call("PUT", warning, {"reason": "It is right."}, version=task["version"]))
    fine(await holder.call("DELETE", warning, version=(await holder.get(here))["version"]))
    taken = await holder.call("GET", f"{here}/xliff")
    assert taken.is_success
    version = (await holder.get(here))["version"]
    kind = {"Content-Type": taken.headers["content-type"]}
    fine(await holder.call("PUT", f"{here}/xliff", version=version, headers=kind, content=taken.content))
    task = await holder.move_task(await holder.get(here), "submit")
    task = await holder.move_task(await holder.move_task(task, "recall"), "submit")
    task = await coordinator.move_task(task, "return", note="The amount is in millions.")
    task = await coordinator.move_task(await holder.move_task(task, "submit"), "accept")
    for page in ("", "/suggestions", "/history"):
        await holder.get(here + page)
    await holder.get("/v1/translation-tasks?language=be")
    other = await newsroom.task(text, "ru")
    await coordinator.move_task(other, "cancel")
    another = await newsroom.a_commentary_in_translation()
    fine(await holder.call("POST", "/v1/translation-tasks/claim-next", {"language": "be"}))
    assert another["state"] == "in_translation"


async def walk_readers(newsroom: Newsroom) -> None:
    coordinator = newsroom.coordinator
    text = await newsroom.a_published_commentary()
    slug = next(one["slug"] for one in text["editions"] if one["language"] == "be")
    text = await coordinator.move(text, "change_slug", language="be", slug=f"porty-{secrets.token_hex(4)}")
    slug = next(one["slug"] for one in text["editions"] if one["language"] == "be")
    page = f"/v1/published/be/2024-W30/{slug}"
    pages = ["sitemap.xml", "be", "be/sitemap.xml", "be/ninjs", "be/search?q=Grain", "be/sections"]
    pages += ["be/weeks", "be/2024-W30", *(f"be/feed.{kind}" for kind in ("atom", "json", "rss"))]
    pages += [f"be/sections/economy/feed.{kind}" for kind in ("atom", "json", "rss")]
    for one in (page, f"{page}/json-ld", f"{page}/ninjs", *(f"/v1/published/{one}" for one in pages)):
        # Each is made here: from memory it would cost nothing.
        answer = await newsroom.client.get(one)
        assert answer.is_success, answer.text
    text = await coordinator.move(text, "retract", reason="The figures were wrong.")
    await newsroom.analyst.move(text, "revise")
    other = await newsroom.a_commentary_in_translation(week="2017-W01")
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(other, language)
    fine(await coordinator.call("POST", "/v1/weeks/2017-W01/publish", {"mode": "all_or_nothing"}))


async def walk_house(newsroom: Newsroom) -> None:
    coordinator, administrator = newsroom.coordinator, newsroom.administrator
    for page in ("/v1/sections", "/v1/workflow", "/v1/glossary", "/v1/publication-checks", "/v1/trail"):
        await coordinator.get(page)
    assert (await coordinator.call("GET", "/v1/trail/export")).is_success
    for page in ("/v1/trail/checkpoints", "/v1/trail/keys", "/.well-known/jwks.json"):
        fine(await newsroom.client.get(page))
    key = f"k-{secrets.token_hex(4)}"
    example = ROUTES["add_section"][2].opt["example"]
    section = fine(await coordinator.call("POST", "/v1/sections", {**example, "key": key}))
    version = section["version"]
    fine(await coordinator.call("PATCH", f"/v1/sections/{key}", {"closed": True}, version=version))
    term = {**ROUTES["add_glossary_term"][2].opt["example"], "source": f"Grain {key}"}
    term = fine(await coordinator.call("POST", "/v1/glossary", term))
    here = f"/v1/glossary/{term['id']}"
    await coordinator.get(here)
    changed = ROUTES["change_glossary_term"][2].opt["example"]
    term = fine(await coordinator.call("PATCH", here, changed, version=term["version"]))
    fine(await coordinator.call("DELETE", here, version=term["version"]))
    checks = await coordinator.get("/v1/publication-checks")
    check = next(one for one in checks["data"] if one["name"] == "source_has_moved_on")
    changed = {"blocks": not check["blocks"]}
    here = f"/v1/publication-checks/{check['name']}"
    fine(await coordinator.call("PATCH", here, changed, version=check["version"]))
    made = fine(
        await administrator.call(
            "POST", "/v1/service-tokens", ROUTES["create_service_token"][2].opt["example"]
        )
    )
    await administrator.get("/v1/service-tokens")
    fine(await administrator.call("DELETE", f"/v1/service-tokens/{made['id']}"))


async def walk_people(newsroom: Newsroom) -> None:
    administrator, client = newsroom.administrator, newsroom.client
    await administrator.get("/v1/people")
    name = f"new-{secrets.token_hex(4)}"
    body = {"email": f"{name}@newsroom.example", "display_name": name, "roles": ["analyst"], "languages": []}
    made = fine(await administrator.call("POST", "/v1/people", body))
    here = f"/v1/people/{made['id']}"
    invitation = fine(await administrator.call("POST", f"{here}/invitation"))
    link = {"token": invitation["token"], "new_password": "nine plain words are easy to remember"}
    fine(await client.post("/v1/auth/password", json=link))
    roles = {"roles": ["analyst", "coordinator"]}

    async def change(method: str, path: str = "", body: Any = None) -> None:
        version = (await administrator.get(here))["version"]
        fine(await administrator.call(method, here + path, body, version=version))

    await change("PATCH", body=roles)
    await change("POST", "/deactivation")
    await change("POST", "/activation")
    fine(await newsroom.administrator.call("DELETE", f"/v1/people/{newsroom.contributor.id}/totp"))
    await change("POST", "/erasure")


async def walk_oneself(newsroom: Newsroom) -> None:
    analyst, client = newsroom.analyst, newsroom.client
    await analyst.get("/v1/me")
    fine(await analyst.call("PATCH", "/v1/me", ROUTES["change_me"][2].opt["example"]))
    name = f"A. {secrets.token_hex(4)}"
    fine(await analyst.call("POST", "/v1/me/bylines", {"name": name}))
    await analyst.get("/v1/me/bylines")
    await newsroom.coordinator.get(f"/v1/bylines?name={quote(name)}")
    fine(await client.post("/v1/auth/password/reset", json={"email": analyst.email}))
    who = newsroom.contributor
    credentials = {"email": who.email, "password": PASSWORD}
    session = fine(await client.post("/v1/auth/session", json=credentials))
    renewed = {"refresh_token": session["refresh_token"]}
    who.token = fine(await client.post("/v1/auth/session/refresh", json=renewed))["access_token"]
    proof = {"current_password": PASSWORD}
    secret = pyotp.TOTP(fine(await who.call("POST", "/v1/auth/totp", proof))["secret"])
    code = secret.at(int(time.time()), counter_offset=-1)
    fine(await who.call("POST", "/v1/auth/totp/confirmation", {"code": code}))
    await who.get("/v1/auth/totp")
    fine(await who.call("POST", "/v1/auth/totp/removal", {**proof, "totp": secret.now()}))
    other = fine(await client.post("/v1/auth/session", json=credentials))
    await who.get("/v1/auth/sessions")
    fine(await who.call("DELETE", f"/v1/auth/sessions/{other['session_id']}"))
    fine(await who.call("DELETE", "/v1/auth/sessions"))
    who.token = fine(await client.post("/v1/auth/session", json=credentials))["access_token"]
    fine(await who.call("DELETE", "/v1/auth/session"))


def written(counts: Counts) -> str:
    """The table. Bytes that are about what they were stay as they are written."""
    before = committed() if TABLE.exists() else {}

    def line(name: str) -> str:
        was, cost = before.get(name, {}), counts[name]
        sizes = [was[one] if one in was and is_about(cost[one], was[one]) else cost[one] for one in BYTES]
        return f"| {' | '.join(map(str, (name, *(cost[one] for one in TIMES), *sizes)))} |\n"

    return HEADING + "".join(map(line, sorted(counts)))


def is_about(size: int, was: int) -> bool:
    """Whether two sizes differ by no more than the digits of a time, or what a list has in it by then."""
    return abs(size - was) <= 200 + was // 4


def committed() -> Counts:
    """The table as it is written."""
    cells = (line.strip("| ").split(" | ") for line in lines_of(TABLE))
    return {name: dict(zip((*TIMES, *BYTES), map(int, rest), strict=True)) for name, *rest in cells}


def lines_of(table: Path) -> Iterator[str]:
    lines = table.read_text(encoding="utf-8").splitlines()
    yield from lines[lines.index("|---|--:|--:|--:|--:|--:|") + 1 :]


async def test_no_operation_asks_more_of_the_database_than_its_line_says(counts: Counts) -> None:
    if WRITES:
        TABLE.write_text(written(counts), encoding="utf-8")
    known = committed()
    asked = {name: {one: cost[one] for one in TIMES} for name, cost in counts.items()}
    assert asked == {name: {one: cost[one] for one in TIMES} for name, cost in known.items()}
    sizes = {(name, one): (cost[one], known[name][one]) for name, cost in counts.items() for one in BYTES}
    assert not {key: pair for key, pair in sizes.items() if not is_about(*pair)}


def test_every_operation_has_its_line() -> None:
    operations = {name for name, (_, _, handler) in ROUTES.items() if handler.resolve_include_in_schema()}
    assert {name.partition(":")[0] for name in committed()} == operations
