"""What a process counts of itself, in the text format of Prometheus.

Labels are words of ours (a route's template, a job's name), never a name, an id or an address that somebody
sent; `job` and `instance` are Prometheus's own. Each process counts its own; a scraper adds them up.

A part of the product that has something to tell adds a gauge, or a counter for what only grows:
`metrics.gauge(name, meaning, read)` and `metrics.counter(name, meaning, read)`, where `read()` gives the
number at the moment of asking, or none where there is nothing to tell. Names go by Prometheus's rules: base
units (`_seconds`, `_bytes`), and `_total` at the end of every counter.
"""

import math
from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# When each series began is a gauge beside each counter, that doubles what is scraped and that no query reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library says nothing of its types

REGISTRY = CollectorRegistry()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_REQUESTS = Counter(
    "editorial_http_requests",
    "Answers, by method, route and status.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_REQUEST_SECONDS = Histogram(
    "editorial_http_request_duration_seconds",
    "How long an answer took, by method and route.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
_JOB_ROUNDS = Counter(
    "editorial_job_runs",
    "How often the worker looked after a job, by how that went.",
    ["job_name", "outcome"],
    registry=REGISTRY,
)
_JOB_ITEMS = Counter(
    "editorial_job_items",
    "What a job did, thing by thing, by how that went.",
    ["job_name", "outcome"],
    registry=REGISTRY,
)
_JOB_SECONDS = Histogram(
    "editorial_job_duration_seconds", "How long a round of a job took.", ["job_name"], registry=REGISTRY
)
_SCHEDULE_LAG = Histogram(
    "editorial_schedule_lag_seconds",
    "How long after its instant an edition went live.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86400),
    registry=REGISTRY,
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One answer. A method that is none of HTTP's own counts as `other`."""
    method = method if method in _METHODS else "other"
    _REQUESTS.labels(method, route, str(status)).inc()
    _REQUEST_SECONDS.labels(method, route).observe(seconds)


def count_round(job: str, outcome: str, seconds: float) -> None:
    """One look after a job: `done`, `database_away` or `failed`."""
    _JOB_ROUNDS.labels(job, outcome).inc()
    _JOB_SECONDS.labels(job).observe(seconds)


def count_item(job: str, outcome: str) -> None:
    """One thing that a job did: `done`, `refused`, `busy`, `database_away` or `failed`."""
    _JOB_ITEMS.labels(job, outcome).inc()


def count_lag(seconds: float) -> None:
    """An edition went live so long after its instant."""
    _SCHEDULE_LAG.observe(seconds)


_Read = Callable[[], float | None]
_Family = type[CounterMetricFamily] | type[GaugeMetricFamily]


class _ReadOnAsking(Collector):
    """Numbers kept elsewhere, and read when a scraper asks."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[_Family, str, _Read]] = {}

    def add(self, family: _Family, name: str, meaning: str, read: _Read) -> None:
        self._kept[name] = family, meaning, read

    def collect(self) -> Iterator[Metric]:
        for name, (family, meaning, read) in self._kept.items():
            told = read()
            yield family(f"editorial_{name}", meaning, value=math.nan if told is None else told)


_READ_ON_ASKING = _ReadOnAsking()
REGISTRY.register(_READ_ON_ASKING)


def gauge(name: str, meaning: str, read: _Read) -> None:
    """Tell a number that goes up and down. The name is `editorial_` and what is given here.

    One of the same name takes the place of the one before.
    """
    _READ_ON_ASKING.add(GaugeMetricFamily, name, meaning, read)


def counter(name: str, meaning: str, read: _Read) -> None:
    """Tell a number that only grows while the process runs. The name is as above, and ends in `_total`."""
    _READ_ON_ASKING.add(CounterMetricFamily, name, meaning, read)


class _OldestDue:
    """How long the oldest schedule that is due has waited, where this process looks after schedules."""

    seconds: float | None = None


_OLDEST_DUE = _OldestDue()
gauge(
    "oldest_due_seconds",
    "For how long the oldest schedule that is due has waited, when this process last looked.",
    lambda: _OLDEST_DUE.seconds,
)


def tell_oldest_due(seconds: float) -> None:
    """What is left when a round is over."""
    _OLDEST_DUE.seconds = seconds


def written() -> bytes:
    """Everything that was counted, as text."""
    return generate_latest(REGISTRY)


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
