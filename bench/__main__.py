"""Runs the measurements: all of them, or those that are named, and writes what they found.

    python -m bench [--quick] [NAME …]

A measurement is a module of this folder, run by `python -m bench.NAME`, which prints what it found in
Markdown; its docstring says what is measured against what. Each runs in a process of its own, one after the
other: side by side they would measure one another. They share one Postgres (BENCH_FOLDER), and hand the
ratios that they were after to the table of all of them (BENCH_RATIOS). `--quick` asks for shorter runs and
coarser numbers; without names, it leaves out what does not fit into two minutes.
"""

import argparse
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil

from bench.parts import loads
from bench.parts.tables import HEAD, Ratio
from editorial.database import embedded

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
QUICK = ("published", "desk", "others", "process")
"""What fits into two minutes: every row that has an aim, but for Directus and a million texts."""
APART = ("growth",)
"""What measures no time, and needs much of it."""


def main() -> None:
    """Run what is asked for. Exits with 1 where one of them fails."""
    known = sorted(
        one.name
        for one in pkgutil.iter_modules([str(HERE)])
        if not one.ispkg and not one.name.startswith("_") and one.name not in APART
    )
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="shorter runs, coarser numbers")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(known))
    if unknown:
        parser.error(f"there is no measurement called {', '.join(unknown)}; there are: {', '.join(known)}")
    loads.wrk()
    names = asked.names or [name for name in known if not asked.quick or name in QUICK]
    left_out = [name for name in known if name not in names]
    written, began = [machine(asked.quick, left_out)], time.monotonic()
    print(written[0], flush=True)
    failed, ratios = [], []
    with tempfile.TemporaryDirectory(prefix="editorial-bench-") as folder, embedded.start(Path(folder)):
        kept = Path(folder, "ratios")
        environment = {**os.environ, "BENCH_FOLDER": folder, "BENCH_RATIOS": str(kept)}
        for name in names:
            told, code = run(name, asked.quick, environment)
            written.append(told)
            if code:
                failed.append(name)
        if kept.exists():
            ratios = [msgspec.json.decode(line, type=Ratio) for line in kept.read_bytes().splitlines()]
    table = "\n".join([HEAD, *(one.line() for one in ratios)])
    # Names ask for a part: what was found of the whole stays what it is.
    if not asked.names:
        RESULTS.write_text(
            "\n".join([written[0], "## The ratios\n", table, "", *written[1:]]), encoding="utf-8"
        )
    print(f"## The ratios\n\n{table}\n\nIn {time.monotonic() - began:.0f} s.")
    if left_out and not asked.names:
        print(f"Left out: {', '.join(left_out)}. `python -m bench NAME` measures one of them.")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def run(name: str, quick: bool, environment: dict[str, str]) -> tuple[str, int]:
    """Run one measurement, and give what it said, which is shown meanwhile, and its exit code."""
    lines = [f"## {name}\n\n"]
    print(lines[0], end="", flush=True)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", f"bench.{name}", *(["--quick"] if quick else [])],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        print(line, end="", flush=True)
    code = process.wait()
    lines.append(f"\n({time.monotonic() - began:.0f} s{f', FAILED with {code}' if code else ''})\n\n")
    print(lines[-1], end="", flush=True)
    return "".join(lines), code


def machine(quick: bool, left_out: list[str]) -> str:
    """Where and how this was measured."""
    memory, cpus = psutil.virtual_memory().total / 2**30, psutil.cpu_count()
    load = os.getloadavg()[0]
    form = (
        f"The quick form{', without ' + ', '.join(left_out) if left_out else ''}."
        if quick
        else "The long form."
    )
    began = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return (
        "# What was measured\n\n"
        f"{form} {began}, {platform.platform()}, {processor()}, {cpus} processors, {memory:.0f} GiB, "
        f"Python {platform.python_version()}. When it began, {load:.1f} processes wanted a processor (load "
        "average of a minute): what others do on the machine is in these numbers.\n\n"
        "Server, Postgres and the load share the processors. Ways take turns, one run of each in a round, "
        "and a ratio is one of two neighbours in a round: the least, the median and the most of all rounds "
        "are shown. Rows without an aim are run half as often. `make bench` writes this page anew, "
        "`make bench-quick` in its short form.\n"
    )


def processor() -> str:
    """What the kernel calls the processor."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
