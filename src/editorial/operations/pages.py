"""What is there for machines and newcomers: the document, its page, the problems explained, health."""

import asyncio
import hmac
from html import escape
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec
from litestar import MediaType, Response, get
from litestar.response import Redirect
from pogo_core.util.sql import get_applied_migrations

from editorial.audit import sealer
from editorial.core.refusals import DatabaseAway, NotFound, Refusal, TooManyAtOnce, every_refusal
from editorial.database.access import Database
from editorial.identity import mail
from editorial.locales import FALLBACK, Message
from editorial.resources import folder
from editorial.settings import Settings
from editorial.telemetry import metrics
from editorial.web import operation, status_of
from editorial.web.negotiation import encode, said, spoken
from editorial.web.openapi import as_yaml
from editorial.web.request import Request

ASSETS = Path(__file__).parent / "assets"
FILES = {
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", MediaType.CSS),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", "text/javascript"),
    "start.js": ("start.js", "text/javascript"),
    "page.css": ("page.css", MediaType.CSS),
}
"""What `/docs/…` gives: each name with its file and media type."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A page loads nothing from elsewhere, and has nothing inline."""

MAIL_IS_STUCK = "A mail has not gone out for ten minutes, or was given up. The log says why."

IS_LEAVING = "This process is about to end."

_HIDDEN: dict[str, Any] = {"opt": operation(public=True), "include_in_schema": False}


class Explanation(msgspec.Struct, kw_only=True):
    """A problem, explained."""

    type: str
    code: str
    title: Message
    status: int
    explanation: Message


class Explanations(msgspec.Struct, kw_only=True):
    """Every problem there is."""

    data: list[Explanation]


class Health(msgspec.Struct, kw_only=True):
    """Whether something works, and what stands in the way."""

    status: str
    reasons: list[str] = msgspec.field(default_factory=list)
    warnings: list[str] = msgspec.field(default_factory=list)
    """What is wrong without standing in the way."""


def _kept(content: bytes | str, kind: str, *, seconds: int = 3600) -> Response[Any]:
    headers = {"Cache-Control": f"public, max-age={seconds}"}
    return Response(content, media_type=kind, headers=headers)


def _page(
    settings: Settings, title: str, styles: str, body: str, *, language: str = FALLBACK
) -> Response[Any]:
    """A page in HTML. Its addresses begin where the outside world sees this API."""
    content = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{_base(settings)}/docs/{styles}">\n'
        f"</head><body>{body}</body></html>\n"
    )
    response = _kept(content, MediaType.HTML)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _base(settings: Settings) -> str:
    return escape(urlsplit(settings.public_url or "").path)


@get("/", name="front_page", **_HIDDEN)
async def front_page(settings: Settings) -> Redirect:
    """Lead to the documentation."""
    return Redirect(f"{_base(settings)}/docs")


@get("/docs", name="docs_page", **_HIDDEN)
async def docs_page(settings: Settings) -> Response[Any]:
    """Show the document as a page."""
    base = _base(settings)
    body = (
        f'<div id="page" data-document="{base}/openapi.json"></div>'
        f'<script src="{base}/docs/swagger-ui-bundle.js"></script>'
        f'<script src="{base}/docs/start.js"></script>'
    )
    return _page(settings, "Editorial: the API", "swagger-ui.css", body)


@get("/docs/{name:str}", name="docs_file", **_HIDDEN)
async def docs_file(name: str) -> Response[Any]:
    """Give a file of the pages."""
    if name not in FILES:
        raise NotFound
    path, kind = FILES[name]
    return _kept(await asyncio.to_thread((ASSETS / path).read_bytes), kind)


@get("/openapi.json", name="openapi_json", **_HIDDEN)
async def openapi_json(request: Request) -> Response[Any]:
    """Give the OpenAPI document."""
    written = msgspec.json.encode(await asyncio.to_thread(request.app.state["document"]))
    return _kept(written, MediaType.JSON, seconds=60)


@get("/openapi.yaml", name="openapi_yaml", **_HIDDEN)
async def openapi_yaml(request: Request) -> Response[Any]:
    """Give the OpenAPI document as YAML."""
    state = request.app.state
    if "document_as_yaml" not in state:
        state["document_as_yaml"] = await asyncio.to_thread(lambda: as_yaml(state["document"]()))
    return _kept(state["document_as_yaml"], "application/yaml", seconds=60)


@get("/problems", name="problem_list", **_HIDDEN)
async def problem_list(request: Request, settings: Settings) -> Response[Any]:
    """List every problem, as a page or as JSON."""
    known = [_explained(refusal) for refusal in every_refusal()]
    if _wants_json(request):
        return _varied(_kept(encode(Explanations(data=known)), MediaType.JSON))
    told = "".join(
        f'<dt><a href="{_base(settings)}{one.type}">{escape(said(one.title))}</a></dt>'
        f"<dd>{one.status} · <code>{one.code}</code></dd>"
        for one in sorted(known, key=lambda one: (one.status, one.code))
    )
    title = said(Message("page.problems"))
    body = f"<h1>{escape(title)}</h1><dl>{told}</dl>"
    return _varied(_page(settings, title, "page.css", body, language=spoken.get().language))


