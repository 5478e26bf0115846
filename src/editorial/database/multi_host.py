"""Several servers in one address: try each in turn, for a short time, until one is suitable.

asyncpg tries them in the order of the address, and waits for one that does not answer: with a first host that
lost its power, no connection would reach the second.
"""

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

PATIENCE = 1.5
"""Seconds that one of several hosts is given."""

# To ask where a pooler's connection leads, no statement may be prepared, as asyncpg would do.
_IS_PRIMARY = "begin; set transaction read write; rollback"


class Hosts:
    """The servers of one address. What was found last is asked first."""

    def __init__(self, url: str, *, is_pooled: bool = False) -> None:
        """Read the address. `is_pooled`: behind each host there is a pooler, and the primary is wanted."""
        self._urls = each_host(url, without=("target_session_attrs",) if is_pooled else ())
        self._is_pooled = is_pooled
        self._turn = 0

    async def connect(self, *_: Any, **options: Any) -> Any:
        """A connection. Raises what the last host said, or the way to it."""
        if len(self._urls) > 1:
            options |= {"timeout": PATIENCE}
        fault: Exception = OSError("The address names no host.")
        for _host in self._urls:
            # It moves on first: who is not waited for any longer leaves the next host to the next one.
            turn, self._turn = self._turn, (self._turn + 1) % len(self._urls)
            try:
                connection = await asyncpg.connect(self._urls[turn], **options)
                if self._is_pooled:
                    await _see_that_it_is_primary(connection)
            except asyncpg.TargetServerAttributeNotMatched:
                # It answers but is unsuitable: report it as absent.
                fault = ConnectionError("No host of the address is what is wanted of it.")
                continue
            except TimeoutError:
                fault = TimeoutError("The database does not answer.")
                continue
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as no:
                fault = no
                continue
            self._turn = turn
            return connection
        raise fault


async def connect(url: str, **options: Any) -> Any:
    """A connection to the suitable server of an address, for callers that connect once."""
    return await Hosts(url).connect(**options)


async def _see_that_it_is_primary(connection: Any) -> None:
    try:
        await connection.execute(_IS_PRIMARY, timeout=PATIENCE)
    except BaseException:
        connection.terminate()
        raise


def each_host(url: str, *, without: tuple[str, ...] = ()) -> list[str]:
    """An address for each host of an address, less some of its parameters.

    With `target_session_attrs=prefer-standby` all of them have to be known before one can be chosen: that is
    left to asyncpg.
    """
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name not in without]
    if ("target_session_attrs", "prefer-standby") in asked:
        return [url]
    who, at, places = parts.netloc.rpartition("@")
    found = []
    for place, host, port in _places(places, dict(asked)):
        here = [*((name, value) for name, value in asked if name not in {"host", "port"}), *host, *port]
        query = urlencode(here, quote_via=quote)
        found.append(urlunsplit((parts.scheme, f"{who}{at}{place}", parts.path, query, "")))
    return found


def _places(
    places: str, asked: dict[str, str]
) -> list[tuple[str, list[tuple[str, str]], list[tuple[str, str]]]]:
    """Hosts stand before the path, or in a parameter, where a socket's folder can be one."""
    if "host" not in asked:
        port = [("port", asked["port"])] if "port" in asked else []
        return [(place, [], port) for place in places.split(",")]
    hosts, ports = asked["host"].split(","), asked.get("port", "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    return [
        (places, [("host", host)], [("port", port)] if port else [])
        for host, port in zip(hosts, ports, strict=True)
    ]
