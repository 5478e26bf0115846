"""A newsroom to look at: its people, and four weeks of commentaries in every state.

The texts are the JSON files beside this one. They come in through the API, as a front end would bring them:
what the demo shows has been drafted, reviewed, translated and published by a person, and the trail says so.
Past weeks were published in their own weeks: the owner of the database dates them, and the trail says so.
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from editorial.core.calendar import week_days, week_of

if TYPE_CHECKING:
    # It belongs to the extra `demo`.
    import httpx

TEXTS = Path(__file__).parent

DatePublication = Callable[[str, datetime], Awaitable[None]]
"""Dates what is published next of a commentary, by its id. For the owner of the database alone."""


class DemoPerson(msgspec.Struct, kw_only=True):
    """A person who can sign in."""

    email: str
    password: str
    roles: list[str]
    languages: list[str]
    display_name: str = ""
    bylines: list[str] = msgspec.field(default_factory=list)


_PEOPLE: tuple[tuple[str, str, list[str], list[str], list[str]], ...] = (
    ("alesia", "Алеся К.", ["analyst"], [], ["Алеся Каліна"]),
    ("mikola", "Мікола В.", ["analyst"], [], ["Мікола Вярба", "M. Viarba"]),
    ("vera", "Вера Д.", ["analyst"], [], []),
    ("hanna", "Ганна С.", ["coordinator"], [], []),
    ("piotr", "Пётр Л.", ["coordinator"], [], []),
    ("adam", "Адам Р.", ["administrator"], [], []),
    ("iryna", "Ірына М.", ["administrator"], [], []),
    ("nasta.be", "Наста Б.", ["translator"], ["be"], []),
    ("janka.be", "Янка Х.", ["translator"], ["be"], []),
    ("olga.ru", "Ольга Н.", ["translator"], ["ru"], []),
    ("denis.ru", "Денис З.", ["translator"], ["ru"], []),
    ("emma.en", "Emma T.", ["translator"], ["en"], []),
    ("paul.en", "Paul G.", ["translator"], ["en"], []),
)


def new_people() -> list[DemoPerson]:
    """The demo's people, with new random passwords."""
    return [
        DemoPerson(
            email=f"{name}@newsroom.example",
            password=secrets.token_urlsafe(15),
            roles=roles,
            languages=languages,
            display_name=display_name,
            bylines=bylines,
        )
        for name, display_name, roles, languages, bylines in _PEOPLE
    ]


class Plan(msgspec.Struct, frozen=True):
    """How far one of the demo's commentaries has come."""

    key: str
    weeks_ago: int
    author: str
    state: str
    byline: str | None = None


PLAN = (
    Plan("grid-upgrade", 3, "alesia", "published", "Алеся Каліна"),
    Plan("border-checkpoints", 3, "mikola", "corrected", "Мікола Вярба"),
    Plan("local-budgets", 3, "vera", "published"),
    Plan("civil-service-reshuffle", 2, "alesia", "published", "Алеся Каліна"),
    Plan("transit-corridor", 2, "mikola", "published", "M. Viarba"),
    Plan("bank-deposits", 2, "vera", "retracted"),
    Plan("rural-doctors", 2, "alesia", "partly_retracted", "Алеся Каліна"),
    Plan("reservist-calls", 1, "mikola", "partly_published", "M. Viarba"),
    Plan("it-sector-staff", 1, "vera", "scheduled"),
    Plan("fertiliser-exports", 1, "alesia", "revised"),
    Plan("language-courses", 1, "mikola", "discarded"),
    Plan("air-defence-drills", 0, "alesia", "in_translation", "Алеся Каліна"),
    Plan("consular-fees", 0, "mikola", "in_review"),
    Plan("school-curriculum", 0, "vera", "changes_requested"),
)


GLOSSARY = (
    ("en", "be", "consular fee", "консульскі збор", ["консульскі тарыф"]),
    ("en", "ru", "consular fee", "консульский сбор", ["консульский тариф"]),
    ("be", "en", "Міністэрства замежных спраў", "Ministry of Foreign Affairs", ["Foreign Ministry"]),
    ("be", "ru", "вышэйшая навучальная ўстанова", "высшее учебное заведение", ["вуз"]),
    ("ru", "be", "пограничный переход", "памежны пераход", ["пункт пропуску"]),
    ("ru", "en", "пограничный переход", "border crossing", ["border checkpoint", "checkpoint"]),
)
"""Terms of the demo's newsroom: languages, the term, its translation, and others that are as good."""


