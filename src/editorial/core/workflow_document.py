"""docs/workflow.md, drawn from the machines: a diagram, a table and the states' names for each."""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from editorial.core.checks import Check, PublicationWarning
from editorial.core.decisions import people
from editorial.core.refusals import Refusal
from editorial.core.states import Action, CommentaryState, EditionStatus, TaskState
from editorial.core.subjects import BlockingWarning, Commentary, Task
from editorial.core.workflow import (
    COMMENTARY_MACHINE,
    EDITION_MACHINE,
    TASK_MACHINE,
    Transition,
    Who,
    after_task_ended,
    after_task_reopened,
    reopens,
    state_of_reopened,
)
from editorial.locales import Label, LanguageName, Message, in_every_language, languages, render

_INTRODUCTION = """\
# The workflow

Three machines move a text from the first draft to the readers: the commentary, the translation
task (one for each language), and the edition, which follows from the other two. This page is drawn
from the tables in `src/editorial/core/workflow.py`, which also guard every action, and a test keeps
it equal to them: change the tables, not this page.

- An action is taken with `POST …/transitions` and the version that was read (`If-Match`). One
  marked † has a request of its own: it creates, saves, or changes something beside the text.
- One marked ‡ has no request at all: the system takes it, in the transaction of what caused it or
  when time has run out.
- *From* “–” means that there was nothing before, *to* “the same” that the state stays.
- “Also needs” gives the rule, and the code of the refusal that it is answered with otherwise.
"""

_NEW = "[*]"


def _spoken(who: tuple[Who, ...]) -> str:
    return render(people(who), "en")


