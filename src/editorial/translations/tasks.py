"""The translation desk: the queue, and a task's sheet unit by unit."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from editorial.commentaries import views as commentary_views
from editorial.commentaries.views import Language
from editorial.core import decisions, texts, workflow
from editorial.core.calendar import Instant, Week
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Information, Permission, may_know_holder
from editorial.core.refusals import (
    Conflict,
    FieldError,
    Forbidden,
    InternalError,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooManyClaims,
)
from editorial.core.rules import is_given
from editorial.core.sheets import TranslatedUnit
from editorial.core.states import Action, TaskState
from editorial.database.access import Database, Decision, ObjectKind, context_of
from editorial.database.queries import Connection, Statement
from editorial.locales import LanguageName, Message
from editorial.settings import Settings
from editorial.translations import task_writes
from editorial.translations import views as task_views
from editorial.translations.task_writes import TaskChange
from editorial.translations.views import TaskRow, TitleWords, TranslationTask, Words, sql
from editorial.web import (
    Body,
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


class TaskInList(msgspec.Struct, kw_only=True):
    """A translation task in the queue."""

    id: UUID
    version: int
    state: TaskState
    commentary_id: UUID
    week: str
    section: str
    source_language: str
    language: str
    title: str
    """The source's title."""
    due_at: datetime
    """When it is wanted: what a coordinator has said, else a schedule, else the end of the coverage week."""
    is_overdue: bool
    open_warnings: int
    """Warnings of the present text that nobody has answered."""
    is_mine: bool
    claim_expires_at: datetime | None
    claim_expires_soon: bool
    holder: PersonName | None | UnsetType = UNSET
    """Who holds it: only for coordinators and the holder."""


class SaveTranslation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of the translation: what is absent stays, null or an empty text clears."""

    title: TitleWords | None | UnsetType = UNSET
    lead: Words | None | UnsetType = UNSET
    blocks: Annotated[dict[texts.UnitId, Words | None], Meta(max_length=2 * texts.MAX_BLOCKS)] | UnsetType = (
        UNSET
    )
    """Text by unit id, as in the task's sheet."""
    due_at: Instant | None | UnsetType = UNSET
    """When the translation is wanted, for coordinators to say. Null: by schedule or coverage week."""

    def merged_into(self, row: TaskRow) -> dict[str, TranslatedUnit]:
        """The units of a task with the words that were sent. Raises `Invalid` for what is no unit."""
        sent: dict[str, str | None] = {} if self.blocks is UNSET else dict(self.blocks)
        faults = [
            FieldError(
                pointer=f"/blocks/{name}", detail=Message("fault.send-as", name=name), code="unknown_block"
            )
            for name in (texts.TITLE, texts.LEAD)
            if sent.pop(name, UNSET) is not UNSET
        ]
        if self.title is not UNSET:
            sent[texts.TITLE] = self.title
        if self.lead is not UNSET:
            sent[texts.LEAD] = self.lead
        return task_views.merged(row, sent, faults)


