"""A week published in one call: all or nothing, or as much as is ready, with what became of each edition."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post
from msgspec import Meta

from editorial.commentaries import publishing, views, weeks
from editorial.commentaries.publishing import Languages, PendingPublication, PublicNote
from editorial.commentaries.views import SectionKey, TransitionContext
from editorial.commentaries.weeks import CommentaryOnBoard, EditionOnBoard, Reason, reason_of, sql
from editorial.core import calendar, conditions, decisions, subjects, workflow
from editorial.core.permissions import Actor, Permission
from editorial.core.publication import faults_of_words
from editorial.core.refusals import (
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    NothingIsReady,
    OnlyScheduledIsReady,
    TextWasAltered,
    WeekIsNotReady,
)
from editorial.core.rules import is_given
from editorial.core.states import Action, EditionStatus
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection
from editorial.locales import Listed, Message
from editorial.published import page_cache
from editorial.settings import Settings
from editorial.web import answer, operation, read_body
from editorial.web.request import Request


class Mode(StrEnum):
    """What to do where not everything can go live."""

    ALL_OR_NOTHING = "all_or_nothing"
    AS_MUCH_AS_IS_READY = "as_much_as_is_ready"


class PublishWeek(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to publish of a week."""

    mode: Mode
    """`all_or_nothing`: every edition that is wanted and not taken down goes live, or none does. What has a
    schedule of its own is left to it in both modes, unless you name its language."""
    languages: Languages | None = None
    """All, but for what is scheduled, unless you say which."""
    sections: Annotated[list[SectionKey], Meta(min_length=1, max_length=100)] | None = None
    """All, unless you say which."""
    correction_note: PublicNote | None = None
    """What was changed, for the readers of each edition that was live before. The others get none."""
    minor: bool = False
    """The changes of editions that were live before are of no substance: their readers are not told."""


class Outcome(StrEnum):
    """What became of one edition."""

    PUBLISHED = "published"
    ALREADY_LIVE = "already_live"
    SCHEDULED = "scheduled"
    """It has a schedule of its own, and goes live at its instant."""
    REFUSED = "refused"


class PublishedCell(msgspec.Struct, kw_only=True):
    """What became of one edition, and why."""

    commentary_id: UUID
    section: str
    language: str
    outcome: Outcome
    reason: Reason | None

    @property
    def goes(self) -> bool:
        """Whether nothing stands in its way."""
        return self.outcome is Outcome.PUBLISHED


class WeekPublication(msgspec.Struct, kw_only=True):
    """What became of each edition of the week."""

    week: str
    mode: Mode
    published: int
    already_live: int
    scheduled: int
    refused: int
    data: list[PublishedCell]


@post(
    "/v1/weeks/{week:str}/publish",
    name="publish_week",
    operation_id="publish_week",
    status_code=200,
    opt=operation(
        takes=PublishWeek,
        refuses=[NotFound, Forbidden, NothingIsReady, OnlyScheduledIsReady, WeekIsNotReady, Invalid],
        example={"mode": "as_much_as_is_ready", "languages": ["be", "ru"]},
    ),
)
async def publish_week(
    request: Request, db: Database, settings: Settings, actor: Actor, week: str
) -> Response[WeekPublication]:
    """Publish all of a week that is ready, all or nothing or as much as there is, in one transaction.

    Each edition goes through the guards of `publish`; what was taken down stays down. Every commentary that
    goes live has its own entry in the trail.
    """
    body = await read_body(request, PublishWeek)
    if not calendar.week_exists(week):
        raise NotFound
    if not actor.may(Permission.PUBLISH):
        raise Forbidden(Message("reason.week-is-for"))
    async with db.write(actor, Action.PUBLISH, ObjectKind.COMMENTARY) as tx:
        with body.judging() as wanted:
            faults = faults_of_words([], wanted.correction_note, minor=wanted.minor)
            faults += await _faults_of_names(tx, wanted)
            if faults:
                raise Invalid(faults[0].detail, faults=faults)
        altered = {
            (row["id"], language) for row in await sql.lock_week(tx, week=week) for language in row["altered"]
        }
        decided = [
            (row, _decide(row, edition, actor, wanted, altered))
            for row in await weeks.read_week(tx, actor, week, settings.site)
            for edition in row.editions
            if _is_asked_for(row, edition, wanted)
        ]
        verdicts = [verdict for _, verdict in decided]
        _check(verdicts, wanted.mode)
        for row in {row.id: row for row, _ in decided}.values():
            going = [one for one in verdicts if one.commentary_id == row.id and one.goes]
            if going:
                await _publish(db, tx, settings, actor, row, going, wanted)
        _check(verdicts, wanted.mode)
    page_cache.tell_changed(request.scope, [one.commentary_id for one in verdicts if one.goes])
    return answer(_published(week, wanted.mode, verdicts))


