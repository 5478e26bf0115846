"""The history of a commentary or a task in sentences, and the words for people who are not named.

A sentence says what became of the text, and signs it with who did it: nothing has to agree with a
person's gender, and nobody's name is inflected.
"""

import re
from collections.abc import Sequence

from babel import Locale

from editorial.core.labels import Labels
from editorial.core.states import Action, CommentaryState
from editorial.core.workflow import COMMENTARY_MACHINE

PHRASES: dict[str, dict[str, Labels]] = {
    "commentary": {
        Action.CREATE: Labels(
            "Пачаты новы каментарый", "Начат новый комментарий", "A new commentary was begun"
        ),
        Action.EDIT: Labels("Тэкст зменены", "Текст изменён", "The text was changed"),
        "restore_revision": Labels(
            "Вернута ранейшая версія тэксту",
            "Возвращена прежняя версия текста",
            "An earlier revision of the text was restored",
        ),
        "comment": Labels("Пакінуты каментар", "Оставлен комментарий", "A comment was made"),
        "resolve_comment": Labels(
            "Абмеркаванне завершана", "Обсуждение завершено", "A discussion was settled"
        ),
        "reopen_comment": Labels(
            "Абмеркаванне адноўлена", "Обсуждение возобновлено", "A discussion was taken up again"
        ),
        Action.SUBMIT: Labels(
            "Тэкст адпраўлены на праверку",
            "Текст отправлен на проверку",
            "The text was submitted for review",
        ),
        Action.RECALL: Labels(
            "Тэкст адкліканы з праверкі і зноў стаў чарнавіком",
            "Текст отозван с проверки и снова стал черновиком",
            "The text was taken back from review and is a draft again",
        ),
        Action.REQUEST_CHANGES: Labels(
            "Тэкст вернуты аўтару на дапрацоўку",
            "Текст возвращён автору на доработку",
            "The text was returned to the author for changes",
        ),
        Action.APPROVE: Labels(
            "Тэкст прачытаны і ўхвалены",
            "Текст прочитан и одобрен",
            "The text was read and approved",
        ),
        Action.REOPEN: Labels(
            "Ухвалены тэкст вернуты ў чарнавікі",
            "Одобренный текст возвращён в черновики",
            "The approved text was reopened and is a draft again",
        ),
        Action.PUBLISH: Labels("Тэкст апублікаваны", "Текст опубликован", "The text was published"),
        Action.SCHEDULE: Labels(
            "Публікацыя запланавана", "Публикация запланирована", "Publication was scheduled"
        ),
        Action.UNSCHEDULE: Labels(
            "Запланаваная публікацыя адменена",
            "Запланированная публикация отменена",
            "The scheduled publication was called off",
        ),
        Action.REVISE: Labels(
            "Пачаты новы чарнавік тэксту",
            "Начат новый черновик текста",
            "A new draft of the text was begun",
        ),
        Action.RETRACT: Labels(
            "Тэкст зняты з публікацыі", "Текст снят с публикации", "The text was retracted"
        ),
        Action.CHANGE_SLUG: Labels(
            "Адрас старонкі зменены", "Адрес страницы изменён", "The page's address was changed"
        ),
        "make_preview": Labels(
            "Створана спасылка для папярэдняга прагляду",
            "Создана ссылка для предпросмотра",
            "A link to a preview was made",
        ),
        "date_publication": Labels(
            "Публікацыя дэманстрацыйнага тэксту датавана яго тыднем",
            "Публикация демонстрационного текста датирована его неделей",
            "The publication of a text of the demo was dated to its own week",
        ),
        Action.DISCARD: Labels(
            "Чарнавік перамешчаны ў кошык",
            "Черновик перемещён в корзину",
            "The draft was discarded",
        ),
        Action.RESTORE: Labels("Чарнавік адноўлены", "Черновик восстановлен", "The draft was restored"),
        Action.NAME_CONTRIBUTORS: Labels(
            "Спіс суаўтараў зменены",
            "Список соавторов изменён",
            "The list of contributors was changed",
        ),
        Action.CHANGE_SECTION: Labels("Рубрыка зменена", "Рубрика изменена", "The section was changed"),
        Action.CHANGE_WEEK: Labels(
            "Тыдзень агляду зменены", "Неделя обзора изменена", "The coverage week was changed"
        ),
        Action.CHANGE_BYLINE: Labels("Подпіс зменены", "Подпись изменена", "The byline was changed"),
        Action.ADD_LANGUAGE: Labels(
            "Спіс моў перакладу папоўнены",
            "Список языков перевода пополнен",
            "The list of target languages was extended",
        ),
        Action.DROP_LANGUAGE: Labels(
            "Спіс моў перакладу скарочаны",
            "Список языков перевода сокращён",
            "The list of target languages was shortened",
        ),
    },
    "translation_task": {
        "open": Labels(
            "Адкрыта заданне: {translation}",
            "Открыто задание: {translation}",
            "A task was opened: {translation}",
        ),
        Action.CLAIM: Labels(
            "Узяты ў працу {translation}",
            "Взят в работу {translation}",
            "The {translation} was taken on",
        ),
        Action.ASSIGN: Labels(
            "Выканаўцу даручаны {translation}",
            "Исполнителю поручен {translation}",
            "The {translation} was assigned to a translator",
        ),
        Action.RELEASE: Labels(
            "Вернуты ў чаргу {translation}, тэкст захаваны",
            "Возвращён в очередь {translation}, текст сохранён",
            "The {translation} was given back to the queue, its text is kept",
        ),
        Action.SAVE: Labels(
            "Захаваны {translation}", "Сохранён {translation}", "The {translation} was saved"
        ),
        "restore_revision": Labels(
            "Вернуты да ранейшай версіі {translation}",
            "Возвращён к прежней версии {translation}",
            "The {translation} was restored to an earlier revision",
        ),
        "comment": Labels(
            "Пакінуты каментар: {translation}",
            "Оставлен комментарий: {translation}",
            "A comment was made: {translation}",
        ),
        "resolve_comment": Labels(
            "Абмеркаванне завершана: {translation}",
            "Обсуждение завершено: {translation}",
            "A discussion was settled: {translation}",
        ),
        "reopen_comment": Labels(
            "Абмеркаванне адноўлена: {translation}",
            "Обсуждение возобновлено: {translation}",
            "A discussion was taken up again: {translation}",
        ),
        Action.SUBMIT: Labels(
            "Здадзены на праверку {translation}",
            "Сдан на проверку {translation}",
            "The {translation} was handed in for review",
        ),
        Action.RECALL: Labels(
            "Забраны з праверкі {translation}",
            "Забран с проверки {translation}",
            "The {translation} was taken back from review",
        ),
        Action.RETURN: Labels(
            "Вернуты на дапрацоўку {translation}",
            "Возвращён на доработку {translation}",
            "The {translation} was returned for changes",
        ),
        Action.ACCEPT: Labels(
            "Прачытаны і прыняты {translation}",
            "Прочитан и принят {translation}",
            "The {translation} was read and accepted",
        ),
        Action.CHANGE_DUE_DATE: Labels(
            "Зменены тэрмін: {translation}",
            "Изменён срок: {translation}",
            "The due date was changed: {translation}",
        ),
        Action.ANSWER_WARNING: Labels(
            "Дадзены адказ на заўвагу праверкі: {translation}",
            "Дан ответ на замечание проверки: {translation}",
            "A warning was answered: {translation}",
        ),
        Action.CANCEL: Labels(
            "Адменена заданне: {translation}",
            "Отменено задание: {translation}",
            "A task was cancelled: {translation}",
        ),
        "expire": Labels(
            "Час выйшаў: {translation} зноў у чарзе, тэкст захаваны",
            "Время вышло: {translation} снова в очереди, текст сохранён",
            "Time ran out: the {translation} is back in the queue, its text is kept",
        ),
    },
}
"""What happened, by machine and action. `open` and `expire` are what the system does."""

