"""The state machines as tables: from which states an action starts, where it leads, who may take it.

`decisions.py` applies the tables: it guards each action, and makes `allowed_actions` and `blocked_actions` of the
same check. `GET /v1/workflow`, docs/workflow.md and its diagrams are made of the tables.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from editorial.core.conditions import (
    a_claim_is_free,
    a_ready_edition_is_free_of_warnings,
    every_unit_is_current,
    has_all_its_parts,
    no_warning_blocks,
    something_is_left_to_publish,
    something_is_live,
    something_is_ready,
    something_is_scheduled,
    the_section_is_open,
    the_source_is_approved,
    was_never_published,
)
from editorial.core.refusals import Refusal, YouTranslatedThis, YouWroteThis
from editorial.core.states import Action, CommentaryState, EditionStatus, TaskState
from editorial.core.subjects import Commentary, Task


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
        needs=(has_all_its_parts,),
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
            something_is_left_to_publish,
            the_section_is_open,
            a_ready_edition_is_free_of_warnings,
        ),
    ),
    Transition(
        action=Action.SCHEDULE,
        sources=_PUBLISHABLE,
        target=None,
        who=(Who.COORDINATOR,),
        needs=(something_is_ready, the_section_is_open, a_ready_edition_is_free_of_warnings),
    ),
    Transition(
        action=Action.UNSCHEDULE,
        sources=_PUBLISHABLE,
        target=None,
        who=(Who.COORDINATOR,),
        needs=(something_is_scheduled,),
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
        needs=(something_is_live,),
    ),
    Transition(action=Action.CHANGE_SLUG, sources=_NOT_DISCARDED, target=None, who=(Who.COORDINATOR,)),
    Transition(
        action=Action.DISCARD,
        sources=frozenset({_S.DRAFT}),
        target=_S.DISCARDED,
        who=(Who.AUTHOR, Who.COORDINATOR),
        needs=(was_never_published,),
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
        needs=(a_claim_is_free,),
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
        needs=(the_source_is_approved, no_warning_blocks, every_unit_is_current),
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
        needs=(the_source_is_approved, no_warning_blocks, every_unit_is_current),
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
