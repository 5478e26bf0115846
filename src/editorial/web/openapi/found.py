"""What types are made of: the classes that need a schema, and the unions that need a name."""

import sys
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import msgspec.inspect

from editorial.locales import Message
from editorial.web.openapi.sentences import told_in, tree_of


class Found:
    """The classes that types are made of, and the tagged unions among them."""

    def __init__(self, kinds: Iterable[Any]) -> None:
        """Look through `kinds`, whatever they are."""
        self.classes: dict[Any, None] = {}
        self.unions: dict[frozenset[Any], tuple[str, str]] = {}
        for kind in kinds:
            self._look_at(msgspec.inspect.type_info(kind))

    def _look_at(self, described: msgspec.inspect.Type) -> None:
        match described:
            case msgspec.inspect.StructType() | msgspec.inspect.EnumType():
                if described.cls in self.classes:
                    return
                self.classes[described.cls] = None
            case msgspec.inspect.UnionType():
                members = frozenset(
                    one.cls for one in described.types if isinstance(one, msgspec.inspect.StructType)
                )
                if len(members) > 1 and members not in self.unions:
                    self.unions[members] = alias_of(members)
        for part in parts(described):
            self._look_at(part)

    def names(self) -> Iterator[str]:
        """What each class is called: by its own name where no other has that."""
        own = [self._own_name(kind) for kind in self.classes]
        taken: set[str] = set()
        for kind, name in zip(self.classes, own, strict=True):
            chosen = name if own.count(name) == 1 else f"{self._family_of(kind)}{name}"
            if chosen in taken:
                raise LookupError(f"two types are called {chosen}")
            taken.add(chosen)
            yield chosen

    def _own_name(self, kind: Any) -> str:
        origin = typing.get_origin(kind)
        if origin is None:
            return str(kind.__name__)
        inner = "".join(self._own_name(one) for one in typing.get_args(kind))
        return f"{inner.removesuffix('InList')}{origin.__name__}"

    def _family_of(self, kind: Any) -> str:
        """What tells a class from another of its name: its union, or else its module."""
        for members, (alias, _) in self.unions.items():
            if kind in members:
                return alias
        return str(kind.__module__).rpartition(".")[2].capitalize()


def alias_of(members: frozenset[Any]) -> tuple[str, str]:
    """The name that a union has in a module of one of its members, and what is said of it there."""
    for module in sorted({str(member.__module__) for member in members}):
        for name, value in vars(sys.modules[module]).items():
            is_union = typing.get_origin(value) in {typing.Union, types.UnionType}
            if is_union and frozenset(typing.get_args(value)) == members:
                return name, told_in(tree_of(module).body).get(name, "")
    listed = ", ".join(sorted(member.__name__ for member in members))
    raise LookupError(f"the union of {listed} needs a name in the module of one of them")


def has_messages(kind: Any) -> bool:
    """Whether a type holds a message at any depth: a sentence or label in the language that was asked for."""
    seen: set[Any] = set()

    def look(described: msgspec.inspect.Type) -> bool:
        if isinstance(described, msgspec.inspect.CustomType):
            return issubclass(described.cls, Message)
        if isinstance(described, msgspec.inspect.StructType):
            if described.cls in seen:
                return False
            seen.add(described.cls)
        return any(look(part) for part in parts(described))

    return look(msgspec.inspect.type_info(kind))


def parts(described: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    """What a type is made of at once."""
    match described:
        case msgspec.inspect.Metadata():
            return (described.type,)
        case msgspec.inspect.StructType():
            return tuple(field.type for field in described.fields)
        case msgspec.inspect.UnionType():
            return described.types
        case msgspec.inspect.CollectionType():
            return (described.item_type,)
        case msgspec.inspect.TupleType():
            return described.item_types
        case msgspec.inspect.DictType():
            return (described.key_type, described.value_type)
        case _:
            return ()
