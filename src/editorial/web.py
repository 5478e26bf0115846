"""Between HTTP and the product: who asks, what they sent, how the product's words become answers.

Bearer to `Actor`, body to struct with all its faults, refusal to problem (RFC 9457), version to ETag,
cursor to keyset. Features use it and know nothing of status codes.
"""

import base64
import binascii
import re
import traceback
import types
import typing
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar, overload
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter, QueryParameter
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from editorial.core import refusals
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    BadCursor,
    BugInTheProduct,
    DatabaseAway,
    Fault,
    Invalid,
    Malformed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    WrongMethod,
    WrongType,
)
from editorial.core.states import Action
from editorial.core.texts import clean
from editorial.db import request_id

T = TypeVar("T")

STATUS: dict[type[Refusal], int] = {
    refusals.Malformed: 400,
    refusals.NotSignedIn: 401,
    refusals.NotYours: 403,
    refusals.NotFound: 404,
    refusals.WrongMethod: 405,
    refusals.NotAcceptable: 406,
    refusals.Conflict: 409,
    refusals.Gone: 410,
    refusals.VersionIsStale: 412,
    refusals.TooLarge: 413,
    refusals.WrongType: 415,
    refusals.Invalid: 422,
    refusals.VersionMissing: 428,
    refusals.BugInTheProduct: 500,
    refusals.DatabaseAway: 503,
}
"""The HTTP status of each family of refusals."""

MAX_BODY = 2 * 1024 * 1024
MAX_DEPTH = 32
PROBLEM_TYPE = "application/problem+json"
log = structlog.get_logger("editorial")


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A refusal as RFC 9457 has it. `type` is an address that answers with an explanation."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[Fault] = msgspec.field(default_factory=list)
    state: str | None = None
    version: int | None = None
    allowed_actions: list[str] | None = None


def status_of(refusal: type[Refusal]) -> int:
    """The HTTP status that a refusal gets: that of the nearest family it belongs to."""
    for family in refusal.__mro__:
        if family in STATUS:
            return STATUS[family]
    return 500


def problem_response(refusal: Refusal, request: ASGIConnection[Any, Any, Any, Any]) -> Response[Any]:
    """A refusal as an answer."""
    status = status_of(type(refusal))
    problem = Problem(
        type=f"/problems/{refusal.code}",
        title=refusal.title,
        status=status,
        detail=refusal.detail,
        instance=request.scope["path"],
        code=refusal.code,
        request_id=request_id.get(),
        errors=list(refusal.faults),
        state=refusal.state,
        version=refusal.version,
        allowed_actions=refusal.allowed_actions,
    )
    headers: dict[str, str] = {}
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="editorial"'
    if isinstance(refusal, DatabaseAway):
        headers["Retry-After"] = "2"
    return Response(
        content=msgspec.json.encode(problem), status_code=status, media_type=PROBLEM_TYPE, headers=headers
    )


def _refusal_from_http(fault: HTTPException) -> Refusal:
    match fault:
        case NotFoundException():
            return NotFound()
        case MethodNotAllowedException():
            return WrongMethod()
        case ValidationException():
            return Invalid(faults=_parameter_faults(fault))
        case _:
            pass
    if fault.status_code == 413:
        return TooLarge()
    if fault.status_code < 500:
        return Malformed(fault.detail)
    return BugInTheProduct()


def _parameter_faults(fault: ValidationException) -> list[Fault]:
    found = fault.extra if isinstance(fault.extra, list) else []
    faults = [
        Fault(
            pointer=f"/query/{one.get('key', '')}",
            detail=f"{one.get('message', 'Not valid')}.",
            code="invalid",
        )
        for one in found
        if isinstance(one, dict)
    ]
    return faults or [Fault(pointer="", detail=fault.detail, code="invalid")]


