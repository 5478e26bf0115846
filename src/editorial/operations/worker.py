"""What happens by itself: due schedules, claims that ran out, the sealing of the trail.

Any number of workers may run: each due thing is taken under a row lock and looked at again there, so that it
happens once. The clock is the database's alone, and what is done is gone from what is due: a clock that
jumps makes nothing happen twice. A schedule is carried out with the rights of the person behind it as they
are at that moment. One thing that fails keeps no other waiting.
"""

import asyncio
import contextlib
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog

from editorial.audit.sealer import seal_trail
from editorial.commentaries import publishing, views
from editorial.commentaries.publishing import PendingPublication
from editorial.commentaries.views import EditionRow, Seen, TransitionContext
from editorial.core import decisions, subjects, workflow
from editorial.core.permissions import SYSTEM, Actor, ActorKind, Role
from editorial.core.publication import NOT_THEIRS_ANY_MORE, faults_of_words
from editorial.core.refusals import DatabaseAway, Forbidden, InternalError, Invalid, NotFound, Refusal
from editorial.core.states import Action
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.identity import mail
from editorial.locales import Listed, Message, stored
from editorial.settings import Settings
from editorial.telemetry import metrics
from editorial.web import idempotency

sql = load_queries("operations/worker")
log = structlog.get_logger("editorial.operations.worker")
PAUSE = 1.0
"""Seconds between two looks at the clock of the database."""
STALLED = 30.0
"""Seconds after which a worker that has not finished a round counts as stalled."""
PAGE = 1_000
PUBLISH_DUE, RELEASE_EXPIRED = "publish_due_commentaries", "release_expired_claims"

Job = Callable[[Database, Settings], Awaitable[None]]


class Outcome(StrEnum):
    """How it went with one thing that was due."""

    DONE = "done"
    REFUSED = "refused"
    """A guard said no, and the trail says why."""
    BUSY = "busy"
    """Another process is working on it. If it is still due, the next round finds it."""
    GONE = "gone"
    """Another process did it first."""
    DATABASE_AWAY = "database_away"
    FAILED = "failed"
    """A bug of ours. The next round tries again."""


class Trouble:
    """Log a repeated failure at once, then once a minute, so that it does not fill the log."""

    AGAIN_AFTER = 60.0

    def __init__(self) -> None:
        """Start with nothing logged."""
        self._told: dict[str, float] = {}

    def is_news(self, what: str) -> bool:
        """Whether to log this now: it was not logged within the last minute."""
        now = time.monotonic()
        if now - self._told.get(what, -self.AGAIN_AFTER) < self.AGAIN_AFTER:
            return False
        if len(self._told) >= 1_000:
            self._told.clear()
        self._told[what] = now
        return True

    def is_over(self, what: str) -> bool:
        """Whether this was logged and has ended. The next time it is logged at once."""
        return self._told.pop(what, None) is not None


_TROUBLE = Trouble()
AWAY = "the database is away"


