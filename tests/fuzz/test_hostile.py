"""Thousands of hostile requests: none is a 500, none takes long, and none of them changes a thing."""

import asyncio
import os
import re
import time
from urllib.parse import urlsplit

import asyncpg
import msgspec

from described import DOCUMENT
from fuzz.corpus import Corpus, Hostile
from newsroom import Newsroom

COUNT = 5_000 if os.environ.get("FUZZ") == "all" else 600
SEED = 20240722
AT_ONCE = 6
PEOPLE = ["analyst", "coordinator", "translator_be", "administrator"]


async def contents(url: str) -> dict[str, str]:
    """A hash of what is in each table that the trail watches: all that the newsroom holds."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select relname from pg_class inner join pg_trigger on tgrelid = pg_class.oid "
            "where relnamespace = 'public'::regnamespace and tgname = 'trail' order by relname"
        )
        return {
            row["relname"]: await connection.fetchval(
                "select md5(coalesce(string_agg(one::text, '|' order by one::text), '')) "
                f"from {row['relname']} as one"
            )
            for row in tables
        }
    finally:
        await connection.close()


async def send(address: str, newsroom: Newsroom, one: Hostile) -> tuple[int, bytes, float]:
    """Send one request as it is, and return status, whole answer and seconds."""
    parts = urlsplit(address)
    lines = [
        f"{one.method} {one.target} HTTP/1.1".encode(),
        f"Host: {parts.netloc}".encode(),
        b"Connection: close",
    ]
    if one.who is not None and not any(line.startswith(b"Authorization") for line in one.headers):
        lines.append(f"Authorization: Bearer {newsroom.people[one.who].token}".encode())
    lines += one.headers
    if one.body is not None:
        lines.append(b"Content-Length: %d" % len(one.body))
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + (one.body or b""))
        answer = await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return 0, b"", time.monotonic() - began
    finally:
        writer.close()
    found = re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)
    return int(found[-1]) if found else 0, answer, time.monotonic() - began


async def test_no_hostile_request_makes_a_500_or_waits_or_changes_anything(
    newsroom: Newsroom, server: str, owner_url: str
) -> None:
    draft, review = await newsroom.a_draft(), await newsroom.a_commentary_in_review()
    translated = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(translated, "be")
    known = {
        "id": [draft["id"], review["id"], translated["id"], newsroom.analyst.id],
        "number": ["1", "2"],
        # Not the week in which all other tests leave their texts: the board of a thousand texts takes seconds.
        "week": ["2019-W07"],
        "language": ["en", "be", "xx"],
        "key": ["economy"],
    }
    described = DOCUMENT
    known |= {path: [task["id"]] for path in described["paths"] if path.startswith("/v1/translation-tasks/{")}
    corpus = Corpus(described, known=known, people=PEOPLE, seed=SEED)
    before = await contents(owner_url)
    waiting = asyncio.Semaphore(AT_ONCE)
    wrong: list[tuple[str, Hostile, bytes]] = []
    statuses: dict[int, int] = {}
    slowest = 0.0

    async def try_out(one: Hostile) -> None:
        nonlocal slowest
        async with waiting:
            status, answer, seconds = await send(server, newsroom, one)
        statuses[status] = statuses.get(status, 0) + 1
        slowest = max(slowest, seconds)
        if status >= 500:
            wrong.append(("a 500", one, answer[-400:]))
        if status == 0:
            wrong.append(("no answer", one, answer))
        if seconds > 2:
            wrong.append((f"{seconds:.1f} s", one, answer[-200:]))
        if 400 <= status < 500 and one.method != "HEAD":
            problem = msgspec.json.decode(answer.rpartition(b"\r\n\r\n")[2])
            if problem["status"] != status:
                wrong.append(("another form", one, answer[-200:]))

    await asyncio.gather(*map(try_out, corpus.requests(COUNT)))
    print(
        f"{COUNT} hostile requests, the slowest {slowest:.2f} s, by status: {dict(sorted(statuses.items()))}"
    )
    assert not wrong, f"{len(wrong)} of {COUNT}, the first: {wrong[:5]}"
    after = await contents(owner_url)
    assert [name for name in before if before[name] != after[name]] == []
    # It was not one door that refused them all.
    assert {400, 401, 403, 404, 405, 415, 422} <= statuses.keys(), statuses
