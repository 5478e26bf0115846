"""Who I am."""

from uuid import UUID

import msgspec
from litestar import Response, get, patch
from msgspec import UNSET, UnsetType

from editorial.core.permissions import GRANTS, Actor, Permission, Role
from editorial.core.refusals import Invalid
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Command, Queries, Row, Single
from editorial.locales import InterfaceLanguage
from editorial.web import answer, operation, person_id_of, read_body
from editorial.web.request import Request


class MeRow(Row):
    """A person's own account."""

    id: UUID
    display_name: str | None
    email: str | None
    mail_language: str | None
    roles: list[str]
    languages: list[str]
    awaits_coordinator: bool


class _Queries(Queries, file="identity/me"):
    get_me: Single[MeRow]
    choose_mail_language: Command


sql = _Queries()


class ChangeMe(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of your own account."""

    mail_language: InterfaceLanguage | None | UnsetType = UNSET
    """In which language you are written to, and answered where a request has no `Accept-Language`; null for the
    newsroom's own."""


class Me(msgspec.Struct, kw_only=True):
    """Who you are, and what you may do."""

    id: UUID
    display_name: str | None
    email: str | None
    roles: list[Role]
    pending_roles: list[Role]
    """Roles that you were given and a second person has yet to confirm. They let you do nothing."""
    languages: list[str]
    """The languages that you translate into."""
    mail_language: str | None
    """In which language you are written to, where you have chosen one."""
    must_set_up_totp: bool
    """Your roles need one-time codes at sign-in. Until they are on, you can do nothing else."""
    may: list[Permission]
    """What your roles let you do, beside what each object's `allowed_actions` say."""


async def _me(db: Database, actor: Actor) -> Me:
    async with db.read() as connection:
        row = await sql.get_me(connection, person=person_id_of(actor))
    roles = [Role(role) for role in row.roles]
    return Me(
        id=row.id,
        display_name=row.display_name,
        email=row.email,
        roles=roles,
        pending_roles=[Role.COORDINATOR] if row.awaits_coordinator else [],
        languages=row.languages,
        mail_language=row.mail_language,
        must_set_up_totp=actor.must_set_up_totp,
        may=list(dict.fromkeys(one for role in roles for one in GRANTS[role])),
    )


@get("/v1/me", name="get_me", operation_id="get_me", opt=operation(refuses=[], before_totp=True))
async def get_me(db: Database, actor: Actor) -> Response[Me]:
    """Read who you are and what you may do."""
    return answer(await _me(db, actor))


@patch(
    "/v1/me",
    name="change_me",
    operation_id="change_me",
    opt=operation(takes=ChangeMe, refuses=[Invalid], example={"mail_language": "be"}),
)
async def change_me(request: Request, db: Database, actor: Actor) -> Response[Me]:
    """Change what is yours to change of your account."""
    wanted = (await read_body(request, ChangeMe)).checked()
    if wanted.mail_language is not UNSET:
        async with db.write(actor, "change_me", ObjectKind.PERSON, actor.id) as tx:
            await sql.choose_mail_language(tx, person=actor.person_id, mail_language=wanted.mail_language)
    return answer(await _me(db, actor))


ROUTES = [get_me, change_me]