class Heartbeat:
    """When this process last finished a round of its work."""

    def __init__(self) -> None:
        """Begin as if a round had just ended."""
        self._last = time.monotonic()
        self._work: asyncio.Task[Any] | None = None

    def beat(self) -> None:
        """A round has ended."""
        self._last = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the last round ended."""
        return time.monotonic() - self._last

    def watch(self, work: asyncio.Task[Any]) -> None:
        """Know of the task that does the work."""
        self._work = work
        work.add_done_callback(_tell_end)

    def trouble(self) -> str | None:
        """What /readyz says where the work does not go on."""
        if self._work is not None and self._work.done():
            return "The worker has ended."
        return "The worker has not finished a round for a while." if self.age > STALLED else None


def _tell_end(work: asyncio.Task[Any]) -> None:
    """Log that the worker does no work any more; /readyz reports it too."""
    if not work.cancelled():
        fault = work.exception()
        log.error("the worker has ended", kind=type(fault).__name__)


async def run(db: Database, settings: Settings, pulse: Heartbeat | None = None) -> None:
    """Work until cancelled. With the database away, wait and try again."""
    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(_run(db, settings, JOBS, pulse))
        # A mail server that does not answer is reported elsewhere: this process still works.
        lanes.create_task(_run(db, settings, SLOW_JOBS, None))
        lanes.create_task(_run(db, settings, INDEX_JOBS, None))


async def _run(db: Database, settings: Settings, jobs: Mapping[str, Job], pulse: Heartbeat | None) -> None:
    while True:
        if await work_once(db, settings, jobs) and pulse is not None:
            pulse.beat()
        await asyncio.sleep(PAUSE)


async def work_once(db: Database, settings: Settings, jobs: Mapping[str, Job] | None = None) -> bool:
    """Do everything that is due now, and say whether every job went through."""
    went_through = True
    for name, job in (JOBS if jobs is None else jobs).items():
        began = time.monotonic()
        outcome = await _attempt(name, _done(job(db, settings)))
        metrics.count_round(name, outcome, time.monotonic() - began)
        went_through = went_through and outcome is Outcome.DONE
    if went_through and _TROUBLE.is_over(AWAY):
        log.info("the database is back")
    return went_through


async def _done(work: Awaitable[None]) -> Outcome:
    await work
    return Outcome.DONE


async def _attempt(job: str, work: Awaitable[Outcome]) -> Outcome:
    """Run one piece of work. Our bugs are logged and counted, and do not stop the rest."""
    try:
        return await work
    except (DatabaseAway, OSError, asyncpg.InterfaceError) as fault:
        # One line for all jobs: they have one database.
        if _TROUBLE.is_news(AWAY):
            log.warning("the database is away; it is asked again", job=job, kind=type(fault).__name__)
        return Outcome.DATABASE_AWAY
    except Exception as fault:  # noqa: BLE001  # the worker outlives every bug, and each is told
        # Where it happened, never what it said: a message may quote a name or a text.
        where = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(fault.__traceback__)
        ]
        if _TROUBLE.is_news(f"{job} {type(fault).__name__} {where[-1:]}"):
            log.error("bug", job=job, kind=type(fault).__name__, where=where)
        return Outcome.FAILED


async def _each(job: str, work: Awaitable[Outcome]) -> None:
    metrics.count_item(job, await _attempt(job, work))


async def publish_due_commentaries(db: Database, settings: Settings) -> None:
    """Publish what is scheduled for now."""
    async with db.read() as connection:
        due = await sql.due_commentaries(connection, page=PAGE)
    for row in due:
        await _each(PUBLISH_DUE, publish_due(db, settings, row["commentary_id"], row["scheduled_by"]))
    left = None
    if due:
        async with db.read() as connection:
            left = await sql.oldest_due(connection)
    metrics.tell_oldest_due(left or 0.0)


async def release_expired_claims(db: Database, _: Settings) -> None:
    """Return tasks that were not saved for too long to the queue, with their text."""
    async with db.read() as connection:
        expired = await sql.expired_claims(connection, page=PAGE)
    for row in expired:
        await _each(RELEASE_EXPIRED, _release(db, row["id"]))


async def _release(db: Database, task: UUID) -> Outcome:
    async with db.write(SYSTEM, "expire", ObjectKind.TASK, task, lock=(ObjectKind.TASK, task)) as tx:
        released = await sql.expire_claim(tx, id=task)
    return Outcome.GONE if released is None else Outcome.DONE


async def forget_old_sign_ins(db: Database, settings: Settings) -> None:
    """Forget a page of the sessions and links that ended longer ago than the newsroom keeps them.

    The rest waits for the next round, and nothing else waits for it.
    """
    days = settings.sign_in_retention_days
    async with db.read() as connection:
        if not await sql.old_sign_ins(connection, days=days):
            return
    async with db.write(SYSTEM, "forget_sign_ins", ObjectKind.SESSION) as tx:
        await sql.forget_sign_ins(tx, days=days)


class Due(msgspec.Struct, kw_only=True):
    """An edition whose instant has come."""

    language: str
    schedule_note: str | None
    schedule_is_minor: bool
    late: float


async def publish_due(db: Database, settings: Settings, commentary: UUID, person: UUID) -> Outcome:
    """Publish what one person scheduled of one commentary, and say on the board why not what was refused.

    Each language is judged on its own.
    """
    system = Actor(kind=ActorKind.SYSTEM, on_behalf_of=person)
    try:
        async with db.write(system, Action.PUBLISH, ObjectKind.COMMENTARY, commentary) as tx:
            if await sql.lock_if_free(tx, id=commentary) is None:
                return Outcome.BUSY
            due = await _due(tx, commentary, person)
            if not due:
                return Outcome.GONE
            refused = await _publish(tx, settings, commentary, person, due)
            await _say_why_not(db, tx, system, commentary, refused)
    except DatabaseAway:
        raise
    except Refusal as refusal:
        # Postgres has refused what our own rules let through: nothing was done, and it must not come again.
        log.error("a due schedule was refused by the database", code=refusal.code)
        async with db.write(system, Action.UNSCHEDULE, ObjectKind.COMMENTARY, commentary) as tx:
            if await sql.lock_if_free(tx, id=commentary) is None:
                return Outcome.BUSY
            due = await _due(tx, commentary, person)
            await _say_why_not(db, tx, system, commentary, {one.language: refusal for one in due})
        return Outcome.FAILED if isinstance(refusal, InternalError) else Outcome.REFUSED
    for one in due:
        if one.language not in refused:
            metrics.count_lag(one.late)
    return Outcome.REFUSED if refused else Outcome.DONE


async def _due(tx: Connection, commentary: UUID, person: UUID) -> list[Due]:
    rows = await sql.due_editions(tx, commentary=commentary, scheduled_by=person)
    return [msgspec.convert(dict(row), Due) for row in rows]


async def _publish(
    tx: Connection, settings: Settings, commentary: UUID, person: UUID, due: list[Due]
) -> dict[str, Refusal]:
    """Publish what every guard lets through at this moment; the refusals of the rest, by language."""
    roles = frozenset(Role(role) for role in await sql.find_roles(tx, person=person))
    actor = Actor(kind=ActorKind.PERSON, id=person, roles=roles)
    try:
        seen = await views.see_commentary(tx, actor, commentary, settings.site)
    except NotFound:
        return {one.language: Forbidden(NOT_THEIRS_ANY_MORE) for one in due}
    transition = TransitionContext(
        connection=tx,
        settings=settings,
        actor=actor,
        row=seen.row,
        step=workflow.Step(Action.PUBLISH, seen.row.state, None),
    )
    editions = {edition.language: edition for edition in seen.row.editions}
    refused: dict[str, Refusal] = {}
    going: list[PendingPublication] = []
    for one in due:
        refusal = _refusal(seen, actor, one, editions)
        if refusal is None:
            edition = editions[one.language]
            going.append(
                PendingPublication(edition=edition, note=one.schedule_note, minor=one.schedule_is_minor)
            )
        else:
            refused[one.language] = refusal
    if going:
        await publishing.go_live(transition, going)
    return refused


def _refusal(seen: Seen, actor: Actor, due: Due, editions: dict[str, EditionRow]) -> Refusal | None:
    """Why one language does not go live, by the guards of the action and with the person's rights."""
    subject = subjects.naming(subjects.in_language(seen.row.subject, due.language))
    refusal = decisions.verdict(subject, Action.PUBLISH, actor)
    if isinstance(refusal, Forbidden):
        return Forbidden(NOT_THEIRS_ANY_MORE)
    if refusal is not None:
        return refusal
    were_live = [due.language] if editions[due.language].was_live else []
    faults = faults_of_words(were_live, due.schedule_note, minor=due.schedule_is_minor)
    return Invalid(Message("schedule.note-missing")) if faults else None


