"""The composition root: the only file that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from editorial import pages, worker
from editorial.core.permissions import Actor
from editorial.db import Database
from editorial.document import document
from editorial.features import (
    accounts,
    commentaries,
    history,
    moves,
    people,
    published,
    sections,
    translations,
    workflow,
)
from editorial.features.accounts import Accounts
from editorial.settings import Settings
from editorial.web import MAX_BODY, Doorway, answer_refusal, only_known_parameters, signed_in

FEATURES = (
    accounts,
    people,
    sections,
    commentaries,
    moves,
    translations,
    published,
    history,
    workflow,
    pages,
)
EXPOSED = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id", "Idempotency-Replayed"]


def create_app(settings: Settings, database_url: str) -> tuple[Doorway, Litestar]:
    """The application on a database: what a server serves, and the Litestar application inside it."""
    db = Database(database_url, pool_size=settings.pool_size)
    keys = Accounts(db, settings)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await db.open()
        try:
            await keys.ensure_signing_key()
            async with worker.beside(db, settings):
                yield
        finally:
            await db.close()

    async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
        actor: Actor = request.scope["user"]
        return actor

    routes: list[ControllerRouterHandler] = [route for feature in FEATURES for route in feature.ROUTES]
    litestar = Litestar(
        route_handlers=routes,
        dependencies={
            "db": Provide(lambda: db, sync_to_thread=False),
            "accounts": Provide(lambda: keys, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "actor": Provide(provide_actor),
        },
        guards=[signed_in, only_known_parameters],
        exception_handlers={Exception: answer_refusal},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BODY,
        cors_config=_cors(settings) if settings.cors_origins else None,
        state=State(),
    )
    litestar.state["query_parameters"] = _query_parameters(litestar)
    litestar.state["document"] = document(litestar)
    return Doorway(litestar, keys.authenticate), litestar


def _cors(settings: Settings) -> CORSConfig:
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"],
        expose_headers=EXPOSED,
        max_age=600,
    )


def _query_parameters(litestar: Litestar) -> dict[str, frozenset[str]]:
    """The query parameters that each route knows, by the route's name."""
    found: dict[str, frozenset[str]] = {}
    for route in litestar.routes:
        for handler in getattr(route, "route_handlers", ()):
            described = [field.kwarg_definition for field in handler.parsed_fn_signature.parameters.values()]
            found[handler.name or ""] = frozenset(
                one.name for one in described if isinstance(one, QueryParameter) and one.name
            )
    return found


def app_without_database() -> Litestar:
    """The application for reading its document: nothing is connected."""
    settings = Settings(data_dir=Path())
    return create_app(settings, "postgresql:///nowhere")[1]
