"""An entry of the trail in words: what the history of one object and the whole trail have in common.

A sentence says what became of the text or the account, and signs it with who did it: no word has to agree with a
person's gender, and no name is inflected. The words are in
`locales/<language>/history.po`, those of the state machines in `workflow.po`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from editorial.core.permissions import ActorKind, Role
from editorial.core.states import CommentaryState
from editorial.core.workflow import COMMENTARY_MACHINE
from editorial.database.access import ObjectKind
from editorial.locales import Label, LanguageName, Listed, Message, Translated, Verbatim, has, stored

_TEXTS = frozenset({ObjectKind.COMMENTARY, ObjectKind.TASK})
"""What has a text: its steps are described with their revision and languages."""
_KINDS = frozenset(ObjectKind)
_ROLES = frozenset(Role)
_TARGETS: dict[str, CommentaryState | None] = {
    transition.action: transition.target for transition in COMMENTARY_MACHINE
}
"""The state that an action always leads to. A sentence need not repeat it."""


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


def pseudonym(role: str, *, task_language: str | None = None) -> Message:
    """What a person is called where their name is not shown; a translator by their language."""
    if role == "translator" and task_language is not None:
        return Message("pseudonym.translator-of", into=LanguageName(task_language, "into"))
    return Label("pseudonym", role)


def named(row: Any) -> Message:
    """Who took a step, for a reader who may know."""
    if row["actor_name"]:
        return Verbatim(str(row["actor_name"]))
    if row["actor_is_erased"]:
        return pseudonym("erased")
    is_no_person = row["actor_kind"] in {ActorKind.SYSTEM, ActorKind.SERVICE}
    return pseudonym(row["actor_kind"] if is_no_person else "unknown")


def for_whom(row: Any, who: Message) -> Message:
    """The actor; or the system and the person for whom it acted, where it did."""
    if row["actor_kind"] == ActorKind.SYSTEM and row["on_behalf_of"] is not None:
        return Message("pseudonym.system-for", who=who)
    return who


def has_words(kind: str, action: str) -> bool:
    """Whether a step has a sentence of its own."""
    return (kind in _KINDS and has(f"history.{kind}.{action}")) or has(f"history.refused.{action}")


def narrate(step: Step, *, who: Message, account: Message | None = None) -> Message:
    """The step in a sentence. `account` is whose account it was about, where that was not their own."""
    row = step.row
    kind, action = row["object_kind"], row["action"]
    if kind in _TEXTS and has(f"history.{kind}.{action}"):
        return narrate_text(
            kind,
            action,
            who=who,
            task_language=row["task_language"],
            revision=step.revision,
            new_state=step.commentary_state if kind == ObjectKind.TASK else None,
            languages=_languages(step.changes),
        )
    return narrate_other(
        kind,
        action,
        who=who,
        account=account,
        section=_section(step),
        added=_roles_and_languages(step, "insert"),
        taken=_roles_and_languages(step, "delete"),
        waiting=_waiting(step),
    )


def narrate_text(
    kind: str,
    action: str,
    *,
    who: Message,
    task_language: str | None = None,
    revision: int | None = None,
    new_state: str | None = None,
    languages: Sequence[str] = (),
) -> Message:
    """What happened to a text, in which languages and revision, what that led to, and who did it.

    `new_state` is the commentary's, and is not repeated where the action always leads there.
    """
    is_task = kind == ObjectKind.TASK
    about = list(languages)
    if is_task and task_language is not None:
        translation = Message("history.translation-into", into=LanguageName(task_language, "into"))
    else:
        translation = Message("history.translation")
        if task_language is not None and task_language not in about:
            about.append(task_language)
    details: list[Message] = []
    if about:
        names = Listed(LanguageName(tag) for tag in about)
        details.append(Message("history.detail.languages", count=len(about), languages=names))
    if revision is not None:
        details.append(Message("history.detail.revision", revision=revision))
    event = _detailed(Message(f"history.{kind}.{action}", translation=translation), details)
    if new_state is not None and (is_task or _TARGETS.get(action) != new_state):
        event = Message("history.led-to", event=event, reached=Label("history.reached", new_state))
    return Message("history.signed", event=event, who=who)


def narrate_other(
    kind: str,
    action: str,
    *,
    who: Message,
    account: Message | None = None,
    section: Message | None = None,
    added: Sequence[str] = (),
    taken: Sequence[str] = (),
    waiting: Sequence[str] = (),
) -> Message:
    """What happened to an account, a section, a key, and who did it; or what was refused.

    `added`, `taken` and `waiting` are roles and languages. An operator's own SQL can name any action: one that
    has no sentence is called by its name.
    """
    if kind in _KINDS and has(f"history.{kind}.{action}"):
        event = Message(f"history.{kind}.{action}")
    elif has(f"history.refused.{action}"):
        event = Message(f"history.refused.{action}")
    else:
        event = Message("history.by-its-name", action=action)
    details: list[Message] = []
    if account is not None:
        details.append(Message("history.detail.account", account=account))
    if section is not None:
        details.append(Message("history.detail.section", section=section))
    if added:
        details.append(Message("history.detail.added", added=_listed(added)))
    if taken:
        details.append(Message("history.detail.taken", taken=_listed(taken)))
    if waiting:
        details.append(Message("history.detail.waiting", waiting=_listed(waiting)))
    return Message("history.signed", event=_detailed(event, details), who=who)


def _detailed(event: Message, details: Sequence[Message]) -> Message:
    if not details:
        return event
    return Message("history.detailed", event=event, details=Listed(details, "list.semicolon"))


def note_of(note: str | None, actor_kind: str) -> Message | None:
    """The note of a step: what a person wrote, or the reason that the system stored."""
    if note is None:
        return None
    return stored.read(note) if actor_kind == "system" else Verbatim(note)


def _listed(words: Sequence[str]) -> Listed:
    """Roles and languages by their names."""
    return Listed(Label("role", one, "in") if one in _ROLES else LanguageName(one) for one in words)


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


def _section(step: Step) -> Message | None:
    """The section that a step was about, by its labels."""
    for one in step.changes:
        if one.table == ObjectKind.SECTION:
            return Translated(str(one.key["key"]), step.row["section_labels"] or {})
    return None


def _waiting(step: Step) -> list[str]:
    """The roles that were given and wait for a second person."""
    given = any(one.table == "pending_coordinator" and one.operation == "insert" for one in step.changes)
    return [Role.COORDINATOR] if given else []
