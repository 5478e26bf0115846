"""From an empty Debian to a newsroom: each command of the page is run, or held against what it names.

The commands run in a scratch folder, on a Postgres of their own that lets everybody in. What only root,
systemd or a package manager can do is listed here, and checked as far as it names files and units of ours.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from chaos.engines import DEPLOY, program
from chaos.installation import free_port
from editorial.database import embedded
from servers import NAME
from test_documentation import ROOT, blocks, environment, run_script

TOOLS = ("curl", "openssl", "make")
OF_DEBIAN = {"postgresql", "nginx", "prometheus"}
PASSWORD = "nine plain words are easy to remember"
MISSING = [one for one in TOOLS if program(one) is None]

# What is not run, and by which test it is held.
ELSEWHERE = (
    r"apt-get install .*",
    r"useradd --system .* editorial-(api|worker)",
    r"systemctl .*",  # test_every_unit_that_is_started_is_there, test_deploy
    r"nginx -t",  # test_deploy, test_proxy
)


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder with a short path, for a socket has to be in it."""
    with tempfile.TemporaryDirectory(prefix="editorial-way-") as name:
        yield Path(name)


class Way:
    """The page's commands, in places of our own."""

    def __init__(self, place: Path, socket: str) -> None:
        self.place = place
        self.port = free_port()
        at = quote(socket, safe="")
        self._places = (
            ("/opt/editorial", f"{place}/opt"),
            ("/etc/postgresql/15/main", f"{place}/etc/postgresql"),
            ("/etc/", f"{place}/etc/"),
            ("/usr/local/sbin/", f"{place}/bin/"),
            ("/usr/bin/python3 -m venv", f"{sys.executable} -m venv"),
            ("exec runuser -u postgres -- ", "exec "),
            ("runuser -u postgres -- ", ""),
            ("host=/var/run/postgresql", f"host={at}&port=5432"),
            ("127.0.0.1:8001", f"127.0.0.1:{self.port}"),
            ("127.0.0.1:8002", f"127.0.0.1:{self.port}"),
            (WHEEL, f"{sys.executable} -m pip {WHEEL_BY} {ROOT}"),
        )
        (place / "repository").mkdir()
        shutil.copytree(DEPLOY, place / "repository" / "deploy")
        shutil.copy(ROOT / "requirements.lock", place / "repository")
        for path in (place / "repository" / "deploy").iterdir():
            path.write_text(self.placed(path.read_text(encoding="utf-8")), encoding="utf-8")
        for folder in ("bin", "opt", "etc/postgresql", "etc/systemd/system", "etc/prometheus"):
            (place / folder).mkdir(parents=True)
        for folder in ("sites-available", "sites-enabled"):
            (place / "etc/nginx" / folder).mkdir(parents=True)
        (place / "etc/postgresql/pg_hba.conf").write_text("local all all peer\n")

    def placed(self, text: str) -> str:
        """A text with our places instead of Debian's, each of them once."""
        places = dict(self._places)
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)

    def run(self, script: str, environ: dict[str, str]) -> str:
        """Run what can be run of a block."""
        lines = [line for line in script.splitlines() if not is_elsewhere(line)]
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", self.placed("\n".join(lines))],
            cwd=self.place / "repository",
            env=environ,
            capture_output=True,
            encoding="utf-8",
            # The program is fetched and installed, on a machine that may be busy.
            timeout=900,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


WHEEL = "make wheel"
WHEEL_BY = "wheel --quiet --no-deps --no-build-isolation --wheel-dir dist"


def is_elsewhere(line: str) -> bool:
    return any(re.fullmatch(one, line) for one in ELSEWHERE) or (
        line.startswith("promtool ") and program("promtool") is None
    )


def test_every_unit_that_is_started_is_there() -> None:
    """And every file of deploy/ that is copied; no unit is left that nobody starts."""
    page = "\n".join(blocks("docs/deploy.md", "bash"))
    named = {
        one.replace("@1", "@").replace("@2", "@")
        for line in re.findall(r"^systemctl (?:enable --now|start|restart|reload) (.+)$", page, re.MULTILINE)
        for one in line.split()
    }
    known = {path.name for path in DEPLOY.iterdir()}
    units = {one if "." in one else f"{one}.service" for one in named - OF_DEBIAN}
    assert units <= known
    started = units | {one.replace(".timer", ".service") for one in units}
    assert started == {one for one in known if re.search(r"\.(service|socket|timer)$", one)}
    copied = set(re.findall(r"deploy/(\S+)", page))
    assert copied <= known
    assert started <= copied


