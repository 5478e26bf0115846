"""People: list, invite, change roles and languages, deactivate.

Administrators keep accounts; coordinators see names and roles.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from editorial.core import decisions
from editorial.core.ids import new_random_id
from editorial.core.letters import LetterKind
from editorial.core.normalisation import UnfitText, clean
from editorial.core.permissions import Actor, Permission, Role
from editorial.core.refusals import (
    AlreadyExists,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    LastAdministrator,
    NotFound,
    OwnRoles,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.core.rules import is_given
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection
from editorial.identity import accounts, coordinators, invitations, passwords
from editorial.identity.accounts import Person, PersonRow, sql
from editorial.identity.authentication import Credentials
from editorial.locales import InterfaceLanguage, Listed, Message
from editorial.settings import Settings
from editorial.web import (
    Cursor,
    IfMatch,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    read_body,
    read_cursor,
    version_of,
    write_cursor,
)
from editorial.web.request import Request
from editorial.web.validation import faults_of

Email = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["vera@newsroom.example"])
]
Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Vera D."])]
Roles = Annotated[list[Role], Meta(max_length=4)]
Languages = Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=50)]


class InvitePerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new person."""

    email: Email
    display_name: Name
    roles: Roles
    languages: Languages = msgspec.field(default_factory=list)
    """For translators: the languages that they translate into."""
    mail_language: InterfaceLanguage | UnsetType = UNSET
    """The language of their mails. They can change it themselves."""


class ChangePerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of an account. Roles and languages are replaced as whole lists."""

    display_name: Name | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    languages: Languages | None | UnsetType = UNSET


async def _faults(tx: Connection, roles: Sequence[Role], languages: Sequence[str]) -> list[FieldError]:
    known = [row.tag for row in await sql.known_languages(tx)]
    faults = [
        FieldError(
            pointer=f"/languages/{place}",
            detail=Message("fault.one-of", allowed=Listed(known)),
            code="unknown_language",
        )
        for place, language in enumerate(languages)
        if is_given(language) and language not in known
    ]
    if Role.TRANSLATOR in roles and not languages:
        faults.append(
            FieldError(
                pointer="/languages", detail=Message("fault.translator-needs-language"), code="missing"
            )
        )
    return faults


async def add_person(
    db: Database,
    *,
    actor: Actor,
    email: str,
    display_name: str,
    roles: Sequence[Role],
    languages: Sequence[str],
    password: str,
    settings: Settings | None = None,
) -> UUID:
    """Add a person who can sign in at once. Raises `Invalid` and `AlreadyExists`.

    Only the owner of the schema can add a coordinator. With `settings`, the other coordinators get a mail.
    """
    wanted = {
        "email": email,
        "display_name": display_name,
        "roles": list(roles),
        "languages": list(languages),
    }
    try:
        email, display_name = wanted["email"], wanted["display_name"] = clean(email), clean(display_name)
    except UnfitText as fault:
        raise Invalid(fault.message) from fault
    faults = [
        *faults_of(wanted, InvitePerson),
        *faults_of(password, passwords.NewPassword, "/password"),
    ]
    if faults:
        raise Invalid(faults=faults)
    hashed = await passwords.hash_password(password)
    person_id = new_random_id()
    async with db.write(actor, "add_person", ObjectKind.PERSON, person_id) as tx:
        faults = await _faults(tx, roles, languages)
        if faults:
            raise Invalid(faults=faults)
        await _insert(tx, person_id, email, display_name, languages, hashed, roles)
        if Role.COORDINATOR in roles and settings is not None:
            await coordinators.notify_all(tx, settings, LetterKind.COORDINATOR_CHANGED, person_id)
    return person_id


async def _insert(
    tx: Connection,
    person_id: UUID,
    email: str,
    display_name: str,
    languages: Sequence[str],
    password_hash: str | None,
    roles: Sequence[Role],
) -> None:
    state = "invited" if password_hash is None else "active"
    await sql.add_person(
        tx, id=person_id, email=email, display_name=display_name, password_hash=password_hash, state=state
    )
    for role in dict.fromkeys(roles):
        await sql.add_role(tx, person=person_id, role=role)
    for language in dict.fromkeys(languages):
        await sql.add_language(tx, person=person_id, language=language)


@get(
    "/v1/people", name="list_people", operation_id="list_people", opt=operation(refuses=[Forbidden, Invalid])
)
async def list_people(
    request: Request,
    db: Database,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
    role: Annotated[Role | None, QueryParameter(name="role", required=False)] = None,
    in_state: Annotated[str | None, QueryParameter(name="state", required=False, max_length=20)] = None,
    only_pending: Annotated[
        bool,
        QueryParameter(
            name="pending", required=False, description="Only those with a role that waits for confirmation."
        ),
    ] = False,
) -> Response[Page[Person]]:
    """List the people of the newsroom. Coordinators see names and roles, administrators the accounts."""
    administers = actor.may(Permission.CHANGE_ROLES)
    if not actor.may(Permission.LIST_PEOPLE):
        raise Forbidden(Message("reason.people-are-for"))
    before = read_cursor(cursor, tuple[UUID])
    async with db.read() as connection:
        rows = await sql.list_people(
            connection,
            role=role,
            state=in_state if administers else None,
            only_active=not administers,
            only_pending=only_pending,
            before=before[0] if before else None,
            page=limit + 1,
        )
    page = Page(data=[accounts.shown(row, actor) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1].id)
    return page_response(request, page)


@post(
    "/v1/people",
    name="invite_person",
    operation_id="invite_person",
    status_code=201,
    opt=operation(
        takes=InvitePerson,
        refuses=[Forbidden, AlreadyExists, Invalid],
        example={"email": "vera@newsroom.example", "display_name": "Vera D.", "roles": ["analyst"]},
    ),
)
async def invite_person(
    request: Request,
    db: Database,
    actor: Actor,
    credentials: Credentials,
    settings: Settings,
) -> Response[Person]:
    """Invite a person. They get a link by mail; where no mail goes out, the answer shows it, once.

    The link of a person who is to be a coordinator is never shown. Without mail it is made on the server
    (`editorial people link`), and the role waits for a coordinator's confirmation.
    """
    body = await read_body(request, InvitePerson)
    accounts.must_administrate(actor)
    person_id = new_random_id()
    ring = await credentials.ring()
    async with db.write(actor, "invite", ObjectKind.PERSON, person_id) as tx:
        with body.judging() as wanted:
            faults = await _faults(tx, wanted.roles or [], wanted.languages)
            if faults:
                raise Invalid(faults=faults)
        given = [role for role in wanted.roles if role is not Role.COORDINATOR]
        await _insert(tx, person_id, wanted.email, wanted.display_name, wanted.languages, None, given)
        if len(given) < len(wanted.roles):
            await coordinators.give(tx, settings, actor, person_id)
        if wanted.mail_language is not UNSET:
            await sql.choose_mail_language(tx, id=person_id, mail_language=wanted.mail_language)
        row = await accounts.person(tx, person_id)
        invitation = await invitations.give_link(tx, settings, ring, row)
        shown = accounts.shown(row, actor)
    shown.invitation = invitation
    version = shown.version if isinstance(shown.version, int) else None
    return answer(shown, version=version, status=201, location=f"/v1/people/{person_id}")


@get(
    "/v1/people/{id:uuid}",
    name="get_person",
    operation_id="get_person",
    opt=operation(refuses=[Forbidden, NotFound]),
)
async def get_person(db: Database, actor: Actor, id: UUID) -> Response[Person]:
    """Read an account. For administrators."""
    accounts.must_administrate(actor)
    async with db.read() as connection:
        row = await accounts.person(connection, id)
    return answer(accounts.shown(row, actor), version=row.version)


@patch(
    "/v1/people/{id:uuid}",
    name="change_person",
    operation_id="change_person",
    opt=operation(
        takes=ChangePerson,
        refuses=[
            Forbidden,
            OwnRoles,
            NotFound,
            PreconditionRequired,
            PreconditionFailed,
            LastAdministrator,
            Invalid,
        ],
        example={"roles": ["analyst", "coordinator"]},
    ),
)
async def change_person(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[Person]:
    """Change what another person is called, their roles or their languages. It holds at once.

    Only the role of coordinator waits, in `pending_roles`, until a coordinator confirms it. Your own roles
    and languages are changed by another administrator.
    """
    body = await read_body(request, ChangePerson)
    accounts.must_administrate(actor)
    async with db.write(actor, "change_person", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await accounts.person(tx, id)
        if id == actor.id and _changes_roles(row, body.raw):
            raise OwnRoles
        decisions.check_version(row.version, version_of(if_match))
        held = _given(row)
        with body.judging() as wanted:
            named = [] if wanted.roles is UNSET else wanted.roles
            can_be_read = wanted.roles is not UNSET and all(map(is_given, named))
            roles = list(dict.fromkeys(named)) if can_be_read else held
            languages = row.languages if wanted.languages is UNSET else wanted.languages or []
            if Role.ADMINISTRATOR in row.roles and Role.ADMINISTRATOR not in roles:
                await accounts.keep_an_administrator(tx, actor, id)
            faults = await _faults(tx, roles, languages)
            if faults:
                raise Invalid(faults=faults)
        for role in sorted(set(roles) - set(held)):
            if role == Role.COORDINATOR:
                await coordinators.give(tx, settings, actor, id)
            else:
                await sql.add_role(tx, person=id, role=role)
        for role in sorted(set(held) - set(roles)):
            if role == Role.COORDINATOR:
                await coordinators.end(tx, settings, id)
            else:
                await sql.remove_role(tx, person=id, role=role)
        for language in sorted(set(languages) - set(row.languages)):
            await sql.add_language(tx, person=id, language=language)
        for language in sorted(set(row.languages) - set(languages)):
            await sql.remove_language(tx, person=id, language=language)
        name = row.display_name if wanted.display_name is UNSET else wanted.display_name
        before = (set(held), set(row.languages), row.display_name)
        if before != (set(roles), set(languages), name):
            await sql.rename_person(tx, id=id, display_name=name)
        await accounts.hand_back(db, tx, id, languages if Role.TRANSLATOR in roles else [])
        row = await accounts.person(tx, id)
    return answer(accounts.shown(row, actor), version=row.version)


def _given(row: PersonRow) -> list[Role]:
    """The roles that a person was given, with the one that waits for its confirmation."""
    held = [Role(role) for role in row.roles]
    return held if row.given_at is None or Role.COORDINATOR in held else [*held, Role.COORDINATOR]


def _changes_roles(row: PersonRow, raw: Any) -> bool:
    """Whether a patch is for other roles or languages than the person has."""
    if not isinstance(raw, dict):
        return False
    had: dict[str, Sequence[str]] = {"roles": _given(row), "languages": row.languages}
    return any(
        not isinstance(raw[name], list) or sorted(map(str, raw[name])) != sorted(map(str, value))
        for name, value in had.items()
        if name in raw
    )


@post(
    "/v1/people/{id:uuid}/deactivation",
    name="deactivate_person",
    operation_id="deactivate_person",
    status_code=200,
    opt=operation(refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed, LastAdministrator]),
)
async def deactivate_person(
    db: Database, actor: Actor, id: UUID, if_match: IfMatch = None
) -> Response[Person]:
    """Deactivate an account: its sessions end at once, and its claims go back to the queue."""
    accounts.must_administrate(actor)
    async with db.write(actor, "deactivate", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await accounts.person(tx, id)
        decisions.check_version(row.version, version_of(if_match))
        if Role.ADMINISTRATOR in row.roles and row.state == "active":
            await accounts.keep_an_administrator(tx, actor, id)
        await sql.set_state(tx, id=id, state="deactivated")
        await sql.end_sessions(tx, person=id)
        await sql.void_links(tx, person=id)
        await accounts.hand_back(db, tx, id, [])
        row = await accounts.person(tx, id)
    return answer(accounts.shown(row, actor), version=row.version)


@post(
    "/v1/people/{id:uuid}/activation",
    name="activate_person",
    operation_id="activate_person",
    status_code=200,
    opt=operation(refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed, Invalid]),
)
async def activate_person(db: Database, actor: Actor, id: UUID, if_match: IfMatch = None) -> Response[Person]:
    """Let a deactivated account be used again."""
    accounts.must_administrate(actor)
    async with db.write(actor, "activate", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await accounts.person(tx, id)
        decisions.check_version(row.version, version_of(if_match))
        if row.state != "deactivated":
            raise Conflict(Message("reason.account-is-not-deactivated"), state=row.state)
        await sql.set_state(tx, id=id, state="active")
        row = await accounts.person(tx, id)
    return answer(accounts.shown(row, actor), version=row.version)


ROUTES = [
    list_people,
    invite_person,
    get_person,
    change_person,
    deactivate_person,
    activate_person,
]
