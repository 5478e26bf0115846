"""Every field of every body has an upper bound, and what goes beyond it is refused at its place."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from described import APP, DOCUMENT
from editorial.web import validate
from newsroom import Newsroom, refused

SCHEMAS = DOCUMENT["components"]["schemas"]
HANDLERS = {
    handler.operation_id: handler
    for route in APP.routes
    for handler, _ in getattr(route, "route_handler_map", {}).values()
}
BOUNDED_FORMS = {"uuid", "date", "date-time"}
"""Texts whose form says how long they are."""


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the one that it refers to."""
    if "$ref" in schema:
        return resolved(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    return schema


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation that takes JSON: its address, its name, and what it takes."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                media = content["application/json"]
                yield f"{method.upper()} {path}", operation["operationId"], media


def places(schema: dict[str, Any], pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, with the place of what it describes."""
    schema = resolved(schema)
    yield pointer, schema
    for key in ("oneOf", "anyOf"):
        for one in schema.get(key, ()):
            yield from places(one, pointer)
    for name, one in schema.get("properties", {}).items():
        yield from places(one, f"{pointer}/{name}")
    for key, part in (("items", "0"), ("additionalProperties", "key"), ("propertyNames", "name")):
        if isinstance(schema.get(key), dict):
            yield from places(schema[key], f"{pointer}/{part}")


def kinds_of(schema: dict[str, Any]) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def is_bounded_text(schema: dict[str, Any]) -> bool:
    """Whether a text has a longest length: as such, by its form, or by a pattern without free repetition."""
    pattern = schema.get("pattern")
    is_finite = pattern is not None and not re.search(r"[*+]|,\}", re.sub(r"\[[^]]*\]", "x", pattern))
    return "maxLength" in schema or schema.get("format") in BOUNDED_FORMS or is_finite


def is_bounded(schema: dict[str, Any]) -> bool:
    """Whether what a schema describes has an upper bound."""
    if "enum" in schema or "const" in schema:
        return True
    kinds = kinds_of(schema)
    if "string" in kinds and not is_bounded_text(schema):
        return False
    if "array" in kinds and "maxItems" not in schema:
        return False
    if kinds & {"integer", "number"} and not {"maximum", "exclusiveMaximum"} & schema.keys():
        return False
    is_map = "object" in kinds and isinstance(schema.get("additionalProperties"), dict)
    return not is_map or "maxProperties" in schema


BODIES = list(bodies())
each_body = pytest.mark.parametrize(("address", "name", "media"), BODIES, ids=[name for _, name, _ in BODIES])


@each_body
def test_each_text_list_and_number_has_an_upper_bound(address: str, name: str, media: dict[str, Any]) -> None:
    found = dict(places(media["schema"]))
    assert found
    assert [pointer for pointer, one in places(media["schema"]) if not is_bounded(one)] == []


def beyond(schema: dict[str, Any]) -> Any:
    """Something beyond the bound of a schema, where it has one that a value can exceed."""
    kinds = kinds_of(schema)
    if "enum" in schema or "const" in schema:
        return "x" * 1_000
    if "string" in kinds:
        return "x" * (schema.get("maxLength", 1_000) + 1)
    if "array" in kinds:
        return ["x"] * (schema["maxItems"] + 1)
    if kinds & {"integer", "number"}:
        return schema["maximum" if "maximum" in schema else "exclusiveMaximum"] + 1
    if "object" in kinds and "maxProperties" in schema:
        return {f"{number:0>8}": "x" for number in range(schema["maxProperties"] + 1)}
    return None


def excessive(schema: dict[str, Any], example: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The example with one member after another beyond its bound, and where that is."""
    schema = resolved(schema)
    options = [resolved(one) for one in schema.get("oneOf", [schema])]
    tag = schema.get("discriminator", {}).get("propertyName")
    for option in options:
        base = copy.deepcopy(example)
        if tag is not None:
            said = option["properties"][tag]["const"]
            base = base if base.get(tag) == said else {tag: said}
        for member, one in option.get("properties", {}).items():
            too_much = None if member == tag else beyond(resolved(one))
            if too_much is not None:
                yield f"/{member}", {**base, member: too_much}


@each_body
def test_what_goes_beyond_is_a_fault_at_its_place(address: str, name: str, media: dict[str, Any]) -> None:
    expected = HANDLERS[name].opt["takes"]
    for pointer, body in excessive(media["schema"], media["example"]):
        found = [one.pointer for one in validate(body, expected).invalid().faults]
        assert any(one == pointer or one.startswith(f"{pointer}/") for one in found), (pointer, found)


@pytest.mark.parametrize(
    ("address", "name", "media"),
    [one for one in BODIES if "{" not in one[0]],
    ids=[name for address, name, _ in BODIES if "{" not in address],
)
async def test_what_goes_beyond_is_refused_over_http(
    newsroom: Newsroom, address: str, name: str, media: dict[str, Any]
) -> None:
    method, _, path = address.partition(" ")
    people = [newsroom.analyst, newsroom.coordinator, newsroom.translator_be, newsroom.administrator]
    for pointer, body in excessive(media["schema"], media["example"]):
        answers = [await person.call(method, path, body) for person in people]
        judged = [answer for answer in answers if answer.status_code not in {403, 404}]
        assert judged, pointer
        for answer in judged:
            found = [one["pointer"] for one in refused(answer, 422, "invalid")["errors"]]
            assert any(one == pointer or one.startswith(f"{pointer}/") for one in found), (pointer, found)
