"""What no schema can say of a value. A rule is a part of the value's type: it holds everywhere."""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import UNSET

from editorial.locales import Message


class Broken(NamedTuple):
    """What is wrong with a value."""

    detail: Message
    code: str


class Rule(NamedTuple):
    """A rule in a type: `Annotated[str, Meta(…), Rule(…)]`."""

    broken: Callable[[Any], Broken | None]
    """What is wrong with a value of JSON that fits the rest of its type, or nothing."""


def is_given(value: object) -> bool:
    """Whether a member, or an item of a list, was sent and can be read."""
    return value is not UNSET
