"""The desk, signed in: lists, transitions, claims, the board, a task's sheet, search.

The list is 50 texts of one state, newest first, at the beginning and deep down, beside a bare Litestar
handler that runs the very statements that the product runs and answers with their rows, and the same
statements under pgbench with prepared statements. So is a transition: submit and recall in turn, on a
thousand drafts. What checks the token is the product's alone. The statements are recorded from the product
itself at each run, each round trip as one. What the trail and four eyes cost is the same transitions on a
copy of the newsroom without their triggers. `python -m bench.desk [--quick]` runs it alone.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import httpx

from bench.parts import loads, newsrooms, servers
from bench.parts.bare import moves
from bench.parts.loads import Load, http, sql
from bench.parts.newsrooms import Newsroom, Size
from bench.parts.recorded import for_pgbench, record
from bench.parts.servers import Server
from bench.parts.tables import Against, Row, measure

STATE = "published"
DRAFTS = (
    "from commentary where state in ('draft', 'in_review') and author_id = "
    "(select id from person where email = 'analyst@newsroom.example')"
)
NO_DRAFT_IN_REVIEW = (
    f"update commentary set state = 'draft' where id in (select id {DRAFTS}) and state = 'in_review'"
)
NO_TASK_CLAIMED = (
    "update translation_task set state = 'open', assignee_id = null, claim_expires_at = null "
    "where state = 'claimed'"
)
WATCHING = ("trail", "keeps_its_author", "own_byline")
"""The triggers of the trail and of four eyes that a submit and a recall run into."""
AT_REST = 0.5
"""Seconds without a change after which a run is over: a commit may wait for the disk meanwhile."""
SEARCHED = {"be": "эканоміка", "ru": "экономика", "en": "economy"}


def main(quick: bool) -> None:
    """Measure."""
    loads.wrk()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (2, 1) if quick else (5, 3)
    sizes = [Size()] if quick else [Size(), Size(commentaries=1_000_000, revisions=1, searchable=False)]
    with newsrooms.postgres_of_its_own() as (server, folder), contextlib.ExitStack() as stack:
        found = [newsrooms.newsroom(server, size) for size in sizes]
        unwatched = found[0].copy("newsroom_unwatched")
        unwatched.run(*(f"alter table commentary disable trigger {name}" for name in WATCHING))
        products = [stack.enter_context(servers.product(one.url, folder)) for one in found]
        sys.stdout.write(f"\n{rounds} rounds of {seconds} s, 32 connections.\n\n")
        rows = [
            *_lists(stack, list(zip(sizes, found, products, strict=True)), folder, seconds, quick),
            _transition(stack, found[0], products[0], folder, seconds),
            _price(stack, unwatched, found[0], products[0], folder, seconds),
            _claims(found[0], products[0], min(seconds, 2)),
            _reads(found[0], products[0], seconds),
        ]
        measure(rows, rounds)


def _lists(
    stack: contextlib.ExitStack,
    of_sizes: list[tuple[Size, Newsroom, Server]],
    folder: str,
    seconds: int,
    quick: bool,
) -> list[Row]:
    rows, firsts, first = [], {}, f"/v1/commentaries?state={STATE}&limit=50"
    for size, newsroom, product in of_sizes:
        token = newsrooms.token(product.url, "coordinator")
        firsts[f"of {size.commentaries:,}"] = _http(product, first, seconds, token)
        listed = [(f"50 of {size.commentaries:,} texts", first)]
        if not quick:
            deep = _page_after(product, token, first, size.commentaries // 2)
            listed.append((f"50 of {size.commentaries:,} texts, far down", deep))
        for name, path in listed:
            (trips,) = asyncio.run(record(newsroom.url, Path(folder), "coordinator", ("GET", path, None)))
            bare = stack.enter_context(servers.bare("reading", newsroom.url, folder, "coordinator", path))
            rows.append(
                Row(
                    name=name,
                    ways={
                        "pgbench": _sql(newsroom.url, for_pgbench(trips), seconds),
                        "bare Litestar": _http(bare, "/list", seconds),
                        "product": _http(product, path, seconds, token),
                    },
                    ratios=[
                        Against(upper="product", lower="bare Litestar", aim=0.7),
                        Against(upper="product", lower="pgbench"),
                    ],
                )
            )
        if quick:
            continue
        pages = {
            "first page": _http(product, first, seconds, token),
            "far down": _http(product, deep, seconds, token),
        }
        rows.append(
            Row(
                name=f"50 of {size.commentaries:,} texts, pages",
                ways=pages,
                ratios=[Against(upper="far down", lower="first page")],
            )
        )
    if len(firsts) > 1:
        few, many = firsts
        rows.append(
            Row(
                name="50 texts, how many times as long",
                ways=firsts,
                ratios=[Against(upper=few, lower=many, aim=1.2, at_most=True)],
            )
        )
    return rows


def _page_after(product: Server, token: str, first: str, depth: int) -> str:
    """The address of a page so many rows down, as a reader of all pages would come to it."""
    cursor, seen = None, 0
    with httpx.Client(
        base_url=product.url, headers={"authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        while seen < min(depth, 5_000):
            page = client.get(
                first.replace("limit=50", "limit=100") + (f"&cursor={cursor}" if cursor else "")
            )
            cursor = page.raise_for_status().json()["next_cursor"]
            seen += 100
    return f"{first}&cursor={cursor}"


def _http(
    server: Server, path: str, seconds: int, token: str = "", connections: int = 32
) -> Callable[[], Load]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return lambda: http(server, path, seconds=seconds, headers=headers, connections=connections)


def _sql(url: str, script: str, seconds: int) -> Callable[[], Load]:
    return lambda: sql(url, script, seconds=seconds)


def _transition(
    stack: contextlib.ExitStack, newsroom: Newsroom, product: Server, folder: str, seconds: int
) -> Row:
    newsroom.run(NO_DRAFT_IN_REVIEW)
    (one, *_) = newsroom.ask(f"select id, version {DRAFTS} and state = 'draft' order by id limit 1")
    submit, recall = asyncio.run(moves(newsroom.url, folder, "analyst", one["id"], one["version"]))
    script = (
        # Each client has drafts of its own: six hundreds of numbers, of which five are drafts.
        "\\set number (:client_id * 6 + random(0, 5)) * 100 + 95 + random(0, 4)\n"
        + for_pgbench(submit, one["id"])
        + for_pgbench(recall, one["id"])
    )
    version = str(one["version"] + 2)
    bare = stack.enter_context(
        servers.bare("moving", newsroom.url, folder, "analyst", str(one["id"]), version)
    )
    token = newsrooms.token(product.url, "analyst")

    def under_pgbench() -> Load:
        newsroom.run(NO_DRAFT_IN_REVIEW)
        return sql(newsroom.url, script, seconds=seconds, for_each=2)

    return Row(
        name="a transition",
        ways={
            "pgbench": under_pgbench,
            "bare Litestar": moving(newsroom, bare, token, folder, seconds),
            "product": moving(newsroom, product, token, folder, seconds),
        },
        ratios=[
            Against(upper="product", lower="bare Litestar", aim=0.85),
            Against(upper="product", lower="pgbench", aim=0.3),
        ],
    )


def _price(
    stack: contextlib.ExitStack,
    unwatched: Newsroom,
    newsroom: Newsroom,
    product: Server,
    folder: str,
    seconds: int,
) -> Row:
    without = stack.enter_context(servers.product(unwatched.url, folder))
    return Row(
        name="a transition, and what watches it",
        ways={
            "without": moving(unwatched, without, newsrooms.token(without.url, "analyst"), folder, seconds),
            "with": moving(newsroom, product, newsrooms.token(product.url, "analyst"), folder, seconds),
        },
        ratios=[Against(upper="with", lower="without", aim=0.85)],
    )


def moving(newsroom: Newsroom, server: Server, token: str, folder: str, seconds: int) -> Callable[[], Load]:
    """Submit and recall a newsroom's drafts on a server, each from the state that it is in."""

    def move() -> Load:
        drafts = Path(folder, "drafts.txt")
        rows = _at_rest(newsroom)
        drafts.write_text("".join(f"{row['id']} {row['version']} {row['state']}\n" for row in rows))
        return http(server, seconds=seconds, script="moves.lua", arguments=[str(drafts), token])

    return move


