"""The problems: one class for each reason to refuse a request, and nothing about HTTP.

`editorial.web` gives each family its status. A refusal's `code` is made from its class name, its `title` and
`explanation` are `problem.<code>.…` in the catalogues, and `/problems/{code}` answers with both.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import msgspec

from editorial.core.limits import Limit
from editorial.locales import FALLBACK, Message, render, values


class FieldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with what was sent."""

    pointer: str
    """Where: a JSON pointer (RFC 6901) into the body, or `/query/<name>` for a parameter."""
    detail: Message
    """What is wrong, in a sentence."""
    code: str
    """The kind of fault, for programs."""
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    """The values in the sentence, for a program that words it itself."""

    def __post_init__(self) -> None:
        """Take the values from the sentence."""
        if not self.params:
            msgspec.structs.force_setattr(self, "params", values(self.detail))


class BlockedAction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An action that cannot be taken now, and why."""

    action: str
    code: str
    """The code of the problem that the action would get."""
    reason: Message
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    """The values in the sentence, for a program that words it itself."""

    def __post_init__(self) -> None:
        """Take the values from the sentence."""
        if not self.params:
            msgspec.structs.force_setattr(self, "params", values(self.reason))


class Refusal(Exception):
    """The product says no. The message is the detail: what was wrong here, and what is allowed instead."""

    code: ClassVar[str]
    title: ClassVar[Message]
    explanation: ClassVar[Message]

    def __init_subclass__(cls) -> None:
        """Name the problem after its class: `PreconditionFailed` becomes `precondition-failed`."""
        cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()
        cls.title = Message(f"problem.{cls.code}.title")
        cls.explanation = Message(f"problem.{cls.code}.explanation")

    def __init__(
        self,
        detail: Message | None = None,
        *,
        faults: Sequence[FieldError] = (),
        state: str | None = None,
        version: int | None = None,
        allowed_actions: Iterable[str] | None = None,
    ) -> None:
        """Say what was wrong; `state`, `version` and `allowed_actions` tell how things stand now."""
        self.detail = detail or self.explanation
        self.faults = tuple(faults)
        self.state = state
        self.version = version
        self.allowed_actions = None if allowed_actions is None else list(allowed_actions)
        super().__init__(self.detail)

    def __str__(self) -> str:
        """The detail in English, for logs and terminals."""
        return render(self.detail, FALLBACK)


class Malformed(Refusal):
    """The request could not be read."""


class BadCursor(Malformed):
    pass


class NotSignedIn(Refusal):
    """Nobody is signed in, or not any longer."""


class WrongCredentials(NotSignedIn):
    pass


class TotpNeeded(NotSignedIn):
    pass


class WrongTotp(NotSignedIn):
    pass


class SessionEnded(NotSignedIn):
    pass


class NotFound(Refusal):
    """There is nothing here for this person: not there, or not for them, one and the same."""


class Forbidden(Refusal):
    """Seen, but not theirs to do."""


class SetUpTotpFirst(Forbidden):
    pass


class YouWroteThis(Forbidden):
    pass


class YouTranslatedThis(Forbidden):
    pass


class OwnRoles(Forbidden):
    pass


class CoordinatorNotConfirmed(Forbidden):
    pass


class PreconditionRequired(Refusal):
    """A write without the version that was read."""


class PreconditionFailed(Refusal):
    """Somebody else has changed it since."""

    no_version = Message("problem.precondition-failed.no-version")
    """What is said of an entity tag that never was one of ours, or is no longer."""


class Conflict(Refusal):
    """The state does not allow it, or somebody was quicker."""


class NotInThisState(Conflict):
    pass


class AlreadyClaimed(Conflict):
    pass


class TooManyClaims(Conflict):
    pass


class NothingIsReady(Conflict):
    pass


class OnlyScheduledIsReady(Conflict):
    pass


class NothingIsLive(Conflict):
    pass


class NothingIsScheduled(Conflict):
    pass


class SourceIsBeingChanged(Conflict):
    pass


class WasPublished(Conflict):
    pass


class LanguageIsInUse(Conflict):
    pass


class AlreadyExists(Conflict):
    pass


class AddressIsTaken(AlreadyExists):
    pass


class SectionIsClosed(Conflict):
    pass


class TextWasAltered(Conflict):
    pass


class WarningsBlock(Conflict):
    pass


class WeekIsNotReady(Conflict):
    pass


class TotpIsRequired(Conflict):
    pass


class LastAdministrator(Conflict):
    pass


class NothingToConfirm(Conflict):
    pass


class PasswordWasShown(Conflict):
    pass


class NoMailIsSent(Conflict):
    pass


class StillRunning(Conflict):
    pass


class AnswerWithheld(Conflict):
    pass


class Gone(Refusal):
    """Retracted."""


class PreviewHasEnded(Gone):
    pass


class Invalid(Refusal):
    """Understood, but not valid: all the faults are listed."""


class TextIsIncomplete(Invalid):
    pass


class TranslationIsIncomplete(Invalid):
    pass


class NothingWasTaken(Invalid):
    pass


class WrongPassword(Invalid):
    """Not a 401, which would make a front end sign somebody out who is signed in."""


class WrongCode(Invalid):
    """Not a 401, for the same reason."""


class LinkIsUsedUp(Invalid):
    pass


class KeyUsedForAnother(Invalid):
    pass


class WrongMethod(Refusal):
    pass


class TooSlow(Refusal):
    pass


class WrongType(Refusal):
    pass


class NotAcceptable(Refusal):
    pass


class TooLarge(Refusal):
    pass


class RateLimited(Refusal):
    """Tried too often. `limit` says how often is allowed, `retry_after` in how many seconds to try again."""

    def __init__(
        self, detail: Message | None = None, *, limit: Limit | None = None, retry_after: int = 1
    ) -> None:
        """Say which limit it was, and when there is room again."""
        super().__init__(detail)
        self.limit = limit
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Nothing is wrong with the request; the server cannot answer it now."""


class TextIsWithheld(Unavailable):
    pass


class DatabaseAway(Unavailable):
    pass


class OutcomeUnknown(DatabaseAway):
    pass


class TooManyAtOnce(DatabaseAway):
    pass


class ServerIsBusy(Unavailable):
    pass


class InternalError(Refusal):
    pass


def every_refusal() -> list[type[Refusal]]:
    """Every problem there is, by code."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        for subclass in waiting.pop().__subclasses__():
            found[subclass.code] = subclass
            waiting.append(subclass)
    return [found[code] for code in sorted(found)]
