"""A translator takes a task away as a file, works in a tool of their own, and brings it back."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from translate.storage.xliff2 import Xliff2File

from newsroom import Newsroom, Person, fine, refused

XLIFF = "application/xliff+xml"
PHOTO = {"url": "https://photos.example.org/port.jpg", "credit": "A. P.", "alt": "A silo", "caption": "Port"}
MAP = {"url": "https://photos.example.org/map.png", "credit": "B. C."}
NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"


def path_of(task: dict[str, Any]) -> str:
    """The address of a task's file."""
    return f"/v1/translation-tasks/{task['id']}/xliff"


async def file_of(person: Person, task: dict[str, Any]) -> bytes:
    """A task's file as somebody gets it who may."""
    response = await person.call("GET", path_of(task))
    assert response.status_code == 200, response.text
    return response.content


async def bring_back(
    person: Person, task: dict[str, Any], file: bytes, *, kind: str = XLIFF, version: int | None = None
) -> httpx.Response:
    """Bring a file back on top of the version that was read."""
    return await person.call(
        "PUT",
        path_of(task),
        version=task["version"] if version is None else version,
        headers={"Content-Type": kind},
        content=file,
    )


def opened(file: bytes) -> Any:
    """The file in another program: translate-toolkit, the ground that Weblate stands on."""
    return Xliff2File.parsestring(file)  # type: ignore[no-untyped-call]


def translated(file: bytes, words: Mapping[str, str]) -> bytes:
    """The file with these units translated in another program."""
    store = opened(file)
    for unit in store.units:
        if unit.getid() in words:
            unit.target = words[unit.getid()]
            unit.marktranslated()
    saved: bytes = bytes(store)
    return saved


def words_for(task: dict[str, Any], language: str = "be") -> dict[str, str]:
    """A translation of each unit of a task."""
    lines = (task["title"], task["lead"], *task["blocks"])
    return {
        line["id"]: "\n".join(f"{language} {one} — ўжо" for one in line["source"].split("\n"))
        for line in lines
    }


