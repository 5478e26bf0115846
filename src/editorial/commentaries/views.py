"""A commentary as one person sees it: what more than one feature needs to read and to show.

Every read of a commentary on the desk goes through `see_commentary`, which carries the need-to-know rule of
`core.permissions`: whoever has no sight of it gets the same `NotFound` as for one that is not there.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from editorial.core import calendar, checks, decisions, subjects, texts, workflow
from editorial.core.calendar import Week
from editorial.core.checks import Facts, PublicationWarning, Site
from editorial.core.people import PersonName
from editorial.core.permissions import (
    TRANSLATION_STATES,
    Actor,
    Information,
    Relation,
    Visibility,
    visibility_of,
)
from editorial.core.refusals import BlockedAction, NotFound
from editorial.core.states import CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Block, Photo, Text, Trend
from editorial.database.access import Database, Decision, ObjectKind
from editorial.database.queries import Connection, Statement, load_queries
from editorial.locales import Message, stored
from editorial.settings import Settings
from editorial.web import person_id_of

sql = load_queries("commentaries/views")

Language = Annotated[
    str,
    Meta(
        pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        max_length=20,
        description="A BCP 47 tag.",
        examples=["be"],
    ),
]
SectionKey = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=60,
        description="A section's key.",
        examples=["security"],
    ),
]


class TaskOfEdition(msgspec.Struct, kw_only=True):
    """The work that makes an edition current."""

    id: UUID
    state: TaskState


class Edition(msgspec.Struct, kw_only=True):
    """A commentary in one language."""

    language: str
    status: EditionStatus
    is_source: bool
    revision: int | None
    """The latest revision that you may see."""
    approved_revision: int | None
    live_revision: int | None
    """What readers see. Never the latest, always the one that was published."""
    slug: str | None
    published_at: datetime | None
    scheduled_for: datetime | None
    schedule_refusal: Message | None
    """Why a scheduled publication did not happen."""
    retraction_reason: str | None
    correction_pending: bool
    task: TaskOfEdition | None


class CommentaryText(msgspec.Struct, kw_only=True):
    """One revision of one edition's text."""

    language: str
    revision: int
    title: str
    lead: str
    blocks: list[Block]


class Commentary(msgspec.Struct, kw_only=True):
    """One analytical piece, as far as you may see it."""

    id: UUID
    version: int
    """Goes into If-Match. 0 for readers, who cannot write."""
    state: CommentaryState
    week: Week
    section: str
    trend: Trend | None
    source_language: str
    target_languages: list[str]
    byline: str | None
    """The public name, or none."""
    photo: Photo | None
    text: CommentaryText
    editions: list[Edition]
    author: PersonName | UnsetType = UNSET
    """Only for those who may know."""
    contributors: list[PersonName] | UnsetType = UNSET
    """Only for those who may know."""
    note: str | None | UnsetType = UNSET
    """The request for changes that is still open: null once the text was handed in again.

    Only for authors and coordinators. The history has those that were answered.
    """
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
    warnings: list[PublicationWarning] | UnsetType = UNSET
    """What somebody should look at before readers do. Only for authors and coordinators."""
    allowed_actions: list[str]
    blocked_actions: list[BlockedAction]


class EditionRow(msgspec.Struct, kw_only=True):
    """An edition as the database has it."""

    language: str
    is_source: bool
    is_active: bool
    status: EditionStatus
    revision: int | None
    approved_revision: int | None
    title_for_address: str | None
    """Of the approved text, where it has no address yet."""
    live_revision: int | None
    slug: str | None
    first_published_at: datetime | None
    published_at: datetime | None
    scheduled_for: datetime | None
    schedule_refusal: str | None
    retraction_reason: str | None
    correction_pending: bool
    facts: Facts | None
    """What the checks before publication need to know; only for those who see it whole."""
    task_id: UUID | None
    task_state: TaskState | None
    task_source_revision: int | None

    @property
    def was_live(self) -> bool:
        """Whether readers have seen it."""
        return self.first_published_at is not None


