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
from editorial.cli import main
from editorial.settings import Settings

ROOT = DEPLOY.parent
UNITS = ("editorial.socket", "editorial@.service", "editorial-worker.service")


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
        if line.startswith("ExecStart=")
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
    assert lines.index("USER editorial") > max(n for n, line in enumerate(lines) if line.startswith("RUN "))
    assert any("/healthz" in line for line in lines)


def test_every_service_waits_for_one_that_there_is() -> None:
    services = compose()["services"]
    for one in services.values():
        assert set(one.get("depends_on", {})) <= services.keys()
    assert {name for name, one in services.items() if one.get("image") == "editorial"} == services.keys() - {
        "db"
    }


@pytest.mark.skipif(program("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    ours = str(Path(sys.executable).parent / "editorial")
    for name in UNITS:
        (tmp_path / name).write_text(read(name).replace("/opt/editorial/.venv/bin/editorial", ours))
    (tmp_path / "editorial@.service").rename(tmp_path / "editorial@1.service")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(str(path) for path in tmp_path.iterdir())],
        capture_output=True,
        text=True,
        timeout=60,
    )
    about_ours = [line for line in done.stderr.splitlines() if "editorial" in line]
    assert (done.returncode, about_ours) == (0, [])


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
