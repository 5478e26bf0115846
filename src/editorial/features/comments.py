"""Comments: threads on a unit of a text or on the whole of it.

Of the source, for its authors and coordinators; of a translation, for its holder and coordinators. A thread
outlives its unit. Whoever may not know a person's name reads which part they play.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.params import QueryParameter
from msgspec import Meta

from editorial import desk, tasks
from editorial.core import sentences, texts, workflow
from editorial.core.checks import Site
from editorial.core.permissions import Actor, Part, Sight, part_in_talk, talk_names_people
from editorial.core.refusals import (
    Fault,
    Invalid,
    NotFound,
    VersionIsStale,
    VersionMissing,
)
from editorial.db import Connection, Database, Domain, load_queries
from editorial.desk import CommentaryRow, Language
from editorial.identifiers import new_id
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

sql = load_queries("comments")

Words = Annotated[str, Meta(min_length=1, max_length=5_000, examples=["Is this figure for May or for June?"])]
UnitId = Annotated[
    str,
    Meta(
        max_length=50,
        description="A block's id, `title`, `lead` and so on, as in the text or the task's sheet.",
    ),
]
SpokenIn = Annotated[
    str,
    QueryParameter(
        name="spoken", required=False, pattern="^(be|ru|en)$", description="The language of `who`."
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
    who: str
    """A name where you may know it, else their part: “a coordinator”, “a translator into Belarusian”."""
    part: Part
    is_mine: bool
    made_at: datetime
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


class Talk(msgspec.Struct, kw_only=True):
    """An edition that the actor may talk about: in which part, and which units there are to talk of."""

    language: str
    part: Part
    revision: int | None
    units: frozenset[str]
    task_id: UUID | None = None

    @property
    def object(self) -> tuple[Domain, UUID | None]:
        """What a step is taken on, where it is not the commentary."""
        return (Domain.COMMENTARY, None) if self.task_id is None else (Domain.TASK, self.task_id)


async def _talks(connection: Connection, actor: Actor, commentary: UUID) -> dict[str, Talk]:
    """The editions that the actor may talk about, by language. Raises `NotFound` where there is none."""
    found: dict[str, Talk] = {}
    held = await sql.tasks_of(connection, commentary=commentary, actor=person_id_of(actor))
    row = await _whole(connection, actor, commentary)
    if row is not None:
        part = part_in_talk(actor, is_author=row.is_author, is_contributor=row.is_contributor)
        if part is not None:
            units = frozenset(unit.id for unit in texts.units(row.text))
            found[row.source_language] = Talk(
                language=row.source_language, part=part, revision=row.source_number, units=units
            )
    for one in held:
        part = part_in_talk(actor, is_holder=one["is_holder"])
        if part is None:
            continue
        task = await tasks.see_task(connection, actor, one["task_id"])
        found[one["language"]] = Talk(
            language=one["language"],
            part=part,
            revision=one["revision"],
            units=frozenset({unit.id for unit in texts.units(task.source)} | task.kept.keys()),
            task_id=one["task_id"],
        )
    if not found:
        raise NotFound
    return found


async def _whole(connection: Connection, actor: Actor, commentary: UUID) -> CommentaryRow | None:
    """The commentary, where the actor sees the whole of it."""
    try:
        seen = await desk.see_commentary(connection, actor, commentary, Site())
    except NotFound:
        return None
    return seen.row if seen.sight is Sight.WHOLE else None


async def _shown(
    connection: Connection, actor: Actor, talks: dict[str, Talk], rows: list[Any], spoken: str
) -> list[CommentThread]:
    said: dict[UUID, list[Comment]] = {row["id"]: [] for row in rows}
    languages = {row["id"]: row["language"] for row in rows}
    for one in await sql.list_comments(connection, threads=list(said)):
        talk = talks[languages[one["thread_id"]]]
        said[one["thread_id"]].append(
            Comment(
                id=one["id"],
                who=_who(one, actor, talk, spoken),
                part=Part(one["part"]),
                is_mine=one["made_by"] == actor.id,
                made_at=one["made_at"],
                text=one["text"],
            )
        )
    return [
        CommentThread(
            id=row["id"],
            version=row["version"],
            language=row["language"],
            unit=row["unit"],
            unit_is_gone=row["unit"] is not None and row["unit"] not in talks[row["language"]].units,
            revision=row["revision"],
            resolved=row["resolved_at"] is not None,
            comments=said[row["id"]],
        )
        for row in rows
    ]


def _who(one: Any, actor: Actor, talk: Talk, spoken: str) -> str:
    if one["made_by"] == actor.id:
        return sentences.pseudonym("you", spoken)
    if one["made_by_name"] and talk_names_people(actor, of_source=talk.task_id is None):
        return str(one["made_by_name"])
    return sentences.pseudonym(one["part"], spoken, task_language=talk.language)


@get(
    "/v1/commentaries/{id:uuid}/comments",
    name="list_comments",
    operation_id="list_comments",
    opt=operation(refuses=[NotFound, Invalid]),
)
async def list_comments(
    request: Request[Any, Any, Any],
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
    spoken: SpokenIn = "en",
) -> Response[Page[CommentThread]]:
    """List the threads that you may follow, oldest first, with all that was said in them."""
    after = read_cursor(cursor, tuple[UUID])
    async with db.reading() as connection:
        talks = await _talks(connection, actor, id)
        rows = await sql.list_threads(
            connection,
            commentary=id,
            languages=sorted(talks),
            language=language,
            unit=unit,
            resolved=resolved,
            after=after[0] if after else None,
            page=limit + 1,
        )
        page = Page(data=await _shown(connection, actor, talks, rows[:limit], spoken))
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["id"])
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
async def start_thread(
    request: Request[Any, Any, Any], db: Database, actor: Actor, id: UUID, spoken: SpokenIn = "en"
) -> Response[CommentThread]:
    """Begin a thread on a unit of a text, or on the whole."""
    body = await read_body(request, StartThread)
    thread_id = new_id()
    async with db.acting(actor, "comment", Domain.COMMENTARY, id) as tx:
        talks = await _talks(tx, actor, id)
        wanted = body.checked()
        talk = _talk_about(talks, wanted, (await _source_language(tx, id)))
        await _step(db, tx, actor, "comment", id, talk)
        await sql.open_thread(
            tx,
            id=thread_id,
            commentary=id,
            language=talk.language,
            unit=wanted.unit,
            revision=talk.revision,
        )
        await _say(tx, actor, id, thread_id, talk, wanted.text)
        thread = await _thread(tx, actor, talks, id, thread_id, spoken)
    location = f"/v1/commentaries/{id}/comments/{thread_id}"
    return answer(thread, version=thread.version, status=201, location=location)


async def _source_language(tx: Connection, commentary: UUID) -> str:
    found: str = await sql.source_language(tx, commentary=commentary)
    return found


def _talk_about(talks: dict[str, Talk], wanted: StartThread, source_language: str) -> Talk:
    """The edition that a first comment is about. Raises `Invalid` where the actor has no say in it."""
    talk = talks.get(wanted.language or source_language)
    if talk is None:
        detail = f"One of: {', '.join(sorted(talks))}."
        raise Invalid(faults=[Fault(pointer="/language", detail=detail, code="unknown_language")])
    if wanted.unit is not None and wanted.unit not in talk.units:
        detail = "The text has no such unit."
        raise Invalid(faults=[Fault(pointer="/unit", detail=detail, code="unknown_block")])
    return talk


async def _step(
    db: Database, tx: Connection, actor: Actor, action: str, commentary: UUID, talk: Talk
) -> None:
    """What follows is a step on the commentary, or on the task of the translation that is talked about."""
    domain, task_id = talk.object
    await db.step(tx, actor, action, domain, task_id or commentary)


async def _say(tx: Connection, actor: Actor, commentary: UUID, thread: UUID, talk: Talk, words: str) -> None:
    await sql.add_comment(
        tx,
        id=new_id(),
        thread=thread,
        commentary=commentary,
        part=talk.part,
        made_by=actor.person_id,
        text=words,
    )


async def _thread(
    connection: Connection,
    actor: Actor,
    talks: dict[str, Talk],
    commentary: UUID,
    thread: UUID,
    spoken: str,
) -> CommentThread:
    """One thread that the actor may follow. Raises `NotFound`."""
    row = await sql.get_thread(connection, commentary=commentary, id=thread)
    if row is None or row["language"] not in talks:
        raise NotFound
    return (await _shown(connection, actor, talks, [row], spoken))[0]


@get(
    "/v1/commentaries/{id:uuid}/comments/{thread:uuid}",
    name="get_thread",
    operation_id="get_thread",
    opt=operation(refuses=[NotFound]),
)
async def get_thread(
    db: Database, actor: Actor, id: UUID, thread: UUID, spoken: SpokenIn = "en"
) -> Response[CommentThread]:
    """Read one thread."""
    async with db.reading() as connection:
        found = await _thread(connection, actor, await _talks(connection, actor, id), id, thread, spoken)
    return answer(found, version=found.version)


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
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    id: UUID,
    thread: UUID,
    spoken: SpokenIn = "en",
) -> Response[CommentThread]:
    """Say something in a thread."""
    body = await read_body(request, AddComment)
    async with db.acting(actor, "comment", Domain.COMMENTARY, id) as tx:
        talks = await _talks(tx, actor, id)
        talk = talks[(await _locked(tx, actor, talks, id, thread)).language]
        words = body.checked().text
        await _step(db, tx, actor, "comment", id, talk)
        await _say(tx, actor, id, thread, talk, words)
        await sql.note_comment(tx, thread=thread)
        found = await _thread(tx, actor, talks, id, thread, spoken)
    return answer(found, version=found.version, status=201)


async def _locked(
    tx: Connection, actor: Actor, talks: dict[str, Talk], commentary: UUID, thread: UUID
) -> CommentThread:
    await sql.lock_thread(tx, commentary=commentary, id=thread)
    return await _thread(tx, actor, talks, commentary, thread, "en")


@patch(
    "/v1/commentaries/{id:uuid}/comments/{thread:uuid}",
    name="resolve_thread",
    operation_id="resolve_thread",
    opt=operation(
        takes=ResolveThread,
        refuses=[NotFound, VersionMissing, VersionIsStale, Invalid],
        example={"resolved": True},
    ),
)
async def resolve_thread(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    id: UUID,
    thread: UUID,
    if_match: IfMatch = None,
    spoken: SpokenIn = "en",
) -> Response[CommentThread]:
    """Say that the matter is settled, or that it is not after all."""
    body = await read_body(request, ResolveThread)
    async with db.acting(actor, "resolve_comment", Domain.COMMENTARY, id) as tx:
        talks = await _talks(tx, actor, id)
        found = await _locked(tx, actor, talks, id, thread)
        workflow.check_version(found.version, version_of(if_match))
        resolved = body.checked().resolved
        if resolved is not found.resolved:
            action = "resolve_comment" if resolved else "reopen_comment"
            await _step(db, tx, actor, action, id, talks[found.language])
            await sql.resolve_thread(tx, thread=thread, resolved=resolved)
        found = await _thread(tx, actor, talks, id, thread, spoken)
    return answer(found, version=found.version)


ROUTES = [list_comments, start_thread, get_thread, reply_to_thread, resolve_thread]
