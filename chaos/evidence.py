"""What the database holds when all is over: the trail, entry by entry, and the rows as they stand."""

from typing import Any

import msgspec

from chaos.installation import ask


class Change(msgspec.Struct, kw_only=True, frozen=True):
    """One row that a step touched."""

    table: str
    operation: str
    key: dict[str, Any]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Entry(msgspec.Struct, kw_only=True, frozen=True):
    """One step, as the trail has it."""

    id: str
    at: float
    """Seconds since 1970, by the clock of the database."""
    actor_kind: str
    action: str
    object_kind: str
    request: str
    domain: str = "editorial"
    object_id: str | None = None
    changes: list[Change] = msgspec.field(default_factory=list)


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """A commentary or a task as it stands."""

    version: int
    state: str
    holder: str | None = None


class Edition(msgspec.Struct, kw_only=True, frozen=True):
    """An edition as it stands, and what a reader of its address got from every server."""

    commentary: str
    language: str
    status: str
    slug: str | None = None
    live_revision: int | None = None
    title: str | None = None
    """Of the live revision."""
    is_overdue: bool = False
    """Scheduled for a moment that is well past."""
    readers: list[tuple[int, str | None]] = msgspec.field(default_factory=list)
    """Status and title."""


class Evidence(msgspec.Struct, kw_only=True):
    """All of it."""

    entries: list[Entry]
    commentaries: dict[str, Row]
    tasks: dict[str, Row]
    editions: list[Edition]
    verification: str | None = None
    """What `editorial audit verify` found wrong, if anything."""


ENTRIES = """
select
    entry.id::text, extract(epoch from entry.at)::float8 as at, entry.actor_kind, entry.action,
    entry.object_kind, entry.request_id as request, entry.domain, entry.object_id::text,
    coalesce((
        select jsonb_agg(jsonb_build_object(
            'table', change.table_name, 'operation', change.operation, 'key', change.row_key,
            'before', change.before, 'after', change.after
        ) order by change.position)
        from audit_change as change where change.entry_id = entry.id
    ), '[]'::jsonb) as changes
from audit_entry as entry
order by entry.at, entry.id
"""
COMMENTARIES = "select id::text, version, state from commentary"
TASKS = "select id::text, version, state, assignee_id::text as holder from translation_task"
EDITIONS = """
select
    edition.commentary_id::text as commentary, edition.language, edition.status, edition.slug,
    edition.live_revision, revision.title,
    coalesce(edition.scheduled_for < now() - interval '10 s', false) as is_overdue
from edition
left join revision
    on revision.commentary_id = edition.commentary_id and revision.language = edition.language
    and revision.number = edition.live_revision
"""


async def read_evidence(owner_url: str) -> Evidence:
    """Read all of it; nobody writes any more."""
    entries = [msgspec.convert(dict(row), Entry) for row in await ask(owner_url, ENTRIES)]
    commentaries = await ask(owner_url, COMMENTARIES)
    tasks = await ask(owner_url, TASKS)
    return Evidence(
        entries=entries,
        commentaries={row["id"]: Row(version=row["version"], state=row["state"]) for row in commentaries},
        tasks={
            row["id"]: Row(version=row["version"], state=row["state"], holder=row["holder"]) for row in tasks
        },
        editions=[msgspec.convert(dict(row), Edition) for row in await ask(owner_url, EDITIONS)],
    )