def answer_refusal(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """Every exception that leaves a handler, as a problem. What is no refusal is our own bug, and logged."""
    match fault:
        case Refusal():
            refusal: Refusal = fault
        case HTTPException():
            refusal = _refusal_from_http(fault)
        case asyncpg.DataError() | UnicodeError():
            refusal = Invalid("A value is outside of what can be kept.")
        case asyncpg.InterfaceError() | OSError():
            refusal = DatabaseAway()
        case _:
            refusal = BugInTheProduct()
    if isinstance(refusal, BugInTheProduct):
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


class Body(Generic[T]):
    """A body that was read but not yet judged: 404, 403, 428, 412 and 409 come before its faults."""

    def __init__(self, value: T | None, faults: Sequence[Fault], raw: Any) -> None:
        """Keep the struct, or what was wrong with it. `raw` is the JSON as it came."""
        self._value = value
        self._faults = list(faults)
        self.raw = raw

    def checked(self) -> T:
        """The body as a struct. Raises `Invalid` with all its faults."""
        if self._faults or self._value is None:
            raise self.invalid()
        return self._value

    def invalid(self) -> Invalid:
        """The refusal that lists the body's faults."""
        return Invalid(f"The body has {len(self._faults)} fault(s).", faults=self._faults)

    def action(self, known: Iterable[type[msgspec.Struct]]) -> Action | None:
        """The `action` that the body names, where it is one of these, before the rest is looked at."""
        named = self.raw.get("action") if isinstance(self.raw, dict) else None
        tags = {struct.__struct_config__.tag for struct in known}
        return Action(named) if isinstance(named, str) and named in tags else None

    def first_text(self, *members: str) -> str | None:
        """The first of these members that is a text, as it will be kept: the trail's entry begins with it."""
        if self._faults or not isinstance(self.raw, dict):
            return None
        return next((clean(self.raw[one]) for one in members if isinstance(self.raw.get(one), str)), None)


@overload
async def read_body(request: Request[Any, Any, Any], expected: type[T]) -> Body[T]: ...
@overload
async def read_body(request: Request[Any, Any, Any], expected: types.UnionType) -> Body[Any]: ...
async def read_body(request: Request[Any, Any, Any], expected: Any) -> Body[Any]:
    """Read a JSON body for `expected`. Raises `WrongType`, `Malformed`; the content's faults wait in it."""
    _check_content_type(request)
    written = await request.body()
    if not written:
        raise Malformed("The request needs a JSON body.")
    return judge(_decode(written), expected)


def _check_content_type(request: Request[Any, Any, Any]) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    taken = {"application/json"} | ({"application/merge-patch+json"} if request.method == "PATCH" else set())
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if kind.strip().lower() not in taken or charset not in {"", "charset=utf-8"}:
        raise WrongType
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType("A body is sent as it is, without Content-Encoding.")


def _decode(written: bytes) -> Any:
    try:
        value = msgspec.json.decode(written)
    except (msgspec.DecodeError, UnicodeError) as fault:
        raise Malformed(f"The body is not valid JSON: {fault}.") from fault
    except RecursionError as fault:
        raise Malformed(f"The body is nested deeper than {MAX_DEPTH}.") from fault
    _check_depth(value, MAX_DEPTH)
    return value


def _check_depth(value: Any, left: int) -> None:
    if left == 0:
        raise Malformed(f"The body is nested deeper than {MAX_DEPTH}.")
    if isinstance(value, dict):
        for item in value.values():
            _check_depth(item, left - 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, left - 1)


def judge(raw: Any, expected: type[T]) -> Body[T]:
    """A JSON value against a type: the struct, or every fault of it with its pointer."""
    faults: list[Fault] = []
    cleaned = _cleaned(raw, "", faults)
    if faults:
        return Body(None, faults, raw)
    try:
        return Body(msgspec.convert(cleaned, expected), (), raw)
    except msgspec.ValidationError:
        return Body(None, faults_of(cleaned, expected), raw)


def _cleaned(value: Any, pointer: str, faults: list[Fault]) -> Any:
    match value:
        case str():
            try:
                return clean(value)
            except ValueError as fault:
                faults.append(Fault(pointer=pointer, detail=str(fault), code="character"))
                return value
        case list():
            return [_cleaned(item, f"{pointer}/{place}", faults) for place, item in enumerate(value)]
        case dict():
            return {
                _cleaned(key, pointer, faults): _cleaned(item, f"{pointer}/{_escaped(key)}", faults)
                for key, item in value.items()
            }
        case _:
            return value


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def faults_of(value: Any, expected: Any, pointer: str = "") -> list[Fault]:
    """Every fault of a JSON value, where msgspec stops at the first: wrong, missing and unknown members."""
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError as fault:
        deeper = _deeper_faults(value, expected, pointer)
        return deeper or [Fault(pointer=pointer, detail=_sentence(fault), code="invalid")]
    return []


def _deeper_faults(value: Any, expected: Any, pointer: str) -> list[Fault]:
    origin = typing.get_origin(expected)
    if origin is Annotated:
        return _deeper_faults(value, typing.get_args(expected)[0], pointer)
    if origin is typing.Union or origin is types.UnionType:
        return _faults_of_union(value, typing.get_args(expected), pointer)
    if isinstance(value, list) and origin in {list, set, frozenset, tuple}:
        return [
            fault
            for place, item in enumerate(value)
            for fault in faults_of(item, typing.get_args(expected)[0], f"{pointer}/{place}")
        ]
    if isinstance(value, dict) and origin is dict:
        return [
            fault
            for key, item in value.items()
            for fault in faults_of(item, typing.get_args(expected)[1], f"{pointer}/{_escaped(key)}")
        ]
    if isinstance(value, dict) and isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        return _faults_of_struct(value, expected, pointer)
    return []


def _faults_of_union(value: Any, members: Sequence[Any], pointer: str) -> list[Fault]:
    structs = [
        member for member in members if isinstance(member, type) and issubclass(member, msgspec.Struct)
    ]
    if not isinstance(value, dict) or not structs:
        for member in members:
            deeper = _deeper_faults(value, member, pointer)
            if deeper:
                return deeper
        return []
    if len(structs) == 1 and structs[0].__struct_config__.tag is None:
        return _faults_of_struct(value, structs[0], pointer)
    for struct in structs:
        config = struct.__struct_config__
        if config.tag_field is not None and value.get(config.tag_field) == config.tag:
            return _faults_of_struct(value, struct, pointer)
    field = structs[0].__struct_config__.tag_field
    known = ", ".join(str(struct.__struct_config__.tag) for struct in structs)
    return [Fault(pointer=f"{pointer}/{field}", detail=f"One of: {known}.", code="unknown_kind")]


def _faults_of_struct(value: dict[str, Any], expected: type[msgspec.Struct], pointer: str) -> list[Fault]:
    config = expected.__struct_config__
    hints = typing.get_type_hints(expected, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(expected)}
    faults: list[Fault] = []
    if config.forbid_unknown_fields:
        known = ", ".join(fields)
        faults += [
            Fault(
                pointer=f"{pointer}/{_escaped(key)}",
                detail=f"Unknown member. Known: {known}.",
                code="unknown",
            )
            for key in value
            if key not in fields and key != config.tag_field
        ]
    for name, field in fields.items():
        if name in value:
            faults += faults_of(value[name], hints[field.name], f"{pointer}/{name}")
        elif field.required:
            faults.append(
                Fault(pointer=f"{pointer}/{name}", detail="This member is required.", code="missing")
            )
    return faults


def _sentence(fault: msgspec.ValidationError) -> str:
    return f"{str(fault).split(' - at `')[0]}."


IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", required=False, description="The ETag of the version that was read."),
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=100, description="How many at the most, 1 to 100.")
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        name="cursor", required=False, max_length=1_000, description="`next_cursor` of the page before."
    ),
]

