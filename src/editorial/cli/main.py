"""The program `editorial`.

The API, and what belongs to it, is imported by the commands that need it: the others start in half the time.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import msgspec
import rich_click as click

from editorial.cli import doctor as doctors
from editorial.cli.audit import audit_group
from editorial.cli.common import (
    Failure,
    Program,
    Progress,
    data_dir_option,
    database_of,
    read_settings,
    said_plainly,
    see_that_all_is_there,
    until_stopped,
)
from editorial.cli.demo import DemoPerson
from editorial.cli.startup import ExitCode, Needs, see_that_the_key_can_be_used
from editorial.core.permissions import SYSTEM, Role
from editorial.database import dead_rows
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.identity import authentication
from editorial.published import dictionary
from editorial.settings import Settings
from editorial.telemetry import logs

if TYPE_CHECKING:
    from editorial.identity.mail import Link

T = TypeVar("T")


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="editorial")
def main() -> None:
    """The editorial API of a newsroom. Settings come from the environment; see docs/deploy.md."""


@main.command("quickstart")
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes any that is free.")
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready, and nothing else.")
@click.option("--demo/--no-demo", default=True, help="With four weeks of commentaries, or with people only.")
def quickstart_command(
    host: str | None, port: int | None, data_dir: Path | None, as_json: bool, demo: bool
) -> None:
    """Start a whole newsroom: database, people, demo, server. Prints addresses and sign-ins."""
    from editorial.cli import quickstart, serve

    settings = read_settings(host=host, port=port, data_dir=data_dir)
    if settings.smtp_url is None:
        settings = msgspec.structs.replace(settings, smtp_url="print:")
    logs.configure(settings.log_format)
    any_port = port is None and "EDITORIAL_PORT" not in os.environ
    stopped = f"Stopped. All of it is kept in {settings.data_dir}: the same command goes on with it."
    with said_plainly(), until_stopped(settings, stopped), Progress(is_quiet=as_json) as progress:
        listening = serve.listen(settings.host, settings.port, or_any=any_port)
        progress.step("Starting the database …")
        with database_of(settings, owner=Needs.CONNECTION) as database:
            people = asyncio.run(
                quickstart.prepare(
                    settings, database.owner, database.application, demo=demo, progress=progress
                )
            )
            progress.step("Starting the server …")
            address = serve.address_of(listening)
            say = announce_json if as_json else announce

            def ready() -> None:
                progress.end()
                say(address, people)

            serve.serve_api(settings, database.application, listening, ready)


def announce_json(address: str, people: list[DemoPerson]) -> None:
    """One line that a program can read."""
    who = [
        {"email": one.email, "password": one.password, "roles": one.roles, "languages": one.languages}
        for one in people
    ]
    click.echo(msgspec.json.encode({"url": address, "people": who}).decode())
    sys.stdout.flush()


def announce(address: str, people: list[DemoPerson]) -> None:
    """Addresses and sign-ins, for a person."""
    click.echo(f"Editorial is ready at {address}\n  documentation  {address}/docs")
    click.echo(f"  published      {address}/v1/published/be\n\nSign in with:")
    for one in people:
        part = ", ".join([*one.roles, *one.languages])
        click.echo(f"  {one.email:<32} {one.password:<24} {part}")
    click.echo("\nCtrl-C stops it.")
    sys.stdout.flush()


@main.command("serve")
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes any that is free.")
@click.option(
    "--fd",
    type=click.IntRange(3),
    help="The number of a listening socket that is left open for us, as systemd does: 3.",
)
@data_dir_option
def serve_command(host: str | None, port: int | None, fd: int | None, data_dir: Path | None) -> None:
    """Serve the API on a migrated database. Several may share one socket (--fd)."""
    from editorial.cli import serve

    settings = read_settings(host=host, port=port, data_dir=data_dir)
    logs.configure(settings.log_format)
    with said_plainly(), until_stopped(settings, "Stopped."):
        if settings.worker_in_serve:
            see_that_the_key_can_be_used(settings)
        listening = (
            serve.listen(settings.host, settings.port, or_any=False)
            if fd is None
            else serve.inherited_socket(fd)
        )
        address = serve.address_of(listening)
        with database_of(settings, application=_needs_of_a_process(settings)) as database:
            if settings.database_url is None:
                asyncio.run(migrate(database.owner))
            if settings.database_pooler_url is not None:
                see_that_all_is_there([("DATABASE_POOLER_URL", settings.database_pooler_url, Needs.POOLER)])
            serve.serve_api(
                settings,
                database.application,
                listening,
                lambda: click.echo(f"Editorial is ready at {address}"),
            )


def _needs_of_a_process(settings: Settings) -> Needs | None:
    """What the login has to be able to do of a process that runs for long. The embedded server is ours."""
    if settings.database_url is None:
        return None
    return Needs.APPLICATION if settings.allow_superuser else Needs.UNPRIVILEGED


@main.command("worker")
@click.option("--host", help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Where it answers /healthz, /readyz and /metrics; 0 takes any port that is free.",
)
@data_dir_option
def worker_command(host: str | None, port: int, data_dir: Path | None) -> None:
    """Do what happens by itself: due schedules, claims that ran out. Any number may run."""
    from editorial.cli import serve

    settings = read_settings(host=host, data_dir=data_dir)
    logs.configure(settings.log_format)
    with said_plainly(), until_stopped(settings, "Stopped."):
        see_that_the_key_can_be_used(settings)
        listening = serve.listen(settings.host, port, or_any=False)
        address = serve.address_of(listening)
        with database_of(
            settings, application=_needs_of_a_process(settings) or Needs.APPLICATION
        ) as database:
            serve.serve_worker(
                settings,
                database.application,
                listening,
                lambda: click.echo(f"The worker answers at {address}"),
            )


@main.command("migrate")
@data_dir_option
def migrate_command(data_dir: Path | None) -> None:
    """Bring the database to the present schema. Safe to run by many at once."""
    settings = read_settings(data_dir=data_dir)
    with (
        said_plainly(),
        Progress() as progress,
        database_of(settings, owner=Needs.CONNECTION) as database,
    ):
        applied = asyncio.run(migrate(database.owner, tell=progress.count))
    click.echo("\n".join(f"applied {name}" for name in applied) or "Nothing to do.")


@main.command("reindex")
@data_dir_option
def reindex_command(data_dir: Path | None) -> None:
    """Take the server's Belarusian dictionary into use, or give up one that is gone, and index anew."""
    settings = read_settings(data_dir=data_dir)
    with said_plainly(), Progress() as progress, database_of(settings, owner=Needs.SCHEMA) as database:
        progress.step("Looking for the Belarusian dictionary …")
        why_not = asyncio.run(dictionary.renew(database.owner))
        progress.step("Indexing what is live …")
        renewed = asyncio.run(dictionary.reindex(database.owner, tell=progress.count))
    click.echo(
        "The Belarusian dictionary is in use."
        if why_not is None
        else f"No Belarusian dictionary is in use: {why_not}. Words are found by their beginnings."
    )
    click.echo(f"Texts that were indexed again: {renewed}.")


