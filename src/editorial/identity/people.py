"""People: invite, roles, languages, deactivate. Administrators keep accounts, coordinators see who is who.

The role of coordinator takes two: an administrator gives it, and a coordinator confirms it. Until then it
waits in a table that nothing asks for roles, so that it grants nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from editorial.core import workflow
from editorial.core.ids import new_random_id
from editorial.core.letters import LetterKind, MailLanguage
from editorial.core.normalisation import clean
from editorial.core.people import PersonName
from editorial.core.permissions import Actor, Permission, Role
from editorial.core.refusals import (
    AlreadyExists,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    LastAdministrator,
    NoMailIsSent,
    NotFound,
    NothingToConfirm,
    OwnRoles,
    PasswordWasShown,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.core.rules import is_given
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection
from editorial.identity import accounts, mail, passwords
from editorial.identity.accounts import sql
from editorial.identity.authentication import Credentials
from editorial.identity.mail import Delivery, Link
from editorial.identity.tokens import KeyRing
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
    languages: Languages | None | UnsetType = UNSET


class Invitation(msgspec.Struct, kw_only=True):
    """A link by which a person sets their password."""

    is_mailed: bool
    """It goes to the person's address, and no other person gets to see it."""
    expires_at: datetime | UnsetType = UNSET
    """Absent where no link was made: no mail goes out, and this person's link is made on the server."""
    token: str | UnsetType = UNSET
    """Where no mail goes out: what the person sets their password with, for you to hand over. Shown once, and
    only for an account that was never used and is not to be a coordinator's."""


class RoleConfirmation(msgspec.Struct, kw_only=True):
    """What a role waits for: that a coordinator confirms it."""

    given_at: datetime
    given_by: PersonName
    """The administrator who gave it. They can't confirm it themselves."""


class Person(msgspec.Struct, kw_only=True):
    """An account, as far as you may see it."""

    id: UUID
    display_name: str | None
    roles: list[Role]
    pending_roles: list[Role]
    """Roles that were given and wait for a coordinator's confirmation. They grant nothing yet."""
    languages: list[str]
    confirmation: RoleConfirmation | UnsetType = UNSET
    """Only where a role waits."""
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
        pending_roles=[] if row["given_at"] is None else [Role.COORDINATOR],
        languages=row["languages"],
    )
    if row["given_at"] is not None:
        giver = PersonName(id=row["given_by"], display_name=row["given_by_name"])
        person.confirmation = RoleConfirmation(given_at=row["given_at"], given_by=giver)
    if actor.may(Permission.CHANGE_ROLES):
        person.version = row["version"]
        person.email = row["email"]
        person.state = row["state"]
        person.created_at = row["created_at"]
    return person


async def _faults(tx: Connection, roles: Sequence[Role], languages: Sequence[str]) -> list[FieldError]:
    known = [row["tag"] for row in await sql.known_languages(tx)]
    faults = [
        FieldError(
            pointer=f"/languages/{place}", detail=f"One of: {', '.join(known)}.", code="unknown_language"
        )
        for place, language in enumerate(languages)
        if is_given(language) and language not in known
    ]
    if Role.TRANSLATOR in roles and not languages:
        faults.append(FieldError(pointer="/languages", detail="A translator has a language.", code="missing"))
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

    A coordinator can be added by the owner of the schema alone. With `settings`, the other coordinators are
    written to.
    """
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
    async with db.write(actor, "add_person", ObjectKind.PERSON, person_id) as tx:
        faults = await _faults(tx, roles, languages)
        if faults:
            raise Invalid(faults=faults)
        await _insert(tx, person_id, email, display_name, languages, hashed, roles)
        if Role.COORDINATOR in roles and settings is not None:
            await _write_to_coordinators(tx, settings, LetterKind.COORDINATOR_CHANGED, person_id)
    return person_id


async def appoint_coordinator(db: Database, settings: Settings, actor: Actor, whom: str) -> None:
    """Make a person a coordinator at once, by a command of the schema's owner. Raises `NotFound`."""
    account = await _account(db, whom)
    person_id: UUID = account["id"]
    async with db.write(
        actor, "give_role", ObjectKind.PERSON, person_id, lock=(ObjectKind.PERSON, person_id)
    ) as tx:
        row = await accounts.person(tx, person_id)
        if Role.COORDINATOR in row["roles"]:
            raise Conflict("This person is a coordinator already.")
        await sql.add_role(tx, person=person_id, role=Role.COORDINATOR)
        await sql.end_pending(tx, person=person_id)
        await _touch(tx, person_id)
        await _write_to_coordinators(tx, settings, LetterKind.COORDINATOR_CHANGED, person_id)