_SYSTEM = _spoken((Who.SYSTEM,))


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table. No sources: something new. A target that is none: the state stays."""

    action: str
    mark: str = ""
    sources: tuple[StrEnum, ...]
    targets: tuple[StrEnum | None, ...]
    who: str
    needs: str = ""

    def edges(self) -> Iterable[tuple[str, str]]:
        """Every pair of states that the action leads from and to."""
        for source in self.sources or (None,):
            for target in self.targets:
                start = _NEW if source is None else source.value
                yield start, start if target is None else target.value


def workflow_document() -> str:
    """The whole page, in Markdown with Mermaid diagrams. The same tables give the same page."""
    commentary = _commentary_rows()
    tasks = _task_rows()
    editions = _edition_rows()
    return "\n".join(
        [
            _INTRODUCTION,
            "## Commentary",
            "",
            "Its life from the first line to the readers, and back to the desk.",
            "",
            *_diagram(commentary, CommentaryState),
            "",
            *_transitions(commentary, CommentaryState),
            "",
            *_names(Label("state.commentary", state) for state in CommentaryState),
            "",
            "## Translation task",
            "",
            "The work of making one translated edition current. Every task that a commentary in",
            "translation waits for, accepted or cancelled, brings it nearer to being ready.",
            "",
            *_diagram(tasks, TaskState),
            "",
            *_transitions(tasks, TaskState),
            "",
            *_names(Label("state.translation_task", state) for state in TaskState),
            "",
            "## Edition",
            "",
            "A commentary in one language. Nobody acts on an edition itself: it follows from the",
            "actions on its commentary and its task, which carry the rules.",
            "",
            *_diagram(editions, EditionStatus),
            "",
            *_transitions(editions, EditionStatus),
            "",
            *_names(Label("status.edition", status) for status in EditionStatus),
            "",
        ]
    )


_WARNING = PublicationWarning(
    check=Check.WITHOUT_WORDS,
    language="en",
    place=None,
    detail=Message("publication.picture-without-credit"),
    blocks=True,
)


def _commentary_rows() -> list[_Row]:
    lacking = Commentary(
        state=CommentaryState.DRAFT,
        version=1,
        was_published=True,
        missing_parts=("title",),
        section_is_closed=True,
        blocking=(_WARNING,),
    )
    rows = [_row(transition, lacking, CommentaryState) for transition in COMMENTARY_MACHINE]
    rows.extend(
        _Row(
            action="last task ended",
            mark="‡",
            sources=(state,),
            targets=(after_task_ended(state, 0),),
            who=_SYSTEM,
        )
        for state in CommentaryState
        if after_task_ended(state, 0) is not state
    )
    rows.extend(
        _Row(
            action="translation returned",
            mark="‡",
            sources=(state,),
            targets=(after_task_reopened(state),),
            who=_SYSTEM,
            needs="It was accepted.",
        )
        for state in CommentaryState
        if after_task_reopened(state) is not state
    )
    return rows


def _task_rows() -> list[_Row]:
    lacking = Task(
        state=TaskState.OPEN,
        version=1,
        language="en",
        source_is_approved=False,
        unfinished_units=("title",),
        blocking=(BlockingWarning(pointer="/title", kind="number", detail=Message("warning.empty.differs")),),
        claims_held=1,
        claim_limit=1,
    )
    rows = [_row(transition, lacking, TaskState) for transition in TASK_MACHINE]
    released = next(row for row in rows if row.action == Action.RELEASE)
    opened = _Row(
        action="open",
        mark="‡",
        sources=(),
        targets=(TaskState.OPEN,),
        who=_SYSTEM,
        needs="The source is approved, or a language is added.",
    )
    reopened = _Row(
        action="source changed",
        mark="‡",
        sources=tuple(state for state in TaskState if reopens(state)),
        targets=(state_of_reopened(holder_is_gone=False), state_of_reopened(holder_is_gone=True)),
        who=_SYSTEM,
        needs="The source is approved again with changed blocks; `open` if the translator is gone.",
    )
    expired = msgspec.structs.replace(
        released,
        action="expire",
        mark="‡",
        who=_SYSTEM,
        needs="The claim ran out without a save.",
    )
    return [opened, *rows, reopened, expired]


def _edition_rows() -> list[_Row]:
    begun = _Row(
        action="begin",
        mark="‡",
        sources=(),
        targets=(EditionStatus.PENDING,),
        who=_SYSTEM,
        needs="A commentary is created, or a language is added.",
    )
    return [
        begun,
        *(
            _Row(
                action=action,
                sources=_in_order(change.sources, EditionStatus),
                targets=(change.target,),
                who=_takers(action),
            )
            for change in EDITION_MACHINE
            for action in change.because
        ),
    ]


def _takers(action: str) -> str:
    """Who takes an action, on whichever machine has it."""
    machines: tuple[Transition[Any, Any], ...] = (*COMMENTARY_MACHINE, *TASK_MACHINE)
    return _spoken(next(transition.who for transition in machines if transition.action == action))


def _row(transition: Transition[Any, Any], lacking: Any, states: type[StrEnum]) -> _Row:
    targets: tuple[StrEnum | None, ...] = transition.outcomes or (transition.target,)
    if len(transition.outcomes) == 1:
        # Where the outcome decides and only one other state is named, the alternative is to stay.
        targets = (None, *targets)
    return _Row(
        action=transition.action.value,
        mark="†" if transition.by_patch else "",
        sources=_in_order(transition.sources, states),
        targets=targets,
        who=_spoken(transition.who),
        needs=_needs(transition, lacking),
    )


def _needs(transition: Transition[Any, Any], lacking: Any) -> str:
    """The rules of a transition, each asked about a subject that lacks everything."""
    rules = ["A note."] if transition.needs_note else []
    if transition.not_by is not None:
        rules.append(_rule(transition.not_by))
    rules.extend(_rule(_refused(need, lacking)) for need in transition.needs)
    return " ".join(rules)


def _refused(need: Callable[[Any], Refusal | None], lacking: Any) -> type[Refusal]:
    refusal = need(lacking)
    if refusal is None:
        raise LookupError(f"the subject here has to lack what {need.__name__} asks for")
    return type(refusal)


def _rule(refusal: type[Refusal]) -> str:
    first = re.split(r"(?<=\.)\s", render(refusal.explanation, "en"))[0]
    return f"{first} (`{refusal.code}`)"


def _in_order(states: Iterable[StrEnum], every: type[StrEnum]) -> tuple[StrEnum, ...]:
    chosen = set(states)
    return tuple(state for state in every if state in chosen)


def _diagram(rows: Sequence[_Row], states: type[StrEnum]) -> list[str]:
    """The machine as a Mermaid diagram. What leads the same way shares an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for edge in row.edges():
            actions = arrows.setdefault(edge, [])
            if row.action not in actions:
                actions.append(row.action)
    order = [_NEW, *(state.value for state in states)]
    drawn = sorted(arrows, key=lambda edge: (order.index(edge[0]), order.index(edge[1])))
    return [
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {start} --> {end}: {', '.join(arrows[start, end])}" for start, end in drawn),
        "```",
    ]


def _transitions(rows: Sequence[_Row], states: type[StrEnum]) -> list[str]:
    return [
        "| action | from | to | who | also needs |",
        "|---|---|---|---|---|",
        *(
            f"| {f'{_code(row.action)} {row.mark}'.rstrip()} | {_from(row.sources, states)} "
            f"| {_to(row.targets)} | {row.who} | {row.needs or '–'} |"
            for row in rows
        ),
    ]


def _from(sources: Sequence[StrEnum], states: type[StrEnum]) -> str:
    if not sources:
        return "–"
    others = [state for state in states if state not in sources]
    if not others:
        return "any"
    if len(others) == 1:
        return f"any but {_code(others[0])}"
    return ", ".join(_code(state) for state in sources)


def _to(targets: Sequence[StrEnum | None]) -> str:
    return " or ".join("the same" if target is None else _code(target) for target in targets)


def _code(word: str) -> str:
    return f"`{word}`"


def _names(labels: Iterable[Label]) -> list[str]:
    spoken_in = languages()
    return [
        f"| state | {' | '.join(LanguageName(one).in_(one) for one in spoken_in)} |",
        f"|---{'|---' * len(spoken_in)}|",
        *(f"| {_code(one.value)} | {' | '.join(in_every_language(one).values())} |" for one in labels),
    ]