def test_the_wheel_is_built_as_the_makefile_says() -> None:
    assert f"\t$(BIN)/pip {WHEEL_BY} .\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_way_from_an_empty_debian_leads_to_a_newsroom(place: Path) -> None:
    packages, build, users, database, people, units, proxy, watch, upgrade = blocks("docs/deploy.md", "bash")
    with embedded.start(place / "data") as server:
        (socket,) = parse_qs(urlsplit(server.owner_url).query)["host"]
        way = Way(place, socket)
        environ = environment(
            PGHOST=socket, PGPORT="5432", PGUSER=embedded.OWNER, PASSWORD_OF_ADAM=PASSWORD,
            PASSWORD_OF_HANNA=PASSWORD,
            # Modules that are never imported need not be compiled.
            PIP_NO_COMPILE="1",
        )  # fmt: skip
        environ["PATH"] = f"{place}/bin:{embedded.embedded_binaries()}:{environ['PATH']}"

        assert way.run(packages + 'echo "$NAME"', environ) == "api.digest.example.org\n"
        environ["NAME"] = "api.our.example.org"
        lines = build.splitlines()
        told = way.run(build, environ)
        assert told.startswith("editorial, version ")
        way.run(users, environ)
        settings = (place / "etc/editorial/editorial.env").read_text(encoding="utf-8")
        assert "EDITORIAL_PUBLIC_URL=https://api.our.example.org\n" in settings
        assert re.search(r"^EDITORIAL_ENCRYPTION_KEYS=\S{44}$", settings, re.MULTILINE)
        assert (place / "etc/editorial/editorial.env").stat().st_mode & 0o777 == 0o600

        told = way.run(database, environ)
        assert "applied 0001_audit" in told
        first, _ = (place / "etc/postgresql/pg_hba.conf").read_text().split("\n", 1)
        assert first == "local newsroom editorial_app peer map=editorial", "the first that fits is taken"
        assert (place / "etc/postgresql/pg_ident.conf").read_text().count("editorial_app") == 3
        assert way.run(people, environ).splitlines() == ["Added.", "Added."]

        lines_of_settings = (line.split("=", 1) for line in settings.splitlines() if re.match("[A-Z]", line))
        of_the_unit = {**dict(lines_of_settings), "EDITORIAL_DATA_DIR": str(place / "key")}
        with ServingAsTheUnit(way, environment(**of_the_unit)):
            told = way.run(units, environ)
            assert '"status":"ready"' in told
            assert "BAD" not in told
            installed = {path.name for path in (place / "etc/systemd/system").iterdir()}
            assert {"editorial@.service", "editorial-worker.service", "editorial-backup.timer"} <= installed
            signed_in = httpx.post(
                f"http://127.0.0.1:{way.port}/v1/auth/session",
                json={"email": "hanna@newsroom.example", "password": PASSWORD},
            )
            assert signed_in.status_code == 200
            for name in ("editorial-backup", "editorial-checkpoint"):
                run_service(way, name, {**environ, **of_the_unit})
            (dump,) = (place / "editorial-backup").iterdir()
            assert re.fullmatch(r"newsroom-\d{4}-\d\d-\d\d\.dump", dump.name)
            listed = run_script(f"pg_restore --list {dump}", place, environ)
            assert f"TABLE DATA public audit_entry_{datetime.now(UTC).year}" in listed
            left = sorted(path.name for path in (place / "editorial-checkpoint").iterdir())
            assert len(left) == 2
            assert (place / "editorial-checkpoint" / left[0]).read_text().startswith("editorial/trail\n")

            way.run(proxy, environ)
            assert (
                "server_name api.our.example.org;"
                in (place / "etc/nginx/sites-enabled/editorial").read_text()
            )
            told = way.run(watch, environ)
            assert program("promtool") is None or "rules found" in told

            # The program is made as it was the first time.
            again = upgrade.splitlines()
            assert [line for line in lines if line in again] == lines[:-1]
            told = way.run("\n".join(line for line in again if line not in lines), environ)
            assert "Nothing to do." in told
            assert "BAD" not in told


class ServingAsTheUnit:
    """The API as its unit starts it, but for systemd's socket, with the worker inside."""

    def __init__(self, way: Way, environ: dict[str, str]) -> None:
        self._command = [f"{way.place}/opt/.venv/bin/editorial", "serve", "--port", str(way.port)]
        self._url = f"http://127.0.0.1:{way.port}"
        self._environ = environ
        self._log = way.place / "log"

    def __enter__(self) -> None:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environ, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith(NAME), self._log.read_text()
        until = time.monotonic() + 60
        while httpx.get(f"{self._url}/metrics").text.find("editorial_seal_lag_seconds 0.0") < 0:
            assert time.monotonic() < until, "nothing is sealed"
            time.sleep(0.2)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()


def run_service(way: Way, name: str, environ: dict[str, str]) -> None:
    """Run what a service of a timer runs, in its folder."""
    folder = way.place / name
    folder.mkdir()
    unit = (DEPLOY / f"{name}.service").read_text(encoding="utf-8")
    for command in re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE):
        command = command.replace("%%", "%").replace("/usr/bin/pg_dump", "pg_dump")
        run_script(way.placed(command), folder, environ)
