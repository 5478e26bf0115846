"""PATCH is a merge patch (RFC 7396) at every depth: what is absent stays, null takes away."""

from typing import Any

import pytest

from described import DOCUMENT
from newsroom import Newsroom, fine, refused

PHOTO = {
    "url": "https://photos.example.org/1.jpg",
    "credit": "A. B.",
    "alt": "A port.",
    "caption": "Grain.",
    "licence": "CC BY 4.0",
}
SCHEMAS = DOCUMENT["components"]["schemas"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"caption": "Barley."},
        {"alt": None},
        {"caption": None, "licence": None},
        {"credit": "C. D.", "alt": "A ship."},
        {"url": "https://photos.example.org/2.jpg"},
    ],
)
async def test_a_photo_keeps_what_a_patch_does_not_name(newsroom: Newsroom, change: dict[str, Any]) -> None:
    draft = await newsroom.a_draft(photo=PHOTO)
    edited = await newsroom.analyst.edit(draft, photo=change)
    assert edited["photo"] == {**PHOTO, **change}
    for other in ("title", "lead", "blocks"):
        assert edited["text"][other] == draft["text"][other]
    again = await newsroom.analyst.edit(edited, photo=change)
    assert again["version"] == edited["version"]


async def test_a_photo_is_taken_away_and_a_new_one_needs_what_a_photo_needs(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft(photo=PHOTO)
    path = f"/v1/commentaries/{draft['id']}"
    for change, pointer in (({"credit": None}, "/photo/credit"), ({"url": None}, "/photo/url")):
        answer = await newsroom.analyst.call("PATCH", path, {"photo": change}, version=draft["version"])
        assert [one["pointer"] for one in refused(answer, 422)["errors"]] == [pointer]
    without = await newsroom.analyst.edit(draft, photo=None)
    assert without["photo"] is None
    answer = await newsroom.analyst.call("PATCH", path, {"photo": {"alt": "x"}}, version=without["version"])
    assert {one["pointer"] for one in refused(answer, 422)["errors"]} == {"/photo/url", "/photo/credit"}
    added = await newsroom.analyst.edit(without, photo={"url": PHOTO["url"], "credit": "A. B."})
    assert added["photo"] == {**dict.fromkeys(PHOTO), "url": PHOTO["url"], "credit": "A. B."}


async def test_blocks_are_changed_one_by_one_by_their_ids(newsroom: Newsroom) -> None:
    figure = {
        "type": "figure",
        "id": "f",
        "url": PHOTO["url"],
        "credit": "A. B.",
        "alt": "A map.",
        "text": "Grain.",
    }
    blocks: list[dict[str, Any]] = [
        {"type": "paragraph", "id": "p", "text": "One."},
        {"type": "heading", "id": "h", "text": "Two."},
        {"type": "list", "id": "l", "items": ["a", "b"], "ordered": True},
        {**figure, "licence": "CC0"},
    ]
    draft = await newsroom.a_draft(blocks=blocks)
    change = {
        "p": {"text": "One more. "},
        "h": None,
        "l": {"items": ["c"]},
        "f": {"licence": None, "alt": "B"},
    }
    edited = await newsroom.analyst.edit(draft, blocks=change)
    assert edited["text"]["blocks"] == [
        {"type": "paragraph", "id": "p", "text": "One more. "},
        {"type": "list", "id": "l", "items": ["c"], "ordered": True},
        {**figure, "licence": None, "alt": "B"},
    ]
    path = f"/v1/commentaries/{draft['id']}"
    for body, pointers in (
        ({"h": {"text": "x"}}, {"/blocks/h"}),
        ({"p": {"url": PHOTO["url"]}}, {"/blocks/p/url"}),
        ({"p": {"text": None}}, {"/blocks/p/text"}),
        ({"p": {"text": "[x](javascript:alert(1))"}}, {"/blocks/p/text"}),
        ({"title": {"text": "x"}}, {"/blocks/title"}),
    ):
        answer = await newsroom.analyst.call("PATCH", path, {"blocks": body}, version=edited["version"])
        assert {one["pointer"] for one in refused(answer, 422)["errors"]} == pointers
    turned = await newsroom.analyst.edit(edited, blocks={"p": {"type": "quote"}})
    assert turned["text"]["blocks"][0] == {"type": "quote", "id": "p", "text": "One more. "}


async def test_a_section_keeps_the_names_that_a_patch_does_not_name(newsroom: Newsroom) -> None:
    key = "merged-labels"
    labels = {"be": "Культура", "ru": "Культура", "en": "Culture"}
    section = {"key": key, "labels": labels, "position": 50}
    added = fine(await newsroom.coordinator.call("POST", "/v1/sections", section))
    path = f"/v1/sections/{key}"
    body: dict[str, Any] = {"labels": {"en": "The arts"}}
    changed = fine(await newsroom.coordinator.call("PATCH", path, body, version=added["version"]))
    assert changed["labels"] == {**labels, "en": "The arts"}
    body = {"labels": {"be": None}}
    answer = await newsroom.coordinator.call("PATCH", path, body, version=changed["version"])
    assert [one["pointer"] for one in refused(answer, 422)["errors"]] == ["/labels/be"]


def objects_in(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects with named members that a member can be."""
    if "$ref" in schema:
        return objects_in(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    found = [one for key in ("anyOf", "oneOf") for part in schema.get(key, []) for one in objects_in(part)]
    return [schema] if "properties" in schema else found


def test_no_object_within_a_patch_asks_for_all_of_its_members() -> None:
    """Else what is absent could not stay."""
    asking = [
        f"{operation['operationId']}: {name}"
        for methods in DOCUMENT["paths"].values()
        for method, operation in methods.items()
        if method == "patch"
        for one in objects_in(operation["requestBody"]["content"]["application/json"]["schema"])
        for name, member in one["properties"].items()
        for inner in objects_in(member)
        if inner.get("required")
    ]
    assert asking == []
