"""A crawl of the demo: every address, as every kind of person, and whom each answer leads to.

The other tests of need to know ask in an order that somebody thought of. Here a whole newsroom is there, and
everybody asks for everything: each address of each object, lists with their filters, page after page. In each
byte of an answer's body and headers, and in each line of the server's log, there is no name, no address and
no id of a person whom that reader may not know.
"""

import asyncio
import base64
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from conftest import Run, address
from described import APP
from editorial.cli import quickstart
from editorial.settings import Settings
from newsroom import fine
from servers import serving

NOBODY, SERVICE = "nobody", "a front end's server"
READERS = (
    *("alesia", "mikola", "vera"),
    "hanna",
    "adam",
    *("nasta.be", "janka.be", "olga.ru"),
    *(NOBODY, SERVICE),
)
"""Of each kind one, and two where they stand to a text in different ways."""
EVERYBODY = frozenset(
    {
        *("alesia", "mikola", "vera", "hanna", "piotr", "adam", "iryna"),
        *("nasta.be", "janka.be", "olga.ru", "denis.ru", "emma.en", "paul.en"),
    }
)
COORDINATORS = frozenset({"hanna", "piotr"})
ANALYSTS = frozenset({"alesia", "mikola", "vera"})

# Who wrote what in the demo, and who helped: mikola helps vera with one of hers.
WRITERS = {
    "alesia": frozenset({"alesia"}),
    "mikola": frozenset({"mikola"}),
    "vera": frozenset({"vera"}),
    "vera, with mikola": frozenset({"vera", "mikola"}),
}


class Known(msgspec.Struct):
    """Whom somebody may find at an address."""

    names: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


THE_SAME_FOR_ALL = {"openapi_json", "openapi_yaml", "docs_page", "docs_file", "problem_list", "problem_page"}
"""What the program says of itself, wherever it runs. In its examples is a Vera who is nobody."""


def may_find(reader: str, path: str, writers: frozenset[str]) -> Known:
    """Whom a reader may find there, written by hand. `writers` are those of the text that is asked for."""
    if reader in (NOBODY, SERVICE):
        return Known()
    oneself = frozenset({reader})
    if reader in COORDINATORS:
        return Known(EVERYBODY, EVERYBODY, oneself)
    if reader == "adam" and path.startswith("/v1/people"):
        return Known(EVERYBODY, EVERYBODY, EVERYBODY)
    if reader == "adam" and path.startswith("/v1/trail"):
        return Known(EVERYBODY, EVERYBODY, oneself)
    if reader in writers:
        return Known(writers | COORDINATORS, writers, oneself)
    return Known(oneself, oneself, oneself)


