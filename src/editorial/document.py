"""The OpenAPI document: Litestar's outline of the routes, made right and whole.

Litestar knows paths and parameters, msgspec the schemas, and each route's `opt` its body, example and
refusals. What follows from these (statuses, headers, security, names) is worked out here, so that a
route says nothing twice.
"""

import ast
import inspect
import re
import sys
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from enum import Enum
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import msgspec.inspect
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from msgspec import UNSET

from editorial.core.refusals import (
    AnswerWithheld,
    BadCursor,
    DatabaseAway,
    Invalid,
    KeyUsedForAnother,
    Malformed,
    NotAcceptable,
    NotFound,
    NotSignedIn,
    NotYours,
    OutcomeUnknown,
    Refusal,
    SessionEnded,
    SetUpTotpFirst,
    StillRunning,
    TooFast,
    TooLarge,
    TooManyAtOnce,
    TooSlow,
    Unavailable,
    VersionIsStale,
    VersionMissing,
    WrongType,
)
from editorial.web import PROBLEM_TYPE, STATUS, Page, Problem, status_of
from editorial.web.exchange import takes_keys

Json = dict[str, Any]

DESCRIPTION = """\
The editorial desk of a newsroom that publishes one digest a week in several languages: commentaries \
are written, reviewed, translated and published here.

Every change of state is a `POST …/transitions`. Each object says in `allowed_actions` what you can do \
with it now, and in `blocked_actions` why you can't do the rest. A write names the version that was \
read in `If-Match`. Refusals are problems (RFC 9457); the `type` of each is an address that explains it."""

TAGS = {
    "auth": "Sign in, stay signed in, sign out.",
    ".well-known": "The keys that access tokens are signed with.",
    "me": "Who you are, and what you may do.",
    "people": "The people of the newsroom, for administrators.",
    "bylines": "Who stands behind a public name, for coordinators.",
    "service-tokens": "Tokens of the front ends' servers, for administrators.",
    "sections": "The headings of the digest.",
    "glossary": "How the newsroom says its terms and names in another language.",
    "weeks": "The board of one week: what there is, what is missing, and publishing all of it.",
    "publication-checks": "What is looked at before publication, and which of it blocks.",
    "previews": "Texts that are not published yet, as readers would get them.",
    "commentaries": "Commentaries, from the draft to publication.",
    "translation-tasks": "The translators' queue, and the work on each translation.",
    "trail": "Who did what, when and why.",
    "workflow": "The states and actions themselves, with their names in every language.",
    "published": "What readers get, without signing in.",
}
"""What the parts of the API are about, in the order in which one reads of them."""

METHODS = ("get", "post", "put", "patch", "delete")

