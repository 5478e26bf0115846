"""What needs no translator reopens no translation: it follows its source, and stays as accepted as it was."""

from typing import Any

import asyncpg
import pytest

from newsroom import Newsroom, fine

PHOTO = {"url": "https://photos.example.org/1.jpg", "credit": "A. B.", "alt": "A port.", "caption": "Grain."}
FIGURE = {
    "type": "figure",
    "id": "f1",
    "url": "https://photos.example.org/2.jpg",
    "credit": "C. D.",
    "alt": "A chart.",
    "text": "Exports.",
}
BLOCKS: list[dict[str, Any]] = [
    {"type": "paragraph", "id": "p1", "text": "Ports handled **12 %** less than a month ago."},
    {"type": "list", "id": "l1", "items": ["barley", "rapeseed"]},
    FIGURE,
]
CHANGES: dict[str, dict[str, Any]] = {
    "trend": {"trend": "better"},
    "credit": {"photo": {"credit": "E. F."}},
    "licence": {"photo": {"licence": "CC BY 4.0"}},
    "address": {"photo": {"url": "https://photos.example.org/3.jpg"}},
    "figure": {"blocks": {"f1": {"credit": "E. F.", "url": "https://photos.example.org/4.jpg"}}},
    "list": {"blocks": {"l1": {"ordered": True}}},
    "order": {"blocks": [FIGURE, *BLOCKS[:2]]},
    "a figure without words": {
        "blocks": [*BLOCKS, {"type": "figure", "id": "f2", "url": PHOTO["url"], "credit": "G. H.", "alt": ""}]
    },
}