@dataclass
class Demo:
    """The demo's newsroom, and everything that has an address in it."""

    client: httpx.AsyncClient
    log: Any
    tokens: dict[str, str]
    secrets: dict[str, dict[str, list[str]]]
    """Of each person the names, ids and addresses that lead to them, as they would be written."""
    writers: dict[str, frozenset[str]]
    """Of each commentary."""
    values: dict[str, list[dict[str, str]]]
    """What to put in the places of an address, by what it is an address of."""
    seen: dict[str, Counter[int]] = field(default_factory=dict)
    found: dict[str, set[str]] = field(default_factory=dict)
    """Whom each reader has found."""

    @cached_property
    def everything(self) -> list[str]:
        """Whatever leads to anybody."""
        return [one for matters in self.secrets.values() for some in matters.values() for one in some]

    def addresses(self, template: str) -> Iterator[str]:
        """Each address of that form that leads to something."""
        for values in self.values[kind_of(template)]:
            yield template.format(**values)

    async def ask(self, reader: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[reader]}"} if reader in self.tokens else {}
        answer = await self.client.get(path, headers=headers)
        self.seen.setdefault(reader, Counter())[answer.status_code] += 1
        return answer

    def betrayed(self, reader: str, path: str, said: str, writers: frozenset[str]) -> list[str]:
        """Whom something that was said leads to, though its reader may not know them."""
        known = may_find(reader, path, writers)
        faults = []
        for person, secrets in self.secrets.items():
            for matter in ("names", "ids", "emails"):
                there = [one for one in secrets[matter] if one in said]
                if there:
                    self.found.setdefault(reader, set()).add(person)
                if there and person not in getattr(known, matter):
                    faults.append(f"{reader} finds {person} by {matter} at {path}: {there}")
        return faults

    def faults_of(self, reader: str, path: str, answer: httpx.Response) -> list[str]:
        """Whom an answer leads to. What it says of one text in a list is held against that text's writers."""
        headers = "".join(f"\n{name}: {value}" for name, value in answer.headers.items())
        headers += "".join(decoded(one) for one in re.findall(r"[A-Za-z0-9_-]{40,}", answer.text + headers))
        asked = re.search(r"/commentaries/([0-9a-f-]{36})", path)
        own = self.writers.get(asked[1], frozenset()) if asked else frozenset[str]()
        # What was asked for comes back in `instance` and in links: the address is the caller's own word.
        body = answer.text.replace(path, "")
        parts: list[dict[str, Any]] = []
        if not any(one in f"{body}{headers}".lower() for one in self.everything):
            return []
        if not asked and answer.headers.get("content-type", "").partition(";")[0] == "application/json":
            rest, parts = split(msgspec.json.decode(answer.content), self.writers.keys())
            body = msgspec.json.encode(rest).decode()
        faults = self.betrayed(reader, path, (body + headers.replace(path, "")).lower(), own)
        for part in parts:
            said = msgspec.json.encode(part).decode().lower()
            faults += self.betrayed(reader, path, said, self.writers[part["id"]])
        return faults


def decoded(token: str) -> str:
    """What lies in something that looks like base64."""
    whole = token[: len(token) - (len(token) % 4 == 1)]
    return base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)).decode("latin-1")


def split(value: Any, texts: Any) -> tuple[Any, list[dict[str, Any]]]:
    """An answer without what it says of single texts, and that."""
    if isinstance(value, list):
        halves = [split(one, texts) for one in value]
        return [rest for rest, _ in halves], [part for _, parts in halves for part in parts]
    if not isinstance(value, dict):
        return value, []
    if str(value.get("id")) in texts:
        return None, [value]
    halves_by_name = {name: split(one, texts) for name, one in value.items()}
    return (
        {name: rest for name, (rest, _) in halves_by_name.items()},
        [part for _, parts in halves_by_name.values() for part in parts],
    )


def kind_of(template: str) -> str:
    """Of what an address of this form is: the places in it, and of whose id."""
    return " ".join(
        f"{of}.{name}" if name == "id" else name
        for of, name in re.findall(r"([\w-]*)\}?/\{(\w+)\}", template)
    )


def reading_routes() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The address of each operation that reads, and who asks: what is public knows no reader from another."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for route in APP.routes:
        assert isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items():
            assert isinstance(handler, HTTPRouteHandler)
            if method == "GET":
                readers = (NOBODY, SERVICE, "alesia") if handler.opt["public"] else READERS
                found[str(handler.name)] = route.path_format, readers
    return found


def queries_of(name: str, people: dict[str, str]) -> list[str]:
    """What else an operation is asked: its filters, which must tell nothing either."""
    bylines = ("Алеся Каліна", "M. Viarba", "Nobody Else")
    asked = {
        "look_behind_byline": [f"?name={one}" for one in bylines],
        "search_published": ["?q=в", "?q=Каліна", "?q=fee"],
        "list_published": ["", f"?byline={bylines[0]}"],
        "list_commentaries": ["", "?limit=3", "?mine=true", "?q=M. Viarba", "?q=Алеся К."],
        "list_translation_tasks": ["", "?limit=3", "?holder=me", f"?holder={people['nasta.be']}"],
        "list_trail": [
            *("", "?part=accounts", "?limit=3"),
            *(f"?person={people[one]}" for one in ("alesia", "nasta.be")),
        ],
        "export_trail": ["", "?part=accounts"],
        "list_people": ["", "?role=analyst", "?limit=3"],
    }
    return asked.get(name, [""])


