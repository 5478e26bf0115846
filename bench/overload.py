"""More than can be done: what is asked for by 2, 10 and 100 times as many as keep the server busy.

A list of the desk, asked for without a pause by 16 connections, which is all that one process can do, and
by many times as many. Whoever is turned away gets a 503 after a second, and asks again at once, as no client
should (it is told when in Retry-After). What is to be seen: as much is answered as before, and nobody waits
for long.
`python -m bench.overload [--quick]` runs it alone.
"""

import statistics
import sys
import time

from bench.parts import loads, newsrooms, servers
from bench.parts.loads import Load, http, in_turn
from bench.parts.tables import HEAD, Ratio, keep, shown

ENOUGH = 16
PAUSE = 3
TIMES = (1, 2, 10, 100)
LIST = "/v1/commentaries?state=published&limit=50"


def main(quick: bool) -> None:
    """Measure."""
    loads.wrk()
    servers.allow_many_connections()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (3, 2) if quick else (5, 5)
    with newsrooms.postgres_of_its_own() as (server, folder):
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        with servers.product(newsroom.url, folder) as product:
            token = newsrooms.token(product.url, "coordinator")
            headers = {"Authorization": f"Bearer {token}"}

            def asked_by(times: int) -> Load:
                # What nobody waits for any more is done first, and is no part of the next run.
                time.sleep(PAUSE)
                return http(
                    product,
                    LIST,
                    seconds=seconds,
                    connections=ENOUGH * times,
                    headers=headers,
                    may_be_refused=True,
                )

            found = in_turn({str(times): lambda times=times: asked_by(times) for times in TIMES}, rounds)
    sys.stdout.write(
        f"\n{rounds} rounds of {seconds} s.\n\n"
        "| connections | answered a second: least / median / most | turned away a second | median ms "
        "| 99 % within ms |\n|--:|--:|--:|--:|--:|\n"
    )
    for times, runs in found.items():
        answered = " / ".join(f"{one:,.0f}" for one in shown([run.per_second for run in runs]))
        refused = statistics.median(run.refused for run in runs)
        middle, slowest = (
            statistics.median((one or 0) * 1000 for one in column)
            for column in ([run.median for run in runs], [run.slowest for run in runs])
        )
        sys.stdout.write(
            f"| {ENOUGH * int(times):,} | {answered} | {refused:,.0f} | {middle:,.1f} | {slowest:,.1f} |\n"
        )
    ratios = [
        Ratio(
            row="answered under overload",
            upper=f"{times} times as many ask",
            lower="enough",
            numbers=[
                many.per_second / few.per_second
                for many, few in zip(found[str(times)], found["1"], strict=True)
            ],
        )
        for times in TIMES[1:]
    ]
    sys.stdout.write("\n" + "\n".join([HEAD, *(one.line() for one in ratios)]) + "\n")
    keep(ratios)


if __name__ == "__main__":
    main("--quick" in sys.argv)
