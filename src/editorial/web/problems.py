"""Refusals as answers: the status of each family, and the problem that it becomes (RFC 9457)."""

import traceback
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.enums import ParamType
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import Receive, Scope, Send

from editorial.core import refusals
from editorial.core.refusals import (
    DatabaseAway,
    FieldError,
    InternalError,
    Invalid,
    Malformed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    WrongMethod,
)
from editorial.database.access import request_id
from editorial.locales import Message, Verbatim, values
from editorial.web.negotiation import encode
from editorial.web.request import Request

STATUS: dict[type[Refusal], int] = {
    refusals.Malformed: 400,
    refusals.NotSignedIn: 401,
    refusals.Forbidden: 403,
    refusals.NotFound: 404,
    refusals.WrongMethod: 405,
    refusals.NotAcceptable: 406,
    refusals.TooSlow: 408,
    refusals.Conflict: 409,
    refusals.Gone: 410,
    refusals.PreconditionFailed: 412,
    refusals.TooLarge: 413,
    refusals.WrongType: 415,
    refusals.Invalid: 422,
    refusals.PreconditionRequired: 428,
    refusals.RateLimited: 429,
    refusals.InternalError: 500,
    refusals.Unavailable: 503,
}
"""The HTTP status of each family of refusals."""

PROBLEM_TYPE = "application/problem+json"
log = structlog.get_logger("editorial")


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A refusal as RFC 9457 has it. `type` is an address that answers with an explanation."""

    type: str
    title: Message
    status: int
    detail: Message
    instance: str
    code: str
    request_id: str
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    """The values in the detail, for a program that words it itself."""
    errors: list[FieldError] = msgspec.field(default_factory=list)
    state: str | None = None
    version: int | None = None
    allowed_actions: list[str] | None = None


def status_of(refusal: type[Refusal]) -> int:
    """The HTTP status that a refusal gets: that of the nearest family it belongs to."""
    for family in refusal.__mro__:
        if family in STATUS:
            return STATUS[family]
    return 500


def problem_bytes(refusal: Refusal, instance: str) -> bytes:
    """A refusal as JSON."""
    return encode(
        Problem(
            type=f"/problems/{refusal.code}",
            title=refusal.title,
            status=status_of(type(refusal)),
            detail=refusal.detail,
            instance=instance,
            code=refusal.code,
            params=values(refusal.detail),
            request_id=request_id.get(),
            errors=list(refusal.faults),
            state=refusal.state,
            version=refusal.version,
            allowed_actions=refusal.allowed_actions,
        )
    )


def read_problem(body: bytes) -> Problem:
    """A problem that this program has written: its sentences stay as they are."""
    return _READER.decode(body)


def _as_words(kind: type, value: Any) -> Any:
    if issubclass(kind, Message):
        return Verbatim(value)
    raise NotImplementedError(f"{kind.__name__} is not JSON")


_READER = msgspec.json.Decoder(Problem, dec_hook=_as_words)


def problem_response(refusal: Refusal, request: ASGIConnection[Any, Any, Any, Any]) -> Response[Any]:
    """A refusal as an answer."""
    headers: dict[str, str] = {}
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="editorial"'
    if isinstance(refusal, refusals.Unavailable):
        headers["Retry-After"] = "2"
    if isinstance(refusal, refusals.RateLimited):
        headers |= headers_of_limit(refusal)
    return Response(
        content=problem_bytes(refusal, request.scope["path"]),
        status_code=status_of(type(refusal)),
        media_type=PROBLEM_TYPE,
        headers=headers,
    )


def headers_of_limit(refusal: refusals.RateLimited) -> dict[str, str]:
    """Which limit it was, and when there is room again (draft-ietf-httpapi-ratelimit-headers)."""
    headers = {"Retry-After": str(refusal.retry_after)}
    if refusal.limit is not None:
        name = f'"{refusal.limit.name}"'
        headers["RateLimit-Policy"] = f"{name};q={refusal.limit.quota};w={refusal.limit.seconds}"
        headers["RateLimit"] = f"{name};r=0;t={refusal.retry_after}"
    return headers


async def send_problem(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a refusal, from where there is no handler that could raise it."""
    request = Request(scope, receive)
    await problem_response(refusal, request).to_asgi_response(None, request)(scope, receive, send)


def _refusal_from_http(fault: HTTPException) -> Refusal:
    match fault:
        case NotFoundException():
            return NotFound()
        case MethodNotAllowedException():
            return WrongMethod()
        case ValidationException() if _is_of_the_path(fault):
            return NotFound()
        case ValidationException():
            return Invalid(faults=_parameter_faults(fault))
        case _:
            pass
    if fault.status_code == 413:
        return TooLarge()
    if fault.detail == "client disconnected prematurely":
        return Malformed(Message("request.cut-short"))
    if fault.status_code < 500:
        return Malformed(Message("request.not-read"))
    return InternalError()


def _is_of_the_path(fault: ValidationException) -> bool:
    """Whether a part of the address is not what it can be: then nothing is there."""
    found = fault.extra if isinstance(fault.extra, list) else []
    return any(isinstance(one, dict) and one.get("source") == ParamType.PATH for one in found)


def _parameter_faults(fault: ValidationException) -> list[FieldError]:
    found = fault.extra if isinstance(fault.extra, list) else []
    faults = [
        FieldError(
            pointer=f"/query/{one.get('key', '')}",
            detail=Message("fault.value-out-of-bounds"),
            code="invalid",
        )
        for one in found
        if isinstance(one, dict)
    ]
    return faults or [FieldError(pointer="", detail=Message("fault.value-out-of-bounds"), code="invalid")]


def answer_refusal(request: Request, fault: Exception) -> Response[Any]:
    """Every exception that leaves a handler, as a problem. What is no refusal is our own bug, and logged."""
    match fault:
        case Refusal():
            refusal: Refusal = fault
        case HTTPException():
            refusal = _refusal_from_http(fault)
        case asyncpg.DataError() | UnicodeError():
            refusal = Invalid(Message("fault.value-out-of-bounds"))
        case asyncpg.InterfaceError() | OSError():
            refusal = DatabaseAway()
        case _:
            refusal = InternalError()
    if isinstance(refusal, InternalError):
        # Where it happened, never what it said: a message may quote a name, an address or a text.
        where = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(fault.__traceback__)
        ]
        log.error("bug", request_id=request_id.get(), kind=type(fault).__name__, where=where)
    response = problem_response(refusal, request)
    if isinstance(refusal, WrongMethod) and isinstance(fault, HTTPException) and fault.headers:
        response.headers.update(dict(fault.headers))
    return response
