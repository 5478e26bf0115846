"""The composition root: the only file that knows every part."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import HttpMethod, Litestar, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp

from editorial.audit import entries, public_checkpoints
from editorial.commentaries import (
    board,
    comments,
    create,
    edit,
    history,
    languages,
    previews,
    publication_checks,
    revisions,
    sections,
    week_publication,
)
from editorial.commentaries import list as commentary_list
from editorial.commentaries import transitions as commentary_transitions
from editorial.commentaries import views as commentary_views
from editorial.core.checks import Site
from editorial.core.permissions import Actor, Visibility
from editorial.core.refusals import NotFound, NotSignedIn
from editorial.database import notifications
from editorial.database.access import WAITING_FOR_EACH, Database, ObjectKind
from editorial.database.queries import Connection
from editorial.database.replica import Replica
from editorial.identity import (
    bylines,
    coordinators,
    erasure,
    invitations,
    me,
    password_reset,
    people,
    public_keys,
    service_tokens,
    sessions,
    totp,
)
from editorial.identity.authentication import Credentials
from editorial.identity.rate_limits import RateLimiter
from editorial.locales import Message
from editorial.operations import pages as operations_pages
from editorial.operations import worker, workflow
from editorial.published import exports, feeds, search
from editorial.published import pages as published_pages
from editorial.published.invalidation import PublishedPages
from editorial.published.page_cache import PageCache
from editorial.settings import Settings
from editorial.telemetry import metrics
from editorial.translations import assistance, glossary, restoration, xliff
from editorial.translations import tasks as task_tasks
from editorial.translations import transitions as task_transitions
from editorial.translations import views as task_views
from editorial.web import cursors, operation
from editorial.web.bodies import MAX_BODY
from editorial.web.cors import CrossOrigin
from editorial.web.negotiation import said
from editorial.web.openapi import document
from editorial.web.pipeline import RequestPipeline
from editorial.web.problems import answer_refusal
from editorial.web.request import Request
from editorial.web.request_guard import RequestGuard, StillSees

FEATURES = (
    sessions,
    password_reset,
    totp,
    public_keys,
    me,
    bylines,
    people,
    coordinators,
    invitations,
    erasure,
    service_tokens,
    sections,
    create,
    commentary_list,
    edit,
    languages,
    revisions,
    commentary_transitions,
    task_tasks,
    restoration,
    xliff,
    task_transitions,
    board,
    week_publication,
    publication_checks,
    previews,
    assistance,
    comments,
    glossary,
    published_pages,
    search,
    exports,
    feeds,
    history,
    entries,
    public_checkpoints,
    workflow,
    operations_pages,
)


PATIENCE = 8.0
"""Seconds that a request waits for one answer of the database."""


async def _sees_whole(connection: Connection, actor: Actor, commentary: UUID) -> None:
    """Check that the actor sees the whole commentary, as after a transition. Raises `NotFound` if not."""
    if (
        await commentary_views.see_commentary(connection, actor, commentary, Site())
    ).sight is not Visibility.WHOLE:
        raise NotFound


STILL_SEES: StillSees = {ObjectKind.COMMENTARY: _sees_whole, ObjectKind.TASK: task_views.see_task}
"""Before an answer is given again: whether its object may still be seen."""


def create_app(settings: Settings, database_url: str) -> tuple[ASGIApp, Litestar]:
    """The application on a database: what a server serves, and the Litestar application inside it."""
    db = Database(
        database_url,
        pool_size=settings.pool_size,
        patience=PATIENCE,
        pooler_url=settings.database_pooler_url,
    )
    at_once = max(1, settings.pool_size // 2)
    replica = Replica(db, settings.database_replica_url, pool_size=at_once)
    credentials = Credentials(db, settings)
    db.actors_changed = credentials.actors.clear
    throttle = RateLimiter(db, credentials, settings)

    page_cache = PageCache(
        size=settings.page_cache_mb * 1024 * 1024,
        at_once=at_once,
        origins=settings.cors_origins,
        moved=replica.distrust,
    )

    @asynccontextmanager
    async def lifespan(litestar: Litestar) -> AsyncIterator[None]:
        await db.open()
        await replica.open()
        try:
            await credentials.ensure_signing_key()
            await cursors.SEALER.read_key(db)
            async with AsyncExitStack() as beside:
                await beside.enter_async_context(
                    notifications.listening(db, (PublishedPages(page_cache, replica), credentials.actors))
                )
                if settings.worker_in_serve:
                    pulse = await beside.enter_async_context(worker.beside(db, settings))
                    litestar.state["worries"] = (pulse.trouble,)
                yield
        finally:
            await replica.close()
            await db.close()

    async def provide_actor(request: Request) -> Actor:
        actor: Actor = request.scope["user"]
        return actor

    # What does not depend on each other, Litestar provides at the same time, each in a task of its own, which
    # costs more than providing it. So each of these comes after the one before.
    async def provide_db(actor: Any) -> Database:
        return db

    async def provide_replica(db: Any) -> Replica:
        return replica

    async def provide_settings(replica: Any) -> Settings:
        return settings

    async def provide_credentials(settings: Any) -> Credentials:
        return credentials

    async def provide_throttle(credentials: Any) -> RateLimiter:
        return throttle

    routes: list[HTTPRouteHandler] = [route for feature in FEATURES for route in feature.ROUTES]
    litestar = Litestar(
        # OPTIONS comes first: Litestar adds its own to a path that has none yet.
        route_handlers=[*_options(routes), *routes],
        dependencies={
            "actor": Provide(provide_actor),
            "db": Provide(provide_db),
            "replica": Provide(provide_replica),
            "settings": Provide(provide_settings),
            "credentials": Provide(provide_credentials),
            "throttle": Provide(provide_throttle),
        },
        middleware=[DefineMiddleware(RequestGuard, db=db, still_sees=STILL_SEES)],
        exception_handlers={Exception: _answer_refusal},
        type_encoders={Message: said},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BODY,
        state=State(),
    )
    servers = {"servers": [{"url": settings.public_url}]} if settings.public_url else {}
    # Built on first request: it takes longer than everything else in this function.
    litestar.state["document"] = cache(lambda: document(litestar) | servers)
    litestar.state["troubles"] = (page_cache.trouble,)
    litestar.state["replica"] = replica
    _count_connections(db)
    _count_readers(page_cache)
    metrics.counter("replica_reads_total", "Public answers that a replica gave.", lambda: replica.reads)
    metrics.counter(
        "replica_refused_total",
        "Public answers for which the replica was behind or away.",
        lambda: replica.refused,
    )
    pipeline = RequestPipeline(
        litestar, credentials.authenticate, at_once=settings.pool_size * (1 + WAITING_FOR_EACH)
    )
    metrics.gauge("http_requests_in_progress", "Requests that are worked on.", lambda: pipeline.in_hand)
    inner = CrossOrigin(pipeline, settings.cors_origins) if settings.cors_origins else pipeline
    return page_cache.before(inner), litestar


def create_worker(settings: Settings, database_url: str) -> tuple[ASGIApp, Litestar]:
    """A process that does what happens by itself, and answers how it is: no API."""
    db = Database(database_url, pool_size=2)

    @asynccontextmanager
    async def lifespan(litestar: Litestar) -> AsyncIterator[None]:
        await db.open()
        try:
            async with worker.beside(db, settings) as pulse:
                litestar.state["troubles"] = (pulse.trouble,)
                yield
        finally:
            await db.close()

    litestar = Litestar(
        route_handlers=[*_options(operations_pages.HEALTH), *operations_pages.HEALTH],
        dependencies={
            "db": Provide(lambda: db, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        middleware=[DefineMiddleware(RequestGuard, db=db, still_sees={})],
        exception_handlers={Exception: _answer_refusal},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        state=State(),
    )
    _count_connections(db)
    return RequestPipeline(litestar, _nobody, at_once=WAITING_FOR_EACH), litestar


def _count_readers(page_cache: PageCache) -> None:
    counts = page_cache.counts
    metrics.counter("public_hits_total", "Public answers that were in memory.", lambda: counts.hits)
    metrics.counter(
        "public_unchanged_total",
        "Public answers from memory that the reader had already (304).",
        lambda: counts.unchanged,
    )
    metrics.counter("public_made_total", "Public answers that had to be made.", lambda: counts.made)
    metrics.counter("public_refused_total", "Public answers that were a 503.", lambda: counts.refused)
    metrics.gauge("public_memory_bytes", "What public answers take in memory.", lambda: page_cache.taken)


async def _nobody(_: str) -> Actor:
    raise NotSignedIn


def _count_connections(db: Database) -> None:
    metrics.gauge("pool_connections", "Database connections that are open.", lambda: db.open_connections)
    metrics.gauge(
        "pool_connections_busy", "Database connections that are at work.", lambda: db.busy_connections
    )


def _options(routes: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """A route for OPTIONS on each path: Litestar's own knows only the first handler of a path."""
    methods: dict[str, set[str]] = {}
    for route in routes:
        for path in route.paths:
            methods.setdefault(path, {"OPTIONS"}).update(_with_head(route.http_methods))
    return [_options_of(path, ", ".join(sorted(methods[path]))) for path in methods]


def _options_of(path: str, allowed: str) -> HTTPRouteHandler:
    async def options() -> Response[None]:
        """Say which methods an address takes."""
        return Response(None, status_code=204, headers={"Allow": allowed})

    handler = HTTPRouteHandler(
        path,
        http_method=[HttpMethod.OPTIONS],
        name=f"options of {path}",
        status_code=204,
        opt=operation(public=True),
        include_in_schema=False,
    )
    return handler(options)


def _with_head(methods: Iterable[str]) -> set[str]:
    found = set(methods)
    return found | {"HEAD"} if "GET" in found else found


def _answer_refusal(request: Request, fault: Exception) -> Response[Any]:
    """The answer to an exception. Litestar names the allowed methods, but not HEAD."""
    response = answer_refusal(request, fault)
    allowed = response.headers.pop("allow", None)
    if allowed is not None:
        response.headers["Allow"] = ", ".join(sorted(_with_head(allowed.split(", "))))
    return response


def app_without_database() -> Litestar:
    """The application for reading its document: nothing is connected."""
    settings = Settings(data_dir=Path())
    return create_app(settings, "postgresql:///nowhere")[1]
