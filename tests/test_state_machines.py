"""Every state × action × kind of person, over HTTP. The expected answers are written by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from newsroom import Newsroom, Person, refused

# What is theirs to do at all, in whatever state. The rest is 403 for whoever sees the commentary.
THEIRS = {
    "author": {"edit", "submit", "recall", "revise", "discard", "restore"},
    "contributor": {"edit", "submit"},
    "coordinator": {
        "request_changes",
        "approve",
        "reopen",
        "publish",
        "schedule",
        "unschedule",
        "revise",
        "retract",
        "change_slug",
        "discard",
        "restore",
        "name_contributors",
        "change_section",
        "change_week",
        "change_byline",
        "add_language",
        "drop_language",
    },
    "other_analyst": set[str](),
    "translator_be": set[str](),
    "administrator": set[str](),
}
METADATA = {"change_section", "change_week", "change_byline", "add_language", "drop_language"}

# Who sees it: all others get 404, whatever they try.
SEES = {
    "draft": {"author", "contributor", "coordinator"},
    "in_review": {"author", "contributor", "coordinator"},
    "in_translation": {"author", "contributor", "coordinator", "translator_be"},
    "ready": {"author", "contributor", "coordinator", "translator_be"},
    "published": {
        "author",
        "contributor",
        "coordinator",
        "translator_be",
        "other_analyst",
        "administrator",
    },
    "retracted": {"author", "contributor", "coordinator", "translator_be"},
    "discarded": {"author", "contributor", "coordinator"},
}

# What succeeds. What is theirs but not here is 409.
SUCCEEDS: dict[str, dict[str, set[str]]] = {
    "draft": {
        "author": {"edit", "submit", "discard", *METADATA},
        "contributor": {"edit", "submit"},
        "coordinator": {
            "discard",
            "name_contributors",
            "change_slug",
            *METADATA,
        },
    },
    "in_review": {
        "author": {"recall"},
        "coordinator": {
            "request_changes",
            "approve",
            "name_contributors",
            "change_slug",
            *METADATA,
        },
    },
    "in_translation": {
        "coordinator": {"reopen", "publish", "schedule", "name_contributors", "change_slug", *METADATA},
    },
    "ready": {
        # Both translations were accepted: neither language can be dropped any more.
        "coordinator": {"reopen", "publish", "schedule", "name_contributors", "change_slug", *METADATA}
        - {"drop_language"},
    },
    "published": {
        # Everything that is ready is live: there is nothing to publish or to schedule.
        "author": {"revise"},
        "coordinator": {"revise", "retract", "name_contributors", "change_slug", *METADATA}
        - {"drop_language"},
    },
    "retracted": {
        "author": {"revise"},
        "coordinator": {"revise", "name_contributors", "change_slug", *METADATA} - {"drop_language"},
    },
    "discarded": {"author": {"restore"}, "coordinator": {"restore"}},
}
STATES = tuple(SUCCEEDS)
MEMBERS: dict[str, dict[str, Any]] = {
    "request_changes": {"note": "Say where the figure comes from."},
    "reopen": {"note": "The second paragraph has to change."},
    "retract": {"reason": "The figures were wrong."},
    "change_slug": {"language": "en"},
    "schedule": {"at": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
}
PATCHES: dict[str, dict[str, Any]] = {
    "edit": {"lead": "Prices held; volumes did not."},
    "change_section": {"section": "security"},
    "change_week": {"week": "2024-W31"},
    "change_byline": {"byline": None},
    "name_contributors": {"contributors": []},
}
ACTIONS = sorted(set[str]().union(*THEIRS.values()))


async def a_commentary(newsroom: Newsroom, state: str) -> dict[str, Any]:
    """One in this state, with a contributor."""
    commentary = await newsroom.a_draft()
    contributors = [newsroom.contributor.id]
    commentary = await newsroom.coordinator.edit(commentary, contributors=contributors)
    if state == "draft":
        return commentary
    if state == "discarded":
        return await newsroom.analyst.move(commentary, "discard")
    commentary = await newsroom.analyst.move(commentary, "submit")
    if state == "in_review":
        return commentary
    commentary = await newsroom.coordinator.move(commentary, "approve")
    if state == "in_translation":
        return commentary
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(commentary, language)
    commentary = await newsroom.read(commentary)
    if state == "ready":
        return commentary
    commentary = await newsroom.coordinator.move(commentary, "publish")
    if state == "published":
        return commentary
    return await newsroom.coordinator.move(commentary, "retract", reason="The figures were wrong.")


async def attempt(person: Person, commentary: dict[str, Any], action: str) -> Any:
    """Try an action as a front end would."""
    path = f"/v1/commentaries/{commentary['id']}"
    version = commentary["version"]
    if action in PATCHES:
        return await person.call("PATCH", path, PATCHES[action], version=version)
    if action == "add_language":
        return await person.call("POST", f"{path}/languages", {"language": "be"}, version=version)
    if action == "drop_language":
        return await person.call("DELETE", f"{path}/languages/ru", version=version)
    body = {"action": action, **MEMBERS.get(action, {})}
    if action == "change_slug":
        body["slug"] = f"grain-{uuid4().hex}"
    return await person.call("POST", f"{path}/transitions", body, version=version)


@pytest.mark.parametrize("state", STATES)
async def test_what_is_not_allowed_is_refused_and_changes_nothing(newsroom: Newsroom, state: str) -> None:
    commentary = await a_commentary(newsroom, state)
    assert commentary["state"] == state
    for who, theirs in THEIRS.items():
        person = newsroom.people["analyst" if who == "author" else who]
        succeeds = SUCCEEDS[state].get(who, set())
        for action in ACTIONS:
            if action in succeeds:
                continue
            status = 404 if who not in SEES[state] else 409 if action in theirs else 403
            problem = refused(await attempt(person, commentary, action), status)
            if problem["code"] == "not-in-this-state":
                assert problem["state"] == state, (who, action)
                assert set(problem["allowed_actions"]) >= succeeds - {"name_contributors"}, (who, action)
    unchanged = await newsroom.read(commentary)
    assert unchanged["version"] == commentary["version"]
    assert unchanged["state"] == state


@pytest.mark.parametrize(
    ("state", "who", "action"),
    [
        (state, who, action)
        for state, people in SUCCEEDS.items()
        for who, actions in people.items()
        for action in sorted(actions)
    ],
)
async def test_what_is_allowed_succeeds(newsroom: Newsroom, state: str, who: str, action: str) -> None:
    commentary = await a_commentary(newsroom, state)
    person = newsroom.people["analyst" if who == "author" else who]
    seen = await person.get(f"/v1/commentaries/{commentary['id']}")
    assert action in seen["allowed_actions"]
    response = await attempt(person, commentary, action)
    assert response.status_code in {200, 201}, response.text


@pytest.mark.parametrize("state", STATES)
async def test_allowed_and_blocked_actions_tell_the_whole_machine(newsroom: Newsroom, state: str) -> None:
    commentary = await a_commentary(newsroom, state)
    for who in sorted(SEES[state]):
        person = newsroom.people["analyst" if who == "author" else who]
        seen = await person.get(f"/v1/commentaries/{commentary['id']}")
        blocked = {one["action"] for one in seen["blocked_actions"]}
        assert set(seen["allowed_actions"]) | blocked == set(ACTIONS), who
        assert not set(seen["allowed_actions"]) & blocked, who
        assert all(one["reason"] and one["code"] for one in seen["blocked_actions"]), who


TASK_THEIRS = {
    "holder": {"claim", "release", "save", "submit", "recall"},
    "other_translator_be": {"claim"},
    "coordinator": {"assign", "release", "return", "accept", "cancel", "change_due_date"},
    "translator_ru": set[str](),
    "author": set[str](),
    "administrator": set[str](),
}
TASK_SEES = {"holder", "other_translator_be", "coordinator"}
TASK_SUCCEEDS: dict[str, dict[str, set[str]]] = {
    "open": {
        "holder": {"claim"},
        "other_translator_be": {"claim"},
        "coordinator": {"assign", "cancel", "change_due_date"},
    },
    "claimed": {
        "holder": {"release", "save", "submit"},
        "coordinator": {"assign", "release", "cancel", "change_due_date"},
    },
    "submitted": {"holder": {"recall"}, "coordinator": {"return", "accept", "cancel", "change_due_date"}},
    "accepted": {"holder": set(), "coordinator": {"return"}},
    "cancelled": {"holder": set(), "coordinator": set()},
}
TASK_ACTIONS = (
    *("claim", "assign", "release", "save", "submit", "recall", "return", "accept", "cancel"),
    "change_due_date",
)


async def a_task(newsroom: Newsroom, state: str) -> dict[str, Any]:
    """A task into Belarusian in this state, all of it translated where it is held."""
    commentary = await newsroom.a_commentary_in_translation()
    match state:
        case "open":
            return await newsroom.task(commentary, "be")
        case "claimed":
            await newsroom.a_translated_task(commentary, "be")
        case "submitted":
            await newsroom.a_submitted_task(commentary, "be")
        case "accepted":
            await newsroom.an_accepted_task(commentary, "be")
        case _:
            await newsroom.coordinator.move_task(await newsroom.task(commentary, "be"), "cancel")
    return await newsroom.task(commentary, "be")


async def attempt_on_task(newsroom: Newsroom, person: Person, task: dict[str, Any], action: str) -> Any:
    path = f"/v1/translation-tasks/{task['id']}"
    if action == "save":
        return await person.call("PATCH", path, {"title": "Загаловак"}, version=task["version"])
    if action == "change_due_date":
        return await person.call("PATCH", path, {"due_at": "2030-01-07T08:00:00Z"}, version=task["version"])
    members = {
        "assign": {"translator": newsroom.other_translator_be.id},
        "return": {"note": "The amount is in millions."},
    }.get(action, {})
    return await person.call(
        "POST", f"{path}/transitions", {"action": action, **members}, version=task["version"]
    )


def task_person(newsroom: Newsroom, who: str) -> Person:
    return newsroom.people[{"holder": "translator_be", "author": "analyst"}.get(who, who)]


@pytest.mark.parametrize("state", TASK_SUCCEEDS)
async def test_what_is_not_allowed_on_a_task_is_refused(newsroom: Newsroom, state: str) -> None:
    task = await a_task(newsroom, state)
    assert task["state"] == state
    for who, theirs in TASK_THEIRS.items():
        person = task_person(newsroom, who)
        sees = who in TASK_SEES and (state != "cancelled" or who == "coordinator")
        # Nobody holds an open or a cancelled task: who held it has no more to say than any translator.
        own = {"claim"} if who == "holder" and state in {"open", "cancelled"} else theirs
        for action in TASK_ACTIONS:
            if action in TASK_SUCCEEDS[state].get(who, set()):
                continue
            status = 404 if not sees else 409 if action in own else 403
            refused(await attempt_on_task(newsroom, person, task, action), status)
    unchanged = await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}")
    assert (unchanged["version"], unchanged["state"]) == (task["version"], state)


@pytest.mark.parametrize(
    ("state", "who", "action"),
    [
        (state, who, action)
        for state, people in TASK_SUCCEEDS.items()
        for who, actions in people.items()
        for action in sorted(actions)
    ],
)
async def test_what_is_allowed_on_a_task_succeeds(
    newsroom: Newsroom, state: str, who: str, action: str
) -> None:
    task = await a_task(newsroom, state)
    response = await attempt_on_task(newsroom, task_person(newsroom, who), task, action)
    assert response.status_code == 200, response.text
