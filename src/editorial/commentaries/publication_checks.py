"""The checks before publication: everybody reads them, coordinators say which of them block."""

from typing import Any

import msgspec
from litestar import Response, get, patch

from editorial.core import decisions
from editorial.core.checks import CHECKS, Check
from editorial.core.permissions import Actor, Permission
from editorial.core.refusals import Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import load_queries
from editorial.locales import Label, Message, in_every_language
from editorial.web import IfMatch, answer, operation, read_body, version_of
from editorial.web.request import Request

sql = load_queries("commentaries/publication_checks")


class PublicationCheck(msgspec.Struct, kw_only=True):
    """Something that is looked at before publication."""

    name: Check
    version: int
    labels: dict[str, str]
    """What it is called, by language."""
    blocks: bool
    """Whether nothing goes live with its warning."""


class PublicationCheckList(msgspec.Struct, kw_only=True):
    """All checks, in the order in which their warnings are listed."""

    data: list[PublicationCheck]
    next_cursor: str | None = None


class ChangePublicationCheck(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of a check."""

    blocks: bool


def _shown(row: Any) -> PublicationCheck:
    name = Check(row["name"])
    return PublicationCheck(
        name=name,
        version=row["version"],
        labels=in_every_language(Label("check", name)),
        blocks=row["blocks"],
    )


@get(
    "/v1/publication-checks",
    name="list_publication_checks",
    operation_id="list_publication_checks",
    opt=operation(refuses=[]),
)
async def list_publication_checks(db: Database) -> Response[PublicationCheckList]:
    """List what is looked at before publication, and which of it blocks."""
    async with db.read() as connection:
        rows = await sql.list_checks(connection)
    by_name = {row["name"]: _shown(row) for row in rows}
    return answer(PublicationCheckList(data=[by_name[check] for check in CHECKS]))


@patch(
    "/v1/publication-checks/{name:str}",
    name="change_publication_check",
    operation_id="change_publication_check",
    opt=operation(
        takes=ChangePublicationCheck,
        refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed, Invalid],
        example={"blocks": True},
    ),
)
async def change_publication_check(
    request: Request, db: Database, actor: Actor, name: str, if_match: IfMatch = None
) -> Response[PublicationCheck]:
    """Say whether anything goes live with this warning. Due schedules are held to it too."""
    body = await read_body(request, ChangePublicationCheck)
    async with db.write(actor, "change_publication_check", ObjectKind.PUBLICATION_CHECK) as tx:
        row = await sql.get_check(tx, name=name)
        if row is None:
            raise NotFound
        if not actor.may(Permission.PUBLISH):
            raise Forbidden(Message("reason.checks-are-for"))
        decisions.check_version(row["version"], version_of(if_match))
        await sql.change_check(tx, name=name, blocks=body.checked().blocks)
        shown = _shown(await sql.get_check(tx, name=name))
    return answer(shown, version=shown.version)


ROUTES = [list_publication_checks, change_publication_check]