_ETAG = re.compile(r'^"(\d{1,9})"$')


def version_of(if_match: str | None) -> int | None:
    """The version that If-Match names, or nothing where there is none.

    A foreign tag names a version that never was. Raises `Malformed` for what is no entity tag.
    """
    if if_match is None:
        return None
    found = _ETAG.match(if_match.strip())
    if found:
        return int(found[1])
    if re.match(r'^(W/)?"[^"]*"$', if_match.strip()):
        return -1
    raise Malformed('If-Match takes one ETag as it was given, for example "3".')


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None = None


def write_cursor(*values: Any) -> str:
    """An opaque name for the place after the row with these sort values."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def read_cursor(cursor: str | None, shape: type[T]) -> T | None:
    """The sort values that a cursor names. Raises `BadCursor`."""
    if cursor is None:
        return None
    try:
        written = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(written, type=shape)
    except (binascii.Error, UnicodeError, ValueError, msgspec.MsgspecError) as fault:
        raise BadCursor from fault


def page_response(request: Request[Any, Any, Any], page: Page[T]) -> Response[Page[T]]:
    """A list's page, with the next one as a link (RFC 8288)."""
    headers: dict[str, str] = {}
    if page.next_cursor is not None:
        following = request.url.with_replacements(
            query=request.url.query_params.copy() | {"cursor": page.next_cursor}  # type: ignore[operator]
        )
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(page, headers=headers)


