"""The desk finds texts in work by their words: at once after a save, and fast once the worker has read them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from editorial.commentaries import list as commentary_list
from editorial.database.access import Database
from editorial.operations.worker import INDEX_JOBS
from editorial.settings import Settings
from newsroom import Newsroom


@pytest.fixture
async def db(application_url: str) -> AsyncIterator[Database]:
    db = Database(application_url, pool_size=2)
    await db.open()
    yield db
    await db.close()


async def found(newsroom: Newsroom, name: str, words: str, **more: Any) -> set[str]:
    asked = "&".join(f"{key}={value}" for key, value in {"q": words, **more}.items())
    page = await newsroom.people[name].get(f"/v1/commentaries?{asked}")
    return {one["id"] for one in page["data"]}


async def make_words(db: Database) -> None:
    await INDEX_JOBS["index_working_documents"](db, Settings.read({}))


async def test_a_text_is_found_by_its_latest_words_before_and_after_the_worker_has_read_it(
    newsroom: Newsroom, db: Database
) -> None:
    before, after = f"gnu{uuid4().hex[:8]}", f"oryx{uuid4().hex[:8]}"
    draft = await newsroom.a_draft(title=f"About the {before}", target_languages=["be"])
    for _ in range(2):
        assert await found(newsroom, "analyst", before) == {draft["id"]}
        assert await found(newsroom, "coordinator", before) == {draft["id"]}
        assert await found(newsroom, "other_analyst", before) == set()
        await make_words(db)
    draft = await newsroom.analyst.edit(draft, title=f"About the {after}")
    for _ in range(2):
        for name in ("analyst", "coordinator"):
            assert await found(newsroom, name, before) == set()
            assert await found(newsroom, name, after) == {draft["id"]}
        assert await found(newsroom, "other_analyst", after) == set()
        await make_words(db)


async def test_a_translator_finds_the_approved_source_and_the_author_the_text_as_it_is_now(
    newsroom: Newsroom, db: Database
) -> None:
    approved, revised = f"kudu{uuid4().hex[:8]}", f"eland{uuid4().hex[:8]}"
    commentary = await newsroom.a_commentary_in_translation(
        title=f"About the {approved}", target_languages=["be"]
    )
    task = await newsroom.a_claimed_task(commentary, "be")
    path = f"/v1/translation-tasks/{task['id']}"
    await newsroom.translator_be.call("PATCH", path, {"title": f"Пра {revised}"}, version=task["version"])
    for _ in range(2):
        for name in ("translator_be", "analyst", "coordinator"):
            assert await found(newsroom, name, approved) == {commentary["id"]}
            assert await found(newsroom, name, revised) == {commentary["id"]}
        for name in ("translator_ru", "other_analyst"):
            assert await found(newsroom, name, approved) == set()
            assert await found(newsroom, name, revised) == set()
        await make_words(db)


async def test_of_many_texts_with_a_word_the_newest_are_ranked_and_the_others_found_by_their_week(
    newsroom: Newsroom, db: Database
) -> None:
    word = f"addax{uuid4().hex[:8]}"
    old = await newsroom.a_draft(title=f"The {word}, once", week="2023-W10")
    new = [await newsroom.a_draft(title=f"The {word}, {number}", week="2023-W11") for number in range(2)]
    await make_words(db)

    async def ranked(*, sees_all: bool, week: str | None) -> set[str]:
        asked = {
            **{"writer": newsroom.analyst.id, "languages": [], "translator_states": []},
            **{"state": None, "section": None, "language": None, "slug": None, "mine": False},
            **{"score": None, "before": None, "query": word, "page": 10},
        }
        async with db.read() as connection:
            rows = await commentary_list.sql.find_commentaries(
                connection, **asked, sees_all=sees_all, week=week, most=2
            )
        return {str(row["id"]) for row in rows}

    for sees_all in (True, False):
        assert await ranked(sees_all=sees_all, week=None) == {one["id"] for one in new}
        assert await ranked(sees_all=sees_all, week="2023-W10") == {old["id"]}


async def test_a_published_text_leaves_no_words_of_its_draft_behind(
    newsroom: Newsroom, db: Database, owner_url: str
) -> None:
    word = f"nyala{uuid4().hex[:8]}"
    commentary = await newsroom.a_commentary_in_review(title=f"The {word}", target_languages=[])
    await make_words(db)
    approved = await newsroom.coordinator.move(commentary, "approve")
    published = await newsroom.other_coordinator.move(approved, "publish")
    connection = await asyncpg.connect(owner_url)
    try:
        kept = await connection.fetchval(
            "select count(*) from working_document where commentary_id = $1::uuid", published["id"]
        )
    finally:
        await connection.close()
    assert kept == 0
    assert await found(newsroom, "other_analyst", word) == {published["id"]}
