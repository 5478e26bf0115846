"""What a process counts of itself, in the text format of Prometheus.

Labels are words of ours (a route's template, a job's name), never a name, an id or an address that somebody
sent. Each process counts its own; whoever scrapes several adds them up.

A part of the product that has something to tell adds a gauge: `metrics.gauge(name, meaning, read)`, where
`read()` gives the number at the moment of asking, or none where there is nothing to tell.
"""

import math
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_REQUESTS = Counter(
    "editorial_requests",
    "Answers, by method, route and status.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_REQUEST_SECONDS = Histogram(
    "editorial_request_seconds",
    "How long an answer took, by method and route.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
_JOB_ROUNDS = Counter(
    "editorial_job_rounds",
    "How often the worker looked after a job, by how that went.",
    ["job", "outcome"],
    registry=REGISTRY,
)
_JOB_ITEMS = Counter(
    "editorial_job_items",
    "What a job did, thing by thing, by how that went.",
    ["job", "outcome"],
    registry=REGISTRY,
)
_JOB_SECONDS = Histogram(
    "editorial_job_seconds", "How long a round of a job took.", ["job"], registry=REGISTRY
)
_SCHEDULE_LAG = Histogram(
    "editorial_schedule_lag_seconds",
    "How long after its instant an edition went live.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86400),
    registry=REGISTRY,
)
_OLDEST_DUE = Gauge(
    "editorial_oldest_due_seconds",
    "For how long the oldest schedule that is due has waited, when this process last looked.",
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


def tell_oldest_due(seconds: float) -> None:
    """What is left when a round is over."""
    _OLDEST_DUE.set(seconds)


_GAUGES: dict[str, Gauge] = {}


def gauge(name: str, meaning: str, read: Callable[[], float | None]) -> None:
    """Tell a number that is read at the moment of asking. The name is `editorial_` and what is given here.

    One of the same name takes the place of the one before.
    """
    found = _GAUGES.get(name)
    if found is None:
        found = _GAUGES[name] = Gauge(f"editorial_{name}", meaning, registry=REGISTRY)

    def number() -> float:
        told = read()
        return math.nan if told is None else told

    found.set_function(number)


def written() -> bytes:
    """Everything that was counted, as text."""
    return generate_latest(REGISTRY)


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