@main.group("people")
def people_group() -> None:
    """The people of the newsroom."""


@people_group.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True, help="The display name.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in sorted(Role)])
)
@click.option(
    "--language", "languages", multiple=True, help="For translators: a language they translate into."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@data_dir_option
def people_add(
    email: str,
    name: str,
    roles: tuple[str, ...],
    languages: tuple[str, ...],
    password_stdin: bool,
    data_dir: Path | None,
) -> None:
    """Add a person who can sign in: the first administrator and coordinators of a new installation.

    A coordinator is added as the owner of the database (DATABASE_OWNER_URL).
    """
    from editorial.identity.people import add_person

    settings = read_settings(data_dir=data_dir)
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )

    async def add(db: Database) -> None:
        await add_person(
            db,
            actor=SYSTEM,
            email=email,
            display_name=name,
            roles=[Role(role) for role in roles],
            languages=list(languages),
            password=password,
            settings=settings,
        )

    as_owner = Role.COORDINATOR in roles
    owner, application = (Needs.SCHEMA, None) if as_owner else (None, Needs.APPLICATION)
    with said_plainly(), database_of(settings, owner=owner, application=application) as database:
        address = database.owner if as_owner else database.application
        asyncio.run(_with_database(address, add, as_owner=as_owner))
    click.echo("Added.")


