"""The rest of the trail in words: accounts, sections, bylines, keys. Texts and translations: `sentences.py`.

A deed is told like a step of the machines: what became of the thing, whose it is, and who did it, with
nothing that has to agree with a person's gender or inflects a name.
"""

from collections.abc import Sequence

from editorial.core.labels import ROLES, Labels
from editorial.core.permissions import Role
from editorial.core.sentences import PHRASES, language_name

DEEDS: dict[str, dict[str, Labels]] = {
    "person": {
        "add_person": Labels("Дададзены ўліковы запіс", "Добавлена учётная запись", "An account was added"),
        "invite": Labels("Адпраўлена запрашэнне", "Отправлено приглашение", "An invitation was made"),
        "renew_invitation": Labels(
            "Запрашэнне выдадзена нанова", "Приглашение выдано заново", "The invitation was renewed"
        ),
        "accept_invitation": Labels(
            "Запрашэнне прынята, пароль зададзены",
            "Приглашение принято, пароль задан",
            "The invitation was accepted and a password set",
        ),
        "change_person": Labels(
            "Уліковы запіс зменены", "Учётная запись изменена", "The account was changed"
        ),
        "deactivate": Labels(
            "Уліковы запіс адключаны", "Учётная запись отключена", "The account was deactivated"
        ),
        "activate": Labels(
            "Уліковы запіс зноў уключаны", "Учётная запись снова включена", "The account was activated again"
        ),
        "erase": Labels(
            "Чалавек выдалены назаўжды", "Человек удалён навсегда", "A person was erased for good"
        ),
        "forget_bylines": Labels(
            "Сувязь з подпісамі знішчана",
            "Связь с подписями уничтожена",
            "The link to bylines was destroyed",
        ),
        "change_me": Labels(
            "Зменены ўласны ўліковы запіс",
            "Изменена собственная учётная запись",
            "The own account was changed",
        ),
        "reset_password": Labels(
            "Пароль зададзены нанова па спасылцы",
            "Пароль задан заново по ссылке",
            "The password was set anew by a link",
        ),
        "begin_totp": Labels(
            "Пачата наладка аднаразовых кодаў",
            "Начата настройка одноразовых кодов",
            "The set-up of one-time codes was begun",
        ),
        "confirm_totp": Labels(
            "Аднаразовыя коды ўключаны", "Одноразовые коды включены", "One-time codes were switched on"
        ),
        "remove_totp": Labels(
            "Аднаразовыя коды адключаны", "Одноразовые коды отключены", "One-time codes were switched off"
        ),
        "remove_totp_of_person": Labels(
            "Аднаразовыя коды адключаны адміністратарам",
            "Одноразовые коды отключены администратором",
            "One-time codes were switched off by an administrator",
        ),
        "change_totp_failed": Labels(
            "Няўдалая спроба змяніць аднаразовыя коды",
            "Неудачная попытка изменить одноразовые коды",
            "A change of one-time codes failed",
        ),
        "sign_in_without_totp": Labels(
            "Спроба ўваходу без аднаразовага кода",
            "Попытка входа без одноразового кода",
            "Somebody tried to sign in without a one-time code",
        ),
        "sign_in_throttled": Labels(
            "Занадта шмат спроб уваходу",
            "Слишком много попыток входа",
            "There were too many attempts to sign in",
        ),
        "sign_in_failed": Labels(
            "Няўдалая спроба ўваходу", "Неудачная попытка входа", "Somebody failed to sign in"
        ),
        "sign_out": Labels("Выхад на ўсіх прыладах", "Выход на всех устройствах", "Signed out everywhere"),
        "change_password": Labels("Пароль зменены", "Пароль изменён", "The password was changed"),
        "change_password_failed": Labels(
            "Няўдалая спроба змяніць пароль",
            "Неудачная попытка сменить пароль",
            "A change of the password failed",
        ),
        "give_role": Labels(
            "Роля дадзена на серверы", "Роль дана на сервере", "A role was given on the server"
        ),
        "confirm_role": Labels("Роля пацверджана", "Роль подтверждена", "A role was confirmed"),
        "decline_role": Labels("Роля адхілена", "Роль отклонена", "A role was declined"),
        "make_link": Labels(
            "На серверы зроблена спасылка, па якой задаецца пароль",
            "На сервере сделана ссылка, по которой задаётся пароль",
            "A link to set a password was made on the server",
        ),
        "give_coordinator": Labels(
            "Дадзена роля каардынатара, чакае пацвярджэння каардынатарам",
            "Дана роль координатора, ждёт подтверждения координатором",
            "The role of coordinator was given and waits for a coordinator's confirmation",
        ),
        "confirm_coordinator": Labels(
            "Роля каардынатара пацверджана",
            "Роль координатора подтверждена",
            "The role of coordinator was confirmed",
        ),
        "withdraw_coordinator": Labels(
            "Роля каардынатара не пацверджана і больш не чакае",
            "Роль координатора не подтверждена и больше не ждёт",
            "The role of coordinator was not confirmed and waits no longer",
        ),
        "take_coordinator": Labels(
            "Роля каардынатара забрана",
            "Роль координатора отнята",
            "The role of coordinator was taken away",
        ),
        "appoint_coordinator": Labels(
            "Роля каардынатара дадзена на серверы",
            "Роль координатора дана на сервере",
            "The role of coordinator was given on the server",
        ),
        "make_link_on_server": Labels(
            "На серверы зроблена спасылка ва ўліковы запіс",
            "На сервере сделана ссылка в учётную запись",
            "A link into an account was made on the server",
        ),
        "remove_totp_of_coordinator": Labels(
            "Аднаразовыя коды каардынатара адключаны",
            "Одноразовые коды координатора отключены",
            "A coordinator's one-time codes were switched off",
        ),
        "deactivate_coordinator": Labels(
            "Уліковы запіс каардынатара адключаны",
            "Учётная запись координатора отключена",
            "A coordinator's account was deactivated",
        ),
        "activate_coordinator": Labels(
            "Уліковы запіс каардынатара зноў уключаны",
            "Учётная запись координатора снова включена",
            "A coordinator's account was activated again",
        ),
        "take_byline": Labels("Узяты подпіс", "Взята подпись", "A byline was taken"),
        "read_bylines": Labels(
            "Прагледжаны ўласныя подпісы", "Просмотрены собственные подписи", "Own bylines were read"
        ),
    },
    "byline": {
        "look_behind_byline": Labels(
            "Праверана, хто стаіць за подпісам",
            "Проверено, кто стоит за подписью",
            "Somebody looked who stands behind a byline",
        ),
    },
    "session": {
        "forget_sign_ins": Labels(
            "Старыя звесткі пра ўваходы знішчаны",
            "Старые сведения о входах уничтожены",
            "Old sign-ins were forgotten",
        ),
        "sign_in": Labels("Уваход у сістэму", "Вход в систему", "Signed in"),
        "refresh": Labels("Сеанс працягнуты", "Сеанс продлён", "The session was renewed"),
        "refresh_reuse": Labels(
            "Ключ сеанса скарыстаны двойчы, сеанс спынены",
            "Ключ сеанса использован дважды, сеанс прекращён",
            "A refresh token was used twice, and the session ended",
        ),
        "sign_out": Labels("Выхад з сістэмы", "Выход из системы", "Signed out"),
    },
    "signing_key": {
        "add_signing_key": Labels(
            "Дададзены ключ подпісу", "Добавлен ключ подписи", "A signing key was added"
        ),
        "rotate_signing_keys": Labels(
            "Ключ подпісу заменены", "Ключ подписи заменён", "The signing key was replaced"
        ),
        "distrust_signing_key": Labels(
            "Ключ подпісу прызнаны ненадзейным",
            "Ключ подписи признан ненадёжным",
            "A signing key is not trusted any more",
        ),
    },
    "mail": {
        "send_mail": Labels("Ліст падрыхтаваны", "Письмо подготовлено", "A mail was made ready"),
        "mail_sent": Labels("Ліст адпраўлены", "Письмо отправлено", "A mail was sent"),
        "mail_delayed": Labels("Ліст адкладзены", "Письмо отложено", "A mail was delayed"),
        "mail_given_up": Labels("Ліст не дастаўлены", "Письмо не доставлено", "A mail was given up"),
        "forget_mail": Labels("Стары ліст знішчаны", "Старое письмо уничтожено", "An old mail was forgotten"),
    },
    "audit_key": {
        "add_seal_key": Labels(
            "Дададзены ключ для пячаткі журнала",
            "Добавлен ключ для печати журнала",
            "A key to seal the trail was added",
        ),
    },
    "service_token": {
        "create_service_token": Labels(
            "Выдадзены ключ сэрвісу", "Выдан ключ сервиса", "A service token was made"
        ),
        "revoke_service_token": Labels(
            "Ключ сэрвісу адкліканы", "Ключ сервиса отозван", "A service token was revoked"
        ),
    },
    "section": {
        "add_section": Labels("Дададзена рубрыка", "Добавлена рубрика", "A section was added"),
        "change_section": Labels("Рубрыка зменена", "Рубрика изменена", "A section was changed"),
    },
    "glossary_term": {
        "add_term": Labels("Дададзены тэрмін", "Добавлен термин", "A term was added"),
        "change_term": Labels("Тэрмін зменены", "Термин изменён", "A term was changed"),
        "remove_term": Labels("Тэрмін прыбраны", "Термин убран", "A term was removed"),
    },
    "publication_check": {
        "change_publication_check": Labels(
            "Зменена праверка перад публікацыяй",
            "Изменена проверка перед публикацией",
            "A check before publication was changed",
        ),
    },
    "none": {
        "request_password_reset": Labels(
            "Папрошана спасылка для новага пароля",
            "Запрошена ссылка для нового пароля",
            "A link for a new password was asked for",
        ),
        "migrate": Labels(
            "Абноўлена схема базы", "Обновлена схема базы", "The schema was brought up to date"
        ),
    },
}
"""What happened, by the kind of thing that it happened to, and action."""