REACHED: dict[str, Labels] = {
    CommentaryState.DRAFT: Labels(
        "Каментарый цяпер чарнавік",
        "Комментарий теперь черновик",
        "The commentary is a draft now",
    ),
    CommentaryState.IN_REVIEW: Labels(
        "Каментарый цяпер на праверцы",
        "Комментарий теперь на проверке",
        "The commentary is in review now",
    ),
    CommentaryState.IN_TRANSLATION: Labels(
        "Каментарый перададзены ў пераклад",
        "Комментарий передан в перевод",
        "The commentary went into translation",
    ),
    CommentaryState.READY: Labels(
        "Каментарый гатовы да публікацыі",
        "Комментарий готов к публикации",
        "The commentary is ready for publication",
    ),
    CommentaryState.PUBLISHED: Labels(
        "Каментарый апублікаваны", "Комментарий опубликован", "The commentary is published"
    ),
    CommentaryState.RETRACTED: Labels(
        "Каментарый цалкам зняты з публікацыі",
        "Комментарий полностью снят с публикации",
        "The commentary is wholly retracted",
    ),
    CommentaryState.DISCARDED: Labels(
        "Каментарый цяпер у кошыку",
        "Комментарий теперь в корзине",
        "The commentary is discarded now",
    ),
}
"""What is added where the commentary came into a state that the action alone does not tell."""

