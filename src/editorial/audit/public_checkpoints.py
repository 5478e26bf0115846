"""Checkpoints of the trail for everybody, so that somebody outside keeps them.

Of each day there is the last one, and of today none: how many entries the trail has, second by second, would
tell outside when somebody works.
"""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from msgspec import Meta

from editorial.audit.checkpoints import Note
from editorial.audit.sealer import sql
from editorial.core.refusals import Invalid
from editorial.database.access import Database
from editorial.web import Cursor, Limit, Page, operation, page_response, read_cursor, write_cursor
from editorial.web.request import Request

Signed = Annotated[
    str,
    Meta(
        description="A checkpoint in the form of C2SP's tlog-checkpoint, to be kept to the letter.",
        examples=[
            "editorial/trail\n34\nG83Ly9hMAMAFuxQyV4KxeMEm1QLezMc3F2+lJBsn+BU=\n\n"
            "— editorial/trail 2xkNgDpWLsaJ/UgovBjpaMcvKBDSuhS9ptLQ2RN+2OQs0B607qRdQdf4CaikdCb2l2fS/9mCx+tS"
            "SOClaV+semHuawo=\n"
        ],
    ),
]
VerifierKey = Annotated[
    str,
    Meta(
        description="An Ed25519 public key in the form of C2SP's signed-note: name, id, base64.",
        examples=["editorial/trail+5a150b31+AWo28vU79UILUYthe3E1ny83HnCzx/k0ICq78himJww1"],
    ),
]


class DaysCheckpoint(msgspec.Struct, kw_only=True):
    """What the trail had become at the end of a day."""

    day: date
    """In UTC."""
    size: int
    """How many entries were sealed by then."""
    root: str
    """The root of the Merkle tree over them (RFC 9162), in hex."""
    note: Signed


class SealingKey(msgspec.Struct, kw_only=True):
    """A key that signs checkpoints, or did."""

    key: VerifierKey
    since: date


@get(
    "/v1/trail/checkpoints",
    name="list_checkpoints",
    operation_id="list_checkpoints",
    opt=operation(public=True, refuses=[Invalid]),
)
async def list_checkpoints(
    request: Request, db: Database, limit: Limit = 25, cursor: Cursor = None
) -> Response[Page[DaysCheckpoint]]:
    """List the signed checkpoints of the trail, the last one of each day that is over, newest first."""
    before = read_cursor(cursor, tuple[date])
    async with db.read() as connection:
        rows = await sql.checkpoints_by_day(connection, before=before[0] if before else None, page=limit + 1)
    page = Page(data=[_shown(row) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["day"])
    return page_response(request, page)


@get("/v1/trail/keys", name="list_trail_keys", operation_id="list_trail_keys", opt=operation(public=True))
async def list_trail_keys(request: Request, db: Database) -> Response[Page[SealingKey]]:
    """List the public keys that the trail's checkpoints are signed with, the present one last."""
    async with db.read() as connection:
        rows = await sql.list_keys(connection)
    keys = [SealingKey(key=row["verifier"], since=row["introduced_at"].date()) for row in rows]
    return page_response(request, Page(data=keys))


def _shown(row: Any) -> DaysCheckpoint:
    checkpoint = Note.read(row["note"]).checkpoint
    return DaysCheckpoint(day=row["day"], size=checkpoint.size, root=checkpoint.root.hex(), note=row["note"])


ROUTES = [list_checkpoints, list_trail_keys]
