"""Servers on free ports, each in a process of its own, that say their address in their first line."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import msgspec
import psutil


class Server(msgspec.Struct):
    """A server that runs."""

    url: str
    process: psutil.Process

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def seconds(self) -> float:
        """What it has used of the processor, it and what it has started."""
        spent = [one.cpu_times() for one in self._family()]
        return float(sum(one.user + one.system for one in spent))

    def memory(self) -> int:
        """The bytes that are its own, it and what it has started."""
        return sum(one.memory_full_info().uss for one in self._family())


@contextlib.contextmanager
def serving(command: list[str], environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server for as long as the block takes. Its address is the last word of its first line."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    try:
        words = process.stdout.readline().split()
        if not words:
            raise RuntimeError(f"{' '.join(command)} does not start")
        yield Server(words[-1], psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextlib.contextmanager
def answering(
    command: list[str], url: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[Server]:
    """A server that says nothing, once something answers at its address: for as long as the block takes."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        deadline = time.monotonic() + 60
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command)} does not start")
            time.sleep(0.1)
        yield Server(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.TransportError:
        return False
    return True


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def product(url: str, folder: str) -> contextlib.AbstractContextManager[Server]:
    """The product on a database, as `editorial serve` serves it, in one process without the worker."""
    return serving([sys.executable, "-m", "editorial", "serve", "--port", "0"], environment_of(url, folder))


def environment_of(url: str, folder: str) -> dict[str, str]:
    """The settings of a product that is measured: what bounds a stranger must not bound the load."""
    return {
        "DATABASE_URL": url,
        "EDITORIAL_DATA_DIR": folder,
        "EDITORIAL_WORKER_IN_SERVE": "false",
        "EDITORIAL_ACCESS_TOKEN_SECONDS": "86400",
        "EDITORIAL_CLAIM_LIMIT": "1000",
        "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "100000000",
        "EDITORIAL_LOG_FORMAT": "json",
    }


def bare(kind: str, *arguments: str) -> contextlib.AbstractContextManager[Server]:
    """One of the servers of `bench.parts.bare`."""
    return serving([sys.executable, "-m", "bench.parts.bare", kind, *arguments])


def allow_many_connections() -> None:
    """Let this process, and what it starts, hold some thousands of sockets."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16_384), most))
