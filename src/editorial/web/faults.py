"""Every fault of a JSON value, where msgspec stops at the first."""

import types
import typing
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from editorial.core.refusals import Fault


def escaped(key: str) -> str:
    """A member's name as a part of a JSON pointer (RFC 6901)."""
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
            for fault in faults_of(item, typing.get_args(expected)[1], f"{pointer}/{escaped(key)}")
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
                pointer=f"{pointer}/{escaped(key)}",
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