class CommentaryRow(msgspec.Struct, kw_only=True):
    """A commentary as the database has it, and how the actor stands to it."""

    id: UUID
    version: int
    state: CommentaryState
    week: str
    section: str
    section_is_closed: bool
    source_language: str
    author_id: UUID
    author_name: str | None
    byline: str | None
    review_note: str | None
    was_published: bool
    created_at: datetime
    updated_at: datetime
    is_author: bool
    is_contributor: bool
    is_translator: bool
    wrote_it: bool
    contributors: list[PersonName]
    editions: list[EditionRow]
    blocking_checks: list[str]
    source_number: int
    title: str
    lead: str
    trend: Trend | None
    photo: Photo | None
    blocks: list[Block]

    @property
    def text(self) -> Text:
        """The latest source text."""
        return Text(title=self.title, lead=self.lead, trend=self.trend, photo=self.photo, blocks=self.blocks)

    @property
    def source(self) -> EditionRow:
        """The edition that the analyst writes."""
        return next(edition for edition in self.editions if edition.is_source)

    @property
    def targets(self) -> list[EditionRow]:
        """The translations that are wanted."""
        return [edition for edition in self.editions if edition.is_active and not edition.is_source]

    @property
    def subject(self) -> subjects.Commentary:
        """What the machine needs to know."""
        present = [
            edition for edition in self.editions if edition.is_active or edition.live_revision is not None
        ]
        return subjects.Commentary(
            state=self.state,
            version=self.version,
            is_author=self.is_author,
            is_contributor=self.is_contributor,
            wrote_it=self.wrote_it,
            was_published=self.was_published,
            section_is_closed=self.section_is_closed,
            missing_parts=texts.missing_parts(self.text),
            ready_languages=frozenset(
                edition.language
                for edition in present
                if edition.approved_revision is not None
                and edition.approved_revision != edition.live_revision
            ),
            live_languages=frozenset(e.language for e in present if e.live_revision is not None),
            scheduled_languages=frozenset(e.language for e in present if e.scheduled_for is not None),
            blocking=tuple(one for one in self.warnings if one.blocks),
        )

    @property
    def warnings(self) -> list[PublicationWarning]:
        """What somebody should look at before readers do, of what is wanted or live."""
        return [
            warning
            for edition in self.editions
            if edition.facts is not None and (edition.is_active or edition.live_revision is not None)
            for warning in checks.warnings(edition.facts, edition.language, self.blocking_checks)
        ]


class TransitionContext(msgspec.Struct, kw_only=True):
    """What a transition's command needs: where to look, who acts, and the commentary as it was seen."""

    connection: Connection
    settings: Settings
    actor: Actor
    row: CommentaryRow
    step: workflow.Step[CommentaryState]
    is_locked: bool = False
    """A transaction has locked the commentary, so the step may write more than one statement."""

    def writing(self, query: Callable[..., Awaitable[Any]], **parameters: Any) -> Statement:
        """The statement that takes the step, where the commentary still has the version that was read."""
        return Statement(query, {"id": self.row.id, "version": self.row.version, **parameters})


class Seen(msgspec.Struct):
    """A commentary and how much of it the actor sees."""

    row: CommentaryRow
    sight: Visibility
    relations: frozenset[Relation]
    """How the actor stands to it."""


async def known_languages(connection: Connection) -> list[str]:
    """The languages of the newsroom, in its order."""
    return [row["tag"] for row in await sql.known_languages(connection)]


def languages_of(actor: Actor) -> list[str]:
    """The languages that somebody translates into, for queries; none for who is no translator."""
    return sorted(actor.target_languages)


def translator_states() -> list[str]:
    """The states in which a translator sees the source, for queries."""
    return sorted(TRANSLATION_STATES)


def text_of(row: Any) -> Text:
    """The text of a revision's row."""
    return msgspec.convert({name: row[name] for name in ("title", "lead", "trend", "photo", "blocks")}, Text)


