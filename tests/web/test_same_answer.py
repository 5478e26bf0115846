"""What a change answers is what everybody reads right after it, byte for byte."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE
from newsroom import BLOCKS, Newsroom, Person, fine


class Reader:
    """Reads again whatever somebody has changed, in their name, and compares."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Nothing is compared yet."""
        self._client = client
        self.compared: set[tuple[str, str]] = set()

    async def look(self, response: httpx.Response) -> None:
        """An answer has come."""
        request = response.request
        _, _, kind, *rest = request.url.path.split("/")
        is_move = request.method == "POST" and rest[1:] == ["transitions"]
        is_patch = request.method == "PATCH" and len(rest) == 1
        is_next = rest == ["claim-next"]
        if kind not in {"commentaries", "translation-tasks"} or not (is_move or is_patch or is_next):
            return
        changed = await response.aread()
        assert response.status_code == 200, response.text
        asked = msgspec.json.decode(request.content)
        path = f"/v1/{kind}/{msgspec.json.decode(changed)['id']}"
        headers = {"Authorization": request.headers["authorization"]}
        read = await self._client.get(path, headers=headers)
        assert read.content == changed, (kind, asked)
        assert read.headers["etag"] == response.headers["etag"]
        self.compared.add((kind, asked.get("action", "claim-next" if is_next else "edit")))


@pytest.fixture
async def read_again(newsroom: Newsroom) -> AsyncIterator[tuple[Newsroom, Reader]]:
    """Give the newsroom, whose every change is read again."""
    async with httpx.AsyncClient(base_url=newsroom.client.base_url, timeout=30) as client:
        reader = Reader(newsroom.client)
        client.event_hooks = {"response": [reader.look]}
        people = {
            name: Person(client, one.name, one.email, one.password, one.id, one.token)
            for name, one in newsroom.people.items()
        }
        yield Newsroom(client, people), reader


def moves_of(machine: object) -> set[str]:
    """The actions of a machine that somebody takes by its transitions."""
    return {
        str(row.action)
        for row in machine  # type: ignore[attr-defined]
        if row.sources and not row.by_patch
    }


async def test_of_every_transition_of_a_commentary(read_again: tuple[Newsroom, Reader]) -> None:
    newsroom, reader = read_again
    author, contributor, coordinator = newsroom.analyst, newsroom.contributor, newsroom.coordinator
    draft = await newsroom.a_draft()
    draft = await author.move(await author.move(draft, "discard"), "restore")
    draft = await coordinator.edit(draft, contributors=[contributor.id])
    draft = await contributor.edit(draft, lead="Baltic prices held.", photo=None)
    draft = await contributor.edit(draft, lead="Baltic prices held.")
    draft = await author.edit(draft, title="Grain", week="2024-W31")
    draft = await author.edit(
        draft, blocks=[{"type": "figure", "url": "https://example.org/a.png", "alt": "", "credit": "Reuters"}]
    )
    draft = await author.edit(draft, blocks=BLOCKS)
    draft = await author.move(await author.move(await contributor.move(draft, "submit"), "recall"), "submit")
    draft = await coordinator.move(draft, "request_changes", note="Which ports?")
    draft = await coordinator.move(await author.move(draft, "submit"), "approve")
    draft = await coordinator.move(draft, "reopen", note="One figure is wrong.")
    draft = await coordinator.move(await author.move(draft, "submit"), "approve")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    draft = await coordinator.move(draft, "schedule", at=tomorrow, languages=["en"])
    draft = await coordinator.move(draft, "unschedule")
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(draft, language)
    draft = await coordinator.move(await coordinator.get(f"/v1/commentaries/{draft['id']}"), "publish")
    draft = await coordinator.move(draft, "change_slug", language="en", slug=f"grain-{draft['id'][:8]}")
    draft = await author.move(draft, "revise")
    draft = await author.edit(draft, lead="Baltic prices rose.")
    draft = await coordinator.move(await author.move(draft, "submit"), "approve")
    draft = await coordinator.move(draft, "publish", correction_note="The lead was wrong.", languages=["en"])
    draft = await coordinator.move(draft, "retract", reason="It was all wrong.", languages=["en"])
    draft = await coordinator.move(draft, "retract", reason="It was all wrong.")
    await coordinator.move(draft, "revise")
    seen = {action for kind, action in reader.compared if kind == "commentaries"}
    assert seen == moves_of(COMMENTARY_MACHINE) | {"edit"}


async def test_of_every_transition_of_a_translation_task(read_again: tuple[Newsroom, Reader]) -> None:
    newsroom, reader = read_again
    coordinator, holder = newsroom.coordinator, newsroom.translator_be
    text = await newsroom.a_commentary_in_translation()
    task = await holder.move_task(await newsroom.task(text, "be"), "claim")
    here = f"/v1/translation-tasks/{task['id']}"
    task = await holder.move_task(task, "release")
    task = await coordinator.move_task(task, "assign", translator=holder.id)
    task = await coordinator.move_task(task, "release")
    task = await holder.move_task(task, "claim")
    task = await newsroom.translate(holder, task)
    for words in ({"title": "Порты 99"}, {"title": "Порты 99"}, {"lead": None}, {"lead": "Цэны."}, {}):
        task = fine(await holder.call("PATCH", here, words, version=task["version"]))
    due = {"due_at": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
    task = fine(await coordinator.call("PATCH", here, due, version=task["version"]))
    task = await holder.move_task(await holder.move_task(task, "submit"), "recall")
    task = await coordinator.move_task(await holder.move_task(task, "submit"), "return", note="Which?")
    text = await coordinator.move(
        await coordinator.get(f"/v1/commentaries/{text['id']}"), "reopen", note="One figure is wrong."
    )
    text = await newsroom.analyst.edit(text, blocks=text["text"]["blocks"][:1])
    lead = "Baltic prices held, and volumes did not."
    text = await newsroom.analyst.move(await newsroom.analyst.edit(text, lead=lead), "submit")
    text = await coordinator.move(text, "approve")
    task = await holder.get(here)
    assert {one["status"] for one in (task["lead"], *task["blocks"])} == {"outdated", "current", "orphaned"}
    task = await holder.move_task(await holder.move_task(task, "release"), "claim")
    task = fine(await holder.call("PATCH", here, {"lead": "Балтыйскія цэны."}, version=task["version"]))
    task = await coordinator.move_task(await holder.move_task(task, "submit"), "accept")
    await coordinator.move_task(await newsroom.task(text, "ru"), "cancel")
    await newsroom.a_commentary_in_translation()
    fine(await holder.call("POST", "/v1/translation-tasks/claim-next", {"language": "be"}))
    seen = {action for kind, action in reader.compared if kind == "translation-tasks"}
    assert seen == moves_of(TASK_MACHINE) | {"edit", "claim-next"}
