"""A week's board: sections, commentaries and languages, what is missing, and why.

The reasons are those of the guards that would refuse the action. Two round trips, whatever the week holds.
Everything that is counted is counted over what the person may see: the rest does not exist for them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from msgspec import UNSET, UnsetType

from editorial.commentaries import weeks
from editorial.commentaries.views import TaskOfEdition
from editorial.commentaries.weeks import CommentaryOnBoard, EditionOnBoard, Reason, reason_of, sql
from editorial.core import calendar, decisions, subjects, workflow
from editorial.core.checks import PublicationWarning, Site
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Visibility, may_know_holder
from editorial.core.refusals import NotFound
from editorial.core.states import Action, CommentaryState, EditionStatus
from editorial.core.texts import Trend
from editorial.database.access import Database
from editorial.database.queries import Connection
from editorial.locales import Message, stored
from editorial.settings import Settings
from editorial.web import answer, operation


class BoardCell(msgspec.Struct, kw_only=True):
    """One language of one commentary."""

    language: str
    is_source: bool
    status: EditionStatus
    can_be_published: bool
    """Whether its approved text is not what readers see, and neither a guard nor a schedule holds it."""
    reason: Reason | None
    """Why it does not go live now. Null where it could, or is."""
    task: TaskOfEdition | None
    holder: PersonName | None | UnsetType = UNSET
    """Who has it in hand: a draft's author, a task's translator. Only for those who may know."""
    due_at: datetime | None
    slug: str | None
    published_at: datetime | None
    scheduled_for: datetime | None
    schedule_refusal: Message | None
    correction_pending: bool
    warnings: list[PublicationWarning]


class BoardCommentary(msgspec.Struct, kw_only=True):
    """One commentary of the week, language by language."""

    id: UUID
    version: int
    """Goes into If-Match. 0 for readers, who cannot write."""
    state: CommentaryState
    title: str | None
    trend: Trend | None
    byline: str | None
    author: PersonName | UnsetType = UNSET
    """Only for those who may know."""
    cells: list[BoardCell]
    missing_languages: list[str]
    """Languages of the newsroom that it is not wanted in."""


class BoardLabels(msgspec.Struct, kw_only=True):
    """A section's name in each language."""

    be: str
    ru: str
    en: str


class BoardSection(msgspec.Struct, kw_only=True):
    """A section of the digest, with what it has for this week."""

    key: str
    labels: BoardLabels
    is_closed: bool
    commentaries: list[BoardCommentary]


class MissingInLanguage(msgspec.Struct, kw_only=True):
    """What readers of a language do not get of the week yet."""

    language: str
    sections: list[str]
    """Sections without a live commentary in this language."""
    commentaries: list[UUID]
    """Commentaries that are not live in it."""


class Missing(msgspec.Struct, kw_only=True):
    """What the week lacks. Of closed sections nothing is missing."""

    sections: list[str]
    """Sections without any commentary."""
    languages: list[MissingInLanguage]


class Totals(msgspec.Struct, kw_only=True):
    """The board in numbers. Editions by their status."""

    commentaries: int
    editions: int
    pending: int
    ready: int
    scheduled: int
    live: int
    retracted: int
    can_be_published: int
    warnings: int


class WeekBoard(msgspec.Struct, kw_only=True):
    """One week of the digest, as far as you may see it."""

    week: str
    languages: list[str]
    sections: list[BoardSection]
    missing: Missing
    totals: Totals


@get(
    "/v1/weeks/{week:str}",
    name="get_week_board",
    operation_id="get_week_board",
    opt=operation(refuses=[NotFound]),
)
async def get_week_board(db: Database, settings: Settings, actor: Actor, week: str) -> Response[WeekBoard]:
    """Read the board of a week: what stands where, what is missing, and why it does not go live.

    Coordinators see all of it, others what they may see.
    """
    if not calendar.week_exists(week):
        raise NotFound
    async with db.read() as connection:
        return answer(await read_board(connection, actor, week, settings.site))


async def read_board(connection: Connection, actor: Actor, week: str, site: Site) -> WeekBoard:
    """The board as the actor may see it."""
    frame = await sql.board_frame(connection)
    return _board(week, frame, await weeks.read_week(connection, actor, week, site), actor)


