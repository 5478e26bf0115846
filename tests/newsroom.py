"""A newsroom for the tests: people with real sign-ins, and builders that take a text to a named state."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

BLOCKS = [
    {"type": "paragraph", "text": "Ports handled **12 %** less than a month ago."},
    {"type": "list", "items": ["barley", "rapeseed"]},
    {"type": "quote", "text": "We wait, a forwarder says."},
]
TEXT: dict[str, Any] = {
    "week": "2024-W30",
    "section": "economy",
    "source_language": "en",
    "trend": "worse",
    "title": "Grain exports fall for the third month",
    "lead": "Prices held, volumes did not.",
    "blocks": BLOCKS,
    "target_languages": ["be", "ru"],
}


@dataclass
class Person:
    """Somebody who is signed in."""

    client: httpx.AsyncClient
    name: str
    email: str
    password: str
    id: str
    token: str

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One request in their name."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        return await self.client.request(method, path, json=body, headers=sent, content=content)

    async def get(self, path: str, *, spoken: str | None = None) -> dict[str, Any]:
        """Read something that they may read, with sentences in a language."""
        headers = None if spoken is None else {"Accept-Language": spoken}
        return fine(await self.call("GET", path, headers=headers))

    async def move(self, commentary: dict[str, Any], action: str, **members: Any) -> dict[str, Any]:
        """Take a transition of a commentary that is allowed."""
        path = f"/v1/commentaries/{commentary['id']}/transitions"
        body = {"action": action, **members}
        return fine(await self.call("POST", path, body, version=commentary["version"]))

    async def move_task(self, task: dict[str, Any], action: str, **members: Any) -> dict[str, Any]:
        """Take a transition of a task that is allowed."""
        path = f"/v1/translation-tasks/{task['id']}/transitions"
        return fine(await self.call("POST", path, {"action": action, **members}, version=task["version"]))

    async def edit(self, commentary: dict[str, Any], **members: Any) -> dict[str, Any]:
        """Change a commentary that they may change."""
        path = f"/v1/commentaries/{commentary['id']}"
        return fine(await self.call("PATCH", path, members, version=commentary["version"]))


def fine(response: httpx.Response) -> dict[str, Any]:
    """The answer of a request that must succeed."""
    assert response.status_code < 400, f"{response.request.method} {response.url}: {response.text}"
    found: dict[str, Any] = response.json() if response.content else {}
    return found


def refused(response: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem of a request that must be refused with this status."""
    assert response.status_code == status, f"{response.status_code} for {status}: {response.text}"
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    if code is not None:
        assert problem["code"] == code, problem
    return problem


