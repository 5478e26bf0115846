"""All faults of a body in one refusal: those of its form, and those of what it names."""

from typing import Any
from uuid import uuid4

import pytest

from newsroom import TEXT, Newsroom, Person, fine, refused

NOBODY = str(uuid4())
LINK = "[x](javascript:alert(1))"

OF_A_NEW_TEXT: list[tuple[dict[str, Any], set[str]]] = [
    ({"section": "no-such-section"}, {"/section"}),
    ({"source_language": "xx"}, {"/source_language"}),
    ({"target_languages": ["be", "xx", 5, "en"]}, {f"/target_languages/{n}" for n in (1, 2, 3)}),
    ({"byline": "Nobody at all"}, {"/byline"}),
    ({"week": "9999-W52"}, {"/week"}),
    (
        {
            "blocks": [
                {"type": "paragraph", "id": "a", "text": "One."},
                {"type": "paragraph", "text": 5},
                {"type": "paragraph", "id": "a", "text": LINK},
                {"type": "paragraph", "id": "title", "text": "Two."},
            ]
        },
        {"/blocks/1/text", "/blocks/2/id", "/blocks/2/text", "/blocks/3/id"},
    ),
    (
        {
            "section": "no-such-section",
            "source_language": "xx",
            "byline": "Nobody at all",
            "week": "2024-W53",
        },
        {"/section", "/source_language", "/byline", "/week"},
    ),
]


async def pointers(
    person: Person, method: str, path: str, body: Any, version: int | None = None
) -> list[str]:
    """Where the faults of a refused body are."""
    answer = await person.call(method, path, body, version=version)
    return [one["pointer"] for one in refused(answer, 422, "invalid")["errors"]]


@pytest.mark.parametrize(("members", "expected"), OF_A_NEW_TEXT)
async def test_a_new_text_is_judged_whole(
    newsroom: Newsroom, members: dict[str, Any], expected: set[str]
) -> None:
    body = {**TEXT, **members, "title": 5, "nonsense": True}
    found = await pointers(newsroom.analyst, "POST", "/v1/commentaries", body)
    assert set(found) == {*expected, "/title", "/nonsense"}
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        *(one for one in OF_A_NEW_TEXT if "source_language" not in one[0]),
        ({"contributors": [NOBODY, "nobody"]}, {"/contributors/0", "/contributors/1"}),
        ({"byline": 5, "section": "no-such-section"}, {"/byline", "/section"}),
        ({"photo": {"url": "https://photos.example.org/1.jpg"}}, {"/photo/credit"}),
        ({"blocks": {"none": {"text": "x"}}}, {"/blocks/none"}),
    ],
)
async def test_a_changed_text_is_judged_whole(
    newsroom: Newsroom, members: dict[str, Any], expected: set[str]
) -> None:
    draft = await newsroom.a_draft()
    # Coordinators name contributors, and authors write.
    names_people = "contributors" in members
    person = newsroom.coordinator if names_people else newsroom.analyst
    body = {**members, "nonsense": True} if names_people else {**members, "title": 5, "nonsense": True}
    path = f"/v1/commentaries/{draft['id']}"
    found = await pointers(person, "PATCH", path, body, draft["version"])
    assert set(found) == {*expected, *(f"/{name}" for name in body.keys() - members.keys())}
    assert len(found) == len(set(found))
    assert (await newsroom.read(draft))["version"] == draft["version"]


async def test_transitions_and_the_rest_of_a_text_are_judged_whole(newsroom: Newsroom) -> None:
    review = await newsroom.a_commentary_in_review()
    steps = f"/v1/commentaries/{review['id']}/transitions"
    approve = {"action": "approve", "unchanged_in_meaning": ["no-such-unit", 5], "nonsense": 1}
    assert set(await pointers(newsroom.coordinator, "POST", steps, approve, review["version"])) == {
        "/unchanged_in_meaning/0",
        "/unchanged_in_meaning/1",
        "/nonsense",
    }
    published = await newsroom.a_published_commentary()
    of_published = f"/v1/commentaries/{published['id']}/transitions"
    rename: dict[str, Any] = {"action": "change_slug", "language": "xx", "slug": "NO SLUG"}
    found = await pointers(newsroom.coordinator, "POST", of_published, rename, published["version"])
    assert set(found) == {"/language", "/slug"}
    rename = {"action": "change_slug", "language": 5, "nonsense": 1}
    found = await pointers(newsroom.coordinator, "POST", of_published, rename, published["version"])
    assert set(found) == {"/language", "/slug", "/nonsense"}

    ready = await newsroom.a_ready_commentary()
    of_ready = f"/v1/commentaries/{ready['id']}/transitions"
    late = {"action": "schedule", "at": "2020-01-01T00:00:00Z", "minor": True, "correction_note": "So."}
    found = await pointers(newsroom.coordinator, "POST", of_ready, {**late, "nonsense": 1}, ready["version"])
    assert set(found) == {"/at", "/minor", "/nonsense"}
    both = {"action": "publish", "minor": True, "correction_note": "So.", "nonsense": 1}
    found = await pointers(newsroom.coordinator, "POST", of_ready, both, ready["version"])
    assert set(found) == {"/minor", "/nonsense"}
    add = {"language": "xx", "nonsense": 1}
    path = f"/v1/commentaries/{ready['id']}/languages"
    assert set(await pointers(newsroom.coordinator, "POST", path, add, ready["version"])) == {
        "/language",
        "/nonsense",
    }
    week = {"mode": "as_much_as_is_ready", "languages": ["xx", 5], "sections": ["none"], "minor": 5}
    assert set(await pointers(newsroom.coordinator, "POST", "/v1/weeks/2024-W30/publish", week)) == {
        "/languages/0",
        "/languages/1",
        "/sections/0",
        "/minor",
    }