async def _say_why_not(
    db: Database, tx: Connection, system: Actor, commentary: UUID, refused: dict[str, Refusal]
) -> None:
    """End these schedules, in a step of its own that names every reason."""
    if not refused:
        return
    reasons = dict.fromkeys(refusal.detail for refusal in refused.values())
    note = stored.written(Listed(reasons, "reason.separator"))
    await db.step(tx, system, Action.UNSCHEDULE, ObjectKind.COMMENTARY, commentary, note=note)
    for language, refusal in refused.items():
        await publishing.sql.end_schedules(
            tx, commentary=commentary, languages=[language], refusal=stored.written(refusal.detail)
        )
    await views.sql.touch_commentary(tx, id=commentary)


async def forget_idempotency_records(db: Database, _: Settings) -> None:
    """Remove the answers that were kept for an Idempotency-Key, when their day is over."""
    async with db.read() as connection:
        await idempotency.sql.forget_idempotency_records(connection)


async def add_audit_partitions(db: Database, _: Settings) -> None:
    """Give this year and the next their parts of the trail, where they have none yet.

    While a write is open, Postgres does nothing and blocks no one: the next round tries again.
    """
    async with db.read() as connection:
        await sql.add_audit_partitions(connection)


async def index_working_documents(db: Database, _: Settings) -> None:
    """Make the words of texts that were saved since the last round, so that the desk's search finds them fast."""
    async with db.read() as connection:
        for row in await sql.working_documents_due(connection, page=PAGE):
            await sql.index_working_document(
                connection,
                commentary=row["commentary_id"],
                language=row["language"],
                revision=row["revision"],
            )


JOBS: dict[str, Job] = {
    PUBLISH_DUE: publish_due_commentaries,
    RELEASE_EXPIRED: release_expired_claims,
    "forget_old_sign_ins": forget_old_sign_ins,
    "seal_trail": seal_trail,
    "forget_idempotency_records": forget_idempotency_records,
    "add_audit_partitions": add_audit_partitions,
}
"""What the worker looks after, in turn, by name."""

SLOW_JOBS: dict[str, Job] = {"send_mails": mail.send_due}
"""Jobs that may wait for an external server: in their own lane, so that the jobs above do not wait."""

INDEX_JOBS: dict[str, Job] = {"index_working_documents": index_working_documents}
"""The words of what is written, for search: tens of milliseconds a text, which no schedule should wait for."""


@contextlib.asynccontextmanager
async def beside(db: Database, settings: Settings) -> AsyncIterator[Heartbeat]:
    """Work in the background of something else, as long as that runs."""
    pulse = Heartbeat()
    task: asyncio.Task[Any] = asyncio.create_task(run(db, settings, pulse))
    pulse.watch(task)
    try:
        yield pulse
    finally:
        task.cancel()
        await asyncio.wait({task})
