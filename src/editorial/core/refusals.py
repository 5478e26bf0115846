"""The words in which this product says no: one class for each problem, and nothing about HTTP.

`editorial.web` gives each family its status. A refusal's `code` is made from its class name, and
`/problems/{code}` answers with its `title` and `explanation`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from editorial.core.limits import Limit


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with what was sent."""

    pointer: str
    """Where: a JSON pointer (RFC 6901) into the body, or `/query/<name>` for a parameter."""
    detail: str
    """What is wrong, in a sentence."""
    code: str
    """The kind of fault, for programs."""


class BlockedAction(msgspec.Struct, frozen=True, kw_only=True):
    """An action that cannot be taken now, and why."""

    action: str
    code: str
    """The code of the problem that the action would get."""
    reason: str


class Refusal(Exception):
    """The product says no. The message is the detail: what was wrong here, and what is allowed instead."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Refused"
    explanation: ClassVar[str] = "The request was understood and refused."

    def __init_subclass__(cls) -> None:
        """Name the problem after its class: `PreconditionFailed` becomes `precondition-failed`."""
        cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(
        self,
        detail: str | None = None,
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


class Malformed(Refusal):
    """The request could not be read."""

    title = "The request could not be read"
    explanation = "The body is not valid JSON in UTF-8, or a header or parameter has no readable value."


class BadCursor(Malformed):
    title = "The cursor is not one of ours"
    explanation = "A cursor is taken from `next_cursor` of the same list, unchanged. Start again without one."


class NotSignedIn(Refusal):
    """Nobody is signed in, or not any longer."""

    title = "Sign in first"
    explanation = (
        "The request needs a valid access token: `Authorization: Bearer …` from POST /v1/auth/session."
    )


class WrongCredentials(NotSignedIn):
    title = "The name or the password is wrong"
    explanation = "No active account has this address and this password."


class TotpNeeded(NotSignedIn):
    title = "A one-time code is needed"
    explanation = (
        "The password is right. Send it again together with `totp`: a one-time code, or a recovery code."
    )


class WrongTotp(NotSignedIn):
    title = "The one-time code is wrong"
    explanation = "The code is not one of now, or was used before. Wait for the next one."


class SessionEnded(NotSignedIn):
    title = "The session has ended"
    explanation = "The session was signed out, ran out, or its refresh token was used twice. Sign in again."


class NotFound(Refusal):
    """There is nothing here for this person: not there, or not for them, one and the same."""

    title = "There is nothing here"
    explanation = "The address leads to nothing that you can see."


class Forbidden(Refusal):
    """Seen, but not theirs to do."""

    title = "This is not yours to do"
    explanation = "You can see this, but the action belongs to somebody else."


class SetUpTotpFirst(Forbidden):
    title = "Set up one-time codes first"
    explanation = (
        "Your roles need one-time codes. Until they are on (POST /v1/auth/totp), all else is closed."
    )


class YouWroteThis(Forbidden):
    title = "Nobody approves what they wrote"
    explanation = (
        "Approval needs a second person: somebody who wrote no part of this text since it was last approved."
    )


class YouTranslatedThis(Forbidden):
    title = "Nobody accepts what they translated"
    explanation = "Acceptance needs a second person: somebody who wrote no part of this translation."


class OwnRoles(Forbidden):
    title = "You can't change your own roles"
    explanation = "Your roles and languages are changed by another administrator."


class CoordinatorNotConfirmed(Forbidden):
    title = "A coordinator is confirmed by another coordinator"
    explanation = (
        "The role of coordinator is given by an administrator, and confirmed by a coordinator who is neither "
        "that administrator nor the person concerned. The first coordinators are made on the server: "
        "`editorial people`, with DATABASE_OWNER_URL."
    )


class PreconditionRequired(Refusal):
    """A write without the version that was read."""

    title = "Say which version you read"
    explanation = "A write needs the header If-Match with the ETag of the version that was read."


class PreconditionFailed(Refusal):
    """Somebody else has changed it since."""

    title = "Somebody has changed this since you read it"
    explanation = "Read it again, look at what changed, and repeat the action with the new ETag."
    no_version = (
        'If-Match names no version: version n is sent as "n", in quotes and with nothing else. A proxy that '
        'compresses alters the ETag on its way (to W/"n" or "n-gzip"): send the number in `version`, and let '
        "the proxy leave these answers uncompressed."
    )
    """What is said of an entity tag that never was one of ours, or is no longer."""


class Conflict(Refusal):
    """The state does not allow it, or somebody was quicker."""

    title = "The present state does not allow this"
    explanation = "The action is not possible in the state that the object is in now."


class NotInThisState(Conflict):
    title = "The present state does not allow this"
    explanation = "The action starts from another state. The allowed actions are listed."


class AlreadyClaimed(Conflict):
    title = "Somebody else has claimed this task"
    explanation = "A task has one holder. Take another from the queue."


class TooManyClaims(Conflict):
    title = "You hold as many tasks as one person may"
    explanation = "Submit or release one of your tasks first."


class NothingIsReady(Conflict):
    title = "No edition is ready for this"
    explanation = "An edition can be published when its text was approved or accepted and is not live yet."


class OnlyScheduledIsReady(Conflict):
    title = "Each edition that is ready has a schedule of its own"
    explanation = (
        "A scheduled edition goes live at its instant. To publish it now or to give it another instant, name "
        "its language in `languages`."
    )


class NothingIsLive(Conflict):
    title = "No edition is live"
    explanation = "Only what readers can see can be retracted."


class NothingIsScheduled(Conflict):
    title = "Nothing is scheduled"
    explanation = "Only an edition with a schedule can be unscheduled."


class SourceIsBeingChanged(Conflict):
    title = "The source text is being changed"
    explanation = "The translation can be saved, but waits until the source is approved again."


class WasPublished(Conflict):
    title = "This was published"
    explanation = "A text that readers have seen cannot be discarded. It can be retracted."


class LanguageIsInUse(Conflict):
    title = "The language is in use"
    explanation = "A language can be dropped while nothing in it was accepted or published."


class AlreadyExists(Conflict):
    title = "There is one already"
    explanation = "Something with this name or address exists."


class AddressIsTaken(AlreadyExists):
    title = "Another text has this address"
    explanation = "An address belongs to one commentary in its language for ever. Choose another."


class SectionIsClosed(Conflict):
    title = "The section is closed"
    explanation = "Nothing new goes into a closed section. Choose another, or ask a coordinator to open it."


class TextWasAltered(Conflict):
    title = "The stored text is not the one that was saved and approved"
    explanation = (
        "Its bytes were changed past this API, so it is neither approved nor published. Tell those who run "
        "the server: `editorial audit verify` names what was changed. Correct the text, save it, and have it "
        "approved."
    )


class WarningsBlock(Conflict):
    title = "There is something to look at first"
    explanation = (
        "The newsroom lets no text with such a warning go on. Each is listed: mend the text, or answer the "
        "warning where it is one of the translation."
    )


class WeekIsNotReady(Conflict):
    title = "Not all of the week is ready"
    explanation = "Nothing was published. Each error names a commentary and a language in its pointer."


class TotpIsRequired(Conflict):
    title = "Your roles need one-time codes"
    explanation = (
        "One-time codes can be replaced, but not switched off, by whoever has a role that needs them."
    )


class LastAdministrator(Conflict):
    title = "Somebody must remain administrator"
    explanation = "The last active administrator cannot be deactivated or lose the role."


class NothingToConfirm(Conflict):
    title = "Nothing waits for confirmation"
    explanation = "This person was not given the role of coordinator, or it was confirmed or withdrawn."


class PasswordWasShown(Conflict):
    title = "The person has to change their password first"
    explanation = (
        "The present password was set by a link that an administrator saw. Ask the person to change it "
        "(POST /v1/auth/password), then confirm."
    )


class NoMailIsSent(Conflict):
    title = "This newsroom sends no mail"
    explanation = (
        "A link into this account goes by mail, or is made on the server: `editorial people link`. "
        "It is never shown here."
    )


class StillRunning(Conflict):
    title = "The first request with this key is still running"
    explanation = "A request with this Idempotency-Key is being carried out. Ask again in a moment."


class AnswerWithheld(Conflict):
    title = "This was done, and its answer is not shown again"
    explanation = (
        "A request with this Idempotency-Key was carried out. What you may see has changed since, so its "
        "answer is not repeated. Read the object anew."
    )


class Gone(Refusal):
    """Retracted."""

    title = "This text was retracted"
    explanation = "The newsroom has taken this text down. The notice says why."


class PreviewHasEnded(Gone):
    title = "The link to this preview has ended"
    explanation = "Its time is over, or the text that it showed is not the approved one now. Make another."


class Invalid(Refusal):
    """Understood, but not valid: all the faults are listed."""

    title = "The request is not valid"
    explanation = "The body or a parameter has faults. Each is listed with its place."


class TextIsIncomplete(Invalid):
    title = "The text is not complete"
    explanation = "Review needs a title, a lead, at least one block and a trend."


class TranslationIsIncomplete(Invalid):
    title = "The translation is not complete"
    explanation = "Every unit has to be translated from the present source."


class NothingWasTaken(Invalid):
    title = "Nothing of the file could be taken"
    explanation = (
        "Every unit of the file that has a translation was refused; each is listed with its reason. "
        "Nothing was saved."
    )


class WrongPassword(Invalid):
    """Not a 401, which would make a front end sign somebody out who is signed in."""

    title = "The present password is wrong"
    explanation = "The change needs the password that you have now. You are still signed in."


class WrongCode(Invalid):
    """Not a 401, for the same reason."""

    title = "The one-time code is wrong"
    explanation = (
        "The code is not one of now, or was used before. Wait for the next one. You are still signed in."
    )


class LinkIsUsedUp(Invalid):
    title = "The link is not good any more"
    explanation = (
        "An invitation or reset can be used once, before it runs out. Ask an administrator for a new one."
    )


class KeyUsedForAnother(Invalid):
    title = "This key belongs to another request"
    explanation = (
        "An Idempotency-Key stands for one request with one body. Choose a new key for a new request."
    )


class WrongMethod(Refusal):
    title = "This address does not take that method"
    explanation = "The header Allow lists the methods that this address takes."


class TooSlow(Refusal):
    title = "The request did not come in time"
    explanation = "A request has 10 seconds for its headers, and 60 for its body. Nothing was done."


class WrongType(Refusal):
    title = "This content type is not taken here"
    explanation = (
        "Bodies are application/json (PATCH also application/merge-patch+json), UTF-8; "
        "a translated file is application/xliff+xml."
    )


class NotAcceptable(Refusal):
    title = "There is no such form of this"
    explanation = "The answer exists as application/json only."


class TooLarge(Refusal):
    title = "The body is too large"
    explanation = "A body has at most 2 MiB, a translated file 4 MiB."


class RateLimited(Refusal):
    """Tried too often. `limit` says how often is allowed, `retry_after` in how many seconds to try again."""

    title = "Too many attempts"
    explanation = "This was tried too often. Wait for as many seconds as Retry-After says, and try again."

    def __init__(
        self, detail: str | None = None, *, limit: Limit | None = None, retry_after: int = 1
    ) -> None:
        """Say which limit it was, and when there is room again."""
        super().__init__(detail)
        self.limit = limit
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Nothing is wrong with the request; the server cannot answer it now."""

    title = "Not available at this moment"
    explanation = "Nothing was done. Try again in a moment."


