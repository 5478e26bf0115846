"""Numbers, weeks and instants at both ends of what there is, and beyond: taken and shown, or refused."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from described import DOCUMENT
from editorial.core import calendar
from newsroom import TEXT, Newsroom, fine, refused

SCHEMAS = DOCUMENT["components"]["schemas"]
LAST = datetime.now(UTC).year + 50
WEEKS = {
    "1990-W01": True,
    f"{LAST}-W52": True,
    "2020-W53": True,
    "1989-W52": False,
    f"{LAST + 1}-W01": False,
    "2024-W53": False,
    "0000-W01": False,
    "0001-W01": False,
    "9999-W52": False,
    "2024-W00": False,
    "२०२४-W30": False,
    "2024-W30\n": None,
}
"""Each with whether it is a coverage week. None: it is one where its line end is taken off."""
INSTANTS = {
    "1990-01-01T00:00:00Z": True,
    f"{LAST}-12-31T23:59:59.999999Z": True,
    "1989-12-31T23:59:59Z": False,
    f"{LAST + 1}-01-01T00:00:00Z": False,
    "0001-01-01T00:00:00Z": False,
    "0001-01-01T00:00:00+14:00": False,
    "9999-12-31T23:59:59.999999Z": False,
    "9999-12-31T23:59:59.999999-12:00": False,
    "2024-07-25T12:00:00": False,
}
NUMBERS = [-(2**63) - 1, -(2**31) - 1, -1, 0, 2**31, 2**63, 10**30]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return resolved(SCHEMAS[schema["$ref"].rpartition("/")[2]]) if "$ref" in schema else schema


def values_of(name: str, schema: dict[str, Any]) -> list[Any]:
    """What a place takes to its limits, and beyond."""
    kinds = schema.get("type", [])
    if "integer" in ([kinds] if isinstance(kinds, str) else kinds):
        ends = [schema[key] for key in ("minimum", "maximum") if key in schema]
        return [*NUMBERS, *(end + step for end in ends for step in (-1, 0, 1))]
    if schema.get("format") in {"date-time", "date"}:
        return list(INSTANTS)
    return list(WEEKS) if name == "week" else []


def members_of(schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Every member of every object that a body can be: what else the body has, its name, its schema."""
    for option in resolved(schema).get("oneOf", [schema]):
        properties = resolved(option).get("properties", {})
        base = {name: one["const"] for name, one in properties.items() if "const" in one}
        for name, one in properties.items():
            for kind in one.get("anyOf", [one]):
                yield base, name, resolved(kind)


def requests(filled: dict[str, str]) -> Iterator[tuple[str, str, Any, bool]]:
    """Every operation with each of its numbers, weeks and instants at its ends.

    Method, address, body, and whether it takes the version of what it changes.
    """
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            address = path
            for name, value in filled.items():
                address = address.replace(f"{{{name}}}", value)
            media = operation.get("requestBody", {}).get("content", {}).get("application/json")
            example = None if media is None else media["example"]
            is_versioned = any(one["name"] == "If-Match" for one in operation.get("parameters", []))
            for one in operation.get("parameters", []):
                for value in values_of(one["name"], resolved(one["schema"])):
                    if one["in"] == "query":
                        yield (
                            method.upper(),
                            f"{address}?{one['name']}={quote(str(value))}",
                            example,
                            is_versioned,
                        )
                    elif one["in"] == "path":
                        put = path.replace(f"{{{one['name']}}}", quote(str(value)))
                        for name, other in filled.items():
                            put = put.replace(f"{{{name}}}", other)
                        yield method.upper(), put, example, is_versioned
            if media is None:
                continue
            for base, name, schema in members_of(media["schema"]):
                for value in values_of(name, schema):
                    whole = media["example"] if base.items() <= media["example"].items() else base
                    yield method.upper(), address, {**copy.deepcopy(whole), name: value}, is_versioned


