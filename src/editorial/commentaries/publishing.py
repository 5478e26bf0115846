"""Publishing, scheduling, retracting, addresses: what more than one way leads to.

The transitions of a commentary use it, the week's board, and the worker. A command looks at what it has to
know, after `decisions.decide` has let the action through, and gives the statement that is to be written where
the commentary is as it was seen. What goes live is the text that was approved: it is named by edition,
revision and approval, and Postgres holds the chain.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from editorial.commentaries import views
from editorial.commentaries.views import CommentaryRow, EditionRow, Language, TransitionContext
from editorial.core import conditions, decisions, sheets, slugs, subjects, texts, workflow
from editorial.core.calendar import Instant
from editorial.core.ids import new_block_id, new_id
from editorial.core.normalisation import Form
from editorial.core.publication import TAKEN_DOWN, faults_of_words, kind_of
from editorial.core.refusals import (
    AddressIsTaken,
    FieldError,
    InternalError,
    Invalid,
    NothingIsLive,
    NothingIsReady,
    NothingIsScheduled,
)
from editorial.core.rules import is_given
from editorial.core.sheets import EquivalentWording, TranslatedUnit
from editorial.core.states import PublicationKind
from editorial.database.queries import Statement, load_queries
from editorial.locales import Listed, Message

sql = load_queries("commentaries/publishing")

PublicNote = Annotated[
    str, Meta(min_length=1, max_length=1_000, description="Readers see this, as plain text."), Form.TEXT
]
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
    """All that are ready and have no schedule of their own, unless you say which."""
    correction_note: PublicNote | None = None
    """What was changed. Required where an edition was live before, unless the change is minor."""
    minor: bool = False
    """The change is of no substance: readers are not told."""


class Schedule(msgspec.Struct, kw_only=True, tag_field="action", tag="schedule", forbid_unknown_fields=True):
    """Publish the texts that are approved now at an instant, with your rights as they are then."""

    at: Annotated[Instant, Meta(description="An RFC 3339 instant with its offset, in the future.")]
    languages: Languages | None = None
    """All that are ready and have no schedule yet, unless you say which."""
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


class PendingPublication(msgspec.Struct, frozen=True, kw_only=True):
    """An edition that goes live now, and the words that go with it."""

    edition: EditionRow
    note: str | None
    minor: bool

    @property
    def kind(self) -> PublicationKind:
        """What this is to the edition's readers."""
        edition = self.edition
        is_retracted = edition.retraction_reason is not None
        return kind_of(was_live=edition.was_live, is_retracted=is_retracted, minor=self.minor)


async def publish(transition: TransitionContext, wanted: Publish) -> Statement:
    """Make the chosen editions live."""
    going = [
        PendingPublication(edition=one, note=wanted.correction_note, minor=wanted.minor)
        for one in _chosen_to_go(transition.row, wanted)
    ]
    editions = [one.edition for one in going]
    if transition.is_locked:
        await _take_first_slugs(transition, editions)
        return await _going_live(transition, going, [])
    return await _going_live(transition, going, _addresses(transition.row, editions))


def _chosen_to_go(row: CommentaryRow, wanted: Publish | Schedule) -> list[EditionRow]:
    subject = row.subject if wanted.languages is None else subjects.naming(row.subject)
    chosen = decisions.chosen_languages(wanted.languages, subject.languages_to_publish, NothingIsReady)
    blocked = conditions.blocked_by(subject, chosen)
    if blocked is not None:
        raise blocked
    editions = sorted(
        (edition for edition in row.editions if edition.language in chosen), key=lambda one: one.language
    )
    were_live = [edition.language for edition in editions if edition.was_live]
    faults = faults_of_words(were_live, wanted.correction_note, minor=wanted.minor)
    if faults:
        raise Invalid(faults[0].detail, faults=faults)
    return editions


async def go_live(transition: TransitionContext, going: list[PendingPublication]) -> None:
    """Put approved texts before readers, in a transaction that has locked their commentary.

    An address that somebody else takes at this moment costs nothing else of the transaction.
    """
    await _take_first_slugs(transition, [one.edition for one in going])
    statement = await _going_live(transition, going, [])
    if await statement.run(transition.connection, context=None) is None:
        raise InternalError


async def _going_live(
    transition: TransitionContext, going: list[PendingPublication], addresses: list[tuple[str, str]]
) -> Statement:
    """Everything was decided; nothing of another language is touched."""
    is_correction = any(one.kind is PublicationKind.CORRECTION for one in going)
    return transition.writing(
        sql.publish_at_once,
        state=workflow.AFTER_PUBLICATION,
        ids=[new_id() for _ in going],
        languages=[one.edition.language for one in going],
        kinds=[one.kind for one in going],
        notes=[one.note if one.kind is PublicationKind.CORRECTION else None for one in going],
        nameless=[language for language, _ in addresses],
        slugs=[slug for _, slug in addresses],
        behind=await _behind(transition, [one.edition.language for one in going]) if is_correction else [],
    )


