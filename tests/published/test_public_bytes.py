"""Public answers tell nothing of the desk: two newsrooms that differ only in ids and seconds answer alike.

Each newsroom has the same people, texts and public history; ids of the desk, the block ids that its clients
chose and the seconds of each publication differ. Every public operation of the document is asked for, and
what came is compared byte for byte: bodies, and headers save the date and the request's id.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from conftest import PASSWORD, PEOPLE, Run, address, run_sql
from editorial.app import create_app
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database
from editorial.identity.people import add_person
from editorial.settings import Settings
from newsroom import Newsroom, Person, fine

MORNING = datetime(2024, 7, 26, 9, 30, tzinfo=UTC)
WEEK = "2024-W30"
TRANSLATED = re.compile(r"tag:[^,]+,2024:([0-9a-f]{32})")


class Story:
    """One run: a newsroom, and what it published at which seconds."""

    def __init__(self, newsroom: Newsroom, owner: Any, seconds: Callable[[int], float], names: str) -> None:
        """Publish each step `seconds(step)` after its minute, with blocks called after `names`."""
        self.newsroom = newsroom
        self._owner = owner
        self._seconds = seconds
        self._names = names
        self._step = 0

    async def dated(self, commentary: dict[str, Any], action: str, **members: Any) -> dict[str, Any]:
        """Take a step that readers notice, so many minutes after the first."""
        at = MORNING + timedelta(minutes=self._step // 2, seconds=self._seconds(self._step))
        self._step += 1
        await self._owner.execute("select date_publication($1, $2)", UUID(commentary["id"]), at)
        return await self.newsroom.coordinator.move(commentary, action, **members)

    async def approved(self, title: str, **members: Any) -> dict[str, Any]:
        """A text that is ready in English, and translated into Belarusian where that is wanted."""
        newsroom = self.newsroom
        blocks = [
            {"type": "paragraph", "id": f"{self._names}-1", "text": "Ports [load](https://фота.бел/порт)."},
            {"type": "heading", "id": f"{self._names}-2", "text": "—"},
            {"type": "list", "id": f"{self._names}-3", "items": ["barley", "rapeseed"]},
            {
                "type": "figure",
                "id": f"{self._names}-4",
                "url": "https://фота.бел/б.jpg",
                "alt": "A port.",
                "credit": "A. Photographer",
                "text": "*The* port",
            },
        ]
        photo = {
            "url": "https://фота.бел/здымак.jpg",
            "credit": "A. Photographer",
            "alt": "Cranes.",
            "caption": "The [cranes](https://фота.бел/в)",
        }
        draft = await newsroom.a_draft(title=title, blocks=blocks, photo=photo, **members)
        submitted = await newsroom.analyst.move(draft, "submit")
        approved = await newsroom.coordinator.move(submitted, "approve")
        if draft["target_languages"]:
            await newsroom.an_accepted_task(approved, "be")
        return await newsroom.read(approved)

    async def tell(self) -> None:
        """What both newsrooms publish."""
        both = await self.dated(await self.approved("Grain exports fall", target_languages=["be"]), "publish")
        alone = await self.dated(await self.approved("Ports wait", target_languages=[]), "publish")
        gone = await self.dated(await self.approved("Rye prices rise", target_languages=["be"]), "publish")
        # In the minute of its first publication, and a minute after that.
        for lead in ("Prices held, volumes did not at all.", "Prices held."):
            both = await self.revised(both, lead)
            both = await self.dated(both, "publish", languages=["en"], correction_note="The lead was mended.")
        await self.dated(gone, "retract", reason="The figures were wrong.")
        await self.newsroom.coordinator.move(alone, "change_slug", language="en", slug="ports-wait-on")
        await relabelled(self._owner, MORNING + timedelta(hours=1, seconds=self._seconds(0)))

    async def revised(self, commentary: dict[str, Any], lead: str) -> dict[str, Any]:
        """A source text with another lead, approved again."""
        newsroom = self.newsroom
        draft = await newsroom.analyst.move(await newsroom.read(commentary), "revise")
        edited = await newsroom.analyst.edit(draft, lead=lead)
        return await newsroom.coordinator.move(await newsroom.analyst.move(edited, "submit"), "approve")


async def relabelled(owner: Any, at: datetime) -> None:
    """Say when something last changed on public pages without a publication."""
    async with owner.transaction():
        await owner.execute(
            "select set_config('editorial.context', "
            '\'{"actor_kind": "system", "action": "mend", "request": "test"}\', true)'
        )
        await owner.execute("update published_version set relabelled_at = $1", at)


@asynccontextmanager
async def a_newsroom(run: Run, server_url: str, place: Path) -> AsyncIterator[tuple[Newsroom, Any, str]]:
    """A newsroom on a database of its own, with its owner's connection and address."""
    own = f"{run.name}_{uuid4().hex}"
    await run_sql(server_url, f"create database {own} template {run.name}_template")
    owner_url, application_url = address(server_url, own), address(server_url, own, "editorial_app")
    settings = Settings(
        data_dir=place,
        public_url="https://desk.example.org",
        sign_in_failures_per_address=1000,
        worker_in_serve=False,
    )
    db = Database(owner_url, pool_size=2, as_owner=True)
    await db.open()
    try:
        await add_first_sections(db)
        ids = {
            name: await add_person(
                db,
                actor=SYSTEM,
                email=f"{name}@newsroom.example",
                display_name=name,
                roles=roles,
                languages=languages,
                password=PASSWORD,
            )
            for name, (roles, languages) in PEOPLE.items()
        }
    finally:
        await db.close()
    # What was set up belongs to no minute of the story.
    owner = await asyncpg.connect(owner_url)
    await relabelled(owner, MORNING - timedelta(days=1))
    served, litestar = create_app(settings, application_url)
    async with litestar.lifespan():
        transport = httpx.ASGITransport(app=served)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
        async with httpx.AsyncClient(transport=transport, base_url="http://newsroom", timeout=60) as client:
            people = {
                name: Person(client, name, f"{name}@newsroom.example", PASSWORD, str(ids[name]), "")
                for name in PEOPLE
            }
            newsroom = Newsroom(client, people)
            await newsroom.sign_everybody_in()
            yield newsroom, owner, owner_url
    await owner.close()
    await run_sql(server_url, f"drop database {own} with (force)")


