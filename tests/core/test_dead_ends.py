"""No state is a dead end: a search over everything that can become of one text and its translation.

The moves are those that the tables of `core/workflow.py` allow, person by person. Beside them stand things
that nobody decides: a section is closed, a check begins to block, a person leaves. From whatever comes of
both, the people who are left must be able to reach an end by moves of their own.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from editorial.commentaries.transitions import STATE_ONLY
from editorial.core import conditions, decisions, subjects, workflow
from editorial.core.checks import Check, PublicationWarning
from editorial.core.permissions import Actor, ActorKind, Role
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.subjects import BlockingWarning
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE, state_of_reopened
from editorial.locales import Message, Verbatim

S, T = CommentaryState, TaskState


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """The Belarusian edition and its task."""

    wanted: bool = True
    task: TaskState | None = None
    holder: str | None = None
    finished: bool = False
    warned: bool = False
    """A warning has no answer."""
    slip: bool = False
    """There is a mistake in the text that nothing finds but a reader."""
    edited: bool = False
    """The text is not the one that readers see."""
    approved: bool = False
    fresh: bool = False
    """What was accepted is not what readers see."""
    live: bool = False
    was_live: bool = False
    scheduled: bool = False


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A commentary with its source text, its translation, and what is around them."""

    state: CommentaryState = S.DRAFT
    approved: bool = False
    fresh: bool = False
    live: bool = False
    changed: bool = True
    """The source is another than the one that was approved last."""
    contributor: str | None = None
    was_published: bool = False
    is_closed: bool = False
    blocks: bool = False
    """The newsroom lets nothing go on with an unanswered warning."""
    gone: str | None = None
    be: Translation = Translation()

    @property
    def source_stands(self) -> bool:
        return self.state in workflow.SOURCE_STANDS


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """The people, who of them began the text, and who leaves."""

    name: str
    people: tuple[tuple[str, str], ...]
    author: str = "A"
    leaver: str | None = None
    closes: bool = False
    """Sections are closed."""
    warns: bool = False
    """A translation can have warnings, and the newsroom lets them block or not."""
    slips: bool = False
    """A translation can have mistakes that nothing finds but a reader."""

    @property
    def roles(self) -> dict[str, frozenset[Role]]:
        letters = {"a": Role.ANALYST, "c": Role.COORDINATOR, "t": Role.TRANSLATOR}
        return {name: frozenset(letters[letter] for letter in roles) for name, roles in self.people}


def person(name: str, roles: frozenset[Role]) -> Actor:
    languages = frozenset({"be"}) if Role.TRANSLATOR in roles else frozenset[str]()
    return Actor(kind=ActorKind.PERSON, id=UUID(int=ord(name)), roles=roles, languages=languages)


def commentary_for(world: World, scenario: Scenario, name: str) -> subjects.Commentary:
    ready = {"en"} if world.approved and world.fresh else set()
    be = world.be
    ready |= {"be"} if be.approved and be.fresh else set()
    warning = PublicationWarning(
        check=Check.UNANSWERED_WARNING,
        language="be",
        place=None,
        detail=Verbatim("One warning."),
        blocks=True,
    )
    return subjects.Commentary(
        state=world.state,
        version=1,
        is_author=name == scenario.author,
        is_contributor=name == world.contributor,
        wrote_it=name in {scenario.author, world.contributor},
        was_published=world.was_published,
        ready_languages=frozenset(ready),
        live_languages=frozenset(
            language for language, live in (("en", world.live), ("be", be.live)) if live
        ),
        scheduled_languages=frozenset({"be"} if be.scheduled else ()),
        section_is_closed=world.is_closed,
        blocking=(warning,) if world.blocks and be.warned and be.wanted else (),
    )


def task_for(world: World, name: str) -> subjects.Task:
    be = world.be
    assert be.task is not None
    warning = BlockingWarning(pointer="/lead", kind="number", detail=Message("warning.empty.differs"))
    return subjects.Task(
        state=be.task,
        version=1,
        language="be",
        is_holder=name == be.holder,
        translated_it=name == be.holder,
        source_is_approved=world.source_stands,
        unfinished_units=() if be.finished else ("title",),
        blocking=(warning,) if world.blocks and be.warned else (),
    )


def without_schedule(be: Translation) -> Translation:
    return replace(be, scheduled=False)


def unfinished(be: Translation) -> int:
    return int(be.wanted and be.task in workflow.UNFINISHED_TASKS)