def _at_rest(newsroom: Newsroom) -> list[asyncpg.Record]:
    """The drafts, once nothing of the run before moves them any more."""
    query = f"select id, version, state {DRAFTS} order by id"
    before, rows = None, newsroom.ask(query)
    while rows != before:
        time.sleep(AT_REST)
        before, rows = rows, newsroom.ask(query)
    return rows


def _claims(newsroom: Newsroom, product: Server, seconds: int) -> Row:
    tokens = [newsrooms.token(product.url, f"translator{number}") for number in range(newsrooms.TRANSLATORS)]

    def claim() -> Load:
        newsroom.run(NO_TASK_CLAIMED)
        found = http(product, seconds=seconds, connections=64, script="claims.lua", arguments=["be", *tokens])
        # What the answers say is not enough: each claim is a task that somebody holds.
        (row,) = newsroom.ask("select count(*) as claimed from translation_task where state = 'claimed'")
        found.per_second = row["claimed"] / seconds
        return found

    return Row(name="claim-next, 64 clients, 2,000 open tasks", ways={"product": claim})


def _reads(newsroom: Newsroom, product: Server, seconds: int) -> Row:
    (week,) = newsroom.ask(
        "select week from commentary group by week having count(*) = 40 order by week desc limit 1"
    )
    coordinator = newsrooms.token(product.url, "coordinator")
    sheet = _task_of_200_blocks(product)
    translator = newsrooms.token(product.url, "translator0")
    board = f"/v1/weeks/{week['week']}"
    ways = {
        "a week's board of 40 texts": _http(product, board, seconds, coordinator, 4),
        "a task's sheet of 200 blocks, half of them outdated": _http(product, sheet, seconds, translator, 4),
    }
    for language, word in SEARCHED.items():
        ways[f"search for two words, never the same, {language}"] = _searching(
            product, language, word, seconds
        )
    return Row(name="product, 4 connections", ways=ways)


