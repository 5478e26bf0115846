"""A mail server for tests: a real one, which keeps what it is given and can be told to refuse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postbox:
    """The mails that came in, and what the next ones are answered with."""

    address: str = ""
    recipients_are_unknown: bool = False
    takes_it_but_says_no: bool = False
    _came: asyncio.Queue[EmailMessage] = field(default_factory=asyncio.Queue)

    async def handle_RCPT(  # named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to a recipient."""
        if self.recipients_are_unknown:
            return f"550 5.1.1 <{address}> is unknown here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # likewise
        """Take a mail in."""
        content: Any = envelope.content
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert [str(message["To"])] == envelope.rcpt_tos
        self._came.put_nowait(message)
        return "451 4.3.0 try again later" if self.takes_it_but_says_no else "250 OK"

    async def next_mail(self) -> EmailMessage:
        """The next mail that comes. Fails where none does."""
        async with asyncio.timeout(30):
            return await self._came.get()

    def is_empty(self) -> bool:
        """Whether nothing has come that was not looked at."""
        return self._came.empty()


@asynccontextmanager
async def open_postbox() -> AsyncIterator[Postbox]:
    """Run a mail server on a free port."""
    postbox = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postbox, hostname="localhost"), "127.0.0.1", 0)
    postbox.address = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield postbox


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """One form of a mail, as its reader sees it."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
