"""An entry of the trail in words: what the history of one object and the whole trail have in common."""

from typing import Annotated, Any

import msgspec
from litestar.params import QueryParameter

from editorial.core import deeds, sentences
from editorial.core.permissions import ActorKind, Role
from editorial.database.access import ObjectKind

SpokenIn = Annotated[
    str,
    QueryParameter(
        name="language", required=False, pattern="^(be|ru|en)$", description="The language of the sentences."
    ),
]


class RowChange(msgspec.Struct, kw_only=True):
    """A row that a step touched, before and after it. Texts and personal fields are withheld."""

    table: str
    operation: str
    key: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Step(msgspec.Struct, kw_only=True):
    """A step of the trail as its row has it, and what follows from the rows that it touched."""

    row: Any
    changes: list[RowChange]
    from_state: str | None
    to_state: str | None
    commentary_state: str | None
    """The state that the commentary came into, where it did."""
    revision: int | None
    holder_before: str | None
    """Who held the task that was moved."""


def step_of(row: Any) -> Step:
    """Read the row of an entry: `changes` as the queries put them together."""
    changes = msgspec.convert(row["changes"] or [], list[RowChange])
    moved = _of_table(changes, row["object_kind"], "state")
    written = next((one.after for one in changes if one.table in {"revision", "approval"} and one.after), {})
    return Step(
        row=row,
        changes=changes,
        from_state=moved[0],
        to_state=moved[1],
        commentary_state=_of_table(changes, ObjectKind.COMMENTARY, "state")[1],
        revision=written.get("number", written.get("revision")),
        holder_before=_of_table(changes, ObjectKind.TASK, "assignee_id")[0],
    )


def _of_table(changes: list[RowChange], table: str, column: str) -> tuple[str | None, str | None]:
    """A column of the object's own row, before the step and after it."""
    touched = [change for change in changes if change.table == table and column in (change.after or {})]
    if not touched:
        return None, None
    first, last = touched[0].before or {}, touched[-1].after or {}
    return first.get(column), last.get(column)


def named(row: Any, language: str) -> str:
    """Who took a step, for somebody who may know."""
    if row["actor_name"]:
        return str(row["actor_name"])
    if row["actor_is_erased"]:
        return sentences.pseudonym("erased", language)
    nobody = row["actor_kind"] in {ActorKind.SYSTEM, ActorKind.SERVICE}
    return sentences.pseudonym(row["actor_kind"] if nobody else "unknown", language)


def told(step: Step, language: str, *, who: str, account: str | None = None) -> str:
    """The step in a sentence. `account` is whose account it was about, where that was not their own."""
    row = step.row
    kind, action = row["object_kind"], row["action"]
    if action not in sentences.PHRASES.get(kind, {}):
        return deeds.account_sentence(
            kind,
            action,
            language,
            who=who,
            account=account,
            section=next(
                (str(one.key["key"]) for one in step.changes if one.table == ObjectKind.SECTION), None
            ),
            added=_roles_and_languages(step, "insert"),
            taken=_roles_and_languages(step, "delete"),
            waiting=_waiting(step),
        )
    return sentences.sentence(
        kind,
        action,
        language,
        who=who,
        task_language=row["task_language"],
        revision=step.revision,
        new_state=step.commentary_state if kind == ObjectKind.TASK else None,
        languages=_languages(step.changes),
    )


def for_whom(row: Any, who: str, language: str) -> str:
    """The name of the actor, and that the system acted for them, where it did."""
    if row["actor_kind"] == ActorKind.SYSTEM and row["on_behalf_of"] is not None:
        return sentences.system_for(who, language)
    return who


def _languages(changes: list[RowChange]) -> list[str]:
    """The languages that a step was about: of what readers were told, addresses, schedules, previews."""
    told = [
        str(c.after["language"])
        for c in changes
        if c.table in {"publication", "slug", "preview_link"} and c.after
    ]
    told += [
        str(c.key["language"])
        for c in changes
        if (c.table, c.operation) == ("edition", "update")
        and {"scheduled_for", "slug"} & (c.after or {}).keys()
    ]
    return list(dict.fromkeys(told))


def _roles_and_languages(step: Step, operation: str) -> list[str]:
    columns = {"person_role": "role", "person_language": "language"}
    return [
        str(one.key[columns[one.table]])
        for one in step.changes
        if one.table in columns and one.operation == operation
    ]


def _waiting(step: Step) -> list[str]:
    """The roles that were given and wait for a second person."""
    given = any(one.table == "pending_coordinator" and one.operation == "insert" for one in step.changes)
    return [Role.COORDINATOR] if given else []
