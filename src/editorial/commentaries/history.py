"""The trail of one commentary or task, in words.

A name is told to those who may know it; to the rest, the part that somebody plays in the work.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from msgspec import UNSET, UnsetType

from editorial.audit import narration
from editorial.audit.narration import RowChange, note_of
from editorial.commentaries import views
from editorial.core import workflow
from editorial.core.permissions import Actor, ActorKind, Information, Relation, Role, may_know
from editorial.core.refusals import NotFound
from editorial.core.states import Action
from editorial.core.workflow import Who
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import load_queries
from editorial.locales import Message
from editorial.settings import Settings
from editorial.web import (
    Cursor,
    Limit,
    Page,
    operation,
    page_response,
    person_id_of,
    read_cursor,
    write_cursor,
)
from editorial.web.request import Request

sql = load_queries("commentaries/history")

TRANSLATORS_ACTIONS = frozenset(
    {
        *(row.action for row in workflow.TASK_MACHINE if set(row.who) <= {Who.TRANSLATOR, Who.HOLDER}),
        "restore_revision",
    }
)
"""What only a translator does to a task; the rest is a coordinator's, but for what either may do."""
ANYBODYS_ACTIONS = frozenset({"comment", "resolve_comment", "reopen_comment"})


class HistoryEntry(msgspec.Struct, kw_only=True):
    """One step in the life of a commentary."""

    id: UUID
    at: datetime
    action: str
    who: Message
    """A name where you may know it, else the part that they play: “the author”, “a translator into be”."""
    sentence: Message
    """The step, told."""
    object_kind: str
    from_state: str | None
    to_state: str | None
    language: str | None
    """The language that the step was about, where it was one."""
    revision: int | None
    note: Message | None
    changes: list[RowChange] | UnsetType = UNSET
    """Only for coordinators."""


@get(
    "/v1/commentaries/{id:uuid}/history",
    name="get_commentary_history",
    operation_id="get_commentary_history",
    opt=operation(refuses=[NotFound]),
)
async def get_commentary_history(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[HistoryEntry]]:
    """Read what happened to a commentary, oldest first: who did what, when and why.

    Its authors and coordinators can read it.
    """
    async with db.read() as connection:
        seen = await views.see_commentary(connection, actor, id, settings.site)
        if not may_know(seen.relations, Information.HISTORY):
            raise NotFound
        rows = await _rows(connection, id, None, cursor, limit)
    return _page(request, rows, actor, limit, relations=seen.relations)


@get(
    "/v1/translation-tasks/{id:uuid}/history",
    name="get_task_history",
    operation_id="get_task_history",
    opt=operation(refuses=[NotFound]),
)
async def get_task_history(
    request: Request,
    db: Database,
    actor: Actor,
    id: UUID,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[HistoryEntry]]:
    """Read what happened to a translation task, oldest first.

    For coordinators, and for translators of the language who hold it or have worked on it.
    """
    async with db.read() as connection:
        commentary = await sql.find_task(
            connection,
            id=id,
            actor=person_id_of(actor),
            languages=views.languages_of(actor),
            translators_actions=sorted(TRANSLATORS_ACTIONS),
            sees_all=actor.may_know(Information.HISTORY_OF_TASK),
        )
        if commentary is None:
            raise NotFound
        rows = await _rows(connection, commentary, id, cursor, limit)
    return _page(request, rows, actor, limit, relations=actor.relations | {Relation.HOLDER})


async def _rows(connection: Any, commentary: UUID, task: UUID | None, cursor: str | None, limit: int) -> Any:
    after = read_cursor(cursor, tuple[datetime, UUID])
    return await sql.list_history(
        connection,
        commentary=commentary,
        task=task,
        after_at=after[0] if after else None,
        after_id=after[1] if after else None,
        page=limit + 1,
    )


def _page(
    request: Request,
    rows: Any,
    actor: Actor,
    limit: int,
    *,
    relations: frozenset[Relation],
) -> Response[Page[HistoryEntry]]:
    page = Page(data=[_entry(row, actor, relations) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["at"], rows[limit - 1]["id"])
    return page_response(request, page)


def _part(step: narration.Step) -> str:
    """The part that the actor of an entry played in it."""
    row = step.row
    acted = row["on_behalf_of"] or row["actor_id"]
    if row["actor_kind"] == ActorKind.SYSTEM and row["on_behalf_of"] is None:
        return "system"
    if row["object_kind"] == ObjectKind.TASK:
        is_own = (
            step.holder_before == str(acted)
            if row["action"] == Action.RELEASE
            else row["action"] in ANYBODYS_ACTIONS and Role.COORDINATOR not in row["actor_roles"]
        )
        return "translator" if row["action"] in TRANSLATORS_ACTIONS or is_own else "coordinator"
    if acted == row["author_id"]:
        return "author"
    if row["actor_contributes"] and Role.COORDINATOR not in row["actor_roles"]:
        return "contributor"
    return "coordinator"


_KNOWN_BY = {
    "author": Information.AUTHORSHIP,
    "contributor": Information.AUTHORSHIP,
    "coordinator": Information.REVIEWERS,
    "translator": Information.TRANSLATORS,
}
"""What somebody has to know to be told the name of whoever played this part."""


def _entry(row: Any, actor: Actor, relations: frozenset[Relation]) -> HistoryEntry:
    step = narration.step_of(row)
    part = _part(step)
    coordinates = may_know(relations, Information.EDITORIAL_TRAIL)
    acted = row["on_behalf_of"] or row["actor_id"]
    if acted is not None and acted == actor.id:
        who = narration.pseudonym("you")
    elif part in _KNOWN_BY and may_know(relations, _KNOWN_BY[part]):
        who = narration.named(row)
    else:
        who = narration.pseudonym(part, task_language=row["task_language"])
    who = narration.for_whom(row, who)
    about_task = row["object_kind"] == ObjectKind.TASK
    may_read_note = may_know(relations, Information.HISTORY_OF_TASK if about_task else Information.HISTORY)
    entry = HistoryEntry(
        id=row["id"],
        at=row["at"],
        action=row["action"],
        who=who,
        sentence=narration.narrate(step, who=who),
        object_kind=row["object_kind"],
        from_state=step.from_state,
        to_state=step.to_state,
        language=row["task_language"],
        revision=step.revision,
        note=note_of(row["note"], row["actor_kind"]) if may_read_note else None,
    )
    if coordinates:
        entry.changes = step.changes
    return entry


ROUTES = [get_commentary_history, get_task_history]
