"""Many translators at one queue: each task has one holder, nobody waits for ever, no error but 409."""

import asyncio
import os
from collections import Counter
from uuid import UUID

import asyncpg
import httpx

from editorial.core.permissions import Actor, ActorKind
from editorial.database.access import Database, ObjectKind
from newsroom import Newsroom

CLIENTS = 64
TASKS = int(os.environ.get("CROWD_TASKS", "100"))

MAKE = """
with text as (
    insert into commentary (id, week, section, source_language, state, author_id)
    select new_id(), '2011-W01', 'economy', 'en', 'in_translation', $1::uuid
    from generate_series(1, $2::integer)
    returning id
),
source as (
    insert into edition (commentary_id, language, is_source)
    select id, 'en', true from text
),
target as (
    insert into edition (commentary_id, language, is_source)
    select id, 'be', false from text
),
revision as (
    insert into revision (commentary_id, language, number, title, lead, trend, blocks, created_by, content_hash)
    select id, 'en', 1, 'A title', 'A lead', 'worse', '[]'::jsonb, $1::uuid, '' from text
)
insert into translation_task (id, commentary_id, language, source_revision)
select new_id(), id, 'be', 1 from text
returning id
"""


async def open_tasks(application_url: str, author: str, count: int) -> list[UUID]:
    """So many open tasks into Belarusian, written by the application's own door."""
    db = Database(application_url, pool_size=1)
    await db.open()
    try:
        actor = Actor(kind=ActorKind.PERSON, id=UUID(author))
        async with db.write(actor, "create", ObjectKind.NONE) as tx:
            return [row["id"] for row in await tx.fetch(MAKE, UUID(author), count)]
    finally:
        await db.close()


async def holders(owner_url: str, tasks: list[UUID]) -> Counter[str]:
    """How many of these tasks there are in each state."""
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch("select state from translation_task where id = any($1)", tasks)
    finally:
        await connection.close()
    return Counter(row["state"] for row in rows)


async def test_64_clients_empty_a_queue_by_claim_next(
    newsroom: Newsroom, application_url: str, owner_url: str, server: str
) -> None:
    tasks = await open_tasks(application_url, newsroom.analyst.id, TASKS)
    limits = httpx.Limits(max_connections=CLIENTS, keepalive_expiry=2)
    claimed: list[str] = []
    codes: Counter[int] = Counter()
    async with httpx.AsyncClient(base_url=server, timeout=60, limits=limits) as http:

        async def client(number: int) -> None:
            person = (newsroom.translator_be, newsroom.other_translator_be)[number % 2]
            headers = {"Authorization": f"Bearer {person.token}"}
            while True:
                response = await http.post(
                    "/v1/translation-tasks/claim-next", json={"language": "be"}, headers=headers
                )
                codes[response.status_code] += 1
                if response.status_code != 200:
                    return
                claimed.append(response.json()["id"])

        await asyncio.gather(*map(client, range(CLIENTS)))
    assert set(codes) == {200, 204}
    assert len(claimed) == len(set(claimed))
    assert {str(one) for one in tasks} <= set(claimed)
    assert await holders(owner_url, tasks) == {"claimed": TASKS}


async def test_64_clients_claim_the_same_tasks_and_each_has_one_holder(
    newsroom: Newsroom, application_url: str, owner_url: str, server: str
) -> None:
    tasks = await open_tasks(application_url, newsroom.analyst.id, TASKS // 20)
    limits = httpx.Limits(max_connections=CLIENTS, keepalive_expiry=2)
    codes: Counter[int] = Counter()
    winners: Counter[UUID] = Counter()
    async with httpx.AsyncClient(base_url=server, timeout=60, limits=limits) as http:

        async def client(number: int) -> None:
            person = (newsroom.translator_be, newsroom.other_translator_be)[number % 2]
            headers = {"Authorization": f"Bearer {person.token}", "If-Match": '"1"'}
            for task in tasks:
                response = await http.post(
                    f"/v1/translation-tasks/{task}/transitions", json={"action": "claim"}, headers=headers
                )
                codes[response.status_code] += 1
                if response.status_code == 200:
                    winners[task] += 1

        await asyncio.gather(*map(client, range(CLIENTS)))
    assert set(codes) == {200, 409}
    assert winners == dict.fromkeys(tasks, 1)
    assert await holders(owner_url, tasks) == {"claimed": len(tasks)}
