"""Who loses a role or a language loses what came with it: every relation, every operation on a text.

The expected statuses are written by hand. An operation that is about a text needs its row here.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from litestar.routes import HTTPRoute

from described import APP
from newsroom import Newsroom, Person, fine, invited, refused

CALLS: dict[str, list[dict[str, Any] | None]] = {
    # Commentaries, and what is beneath them.
    "get_commentary": [None],
    "edit_commentary": [
        {"title": "Another title"},
        {"week": "2024-W31"},
        {"byline": None},
        {"section": "economy"},
    ],
    "move_commentary": [
        {"action": "submit"},
        {"action": "recall"},
        {"action": "revise"},
        {"action": "discard"},
        {"action": "restore"},
        {"action": "publish"},
    ],
    "add_language": [{"language": "ru"}],
    "drop_language": [None],
    "list_revisions": [None],
    "get_revision": [None],
    "compare_revisions": [None],
    "restore_revision": [None],
    "make_preview": [{"language": "en"}],
    "get_preview": [None],
    "list_comments": [None],
    "start_thread": [{"text": "Is this so?"}],
    "get_thread": [None],
    "reply_to_thread": [{"text": "It is."}],
    "resolve_thread": [{"resolved": True}],
    "get_commentary_history": [None],
    # Translation tasks.
    "get_translation_task": [None],
    "save_translation": [{"title": "Іншы загаловак"}, {"due_at": "2030-01-07T08:00:00Z"}],
    "move_translation_task": [
        {"action": "claim"},
        {"action": "release"},
        {"action": "submit"},
        {"action": "recall"},
        {"action": "cancel"},
    ],
    "restore_translation": [None],
    "list_suggestions": [None],
    "answer_warning": [{"reason": "It is right."}],
    "withdraw_answer": [None],
    "get_translation_file": [None],
    "return_translation_file": [None],
    "get_task_history": [None],
}
"""What is sent to each operation that is about one text, or one translation of it."""

ABOUT_SOMETHING_ELSE = {
    *("confirm_coordinator", "decline_coordinator"),
    *(
        "get_person",
        "change_person",
        "renew_invitation",
        "deactivate_person",
        "activate_person",
        "erase_person",
    ),
    *(
        "remove_totp_of_person",
        "revoke_service_token",
        "end_session",
        "change_section",
        "change_publication_check",
    ),
    *("get_glossary_term", "change_glossary_term", "remove_glossary_term", "get_week_board", "publish_week"),
}
"""Operations with something in their address that nobody holds, and that no text is."""

OF_LIVE_TEXT = {
    "get_commentary": 200,
    "edit_commentary": 403,
    "move_commentary": 403,
    "add_language": 403,
    "drop_language": 403,
    "list_revisions": 200,
    "get_revision": 200,
    "compare_revisions": 200,
    "make_preview": 403,
}
"""What is left of a published text: what any colleague has of it. The rest is 404."""

EMPTY_XLIFF = b"""\
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="be">
<file id="text"><unit id="title"><segment><source>T</source><target>Z</target></segment></unit></file>
</xliff>"""


def operations() -> Iterator[tuple[str, str, str]]:
    """Every operation of the desk with something in its address: its name, method and address."""
    for route in APP.routes:
        assert isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items():
            path = route.path_format
            if method != "OPTIONS" and "{" in path and path.startswith("/v1/") and "/published/" not in path:
                yield str(handler.name), method, path


OPERATIONS = {name: (method, path) for name, method, path in operations()}


def test_every_operation_that_is_about_a_text_is_called() -> None:
    assert OPERATIONS.keys() == CALLS.keys() | ABOUT_SOMETHING_ELSE
    assert not CALLS.keys() & ABOUT_SOMETHING_ELSE


async def somebody(newsroom: Newsroom, *roles: str, languages: tuple[str, ...] = ()) -> Person:
    """A new colleague who is signed in."""
    name = f"colleague_{uuid4().hex}"
    person, header = await invited(newsroom, name, roles=list(roles), languages=list(languages))
    token = header["Authorization"].removeprefix("Bearer ")
    return Person(newsroom.client, name, f"{name}@newsroom.example", "", person, token)


async def become(newsroom: Newsroom, person: Person, **members: Any) -> None:
    """Give somebody other roles or languages."""
    path = f"/v1/people/{person.id}"
    version = (await newsroom.administrator.get(path))["version"]
    fine(await newsroom.administrator.call("PATCH", path, members, version=version))


async def leave(newsroom: Newsroom, person: Person, way: str) -> None:
    """Have an account deactivated or erased."""
    path = f"/v1/people/{person.id}"
    version = (await newsroom.administrator.get(path))["version"]
    assert (await newsroom.administrator.call("POST", f"{path}/{way}", version=version)).status_code < 300


class Case:
    """One text in one state, and somebody who stands to it in one relation."""

    def __init__(self, newsroom: Newsroom, person: Person, commentary: dict[str, Any]) -> None:
        self.newsroom = newsroom
        self.person = person
        self.id = commentary["id"]
        self.thread = ""
        self.preview = "no-such-link"
        self.task = ""

    async def prepare(self) -> "Case":
        """A thread on the text, a link to its preview where there can be one, and its task."""
        coordinator = self.newsroom.coordinator
        commentary = await coordinator.get(f"/v1/commentaries/{self.id}")
        thread = await coordinator.call(
            "POST", f"/v1/commentaries/{self.id}/comments", {"text": "Look at this."}
        )
        self.thread = fine(thread)["id"]
        if commentary["editions"][0]["approved_revision"] is not None:
            link = await coordinator.call("POST", f"/v1/commentaries/{self.id}/previews", {"language": "en"})
            self.preview = fine(link)["url"].rpartition("/")[2]
        tasks = [one["task"]["id"] for one in commentary["editions"] if one["task"] is not None]
        self.task = tasks[0] if tasks else self.task
        return self

    def path(self, name: str) -> str:
        path = OPERATIONS[name][1]
        own = self.task if "/translation-tasks/" in path else self.id
        parts = {"id": own, "thread": self.thread, "number": "1", "language": "be", "warning": "0" * 32}
        return path.format(**parts, token=self.preview)

    async def statuses(self) -> dict[str, set[int]]:
        """What each operation answers now."""
        versions = {
            "commentary": (await self.newsroom.coordinator.get(f"/v1/commentaries/{self.id}"))["version"]
        }
        found: dict[str, set[int]] = {}
        for name, bodies in CALLS.items():
            if not self.task and "/translation-tasks/" in OPERATIONS[name][1]:
                continue
            for body in bodies:
                xliff = name == "return_translation_file"
                answer = await self.person.call(
                    OPERATIONS[name][0],
                    self.path(name),
                    body,
                    version=versions["commentary"],
                    headers={"Content-Type": "application/xliff+xml"} if xliff else None,
                    content=EMPTY_XLIFF if xliff else None,
                )
                found.setdefault(name, set()).add(answer.status_code)
        return found

    async def versions(self) -> tuple[int, int | None]:
        coordinator = self.newsroom.coordinator
        commentary = await coordinator.get(f"/v1/commentaries/{self.id}")
        task = await coordinator.get(f"/v1/translation-tasks/{self.task}") if self.task else None
        return commentary["version"], None if task is None else task["version"]


async def a_text_of(newsroom: Newsroom, author: Person, state: str) -> dict[str, Any]:
    """A text of somebody's in this state, wanted in Belarusian alone."""
    text = {
        "week": "2024-W30",
        "section": "economy",
        "source_language": "en",
        "trend": "worse",
        "title": f"Lost {uuid4().hex}",
        "lead": "Lead.",
        "blocks": [{"type": "paragraph", "text": "Text."}],
        "target_languages": ["be"],
    }
    commentary = fine(await author.call("POST", "/v1/commentaries", text))
    if state == "draft":
        return commentary
    if state == "discarded":
        return await author.move(commentary, "discard")
    commentary = await author.move(commentary, "submit")
    if state == "in_review":
        return commentary
    commentary = await newsroom.coordinator.move(commentary, "approve")
    if state == "in_translation":
        return commentary
    await newsroom.an_accepted_task(commentary, "be")
    commentary = await newsroom.read(commentary)
    if state == "ready":
        return commentary
    commentary = await newsroom.coordinator.move(commentary, "publish")
    if state == "published":
        return commentary
    if state == "revised":
        return await author.move(commentary, "revise")
    return await newsroom.coordinator.move(commentary, "retract", reason="The figures were wrong.")


