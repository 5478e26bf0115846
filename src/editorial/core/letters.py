"""What the newsroom writes to people's mailboxes: as little as will do.

A mailbox may be read by somebody else. A subject tells nothing, a text names neither the newsroom, nor the
person, nor what they do there.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from editorial.locales import Label, Message, nearest, render


class LetterKind(StrEnum):
    """Why somebody is written to."""

    INVITATION = "invitation"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a kind of letter
    SESSION_STOLEN = "session_stolen"
    TOTP_ON = "totp_on"
    TOTP_OFF = "totp_off"
    COORDINATOR_GIVEN = "coordinator_given"
    COORDINATOR_CHANGED = "coordinator_changed"
    LINK_MADE = "link_made"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in one language, before it gets a form."""

    subject: str
    language: str
    paragraphs: list[str]
    link: str | None
    """The address or the code by which a password is set."""
    after_link: list[str]


_MAY_BE_ANOTHERS = frozenset(
    {
        LetterKind.PASSWORD_CHANGED,
        LetterKind.SESSION_STOLEN,
        LetterKind.TOTP_ON,
        LetterKind.TOTP_OFF,
        LetterKind.LINK_MADE,
    }
)
"""Letters about what the person themselves should have done. They say what to do where it was another."""


def letter(
    kind: LetterKind, language: str, *, token: str | None, page: str | None, until: datetime | None
) -> Letter:
    """A letter of one kind. `page` is where a front end takes the token, which is good `until` then."""
    says: list[Message] = [Label("mail", kind)]
    if kind in _MAY_BE_ANOTHERS:
        says.append(Message("mail.not-you"))
    link: str | None = None
    after: list[Message] = []
    if token is not None and until is not None:
        says.append(Message("mail.open-link") if page else Message("mail.enter-code"))
        # After the number sign, where no server and no log gets to see it.
        link = f"{page}#token={token}" if page else token
        after.append(Message("mail.until", until=until))
    return Letter(
        subject=render(Message("mail.subject"), language),
        language=nearest(language),
        paragraphs=[render(one, language) for one in says],
        link=link,
        after_link=[render(one, language) for one in after],
    )