PSEUDONYMS: dict[str, Labels] = {
    "author": Labels("аўтар", "автор", "the author"),
    "contributor": Labels("суаўтар", "соавтор", "a contributor"),
    "coordinator": Labels("каардынатар", "координатор", "a coordinator"),
    "translator": Labels("перакладчык", "переводчик", "a translator"),
    "system": Labels("сістэма", "система", "the system"),
    "service": Labels("сэрвіс", "сервис", "a service"),
    "erased": Labels("выдалены ўдзельнік", "удалённый участник", "an erased person"),
    "unknown": Labels("невядома хто", "неизвестно кто", "somebody unknown"),
    "you": Labels("вы", "вы", "you"),
}
"""What somebody is called where a name is not to be told."""

_TOLD: dict[str, CommentaryState | None] = {
    transition.action: transition.target for transition in COMMENTARY_MACHINE
}
_REVISION = Labels("версія {}", "версия {}", "revision {}")
_ONE_LANGUAGE = Labels("мова: {}", "язык: {}", "language: {}")
_LANGUAGES = Labels("мовы: {}", "языки: {}", "languages: {}")
_TRANSLATION = Labels("пераклад", "перевод", "translation")
_INTO = Labels(" на {}", " на {}", " into {}")
_LOCALE = Labels("be", "ru", "en")
_SYSTEM_FOR = Labels("сістэма, ад імя: {}", "система, от имени: {}", "the system, for: {}")


def language_name(tag: str, language: str) -> str:
    """What a language is called in another one, in the nominative; a variety keeps its tag."""
    names = Locale(_LOCALE.in_(language)).languages
    if name := names.get(tag.replace("-", "_")):
        return str(name)
    name = names.get(tag.partition("-")[0])
    return f"{name} ({tag})" if name else tag


def _into(tag: str, language: str) -> str:
    """“ into English”, as it follows the word for translation or translator."""
    name, opening, variety = language_name(tag, language).partition(" (")
    match _LOCALE.in_(language):
        case "be" if name.endswith("ая"):
            name = re.sub(r"ая\b", "ую", name) + " мову"
        case "ru" if name.endswith(("ий", "ый")):
            name += " язык"
    return _INTO.in_(language).format(name) + opening + variety


def sentence(
    machine: str,
    action: str,
    language: str,
    *,
    who: str,
    task_language: str | None = None,
    revision: int | None = None,
    new_state: str | None = None,
    languages: Sequence[str] = (),
) -> str:
    """What happened, to which languages and revision, what that led to, and who did it.

    `machine` is `commentary` or `translation_task`; `who` is a name or a pseudonym, taken as it is.
    `new_state` is the commentary's, and is not repeated where the action always leads there.
    Raises `KeyError` for an action or a state that has no words.
    """
    on_a_task = machine == "translation_task"
    told = PHRASES[machine][action].in_(language)
    translation = _TRANSLATION.in_(language)
    named = list(languages)
    if task_language is not None and on_a_task:
        translation += _into(task_language, language)
    elif task_language is not None and task_language not in named:
        named.append(task_language)
    told = told.format(translation=translation)

    details: list[str] = []
    if named:
        words = _LANGUAGES if len(named) > 1 else _ONE_LANGUAGE
        names = ", ".join(language_name(tag, language) for tag in named)
        details.append(words.in_(language).format(names))
    if revision is not None:
        details.append(_REVISION.in_(language).format(revision))
    if details:
        told += f" ({'; '.join(details)})"

    if new_state is not None:
        reached = REACHED[new_state].in_(language)
        if on_a_task or _TOLD.get(action) != new_state:
            told += f". {reached}"
    return f"{told}. — {who}"


def pseudonym(role: str, language: str, *, task_language: str | None = None) -> str:
    """What a person is called where their name is not to be told; a translator by their language.

    Raises `KeyError` for a role that has no word.
    """
    name = PSEUDONYMS[role].in_(language)
    if role == "translator" and task_language is not None:
        name += _into(task_language, language)
    return name


def system_for(who: str, language: str) -> str:
    """What the system did at its instant, and who stands behind it. The name is taken as it is."""
    return _SYSTEM_FOR.in_(language).format(who)
