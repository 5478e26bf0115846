"""Reading the catalogues: which languages there are, and the text of a key in one of them."""

import gettext
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

FALLBACK = "en"
"""The language of last resort. Its catalogue is complete."""


class UnknownMessage(LookupError):
    """A key that no catalogue has, or a parameter that a text needs and did not get: a bug of the caller."""


class Text(msgspec.Struct, frozen=True):
    """What a catalogue says for one key: one form, or a form for each plural of its language."""

    forms: tuple[str, ...]
    plural: Callable[[int], int] | None = None
    """Which form a number takes. None where there is one form."""

    def form(self, count: object) -> str:
        """The form for a number. Raises `UnknownMessage` where the text needs a number and there is none."""
        if self.plural is None:
            return self.forms[0]
        if not isinstance(count, int):
            raise UnknownMessage("a text with plural forms needs the parameter `count`")
        return self.forms[self.plural(abs(count))]


def _folder() -> Traversable:
    return files("editorial.locales")


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a catalogue, as BCP 47 tags: the folders beside this file that hold one."""
    return tuple(
        sorted(
            folder.name
            for folder in _folder().iterdir()
            if folder.is_dir() and any(file.name.endswith(".po") for file in folder.iterdir())
        )
    )


if TYPE_CHECKING:
    InterfaceLanguage: TypeAlias = str
else:
    InterfaceLanguage = StrEnum("InterfaceLanguage", {tag: tag for tag in languages()}, module=__name__)
    InterfaceLanguage.__doc__ = "A language in which the program speaks to people: one that has a catalogue."


@cache
def nearest(tag: str) -> str:
    """The language of the interface for a BCP 47 tag: itself, its nearest parent (RFC 4647, 3.4), or English."""
    return lookup(tag) or FALLBACK


@cache
def lookup(tag: str) -> str | None:
    """The language of the interface that a tag or one of its parents names, where there is one."""
    known = {language.lower(): language for language in languages()}
    parts = tag.lower().split("-")
    while parts:
        found = known.get("-".join(parts))
        if found is not None:
            return found
        parts.pop()
        # A single letter only opens what follows it.
        if parts and len(parts[-1]) == 1:
            parts.pop()
    return None


def parents(language: str) -> tuple[str, ...]:
    """The catalogues that a language is looked up in, itself first, English last."""
    parts = language.split("-")
    chain = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return tuple(dict.fromkeys([*(one for one in chain if one in languages()), FALLBACK]))


def read_catalogue(language: str) -> dict[str, Text]:
    """The messages of one language by key, without those of its parents.

    Raises `ValueError` for a key that two of its files have.
    """
    found: dict[str, Text] = {}
    for file in sorted((_folder() / language).iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".po"):
            continue
        with file.open("rb") as opened:
            catalog = read_po(opened, locale=None, charset="utf-8")
        for key, text in _texts(catalog).items():
            if key in found:
                raise ValueError(f"{language}/{file.name}: {key} is in another file too")
            found[key] = text
    return found


def _texts(catalog: Catalog) -> dict[str, Text]:
    plural = gettext.c2py(str(catalog.plural_expr))
    found: dict[str, Text] = {}
    for message in catalog:
        if isinstance(message.id, tuple | list):
            forms = tuple(str(one) for one in message.string or ())
            if forms and all(forms):
                found[str(message.id[0])] = Text(forms, plural)
        elif message.id and message.string:
            found[str(message.id)] = Text((str(message.string),))
    return found


_own = cache(read_catalogue)


@cache
def _complete(language: str) -> Mapping[str, Text]:
    """The messages of a language with those that it takes from its parents and from English."""
    found: dict[str, Text] = {}
    for one in reversed(parents(language)):
        found |= _own(one)
    return found


def text(key: str, language: str) -> Text:
    """What is said for a key in a language that has a catalogue. Raises `UnknownMessage` for an unknown key."""
    try:
        return _complete(language)[key]
    except KeyError:
        raise UnknownMessage(key) from None


def text_of_its_own(key: str, language: str) -> str | None:
    """What a language or a parent of it says for a key, never English in place of another language."""
    for one in parents(language):
        if one == FALLBACK and language != FALLBACK:
            break
        found = _own(one).get(key)
        if found is not None:
            return found.forms[0]
    return None


def has(key: str) -> bool:
    """Whether there are words for a key."""
    return key in _complete(FALLBACK)
