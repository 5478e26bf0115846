"""Bodies: read at once, judged when the rest has been, with all their faults."""

import codecs
import json
import re
import types
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, overload

import msgspec
from msgspec import UNSET

from editorial.core.normalisation import Form, UnfitText, said
from editorial.core.refusals import FieldError, Invalid, Malformed, WrongType
from editorial.core.states import Action
from editorial.locales import Code, Listed, Message
from editorial.web.request import Request
from editorial.web.validation import UNIONS, escaped, faults_of, has_rules, member_for, members_of

T = TypeVar("T")

MAX_BODY = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_FAULTS = 100
"""More than a person reads, and less than an answer that is larger than its question."""


class Body(Generic[T]):
    """A body that was read but not yet judged: 404, 403, 428, 412 and 409 come before its faults."""

    def __init__(self, value: T | None, faults: Sequence[FieldError], raw: Any, expected: Any) -> None:
        """Keep the struct, or what was wrong with it. `raw` is the JSON, with its texts normalised."""
        self._value = value
        self._faults = list(faults)
        self._expected = expected
        self.raw = raw

    def checked(self) -> T:
        """The body as a struct. Raises `Invalid` with all its faults."""
        if self._faults or self._value is None:
            raise self.invalid()
        return self._value

    @contextmanager
    def judging(self) -> Iterator[T]:
        """A block that looks at what the body names, and may raise `Invalid`: all faults are told at once.

        In it, a member with a fault of its own is as if it were absent, and `UNSET` where it is required; an
        item of a list is `UNSET`. Nothing is to be written before the block ends.
        """
        readable = self._readable()
        try:
            yield readable
        except Invalid as refusal:
            if not self._faults:
                raise
            raise self.invalid(refusal.faults) from refusal
        self.checked()

    def invalid(self, more: Sequence[FieldError] = ()) -> Invalid:
        """The refusal that lists the body's faults, and `more` that only the newsroom could tell."""
        faults = [*self._faults, *(one for one in more if not self._faults_at(one.pointer))]
        told = Message("reason.body-has-faults", count=len(faults))
        if len(faults) > MAX_FAULTS:
            told = Message("reason.body-has-more-faults", count=len(faults), listed=MAX_FAULTS)
        return Invalid(told, faults=faults[:MAX_FAULTS])

    def _readable(self) -> T:
        """What can be read of the body. Raises `Invalid` where it is no object of any known kind."""
        if self._value is not None:
            return self._value
        struct = self._expected
        if typing.get_origin(struct) in UNIONS:
            struct = member_for(self.raw, struct)
        if not isinstance(self.raw, dict) or not hasattr(struct, "__struct_config__"):
            raise self.invalid()
        members: dict[str, Any] = {}
        for field in msgspec.structs.fields(struct):
            kind = members_of(struct)[field.encode_name]
            if field.encode_name in self.raw and self._fits(f"/{field.encode_name}"):
                members[field.name] = self._member(field.encode_name, kind)
            elif field.required:
                members[field.name] = UNSET
        return typing.cast(T, struct(**members))

    def _fits(self, pointer: str) -> bool:
        """Whether a member can be read. A list can, where only some of its items have faults."""
        if isinstance(self.raw[pointer.removeprefix("/")], list):
            return all(one.pointer != pointer for one in self._faults)
        return not self._faults_at(pointer)

    def _member(self, name: str, kind: Any) -> Any:
        value = self.raw[name]
        if not self._faults_at(f"/{name}"):
            return msgspec.convert(value, kind)
        of_list = member_for([], kind) if typing.get_origin(kind) in UNIONS else kind
        while typing.get_origin(of_list) is typing.Annotated:
            of_list = typing.get_args(of_list)[0]
        of_item = typing.get_args(of_list)[0]
        return [
            UNSET if self._faults_at(f"/{name}/{place}") else msgspec.convert(item, of_item)
            for place, item in enumerate(value)
        ]

    def _faults_at(self, pointer: str) -> bool:
        return any(one.pointer == pointer or one.pointer.startswith(f"{pointer}/") for one in self._faults)

    def action(self, known: Iterable[type[msgspec.Struct]]) -> Action | None:
        """The `action` that the body names, where it is one of these, before the rest is looked at."""
        named = self.raw.get("action") if isinstance(self.raw, dict) else None
        tags = {struct.__struct_config__.tag for struct in known}
        return Action(named) if isinstance(named, str) and named in tags else None

    def names(self, member: str) -> bool:
        """Whether the body says something for this member, be it valid or not."""
        return isinstance(self.raw, dict) and self.raw.get(member) is not None

    def first_text(self, *members: str) -> str | None:
        """The first of these members that is a text, as it will be kept: the trail's entry begins with it."""
        if self._faults or not isinstance(self.raw, dict):
            return None
        return next((self.raw[one] for one in members if isinstance(self.raw.get(one), str)), None)


