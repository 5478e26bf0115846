"""The commentaries of a week, language by language, as one person sees them.

The week's board reads them, and what publishes a week. One query carries the need-to-know rule.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from editorial.commentaries import views
from editorial.core import checks, subjects
from editorial.core.checks import Facts, PublicationWarning, Site
from editorial.core.permissions import Actor, Information, Visibility
from editorial.core.refusals import Refusal
from editorial.core.states import CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Trend
from editorial.database.queries import Connection, load_queries
from editorial.locales import Message, values
from editorial.web import person_id_of

sql = load_queries("commentaries/weeks")


class Reason(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why something does not go live: the refusal that the action would get."""

    code: str
    reason: Message
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    """The values in the sentence, for a program that words it itself."""


class EditionOnBoard(msgspec.Struct, kw_only=True):
    """An edition as the database has it, as far as the actor may see it."""

    language: str
    is_source: bool
    status: EditionStatus
    approved_revision: int | None
    live_revision: int | None
    was_live: bool
    slug: str | None
    published_at: datetime | None
    scheduled_for: datetime | None
    schedule_refusal: str | None
    correction_pending: bool
    task_id: UUID | None
    task_state: TaskState | None
    due_at: datetime | None
    assignee_id: UUID | None
    holder_name: str | None
    facts: Facts | None


class CommentaryOnBoard(msgspec.Struct, kw_only=True):
    """A commentary as the database has it, and how the actor stands to it."""

    id: UUID
    version: int
    state: CommentaryState
    section: str
    section_is_closed: bool
    source_language: str
    author_id: UUID
    author_name: str | None
    byline: str | None
    was_published: bool
    is_author: bool
    sight: Visibility
    title: str | None
    trend: Trend | None
    editions: list[EditionOnBoard]
    blocking_checks: list[str]

    def warnings_of(self, edition: EditionOnBoard) -> list[PublicationWarning]:
        """What somebody should look at in an edition before readers do."""
        if edition.facts is None:
            return []
        return checks.warnings(edition.facts, edition.language, self.blocking_checks)

    @property
    def subject(self) -> subjects.Commentary:
        """What the machine needs to know to publish."""
        return subjects.Commentary(
            state=self.state,
            version=self.version,
            is_author=self.is_author,
            was_published=self.was_published,
            section_is_closed=self.section_is_closed,
            ready_languages=frozenset(
                edition.language
                for edition in self.editions
                if edition.approved_revision is not None
                and edition.approved_revision != edition.live_revision
            ),
            live_languages=frozenset(e.language for e in self.editions if e.live_revision is not None),
            scheduled_languages=frozenset(e.language for e in self.editions if e.scheduled_for is not None),
            blocking=tuple(
                warning
                for edition in self.editions
                for warning in self.warnings_of(edition)
                if warning.blocks
            ),
        )


async def read_week(connection: Connection, actor: Actor, week: str, site: Site) -> list[CommentaryOnBoard]:
    """The commentaries of a week that the actor may see, in the order of the sections."""
    rows = await sql.week_board(
        connection,
        week=week,
        actor=person_id_of(actor),
        writer=actor.writer_id,
        languages=views.languages_of(actor),
        sees_all=actor.may_know(Information.UNFINISHED_TEXT),
        translator_states=views.translator_states(),
    )
    on_board = [msgspec.convert(dict(row), CommentaryOnBoard) for row in rows]
    for edition in (edition for row in on_board for edition in row.editions):
        edition.facts = checks.on_site(edition.facts, site)
    return on_board


def reason_of(refusal: Refusal | None) -> Reason | None:
    """A refusal as a reason, or nothing."""
    return (
        None
        if refusal is None
        else Reason(code=refusal.code, reason=refusal.detail, params=values(refusal.detail))
    )
