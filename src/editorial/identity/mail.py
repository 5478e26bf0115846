"""Mail: queued in the transaction of the work, sent afterwards, and reported when it cannot be sent.

A mail is claimed for a while, handed to the mail server, and removed. Where a process dies in between, it is
sent again: once more rather than never, with the same Message-ID and the same link. Nobody waits for a mail
server but the worker's own lane for it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import msgspec
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from editorial.core.ids import new_id
from editorial.core.letters import Letter, LetterKind, letter
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.identity import tokens
from editorial.identity.authentication import Credentials
from editorial.identity.tokens import KeyRing
from editorial.settings import Settings
from editorial.telemetry import metrics

sql = load_queries("identity/mail")
log = structlog.get_logger("editorial.identity.mail")

PAGE = 20
PATIENCE_SECONDS = 25
"""How long one mail may take. Less than it is claimed for, so that it is not sent twice at once."""
HOURS = {LetterKind.INVITATION: 7 * 24, LetterKind.RESET: 1}
"""How long the link in a mail is valid."""
LOCAL = {"localhost", "127.0.0.1", "::1"}

_FORMS = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "letters"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time link, as it was just made."""

    id: UUID
    token: str
    expires_at: datetime


class NotDelivered(Exception):
    """The mail server did not take a mail. `why` is one word, as the server's text may name a person."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        """`for_good`: a retry would not help."""
        self.why = why
        self.for_good = for_good
        super().__init__(why)


def token_of_link(ring: KeyRing, link: UUID) -> str:
    """The secret of a link. It is derived from the id, so it can be sent again without being stored."""
    return ring.derive("one-time link", link.hex)


class Delivery(StrEnum):
    """How a link reaches its person. The database refuses to show the link of an account in use."""

    MAIL = "mail"
    SHOWN = "shown"
    """To the administrator who invited them, where no mail goes out."""
    SERVER = "server"
    """Where the program runs: by a command, or in the log. Both parts of the trail tell of it."""


async def new_link(
    tx: Connection, ring: KeyRing, person: UUID, purpose: LetterKind, delivery: Delivery
) -> Link:
    """A link by which a person sets their password, within the present transaction."""
    link = new_id()
    token = token_of_link(ring, link)
    expires = await sql.add_link(
        tx,
        id=link,
        person=person,
        purpose=purpose,
        token_hash=tokens.hash_of(token),
        hours=HOURS[purpose],
        delivery=delivery,
    )
    return Link(id=link, token=token, expires_at=expires)


async def queue(
    tx: Connection, settings: Settings, kind: LetterKind, person: UUID, *, link: UUID | None = None
) -> None:
    """Queue a mail to a person in the current transaction. Does nothing where mail is off."""
    if settings.smtp_url is not None:
        await sql.queue_mail(tx, id=new_id(), kind=kind, person=person, address=None, link=link)


async def queue_reset(tx: Connection, settings: Settings, address: str) -> None:
    """Queue a mail to the person with this address, if any. The person is looked up on sending."""
    if settings.smtp_url is not None:
        await sql.queue_mail(tx, id=new_id(), kind=LetterKind.RESET, person=None, address=address, link=None)


async def send_due(db: Database, settings: Settings) -> None:
    """Send what is due. Any number of workers may run this at once."""
    if settings.smtp_url is None:
        return
    async with db.read() as connection:
        _queue.look(await sql.queue_state(connection))
        due = await sql.due_mail(connection, page=PAGE)
        forgotten = await sql.failures_to_forget(connection, page=PAGE)
    if due:
        ring = await Credentials(db, settings).ring()
        for row in due:
            await send_one(db, settings, ring, row["id"])
    for row in forgotten:
        async with db.write(SYSTEM, "forget_mail", ObjectKind.MAIL, row["id"]) as tx:
            await sql.remove_mail(tx, id=row["id"])


class _Queue:
    """The queue as this process last saw it, for monitoring."""

    def __init__(self) -> None:
        """Nothing was looked at yet."""
        self._state: Any = None

    def look(self, state: Any) -> None:
        """Remember what was seen."""
        self._state = state

    def waiting(self) -> float | None:
        """The number of waiting mails."""
        return None if self._state is None else float(self._state["waiting"])

    def oldest(self) -> float | None:
        """The age of the oldest waiting mail, in seconds."""
        return None if self._state is None else float(self._state["oldest"])


_queue = _Queue()
metrics.gauge("mails_waiting", "Mails that wait to be sent.", _queue.waiting)
metrics.gauge("oldest_mail_seconds", "For how long the oldest mail has waited.", _queue.oldest)


class _Claimed(msgspec.Struct, frozen=True, kw_only=True):
    to: str
    letter: Letter
    is_last: bool
    """It has been tried for long enough."""


async def send_one(db: Database, settings: Settings, ring: KeyRing, mail: UUID) -> None:
    """Send one mail, if it is still due and leads somewhere."""
    async with db.write(SYSTEM, "send_mail", ObjectKind.MAIL, mail) as tx:
        claimed = await _claim(tx, settings, ring, mail)
    if claimed is None:
        return
    message = compose(settings, mail, claimed.to, claimed.letter)
    try:
        await _post_of(settings)(settings, message)
    except NotDelivered as fault:
        for_good = fault.for_good or claimed.is_last
        log.warning("a mail was not delivered", why=fault.why, for_good=for_good)
        metrics.count_item("send_mails", fault.why)
        async with db.write(
            SYSTEM, "mail_given_up" if for_good else "mail_delayed", ObjectKind.MAIL, mail
        ) as tx:
            await sql.note_failure(tx, id=mail, why=fault.why, for_good=for_good)
        return
    metrics.count_item("send_mails", "done")
    async with db.write(SYSTEM, "mail_sent", ObjectKind.MAIL, mail) as tx:
        await sql.remove_mail(tx, id=mail)


async def _claim(tx: Connection, settings: Settings, ring: KeyRing, mail: UUID) -> _Claimed | None:
    """Take a mail for a while. One that leads nowhere any more is removed."""
    row: Any = await sql.claim_mail(tx, id=mail)
    if row is None:
        return None
    kind, person = LetterKind(row["kind"]), row["person_id"]
    if row["address"] is not None:
        person = await sql.find_by_address(tx, address=row["address"])
    whose = None if person is None else await sql.find_recipient(tx, person=person)
    if whose is None:
        await sql.remove_mail(tx, id=mail)
        return None
    token, until = None, None
    if kind in HOURS:
        link_id = row["link_id"]
        if link_id is None:
            delivery = Delivery.MAIL if settings.sends_mail else Delivery.SERVER
            made = await new_link(tx, ring, person, kind, delivery)
            link_id = made.id
            await sql.name_recipient(tx, id=mail, person=person, link=link_id)
        token = token_of_link(ring, link_id)
        # Another key may have come since it was made: the link is then what the present one derives.
        until = await sql.renew_link(tx, id=link_id, token_hash=tokens.hash_of(token))
        if until is None:
            await sql.remove_mail(tx, id=mail)
            return None
    language = whose["mail_language"] or settings.mail_language
    return _Claimed(
        to=whose["email"],
        is_last=row["is_last"],
        letter=letter(kind, language, token=token, page=settings.password_page_url, until=until),
    )


def compose(settings: Settings, mail: UUID, to: str, written: Letter) -> EmailMessage:
    """A letter as a message, in plain text and in HTML."""
    message = EmailMessage()
    sender = settings.mail_from or "editorial@localhost"
    message["From"] = sender
    message["To"] = to
    message["Subject"] = written.subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{mail.hex}@{sender.rpartition('@')[2]}>"
    message["Content-Language"] = written.language
    message["Auto-Submitted"] = "auto-generated"
    parts = {"letter": written, "is_address": (written.link or "").startswith("http")}
    message.set_content(_FORMS.get_template("letter.txt").render(parts))
    message.add_alternative(_FORMS.get_template("letter.html").render(parts), subtype="html")
    return message


Post = Callable[[Settings, EmailMessage], Awaitable[None]]


def _post_of(settings: Settings) -> Post:
    return _show if settings.smtp_url == "print:" else _send


async def _show(_: Settings, message: EmailMessage) -> None:
    """Show a mail in the terminal, in place of sending it."""
    body = message.get_body(("plain",))
    text = body.get_content().strip() if body is not None else ""
    framed = "\n".join(f"  | {line}" for line in text.splitlines())
    sys.stderr.write(f"\nA mail to {message['To']} (no mail server is set):\n{framed}\n\n")
    sys.stderr.flush()


async def _send(settings: Settings, message: EmailMessage) -> None:
    """Hand a mail to the mail server. Raises `NotDelivered`."""
    url = urlsplit(settings.smtp_url or "")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await aiosmtplib.send(
                message,
                hostname=url.hostname,
                port=url.port,
                username=unquote(url.username) if url.username else None,
                password=unquote(url.password) if url.password else None,
                use_tls=url.scheme == "smtps",
                # Always encrypt over a network; a mail server on this machine may do without.
                start_tls=None if url.hostname in LOCAL else url.scheme == "smtp",
                # Do not reveal this machine's name.
                local_hostname=message["From"].rpartition("@")[2],
                timeout=PATIENCE_SECONDS,
            )
    except aiosmtplib.SMTPRecipientsRefused as fault:
        for_good = all(500 <= one.code < 600 for one in fault.recipients)
        raise NotDelivered("recipient_refused", for_good=for_good) from fault
    except aiosmtplib.SMTPResponseException as fault:
        raise NotDelivered("refused") from fault
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as fault:
        raise NotDelivered("unreachable") from fault


async def is_stuck(connection: Connection) -> bool:
    """Whether a mail waits for longer than it should, or was given up."""
    return bool(await sql.mail_is_stuck(connection))