def outcomes(answer: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """What became of each unit."""
    return {unit["unit"]: (unit["outcome"], unit["code"]) for unit in answer["units"]}


def statuses(task: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """How each unit stands, and its translation."""
    lines = (task["title"], task["lead"], *task["blocks"])
    return {line["id"]: (line["status"], line["target"]) for line in lines}


async def revise(newsroom: Newsroom, task: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Take the source back to draft, change it, and have it approved again."""
    same = members.pop("unchanged_in_meaning", None)
    commentary = await newsroom.coordinator.get(f"/v1/commentaries/{task['commentary_id']}")
    draft = await newsroom.coordinator.move(commentary, "reopen", note="The figures have changed.")
    changed = await newsroom.analyst.edit(draft, **members)
    in_review = await newsroom.analyst.move(changed, "submit")
    meaning = {} if same is None else {"unchanged_in_meaning": same}
    return await newsroom.coordinator.move(in_review, "approve", **meaning)


@pytest.fixture(scope="session")
async def claimed(newsroom: Newsroom) -> dict[str, Any]:
    """Give a task in its translator's hands, for tests that must leave it as it is."""
    return await a_claimed_task(newsroom)


async def a_claimed_task(newsroom: Newsroom, **members: Any) -> dict[str, Any]:
    """A task into Belarusian, in the hands of its translator."""
    commentary = await newsroom.a_commentary_in_translation(**members)
    return await newsroom.a_claimed_task(commentary, "be")


async def test_a_task_goes_out_through_another_program_and_comes_back_as_the_holders_draft(
    newsroom: Newsroom,
) -> None:
    task = await a_claimed_task(
        newsroom,
        photo=PHOTO,
        blocks=[
            {"type": "heading", "text": "Who *pays*"},
            {"type": "paragraph", "text": "See [the report](https://example.org/a?b=1&c=2): 5 000 €."},
            {"type": "list", "items": ["barley", "rape & wheat"]},
            {"type": "figure", "alt": "A map", "text": "Ways", **MAP},
        ],
    )
    translator = newsroom.translator_be
    file = await file_of(translator, task)
    assert {unit.getid(): unit.source for unit in opened(file).units} == {
        line["id"]: line["source"] for line in (task["title"], task["lead"], *task["blocks"])
    }
    words = words_for(task)
    answer = fine(await bring_back(translator, task, translated(file, words)))
    assert outcomes(answer) == dict.fromkeys(words, ("taken", None))
    after = answer["task"]
    assert statuses(after) == {name: ("current", text) for name, text in words.items()}
    assert after["state"] == "claimed"
    assert after["is_mine"]
    assert after["claim_expires_at"] > task["claim_expires_at"]
    assert after["version"] > task["version"]
    assert after == await translator.get(f"/v1/translation-tasks/{task['id']}")
    assert (await revisions(newsroom, task)) == [1]
    submitted = await translator.move_task(after, "submit")
    assert submitted["state"] == "submitted"


async def revisions(newsroom: Newsroom, task: dict[str, Any]) -> list[int]:
    """The numbers of the translation's revisions."""
    path = f"/v1/commentaries/{task['commentary_id']}/revisions?language={task['language']}"
    return [one["number"] for one in (await newsroom.coordinator.get(path))["data"]]


async def test_a_file_has_its_type_its_name_and_its_version(newsroom: Newsroom) -> None:
    title = 'Цены, «налоги»/пошлины:\r\n"рост"'
    task = await a_claimed_task(newsroom, title=title, source_language="ru", target_languages=["be"])
    response = await newsroom.translator_be.call("GET", path_of(task))
    assert response.headers["Content-Type"] == XLIFF
    assert response.headers["ETag"] == f'"{task["version"]}"'
    disposition = response.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="2024-W30-economy-[a-z0-9-]+-be\.xlf"', disposition), (
        disposition
    )
    assert 'srcLang="ru"' in response.text
    assert 'trgLang="be"' in response.text
    head = await newsroom.translator_be.call("HEAD", path_of(task))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == response.headers["ETag"]


async def test_whoever_sees_the_task_may_read_its_file_and_nobody_else(newsroom: Newsroom) -> None:
    task = await a_claimed_task(newsroom)
    for name in ("translator_be", "other_translator_be", "coordinator"):
        assert (await newsroom.people[name].call("GET", path_of(task))).status_code == 200, name
    for name in ("translator_ru", "analyst", "other_analyst", "administrator"):
        refused(await newsroom.people[name].call("GET", path_of(task)), 404, "not-found")
    refused(await newsroom.client.get(path_of(task)), 401)


async def test_a_file_leads_to_nobody_and_to_no_moment(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation(byline=None)
    task = await newsroom.a_translated_task(commentary, "be")
    await revise(newsroom, task, lead="Prices fell, volumes did not.")
    task = await newsroom.task(commentary, "be")
    for reader in (newsroom.coordinator, newsroom.translator_be):
        response = await reader.call("GET", path_of(task))
        everything = response.text + response.headers["Content-Disposition"]
        for person in newsroom.people.values():
            for secret in (person.id, person.email, person.name):
                assert secret not in everything
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", everything), "an id tells when it was made"
        assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d", everything), "a moment"
        assert "The figures have changed." not in everything, "a coordinator's note"


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("translator_ru", 404, "not-found"),
        ("analyst", 404, "not-found"),
        ("administrator", 404, "not-found"),
        ("other_translator_be", 403, "forbidden"),
        ("coordinator", 403, "forbidden"),
    ],
)
async def test_nobody_but_the_holder_brings_a_file_back(
    newsroom: Newsroom, claimed: dict[str, Any], name: str, status: int, code: str
) -> None:
    file = translated(await file_of(newsroom.translator_be, claimed), words_for(claimed))
    refused(await bring_back(newsroom.people[name], claimed, file), status, code)
    assert await newsroom.translator_be.get(f"/v1/translation-tasks/{claimed['id']}") == claimed


async def test_a_file_comes_back_only_while_the_task_is_claimed(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    translator = newsroom.translator_be
    task = await newsroom.task(commentary, "be")
    file = translated(await file_of(translator, task), {"title": "Экспарт падае"})
    refused(await bring_back(translator, task, file), 403, "forbidden")
    submitted = await newsroom.a_submitted_task(commentary, "be")
    refused(await bring_back(translator, submitted, file), 409, "not-in-this-state")
    accepted = await newsroom.coordinator.move_task(submitted, "accept")
    refused(await bring_back(translator, accepted, file), 409, "not-in-this-state")
    assert statuses(await newsroom.task(commentary, "be")) == statuses(submitted)


async def test_a_file_needs_the_version_that_was_read(newsroom: Newsroom) -> None:
    task = await a_claimed_task(newsroom)
    translator = newsroom.translator_be
    file = translated(await file_of(translator, task), {"title": "Экспарт падае"})
    headers = {"Content-Type": XLIFF}
    refused(await translator.call("PUT", path_of(task), headers=headers, content=file), 428)
    problem = refused(await bring_back(translator, task, file, version=task["version"] + 1), 412)
    assert problem["version"] == task["version"]


async def test_a_unit_whose_source_has_changed_since_is_refused_and_the_others_come_in(
    newsroom: Newsroom,
) -> None:
    task = await a_claimed_task(newsroom)
    translator = newsroom.translator_be
    words = words_for(task)
    file = translated(await file_of(translator, task), words)
    first, changed, last = (line["id"] for line in task["blocks"])
    blocks = (await newsroom.coordinator.get(f"/v1/commentaries/{task['commentary_id']}"))["text"]["blocks"]
    blocks[1]["items"] = ["barley", "rapeseed", "peas"]
    await revise(newsroom, task, blocks=[*blocks, {"type": "paragraph", "text": "New."}])
    now = await translator.get(f"/v1/translation-tasks/{task['id']}")
    answer = fine(await bring_back(translator, now, file))
    assert outcomes(answer) == {
        "title": ("taken", None),
        "lead": ("taken", None),
        first: ("taken", None),
        changed: ("refused", "source_changed"),
        last: ("taken", None),
    }
    (reason,) = (unit["reason"] for unit in answer["units"] if unit["unit"] == changed)
    assert reason == "The source of this unit has changed since the file was made."
    after = statuses(answer["task"])
    assert after[first] == ("current", words[first])
    assert after[changed] == ("missing", None)
    assert [one for one in after.values() if one[0] != "current"] == [("missing", None)] * 2


async def test_a_typo_in_the_source_keeps_nothing_out(newsroom: Newsroom) -> None:
    task = await a_claimed_task(newsroom)
    translator = newsroom.translator_be
    file = translated(await file_of(translator, task), {"lead": "Цэны ўстаялі, аб’ёмы — не."})
    await revise(newsroom, task, lead="Prices held; volumes did not.", unchanged_in_meaning=["lead"])
    now = await translator.get(f"/v1/translation-tasks/{task['id']}")
    assert now["lead"]["source"] == "Prices held; volumes did not."
    answer = fine(await bring_back(translator, now, file))
    assert outcomes(answer)["lead"] == ("taken", None)
    assert answer["task"]["lead"]["status"] == "current"


async def test_an_outdated_unit_goes_out_with_what_it_was_made_from_and_stays_outdated_untouched(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_translated_task(commentary, "be")
    translator = newsroom.translator_be
    await revise(newsroom, task, lead="Prices fell, volumes did not.")
    now = await translator.get(f"/v1/translation-tasks/{task['id']}")
    file = await file_of(translator, now)
    assert "this translation was made from: Prices held, volumes did not.</note>" in file.decode()
    states = {unit.getid(): unit.isfuzzy() for unit in opened(file).units}
    assert [name for name, is_fuzzy in states.items() if is_fuzzy] == ["lead"]

    untouched = fine(await bring_back(translator, now, file))
    assert set(outcomes(untouched).values()) == {("unchanged", None)}
    assert untouched["task"]["lead"]["status"] == "outdated"
    assert await revisions(newsroom, task) == [1]

    confirmed = translated(file, {"lead": task["lead"]["target"]})
    answer = fine(await bring_back(translator, untouched["task"], confirmed))
    assert outcomes(answer)["lead"] == ("taken", None)
    assert answer["task"]["lead"]["status"] == "current"
    assert sorted(await revisions(newsroom, task)) == [1, 2]


async def test_what_the_file_leaves_empty_or_out_stays_as_it_is(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_translated_task(commentary, "be")
    before = statuses(task)
    store = opened(await file_of(newsroom.translator_be, task))
    for unit in list(store.units):
        unit.target = "" if unit.getid() != "title" else "Экспарт падае"
        if unit.getid() == "lead":
            store.removeunit(unit)
    answer = fine(await bring_back(newsroom.translator_be, task, bytes(store)))
    assert outcomes(answer)["title"] == ("taken", None)
    assert {one for name, one in outcomes(answer).items() if name != "title"} == {("unchanged", None)}
    assert statuses(answer["task"]) == {**before, "title": ("current", "Экспарт падае")}


async def test_a_file_of_which_nothing_can_be_taken_is_refused_and_nothing_is_saved(
    newsroom: Newsroom,
) -> None:
    task, other = (
        await a_claimed_task(newsroom, lead="One.", blocks=[{"type": "quote", "text": "One."}]),
        None,
    )
    other = await a_claimed_task(newsroom, lead="Two.", blocks=[{"type": "quote", "text": "Two."}])
    translator = newsroom.translator_be
    file = translated(await file_of(translator, other), words_for(other))
    problem = refused(await bring_back(translator, task, file), 422, "nothing-was-taken")
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [
        ("/units/title", "source_changed"),
        ("/units/lead", "source_changed"),
        (f"/units/{other['blocks'][0]['id']}", "unknown_unit"),
    ]
    assert await translator.get(f"/v1/translation-tasks/{task['id']}") == task


async def test_words_that_could_not_be_saved_at_the_desk_cannot_be_saved_from_a_file(
    newsroom: Newsroom,
) -> None:
    task = await a_claimed_task(newsroom)
    words = {"title": "Ў" * 301, "lead": "Цэны."}
    file = translated(await file_of(newsroom.translator_be, task), words)
    answer = fine(await bring_back(newsroom.translator_be, task, file))
    assert outcomes(answer)["title"] == ("refused", "invalid")
    assert outcomes(answer)["lead"] == ("taken", None)
    assert answer["task"]["title"]["status"] == "missing"


def file_with(unit: str, *, source: str = "en", target: str = "be", more: str = "") -> bytes:
    """A file that somebody has written by hand."""
    return (
        f'{more}<xliff xmlns="{NAMESPACE}" version="2.0" srcLang="{source}" trgLang="{target}">'
        f'<file id="f">{unit}</file></xliff>'
    ).encode()


LEAD = (
    '<unit id="lead"><segment><source>Prices held, volumes did not.</source><target>Цэны.</target>'
    "</segment></unit>"
)
LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("file", "kind", "status", "code", "fault"),
    [
        (b"", XLIFF, 400, "malformed", None),
        (b"{}", XLIFF, 400, "malformed", None),
        (file_with(LEAD)[:-20], XLIFF, 400, "malformed", None),
        (file_with(LEAD.replace("Цэны", "Цэны\0")), XLIFF, 400, "malformed", None),
        (file_with(LEAD, more="<!DOCTYPE xliff>"), XLIFF, 400, "malformed", None),
        (
            file_with(LEAD.replace("Цэны", "&i;"), more=f'<!DOCTYPE xliff [<!ENTITY a "ha">{LAUGHS}]>'),
            XLIFF,
            400,
            "malformed",
            None,
        ),
        (
            file_with(
                LEAD.replace("Цэны", "&i;"), more='<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
            ),
            XLIFF,
            400,
            "malformed",
            None,
        ),
        (b"<a>" * 100_000, XLIFF, 400, "malformed", None),
        (file_with(LEAD), "application/json", 415, "wrong-type", None),
        (file_with(LEAD), "application/xml", 415, "wrong-type", None),
        (file_with(LEAD), "", 415, "wrong-type", None),
        (file_with(LEAD), f"{XLIFF}; charset=utf-16", 415, "wrong-type", None),
        (file_with(LEAD) + b" " * (4 * 1024 * 1024), XLIFF, 413, "too-large", None),
        (b"<html/>", XLIFF, 422, "invalid", "not_xliff"),
        (file_with(LEAD).replace(b":2.0", b":1.2"), XLIFF, 422, "invalid", "wrong_version"),
        (file_with(LEAD, target="ru"), XLIFF, 422, "invalid", "wrong_language"),
        (file_with(LEAD, source="be", target="en"), XLIFF, 422, "invalid", "wrong_language"),
        (file_with(LEAD + LEAD), XLIFF, 422, "invalid", "repeated_unit"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
async def test_bad_files_are_refused_and_the_saved_text_stays(
    newsroom: Newsroom,
    claimed: dict[str, Any],
    file: bytes,
    kind: str,
    status: int,
    code: str,
    fault: str | None,
) -> None:
    problem = refused(await bring_back(newsroom.translator_be, claimed, file, kind=kind), status, code)
    assert [one["code"] for one in problem.get("errors", ())] == ([] if fault is None else [fault])
    assert await newsroom.translator_be.get(f"/v1/translation-tasks/{claimed['id']}") == claimed


async def test_a_file_that_a_tool_has_written_anew_is_taken_by_its_words(newsroom: Newsroom) -> None:
    task = await a_claimed_task(newsroom)
    file = file_with(LEAD, source="en-GB", target="be-BY")
    answer = fine(await bring_back(newsroom.translator_be, task, file, kind=f"{XLIFF}; charset=UTF-8"))
    assert outcomes(answer) == {"lead": ("taken", None)}
    assert answer["task"]["lead"]["target"] == "Цэны."


async def test_more_comes_in_than_a_json_body_may_hold(newsroom: Newsroom) -> None:
    task = await a_claimed_task(newsroom)
    file = file_with(LEAD) + b" " * (3 * 1024 * 1024)
    assert fine(await bring_back(newsroom.translator_be, task, file))


async def test_faults_of_a_file_wait_for_what_comes_before_them(
    newsroom: Newsroom, claimed: dict[str, Any]
) -> None:
    bad = b"<html/>"
    refused(await bring_back(newsroom.translator_ru, claimed, bad), 404)
    refused(await bring_back(newsroom.other_translator_be, claimed, bad), 403)
    refused(await bring_back(newsroom.translator_be, claimed, bad, version=99), 412)
    refused(await bring_back(newsroom.translator_be, claimed, bad), 422)
