"""People: invite, roles, languages, deactivate. Administrators keep accounts, coordinators see who is who."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from editorial import mail, passwords, staff
from editorial.core import workflow
from editorial.core.letters import LetterKind, MailLanguage
from editorial.core.permissions import Actor, Grant, Role
from editorial.core.refusals import (
    AlreadyExists,
    Conflict,
    Fault,
    Invalid,
    LastAdministrator,
    NotFound,
    NotYours,
    VersionIsStale,
    VersionMissing,
)
from editorial.core.texts import clean
from editorial.credentials import Credentials
from editorial.db import Database, Domain
from editorial.identifiers import new_random_id
from editorial.queries import Connection
from editorial.settings import Settings
from editorial.staff import sql
from editorial.tokens import KeyRing
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

Email = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["vera@newsroom.example"])
]
Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Vera D."])]
Roles = Annotated[list[Role], Meta(max_length=4)]
Languages = Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=50)]


class InvitePerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody new."""

    email: Email
    display_name: Name
    roles: Roles
    languages: Languages = msgspec.field(default_factory=list)
    """For translators: the languages that they translate into."""
    mail_language: MailLanguage | UnsetType = UNSET
    """In which language they are written to. They can change it themselves."""


class ChangePerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of an account. Roles and languages are replaced as whole lists."""

    display_name: Name | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET


class Invitation(msgspec.Struct, kw_only=True):
    """A link by which an invited person sets their password."""

    expires_at: datetime
    is_mailed: bool
    """It goes to the person's address, and nobody else gets to see it."""
    token: str | UnsetType = UNSET
    """Where no mail goes out: what the person sets their password with, for you to hand over. Shown once."""


class Person(msgspec.Struct, kw_only=True):
    """An account, as far as you may see it."""

    id: UUID
    display_name: str | None
    roles: list[Role]
    languages: list[str]
    version: int | UnsetType = UNSET
    """Only for administrators, like what follows."""
    email: str | None | UnsetType = UNSET
    state: str | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    invitation: Invitation | UnsetType = UNSET
    """Only in the answer to an invitation."""


def _shown(row: Any, actor: Actor) -> Person:
    person = Person(
        id=row["id"],
        display_name=row["display_name"],
        roles=[Role(role) for role in row["roles"]],
        languages=row["languages"],
    )
    if actor.may(Grant.CHANGE_ROLES):
        person.version = row["version"]
        person.email = row["email"]
        person.state = row["state"]
        person.created_at = row["created_at"]
    return person


async def _faults(tx: Connection, roles: Sequence[Role], languages: Sequence[str]) -> list[Fault]:
    known = [row["tag"] for row in await sql.known_languages(tx)]
    faults = [
        Fault(pointer=f"/languages/{place}", detail=f"One of: {', '.join(known)}.", code="unknown_language")
        for place, language in enumerate(languages)
        if language not in known
    ]
    if Role.TRANSLATOR in roles and not languages:
        faults.append(Fault(pointer="/languages", detail="A translator has a language.", code="missing"))
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
) -> UUID:
    """Add somebody who can sign in at once. Raises `Invalid` and `AlreadyExists`."""
    wanted = {
        "email": email,
        "display_name": display_name,
        "roles": list(roles),
        "languages": list(languages),
    }
    try:
        email, display_name = wanted["email"], wanted["display_name"] = clean(email), clean(display_name)
        msgspec.convert({**wanted, "languages": list(languages)}, InvitePerson)
        msgspec.convert(password, passwords.NewPassword)
    except ValueError as fault:
        raise Invalid(str(fault)) from fault
    hashed = await passwords.hash_password(password)
    person_id = new_random_id()
    async with db.acting(actor, "add_person", Domain.PERSON, person_id) as tx:
        await _insert(tx, person_id, email, display_name, roles, languages, hashed)
    return person_id


async def _insert(
    tx: Connection,
    person_id: UUID,
    email: str,
    display_name: str,
    roles: Sequence[Role],
    languages: Sequence[str],
    password_hash: str | None,
) -> None:
    faults = await _faults(tx, roles, languages)
    if faults:
        raise Invalid(faults=faults)
    state = "invited" if password_hash is None else "active"
    await sql.add_person(
        tx, id=person_id, email=email, display_name=display_name, password_hash=password_hash, state=state
    )
    for role in dict.fromkeys(roles):
        await sql.add_role(tx, person=person_id, role=role)
    for language in dict.fromkeys(languages):
        await sql.add_language(tx, person=person_id, language=language)


