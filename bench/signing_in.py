"""Signing in, refreshing, and the check of a token, which comes with each request of the desk.

Signing in is meant to be slow: Argon2id makes it so. A refresh is one client's chain of tokens, each made
from the one before. The check is a request for who one is, which does little else.
`python -m bench.signing_in [--quick]` runs it alone.
"""

import contextlib
import sys

import httpx

from bench.parts import loads, newsrooms, servers
from bench.parts.loads import Load, http
from bench.parts.newsrooms import PASSWORD
from bench.parts.tables import Row, measure

WHO = "coordinator@newsroom.example"


def main(quick: bool) -> None:
    """Measure."""
    loads.wrk()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (2, 1) if quick else (5, 3)
    with newsrooms.postgres_of_its_own() as (server, folder), contextlib.ExitStack() as stack:
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        product = stack.enter_context(servers.product(newsroom.url, folder))
        token = newsrooms.token(product.url, "coordinator")

        def refresh() -> Load:
            signed_in = httpx.post(
                f"{product.url}/v1/auth/session", json={"email": WHO, "password": PASSWORD}
            )
            first = signed_in.raise_for_status().json()["refresh_token"]
            return http(product, seconds=seconds, connections=1, script="refresh.lua", arguments=[first])

        ways = {
            "sign in, 4 connections": lambda: http(
                product, seconds=seconds, connections=4, script="sign_in.lua", arguments=[WHO, PASSWORD]
            ),
            "refresh, 1 connection": refresh,
            "who I am, 32 connections": lambda: http(
                product, "/v1/me", seconds=seconds, headers={"Authorization": f"Bearer {token}"}
            ),
        }
        sys.stdout.write(f"\n{rounds} rounds of {seconds} s.\n\n")
        measure([Row(name="product", ways=ways)], rounds)


if __name__ == "__main__":
    main("--quick" in sys.argv)
