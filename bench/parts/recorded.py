"""The statements that the product runs for a request, as it runs them: for others to run the same."""

import re
from typing import Any
from unittest import mock
from uuid import UUID

import asyncpg
import httpx
import msgspec

from bench.parts.newsrooms import PASSWORD
from editorial import app
from editorial.database import transactions
from editorial.database.access import request_id
from editorial.identity import authentication
from editorial.settings import Settings
from editorial.telemetry import logs

ID_OF_NUMBER = "md5('commentary' || :number)::uuid"
"""The id of a text of the newsroom, by its number, for pgbench."""


class Trip(msgspec.Struct):
    """One round trip: a statement with its arguments, or several without."""

    sql: str
    arguments: list[Any]

    @property
    def version_place(self) -> int | None:
        """Which of the arguments is the version that was seen, where the statement looks for it."""
        found = re.search(r"\bversion = \$(\d+)", self.sql)
        return int(found[1]) - 1 if found else None

    def about(self, recorded: UUID, wanted: UUID, version: int) -> "Trip":
        """The same for another object, of which this version was seen."""

        def other(text: str) -> str:
            text = text.replace(str(recorded), str(wanted))
            return text.replace(str(recorded).encode().hex(), str(wanted).encode().hex())

        def moved(value: Any) -> Any:
            if isinstance(value, str):
                return other(value)
            return wanted if value == recorded else value

        arguments = [moved(value) for value in self.arguments]
        if self.version_place is not None:
            arguments[self.version_place] = version
        return Trip(other(self.sql), arguments)


async def record(url: str, folder: Any, who: str, *asked: tuple[str, str, Any]) -> list[list[Trip]]:
    """What the product sends to its database for each request (method, path, body), tokens' checks left out.

    A request that changes something has to name the version in its path's fragment: `…#3`.
    """
    heard: list[Trip] = []
    prepare = transactions.prepare_connection

    def hear(query: Any) -> None:
        # What a process asks by itself, between requests, is no part of one.
        if request_id.get() != "none" and query.query != authentication.sql.find_actor.sql:
            heard.append(Trip(query.query, list(query.args or ())))

    async def prepared(connection: Any) -> None:
        await prepare(connection)
        connection.add_query_logger(hear)

    logs.configure("json")
    settings = Settings(data_dir=folder, worker_in_serve=False)
    with mock.patch.object(transactions, "prepare_connection", prepared), logs.quietly():
        served, litestar = app.create_app(settings, url)
        async with litestar.lifespan():
            transport = httpx.ASGITransport(app=served)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client:
                signed_in = await client.post(
                    "/v1/auth/session", json={"email": f"{who}@newsroom.example", "password": PASSWORD}
                )
                client.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
                found = []
                for method, path, body in asked:
                    heard.clear()
                    path, _, version = path.partition("#")
                    headers = {"if-match": f'"{version}"'} if version else {}
                    answer = await client.request(method, path, json=body, headers=headers)
                    if answer.status_code >= 300:
                        raise RuntimeError(answer.text)
                    found.append(list(heard))
                return found


def for_pgbench(trips: list[Trip], about: UUID | None = None) -> str:
    """The same as a script of pgbench, for the object with the number `:number` where it is about one.

    Arguments are written into the statements, which are prepared once all the same; but for the version that
    a statement looks for, which is what the one before it has read.
    """
    lines = []
    for trip, following in zip(trips, [*trips[1:], None], strict=True):
        statements = [one.strip() for one in trip.sql.split(";") if one.strip()] if not trip.arguments else []
        if len(statements) > 1:
            lines += ["\\startpipeline", *(f"{_about_number(one, about)};" for one in statements)]
            lines.append("\\endpipeline")
            continue
        text = trip.sql
        for place in range(len(trip.arguments), 0, -1):
            is_version = place - 1 == trip.version_place
            literal = ":version" if is_version else _literal(trip.arguments[place - 1])
            text = text.replace(f"${place}", literal)
        reads_version = following is not None and following.version_place is not None
        end = " \\gset" if reads_version else ";"
        lines.append(f"{_about_number(_without_comments(text), about)}{end}")
    return "\n".join(lines) + "\n"


def _without_comments(text: str) -> str:
    return "\n".join(
        line for line in text.strip().rstrip(";").splitlines() if not line.lstrip().startswith("--")
    )


def _about_number(text: str, about: UUID | None) -> str:
    if about is None:
        return text
    text = text.replace(f"'{about}'", f"({ID_OF_NUMBER})")
    written = f"' || encode(convert_to(({ID_OF_NUMBER})::text, 'UTF8'), 'hex') || '"
    return text.replace(str(about).encode().hex(), written)


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list() | tuple() | set() | frozenset():
            inner = ",".join('"' + str(one).replace('"', '\\"') + '"' for one in value)
            return "'{" + inner.replace("'", "''") + "}'"
        case str() if ":" in value:
            # For pgbench a word after a colon is one of its variables, in a literal, too.
            return f"convert_from(decode('{value.encode().hex()}', 'hex'), 'UTF8')"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


async def connect(url: str) -> Any:
    """A pool like the product's own."""
    return await asyncpg.create_pool(
        url,
        min_size=2,
        max_size=10,
        init=transactions.prepare_connection,
        reset=transactions.leave_as_it_is,
        server_settings=transactions.SESSION,
    )