async def _invite(tx: Connection, settings: Settings, ring: KeyRing, person_id: UUID) -> Invitation:
    """Make a link. Whoever sees it can become that person, so it is shown only where it cannot be mailed."""
    await sql.void_links(tx, person=person_id)
    link = await mail.new_link(tx, ring, person_id, LetterKind.INVITATION)
    await mail.queue(tx, settings, LetterKind.INVITATION, person_id, link=link.id)
    invitation = Invitation(expires_at=link.expires_at, is_mailed=settings.sends_mail)
    if not settings.sends_mail:
        invitation.token = link.token
    return invitation


@get("/v1/people", name="list_people", operation_id="list_people", opt=operation(refuses=[NotYours, Invalid]))
async def list_people(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    limit: Limit = 25,
    cursor: Cursor = None,
    role: Annotated[Role | None, QueryParameter(name="role", required=False)] = None,
    in_state: Annotated[str | None, QueryParameter(name="state", required=False, max_length=20)] = None,
) -> Response[Page[Person]]:
    """List the people of the newsroom. Coordinators see names and roles, administrators the accounts."""
    administers = actor.may(Grant.CHANGE_ROLES)
    if not actor.may(Grant.LIST_PEOPLE):
        raise NotYours("Coordinators and administrators see who is who.")
    before = read_cursor(cursor, tuple[UUID])
    async with db.reading() as connection:
        rows = await sql.list_people(
            connection,
            role=role,
            state=in_state if administers else None,
            only_active=not administers,
            before=before[0] if before else None,
            page=limit + 1,
        )
    page = Page(data=[_shown(row, actor) for row in rows[:limit]])
    if len(rows) > limit:
        page.next_cursor = write_cursor(rows[limit - 1]["id"])
    return page_response(request, page)


@post(
    "/v1/people",
    name="invite_person",
    operation_id="invite_person",
    status_code=201,
    opt=operation(
        takes=InvitePerson,
        refuses=[NotYours, AlreadyExists, Invalid],
        example={"email": "vera@newsroom.example", "display_name": "Vera D.", "roles": ["analyst"]},
    ),
)
async def invite_person(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    credentials: Credentials,
    settings: Settings,
) -> Response[Person]:
    """Invite somebody. They get a link by mail; where no mail goes out, the answer shows it, once."""
    body = await read_body(request, InvitePerson)
    await staff.must_administrate(db, actor)
    wanted = body.checked()
    person_id = new_random_id()
    ring = await credentials.ring()
    async with db.acting(actor, "invite", Domain.PERSON, person_id) as tx:
        await _insert(tx, person_id, wanted.email, wanted.display_name, wanted.roles, wanted.languages, None)
        if wanted.mail_language is not UNSET:
            await sql.choose_mail_language(tx, id=person_id, mail_language=wanted.mail_language)
        invitation = await _invite(tx, settings, ring, person_id)
        shown = _shown(await staff.person(tx, person_id), actor)
    shown.invitation = invitation
    version = shown.version if isinstance(shown.version, int) else None
    return answer(shown, version=version, status=201, location=f"/v1/people/{person_id}")


@get(
    "/v1/people/{id:uuid}",
    name="get_person",
    operation_id="get_person",
    opt=operation(refuses=[NotYours, NotFound]),
)
async def get_person(db: Database, actor: Actor, id: UUID) -> Response[Person]:
    """Read an account. For administrators."""
    await staff.must_administrate(db, actor)
    async with db.reading() as connection:
        row = await staff.person(connection, id)
    return answer(_shown(row, actor), version=row["version"])


