"""Publishing, scheduling, retracting, addresses: what more than one way leads to.

The transitions of a commentary use it, the week's board, and the worker. Every command runs in a transaction
that has locked the commentary, after `workflow.decide` has let the action through. What goes live is the
text that was approved: it is named by edition, revision and approval, and Postgres holds the chain.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from editorial import desk
from editorial.core import slugs, texts, workflow
from editorial.core.publication import TAKEN_DOWN, faults_of_words, kind_of
from editorial.core.refusals import (
    AddressIsTaken,
    Fault,
    Invalid,
    NothingIsLive,
    NothingIsReady,
    NothingIsScheduled,
)
from editorial.core.states import PublicationKind
from editorial.core.texts import Kept, Same
from editorial.db import load_queries
from editorial.desk import Language, Move
from editorial.identifiers import new_block_id, new_id

sql = load_queries("publication")
moves = load_queries("moves")

PublicNote = Annotated[str, Meta(min_length=1, max_length=1_000, description="Readers see this.")]
Languages = Annotated[list[Language], Meta(min_length=1, max_length=20)]
Slug = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=100,
        description="The last part of a public address.",
        examples=["grain-exports-fall"],
    ),
]


class Publish(msgspec.Struct, kw_only=True, tag_field="action", tag="publish", forbid_unknown_fields=True):
    """Put the approved or accepted editions before readers."""

    languages: Languages | None = None
    """All that are ready, unless you say which."""
    correction_note: PublicNote | None = None
    """What was changed. Required where an edition was live before, unless the change is minor."""
    minor: bool = False
    """The change is of no substance: readers are not told."""


class Schedule(msgspec.Struct, kw_only=True, tag_field="action", tag="schedule", forbid_unknown_fields=True):
    """Publish the texts that are approved now at an instant, with your rights as they are then."""

    at: Annotated[datetime, Meta(tz=True, description="An RFC 3339 instant with its offset, in the future.")]
    languages: Languages | None = None
    """All that are ready, unless you say which."""
    correction_note: PublicNote | None = None
    """What was changed. Required where an edition was live before, unless the change is minor."""
    minor: bool = False
    """The change is of no substance: readers are not told."""


class Unschedule(
    msgspec.Struct, kw_only=True, tag_field="action", tag="unschedule", forbid_unknown_fields=True
):
    """Take a schedule back."""

    languages: Languages | None = None
    """All that are scheduled, unless you say which."""


class Retract(msgspec.Struct, kw_only=True, tag_field="action", tag="retract", forbid_unknown_fields=True):
    """Take live editions down. Readers get the reason in their place."""

    reason: PublicNote
    languages: Languages | None = None
    """All that are live, unless you say which."""


class ChangeSlug(
    msgspec.Struct, kw_only=True, tag_field="action", tag="change_slug", forbid_unknown_fields=True
):
    """Give an edition another public address. The one that it had leads to it for ever."""

    language: Language
    slug: Slug


class ReadyEdition(msgspec.Struct, kw_only=True):
    """An edition that is about to go live."""

    language: str
    is_source: bool
    slug: str | None
    was_live: bool
    is_retracted: bool
    title: str


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """An edition that goes live now, and the words that go with it."""

    edition: ReadyEdition
    note: str | None
    minor: bool

    @property
    def kind(self) -> PublicationKind:
        """What this is to the edition's readers."""
        edition = self.edition
        return kind_of(was_live=edition.was_live, is_retracted=edition.is_retracted, minor=self.minor)


async def ready_editions(move: Move, languages: Collection[str]) -> list[ReadyEdition]:
    """These editions with what publication has to know of them."""
    rows = await sql.ready_editions(move.tx, commentary=move.row.id, languages=sorted(languages))
    return [msgspec.convert(dict(row), ReadyEdition) for row in rows]


async def publish(move: Move, wanted: Publish) -> None:
    """Make the chosen editions live."""
    editions = await _chosen_to_go(move, wanted)
    await go_live(
        move, [Going(edition=one, note=wanted.correction_note, minor=wanted.minor) for one in editions]
    )


async def _chosen_to_go(move: Move, wanted: Publish | Schedule) -> list[ReadyEdition]:
    subject = move.row.subject
    chosen = workflow.chosen_languages(wanted.languages, subject.ready_languages, NothingIsReady)
    blocked = workflow.blocked_by(subject, chosen)
    if blocked is not None:
        raise blocked
    editions = await ready_editions(move, chosen)
    were_live = [edition.language for edition in editions if edition.was_live]
    faults = faults_of_words(were_live, wanted.correction_note, minor=wanted.minor)
    if faults:
        raise Invalid(faults[0].detail, faults=faults)
    return editions


