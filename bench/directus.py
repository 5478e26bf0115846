"""A transition of the product beside one of Directus, which is a PATCH of an item's state.

Directus 11.17.4 keeps a collection of the same fields with the same 20,000 texts, in a database of its own on
the same server, and its own record of each change, in `directus_activity` and `directus_revisions`, as it
does by default. An editor is signed in with a token of an hour and more, and may read and change the items
that are theirs, in state draft or in review. So each request is checked, and each change recorded; but no
row is locked, no version is looked at, and no state is bound to the one before. The same thousand drafts,
from one process of each with a pool of ten connections. Neither its cache of answers nor its limits of rate
are on, and it reports to nobody (TELEMETRY).

It asks for Node 22 and runs with 20. The first run installs it into `.peers-directus` with npm, which takes
some minutes, a compiler for one of its parts, and a gigabyte; without Node, or without the network then, this
measurement is left out, and says so. The short form never installs it.
`python -m bench.directus [--quick]` runs it alone.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from bench.desk import DRAFTS, NO_DRAFT_IN_REVIEW, moving
from bench.parts import loads, newsrooms, servers
from bench.parts.loads import Load
from bench.parts.newsrooms import Newsroom
from bench.parts.servers import Server
from bench.parts.tables import Against, Row, measure
from editorial.database import embedded

WANTED = Path(__file__).parent / "peers/directus/package.json"
HOME = Path(__file__).parent.parent / ".peers-directus"
WARMING = 5
EDITOR = "editor@example.com"
TYPES = {
    "id": "uuid",
    "version": "integer",
    "state": "string",
    "week": "string",
    "section": "string",
    "source_language": "string",
    "title": "text",
    "lead": "text",
    "trend": "string",
    "blocks": "json",
    "author_id": "uuid",
    "byline_id": "uuid",
    "created_at": "timestamp",
    "updated_at": "timestamp",
}
SPECIAL = {"blocks": ["cast-json"], "updated_at": ["date-updated"]}
TEXTS = (
    "select commentary.id, commentary.version, commentary.state, commentary.week, commentary.section, "
    "commentary.source_language, revision.title, revision.lead, revision.trend, revision.blocks::text, "
    "commentary.author_id, commentary.byline_id, commentary.created_at, commentary.updated_at "
    "from commentary "
    "inner join edition on edition.commentary_id = commentary.id and edition.is_source "
    "left join revision on revision.commentary_id = commentary.id "
    "and revision.language = edition.language and revision.number = edition.revision"
)


def main(quick: bool) -> None:
    """Measure, unless it cannot be had."""
    loads.wrk()
    sys.stdout.write(f"{__doc__}\n")
    why_not = missing(quick)
    if why_not:
        sys.stdout.write(f"\nLEFT OUT: {why_not}\n")
        return
    rounds, seconds = (3, 3) if quick else (5, 5)
    with newsrooms.postgres_of_its_own() as (server, folder), contextlib.ExitStack() as stack:
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        newsroom.run(NO_DRAFT_IN_REVIEW)
        product = stack.enter_context(servers.product(newsroom.url, folder))
        author = newsrooms.token(product.url, "analyst")
        kept = _database(server)
        directus = stack.enter_context(_directus(kept, folder))
        signed_in = _furnish(directus, newsroom, kept)
        # Node compiles what is asked for often: a first run is not counted.
        _changing(kept, directus, signed_in, folder, WARMING)()
        sys.stdout.write(f"\n{rounds} rounds of {seconds} s, 32 connections.\n\n")
        row = Row(
            name="a transition, and a change of an item",
            ways={
                "product": moving(newsroom, product, author, folder, seconds),
                "Directus": _changing(kept, directus, signed_in, folder, seconds),
            },
            ratios=[
                Against(upper="product", lower="Directus", aim=15),
                Against(upper="product", lower="Directus", of_processor=True),
            ],
        )
        measure([row], rounds)


def missing(quick: bool) -> str | None:
    """Install it, unless it is there. Why it cannot be had, if so."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "there is no Node here."
    mark, wanted = HOME / "installed", WANTED.read_text()
    if mark.exists() and mark.read_text() == wanted:
        return None
    if quick:
        return "it is not installed; `python -m bench.directus` installs it."
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    shutil.copy(WANTED, HOME)
    told = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--omit=dev"],
        cwd=HOME,
        check=False,
        capture_output=True,
        text=True,
    )
    if told.returncode:
        return f"npm could not install it:\n\n```\n{told.stderr[-1000:]}\n```"
    mark.write_text(wanted)
    return None


def _database(server: embedded.Server) -> Newsroom:
    """An empty database of its own."""
    there = Newsroom(newsrooms.beside(server.owner_url, "directus"), "")
    beside = Newsroom(newsrooms.beside(server.owner_url, "postgres"), "")
    beside.alone("drop database if exists directus")
    beside.alone("create database directus template template0 encoding 'UTF8'")
    return there


