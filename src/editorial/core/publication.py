"""What goes before readers, and what they are told of it. Pure rules; the states stand in `workflow.py`."""

from editorial.core.refusals import FieldError
from editorial.core.states import Action, PublicationKind

READERS_NOTICE = frozenset({Action.PUBLISH, Action.RETRACT, Action.CHANGE_SLUG})
"""The transitions after which readers get something else."""

APPROVAL_WITHDRAWN = "The approval was withdrawn before the instant came."
ANOTHER_TEXT = "Another text was approved after this was scheduled."
TRANSLATION_IS_BEHIND = "The source was changed, and the translation has to catch up first."
TRANSLATION_RETURNED = "The translation was returned to its translator before the instant came."
TAKEN_DOWN = "The text was retracted before the instant came."
NOT_THEIRS_ANY_MORE = "Whoever scheduled this may not publish it any more."
"""Why a schedule came to nothing, where no guard of the machine has said it."""


def kind_of(*, was_live: bool, is_retracted: bool, minor: bool) -> PublicationKind:
    """What a publication is to the readers of one edition."""
    if not was_live:
        return PublicationKind.FIRST
    if not minor:
        return PublicationKind.CORRECTION
    return PublicationKind.AGAIN if is_retracted else PublicationKind.MINOR


def faults_of_words(were_live: list[str], note: str | None, *, minor: bool) -> list[FieldError]:
    """What is wrong with the words for readers, where these languages were before them already."""
    if note is not None and minor:
        detail = "Readers are told of a correction, not of a minor change: leave out one of the two."
        return [FieldError(pointer="/minor", detail=detail, code="contradiction")]
    if were_live and note is None and not minor:
        detail = f"Readers have seen: {', '.join(were_live)}. Say what was changed, or that it is minor."
        return [FieldError(pointer="/correction_note", detail=detail, code="missing")]
    return []
