"""What is there for machines and newcomers: the document, its page, the problems explained, health."""

import asyncio
from html import escape
from pathlib import Path
from typing import Any

import asyncpg
from litestar import MediaType, Request, Response, get
from litestar.response import Redirect

from editorial.core.refusals import NotFound, every_refusal
from editorial.db import Database
from editorial.web import operation, status_of

ASSETS = Path(__file__).parent / "assets" / "swagger-ui"
KINDS = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".html": "text/html"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Editorial: the API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="page"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>
"""
START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#page", deepLinking: true});\n'
_HIDDEN: dict[str, Any] = {"opt": operation(public=True), "include_in_schema": False}


def _file(content: bytes | str, kind: str, *, policy: str | None = None) -> Response[Any]:
    headers = {"Cache-Control": "public, max-age=3600"}
    if policy is not None:
        headers["Content-Security-Policy"] = policy
    return Response(content, media_type=kind, headers=headers)


@get("/", name="front_page", **_HIDDEN)
async def front_page() -> Redirect:
    """Lead to the documentation."""
    return Redirect("/docs")


@get("/docs", name="docs_page", **_HIDDEN)
async def docs_page() -> Response[Any]:
    """Show the document as a page."""
    return _file(PAGE, MediaType.HTML, policy=POLICY)


@get("/docs/{name:str}", name="docs_file", **_HIDDEN)
async def docs_file(name: str) -> Response[Any]:
    """Give a file of the documentation's page."""
    if name == "start.js":
        return _file(START, "text/javascript")
    path = ASSETS / name
    if path.parent != ASSETS or path.suffix not in KINDS:
        raise NotFound
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError as fault:
        raise NotFound from fault
    return _file(content, KINDS[path.suffix])


@get("/openapi.json", name="openapi_json", **_HIDDEN)
async def openapi_json(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give the OpenAPI document."""
    return Response(request.app.state["document"], headers={"Cache-Control": "public, max-age=60"})


@get("/problems/{code:str}", name="problem_page", **_HIDDEN)
async def problem_page(code: str) -> Response[Any]:
    """Explain a problem."""
    for refusal in every_refusal():
        if refusal.code == code:
            status = status_of(refusal)
            body = (
                f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(refusal.title)}</title>'
                f"<h1>{escape(refusal.title)}</h1><p>{escape(refusal.explanation)}</p>"
                f"<p>HTTP status {status}, code <code>{escape(code)}</code>.</p></html>"
            )
            return _file(body, MediaType.HTML)
    raise NotFound


@get("/healthz", name="healthz", **_HIDDEN)
async def healthz() -> dict[str, str]:
    """Say that the process is up."""
    return {"status": "up"}


@get("/readyz", name="readyz", **_HIDDEN)
async def readyz(db: Database) -> Response[dict[str, str]]:
    """Say whether requests can be answered: the database is there within a second."""
    try:
        async with asyncio.timeout(1), db.reading() as connection:
            await connection.fetchval("select count(*) from language")
    except (TimeoutError, OSError, asyncpg.PostgresError) as fault:
        return Response({"status": "not ready", "database": type(fault).__name__}, status_code=503)
    return Response({"status": "ready"})


ROUTES = [front_page, docs_page, docs_file, openapi_json, problem_page, healthz, readyz]