class TextIsWithheld(Unavailable):
    title = "This text is withheld for now"
    explanation = (
        "Its stored words are not the ones that the newsroom approved, so none of them are shown. "
        "Come back later."
    )


class DatabaseAway(Unavailable):
    title = "The database is away"
    explanation = "Nothing was done. Try again in a moment."


class OutcomeUnknown(DatabaseAway):
    title = "Whether this was done is not known"
    explanation = (
        "The database went away at the moment of the commit. The change was done wholly or not at all: read "
        "the object to see which, or send the same request with its Idempotency-Key again."
    )


class TooManyAtOnce(DatabaseAway):
    title = "Too many requests at once"
    explanation = (
        "More requests wait than can be answered in good time. Nothing was done. Try again in a moment."
    )


class ServerIsBusy(Unavailable):
    title = "The server is busy"
    explanation = "More people sign in at this moment than the server can look after. Try again in a moment."


class InternalError(Refusal):
    title = "This is our fault"
    explanation = "Something failed that should not have. Nothing was half done. Tell us the request id."


def every_refusal() -> list[type[Refusal]]:
    """Every problem there is, by code."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        for subclass in waiting.pop().__subclasses__():
            found[subclass.code] = subclass
            waiting.append(subclass)
    return [found[code] for code in sorted(found)]
