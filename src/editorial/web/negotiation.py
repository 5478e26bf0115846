"""The language of an answer's sentences. Answers hold messages; here they become words, as the last thing."""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import msgspec
from litestar.types import Scope

from editorial.locales import FALLBACK, Message, lookup, nearest

Headers = list[tuple[bytes, bytes]]


class Spoken:
    """The language that a request is answered in, and whether its answer has a sentence."""

    __slots__ = ("depends_on_header", "is_asked_for", "is_used", "language")

    def __init__(
        self, language: str = FALLBACK, *, depends_on_header: bool = True, is_asked_for: bool = False
    ) -> None:
        """Speak a language that has a catalogue, chosen by `Accept-Language` or by the address."""
        self.language = language
        self.depends_on_header = depends_on_header
        self.is_asked_for = is_asked_for
        self.is_used = False

    def prefer(self, tag: str | None) -> None:
        """Speak the language that a person has chosen, where the request asks for none."""
        if tag is not None and not self.is_asked_for:
            self.language = nearest(tag)

    def headers(self) -> Headers:
        """What an answer says of its language; nothing where it has no sentence."""
        if not self.is_used:
            return []
        told = [(b"content-language", self.language.encode())]
        return [*told, (b"vary", b"Accept-Language")] if self.depends_on_header else told


spoken: ContextVar[Spoken] = ContextVar("spoken", default=Spoken())  # noqa: B039  # replaced for each request
"""The language of the present request."""

_RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)
_PAGE = re.compile(r"/v1/published(?:/([A-Za-z0-9-]+))?")


def spoken_in(scope: Scope) -> Spoken:
    """The language to answer a request in: what `Accept-Language` asks for, or English; `prefer` comes between.

    A page that readers get is in the language of its address, with all that it says.
    """
    page = _PAGE.match(scope["path"])
    if page is not None:
        return Spoken(nearest(page[1] or FALLBACK), depends_on_header=False, is_asked_for=True)
    asked = [value for name, value in scope["headers"] if name == b"accept-language"]
    if not asked:
        return Spoken()
    return Spoken(negotiated(b",".join(asked).decode("latin-1")), is_asked_for=True)


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
    speech = spoken.get()
    speech.is_used = True
    return message.in_(speech.language)


def with_language(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of an answer, with those that say in which language its sentences are.

    An answer that is given again has them already, of the time when it was made.
    """
    given = list(headers)
    told = spoken.get().headers()
    if not told or any(name.lower() == b"content-language" for name, _ in given):
        return given
    varies = b", ".join(value for name, value in [*given, *told] if name.lower() == b"vary")
    rest = [(name, value) for name, value in [*given, *told] if name.lower() != b"vary"]
    return [*rest, (b"vary", varies)] if varies else rest


def _in_words(value: Any) -> str:
    if isinstance(value, Message):
        return said(value)
    raise NotImplementedError(f"{type(value).__name__} is not JSON")


_ENCODER = msgspec.json.Encoder(enc_hook=_in_words)


def encode(value: Any) -> bytes:
    """A value as JSON, its messages in the language of the present request."""
    return _ENCODER.encode(value)
