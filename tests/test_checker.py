"""The checker of `make chaos` is shown to catch what it is there for: forged histories, one lie in each."""

from typing import Any

import msgspec
import pytest

from chaos.checker import check
from chaos.evidence import Change, Edition, Entry, Evidence, Row
from chaos.history import Call, Told

ID, TASK_ID = "a-commentary", "a-task"
DOCUMENTED = {
    ("POST", "/v1/commentaries"): frozenset({201, 422, 503}),
    ("POST", "/v1/commentaries/{id}/transitions"): frozenset({200, 409, 503}),
    ("GET", "/v1/commentaries/{id}"): frozenset({200, 404}),
}


def change(table: str, operation: str = "update", key: str = ID, **after: Any) -> Change:
    """One row; `version` begins where it was one less."""
    version = after.get("version", 0)
    before = {"version": version - 1} if operation == "update" and version else None
    return Change(table=table, operation=operation, key={"id": key}, before=before, after=after)


def entry(action: str, request: str, *changes: Change, **more: Any) -> Entry:
    """One step of a commentary."""
    members = {"object_kind": "commentary", "object_id": ID, "actor_kind": "person", **more}
    return Entry(
        id=f"entry-{request}", at=1000.0, action=action, request=request, changes=list(changes), **members
    )


def call(name: str, action: str | None, at: float, version: int, state: str, **more: Any) -> Call:
    """One request that was answered as it should be."""
    route = "/v1/commentaries" if action == "create" else "/v1/commentaries/{id}"
    members: dict[str, Any] = {
        "intent": name, "writer": 1, "server": "one", "method": "POST" if action else "GET",
        "route": route if action in {"create", None} else f"{route}/transitions",
        "status": 201 if action == "create" else 200, "content_type": "application/json", "named": name,
        "told": [Told(kind="commentary", id=ID, version=version, state=state)], "body_hash": name,
    }  # fmt: skip
    return Call(name=name, action=action, began=at, ended=at + 0.5, **(members | more))


def truth() -> tuple[list[Call], Evidence]:
    """A commentary that was made, handed in and approved, with a task that was claimed; and all is true."""
    history = [
        call("made", "create", 1, 1, "draft"),
        call("handed-in", "submit", 2, 2, "in_review"),
        call("read", None, 3, 2, "in_review"),
        call("approved", "approve", 4, 3, "in_translation"),
    ]
    entries = [
        entry(
            "create", "made",
            change("commentary", "insert", version=1, state="draft"),
            change("edition", "insert"), change("revision", "insert"),
        ),
        entry("submit", "handed-in", change("commentary", version=2, state="in_review")),
        entry(
            "approve", "approved",
            change("approval", "insert"), change("edition"),
            change("translation_task", "insert", TASK_ID, version=1, state="open"),
            change("commentary", version=3, state="in_translation"),
        ),
        entry(
            "claim", "claimed",
            change("translation_task", key=TASK_ID, version=2, state="claimed", assignee_id="nasta"),
            object_kind="translation_task", object_id=TASK_ID,
        ),
    ]  # fmt: skip
    editions = [
        Edition(
            commentary=ID, language="en", status="live", slug="exports", live_revision=1, title="Exports",
            readers=[(200, "Exports"), (200, "Exports")],
        )
    ]  # fmt: skip
    evidence = Evidence(
        entries=entries,
        commentaries={ID: Row(version=3, state="in_translation")},
        tasks={TASK_ID: Row(version=2, state="claimed", holder="nasta")},
        editions=editions,
    )
    return history, evidence


def wrong(history: list[Call], evidence: Evidence) -> str:
    """What the checker says, in one piece."""
    return "\n".join(check(history, evidence, DOCUMENTED))


def test_a_true_history_is_believed() -> None:
    assert wrong(*truth()) == ""


def test_an_acknowledged_change_that_is_gone_is_found() -> None:
    history, evidence = truth()
    evidence.entries.pop(2)
    evidence.commentaries[ID] = Row(version=2, state="in_review")
    assert "lost: approve (approved)" in wrong(history, evidence)


def test_a_repeated_request_that_was_done_twice_is_found() -> None:
    history, evidence = truth()
    again = call("handed-in.1", "submit", 2.6, 2, "in_review", intent="handed-in", body_hash="handed-in")
    evidence.entries.append(
        entry("submit", "handed-in.1", change("commentary", version=4, state="in_review"))
    )
    assert "done 2 times: submit" in wrong([*history, again], evidence)


@pytest.mark.parametrize(
    "answered",
    [
        {
            "status": 503,
            "code": "database-away",
            "retry_after": "2",
            "content_type": "application/problem+json",
        },
        {"status": 409, "code": "not-in-this-state", "content_type": "application/problem+json"},
        {"status": None, "was_sent": False, "fault": "ConnectError"},
    ],
)
def test_what_was_refused_and_done_all_the_same_is_found(answered: dict[str, Any]) -> None:
    history, evidence = truth()
    history[1] = call("handed-in", "submit", 2, 2, "in_review", told=[], **answered)
    assert "done all the same: submit (handed-in)" in wrong(history, evidence)


