"""The trail of one commentary or task, in words.

A name is told to those who may know it; to the rest, the part that somebody plays in the work.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from editorial import desk
from editorial.core import sentences, workflow
from editorial.core.permissions import Actor, ActorKind, Role, Sight
from editorial.core.refusals import NotFound
from editorial.core.states import Action
from editorial.core.workflow import Who
from editorial.db import Database, Domain, load_queries
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

sql = load_queries("trail")

TRANSLATORS_ACTIONS = frozenset(
    {
        *(row.action for row in workflow.TASK_MACHINE if set(row.who) <= {Who.TRANSLATOR, Who.HOLDER}),
        "restore_revision",
    }
)
"""What only a translator does to a task; the rest is a coordinator's, but for what either may do."""
ANYBODYS_ACTIONS = frozenset({Action.RELEASE, "comment", "resolve_comment", "reopen_comment"})

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


class HistoryEntry(msgspec.Struct, kw_only=True):
    """One step in the life of a commentary."""

    id: UUID
    at: datetime
    action: str
    who: str
    """A name where you may know it, else the part that they play: “the author”, “a translator into be”."""
    sentence: str
    """The step, told."""
    object_kind: str
    from_state: str | None
    to_state: str | None
    language: str | None
    """The language that the step was about, where it was one."""
    revision: int | None
    note: str | None
    changes: list[RowChange] | UnsetType = UNSET
    """Only for coordinators."""


@get(
    "/v1/commentaries/{id:uuid}/history",
    name="get_commentary_history",
    operation_id="get_commentary_history",
    opt=operation(refuses=[NotFound]),
)
async def get_commentary_history(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    id: UUID,
    language: SpokenIn = "en",
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[HistoryEntry]]:
    """Read what happened to a commentary, oldest first: who did what, when and why.

    Its authors and coordinators can read it.
    """
    async with db.reading() as connection:
        seen = await desk.see_commentary(connection, actor, id)
        if seen.sight is not Sight.WHOLE:
            raise NotFound
        rows = await _rows(connection, id, None, cursor, limit)
    return _page(request, rows, actor, language, limit, knows_the_desk=True)


@get(
    "/v1/translation-tasks/{id:uuid}/history",
    name="get_task_history",
    operation_id="get_task_history",
    opt=operation(refuses=[NotFound]),
)
async def get_task_history(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    id: UUID,
    language: SpokenIn = "en",
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[Page[HistoryEntry]]:
    """Read what happened to a translation task, oldest first. For coordinators and whoever worked on it."""
    async with db.reading() as connection:
        task = await sql.find_task(connection, id=id)
        if task is None:
            raise NotFound
        is_theirs = task["holder_id"] == actor.id or await sql.person_took_part(
            connection, task=id, person=person_id_of(actor)
        )
        if not (is_theirs or actor.has(Role.COORDINATOR)):
            raise NotFound
        rows = await _rows(connection, task["commentary_id"], id, cursor, limit)
    return _page(request, rows, actor, language, limit, knows_the_desk=actor.has(Role.COORDINATOR))


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
    request: Request[Any, Any, Any],
    rows: Any,
    actor: Actor,
    language: str,
    limit: int,
    *,
    knows_the_desk: bool,
) -> Response[Page[HistoryEntry]]:
    page = Page(data=[_entry(row, actor, language, knows_the_desk) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["at"], rows[limit - 1]["id"])
    return page_response(request, page)


def _part(row: Any) -> str:
    """The part that the actor of an entry played in it."""
    if row["actor_kind"] == ActorKind.SYSTEM and row["on_behalf_of"] is None:
        return "system"
    if row["object_kind"] == Domain.TASK:
        own = row["action"] in ANYBODYS_ACTIONS and Role.COORDINATOR not in row["actor_roles"]
        return "translator" if row["action"] in TRANSLATORS_ACTIONS or own else "coordinator"
    if (row["on_behalf_of"] or row["actor_id"]) == row["author_id"]:
        return "author"
    if row["actor_contributes"] and Role.COORDINATOR not in row["actor_roles"]:
        return "contributor"
    return "coordinator"


def _entry(row: Any, actor: Actor, language: str, knows_the_desk: bool) -> HistoryEntry:
    """`knows_the_desk`: may know who writes and who coordinates. Only coordinators know who translates."""
    changes = msgspec.convert(row["changes"] or [], list[RowChange])
    part = _part(row)
    coordinates = actor.has(Role.COORDINATOR)
    acted = row["on_behalf_of"] or row["actor_id"]
    about_task = row["object_kind"] == Domain.TASK
    may_know = coordinates or (knows_the_desk and part in {"author", "contributor", "coordinator"})
    if acted is not None and acted == actor.id:
        who = sentences.pseudonym("you", language)
    elif may_know and row["actor_name"]:
        who = row["actor_name"]
    else:
        who = sentences.pseudonym(part, language, task_language=row["task_language"])
    if row["actor_kind"] == ActorKind.SYSTEM and acted is not None:
        who = sentences.system_for(who, language)
    moved = _of_table(changes, row["object_kind"], "state")
    commentary = _of_table(changes, Domain.COMMENTARY, "state")
    revision = next((c for c in changes if c.table in {"revision", "approval"} and c.after), None)
    told = _languages(changes)
    number = (
        None
        if revision is None or revision.after is None
        else revision.after.get("number", revision.after.get("revision"))
    )
    entry = HistoryEntry(
        id=row["id"],
        at=row["at"],
        action=row["action"],
        who=who,
        sentence=sentences.sentence(
            row["object_kind"],
            row["action"],
            language,
            who=who,
            task_language=row["task_language"],
            revision=number,
            new_state=commentary[1] if about_task else None,
            languages=told,
        ),
        object_kind=row["object_kind"],
        from_state=moved[0],
        to_state=moved[1],
        language=row["task_language"],
        revision=number,
        note=row["note"] if coordinates or about_task is not knows_the_desk else None,
    )
    if coordinates:
        entry.changes = changes
    return entry


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
        if c.table == "edition" and c.after and {"scheduled_for", "slug"} & c.after.keys()
    ]
    return list(dict.fromkeys(told))


def _of_table(changes: list[RowChange], table: str, column: str) -> tuple[str | None, str | None]:
    """A column of the object's own row, before the step and after it."""
    touched = [change for change in changes if change.table == table and column in (change.after or {})]
    if not touched:
        return None, None
    first, last = touched[0].before or {}, touched[-1].after or {}
    return first.get(column), last.get(column)


ROUTES = [get_commentary_history, get_task_history]
