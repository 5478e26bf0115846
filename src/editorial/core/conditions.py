"""The conditions of the machines: what must hold of an object, beside its state, before an action.

Each condition answers with its refusal, or with nothing. The tables in `workflow.py` name them.
"""

from editorial.core import texts
from editorial.core.checks import PublicationWarning
from editorial.core.refusals import (
    FieldError,
    NothingIsLive,
    NothingIsReady,
    NothingIsScheduled,
    OnlyScheduledIsReady,
    Refusal,
    SectionIsClosed,
    SourceIsBeingChanged,
    TextIsIncomplete,
    TooManyClaims,
    TranslationIsIncomplete,
    WarningsBlock,
    WasPublished,
)
from editorial.core.states import CommentaryState
from editorial.core.subjects import Commentary, Task
from editorial.locales import Label, LanguageName, Listed, Message


def has_all_its_parts(subject: Commentary) -> Refusal | None:
    if not subject.missing_parts:
        return None
    return TextIsIncomplete(
        Message("reason.missing-parts", parts=Listed(Label("part", part) for part in subject.missing_parts)),
        faults=[
            FieldError(
                pointer=f"/{part}",
                detail=Message("fault.part-missing", part=Label("part", part)),
                code="missing",
            )
            for part in subject.missing_parts
        ],
    )


def something_is_ready(subject: Commentary) -> Refusal | None:
    if subject.languages_to_publish:
        return None
    return OnlyScheduledIsReady() if subject.ready_languages else NothingIsReady()


def something_is_left_to_publish(subject: Commentary) -> Refusal | None:
    """An edition is ready; or the approved text is what readers see, and only the state has to say so."""
    if subject.state is CommentaryState.READY and subject.live_languages and not subject.ready_languages:
        return None
    return something_is_ready(subject)


def the_section_is_open(subject: Commentary) -> Refusal | None:
    return SectionIsClosed() if subject.section_is_closed else None


def a_ready_edition_is_free_of_warnings(subject: Commentary) -> Refusal | None:
    blocked = frozenset(warning.language for warning in subject.blocking)
    chosen = subject.languages_to_publish
    if chosen - blocked or (subject.live_languages and not subject.ready_languages):
        return None
    return blocked_by(subject, chosen or blocked)


def blocked_by(subject: Commentary, languages: frozenset[str]) -> Refusal | None:
    """The refusal that names every blocking warning of these languages, or nothing where there is none."""
    found = [warning for warning in subject.blocking if warning.language in languages]
    if not found:
        return None
    return WarningsBlock(
        Listed((_in_its_language(warning) for warning in found), "reason.separator"),
        faults=[
            FieldError(pointer="/languages", detail=_in_its_language(warning), code=warning.check)
            for warning in found
        ],
    )


def _in_its_language(warning: PublicationWarning) -> Message:
    return Message("reason.in-language", language=LanguageName(warning.language), detail=warning.detail)


def something_is_live(subject: Commentary) -> Refusal | None:
    return None if subject.live_languages else NothingIsLive()


def something_is_scheduled(subject: Commentary) -> Refusal | None:
    return None if subject.scheduled_languages else NothingIsScheduled()


def was_never_published(subject: Commentary) -> Refusal | None:
    return WasPublished() if subject.was_published else None


def every_unit_is_current(subject: Task) -> Refusal | None:
    if not subject.unfinished_units:
        return None
    return TranslationIsIncomplete(
        Message("reason.unfinished-units", count=len(subject.unfinished_units)),
        faults=[
            FieldError(
                pointer=texts.pointer_of(unit), detail=Message("fault.unit-unfinished"), code="unfinished"
            )
            for unit in subject.unfinished_units
        ],
    )


def no_warning_blocks(subject: Task) -> Refusal | None:
    if not subject.blocking:
        return None
    return WarningsBlock(
        Message("reason.unanswered-warnings", count=len(subject.blocking)),
        faults=[
            FieldError(pointer=warning.pointer, detail=warning.detail, code=warning.kind)
            for warning in subject.blocking
        ],
    )


def the_source_is_approved(subject: Task) -> Refusal | None:
    return None if subject.source_is_approved else SourceIsBeingChanged()


def a_claim_is_free(subject: Task) -> Refusal | None:
    if subject.claims_held < subject.claim_limit:
        return None
    return TooManyClaims(Message("reason.claims-held", count=subject.claims_held, limit=subject.claim_limit))
