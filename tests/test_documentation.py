"""What the documentation shows, done."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from editorial.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tour_of_the_readme_runs(tmp_path: Path) -> None:
    """Start a newsroom of one's own, and run every shell block as a reader would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDITORIAL_")}
    environment.pop("DATABASE_URL", None)
    environment["LC_ALL"] = "C"
    program = [sys.executable, "-m", "editorial", "quickstart", "--json", "--port", "0", "--no-demo"]
    errors = (tmp_path / "errors").open("w")
    process = subprocess.Popen(
        [*program, "--data-dir", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        started = json.loads(line)
        assert {role for person in started["people"] for role in person["roles"]} == {
            "analyst",
            "coordinator",
            "administrator",
            "translator",
        }
        (tmp_path / "started.json").write_text(line, encoding="utf-8")
        script = "\n".join(re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL))
        tour = subprocess.run(
            ["/bin/sh", "-e", "-c", script],
            cwd=tmp_path,
            env={**environment, "STARTED": str(tmp_path / "started.json"), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert tour.returncode == 0, tour.stderr
        assert "<strong>12 %</strong>" in tour.stdout
    finally:
        process.terminate()
        process.communicate(timeout=30)
        errors.close()


def test_every_setting_is_documented() -> None:
    deploy = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for field in Settings.__struct_fields__:
        name = field.upper() if field.startswith("database_") else f"EDITORIAL_{field.upper()}"
        assert f"`{name}`" in deploy, name


def test_every_make_target_that_the_readme_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z0-9-]+)", README):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
