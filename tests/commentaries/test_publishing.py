"""What readers get, when and in which language: publish, schedule, correct, retract, addresses."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from newsroom import Newsroom, Person, fine, invited, refused

NOTE = "An earlier version named the wrong month."


def edition_of(commentary: dict[str, Any], language: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in commentary["editions"] if one["language"] == language)
    return found


def statuses(commentary: dict[str, Any]) -> dict[str, str]:
    return {one["language"]: one["status"] for one in commentary["editions"]}


async def page(newsroom: Newsroom, commentary: dict[str, Any], language: str) -> httpx.Response:
    """What a reader gets at the address of an edition."""
    slug = edition_of(commentary, language)["slug"]
    return await newsroom.client.get(f"/v1/published/{language}/{commentary['week']}/{slug}")


async def told(newsroom: Newsroom, commentary: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """What the trail tells of a commentary: action, who, why."""
    history = await newsroom.coordinator.get(f"/v1/commentaries/{commentary['id']}/history?limit=100")
    return [(one["action"], one["who"], one["note"]) for one in history["data"]]


async def until_not_scheduled(
    newsroom: Newsroom, commentary: dict[str, Any], languages: Iterable[str] = ("en",)
) -> dict[str, Any]:
    """The commentary when nothing of these languages is scheduled any more."""
    async with asyncio.timeout(15):
        while True:
            now = await newsroom.read(commentary)
            if not any(edition_of(now, one)["scheduled_for"] for one in languages):
                return now
            await asyncio.sleep(0.1)


def soon(seconds: float = 1.5) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def corrected(newsroom: Newsroom, commentary: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A published commentary revised, submitted and approved again."""
    commentary = await newsroom.analyst.move(commentary, "revise")
    commentary = await newsroom.analyst.edit(commentary, **changes)
    commentary = await newsroom.analyst.move(commentary, "submit")
    return await newsroom.coordinator.move(commentary, "approve")


async def translated_again(newsroom: Newsroom, commentary: dict[str, Any], language: str) -> dict[str, Any]:
    """A translation that went back to its translator, brought up to date and accepted."""
    translator = newsroom.translator(language)
    task = await translator.get(f"/v1/translation-tasks/{edition_of(commentary, language)['task']['id']}")
    task = await newsroom.translate(translator, task)
    task = await translator.move_task(task, "submit")
    await newsroom.other_coordinator.move_task(task, "accept")
    return await newsroom.read(commentary)