class ClaimNext(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The language to translate into."""

    language: Language


@get(
    "/v1/translation-tasks",
    name="list_translation_tasks",
    operation_id="list_translation_tasks",
    opt=operation(refuses=[Invalid]),
)
async def list_translation_tasks(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
    language: Annotated[str | None, QueryParameter(name="language", required=False, max_length=20)] = None,
    in_state: Annotated[TaskState | None, QueryParameter(name="state", required=False)] = None,
    holder: Annotated[
        str | None,
        QueryParameter(
            name="holder", required=False, description="`me`, or (for coordinators) a person's id."
        ),
    ] = None,
    commentary: Annotated[UUID | None, QueryParameter(name="commentary", required=False)] = None,
    week: Annotated[
        Week | None, QueryParameter(name="week", required=False, description="The coverage week.")
    ] = None,
    overdue: Annotated[
        bool | None,
        QueryParameter(
            name="overdue", required=False, description="Wanted by now and not accepted, or the others."
        ),
    ] = None,
) -> Response[Page[TaskInList]]:
    """List the translation tasks that you may see, most urgent first.

    What is accepted or cancelled comes after all that is still to be done, the newest first.
    """
    after = read_cursor(cursor, tuple[bool, datetime, UUID])
    languages, sees_all = commentary_views.languages_of(actor), actor.may_know(Information.UNFINISHED_TEXT)
    held_by = _holder(holder, actor)
    if not languages and not sees_all:
        # Who translates into no language sees no task: their own are soon looked through.
        held_by = person_id_of(actor)
    async with db.read() as connection:
        rows = await sql.list_tasks(
            connection,
            actor=person_id_of(actor),
            languages=languages,
            sees_all=sees_all,
            seen_in=commentary_views.translator_states(),
            language=language,
            state=in_state,
            holder=held_by,
            commentary=commentary,
            week=week,
            overdue=overdue,
            is_done=after[0] if after else None,
            after_at=after[1] if after else None,
            after_id=after[2] if after else None,
            page=limit + 1,
        )
    page = Page(data=[_in_list(row, actor, settings) for row in rows[:limit]])
    if len(rows) > limit:
        last = rows[limit - 1]
        page.next_cursor = write_cursor(last["is_done"], last["due_at"], last["id"])
    return page_response(request, page)


def _holder(wanted: str | None, actor: Actor) -> UUID | None:
    if wanted is None:
        return None
    if wanted == "me":
        return person_id_of(actor)
    if not actor.may_know(Information.TRANSLATORS):
        raise Invalid(
            faults=[
                FieldError(pointer="/query/holder", detail=Message("fault.holder-only-me"), code="invalid")
            ]
        )
    try:
        return UUID(wanted)
    except ValueError as fault:
        raise Invalid(
            faults=[
                FieldError(pointer="/query/holder", detail=Message("fault.holder-me-or-id"), code="invalid")
            ]
        ) from fault


def _in_list(row: Any, actor: Actor, settings: Settings) -> TaskInList:
    is_mine = row["assignee_id"] == actor.id and actor.translates(row["language"])
    knows_holder = may_know_holder(actor, row["language"], is_holder=is_mine)
    listed = TaskInList(
        id=row["id"],
        version=row["version"],
        state=TaskState(row["state"]),
        commentary_id=row["commentary_id"],
        week=row["week"],
        section=row["section"],
        source_language=row["source_language"],
        language=row["language"],
        title=row["title"],
        due_at=row["due_at"],
        is_overdue=row["is_overdue"],
        open_warnings=row["open_warnings"],
        is_mine=is_mine,
        claim_expires_at=row["claim_expires_at"] if knows_holder else None,
        claim_expires_soon=knows_holder
        and task_views.expires_soon(row["claim_expires_at"], row["read_at"], settings),
    )
    if knows_holder:
        listed.holder = (
            None
            if row["assignee_id"] is None
            else PersonName(id=row["assignee_id"], display_name=row["holder_name"])
        )
    return listed


@get(
    "/v1/translation-tasks/{id:uuid}",
    name="get_translation_task",
    operation_id="get_translation_task",
    opt=operation(refuses=[NotFound]),
)
async def get_translation_task(
    db: Database, settings: Settings, actor: Actor, id: UUID
) -> Response[TranslationTask]:
    """Read a task: source and translation unit by unit, and exactly which of them to touch."""
    async with db.read() as connection:
        row = await task_views.see_task(connection, actor, id)
        shown = await task_views.show_task(connection, actor, row, settings)
    return answer(shown, version=shown.version)


@patch(
    "/v1/translation-tasks/{id:uuid}",
    name="save_translation",
    operation_id="save_translation",
    opt=operation(
        takes=SaveTranslation,
        refuses=[NotFound, Forbidden, PreconditionRequired, PreconditionFailed, Conflict, Invalid],
        example={
            "title": "Экспарт збожжа падае трэці месяц",
            "blocks": {"k3v9x2mp": "Порты апрацавалі на 12 % менш."},
        },
    ),
)
async def save_translation(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[TranslationTask]:
    """Save some of the translated units, and renew the claim. Or, for coordinators, say when it is wanted.

    A unit that is saved counts as made from the present source.
    """
    body = await read_body(request, SaveTranslation)
    wanted = _actions_of(body)
    version = version_of(if_match)

    async def save(_: Connection, row: TaskRow) -> TaskChange:
        for action in wanted:
            decisions.decide(row.subject(settings.claim_limit), action, actor, version)
        with body.judging() as sent:
            kept = sent.merged_into(row)
        return task_writes.as_saved(row, actor, kept)

    if Action.CHANGE_DUE_DATE in wanted:
        shown = await _save_until(db, settings, actor, id, wanted, version, body)
    else:
        shown = await task_writes.take_step(db, settings, actor, id, save)
    return answer(shown, version=shown.version)


async def _save_until(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    wanted: list[Action],
    version: int | None,
    body: Body[SaveTranslation],
) -> TranslationTask:
    """Say when a translation is wanted, and save units of it where the same request asks for that, too."""
    async with db.write(actor, wanted[0], ObjectKind.TASK, id, lock=(ObjectKind.TASK, id)) as tx:
        row = await task_views.see_task(tx, actor, id)
        for action in wanted:
            decisions.decide(row.subject(settings.claim_limit), action, actor, version)
        with body.judging() as patch_of_task:
            kept = patch_of_task.merged_into(row)
        if Action.SAVE in wanted:
            change = task_writes.as_saved(row, actor, kept)
            context = context_of(actor, Action.SAVE, ObjectKind.TASK, id)
            # The task is locked, so it is unchanged: a save that found nothing to write would be lost.
            if await change.statement(row, actor, settings).run(tx, context) is None:
                raise InternalError
        if patch_of_task.due_at is not UNSET:
            await db.step(tx, actor, Action.CHANGE_DUE_DATE, ObjectKind.TASK, id)
            await sql.change_due_date(tx, id=id, due_at=patch_of_task.due_at)
        row = await task_views.see_task(tx, actor, id)
        return await task_views.show_task(tx, actor, row, settings)


def _actions_of(body: Body[SaveTranslation]) -> list[Action]:
    """What a patch asks for. One that names nothing renews the claim."""
    named = body.raw if isinstance(body.raw, dict) else {}
    wanted = [Action.SAVE] if "due_at" not in named or named.keys() - {"due_at"} else []
    return [*wanted, *([Action.CHANGE_DUE_DATE] if "due_at" in named else [])]


@post(
    "/v1/translation-tasks/claim-next",
    name="claim_next_task",
    operation_id="claim_next_task",
    status_code=200,
    opt=operation(
        takes=ClaimNext,
        refuses=[Forbidden, TooManyClaims, Invalid],
        example={"language": "be"},
    ),
)
async def claim_next_task(
    request: Request, db: Database, settings: Settings, actor: Actor
) -> Response[TranslationTask | None]:
    """Claim the most urgent open task in a language. No content when the queue is empty."""
    body = await read_body(request, ClaimNext)
    if not actor.may(Permission.CLAIM_TASKS):
        raise Forbidden(decisions.action_is_for("translation_task", Action.CLAIM, (workflow.Who.TRANSLATOR,)))
    with body.judging() as wanted:
        language = wanted.language
        if is_given(language) and not actor.translates(language):
            raise Forbidden(Message("reason.not-your-language", language=LanguageName(language, "into")))
    statement = Statement(
        sql.claim_next_at_once,
        {
            "language": language,
            "translator_states": commentary_views.translator_states(),
            "claimant": actor.person_id,
            "claim_limit": settings.claim_limit,
            "claim_hours": settings.claim_hours,
        },
    )
    task_id = await db.write_one(
        actor, Decision(action=Action.CLAIM, on=ObjectKind.TASK, statement=statement)
    )
    if task_id is None:
        return Response(None, status_code=204)
    async with db.read(after_write=True) as connection:
        row = await task_views.see_task(connection, actor, task_id)
        shown = await task_views.show_task(connection, actor, row, settings)
    return answer(shown, version=shown.version)


ROUTES = [
    list_translation_tasks,
    claim_next_task,
    get_translation_task,
    save_translation,
]
