"""The commentary's transitions: one address, one body for each action, one command for each.

`Database.transition()` runs each one: read, decide, write (docs/adr/0033-fewer-round-trips.md).
`decisions.decide` lets an action through; its command reads what else it needs and returns the statement to write.
What must never happen is also refused by Postgres.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post
from msgspec import Meta

from editorial.commentaries import publishing, views
from editorial.commentaries.publishing import ChangeSlug, Publish, Retract, Schedule, Unschedule
from editorial.commentaries.views import Commentary, CommentaryRow, Seen, TransitionContext
from editorial.core import decisions, sheets, subjects, texts, workflow
from editorial.core.ids import new_id
from editorial.core.normalisation import Form
from editorial.core.permissions import Actor
from editorial.core.publication import ANOTHER_TEXT, APPROVAL_WITHDRAWN, READERS_NOTICE, TRANSLATION_IS_BEHIND
from editorial.core.refusals import (
    AddressIsTaken,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    NothingIsLive,
    NothingIsReady,
    NothingIsScheduled,
    OnlyScheduledIsReady,
    PreconditionFailed,
    PreconditionRequired,
    SectionIsClosed,
    TextIsIncomplete,
    TextWasAltered,
    WarningsBlock,
)
from editorial.core.rules import is_given
from editorial.core.sheets import EquivalentWording, TranslatedUnit
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.database.access import Database, Decision, ObjectKind
from editorial.database.queries import Connection, Statement, load_queries
from editorial.locales import Message
from editorial.published import page_cache
from editorial.settings import Settings
from editorial.web import Body, IfMatch, answer, operation, read_body, version_of
from editorial.web.request import Request

sql = load_queries("commentaries/transitions")

Note = Annotated[
    str, Meta(min_length=1, max_length=5_000, description="Why, in a sentence or two."), Form.TEXT
]


class Submit(msgspec.Struct, kw_only=True, tag_field="action", tag="submit", forbid_unknown_fields=True):
    """Hand the text in for review."""


class Recall(msgspec.Struct, kw_only=True, tag_field="action", tag="recall", forbid_unknown_fields=True):
    """Take it back from review."""


class RequestChanges(
    msgspec.Struct, kw_only=True, tag_field="action", tag="request_changes", forbid_unknown_fields=True
):
    """Send it back to its author, saying what to change."""

    note: Note


class Approve(msgspec.Struct, kw_only=True, tag_field="action", tag="approve", forbid_unknown_fields=True):
    """Agree to the text that was read. Translation tasks open for each missing language."""

    unchanged_in_meaning: Annotated[list[texts.UnitId], Meta(max_length=1_000)] = msgspec.field(
        default_factory=list
    )
    """Of the units that changed since the last approval: those whose meaning did not (a typo)."""


class Reopen(msgspec.Struct, kw_only=True, tag_field="action", tag="reopen", forbid_unknown_fields=True):
    """Withdraw the approval. Schedules end; translations wait, and keep their text."""

    note: Note


class Revise(msgspec.Struct, kw_only=True, tag_field="action", tag="revise", forbid_unknown_fields=True):
    """Start a new version. What is live stays live, unchanged, until the next publish."""


class Discard(msgspec.Struct, kw_only=True, tag_field="action", tag="discard", forbid_unknown_fields=True):
    """Throw away a draft that was never published."""


class Restore(msgspec.Struct, kw_only=True, tag_field="action", tag="restore", forbid_unknown_fields=True):
    """Take a discarded draft back."""


CommentaryTransition = (
    Submit
    | Recall
    | RequestChanges
    | Approve
    | Reopen
    | Publish
    | Schedule
    | Unschedule
    | Revise
    | Retract
    | ChangeSlug
    | Discard
    | Restore
)


@post(
    "/v1/commentaries/{id:uuid}/transitions",
    name="move_commentary",
    operation_id="move_commentary",
    status_code=200,
    opt=operation(
        takes=CommentaryTransition,
        refuses=[
            NotFound,
            Forbidden,
            PreconditionRequired,
            PreconditionFailed,
            Conflict,
            NothingIsReady,
            NothingIsLive,
            NothingIsScheduled,
            OnlyScheduledIsReady,
            SectionIsClosed,
            WarningsBlock,
            TextWasAltered,
            AddressIsTaken,
            TextIsIncomplete,
            Invalid,
        ],
        example={
            "action": "request_changes",
            "note": "Say where the figure in the second paragraph comes from.",
        },
    ),
)
async def transition_commentary(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[Commentary]:
    """Move a commentary from one state to the next. The answer is the commentary as it is now."""
    body: Body[Any] = await read_body(request, CommentaryTransition)
    version = version_of(if_match)
    named = body.action(COMMANDS)
    shown = await _take_step(db, settings, actor, id, named, version, body)
    if named in READERS_NOTICE:
        page_cache.tell_changed(request.scope, [id])
    return answer(shown, version=shown.version)


async def _take_step(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    named: Action | None,
    version: int | None,
    body: Body[Any],
) -> Commentary:
    # The note goes into the trail's entry.
    note = body.first_text("note", "reason", "correction_note")

    async def read(connection: Connection) -> Seen:
        return await views.see_commentary(connection, actor, id, settings.site)

    async def decide(connection: Connection, seen: Seen, *, is_locked: bool) -> Decision:
        step = _decided(seen.row, named, actor, version, body)
        context = TransitionContext(
            connection=connection,
            settings=settings,
            actor=actor,
            row=seen.row,
            step=step,
            is_locked=is_locked,
        )
        with body.judging() as wanted:
            statement = await COMMANDS[type(wanted)](context, wanted)
        return Decision(
            action=step.action, on=ObjectKind.COMMENTARY, object_id=id, statement=statement, note=note
        )

    seen, written = await db.transition(actor, read, decide)
    if not isinstance(written, int):
        # Only the commentary's own row changed, and the statement returned what changed in it.
        return views.show_whole(actor, views.as_moved(seen, written))
    async with db.read(after_write=True) as connection:
        return await views.show_commentary(connection, actor, await read(connection))


def _decided(
    row: CommentaryRow, named: Action | None, actor: Actor, version: int | None, body: Body[Any]
) -> workflow.Step[CommentaryState]:
    """The step that may be taken. Raises the first refusal."""
    if named is None:
        decisions.check_version(row.version, version)
        raise body.invalid()
    subject = subjects.naming(row.subject) if body.names("languages") else row.subject
    return decisions.decide(subject, named, actor, version)


async def _set_state(transition: TransitionContext, wanted: Any) -> Statement:
    """Nothing changes but the commentary's own row."""
    state = transition.step.leads_to
    note = wanted.note if isinstance(wanted, RequestChanges) else views.open_request(transition.row, state)
    return transition.writing(sql.move_commentary_at_once, state=state, review_note=note)


