"""What is said of a value that is not good: every fault at once, in words, each with its place."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from editorial.core.permissions import Role
from editorial.locales import render
from editorial.web.bodies import validate
from editorial.web.validation import Said, fault_of_text, faults_of

Key = Annotated[str, Meta(pattern="^[a-z]+$", max_length=9, examples=["security"])]


class Inner(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    key: Key
    at: Annotated[datetime, Meta(tz=True)] | None = None


class Outer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    place: Annotated[int, Meta(ge=1, le=1_000)] | UnsetType = UNSET
    role: Role | None = None
    person: UUID | UnsetType = UNSET
    closed: bool = False
    parts: Annotated[list[Inner], Meta(min_length=1, max_length=2)] = msgspec.field(default_factory=list)
    words: dict[Key, Annotated[str, Meta(max_length=3)]] = msgspec.field(default_factory=dict)


A_ROLE = "Expected: one of `analyst`, `coordinator`, `translator`, `administrator` or `null`."


@pytest.mark.parametrize(
    ("member", "value", "detail", "code"),
    [
        ("title", "", "Expected: a text of 1 to 300 characters.", "length"),
        ("title", "a" * 301, "Expected: a text of 1 to 300 characters.", "length"),
        ("title", None, "Expected: a text of 1 to 300 characters.", "type"),
        ("title", 5, "Expected: a text of 1 to 300 characters.", "type"),
        ("place", 0, "Expected: a whole number from 1 to 1000.", "range"),
        ("place", 1.0, "Expected: a whole number from 1 to 1000.", "type"),
        ("place", True, "Expected: a whole number from 1 to 1000.", "type"),
        ("place", 10**25, "Expected: a whole number from 1 to 1000.", "range"),
        ("place", "3", "Expected: a whole number from 1 to 1000.", "type"),
        (
            "role",
            "boss",
            "Expected: one of `analyst`, `coordinator`, `translator`, `administrator` or `null`.",
            "choice",
        ),
        (
            "role",
            1,
            "Expected: one of `analyst`, `coordinator`, `translator`, `administrator` or `null`.",
            "type",
        ),
        ("person", "me", "Expected: a UUID.", "form"),
        ("closed", "yes", "Expected: `true` or `false`.", "type"),
        ("parts", [], "Expected: a list of 1 to 2 items.", "length"),
        ("parts", {}, "Expected: a list of 1 to 2 items.", "type"),
        ("words", 7, "Expected: an object.", "type"),
    ],
)
def test_a_fault_is_told_in_words(member: str, value: Any, detail: str, code: str) -> None:
    found = faults_of({"title": "Good", member: value}, Outer)
    assert [(one.pointer, render(one.detail, "en"), one.code) for one in found] == [
        (f"/{member}", detail, code)
    ]


def test_a_list_that_is_too_long_and_has_bad_items_has_all_these_faults() -> None:
    found = faults_of({"title": "Good", "parts": [{"key": "A"}, {}, {"key": "b", "x": 1}]}, Outer)
    assert [(one.pointer, one.code) for one in found] == [
        ("/parts", "length"),
        ("/parts/0/key", "form"),
        ("/parts/1/key", "missing"),
        ("/parts/2/x", "unknown"),
    ]
    assert render(found[1].detail, "en") == (
        "Expected: a text of at most 9 characters, in the right form. Example: `security`."
    )


def test_a_naive_instant_and_the_keys_of_an_object_are_judged_too() -> None:
    body = {"title": "Good", "parts": [{"key": "a", "at": "2024-07-25T12:00:00"}], "words": {"A/B": "long"}}
    found = faults_of(body, Outer)
    assert [(one.pointer, one.code) for one in found] == [
        ("/parts/0/at", "form"),
        ("/words/A~1B", "form"),
        ("/words/A~1B", "length"),
    ]
    assert render(found[0].detail, "en").startswith(
        "Expected: a time with its offset from UTC (RFC 3339) or `null`. Example: "
    )


def test_a_text_that_cannot_be_kept_and_other_faults_come_together() -> None:
    found = validate({"title": "a\0b", "place": 0}, Outer).invalid().faults
    assert [(one.pointer, one.code) for one in found] == [("/title", "character"), ("/place", "range")]


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("7", Annotated[int, Meta(ge=1, le=100)], None),
        ("0", Annotated[int, Meta(ge=1, le=100)], "range"),
        ("1.5", Annotated[int, Meta(ge=1, le=100)], "type"),
        ("analyst", Role | None, None),
        ("boss", Role | None, "choice"),
        ("null", Role | None, "choice"),
        ("null", int | None, "type"),
        ("null", str | None, None),
        ("true", bool, None),
        ("perhaps", bool, "type"),
        ("2024-07-22T10:00:00Z", datetime | None, None),
        ("0.5", datetime | None, "form"),
        ("1721642400", Annotated[datetime, Meta(tz=True)] | None, "type"),
    ],
)
def test_a_parameter_says_in_letters_what_it_means(text: str, kind: Any, code: str | None) -> None:
    found = fault_of_text(text, Said.by(kind), "/query/x")
    assert (found.code if found else None) == code