async def make_link(db: Database, settings: Settings, ring: KeyRing, actor: Actor, whom: str) -> Link:
    """Make a link by which a person sets a password, by a command on the server. Raises `NotFound`.

    Both parts of the trail tell of it, and the person is written to.
    """
    account = await _account(db, whom)
    person_id: UUID = account["id"]
    if account["state"] == "deactivated":
        raise Conflict("The account is deactivated. Activate it first.", state=account["state"])
    kind = LetterKind.INVITATION if account["state"] == "invited" else LetterKind.RESET
    async with db.write(
        actor, "make_link", ObjectKind.PERSON, person_id, lock=(ObjectKind.PERSON, person_id)
    ) as tx:
        await sql.void_links(tx, person=person_id)
        link = await mail.new_link(tx, ring, person_id, kind, Delivery.SERVER)
        await mail.queue(tx, settings, LetterKind.LINK_MADE, person_id)
    return link


async def _account(db: Database, whom: str) -> Any:
    async with db.read() as connection:
        account = await sql.find_account(connection, whom=whom)
    if account is None:
        raise NotFound("No account has this address or id.")
    return account


async def _write_to_coordinators(
    tx: Connection, settings: Settings, kind: LetterKind, person_id: UUID
) -> None:
    """Write to the coordinators of a change among them, and to the person where it is done."""
    for row in await sql.other_coordinators(tx, person=person_id):
        await mail.queue(tx, settings, kind, row["id"])
    if kind is LetterKind.COORDINATOR_CHANGED:
        await mail.queue(tx, settings, kind, person_id)


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


async def _invite(tx: Connection, settings: Settings, ring: KeyRing, row: Any) -> Invitation:
    """Give a person a link to set their password, mailed or shown.

    A person who sees a link can use the account. So the link is shown only where it cannot be mailed, and
    only while the account was never used and is not to be a coordinator's: the others' is made on the server.
    Raises `NoMailIsSent` where an account in use would need that.
    """
    person_id: UUID = row["id"]
    is_in_use = row["state"] == "active"
    will_coordinate = row["given_at"] is not None or Role.COORDINATOR in row["roles"]
    if is_in_use and not settings.sends_mail:
        raise NoMailIsSent
    await sql.void_links(tx, person=person_id)
    if will_coordinate and settings.smtp_url is None:
        return Invitation(is_mailed=False)
    delivery = Delivery.MAIL if settings.sends_mail else Delivery.SHOWN
    if will_coordinate and delivery is Delivery.SHOWN:
        delivery = Delivery.SERVER
    kind = LetterKind.RESET if is_in_use else LetterKind.INVITATION
    link = await mail.new_link(tx, ring, person_id, kind, delivery)
    await mail.queue(tx, settings, kind, person_id, link=link.id)
    invitation = Invitation(expires_at=link.expires_at, is_mailed=settings.sends_mail)
    if delivery is Delivery.SHOWN:
        invitation.token = link.token
    return invitation


