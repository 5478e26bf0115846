"""The log: one line an event, to standard error, without names, e-mails, ids or addresses."""

import logging
import sys
from typing import Literal

import structlog


def configure(kind: Literal["json", "console"]) -> None:
    """Set up the log for a process. `json` is for machines, `console` for people."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if kind == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
