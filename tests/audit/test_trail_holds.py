"""An honest newsroom always verifies: after the first call of each operation, and after the last of all.

Each verification reads the whole trail, so what any call spoils is found by the next one.
"""

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from conftest import address
from editorial.audit import verify as audit_verify
from editorial.audit.tampering import Tampered
from walk import ROUTES, name_of, take_a_walk

CHANGES = {name for name, (method, _, _) in ROUTES.items() if method != "GET"}
"""The operations that may write. Two have an action in their name: each action is one more."""


class Auditor:
    """Verifies the trail after the first request of each operation that may have written."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.verified: set[str] = set()
        self.alarms: list[str] = []

    async def before(self, request: httpx.Request) -> None:
        """Nothing is looked at before a request."""

    async def after(self, response: httpx.Response) -> None:
        if response.request.method == "GET":
            return
        await response.aread()
        name = name_of(response.request)
        if name not in self.verified:
            await self.verify(name)
            self.verified.add(name)

    async def verify(self, after: str) -> None:
        try:
            await audit_verify.verify(self.url)
        except Tampered as fault:
            self.alarms.append(f"{after}: {fault.kind}: {fault} {fault.where}")


async def test_the_trail_holds_after_each_operation(own_database: str, tmp_path: Path) -> None:
    auditor = Auditor(own_database)
    url = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    await take_a_walk(own_database, url, tmp_path, before=auditor.before, after=auditor.after)
    await auditor.verify("the whole walk")
    assert auditor.alarms == []
    assert {name.partition(":")[0] for name in auditor.verified} == CHANGES
