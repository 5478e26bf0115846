"""`decide()` and `verdicts()` without a database: state × action × person, and the order of refusals.

The answers are written by hand. What is not in a table is `403` for that person in every state.
`tests/test_state_machines.py` holds the same machines over HTTP.
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from editorial.core.checks import Check, PublicationWarning
from editorial.core.decisions import NO_VERSION, decide, verdicts
from editorial.core.permissions import Actor, ActorKind, Role
from editorial.core.refusals import Refusal
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.subjects import BlockingWarning, Commentary, Task
from editorial.locales import Message

VERSION = 7

# Abbreviations of the tables below: `yes` the action is allowed; `403` it belongs to others; `eyes` the person wrote
# the text, so another must decide; `409` it starts from another state; `late` another translator has the task.
CODES = {
    "403": "forbidden",
    "409": "not-in-this-state",
    "late": "already-claimed",
}

COMMENTARY = """
action            person       draft in_review in_translation ready published retracted discarded
edit              author       yes   409       409            409   409       409       409
edit              contributor  yes   409       409            409   409       409       409
submit            author       yes   409       409            409   409       409       409
submit            contributor  yes   409       409            409   409       409       409
recall            author       409   yes       409            409   409       409       409
request_changes   coordinator  409   yes       409            409   409       409       409
request_changes   cowriter     eyes  eyes      eyes           eyes  eyes      eyes      eyes
approve           coordinator  409   yes       409            409   409       409       409
approve           cowriter     eyes  eyes      eyes           eyes  eyes      eyes      eyes
reopen            coordinator  409   409       yes            yes   409       409       409
reopen            cowriter     409   409       yes            yes   409       409       409
publish           coordinator  409   409       yes            yes   yes       409       409
publish           cowriter     409   409       yes            yes   yes       409       409
schedule          coordinator  409   409       yes            yes   yes       409       409
schedule          cowriter     409   409       yes            yes   yes       409       409
unschedule        coordinator  409   409       yes            yes   yes       409       409
unschedule        cowriter     409   409       yes            yes   yes       409       409
revise            author       409   409       409            409   yes       yes       409
revise            coordinator  409   409       409            409   yes       yes       409
revise            cowriter     409   409       409            409   yes       yes       409
retract           coordinator  yes   yes       yes            yes   yes       yes       409
retract           cowriter     yes   yes       yes            yes   yes       yes       409
change_slug       coordinator  yes   yes       yes            yes   yes       yes       409
change_slug       cowriter     yes   yes       yes            yes   yes       yes       409
discard           author       yes   409       409            409   409       409       409
discard           coordinator  yes   409       409            409   409       409       409
discard           cowriter     yes   409       409            409   409       409       409
restore           author       409   409       409            409   409       409       yes
restore           coordinator  409   409       409            409   409       409       yes
restore           cowriter     409   409       409            409   409       409       yes
name_contributors coordinator  yes   yes       yes            yes   yes       yes       409
name_contributors cowriter     yes   yes       yes            yes   yes       yes       409
change_section    author       yes   403       403            403   403       403       403
change_section    coordinator  yes   yes       yes            yes   yes       yes       409
change_section    cowriter     yes   yes       yes            yes   yes       yes       409
change_week       author       yes   403       403            403   403       403       403
change_week       coordinator  yes   yes       yes            yes   yes       yes       409
change_week       cowriter     yes   yes       yes            yes   yes       yes       409
change_byline     author       yes   403       403            403   403       403       403
change_byline     coordinator  yes   yes       yes            yes   yes       yes       409
change_byline     cowriter     yes   yes       yes            yes   yes       yes       409
add_language      author       yes   403       403            403   403       403       403
add_language      coordinator  yes   yes       yes            yes   yes       yes       409
add_language      cowriter     yes   yes       yes            yes   yes       yes       409
drop_language     author       yes   403       403            403   403       403       403
drop_language     coordinator  yes   yes       yes            yes   yes       yes       409
drop_language     cowriter     yes   yes       yes            yes   yes       yes       409
"""

TASK = """
action          person        open claimed submitted accepted cancelled
claim           translator    yes  late    late      late     409
claim           holder        yes  late    late      late     409
assign          coordinator   yes  yes     409       409      409
assign          cotranslator  yes  yes     409       409      409
release         holder        409  yes     409       409      409
release         coordinator   409  yes     409       409      409
release         cotranslator  409  yes     409       409      409
save            holder        409  yes     409       409      409
submit          holder        409  yes     409       409      409
recall          holder        409  409     yes       409      409
return          coordinator   409  409     yes       yes      409
return          cotranslator  409  409     yes       yes      409
accept          coordinator   409  409     yes       409      409
accept          cotranslator  eyes eyes    eyes      eyes     eyes
cancel          coordinator   yes  yes     yes       409      409
cancel          cotranslator  yes  yes     yes       409      409
change_due_date coordinator   yes  yes     yes       409      409
change_due_date cotranslator  yes  yes     yes       409      409
answer_warning  holder        409  yes     yes       409      409
answer_warning  coordinator   403  403     yes       403      403
"""


def person(*roles: Role, languages: str = "") -> Actor:
    return Actor(
        kind=ActorKind.PERSON, id=UUID(int=1), roles=frozenset(roles), languages=frozenset(languages.split())
    )


# Who asks, and their relation to the object. Without its role a relation gives nothing.
WRITERS: dict[str, tuple[Actor, dict[str, bool]]] = {
    "author": (person(Role.ANALYST), {"is_author": True, "wrote_it": True}),
    "contributor": (person(Role.ANALYST), {"is_contributor": True, "wrote_it": True}),
    "coordinator": (person(Role.COORDINATOR), {}),
    "cowriter": (person(Role.COORDINATOR), {"is_author": True, "wrote_it": True}),
    "analyst": (person(Role.ANALYST), {}),
    "former author": (person(), {"is_author": True, "wrote_it": True}),
    "translator": (person(Role.TRANSLATOR, languages="be"), {}),
    "administrator": (person(Role.ADMINISTRATOR), {}),
}
TRANSLATORS: dict[str, tuple[Actor, dict[str, bool]]] = {
    "translator": (person(Role.TRANSLATOR, languages="be"), {}),
    "holder": (person(Role.TRANSLATOR, languages="be"), {"is_holder": True, "translated_it": True}),
    "coordinator": (person(Role.COORDINATOR), {}),
    "cotranslator": (person(Role.COORDINATOR), {"translated_it": True}),
    "translator of another language": (person(Role.TRANSLATOR, languages="ru"), {"is_holder": True}),
    "former holder": (person(), {"is_holder": True, "translated_it": True}),
    "analyst": (person(Role.ANALYST), {}),
    "administrator": (person(Role.ADMINISTRATOR), {}),
}

COMPLETE = Commentary(
    state=CommentaryState.DRAFT,
    version=VERSION,
    ready_languages=frozenset({"en", "ru"}),
    live_languages=frozenset({"be"}),
    scheduled_languages=frozenset({"ru"}),
)
"""A commentary for which every condition of every action holds."""

CURRENT = Task(state=TaskState.OPEN, version=VERSION, language="be")
"""The same of a task."""

WARNING = PublicationWarning(
    check=Check.UNANSWERED_WARNING,
    language="en",
    place=None,
    detail=Message("warning.empty.differs"),  # type: ignore[arg-type, unused-ignore]
    blocks=True,
)


def rows(table: str) -> dict[tuple[str, str], list[str]]:
    return {(line.split()[0], line.split()[1]): line.split()[2:] for line in table.strip().splitlines()[1:]}


def answer(subject: Any, action: str, actor: Actor, version: int | None = VERSION) -> str:
    try:
        decide(subject, Action(action), actor, version)
    except Refusal as refusal:
        return refusal.code
    return "yes"


def cases(table: str, people: dict[str, Any], states: type[StrEnum], four_eyes: str) -> list[Any]:
    written = rows(table)
    actions = dict.fromkeys(action for action, _ in written)
    return [
        pytest.param(
            action,
            name,
            {
                state: {**CODES, "eyes": four_eyes, "yes": "yes"}[
                    written.get((action, name), ["403"] * len(list(states)))[place]
                ]
                for place, state in enumerate(states)
            },
            id=f"{action}-{name}",
        )
        for action in actions
        for name in people
    ]


@pytest.mark.parametrize(
    ("action", "name", "expected"), cases(COMMENTARY, WRITERS, CommentaryState, "you-wrote-this")
)
def test_a_commentary_in_each_state(action: str, name: str, expected: dict[CommentaryState, str]) -> None:
    actor, relation = WRITERS[name]
    found = {
        state: answer(replace(COMPLETE, state=state, **relation), action, actor) for state in CommentaryState
    }
    assert found == expected


@pytest.mark.parametrize(
    ("action", "name", "expected"), cases(TASK, TRANSLATORS, TaskState, "you-translated-this")
)
def test_a_task_in_each_state(action: str, name: str, expected: dict[TaskState, str]) -> None:
    actor, relation = TRANSLATORS[name]
    found = {state: answer(replace(CURRENT, state=state, **relation), action, actor) for state in TaskState}
    assert found == expected


def test_the_columns_of_the_tables_are_the_states() -> None:
    assert COMMENTARY.split("\n")[1].split()[2:] == list(CommentaryState)
    assert TASK.split("\n")[1].split()[2:] == list(TaskState)


IN_TRANSLATION, IN_REVIEW = CommentaryState.IN_TRANSLATION, CommentaryState.IN_REVIEW

# What is wrong with a request, besides what is above it in the order. The first that is wrong answers.
ORDER: list[tuple[Any, str, str, int | None, str]] = [
    (replace(COMPLETE, missing_parts=("lead",), state=IN_REVIEW), "submit", "coordinator", None, "forbidden"),
    (COMPLETE, "approve", "cowriter", None, "you-wrote-this"),
    (
        replace(COMPLETE, missing_parts=("lead",), state=IN_REVIEW),
        "submit",
        "author",
        None,
        "precondition-required",
    ),
    (
        replace(COMPLETE, missing_parts=("lead",), state=IN_REVIEW),
        "submit",
        "author",
        6,
        "precondition-failed",
    ),
    (
        replace(COMPLETE, missing_parts=("lead",), state=IN_REVIEW),
        "submit",
        "author",
        NO_VERSION,
        "precondition-failed",
    ),
    (
        replace(COMPLETE, missing_parts=("lead",), state=IN_REVIEW),
        "submit",
        "author",
        VERSION,
        "not-in-this-state",
    ),
    (replace(COMPLETE, missing_parts=("lead",)), "submit", "author", VERSION, "text-is-incomplete"),
    (COMPLETE, "submit", "author", VERSION, "yes"),
]


@pytest.mark.parametrize(("subject", "action", "name", "version", "code"), ORDER)
def test_refusals_come_in_their_order(
    subject: Commentary, action: str, name: str, version: int | None, code: str
) -> None:
    actor, relation = WRITERS[name]
    assert answer(replace(subject, **relation), action, actor, version) == code


@pytest.mark.parametrize(
    ("state", "version", "held", "code"),
    [
        (TaskState.CLAIMED, None, 5, "precondition-required"),
        # Another translator was quicker: the conflict says more than that the version is old.
        (TaskState.CLAIMED, 6, 5, "already-claimed"),
        (TaskState.OPEN, 6, 5, "precondition-failed"),
        (TaskState.OPEN, VERSION, 5, "too-many-claims"),
        (TaskState.OPEN, VERSION, 4, "yes"),
    ],
)
def test_a_lost_claim_is_a_conflict(state: TaskState, version: int | None, held: int, code: str) -> None:
    actor, _ = TRANSLATORS["translator"]
    assert answer(replace(CURRENT, state=state, claims_held=held), "claim", actor, version) == code


NONE = frozenset[str]()


@pytest.mark.parametrize(
    ("action", "state", "name", "change", "code"),
    [
        ("submit", "draft", "author", {"missing_parts": ("trend",)}, "text-is-incomplete"),
        (
            "publish",
            "ready",
            "coordinator",
            {"ready_languages": NONE, "live_languages": NONE},
            "nothing-is-ready",
        ),
        (
            "publish",
            "ready",
            "coordinator",
            {"ready_languages": frozenset({"ru"})},
            "only-scheduled-is-ready",
        ),
        (
            "publish",
            "ready",
            "coordinator",
            {"ready_languages": frozenset({"ru"}), "names_languages": True},
            "yes",
        ),
        # The approved text is what readers see: only the state has to say so.
        ("publish", "ready", "coordinator", {"ready_languages": NONE}, "yes"),
        ("publish", "published", "coordinator", {"ready_languages": NONE}, "nothing-is-ready"),
        ("publish", "ready", "coordinator", {"section_is_closed": True}, "section-is-closed"),
        ("publish", "ready", "coordinator", {"blocking": (WARNING,)}, "warnings-block"),
        ("schedule", "ready", "coordinator", {"ready_languages": NONE}, "nothing-is-ready"),
        ("schedule", "ready", "coordinator", {"section_is_closed": True}, "section-is-closed"),
        ("unschedule", "ready", "coordinator", {"scheduled_languages": NONE}, "nothing-is-scheduled"),
        ("retract", "published", "coordinator", {"live_languages": NONE}, "nothing-is-live"),
        ("discard", "draft", "author", {"was_published": True}, "was-published"),
    ],
)
def test_each_condition_of_a_commentary(
    action: str, state: str, name: str, change: dict[str, Any], code: str
) -> None:
    actor, relation = WRITERS[name]
    subject = replace(COMPLETE, state=CommentaryState(state), **relation, **change)
    assert answer(subject, action, actor) == code


ONE_BLOCKS = (BlockingWarning(pointer="/title", kind="number", detail=Message("warning.empty.differs")),)


@pytest.mark.parametrize(("action", "name"), [("submit", "holder"), ("accept", "coordinator")])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"source_is_approved": False, "blocking": ONE_BLOCKS}, "source-is-being-changed"),
        ({"blocking": ONE_BLOCKS, "unfinished_units": ("title",)}, "warnings-block"),
        ({"unfinished_units": ("title",)}, "translation-is-incomplete"),
        ({}, "yes"),
    ],
)
def test_each_condition_of_a_task(action: str, name: str, change: dict[str, Any], code: str) -> None:
    actor, relation = TRANSLATORS[name]
    state = TaskState.CLAIMED if action == "submit" else TaskState.SUBMITTED
    assert answer(replace(CURRENT, state=state, **relation, **change), action, actor) == code


@pytest.mark.parametrize(
    ("subject", "people", "name", "allowed"),
    [
        (replace(COMPLETE, state=IN_REVIEW), WRITERS, "author", {"recall"}),
        (
            replace(COMPLETE, state=IN_REVIEW),
            WRITERS,
            "coordinator",
            {
                "request_changes",
                "approve",
                "retract",
                "change_slug",
                "name_contributors",
                "change_section",
                "change_week",
                "change_byline",
                "add_language",
                "drop_language",
            },
        ),
        (replace(COMPLETE, state=IN_REVIEW), WRITERS, "analyst", set()),
        (
            replace(CURRENT, state=TaskState.CLAIMED),
            TRANSLATORS,
            "holder",
            {"release", "save", "submit", "answer_warning"},
        ),
        (replace(CURRENT, state=TaskState.OPEN), TRANSLATORS, "translator", {"claim"}),
    ],
)
def test_verdicts_name_every_action_once(
    subject: Any, people: dict[str, tuple[Actor, dict[str, bool]]], name: str, allowed: set[str]
) -> None:
    actor, relation = people[name]
    subject = replace(subject, **relation)
    found, blocked = verdicts(subject, actor)
    assert set(found) == allowed
    assert {one.action: one.code for one in blocked} == {
        one.action: answer(subject, one.action, actor) for one in blocked
    }
    assert not allowed & {one.action for one in blocked}
    every = {action for action, _ in rows(COMMENTARY if isinstance(subject, Commentary) else TASK)}
    assert every == allowed | {one.action for one in blocked}


def test_a_refusal_by_state_says_what_is_allowed_instead() -> None:
    actor, relation = WRITERS["author"]
    with pytest.raises(Refusal) as caught:
        decide(replace(COMPLETE, state=IN_REVIEW, **relation), Action.SUBMIT, actor, VERSION)
    assert caught.value.allowed_actions == ["recall"]
    assert caught.value.state == "in_review"