def public_templates(document: dict[str, Any]) -> list[str]:
    """The paths of every operation that readers use."""
    return [
        path
        for path, operations in document["paths"].items()
        if path.startswith("/v1/published") and operations.get("get", {}).get("security") == []
    ]


SLUGS = {
    "en": ["grain-exports-fall", "ports-wait", "ports-wait-on", "rye-prices-rise"],
    "be": ["be-grain-exports-fall", "be-rye-prices-rise"],
}


def addresses_of(template: str) -> list[str]:
    """Everything of that form that there is to ask for, and something that there is not."""
    found = []
    for language in ("en", "be"):
        for slug in [*SLUGS[language], "nothing"] if "{slug}" in template else [""]:
            for query in (
                ["?q=exports", "?q=exprots", "?q=nothing"]
                if template.endswith("search")
                else ["", "?limit=1"]
                if template.endswith(("{language}", "weeks"))
                else [""]
            ):
                filled = template.format(language=language, week=WEEK, slug=slug, section="economy") + query
                if filled not in found:
                    found.append(filled)
    return found


async def public_answers(newsroom: Newsroom) -> dict[str, tuple[int, list[tuple[str, str]], str]]:
    """Every public answer: status, headers and body, with what is random for each run made alike."""
    document = fine(await newsroom.client.get("/openapi.json"))
    templates = public_templates(document)
    assert len(templates) >= 16, templates
    answers = {}
    for template in templates:
        for path in addresses_of(template):
            answer = await newsroom.client.get(path)
            request_id = answer.headers["x-request-id"]
            headers = [
                (name, value)
                for name, value in answer.headers.multi_items()
                if name not in {"x-request-id", "date"}
            ]
            answers[path] = (answer.status_code, headers, answer.text.replace(request_id, "REQUEST"))
    return answers


def without_what_is_random(
    answers: dict[str, tuple[int, list[tuple[str, str]], str]],
) -> dict[str, tuple[int, list[tuple[str, str]], str]]:
    """The answers with public ids by the order in which they come, without cursors and the tags over them."""
    ids: dict[str, str] = {}

    def by_order(text: str) -> str:
        for one in TRANSLATED.findall(text):
            ids.setdefault(one, f"ID-{len(ids)}")
            text = text.replace(one, ids[one])
        return re.sub(r'(cursor"?[=:] ?"?)[A-Za-z0-9_-]{20,}', r"\1CURSOR", text)

    alike = {}
    for path, (status, headers, body) in answers.items():
        written = by_order(body)
        is_random = written != body
        kept = [(name, by_order(value)) for name, value in headers if not (is_random and name == "etag")]
        alike[path] = (status, kept, written)
    return alike


EARLY: Callable[[int], float] = lambda step: 3.25 + step  # noqa: E731
LATE: Callable[[int], float] = lambda step: 40.5 + step  # noqa: E731


async def test_two_newsrooms_that_differ_in_ids_and_seconds_answer_readers_alike(
    run: Run, server_url: str, owner_url: str, tmp_path: Path
) -> None:
    # With the worker's own database, the template is there.
    assert owner_url
    runs = []
    public_ids: list[set[str]] = []
    for seconds, names in ((EARLY, "chosen"), (LATE, "named")):
        async with a_newsroom(run, server_url, tmp_path / names) as (newsroom, owner, _):
            await Story(newsroom, owner, seconds, names).tell()
            answers = await public_answers(newsroom)
            everything = str(answers)
            desk_ids = await owner.fetch(
                "select id from commentary union select id from person union select id from publication "
                "union select id from translation_task"
            )
            assert desk_ids
            for row in desk_ids:
                assert str(row["id"]) not in everything
                assert row["id"].hex not in everything
            assert "фота.бел" not in everything
            assert "xn--80a1amg.xn--90ais" in everything
            for number in range(1, 5):
                assert f"{names}-{number}" not in everything
            public_ids.append(set(TRANSLATED.findall(everything)))
            assert len(public_ids[-1]) == 5
            runs.append(without_what_is_random(answers))
    first, second = runs
    assert public_ids[0].isdisjoint(public_ids[1])
    for path, answer in first.items():
        assert answer == second[path], path
    statuses = {status for status, _, _ in first.values()}
    assert statuses == {200, 308, 404, 410}
    times = re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\s\"<,]*|\d{8}T\d+Z", str(first))
    assert len(times) > 50
    assert not [
        one for one in times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00(Z|\+00:00)|\d{8}T\d{4}Z", one)
    ]
    modified = [
        value for _, headers, _ in first.values() for name, value in headers if name == "last-modified"
    ]
    assert modified
    assert all(one.endswith(":00 GMT") for one in modified)
