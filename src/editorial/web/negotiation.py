"""The language of an answer's sentences. Answers hold messages; here they become words, as the last thing."""

from contextvars import ContextVar
from typing import Any

import msgspec

from editorial.locales import FALLBACK, Message

sentence_language: ContextVar[str] = ContextVar("sentence_language", default=FALLBACK)
"""The language that the present request is answered in. It has a catalogue."""


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
