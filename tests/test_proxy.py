"""Two servers with ports of their own behind deploy/nginx.conf: a rolling restart loses no request."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chaos.engines import DEPLOY, program
from chaos.installation import free_port
from newsroom import TEXT, Newsroom
from servers import environment
from test_restart import end, ready

CLIENTS = 6
NGINX = program("nginx")
HOST = "api.digest.example.org"


def make_certificate(folder: Path) -> None:
    """A key and a certificate that the proxy speaks TLS with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def settings_of_nginx(folder: Path, plain: int, secure: int, servers: list[int]) -> Path:
    """The file of deploy/, with places and ports of our own."""
    make_certificate(folder)
    written = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace("/etc/ssl/editorial", str(folder))
    (one,) = [line for line in written.splitlines() if line.strip().startswith("server 127.0.0.1:8000")]
    each = "\n".join(one.replace("8000", str(port)) for port in servers)
    for here, there in (
        (one, each),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
    ):
        assert here in written
        written = written.replace(here, there)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    whole = f"pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ {places} {written} }}"
    (folder / "nginx.conf").write_text(whole)
    return folder / "nginx.conf"


@contextlib.contextmanager
def proxied(folder: Path, servers: list[int]) -> Iterator[str]:
    """Run nginx in front of servers on these ports, and give its address."""
    folder.mkdir()
    secure = free_port()
    settings = settings_of_nginx(folder, free_port(), secure, servers)
    command = [str(NGINX), "-c", str(settings), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"https://127.0.0.1:{secure}"
        finally:
            process.terminate()


def start(application_url: str, port: int, folder: Path) -> subprocess.Popen[str]:
    """Start a server on a port that it will have again."""
    with (folder / f"log-{port}").open("a") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "editorial", "serve", "--port", str(port)],
            env=environment(
                application_url, EDITORIAL_POOL_SIZE="4", EDITORIAL_DATA_DIR=str(folder / "data")
            ),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
async def test_a_rolling_restart_behind_nginx_loses_no_request(
    application_url: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    answered: list[int] = []
    enough = asyncio.Event()
    ports = [free_port(), free_port()]
    headers = {"Authorization": f"Bearer {newsroom.analyst.token}", "Host": HOST}
    with contextlib.ExitStack() as stack:
        running = {port: start(application_url, port, tmp_path) for port in ports}
        for one in running.values():
            stack.callback(one.kill)
            await ready(one)
        address = stack.enter_context(proxied(tmp_path / "nginx", ports))

        async def ask(number: int) -> None:
            """Make drafts, one after the other, through the proxy."""
            async with httpx.AsyncClient(
                base_url=address, headers=headers, timeout=30, verify=False
            ) as client:
                while not enough.is_set():
                    title = f"Proxied {number}-{len(answered)}"
                    answer = await client.post("/v1/commentaries", json={**TEXT, "title": title})
                    answered.append(answer.status_code)

        await asyncio.sleep(0.5)
        asking = [asyncio.create_task(ask(number)) for number in range(CLIENTS)]
        for port in ports:
            before = len(answered)
            while len(answered) < before + 2 * CLIENTS:
                await asyncio.sleep(0.05)
            await end(running[port])
            before = len(answered)
            while len(answered) < before + 2 * CLIENTS:
                await asyncio.sleep(0.05)
            running[port] = start(application_url, port, tmp_path)
            stack.callback(running[port].kill)
            await ready(running[port])
            # Longer than nginx leaves alone who refused it.
            await asyncio.sleep(3)
        enough.set()
        await asyncio.gather(*asking)
        for one in running.values():
            await end(one)
    assert set(answered) == {201}