async def test_tasks_and_comments_are_judged_whole(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(commentary, "be")
    name = task["blocks"][0]["id"]
    path = f"/v1/translation-tasks/{task['id']}"
    save = {"title": 5, "lead": "x", "blocks": {"title": "x", "none": "x", name: LINK}, "nonsense": 1}
    found = await pointers(newsroom.translator_be, "PATCH", path, save, task["version"])
    assert set(found) == {"/title", "/blocks/title", "/blocks/none", f"/blocks/{name}", "/nonsense"}
    save = {"due_at": "9999-12-31T23:59:59.999999Z"}
    assert await pointers(newsroom.coordinator, "PATCH", path, save, task["version"]) == ["/due_at"]
    give = {"action": "assign", "translator": NOBODY, "nonsense": 1}
    found = await pointers(newsroom.coordinator, "POST", f"{path}/transitions", give, task["version"])
    assert set(found) == {"/translator", "/nonsense"}
    give = {"action": "assign", "translator": 5, "nonsense": 1}
    found = await pointers(newsroom.coordinator, "POST", f"{path}/transitions", give, task["version"])
    assert found == ["/nonsense", "/translator"]
    talk = f"/v1/commentaries/{commentary['id']}/comments"
    for body, expected in (
        ({"text": 5, "language": "xx", "unit": "none"}, {"/text", "/language", "/unit"}),
        ({"text": 5, "unit": "none", "nonsense": 1}, {"/text", "/unit", "/nonsense"}),
    ):
        assert set(await pointers(newsroom.coordinator, "POST", talk, body)) == expected


async def test_the_glossary_and_accounts_are_judged_whole(newsroom: Newsroom) -> None:
    term = {"source_language": "xx", "language": "yy", "source": "a", "target": 5, "nonsense": 1}
    assert set(await pointers(newsroom.coordinator, "POST", "/v1/glossary", term)) == {
        "/source_language",
        "/language",
        "/target",
        "/nonsense",
    }
    invite = {
        "email": "nobody",
        "display_name": "New",
        "roles": ["translator"],
        "languages": ["be", "xx"],
        "nonsense": 1,
    }
    assert set(await pointers(newsroom.administrator, "POST", "/v1/people", invite)) == {
        "/email",
        "/languages/1",
        "/nonsense",
    }
    people = (await newsroom.administrator.get("/v1/people?limit=100"))["data"]
    person = next(one for one in people if one["id"] == newsroom.analyst.id)
    change = {"roles": ["translator"], "languages": ["xx"], "display_name": 5}
    path = f"/v1/people/{person['id']}"
    found = await pointers(newsroom.administrator, "PATCH", path, change, person["version"])
    assert set(found) == {"/languages/0", "/display_name"}
    found = await pointers(
        newsroom.administrator, "PATCH", path, {"roles": ["translatr"], "nonsense": 1}, person["version"]
    )
    assert set(found) == {"/roles/0", "/nonsense"}


async def test_a_task_that_is_handed_in_points_where_it_is_saved(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(commentary, "be")
    name = task["blocks"][0]["id"]
    answer = await newsroom.translator_be.call(
        "POST",
        f"/v1/translation-tasks/{task['id']}/transitions",
        {"action": "submit"},
        version=task["version"],
    )
    found = [one["pointer"] for one in answer.json()["errors"]]
    assert answer.status_code == 422
    assert found[:3] == ["/title", "/lead", f"/blocks/{name}"]


LISTS = {
    "/v1/commentaries": ["section=economy", "mine=true", "week=2024-W30", "q=grain"],
    "/v1/translation-tasks": ["language=be", "week=2024-W30", "overdue=true"],
    "/v1/trail": ["part=editorial", "action=create", "object_kind=commentary"],
    "/v1/published/en": ["section=economy", "week=2024-W30", "trend=worse"],
    "/v1/glossary": ["language=be", "q=x"],
    "/v1/people": ["role=analyst"],
}


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_is_good_for_the_filters_that_gave_it(newsroom: Newsroom, path: str) -> None:
    for _ in range(2):
        await newsroom.a_published_commentary()
        term = {"source_language": "en", "language": "be", "source": f"x {uuid4()}", "target": "y"}
        fine(await newsroom.coordinator.call("POST", "/v1/glossary", term))
    first = await newsroom.coordinator.get(f"{path}?limit=1")
    cursor = first["next_cursor"]
    assert cursor is not None
    assert fine(await newsroom.coordinator.call("GET", f"{path}?cursor={cursor}&limit=2"))["data"]
    for one in LISTS[path]:
        answer = await newsroom.coordinator.call("GET", f"{path}?cursor={cursor}&limit=1&{one}")
        refused(answer, 400)
        filtered = await newsroom.coordinator.get(f"{path}?limit=1&{one}")
        if filtered["next_cursor"] is not None:
            again = f"{path}?{one}&cursor={filtered['next_cursor']}"
            fine(await newsroom.coordinator.call("GET", again))
            refused(await newsroom.coordinator.call("GET", f"{path}?cursor={filtered['next_cursor']}"), 400)