async def _submit(transition: TransitionContext, wanted: Submit) -> Statement:
    """The text is handed in without the blanks at its ends that a person leaves while they type."""
    row = transition.row
    text = texts.trimmed(row.text)
    if text == row.text:
        return await _set_state(transition, wanted)
    written = views.next_revision(row, text, transition.actor)
    return transition.writing(sql.hand_in_at_once, state=transition.step.leads_to, **written)


async def _approve(transition: TransitionContext, wanted: Approve) -> Statement:
    row = transition.row
    same = (
        await _same_meanings(transition, wanted.unchanged_in_meaning) if wanted.unchanged_in_meaning else []
    )
    tasks = await _tasks_after_approval(transition, same)
    return transition.writing(
        sql.approve_at_once,
        state=workflow.after_approval(tasks.waiting),
        approval=new_id(),
        language=row.source_language,
        revision=row.source_number,
        approved_by=transition.actor.person_id,
        another_text=ANOTHER_TEXT,
        same=same,
        task_ids=list(tasks.seen),
        task_versions=list(tasks.seen.values()),
        behind=tasks.behind,
        translation_is_behind=TRANSLATION_IS_BEHIND,
        current=tasks.current,
        refit=tasks.following,
        missing=[{"id": new_id(), "language": language} for language in tasks.missing],
        renewed=tasks.renewed,
        claim_hours=transition.settings.claim_hours,
    )


async def _same_meanings(transition: TransitionContext, unchanged: list[str]) -> list[EquivalentWording]:
    """What the coordinator says of changed units: that they mean what they meant."""
    before = await sql.last_approved_source(transition.connection, commentary=transition.row.id)
    now = {unit.id: texts.unit_hash(unit) for unit in texts.units(transition.row.text)}
    earlier = (
        {}
        if before is None
        else {unit.id: texts.unit_hash(unit) for unit in texts.units(views.text_of(before))}
    )
    faults = [
        FieldError(
            pointer=f"/unchanged_in_meaning/{place}",
            detail=Message("fault.unit-not-in-both"),
            code="unknown_block",
        )
        for place, unit in enumerate(unchanged)
        if is_given(unit) and (unit not in now or unit not in earlier)
    ]
    if faults:
        raise Invalid(faults=faults)
    said = filter(is_given, unchanged)
    return [EquivalentWording(unit, earlier[unit], now[unit]) for unit in said if now[unit] != earlier[unit]]