@pytest.fixture
async def demo(own_database: str, run: Run, tmp_path: Any) -> AsyncIterator[Demo]:
    """Give the demo, served, with everybody signed in and something of each kind to be asked for."""
    database = own_database.rpartition("/")[2].partition("?")[0]
    application = address(own_database, database, "editorial_app")
    log = tmp_path / "server.log"
    people = await quickstart.prepare(Settings(data_dir=tmp_path), own_database, application, demo=True)
    settings = {"EDITORIAL_DATA_DIR": str(tmp_path), "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "1000"}
    with serving(application, log, **settings) as server:
        async with httpx.AsyncClient(base_url=server, timeout=60) as client:
            tokens = {}
            for person in people:
                credentials = {"email": person.email, "password": person.password}
                signed_in = fine(await client.post("/v1/auth/session", json=credentials))
                tokens[person.email.partition("@")[0]] = signed_in["access_token"]
            made = await add_what_is_missing(client, tokens)
            connection = await asyncpg.connect(own_database)
            try:
                values = await everything_with_an_address(connection, made)
                ids = {
                    row["email"].partition("@")[0]: str(row["id"])
                    for row in await connection.fetch("select id, email from person")
                }
                writers = {
                    str(row["id"]): frozenset(row["writers"])
                    for row in await connection.fetch(
                        "select commentary.id, array_agg(split_part(person.email, '@', 1)) as writers "
                        "from commentary left join contributor on contributor.commentary_id = commentary.id "
                        "inner join person on person.id in (commentary.author_id, contributor.person_id) "
                        "group by commentary.id"
                    )
                }
            finally:
                await connection.close()
            assert set(writers.values()) == set(WRITERS.values())
            secrets = {
                person.email.partition("@")[0]: {
                    "names": [person.display_name.lower()],
                    "ids": [ids[person.email.partition("@")[0]]],
                    "emails": [person.email],
                }
                for person in people
            }
            for one in secrets.values():
                one["ids"].append(one["ids"][0].replace("-", ""))
            tokens[SERVICE] = made["service"]
            yield Demo(client, log, tokens, secrets, writers, values)


async def add_what_is_missing(client: httpx.AsyncClient, tokens: dict[str, str]) -> dict[str, str]:
    """Add what the demo has none of: somebody who helps, talk about a translation, a preview, a service."""

    async def send(who: str, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return fine(await client.request(method, path, json=body, headers=headers))

    people = (await send("adam", "GET", "/v1/people"))["data"]
    mikola = next(one["id"] for one in people if one["email"].startswith("mikola@"))
    drafts = (await send("vera", "GET", "/v1/commentaries?state=draft&mine=true"))["data"]
    path = f"/v1/commentaries/{drafts[0]['id']}"
    draft = await send("hanna", "GET", path)
    await send("hanna", "PATCH", path, {"contributors": [mikola]}, draft["version"])

    translated = (await send("hanna", "GET", "/v1/commentaries?state=in_translation"))["data"][0]
    translated = await send("hanna", "GET", f"/v1/commentaries/{translated['id']}")
    language = next(
        one["language"]
        for one in translated["editions"]
        if one.get("task") and one["task"]["state"] == "claimed"
    )
    path = f"/v1/commentaries/{translated['id']}/comments"
    thread = await send("hanna", "POST", path, {"text": "Is this the word?", "language": language})
    holder = "nasta.be" if language == "be" else "olga.ru" if language == "ru" else "emma.en"
    await send(holder, "POST", f"{path}/{thread['id']}/replies", {"text": "It is."})

    source = translated["source_language"]
    preview = await send(
        "hanna", "POST", f"/v1/commentaries/{translated['id']}/previews", {"language": source}
    )
    service = await send(
        "adam", "POST", "/v1/service-tokens", {"name": "Site", "scopes": ["preview:read", "events:read"]}
    )
    return {"preview": preview["url"].rpartition("/")[2], "service": service["token"]}


async def everything_with_an_address(
    connection: Any, made: dict[str, str]
) -> dict[str, list[dict[str, str]]]:
    """What to put in the places of each form of address."""

    async def rows(query: str) -> list[dict[str, str]]:
        return [{name: str(one) for name, one in row.items()} for row in await connection.fetch(query)]

    live = (
        "from edition inner join commentary on commentary.id = edition.commentary_id where live_revision > 0"
    )
    return {
        "": [{}],
        "commentaries.id": await rows("select id from commentary"),
        "commentaries.id number": await rows(
            "select commentary_id as id, number from revision group by commentary_id, number"
        ),
        "commentaries.id thread": await rows("select commentary_id as id, id as thread from comment_thread"),
        "translation-tasks.id": await rows(
            "select distinct on (state, language) id from translation_task order by state, language, id"
        ),
        "people.id": await rows("select id from person"),
        "glossary.id": await rows("select id from glossary_term limit 1"),
        "week": await rows("select distinct week from commentary"),
        "language": await rows("select tag as language from language"),
        "language week": await rows(f"select distinct language, week {live}"),
        "language week slug": await rows(f"select language, week, slug {live}"),
        "language section": await rows(f"select distinct language, section {live}"),
        "token": [{"token": made["preview"]}],
        "name": [{"name": "page.css"}],
        "code": [{"code": "not-found"}],
    }


async def test_nobody_finds_anybody_whom_they_may_not_know(demo: Demo) -> None:
    people = {name: secrets["ids"][0] for name, secrets in demo.secrets.items()}
    wanted = [
        (reader, path + query)
        for name, (template, readers) in reading_routes().items()
        if name not in THE_SAME_FOR_ALL
        for path in demo.addresses(template)
        for query in queries_of(name, people)
        for reader in readers
    ]
    turns = asyncio.Semaphore(8)

    async def crawl(reader: str, path: str) -> list[str]:
        faults: list[str] = []
        async with turns:
            for _ in range(3):
                answer = await demo.ask(reader, path)
                faults += demo.faults_of(reader, path, answer)
                if answer.status_code >= 500:
                    faults.append(f"{reader} gets {answer.status_code} at {path}: {answer.text}")
                more = re.search(r'"next_cursor":\s*"([^"]+)"', answer.text)
                if more is None:
                    break
                asked = path.partition("cursor=")[0].rstrip("?&")
                path = f"{asked}{'&' if '?' in asked else '?'}cursor={more[1]}"
        return faults

    found = [fault for faults in await asyncio.gather(*(crawl(*one) for one in wanted)) for fault in faults]
    assert found == []
    # There was something to find: who may know everybody has met everybody.
    assert demo.found["hanna"] == EVERYBODY == demo.found["adam"]
    assert demo.found["vera"] == {"vera", "mikola"} | COORDINATORS
    assert demo.found["alesia"] == {"alesia"} | COORDINATORS
    assert demo.found["nasta.be"] == {"nasta.be"}
    assert not {NOBODY, SERVICE} & demo.found.keys()
    assert all(demo.seen[reader][200] > 40 for reader in READERS), demo.seen

    log = demo.log.read_text(encoding="utf-8")
    # What is kept in memory for readers is answered without a line.
    assert log.count('"route"') > len(wanted) / 2
    for secrets in demo.secrets.values():
        for secret in (*secrets["names"], *secrets["ids"], *secrets["emails"]):
            assert secret not in log.lower()
    assert "127.0.0.1" not in log