async def _faults_of_names(tx: Connection, wanted: PublishWeek) -> list[FieldError]:
    """What names no language or section of the newsroom: it would publish nothing without a word."""
    if wanted.languages is None and wanted.sections is None:
        return []
    frame = await sql.board_frame(tx)
    known_sections = {section["key"] for section in frame["sections"]}
    faults = [
        FieldError(
            pointer=f"/languages/{place}",
            detail=Message("fault.one-of", allowed=Listed(frame["languages"])),
            code="unknown_language",
        )
        for place, language in enumerate(wanted.languages or ())
        if is_given(language) and language not in frame["languages"]
    ]
    faults += [
        FieldError(
            pointer=f"/sections/{place}", detail=Message("fault.no-such-section"), code="unknown_section"
        )
        for place, section in enumerate(wanted.sections or ())
        if is_given(section) and section not in known_sections
    ]
    return faults


def _is_asked_for(row: CommentaryOnBoard, edition: EditionOnBoard, wanted: PublishWeek) -> bool:
    """Whether an edition is part of what was asked for. What was taken down or thrown away never is."""
    if row.state in workflow.THROWN_AWAY or edition.status is EditionStatus.RETRACTED:
        return False
    if wanted.sections is not None and row.section not in wanted.sections:
        return False
    return wanted.languages is None or edition.language in wanted.languages


def _decide(
    row: CommentaryOnBoard,
    edition: EditionOnBoard,
    actor: Actor,
    wanted: PublishWeek,
    altered: set[tuple[UUID, str]],
) -> PublishedCell:
    subject = subjects.in_language(row.subject, edition.language)
    if wanted.languages is not None:
        subject = subjects.naming(subject)
    decided = PublishedCell(
        commentary_id=row.id,
        section=row.section,
        language=edition.language,
        outcome=Outcome.PUBLISHED,
        reason=None,
    )
    if edition.live_revision is not None and not subject.ready_languages:
        decided.outcome = Outcome.ALREADY_LIVE
        return decided
    refusal = decisions.verdict(subject, Action.PUBLISH, actor)
    if isinstance(refusal, OnlyScheduledIsReady):
        decided.outcome, decided.reason = Outcome.SCHEDULED, reason_of(refusal)
        return decided
    if refusal is None:
        were_live = [edition.language] if edition.was_live else []
        faults = faults_of_words(were_live, wanted.correction_note, minor=wanted.minor)
        refusal = Invalid(faults[0].detail) if faults else None
    if refusal is None and (row.id, edition.language) in altered:
        refusal = TextWasAltered()
    if refusal is not None:
        decided.outcome, decided.reason = Outcome.REFUSED, reason_of(refusal)
    return decided


def _check(verdicts: list[PublishedCell], mode: Mode) -> None:
    """Refuse where all was asked for and not all can be. Raises `NothingIsReady`, `WeekIsNotReady`."""
    if mode is Mode.AS_MUCH_AS_IS_READY:
        return
    if all(verdict.outcome in {Outcome.ALREADY_LIVE, Outcome.SCHEDULED} for verdict in verdicts):
        raise OnlyScheduledIsReady if _is_waited_for(verdicts) else NothingIsReady
    refused = [verdict for verdict in verdicts if verdict.outcome is Outcome.REFUSED]
    if refused:
        raise WeekIsNotReady(
            Message("reason.editions-cannot-go", count=len(refused), total=len(verdicts)),
            faults=[
                FieldError(
                    pointer=f"/{verdict.commentary_id}/{verdict.language}",
                    detail=verdict.reason.reason,
                    code=verdict.reason.code,
                )
                for verdict in refused
                if verdict.reason is not None
            ],
        )


def _is_waited_for(verdicts: list[PublishedCell]) -> bool:
    """Whether an edition waits for the instant of its schedule."""
    return any(verdict.outcome is Outcome.SCHEDULED for verdict in verdicts)


async def _publish(
    db: Database,
    tx: Connection,
    settings: Settings,
    actor: Actor,
    row: CommentaryOnBoard,
    going: list[PublishedCell],
    wanted: PublishWeek,
) -> None:
    """Publish these languages of one commentary, in a step of its own.

    What the week has published a moment ago may stand in the way of this one: its warnings are read again.
    """
    await db.step(tx, actor, Action.PUBLISH, ObjectKind.COMMENTARY, row.id, note=wanted.correction_note)
    seen = await views.see_commentary(tx, actor, row.id, settings.site)
    for cell in going:
        blocked = conditions.blocked_by(seen.row.subject, frozenset({cell.language}))
        if blocked is not None:
            cell.outcome, cell.reason = Outcome.REFUSED, reason_of(blocked)
    goes = {cell.language for cell in going if cell.goes}
    if goes:
        step = workflow.Step(Action.PUBLISH, row.state, None)
        transition = TransitionContext(connection=tx, settings=settings, actor=actor, row=seen.row, step=step)
        editions = [edition for edition in seen.row.editions if edition.language in goes]
        await publishing.go_live(
            transition,
            [
                PendingPublication(edition=one, note=wanted.correction_note, minor=wanted.minor)
                for one in editions
            ],
        )


def _published(week: str, mode: Mode, verdicts: list[PublishedCell]) -> WeekPublication:
    count = {outcome: sum(one.outcome is outcome for one in verdicts) for outcome in Outcome}
    return WeekPublication(
        week=week,
        mode=mode,
        published=count[Outcome.PUBLISHED],
        already_live=count[Outcome.ALREADY_LIVE],
        scheduled=count[Outcome.SCHEDULED],
        refused=count[Outcome.REFUSED],
        data=verdicts,
    )


ROUTES = [publish_week]