REFUSED: dict[str, Labels] = {
    "account_access_refused": Labels(
        "Адмоўлена ў доступе да ўліковых запісаў",
        "Отказано в доступе к учётным записям",
        "Access to the accounts was refused",
    ),
    "read_refused": Labels(
        "Спроба прачытаць тое, чаго для гэтага чалавека няма",
        "Попытка прочитать то, чего для этого человека нет",
        "An attempt to read what is not there for this person",
    ),
    "change_refused": Labels(
        "Спроба змяніць тое, што гэтаму чалавеку нельга",
        "Попытка изменить то, что этому человеку нельзя",
        "An attempt to change what is not this person's to change",
    ),
    "approve_refused": Labels("Адмоўлена ў адабрэнні", "Отказано в одобрении", "An approval was refused"),
    "accept_refused": Labels(
        "Адмоўлена ў прыняцці перакладу",
        "Отказано в приёмке перевода",
        "An acceptance of a translation was refused",
    ),
    "publish_refused": Labels("Адмоўлена ў публікацыі", "Отказано в публикации", "A publication was refused"),
    "schedule_refused": Labels(
        "Адмоўлена ў планаванні публікацыі",
        "Отказано в планировании публикации",
        "The scheduling of a publication was refused",
    ),
    "more_refused": Labels(
        "Адмоў у гэтую гадзіну было больш, астатнія не запісаны",
        "Отказов в этот час было больше, остальные не записаны",
        "More was refused in this hour, which has no entries",
    ),
}
"""What was refused, whatever it was about."""

