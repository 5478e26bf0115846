"""The writers: 32 people at their desks, each doing what the API says that they may do next."""

import asyncio
import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from chaos.history import Call, History, Told, now
from chaos.installation import LANGUAGES, PASSWORD, Person
from editorial.core.permissions import Role

WRITERS = 32
PATIENCE = 20.0
"""Seconds that a writer waits for an answer. Nobody should have to wait half as long."""
ATTEMPTS = 4
"""How often a request with an Idempotency-Key is sent, when its answer does not come."""
ENOUGH = 60
"""Commentaries that an analyst has at hand before they rather move on with those."""

WEIGHTS = {
    "submit": 16, "edit": 6, "recall": 1, "request_changes": 1, "approve": 16, "reopen": 1, "publish": 8,
    "schedule": 3, "unschedule": 1, "revise": 3, "retract": 1, "discard": 1, "restore": 3,
    "save": 6, "release": 1, "return": 1, "accept": 8,
}  # fmt: skip
"""How likely each action is to be taken where it is allowed. What is not named is never taken."""
COMMENTARIES, TASKS = "/v1/commentaries", "/v1/translation-tasks"


@dataclass
class Known:
    """What writers tell one another: ids, as they meet them."""

    commentaries: dict[str, list[str]] = field(default_factory=dict)
    """By author."""
    tasks: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    answered: int = 0
    """How many answers there were below 500: a sign of life."""

    def any_commentary(self, chance: random.Random) -> str | None:
        """One of the newer ones of all."""
        every = [one for mine in self.commentaries.values() for one in mine[-ENOUGH:]]
        return chance.choice(every) if every else None


def told_by(body: Any) -> list[Told]:
    """What the body of an answer says of a commentary or a task."""
    if not isinstance(body, dict) or "version" not in body or "state" not in body:
        return []
    kind = "translation_task" if "commentary_id" in body else "commentary"
    holder = (body.get("holder") or {}).get("id") if isinstance(body.get("holder"), dict) else None
    return [Told(kind=kind, id=body["id"], version=body["version"], state=body["state"], holder=holder)]


