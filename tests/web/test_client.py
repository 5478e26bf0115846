"""The TypeScript client that is generated from the document: it compiles, and does the whole job."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "typescript"
DOCUMENT = ROOT / "openapi" / "editorial.yaml"

with_node = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENT / "node_modules").exists(),
    reason="the TypeScript client is NOT tested here: it needs node and npm, and `make client` once",
)


def npm(*arguments: str, **more: str) -> str:
    """Run a script of the client's package, and return what it prints."""
    done = subprocess.run(
        ["npm", *arguments],
        cwd=CLIENT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built() -> None:
    """Generate the client from the document, and compile it."""
    for script in ("generate", "build"):
        npm("run", script)


def test_the_client_has_the_version_of_the_api() -> None:
    package = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == msgspec.yaml.decode(DOCUMENT.read_bytes())["info"]["version"]


@with_node
def test_the_document_lints_clean_by_the_strictest_rules() -> None:
    npm("run", "lint")


@with_node
@pytest.mark.usefixtures("built")
def test_a_program_with_nothing_but_the_client_does_the_whole_job(tmp_path: Path) -> None:
    npm("run", "build:example")
    command = [sys.executable, "-m", "editorial", "quickstart", "--json", "--port", "0", "--no-demo"]
    folder = Path("/tmp") / f"editorial-client-{os.getpid()}"
    command += ["--data-dir", str(folder)]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline())
            told = npm("run", "example", "--silent", **settings(ready))
        finally:
            server.terminate()
            server.wait(timeout=30)
            shutil.rmtree(folder, ignore_errors=True)
    assert told.splitlines() == [
        "en Grain exports fall for the third month",
        "be Экспарт збожжа падае трэці месяц запар",
    ]


def settings(ready: dict[str, object]) -> dict[str, str]:
    """What the program is told: the address, and who signs in."""
    found = {"URL": str(ready["url"])}
    people = msgspec.convert(ready["people"], list[dict[str, object]])
    for person in people:
        parts = msgspec.convert([person["roles"], person["languages"]], list[list[str]])
        who = f"{person['email']}:{person['password']}"
        for name, part in (("ANALYST", "analyst"), ("COORDINATOR", "coordinator"), ("TRANSLATOR", "be")):
            if part in parts[0] + parts[1]:
                found.setdefault(name, who)
    return found


@with_node
@pytest.mark.usefixtures("built")
def test_the_package_has_the_version_of_the_api_and_compiles_under_strict(tmp_path: Path) -> None:
    packed = npm("pack", "--silent", "--pack-destination", str(tmp_path)).split()[-1]
    shutil.unpack_archive(tmp_path / packed, tmp_path)
    package = json.loads((tmp_path / "package" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == msgspec.yaml.decode(DOCUMENT.read_bytes())["info"]["version"]
    installed = tmp_path / "node_modules" / package["name"]
    installed.parent.mkdir(parents=True)
    (tmp_path / "package").rename(installed)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    program = tmp_path / "desk.ts"
    right = (
        f'import {{ getMe, type Problem }} from "{package["name"]}";\n'
        "export const asked = getMe({ headers: {} });\n"
        "export const told = (problem: Problem): string => problem.detail;\n"
    )
    compiler = [str(CLIENT / "node_modules" / ".bin" / "tsc"), "--strict", "--noEmit", "--lib", "es2022,dom"]
    compiler += ["--target", "es2022", "--module", "nodenext", "desk.ts"]
    outcomes = []
    for text in (right, right.replace(": string", ": number")):
        program.write_text(text)
        outcomes.append(subprocess.run(compiler, cwd=tmp_path, capture_output=True, text=True, timeout=120))
    assert outcomes[0].returncode == 0, outcomes[0].stdout
    # It is not that the compiler takes anything.
    assert "TS2322" in outcomes[1].stdout
