"""What happens by itself: due schedules and claims that ran out.

Any number of workers may run: each due thing is taken under a row lock and looked at again there, so that it
happens once. A schedule is carried out with the rights of the person behind it as they are at that moment.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import structlog

from editorial import desk
from editorial.core import workflow
from editorial.core.permissions import SYSTEM, Actor, ActorKind, Role
from editorial.core.refusals import DatabaseAway, NotFound, NothingIsReady, NotYours, Refusal
from editorial.core.states import Action
from editorial.db import Connection, Database, Domain, load_queries
from editorial.features import moves
from editorial.settings import Settings

sql = load_queries("worker")
log = structlog.get_logger("editorial.worker")
PAUSE = 1.0
"""Seconds between two looks at the clock of the database."""
PAGE = 20


Job = Callable[[Database, Settings], Awaitable[None]]


async def run(db: Database, settings: Settings) -> None:
    """Work until cancelled. With the database away, wait and try again."""
    while True:
        await work_once(db, settings)
        await asyncio.sleep(PAUSE)


async def work_once(db: Database, settings: Settings) -> None:
    """Do everything that is due now. A job that fails does not keep the others waiting."""
    for name, job in JOBS.items():
        try:
            await job(db, settings)
        except (DatabaseAway, OSError):
            log.warning("the database is away", job=name)
        except Refusal as refusal:
            log.error("a due job was refused", job=name, code=refusal.code)


async def publish_due_commentaries(db: Database, settings: Settings) -> None:
    """Publish what somebody has scheduled for now."""
    async with db.reading() as connection:
        due = await sql.due_commentaries(connection, page=PAGE)
    for row in due:
        await publish_due(db, settings, row["commentary_id"], row["scheduled_by"])


async def release_expired_claims(db: Database, _: Settings) -> None:
    """Hand back the tasks that nobody has saved for too long, with their text."""
    async with db.reading() as connection:
        expired = await sql.expired_claims(connection, page=PAGE)
    for row in expired:
        async with db.acting(SYSTEM, "expire", Domain.TASK, row["id"], lock=(Domain.TASK, row["id"])) as tx:
            await sql.expire_claim(tx, id=row["id"])


async def publish_due(db: Database, settings: Settings, commentary: UUID, person: UUID) -> None:
    """Publish what one person scheduled of one commentary, or say on the board why not."""
    system = Actor(kind=ActorKind.SYSTEM, on_behalf_of=person)
    lock = (Domain.COMMENTARY, commentary)
    try:
        async with db.acting(system, Action.PUBLISH, Domain.COMMENTARY, commentary, lock=lock) as tx:
            await _publish(db, settings, tx, commentary, person)
    except DatabaseAway:
        raise
    except Refusal as refusal:
        reason = refusal.detail
        async with db.acting(
            system, Action.UNSCHEDULE, Domain.COMMENTARY, commentary, note=reason, lock=lock
        ) as tx:
            for row in await sql.due_editions(tx, commentary=commentary, scheduled_by=person):
                await moves.sql.unschedule_edition(
                    tx, commentary=commentary, language=row["language"], refusal=reason
                )
            await desk.sql.touch_commentary(tx, id=commentary)


async def _publish(db: Database, settings: Settings, tx: Connection, commentary: UUID, person: UUID) -> None:
    due = await sql.due_editions(tx, commentary=commentary, scheduled_by=person)
    if not due:
        return
    row = await sql.find_person(tx, id=person)
    actor = Actor(kind=ActorKind.PERSON, id=person, roles=frozenset(Role(role) for role in row["roles"]))
    try:
        seen = await desk.see_commentary(tx, actor, commentary)
    except NotFound as fault:
        raise NotYours("Whoever scheduled this may not publish it any more.") from fault
    subject = seen.row.subject
    step = workflow.decide(subject, Action.PUBLISH, actor, subject.version)
    languages = [edition["language"] for edition in due]
    workflow.chosen_languages(languages, subject.ready_languages, NothingIsReady)
    wanted = moves.Publish(
        languages=languages,
        correction_note=next((one["schedule_note"] for one in due if one["schedule_note"]), None),
        minor=all(one["schedule_is_minor"] for one in due),
    )
    move = moves.Move(tx=tx, db=db, settings=settings, actor=actor, row=seen.row, step=step)
    await moves.publish(move, wanted)


JOBS: dict[str, Job] = {
    "publish_due_commentaries": publish_due_commentaries,
    "release_expired_claims": release_expired_claims,
}
"""What the worker looks after, in turn, by name."""


@contextlib.asynccontextmanager
async def beside(db: Database, settings: Settings) -> AsyncIterator[None]:
    """Work in the background of something else, as long as that runs."""
    task = asyncio.create_task(run(db, settings))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
