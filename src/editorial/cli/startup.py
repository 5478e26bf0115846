"""What has to be so before a command begins, and what it says where it is not: one sentence with the remedy.

A command connects once to each database that it needs, before it does anything. What is wrong there is told
in place of a traceback, and the exit code says which kind of fault it is: docs/deploy.md has the list.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, IntEnum
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from editorial.audit import sealer
from editorial.audit.checkpoints import BadNote, SealKey
from editorial.database import multi_host
from editorial.database.migrate import missing_on
from editorial.database.queries import Connection
from editorial.database.transactions import NO_PRIMARY, OF_A_POOLER, SESSION, UNANSWERED, prepare_connection
from editorial.settings import Settings

CONNECTS_WITHIN = 10.0
"""Seconds after which a server that says nothing counts as away."""


class ExitCode(IntEnum):
    """How a command ends. The last three are those of BSD's sysexits.h, which systemd knows by name."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DOES_NOT_HOLD = 3
    NOT_SEALED = 4
    DATABASE_AWAY = os.EX_UNAVAILABLE
    DATABASE_REFUSES = os.EX_NOPERM
    NOT_SET_UP = os.EX_CONFIG


class StartError(Exception):
    """A command cannot begin; the text says why, and what to do."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        """Say it in one sentence or two."""
        super().__init__(sentence)
        self.code = code


class ListenError(Exception):
    """A socket cannot be listened on; the text says why and what to do."""


class QuickstartError(Exception):
    """Quickstart cannot go on; the text says why and what to do."""


class Needs(Enum):
    """How far a command has to come with a database before it begins."""

    CONNECTION = "connection"
    """It answers, and lets the login in."""
    SCHEMA = "schema"
    """And every migration of this version is applied."""
    APPLICATION = "application"
    """And the login may take on the application's role."""
    UNPRIVILEGED = "unprivileged"
    """And it is no superuser."""
    POOLER = "pooler"
    """A pooler answers, and leads to the primary."""


def see_that_it_is_there(variable: str, url: str, needs: Needs) -> None:
    """Connect to the database of a variable, once. Raises `StartError`."""
    asyncio.run(_look_at(_Place(variable, url), needs))


