"""Every fault of a value, in the words of its field, where msgspec stops at the first and speaks of types."""

import types
import typing
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated, Any

import msgspec
import msgspec.inspect as kinds

from editorial.core.refusals import FieldError
from editorial.core.rules import Rule
from editorial.locales import Code, Listed, Message

EXAMPLE_INSTANT = "2024-07-25T12:00:00+03:00"


def escaped(key: str) -> str:
    """A member's name as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def faults_of(value: Any, expected: Any, pointer: str = "") -> list[FieldError]:
    """Every fault of a JSON value: wrong, missing and unknown members, each with its place."""
    if not fits(value, expected):
        return _deeper_faults(value, expected, pointer) or [_fault(value, expected, pointer)]
    if not has_rules(expected):
        return []
    broken = (rule.broken(value) for rule in _rules_of(value, expected))
    faults = [FieldError(pointer=pointer, detail=one.detail, code=one.code) for one in broken if one]
    return faults or _deeper_faults(value, expected, pointer)


def fits(value: Any, expected: Any) -> bool:
    """Whether a value of JSON is of a type, rules aside."""
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError:
        return False
    return True


@cache
def has_rules(expected: Any) -> bool:
    """Whether a type has rules, or anything that it is made of."""
    return any(isinstance(part, Rule) for part in _parts(expected, set()))


def _parts(expected: Any, seen: set[Any]) -> Iterator[Any]:
    yield expected
    if isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        if expected not in seen:
            seen.add(expected)
            for member in members_of(expected).values():
                yield from _parts(member, seen)
        return
    for part in typing.get_args(expected):
        yield from _parts(part, seen)


def _rules_of(value: Any, expected: Any) -> Iterator[Rule]:
    """The rules that hold for a value itself."""
    if typing.get_origin(expected) is Annotated:
        inner, *more = typing.get_args(expected)
        yield from (one for one in more if isinstance(one, Rule) and value is not None)
        yield from _rules_of(value, inner)
    elif typing.get_origin(expected) in UNIONS:
        yield from _rules_of(value, member_for(value, expected))


UNIONS = frozenset({typing.Union, types.UnionType})


@cache
def members_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a struct's members, by their names in JSON."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(struct)}


def member_for(value: Any, union: Any) -> Any:
    """The member of a union that a value is meant for: the one it fits, or the first of its kind of JSON."""
    members = typing.get_args(union)
    tagged = [one for one in members if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    if isinstance(value, dict):
        for struct in tagged:
            config = struct.__struct_config__
            if config.tag_field is not None and value.get(config.tag_field) == config.tag:
                return struct
    fitting = (one for one in members if fits(value, one))
    alike = (one for one in members if _json_kind(one) is type(value))
    return next(fitting, None) or next(alike, None) or Any


def _json_kind(expected: Any) -> type | None:
    """What a value of a type is in JSON, as Python reads it."""
    origin = typing.get_origin(expected)
    if origin is Annotated:
        return _json_kind(typing.get_args(expected)[0])
    if origin in {list, set, frozenset, tuple}:
        return list
    kind = origin or expected
    if kind is dict or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return dict
    return kind if isinstance(kind, type) else None


class Said(msgspec.Struct, frozen=True):
    """The allowed values of a parameter: text for a number, a word of a list, or yes and no."""

    kind: Any
    is_instant: bool
    written: Any
    """The same as the route has written it, rules and all."""

    @classmethod
    def by(cls, expected: Any, written: Any = None) -> "Said":
        """What a type takes of a text."""
        # A parameter is absent, never null: left to itself, msgspec would take the word for it.
        kind = _without_null(expected)
        # Nor is a bare number an instant, though msgspec would count it from 1970.
        alternatives = _alternatives(kinds.type_info(kind))
        is_instant = all(isinstance(_bare(one), kinds.DateTimeType) for one in alternatives)
        return cls(kind, is_instant, kind if written is None else written)


def fault_of_text(text: str, expected: Said, pointer: str) -> FieldError | None:
    """The fault of a parameter."""
    try:
        msgspec.convert(text, expected.kind, strict=expected.is_instant)
    except msgspec.ValidationError:
        says = int(text) if text.removeprefix("-").isdecimal() and len(text) < 1_000 else text
        return _told(says, _alternatives(kinds.type_info(expected.kind)), pointer)
    return (
        next(iter(faults_of(text, expected.written, pointer)), None) if has_rules(expected.written) else None
    )


def _without_null(expected: Any) -> Any:
    if typing.get_origin(expected) not in UNIONS:
        return expected
    rest = tuple(one for one in typing.get_args(expected) if one is not types.NoneType)
    return typing.Union[rest]  # noqa: UP007  # the members come as a tuple


def _deeper_faults(value: Any, expected: Any, pointer: str) -> list[FieldError]:
    origin = typing.get_origin(expected)
    if origin is Annotated:
        inner = typing.get_args(expected)[0]
        deeper = _deeper_faults(value, inner, pointer)
        if deeper and not _is_bounded(value, expected):
            deeper.insert(0, _fault(value, expected, pointer))
        return deeper
    if origin in UNIONS:
        return _faults_of_union(value, typing.get_args(expected), pointer)
    if isinstance(value, list) and origin in {list, set, frozenset, tuple}:
        return [
            fault
            for place, item in enumerate(value)
            for fault in faults_of(item, typing.get_args(expected)[0], f"{pointer}/{place}")
        ]
    if isinstance(value, dict) and origin is dict:
        of_key, of_value = typing.get_args(expected)
        return [
            fault
            for key, item in value.items()
            for part, wanted in ((key, of_key), (item, of_value))
            for fault in faults_of(part, wanted, f"{pointer}/{escaped(key)}")
        ]
    if isinstance(value, dict) and isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        return _faults_of_struct(value, expected, pointer)
    return []


def _is_bounded(value: Any, expected: Any) -> bool:
    """Whether a list or an object is neither too long nor too short, whatever is in it."""
    if not isinstance(value, list | dict):
        return True
    bounds = [one for one in typing.get_args(expected)[1:] if isinstance(one, msgspec.Meta)]
    return all((one.min_length or 0) <= len(value) <= (one.max_length or len(value)) for one in bounds)


def _faults_of_union(value: Any, members: Sequence[Any], pointer: str) -> list[FieldError]:
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
    known = Listed(Code(str(struct.__struct_config__.tag)) for struct in structs)
    detail = Message("fault.one-of", allowed=known)
    return [FieldError(pointer=f"{pointer}/{field}", detail=detail, code="unknown_kind")]


def _faults_of_struct(
    value: dict[str, Any], expected: type[msgspec.Struct], pointer: str
) -> list[FieldError]:
    config = expected.__struct_config__
    members = members_of(expected)
    fields = {field.encode_name: field for field in msgspec.structs.fields(expected)}
    faults: list[FieldError] = []
    if config.forbid_unknown_fields:
        detail = (
            Message("fault.unknown-field", known=Listed(Code(str(one)) for one in fields))
            if fields
            else Message("fault.unknown-field-none")
        )
        faults += [
            FieldError(pointer=f"{pointer}/{escaped(key)}", detail=detail, code="unknown")
            for key in value
            if key not in fields and key != config.tag_field
        ]
    for name, field in fields.items():
        if name in value:
            faults += faults_of(value[name], members[name], f"{pointer}/{name}")
        elif field.required:
            faults.append(
                FieldError(pointer=f"{pointer}/{name}", detail=Message("fault.required"), code="missing")
            )
    return faults


def _fault(value: Any, expected: Any, pointer: str) -> FieldError:
    """What is wrong with a value itself: what would have been taken in its place."""
    return _told(value, _alternatives_of(expected), pointer)


@cache
def _alternatives_of(expected: Any) -> list[kinds.Type]:
    """The kinds of value that a type takes. A list of thousands of faults asks for them once."""
    return _alternatives(kinds.type_info(expected))


def _told(value: Any, wanted: Sequence[kinds.Type], pointer: str) -> FieldError:
    phrases = Listed((_phrase(kind) for kind in wanted), "wanted.or")
    example = next((example for kind in wanted for example in _examples(kind)), None)
    detail = (
        Message("wanted.sentence", wanted=phrases)
        if example is None
        else Message("wanted.sentence-example", wanted=phrases, example=example)
    )
    return FieldError(pointer=pointer, detail=detail, code=_code(value, wanted))


def _alternatives(kind: kinds.Type) -> list[kinds.Type]:
    """The kinds of value that a place takes, null last."""
    match kind:
        case kinds.UnionType():
            found = [one for part in kind.types for one in _alternatives(part)]
            return sorted(found, key=_is_null)
        case kinds.Metadata(type=kinds.UnionType() as union):
            return _alternatives(union)
        case _:
            return [kind]


def _is_null(kind: kinds.Type) -> bool:
    return isinstance(kind, kinds.NoneType)


def _bare(kind: kinds.Type) -> kinds.Type:
    return _bare(kind.type) if isinstance(kind, kinds.Metadata) else kind


def _examples(kind: kinds.Type) -> list[Any]:
    """Examples of what has a form that is not plain from its description."""
    match kind:
        case kinds.Metadata(type=kinds.StrType(pattern=str())):
            return list((kind.extra_json_schema or {}).get("examples", ()))
        case kinds.DateTimeType():
            return [EXAMPLE_INSTANT]
        case _:
            return []


def _code(value: Any, wanted: Sequence[kinds.Type]) -> str:
    """The kind of fault, for programs: of another type, or outside of what its type may be here."""
    for kind in map(_bare, wanted):
        match kind:
            case kinds.EnumType() | kinds.LiteralType() if isinstance(value, str):
                return "choice"
            case kinds.StrType() if isinstance(value, str):
                too_short = len(value) < (kind.min_length or 0)
                too_long = kind.max_length is not None and len(value) > kind.max_length
                return "length" if too_short or too_long else "form"
            case kinds.IntType() | kinds.FloatType() if isinstance(value, int) and not isinstance(
                value, bool
            ):
                return "range"
            case kinds.CollectionType() if isinstance(value, list):
                return "length"
            case kinds.DictType() if isinstance(value, dict):
                return "length"
            case kinds.UUIDType() | kinds.DateTimeType() | kinds.DateType() if isinstance(value, str):
                return "form"
            case _:
                continue
    return "type"


def _phrase(kind: kinds.Type) -> Message:
    """What a kind of value is called, with its bounds."""
    match _bare(kind):
        case kinds.NoneType():
            return Message("wanted.null")
        case kinds.BoolType():
            return Message("wanted.boolean")
        case kinds.IntType() as number:
            return _between("integer", number.ge, number.le)
        case kinds.FloatType() as number:
            return _between("number", number.ge, number.le)
        case kinds.StrType() as text:
            counted = _counted("text", text.min_length, text.max_length)
            if text.pattern is None:
                return counted
            bounds = text.min_length or text.max_length
            return Message("wanted.formed", wanted=counted) if bounds else Message("wanted.text-formed")
        case kinds.UUIDType():
            return Message("wanted.uuid")
        case kinds.DateTimeType():
            return Message("wanted.time")
        case kinds.DateType():
            return Message("wanted.date")
        case kinds.EnumType() as enumeration:
            return Message("wanted.choice", allowed=Listed(Code(str(one.value)) for one in enumeration.cls))
        case kinds.LiteralType() as literal:
            return Message("wanted.choice", allowed=Listed(Code(str(one)) for one in literal.values))
        case kinds.CollectionType() as collection:
            return _counted("list", collection.min_length, collection.max_length)
        case kinds.DictType() as mapping:
            return _counted("object", mapping.min_length, mapping.max_length)
        case kinds.StructType():
            return Message("wanted.object")
        case other:
            raise LookupError(f"there are no words for {other}")


def _between(kind: str, least: float | None, most: float | None) -> Message:
    match least, most:
        case None, None:
            return Message(f"wanted.{kind}")
        case None, _:
            return Message(f"wanted.{kind}-to", most=most)
        case _, None:
            return Message(f"wanted.{kind}-from", least=least)
        case _:
            return Message(f"wanted.{kind}-between", least=least, most=most)


def _counted(kind: str, least: int | None, most: int | None) -> Message:
    """A kind with its length: `count` is the number that the noun agrees with."""
    match least or 0, most:
        case 0, None:
            return Message(f"wanted.{kind}")
        case 0, _:
            return Message(f"wanted.{kind}-to", count=most)
        case _, None:
            return Message(f"wanted.{kind}-from", count=least)
        case _:
            return Message(f"wanted.{kind}-between", least=least, count=most)