class Desk:
    """A front end for the demo: signs people in and takes a text as far as its plan says."""

    def __init__(
        self, client: "httpx.AsyncClient", people: list[DemoPerson], date_publication: DatePublication
    ) -> None:
        """Work through `client` as any of `people`."""
        self._client = client
        self._date_publication = date_publication
        self._people = {person.email.partition("@")[0]: person for person in people}
        self._tokens: dict[str, str] = {}

    def translator(self, language: str) -> str:
        """Who translates into a language."""
        return next(name for name in self._people if name.endswith(f".{language}"))

    async def call(
        self, who: str, method: str, path: str, body: Any = None, version: int | None = None
    ) -> dict[str, Any]:
        """One request as a person. Raises `httpx.HTTPStatusError` where it is refused."""
        if who not in self._tokens:
            person = self._people[who]
            signed_in = await self._client.post(
                "/v1/auth/session", json={"email": person.email, "password": person.password}
            )
            signed_in.raise_for_status()
            self._tokens[who] = signed_in.json()["access_token"]
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self._client.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    async def move(self, who: str, commentary: dict[str, Any], **transition: Any) -> dict[str, Any]:
        """Take one transition of a commentary."""
        path = f"/v1/commentaries/{commentary['id']}/transitions"
        return await self.call(who, "POST", path, transition, commentary["version"])

    async def publish(
        self, who: str, commentary: dict[str, Any], at: datetime, **transition: Any
    ) -> dict[str, Any]:
        """Take a transition that readers notice, at an instant of the text's own week."""
        await self._date_publication(commentary["id"], at)
        return await self.move(who, commentary, **transition)

    async def read(self, who: str, commentary: dict[str, Any]) -> dict[str, Any]:
        """The commentary as it is now."""
        return await self.call(who, "GET", f"/v1/commentaries/{commentary['id']}")

    async def move_task(self, who: str, task: dict[str, Any], **transition: Any) -> dict[str, Any]:
        """Take one transition of a translation task."""
        path = f"/v1/translation-tasks/{task['id']}/transitions"
        return await self.call(who, "POST", path, transition, task["version"])

    async def task(self, who: str, commentary: dict[str, Any], language: str) -> dict[str, Any]:
        """The task of one language of a commentary."""
        edition = next(one for one in commentary["editions"] if one["language"] == language)
        return await self.call(who, "GET", f"/v1/translation-tasks/{edition['task']['id']}")

    async def draft(self, plan: Plan, text: dict[str, Any], week: str) -> dict[str, Any]:
        """Write a text as its author."""
        source = text["source_language"]
        words = text["texts"][source]
        photo = text["photo"]
        body = {
            "week": week,
            "section": text["section"],
            "source_language": source,
            "trend": text["trend"],
            "title": words["title"],
            "lead": words["lead"],
            "blocks": words["blocks"],
            "byline": plan.byline,
            "photo": photo and {**photo, "alt": words["photo_alt"], "caption": words["photo_caption"]},
        }
        return await self.call(plan.author, "POST", "/v1/commentaries", body)

    async def translate(
        self, commentary: dict[str, Any], text: dict[str, Any], language: str
    ) -> dict[str, Any]:
        """Claim the task of a language, translate all of it, and hand it in."""
        who = self.translator(language)
        task = await self.task("hanna", commentary, language)
        task = await self.move_task(who, task, action="claim")
        task = await self.save(who, task, text, language)
        return await self.move_task(who, task, action="submit")

    async def save(
        self,
        who: str,
        task: dict[str, Any],
        text: dict[str, Any],
        language: str,
        *,
        blocks: int | None = None,
    ) -> dict[str, Any]:
        """Save a translation, or its first blocks."""
        words = text["texts"][language]
        written = [
            "\n".join(block["items"]) if block["type"] == "list" else block["text"]
            for block in words["blocks"]
        ]
        names = [line["id"] for line in task["blocks"] if not line["id"].startswith("photo.")]
        units = dict(zip(names, written, strict=True))
        if blocks is not None:
            units = dict(list(units.items())[:blocks])
        for name, member in (("photo.alt", "photo_alt"), ("photo.caption", "photo_caption")):
            if words[member] and any(line["id"] == name for line in task["blocks"]):
                units[name] = words[member]
        body = {"title": words["title"], "lead": words["lead"], "blocks": units}
        return await self.call(who, "PATCH", f"/v1/translation-tasks/{task['id']}", body, task["version"])


def _targets(text: dict[str, Any]) -> list[str]:
    return [language for language in ("be", "ru", "en") if language != text["source_language"]]


def _instant(plan: Plan, week: str, days_after: int = 0) -> datetime:
    """When a text of the plan was published: on the Friday of its week, one some minutes after the other."""
    day = week_days(week)[0] + timedelta(days=4 + days_after)
    return datetime.combine(day, time(14), UTC) + timedelta(minutes=7 * PLAN.index(plan))