@pytest.mark.parametrize(
    "answered",
    [
        {
            "status": 503,
            "code": "outcome-unknown",
            "retry_after": "2",
            "content_type": "application/problem+json",
        },
        {"status": None, "fault": "ReadError"},
    ],
)
@pytest.mark.parametrize("was_done", [True, False])
def test_what_nobody_promised_may_be_there_or_not(answered: dict[str, Any], was_done: bool) -> None:
    history, evidence = truth()
    history[3] = call("approved", "approve", 4, 3, "in_translation", told=[], **answered)
    if not was_done:
        del evidence.entries[2:]
        evidence.commentaries[ID], evidence.tasks = Row(version=2, state="in_review"), {}
    assert wrong(history, evidence) == ""


def test_half_a_change_is_found() -> None:
    history, evidence = truth()
    whole = evidence.entries[2]
    evidence.entries[2] = msgspec.structs.replace(
        whole, changes=[c for c in whole.changes if c.table != "approval"]
    )
    assert "by half: approve (approved) lacks insert of approval" in wrong(history, evidence)


def test_a_step_that_no_machine_has_is_found() -> None:
    history, evidence = truth()
    evidence.entries[1] = entry("submit", "handed-in", change("commentary", version=2, state="published"))
    assert "submit led from draft to published" in wrong(history, evidence)


def test_a_version_that_two_steps_began_from_is_found() -> None:
    history, evidence = truth()
    evidence.entries.append(entry("recall", "elsewhere", change("commentary", version=3, state="draft")))
    assert "began at version 2, after 3" in wrong(history, evidence)


def test_a_row_that_the_trail_does_not_explain_is_found() -> None:
    history, evidence = truth()
    evidence.commentaries[ID] = Row(version=4, state="published")
    evidence.commentaries["another"] = Row(version=1, state="draft")
    said = wrong(history, evidence)
    assert "is published at 4, and its trail ends with in_translation at 3" in said
    assert "commentary another is not in the trail" in said


def test_an_answer_that_was_not_true_is_found() -> None:
    history, evidence = truth()
    history[2] = call("read", None, 3, 2, "published")
    history.append(call("read-more", None, 5, 9, "draft"))
    said = wrong(history, evidence)
    assert "said published at 2" in said
    assert "there was no such version" in said


def test_a_read_of_what_was_known_to_be_older_is_found() -> None:
    history, evidence = truth()
    history.append(call("late", None, 6, 1, "draft"))
    assert "when version 3 had been seen before it was asked" in wrong(history, evidence)


def test_a_second_holder_is_found() -> None:
    history, evidence = truth()
    evidence.entries.append(
        entry(
            "save", "stolen", change("translation_task", key=TASK_ID, version=3, assignee_id="janka"),
            change("revision", "insert"), object_kind="translation_task", object_id=TASK_ID,
        )
    )  # fmt: skip
    evidence.tasks[TASK_ID] = Row(version=3, state="claimed", holder="janka")
    assert "save took it from one holder to another" in wrong(history, evidence)


def test_two_live_editions_are_found() -> None:
    history, evidence = truth()
    evidence.editions.append(evidence.editions[0])
    said = wrong(history, evidence)
    assert "2 editions are live at en/exports" in said
    assert f"2 editions of {ID} are live in en" in said


def test_a_reader_who_gets_something_else_is_found() -> None:
    history, evidence = truth()
    evidence.editions[0] = msgspec.structs.replace(
        evidence.editions[0], readers=[(200, "Older"), (404, None)]
    )
    said = wrong(history, evidence)
    assert "a reader got 200 Older" in said
    assert "a reader got 404" in said


def test_a_schedule_that_was_early_or_forgotten_is_found() -> None:
    history, evidence = truth()
    evidence.editions[0] = msgspec.structs.replace(evidence.editions[0], is_overdue=True)
    early = Change(
        table="edition", operation="update", key={"commentary_id": ID},
        before={"scheduled_for": "1970-01-01T01:00:00+00:00"}, after={"scheduled_for": None},
    )  # fmt: skip
    evidence.entries.append(
        entry("publish", "by-itself", early, change("publication", "insert"), actor_kind="system")
    )
    said = wrong(history, evidence)
    assert "scheduled for a moment that is past" in said
    assert "2600.000 s early" in said


@pytest.mark.parametrize(
    ("answered", "found"),
    [
        (
            {"status": 500, "content_type": "application/problem+json"},
            "500 , which the document does not name",
        ),
        (
            {"status": 503, "content_type": "text/plain", "retry_after": "2"},
            "as text/plain, not as a problem",
        ),
        ({"status": 503, "content_type": "application/problem+json"}, "without Retry-After"),
        ({"named": "another"}, "under the name another"),
    ],
)
def test_an_answer_outside_of_the_contract_is_found(answered: dict[str, Any], found: str) -> None:
    history, evidence = truth()
    history.append(call("odd", "submit", 7, 3, "in_translation", told=[], **answered))
    assert found in wrong(history, evidence)


def test_a_trail_that_does_not_verify_is_found() -> None:
    history, evidence = truth()
    evidence.verification = "a leaf is missing"
    assert "the trail does not verify: a leaf is missing" in wrong(history, evidence)