def back_to_work(world: World, scenario: Scenario) -> Translation:
    """A translation that was handed in or accepted, with its translator again or in the queue."""
    be = world.be
    gone = be.holder == world.gone or Role.TRANSLATOR not in scenario.roles[be.holder or ""]
    state = state_of_reopened(holder_is_gone=gone)
    holder = be.holder if state is T.CLAIMED else None
    return replace(be, task=state, holder=holder, approved=False, fresh=False, scheduled=False)


def approve(world: World, scenario: Scenario, _: str) -> Iterator[World]:
    be = world.be
    if be.wanted and be.task is None:
        be = replace(be, task=T.OPEN)
    elif be.task is not None and be.task is not T.CANCELLED and world.changed:
        if workflow.reopens(be.task):
            be = back_to_work(world, scenario)
        be = replace(be, finished=False)
    elif be.task is T.ACCEPTED and not be.approved:
        be = replace(be, approved=True, fresh=be.edited or not be.live)
    yield replace(
        world,
        state=workflow.after_approval(unfinished(be)),
        approved=True,
        fresh=world.fresh or world.changed or not world.live,
        changed=False,
        be=be,
    )


def publish(world: World, scenario: Scenario, name: str) -> Iterator[World]:
    subject = commentary_for(world, scenario, name)
    choices = [subject.languages_to_publish, frozenset({"en"}), frozenset({"be"})]
    for named, chosen in zip((False, True, True), choices, strict=True):
        asked = subjects.naming(subject) if named else subject
        if named and not chosen <= subject.ready_languages:
            continue
        if decisions.verdict(asked, Action.PUBLISH, ACTORS(scenario, name)) or conditions.blocked_by(
            asked, chosen
        ):
            continue
        be = world.be
        if "be" in chosen:
            be = replace(be, live=True, was_live=True, fresh=False, edited=False, scheduled=False)
        yield replace(
            world,
            state=workflow.AFTER_PUBLICATION,
            was_published=True,
            live=world.live or "en" in chosen,
            fresh=world.fresh and "en" not in chosen,
            be=be,
        )


def schedule(world: World, scenario: Scenario, name: str) -> Iterator[World]:
    subject = commentary_for(world, scenario, name)
    if "be" in subject.ready_languages and not conditions.blocked_by(subject, frozenset({"be"})):
        yield replace(world, be=replace(world.be, scheduled=True))


def retract(world: World, _: Scenario, __: str) -> Iterator[World]:
    be = replace(world.be, live=False, approved=False, fresh=False, scheduled=False)
    state = workflow.after_retraction(world.state, 0)
    yield replace(world, state=state, live=False, approved=False, fresh=False, be=be)


def add_language(world: World, _: Scenario, __: str) -> Iterator[World]:
    be = world.be
    if be.wanted and be.task is not T.CANCELLED:
        return
    if world.approved or world.live or be.task is not None:
        be = replace(be, task=T.OPEN, holder=None, finished=False)
    yield replace(world, be=replace(be, wanted=True))


def drop_language(world: World, _: Scenario, __: str) -> Iterator[World]:
    be = world.be
    if not be.wanted or be.was_live or be.task is T.ACCEPTED:
        return
    be = replace(be, wanted=False, task=None if be.task is None else T.CANCELLED, holder=None)
    yield replace(world, state=workflow.after_task_ended(world.state, 0), be=be)


def name_contributors(world: World, scenario: Scenario, _: str) -> Iterator[World]:
    for other, roles in scenario.roles.items():
        if Role.ANALYST in roles and other not in {scenario.author, world.gone}:
            yield replace(world, contributor=other)


def moved(state: CommentaryState) -> Callable[[World, Scenario, str], Iterator[World]]:
    def move(world: World, _: Scenario, __: str) -> Iterator[World]:
        yield replace(world, state=state)

    return move


def stays(_: World, __: Scenario, ___: str) -> Iterator[World]:
    yield from ()


Effect = Callable[[World, Scenario, str], Iterable[World]]

ON_COMMENTARY: dict[Action, Effect] = {
    **{
        row.action: stays if row.target is None else moved(row.target)
        for row in COMMENTARY_MACHINE
        if row.action in {one.__struct_config__.tag for one in STATE_ONLY}
    },
    Action.EDIT: lambda world, _, __: [replace(world, changed=True)],
    Action.APPROVE: approve,
    Action.REOPEN: lambda world, _, __: [
        replace(world, state=S.DRAFT, approved=False, be=without_schedule(world.be))
    ],
    Action.PUBLISH: publish,
    Action.SCHEDULE: schedule,
    Action.UNSCHEDULE: lambda world, _, __: [replace(world, be=without_schedule(world.be))],
    Action.RETRACT: retract,
    Action.CHANGE_SECTION: lambda world, _, __: [replace(world, is_closed=False)],
    Action.ADD_LANGUAGE: add_language,
    Action.DROP_LANGUAGE: drop_language,
    Action.NAME_CONTRIBUTORS: name_contributors,
    Action.CHANGE_SLUG: stays,
    Action.CHANGE_WEEK: stays,
    Action.CHANGE_BYLINE: stays,
}


