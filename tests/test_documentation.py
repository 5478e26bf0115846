"""What the documentation shows, done: its commands run, its names and links lead somewhere."""

import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from editorial.audit.tampering import Kind
from editorial.cli.settings_page import settings_document
from editorial.database import embedded
from editorial.database.migrate import MigrationError, migrate

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in ROOT.glob("*.md") if path.name != "README.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
]
with_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="the commands of this page are NOT run here: they need curl"
)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, kind: str) -> list[str]:
    """The fenced blocks of one kind on a page, in order."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page(name), flags=re.DOTALL | re.MULTILINE)


def variables(name: str) -> list[str]:
    """The variables that a page asks its reader to set."""
    return re.findall(r"([A-Z]+)=", "".join(blocks(name, "text")))


def environment(**more: str) -> dict[str, str]:
    """A bare environment: nobody's settings, the poorest locale, our own programs first."""
    ours = ("EDITORIAL_", "DATABASE_", "PG")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**bare, "LC_ALL": "C", "PATH": f"{PROGRAMS}{os.pathsep}{bare['PATH']}", **more}


def run_script(script: str, place: Path, environ: dict[str, str]) -> str:
    """Run a page's commands as one script that ends at the first failure, and return what they print."""
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        cwd=place,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder with a short path, for a socket has to be in it."""
    with tempfile.TemporaryDirectory(prefix="editorial-docs-") as name:
        yield Path(name)


@contextmanager
def running(command: list[str], place: Path, environ: dict[str, str]) -> Iterator[str]:
    """Start a server, give the first line that it prints, and stop it."""
    pipe = subprocess.PIPE
    with (
        (place / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=pipe, stderr=log, env=environ, encoding="utf-8") as server,
    ):
        assert server.stdout is not None
        try:
            select.select([server.stdout], [], [], 60)
            line = server.stdout.readline() if server.poll() is None else ""
            assert line, (place / "log").read_text(encoding="utf-8")
            yield line
        finally:
            server.terminate()
            server.wait(timeout=30)


@with_curl
def test_the_tour_through_the_demo_ends_with_the_published_page(place: Path) -> None:
    quickstart = [str(PROGRAMS / "editorial"), "quickstart", "--json", "--port", "0"]
    command = [*quickstart, "--data-dir", str(place / "data")]
    with running(command, place, environment()) as line:
        assert "request" not in (place / "log").read_text(encoding="utf-8"), "loading the demo fills the log"
        ready = json.loads(line)
        passwords = {
            re.split(r"[.@]", person["email"])[0].upper(): person["password"] for person in ready["people"]
        }
        known = {"URL": ready["url"]} | passwords
        given = environment(**{name: known[name] for name in variables("README.md")})
        first = run_script("\n".join(blocks("README.md", "sh")), place, given)
        given = environment(**{name: known[name] for name in variables("docs/tour.md")})
        told = run_script("\n".join(blocks("docs/tour.md", "sh")), place, given)
    assert first.startswith('{"data":[{')
    assert first.splitlines()[-1].startswith("draft ['edit', 'submit', ")
    for heard in (
        "428 precondition-required",
        "412 precondition-failed",
        "404 not-found",
        "draft Which?",
        "ready ",
    ):
        assert heard in told
    assert "The text was read and approved (revision 2). — Ганна С." in told
    assert "<target>Экспарт збожжа падае трэці месяц запар\n" in told
    assert told.splitlines()[-3:] == [
        "Экспарт збожжа падае трэці месяц запар",
        "22–28 ліпеня 2024",
        "<p>Порты апрацавалі на <strong>12 %</strong> менш, чым месяц таму.</p>",
    ]


async def test_an_installation_is_made_and_restored_as_the_page_on_deploying_says(place: Path) -> None:
    make, begin, restore = blocks("docs/deploy.md", "sh")
    (statements,) = blocks("docs/deploy.md", "sql")
    (serve,) = (one for one in blocks("docs/deploy.md", "text") if "editorial serve" in one)
    password = "nine plain words are easy to remember"
    with embedded.start(place / "data") as server:
        (socket,) = parse_qs(urlsplit(server.owner_url).query)["host"]
        at = f"host={quote(socket, safe='')}&port=5432"
        programs = environment(PGHOST=socket, PGPORT="5432", PGUSER=embedded.OWNER)
        programs["PATH"] = f"{embedded.embedded_binaries()}{os.pathsep}{programs['PATH']}"
        owner = f"postgresql://keeper@/newsroom?{at}"
        application = f"postgresql://editorial_app@/newsroom?{at}"

        run_script(f"{make}\npsql -qc 'create role keeper login' postgres", place, programs)
        with pytest.raises(MigrationError) as asked:
            await migrate(owner)
        assert re.findall(r"^    (.+)$", str(asked.value), re.MULTILINE) == statements.splitlines()
        run_script(f"psql -q --set ON_ERROR_STOP=1 newsroom <<'END'\n{statements}\nEND", place, programs)
        keys = str(place / "keys")
        ours = {"DATABASE_OWNER_URL": owner, "DATABASE_URL": application, "EDITORIAL_DATA_DIR": keys}
        told = run_script(begin, place, {**programs, **ours, "PASSWORD": password})
        assert "applied 0001_audit" in told
        assert "BAD" not in told

        command = serve.replace("--port 8000", "--port 0").split()
        with running([str(PROGRAMS / command[0]), *command[1:]], place, environment(**ours)) as line:
            url = line.rsplit(" ", 1)[-1].strip()
            body = {"email": "adam@newsroom.example", "password": password}
            signed_in = httpx.post(f"{url}/v1/auth/session", json=body).raise_for_status().json()
            header = {"Authorization": f"Bearer {signed_in['access_token']}"}
            assert httpx.get(f"{url}/v1/me", headers=header).json()["roles"] == ["administrator"]
            assert httpx.get(f"{url}/v1/sections", headers=header).json()["data"] == []
            assert httpx.get(f"{url}/readyz").status_code == 200

        again = {
            "SUPERUSER_AGAIN": f"postgresql://{embedded.OWNER}@/newsroom_again?{at}",
            "APPLICATION_AGAIN": f"postgresql://editorial_app@/newsroom_again?{at}",
        }
        told = run_script(restore, place, {**programs, **again})
        assert "Nothing to do." in told
        assert "BAD" not in told
        count = "psql -qAtc 'select count(*) from person' newsroom_again"
        assert run_script(count, place, programs).strip() == "2"


@with_curl
def test_the_trail_is_kept_verified_and_proved_as_its_page_says(place: Path) -> None:
    keep, verify, prove, another_key = blocks("docs/trail.md", "sh")
    quickstart = [str(PROGRAMS / "editorial"), "quickstart", "--json", "--no-demo", "--port", "0"]
    data = str(place / "data")
    with running([*quickstart, "--data-dir", data], place, environment()) as line:
        ready = json.loads(line)
        (adam,) = (one for one in ready["people"] if one["email"].startswith("adam@"))
        credentials = {"email": adam["email"], "password": adam["password"]}
        signed_in = httpx.post(f"{ready['url']}/v1/auth/session", json=credentials).raise_for_status().json()
        header = {"Authorization": f"Bearer {signed_in['access_token']}"}
        trail = httpx.get(f"{ready['url']}/v1/trail?action=sign_in", headers=header).raise_for_status()
        given = environment(URL=ready["url"], ENTRY=trail.json()["data"][0]["id"], EDITORIAL_DATA_DIR=data)
        # A worker seals each second.
        for _ in range(60):
            if exit_code('editorial audit prove "$ENTRY"', place, given) == 0:
                break
            time.sleep(0.5)
        kept = run_script(keep, place, given)
        assert kept.startswith('{"data":[]'), "no day is over yet"
        assert f'"key":"{(place / "newsroom.keys").read_text().strip()}"' in kept
        # The newsroom goes on, so that the next checkpoint is another one.
        httpx.post(f"{ready['url']}/v1/auth/session", json=credentials).raise_for_status()

        told = run_script(f"{verify}\n{prove}", place, given)
        assert told.startswith("The trail holds: ")
        assert "is this entry:" in told
        assert given["ENTRY"] in told
        assert "of the earlier checkpoint." in told
        told = run_script(f"{another_key}\n{verify}", place, given)
        assert re.search(r"key   .+\nkey   ", told), "both keys are told"

        changed = (place / "entry.proof").read_text().replace("sign_in", "sign_up")
        (place / "forged.proof").write_text(changed)
        codes = {
            f"{verify.strip()} --json | grep -q '\"verified\":true'": 0,
            "editorial audit prove 00000000-0000-4000-8000-000000000000": 1,
            "editorial audit check entry.proof": 2,
            'editorial audit check forged.proof --key "$(tail -n 1 newsroom.keys)"': 3,
            f"sed -i 2s/.*/1/ newsroom.checkpoint\n{verify}": 3,
        }
        assert {one: exit_code(one, place, given) for one in codes} == codes


def exit_code(script: str, place: Path, environ: dict[str, str]) -> int:
    """With what a command of a page ends."""
    command = ["/bin/sh", "-e", "-c", script]
    return subprocess.run(command, cwd=place, env=environ, capture_output=True, timeout=60).returncode


def test_the_page_on_the_trail_names_every_fault() -> None:
    table = page("docs/trail.md").partition("| fault |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.+?) \|", table, flags=re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == sorted(Kind)


def test_the_page_on_settings_is_drawn_from_the_settings() -> None:
    assert page("docs/settings.md") == settings_document(), "make generated"


def test_the_two_commands_come_first_and_every_make_target_exists() -> None:
    named = [target for one in PAGES for target in re.findall(r"`make ([a-z0-9-]+)`", one.read_text("utf-8"))]
    assert named[:2] == ["run", "test"]
    targets = re.findall(r"^([a-z0-9-]+):", page("Makefile"), flags=re.MULTILINE)
    assert set(named) <= set(targets)


def test_every_library_that_runs_has_its_line() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    required = sorted(project["dependencies"] + project["optional-dependencies"]["demo"])
    runs = [re.match(r"[a-z0-9-]+", requirement) for requirement in required]
    told = re.findall(r"^\| ([a-z0-9-]+) \|", page("docs/adr/0004-libraries.md"), flags=re.MULTILINE)
    assert [name for name in told if name != "library"] == [found[0] for found in runs if found]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        found = path.parent / name if name else path
        assert found.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`([\w./-]+\.(?:py|sql|toml|yaml|lock))`", text):
        assert any((place / name).exists() for place in (ROOT, ROOT / "src" / "editorial")), name


def test_every_name_of_the_schema_exists() -> None:
    files = [*(ROOT / "sql").rglob("*.sql"), *(ROOT / "src").rglob("*.py")]
    known = set(re.findall(r"\w+", " ".join(file.read_text(encoding="utf-8") for file in files)))
    about_the_schema = [ROOT / "docs" / "model.md", *(ROOT / "docs" / "adr").glob("*.md")]
    for path in about_the_schema:
        named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", path.read_text(encoding="utf-8")))
        assert named <= known, path
