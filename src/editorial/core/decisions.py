"""`decide()` and `verdicts()`: the tables of `workflow.py`, applied to one object and one actor."""

from collections.abc import Collection
from functools import cache
from typing import Any, cast, overload

from editorial.core.permissions import Actor, Relation, Role
from editorial.core.refusals import (
    AlreadyClaimed,
    BlockedAction,
    Forbidden,
    NotInThisState,
    PreconditionFailed,
    PreconditionRequired,
    Refusal,
)
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.subjects import Commentary, Task
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE, Step, Transition, Who
from editorial.locales import Label, LanguageName, Listed, Message

_COMMENTARY = {transition.action: transition for transition in COMMENTARY_MACHINE}
_TASK = {transition.action: transition for transition in TASK_MACHINE}


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
                if subject.state is CommentaryState.DRAFT:
                    found.add(Who.AUTHOR_OF_A_DRAFT)
            if subject.is_contributor and actor.keeps(Relation.CONTRIBUTOR):
                found.add(Who.CONTRIBUTOR)
        case Task():
            if actor.translates(subject.language):
                found.add(Who.TRANSLATOR)
                if subject.is_holder:
                    found.add(Who.HOLDER)
            if (
                Who.COORDINATOR in found
                and subject.state is TaskState.SUBMITTED
                and not subject.translated_it
            ):
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
    if transition.action is Action.CLAIM and subject.state is not TaskState.CANCELLED:
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