@get(
    "/v1/people", name="list_people", operation_id="list_people", opt=operation(refuses=[Forbidden, Invalid])
)
async def list_people(
    request: Request[Any, Any, Any],
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
        raise Forbidden("Coordinators and administrators see who is who.")
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
        refuses=[Forbidden, AlreadyExists, Invalid],
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
            await _give_coordinator(tx, settings, actor, person_id)
        if wanted.mail_language is not UNSET:
            await sql.choose_mail_language(tx, id=person_id, mail_language=wanted.mail_language)
        row = await accounts.person(tx, person_id)
        invitation = await _invite(tx, settings, ring, row)
        shown = _shown(row, actor)
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
    return answer(_shown(row, actor), version=row["version"])


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
    request: Request[Any, Any, Any],
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
        workflow.check_version(row["version"], version_of(if_match))
        held = _given(row)
        with body.judging() as wanted:
            named = [] if wanted.roles is UNSET else wanted.roles
            can_be_read = wanted.roles is not UNSET and all(map(is_given, named))
            roles = list(dict.fromkeys(named)) if can_be_read else held
            languages = row["languages"] if wanted.languages is UNSET else wanted.languages or []
            if Role.ADMINISTRATOR in row["roles"] and Role.ADMINISTRATOR not in roles:
                await accounts.keep_an_administrator(tx, actor, id)
            faults = await _faults(tx, roles, languages)
            if faults:
                raise Invalid(faults=faults)
        for role in sorted(set(roles) - set(held)):
            if role == Role.COORDINATOR:
                await _give_coordinator(tx, settings, actor, id)
            else:
                await sql.add_role(tx, person=id, role=role)
        for role in sorted(set(held) - set(roles)):
            if role == Role.COORDINATOR:
                await _end_coordinator(tx, settings, id)
            else:
                await sql.remove_role(tx, person=id, role=role)
        for language in sorted(set(languages) - set(row["languages"])):
            await sql.add_language(tx, person=id, language=language)
        for language in sorted(set(row["languages"]) - set(languages)):
            await sql.remove_language(tx, person=id, language=language)
        name = row["display_name"] if wanted.display_name is UNSET else wanted.display_name
        before = (set(held), set(row["languages"]), row["display_name"])
        if before != (set(roles), set(languages), name):
            await sql.rename_person(tx, id=id, display_name=name)
        await accounts.hand_back(db, tx, id, languages if Role.TRANSLATOR in roles else [])
        row = await accounts.person(tx, id)
    return answer(_shown(row, actor), version=row["version"])


def _given(row: Any) -> list[Role]:
    """The roles that a person was given, with the one that waits for its confirmation."""
    held = [Role(role) for role in row["roles"]]
    return held if row["given_at"] is None or Role.COORDINATOR in held else [*held, Role.COORDINATOR]


def _changes_roles(row: Any, raw: Any) -> bool:
    """Whether a patch is for other roles or languages than the person has."""
    if not isinstance(raw, dict):
        return False
    had = {"roles": _given(row), "languages": row["languages"]}
    return any(
        not isinstance(raw[name], list) or sorted(map(str, raw[name])) != sorted(map(str, value))
        for name, value in had.items()
        if name in raw
    )


async def _give_coordinator(tx: Connection, settings: Settings, actor: Actor, person_id: UUID) -> None:
    """Give the role of coordinator, which waits. Links that an administrator saw lead nowhere from now on."""
    await sql.give_coordinator(tx, person=person_id, given_by=actor.person_id)
    await sql.void_shown_links(tx, person=person_id)
    await _write_to_coordinators(tx, settings, LetterKind.COORDINATOR_GIVEN, person_id)


async def _end_coordinator(tx: Connection, settings: Settings, person_id: UUID) -> None:
    """Take the role of coordinator away, whether it was confirmed or waits."""
    await sql.remove_role(tx, person=person_id, role=Role.COORDINATOR)
    await sql.end_pending(tx, person=person_id)
    await _write_to_coordinators(tx, settings, LetterKind.COORDINATOR_CHANGED, person_id)


async def _pending(tx: Connection, person_id: UUID) -> Any:
    """What waits for a coordinator's confirmation. Raises `NotFound` and `NothingToConfirm`."""
    row = await sql.find_pending(tx, person=person_id)
    if row is None:
        raise NotFound
    if row["given_by"] is None:
        raise NothingToConfirm
    return row


@post(
    "/v1/people/{id:uuid}/coordinator-confirmation",
    name="confirm_coordinator",
    operation_id="confirm_coordinator",
    status_code=200,
    opt=operation(refuses=[Forbidden, NotFound, NothingToConfirm, PasswordWasShown]),
)
async def confirm_coordinator(db: Database, settings: Settings, actor: Actor, id: UUID) -> Response[Person]:
    """Confirm that a person is a coordinator. For coordinators; the role holds from now on.

    `GET /v1/people?pending=true` lists who waits. Make sure first, face to face or by a call, that it is this
    person who uses the account. The administrator who gave the role can't confirm it.
    """
    if not actor.may(Permission.CONFIRM_COORDINATORS):
        raise Forbidden("The role of coordinator is confirmed by a coordinator.")
    async with db.write(actor, "confirm_role", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await _pending(tx, id)
        if row["given_by"] == actor.id:
            raise Forbidden("You gave this role. Another coordinator confirms it.")
        if row["password_set_by_shown_link"]:
            raise PasswordWasShown
        await sql.add_role(tx, person=id, role=Role.COORDINATOR)
        await sql.end_pending(tx, person=id)
        await _touch(tx, id)
        await _write_to_coordinators(tx, settings, LetterKind.COORDINATOR_CHANGED, id)
        shown = _shown(await accounts.person(tx, id), actor)
    return answer(shown)


@delete(
    "/v1/people/{id:uuid}/coordinator-confirmation",
    name="decline_coordinator",
    operation_id="decline_coordinator",
    status_code=200,
    opt=operation(refuses=[Forbidden, NotFound, NothingToConfirm]),
)
async def decline_coordinator(db: Database, settings: Settings, actor: Actor, id: UUID) -> Response[Person]:
    """Decline that a person becomes a coordinator. For coordinators; the role waits no longer."""
    if not actor.may(Permission.CONFIRM_COORDINATORS):
        raise Forbidden("The role of coordinator is confirmed by a coordinator.")
    async with db.write(actor, "decline_role", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        await _pending(tx, id)
        await sql.end_pending(tx, person=id)
        await _touch(tx, id)
        await _write_to_coordinators(tx, settings, LetterKind.COORDINATOR_CHANGED, id)
        shown = _shown(await accounts.person(tx, id), actor)
    return answer(shown)


async def _touch(tx: Connection, person_id: UUID) -> None:
    """Count a change of a person's roles as one of the account."""
    await sql.rename_person(tx, id=person_id, display_name=None)


@post(
    "/v1/people/{id:uuid}/invitation",
    name="renew_invitation",
    operation_id="renew_invitation",
    status_code=201,
    opt=operation(refuses=[Forbidden, NotFound, Conflict, NoMailIsSent]),
)
async def renew_invitation(
    db: Database, actor: Actor, credentials: Credentials, settings: Settings, id: UUID
) -> Response[Invitation]:
    """Give a person a new link for setting their password. Older ones lead nowhere any more.

    The link into an account in use is mailed to its person, or made on the server: it is never shown.
    """
    accounts.must_administrate(actor)
    ring = await credentials.ring()
    async with db.write(actor, "renew_invitation", ObjectKind.PERSON, id, lock=(ObjectKind.PERSON, id)) as tx:
        row = await accounts.person(tx, id)
        if row["state"] == "deactivated":
            raise Conflict("The account is deactivated. Activate it first.", state=row["state"])
        invitation = await _invite(tx, settings, ring, row)
        if invitation.expires_at is UNSET:
            raise NoMailIsSent
    return answer(invitation, status=201)


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
        workflow.check_version(row["version"], version_of(if_match))
        if Role.ADMINISTRATOR in row["roles"] and row["state"] == "active":
            await accounts.keep_an_administrator(tx, actor, id)
        await sql.set_state(tx, id=id, state="deactivated")
        await sql.end_sessions(tx, person=id)
        await sql.void_links(tx, person=id)
        await accounts.hand_back(db, tx, id, [])
        row = await accounts.person(tx, id)
    return answer(_shown(row, actor), version=row["version"])


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
        workflow.check_version(row["version"], version_of(if_match))
        if row["state"] != "deactivated":
            raise Conflict("The account is not deactivated.", state=row["state"])
        await sql.set_state(tx, id=id, state="active")
        row = await accounts.person(tx, id)
    return answer(_shown(row, actor), version=row["version"])


ROUTES = [
    list_people,
    invite_person,
    get_person,
    change_person,
    confirm_coordinator,
    decline_coordinator,
    renew_invitation,
    deactivate_person,
    activate_person,
]
