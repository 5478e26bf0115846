"""The trail: who did what, when and why. Coordinators read its editorial part, administrators the accounts'.

Neither part leads to the other. What is told of accounts says nothing of texts, and what is told of texts
nothing of sign-ins and roles.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Meta

from editorial.audit import narration, sealer
from editorial.audit.narration import RowChange, note_of
from editorial.core.calendar import Instant, Week
from editorial.core.people import PersonName
from editorial.core.permissions import PARTS_OF_TRAIL, Actor, ActorKind, AuditCategory
from editorial.core.refusals import Forbidden, Invalid
from editorial.database.access import Database
from editorial.database.queries import Connection, load_queries
from editorial.locales import Message, Verbatim
from editorial.web import Cursor, Limit, Page, operation, page_response, read_cursor, write_cursor
from editorial.web.negotiation import encode
from editorial.web.request import Request

sql = load_queries("audit/entries")


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
    part: AuditCategory
    action: str
    object: TrailObject
    actor_kind: ActorKind
    actor: PersonName | None
    """The person who acted, or for whom the system did. Null where it was none."""
    who: Message
    """The same in words: a name, “the system”, “an erased person”."""
    sentence: Message
    """The step, told."""
    from_state: str | None
    to_state: str | None
    revision: int | None
    note: Message | None
    request_id: str
    changes: list[RowChange]


class ExportedEntry(TrailEntry, kw_only=True):
    """One line of an export: an entry, and the proof that it was sealed. `editorial audit check` reads it."""

    leaf: str | None
    """The entry as it was sealed, to the letter. Null, like what follows, while it waits for its seal."""
    position: int | None
    hashes: list[str] | None
    checkpoint: str | None


TrailLines = Annotated[
    str, Meta(description="Entries of the trail as JSON Lines: an `ExportedEntry` on each.")
]
ExportLimit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=500, description="How many at the most, 1 to 500.")
]
PartFilter = Annotated[
    AuditCategory | None,
    QueryParameter(name="part", required=False, description="One part; all that you may read without."),
]
PersonFilter = Annotated[
    UUID | None,
    QueryParameter(name="person", required=False, description="Who acted, or for whom the system did."),
]
ActionFilter = Annotated[
    str | None, QueryParameter(name="action", required=False, max_length=60, description="An action.")
]
ObjectFilter = Annotated[
    UUID | None,
    QueryParameter(
        name="object", required=False, description="What it was taken on; a commentary with its tasks."
    ),
]
KindFilter = Annotated[
    str | None,
    QueryParameter(name="object_kind", required=False, max_length=60, description="A kind of object."),
]
RequestFilter = Annotated[
    str | None,
    QueryParameter(
        name="request_id",
        required=False,
        max_length=64,
        description="The request that took the step: `X-Request-Id` of its answer.",
    ),
]
WeekFilter = Annotated[
    Week | None, QueryParameter(name="week", required=False, description="An ISO week that was covered.")
]
SinceFilter = Annotated[
    Instant | None,
    QueryParameter(name="since", required=False, description="An instant with its offset; it counts."),
]
UntilFilter = Annotated[
    Instant | None,
    QueryParameter(name="until", required=False, description="An instant with its offset; not itself."),
]


@get(
    "/v1/trail",
    name="list_trail",
    operation_id="list_trail",
    opt=operation(refuses=[Forbidden, Invalid]),
)
async def list_trail(
    request: Request,
    db: Database,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
    part: PartFilter = None,
    person: PersonFilter = None,
    action: ActionFilter = None,
    object_id: ObjectFilter = None,
    object_kind: KindFilter = None,
    request_id: RequestFilter = None,
    week: WeekFilter = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
) -> Response[Page[TrailEntry]]:
    """Read the trail, newest first: for coordinators what happened to texts, for administrators to accounts.

    Each entry says when, who, which action, on what, what changed and why, in fields and in a sentence.
    """
    wanted = Wanted(
        parts=_readable(actor, part),
        person=person,
        action=action,
        object=object_id,
        object_kind=object_kind,
        request_id=request_id,
        week=week,
        since=since,
        until=until,
    )
    async with db.read() as connection:
        rows = await wanted.rows(connection, cursor, limit + 1)
    page = Page(data=[_entry(row) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["at"], rows[limit - 1]["id"])
    return page_response(request, page)


@get(
    "/v1/trail/export",
    name="export_trail",
    operation_id="export_trail",
    opt=operation(refuses=[Forbidden, Invalid], gives_as="application/jsonl"),
)
async def export_trail(
    request: Request,
    db: Database,
    actor: Actor,
    limit: ExportLimit = 100,
    cursor: Cursor = None,
    part: PartFilter = None,
    person: PersonFilter = None,
    action: ActionFilter = None,
    object_id: ObjectFilter = None,
    object_kind: KindFilter = None,
    request_id: RequestFilter = None,
    week: WeekFilter = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
) -> Response[TrailLines]:
    """Export the trail as JSON Lines with proofs, newest first; `Link` leads to the next page.

    Each line is an entry with the proof that it was sealed. `editorial audit check` takes it as it is, and
    needs the public key of the seal beside it, but no database.
    """
    wanted = Wanted(
        parts=_readable(actor, part),
        person=person,
        action=action,
        object=object_id,
        object_kind=object_kind,
        request_id=request_id,
        week=week,
        since=since,
        until=until,
    )
    async with db.read() as connection:
        rows = await wanted.rows(connection, cursor, limit + 1)
        proofs = await sealer.prove_all(connection, [row["id"] for row in rows[:limit]])
    lines = [_proved(_entry(row), proofs.get(row["id"])) for row in rows[:limit]]
    page = Page(data=lines)
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["at"], rows[limit - 1]["id"])
    headers = {
        **page_response(request, page).headers,
        "Content-Disposition": 'attachment; filename="trail.jsonl"',
    }
    return Response(
        b"".join(encode(line) + b"\n" for line in lines),  # type: ignore[arg-type]  # a file is written by hand
        media_type="application/jsonl",
        headers=headers,
    )


def _proved(entry: TrailEntry, proof: sealer.Proof | None) -> ExportedEntry:
    if proof is None:
        return ExportedEntry(
            **msgspec.structs.asdict(entry), leaf=None, position=None, hashes=None, checkpoint=None
        )
    return ExportedEntry(**msgspec.structs.asdict(entry), **msgspec.structs.asdict(proof))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries were asked for, among those that somebody may read."""

    parts: list[AuditCategory]
    person: UUID | None
    action: str | None
    object: UUID | None
    object_kind: str | None
    request_id: str | None
    week: str | None
    since: datetime | None
    until: datetime | None

    async def rows(self, connection: Connection, cursor: str | None, page: int) -> list[Any]:
        """As many of them as fit on a page, newest first. Raises `BadCursor`."""
        before = read_cursor(cursor, tuple[datetime, UUID])
        found: list[Any] = await sql.list_trail(
            connection,
            **msgspec.structs.asdict(self),
            before_at=before[0] if before else None,
            before_id=before[1] if before else None,
            page=page,
        )
        return found