HIDDEN = ("draft", "discarded", "in_review", "in_translation", "ready", "retracted")
LIVE = ("published", "revised")


async def a_writers_case(newsroom: Newsroom, relation: str, state: str) -> Case:
    person = await somebody(newsroom, "analyst")
    if relation == "author":
        return await Case(newsroom, person, await a_text_of(newsroom, person, state)).prepare()
    commentary = await a_text_of(newsroom, newsroom.analyst, "draft")
    commentary = await newsroom.coordinator.edit(commentary, contributors=[person.id])
    commentary = await person.edit(commentary, lead="The contributor's lead.")
    if state != "draft":
        commentary = await newsroom.coordinator.get(f"/v1/commentaries/{commentary['id']}")
        commentary = await person.move(commentary, "submit")
    return await Case(newsroom, person, commentary).prepare()


@pytest.mark.parametrize(
    ("relation", "state"),
    [*(("author", state) for state in HIDDEN), ("contributor", "draft"), ("contributor", "in_review")],
)
@pytest.mark.parametrize(
    "rest", [("translator", ("ru",)), ("administrator", ())], ids=["translator", "administrator"]
)
async def test_who_loses_the_role_of_an_analyst_has_no_more_to_do_with_an_unpublished_text(
    newsroom: Newsroom, relation: str, state: str, rest: tuple[str, tuple[str, ...]]
) -> None:
    case = await a_writers_case(newsroom, relation, state)
    assert (await case.person.get(f"/v1/commentaries/{case.id}"))["author"]
    before = await case.versions()
    await become(newsroom, case.person, roles=[rest[0]], languages=list(rest[1]))
    statuses = await case.statuses()
    assert statuses == {key: {404} for key in statuses}
    assert await case.versions() == before
    title = (await newsroom.coordinator.get(f"/v1/commentaries/{case.id}"))["text"]["title"]
    for query in ("", "mine=true", f"q={title}"):
        listed = (await case.person.get(f"/v1/commentaries?limit=100&{query}"))["data"]
        assert case.id not in {one["id"] for one in listed}
    assert case.id not in str(await case.person.get("/v1/weeks/2024-W30"))
    # The relation stays, and gives again what it gave.
    await become(newsroom, case.person, roles=["analyst"], languages=[])
    assert (await case.person.get(f"/v1/commentaries/{case.id}"))["author"]


