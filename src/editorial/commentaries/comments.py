"""Comments: threads on a unit of a text or on the whole of it.

Of the source, for its authors and coordinators; of a translation, for its holder and coordinators. A thread
outlives its unit. Whoever may not know a person's name reads which part they play.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import QueryParameter
from msgspec import Meta

from editorial.audit import narration
from editorial.commentaries import views
from editorial.commentaries.views import Language
from editorial.core import decisions, texts
from editorial.core.ids import new_id
from editorial.core.normalisation import Form
from editorial.core.permissions import Actor, Information, Part, commenter_role, scope_names_people
from editorial.core.refusals import (
    FieldError,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.database.access import Database, Decision, ObjectKind
from editorial.database.queries import Connection, Statement, load_queries
from editorial.locales import Listed, Message, Verbatim
from editorial.web import (
    Cursor,
    IfMatch,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    person_id_of,
    read_body,
    read_cursor,
    version_of,
    write_cursor,
)
from editorial.web.request import Request

sql = load_queries("commentaries/comments")

Words = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=5_000,
        description="Plain text.",
        examples=["Is this figure for May or for June?"],
    ),
    Form.TEXT,
]
UnitId = Annotated[
    str,
    Meta(
        max_length=50,
        description="A block's id, `title`, `lead` and so on, as in the text or the task's sheet.",
    ),
]


class StartThread(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A first comment."""

    text: Words
    language: Language | None = None
    """Which edition it is about; the source unless you say."""
    unit: UnitId | None = None
    """What of it; the whole unless you say."""


class AddComment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What you say."""

    text: Words


class ResolveThread(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the matter is settled."""

    resolved: bool


class Comment(msgspec.Struct, kw_only=True):
    """What somebody said."""

    id: UUID
    who: Message
    """A name where you may know it, else their part: “a coordinator”, “a translator into Belarusian”."""
    part: Part
    is_mine: bool
    created_at: datetime
    text: str


class CommentThread(msgspec.Struct, kw_only=True):
    """What people said about one unit of a text, or about the whole."""

    id: UUID
    version: int
    language: str
    unit: str | None
    """Null for the whole text."""
    unit_is_gone: bool
    """The text has no such unit any more. What it said stands in `revision`."""
    revision: int | None
    """What was the latest revision when the thread began; none before the first."""
    resolved: bool
    comments: list[Comment]


class CommentScope(msgspec.Struct, kw_only=True):
    """An edition that the actor may talk about: in which part, and which units there are to talk of."""

    language: str
    source_language: str
    part: Part
    revision: int | None
    units: frozenset[str]
    task_id: UUID | None

    def object(self, commentary: UUID) -> tuple[ObjectKind, UUID]:
        """What a step in this talk is taken on."""
        return (
            (ObjectKind.COMMENTARY, commentary) if self.task_id is None else (ObjectKind.TASK, self.task_id)
        )


class Said(msgspec.Struct, kw_only=True):
    """A comment as the database has it."""

    id: UUID
    part: Part
    created_by: UUID
    created_by_name: str | None
    created_at: datetime
    text: str


class ThreadRow(msgspec.Struct, kw_only=True):
    """A thread as the database has it."""

    id: UUID
    version: int
    language: str
    unit: str | None
    revision: int | None
    resolved: bool
    comments: list[Said]


async def _talks(connection: Connection, actor: Actor, commentary: UUID) -> dict[str, CommentScope]:
    """The editions that the actor may talk about, by language. Raises `NotFound` where there is none."""
    found: dict[str, CommentScope] = {}
    for row in await sql.list_talks(
        connection,
        commentary=commentary,
        actor=person_id_of(actor),
        writer=actor.writer_id,
        languages=views.languages_of(actor),
        sees_all=actor.may_know(Information.UNFINISHED_TEXT),
    ):
        is_source = row["task_id"] is None
        part = commenter_role(
            actor,
            row["language"],
            is_author=is_source and row["is_author"],
            is_contributor=is_source and row["is_contributor"],
            is_holder=row["is_holder"],
        )
        if part is not None:
            found[row["language"]] = CommentScope(
                language=row["language"],
                source_language=row["source_language"],
                part=part,
                revision=row["revision"],
                units=frozenset({unit.id for unit in texts.units(views.text_of(row))} | set(row["kept"])),
                task_id=row["task_id"],
            )
    if not found:
        raise NotFound
    return found


