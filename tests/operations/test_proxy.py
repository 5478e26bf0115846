"""Two servers with ports of their own behind deploy/nginx.conf: a rolling restart loses no request."""

import asyncio
import contextlib
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
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
from operations.test_restart import end, ready
from servers import environment

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


def settings_of_nginx(folder: Path, plain: int, secure: int, servers: list[int], written: str) -> Path:
    """The file of deploy/, with places and ports of our own, among settings like Debian's."""
    make_certificate(folder)
    written = written.replace("/etc/ssl/editorial", str(folder))
    first, *others = (line for line in written.splitlines() if line.strip().startswith("server 127.0.0.1:"))
    assert ":8001 " in first
    each = "\n".join(first.replace("8001", str(port)) for port in servers)
    for here, there in (
        *((f"{one}\n", "") for one in others),
        (first, each),
        ("    listen [::]:80 default_server;\n", ""),
        ("    listen [::]:443 ssl http2 default_server;\n", ""),
        ("listen 80 ", f"listen 127.0.0.1:{plain} "),
        ("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
    ):
        assert here in written
        written = written.replace(here, there)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    # All that nginx can say, but for what it says to those who mend it.
    logs = f"access_log {folder}/access.log; error_log {folder}/error.log info;"
    http = f"http {{ {places} {logs} {written} }}"
    whole = f"pid {folder}/pid; error_log {folder}/main.log info; events {{}} {http}"
    (folder / "nginx.conf").write_text(whole)
    return folder / "nginx.conf"


@contextlib.contextmanager
def nginx(folder: Path, servers: list[int], written: str | None = None) -> Iterator[tuple[int, int]]:
    """Run nginx in front of servers on these ports, and give its ports: the plain one, and that of TLS."""
    folder.mkdir()
    plain, secure = free_port(), free_port()
    written = written or (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    settings = settings_of_nginx(folder, plain, secure, servers, written)
    command = [str(NGINX), "-c", str(settings), "-e", str(folder / "main.log"), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield plain, secure
        finally:
            process.terminate()


@contextlib.contextmanager
def proxied(folder: Path, servers: list[int]) -> Iterator[str]:
    """The same, as the address that speaks TLS."""
    with nginx(folder, servers) as (_, secure):
        yield f"https://127.0.0.1:{secure}"


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


READER = "127.0.0.2"
SECRETS = (READER, "palitviazni", "preview-token-1", "Grain exports fall")
"""What may be in no log: who reads, what they search for, what lets them in, what they write."""


class Breaking(socketserver.BaseRequestHandler):
    """A server behind the proxy that answers by what the address says: never, half, or nonsense."""

    def handle(self) -> None:
        asked = self.request.recv(4096)
        if b"half" in asked:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        elif b"nonsense" in asked:
            self.request.sendall(b"no HTTP at all\r\n\r\n")
        elif b"slow" in asked:
            time.sleep(1)


def provoke(plain: int, secure: int) -> None:
    """Ask in every way that makes nginx say something, from an address that is to be seen."""
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE

    def say(port: int, words: bytes, *, tls: bool = True, listen: bool = True) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            line = stack.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=2, source_address=(READER, 0))
            )
            if tls:
                line = stack.enter_context(anyone.wrap_socket(line, server_hostname=HOST))
            line.sendall(words)
            while listen and line.recv(65536):
                pass

    def get(path: str, *more: str) -> bytes:
        lines = (f"GET {path} HTTP/1.1", f"Host: {HOST}", "Connection: close", *more)
        return "\r\n".join((*lines, "", "")).encode()

    search = "/v1/published/be/search?q=palitviazni"
    for how in ("half", "nonsense", "gone"):
        say(secure, get(f"{search}&{how}"))
        say(secure, get(f"/v1/previews/preview-token-1?{how}"))
    for how in ("slow", "half"):
        say(secure, get(f"{search}&{how}"), listen=False)
    say(plain, get(search), tls=False)
    # No HTTP, too much of it, or not what was announced.
    say(plain, b"\x00palitviazni\r\n\r\n", tls=False)
    say(secure, f"GET {search} HTTP/9.9\r\nHost: x y\r\n\r\n".encode())
    say(secure, get(search, *(f"X-{n}: {'palitviazni' * 700}" for n in range(9))))
    say(secure, get(search, "Host: another"))
    say(secure, get(search), tls=False)
    post = f"POST /v1/commentaries?palitviazni HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: "
    say(secure, f"{post}9000000\r\n\r\nGrain exports fall".encode())
    say(secure, f"{post}abc\r\n\r\nGrain exports fall".encode())
    say(secure, f"{post}900000\r\n\r\n{'Grain exports fall ' * 9000}".encode(), listen=False)
    say(secure, f"{post}300000\r\n\r\n{'Grain exports fall. ' * 15000}".encode())
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", secure), source_address=(READER, 0)).close()


def told_of(folder: Path) -> set[str]:
    """The secrets that are in a file which nginx has written."""
    ours = {"nginx.conf", "fullchain.pem", "privkey.pem"}
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in ours]
    assert any(path.name == "main.log" and path.stat().st_size for path in files), "nginx has run"
    text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
    return {secret for secret in SECRETS if secret in text}


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_the_proxy_keeps_nothing_of_readers_and_of_what_they_ask_for(tmp_path: Path) -> None:
    written = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Breaking) as behind:
        threading.Thread(target=behind.serve_forever, daemon=True).start()
        port = behind.server_address[1]
        for name, settings, servers in (
            ("broken", written, [port]),
            ("gone", written, [free_port(), free_port()]),
            # Would it be told, were it not for these lines?
            ("as-debian-has-it", re.sub(r" *(error|access)_log .*\n", "", written), [port]),
        ):
            with nginx(tmp_path / name, servers, settings) as (plain, secure):
                answers_within(plain, 10)
                provoke(plain, secure)
                time.sleep(1.5)
        behind.shutdown()
    assert told_of(tmp_path / "broken") == set()
    assert told_of(tmp_path / "gone") == set()
    assert told_of(tmp_path / "as-debian-has-it") >= {READER, "palitviazni", "preview-token-1"}


def answers_within(port: int, seconds: float) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return
