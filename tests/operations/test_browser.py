"""The documentation in a real browser: it shows every operation, under a policy that lets nothing else in."""

import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from described import DOCUMENT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Nothing of the browser's own leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="the pages are NOT looked at in a browser here: it needs Debian's chromium"
)


@dataclass
class Seen:
    """A page as the browser has it in the end."""

    dom: str
    console: list[str]
    asked: list[str]
    """Every address that the page made the browser ask for."""


def look_at(address: str, folder: Path) -> Seen:
    """Open a page, and let it do all that it does."""
    net = folder / "net.json"
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={net}"]
    done = subprocess.run(
        [*command, "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    origin = re.match(r"https?://[^/]+", address)
    assert origin is not None
    return Seen(
        dom=done.stdout,
        console=[line for line in done.stderr.splitlines() if "CONSOLE" in line],
        asked=list(asked_by(origin[0], json.loads(net.read_text()))),
    )


def asked_by(origin: str, log: dict[str, Any]) -> Iterator[str]:
    """The addresses that a page of this origin asked for."""
    kind = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    for event in log["events"]:
        told = event.get("params", {})
        if event["type"] == kind and told.get("initiator") == origin and "url" in told:
            yield told["url"]


def test_the_documentation_shows_every_operation_and_asks_nobody_else(server: str, tmp_path: Path) -> None:
    seen = look_at(f"{server}/docs", tmp_path)
    operations = sum(len(methods) for methods in DOCUMENT["paths"].values())
    assert len(re.findall(r'class="opblock opblock-', seen.dom)) == operations
    assert seen.console == []
    assert f"{server}/openapi.json" in seen.asked
    assert [address for address in seen.asked if not address.startswith(f"{server}/")] == []


def test_a_problem_is_explained_on_a_page_without_complaints(server: str, tmp_path: Path) -> None:
    seen = look_at(f"{server}/problems/precondition-failed", tmp_path)
    assert "<h1>" in seen.dom
    assert seen.console == []
    assert [address for address in seen.asked if not address.startswith(f"{server}/")] == []


class _Careless(http.server.BaseHTTPRequestHandler):
    """A page that runs what its policy forbids, and asks another origin for a picture."""

    def do_GET(self) -> None:  # named by http.server
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "script-src 'none'")
        self.end_headers()
        self.wfile.write(b'<script>1</script><img src="http://127.0.0.1:9/picture.png">')

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


def test_a_page_that_did_otherwise_would_be_noticed(tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Careless) as careless:
        threading.Thread(target=careless.serve_forever, daemon=True).start()
        try:
            seen = look_at(f"http://127.0.0.1:{careless.server_port}/", tmp_path)
        finally:
            careless.shutdown()
    assert any("Content Security Policy" in line for line in seen.console)
    assert "http://127.0.0.1:9/picture.png" in seen.asked
