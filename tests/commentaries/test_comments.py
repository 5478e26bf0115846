"""What people say to one another about a text, who may follow it, and whose name they read."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from newsroom import Newsroom, Person, fine, refused


async def begin(person: Person, commentary: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A thread that somebody begins."""
    path = f"/v1/commentaries/{commentary['id']}/comments"
    return fine(await person.call("POST", path, {"text": "Is this so?", **members}))


async def reply(
    person: Person, commentary: dict[str, Any], thread: dict[str, Any], text: str
) -> dict[str, Any]:
    path = f"/v1/commentaries/{commentary['id']}/comments/{thread['id']}/replies"
    return fine(await person.call("POST", path, {"text": text}))


async def threads(
    person: Person, commentary: dict[str, Any], query: str = "", *, spoken: str = "en"
) -> list[dict[str, Any]]:
    page = await person.get(f"/v1/commentaries/{commentary['id']}/comments{query}", spoken=spoken)
    data: list[dict[str, Any]] = page["data"]
    return data


async def test_author_and_coordinator_talk_about_a_block_and_settle_it(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_review()
    block = commentary["text"]["blocks"][0]["id"]
    thread = await begin(newsroom.coordinator, commentary, unit=block, text="For May or for June?")
    assert (thread["language"], thread["unit"], thread["revision"], thread["resolved"]) == (
        "en",
        block,
        1,
        False,
    )
    thread = await reply(newsroom.analyst, commentary, thread, "For June.")
    assert [(one["who"], one["part"], one["text"]) for one in thread["comments"]] == [
        ("Coordinator", "coordinator", "For May or for June?"),
        ("you", "author", "For June."),
    ]
    (seen,) = await threads(newsroom.coordinator, commentary, f"?unit={block}")
    assert [one["who"] for one in seen["comments"]] == ["you", "Analyst"]
    path = f"/v1/commentaries/{commentary['id']}/comments/{thread['id']}"
    body = {"resolved": True}
    refused(await newsroom.coordinator.call("PATCH", path, body), 428)
    # The reply came after what this version shows.
    refused(await newsroom.coordinator.call("PATCH", path, body, version=1), 412)
    settled = fine(await newsroom.coordinator.call("PATCH", path, body, version=seen["version"]))
    assert settled["resolved"] is True
    assert await threads(newsroom.analyst, commentary, "?resolved=false") == []
    (found,) = await threads(newsroom.analyst, commentary, "?resolved=true")
    again = fine(await newsroom.analyst.call("PATCH", path, {"resolved": False}, version=found["version"]))
    assert again["resolved"] is False
    history = (await newsroom.analyst.get(f"/v1/commentaries/{commentary['id']}/history"))["data"]
    assert [entry["action"] for entry in history[2:]] == [
        "comment",
        "comment",
        "resolve_comment",
        "reopen_comment",
    ]
    assert "June" not in str(history)


async def test_a_block_that_goes_away_keeps_its_thread(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    first, *rest = draft["text"]["blocks"]
    await begin(newsroom.analyst, draft, unit=first["id"], text="To be checked.")
    await newsroom.analyst.edit(draft, blocks=rest)
    (thread,) = await threads(newsroom.analyst, draft)
    assert (thread["unit"], thread["unit_is_gone"], thread["revision"]) == (first["id"], True, 1)
    revision = await newsroom.analyst.get(f"/v1/commentaries/{draft['id']}/revisions/{thread['revision']}")
    assert revision["blocks"][0]["text"] == first["text"]


async def test_holder_and_coordinator_talk_about_a_translation_without_names(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(commentary, "be")
    unit = task["blocks"][0]["id"]
    translator = newsroom.translator_be
    thread = await begin(translator, commentary, language="be", unit=unit, text="What is a forwarder?")
    assert thread["revision"] is None
    await reply(newsroom.coordinator, commentary, thread, "Экспедытар.")
    (seen,) = await threads(translator, commentary, spoken="be")
    assert [(one["who"], one["part"]) for one in seen["comments"]] == [
        ("вы", "translator"),
        ("каардынатар", "coordinator"),
    ]
    (seen,) = await threads(newsroom.coordinator, commentary, "?language=be")
    assert [one["who"] for one in seen["comments"]] == ["Translator Be", "you"]
    # Whoever takes the task over follows the thread, and learns nobody's name.
    task = await translator.move_task(await translator.get(f"/v1/translation-tasks/{task['id']}"), "release")
    refused(await translator.call("GET", f"/v1/commentaries/{commentary['id']}/comments"), 404)
    await newsroom.other_translator_be.move_task(task, "claim")
    (seen,) = await threads(newsroom.other_translator_be, commentary)
    assert [one["who"] for one in seen["comments"]] == [
        "a translator into Belarusian",
        "a coordinator",
    ]
    history = await newsroom.other_translator_be.get(f"/v1/translation-tasks/{task['id']}/history")
    said = [one["sentence"] for one in history["data"] if one["action"] == "comment"]
    assert said == [
        "A comment was made: translation into Belarusian. — a translator into Belarusian",
        "A comment was made: translation into Belarusian. — a coordinator",
    ]


async def test_nobody_follows_a_talk_that_is_not_theirs(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await newsroom.a_claimed_task(commentary, "be")
    of_source = await begin(newsroom.coordinator, commentary)
    of_translation = await begin(newsroom.translator_be, commentary, language="be")
    path = f"/v1/commentaries/{commentary['id']}/comments"

    assert [one["id"] for one in await threads(newsroom.analyst, commentary)] == [of_source["id"]]
    assert [one["id"] for one in await threads(newsroom.translator_be, commentary)] == [of_translation["id"]]
    assert [one["id"] for one in await threads(newsroom.coordinator, commentary)] == [
        of_source["id"],
        of_translation["id"],
    ]
    for person, hidden in (
        (newsroom.analyst, of_translation),
        (newsroom.translator_be, of_source),
        (newsroom.translator_ru, of_source),
        (newsroom.other_translator_be, of_translation),
        (newsroom.other_analyst, of_source),
        (newsroom.administrator, of_source),
    ):
        body = {"resolved": True}
        refused(await person.call("GET", f"{path}/{hidden['id']}"), 404)
        refused(await person.call("POST", f"{path}/{hidden['id']}/replies", {"text": "x"}), 404)
        refused(await person.call("PATCH", f"{path}/{hidden['id']}", body, version=1), 404)
    for person in (newsroom.translator_ru, newsroom.other_analyst, newsroom.administrator):
        refused(await person.call("GET", path), 404)
        refused(await person.call("POST", path, {"text": "x"}), 404)
        refused(await person.call("POST", path, {"bogus": "x"}), 404)
    problem = refused(await newsroom.analyst.call("POST", path, {"text": "x", "language": "be"}), 422)
    assert problem["errors"][0]["detail"] == "One of: en."
    problem = refused(await newsroom.translator_be.call("POST", path, {"text": "x", "language": "en"}), 422)
    assert problem["errors"][0]["detail"] == "One of: be."


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/text"}),
        ({"text": ""}, {"/text"}),
        ({"text": "x" * 5_001}, {"/text"}),
        ({"text": "x", "unit": "nowhere"}, {"/unit"}),
        ({"text": "x", "unit": "photo.alt"}, {"/unit"}),
        ({"text": 5, "bogus": 1, "language": "BE"}, {"/text", "/bogus", "/language"}),
        ({"text": "a\0b"}, {"/text"}),
    ],
)
async def test_a_comment_on_nothing_is_refused(
    newsroom: Newsroom, body: dict[str, Any], pointers: set[str]
) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}/comments"
    problem = refused(await newsroom.analyst.call("POST", path, body), 422)
    assert {fault["pointer"] for fault in problem["errors"]} == pointers
    assert await threads(newsroom.analyst, draft) == []


async def test_a_translator_reads_nothing_that_leads_to_the_author(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await begin(newsroom.analyst, commentary, text="A word of the author's.")
    task = await newsroom.a_submitted_task(commentary, "be")
    await begin(newsroom.coordinator, commentary, language="be", text="A word to the translator.")
    translator = newsroom.translator_be
    for path in (
        f"/v1/commentaries/{commentary['id']}/comments",
        f"/v1/commentaries/{commentary['id']}/diff?to=1",
        f"/v1/translation-tasks/{task['id']}",
        f"/v1/translation-tasks/{task['id']}/history",
        f"/v1/translation-tasks/{task['id']}/suggestions",
        "/v1/glossary",
    ):
        response = await translator.call("GET", path)
        assert response.status_code == 200, path
        seen = response.text + str(response.headers)
        for person in (newsroom.analyst, newsroom.coordinator):
            for secret in (person.id, f'"{person.name}"', person.email, "A word of the author"):
                assert secret not in seen, (path, secret)


async def test_a_talk_that_is_not_theirs_answers_like_one_that_never_was(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await newsroom.a_claimed_task(commentary, "be")
    hidden = await begin(newsroom.coordinator, commentary, language="be")
    path = f"/v1/commentaries/{commentary['id']}/comments"

    async def answer(method: str, thread: str, rest: str, body: Any) -> tuple[Any, ...]:
        """What the author of the text is answered, without the request's id, the moment and the address."""
        said = await newsroom.analyst.call(
            method, f"{path}/{thread}{rest}", body, headers={"If-Match": '"1"'}
        )
        problem = refused(said, 404, "not-found")
        headers = {name: one for name, one in said.headers.items() if name not in {"x-request-id", "date"}}
        return headers, said.text.replace(thread, "").replace(problem["request_id"], "")

    for method, rest, body in (
        ("GET", "", None),
        ("PATCH", "", {"resolved": True}),
        ("POST", "/replies", {"text": "Whose is it?"}),
    ):
        absent = await answer(method, str(uuid4()), rest, body)
        assert await answer(method, hidden["id"], rest, body) == absent


async def test_what_a_change_answers_is_what_is_read_right_after_it(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await newsroom.a_claimed_task(commentary, "be")
    path = f"/v1/commentaries/{commentary['id']}/comments"
    for person, other, language in (
        (newsroom.coordinator, newsroom.analyst, "en"),
        (newsroom.translator_be, newsroom.coordinator, "be"),
    ):
        first = await person.call("POST", path, {"text": "Is this so?", "language": language, "unit": "lead"})
        thread = f"{path}/{fine(first)['id']}"
        assert first.headers["location"] == thread
        said = await other.call("POST", f"{thread}/replies", {"text": "It is."})
        settled = await person.call("PATCH", thread, {"resolved": True}, version=fine(said)["version"])
        read = await person.call("GET", thread)
        assert (read.content, read.headers["etag"]) == (settled.content, settled.headers["etag"])
        assert [one["who"] == "you" for one in fine(settled)["comments"]] == [True, False]
        assert fine(first)["comments"] == fine(settled)["comments"][:1]


async def test_a_translators_comment_that_is_sent_again_under_its_key_is_said_once(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await newsroom.a_claimed_task(commentary, "be")
    path, key = f"/v1/commentaries/{commentary['id']}/comments", {"Idempotency-Key": str(uuid4())}
    body = {"text": "What is a forwarder?", "language": "be"}
    once = await newsroom.translator_be.call("POST", path, body, headers=key)
    again = await newsroom.translator_be.call("POST", path, body, headers=key)
    assert (fine(again), again.status_code) == (fine(once), 201)
    assert len(await threads(newsroom.translator_be, commentary)) == 1


async def test_of_two_who_settle_a_thread_at_once_one_is_told_that_it_has_changed(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_review()
    thread = await begin(newsroom.analyst, commentary)
    path = f"/v1/commentaries/{commentary['id']}/comments/{thread['id']}"
    for resolved, version in ((True, 1), (False, 2), (True, 3)):
        answers = await asyncio.gather(
            *(
                person.call("PATCH", path, {"resolved": resolved}, version=version)
                for person in (newsroom.analyst, newsroom.coordinator)
            )
        )
        assert sorted(one.status_code for one in answers) == [200, 412]
    assert (await newsroom.analyst.get(path))["version"] == 4