def answer(
    content: T, *, version: int | None = None, status: int = 200, location: str | None = None
) -> Response[T]:
    """An object as an answer: its version is its ETag."""
    headers: dict[str, str] = {}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if location is not None:
        headers["Location"] = location
    return Response(content, status_code=status, headers=headers)


def operation(
    *,
    takes: Any = None,
    refuses: Sequence[type[Refusal]] = (),
    public: bool = False,
    example: Any = None,
) -> dict[str, Any]:
    """What the document and the pipeline know of a route beside its signature.

    `takes` is the type of its body, `refuses` the problems that it can give beside those that every route
    can, `public` says that nobody has to be signed in, `example` is a real body.
    """
    return {"takes": takes, "refuses": tuple(refuses), "public": public, "example": example}


def signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: somebody must be signed in, unless the route is public. Raises `NotSignedIn`."""
    if not handler.opt.get("public") and not isinstance(connection.scope.get("user"), Actor):
        why = connection.scope.get("auth")
        raise why if isinstance(why, NotSignedIn) else NotSignedIn


def only_known_parameters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: refuse a query parameter that the route does not know, or that comes twice. Raises `Invalid`."""
    known: frozenset[str] = connection.app.state["query_parameters"].get(handler.name, frozenset())
    faults: list[Fault] = []
    for name in connection.query_params:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            faults.append(
                Fault(pointer=f"/query/{name}", detail=f"Unknown parameter. Known: {listed}.", code="unknown")
            )
        elif len(connection.query_params.getall(name)) > 1:
            faults.append(Fault(pointer=f"/query/{name}", detail="Given more than once.", code="repeated"))
    for name, value in connection.query_params.items():
        if "\0" in value or "�" in value:
            faults.append(
                Fault(pointer=f"/query/{name}", detail="Not readable as UTF-8 text.", code="character")
            )
    if faults:
        raise Invalid(faults=faults)


Authenticate = Callable[[str], Awaitable[Actor]]


def bearer_of(scope: Scope) -> str | None:
    """The bearer token of a request, if it carries one."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if kind.lower() == "bearer" else ""
    return None


class Doorway:
    """The outermost layer: request ids, who asks, the headers that every answer has, one log line each.

    The log knows the route, never the address that was asked for: no names, no ids, no queries.
    """

    def __init__(self, app: ASGIApp, authenticate: Authenticate) -> None:
        """Wrap `app`; `authenticate` turns a token into an actor, or raises `NotSignedIn`."""
        self._app = app
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id.set(_request_id_of(scope))
        status = 500

        method = scope["method"]
        is_head = method == HttpMethod.HEAD
        if is_head:
            # Whatever can be read can be asked about (RFC 9110, 9.3.2).
            scope["method"] = HttpMethod.GET

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if is_head and message["type"] == "http.response.body":
                message["body"] = b""
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete_headers(message)
            await send(message)

        token = bearer_of(scope)
        scope["user"] = None
        scope["auth"] = None
        if token is not None and not scope["path"].startswith("/v1/published"):
            try:
                scope["user"] = await self._authenticate(token)
            except NotSignedIn as refusal:
                scope["auth"] = refusal
            except DatabaseAway as refusal:
                connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
                response = problem_response(refusal, connection)
                await response.to_asgi_response(None, Request(scope))(scope, receive, send_with_headers)
                return
        await self._app(scope, receive, send_with_headers)
        template = scope.get("path_template") or "unknown"
        log.info("request", method=method, route=template, status=status, request_id=request_id.get())


def _request_id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and re.fullmatch(rb"[A-Za-z0-9._-]{8,64}", value):
            return value.decode()
    return str(uuid4())


_ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cache-control": b"private, no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}


def _complete_headers(message: Message) -> None:
    headers = message.setdefault("headers", [])  # type: ignore[typeddict-item]
    present = {name.lower() for name, _ in headers}
    headers = [*headers, *((name, value) for name, value in _ALWAYS.items() if name not in present)]
    message["headers"] = [*headers, (b"x-request-id", request_id.get().encode())]  # type: ignore[typeddict-unknown-key]


def person_id_of(actor: Actor) -> UUID:
    """The person who asks. Raises `NotSignedIn` where a service does."""
    if actor.id is None:
        raise NotSignedIn
    return actor.id
