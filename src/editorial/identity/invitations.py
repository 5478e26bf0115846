"""Links by which a person sets a password: mailed, shown once, or made on the server."""

from uuid import UUID

from litestar import Response, post
from msgspec import UNSET

from editorial.core.letters import LetterKind
from editorial.core.permissions import Actor, Role
from editorial.core.refusals import Conflict, Forbidden, NoMailIsSent, NotFound
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection
from editorial.identity import accounts, mail
from editorial.identity.accounts import Invitation, PersonRow, sql
from editorial.identity.authentication import Credentials
from editorial.identity.mail import Delivery, Link
from editorial.identity.tokens import KeyRing
from editorial.locales import Message
from editorial.settings import Settings
from editorial.web import answer, operation


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
        if row.state == "deactivated":
            raise Conflict(Message("reason.account-is-deactivated"), state=row.state)
        invitation = await give_link(tx, settings, ring, row)
        if invitation.expires_at is UNSET:
            raise NoMailIsSent
    return answer(invitation, status=201)


async def make_link(db: Database, settings: Settings, ring: KeyRing, actor: Actor, whom: str) -> Link:
    """Make a link by which a person sets a password, by a command on the server. Raises `NotFound`.

    The trail records it, and the person gets a mail about it.
    """
    account = await accounts.find(db, whom)
    person_id: UUID = account.id
    if account.state == "deactivated":
        raise Conflict(Message("reason.account-is-deactivated"), state=account.state)
    kind = LetterKind.INVITATION if account.state == "invited" else LetterKind.RESET
    async with db.write(
        actor, "make_link", ObjectKind.PERSON, person_id, lock=(ObjectKind.PERSON, person_id)
    ) as tx:
        await sql.void_links(tx, person=person_id)
        link = await mail.new_link(tx, ring, person_id, kind, Delivery.SERVER)
        await mail.queue(tx, settings, LetterKind.LINK_MADE, person_id)
    return link


async def give_link(tx: Connection, settings: Settings, ring: KeyRing, row: PersonRow) -> Invitation:
    """Give a person a link to set their password, mailed or shown.

    A person who sees a link can use the account. So the link is shown only where it cannot be mailed, and
    only while the account was never used and is not to be a coordinator's: other links are made on the server.
    Raises `NoMailIsSent` where an account in use would need that.
    """
    person_id: UUID = row.id
    is_in_use = row.state == "active"
    will_coordinate = row.given_at is not None or Role.COORDINATOR in row.roles
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


ROUTES = [renew_invitation]
