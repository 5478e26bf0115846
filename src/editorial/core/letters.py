"""What the newsroom writes to people's mailboxes: as little as will do.

A mailbox may be read by somebody else. A subject tells nothing, a text names neither the newsroom, nor the
person, nor what they do there.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from babel.dates import format_datetime

from editorial.core.labels import Labels


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


class MailLanguage(StrEnum):
    """A language that people are written to in."""

    BE = "be"
    RU = "ru"
    EN = "en"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in one language, before it gets a form."""

    subject: str
    language: str
    paragraphs: list[str]
    link: str | None
    """The address or the code by which a password is set."""
    after_link: list[str]


SUBJECT = Labels("Ваш уліковы запіс", "Ваша учётная запись", "Your account")

NOT_YOU = Labels(
    "Калі гэта былі не вы, адразу змяніце пароль і скажыце адміністратару.",
    "Если это были не вы, сразу смените пароль и скажите администратору.",
    "If this was not you, change your password at once and tell an administrator.",
)

SAYS: dict[LetterKind, tuple[Labels, ...]] = {
    LetterKind.INVITATION: (
        Labels(
            "Для вас створаны ўліковы запіс. Каб ім карыстацца, задайце пароль.",
            "Для вас создана учётная запись. Чтобы ею пользоваться, задайте пароль.",
            "An account was made for you. Set a password to use it.",
        ),
    ),
    LetterKind.RESET: (
        Labels(
            "Нехта папрасіў новы пароль да вашага ўліковага запісу. Калі гэта былі не вы, нічога не рабіце: "
            "пароль застанецца ранейшым.",
            "Кто-то запросил новый пароль к вашей учётной записи. Если это были не вы, ничего не делайте: "
            "пароль останется прежним.",
            "Somebody asked for a new password for your account. If it was not you, do nothing: "
            "the password stays as it is.",
        ),
    ),
    LetterKind.PASSWORD_CHANGED: (
        Labels(
            "Пароль да вашага ўліковага запісу зменены.",
            "Пароль к вашей учётной записи изменён.",
            "The password of your account was changed.",
        ),
        NOT_YOU,
    ),
    LetterKind.SESSION_STOLEN: (
        Labels(
            "Адзін з вашых сеансаў завершаны: яго ключ скарыстаны двойчы, у кагосьці ёсць копія.",
            "Один из ваших сеансов завершён: его ключ использован дважды, у кого-то есть копия.",
            "One of your sessions was ended: its key was used twice, so somebody has a copy of it.",
        ),
        NOT_YOU,
    ),
    LetterKind.TOTP_ON: (
        Labels(
            "Уваход у ваш уліковы запіс цяпер патрабуе аднаразовага кода.",
            "Вход в вашу учётную запись теперь требует одноразового кода.",
            "Signing in to your account now needs a one-time code.",
        ),
        NOT_YOU,
    ),
    LetterKind.TOTP_OFF: (
        Labels(
            "Уваход у ваш уліковы запіс больш не патрабуе аднаразовага кода.",
            "Вход в вашу учётную запись больше не требует одноразового кода.",
            "Signing in to your account no longer needs a one-time code.",
        ),
        NOT_YOU,
    ),
    LetterKind.COORDINATOR_GIVEN: (
        Labels(
            "Аднаму з уліковых запісаў дадзены правы, якія мае пацвердзіць другі чалавек. Увайдзіце, "
            "паглядзіце, чый гэта запіс, і пацвердзіце або адхіліце.",
            "Одной из учётных записей даны права, которые должен подтвердить второй человек. Войдите, "
            "посмотрите, чья это запись, и подтвердите или отклоните.",
            "An account was given rights that a second person has to confirm. Sign in, look whose account "
            "it is, and confirm or decline.",
        ),
    ),
    LetterKind.COORDINATOR_CHANGED: (
        Labels(
            "Правы аднаго з уліковых запісаў змяніліся. Увайдзіце і паглядзіце ў журнале, чые і хто іх "
            "змяніў.",
            "Права одной из учётных записей изменились. Войдите и посмотрите в журнале, чьи и кто их "
            "изменил.",
            "The rights of an account were changed. Sign in and look in the trail whose they are, and who "
            "changed them.",
        ),
    ),
    LetterKind.LINK_MADE: (
        Labels(
            "На серверы зроблена спасылка, па якой задаецца пароль да вашага ўліковага запісу.",
            "На сервере сделана ссылка, по которой задаётся пароль к вашей учётной записи.",
            "A link by which the password of your account is set was made on the server.",
        ),
        NOT_YOU,
    ),
}
"""What each letter says, a paragraph each."""

_OPEN = Labels(
    "Пароль задаецца па гэтым адрасе:", "Пароль задаётся по этому адресу:", "Set a password at this address:"
)
_ENTER = Labels(
    "Код, з якім задаецца пароль:", "Код, с которым задаётся пароль:", "The code to set a password with:"
)
_ONCE = Labels(
    "Гэта спрацуе адзін раз, да {}. Нікому гэтага не перасылайце.",
    "Это сработает один раз, до {}. Никому этого не пересылайте.",
    "It works once, until {}. Do not pass it on to anybody.",
)
_LOCALE = Labels("be", "ru", "en_GB")


def letter(
    kind: LetterKind, language: str, *, token: str | None, page: str | None, until: datetime | None
) -> Letter:
    """A letter of one kind. `page` is where a front end takes the token, which is good `until` then."""
    says = [one.in_(language) for one in SAYS[kind]]
    if token is None or until is None:
        return Letter(
            subject=SUBJECT.in_(language), language=language, paragraphs=says, link=None, after_link=[]
        )
    moment = format_datetime(until, "d MMMM y, HH:mm 'UTC'", locale=_LOCALE.in_(language))
    return Letter(
        subject=SUBJECT.in_(language),
        language=language,
        paragraphs=[*says, (_OPEN if page else _ENTER).in_(language)],
        # After the number sign, where no server and no log gets to see it.
        link=f"{page}#token={token}" if page else token,
        after_link=[_ONCE.in_(language).format(moment)],
    )