async def _threads(
    connection: Connection,
    talks: dict[str, CommentScope],
    commentary: UUID,
    *,
    thread: UUID | None = None,
    language: str | None = None,
    unit: str | None = None,
    resolved: bool | None = None,
    after: UUID | None = None,
    page: int = 1,
) -> list[ThreadRow]:
    rows = await sql.list_threads(
        connection,
        commentary=commentary,
        languages=sorted(talks),
        thread=thread,
        language=language,
        unit=unit,
        resolved=resolved,
        after=after,
        page=page,
    )
    return [msgspec.convert(dict(row), ThreadRow) for row in rows]


async def _thread(
    connection: Connection, talks: dict[str, CommentScope], commentary: UUID, thread: UUID
) -> ThreadRow:
    """One thread that the actor may follow. Raises `NotFound`."""
    found = await _threads(connection, talks, commentary, thread=thread)
    if not found:
        raise NotFound
    return found[0]


def _shown(actor: Actor, talk: CommentScope, row: ThreadRow) -> CommentThread:
    return CommentThread(
        id=row.id,
        version=row.version,
        language=row.language,
        unit=row.unit,
        unit_is_gone=row.unit is not None and row.unit not in talk.units,
        revision=row.revision,
        resolved=row.resolved,
        comments=[
            Comment(
                id=one.id,
                who=_who(one, actor, talk),
                part=one.part,
                is_mine=one.created_by == actor.id,
                created_at=one.created_at,
                text=one.text,
            )
            for one in row.comments
        ],
    )


def _who(one: Said, actor: Actor, talk: CommentScope) -> Message:
    if one.created_by == actor.id:
        return narration.pseudonym("you")
    if one.created_by_name and scope_names_people(actor, of_source=talk.task_id is None):
        return Verbatim(one.created_by_name)
    return narration.pseudonym(one.part, task_language=talk.language)


@get(
    "/v1/commentaries/{id:uuid}/comments",
    name="list_comments",
    operation_id="list_comments",
    opt=operation(refuses=[NotFound, Invalid]),
)
async def list_comments(
    request: Request,
    db: Database,
    actor: Actor,
    id: UUID,
    limit: Limit = 25,
    cursor: Cursor = None,
    language: Annotated[
        str | None,
        QueryParameter(name="language", required=False, max_length=20, description="Of this edition only."),
    ] = None,
    unit: Annotated[str | None, QueryParameter(name="unit", required=False, max_length=50)] = None,
    resolved: Annotated[bool | None, QueryParameter(name="resolved", required=False)] = None,
) -> Response[Page[CommentThread]]:
    """List the threads that you may follow, oldest first, with all that was said in them."""
    after = read_cursor(cursor, tuple[UUID])
    async with db.read() as connection:
        talks = await _talks(connection, actor, id)
        rows = await _threads(
            connection,
            talks,
            id,
            language=language,
            unit=unit,
            resolved=resolved,
            after=after[0] if after else None,
            page=limit + 1,
        )
    page = Page(data=[_shown(actor, talks[row.language], row) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1].id)
    return page_response(request, page)


@post(
    "/v1/commentaries/{id:uuid}/comments",
    name="start_thread",
    operation_id="start_thread",
    status_code=201,
    opt=operation(
        takes=StartThread,
        refuses=[NotFound, Invalid],
        example={"text": "Is this figure for May or for June?", "unit": "lead"},
    ),
)
async def start_thread(request: Request, db: Database, actor: Actor, id: UUID) -> Response[CommentThread]:
    """Begin a thread on a unit of a text, or on the whole."""
    body = await read_body(request, StartThread)
    thread_id, comment = new_id(), new_id()

    async def read(connection: Connection) -> dict[str, CommentScope]:
        return await _talks(connection, actor, id)

    async def decide(_: Connection, talks: dict[str, CommentScope], *, is_locked: bool) -> Decision:
        with body.judging() as wanted:
            talk = _talk_about(talks, wanted)
        on, object_id = talk.object(id)
        statement = Statement(
            sql.open_thread_at_once,
            {
                "id": thread_id,
                "commentary": id,
                "language": talk.language,
                "unit": wanted.unit,
                "revision": talk.revision,
                "comment": comment,
                "part": talk.part,
                "created_by": actor.person_id,
                "text": wanted.text,
            },
        )
        return Decision(action="comment", on=on, object_id=object_id, statement=statement)

    talks, created_at = await db.transition(actor, read, decide)
    wanted = body.checked()
    talk = _talk_about(talks, wanted)
    said = Said(
        id=comment,
        part=talk.part,
        created_by=actor.person_id,
        created_by_name=None,
        created_at=created_at,
        text=wanted.text,
    )
    thread = ThreadRow(
        id=thread_id,
        version=1,
        language=talk.language,
        unit=wanted.unit,
        revision=talk.revision,
        resolved=False,
        comments=[said],
    )
    location = f"/v1/commentaries/{id}/comments/{thread.id}"
    return answer(_shown(actor, talk, thread), version=1, status=201, location=location)