async def approved_again(newsroom: Newsroom, commentary: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The commentary after these changes of its source were approved."""
    now = await newsroom.read(commentary)
    if now["state"] in {"in_translation", "ready"}:
        now = await newsroom.coordinator.move(now, "reopen", note="To be changed.")
    else:
        now = await newsroom.analyst.move(now, "revise")
    now = await newsroom.analyst.edit(now, **changes)
    return await newsroom.coordinator.move(await newsroom.analyst.move(now, "submit"), "approve")


async def translated(newsroom: Newsroom, *, published: bool = False) -> dict[str, Any]:
    """A text with its be translation accepted and its ru one handed in."""
    commentary = await newsroom.a_commentary_in_translation(photo=PHOTO, blocks=BLOCKS)
    await newsroom.an_accepted_task(commentary, "be")
    await newsroom.a_submitted_task(commentary, "ru")
    now = await newsroom.read(commentary)
    return await newsroom.other_coordinator.move(now, "publish") if published else now


async def page(newsroom: Newsroom, commentary: dict[str, Any], language: str) -> dict[str, Any]:
    slug = next(one["slug"] for one in commentary["editions"] if one["language"] == language)
    return fine(await newsroom.client.get(f"/v1/published/{language}/{commentary['week']}/{slug}"))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("published", [False, True])
async def test_what_needs_no_translator_reopens_nothing(
    newsroom: Newsroom, change: str, published: bool
) -> None:
    commentary = await translated(newsroom, published=published)
    before = {language: await newsroom.task(commentary, language) for language in ("be", "ru")}
    was = {tag: await page(newsroom, commentary, tag) for tag in ("en", "be")} if published else {}
    now = await approved_again(newsroom, commentary, **CHANGES[change])
    for language, state in (("be", "accepted"), ("ru", "submitted")):
        task = await newsroom.task(commentary, language)
        assert task["state"] == state
        assert task["holder"] == before[language]["holder"]
        lines = [task["title"], task["lead"], *task["blocks"]]
        assert {line["status"] for line in lines} == {"current"}
    if published:
        # What is live stays as it is until it is published.
        for tag, text in was.items():
            assert await page(newsroom, now, tag) == text
    # The one who approved the source wrote nothing of the translation, and may accept it.
    task = await newsroom.task(commentary, "ru")
    assert (await newsroom.coordinator.move_task(task, "accept"))["state"] == "accepted"
    now = await newsroom.read(commentary)
    assert now["state"] == "ready"
    told = {"correction_note": "More is known."} if published else {}
    live = await newsroom.other_coordinator.move(now, "publish", **told)
    assert {one["status"] for one in live["editions"]} == {"live"}
    source = await page(newsroom, live, "en")
    for language in ("be", "ru"):
        other = await page(newsroom, live, language)
        assert other["trend"]["key"] == source["trend"]["key"]
        for name in ("url", "credit", "licence"):
            assert other["photo"][name] == source["photo"][name]
        assert other["title"].startswith(f"{language} ")
        assert other["photo"]["alt"] == f"{language} A port."
        with_words = [block for block in source["blocks"] if block.get("alt") != ""]
        assert len(other["blocks"]) == len(with_words)
        for mine, theirs in zip(other["blocks"], with_words, strict=True):
            assert mine["type"] == theirs["type"]
            for name in ("url", "credit", "licence", "ordered"):
                assert mine.get(name) == theirs.get(name)


@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        ({"photo": {"alt": "Another port."}}, {"photo.alt": "outdated"}),
        ({"photo": {"caption": "Barley."}, "trend": "better"}, {"photo.caption": "outdated"}),
        ({"blocks": {"f1": {"text": "Imports."}}}, {"f1": "outdated"}),
        ({"blocks": {"l1": None}}, {"l1": "orphaned"}),
        ({"photo": None}, {"photo.alt": "orphaned", "photo.caption": "orphaned"}),
    ],
)
async def test_words_reopen_what_was_made_from_them(
    newsroom: Newsroom, changes: dict[str, Any], touched: dict[str, str]
) -> None:
    commentary = await translated(newsroom)
    await approved_again(newsroom, commentary, **changes)
    for language in ("be", "ru"):
        task = await newsroom.task(commentary, language)
        assert task["state"] == "claimed"
        lines = [task["title"], task["lead"], *task["blocks"]]
        assert {one["id"]: one["status"] for one in lines if one["status"] != "current"} == touched


async def test_a_schedule_ends_where_its_text_follows(newsroom: Newsroom) -> None:
    commentary = await translated(newsroom, published=True)
    now = await newsroom.coordinator.move(
        await approved_again(newsroom, commentary, trend="better"),
        "schedule",
        at="2030-01-01T09:00:00Z",
        languages=["be"],
        minor=True,
    )
    scheduled = next(one for one in now["editions"] if one["language"] == "be")
    assert scheduled["scheduled_for"] == "2030-01-01T09:00:00Z"
    now = await approved_again(newsroom, now, trend="unchanged")
    ended = next(one for one in now["editions"] if one["language"] == "be")
    assert (ended["scheduled_for"], ended["status"]) == (None, "live")
    assert ended["schedule_refusal"]


async def test_words_cannot_be_passed_off_as_following(newsroom: Newsroom, application_url: str) -> None:
    """Four eyes are the database's: a changed word is no mere following, whatever a script says of it."""
    commentary = await translated(newsroom)
    connection = await asyncpg.connect(application_url)
    words = {
        "as it is": ("title", "blocks", None),
        "another title": ("title || '!'", "blocks", "nobody_approves_what_they_wrote"),
        "another word": (
            "title",
            """replace(blocks::text, 'barley', 'rye')::jsonb""",
            "nobody_approves_what_they_wrote",
        ),
        "another credit": (
            "title",
            """replace(blocks::text, 'C. D.', 'E. F.')::jsonb""",
            "nobody_approves_what_they_wrote",
        ),
    }
    try:
        for title, blocks, refusal in words.values():
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                """
                select set_config('editorial.context', jsonb_build_object(
                    'actor_kind', 'person', 'actor', $1::text, 'action', 'approve',
                    'object_kind', 'commentary', 'object', $2::text
                )::text, true)
                """,
                newsroom.coordinator.id,
                commentary["id"],
            )
            await connection.execute(
                f"""
                insert into revision
                (commentary_id, language, number, title, lead, trend, photo, blocks,
                    source_revision, units, created_by)
                select commentary_id, language, number + 1, {title}, lead, trend, photo, {blocks},
                    source_revision, units, $2
                from revision
                where commentary_id = $1 and language = 'be' and number = (
                    select revision from edition where commentary_id = $1 and language = 'be'
                )
                """,  # the test's own words
                commentary["id"],
                newsroom.coordinator.id,
            )
            approve = connection.execute(
                """
                insert into approval (id, commentary_id, language, revision, content_hash, approved_by)
                select gen_random_uuid(), commentary_id, language, number, content_hash, $2 from revision
                where commentary_id = $1 and language = 'be' order by number desc limit 1
                """,
                commentary["id"],
                newsroom.coordinator.id,
            )
            if refusal is None:
                await approve
            else:
                with pytest.raises(asyncpg.CheckViolationError) as broken:
                    await approve
                assert broken.value.constraint_name == refusal
            await transaction.rollback()
    finally:
        await connection.close()