@pytest.mark.parametrize("state", LIVE)
async def test_of_a_published_text_its_author_without_the_role_has_what_a_colleague_has(
    newsroom: Newsroom, state: str
) -> None:
    case = await a_writers_case(newsroom, "author", state)
    before = await case.versions()
    await become(newsroom, case.person, roles=["administrator"])
    statuses = await case.statuses()
    assert statuses == {name: {OF_LIVE_TEXT.get(name, 404)} for name in statuses}
    assert await case.versions() == before
    seen = await case.person.get(f"/v1/commentaries/{case.id}")
    assert (seen["state"], seen["version"], "author" in seen, seen["allowed_actions"]) == (
        "published",
        0,
        False,
        [],
    )
    mine = (await case.person.get("/v1/commentaries?limit=100&mine=true"))["data"]
    assert mine == []


async def a_held_task(newsroom: Newsroom, state: str) -> Case:
    """A task into Belarusian that somebody has worked on, in this state."""
    person = await somebody(newsroom, "translator", "analyst", languages=("be", "ru"))
    commentary = await a_text_of(newsroom, newsroom.analyst, "in_translation")
    task = await newsroom.task(commentary, "be")
    case = await Case(newsroom, person, commentary).prepare()
    if state == "open":
        task = await person.move_task(task, "claim")
        await person.move_task(await newsroom.translate(person, task), "release")
        return case
    task = await person.move_task(task, "claim")
    task = await newsroom.translate(person, task)
    fine(
        await person.call(
            "POST", f"/v1/commentaries/{case.id}/comments", {"text": "Як гэта сказаць?", "language": "be"}
        )
    )
    if state == "claimed":
        return case
    task = await person.move_task(task, "submit")
    if state == "reopened":
        now = await newsroom.read(commentary)
        await newsroom.coordinator.move(now, "reopen", note="The figure is wrong.")
    if state in {"submitted", "reopened"}:
        return case
    await newsroom.coordinator.move_task(task, "accept")
    return case


STATE_AFTER = {
    "open": "open",
    "claimed": "open",
    "submitted": "submitted",
    "reopened": "submitted",
    "accepted": "accepted",
}
"""Where the task of somebody who loses the language stands then: it goes on without them."""


