"""Runs the measurements: all of them, or those that are named.

    python -m bench [--quick] [NAME …]

A measurement is a module of this folder with a function `main()`, which prints what it found; its docstring
says what is measured against what. Each runs in a process of its own, one after the other: side by side they
would measure one another. `--quick` asks for shorter runs and coarser numbers, of those that know how.
"""

import argparse
import pkgutil
import platform
import subprocess
import sys
import time
from pathlib import Path

import psutil


def main() -> None:
    """Run what is asked for. Exits with 1 where one of them fails."""
    known = sorted(
        one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if not one.name.startswith("_")
    )
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="shorter runs, coarser numbers")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(known))
    if unknown:
        parser.error(f"there is no measurement called {', '.join(unknown)}; there are: {', '.join(known)}")
    memory, cpus = psutil.virtual_memory().total / 2**30, psutil.cpu_count()
    print(f"{platform.platform()}, {cpus} processors, {memory:.0f} GiB, Python {platform.python_version()}\n")
    failed = []
    for name in asked.names or known:
        print(f"## {name}\n", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"bench.{name}", *(["--quick"] if asked.quick else [])])
        if done.returncode:
            failed.append(name)
        print(f"\n({time.monotonic() - began:.0f} s)\n", flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
