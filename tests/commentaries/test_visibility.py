"""Postgres and Python agree on how much of a commentary a person sees: state × relation × role × what is live.

`visibility_of` is the rule for one commentary, `sight_of` for queries of many. tests/core/test_permissions.py has the
answers by hand; here each query's rule is compared with it.
"""

from collections.abc import AsyncIterator
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest

from editorial.commentaries import views
from editorial.core.permissions import (
    Actor,
    ActorKind,
    Information,
    Relation,
    Role,
    Visibility,
    visibility_of,
)
from editorial.core.states import CommentaryState, TaskState

Connection = Any
ACTOR, OTHER = uuid4(), uuid4()
CONTEXT = '{"actor_kind": "system", "action": "create"}'


class Around(NamedTuple):
    """What there is around a commentary: who wrote it, its task into Belarusian, and what readers see."""

    is_author: bool
    is_contributor: bool
    task: TaskState | None
    any_live: bool


ROLES = [
    frozenset(role for role, has in zip(Role, chosen, strict=True) if has)
    for chosen in product((False, True), repeat=len(Role))
]


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Connection]:
    """Give a connection without triggers and foreign keys, in a transaction that is taken back."""
    connection = await asyncpg.connect(owner_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("set local session_replication_role = replica")
    await connection.execute("select set_config('editorial.context', $1, true)", CONTEXT)
    yield connection
    await transaction.rollback()
    await connection.close()


async def add(owner: Connection, around: Around) -> UUID:
    """Add what `sight_of` reads beside the commentary itself."""
    commentary = uuid4()
    if around.is_contributor:
        await owner.execute("insert into contributor values ($1, $2)", commentary, ACTOR)
    await owner.execute(
        "insert into edition (commentary_id, language, is_source, approval_id, approved_revision, live_approval_id, "
        "live_revision, slug, first_published_at, published_at) "
        "values ($1, 'be', false, $2, $3, $2, $3, 'a', now(), now())",
        commentary,
        uuid4() if around.any_live else None,
        1 if around.any_live else None,
    )
    if around.task is not None:
        await owner.execute(
            "insert into translation_task (id, commentary_id, language, state, source_revision, assignee_id, "
            "claim_expires_at) values ($1, $2, 'be', $3, 1, $4, $5)",
            uuid4(),
            commentary,
            around.task,
            None if around.task in {TaskState.OPEN, TaskState.CANCELLED} else OTHER,
            await owner.fetchval("select now()") if around.task is TaskState.CLAIMED else None,
        )
    return commentary


def expected(around: Around, state: CommentaryState, actor: Actor) -> Visibility:
    """What the table in Python says."""
    relations = set(actor.relations)
    if around.is_author and actor.keeps(Relation.AUTHOR):
        relations.add(Relation.AUTHOR)
    if around.is_contributor and actor.keeps(Relation.CONTRIBUTOR):
        relations.add(Relation.CONTRIBUTOR)
    if around.task not in {None, TaskState.CANCELLED} and actor.translates("be"):
        relations.add(Relation.TRANSLATOR)
    return visibility_of(frozenset(relations), state, any_live=around.any_live)


@pytest.mark.parametrize("any_live", [True, False])
async def test_the_query_says_what_the_table_says(owner: Connection, any_live: bool) -> None:
    found: dict[Any, str] = {}
    wanted: dict[Any, str] = {}
    for parts in product((True, False), (True, False), (None, *TaskState)):
        around = Around(*parts, any_live=any_live)
        commentary = await add(owner, around)
        for roles, language in product(ROLES, ("be", "ru")):
            actor = Actor(kind=ActorKind.PERSON, id=ACTOR, roles=roles, languages=frozenset({language}))
            rows = await owner.fetch(
                "select state, sight from unnest($1::text[]) as state, sight_of($2, $3, state, $4, $5, $6, $7)",
                list(CommentaryState),
                commentary,
                ACTOR if around.is_author else OTHER,
                actor.writer_id,
                views.languages_of(actor),
                actor.may_know(Information.UNFINISHED_TEXT),
                views.translator_states(),
            )
            for row in rows:
                state = CommentaryState(row["state"])
                case = (around, language, tuple(sorted(roles)), state)
                found[case] = row["sight"] or Visibility.NOTHING
                wanted[case] = expected(around, state, actor)
    assert len(found) == 2 * 2 * 6 * len(ROLES) * 2 * len(CommentaryState)
    assert {case: (found[case], wanted[case]) for case in found if found[case] != wanted[case]} == {}
    # Each level that can come about does.
    assert set(found.values()) == set(Visibility) - {Visibility.NOTHING if any_live else Visibility.LIVE}
