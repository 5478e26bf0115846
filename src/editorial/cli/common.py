"""What the commands share: settings, a database, faults in one sentence, and what is being done."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import rich_click as click
import structlog
from rich.box import Box

from editorial.cli.startup import (
    ExitCode,
    ListenError,
    Needs,
    QuickstartError,
    StartError,
    error_after_start,
    see_that_it_is_there,
)
from editorial.core.refusals import Refusal
from editorial.database import embedded
from editorial.database.embedded import PostgresError
from editorial.database.migrate import MigrationError
from editorial.locales import render
from editorial.settings import Settings, SettingsError
from editorial.telemetry import logs

log = structlog.get_logger("editorial")
BLANKS = Box("    \n" * 8)
"""A frame of nothing, for help that goes to a file."""
CLEAR = "\r\x1b[2K"


class Addresses(msgspec.Struct, frozen=True):
    """Where the database is, for its owner and for the application."""

    owner: str
    application: str


class Failure(click.ClickException):
    """A command ends with a sentence and an exit code."""

    def __init__(self, message: str, code: int = ExitCode.FAILED) -> None:
        """Say it."""
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click's own subclasses do the same by a class each


class Program(click.RichGroup):
    """The program: what goes wrong is a plain line without a frame, or a line of JSON where the log is that.

    A frame of 80 columns breaks the SQL that an administrator is to paste.
    """

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command, and end the process with its exit code."""
        if not sys.stdout.isatty():
            frames = click.rich_click
            frames.STYLE_OPTIONS_PANEL_BOX = frames.STYLE_COMMANDS_PANEL_BOX = BLANKS
        run: Any = super().main
        if not extra.pop("standalone_mode", True):
            return run(*args, standalone_mode=False, **extra)
        try:
            code = run(*args, standalone_mode=False, **extra)
        except click.ClickException as fault:
            tell_failure(fault)
            code = fault.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped before the end.", err=True)
            code = 128 + signal.SIGINT
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def tell_failure(fault: click.ClickException) -> None:
    """Say on standard error why a command ends."""
    sentence = fault.format_message()
    if logs_are_json():
        # The settings may be what is wrong: the log was not set up by them.
        logs.configure("json")
        log.error("the command failed", detail=sentence, exit_code=fault.exit_code)
        return
    if isinstance(fault, click.UsageError) and fault.ctx is not None:
        click.echo(fault.ctx.get_usage(), err=True)
    click.echo(f"Error: {sentence}", err=True)


def logs_are_json() -> bool:
    """Whether standard error is read by a machine, also where the settings cannot be read."""
    return os.environ.get("EDITORIAL_LOG_FORMAT", "").strip() == "json"


class Progress:
    """What a command is doing: one line that changes on a terminal, else a line for each step.

    A log of JSON gets nothing of it.
    """

    def __init__(self, *, is_quiet: bool = False) -> None:
        """Say nothing yet. `is_quiet`: say nothing where there is no terminal."""
        self._is_terminal = sys.stderr.isatty() and not logs_are_json()
        self._is_silent = not self._is_terminal and (is_quiet or logs_are_json())
        self._is_open = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def step(self, sentence: str) -> None:
        """Begin something that takes its time."""
        if self._is_terminal:
            self._write(sentence)
        elif not self._is_silent:
            click.echo(sentence, err=True)

    def count(self, sentence: str) -> None:
        """Say how far it is. Without a terminal there is no line for it."""
        if self._is_terminal:
            self._write(sentence)

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self._is_open:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
            self._is_open = False

    def _write(self, sentence: str) -> None:
        sys.stderr.write(f"{CLEAR}{sentence}")
        sys.stderr.flush()
        self._is_open = True


def read_settings(**changes: Any) -> Settings:
    """The settings of the environment, with what the command line says on top. Exits with the faults."""
    try:
        settings = Settings.read(os.environ)
    except SettingsError as fault:
        raise Failure(str(fault), ExitCode.NOT_SET_UP) from fault
    return msgspec.structs.replace(settings, **{k: v for k, v in changes.items() if v is not None})


@contextmanager
def database_of(
    settings: Settings, *, owner: Needs | None = None, application: Needs | None = None
) -> Iterator[Addresses]:
    """The database that the settings name, or the embedded one, running as long as it is needed.

    `owner` and `application` say what each of the two logins has to be able to do before the command begins.
    """
    if settings.database_url is not None:
        addresses = Addresses(settings.database_owner_url or settings.database_url, settings.database_url)
        has_own = addresses.owner != addresses.application
        see_that_all_is_there(
            [
                ("DATABASE_OWNER_URL" if has_own else "DATABASE_URL", addresses.owner, owner),
                ("DATABASE_URL", addresses.application, application),
            ]
        )
        yield addresses
        return
    with embedded.start(settings.data_dir) as server:
        addresses = Addresses(server.owner_url, server.application_url)
        name = "the data folder"
        see_that_all_is_there([(name, addresses.owner, owner), (name, addresses.application, application)])
        yield addresses


def see_that_all_is_there(each: Sequence[tuple[str, str, Needs | None]]) -> None:
    """Connect to each database that a command needs, before it does anything. Raises `StartError`."""
    for variable, url, needs in each:
        if needs is not None:
            see_that_it_is_there(variable, url, needs)


@contextmanager
def said_plainly() -> Iterator[None]:
    """What goes wrong, in one sentence in place of a traceback."""
    try:
        yield
    except StartError as fault:
        raise Failure(str(fault), fault.code) from fault
    except MigrationError as fault:
        # It may list statements, each on a line of its own, for an administrator to paste.
        error = error_after_start(fault)
        raise Failure(str(fault), error.code if error else ExitCode.NOT_SET_UP) from fault
    except (PostgresError, QuickstartError, ListenError) as fault:
        raise Failure(str(fault), ExitCode.NOT_SET_UP) from fault
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        error = error_after_start(fault)
        raise Failure(str(error or fault), error.code if error else ExitCode.FAILED) from fault
    except Refusal as refusal:
        faults = "".join(f"\n  {fault.pointer}: {render(fault.detail, 'en')}" for fault in refusal.faults)
        error = error_after_start(refusal)
        if error is not None:
            raise Failure(str(error), error.code) from refusal
        raise Failure(f"{refusal}{faults}") from refusal


@contextmanager
def until_stopped(settings: Settings, sentence: str) -> Iterator[None]:
    """What runs until Ctrl-C ends it, which is no failure."""
    try:
        yield
    except KeyboardInterrupt:
        if settings.log_format == "json":
            log.info("stopped")
        else:
            click.echo(f"\n{sentence}", err=True)


data_dir_option = click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Where the embedded Postgres and the passwords lie."
)
