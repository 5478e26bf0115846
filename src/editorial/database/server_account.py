"""The system user that runs the embedded PostgreSQL where we are root, and what it may reach.

PostgreSQL refuses to run as root. The user needs the data, the programs, and every folder on the way to them.
"""

import contextlib
import logging
import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path

ROOTS_SUBSTITUTE = "editorial-postgres"
"""The system user that runs the server when we are root."""

_log = logging.getLogger(__name__)


class AccountError(Exception):
    """No user can run the server; the text says why, and what to do."""


def account_of(path: Path) -> pwd.struct_passwd:
    """Return the user that runs the server when we are root: the owner of its data, or our own user."""
    if path.exists():
        owner = path.stat().st_uid
        if owner == 0:
            raise AccountError(
                f"{path} belongs to root, as whom PostgreSQL refuses to run: give it away with "
                f"chown -R, for example to {ROOTS_SUBSTITUTE}."
            )
        try:
            return pwd.getpwuid(owner)
        except KeyError as error:
            raise AccountError(
                f"{path} belongs to the user number {owner}, whom this system does not know."
            ) from error
    return account_for_root()


def account_for_root() -> pwd.struct_passwd:
    """Our own system user, which is made where there is none yet."""
    try:
        return pwd.getpwnam(ROOTS_SUBSTITUTE)
    except KeyError:
        return _new_account()


def _new_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    complaint = "there is no useradd"
    # Another process may hold the list of users, or make the very same one.
    for _ in range(50 if useradd else 0):
        made = subprocess.run(  # noqa: S603 - the system's own program, and no shell
            (
                *(str(useradd), "--system", "--user-group", ROOTS_SUBSTITUTE, "--no-create-home"),
                *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"),
            ),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(ROOTS_SUBSTITUTE)
        complaint = made.stderr.strip()
        time.sleep(0.1)
    raise AccountError(
        f"PostgreSQL refuses to run as root, and the user {ROOTS_SUBSTITUTE} can't be created "
        f"({complaint}): create it, run Editorial as an ordinary user, or set DATABASE_URL."
    )


def open_the_way(path: Path, account: pwd.struct_passwd) -> None:
    """Let `account` pass through the folders that lead to `path`."""
    for folder in path.parents:
        found = folder.stat()
        if found.st_uid == account.pw_uid:
            passable = found.st_mode & stat.S_IXUSR
        elif found.st_gid == account.pw_gid:
            passable = found.st_mode & stat.S_IXGRP
        else:
            passable = found.st_mode & stat.S_IXOTH
        if not passable:
            _log.warning("%s is opened for %s to pass through", folder, account.pw_name)
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def open_the_package(package: Path) -> None:
    """Make the package's files readable despite the installer's umask: they are not secret."""
    if (package / "pginstall" / "share" / "postgres.bki").stat().st_mode & stat.S_IROTH:
        return
    for folder in (package.with_name(f"{package.name}.libs"), package):
        for path in (folder, *folder.rglob("*")):
            if path.exists() and not path.is_symlink():
                mode = stat.S_IMODE(path.stat().st_mode)
                passing = stat.S_IXOTH if path.is_dir() or mode & stat.S_IXUSR else 0
                path.chmod(mode | stat.S_IROTH | passing)