def to(world: World, **changes: Any) -> World:
    return replace(world, be=replace(world.be, **changes))


def assign(world: World, scenario: Scenario, _: str) -> Iterator[World]:
    for other, roles in scenario.roles.items():
        if Role.TRANSLATOR in roles and other != world.gone:
            yield to(world, task=T.CLAIMED, holder=other)


def save(world: World, scenario: Scenario, _: str) -> Iterator[World]:
    for warned, slip in ((False, False), (scenario.warns, False), (False, scenario.slips)):
        yield to(world, finished=True, edited=True, warned=warned, slip=slip)


def give_back(world: World, scenario: Scenario, _: str) -> Iterator[World]:
    state = world.state
    if world.be.task is T.ACCEPTED:
        state = workflow.after_task_reopened(state)
    yield replace(world, state=state, be=back_to_work(world, scenario))


def accept(world: World, _: Scenario, __: str) -> Iterator[World]:
    be = world.be
    be = replace(be, task=T.ACCEPTED, approved=True, fresh=be.edited or not be.live)
    yield replace(world, state=workflow.after_task_ended(world.state, unfinished(be)), be=be)


def cancel(world: World, _: Scenario, __: str) -> Iterator[World]:
    be = replace(world.be, task=T.CANCELLED, holder=None)
    yield replace(world, state=workflow.after_task_ended(world.state, unfinished(be)), be=be)


ON_TASK: dict[Action, Effect] = {
    Action.CLAIM: lambda world, _, name: [to(world, task=T.CLAIMED, holder=name)],
    Action.ASSIGN: assign,
    Action.RELEASE: lambda world, _, __: [to(world, task=T.OPEN, holder=None)],
    Action.SAVE: save,
    Action.SUBMIT: lambda world, _, __: [to(world, task=T.SUBMITTED)],
    Action.RECALL: lambda world, _, __: [to(world, task=T.CLAIMED)],
    Action.RETURN: give_back,
    Action.ACCEPT: accept,
    Action.CANCEL: cancel,
    Action.CHANGE_DUE_DATE: stays,
    Action.ANSWER_WARNING: lambda world, _, __: [to(world, warned=False)],
}


@cache
def _actor(scenario: Scenario, name: str) -> Actor:
    return person(name, scenario.roles[name])


ACTORS = _actor
_verdict = cache(decisions.verdict)
SEEN_BY_TRANSLATORS = frozenset({S.IN_TRANSLATION, S.READY, S.PUBLISHED, S.RETRACTED})


def moves_of_people(world: World, scenario: Scenario) -> Iterator[tuple[Action, World]]:
    """Every world that one move of a person leads to, with the move."""
    for name in scenario.roles:
        if name == world.gone:
            continue
        actor = ACTORS(scenario, name)
        subject = commentary_for(world, scenario, name)
        for action, effect in ON_COMMENTARY.items():
            # `publish` asks for each choice of languages by itself.
            if action is Action.PUBLISH or _verdict(subject, action, actor) is None:
                yield from ((action, after) for after in effect(world, scenario, name))
        if world.be.task is None:
            continue
        coordinates = Role.COORDINATOR in actor.roles
        if not (coordinates or name == world.be.holder or world.state in SEEN_BY_TRANSLATORS):
            continue
        task = task_for(world, name)
        for action, effect in ON_TASK.items():
            if _verdict(task, action, actor) is None:
                yield from ((action, after) for after in effect(world, scenario, name))


def accidents(world: World, scenario: Scenario) -> Iterator[World]:
    """What happens to people and text without anybody's move."""
    if scenario.closes:
        yield replace(world, is_closed=True)
    if scenario.warns:
        yield replace(world, blocks=not world.blocks)
    if scenario.leaver is not None and world.gone is None:
        be = world.be
        if be.task is T.CLAIMED and be.holder == scenario.leaver:
            be = replace(be, task=T.OPEN, holder=None)
        yield replace(world, gone=scenario.leaver, be=be)


@cache
def explored(scenario: Scenario) -> tuple[set[World], dict[World, set[tuple[Action, World]]]]:
    """Every world that can come about, and for each the moves of people that lead to it, and from where."""
    start = World()
    found, waiting = {start}, deque([start])
    before: dict[World, set[tuple[Action, World]]] = defaultdict(set)
    while waiting:
        world = waiting.popleft()
        moved_to: set[World] = set()
        for action, after in moves_of_people(world, scenario):
            moved_to.add(after)
            before[after].add((action, world))
        for after in moved_to.union(accidents(world, scenario)):
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found, before


