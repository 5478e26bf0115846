"""What goes before readers, and what they are told of it. Pure rules; the states stand in `workflow.py`."""

from editorial.core.refusals import FieldError
from editorial.core.states import Action, PublicationKind
from editorial.locales import LanguageName, Listed, Message
from editorial.locales.stored import written

READERS_NOTICE = frozenset({Action.PUBLISH, Action.RETRACT, Action.CHANGE_SLUG})
"""The transitions after which readers get something else."""

APPROVAL_WITHDRAWN = written(Message("schedule.approval-withdrawn"))
ANOTHER_TEXT = written(Message("schedule.another-text"))
TRANSLATION_IS_BEHIND = written(Message("schedule.translation-is-behind"))
TRANSLATION_RETURNED = written(Message("schedule.translation-returned"))
TAKEN_DOWN = written(Message("schedule.taken-down"))
NOT_THEIRS_ANY_MORE = Message("schedule.not-theirs")
"""Why a scheduled publication was refused, where no guard of the machine says it; stored as messages."""


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
        detail = Message("fault.note-and-minor")
        return [FieldError(pointer="/minor", detail=detail, code="contradiction")]
    if were_live and note is None and not minor:
        detail = Message("fault.note-missing", languages=Listed(LanguageName(one) for one in were_live))
        return [FieldError(pointer="/correction_note", detail=detail, code="missing")]
    return []