async def reads(newsroom: Newsroom, filled: dict[str, str]) -> None:
    """Every read of the document, as everybody, and none of them fails."""
    for path, methods in DOCUMENT["paths"].items():
        address = path
        for name, value in filled.items():
            address = address.replace(f"{{{name}}}", value)
        if "get" in methods and "{" not in address:
            for person in newsroom.people.values():
                answer = await person.call("GET", address)
                assert answer.status_code < 500, f"{person.name}: GET {address}: {answer.text}"


async def test_nothing_at_the_ends_of_its_range_or_beyond_is_a_bug(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(commentary, "be")
    published = await newsroom.a_published_commentary()
    slug = next(one["slug"] for one in published["editions"] if one["is_source"])
    for of_task in (False, True):
        filled = {"language": "en", "week": "2024-W30", "slug": slug, "key": "economy", "n": "1"}
        filled["id"] = task["id"] if of_task else commentary["id"]
        sent = 0
        for method, address, body, is_versioned in requests(filled):
            if ("/translation-tasks/" in address) is not of_task or "/auth/" in address:
                continue
            person = newsroom.coordinator if method != "POST" or of_task else newsroom.analyst
            tag = ""
            if is_versioned:
                now = await person.call("GET", address.partition("?")[0].removesuffix("/transitions"))
                tag = now.headers.get("ETag", "").strip('"')
            answer = await person.call(method, address, body, version=int(tag) if tag.isdecimal() else None)
            assert answer.status_code < 500, f"{method} {address} {body}: {answer.text}"
            sent += 1
        assert sent > 20
    await reads(newsroom, {"language": "en", "week": "2024-W30", "slug": slug, "id": commentary["id"]})
    await reads(newsroom, {"language": "be", "id": task["id"]})


@pytest.mark.parametrize(("week", "is_one"), WEEKS.items())
async def test_a_week_is_one_in_every_path_query_and_body_or_in_none(
    newsroom: Newsroom, week: str, is_one: bool | None
) -> None:
    addressed = week.replace("\n", "%0A")
    for path in (f"/v1/published/be/{addressed}", f"/v1/weeks/{addressed}"):
        answer = await newsroom.coordinator.call("GET", path)
        if is_one is not None:
            assert answer.status_code == (200 if is_one else 404), path
        else:
            assert answer.status_code in {400, 404}
    for path in ("/v1/published/be", "/v1/commentaries", "/v1/translation-tasks", "/v1/trail"):
        answer = await newsroom.coordinator.call("GET", f"{path}?week={addressed}")
        if is_one is False:
            assert [one["pointer"] for one in refused(answer, 422, "invalid")["errors"]] == ["/query/week"]
        else:
            assert answer.status_code == 200
    created = await newsroom.analyst.call("POST", "/v1/commentaries", {**TEXT, "week": week})
    draft = await newsroom.a_draft()
    changed = await newsroom.analyst.call(
        "PATCH", f"/v1/commentaries/{draft['id']}", {"week": week}, version=draft["version"]
    )
    if is_one is False:
        for answer in (created, changed):
            assert [one["pointer"] for one in refused(answer, 422, "invalid")["errors"]] == ["/week"]
    else:
        assert fine(created)["week"] == fine(changed)["week"] == week.strip()


@pytest.mark.parametrize(("instant", "is_one"), INSTANTS.items())
async def test_an_instant_has_an_offset_and_a_sensible_year(
    newsroom: Newsroom, instant: str, is_one: bool
) -> None:
    assert (calendar.broken_instant(instant) is None) is is_one
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.task(commentary, "be")
    answer = await newsroom.coordinator.call(
        "PATCH", f"/v1/translation-tasks/{task['id']}", {"due_at": instant}, version=task["version"]
    )
    if is_one:
        fine(answer)
        fine(await newsroom.coordinator.call("GET", "/v1/weeks/2024-W30"))
        fine(await newsroom.translator_be.call("GET", "/v1/translation-tasks"))
    else:
        assert [one["pointer"] for one in refused(answer, 422, "invalid")["errors"]] == ["/due_at"]
    for name in ("since", "until"):
        found = await newsroom.coordinator.call("GET", f"/v1/trail?{name}={instant.replace('+', '%2B')}")
        assert found.status_code == (200 if is_one else 422)
