"""Tables: what each way did, and the ratios of neighbours in one round, which are the result."""

import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.parts.loads import Load, Way, in_turn


class Against(msgspec.Struct, kw_only=True):
    """A ratio that is asked for: how much of what one way does another one does."""

    upper: str
    lower: str
    aim: float | None = None
    at_most: bool = False
    """Whether the aim is an upper bound."""
    of_processor: bool = False
    """Whether requests are counted for a second of the server's processor, not of the clock."""


class Row(msgspec.Struct, kw_only=True):
    """One thing that is measured: the ways to do it, and the ratios between them."""

    name: str
    ways: Mapping[str, Way]
    ratios: Sequence[Against] = ()


class Ratio(msgspec.Struct, kw_only=True):
    """A line of the table of ratios."""

    row: str
    upper: str
    lower: str
    numbers: list[float]
    aim: float | None = None
    at_most: bool = False
    note: str = ""

    def line(self) -> str:
        """The line in Markdown."""
        least, middle, most = min(self.numbers), statistics.median(self.numbers), max(self.numbers)
        aim, met = "", ""
        if self.aim is not None:
            aim = f"{'≤' if self.at_most else '≥'} {self.aim:g}"
            met = "yes" if (middle <= self.aim if self.at_most else middle >= self.aim) else "**no**"
        return (
            f"| {self.row} | {self.upper} : {self.lower}{self.note} "
            f"| {least:.2f} | **{middle:.2f}** | {most:.2f} | {aim} | {met} |"
        )


HEAD = "| what | ratio | least | median | most | aim | met |\n|---|---|--:|--:|--:|---|---|"


def keep(ratios: Sequence[Ratio]) -> None:
    """Hand ratios to whoever runs all of the measurements, for the table of all of them."""
    place = os.environ.get("BENCH_RATIOS")
    if place:
        with Path(place).open("ab") as file:
            file.writelines(msgspec.json.encode(one) + b"\n" for one in ratios)


def measure(rows: Sequence[Row], rounds: int) -> None:
    """Run the rows, print what they found, and keep their ratios."""
    sys.stdout.write(
        "| what | way | requests a second: least / median / most | median ms | 99 % within ms |\n"
        "|---|---|--:|--:|--:|\n"
    )
    ratios = []
    for row in rows:
        # What is to be reached is looked at more often.
        has_aim = any(one.aim is not None for one in row.ratios)
        found = in_turn(row.ways, rounds if has_aim else (rounds + 1) // 2)
        for way, loads in found.items():
            a_second = " / ".join(f"{one:,.0f}" for one in shown([load.per_second for load in loads]))
            median, slowest = _middle([one.median for one in loads]), _middle([one.slowest for one in loads])
            sys.stdout.write(f"| {row.name} | {way} | {a_second} | {median} | {slowest} |\n")
        sys.stdout.flush()
        ratios += [_ratio(row, against, found) for against in row.ratios]
    if ratios:
        sys.stdout.write("\n" + "\n".join([HEAD, *(one.line() for one in ratios)]) + "\n")
        keep(ratios)


def shown(numbers: Sequence[float]) -> tuple[float, float, float]:
    """The least, the median and the most."""
    return min(numbers), statistics.median(numbers), max(numbers)


def _middle(seconds: Sequence[float | None]) -> str:
    told = [one for one in seconds if one is not None]
    return f"{statistics.median(told) * 1000:,.1f}" if told else ""


def _ratio(row: Row, against: Against, found: Mapping[str, list[Load]]) -> Ratio:
    def rate(load: Load) -> float:
        return (load.per_processor_second or 0.0) if against.of_processor else load.per_second

    pairs = zip(found[against.upper], found[against.lower], strict=True)
    return Ratio(
        row=row.name,
        upper=against.upper,
        lower=against.lower,
        # A run in which nothing was answered, on a machine that is busy elsewhere, is compared with nothing.
        numbers=[rate(one) / rate(other) for one, other in pairs if rate(other)] or [float("nan")],
        aim=against.aim,
        at_most=against.at_most,
        note=", for a second of the processor" if against.of_processor else "",
    )
