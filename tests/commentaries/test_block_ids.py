"""A block is never called as another part of its text is: neither a new one, nor one that was stored."""

import json
from typing import Any

import asyncpg
import pytest

from newsroom import TEXT, Newsroom, refused

Connection = Any
CONSTRAINT = "a_block_is_not_called_as_another_part"
NAMES = ["title", "lead", "photo"]


@pytest.mark.parametrize("name", [*NAMES, "photo.alt", "photo.caption", "x.alt", "x.caption", "title.alt"])
async def test_the_name_of_another_part_is_refused_at_the_id(newsroom: Newsroom, name: str) -> None:
    blocks = [
        {"type": "paragraph", "text": "One."},
        {"type": "paragraph", "id": name, "text": "Two."},
        {
            "type": "figure",
            "id": name,
            "url": "https://photos.example.org/b.jpg",
            "credit": "C. D.",
            "alt": "A map.",
        },
    ]
    created = await newsroom.analyst.call("POST", "/v1/commentaries", {**TEXT, "blocks": blocks})
    draft = await newsroom.a_draft()
    edited = await newsroom.analyst.call(
        "PATCH", f"/v1/commentaries/{draft['id']}", {"blocks": blocks}, version=draft["version"]
    )
    for answer in (created, edited):
        pointers = {one["pointer"] for one in refused(answer, 422, "invalid")["errors"]}
        assert {"/blocks/1/id", "/blocks/2/id"} <= pointers


async def test_blocks_that_were_stored_under_such_names_are_read_under_others(
    newsroom: Newsroom, owner_url: str
) -> None:
    """As they stand in revisions from before the rule, written past it by the database's owner."""
    draft = await newsroom.a_draft(
        title="Real title",
        lead="Real lead.",
        photo={"url": "https://photos.example.org/a.jpg", "credit": "C. D.", "alt": "Photo alt"},
        blocks=[{"type": "paragraph", "text": "x"}],
    )
    blocks = [
        {"type": "paragraph", "id": "title", "text": "Body one."},
        {"type": "paragraph", "id": "lead", "text": "Body two."},
        {
            "type": "figure",
            "id": "photo",
            "url": "https://photos.example.org/b.jpg",
            "credit": "C. D.",
            "alt": "Figure alt",
            "text": "",
            "licence": None,
        },
    ]
    context = {"actor_kind": "person", "actor": newsroom.analyst.id, "action": "edit"}
    step = json.dumps({**context, "object_kind": "commentary", "object": draft["id"]})

    async def write_past_the_desk(owner: Connection) -> None:
        await owner.execute("select set_config('editorial.context', $1, true)", step)
        await owner.execute(
            """
            insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
            select commentary_id, language, 2, title, lead, trend, photo, $2::jsonb, created_by from revision
            where commentary_id = $1 and number = 1
            """,
            draft["id"],
            json.dumps(blocks),
        )
        await owner.execute(
            "update edition set revision = 2 where commentary_id = $1 and is_source", draft["id"]
        )

    owner = await asyncpg.connect(owner_url)
    try:
        definition = await owner.fetchval(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = $1", CONSTRAINT
        )
        transaction = owner.transaction()
        await transaction.start()
        with pytest.raises(asyncpg.CheckViolationError, match=CONSTRAINT):
            await write_past_the_desk(owner)
        await transaction.rollback()
        async with owner.transaction():
            await owner.execute(f"alter table revision drop constraint {CONSTRAINT}")
            await write_past_the_desk(owner)
            await owner.execute(f"alter table revision add constraint {CONSTRAINT} {definition}")
    finally:
        await owner.close()

    names = [f"{name}-block" for name in NAMES]
    now = await newsroom.read(draft)
    assert [one["id"] for one in now["text"]["blocks"]] == names
    edited = await newsroom.analyst.edit(now, title="Another title", blocks=now["text"]["blocks"])
    compared = await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/diff?from=2&to=3")
    kinds = {unit["id"]: unit["kind"] for unit in compared["units"]}
    assert kinds["title"] == "changed"
    assert {kinds[name] for name in ("lead", *names[:2], "photo-block.alt")} == {"same"}

    approved = await newsroom.coordinator.move(await newsroom.analyst.move(edited, "submit"), "approve")
    task = await newsroom.a_submitted_task(approved, "be")
    assert (task["title"]["source"], task["lead"]["source"]) == ("Another title", "Real lead.")
    sources = {one["id"]: one["source"] for one in task["blocks"]}
    assert sources == {
        "photo.alt": "Photo alt",
        "title-block": "Body one.",
        "lead-block": "Body two.",
        "photo-block.alt": "Figure alt",
    }
    assert (await newsroom.coordinator.move_task(task, "accept"))["state"] == "accepted"