def pattern_of(words: str | None) -> str | None:
    """A pattern (of `ilike`) for what has these words in it, whatever characters they have."""
    if words is None:
        return None
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def see_commentary(connection: Connection, actor: Actor, commentary_id: UUID, site: Site) -> Seen:
    """A commentary as far as the actor may see it. Raises `NotFound` where that is nothing."""
    found = await sql.get_commentary(
        connection,
        id=commentary_id,
        actor=person_id_of(actor),
        writer=actor.writer_id,
        languages=languages_of(actor),
        sees_all=actor.may_know(Information.UNFINISHED_TEXT),
        translator_states=translator_states(),
    )
    if found is None:
        raise NotFound
    row = msgspec.convert(dict(found), CommentaryRow)
    for edition in row.editions:
        edition.facts = checks.on_site(edition.facts, site)
    relations = set(actor.relations)
    if row.is_author and actor.keeps(Relation.AUTHOR):
        relations.add(Relation.AUTHOR)
    if row.is_contributor and actor.keeps(Relation.CONTRIBUTOR):
        relations.add(Relation.CONTRIBUTOR)
    if row.is_translator:
        relations.add(Relation.TRANSLATOR)
    sight = visibility_of(
        frozenset(relations), row.state, any_live=any(e.live_revision is not None for e in row.editions)
    )
    if sight is Visibility.NOTHING:
        raise NotFound
    return Seen(row, sight, frozenset(relations))


def open_request(row: CommentaryRow, state: CommentaryState) -> str | None:
    """The request for changes that is open still when a commentary comes into a state."""
    return row.review_note if state in workflow.CHANGES_ARE_REQUESTED else None


def as_moved(seen: Seen, moved: Any) -> Seen:
    """A commentary after a step that has changed nothing of it but these members of its row."""
    changed = {**moved, "state": CommentaryState(moved["state"])}
    return Seen(msgspec.structs.replace(seen.row, **changed), seen.sight, seen.relations)


def visible_revisions(seen: Seen, actor: Actor, language: str) -> list[int] | None:
    """Which revisions of an edition the actor may read: all (none given), or just these."""
    edition = next((edition for edition in seen.row.editions if edition.language == language), None)
    if edition is None:
        return []
    live = [edition.live_revision] if edition.live_revision is not None else []
    match seen.sight:
        case Visibility.WHOLE:
            return None
        case Visibility.TRANSLATION if edition.is_source:
            given = [e.task_source_revision for e in seen.row.editions if actor.translates(e.language)]
            return sorted({*live, *(number for number in given if number is not None)})
        case Visibility.TRANSLATION if actor.translates(language):
            return None
        case _:
            return live


def _edition_for(seen: Seen, actor: Actor, edition: EditionRow) -> Edition | None:
    row_is_mine = seen.sight is Visibility.TRANSLATION and actor.translates(edition.language)
    if seen.sight is not Visibility.WHOLE and not row_is_mine and edition.live_revision is None:
        return None
    whole = seen.sight is Visibility.WHOLE or row_is_mine
    task = None
    if whole and edition.task_id is not None and edition.task_state is not None:
        task = TaskOfEdition(id=edition.task_id, state=edition.task_state)
    return Edition(
        language=edition.language,
        status=edition.status,
        is_source=edition.is_source,
        revision=edition.revision if whole else edition.live_revision,
        approved_revision=edition.approved_revision if whole else edition.live_revision,
        live_revision=edition.live_revision,
        slug=edition.slug,
        published_at=(
            edition.published_at
            if seen.sight is Visibility.WHOLE
            else calendar.to_the_minute(edition.published_at)
        ),
        scheduled_for=edition.scheduled_for if whole else None,
        schedule_refusal=stored.read(edition.schedule_refusal) if whole else None,
        retraction_reason=edition.retraction_reason,
        correction_pending=edition.correction_pending,
        task=task,
    )


async def show_commentary(connection: Connection, actor: Actor, seen: Seen) -> Commentary:
    """The answer for somebody: the text that they may read, and nothing that they may not know."""
    if seen.sight is Visibility.WHOLE:
        return show_whole(actor, seen)
    return _shown(actor, seen, *await _text_for(connection, actor, seen))