@people_group.command("appoint-coordinator")
@click.argument("whom")
@data_dir_option
def people_appoint_coordinator(whom: str, data_dir: Path | None) -> None:
    """Make a person a coordinator, by e-mail address or id, where no coordinator can confirm it.

    It works as the owner of the database (DATABASE_OWNER_URL). Both parts of the trail tell of it, and every
    coordinator is written to.
    """
    from editorial.identity.coordinators import appoint_coordinator

    settings = read_settings(data_dir=data_dir)

    async def appoint(db: Database) -> None:
        await appoint_coordinator(db, settings, SYSTEM, whom)

    with said_plainly(), database_of(settings, owner=Needs.SCHEMA) as database:
        asyncio.run(_with_database(database.owner, appoint, as_owner=True))
    click.echo("They are a coordinator now.")


@people_group.command("link")
@click.argument("whom")
@data_dir_option
def people_link(whom: str, data_dir: Path | None) -> None:
    """Make a link by which a person sets a new password, by e-mail address or id. Give it to them alone.

    Both parts of the trail tell of it. Older links lead nowhere any more.
    """
    from editorial.identity.invitations import make_link

    settings = read_settings(data_dir=data_dir)

    async def made(db: Database) -> "Link":
        ring = await authentication.Credentials(db, settings).ring()
        return await make_link(db, settings, ring, SYSTEM, whom)

    with said_plainly(), database_of(settings, application=Needs.APPLICATION) as database:
        link = asyncio.run(_with_database(database.application, made))
    page = settings.password_page_url
    click.echo(f"{page}#token={link.token}" if page else link.token)
    click.echo(f"It works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


async def _with_database(
    address: str, work: Callable[[Database], Awaitable[T]], *, as_owner: bool = False
) -> T:
    db = Database(address, pool_size=1, as_owner=as_owner)
    try:
        await db.open()
    except asyncpg.InsufficientPrivilegeError as fault:
        raise click.ClickException(
            "This needs the rights of the database's owner: set DATABASE_OWNER_URL to a login that has them."
        ) from fault
    try:
        return await work(db)
    finally:
        await db.close()


@people_group.command("erase")
@click.argument("whom")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@data_dir_option
def people_erase(whom: str, yes: bool, data_dir: Path | None) -> None:
    """Erase a person, by e-mail address or id: name, address, sign-ins, the link to bylines. For good."""
    from editorial.identity.erasure import erase

    settings = read_settings(data_dir=data_dir)
    if not yes:
        click.confirm(f"Erase {whom}? There is no way back", abort=True)
    with said_plainly(), database_of(settings, application=Needs.APPLICATION) as database:
        erased = asyncio.run(_with_database(database.application, lambda db: erase(db, SYSTEM, whom)))
        click.echo(f"Erased. What they did stays, as done by {erased}.")
        try:
            _vacuum(database.owner)
        except click.ClickException as fault:
            # The person is erased all the same.
            click.echo(fault.message, err=True)


@people_group.command("vacuum")
@data_dir_option
def people_vacuum(data_dir: Path | None) -> None:
    """Take from the disk what people who were erased have left in the files of the database.

    `people erase` does so by itself. Run this after an erasure through the API, at a quiet hour.
    """
    settings = read_settings(data_dir=data_dir)
    with said_plainly(), database_of(settings, owner=Needs.SCHEMA) as database:
        _vacuum(database.owner)


def _vacuum(owner_url: str) -> None:
    try:
        in_use = asyncio.run(dead_rows.remove(owner_url))
    except asyncpg.InsufficientPrivilegeError as fault:
        raise click.ClickException(
            "The tables were not vacuumed, which only their owner may do: old rows are still on the disk. "
            "Name the owner in DATABASE_OWNER_URL, and run `editorial people vacuum`."
        ) from fault
    if in_use:
        raise click.ClickException(
            f"In use, and not vacuumed: {', '.join(in_use)}. Run `editorial people vacuum` at a quiet hour."
        )
    click.echo("No table has old rows of theirs any more. docs/erasure.md says what else is on the disk.")


@main.group("keys")
def keys_group() -> None:
    """The keys that sign access tokens."""


@keys_group.command("list")
@data_dir_option
def keys_list(data_dir: Path | None) -> None:
    """List every key: when it came, when it signs, and what became of it."""

    async def listed(db: Database) -> list[authentication.SigningKeyTimes]:
        async with db.read() as connection:
            return await authentication.sql.list_all_signing_keys(connection)

    settings = read_settings(data_dir=data_dir)
    with said_plainly(), database_of(settings, application=Needs.APPLICATION) as database:
        for key in asyncio.run(_with_database(database.application, listed)):
            told = [f"signs from {key.signs_from:%Y-%m-%d %H:%M:%S %Z}"]
            if key.retired_at is not None:
                told.append(f"until {key.retired_at:%Y-%m-%d %H:%M:%S %Z}")
            if key.distrusted_at is not None:
                told.append(f"distrusted {key.distrusted_at:%Y-%m-%d %H:%M:%S %Z}")
            click.echo(f"{key.id}  {', '.join(told)}")


@keys_group.command("rotate")
@click.option(
    "--after",
    type=click.IntRange(0, 86_400),
    default=authentication.ANNOUNCED_SECONDS,
    show_default=True,
    help="Seconds for which the new key is published before it signs.",
)
@click.option(
    "--distrust",
    is_flag=True,
    help="After a theft: sign with the new key now, take nothing that the others made. Signs all out.",
)
@data_dir_option
def keys_rotate(after: int, distrust: bool, data_dir: Path | None) -> None:
    """Add a key in place of the present one. Running servers notice by themselves."""
    settings = read_settings(data_dir=data_dir)
    with said_plainly(), database_of(settings, application=Needs.APPLICATION) as database:
        key = asyncio.run(
            _with_database(
                database.application,
                lambda db: authentication.rotate_keys(db, after=after, distrust=distrust),
            )
        )
    click.echo(f"{key} signs {'now' if distrust or not after else f'in {after} seconds'}.")


@keys_group.command("distrust")
@click.argument("key")
@data_dir_option
def keys_distrust(key: str, data_dir: Path | None) -> None:
    """Take nothing any more that a retired key has made: neither access nor refresh tokens, nor links."""
    settings = read_settings(data_dir=data_dir)
    with said_plainly(), database_of(settings, application=Needs.APPLICATION) as database:
        found = asyncio.run(
            _with_database(database.application, lambda db: authentication.distrust_key(db, key))
        )
    if not found:
        raise Failure("There is no retired key of that name. Rotate first; `keys list` names them.")
    click.echo("Distrusted.")


@main.command("openapi")
def openapi_command() -> None:
    """Print the OpenAPI document."""
    from editorial.app import app_without_database
    from editorial.web.openapi import as_yaml, document

    click.echo(as_yaml(document(app_without_database())), nl=False)


@main.command("workflow")
def workflow_command() -> None:
    """Print docs/workflow.md: the machines as tables and diagrams."""
    from editorial.core.workflow_document import workflow_document

    click.echo(workflow_document(), nl=False)


@main.command("need-to-know")
def need_to_know_command() -> None:
    """Print docs/need-to-know.md: who may learn what, as a table."""
    from editorial.core.need_to_know import need_to_know_document

    click.echo(need_to_know_document(), nl=False)


@main.command("settings")
def settings_command() -> None:
    """Print docs/settings.md: each environment variable, its default and its meaning."""
    from editorial.cli.settings_page import settings_document

    click.echo(settings_document(), nl=False)


@main.command("doctor")
@data_dir_option
def doctor_command(data_dir: Path | None) -> None:
    """Look the installation over, and say what is wrong. Exits with 1 where something is."""
    settings = read_settings(data_dir=data_dir)
    needs = Needs.CONNECTION
    with said_plainly(), database_of(settings, owner=needs, application=needs) as database:
        findings = asyncio.run(doctors.examine(database.owner, database.application, settings))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.is_well else 'BAD '} {finding.says}")
    if not all(finding.is_well for finding in findings):
        raise SystemExit(ExitCode.FAILED)


main.add_command(audit_group)
