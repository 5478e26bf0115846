"""The machines: every rule about who may move what from which state, and `decide()`, which applies them.

Everything that affects a state lives in this file. `decide()` guards each action; `verdicts()` makes
`allowed_actions` and `blocked_actions` of the same check; `GET /v1/workflow`, docs/workflow.md and its
diagrams are read off the tables. The labels and sentences are in `locales/<language>/workflow.po`.

docs/recipes/action.md and state.md say how to add an action and a state.
"""

from collections.abc import Callable, Collection
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar, cast, overload

import msgspec

from editorial.core import texts
from editorial.core.checks import PublicationWarning
from editorial.core.permissions import Actor, Relation, Role
from editorial.core.refusals import (
    AlreadyClaimed,
    BlockedAction,
    FieldError,
    Forbidden,
    NothingIsLive,
    NothingIsReady,
    NothingIsScheduled,
    NotInThisState,
    OnlyScheduledIsReady,
    PreconditionFailed,
    PreconditionRequired,
    Refusal,
    SectionIsClosed,
    SourceIsBeingChanged,
    TextIsIncomplete,
    TooManyClaims,
    TranslationIsIncomplete,
    WarningsBlock,
    WasPublished,
    YouTranslatedThis,
    YouWroteThis,
)
from editorial.core.states import Action, CommentaryState, EditionStatus, TaskState
from editorial.locales import Label, LanguageName, Listed, Message