def that_reach(
    ends: Callable[[World], bool],
    found: set[World],
    before: dict[World, set[tuple[Action, World]]],
    without: Action | None = None,
) -> set[World]:
    """The worlds from which people can bring about one of these ends, also without a certain action."""
    reaching = {world for world in found if ends(world)}
    waiting = deque(reaching)
    while waiting:
        for action, earlier in before[waiting.popleft()]:
            if action is not without and earlier not in reaching:
                reaching.add(earlier)
                waiting.append(earlier)
    return reaching


def is_over(world: World) -> bool:
    return world.state in {S.PUBLISHED, S.DISCARDED}


def is_mended(world: World) -> bool:
    """Readers see a translation without a slip."""
    return world.be.live and not world.be.slip and not world.be.edited


def has_a_slip(world: World) -> bool:
    """A translation with a slip was accepted, and its source stands."""
    return world.be.slip and world.be.task is T.ACCEPTED and world.source_stands


ALL_STAY = (("A", "a"), ("C", "c"), ("T", "t"))
WARNED = Scenario(name="a check begins to block", people=ALL_STAY, warns=True)
SCENARIOS = (
    Scenario(name="a translation has a slip", people=ALL_STAY, slips=True),
    Scenario(
        name="the translator leaves, another stays",
        people=(("A", "a"), ("C", "c"), ("T", "t"), ("U", "t")),
        leaver="T",
        slips=True,
    ),
    Scenario(
        name="the author leaves, another analyst stays",
        people=(("A", "a"), ("B", "a"), ("C", "c"), ("T", "t")),
        leaver="A",
        slips=True,
    ),
    Scenario(name="a coordinator wrote it", people=(("A", "ac"), ("C", "c"), ("T", "t")), slips=True),
    Scenario(name="a coordinator translates", people=(("A", "a"), ("C", "ct"), ("D", "c")), slips=True),
)
OTHERS = (
    WARNED,
    Scenario(name="a section closes", people=ALL_STAY, closes=True),
    Scenario(name="no translator", people=(("A", "a"), ("C", "c"))),
    Scenario(name="the only translator leaves", people=ALL_STAY, leaver="T"),
    Scenario(name="one of two coordinators leaves", people=(*ALL_STAY, ("D", "c")), leaver="D"),
)


def test_the_search_knows_every_action() -> None:
    remedy = "say in tests/core/test_dead_ends.py what the action does, in ON_COMMENTARY or in ON_TASK"
    assert ON_COMMENTARY.keys() == {row.action for row in COMMENTARY_MACHINE if row.sources}, remedy
    assert ON_TASK.keys() == {row.action for row in TASK_MACHINE}, remedy


@pytest.mark.parametrize("scenario", [*SCENARIOS, *OTHERS], ids=lambda scenario: scenario.name)
def test_from_everything_that_can_come_about_people_can_reach_an_end(scenario: Scenario) -> None:
    found, before = explored(scenario)
    # The search went somewhere.
    assert {world.state for world in found} == set(CommentaryState)
    stuck = found - that_reach(is_over, found, before)
    assert not stuck, f"{len(stuck)} of {len(found)}, such as {next(iter(stuck))}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_slip_in_an_accepted_translation_can_always_be_mended(scenario: Scenario) -> None:
    found, before = explored(scenario)
    slips = {world for world in found if has_a_slip(world)}
    assert {world.be.live for world in slips} == {True, False}
    # Without a word of the source being touched.
    stuck = slips - that_reach(is_mended, found, before, without=Action.EDIT)
    assert not stuck, f"{len(stuck)} of {len(slips)}, such as {next(iter(stuck))}"


def test_a_blocking_warning_strands_no_accepted_translation() -> None:
    found, before = explored(WARNED)
    stranded = {one for one in found if one.blocks and one.be.warned and one.be.task is T.ACCEPTED}
    # The check began to block after the acceptance: nobody accepts with it.
    assert stranded
    answered = that_reach(
        lambda one: one.blocks and not one.be.warned and one.be.live, found, before, without=Action.EDIT
    )
    assert stranded <= answered


def test_four_eyes_need_a_second_coordinator() -> None:
    """What is inherent: one coordinator alone cannot publish what they wrote, and can throw it away."""
    scenario = Scenario(name="alone", people=(("A", "ac"), ("T", "t")))
    found, before = explored(scenario)
    assert not any(world.approved for world in found)
    assert found == that_reach(lambda world: world.state is S.DISCARDED, found, before)