@pytest.mark.parametrize("state", STATE_AFTER)
@pytest.mark.parametrize(
    "loss",
    [{"roles": ["analyst"], "languages": []}, {"roles": ["analyst"]}, {"languages": ["ru"]}],
    ids=["role and language", "role alone", "language alone"],
)
async def test_who_loses_a_language_has_no_more_to_do_with_its_translations(
    newsroom: Newsroom, state: str, loss: dict[str, Any]
) -> None:
    case = await a_held_task(newsroom, state)
    assert await case.person.get(f"/v1/translation-tasks/{case.task}/history")
    await become(newsroom, case.person, **loss)
    task = await newsroom.coordinator.get(f"/v1/translation-tasks/{case.task}")
    assert task["state"] == STATE_AFTER[state]
    before = await case.versions()
    statuses = await case.statuses()
    assert statuses == {key: {404} for key in statuses}
    assert await case.versions() == before
    for query in ("", "holder=me"):
        assert (await case.person.get(f"/v1/translation-tasks?{query}&commentary={case.id}"))["data"] == []
    assert case.id not in str(await case.person.get("/v1/weeks/2024-W30"))
    refused(await case.person.call("POST", "/v1/translation-tasks/claim-next", {"language": "be"}), 403)
    # Coordinators go on with it.
    if state == "submitted":
        assert {"return", "accept"} <= set(task["allowed_actions"])
    # With the language, the task comes back: what was handed in can be recalled again.
    await become(newsroom, case.person, roles=["translator", "analyst"], languages=["be", "ru"])
    if state != "reopened":
        seen = await case.person.get(f"/v1/translation-tasks/{case.task}")
        expected = {"open": {"claim"}, "claimed": {"claim"}, "submitted": {"recall", "answer_warning"}}
        assert set(seen["allowed_actions"]) == expected.get(state, set())


async def test_of_a_published_translation_who_lost_the_language_knows_not_even_that_it_was_theirs(
    newsroom: Newsroom,
) -> None:
    case = await a_held_task(newsroom, "accepted")
    await newsroom.coordinator.move(await newsroom.coordinator.get(f"/v1/commentaries/{case.id}"), "publish")
    await become(newsroom, case.person, roles=["analyst"], languages=[])
    statuses = await case.statuses()
    assert statuses == {name: {OF_LIVE_TEXT.get(name, 404)} for name in statuses}
    board = await case.person.get("/v1/weeks/2024-W30")
    cells = [
        cell
        for section in board["sections"]
        for commentary in section["commentaries"]
        if commentary["id"] == case.id
        for cell in commentary["cells"]
    ]
    assert [(cell["language"], cell["task"], "holder" in cell) for cell in cells] == [
        ("en", None, False),
        ("be", None, False),
    ]


@pytest.mark.parametrize("way", ["deactivation", "erasure"])
@pytest.mark.parametrize("relation", ["author", "holder"])
async def test_who_is_gone_does_nothing_more_and_the_text_goes_on(
    newsroom: Newsroom, relation: str, way: str
) -> None:
    case = (
        await a_writers_case(newsroom, "author", "in_review")
        if relation == "author"
        else await a_held_task(newsroom, "submitted")
    )
    await leave(newsroom, case.person, way)
    statuses = await case.statuses()
    assert statuses == {key: {401} for key in statuses}
    commentary = await newsroom.coordinator.get(f"/v1/commentaries/{case.id}")
    if relation == "author":
        assert {"approve", "request_changes"} <= set(commentary["allowed_actions"])
    else:
        task = await newsroom.coordinator.get(f"/v1/translation-tasks/{case.task}")
        assert {"return", "accept", "cancel"} <= set(task["allowed_actions"])


async def test_a_coordinator_who_is_a_translator_now_reads_no_history_of_what_they_did_as_one(
    newsroom: Newsroom,
) -> None:
    person = await somebody(newsroom, "coordinator", "translator", languages=("be",))
    commentary = await a_text_of(newsroom, newsroom.analyst, "in_translation")
    task = await newsroom.task(commentary, "be")
    await person.move_task(task, "assign", translator=newsroom.translator_be.id)
    path = f"/v1/translation-tasks/{task['id']}"
    assert await person.get(f"{path}/history")
    await become(newsroom, person, roles=["translator"])
    assert (await person.get(path))["state"] == "claimed"
    refused(await person.call("GET", f"{path}/history"), 404)


async def test_a_preview_link_ends_when_the_person_who_made_it_could_make_it_no_more(
    newsroom: Newsroom,
) -> None:
    case = await a_writers_case(newsroom, "author", "in_translation")
    link = await case.person.call("POST", f"/v1/commentaries/{case.id}/previews", {"language": "en"})
    url = fine(link)["url"]
    body = {"name": f"site {uuid4().hex}", "scopes": ["preview:read"], "expires_in_days": 1}
    made = await newsroom.administrator.call("POST", "/v1/service-tokens", body)
    site = {"Authorization": f"Bearer {fine(made)['token']}"}
    assert (await newsroom.client.get(url, headers=site)).status_code == 200
    await become(newsroom, case.person, roles=["administrator"])
    refused(await newsroom.client.get(url, headers=site), 410, "preview-has-ended")
    refused(await newsroom.coordinator.call("GET", url), 410)
    await become(newsroom, case.person, roles=["analyst"])
    assert (await newsroom.client.get(url, headers=site)).status_code == 200
    await leave(newsroom, case.person, "deactivation")
    refused(await newsroom.client.get(url, headers=site), 410)