async def test_publishing_one_language_changes_no_byte_of_another(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    before = {language: fine(await page(newsroom, published, language)) for language in ("be", "ru")}
    others = {language: edition_of(await newsroom.read(published), language) for language in ("be", "ru")}

    retracted = await newsroom.coordinator.move(
        published, "retract", reason="The figures were wrong.", languages=["en"]
    )
    assert retracted["state"] == "published"
    refused(await page(newsroom, retracted, "en"), 410)
    for language in ("be", "ru"):
        after = fine(await page(newsroom, retracted, language))
        assert [one["language"] for one in after["alternates"]] == [
            one for one in ("be", "ru") if one != language
        ]
        del after["alternates"], before[language]["alternates"]
        assert after == before[language]
        assert edition_of(retracted, language) == others[language]


async def test_a_language_that_comes_later_changes_nothing_of_those_before(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    now = await newsroom.coordinator.move(ready, "publish", languages=["be", "ru"])
    before = {language: fine(await page(newsroom, now, language)) for language in ("be", "ru")}
    others = {language: edition_of(now, language) for language in ("be", "ru")}
    now = await newsroom.coordinator.move(now, "publish")
    for language in ("be", "ru"):
        after = fine(await page(newsroom, now, language))
        assert "en" in [one["language"] for one in after.pop("alternates")]
        del before[language]["alternates"]
        assert after == before[language]
        assert edition_of(now, language) == others[language]


async def test_a_correction_says_so_elsewhere_until_the_translation_has_caught_up(
    newsroom: Newsroom,
) -> None:
    published = await newsroom.a_published_commentary()
    before = {language: fine(await page(newsroom, published, language)) for language in ("be", "ru")}
    now = await corrected(newsroom, published, lead="Prices fell, volumes did not.")
    # What is approved is not yet what readers see.
    assert not fine(await page(newsroom, now, "be"))["correction_pending"]
    now = await newsroom.coordinator.move(now, "publish", correction_note=NOTE)
    assert statuses(now) == {"en": "live", "be": "live", "ru": "live"}
    for language in ("be", "ru"):
        after = fine(await page(newsroom, now, language))
        assert after == {**before[language], "correction_pending": True}
    english = fine(await page(newsroom, now, "en"))
    assert [one["note"] for one in english["corrections"]] == [NOTE]
    assert not english["correction_pending"]

    # A translation that is accepted, but not before readers, has not caught up yet.
    now = await translated_again(newsroom, now, "be")
    assert edition_of(now, "be")["correction_pending"]
    now = await newsroom.coordinator.move(now, "publish", correction_note="Выпраўлены ліды.")
    assert not edition_of(now, "be")["correction_pending"]
    assert edition_of(now, "ru")["correction_pending"]
    assert fine(await page(newsroom, now, "be"))["lead"] == "be Prices fell, volumes did not."


async def test_a_correction_in_a_translation_first_is_pending_in_the_source_too(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, lead="Prices fell, volumes did not.")
    now = await translated_again(newsroom, now, "be")
    now = await newsroom.coordinator.move(now, "publish", languages=["be"], correction_note="Выпраўлена.")
    assert {one["language"]: one["correction_pending"] for one in now["editions"]} == {
        "en": True,
        "be": False,
        "ru": True,
    }


async def test_a_minor_change_is_told_to_nobody(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, lead="Prices held; volumes did not.")
    path = f"/v1/commentaries/{now['id']}/transitions"
    problem = refused(
        await newsroom.coordinator.call("POST", path, {"action": "publish"}, version=now["version"]), 422
    )
    assert [one["pointer"] for one in problem["errors"]] == ["/correction_note"]
    both = {"action": "publish", "correction_note": NOTE, "minor": True}
    problem = refused(await newsroom.coordinator.call("POST", path, both, version=now["version"]), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/minor"]
    now = await newsroom.coordinator.move(now, "publish", minor=True)
    english = fine(await page(newsroom, now, "en"))
    assert (english["lead"], english["corrections"]) == ("Prices held; volumes did not.", [])
    assert not any(one["correction_pending"] for one in now["editions"])


async def test_a_trend_that_was_corrected_leaves_the_translations_accepted_and_goes_live_with_them(
    newsroom: Newsroom,
) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, trend="better")
    assert edition_of(now, "be")["task"]["state"] == "accepted"
    now = await newsroom.coordinator.move(now, "publish", languages=["en"], correction_note=NOTE)
    assert edition_of(now, "be")["correction_pending"]
    now = await newsroom.coordinator.move(now, "publish", languages=["be"], correction_note=NOTE)
    assert not edition_of(now, "be")["correction_pending"]
    assert fine(await page(newsroom, now, "be"))["trend"]["key"] == "better"


async def test_an_approved_text_is_published_while_a_new_draft_exists_and_not_the_draft(
    newsroom: Newsroom,
) -> None:
    published = await newsroom.a_published_commentary()
    draft = await newsroom.analyst.move(published, "revise")
    draft = await newsroom.analyst.edit(draft, lead="Nobody has approved this.")
    # A translator finishes nothing meanwhile, and readers see what was approved, byte for byte.
    assert fine(await page(newsroom, draft, "en"))["lead"] == "Prices held, volumes did not."
    assert edition_of(draft, "en")["live_revision"] == 1
    assert edition_of(draft, "en")["revision"] == 2
    path = f"/v1/commentaries/{draft['id']}/transitions"
    refused(
        await newsroom.coordinator.call("POST", path, {"action": "publish"}, version=draft["version"]), 409
    )


async def test_a_revision_that_changed_nothing_ends_as_it_began(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    draft = await newsroom.analyst.move(published, "revise")
    pages = [fine(await page(newsroom, published, language)) for language in ("en", "be", "ru")]
    again = await newsroom.coordinator.move(await newsroom.analyst.move(draft, "submit"), "approve")
    assert again["state"] == "ready"
    assert "publish" in again["allowed_actions"]
    assert "schedule" not in again["allowed_actions"]
    again = await newsroom.coordinator.move(again, "publish")
    assert again["state"] == "published"
    assert pages == [fine(await page(newsroom, again, language)) for language in ("en", "be", "ru")]
    assert statuses(again) == {"en": "live", "be": "live", "ru": "live"}


async def test_what_was_retracted_comes_back_with_a_note_at_its_address(newsroom: Newsroom) -> None:
    retracted = await newsroom.a_retracted_commentary()
    assert retracted["state"] == "retracted"
    assert refused(await page(newsroom, retracted, "be"), 410)["detail"] == "The figures were wrong."
    again = await newsroom.coordinator.move(retracted, "revise")
    again = await newsroom.coordinator.move(await newsroom.analyst.move(again, "submit"), "approve")
    assert again["state"] == "ready"
    path = f"/v1/commentaries/{again['id']}/transitions"
    refused(
        await newsroom.coordinator.call("POST", path, {"action": "publish"}, version=again["version"]), 422
    )
    again = await newsroom.coordinator.move(again, "publish", correction_note="The figures were right.")
    for language in ("en", "be", "ru"):
        assert edition_of(again, language)["slug"] == edition_of(retracted, language)["slug"]
        assert [one["note"] for one in fine(await page(newsroom, again, language))["corrections"]] == [
            "The figures were right."
        ]


async def test_an_address_is_changed_by_a_person_and_the_old_ones_lead_to_it(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    first = edition_of(published, "en")["slug"]
    week = published["week"]
    second, third = f"second-{first}"[:90], f"third-{first}"[:90]
    now = await newsroom.coordinator.move(published, "change_slug", language="en", slug=second)
    now = await newsroom.coordinator.move(now, "change_slug", language="en", slug=third)
    for old in (first, second):
        redirect = await newsroom.client.get(f"/v1/published/en/{week}/{old}")
        assert redirect.status_code in {301, 308}
        assert redirect.headers["location"] == f"/v1/published/en/{week}/{third}"
    assert edition_of(now, "be") == edition_of(published, "be")
    # It may have an earlier one back; then the latest leads to that.
    now = await newsroom.coordinator.move(now, "change_slug", language="en", slug=first)
    assert (await newsroom.client.get(f"/v1/published/en/{week}/{third}")).headers["location"].endswith(first)
    fine(await page(newsroom, now, "en"))

    other = await newsroom.a_published_commentary()
    path = f"/v1/commentaries/{other['id']}/transitions"
    for slug, status, code in ((second, 409, "address-is-taken"), ("No Slug", 422, "invalid")):
        body = {"action": "change_slug", "language": "en", "slug": slug}
        refused(await newsroom.coordinator.call("POST", path, body, version=other["version"]), status, code)
    body = {"action": "change_slug", "language": "de", "slug": "x"}
    problem = refused(await newsroom.coordinator.call("POST", path, body, version=other["version"]), 422)
    assert problem["errors"][0]["pointer"] == "/language"
    # The same words are free in another language.
    await newsroom.coordinator.move(other, "change_slug", language="ru", slug=second)


async def test_the_next_publish_keeps_the_address_whatever_the_title_says(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, title="Something else altogether")
    now = await newsroom.coordinator.move(now, "publish", correction_note=NOTE)
    assert edition_of(now, "en")["slug"] == edition_of(published, "en")["slug"]
    assert fine(await page(newsroom, now, "en"))["title"] == "Something else altogether"


async def test_of_many_with_one_title_that_are_published_at_once_each_gets_an_address(
    newsroom: Newsroom,
) -> None:
    made = [
        await newsroom.a_commentary_in_translation(title="Grain, at once", target_languages=[])
        for _ in range(8)
    ]
    published = await asyncio.gather(*(newsroom.coordinator.move(one, "publish") for one in made))
    slugs = [edition_of(one, "en")["slug"] for one in published]
    assert len(set(slugs)) == 8
    assert "grain-at-once" in slugs
    for one in published:
        actions = [action for action, _, _ in await told(newsroom, one)]
        assert actions.count("publish") == 1


async def test_an_approval_that_is_withdrawn_before_the_instant_publishes_nothing(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    at = soon(2)
    scheduled = await newsroom.coordinator.move(ready, "schedule", at=at)
    assert statuses(scheduled) == dict.fromkeys(("en", "be", "ru"), "scheduled")
    reopened = await newsroom.other_coordinator.move(scheduled, "reopen", note="A source has called.")
    assert {one["schedule_refusal"] for one in reopened["editions"]} == {
        "The approval was withdrawn before the scheduled time."
    }
    await asyncio.sleep(max(0.0, (datetime.fromisoformat(at) - datetime.now(UTC)).total_seconds()) + 1.5)
    now = await newsroom.read(ready)
    assert (now["state"], now["version"]) == ("draft", reopened["version"])
    assert all(one["live_revision"] is None for one in now["editions"])
    assert (await told(newsroom, ready))[-1] == ("reopen", "Other Coordinator", "A source has called.")


async def test_approving_what_is_scheduled_for_tomorrow_publishes_nothing_today(newsroom: Newsroom) -> None:
    """Of a published commentary, `ru` was left for tomorrow; then the source is revised and approved."""
    ready = await newsroom.a_ready_commentary()
    now = await newsroom.coordinator.move(ready, "publish", languages=["en", "be"])
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    now = await newsroom.coordinator.move(now, "schedule", at=tomorrow.isoformat(), languages=["ru"])
    # A change that means the same leaves the translation current: its schedule stands.
    now = await newsroom.analyst.move(now, "revise")
    now = await newsroom.analyst.edit(now, lead="Prices held: volumes did not.")
    now = await newsroom.analyst.move(now, "submit")
    now = await newsroom.coordinator.move(now, "approve", unchanged_in_meaning=["lead"])
    assert edition_of(now, "ru")["status"] == "scheduled"
    assert datetime.fromisoformat(edition_of(now, "ru")["scheduled_for"]) == tomorrow
    assert edition_of(now, "en")["live_revision"] == 1
    # The source's own schedule is for the text that was approved when it was made, and for no other.
    now = await newsroom.coordinator.move(
        now, "schedule", at=tomorrow.isoformat(), languages=["en"], minor=True
    )
    now = await newsroom.coordinator.move(now, "reopen", note="One more word.")
    now = await newsroom.analyst.edit(now, lead="Prices held, and volumes did not.")
    now = await newsroom.analyst.move(now, "submit")
    now = await newsroom.coordinator.move(now, "approve")
    assert {one["scheduled_for"] for one in now["editions"]} == {None}
    assert {one["language"]: one["status"] for one in now["editions"]} == {
        "en": "live",
        "be": "live",
        "ru": "pending",
    }
    assert edition_of(now, "en")["live_revision"] == 1


async def test_a_schedule_does_not_go_over_to_a_text_that_is_approved_later(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, lead="Prices fell, volumes did not.")
    # Published as far as it goes, so that it can be revised while a schedule stands.
    now = await newsroom.coordinator.move(now, "publish", languages=["en"], correction_note=NOTE)
    now = await translated_again(newsroom, now, "be")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    now = await newsroom.coordinator.move(
        now, "schedule", at=tomorrow, languages=["be"], correction_note="Выпраўлена."
    )
    now = await corrected(newsroom, now, lead="Prices rose, volumes did not.")
    belarusian = edition_of(now, "be")
    assert (belarusian["scheduled_for"], belarusian["live_revision"]) == (None, 1)
    assert (
        belarusian["schedule_refusal"] == "The source was changed, and the translation has to catch up first."
    )


@pytest.mark.parametrize(
    ("at", "pointer"),
    [
        ("2024-07-28T20:00:00", "/at"),
        ("2024-07-28T20:00:00+03:00", "/at"),
        ("2199-01-01T00:00:00Z", "/at"),
        ("tomorrow", "/at"),
    ],
    ids=["naive", "past", "far", "no instant"],
)
async def test_an_instant_that_is_none_is_refused(newsroom: Newsroom, at: str, pointer: str) -> None:
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    path = f"/v1/commentaries/{ready['id']}/transitions"
    problem = refused(
        await newsroom.coordinator.call(
            "POST", path, {"action": "schedule", "at": at}, version=ready["version"]
        ),
        422,
    )
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


async def test_a_schedule_needs_the_words_that_the_publication_will_need(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, lead="Prices fell, volumes did not.")
    path = f"/v1/commentaries/{now['id']}/transitions"
    body = {"action": "schedule", "at": soon(3600)}
    problem = refused(await newsroom.coordinator.call("POST", path, body, version=now["version"]), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/correction_note"]


async def test_each_due_language_keeps_its_own_words_and_its_own_fate(newsroom: Newsroom) -> None:
    """Three schedules for one moment: a correction, a minor change, another correction."""
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, lead="Prices fell, volumes did not.")
    now = await translated_again(newsroom, now, "be")
    now = await translated_again(newsroom, now, "ru")
    at = soon(2)
    now = await newsroom.coordinator.move(now, "schedule", at=at, languages=["en"], correction_note=NOTE)
    now = await newsroom.coordinator.move(now, "schedule", at=at, languages=["be"], minor=True)
    now = await newsroom.coordinator.move(
        now, "schedule", at=at, languages=["ru"], correction_note="Исправлено."
    )
    now = await until_not_scheduled(newsroom, now, ("en", "be", "ru"))
    notes = {
        language: [one["note"] for one in fine(await page(newsroom, now, language))["corrections"]]
        for language in ("en", "be", "ru")
    }
    assert notes == {"en": [NOTE], "be": [], "ru": ["Исправлено."]}
    assert not any(one["correction_pending"] for one in now["editions"])
    assert [one for one in await told(newsroom, now) if one[0] == "publish"][1:] == [
        ("publish", "the system, for: you", None)
    ]


async def a_new_coordinator(newsroom: Newsroom, name: str) -> tuple[str, Person]:
    """A new coordinator who is signed in."""
    person, header = await invited(newsroom, name, roles=["coordinator"])
    token = header["Authorization"].removeprefix("Bearer ")
    return person, Person(newsroom.client, name, f"{name}@newsroom.example", "", person, token)


async def test_the_schedule_of_an_account_that_was_disabled_publishes_nothing_and_says_why(
    newsroom: Newsroom,
) -> None:
    person, leaving = await a_new_coordinator(newsroom, "disabled")
    ready = await newsroom.a_ready_commentary()
    now = await newsroom.coordinator.move(ready, "publish", languages=["be"])
    now = await leaving.move(now, "schedule", at=soon(2.5), languages=["en"])
    stays = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    now = await newsroom.coordinator.move(now, "schedule", at=stays, languages=["ru"])
    account = f"/v1/people/{person}"
    version = (await newsroom.administrator.get(account))["version"]
    fine(await newsroom.administrator.call("POST", f"{account}/deactivation", version=version))
    now = await until_not_scheduled(newsroom, now)
    why = "The person who scheduled this may not publish it any more."
    assert (edition_of(now, "en")["status"], edition_of(now, "en")["schedule_refusal"]) == ("ready", why)
    # Somebody else's schedule of the same commentary stands.
    assert edition_of(now, "ru")["status"] == "scheduled"
    assert (await told(newsroom, now))[-1] == ("unschedule", "the system, for: disabled", why)


async def test_a_section_that_closes_before_the_instant_publishes_nothing(newsroom: Newsroom) -> None:
    labels = {"be": "Клімат", "ru": "Климат", "en": "Climate"}
    section = {"key": "climate", "labels": labels, "position": 9}
    made = fine(await newsroom.coordinator.call("POST", "/v1/sections", section))
    ready = await newsroom.a_commentary_in_translation(section="climate", target_languages=[])
    ready = await newsroom.coordinator.move(ready, "schedule", at=soon(2))
    fine(
        await newsroom.coordinator.call(
            "PATCH", "/v1/sections/climate", {"is_closed": True}, version=made["version"]
        )
    )
    now = await until_not_scheduled(newsroom, ready)
    assert (now["state"], edition_of(now, "en")["status"]) == ("ready", "ready")
    why = edition_of(now, "en")["schedule_refusal"]
    blocked = {one["action"]: one["reason"] for one in now["blocked_actions"]}
    assert why == blocked["publish"]
    assert (await told(newsroom, now))[-1] == ("unschedule", "the system, for: you", why)


async def test_publishing_by_hand_ends_the_schedule(newsroom: Newsroom) -> None:
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    now = await newsroom.coordinator.move(ready, "schedule", at=soon(3600))
    now = await newsroom.coordinator.move(now, "publish", languages=["en"])
    english = edition_of(now, "en")
    assert (english["status"], english["scheduled_for"]) == ("live", None)


async def test_a_retraction_ends_the_schedules_of_what_is_left(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    now = await newsroom.coordinator.move(ready, "publish", languages=["en"])
    now = await newsroom.coordinator.move(now, "schedule", at=soon(3600), languages=["be"])
    now = await newsroom.coordinator.move(now, "retract", reason="The source was wrong.")
    assert now["state"] == "retracted"
    belarusian = edition_of(now, "be")
    assert belarusian["scheduled_for"] is None
    assert belarusian["schedule_refusal"] == "The text was retracted before the scheduled time."


@pytest.mark.parametrize("unseen", [" ", "\u00a0", "\u200b\u200b"])
async def test_readers_are_never_told_nothing_in_so_many_characters(newsroom: Newsroom, unseen: str) -> None:
    published = await newsroom.coordinator.move(
        await newsroom.a_commentary_in_translation(target_languages=[]), "publish"
    )
    path = f"/v1/commentaries/{published['id']}/transitions"
    body = {"action": "retract", "reason": unseen}
    answer = await newsroom.coordinator.call("POST", path, body, version=published["version"])
    assert refused(answer, 422, "invalid")["errors"][0]["pointer"] == "/reason"
    assert (await newsroom.read(published))["state"] == "published"


ALTERED = "text-was-altered"
ONE_BYTE = {
    "title": "title = 'X' || substr(title, 2)",
    "lead": "lead = lead || ' '",
    "trend": "trend = 'better'",
    "photo": 'photo = photo || \'{"credit": "Another"}\'',
    "blocks": "blocks = replace(blocks::text, '12 %', '13 %')::jsonb",
}
OF_A_PHOTO = {"url": "https://photos.example/a.jpg", "credit": "A. Photographer"}


class Superuser:
    """Changes texts with every trigger off, and puts them back, so that the newsroom verifies afterwards."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.undo: list[tuple[Any, ...]] = []

    async def _update(self, assignments: str, *values: Any) -> None:
        guards = await self.connection.fetch(
            "select quote_ident(tgname) as name from pg_trigger "
            "where tgrelid = 'revision'::regclass and tgenabled = 'A' and not tgisinternal"
        )
        async with self.connection.transaction():
            await self.connection.execute("set local session_replication_role = replica")
            for guard in guards:
                await self.connection.execute(f"alter table revision disable trigger {guard['name']}")
            done = await self.connection.execute(
                f"update revision set {assignments} "
                "where commentary_id = $1 and language = $2 and number = $3",
                *values,
            )
            for guard in guards:
                await self.connection.execute(f"alter table revision enable always trigger {guard['name']}")
        assert done == "UPDATE 1"

    async def alter(self, commentary: dict[str, Any], language: str, change: str = ONE_BYTE["lead"]) -> None:
        """Change the newest revision of an edition, and leave its hash."""
        row = await self.connection.fetchrow(
            "select commentary_id, language, number, title, lead, trend, photo, blocks from revision "
            "where commentary_id = $1 and language = $2 order by number desc limit 1",
            commentary["id"],
            language,
        )
        self.undo.append(tuple(row.values()))
        await self._update(change, *tuple(row.values())[:3])

    async def put_back(self) -> None:
        """Leave every text as it was."""
        while self.undo:
            columns = "title = $4, lead = $5, trend = $6, photo = $7, blocks = $8"
            await self._update(columns, *self.undo.pop())


@pytest.fixture
async def superuser(owner_url: str) -> AsyncIterator[Superuser]:
    """Give somebody who is not held by any trigger."""
    connection = await asyncpg.connect(owner_url)
    superuser = Superuser(connection)
    yield superuser
    await superuser.put_back()
    await connection.close()


@pytest.mark.parametrize("part", ONE_BYTE)
async def test_a_text_with_one_byte_changed_is_not_published(
    newsroom: Newsroom, superuser: Superuser, part: str
) -> None:
    ready = await newsroom.a_commentary_in_translation(target_languages=[], photo=OF_A_PHOTO)
    await superuser.alter(ready, "en", ONE_BYTE[part])
    here = f"/v1/commentaries/{ready['id']}/transitions"
    answer = await newsroom.coordinator.call("POST", here, {"action": "publish"}, version=ready["version"])
    refused(answer, 409, ALTERED)
    now = await newsroom.read(ready)
    assert (statuses(now), now["version"]) == ({"en": "ready"}, ready["version"])
    # Corrected, saved and approved, it is published.
    now = await newsroom.coordinator.move(now, "reopen", note="It was altered.")
    now = await newsroom.analyst.edit(
        now, title="Grain", lead="Prices held.", trend="worse", photo=OF_A_PHOTO
    )
    now = await newsroom.coordinator.move(await newsroom.analyst.move(now, "submit"), "approve")
    now = await newsroom.coordinator.move(now, "publish")
    assert fine(await page(newsroom, now, "en"))["lead"] == "Prices held."


async def test_one_altered_translation_keeps_no_other_language_from_readers(
    newsroom: Newsroom, superuser: Superuser
) -> None:
    ready = await newsroom.a_ready_commentary()
    await superuser.alter(ready, "ru")
    here = f"/v1/commentaries/{ready['id']}/transitions"
    answer = await newsroom.coordinator.call("POST", here, {"action": "publish"}, version=ready["version"])
    refused(answer, 409, ALTERED)
    now = await newsroom.coordinator.move(ready, "publish", languages=["en", "be"])
    assert statuses(now) == {"en": "live", "be": "live", "ru": "ready"}


async def test_an_altered_text_is_neither_approved_nor_accepted(
    newsroom: Newsroom, superuser: Superuser
) -> None:
    reviewed = await newsroom.a_commentary_in_review(target_languages=[])
    await superuser.alter(reviewed, "en")
    here = f"/v1/commentaries/{reviewed['id']}/transitions"
    answer = await newsroom.coordinator.call("POST", here, {"action": "approve"}, version=reviewed["version"])
    refused(answer, 409, ALTERED)
    text = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_submitted_task(text, "be")
    await superuser.alter(text, "be")
    here = f"/v1/translation-tasks/{task['id']}/transitions"
    answer = await newsroom.coordinator.call("POST", here, {"action": "accept"}, version=task["version"])
    refused(answer, 409, ALTERED)


async def test_a_correction_with_one_byte_changed_leaves_what_is_live(
    newsroom: Newsroom, superuser: Superuser
) -> None:
    published = await newsroom.a_published_commentary()
    now = await corrected(newsroom, published, lead="Prices fell, volumes did not.")
    await superuser.alter(now, "en")
    here = f"/v1/commentaries/{now['id']}/transitions"
    body = {"action": "publish", "languages": ["en"], "correction_note": "It was another month."}
    refused(await newsroom.coordinator.call("POST", here, body, version=now["version"]), 409, ALTERED)
    assert fine(await page(newsroom, published, "en"))["lead"] == "Prices held, volumes did not."


async def test_a_schedule_of_an_altered_text_comes_to_nothing(
    newsroom: Newsroom, superuser: Superuser
) -> None:
    ready = await newsroom.a_commentary_in_translation(target_languages=[])
    await newsroom.coordinator.move(ready, "schedule", at=soon())
    await superuser.alter(ready, "en")
    now = await until_not_scheduled(newsroom, ready)
    edition = edition_of(now, "en")
    assert edition["status"] == "ready"
    assert edition["schedule_refusal"].startswith("It was changed without this program")
    action, _, note = (await told(newsroom, ready))[-1]
    assert (action, note) == ("unschedule", edition["schedule_refusal"])


async def test_a_week_goes_live_without_its_altered_text(newsroom: Newsroom, superuser: Superuser) -> None:
    week = {"week": "1997-W43", "target_languages": []}
    altered = await newsroom.a_commentary_in_translation(**week, section="economy")
    other = await newsroom.a_commentary_in_translation(**week, section="society")
    await superuser.alter(altered, "en")
    here = "/v1/weeks/1997-W43/publish"
    whole = refused(await newsroom.coordinator.call("POST", here, {"mode": "all_or_nothing"}), 409)
    assert [(one["pointer"], one["code"]) for one in whole["errors"]] == [(f"/{altered['id']}/en", ALTERED)]
    done = fine(await newsroom.coordinator.call("POST", here, {"mode": "as_much_as_is_ready"}))
    outcomes = {one["commentary_id"]: (one["outcome"], one["reason"]) for one in done["data"]}
    assert outcomes[other["id"]] == ("published", None)
    assert outcomes[altered["id"]][0] == "refused"
    assert outcomes[altered["id"]][1]["code"] == ALTERED


async def test_an_altered_revision_is_not_restored(newsroom: Newsroom, superuser: Superuser) -> None:
    draft = await newsroom.a_draft()
    await superuser.alter(draft, "en")
    now = await newsroom.analyst.edit(draft, lead="Another lead.")
    here = f"/v1/commentaries/{draft['id']}/revisions/1/restoration"
    refused(await newsroom.analyst.call("POST", here, version=now["version"]), 409, ALTERED)


async def test_a_live_text_with_one_byte_changed_is_shown_nowhere(
    newsroom: Newsroom, superuser: Superuser
) -> None:
    word = f"zq{uuid4().hex[:8]}"
    week = "2019-W08"
    ready = await newsroom.a_commentary_in_translation(week=week, target_languages=[], title=f"Grain {word}")
    live = await newsroom.coordinator.move(ready, "publish")
    here = f"/v1/published/en/{week}/{edition_of(live, 'en')['slug']}"
    await superuser.alter(live, "en", ONE_BYTE["blocks"])
    for address in (here, f"{here}/ninjs", f"{here}/json-ld"):
        refused(await newsroom.client.get(address), 503, "text-is-withheld")
    lists = [f"/v1/published/en/{week}", f"/v1/published/en?week={week}", f"/v1/published/en/search?q={word}"]
    lists += [
        "/v1/published/en/ninjs",
        *(f"/v1/published/en/feed.{kind}" for kind in ("atom", "json", "rss")),
    ]
    for address in lists:
        answer = await newsroom.client.get(address)
        assert answer.status_code == 200
        assert f"Grain {word}" not in answer.text, address