def _board(week: str, frame: Any, rows: list[CommentaryOnBoard], actor: Actor) -> WeekBoard:
    languages: list[str] = frame["languages"]
    shown = {row.id: _commentary(row, actor, languages) for row in rows}
    sections = [
        BoardSection(
            key=section["key"],
            labels=msgspec.convert(section["labels"], BoardLabels),
            is_closed=section["is_closed"],
            commentaries=[shown[row.id] for row in rows if row.section == section["key"]],
        )
        for section in frame["sections"]
    ]
    standing = [row for row in rows if row.state not in workflow.THROWN_AWAY]
    cells = [cell for row in standing for cell in shown[row.id].cells]
    by_status = {status: sum(cell.status is status for cell in cells) for status in EditionStatus}
    return WeekBoard(
        week=week,
        languages=languages,
        sections=sections,
        missing=_missing(sections, standing, languages),
        totals=Totals(
            commentaries=len(standing),
            editions=len(cells),
            pending=by_status[EditionStatus.PENDING],
            ready=by_status[EditionStatus.READY],
            scheduled=by_status[EditionStatus.SCHEDULED],
            live=by_status[EditionStatus.LIVE],
            retracted=by_status[EditionStatus.RETRACTED],
            can_be_published=sum(cell.can_be_published for cell in cells),
            warnings=sum(len(cell.warnings) for cell in cells),
        ),
    )


def _missing(sections: list[BoardSection], rows: list[CommentaryOnBoard], languages: list[str]) -> Missing:
    expected = [section.key for section in sections if not section.is_closed]
    live = {
        (row.section, edition.language)
        for row in rows
        for edition in row.editions
        if edition.live_revision is not None
    }
    return Missing(
        sections=[key for key in expected if not any(row.section == key for row in rows)],
        languages=[
            MissingInLanguage(
                language=language,
                sections=[key for key in expected if (key, language) not in live],
                commentaries=[
                    row.id
                    for row in rows
                    if not any(
                        one.language == language and one.live_revision is not None for one in row.editions
                    )
                ],
            )
            for language in languages
        ],
    )


def _commentary(row: CommentaryOnBoard, actor: Actor, languages: list[str]) -> BoardCommentary:
    whole = row.sight is Visibility.WHOLE
    shown = BoardCommentary(
        id=row.id,
        version=row.version if whole else 0,
        state=CommentaryState.PUBLISHED if row.sight is Visibility.LIVE else row.state,
        title=row.title,
        trend=row.trend,
        byline=row.byline,
        cells=[_cell(row, edition, actor) for edition in row.editions],
        missing_languages=[
            language for language in languages if whole and language not in {e.language for e in row.editions}
        ],
    )
    if whole:
        shown.author = PersonName(id=row.author_id, display_name=row.author_name)
    return shown


def _cell(row: CommentaryOnBoard, edition: EditionOnBoard, actor: Actor) -> BoardCell:
    whole = row.sight is Visibility.WHOLE
    mine = whole or (row.sight is Visibility.TRANSLATION and actor.translates(edition.language))
    subject = subjects.in_language(row.subject, edition.language)
    is_done = edition.live_revision is not None and not subject.ready_languages
    refusal = None if is_done else decisions.obstacle(subject, Action.PUBLISH)
    cell = BoardCell(
        language=edition.language,
        is_source=edition.is_source,
        status=edition.status,
        can_be_published=not is_done and refusal is None,
        reason=reason_of(refusal),
        task=(
            TaskOfEdition(id=edition.task_id, state=edition.task_state)
            if mine and edition.task_id is not None and edition.task_state is not None
            else None
        ),
        due_at=edition.due_at if mine else None,
        slug=edition.slug if mine or edition.live_revision is not None else None,
        published_at=edition.published_at if whole else calendar.to_the_minute(edition.published_at),
        scheduled_for=edition.scheduled_for if mine else None,
        schedule_refusal=stored.read(edition.schedule_refusal) if mine else None,
        correction_pending=edition.correction_pending,
        warnings=row.warnings_of(edition),
    )
    if edition.is_source and whole:
        in_hand = row.state in workflow.IN_ITS_AUTHORS_HANDS
        cell.holder = PersonName(id=row.author_id, display_name=row.author_name) if in_hand else None
    elif not edition.is_source and may_know_holder(
        actor, edition.language, is_holder=edition.assignee_id == actor.id
    ):
        cell.holder = (
            None
            if edition.assignee_id is None
            else PersonName(id=edition.assignee_id, display_name=edition.holder_name)
        )
    return cell


ROUTES = [get_week_board]