@contextlib.contextmanager
def _directus(kept: Newsroom, folder: str) -> Iterator[Server]:
    """A server of it, once it answers. It ends with the block."""
    parts, home = urlsplit(kept.owner_url), Path(folder, "directus")
    where, port = parse_qs(parts.query), str(servers.free_port())
    for name in ("extensions", "uploads"):
        (home / name).mkdir(parents=True, exist_ok=True)
    # It looks for extensions among what a package.json here depends on.
    (home / "package.json").write_text("{}")
    environment = {
        **os.environ,
        "ACCESS_TOKEN_TTL": "1d",
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": newsrooms.PASSWORD,
        "DB_CLIENT": "pg",
        "DB_DATABASE": "directus",
        "DB_HOST": where["host"][0],
        "DB_PORT": where.get("port", ["5432"])[0],
        "DB_USER": parts.username or "",
        "DB_PASSWORD": "",
        "DB_POOL__MAX": "10",
        "EXTENSIONS_PATH": str(home / "extensions"),
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "error",
        "NODE_ENV": "production",
        "PORT": port,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET": secrets.token_hex(32),
        "STORAGE_LOCAL_ROOT": str(home / "uploads"),
        "TELEMETRY": "false",
    }
    command = [str(shutil.which("node")), str(HOME / "node_modules/@directus/api/dist/cli/run.js")]
    made = subprocess.run(
        [*command, "bootstrap"], cwd=home, env=environment, check=False, capture_output=True, text=True
    )
    if made.returncode:
        raise RuntimeError(f"{made.stdout}\n{made.stderr}")
    with servers.answering([*command, "start"], environment["PUBLIC_URL"], environment, home) as server:
        yield server


def _token(url: str, email: str) -> str:
    told = {"email": email, "password": newsrooms.PASSWORD}
    answer = httpx.post(f"{url}/auth/login", json=told, timeout=30)
    return str(answer.raise_for_status().json()["data"]["access_token"])


def _furnish(directus: Server, newsroom: Newsroom, kept: Newsroom) -> str:
    """Make the collection, the editor and what editors may do, and copy the texts. The editor's token."""
    admin = {"authorization": f"Bearer {_token(directus.url, 'admin@example.com')}"}

    def make(path: str, told: object) -> Any:
        answer = httpx.post(f"{directus.url}{path}", json=told, headers=admin, timeout=60)
        if answer.status_code >= 300:
            raise RuntimeError(answer.text)
        return answer.json()["data"]

    fields = [
        {
            "field": name,
            "type": kind,
            "schema": {"is_primary_key": True} if name == "id" else {},
            "meta": {"special": SPECIAL.get(name, [])},
        }
        for name, kind in TYPES.items()
    ]
    make("/collections", {"collection": "commentary", "schema": {}, "meta": {}, "fields": fields})
    policy = make("/policies", {"name": "Editors"})["id"]
    theirs = {"author_id": {"_eq": "$CURRENT_USER"}}
    in_work = {"state": {"_in": ["draft", "in_review"]}}
    for action, may in (("read", theirs), ("update", {"_and": [theirs, in_work]})):
        make(
            "/permissions",
            {
                "policy": policy,
                "collection": "commentary",
                "action": action,
                "permissions": may,
                "validation": in_work if action == "update" else {},
                "fields": ["*"],
            },
        )
    role = make("/roles", {"name": "Editor", "policies": {"create": [{"policy": {"id": policy}}]}})["id"]
    person = {"email": EDITOR, "password": newsrooms.PASSWORD, "role": role, "status": "active"}
    editor = make("/users", person)["id"]
    (analyst,) = newsroom.ask(f"select author_id {DRAFTS} limit 1")
    kept.fill("commentary", list(TYPES), newsroom.ask(TEXTS))
    kept.alone(f"update commentary set author_id = '{editor}' where author_id = '{analyst['author_id']}'")
    kept.alone("create index on commentary (author_id)")
    kept.alone("vacuum analyze")
    return _token(directus.url, EDITOR)


def _changing(kept: Newsroom, directus: Server, token: str, folder: str, seconds: int) -> loads.Way:
    """Change the state of the editor's items, each from the one that it is in."""
    items = Path(folder, "items.txt")

    def change() -> Load:
        rows = kept.ask(
            "select commentary.id, commentary.state from commentary "
            "inner join directus_users on directus_users.id = commentary.author_id "
            f"where directus_users.email = '{EDITOR}' and commentary.state in ('draft', 'in_review') "
            "order by commentary.id"
        )
        items.write_text("".join(f"{row['id']} {row['state']}\n" for row in rows))
        before = _recorded(kept)
        found = loads.http(directus, seconds=seconds, script="items.lua", arguments=[str(items), token])
        # What the answers say is not enough: each change has its record.
        if _recorded(kept) - before < found.per_second * seconds * 0.9:
            raise RuntimeError("Directus answered more than it recorded")
        return found

    return change


def _recorded(kept: Newsroom) -> int:
    (row,) = kept.ask("select count(*) as recorded from directus_revisions where collection = 'commentary'")
    return int(row["recorded"])


if __name__ == "__main__":
    main("--quick" in sys.argv)