_BY_ITS_NAME = Labels("Зроблены крок «{}»", "Сделан шаг «{}»", "A step was taken: “{}”")
_ACCOUNT = Labels("уліковы запіс: {}", "учётная запись: {}", "account: {}")
_SECTION = Labels("рубрыка: {}", "рубрика: {}", "section: {}")
_ADDED = Labels("дададзена: {}", "добавлено: {}", "added: {}")
_TAKEN = Labels("забрана: {}", "отнято: {}", "taken away: {}")
_WAITING = Labels("чакае пацвярджэння: {}", "ждёт подтверждения: {}", "waits for confirmation: {}")


def account_sentence(
    kind: str,
    action: str,
    language: str,
    *,
    who: str,
    account: str | None = None,
    section: str | None = None,
    added: Sequence[str] = (),
    taken: Sequence[str] = (),
    waiting: Sequence[str] = (),
) -> str:
    """What happened to what, and who did it. `added`, `taken` and `waiting` are roles and languages.

    A step by hand can bear any name: one that has no words is told by it.
    """
    words = DEEDS.get(kind, {}).get(action, REFUSED.get(action))
    told = _BY_ITS_NAME.in_(language).format(action) if words is None else words.in_(language)
    details = [
        words.in_(language).format(value)
        for words, value in (
            (_ACCOUNT, account),
            (_SECTION, section),
            (_ADDED, _listed(added, language)),
            (_TAKEN, _listed(taken, language)),
            (_WAITING, _listed(waiting, language)),
        )
        if value
    ]
    if details:
        told += f" ({'; '.join(details)})"
    return f"{told}. — {who}"


def has_words(kind: str, action: str) -> bool:
    """Whether a step is told in a sentence of its own."""
    return action in PHRASES.get(kind, {}) or action in DEEDS.get(kind, {}) or action in REFUSED


def _listed(words: Sequence[str], language: str) -> str:
    roles = {str(role) for role in Role}
    return ", ".join(
        ROLES[Role(one)].in_(language).lower() if one in roles else language_name(one, language)
        for one in words
    )