def _readable(actor: Actor, wanted: AuditCategory | None) -> list[AuditCategory]:
    """What was asked for, as far as the actor may read it. Raises `Forbidden` where that is nothing."""
    parts = [
        part for part, matter in PARTS_OF_TRAIL.items() if actor.may_know(matter) and wanted in {None, part}
    ]
    if not parts:
        raise Forbidden(Message("reason.trail-is-for"))
    return parts


def _entry(row: Any) -> TrailEntry:
    step = narration.step_of(row)
    who = narration.for_whom(row, narration.named(row))
    account: Message | None = None
    if row["account_name"]:
        account = Verbatim(row["account_name"])
    elif row["account_is_erased"]:
        account = narration.pseudonym("erased")
    return TrailEntry(
        id=row["id"],
        at=row["at"],
        part=AuditCategory(row["domain"]),
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
            else PersonName(id=row["person_id"], display_name=row["actor_name"])
        ),
        who=who,
        sentence=narration.narrate(
            step, who=who, account=None if row["object_id"] == row["person_id"] else account
        ),
        from_state=step.from_state,
        to_state=step.to_state,
        revision=step.revision,
        note=note_of(row["note"], row["actor_kind"]),
        request_id=row["request_id"],
        changes=step.changes,
    )


ROUTES = [list_trail, export_trail]