def _talk_about(talks: dict[str, CommentScope], wanted: StartThread) -> CommentScope:
    """The edition that a first comment is about. Raises `Invalid` where the actor has no say in it."""
    source_language = next(iter(talks.values())).source_language
    talk = talks.get(wanted.language or source_language)
    if talk is None:
        detail = Message("fault.one-of", allowed=Listed(sorted(talks)))
        faults = [FieldError(pointer="/language", detail=detail, code="unknown_language")]
        if wanted.unit is not None and all(wanted.unit not in one.units for one in talks.values()):
            detail = Message("fault.no-such-unit")
            faults.append(FieldError(pointer="/unit", detail=detail, code="unknown_block"))
        raise Invalid(faults=faults)
    if wanted.unit is not None and wanted.unit not in talk.units:
        detail = Message("fault.no-such-unit")
        raise Invalid(faults=[FieldError(pointer="/unit", detail=detail, code="unknown_block")])
    return talk


@get(
    "/v1/commentaries/{id:uuid}/comments/{thread:uuid}",
    name="get_thread",
    operation_id="get_thread",
    opt=operation(refuses=[NotFound]),
)
async def get_thread(db: Database, actor: Actor, id: UUID, thread: UUID) -> Response[CommentThread]:
    """Read one thread."""
    async with db.read() as connection:
        talks = await _talks(connection, actor, id)
        found = await _thread(connection, talks, id, thread)
    return answer(_shown(actor, talks[found.language], found), version=found.version)


@post(
    "/v1/commentaries/{id:uuid}/comments/{thread:uuid}/replies",
    name="reply_to_thread",
    operation_id="reply_to_thread",
    status_code=201,
    opt=operation(
        takes=AddComment, refuses=[NotFound, Invalid], example={"text": "For May: the ministry said so."}
    ),
)
async def reply_to_thread(
    request: Request,
    db: Database,
    actor: Actor,
    id: UUID,
    thread: UUID,
) -> Response[CommentThread]:
    """Say something in a thread."""
    body = await read_body(request, AddComment)

    async def read(connection: Connection) -> CommentScope:
        talks = await _talks(connection, actor, id)
        return talks[(await _thread(connection, talks, id, thread)).language]

    async def decide(_: Connection, talk: CommentScope, *, is_locked: bool) -> Decision:
        on, object_id = talk.object(id)
        statement = Statement(
            sql.reply_at_once,
            {
                "id": new_id(),
                "thread": thread,
                "part": talk.part,
                "created_by": actor.person_id,
                "text": body.checked().text,
            },
        )
        return Decision(action="comment", on=on, object_id=object_id, statement=statement)

    talk, _ = await db.transition(actor, read, decide)
    async with db.read(after_write=True) as connection:
        found = await _thread(connection, {talk.language: talk}, id, thread)
    return answer(_shown(actor, talk, found), version=found.version, status=201)


@patch(
    "/v1/commentaries/{id:uuid}/comments/{thread:uuid}",
    name="resolve_thread",
    operation_id="resolve_thread",
    opt=operation(
        takes=ResolveThread,
        refuses=[NotFound, PreconditionRequired, PreconditionFailed, Invalid],
        example={"resolved": True},
    ),
)
async def resolve_thread(
    request: Request,
    db: Database,
    actor: Actor,
    id: UUID,
    thread: UUID,
    if_match: IfMatch = None,
) -> Response[CommentThread]:
    """Say that the matter is settled, or that it is not after all."""
    body = await read_body(request, ResolveThread)

    async def read(connection: Connection) -> tuple[CommentScope, ThreadRow]:
        talks = await _talks(connection, actor, id)
        found = await _thread(connection, talks, id, thread)
        return talks[found.language], found

    async def decide(_: Connection, seen: tuple[CommentScope, ThreadRow], *, is_locked: bool) -> Decision:
        talk, found = seen
        decisions.check_version(found.version, version_of(if_match))
        resolved = body.checked().resolved
        on, object_id = talk.object(id)
        statement = None
        if resolved is not found.resolved:
            parameters = {"id": thread, "version": found.version, "resolved": resolved}
            statement = Statement(sql.resolve_thread_at_once, parameters)
        return Decision(
            action="resolve_comment" if resolved else "reopen_comment",
            on=on,
            object_id=object_id,
            statement=statement,
        )

    (talk, found), version = await db.transition(actor, read, decide)
    if version is not None:
        found.version, found.resolved = version, not found.resolved
    return answer(_shown(actor, talk, found), version=found.version)


ROUTES = [list_comments, start_thread, get_thread, reply_to_thread, resolve_thread]
