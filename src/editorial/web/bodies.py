"""Bodies: read at once, judged when the rest has been, with all their faults."""

import types
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar, overload

import msgspec
from litestar import Request

from editorial.core.refusals import Fault, Invalid, Malformed, WrongType
from editorial.core.states import Action
from editorial.core.texts import clean
from editorial.web.faults import escaped, faults_of

T = TypeVar("T")

MAX_BODY = 2 * 1024 * 1024
MAX_DEPTH = 32


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
    taken = {"application/json"} | ({"application/merge-patch+json"} if request.method == "PATCH" else set())
    _check_content_type(request, taken)
    written = await request.body()
    if not written:
        raise Malformed("The request needs a JSON body.")
    return judge(_decode(written), expected)


async def read_file(request: Request[Any, Any, Any], kind: str) -> bytes:
    """Read a body of another media type than JSON, as it is. Raises `WrongType`, `Malformed`."""
    _check_content_type(request, {kind})
    written = await request.body()
    if not written:
        raise Malformed(f"The request needs a body in {kind}.")
    return written


def _check_content_type(request: Request[Any, Any, Any], taken: Iterable[str]) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if kind.strip().lower() not in taken or charset not in {"", "charset=utf-8"}:
        raise WrongType(f"The body has to be {' or '.join(sorted(taken))}, in UTF-8.")
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
                _cleaned(key, pointer, faults): _cleaned(item, f"{pointer}/{escaped(key)}", faults)
                for key, item in value.items()
            }
        case _:
            return value