async def load_demo(
    client: "httpx.AsyncClient",
    people: list[DemoPerson],
    date_publication: DatePublication,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Bring the demo's commentaries in. What is there already stays as it is. `tell` hears how far it is."""
    desk = Desk(client, people, date_publication)
    for person in people:
        for byline in person.bylines:
            await desk.call(person.email.partition("@")[0], "POST", "/v1/me/bylines", {"name": byline})
    today = datetime.now(UTC).date()
    for number, plan in enumerate(PLAN, 1):
        tell(f"Bringing in the texts of the demo, {number} of {len(PLAN)} …")
        text = msgspec.json.decode((TEXTS / f"{plan.key}.json").read_bytes())
        title = text["texts"][text["source_language"]]["title"]
        there = await desk.call(plan.author, "GET", f"/v1/commentaries?mine=true&q={title[:60]}")
        if not there["data"]:
            await _take(desk, plan, text, week_of(today - timedelta(weeks=plan.weeks_ago)))
    if not (await desk.call("hanna", "GET", "/v1/glossary?limit=1"))["data"]:
        for source_language, language, source, target, alternatives in GLOSSARY:
            term = {
                "source_language": source_language,
                "language": language,
                "source": source,
                "target": target,
                "alternatives": alternatives,
            }
            await desk.call("hanna", "POST", "/v1/glossary", term)


async def _take(desk: Desk, plan: Plan, text: dict[str, Any], week: str) -> None:
    """Take one text from draft to where its plan says."""
    commentary = await desk.draft(plan, text, week)
    if plan.state == "discarded":
        await desk.move(plan.author, commentary, action="discard")
        return
    commentary = await desk.move(plan.author, commentary, action="submit")
    if plan.state == "in_review":
        path = f"/v1/commentaries/{commentary['id']}/comments"
        block = commentary["text"]["blocks"][0]["id"]
        question = {"text": "Is 46 % the mean of all fees, or of the most used ones?", "unit": block}
        thread = await desk.call("hanna", "POST", path, question)
        reply = {"text": "Of the list as a whole: the most used ones rose by more."}
        await desk.call(plan.author, "POST", f"{path}/{thread['id']}/replies", reply)
        return
    if plan.state == "changes_requested":
        note = "Падайце, калі ласка, крыніцу лічбы ў другім абзацы."
        await desk.move("hanna", commentary, action="request_changes", note=note)
        return
    commentary = await desk.move("hanna", commentary, action="approve")
    first, second = _targets(text)
    if plan.state == "in_translation":
        await desk.translate(commentary, text, second)
        task = await desk.task("hanna", commentary, first)
        who = desk.translator(first)
        task = await desk.move_task(who, task, action="claim")
        await desk.save(who, task, text, first, blocks=2)
        return
    if plan.state == "partly_published":
        await _accept(desk, await desk.translate(commentary, text, first))
        commentary = await desk.read("piotr", commentary)
        await desk.publish("piotr", commentary, _instant(plan, week), action="publish")
        return
    for language in (first, second):
        await _accept(desk, await desk.translate(commentary, text, language))
    commentary = await desk.read("piotr", commentary)
    if plan.state == "scheduled":
        at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
        await desk.move(
            "piotr", commentary, action="schedule", at=at.isoformat(), languages=[text["source_language"]]
        )
        return
    commentary = await desk.publish("piotr", commentary, _instant(plan, week), action="publish")
    later = _instant(plan, week, days_after=1)
    match plan.state:
        case "retracted":
            reason = "Лічбы ў тэксце не пацвердзіліся."
            await desk.publish("piotr", commentary, later, action="retract", reason=reason)
        case "partly_retracted":
            reason = "The translation is being checked."
            await desk.publish("piotr", commentary, later, action="retract", reason=reason, languages=["en"])
        case "revised":
            await desk.move(plan.author, commentary, action="revise")
        case "corrected":
            await _correct(desk, plan, commentary, text, later)


async def _accept(desk: Desk, task: dict[str, Any]) -> None:
    await desk.move_task("piotr", task, action="accept")


async def _correct(
    desk: Desk, plan: Plan, commentary: dict[str, Any], text: dict[str, Any], at: datetime
) -> None:
    """Mend a word of the lead after publication: a correction of the source, with a note for readers."""
    commentary = await desk.move(plan.author, commentary, action="revise")
    lead = commentary["text"]["lead"]
    path = f"/v1/commentaries/{commentary['id']}"
    mended = f"{lead} {text['texts'][text['source_language']]['blocks'][0]['text'].split('. ')[0]}."
    commentary = await desk.call(plan.author, "PATCH", path, {"lead": mended}, commentary["version"])
    commentary = await desk.move(plan.author, commentary, action="submit")
    commentary = await desk.move("hanna", commentary, action="approve")
    await desk.publish(
        "hanna",
        commentary,
        at,
        action="publish",
        languages=[text["source_language"]],
        correction_note="В лид добавлено уточнение о сроках.",
    )
