"""The newsroom's glossary, and who keeps it."""

from uuid import uuid4

from newsroom import Newsroom, fine, refused

TERM = {
    "source_language": "en",
    "language": "be",
    "source": f"State Border Committee {uuid4().hex}",
    "target": "Дзяржаўны пагранічны камітэт",
    "alternatives": ["ДПК"],
}


async def test_a_coordinator_keeps_the_glossary_and_everybody_reads_it(newsroom: Newsroom) -> None:
    coordinator = newsroom.coordinator
    answer = await coordinator.call("POST", "/v1/glossary", TERM)
    term = fine(answer)
    path = answer.headers["location"]
    assert term == {**TERM, "id": term["id"], "version": 1, "exact": False, "note": None}
    assert await newsroom.translator_be.get(path) == term
    patch = {"target": "Пагранічны камітэт", "note": "Without “State” after the first time."}
    refused(await newsroom.translator_be.call("PATCH", path, patch, version=1), 403)
    refused(await coordinator.call("PATCH", path, patch), 428)
    refused(await coordinator.call("PATCH", path, patch, version=9), 412)
    term = fine(await coordinator.call("PATCH", path, patch, version=1))
    assert (term["version"], term["target"], term["alternatives"]) == (2, patch["target"], ["ДПК"])
    refused(await newsroom.analyst.call("DELETE", path, version=2), 403)
    fine(await coordinator.call("DELETE", path, version=2))
    refused(await coordinator.call("GET", path), 404)
    refused(await coordinator.call("DELETE", path, version=2), 404)


async def test_a_term_has_one_entry_for_a_pair_of_languages(newsroom: Newsroom) -> None:
    term = {**TERM, "source": "Supreme Court"}
    added = fine(await newsroom.coordinator.call("POST", "/v1/glossary", term))
    same = {**term, "source": "supreme court", "target": "ВС"}
    refused(await newsroom.coordinator.call("POST", "/v1/glossary", same), 409, "already-exists")
    fine(await newsroom.coordinator.call("POST", "/v1/glossary", {**term, "language": "ru"}))
    other = fine(await newsroom.coordinator.call("POST", "/v1/glossary", {**term, "source": "Court"}))
    path = f"/v1/glossary/{other['id']}"
    body = {"source": "SUPREME COURT"}
    refused(await newsroom.coordinator.call("PATCH", path, body, version=1), 409, "already-exists")
    assert (await newsroom.coordinator.get(f"/v1/glossary/{added['id']}"))["target"] == TERM["target"]


async def test_all_that_is_wrong_with_a_term_is_said_at_once(newsroom: Newsroom) -> None:
    body = {"source_language": "xx", "language": "yy", "source": "", "target": "a\nb", "bogus": 1}
    answer = await newsroom.coordinator.call("POST", "/v1/glossary", body)
    assert {fault["pointer"] for fault in refused(answer, 422)["errors"]} == {
        "/source",
        "/source_language",
        "/language",
        "/bogus",
    }
    body = {**TERM, "source_language": "xx", "language": "xx"}
    answer = await newsroom.coordinator.call("POST", "/v1/glossary", body)
    assert [fault["pointer"] for fault in refused(answer, 422)["errors"]] == [
        "/source_language",
        "/language",
        "/language",
    ]
    refused(await newsroom.translator_be.call("POST", "/v1/glossary", {}), 403)


async def test_the_glossary_is_listed_by_the_alphabet_and_found_by_words(newsroom: Newsroom) -> None:
    for source, target in (("Zeta fund", "Фонд 100%"), ("alpha fund", "Фонд А"), ("Beta fund", "Фонд Б")):
        term = {"source_language": "en", "language": "ru", "source": source, "target": target}
        fine(await newsroom.coordinator.call("POST", "/v1/glossary", term))
    found: list[str] = []
    path = "/v1/glossary?source_language=en&language=ru&q=fund&limit=1"
    while path:
        answer = await newsroom.analyst.call("GET", path)
        found += [one["source"] for one in fine(answer)["data"]]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert found == ["alpha fund", "Beta fund", "Zeta fund"]
    (exact,) = (await newsroom.analyst.get("/v1/glossary?q=100%25"))["data"]
    assert exact["source"] == "Zeta fund"