async def go_live(move: Move, going: list[Going]) -> None:
    """Put approved texts before readers. Everything was decided; nothing of another language is touched."""
    row = move.row
    await _take_first_slugs(move, [one.edition for one in going if one.edition.slug is None])
    if going:
        await sql.make_live(
            move.tx,
            commentary=row.id,
            ids=[new_id() for _ in going],
            languages=[one.edition.language for one in going],
            kinds=[one.kind for one in going],
            notes=[one.note if one.kind is PublicationKind.CORRECTION else None for one in going],
        )
    if any(one.kind is PublicationKind.CORRECTION for one in going):
        await _announce_correction(move, [one.edition.language for one in going])
    await sql.mark_published(move.tx, id=row.id, state=workflow.AFTER_PUBLICATION)


async def _take_first_slugs(move: Move, editions: list[ReadyEdition]) -> None:
    """Addresses out of the titles. Somebody else may take the same one at this moment: then the next."""
    row = move.row
    waiting = {edition.language: edition for edition in editions}
    while waiting:
        candidates = [
            (language, slug)
            for language, edition in waiting.items()
            for slug in slugs.slug_candidates(edition.title, language, row.week, new_block_id())
        ]
        taken = await sql.take_first_slugs(
            move.tx,
            commentary=row.id,
            languages=[language for language, _ in candidates],
            slugs=[slug for _, slug in candidates],
        )
        for one in taken:
            del waiting[one["language"]]


async def _announce_correction(move: Move, languages: list[str]) -> None:
    """Every other live edition that says something else than the source that was approved last.

    Whatever goes live was made from that source, the latest: a text is in nobody's hands while it can be
    published.
    """
    row = move.row
    same = [
        msgspec.convert(dict(found), Same)
        for found in await moves.list_same_meaning(move.tx, commentary=row.id)
    ]
    behind: list[str] = []
    for other in await sql.other_live_editions(move.tx, commentary=row.id, languages=languages):
        if other["is_source"]:
            live = desk.text_of(other["text"])
            kept = {
                unit.id: Kept(unit.text, texts.unit_hash(unit), other["number"]) for unit in texts.units(live)
            }
        else:
            kept = msgspec.convert(other["units"] or {}, dict[str, Kept])
        if texts.is_behind(row.text, kept, desk.text_of(other["source"]), same):
            behind.append(other["language"])
    if behind:
        await sql.announce_correction(move.tx, commentary=row.id, languages=behind)


async def schedule(move: Move, wanted: Schedule) -> None:
    """Remember the instant, the text and who stands behind it. All of it is decided again at the instant."""
    if not await sql.instant_is_bearable(move.tx, at=wanted.at):
        raise Invalid(
            faults=[Fault(pointer="/at", detail="An instant in the future, within ten years.", code="past")]
        )
    editions = await _chosen_to_go(move, wanted)
    await sql.schedule_editions(
        move.tx,
        commentary=move.row.id,
        languages=[edition.language for edition in editions],
        at=wanted.at,
        scheduled_by=move.actor.person_id,
        note=wanted.correction_note,
        minor=wanted.minor,
    )
    await desk.sql.touch_commentary(move.tx, id=move.row.id)


async def unschedule(move: Move, wanted: Unschedule) -> None:
    """Nothing happens at that instant."""
    chosen = workflow.chosen_languages(
        wanted.languages, move.row.subject.scheduled_languages, NothingIsScheduled
    )
    await end_schedules(move, chosen, None)
    await desk.sql.touch_commentary(move.tx, id=move.row.id)


async def end_schedules(move: Move, languages: Iterable[str], refusal: str | None) -> None:
    """End what is scheduled of these languages, and say why where it was not a person."""
    await sql.end_schedules(move.tx, commentary=move.row.id, languages=sorted(languages), refusal=refusal)


async def retract(move: Move, wanted: Retract) -> None:
    """Put the notice in the place of the text."""
    row = move.row
    live = row.subject.live_languages
    chosen = workflow.chosen_languages(wanted.languages, live, NothingIsLive)
    await sql.take_down(
        move.tx,
        commentary=row.id,
        ids=[new_id() for _ in chosen],
        languages=sorted(chosen),
        reason=wanted.reason,
        refusal=TAKEN_DOWN,
    )
    state = workflow.after_retraction(row.state, len(live - chosen))
    if not live - chosen:
        await end_schedules(move, row.subject.scheduled_languages - chosen, TAKEN_DOWN)
    await desk.sql.move_commentary(move.tx, id=row.id, state=state, note=None)


async def change_slug(move: Move, wanted: ChangeSlug) -> None:
    """Another address for an edition: a new one, or one that it had before."""
    row = move.row
    known = {edition.language for edition in row.editions if edition.wanted}
    if wanted.language not in known:
        raise Invalid(
            faults=[
                Fault(
                    pointer="/language",
                    detail=f"One of: {', '.join(sorted(known))}.",
                    code="unknown_language",
                )
            ]
        )
    is_own = await sql.take_slug(move.tx, commentary=row.id, language=wanted.language, slug=wanted.slug)
    if not is_own:
        raise AddressIsTaken
    await sql.use_slug(move.tx, commentary=row.id, language=wanted.language, slug=wanted.slug)
    await desk.sql.touch_commentary(move.tx, id=row.id)
