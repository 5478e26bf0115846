"""The trail: who did what, when and why. Coordinators read its editorial part, administrators the accounts'.

Neither part leads to the other. What is told of accounts says nothing of texts, and what is told of texts
nothing of sign-ins and roles.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from editorial import telling
from editorial.core import sentences, texts
from editorial.core.permissions import Actor, ActorKind, Matter
from editorial.core.refusals import Fault, Invalid, NotYours
from editorial.db import Database, load_queries
from editorial.desk import Somebody
from editorial.telling import RowChange, SpokenIn
from editorial.web import Cursor, Limit, Page, operation, page_response, read_cursor, write_cursor

sql = load_queries("trail")


class TrailPart(StrEnum):
    """Which part of the trail an entry belongs to."""

    EDITORIAL = "editorial"
    ACCOUNTS = "accounts"


PARTS: dict[TrailPart, Matter] = {
    TrailPart.EDITORIAL: Matter.EDITORIAL_TRAIL,
    TrailPart.ACCOUNTS: Matter.ACCOUNTS_TRAIL,
}
"""What somebody must be let know to read a part."""


class TrailObject(msgspec.Struct, kw_only=True):
    """What a step was taken on."""

    kind: str
    id: UUID | None
    commentary_id: UUID | None
    """The commentary that it belongs to."""
    week: str | None
    """The week that the commentary covers now."""
    language: str | None
    """Of a translation task: the language."""


class TrailEntry(msgspec.Struct, kw_only=True):
    """One step that a person, a service or the system took."""

    id: UUID
    at: datetime
    part: TrailPart
    action: str
    object: TrailObject
    actor_kind: ActorKind
    actor: Somebody | None
    """The person who acted, or for whom the system did. Null where it was none."""
    who: str
    """The same in words: a name, “the system”, “an erased person”."""
    sentence: str
    """The step, told."""
    from_state: str | None
    to_state: str | None
    revision: int | None
    note: str | None
    request_id: str
    changes: list[RowChange]


@get(
    "/v1/trail",
    name="list_trail",
    operation_id="list_trail",
    opt=operation(refuses=[NotYours, Invalid]),
)
async def list_trail(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    language: SpokenIn = "en",
    limit: Limit = 25,
    cursor: Cursor = None,
    part: Annotated[
        TrailPart | None,
        QueryParameter(name="part", required=False, description="One part; all that you may read without."),
    ] = None,
    person: Annotated[
        UUID | None,
        QueryParameter(name="person", required=False, description="Who acted, or for whom the system did."),
    ] = None,
    action: Annotated[
        str | None, QueryParameter(name="action", required=False, max_length=60, description="An action.")
    ] = None,
    object_id: Annotated[
        UUID | None,
        QueryParameter(
            name="object", required=False, description="What it was taken on; a commentary with its tasks."
        ),
    ] = None,
    object_kind: Annotated[
        str | None,
        QueryParameter(name="object_kind", required=False, max_length=60, description="A kind of object."),
    ] = None,
    week: Annotated[
        str | None, QueryParameter(name="week", required=False, description="An ISO week that was covered.")
    ] = None,
    since: Annotated[
        datetime | None,
        QueryParameter(name="since", required=False, description="An instant with its offset; it counts."),
    ] = None,
    until: Annotated[
        datetime | None,
        QueryParameter(name="until", required=False, description="An instant with its offset; not itself."),
    ] = None,
) -> Response[Page[TrailEntry]]:
    """Read the trail, newest first: for coordinators what happened to texts, for administrators to accounts.

    Each entry says when, who, which action, on what, what changed and why, in fields and in a sentence.
    """
    parts = _readable(actor, part)
    _check(week, since=since, until=until)
    before = read_cursor(cursor, tuple[datetime, UUID])
    async with db.reading() as connection:
        rows = await sql.list_trail(
            connection,
            parts=parts,
            person=person,
            action=action,
            object=object_id,
            object_kind=object_kind,
            week=week,
            since=since,
            until=until,
            before_at=before[0] if before else None,
            before_id=before[1] if before else None,
            page=limit + 1,
        )
    page = Page(data=[_entry(row, language) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["at"], rows[limit - 1]["id"])
    return page_response(request, page)


def _readable(actor: Actor, wanted: TrailPart | None) -> list[TrailPart]:
    """What was asked for, as far as the actor may read it. Raises `NotYours` where that is nothing."""
    parts = [part for part, matter in PARTS.items() if actor.may_know(matter) and wanted in {None, part}]
    if not parts:
        raise NotYours("Coordinators read the trail of the texts, administrators that of the accounts.")
    return parts


def _check(week: str | None, **instants: datetime | None) -> None:
    faults = [
        Fault(pointer=f"/query/{name}", detail="An instant needs its offset from UTC.", code="offset")
        for name, instant in instants.items()
        if instant is not None and instant.tzinfo is None
    ]
    if week is not None and not texts.week_exists(week):
        faults.append(Fault(pointer="/query/week", detail="There is no such ISO week.", code="week"))
    if faults:
        raise Invalid(faults=faults)


def _entry(row: Any, language: str) -> TrailEntry:
    step = telling.step_of(row)
    who = telling.for_whom(row, telling.named(row, language), language)
    account = row["account_name"] or (
        sentences.pseudonym("erased", language) if row["account_is_erased"] else None
    )
    return TrailEntry(
        id=row["id"],
        at=row["at"],
        part=TrailPart(row["domain"]),
        action=row["action"],
        object=TrailObject(
            kind=row["object_kind"],
            id=row["object_id"],
            commentary_id=row["commentary_id"],
            week=row["week"],
            language=row["task_language"],
        ),
        actor_kind=ActorKind(row["actor_kind"]),
        actor=(
            None
            if row["person_id"] is None
            else Somebody(id=row["person_id"], display_name=row["actor_name"])
        ),
        who=who,
        sentence=telling.told(
            step, language, who=who, account=None if row["object_id"] == row["person_id"] else account
        ),
        from_state=step.from_state,
        to_state=step.to_state,
        revision=step.revision,
        note=row["note"],
        request_id=row["request_id"],
        changes=step.changes,
    )


ROUTES = [list_trail]
