"""The query of a request against what its route knows."""

import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
import msgspec.inspect as kinds
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from editorial.core.normalisation import UnfitText, clean
from editorial.core.refusals import FieldError
from editorial.locales import Code, Listed, Message
from editorial.web.validation import Said, escaped, fault_of_text

LIMIT = "limit"


class Parameter(msgspec.Struct, frozen=True):
    """A query parameter that a route knows."""

    name: str
    kind: Any
    says: Said
    is_required: bool


@cache
def parameters_of(handler: BaseRouteHandler) -> Mapping[str, Parameter]:
    """The query parameters of a route, by name."""
    model = handler.signature_model
    # Of what a route has written, Litestar keeps what it knows itself: the rules are not among it.
    written = typing.get_type_hints(handler.fn, include_extras=True)
    fields = {field.name: field for field in msgspec.structs.fields(model)}
    described = {
        name: field.kwarg_definition
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }
    return {
        one.name or name: Parameter(
            one.name or name,
            fields[name].type,
            Said.by(fields[name].type, typing.get_args(written[name])[0]),
            fields[name].required,
        )
        for name, one in described.items()
    }


def validate_query(query: bytes, known: Mapping[str, Parameter]) -> tuple[list[FieldError], bytes]:
    """Every fault of a query, and the query without them: as its route can take it, and cleaned.

    Where there are faults, a list is asked for one item only: its result is not sent.
    """
    pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True)
    faults: list[FieldError] = []
    good: list[tuple[str, str]] = []
    seen: set[str] = set()
    for name, written in pairs:
        value, fault = _judged(name, written, known, seen)
        seen.add(name)
        if fault is None:
            good.append((name, value))
        else:
            faults.append(fault)
    missing = [one for one in known.values() if one.is_required and one.name not in seen]
    faults += [
        FieldError(pointer=f"/query/{one.name}", detail=Message("fault.parameter-required"), code="missing")
        for one in missing
    ]
    if not faults and good == pairs:
        return [], query
    if faults and LIMIT in known:
        good = [*((name, value) for name, value in good if name != LIMIT), (LIMIT, "1")]
    return faults, urlencode([*good, *_stand_ins(known.values(), {name for name, _ in good})]).encode()


def _judged(
    name: str, written: str, known: Mapping[str, Parameter], seen: Iterable[str]
) -> tuple[str, FieldError | None]:
    pointer = f"/query/{escaped(name)}"
    if name not in known:
        detail = (
            Message("fault.unknown-parameter", known=Listed(Code(str(one)) for one in sorted(known)))
            if known
            else Message("fault.unknown-parameter-none")
        )
        return written, FieldError(pointer=pointer, detail=detail, code="unknown")
    if name in seen:
        return written, FieldError(
            pointer=pointer, detail=Message("fault.repeated-parameter"), code="repeated"
        )
    try:
        value = clean(written)
    except UnfitText as fault:
        return written, FieldError(pointer=pointer, detail=fault.message, code="character")
    return value, fault_of_text(value, known[name].says, pointer)


def _stand_ins(known: Iterable[Parameter], given: set[str]) -> list[tuple[str, str]]:
    """Something good in place of what is required and bad: the route has to be asked what else it refuses."""
    return [
        (one.name, _stand_in(kinds.type_info(one.kind)))
        for one in known
        if one.is_required and one.name not in given
    ]


def _stand_in(kind: kinds.Type) -> str:
    match kind:
        case kinds.Metadata():
            examples = (kind.extra_json_schema or {}).get("examples")
            return str(examples[0]) if examples else _stand_in(kind.type)
        case kinds.EnumType():
            first: Enum = next(iter(kind.cls))
            return str(first.value)
        case kinds.IntType():
            return str(kind.ge or 0)
        case kinds.UUIDType():
            return "00000000-0000-4000-8000-000000000000"
        case kinds.BoolType():
            return "false"
        case kinds.StrType(pattern=None):
            return "x" * (kind.min_length or 1)
        case other:
            raise LookupError(f"a required parameter needs an example: {other}")