class _Place:
    """A database as a sentence names it: never its password."""

    def __init__(self, variable: str, url: str) -> None:
        """Read the address."""
        parts = urlsplit(url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        where = unquote(parts.netloc.rpartition("@")[2]) or asked.get("host", "")
        if where and not where.startswith("/") and "port" in asked:
            where = f"{where}:{asked['port']}"
        self.variable = variable
        self.url = url
        self.database = unquote(parts.path.removeprefix("/")) or asked.get("dbname", "")
        self.user = unquote(parts.username or "") or asked.get("user", "") or os.environ.get("PGUSER", "")
        self.where = where
        self.login = self.user or "the system user's name"
        at = f" at {where}" if where else ""
        self.name = f"The database of {variable} ({self.database or 'the default one'}{at})"
        self.server = f"The server of {variable}{f' ({where})' if where else ''}"


async def _look_at(place: _Place, needs: Needs) -> None:
    try:
        connection = await _connect(place, needs)
    except Exception as fault:
        error = error_of(fault, place)
        if error is None:
            raise
        raise error from fault
    try:
        if needs is Needs.UNPRIVILEGED:
            await _refuse_superuser(connection, place)
        if needs in {Needs.APPLICATION, Needs.UNPRIVILEGED}:
            await _take_role_on(connection, place)
        if needs not in {Needs.CONNECTION, Needs.POOLER}:
            await _see_that_it_is_migrated(connection, place)
    finally:
        await connection.close()


async def _connect(place: _Place, needs: Needs) -> Connection:
    leads_to = multi_host.Hosts(place.url, is_pooled=needs is Needs.POOLER)
    if needs is Needs.POOLER:
        return await leads_to.connect(
            timeout=CONNECTS_WITHIN, server_settings=OF_A_POOLER, statement_cache_size=0
        )
    # The session's settings do not suit a migration: it may wait for long.
    given = {} if needs is Needs.CONNECTION else {"server_settings": SESSION}
    return await leads_to.connect(timeout=CONNECTS_WITHIN, **given)


async def _refuse_superuser(connection: Connection, place: _Place) -> None:
    if await connection.fetchval("select rolsuper from pg_roles where rolname = session_user"):
        raise StartError(
            f"{place.variable} signs in as a superuser, who can rewrite the trail: a break-in "
            "into this process "
            "would be one into everything. Give it a login that is a member of editorial_app alone "
            "(docs/deploy.md), or set EDITORIAL_ALLOW_SUPERUSER=true.",
            ExitCode.DATABASE_REFUSES,
        )


async def _take_role_on(connection: Connection, place: _Place) -> None:
    has_role = await connection.fetchval(
        "select exists (select from pg_roles where rolname = 'editorial_app')"
    )
    if not has_role:
        raise _not_migrated(place, "has no role editorial_app yet")
    try:
        await prepare_connection(connection)
    except asyncpg.InsufficientPrivilegeError as fault:
        user = await connection.fetchval("select quote_ident(session_user)")
        raise StartError(
            f"The login {user} of {place.variable} is no member of the role editorial_app. An "
            "administrator of "
            f"the server has to run: grant editorial_app to {user};",
            ExitCode.DATABASE_REFUSES,
        ) from fault


async def _see_that_it_is_migrated(connection: Connection, place: _Place) -> None:
    try:
        missing = await missing_on(connection)
    except asyncpg.InsufficientPrivilegeError as fault:
        raise StartError(
            f"The login of {place.variable} may not read the schema. Give it the login that owns the schema: "
            "a member of editorial_owner (docs/deploy.md).",
            ExitCode.DATABASE_REFUSES,
        ) from fault
    if missing:
        some = f"{missing[0]} and {len(missing) - 1} more" if len(missing) > 1 else missing[0]
        raise _not_migrated(place, f"lacks migrations of this version ({some})")


def _not_migrated(place: _Place, what: str) -> StartError:
    return StartError(f"{place.name} {what}. Run `editorial migrate` first.", ExitCode.NOT_SET_UP)


Says = Callable[[BaseException, _Place], str]


def _word_of(fault: BaseException) -> str:
    """What the server or the system says, on one line."""
    return " ".join(str(fault).split()).rstrip(".") or type(fault).__name__


_AWAY, _REFUSES, _NOT_SET_UP = ExitCode.DATABASE_AWAY, ExitCode.DATABASE_REFUSES, ExitCode.NOT_SET_UP
_FAULTS: tuple[tuple[tuple[type[BaseException], ...], ExitCode, Says], ...] = (
    (
        (asyncpg.InvalidPasswordError,),
        _REFUSES,
        lambda _, at: (
            f"{at.server} does not take the password of {at.login}. Put the right one into {at.variable}."
        ),
    ),
    (
        (asyncpg.InvalidAuthorizationSpecificationError,),
        _REFUSES,
        lambda fault, at: (
            f"{at.server} does not let {at.login} in: {_word_of(fault)}. Correct the login in "
            f"{at.variable}, or "
            "what the server's roles and its pg_hba.conf allow."
        ),
    ),
    (
        (asyncpg.InvalidCatalogNameError,),
        _NOT_SET_UP,
        lambda _, at: (
            f"{at.server} has no database {at.database or at.login}. Create it as docs/deploy.md "
            "says, or correct "
            f"the name in {at.variable}."
        ),
    ),
    (
        (asyncpg.InsufficientPrivilegeError,),
        _REFUSES,
        lambda fault, at: (
            f"{at.name} does not let {at.login} in: {_word_of(fault)}. Grant the right, or "
            "correct the login in "
            f"{at.variable}."
        ),
    ),
    (
        (asyncpg.TooManyConnectionsError,),
        _AWAY,
        lambda _, at: (
            f"{at.server} has no connection left. Raise max_connections (or the login's limit), or lower "
            "EDITORIAL_POOL_SIZE and the number of processes."
        ),
    ),
    (
        (asyncpg.CannotConnectNowError,),
        _AWAY,
        lambda fault, at: f"{at.server} takes no connections now: {_word_of(fault)}. Try again in a moment.",
    ),
    (
        NO_PRIMARY,
        _NOT_SET_UP,
        lambda _, at: f"{at.server} is a replica. Let {at.variable} lead to the primary.",
    ),
    (
        (ssl.SSLError,),
        _REFUSES,
        lambda fault, at: (
            f"There is no encrypted connection to {at.server[0].lower()}{at.server[1:]}: {_word_of(fault)}. "
            f"Correct sslmode, sslrootcert or the host's name in {at.variable}, or the server's certificate."
        ),
    ),
    (
        (socket.gaierror,),
        _AWAY,
        lambda fault, at: (
            f"The host of {at.variable} ({at.where}) is not known: {_word_of(fault)}. Correct the "
            "name, or look "
            "at this machine's DNS."
        ),
    ),
    (
        (TimeoutError,),
        _AWAY,
        lambda _, at: (
            f"{at.server} does not answer. See whether it runs, and whether a firewall is in the way."
        ),
    ),
    (
        (ConnectionRefusedError, FileNotFoundError),
        _AWAY,
        lambda _, at: (
            f"Nothing listens where {at.variable} leads{f' ({at.where})' if at.where else ''}. "
            "Start the server, or "
            "correct the host and the port."
        ),
    ),
    (
        (asyncpg.ClientConfigurationError, ValueError),
        _NOT_SET_UP,
        lambda fault, at: f"{at.variable} cannot be used as an address: {_word_of(fault)}. Correct it.",
    ),
    (
        (OSError, asyncpg.PostgresError, asyncpg.InterfaceError),
        _AWAY,
        lambda fault, at: (
            f"{at.name} cannot be reached: {_word_of(fault)}. See whether the server runs, and correct "
            f"{at.variable} if it does not lead there."
        ),
    ),
)
"""What can go wrong on the way to a database, the special before the general, and what is said of it."""


def error_of(fault: BaseException, place: _Place) -> StartError | None:
    """What a fault of a connection means to the person who started the command."""
    # asyncio joins the faults of several addresses of one host into a text.
    if type(fault) is OSError and "Errno 111" in str(fault):
        fault = ConnectionRefusedError(str(fault))
    if isinstance(fault, ConnectionError) and "SSL upgrade" in str(fault):
        fault = ssl.SSLError("the server does not speak TLS, and the address asks for it")
    for kinds, code, says in _FAULTS:
        if isinstance(fault, kinds):
            return StartError(says(fault, place), code)
    return None


def see_that_the_key_can_be_used(settings: Settings) -> None:
    """Whether a process that seals could read its key, or keep a new one. Raises `StartError`."""
    path = sealer.key_file(settings)
    with _files_of(path):
        if path.exists():
            SealKey.read(path.read_text(encoding="utf-8"))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied", str(path.parent))


@contextmanager
def _files_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (BadNote, UnicodeDecodeError) as fault:
        raise StartError(
            f"{path} is no key that seals the trail. Put the right file there; where the key is "
            "lost, remove this "
            "one and run `editorial audit new-key --old-is-lost`.",
            ExitCode.NOT_SET_UP,
        ) from fault
    except OSError as fault:
        raise StartError(
            f"The key that seals the trail cannot be used: {fault.strerror}: "
            f"{fault.filename or path}. Let this "
            "process's user read and write the folder of EDITORIAL_DATA_DIR (or --data-dir), or "
            "choose another.",
            ExitCode.NOT_SET_UP,
        ) from fault


WAY = (
    *UNANSWERED,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)
"""What is a fault of the way to the database, and not of what was asked there."""


def error_after_start(fault: BaseException) -> StartError | None:
    """What a fault means that comes up later, where the way to the database is its cause."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, WAY) and not _is_of_a_file(cause):
            return error_of(cause, _Place("DATABASE_URL", os.environ.get("DATABASE_URL", "")))
        cause = cause.__cause__
    return None


def _is_of_a_file(fault: BaseException) -> bool:
    return isinstance(fault, OSError) and fault.filename is not None