def show_whole(actor: Actor, seen: Seen) -> Commentary:
    """The answer for somebody who sees all of a commentary: nothing more has to be read for it."""
    return _shown(actor, seen, seen.row.source_language, seen.row.source_number, seen.row.text)


def _shown(actor: Actor, seen: Seen, language: str, number: int, text: Text) -> Commentary:
    row = seen.row
    allowed, blocked = decisions.verdicts(row.subject, actor)
    editions = [_edition_for(seen, actor, edition) for edition in row.editions]
    shown = [e for e in editions if e is not None]
    wanted = {edition.language for edition in row.targets}
    commentary = Commentary(
        id=row.id,
        version=row.version if seen.sight is Visibility.WHOLE else 0,
        state=CommentaryState.PUBLISHED if seen.sight is Visibility.LIVE else row.state,
        week=row.week,
        section=row.section,
        trend=text.trend,
        source_language=row.source_language,
        target_languages=sorted(wanted & {e.language for e in shown}),
        byline=row.byline,
        photo=text.photo,
        text=CommentaryText(
            language=language, revision=number, title=text.title, lead=text.lead, blocks=text.blocks
        ),
        editions=[
            e
            for e in shown
            if seen.sight is not Visibility.WHOLE or e.language in wanted | {row.source_language}
        ],
        allowed_actions=allowed,
        blocked_actions=blocked,
    )
    if seen.sight is Visibility.WHOLE:
        commentary.author = PersonName(id=row.author_id, display_name=row.author_name)
        commentary.contributors = row.contributors
        commentary.note = row.review_note
        commentary.created_at = row.created_at
        commentary.updated_at = row.updated_at
        commentary.warnings = row.warnings
    return commentary


async def _text_for(connection: Connection, actor: Actor, seen: Seen) -> tuple[str, int, Text]:
    row = seen.row
    language = row.source_language
    numbers = visible_revisions(seen, actor, language)
    if not numbers:
        live = next(edition for edition in row.editions if edition.live_revision is not None)
        language, numbers = live.language, [live.live_revision or 0]
    found = await sql.get_revision(connection, commentary=row.id, language=language, number=numbers[-1])
    return language, numbers[-1], text_of(found)


async def write_text(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    action: str,
    written: Callable[[Connection, Seen], Awaitable[Text]],
) -> Commentary:
    """Make what `written` gives the next revision of the source text. An unchanged text is no new revision."""

    async def read(connection: Connection) -> Seen:
        return await see_commentary(connection, actor, id, settings.site)

    async def decide(connection: Connection, seen: Seen, *, is_locked: bool) -> Decision:
        text = await written(connection, seen)
        statement = None
        if text != seen.row.text:
            revision = next_revision(seen.row, text, actor)
            statement = Statement(
                sql.edit_commentary_at_once, {"id": id, "version": seen.row.version, **revision}
            )
        return Decision(action=action, on=ObjectKind.COMMENTARY, object_id=id, statement=statement)

    seen, version = await db.transition(actor, read, decide)
    if version is None:
        return show_whole(actor, seen)
    # The new text may have other warnings, which the database finds.
    async with db.read(after_write=True) as connection:
        return await show_commentary(connection, actor, await read(connection))


async def add_source_revision(tx: Connection, row: CommentaryRow, text: Text, actor: Actor) -> None:
    """Write the next revision of the source text, in a transaction that has locked its commentary."""
    revision = next_revision(row, text, actor)
    await sql.add_revision(tx, commentary=row.id, **revision)
    await sql.touch_commentary(tx, id=row.id)


def next_revision(row: CommentaryRow, text: Text, actor: Actor) -> dict[str, Any]:
    """The next revision of the source text, as the queries take it."""
    return {
        "language": row.source_language,
        "number": row.source_number + 1,
        "title": text.title,
        "lead": text.lead,
        "trend": text.trend,
        "photo": text.photo,
        "blocks": text.blocks,
        "created_by": actor.person_id,
    }