class Writer:
    """One person at one desk."""

    def __init__(
        self, number: int, person: Person, urls: list[str], known: Known, history: History, seed: int
    ) -> None:
        """Begin nothing yet."""
        self.number = number
        self._person = person
        self._urls = urls
        self._known = known
        self._history = history
        self._chance = random.Random(f"{seed}-{number}")  # a seed that can be used again
        self._client = httpx.AsyncClient(
            timeout=PATIENCE, limits=httpx.Limits(keepalive_expiry=2), trust_env=False
        )
        self._token = ""

    async def work(self, until: asyncio.Event) -> None:
        """Work until told to stop."""
        async with self._client:
            while not until.is_set():
                if not self._token:
                    await self._sign_in()
                    continue
                await self._turn()
                await asyncio.sleep(self._chance.random() * 0.1)

    async def _turn(self) -> None:
        chance = self._chance
        if self._known.public and chance.random() < 0.1:
            await self._call("GET", "/v1/published/{language}", f"/v1/published/{chance.choice(LANGUAGES)}")
        elif self._person.role is Role.TRANSLATOR:
            await self._translate()
        elif self._person.role is Role.ANALYST:
            mine = self._known.commentaries.setdefault(self._person.id, [])
            if len(mine) < 3 or chance.random() < 0.25:
                await self._draft(mine)
            else:
                await self._move_commentary(chance.choice(mine[-ENOUGH:]))
        elif self._known.tasks and chance.random() < 0.4:
            await self._move_task(chance.choice(self._known.tasks[-2 * ENOUGH :]))
        else:
            one = self._known.any_commentary(chance)
            if one is not None:
                await self._move_commentary(one)

    async def _sign_in(self) -> None:
        body = {"email": self._person.email, "password": PASSWORD}
        answer = await self._call("POST", "/v1/auth/session", "/v1/auth/session", body)
        if answer is not None and "access_token" in answer:
            self._token = answer["access_token"]
        else:
            await asyncio.sleep(0.3)

    async def _draft(self, mine: list[str]) -> None:
        body = {
            "week": "2024-W30",
            "section": "economy",
            "source_language": "en",
            "trend": "worse",
            "title": f"Report {uuid4().hex[:12]}",
            "lead": "Prices held, volumes did not.",
            "blocks": [
                {"type": "paragraph", "text": "Ports handled less than a month ago."},
                {"type": "paragraph", "text": "We wait, a forwarder says."},
            ],
            "target_languages": list(LANGUAGES),
        }
        made = await self._call("POST", COMMENTARIES, COMMENTARIES, body, action="create", keyed=True)
        if made is not None and "version" in made:
            mine.append(made["id"])

    async def _move_commentary(self, key: str) -> None:
        route, path = f"{COMMENTARIES}/{{id}}", f"{COMMENTARIES}/{key}"
        seen = await self._call("GET", route, path)
        if seen is None or "version" not in seen:
            return
        for edition in seen["editions"]:
            task = (edition.get("task") or {}).get("id")
            if task and task not in self._known.tasks:
                self._known.tasks.append(task)
            if edition["status"] == "live":
                self._known.public = [edition["slug"]]
        action = self._choose(seen["allowed_actions"])
        if action == "edit":
            body: dict[str, Any] = {"lead": f"Prices held, {uuid4().hex[:8]} did not."}
            await self._call("PATCH", route, path, body, action=action, version=seen["version"], key=key)
        elif action is not None:
            body = {"action": action, **self._words(action, seen)}
            await self._call(
                "POST", f"{route}/transitions", f"{path}/transitions", body,
                action=action, version=seen["version"], keyed=self._chance.random() < 0.7, key=key,
            )  # fmt: skip

    def _words(self, action: str, seen: dict[str, Any]) -> dict[str, Any]:
        """What an action needs to be told."""
        was_live = any(one["published_at"] for one in seen["editions"])
        match action:
            case "request_changes" | "reopen":
                return {"note": "Say where the figure comes from."}
            case "retract":
                return {"reason": "The figures were wrong."}
            case "publish":
                return {"correction_note": "The lead was mended."} if was_live else {}
            case "schedule":
                at = datetime.now(UTC) + timedelta(seconds=self._chance.uniform(1.5, 6))
                note = {"correction_note": "The lead was mended."} if was_live else {}
                return {"at": at.isoformat(), **note}
            case _:
                return {}

    async def _translate(self) -> None:
        if self._chance.random() < 0.3 or not self._known.tasks:
            body = {"language": self._person.language}
            route = f"{TASKS}/claim-next"
            await self._call("POST", route, route, body, action="claim", keyed=True)
        else:
            await self._move_task(self._chance.choice(self._known.tasks[-2 * ENOUGH :]))

    async def _move_task(self, key: str) -> None:
        route, path = f"{TASKS}/{{id}}", f"{TASKS}/{key}"
        seen = await self._call("GET", route, path)
        if seen is None or "version" not in seen:
            return
        action = self._choose(seen["allowed_actions"])
        if action == "save":
            word = uuid4().hex[:6]
            body: dict[str, Any] = {
                "title": f"{seen['language']} {seen['title']['source']}",
                "lead": f"{word} {seen['lead']['source']}",
                "blocks": {
                    one["id"]: f"{word} {one['source']}"
                    for one in seen["blocks"]
                    if one["source"] is not None
                },
            }
            await self._call("PATCH", route, path, body, action=action, version=seen["version"], key=key)
        elif action is not None:
            note = {"note": "Say it more plainly."} if action == "return" else {}
            await self._call(
                "POST", f"{route}/transitions", f"{path}/transitions", {"action": action, **note},
                action=action, version=seen["version"], keyed=self._chance.random() < 0.7, key=key,
            )  # fmt: skip

    def _choose(self, allowed: list[str]) -> str | None:
        known = [one for one in allowed if one in WEIGHTS]
        return self._chance.choices(known, [WEIGHTS[one] for one in known])[0] if known else None

    async def _call(
        self,
        method: str,
        route: str,
        path: str,
        body: Any = None,
        *,
        action: str | None = None,
        version: int | None = None,
        keyed: bool = False,
        key: str | None = None,
    ) -> dict[str, Any] | None:
        """Send a request until it is answered for good, or given up; write each attempt down."""
        intent = str(uuid4())
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if keyed:
            headers["Idempotency-Key"] = intent
        for attempt in range(ATTEMPTS if keyed else 1):
            call = Call(
                name=f"{intent[:13]}.{attempt}", intent=intent, writer=self.number,
                server=self._chance.choice(self._urls), method=method, route=route, action=action,
                kind=(action and ("translation_task" if route.startswith(TASKS) else "commentary")) or "",
                object_id=key, began=now(),
            )  # fmt: skip
            found = await self._attempt(call, path, body, headers | {"X-Request-Id": call.name})
            call.ended = now()
            self._history.add(call)
            if call.status is not None and call.status < 500:
                self._known.answered += 1
            if call.status == 401:
                self._token = ""
                return None
            is_final = call.status is not None and call.status != 503
            if is_final:
                return found
            await asyncio.sleep(0.2 + self._chance.random() * 0.4)
        return None

    async def _attempt(
        self, call: Call, path: str, body: Any, headers: dict[str, str]
    ) -> dict[str, Any] | None:
        try:
            answer = await self._client.request(
                call.method, f"{call.server}{path}", json=body, headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            call.was_sent, call.fault = False, type(fault).__name__
            return None
        except httpx.HTTPError as fault:
            call.fault = type(fault).__name__
            return None
        call.status = answer.status_code
        call.content_type = answer.headers.get("content-type", "").partition(";")[0]
        call.retry_after = answer.headers.get("retry-after")
        call.named = answer.headers.get("x-request-id")
        call.replayed = answer.headers.get("idempotency-replayed") == "true"
        call.body_hash = hashlib.sha256(answer.content).hexdigest()[:16]
        try:
            found: dict[str, Any] = msgspec.json.decode(answer.content) if answer.content else {}
        except msgspec.DecodeError:
            # The checker finds it by its media type, or by its status.
            call.code = "unreadable"
            return None
        if call.status >= 400:
            call.code = found.get("code", "")
        else:
            call.told = told_by(found)
        return found


def hire(people: list[Person], urls: list[str], known: Known, history: History, seed: int) -> list[Writer]:
    """Two writers or more for each person, so that they get into one another's way."""
    return [
        Writer(number, people[number % len(people)], urls, known, history, seed) for number in range(WRITERS)
    ]
