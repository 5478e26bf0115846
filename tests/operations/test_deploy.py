"""What deploy/ has, held against the programs that read it, where they are installed, and against our own."""

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chaos.cluster import Passwords, member_of, why_not
from chaos.engines import DEPLOY, program
from chaos.installation import free_port
from editorial.cli.main import main
from editorial.settings import Settings

ROOT = DEPLOY.parent
UNITS = tuple(sorted(path.name for path in DEPLOY.glob("editorial*.*") if path.suffix != ".env"))
SERVICES = tuple(name for name in UNITS if name.endswith(".service"))


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("compose.yml"))
    return found


def commands() -> list[list[str]]:
    """Every command of ours that is in deploy/, as its arguments."""
    units = [
        shlex.split(line.partition("=")[2])[1:]
        for name in UNITS
        for line in read(name).splitlines()
        # What a shell runs is run by test_deploy_page.
        if line.startswith("ExecStart=/opt/editorial/")
    ]
    (image,) = re.findall(r"^CMD (\[.*\])$", read("Dockerfile"), re.MULTILINE)
    services = [
        one["command"] for name, one in compose()["services"].items() if name != "db" and "command" in one
    ]
    return [*units, yaml.safe_load(image), *services]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_every_command_is_one_that_the_program_has(arguments: list[str]) -> None:
    name, *options = arguments
    # Raises where an option is unknown or lacks its value.
    assert main.commands[name].make_context(name, options).command is main.commands[name]


def test_every_setting_is_one_that_is_read() -> None:
    known = {
        field.upper() if field.startswith("database_") else f"EDITORIAL_{field.upper()}"
        for field in Settings.__struct_fields__
    }
    for path in DEPLOY.iterdir():
        named = set(re.findall(r"\b(?:EDITORIAL|DATABASE)_[A-Z_]+\b", path.read_text(encoding="utf-8")))
        assert named <= known, path


def test_the_image_is_made_of_what_is_there_hash_by_hash_and_runs_as_nobody_special() -> None:
    lines = read("Dockerfile").splitlines()
    ignored = read("Dockerfile.dockerignore").splitlines()
    copied = [
        name
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    ]
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored
    installs = [line for line in lines if "pip install" in line]
    assert all("--require-hashes" in line or "--no-deps --no-index" in line for line in installs)
    assert lines.index("USER editorial-api") > max(
        n for n, line in enumerate(lines) if line.startswith("RUN ")
    )
    assert any("/healthz" in line for line in lines)


def test_every_service_waits_for_one_that_there_is() -> None:
    services = compose()["services"]
    for one in services.values():
        assert set(one.get("depends_on", {})) <= services.keys()
    assert {name for name, one in services.items() if one.get("image") == "editorial"} == services.keys() - {
        "db"
    }


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit, each as often as it is there."""
    found: dict[str, list[str]] = {}
    for line in read(name).splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, said = line.partition("=")
            found.setdefault(key, []).append(said)
    return found


def environment_of(name: str) -> dict[str, str]:
    """What a unit puts into the environment."""
    said = " ".join(unit(name).get("Environment", []))
    return dict(one.split("=", 1) for one in said.split())


def test_only_the_worker_can_read_the_key_that_seals_the_trail() -> None:
    """The key's folder is the worker's, for its user alone; the API has another user, and no folder."""
    api, worker = unit("editorial@.service"), unit("editorial-worker.service")
    assert (api["User"], worker["User"]) == (["editorial-api"], ["editorial-worker"])
    assert (worker["StateDirectory"], worker["StateDirectoryMode"]) == (["editorial-worker"], ["0700"])
    assert environment_of("editorial-worker.service")["EDITORIAL_DATA_DIR"] == "/var/lib/editorial-worker"
    assert "StateDirectory" not in api
    assert environment_of("editorial@.service")["EDITORIAL_DATA_DIR"] == "/nonexistent"
    for name in SERVICES:
        if name != "editorial-worker.service":
            assert "editorial-worker" not in unit(name).get("StateDirectory", [])
    services = compose()["services"]
    assert services["worker"]["user"] == "editorial-worker"
    assert services["worker"]["volumes"] == ["worker:/var/lib/editorial-worker"]
    for name in ("api", "migrate"):
        assert "user" not in services[name], "the image's own: editorial-api"
        assert "volumes" not in services[name]
    image = read("Dockerfile")
    assert "--owner editorial-worker --group editorial-worker --mode 0700 /var/lib/editorial-worker" in image
    assert re.search(r"^USER editorial-api$", image, re.MULTILINE)


def test_what_stands_behind_a_proxy_believes_it_for_whom_it_asks() -> None:
    assert environment_of("editorial@.service")["EDITORIAL_TRUSTED_PROXIES"] == "127.0.0.1,::1"
    (network,) = compose()["networks"]["default"]["ipam"]["config"]
    api = compose()["services"]["api"]["environment"]
    assert api["EDITORIAL_TRUSTED_PROXIES"] == network["gateway"]
    assert api["DATABASE_URL"], "the other settings are there as well"


def taken_apart(folder: Path) -> list[Path]:
    """The units in a folder, with the program that is installed here."""
    ours = str(Path(sys.executable).parent / "editorial")
    for name in UNITS:
        written = read(name).replace("/opt/editorial/.venv/bin/editorial", ours)
        (folder / name.replace("@.", "@1.")).write_text(written)
    return sorted(folder.iterdir())


@pytest.mark.skipif(program("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, taken_apart(tmp_path))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    about_ours = [line for line in done.stderr.splitlines() if "editorial" in line]
    assert (done.returncode, about_ours) == (0, [])


@pytest.mark.skipif(program("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_a_service_little_exposed(name: str, tmp_path: Path) -> None:
    """Below 2 of 10, which it calls OK, or better."""
    (path,) = (one for one in taken_apart(tmp_path) if one.name == name.replace("@.", "@1."))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=19", "--no-pager", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_patroni_takes_its_settings(tmp_path: Path) -> None:
    member = member_of("db1", tmp_path / "db", 2379, Passwords())
    done = subprocess.run(
        ["patroni", "--validate-config", str(member.folder / "patroni.yml")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    # etcd is not there, and nothing else is wrong.
    faults = [line for line in done.stdout.splitlines() if "etcd3" not in line and "2379" not in line]
    assert faults == []


@pytest.mark.skipif(program("nginx") is None, reason="nginx is not installed")
def test_nginx_takes_its_settings(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.digest.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    written = read("nginx.conf").replace("/etc/ssl/editorial", str(tmp_path))
    # nginx binds what it tests: an ordinary user has no port below 1024, and some machines have no IPv6.
    written = re.sub(r"listen (\[::\]:)?\d+", lambda _: f"listen 127.0.0.1:{free_port()}", written)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {places} {written} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run(
        [str(program("nginx")), "-t", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