def _searching(product: Server, language: str, word: str, seconds: int) -> Callable[[], Load]:
    path = f"/v1/published/{language}/search?{httpx.QueryParams({'q': word})}"
    return lambda: http(product, seconds=seconds, connections=4, script="search.lua", arguments=[path])


def _task_of_200_blocks(product: Server) -> str:
    """The address of a claimed task whose source has changed in every other block since it was translated."""
    url, call = product.url, newsrooms.call
    analyst, coordinator, translator = (
        newsrooms.token(url, who) for who in ("analyst", "coordinator", "translator0")
    )
    text = {
        "week": "2024-W30",
        "section": "economy",
        "source_language": "en",
        "target_languages": ["be"],
        "trend": "worse",
        "title": "A long text",
        "lead": "In two hundred blocks.",
        "blocks": [
            {
                "type": "paragraph",
                "id": f"b{number}",
                "text": f"Ports handled **12 %** less than in month {number}.",
            }
            for number in range(200)
        ],
    }
    made = call(url, analyst, "POST", "/v1/commentaries", text)
    path = f"/v1/commentaries/{made['id']}"

    def approve(version: int) -> int:
        submitted = call(url, analyst, "POST", f"{path}/transitions", {"action": "submit"}, version)
        approved = call(
            url, coordinator, "POST", f"{path}/transitions", {"action": "approve"}, submitted["version"]
        )
        return int(approved["version"])

    version = approve(made["version"])
    (task,) = call(url, translator, "GET", f"/v1/translation-tasks?commentary={made['id']}")["data"]
    sheet = f"/v1/translation-tasks/{task['id']}"
    task = call(url, translator, "POST", f"{sheet}/transitions", {"action": "claim"}, task["version"])
    blocks = {
        f"b{number}": f"Порты апрацавалі на **12 %** менш, чым у месяцы {number}." for number in range(200)
    }
    told = {"title": "Доўгі тэкст", "lead": "У двухстах блоках.", "blocks": blocks}
    call(url, translator, "PATCH", sheet, told, task["version"])
    note = {"action": "reopen", "note": "Again."}
    reopened = call(url, coordinator, "POST", f"{path}/transitions", note, version)
    for number in range(0, 200, 2):
        text["blocks"][number]["text"] += " Prices held."
    edited = call(url, analyst, "PATCH", path, {"blocks": text["blocks"]}, reopened["version"])
    approve(edited["version"])
    statuses = [one["status"] for one in call(url, translator, "GET", sheet)["blocks"]]
    if statuses.count("outdated") != 100:
        raise RuntimeError(f"{statuses.count('outdated')} blocks are outdated")
    return sheet


if __name__ == "__main__":
    main("--quick" in sys.argv)
