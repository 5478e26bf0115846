"""Everybody reads sentences in the language that they ask for, and an answer says in which it is."""

from typing import Any
from uuid import uuid4

import pytest

from editorial.web.negotiation import negotiated
from newsroom import Newsroom, Person, fine, refused


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("be", "be"),
        ("BE-by", "be"),
        ("be-tarask, ru;q=0.9", "be"),
        ("pl, ru;q=0.5, be;q=0.4", "ru"),
        ("ru;q=0.4, be;q=0.5", "be"),
        ("ru;q=0.5,be;q=0.5", "ru"),
        ("be;q=0, ru;q=0.1", "ru"),
        ("be;q=0, be-tarask", "en"),
        ("pl", "en"),
        ("*", "en"),
        ("pl, *;q=0.5, be;q=0.1", "en"),
        ("", "en"),
        (",,", "en"),
        ("be;q=1.5, ru", "ru"),
        ("be;level=1, ru", "ru"),
        (" be ; q=0.3 ,\tru ; q=0.2", "be"),
        ("en-GB,en;q=0.9,be;q=0.8", "en"),
        ("\u0431\u0435, ru", "ru"),
        ("be" * 5000, "en"),
    ],
)
def test_a_header_is_read_by_its_weights(header: str, language: str) -> None:
    assert negotiated(header) == language


async def history(person: Person, commentary: dict[str, Any], asked: str | None) -> Any:
    headers = {} if asked is None else {"Accept-Language": asked}
    return await person.call("GET", f"/v1/commentaries/{commentary['id']}/history", headers=headers)


@pytest.mark.parametrize(
    ("asked", "language", "sentence"),
    [
        (None, "en", "A new commentary was started (revision 1). — you"),
        ("de", "en", "A new commentary was started (revision 1). — you"),
        ("be-BY, en;q=0.5", "be", "Пачаты новы каментарый (версія 1). — вы"),
        ("ru", "ru", "Начат новый комментарий (версия 1). — вы"),
    ],
)
async def test_an_answer_is_in_the_language_that_was_asked_for_and_says_so(
    newsroom: Newsroom, asked: str | None, language: str, sentence: str
) -> None:
    draft = await newsroom.a_draft()
    answer = await history(newsroom.analyst, draft, asked)
    assert fine(answer)["data"][0]["sentence"] == sentence
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


async def test_where_nothing_is_asked_for_a_person_is_answered_in_the_language_that_they_chose(
    newsroom: Newsroom,
) -> None:
    draft = await newsroom.a_draft()
    analyst = newsroom.analyst
    fine(await analyst.call("PATCH", "/v1/me", {"mail_language": "ru"}))
    try:
        spoken = [
            (await history(analyst, draft, asked)).headers["Content-Language"] for asked in (None, "be", "de")
        ]
    finally:
        fine(await analyst.call("PATCH", "/v1/me", {"mail_language": None}))
    assert spoken == ["ru", "be", "en"]


async def test_an_answer_without_a_sentence_has_no_language(newsroom: Newsroom) -> None:
    answer = await newsroom.analyst.call("GET", "/v1/me", headers={"Accept-Language": "be"})
    fine(answer)
    assert "Content-Language" not in answer.headers


async def test_an_answer_that_is_given_again_is_the_first_one_in_the_first_language(
    newsroom: Newsroom,
) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}/comments"
    key = str(uuid4())

    async def post(asked: str) -> Any:
        headers = {"Idempotency-Key": key, "Accept-Language": asked}
        return await newsroom.analyst.call("POST", path, {"text": "Is this right?"}, headers=headers)

    first, again = await post("be"), await post("ru")
    assert fine(first)["comments"][0]["who"] == "вы"
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert again.headers["Content-Language"] == first.headers["Content-Language"] == "be"
    assert again.headers["Vary"] == first.headers["Vary"]


async def test_a_page_is_in_the_language_of_its_address_whatever_is_asked_for(newsroom: Newsroom) -> None:
    pages = [
        await newsroom.client.get("/v1/published/be", headers={"Accept-Language": asked})
        for asked in ("ru", "en")
    ]
    assert [page.headers["Content-Language"] for page in pages] == ["be", "be"]
    assert "Accept-Language" not in pages[0].headers.get("Vary", "")
    assert pages[0].content == pages[1].content


async def test_a_problem_is_in_the_language_that_was_asked_for_and_explained_in_it(
    newsroom: Newsroom,
) -> None:
    headers = {"Accept-Language": "be-tarask, ru;q=0.5"}
    answer = await newsroom.client.get("/v1/me", headers=headers)
    problem = refused(answer, 401, "not-signed-in")
    assert answer.headers["Content-Language"] == "be"
    explained = await newsroom.client.get(problem["type"], headers={**headers, "Accept": "application/json"})
    assert explained.json()["title"] == problem["title"]
    page = await newsroom.client.get(problem["type"], headers={**headers, "Accept": "text/html"})
    assert '<html lang="be">' in page.text
    assert problem["title"] in page.text
    assert page.headers["Content-Language"] == "be"
    assert {one.strip() for one in page.headers["Vary"].split(",")} >= {"Accept", "Accept-Language"}


async def test_a_reason_comes_with_its_values_which_no_language_changes(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    told = {}
    for language in ("be", "ru", "en"):
        seen = await newsroom.analyst.get(path, spoken=language)
        told[language] = {one["action"]: one for one in seen["blocked_actions"]}
    assert told["be"].keys() == told["en"].keys()
    for action, english in told["en"].items():
        for language in ("be", "ru"):
            other = told[language][action]
            assert other["reason"] != english["reason"]
            assert (other["code"], other.get("params")) == (english["code"], english.get("params"))
    assert any(one.get("params") for one in told["en"].values())