def _addresses(row: CommentaryRow, editions: Iterable[EditionRow]) -> list[tuple[str, str]]:
    """Addresses out of the titles of those that have none, each with its language, the best first."""
    return [
        (edition.language, slug)
        for edition in editions
        if edition.slug is None
        for slug in slugs.slug_candidates(
            edition.title_for_address or "", edition.language, row.week, new_block_id()
        )
    ]


async def _take_first_slugs(transition: TransitionContext, editions: list[EditionRow]) -> None:
    """Give each its address. Somebody else may take the same one at this moment: then the next."""
    waiting = {edition.language: edition for edition in editions if edition.slug is None}
    while waiting:
        addresses = _addresses(transition.row, waiting.values())
        taken = await sql.take_first_slugs(
            transition.connection,
            commentary=transition.row.id,
            languages=[language for language, _ in addresses],
            slugs=[slug for _, slug in addresses],
        )
        for one in taken:
            del waiting[one["language"]]


async def _behind(transition: TransitionContext, languages: list[str]) -> list[str]:
    """Every other live edition that says something else than the source that was approved last.

    Whatever goes live was made from that source, the latest: a text is in nobody's hands while it can be
    published.
    """
    row = transition.row
    behind: list[str] = []
    for other in await sql.other_live_editions(transition.connection, commentary=row.id, languages=languages):
        if other["is_source"]:
            live = views.text_of(other["text"])
            kept = {
                unit.id: TranslatedUnit(unit.text, texts.unit_hash(unit), other["number"])
                for unit in texts.units(live)
            }
        else:
            kept = msgspec.convert(other["units"] or {}, dict[str, TranslatedUnit])
        same = msgspec.convert(other["same"], list[EquivalentWording])
        if sheets.is_behind(row.text, kept, views.text_of(other["source"]), same):
            behind.append(other["language"])
    return behind


async def schedule(transition: TransitionContext, wanted: Schedule) -> Statement:
    """Remember the instant, the text and who stands behind it. All of it is decided again at the instant."""
    faults: list[FieldError] = []
    if is_given(wanted.at) and not await sql.instant_is_bearable(transition.connection, at=wanted.at):
        detail = Message("fault.schedule-time")
        faults.append(FieldError(pointer="/at", detail=detail, code="past"))
    try:
        languages = [edition.language for edition in _chosen_to_go(transition.row, wanted)]
    except Invalid as refusal:
        raise Invalid(faults=[*faults, *refusal.faults]) from refusal
    if faults:
        raise Invalid(faults=faults)
    return transition.writing(
        sql.schedule_at_once,
        languages=languages,
        at=wanted.at,
        scheduled_by=transition.actor.person_id,
        note=wanted.correction_note,
        minor=wanted.minor,
    )


async def unschedule(transition: TransitionContext, wanted: Unschedule) -> Statement:
    """Nothing happens at that instant."""
    scheduled = transition.row.subject.scheduled_languages
    chosen = decisions.chosen_languages(wanted.languages, scheduled, NothingIsScheduled)
    return transition.writing(sql.unschedule_at_once, languages=sorted(chosen))


async def retract(transition: TransitionContext, wanted: Retract) -> Statement:
    """Put the notice in the place of the text."""
    subject = transition.row.subject
    chosen = decisions.chosen_languages(wanted.languages, subject.live_languages, NothingIsLive)
    still_live = subject.live_languages - chosen
    state = workflow.after_retraction(subject.state, len(still_live))
    return transition.writing(
        sql.retract_at_once,
        state=state,
        review_note=views.open_request(transition.row, state),
        ids=[new_id() for _ in chosen],
        languages=sorted(chosen),
        reason=wanted.reason,
        ended=[] if still_live else sorted(subject.scheduled_languages - chosen),
        taken_down=TAKEN_DOWN,
    )


async def change_slug(transition: TransitionContext, wanted: ChangeSlug) -> Statement:
    """Another address for an edition: a new one, or one that it had before."""
    known = {edition.language for edition in transition.row.editions if edition.is_active}
    if is_given(wanted.language) and wanted.language not in known:
        raise Invalid(
            faults=[
                FieldError(
                    pointer="/language",
                    detail=Message("fault.one-of", allowed=Listed(sorted(known))),
                    code="unknown_language",
                )
            ]
        )
    address = {"language": wanted.language, "slug": wanted.slug}
    if not all(map(is_given, address.values())):
        return transition.writing(sql.change_slug_at_once, **address)
    if await sql.is_somebody_elses(transition.connection, commentary=transition.row.id, **address):
        raise AddressIsTaken
    return transition.writing(sql.change_slug_at_once, **address)
