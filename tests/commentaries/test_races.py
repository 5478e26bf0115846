"""Two steps meet: what was seen is no more when it is written, and nobody overruns anybody.

Somebody holds a row until the others stand behind it, so that each of these meetings takes place.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from editorial.core.permissions import Actor, ActorKind, Role
from editorial.core.states import TaskState
from editorial.database.access import ATTEMPTS, Database
from editorial.database.queries import Connection
from editorial.settings import Settings
from editorial.translations import task_writes
from editorial.translations.task_writes import TaskChange, TaskEnd
from editorial.translations.views import TaskRow
from newsroom import Newsroom, invited


@asynccontextmanager
async def holding(owner_url: str, action: str, *statements: str) -> AsyncIterator[Any]:
    """A transaction of the system that has run these, and commits at the end of the block."""
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            context = msgspec.json.encode({"actor_kind": "system", "action": action}).decode()
            await connection.execute("select set_config('editorial.context', $1, true)", context)
            for statement in statements:
                await connection.execute(statement)
            yield connection
    finally:
        await connection.close()


async def until_they_wait(connection: Any, count: int) -> None:
    """Until so many stand behind what this transaction holds."""
    behind = """
        select count(*) from pg_stat_activity
        where pg_backend_pid() = any(pg_blocking_pids(pid)) or exists (
            select from unnest(pg_blocking_pids(pid)) as before
            where pg_backend_pid() = any(pg_blocking_pids(before))
        )
    """
    async with asyncio.timeout(5):
        while await connection.fetchval(behind) < count:
            await asyncio.sleep(0.01)


def transition(person: Any, kind: str, seen: dict[str, Any], **body: Any) -> asyncio.Task[Any]:
    """A transition that is asked for, and answered later."""
    path = f"/v1/{kind}/{seen['id']}/transitions"
    return asyncio.create_task(person.call("POST", path, body, version=seen["version"]))


async def test_an_approval_does_not_give_back_a_task_that_was_handed_back_a_moment_ago(
    newsroom: Newsroom, owner_url: str
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(commentary, "be")
    commentary = await newsroom.coordinator.move(
        await newsroom.read(commentary), "reopen", note="One figure is old."
    )
    commentary = await newsroom.analyst.move(await newsroom.analyst.edit(commentary, lead="Again."), "submit")
    hand_back = f"""
        update translation_task set state = 'open', assignee_id = null, claim_expires_at = null
        where id = '{task["id"]}'
    """
    async with holding(owner_url, "release", hand_back) as held:
        approval = transition(newsroom.coordinator, "commentaries", commentary, action="approve")
        await until_they_wait(held, 1)
    assert (await approval).json()["state"] == "in_translation"
    now = await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}")
    assert (now["state"], now["holder"], now["source_revision"]) == ("open", None, 2)


async def test_of_the_last_two_translations_that_are_accepted_at_once_one_makes_the_text_ready(
    newsroom: Newsroom, owner_url: str
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    last = [await newsroom.a_submitted_task(commentary, language) for language in ("be", "ru")]
    people = (newsroom.coordinator, newsroom.other_coordinator)
    lock = f"select from commentary where id = '{commentary['id']}' for update"  # a UUID of ours
    async with holding(owner_url, "accept", lock) as held:
        accepted = [
            transition(person, "translation-tasks", task, action="accept")
            for person, task in zip(people, last, strict=True)
        ]
        await until_they_wait(held, 2)
    assert [answer.status_code for answer in await asyncio.gather(*accepted)] == [200, 200]
    assert (await newsroom.read(commentary))["state"] == "ready"


async def test_of_a_reopening_and_a_publication_at_once_one_happens(
    newsroom: Newsroom, owner_url: str
) -> None:
    commentary = await newsroom.a_ready_commentary()
    lock = f"select from commentary where id = '{commentary['id']}' for update"  # a UUID of ours
    async with holding(owner_url, "reopen", lock) as held:
        reopened = transition(
            newsroom.coordinator, "commentaries", commentary, action="reopen", note="Not yet."
        )
        await until_they_wait(held, 1)
        published = transition(newsroom.other_coordinator, "commentaries", commentary, action="publish")
        await until_they_wait(held, 2)
    codes = [(await answer).status_code for answer in (reopened, published)]
    now = await newsroom.read(commentary)
    live = {edition["language"] for edition in now["editions"] if edition["live_revision"] is not None}
    assert (codes, now["state"], live) in (
        ([200, 412], "draft", set()),
        ([412, 200], "published", {"be", "en", "ru"}),
    )


async def test_a_translator_who_leaves_at_this_moment_is_given_no_task(
    newsroom: Newsroom, owner_url: str
) -> None:
    person, _ = await invited(newsroom, "leaves.at.once", roles=["translator"], languages=["be"])
    task = await newsroom.task(await newsroom.a_commentary_in_translation(), "be")
    leave = f"update person set state = 'deactivated' where id = '{person}'"  # a UUID of ours
    async with holding(owner_url, "deactivate", leave) as held:
        given = transition(
            newsroom.coordinator, "translation-tasks", task, action="assign", translator=person
        )
        await until_they_wait(held, 1)
    answer = await given
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_person")
    now = await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}")
    assert (now["state"], now["version"]) == ("open", task["version"])


async def test_whom_others_forestall_again_and_again_has_the_task_locked_at_last(
    newsroom: Newsroom, owner_url: str, application_url: str, tmp_path: Path
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.task(commentary, "be")
    touch = f"update commentary set updated_at = now() where id = '{commentary['id']}'"  # a UUID of ours
    forestalled = 0

    async def cancel(_: Connection, row: TaskRow) -> TaskChange:
        nonlocal forestalled
        if forestalled < ATTEMPTS:
            forestalled += 1
            async with holding(owner_url, "touch", touch):
                pass
        return TaskEnd(
            action="cancel",
            state=TaskState.CANCELLED,
            holder=None,
            commentary_state=row.commentary_state,
        )

    person = UUID(newsroom.coordinator.id)
    coordinator = Actor(kind=ActorKind.PERSON, id=person, roles=frozenset({Role.COORDINATOR}))
    settings = Settings(data_dir=tmp_path)
    db = Database(application_url, pool_size=1)
    await db.open()
    try:
        shown = await task_writes.take_step(db, settings, coordinator, UUID(task["id"]), cancel)
    finally:
        await db.close()
    assert (forestalled, shown.state, shown.version) == (ATTEMPTS, "cancelled", task["version"] + 1)
    assert (await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}"))["version"] == shown.version