HEADERS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "Names the request, in the log and in the trail.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The version of the object, for `If-Match`; of the answer, where it is public.",
        "schema": {"type": "string", "examples": ['"3"']},
    },
    "Location": {
        "description": "The address of what was made, or where it is now.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Content-Disposition": {
        "description": "The name under which to keep the file.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'Where there is a next page: its address, as `rel="next"` (RFC 8288).',
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true` where this is the first answer to the Idempotency-Key, given again.",
        "schema": {"type": "boolean", "const": True},
    },
    "Cache-Control": {
        "description": "How long the answer can be kept.",
        "schema": {"type": "string"},
    },
    "Last-Modified": {
        "description": "When what is shown was published last.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How to sign in.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of the limit, and in how many seconds there is more "
        "(draft-ietf-httpapi-ratelimit-headers).",
        "schema": {"type": "string", "examples": ['"account-and-address";r=0;t=90']},
    },
    "RateLimit-Policy": {
        "description": "The limit: so many tries in so many seconds.",
        "schema": {"type": "string", "examples": ['"account-and-address";q=10;w=900']},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer"},
    },
}
HEADERS_OF_PROBLEMS: dict[type[Refusal], tuple[str, ...]] = {
    NotSignedIn: ("WWW-Authenticate",),
    TooFast: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    Unavailable: ("Retry-After",),
}


_WORDS = "^[a-z0-9]+(-[a-z0-9]+)*$"
FORMS: dict[str, Json] = {
    "language": {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "examples": ["be"]},
    "week": {"pattern": "^[0-9]{4}-W[0-9]{2}$", "examples": ["2024-W30"]},
    "slug": {"pattern": _WORDS, "examples": ["grain-exports-fall-for-the-third-month"]},
    "key": {"pattern": _WORDS, "examples": ["economy"]},
    "If-Match": {"pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']},
}
"""The form of an address's parts and of headers by name, where their types do not tell it."""

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Any word that you choose anew for each request, a UUID for one. Sent again with the same body "
        "within 24 hours, the request is not carried out again, and gets its first answer again."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


def document(app: Litestar) -> Json:
    """The OpenAPI 3.1 document of everything that `app` answers, but for what is not in its schema."""
    routes = list(_routes(app))
    outline = _outline(routes)
    schemas = Schemas(
        taken=[kind for route in routes for kind in (route.takes, *route.enums.values()) if kind],
        given=[Problem, *(route.gives for route in routes if route.gives)],
    )
    paths: dict[str, Json] = {}
    for route in routes:
        drawn = outline["paths"][route.path][route.method]
        paths.setdefault(route.path, {})[route.method] = _operation(route, drawn, schemas)
    made: Json = {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": "/"}],
        "tags": _tags(paths),
        "paths": {
            path: {method: paths[path][method] for method in METHODS if method in paths[path]}
            for path in sorted(paths)
        },
        "components": {
            "schemas": schemas.components,
            "responses": _shared_responses(routes, schemas),
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


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one address."""

    path: str
    method: str
    handler: HTTPRouteHandler
    takes: Any
    """The type of the body; none where there is none."""
    gives: Any
    """The type of the answer; none where it has no body."""
    may_be_empty: bool
    """There may be nothing to answer with."""
    enums: dict[str, type[Enum]]
    """The enumerations among its parameters."""
    is_collection: bool
    """What is made here gets an address of its own, beneath this one."""

    @property
    def is_public(self) -> bool:
        return bool(self.handler.opt.get("public"))

    @property
    def is_cached(self) -> bool:
        """Readers get it, and caches keep it."""
        return self.path.startswith("/v1/published/")

    @property
    def takes_keys(self) -> bool:
        """A request that is sent twice with one Idempotency-Key is carried out once."""
        return takes_keys(self.handler)

    @property
    def parameters(self) -> set[str]:
        """The names of its parameters as its function has them, dependencies among them."""
        return set(self.handler.parsed_fn_signature.parameters)

    @property
    def problems(self) -> list[type[Refusal]]:
        """Every problem that it can give: those that it names, and those that follow from its form."""
        found: list[type[Refusal]] = []
        if not self.is_public:
            # A service without the scope is refused everywhere, and who lacks a second factor almost so.
            found += [NotSignedIn, SessionEnded, NotYours]
            if not self.handler.opt.get("before_totp"):
                found.append(SetUpTotpFirst)
        if "{" in self.path:
            found.append(NotFound)
        if "if_match" in self.parameters:
            found += [VersionMissing, VersionIsStale]
        if "cursor" in self.parameters:
            found.append(BadCursor)
        if self.takes_keys:
            found += [StillRunning, AnswerWithheld, KeyUsedForAnother]
        if self.takes is not None:
            found += [TooLarge, TooSlow, WrongType]
        if self.gives is not None and not self.is_cached:
            found.append(NotAcceptable)
        # A bad header and an unknown parameter are refused everywhere.
        found += [*self.handler.opt.get("refuses", ()), Malformed, Invalid, DatabaseAway, TooManyAtOnce]
        if self.method != "GET":
            found.append(OutcomeUnknown)
        return sorted(dict.fromkeys(found), key=lambda refusal: (status_of(refusal), refusal.code))


def _routes(app: Litestar) -> Iterator[Route]:
    paths = {route.path_format for route in app.routes if isinstance(route, HTTPRoute)}
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if handler.resolve_include_in_schema():
                gives, may_be_empty = _answer_of(handler)
                yield Route(
                    path=route.path_format,
                    method=method.lower(),
                    handler=handler,
                    takes=handler.opt.get("takes"),
                    gives=gives,
                    may_be_empty=may_be_empty,
                    enums=_enums_of(handler),
                    is_collection=any(
                        re.fullmatch(re.escape(route.path_format) + r"/\{\w+\}", path) for path in paths
                    ),
                )


def _answer_of(handler: HTTPRouteHandler) -> tuple[Any, bool]:
    """What a handler answers with, and whether that can be nothing. Raises `LookupError`."""
    given = handler.parsed_fn_signature.return_type.annotation
    if typing.get_origin(given) is Response:
        given = typing.get_args(given)[0]
    if given is Any:
        raise LookupError(f"{handler} does not say what it answers with")
    if given in {None, types.NoneType}:
        return None, True
    if typing.get_origin(given) in {typing.Union, types.UnionType}:
        members = [member for member in typing.get_args(given) if member is not types.NoneType]
        return typing.Union[tuple(members)], len(members) < len(typing.get_args(given))  # noqa: UP007  # members come as a list
    return given, False


def _enums_of(handler: HTTPRouteHandler) -> dict[str, type[Enum]]:
    kinds = [
        kind
        for field in handler.parsed_fn_signature.parameters.values()
        for kind in (field.annotation, *typing.get_args(field.annotation))
    ]
    return {kind.__name__: kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, Enum)}


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
    info: Json = {"title": "Editorial", "version": "", "description": DESCRIPTION}
    try:
        package = metadata("editorial")
    except PackageNotFoundError:
        # Run from a clone that was not installed.
        written = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
        return info | {"version": tomllib.loads(written)["project"]["version"]}
    info["version"] = package["Version"]
    if "License-Expression" in package:
        licence = package["License-Expression"]
        info["license"] = {"name": licence, "identifier": licence}
    return info


def _tags(paths: Iterable[str]) -> list[Json]:
    used = {_tag_of(path) for path in paths}
    known = [{"name": tag, "description": told} for tag, told in TAGS.items() if tag in used]
    return known + [{"name": tag} for tag in sorted(used - TAGS.keys())]


def _tag_of(path: str) -> str:
    return next(part for part in path.split("/") if part not in {"", "v1"})


def _operation(route: Route, drawn: Json, schemas: "Schemas") -> Json:
    summary, description = _sentences(route.handler.fn.__doc__ or "")
    operation: Json = {"operationId": drawn["operationId"], "summary": summary}
    if description:
        operation["description"] = description
    operation["tags"] = [_tag_of(route.path)]
    operation["security"] = [] if route.is_public else [{"bearer": []}]
    parameters = [_parameter(route, one, schemas) for one in drawn.get("parameters", ())]
    if route.is_cached and route.method == "get":
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "The ETag of the answer that you have already.",
                "schema": {"type": "string"},
            }
        )
    if route.takes_keys:
        parameters.append(IDEMPOTENCY_KEY)
    if parameters:
        operation["parameters"] = parameters
    if route.takes is not None:
        operation["requestBody"] = _body(route, schemas)
    operation["responses"] = _successes(route, schemas) | {
        str(status): _problem(found) for status, found in _by_status(route.problems).items()
    }
    operation["x-problems"] = [refusal.code for refusal in route.problems]
    return operation


def _sentences(docstring: str) -> tuple[str, str]:
    """The first sentence of a docstring, without its full stop, and the rest."""
    first, _, rest = inspect.cleandoc(docstring).partition("\n\n")
    found = re.match(r"(.+?[.!?])(?:\s+|$)(.*)", first, re.DOTALL)
    sentence, more = (found[1], found[2]) if found else (first, "")
    description = "\n\n".join(part for part in (more, rest) if part)
    return " ".join(sentence.split()).removesuffix("."), description


def _parameter(route: Route, drawn: Json, schemas: "Schemas") -> Json:
    parameter: Json = {"name": drawn["name"], "in": drawn["in"]}
    if drawn["required"] or drawn["name"] == "If-Match":
        parameter["required"] = True
    schema = dict(drawn["schema"])
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    # A parameter that is not given is absent, never null.
    options = [one for one in schema.pop("oneOf", ()) if one != {"type": "null"}]
    if len(options) == 1:
        schema |= options[0]
    elif options:
        schema["anyOf"] = options
    if "$ref" in schema:
        name = schema.pop("$ref").rpartition("/")[2].rpartition(".")[2]
        schema |= schemas.reference(route.enums[name])
    schema = {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in schema.items()
    }
    # A query can ask for what nobody has, and gets nothing; an address of another form leads nowhere.
    form = {} if parameter["in"] == "query" or "$ref" in schema else FORMS.get(parameter["name"], {})
    parameter["schema"] = form | schema
    return parameter


def _body(route: Route, schemas: "Schemas") -> Json:
    media: Json = {"schema": schemas.reference(route.takes, called=_called(route, "Request"))}
    if route.handler.opt.get("example") is not None:
        media["example"] = route.handler.opt["example"]
    taken = [route.handler.opt.get("takes_as") or "application/json"]
    if route.method == "patch":
        taken.append("application/merge-patch+json")
    return {"required": True, "content": dict.fromkeys(taken, media)}


def _called(route: Route, ending: str) -> str:
    """The name of a schema that has none of its own."""
    words = str(route.handler.operation_id).split("_")
    return "".join(word.capitalize() for word in words) + ending


def _successes(route: Route, schemas: "Schemas") -> Json:
    """The answers of a route that are no problems, by status."""
    headers = {name: _header(name) for name in _headers_of(route)}
    answers: Json = {}
    status = str(route.handler.status_code)
    if route.gives is not None:
        reference = schemas.reference(route.gives, called=_called(route, "Answer"))
        answers[status] = {
            "description": schemas.told(reference) or "The answer.",
            "headers": headers,
            "content": {route.handler.opt.get("gives_as") or "application/json": {"schema": reference}},
        }
    if route.may_be_empty:
        answers["204" if route.gives is not None else status] = {
            "description": "Done; there is nothing to tell.",
            "headers": {
                name: one for name, one in headers.items() if name in {"X-Request-Id", "Idempotency-Replayed"}
            },
        }
    if route.is_cached:
        kept = {name: headers[name] for name in ("X-Request-Id", "ETag", "Cache-Control")}
        answers["304"] = {"description": "You have it already.", "headers": kept}
        if "{slug}" in route.path:
            moved = {name: _header(name) for name in ("X-Request-Id", "Location", "Cache-Control")}
            answers["308"] = {"description": "It has another address now.", "headers": moved}
    return answers


def _headers_of(route: Route) -> Iterator[str]:
    yield "X-Request-Id"
    if route.is_cached:
        yield from ("ETag", "Cache-Control", "Last-Modified")
    elif "if_match" in route.parameters or "version" in getattr(route.gives, "__struct_fields__", ()):
        yield "ETag"
    elif route.handler.opt.get("gives_as") is not None:
        yield from (
            ("Link", "Content-Disposition")
            if "cursor" in route.parameters
            else ("ETag", "Content-Disposition")
        )
    if route.handler.status_code == 201 and route.is_collection:
        yield "Location"
    if typing.get_origin(route.gives) is Page or route.is_cached:
        yield "Link"
    if route.takes_keys:
        yield "Idempotency-Replayed"


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


_FAMILIES = {status: family for family, status in STATUS.items()}


def _by_status(problems: Iterable[type[Refusal]]) -> dict[int, list[type[Refusal]]]:
    found: dict[int, list[type[Refusal]]] = {}
    for refusal in problems:
        found.setdefault(status_of(refusal), []).append(refusal)
    return found


def _problem(refusals: Sequence[type[Refusal]]) -> Json:
    """The shared answer for a status, with the problems that this route gives it for."""
    family = _FAMILIES[status_of(refusals[0])]
    told = "; ".join(f"{refusal.title} (`{refusal.code}`)" for refusal in refusals)
    return {"$ref": f"#/components/responses/{family.__name__}", "description": f"{told}."}


def _shared_responses(routes: Iterable[Route], schemas: "Schemas") -> Json:
    used = {status_of(refusal) for route in routes for refusal in route.problems}
    shared: Json = {}
    for status in sorted(used):
        family = _FAMILIES[status]
        headers = ["X-Request-Id"]
        if family in HEADERS_OF_PROBLEMS:
            headers += HEADERS_OF_PROBLEMS[family]
        shared[family.__name__] = {
            "description": family.explanation,
            "headers": {name: _header(name) for name in headers},
            "content": {PROBLEM_TYPE: {"schema": schemas.reference(Problem)}},
        }
    return shared


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


_REFERENCE = "#/components/schemas/{name}"


class Schemas:
    """The schemas of the document. Each has a name, and is written once."""

    def __init__(self, *, taken: Iterable[Any], given: Iterable[Any]) -> None:
        """Make the schemas of what is taken and what is given, and of all that these are made of.

        Raises `LookupError` for a union that has no name in the module of its members, and for two
        types that would get one name.
        """
        taken = list(dict.fromkeys(taken))
        roots = list(dict.fromkeys([*taken, *given]))
        named = _Found(roots)
        self._sent = _Found(taken).classes.keys()
        written, components = msgspec.json.schema_components(
            [*named.classes, *roots], ref_template=_REFERENCE
        )
        names = dict(zip(named.classes, named.names(), strict=True))
        generated = {
            kind: _name_in(schema["$ref"]) for kind, schema in zip(named.classes, written, strict=False)
        }
        self._names = {generated[kind]: names[kind] for kind in named.classes}
        self._unions = {
            frozenset(names[kind] for kind in members): alias for members, alias in named.unions.items()
        }
        self._made: dict[str, Json] = {}
        for kind in named.classes:
            self._add(names[kind], self._completed(kind, self._tidied(components[generated[kind]])))
        self._of_root = {
            kind: self._tidied(schema)
            for kind, schema in zip(roots, written[len(named.classes) :], strict=True)
        }

    @property
    def components(self) -> Json:
        """Every schema by its name."""
        return {name: self._made[name] for name in sorted(self._made)}

    def reference(self, kind: Any, *, called: str | None = None) -> Json:
        """A reference to a type's schema. One that has no name of its own is named as `called` says."""
        schema = self._of_root[kind]
        if "$ref" in schema:
            return dict(schema)
        if called is None:
            raise LookupError(f"{kind} has no name")
        self._add(called, schema)
        return {"$ref": _REFERENCE.format(name=called)}

    def told(self, reference: Json) -> str:
        """The first sentence on a schema."""
        told, _ = _sentences(self._made[_name_in(reference["$ref"])].get("description", ""))
        return f"{told}." if told else ""

    def _add(self, name: str, schema: Json) -> None:
        if self._made.setdefault(name, schema) != schema:
            raise LookupError(f"two different schemas are called {name}")

    def _tidied(self, schema: Json) -> Json:
        """A schema of msgspec's with our names, unions named, and no more words than needed."""
        tidy: Json = {}
        for key, value in schema.items():
            match key:
                case "title":
                    continue
                case "$ref":
                    tidy[key] = self._renamed(value)
                case "properties":
                    tidy[key] = {name: self._tidied(one) for name, one in value.items()}
                case "anyOf" | "prefixItems":
                    tidy[key] = [self._tidied(one) for one in value]
                case "items" | "additionalProperties" | "propertyNames" if isinstance(value, dict):
                    tidy[key] = self._tidied(value)
                case "enum" if len(value) == 1:
                    tidy |= {"type": "string", "const": value[0]}
                case _:
                    tidy[key] = value
        if "discriminator" in tidy:
            return self._named_union(tidy)
        return _without_null_beside(tidy)

    def _renamed(self, reference: str) -> str:
        return _REFERENCE.format(name=self._names[_name_in(reference)])

    def _named_union(self, schema: Json) -> Json:
        members = [_name_in(one["$ref"]) for one in schema["anyOf"]]
        name, told = self._unions[frozenset(members)]
        union: Json = {"description": told} if told else {}
        union["oneOf"] = schema["anyOf"]
        union["discriminator"] = {
            "propertyName": schema["discriminator"]["propertyName"],
            "mapping": {
                tag: self._renamed(reference) for tag, reference in schema["discriminator"]["mapping"].items()
            },
        }
        self._add(name, union)
        rest = {key: one for key, one in schema.items() if key not in {"anyOf", "discriminator"}}
        return {"$ref": _REFERENCE.format(name=name), **rest}

    def _completed(self, kind: Any, schema: Json) -> Json:
        """The schema of a class, with what msgspec does not look at."""
        origin = typing.get_origin(kind) or kind
        if issubclass(origin, Enum):
            told = inspect.cleandoc(origin.__doc__ or "")
            return {"type": "string", "description": told, "enum": [one.value for one in origin]}
        members = _told_of_members(origin)
        moments = _moments(kind)
        tag = origin.__struct_config__.tag_field
        is_only_given = kind not in self._sent and not origin.__struct_config__.omit_defaults
        required: list[str] = schema.pop("required", [])
        if tag is not None:
            schema["properties"][tag] = {"type": "string", "const": origin.__struct_config__.tag}
        for field in msgspec.structs.fields(origin):
            name = field.encode_name
            member = schema["properties"][name]
            if name in moments:
                member = _as_moment(member)
            if field.name in members:
                member = {"description": members[field.name]} | _undescribed(member)
            if is_only_given:
                member.pop("default", None)
                if field.default is not UNSET and name not in required:
                    required.append(name)
            schema["properties"][name] = member
        if required:
            schema["required"] = [name for name in schema["properties"] if name in required]
        return schema


def _name_in(reference: str) -> str:
    return reference.rpartition("/")[2]


def _without_null_beside(schema: Json) -> Json:
    """`type: [string, "null"]` in place of a choice between the two."""
    options = schema.get("anyOf", ())
    if len(options) != 2 or options[1] != {"type": "null"}:
        return schema
    value = options[0]
    if not isinstance(value.get("type"), str) or "enum" in value or "const" in value:
        return schema
    rest = {key: one for key, one in schema.items() if key != "anyOf"}
    return {**value, "type": [value["type"], "null"], **rest}


def _undescribed(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "description"}


def _as_moment(schema: Json) -> Json:
    if schema.get("type") in ("string", ["string", "null"]):
        return {**schema, "format": "date-time"}
    if schema.get("type") == "array":
        return {**schema, "items": _as_moment(schema["items"])}
    return schema


def _moments(kind: Any) -> set[str]:
    """The members of a struct that are instants: msgspec tells so only where an offset is demanded."""
    described = msgspec.inspect.type_info(kind)
    fields = described.fields if isinstance(described, msgspec.inspect.StructType) else ()
    return {
        field.encode_name
        for field in fields
        if any(isinstance(one, msgspec.inspect.DateTimeType) for one in _shallow(field.type))
    }


def _shallow(described: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    """A type and what it is made of, but not the members of structs."""
    yield described
    for part in _parts(described):
        if not isinstance(described, msgspec.inspect.StructType):
            yield from _shallow(part)


def _parts(described: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    match described:
        case msgspec.inspect.Metadata():
            return (described.type,)
        case msgspec.inspect.StructType():
            return tuple(field.type for field in described.fields)
        case msgspec.inspect.UnionType():
            return described.types
        case msgspec.inspect.CollectionType():
            return (described.item_type,)
        case msgspec.inspect.TupleType():
            return described.item_types
        case msgspec.inspect.DictType():
            return (described.key_type, described.value_type)
        case _:
            return ()


class _Found:
    """The classes that types are made of, and the tagged unions among them."""

    def __init__(self, kinds: Iterable[Any]) -> None:
        """Look through `kinds`, whatever they are."""
        self.classes: dict[Any, None] = {}
        self.unions: dict[frozenset[Any], tuple[str, str]] = {}
        for kind in kinds:
            self._look_at(msgspec.inspect.type_info(kind))

    def _look_at(self, described: msgspec.inspect.Type) -> None:
        match described:
            case msgspec.inspect.StructType() | msgspec.inspect.EnumType():
                if described.cls in self.classes:
                    return
                self.classes[described.cls] = None
            case msgspec.inspect.UnionType():
                members = frozenset(
                    one.cls for one in described.types if isinstance(one, msgspec.inspect.StructType)
                )
                if len(members) > 1 and members not in self.unions:
                    self.unions[members] = _alias_of(members)
        for part in _parts(described):
            self._look_at(part)

    def names(self) -> Iterator[str]:
        """What each class is called: by its own name where no other has that."""
        own = [self._own_name(kind) for kind in self.classes]
        taken: set[str] = set()
        for kind, name in zip(self.classes, own, strict=True):
            chosen = name if own.count(name) == 1 else f"{self._family_of(kind)}{name}"
            if chosen in taken:
                raise LookupError(f"two types are called {chosen}")
            taken.add(chosen)
            yield chosen

    def _own_name(self, kind: Any) -> str:
        origin = typing.get_origin(kind)
        if origin is None:
            return str(kind.__name__)
        inner = "".join(self._own_name(one) for one in typing.get_args(kind))
        return f"{inner.removesuffix('InList')}{origin.__name__}"

    def _family_of(self, kind: Any) -> str:
        """What tells a class from another of its name: its union, or else its module."""
        for members, (alias, _) in self.unions.items():
            if kind in members:
                return alias
        return str(kind.__module__).rpartition(".")[2].capitalize()


def _alias_of(members: frozenset[Any]) -> tuple[str, str]:
    """The name that a union has in a module of one of its members, and what is said of it there."""
    for module in sorted({str(member.__module__) for member in members}):
        for name, value in vars(sys.modules[module]).items():
            is_union = typing.get_origin(value) in {typing.Union, types.UnionType}
            if is_union and frozenset(typing.get_args(value)) == members:
                return name, _told_in(_tree_of(module).body).get(name, "")
    listed = ", ".join(sorted(member.__name__ for member in members))
    raise LookupError(f"the union of {listed} needs a name in the module of one of them")


@cache
def _tree_of(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def _told_of_members(struct: type) -> dict[str, str]:
    """What the docstrings of a struct's members say, those that it inherits among them."""
    told: dict[str, str] = {}
    for kind in reversed(struct.__mro__):
        if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
            for statement in _tree_of(kind.__module__).body:
                if isinstance(statement, ast.ClassDef) and statement.name == kind.__name__:
                    told |= _told_in(statement.body)
    return told


def _told_in(statements: Sequence[ast.stmt]) -> dict[str, str]:
    """Each name that is followed by a docstring, with what that says."""
    told: dict[str, str] = {}
    for statement, following in pairwise(statements):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                match following:
                    case ast.Expr(value=ast.Constant(value=str(words))):
                        told[name] = " ".join(words.split())
    return told
