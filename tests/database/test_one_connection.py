"""A request works on one connection at a time: whoever held one and waited for a second would, in a crowd of
the same, wait for ever.

The walk's server has a single connection. `test_round_trips.py` takes the same walk without keys.
"""

from pathlib import Path
from uuid import uuid4

import httpx

from conftest import address
from walk import take_a_walk


async def test_one_connection_is_enough_for_every_request_with_a_key(
    own_database: str, tmp_path: Path
) -> None:
    keyed: set[str] = set()

    async def with_a_key(request: httpx.Request) -> None:
        if request.method == "POST":
            request.headers["Idempotency-Key"] = str(uuid4())

    async def went_well(response: httpx.Response) -> None:
        await response.aread()
        assert response.status_code < 400, (response.request.method, str(response.url), response.text)
        keyed.add(response.request.headers.get("Idempotency-Key", ""))

    database = own_database.rpartition("/")[2].partition("?")[0]
    url = address(own_database, database, "editorial_app")
    await take_a_walk(own_database, url, tmp_path, before=with_a_key, after=went_well)
    assert len(keyed) > 50
