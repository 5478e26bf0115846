"""What the commands of the program share: settings, a database, faults in one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import rich_click as click

from editorial import postgres
from editorial.core.refusals import Refusal
from editorial.migrate import MigrationError
from editorial.postgres import PostgresError
from editorial.quickstart import QuickstartError
from editorial.settings import Settings, SettingsError


class Addresses(msgspec.Struct, frozen=True):
    """Where the database is, for its owner and for the application."""

    owner: str
    application: str


def read_settings(**changes: Any) -> Settings:
    """The settings of the environment, with what the command line says on top. Exits with the faults."""
    try:
        settings = Settings.read(os.environ)
    except SettingsError as fault:
        raise click.ClickException(str(fault)) from fault
    return msgspec.structs.replace(settings, **{k: v for k, v in changes.items() if v is not None})


@contextmanager
def database_of(settings: Settings) -> Iterator[Addresses]:
    """The database that the settings name, or the embedded one, running as long as it is needed."""
    if settings.database_url is not None:
        yield Addresses(settings.database_owner_url or settings.database_url, settings.database_url)
        return
    try:
        server = postgres.start(settings.data_dir)
    except PostgresError as fault:
        raise click.ClickException(str(fault)) from fault
    with server:
        yield Addresses(server.owner_url, server.application_url)


@contextmanager
def said_plainly() -> Iterator[None]:
    """What goes wrong, in one sentence in place of a traceback."""
    try:
        yield
    except (
        MigrationError,
        PostgresError,
        QuickstartError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
    ) as fault:
        raise click.ClickException(str(fault)) from fault
    except Refusal as refusal:
        faults = "".join(f"\n  {fault.pointer}: {fault.detail}" for fault in refusal.faults)
        raise click.ClickException(f"{refusal.detail}{faults}") from refusal


data_dir_option = click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Where the embedded Postgres and the passwords lie."
)