@overload
async def read_body(request: Request, expected: type[T]) -> Body[T]: ...
@overload
async def read_body(request: Request, expected: types.UnionType) -> Body[Any]: ...
async def read_body(request: Request, expected: Any) -> Body[Any]:
    """Read a JSON body for `expected`. Raises `WrongType`, `Malformed`; the content's faults wait in it."""
    taken = {"application/json"} | ({"application/merge-patch+json"} if request.method == "PATCH" else set())
    _check_content_type(request, taken)
    written = await request.body()
    if not written:
        raise Malformed(Message("request.needs-body"))
    raw = _decode(written)
    if isinstance(raw, dict):
        # For the trail, where the request is refused: what it was about.
        request.scope["editorial.action"] = raw.get("action")  # type: ignore[typeddict-unknown-key]  # ours
    return validate(raw, expected)


async def read_file(request: Request, kind: str) -> bytes:
    """Read a body of another media type than JSON, as it is. Raises `WrongType`, `Malformed`."""
    _check_content_type(request, {kind})
    written = await request.body()
    if not written:
        raise Malformed(Message("request.needs-body-of", media_type=kind))
    return written


def _check_content_type(request: Request, taken: Iterable[str]) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    if kind.strip().lower() not in taken or not all(map(_says_utf8, parameters.split(";"))):
        raise WrongType(
            Message(
                "request.body-types", types=Listed((Code(str(one)) for one in sorted(taken)), "wanted.or")
            )
        )
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType(Message("request.no-content-encoding"))


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
        raise Malformed(Message("request.body-not-utf8")) from fault
    except msgspec.MsgspecError as fault:
        # The decoder says in English what it met, and at which byte.
        place = re.search(r"\bbyte (\d+)", str(fault))
        if place is None:
            raise Malformed(Message("request.body-not-json")) from fault
        raise Malformed(Message("request.body-not-json-at", place=int(place[1]))) from fault
    except RecursionError as fault:
        raise Malformed(Message("request.body-too-deep", most=MAX_DEPTH)) from fault
    # As many colons as members: then no member was written twice. Else it takes a closer look.
    if _count_members(value, MAX_DEPTH) != written.count(b":"):
        _refuse_repeated_members(written)
    return value


def _count_members(value: Any, left: int) -> int:
    """How many members the objects in a value have. Raises `Malformed` for what is nested too deep."""
    if left == 0:
        raise Malformed(Message("request.body-too-deep", most=MAX_DEPTH))
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
            raise Malformed(
                Message(
                    "request.repeated-member", name=name[:100].encode(errors="replace").decode(), times=times
                )
            )

    json.loads(written, object_pairs_hook=made)


def validate(raw: Any, expected: Any) -> Body[Any]:
    """A JSON value against a type: the struct, or every fault of it with its pointer."""
    faults: list[FieldError] = []
    cleaned = _cleaned(raw, expected, "", faults)
    try:
        value = msgspec.convert(cleaned, expected)
    except msgspec.ValidationError:
        faults += faults_of(cleaned, expected)
    else:
        faults += faults_of(cleaned, expected) if has_rules(expected) else []
    return Body(None, faults, cleaned, expected) if faults else Body(value, (), cleaned, expected)


def patched(current: Any, patch: msgspec.Struct, expected: Any, pointer: str) -> Any:
    """What a merge patch (RFC 7396) makes of an object. Raises `Invalid` where that is none of its type."""
    left: dict[str, Any] = {} if current is None else msgspec.to_builtins(current)
    changed = {**left, **msgspec.to_builtins(patch)}
    try:
        return validate({name: one for name, one in changed.items() if one is not None}, expected).checked()
    except Invalid as refusal:
        faults = [
            msgspec.structs.replace(fault, pointer=f"{pointer}{fault.pointer}") for fault in refusal.faults
        ]
        raise Invalid(refusal.detail, faults=faults) from refusal


def _cleaned(
    value: Any, expected: Any, pointer: str, faults: list[FieldError], form: Form = Form.LINE
) -> Any:
    """The value with its texts normalised, each in the form that its type names."""
    origin = typing.get_origin(expected)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(expected)
        named = next((one for one in reversed(more) if isinstance(one, Form)), form)
        return _cleaned(value, inner, pointer, faults, named)
    if origin in UNIONS and isinstance(value, str | list | dict):
        return _cleaned(value, member_for(value, expected), pointer, faults, form)
    match value:
        case str():
            try:
                return said(value, form)
            except UnfitText as fault:
                faults.append(FieldError(pointer=pointer, detail=fault.message, code="character"))
                return value
        case list():
            of_item = next(iter(typing.get_args(expected)), Any)
            return [_cleaned(item, of_item, f"{pointer}/{place}", faults) for place, item in enumerate(value)]
        case dict():
            is_struct = isinstance(expected, type) and issubclass(expected, msgspec.Struct)
            members = members_of(expected) if is_struct else {}
            of_value = typing.get_args(expected)[1] if origin is dict else Any
            return {
                _cleaned(key, str, pointer, faults): _cleaned(
                    item, members.get(key, of_value), f"{pointer}/{escaped(key)}", faults
                )
                for key, item in value.items()
            }
        case _:
            return value
