"""The log: one line an event, to standard error, without names, e-mails, ids or addresses."""

import logging
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import msgspec
import structlog

_is_quiet: ContextVar[bool] = ContextVar("log_is_quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """What goes well in the block leaves no line in the log; warnings and errors do."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def _only_trouble(_: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if _is_quiet.get() and method == "info":
        raise structlog.DropEvent
    return event


def _json(event: Any, default: Callable[[Any], Any]) -> bytes:
    return msgspec.json.encode(event, enc_hook=default)


def configure(kind: Literal["json", "console"]) -> None:
    """Set up the log for a process. `json` is for machines, `console` for people."""
    renderer: structlog.typing.Processor = structlog.dev.ConsoleRenderer(colors=False)
    factory: Callable[..., structlog.typing.WrappedLogger] = structlog.PrintLoggerFactory(sys.stderr)
    if kind == "json":
        renderer = structlog.processors.JSONRenderer(_json)
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
    structlog.configure(
        processors=[
            _only_trouble,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
