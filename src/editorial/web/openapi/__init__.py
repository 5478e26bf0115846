"""The OpenAPI document: Litestar's outline of the routes, made right and whole.

Litestar knows paths and parameters, msgspec the schemas, and each route's `opt` its body, example and
refusals. What follows from these (statuses, headers, security, names) is worked out here, so that a
route says nothing twice.

`operations.py` puts one operation together, of what `parameters.py`, `problems.py`, `headers.py` and
`examples.py` say; `schemas.py` has the types, and `sentences.py` the words.
"""

import tomllib
import typing
from collections.abc import Iterator, Sequence
from copy import copy
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig

from editorial.web import Problem
from editorial.web.openapi.headers import HEADERS
from editorial.web.openapi.operations import operation
from editorial.web.openapi.problems import shared_responses
from editorial.web.openapi.routes import Route
from editorial.web.openapi.routes import routes as routes_of
from editorial.web.openapi.schemas import Schemas
from editorial.web.openapi.sentences import DESCRIPTION, Json, tags

METHODS = ("get", "post", "put", "patch", "delete")
LICENCE = "Apache-2.0"
"""The licence of the document, which is that of the program (an SPDX expression)."""


def document(app: Litestar) -> Json:
    """The OpenAPI 3.1 document of everything that `app` answers, but for what is not in its schema."""
    routes = list(routes_of(app))
    outline = _outline(routes)
    schemas = Schemas(
        taken=[kind for route in routes for kind in (route.takes, *route.enums.values()) if kind],
        given=[Problem, *(route.gives for route in routes if route.gives)],
    )
    paths: dict[str, Json] = {}
    for route in routes:
        drawn = outline["paths"][route.path][route.method]
        paths.setdefault(route.path, {})[route.method] = operation(route, drawn, schemas)
    made: Json = {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": "/"}],
        "tags": tags(paths),
        "paths": {
            path: {method: paths[path][method] for method in METHODS if method in paths[path]}
            for path in sorted(paths)
        },
        "components": {
            "schemas": schemas.components,
            "responses": shared_responses(routes, schemas),
            "headers": {},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token, as signing in gives it, or a service token.",
                }
            },
        },
    }
    used = set(_references(made))
    made["components"]["headers"] = {
        name: header for name, header in HEADERS.items() if f"#/components/headers/{name}" in used
    }
    # Nothing in it is shared with anything, so that YAML needs no anchors.
    return typing.cast(Json, msgspec.json.decode(msgspec.json.encode(made)))


def as_yaml(document: Json) -> str:
    """A document as YAML, in its own order."""
    return msgspec.yaml.encode(document).decode()


def _outline(routes: Sequence[Route]) -> Json:
    """What Litestar says of the routes.

    A second application says it, of copies: the first one would have to serve Litestar's own pages.
    """
    handlers = {id(route.handler): copy(route.handler) for route in routes}
    described = Litestar(
        list(handlers.values()),
        openapi_config=OpenAPIConfig(title="Editorial", version="", create_examples=False),
        logging_config=None,
    )
    drawn: Json = described.openapi_schema.to_schema()
    return drawn


def _info() -> Json:
    info: Json = {
        "title": "Editorial",
        "description": DESCRIPTION,
        "license": {"name": LICENCE, "identifier": LICENCE},
    }
    try:
        package = metadata("editorial")
    except PackageNotFoundError:
        # Run from a clone that was not installed.
        written = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
        return info | {"version": tomllib.loads(written)["project"]["version"]}
    return info | {"version": package["Version"]}


def _references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
