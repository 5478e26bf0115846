"""Breakage on purpose: real servers under load, things that break, and a checker that believes only evidence.

`installation.py` starts a Postgres, API processes and workers of its own; `writers.py` works on them over
HTTP and writes down every request and what became of it (`history.py`); `nemesis.py` breaks things meanwhile.
Then `evidence.py` reads what the database holds, and `checker.py` holds one against the other. Its rules are
tested with forged histories in tests/test_checker.py. `trial.py` is the order in which all that happens.

The same on more than one Postgres: `cluster.py` starts other people's `engines.py` by what deploy/ has, and
`failover.py` takes the primary away.
"""