@patch(
    "/v1/people/{id:uuid}",
    name="change_person",
    operation_id="change_person",
    opt=operation(
        takes=ChangePerson,
        refuses=[NotYours, NotFound, VersionMissing, VersionIsStale, LastAdministrator, Invalid],
        example={"roles": ["analyst", "coordinator"]},
    ),
)
async def change_person(
    request: Request[Any, Any, Any], db: Database, actor: Actor, id: UUID, if_match: IfMatch = None
) -> Response[Person]:
    """Change what somebody is called, their roles or their languages. It holds at once."""
    body = await read_body(request, ChangePerson)
    await staff.must_administrate(db, actor)
    async with db.acting(actor, "change_person", Domain.PERSON, id, lock=(Domain.PERSON, id)) as tx:
        row = await staff.person(tx, id)
        workflow.check_version(row["version"], version_of(if_match))
        wanted = body.checked()
        roles = row["roles"] if wanted.roles is UNSET else list(dict.fromkeys(wanted.roles))
        languages = row["languages"] if wanted.languages is UNSET else list(dict.fromkeys(wanted.languages))
        if Role.ADMINISTRATOR in row["roles"] and Role.ADMINISTRATOR not in roles:
            await staff.keep_an_administrator(tx, actor, id)
        faults = await _faults(tx, roles, languages)
        if faults:
            raise Invalid(faults=faults)
        for role in sorted(set(roles) - set(row["roles"])):
            await sql.add_role(tx, person=id, role=role)
        for role in sorted(set(row["roles"]) - set(roles)):
            await sql.remove_role(tx, person=id, role=role)
        for language in sorted(set(languages) - set(row["languages"])):
            await sql.add_language(tx, person=id, language=language)
        for language in sorted(set(row["languages"]) - set(languages)):
            await sql.remove_language(tx, person=id, language=language)
        name = row["display_name"] if wanted.display_name is UNSET else wanted.display_name
        before = (set(row["roles"]), set(row["languages"]), row["display_name"])
        if before != (set(roles), set(languages), name):
            await sql.rename_person(tx, id=id, display_name=name)
        await staff.hand_back(db, tx, id, languages if Role.TRANSLATOR in roles else [])
        row = await staff.person(tx, id)
    return answer(_shown(row, actor), version=row["version"])


@post(
    "/v1/people/{id:uuid}/invitation",
    name="renew_invitation",
    operation_id="renew_invitation",
    status_code=201,
    opt=operation(refuses=[NotYours, NotFound, Conflict]),
)
async def renew_invitation(
    db: Database, actor: Actor, credentials: Credentials, settings: Settings, id: UUID
) -> Response[Invitation]:
    """Give somebody a new link for setting their password. Older ones lead nowhere any more."""
    await staff.must_administrate(db, actor)
    ring = await credentials.ring()
    async with db.acting(actor, "renew_invitation", Domain.PERSON, id, lock=(Domain.PERSON, id)) as tx:
        row = await staff.person(tx, id)
        if row["state"] == "deactivated":
            raise Conflict("The account is deactivated. Activate it first.", state=row["state"])
        invitation = await _invite(tx, settings, ring, id)
    return answer(invitation, status=201)


@post(
    "/v1/people/{id:uuid}/deactivation",
    name="deactivate_person",
    operation_id="deactivate_person",
    status_code=200,
    opt=operation(refuses=[NotYours, NotFound, VersionMissing, VersionIsStale, LastAdministrator]),
)
async def deactivate_person(
    db: Database, actor: Actor, id: UUID, if_match: IfMatch = None
) -> Response[Person]:
    """Deactivate an account: its sessions end at once, and its claims go back to the queue."""
    await staff.must_administrate(db, actor)
    async with db.acting(actor, "deactivate", Domain.PERSON, id, lock=(Domain.PERSON, id)) as tx:
        row = await staff.person(tx, id)
        workflow.check_version(row["version"], version_of(if_match))
        if Role.ADMINISTRATOR in row["roles"] and row["state"] == "active":
            await staff.keep_an_administrator(tx, actor, id)
        await sql.set_state(tx, id=id, state="deactivated")
        await sql.end_sessions(tx, person=id)
        await sql.void_links(tx, person=id)
        await staff.hand_back(db, tx, id, [])
        row = await staff.person(tx, id)
    return answer(_shown(row, actor), version=row["version"])


@post(
    "/v1/people/{id:uuid}/activation",
    name="activate_person",
    operation_id="activate_person",
    status_code=200,
    opt=operation(refuses=[NotYours, NotFound, VersionMissing, VersionIsStale, Invalid]),
)
async def activate_person(db: Database, actor: Actor, id: UUID, if_match: IfMatch = None) -> Response[Person]:
    """Let a deactivated account be used again."""
    await staff.must_administrate(db, actor)
    async with db.acting(actor, "activate", Domain.PERSON, id, lock=(Domain.PERSON, id)) as tx:
        row = await staff.person(tx, id)
        workflow.check_version(row["version"], version_of(if_match))
        if row["state"] != "deactivated":
            raise Conflict("The account is not deactivated.", state=row["state"])
        await sql.set_state(tx, id=id, state="active")
        row = await staff.person(tx, id)
    return answer(_shown(row, actor), version=row["version"])


ROUTES = [
    list_people,
    invite_person,
    get_person,
    change_person,
    renew_invitation,
    deactivate_person,
    activate_person,
]