@dataclass
class Newsroom:
    """Everybody, and the texts that they make."""

    client: httpx.AsyncClient
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        """`newsroom.coordinator` and so on."""
        try:
            return self.people[name]
        except KeyError as fault:
            raise AttributeError(name) from fault

    async def sign_everybody_in(self) -> None:
        """Sign everybody in, also where they are already."""
        for person in self.people.values():
            credentials = {"email": person.email, "password": person.password}
            person.token = fine(await self.client.post("/v1/auth/session", json=credentials))["access_token"]

    async def read(self, commentary: dict[str, Any]) -> dict[str, Any]:
        """A commentary as its coordinator sees it now."""
        return await self.coordinator.get(f"/v1/commentaries/{commentary['id']}")

    async def task(self, commentary: dict[str, Any], language: str) -> dict[str, Any]:
        """The task of one language, as the coordinator sees it now."""
        now = await self.read(commentary)
        edition = next(one for one in now["editions"] if one["language"] == language)
        return await self.coordinator.get(f"/v1/translation-tasks/{edition['task']['id']}")

    async def a_draft(self, **members: Any) -> dict[str, Any]:
        title = f"Grain exports fall, report {uuid4().hex[:8]}"
        return fine(await self.analyst.call("POST", "/v1/commentaries", {**TEXT, "title": title, **members}))

    async def a_discarded_draft(self) -> dict[str, Any]:
        return await self.analyst.move(await self.a_draft(), "discard")

    async def a_commentary_in_review(self, **members: Any) -> dict[str, Any]:
        return await self.analyst.move(await self.a_draft(**members), "submit")

    async def a_commentary_in_translation(self, **members: Any) -> dict[str, Any]:
        return await self.coordinator.move(await self.a_commentary_in_review(**members), "approve")

    async def a_ready_commentary(self) -> dict[str, Any]:
        commentary = await self.a_commentary_in_translation()
        for language in ("be", "ru"):
            await self.an_accepted_task(commentary, language)
        return await self.read(commentary)

    async def a_published_commentary(self) -> dict[str, Any]:
        return await self.other_coordinator.move(await self.a_ready_commentary(), "publish")

    async def a_retracted_commentary(self) -> dict[str, Any]:
        published = await self.a_published_commentary()
        return await self.coordinator.move(published, "retract", reason="The figures were wrong.")

    def translator(self, language: str) -> Person:
        """The translator who takes the tasks of a language."""
        return self.people[f"translator_{language}"]

    async def a_claimed_task(self, commentary: dict[str, Any], language: str) -> dict[str, Any]:
        return await self.translator(language).move_task(await self.task(commentary, language), "claim")

    async def a_translated_task(self, commentary: dict[str, Any], language: str) -> dict[str, Any]:
        task = await self.a_claimed_task(commentary, language)
        return await self.translate(self.translator(language), task)

    async def translate(self, person: Person, task: dict[str, Any]) -> dict[str, Any]:
        """Save a translation of every unit."""
        tag = task["language"]
        body = {
            "title": f"{tag} {task['title']['source']}",
            "lead": f"{tag} {task['lead']['source']}",
            "blocks": {
                line["id"]: "\n".join(f"{tag} {one}" for one in line["source"].split("\n"))
                for line in task["blocks"]
                if line["source"] is not None
            },
        }
        path = f"/v1/translation-tasks/{task['id']}"
        return fine(await person.call("PATCH", path, body, version=task["version"]))

    async def a_submitted_task(self, commentary: dict[str, Any], language: str) -> dict[str, Any]:
        task = await self.a_translated_task(commentary, language)
        return await self.translator(language).move_task(task, "submit")

    async def an_accepted_task(self, commentary: dict[str, Any], language: str) -> dict[str, Any]:
        return await self.coordinator.move_task(await self.a_submitted_task(commentary, language), "accept")


async def invited(newsroom: Newsroom, name: str, **members: object) -> tuple[str, dict[str, str]]:
    """Somebody new who is signed in: their id, and the header that speaks for them.

    A coordinator has changed the password that was set by the administrator's link, and is confirmed.
    """
    email, password = f"{name}@newsroom.example", "nine plain words are easy to remember"
    roles = list(members.get("roles", []))  # type: ignore[call-overload]  # a list of words
    at_once = [role for role in roles if role != "coordinator"]
    body = {"email": email, "display_name": name, **members, "roles": at_once}
    person = fine(await newsroom.administrator.call("POST", "/v1/people", body))
    first = password if at_once == roles else "ten plain words that an administrator may have seen"
    link = {"token": person["invitation"]["token"], "new_password": first}
    fine(await newsroom.client.post("/v1/auth/password", json=link))
    session = fine(await newsroom.client.post("/v1/auth/session", json={"email": email, "password": first}))
    header = {"Authorization": f"Bearer {session['access_token']}"}
    if at_once != roles:
        changed = {"current_password": first, "new_password": password}
        fine(await newsroom.client.post("/v1/auth/password", json=changed, headers=header))
        path = f"/v1/people/{person['id']}"
        version = (await newsroom.administrator.get(path))["version"]
        fine(await newsroom.administrator.call("PATCH", path, {"roles": roles}, version=version))
        fine(await newsroom.coordinator.call("POST", f"{path}/coordinator-confirmation"))
    return person["id"], header