class Renewed(msgspec.Struct, frozen=True):
    """A task as it stands when its source was approved again."""

    id: UUID
    state: TaskState
    holder: UUID | None


class Following(msgspec.Struct, frozen=True, kw_only=True):
    """A translation whose words are current, and which takes the rest over from its source."""

    language: str
    number: int
    title: str
    lead: str
    trend: texts.Trend | None
    photo: texts.Photo | None
    blocks: list[texts.Block]
    units: dict[str, TranslatedUnit]
    approval: UUID | None
    """By which it stays accepted, where it was."""


class Tasks(msgspec.Struct):
    """What an approval makes of a commentary's translations."""

    seen: dict[UUID, int] = msgspec.field(default_factory=dict)
    """The versions of the tasks that this was decided on."""
    missing: list[str] = msgspec.field(default_factory=list)
    """Languages that have no task yet."""
    behind: list[str] = msgspec.field(default_factory=list)
    """Languages whose text went stale."""
    current: list[str] = msgspec.field(default_factory=list)
    """Languages whose accepted text did not."""
    following: list[Following] = msgspec.field(default_factory=list)
    renewed: list[Renewed] = msgspec.field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many translations the commentary waits for then."""
        return len(self.missing) + sum(one.state in workflow.UNFINISHED_TASKS for one in self.renewed)


async def _tasks_after_approval(transition: TransitionContext, said: list[EquivalentWording]) -> Tasks:
    """A task for each language that has none; those whose text went stale go back to work."""
    row = transition.row
    tasks = Tasks()
    for translation in await sql.translations_of(transition.connection, commentary=row.id):
        language = translation["language"]
        if translation["task_id"] is None:
            tasks.missing.append(language)
            continue
        tasks.seen[translation["task_id"]] = translation["task_version"]
        state = TaskState(translation["task_state"])
        holder = translation["assignee_id"]
        if state is TaskState.CANCELLED:
            continue
        if workflow.reopens(state):
            kept = msgspec.convert(translation["units"] or {}, dict[str, TranslatedUnit])
            same = [*said, *msgspec.convert(translation["same"], list[EquivalentWording])]
            made_from = views.text_of(translation["source"])
            if sheets.needs_translator(row.text, kept, same):
                tasks.behind.append(language)
                state = workflow.state_of_reopened(holder_is_gone=not translation["holder_translates"])
                holder = holder if state is TaskState.CLAIMED else None
            elif sheets.frame(made_from) != sheets.frame(row.text):
                is_accepted = state is TaskState.ACCEPTED
                tasks.following.append(
                    _following(row.text, kept, language, translation["revision"] + 1, is_accepted=is_accepted)
                )
            elif state is TaskState.ACCEPTED:
                tasks.current.append(language)
        tasks.renewed.append(Renewed(translation["task_id"], state, holder))
    return tasks


def _following(
    source: texts.Text, kept: dict[str, TranslatedUnit], language: str, number: int, *, is_accepted: bool
) -> Following:
    text = sheets.assemble(source, {name: unit.text for name, unit in kept.items()})
    return Following(
        language=language,
        number=number,
        title=text.title,
        lead=text.lead,
        trend=text.trend,
        photo=text.photo,
        blocks=text.blocks,
        units=kept,
        approval=new_id() if is_accepted else None,
    )


async def _reopen(transition: TransitionContext, wanted: Reopen) -> Statement:
    row = transition.row
    return transition.writing(
        sql.reopen_at_once,
        state=transition.step.leads_to,
        review_note=wanted.note,
        language=row.source_language,
        revision=row.source.approved_revision,
        approval_withdrawn=APPROVAL_WITHDRAWN,
        scheduled=sorted(row.subject.scheduled_languages),
    )


STATE_ONLY = (
    Submit,
    Recall,
    RequestChanges,
    Revise,
    Discard,
    Restore,
)
"""The transitions that change only the commentary's own row."""

COMMANDS: dict[type[msgspec.Struct], Callable[[TransitionContext, Any], Awaitable[Statement]]] = {
    **dict.fromkeys(STATE_ONLY, _set_state),
    Submit: _submit,
    Approve: _approve,
    Reopen: _reopen,
    Publish: publishing.publish,
    Schedule: publishing.schedule,
    Unschedule: publishing.unschedule,
    Retract: publishing.retract,
    ChangeSlug: publishing.change_slug,
}

ROUTES = [transition_commentary]
