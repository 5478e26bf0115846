"""The composition root: the only file that knows every part."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Litestar, Request, Response
from litestar.datastructures import Headers, MutableScopeHeaders, State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from editorial import pages, worker
from editorial.core.permissions import Actor
from editorial.db import Database
from editorial.document import document
from editorial.features import (
    accounts,
    commentaries,
    commentary_list,
    history,
    moves,
    people,
    published,
    revisions,
    sections,
    task_moves,
    translations,
    workflow,
)
from editorial.features.accounts import Accounts
from editorial.settings import Settings
from editorial.web import (
    MAX_BODY,
    Doorway,
    answer_refusal,
    only_known_parameters,
    operation,
    signed_in,
)

FEATURES = (
    accounts,
    people,
    sections,
    commentary_list,
    commentaries,
    revisions,
    moves,
    translations,
    task_moves,
    published,
    history,
    workflow,
    pages,
)
EXPOSED = ("ETag", "Link", "Location", "Retry-After", "X-Request-Id", "Idempotency-Replayed")
ALLOWED = (
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "X-Request-Id",
)


def create_app(settings: Settings, database_url: str) -> tuple[ASGIApp, Litestar]:
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

    routes: list[HTTPRouteHandler] = [route for feature in FEATURES for route in feature.ROUTES]
    litestar = Litestar(
        # OPTIONS comes first: Litestar adds its own to a path that has none yet.
        route_handlers=[*_options(routes), *routes],
        dependencies={
            "db": Provide(lambda: db, sync_to_thread=False),
            "accounts": Provide(lambda: keys, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "actor": Provide(provide_actor),
        },
        guards=[signed_in, only_known_parameters],
        exception_handlers={Exception: _answer_refusal},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BODY,
        state=State(),
    )
    litestar.state["query_parameters"] = _query_parameters(litestar)
    litestar.state["document"] = document(litestar) | (
        {"servers": [{"url": settings.public_url}]} if settings.public_url else {}
    )
    doorway = Doorway(litestar, keys.authenticate)
    return (CrossOrigin(doorway, settings.cors_origins) if settings.cors_origins else doorway), litestar


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


def _answer_refusal(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """The answer to an exception. Litestar names the allowed methods, but not HEAD."""
    response = answer_refusal(request, fault)
    allowed = response.headers.pop("allow", None)
    if allowed is not None:
        response.headers["Allow"] = ", ".join(sorted(_with_head(allowed.split(", "))))
    return response


class CrossOrigin:
    """Lets front ends of other origins in, if the settings name them (the Fetch standard's CORS).

    A preflight is an OPTIONS like any other, with a few headers more. Litestar's own middleware answers
    it in plain text where it refuses, and overwrites the Vary of what has one.
    """

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        """Wrap `app`, and let these origins in."""
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        asked = Headers.from_scope(scope)
        origin = asked.get("origin")
        is_preflight = scope["method"] == HttpMethod.OPTIONS and "access-control-request-method" in asked
        if is_preflight:
            # The query belongs to the request that is to come, and is judged there.
            scope["query_string"] = b""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                headers.extend_header_value("Vary", "Origin")
                if origin in self._origins:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)
                    if is_preflight:
                        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
                        headers["Access-Control-Allow-Headers"] = ", ".join(ALLOWED)
                        headers["Access-Control-Max-Age"] = "600"
            await send(message)

        await self._app(scope, receive, send_with_headers)


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