class Commentary(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine needs to know of a commentary, and of how the actor stands to it."""

    state: CommentaryState
    version: int
    is_author: bool = False
    is_contributor: bool = False
    wrote_it: bool = False
    """The actor is its author, or made a revision of the source since it was last approved; in any role."""
    was_published: bool = False
    missing_parts: tuple[str, ...] = ()
    """Which of title, lead, blocks and trend the source text still lacks."""
    ready_languages: frozenset[str] = frozenset()
    """Editions whose approved or accepted text is not what readers see."""
    live_languages: frozenset[str] = frozenset()
    scheduled_languages: frozenset[str] = frozenset()
    names_languages: bool = False
    """The request says which editions it is for: those with a schedule of their own, too."""
    section_is_closed: bool = False
    blocking: tuple[PublicationWarning, ...] = ()
    """Warnings with which the newsroom lets nothing go live."""

    @property
    def languages_to_publish(self) -> frozenset[str]:
        """The ready editions that can go: all of them where they are named, else those without a schedule."""
        return (
            self.ready_languages if self.names_languages else self.ready_languages - self.scheduled_languages
        )


class BlockingWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A warning of a translation that has to be answered, or its cause mended, before the text goes on."""

    pointer: str
    kind: str
    detail: Message


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine needs to know of a translation task, and of how the actor stands to it."""

    state: TaskState
    version: int
    language: str
    is_holder: bool = False
    translated_it: bool = False
    """The actor made a revision of this translation since it was last accepted, or holds the task."""
    source_is_approved: bool = True
    unfinished_units: tuple[str, ...] = ()
    """Units that are missing or outdated."""
    blocking: tuple[BlockingWarning, ...] = ()
    """Unanswered warnings with which the newsroom lets nothing go live."""
    claims_held: int = 0
    claim_limit: int = 5


class Who(StrEnum):
    """Who may take an action, as a relation to the object or a role."""

    ANALYST = "analyst"
    AUTHOR = "author"
    AUTHOR_OF_A_DRAFT = "author_of_a_draft"
    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    TRANSLATOR = "translator"
    HOLDER = "holder"
    REVIEWER = "reviewer"
    SYSTEM = "system"


State = TypeVar("State", bound=StrEnum)
Subject = TypeVar("Subject")


class Transition(msgspec.Struct, Generic[State, Subject], frozen=True, kw_only=True):
    """One row of a machine."""

    action: Action
    sources: frozenset[State]
    """The states that it starts from; empty for what makes a new object."""
    target: State | None
    """The state that it leads to; none where it stays, or where the outcome decides."""
    outcomes: tuple[State, ...] = ()
    """The states that it can lead to, where the outcome decides."""
    who: tuple[Who, ...]
    not_by: type[Refusal] | None = None
    """Refused to whoever wrote (or translated) the text, whatever their role: four eyes."""
    needs: tuple[Callable[[Subject], Refusal | None], ...] = ()
    """What else must hold. Each need answers with the refusal, or with nothing."""
    needs_note: bool = False
    by_patch: bool = False
    """Taken by PATCH (or its own address), not by POST …/transitions."""
    race_is_a_conflict: bool = False
    """Who comes too late hears that somebody was quicker (409), not that the version is stale (412)."""


class Step(msgspec.Struct, Generic[State], frozen=True):
    """What was decided: the action may be taken, and leads here (none where the outcome decides)."""

    action: Action
    source: State
    target: State | None

    @property
    def leads_to(self) -> State:
        """The state after the step, for actions whose outcome the table knows."""
        return self.source if self.target is None else self.target


def _has_all_its_parts(subject: Commentary) -> Refusal | None:
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


def _something_is_ready(subject: Commentary) -> Refusal | None:
    if subject.languages_to_publish:
        return None
    return OnlyScheduledIsReady() if subject.ready_languages else NothingIsReady()


def _something_is_left_to_publish(subject: Commentary) -> Refusal | None:
    """An edition is ready; or the approved text is what readers see, and only the state has to say so."""
    if subject.state is CommentaryState.READY and subject.live_languages and not subject.ready_languages:
        return None
    return _something_is_ready(subject)


def _the_section_is_open(subject: Commentary) -> Refusal | None:
    return SectionIsClosed() if subject.section_is_closed else None


def _a_ready_edition_is_free_of_warnings(subject: Commentary) -> Refusal | None:
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


def _something_is_live(subject: Commentary) -> Refusal | None:
    return None if subject.live_languages else NothingIsLive()


def _something_is_scheduled(subject: Commentary) -> Refusal | None:
    return None if subject.scheduled_languages else NothingIsScheduled()


def _was_never_published(subject: Commentary) -> Refusal | None:
    return WasPublished() if subject.was_published else None


def _every_unit_is_current(subject: Task) -> Refusal | None:
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


def _no_warning_blocks(subject: Task) -> Refusal | None:
    if not subject.blocking:
        return None
    return WarningsBlock(
        Message("reason.unanswered-warnings", count=len(subject.blocking)),
        faults=[
            FieldError(pointer=warning.pointer, detail=warning.detail, code=warning.kind)
            for warning in subject.blocking
        ],
    )


def _the_source_is_approved(subject: Task) -> Refusal | None:
    return None if subject.source_is_approved else SourceIsBeingChanged()


def _a_claim_is_free(subject: Task) -> Refusal | None:
    if subject.claims_held < subject.claim_limit:
        return None
    return TooManyClaims(Message("reason.claims-held", count=subject.claims_held, limit=subject.claim_limit))


_S = CommentaryState
_NOT_DISCARDED = frozenset(
    {
        _S.DRAFT,
        _S.IN_REVIEW,
        _S.IN_TRANSLATION,
        _S.READY,
        _S.PUBLISHED,
        _S.RETRACTED,
    }
)
_PUBLISHABLE = frozenset({_S.IN_TRANSLATION, _S.READY, _S.PUBLISHED})

COMMENTARY_MACHINE: tuple[Transition[CommentaryState, Commentary], ...] = (
    Transition(action=Action.CREATE, sources=frozenset(), target=_S.DRAFT, who=(Who.ANALYST,), by_patch=True),
    Transition(
        action=Action.EDIT,
        sources=frozenset({_S.DRAFT}),
        target=_S.DRAFT,
        who=(Who.AUTHOR, Who.CONTRIBUTOR),
        by_patch=True,
    ),
    Transition(
        action=Action.SUBMIT,
        sources=frozenset({_S.DRAFT}),
        target=_S.IN_REVIEW,
        who=(Who.AUTHOR, Who.CONTRIBUTOR),
        needs=(_has_all_its_parts,),
    ),
    Transition(action=Action.RECALL, sources=frozenset({_S.IN_REVIEW}), target=_S.DRAFT, who=(Who.AUTHOR,)),
    Transition(
        action=Action.REQUEST_CHANGES,
        sources=frozenset({_S.IN_REVIEW}),
        target=_S.DRAFT,
        who=(Who.COORDINATOR,),
        not_by=YouWroteThis,
        needs_note=True,
    ),
    Transition(
        action=Action.APPROVE,
        sources=frozenset({_S.IN_REVIEW}),
        target=None,
        outcomes=(_S.IN_TRANSLATION, _S.READY),
        who=(Who.COORDINATOR,),
        not_by=YouWroteThis,
    ),
    Transition(
        action=Action.REOPEN,
        sources=frozenset({_S.IN_TRANSLATION, _S.READY}),
        target=_S.DRAFT,
        who=(Who.COORDINATOR,),
        needs_note=True,
    ),
    Transition(
        action=Action.PUBLISH,
        sources=_PUBLISHABLE,
        target=_S.PUBLISHED,
        who=(Who.COORDINATOR,),
        needs=(
            _something_is_left_to_publish,
            _the_section_is_open,
            _a_ready_edition_is_free_of_warnings,
        ),
    ),
    Transition(
        action=Action.SCHEDULE,
        sources=_PUBLISHABLE,
        target=None,
        who=(Who.COORDINATOR,),
        needs=(_something_is_ready, _the_section_is_open, _a_ready_edition_is_free_of_warnings),
    ),
    Transition(
        action=Action.UNSCHEDULE,
        sources=_PUBLISHABLE,
        target=None,
        who=(Who.COORDINATOR,),
        needs=(_something_is_scheduled,),
    ),
    Transition(
        action=Action.REVISE,
        sources=frozenset({_S.PUBLISHED, _S.RETRACTED}),
        target=_S.DRAFT,
        who=(Who.AUTHOR, Who.COORDINATOR),
    ),
    Transition(
        action=Action.RETRACT,
        sources=_NOT_DISCARDED,
        target=None,
        outcomes=(_S.RETRACTED,),
        who=(Who.COORDINATOR,),
        needs=(_something_is_live,),
    ),
    Transition(action=Action.CHANGE_SLUG, sources=_NOT_DISCARDED, target=None, who=(Who.COORDINATOR,)),
    Transition(
        action=Action.DISCARD,
        sources=frozenset({_S.DRAFT}),
        target=_S.DISCARDED,
        who=(Who.AUTHOR, Who.COORDINATOR),
        needs=(_was_never_published,),
    ),
    Transition(
        action=Action.RESTORE,
        sources=frozenset({_S.DISCARDED}),
        target=_S.DRAFT,
        who=(Who.AUTHOR, Who.COORDINATOR),
    ),
    Transition(
        action=Action.NAME_CONTRIBUTORS,
        sources=_NOT_DISCARDED,
        target=None,
        who=(Who.COORDINATOR,),
        by_patch=True,
    ),
    *(
        Transition(
            action=action,
            sources=_NOT_DISCARDED,
            target=None,
            who=(Who.COORDINATOR, Who.AUTHOR_OF_A_DRAFT),
            by_patch=True,
        )
        for action in (
            Action.CHANGE_SECTION,
            Action.CHANGE_WEEK,
            Action.CHANGE_BYLINE,
            Action.ADD_LANGUAGE,
            Action.DROP_LANGUAGE,
        )
    ),
)

_T = TaskState

UNFINISHED_TASKS = frozenset({_T.OPEN, _T.CLAIMED, _T.SUBMITTED})
"""Tasks that a commentary in translation still waits for."""

TASK_MACHINE: tuple[Transition[TaskState, Task], ...] = (
    Transition(
        action=Action.CLAIM,
        sources=frozenset({_T.OPEN}),
        target=_T.CLAIMED,
        who=(Who.TRANSLATOR,),
        needs=(_a_claim_is_free,),
        race_is_a_conflict=True,
    ),
    Transition(
        action=Action.ASSIGN,
        sources=frozenset({_T.OPEN, _T.CLAIMED}),
        target=_T.CLAIMED,
        who=(Who.COORDINATOR,),
    ),
    Transition(
        action=Action.RELEASE,
        sources=frozenset({_T.CLAIMED}),
        target=_T.OPEN,
        who=(Who.HOLDER, Who.COORDINATOR),
    ),
    Transition(
        action=Action.SAVE,
        sources=frozenset({_T.CLAIMED}),
        target=_T.CLAIMED,
        who=(Who.HOLDER,),
        by_patch=True,
    ),
    Transition(
        action=Action.SUBMIT,
        sources=frozenset({_T.CLAIMED}),
        target=_T.SUBMITTED,
        who=(Who.HOLDER,),
        needs=(_the_source_is_approved, _no_warning_blocks, _every_unit_is_current),
    ),
    Transition(action=Action.RECALL, sources=frozenset({_T.SUBMITTED}), target=_T.CLAIMED, who=(Who.HOLDER,)),
    Transition(
        action=Action.RETURN,
        sources=frozenset({_T.SUBMITTED, _T.ACCEPTED}),
        target=None,
        outcomes=(_T.CLAIMED, _T.OPEN),
        who=(Who.COORDINATOR,),
        needs_note=True,
    ),
    Transition(
        action=Action.ACCEPT,
        sources=frozenset({_T.SUBMITTED}),
        target=_T.ACCEPTED,
        who=(Who.COORDINATOR,),
        not_by=YouTranslatedThis,
        needs=(_the_source_is_approved, _no_warning_blocks, _every_unit_is_current),
    ),
    Transition(
        action=Action.CANCEL,
        sources=frozenset({_T.OPEN, _T.CLAIMED, _T.SUBMITTED}),
        target=_T.CANCELLED,
        who=(Who.COORDINATOR,),
    ),
    Transition(
        action=Action.CHANGE_DUE_DATE,
        sources=UNFINISHED_TASKS,
        target=None,
        who=(Who.COORDINATOR,),
        by_patch=True,
    ),
    Transition(
        action=Action.ANSWER_WARNING,
        sources=frozenset({_T.CLAIMED, _T.SUBMITTED}),
        target=None,
        who=(Who.HOLDER, Who.REVIEWER),
        by_patch=True,
    ),
)


class EditionChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the edition's machine: its status follows from what happens to commentary and task."""

    sources: frozenset[EditionStatus]
    target: EditionStatus
    because: tuple[str, ...]
    """The actions that bring it about."""


_E = EditionStatus

EDITION_MACHINE: tuple[EditionChange, ...] = (
    EditionChange(
        sources=frozenset({_E.PENDING, _E.RETRACTED}),
        target=_E.READY,
        because=(Action.APPROVE, Action.ACCEPT),
    ),
    EditionChange(sources=frozenset({_E.READY}), target=_E.SCHEDULED, because=(Action.SCHEDULE,)),
    EditionChange(sources=frozenset({_E.SCHEDULED}), target=_E.READY, because=(Action.UNSCHEDULE,)),
    EditionChange(
        sources=frozenset({_E.READY, _E.SCHEDULED}),
        target=_E.PENDING,
        because=(Action.REOPEN, Action.APPROVE, Action.RETURN),
    ),
    EditionChange(sources=frozenset({_E.READY, _E.SCHEDULED}), target=_E.LIVE, because=(Action.PUBLISH,)),
    EditionChange(sources=frozenset({_E.LIVE}), target=_E.RETRACTED, because=(Action.RETRACT,)),
)

_COMMENTARY = {transition.action: transition for transition in COMMENTARY_MACHINE}
_TASK = {transition.action: transition for transition in TASK_MACHINE}

AFTER_PUBLICATION = _S.PUBLISHED
"""Where a commentary stands when something of it has gone live."""

THROWN_AWAY = frozenset({_S.DISCARDED})
"""States of a commentary that nothing is expected of."""

IN_ITS_AUTHORS_HANDS = frozenset({_S.DRAFT})
"""States in which the next step is the author's."""

CHANGES_ARE_REQUESTED = frozenset({_S.DRAFT, _S.DISCARDED})
"""States in which a request for changes is open. A text that is handed in again has answered it."""

TRANSLATION_CHANGES_ARE_REQUESTED = frozenset({_T.OPEN, _T.CLAIMED})
"""The same for a translation."""

SOURCE_STANDS = frozenset({_S.IN_TRANSLATION, _S.READY, _S.PUBLISHED})
"""States in which the source text is approved, so that a translation of it may be submitted and accepted."""


def after_approval(open_tasks: int) -> CommentaryState:
    """Where an approved commentary goes: to the translators, or on to publication."""
    return _S.IN_TRANSLATION if open_tasks else _S.READY


def after_task_ended(state: CommentaryState, open_tasks: int) -> CommentaryState:
    """What the last accepted (or cancelled) task does to its commentary: in translation becomes ready."""
    return _S.READY if state is _S.IN_TRANSLATION and not open_tasks else state


def after_task_reopened(state: CommentaryState) -> CommentaryState:
    """What a translation that was accepted and is returned does to its commentary: it waits for it again."""
    return _S.IN_TRANSLATION if state is _S.READY else state


def after_retraction(state: CommentaryState, still_live: int) -> CommentaryState:
    """Where a commentary stands when some of its editions were taken down."""
    return state if still_live else _S.RETRACTED


def reopens(state: TaskState) -> bool:
    """Whether a task goes back to work when the source is approved again with changed blocks."""
    return state in {_T.ACCEPTED, _T.SUBMITTED}


def state_of_reopened(*, holder_is_gone: bool) -> TaskState:
    """A reopened or returned task goes to the same translator, or to the queue when they are gone."""
    return _T.OPEN if holder_is_gone else _T.CLAIMED


def _roles_of(subject: Commentary | Task, actor: Actor) -> frozenset[Who]:
    """Everything that the actor is to this object, as far as they have the roles that it rests on."""
    found: set[Who] = set()
    if actor.has(Role.COORDINATOR):
        found.add(Who.COORDINATOR)
    if actor.has(Role.ANALYST):
        found.add(Who.ANALYST)
    match subject:
        case Commentary():
            if subject.is_author and actor.keeps(Relation.AUTHOR):
                found.add(Who.AUTHOR)
                if subject.state is _S.DRAFT:
                    found.add(Who.AUTHOR_OF_A_DRAFT)
            if subject.is_contributor and actor.keeps(Relation.CONTRIBUTOR):
                found.add(Who.CONTRIBUTOR)
        case Task():
            if actor.translates(subject.language):
                found.add(Who.TRANSLATOR)
                if subject.is_holder:
                    found.add(Who.HOLDER)
            if Who.COORDINATOR in found and subject.state is _T.SUBMITTED and not subject.translated_it:
                found.add(Who.REVIEWER)
    return frozenset(found)


def people(who: tuple[Who, ...]) -> Message:
    """The people who may take an action."""
    return Listed((Label("who", one, "in") for one in who), "wanted.or")


def _not_permitted(
    transition: Transition[Any, Any], subject: Commentary | Task, stands_as: frozenset[Who]
) -> Refusal | None:
    if stands_as.isdisjoint(transition.who):
        return Forbidden(action_is_for(_family(subject), transition.action, transition.who))
    wrote = subject.wrote_it if isinstance(subject, Commentary) else subject.translated_it
    if transition.not_by is not None and wrote:
        return transition.not_by()
    return None


def _not_in_this_state(transition: Transition[Any, Any], subject: Commentary | Task) -> Refusal | None:
    if subject.state in transition.sources:
        return None
    if transition.action is Action.CLAIM and subject.state is not _T.CANCELLED:
        return AlreadyClaimed(state=subject.state)
    detail = _starts_from(_family(subject), transition.action, transition.sources, subject.state)
    return NotInThisState(detail, state=subject.state)


def _family(subject: Commentary | Task) -> str:
    """The machine of a subject, as labels name it."""
    return "commentary" if isinstance(subject, Commentary) else "translation_task"


@cache
def _starts_from(family: str, action: Action, sources: frozenset[str], state: str) -> Message:
    return Message(
        "reason.starts-from",
        action=Label(f"action.{family}", action),
        states=Listed(Label(f"state.{family}", one) for one in sorted(sources)),
        state=Label(f"state.{family}", state),
    )


@cache
def action_is_for(family: str, action: Action, who: tuple[Who, ...]) -> Message:
    """Who an action is for. `family` is the machine: `commentary` or `translation_task`."""
    return Message(
        "reason.action-is-for",
        action=Label(f"action.{family}", action),
        who=people(who),
    )


def _first_unmet_need(transition: Transition[Any, Any], subject: Commentary | Task) -> Refusal | None:
    for need in transition.needs:
        refusal = need(subject)
        if refusal is not None:
            refusal.state = subject.state
            return refusal
    return None


NO_VERSION = -1
"""What an entity tag names that is none of ours: it matches nothing."""


def _wrong_version(present: int, read: int | None) -> Refusal | None:
    if read is None:
        return PreconditionRequired()
    if read == present:
        return None
    detail = PreconditionFailed.no_version if read == NO_VERSION else None
    return PreconditionFailed(detail, version=present)


def check_version(present: int, read: int | None) -> None:
    """Refuse a write that names no version, or an old one. Raises `PreconditionRequired` or `PreconditionFailed`."""
    refusal = _wrong_version(present, read)
    if refusal is not None:
        raise refusal


def _machine_of(subject: Commentary | Task) -> dict[Action, Transition[Any, Any]]:
    if isinstance(subject, Commentary):
        return cast(dict[Action, Transition[Any, Any]], _COMMENTARY)
    return cast(dict[Action, Transition[Any, Any]], _TASK)


def verdict(subject: Commentary | Task, action: Action, actor: Actor) -> Refusal | None:
    """Why the actor cannot take this action now, or nothing. The version that they read aside."""
    transition = _machine_of(subject)[action]
    return _not_permitted(transition, subject, _roles_of(subject, actor)) or _blocked(transition, subject)


def naming(subject: Commentary) -> Commentary:
    """The commentary for a request that says which editions it is for."""
    return msgspec.structs.replace(subject, names_languages=True)


def in_language(subject: Commentary, language: str) -> Commentary:
    """The commentary as if it had this one edition: what can be done with one language alone."""
    only = frozenset({language})
    return msgspec.structs.replace(
        subject,
        ready_languages=subject.ready_languages & only,
        live_languages=subject.live_languages & only,
        scheduled_languages=subject.scheduled_languages & only,
        blocking=tuple(warning for warning in subject.blocking if warning.language == language),
    )


def obstacle(subject: Commentary | Task, action: Action) -> Refusal | None:
    """Why nobody at all can take this action now, or nothing: the guards without the person."""
    return _blocked(_machine_of(subject)[action], subject)


def _blocked(transition: Transition[Any, Any], subject: Commentary | Task) -> Refusal | None:
    return _not_in_this_state(transition, subject) or _first_unmet_need(transition, subject)


@overload
def decide(
    subject: Commentary, action: Action, actor: Actor, version: int | None
) -> Step[CommentaryState]: ...
@overload
def decide(subject: Task, action: Action, actor: Actor, version: int | None) -> Step[TaskState]: ...
def decide(subject: Commentary | Task, action: Action, actor: Actor, version: int | None) -> Step[Any]:
    """Let the action through, or raise the first of its refusals: 403, 428, 412, 409, 422.

    `version` is the version that the actor read, from If-Match. Raises `Refusal`.
    """
    transition = _machine_of(subject)[action]
    stale = _wrong_version(subject.version, version)
    wrong_state = _not_in_this_state(transition, subject)
    early = wrong_state if transition.race_is_a_conflict and version is not None else None
    refusal = (
        _not_permitted(transition, subject, _roles_of(subject, actor))
        or early
        or stale
        or wrong_state
        or _first_unmet_need(transition, subject)
    )
    if refusal is not None:
        if isinstance(refusal, NotInThisState | AlreadyClaimed) or refusal.state is not None:
            refusal.allowed_actions, _ = verdicts(subject, actor)
        raise refusal
    return Step(action, subject.state, transition.target)


def verdicts(subject: Commentary | Task, actor: Actor) -> tuple[list[str], list[BlockedAction]]:
    """Every action of the machine: those that the actor can take now, and those that they cannot."""
    allowed: list[str] = []
    blocked: list[BlockedAction] = []
    stands_as = _roles_of(subject, actor)
    for action, transition in _machine_of(subject).items():
        if not transition.sources:
            continue
        refusal = _not_permitted(transition, subject, stands_as) or _blocked(transition, subject)
        if refusal is None:
            allowed.append(action)
        else:
            blocked.append(BlockedAction(action=action, code=refusal.code, reason=refusal.detail))
    return allowed, blocked


def may_create(actor: Actor) -> None:
    """Only an analyst starts a commentary. Raises `Forbidden`."""
    transition = _COMMENTARY[Action.CREATE]
    if not actor.has(Role.ANALYST):
        raise Forbidden(action_is_for("commentary", transition.action, transition.who))


def chosen_languages(
    wanted: Collection[str] | None, possible: frozenset[str], refusal: type[Refusal]
) -> frozenset[str]:
    """The languages that an action is for: those that were named, or all that it is possible for.

    Raises `refusal` where one that was named is not possible.
    """
    if wanted is None:
        return possible
    impossible = Listed(LanguageName(one) for one in sorted(set(wanted) - possible))
    if impossible.parts and not possible:
        raise refusal(Message("reason.possible-for-none", languages=impossible))
    if impossible.parts:
        others = Listed(LanguageName(one) for one in sorted(possible))
        raise refusal(Message("reason.not-possible-for", languages=impossible, possible=others))
    return frozenset(wanted)
