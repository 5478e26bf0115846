"""The language of an answer's sentences. Answers hold messages; here they become words, as the last thing."""

import re
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import msgspec
from litestar.types import Scope

from editorial.locales import FALLBACK, Message, lookup, nearest

sentence_language: ContextVar[str] = ContextVar("sentence_language", default=FALLBACK)
"""The language that the present request is answered in. It has a catalogue."""

_RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)
_PAGE = re.compile(r"/v1/published/([A-Za-z0-9-]+)")


def language_of(scope: Scope) -> str:
    """The language to answer a request in: what `Accept-Language` asks for, or English.

    A page that readers get is in the language of its address, with all that it says.
    """
    page = _PAGE.match(scope["path"])
    if page is not None:
        return nearest(page[1])
    asked = [value for name, value in scope["headers"] if name == b"accept-language"]
    return negotiated(b",".join(asked).decode("latin-1")) if asked else FALLBACK


@lru_cache(1024)
def negotiated(accept_language: str) -> str:
    """The language that suits a header best, by weight and then by order (RFC 9110, 12.5.4; RFC 4647, 3.4).

    A range that has no catalogue is looked up by its parents. What cannot be read is passed over: a wrong
    preference is no reason to refuse a request.
    """
    weights: dict[str, float] = {}
    for part in accept_language.split(","):
        found = _RANGE.fullmatch(part.strip(" \t"))
        if found is not None:
            weights.setdefault(found[1].lower(), float(found[2] or 1))
    refused = {asked for asked, weight in weights.items() if weight == 0}
    for asked, weight in sorted(weights.items(), key=lambda one: -one[1]):
        if weight == 0:
            break
        language = FALLBACK if asked == "*" else lookup(asked)
        if language is not None and language.lower() not in refused:
            return language
    return FALLBACK


def said(message: Message) -> str:
    """A message in the language of the present request."""
    return message.in_(sentence_language.get())


def _in_words(value: Any) -> str:
    if isinstance(value, Message):
        return said(value)
    raise NotImplementedError(f"{type(value).__name__} is not JSON")


_ENCODER = msgspec.json.Encoder(enc_hook=_in_words)


def encode(value: Any) -> bytes:
    """A value as JSON, its messages in the language of the present request."""
    return _ENCODER.encode(value)
