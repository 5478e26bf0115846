"""The schemas: msgspec's, each with a name, a sentence and what msgspec does not look at."""

import inspect
import typing
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import msgspec
import msgspec.inspect
from msgspec import UNSET

from editorial.locales import Message
from editorial.web.openapi.found import Found, parts
from editorial.web.openapi.sentences import Json, sentences, told_of_members

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
        named = Found(roots)
        self._sent = Found(taken).classes.keys()
        written, components = msgspec.json.schema_components(
            [*named.classes, *roots], schema_hook=_schema_of, ref_template=_REFERENCE
        )
        names = dict(zip(named.classes, named.names(), strict=True))
        generated = {
            kind: name_in(schema["$ref"]) for kind, schema in zip(named.classes, written, strict=False)
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
        told, _ = sentences(self._made[name_in(reference["$ref"])].get("description", ""))
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
        return _REFERENCE.format(name=self._names[name_in(reference)])

    def _named_union(self, schema: Json) -> Json:
        members = [name_in(one["$ref"]) for one in schema["anyOf"]]
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
        members = told_of_members(origin)
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


def _schema_of(kind: type) -> Json:
    """The schema of a type that msgspec does not know: a message is a string, in the language asked for."""
    if issubclass(kind, Message):
        return {"type": "string"}
    raise NotImplementedError(kind)


def name_in(reference: str) -> str:
    """The name that a reference leads to."""
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
    for part in parts(described):
        if not isinstance(described, msgspec.inspect.StructType):
            yield from _shallow(part)
