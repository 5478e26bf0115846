"""Bodies: read at once, judged when the rest has been, with all their faults."""

import codecs
import json
import types
import typing
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, overload

import msgspec
from litestar import Request

from editorial.core.refusals import Fault, Invalid, Malformed, WrongType
from editorial.core.states import Action
from editorial.core.texts import said
from editorial.web.faults import escaped, faults_of

T = TypeVar("T")

MAX_BODY = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_FAULTS = 100
"""More than a person reads, and less than an answer that is larger than its question."""


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
        count = len(self._faults)
        told = "The body has a fault." if count == 1 else f"The body has {count} faults."
        if count > MAX_FAULTS:
            told = f"{told} The first {MAX_FAULTS} are listed."
        return Invalid(told, faults=self._faults[:MAX_FAULTS])

    def action(self, known: Iterable[type[msgspec.Struct]]) -> Action | None:
        """The `action` that the body names, where it is one of these, before the rest is looked at."""
        named = self.raw.get("action") if isinstance(self.raw, dict) else None
        tags = {struct.__struct_config__.tag for struct in known}
        return Action(named) if isinstance(named, str) and named in tags else None

    def first_text(self, *members: str) -> str | None:
        """The first of these members that is a text, as it will be kept: the trail's entry begins with it."""
        if self._faults or not isinstance(self.raw, dict):
            return None
        return next((said(self.raw[one]) for one in members if isinstance(self.raw.get(one), str)), None)


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
    raw = _decode(written)
    if isinstance(raw, dict):
        # For the trail, where the request is refused: what it was about.
        request.scope["editorial.action"] = raw.get("action")  # type: ignore[typeddict-unknown-key]  # ours
    return judge(raw, expected)


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
    if kind.strip().lower() not in taken or not all(map(_says_utf8, parameters.split(";"))):
        raise WrongType(f"The body has to be {' or '.join(sorted(taken))}, in UTF-8.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType("A body is sent as it is, without Content-Encoding.")


def _says_utf8(parameter: str) -> bool:
    """Whether a parameter of a media type is empty, or says UTF-8 by one of its names."""
    name, _, value = parameter.strip(" \t").partition("=")
    if not name:
        return True
    if name.lower() != "charset":
        return False
    charset = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        return False


def _decode(written: bytes) -> Any:
    try:
        value = msgspec.json.decode(written)
    except UnicodeError as fault:
        raise Malformed("The body is not UTF-8.") from fault
    except msgspec.MsgspecError as fault:
        raise Malformed(f"The body is not valid JSON: {fault}.") from fault
    except RecursionError as fault:
        raise Malformed(f"The body is nested deeper than {MAX_DEPTH}.") from fault
    # As many colons as members: then no member was written twice. Else it takes a closer look.
    if _count_members(value, MAX_DEPTH) != written.count(b":"):
        _refuse_repeated_members(written)
    return value


def _count_members(value: Any, left: int) -> int:
    """How many members the objects in a value have. Raises `Malformed` for what is nested too deep."""
    if left == 0:
        raise Malformed(f"The body is nested deeper than {MAX_DEPTH}.")
    if isinstance(value, dict):
        return len(value) + sum(_count_members(item, left - 1) for item in value.values())
    if isinstance(value, list):
        return sum(_count_members(item, left - 1) for item in value)
    return 0


def _refuse_repeated_members(written: bytes) -> None:
    """Raise `Malformed` where an object names a member twice: one of the two would be lost without a word."""

    def made(pairs: list[tuple[str, Any]]) -> None:
        counted = Counter(name for name, _ in pairs)
        name, times = counted.most_common(1)[0] if counted else ("", 1)
        if times > 1:
            raise Malformed(f"The member {name[:100]!r} stands in one object {times} times.")

    json.loads(written, object_pairs_hook=made)


AS_TYPED: dict[str, Any] = {"as_typed": True}
"""What the type of a member has as `extra`, whose text is taken as it came: a password."""


@cache
def _as_typed(expected: Any) -> frozenset[str]:
    """The members of a struct that are taken as they came."""
    if not (isinstance(expected, type) and issubclass(expected, msgspec.Struct)):
        return frozenset()
    return frozenset(
        field.encode_name for field in msgspec.structs.fields(expected) if _is_as_typed(field.type)
    )


def _is_as_typed(kind: Any) -> bool:
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is Annotated:
        return any(isinstance(one, msgspec.Meta) and one.extra == AS_TYPED for one in parts[1:])
    return any(_is_as_typed(one) for one in parts)


def judge(raw: Any, expected: type[T]) -> Body[T]:
    """A JSON value against a type: the struct, or every fault of it with its pointer."""
    faults: list[Fault] = []
    cleaned = _cleaned(raw, "", faults)
    taken: Any = expected
    for name in _as_typed(taken):
        if isinstance(raw, dict) and isinstance(raw.get(name), str):
            cleaned[name] = raw[name]
    try:
        value = msgspec.convert(cleaned, expected)
    except msgspec.ValidationError:
        faults += faults_of(cleaned, expected)
    return Body(None, faults, raw) if faults else Body(value, (), raw)


def _cleaned(value: Any, pointer: str, faults: list[Fault]) -> Any:
    match value:
        case str():
            try:
                return said(value)
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
