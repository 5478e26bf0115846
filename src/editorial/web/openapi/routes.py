"""The routes of an application, and what follows from the form of each: its problems before all."""

import inspect
import re
import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from editorial.core.refusals import (
    AnswerWithheld,
    BadCursor,
    DatabaseAway,
    Forbidden,
    Invalid,
    KeyUsedForAnother,
    Malformed,
    NotAcceptable,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    PreconditionFailed,
    PreconditionRequired,
    Refusal,
    SessionEnded,
    SetUpTotpFirst,
    StillRunning,
    TooLarge,
    TooManyAtOnce,
    TooSlow,
    WrongType,
)
from editorial.web import status_of
from editorial.web.request_guard import takes_keys


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
            found += [NotSignedIn, SessionEnded, Forbidden]
            if not self.handler.opt.get("before_totp"):
                found.append(SetUpTotpFirst)
        if "{" in self.path:
            found.append(NotFound)
        if "if_match" in self.parameters:
            found += [PreconditionRequired, PreconditionFailed]
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


def routes(app: Litestar) -> Iterator[Route]:
    """Every method of every address that is in the document."""
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