@get("/problems/{code:str}", name="problem_page", **_HIDDEN)
async def problem_page(request: Request, settings: Settings, code: str) -> Response[Any]:
    """Explain a problem, as a page or as JSON."""
    one = next((_explained(refusal) for refusal in every_refusal() if refusal.code == code), None)
    if one is None:
        raise NotFound
    if _wants_json(request):
        return _varied(_kept(encode(one), MediaType.JSON))
    body = (
        f"<h1>{escape(said(one.title))}</h1><p>{escape(said(one.explanation))}</p>"
        f"<p>HTTP {one.status}, <code>{one.code}</code></p>"
        f'<p><a href="{_base(settings)}/problems">{escape(said(Message("page.all-problems")))}</a></p>'
    )
    language = spoken.get().language
    return _varied(_page(settings, said(one.title), "page.css", body, language=language))


def _explained(refusal: type[Refusal]) -> Explanation:
    return Explanation(
        type=f"/problems/{refusal.code}",
        code=refusal.code,
        title=refusal.title,
        status=status_of(refusal),
        explanation=refusal.explanation,
    )


def _wants_json(request: Request) -> bool:
    offered = [MediaType.HTML.value, MediaType.JSON.value, "application/problem+json"]
    return request.accept.best_match(offered, MediaType.HTML.value) != MediaType.HTML.value


def _varied(response: Response[Any]) -> Response[Any]:
    response.headers["Vary"] = "Accept"
    return response


@get("/healthz", name="healthz", **_HIDDEN)
async def healthz() -> Response[Health]:
    """Say that the process is up."""
    return Response(Health(status="up"))


@get("/readyz", name="readyz", **_HIDDEN)
async def readyz(request: Request, db: Database) -> Response[Health]:
    """Say whether this process can do its work: the database is there within a second, and up to date.

    What else has to go well in this kind of process is in the state's `troubles` and `worries`: functions
    that give a sentence, or nothing. With a worry it serves on, and warns.
    """
    troubles = [told for trouble in request.app.state.get("troubles", ()) if (told := trouble())]
    if request.scope.get("state", {}).get("is_leaving"):
        troubles.append(IS_LEAVING)
    try:
        async with asyncio.timeout(1), db.read() as connection:
            applied = await get_applied_migrations(connection, schema_name="public")
            missing = sorted(path.stem for path in _migrations() if path.stem not in applied)
            mail_is_stuck = not missing and await mail.is_stuck(connection)
            behind = 0.0 if missing else await sealer.sql.seconds_behind(connection)
    except TooManyAtOnce:
        # Busy is not away: the others would have to take what this one leaves.
        return Response(Health(status="ready", warnings=["More requests wait than can be answered."]))
    except (TimeoutError, OSError, DatabaseAway, asyncpg.PostgresError, asyncpg.InterfaceError):
        return _not_ready("The database does not answer.", *troubles)
    if missing:
        return _not_ready(*(f"The migration {name} is not applied." for name in missing))
    if troubles:
        return _not_ready(*troubles)
    warnings = [told for worry in request.app.state.get("worries", ()) if (told := worry())]
    if mail_is_stuck:
        warnings.append(MAIL_IS_STUCK)
    if behind > sealer.LATE:
        warnings.append(f"The trail has not been sealed for {behind:.0f} seconds: see docs/trail.md.")
    return Response(Health(status="ready", warnings=warnings))


@get("/metrics", name="metrics", **_HIDDEN)
async def metrics_page(request: Request, settings: Settings) -> Response[bytes]:
    """Give what this process counts: to this machine, or to whoever has the token that the settings name.

    How much is written and approved, and when, is nobody's business outside: for all others there is
    nothing here.
    """
    if not _may_read_metrics(request, settings.metrics_token):
        raise NotFound
    return Response(metrics.written(), headers={"Content-Type": metrics.CONTENT_TYPE})


def _may_read_metrics(request: Request, token: str | None) -> bool:
    if token is not None:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine asks from the same address, but says for whom.
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "via")):
        return False
    client = request.client
    return client is not None and _is_this_machine(client.host)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _migrations() -> list[Path]:
    return list((folder("sql") / "migrations").glob("*.sql"))


def _not_ready(*reasons: str) -> Response[Health]:
    return Response(
        Health(status="not ready", reasons=list(reasons)), status_code=503, headers={"Retry-After": "2"}
    )


ROUTES = [
    front_page,
    docs_page,
    docs_file,
    openapi_json,
    openapi_yaml,
    problem_list,
    problem_page,
    healthz,
    readyz,
    metrics_page,
]

HEALTH = [healthz, readyz, metrics_page]
"""What a process without the API answers."""
