"""`editorial audit`: verify the trail, prove what is in it, check such proofs, replace the key.

Exit codes: 0 it holds; 2 the command line is wrong; 3 it does not hold; 4 it holds, and entries have waited
for their seal for longer than they should; anything else: it could not be looked at (`editorial.cli.startup`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import msgspec
import rich_click as click

from editorial.audit import sealer
from editorial.audit import verify as audit_verify
from editorial.audit.checkpoints import BadNote, Note, PublicKey
from editorial.audit.merkle import ForgedProof
from editorial.audit.tampering import Tampered
from editorial.cli.common import Failure, Progress, data_dir_option, database_of, read_settings, said_plainly
from editorial.cli.startup import ExitCode, Needs
from editorial.database import multi_host
from editorial.database.access import Database
from editorial.database.queries import Connection
from editorial.database.transactions import prepare_connection

Answer = TypeVar("Answer")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
key_option = click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="A public key that you know to be this trail's, as GET /v1/trail/keys gives it. May be repeated.",
)


@click.group("audit")
def audit_group() -> None:
    """Prove that the trail is what it was. See docs/trail.md."""


@audit_group.command("verify")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere. May be repeated.",
)
@key_option
@json_option
@data_dir_option
def verify_command(
    checkpoints: tuple[Path, ...], keys: tuple[str, ...], as_json: bool, data_dir: Path | None
) -> None:
    """Verify the whole trail, and every row against it. Names the first fault, and exits with 3."""
    settings = read_settings(data_dir=data_dir)
    kept, trusted = [_note(path) for path in checkpoints], [_key(line) for line in keys]
    with said_plainly(), Progress() as progress, database_of(settings, owner=Needs.SCHEMA) as database:
        try:
            found = asyncio.run(
                audit_verify.verify(database.owner, kept=kept, trusted=trusted, tell=progress.count)
            )
        except Tampered as fault:
            progress.end()
            _tell_fault(fault, as_json)
    is_late = found.unsealed_seconds > sealer.LATE
    if as_json:
        told = {"verified": True, "sealed_in_time": not is_late, **msgspec.structs.asdict(found)}
        click.echo(msgspec.json.encode(told))
    else:
        _tell_found(found, keeps_none=not kept)
        if is_late:
            click.echo(
                f"The oldest of them has waited for {found.unsealed_seconds:.0f} seconds: no worker seals. "
                "Start one that has the key in its EDITORIAL_DATA_DIR; `editorial doctor` says "
                "where the key is.",
                err=True,
            )
    if is_late:
        raise SystemExit(ExitCode.NOT_SEALED)


def _tell_found(found: audit_verify.Verified, *, keeps_none: bool) -> None:
    click.echo(
        f"The trail holds: {found.size} entries under {found.checkpoints} checkpoints, "
        f"{found.rows} rows that it explains.\n"
        f"root  {found.root}\n" + "\n".join(f"key   {key}" for key in found.keys)
    )
    if found.unsealed:
        click.echo(f"{found.unsealed} entries wait to be sealed: of them nothing is proved yet.")
    if keeps_none:
        click.echo(
            "No checkpoint that was kept elsewhere was given (--checkpoint). Without one, an owner who signed "
            "everything again goes unnoticed."
        )


def _tell_fault(fault: Tampered, as_json: bool) -> NoReturn:
    if as_json:
        told = {"verified": False, "fault": {"kind": fault.kind, "says": str(fault), **fault.where}}
        click.echo(msgspec.json.encode(told))
    else:
        click.echo(f"{fault.kind}: {fault}", err=True)
        for name, value in fault.where.items():
            click.echo(f"  {name}: {value}", err=True)
    raise SystemExit(ExitCode.DOES_NOT_HOLD)


@audit_group.command("checkpoint")
@data_dir_option
def checkpoint_command(data_dir: Path | None) -> None:
    """Print the newest checkpoint, to be kept elsewhere."""

    async def newest(connection: Connection) -> str:
        row = await sealer.sql.newest_checkpoint(connection)
        if row is None:
            raise Failure("The trail has not been sealed yet.")
        note: str = row["note"]
        return note

    click.echo(_ask(newest, data_dir), nl=False)


@audit_group.command("keys")
@data_dir_option
def keys_command(data_dir: Path | None) -> None:
    """Print the public keys that have signed, the present one last."""

    async def listed(connection: Connection) -> list[str]:
        return [row["verifier"] for row in await sealer.sql.list_keys(connection)]

    for line in _ask(listed, data_dir):
        click.echo(line)


@audit_group.command("prove")
@click.argument("entry", type=click.UUID)
@data_dir_option
def prove_command(entry: UUID, data_dir: Path | None) -> None:
    """Print a proof, as JSON, that an entry is in the trail. Whoever reads it reads the entry."""
    _print_proof(lambda connection: sealer.prove(connection, entry), data_dir)


@audit_group.command("consistency")
@click.argument("earlier", type=click.IntRange(0))
@click.argument("later", type=click.IntRange(0), default=0)
@data_dir_option
def consistency_command(earlier: int, later: int, data_dir: Path | None) -> None:
    """Print a proof, as JSON, that a checkpoint only added to an earlier one.

    The two are named by their sizes; without a later one, it is the newest.
    """
    _print_proof(lambda connection: sealer.extend(connection, earlier, later), data_dir)


@audit_group.command("check")
@click.argument("proof", type=click.File("rb"))
@key_option
@json_option
def check_command(proof: Any, keys: tuple[str, ...], as_json: bool) -> None:
    """Check a proof without any database, against the keys that you know. Exits with 3 where it fails."""
    if not keys:
        raise click.UsageError("Say which keys you trust: --key, as often as needed.")
    trusted = [_key(line) for line in keys]
    try:
        given = msgspec.json.decode(proof.read(), type=dict[str, Any])
        if "leaf" in given:
            shown = msgspec.convert(given, sealer.Proof)
            tree = sealer.check_proof(shown, trusted)
            told: dict[str, Any] = {
                "position": shown.position,
                "size": tree.size,
                "entry": msgspec.json.decode(shown.leaf),
            }
            says = f"Leaf {shown.position} of {tree.size} under {tree.origin} is this entry:\n{shown.leaf}"
        else:
            old, new = sealer.check_extension(msgspec.convert(given, sealer.Extension), trusted)
            told = {"earlier": old.size, "later": new.size}
            says = (
                f"The {new.size} leaves of {new.origin} begin with the {old.size} of the earlier checkpoint."
            )
    except msgspec.MsgspecError as fault:
        raise Failure(f"This is no proof of ours: {fault}") from fault
    except (BadNote, ForgedProof) as fault:
        if as_json:
            click.echo(msgspec.json.encode({"proved": False, "says": str(fault)}))
        else:
            click.echo(f"This proves nothing. {fault}", err=True)
        raise SystemExit(ExitCode.DOES_NOT_HOLD) from fault
    click.echo(msgspec.json.encode({"proved": True, **told}) if as_json else says)


@audit_group.command("new-key")
@click.option(
    "--old-is-lost",
    is_flag=True,
    help="Go on without the old key's signature; `verify` then needs --key.",
)
@data_dir_option
def new_key_command(old_is_lost: bool, data_dir: Path | None) -> None:
    """Replace the key that signs. The old one signs a last checkpoint together with the new one."""
    settings = read_settings(data_dir=data_dir)

    async def replace(url: str) -> PublicKey:
        db = Database(url, pool_size=1)
        await db.open()
        try:
            return await sealer.replace_key(db, settings, old_is_lost=old_is_lost)
        finally:
            await db.close()

    with said_plainly(), _found(), database_of(settings, application=Needs.APPLICATION) as database:
        key = asyncio.run(replace(database.application))
    click.echo(key)


def _print_proof(prove: Callable[[Connection], Awaitable[msgspec.Struct]], data_dir: Path | None) -> None:
    click.echo(msgspec.json.encode(_ask(prove, data_dir)))


def _ask(question: Callable[[Connection], Awaitable[Answer]], data_dir: Path | None) -> Answer:
    """What the application may read of the trail."""
    settings = read_settings(data_dir=data_dir)

    async def ask(url: str) -> Answer:
        connection = await multi_host.connect(
            url, server_settings={"search_path": "public", "timezone": "UTC"}
        )
        try:
            await prepare_connection(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await question(connection)
        finally:
            await connection.close()

    with said_plainly(), _found(), database_of(settings, application=Needs.APPLICATION) as database:
        return asyncio.run(ask(database.application))


@contextmanager
def _found() -> Iterator[None]:
    """What is not there is said in one sentence."""
    try:
        yield
    except sealer.NotSealed as fault:
        raise Failure(str(fault)) from fault


def _note(path: Path) -> Note:
    try:
        return Note.read(path.read_text(encoding="utf-8"))
    except (BadNote, UnicodeDecodeError) as fault:
        raise Failure(f"{path}: {fault}") from fault


def _key(line: str) -> PublicKey:
    try:
        return PublicKey.read(line)
    except BadNote as fault:
        raise click.UsageError(f"--key {line}: {fault}") from fault
