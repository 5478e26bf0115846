"""The document against the last release's: which changes break a client is told by hand here."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from compatibility import Json, breaks

OPENAPI = Path(__file__).parents[2] / "openapi"
PRESENT: Json = msgspec.yaml.decode((OPENAPI / "editorial.yaml").read_bytes())
MOVE = ("paths", "/v1/commentaries/{id}/transitions", "post")
LIST = ("paths", "/v1/commentaries", "get")


def at(document: Json, *parts: str) -> Any:
    """A part of a document."""
    found: Any = document
    for part in parts:
        found = found[part]
    return found


def schema(document: Json, name: str) -> Json:
    """A schema by its name."""
    found: Json = document["components"]["schemas"][name]
    return found


def test_the_present_document_breaks_nothing_of_the_last_release() -> None:
    released = OPENAPI / "released.yaml"
    if not released.exists():
        pytest.skip("there was no release yet; `make released` keeps the document of one")
    assert breaks(msgspec.yaml.decode(released.read_bytes()), PRESENT) == []


def test_a_document_does_not_break_itself() -> None:
    assert breaks(PRESENT, deepcopy(PRESENT)) == []


@pytest.mark.parametrize(
    ("told", "change"),
    [
        ("/transitions is gone.", lambda one: at(one, *MOVE[:-1]).pop("post")),
        (
            "is called texts, and was list_commentaries.",
            lambda one: at(one, *LIST).update(operationId="texts"),
        ),
        ("does not know the parameter", lambda one: at(one, *LIST)["parameters"].pop()),
        (
            "needs the parameter since.",
            lambda one: at(one, *LIST)["parameters"].append(
                {"name": "since", "in": "query", "required": True, "schema": {"type": "string"}}
            ),
        ),
        (
            "body/trend has become required.",
            lambda one: schema(one, "CreateCommentary")["required"].append("trend"),
        ),
        ("body/trend is gone.", lambda one: schema(one, "CreateCommentary")["properties"].pop("trend")),
        (
            "body/title has another bound: maxLength 300 against 30.",
            lambda one: schema(one, "CreateCommentary")["properties"]["title"].update(maxLength=30),
        ),
        (
            "recall is not taken any more.",
            lambda one: schema(one, "CommentaryTransition")["discriminator"]["mapping"].pop("recall"),
        ),
        ("/version is gone.", lambda one: schema(one, "Commentary")["properties"].pop("version")),
        ("/version may be absent.", lambda one: schema(one, "Commentary")["required"].remove("version")),
        (
            "/week gives also null.",
            lambda one: schema(one, "Commentary")["properties"]["week"].update(type=["string", "null"]),
        ),
        (
            "gives also: frozen.",
            lambda one: schema(one, "CommentaryState")["enum"].append("frozen"),
        ),
        (
            "does not send ETag with 200",
            lambda one: at(one, *MOVE, "responses", "200")["headers"].pop("ETag"),
        ),
        (
            "GET /v1/published/{language} needs signing in.",
            lambda one: at(one, "paths", "/v1/published/{language}", "get").update(security=[{"bearer": []}]),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_that_breaks_is_named(told: str, change: Callable[[Json], Any]) -> None:
    later = deepcopy(PRESENT)
    change(later)
    found = breaks(PRESENT, later)
    assert any(told in one for one in found), found
    later["info"]["version"] = "9.0.0"
    assert breaks(PRESENT, later) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda one: at(one, "paths").update({"/v1/new": {"get": {}}}),
        lambda one: at(one, *LIST)["parameters"].append(
            {"name": "since", "in": "query", "schema": {"type": "string"}}
        ),
        lambda one: schema(one, "CreateCommentary")["properties"].update(note={"type": "string"}),
        lambda one: schema(one, "CreateCommentary")["properties"]["title"].update(maxLength=3_000),
        lambda one: schema(one, "CreateCommentary")["required"].remove("week"),
        lambda one: schema(one, "Commentary")["properties"].update(note_of_hers={"type": "string"}),
        lambda one: at(one, *LIST).update(summary="List them", description="All."),
    ],
    ids=["a path", "a parameter", "a member to send", "a bound", "a need less", "a member to get", "words"],
)
def test_a_change_that_adds_breaks_nothing(change: Callable[[Json], Any]) -> None:
    later = deepcopy(PRESENT)
    change(later)
    assert breaks(PRESENT, later) == []
