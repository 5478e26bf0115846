"""What people are shown instead of the machines' words: states, actions, roles and statuses.

Belarusian first, then Russian, then English. In the first two, what is said of a commentary is
masculine, and of an edition or a task neuter. An action is called what its button says.
"""

import msgspec

from editorial.core.checks import Check
from editorial.core.permissions import Role
from editorial.core.sheets import UnitStatus
from editorial.core.states import Action, CommentaryState, EditionStatus, TaskState
from editorial.core.texts import Trend
from editorial.core.workflow import Who


class Labels(msgspec.Struct, frozen=True):
    """The same thing said in the three languages of the newsroom."""

    be: str
    ru: str
    en: str

    def in_(self, language: str) -> str:
        """The label in a language, given as a BCP 47 tag. English where the language is unknown."""
        match language.partition("-")[0].lower():
            case "be":
                return self.be
            case "ru":
                return self.ru
            case _:
                return self.en


COMMENTARY_STATES: dict[CommentaryState, Labels] = {
    CommentaryState.DRAFT: Labels("Чарнавік", "Черновик", "Draft"),
    CommentaryState.IN_REVIEW: Labels("На праверцы", "На проверке", "In review"),
    CommentaryState.IN_TRANSLATION: Labels("У перакладзе", "В переводе", "In translation"),
    CommentaryState.READY: Labels("Гатовы да публікацыі", "Готов к публикации", "Ready"),
    CommentaryState.PUBLISHED: Labels("Апублікаваны", "Опубликован", "Published"),
    CommentaryState.RETRACTED: Labels("Зняты з публікацыі", "Снят с публикации", "Retracted"),
    CommentaryState.DISCARDED: Labels("У кошыку", "В корзине", "Discarded"),
}

EDITION_STATUSES: dict[EditionStatus, Labels] = {
    EditionStatus.PENDING: Labels("Рыхтуецца", "Готовится", "Pending"),
    EditionStatus.READY: Labels("Гатова да публікацыі", "Готово к публикации", "Ready"),
    EditionStatus.SCHEDULED: Labels("Запланавана", "Запланировано", "Scheduled"),
    EditionStatus.LIVE: Labels("Апублікавана", "Опубликовано", "Live"),
    EditionStatus.RETRACTED: Labels("Знята з публікацыі", "Снято с публикации", "Retracted"),
}

TASK_STATES: dict[TaskState, Labels] = {
    TaskState.OPEN: Labels("У чарзе", "В очереди", "Open"),
    TaskState.CLAIMED: Labels("У працы", "В работе", "Claimed"),
    TaskState.SUBMITTED: Labels("На праверцы", "На проверке", "Submitted"),
    TaskState.ACCEPTED: Labels("Прынята", "Принято", "Accepted"),
    TaskState.CANCELLED: Labels("Адменена", "Отменено", "Cancelled"),
}

COMMENTARY_ACTIONS: dict[Action, Labels] = {
    Action.CREATE: Labels("Стварыць", "Создать", "Create"),
    Action.EDIT: Labels("Рэдагаваць", "Редактировать", "Edit"),
    Action.SUBMIT: Labels("Адправіць на праверку", "Отправить на проверку", "Submit for review"),
    Action.RECALL: Labels("Адклікаць з праверкі", "Отозвать с проверки", "Take back from review"),
    Action.REQUEST_CHANGES: Labels("Вярнуць на дапрацоўку", "Вернуть на доработку", "Request changes"),
    Action.APPROVE: Labels("Ухваліць", "Одобрить", "Approve"),
    Action.REOPEN: Labels("Вярнуць у чарнавікі", "Вернуть в черновики", "Reopen"),
    Action.PUBLISH: Labels("Апублікаваць", "Опубликовать", "Publish"),
    Action.SCHEDULE: Labels("Запланаваць публікацыю", "Запланировать публикацию", "Schedule publication"),
    Action.UNSCHEDULE: Labels(
        "Адмяніць запланаваную публікацыю",
        "Отменить запланированную публикацию",
        "Call off scheduled publication",
    ),
    Action.REVISE: Labels("Унесці праўкі", "Внести правки", "Revise"),
    Action.RETRACT: Labels("Зняць з публікацыі", "Снять с публикации", "Retract"),
    Action.CHANGE_SLUG: Labels("Змяніць адрас", "Изменить адрес", "Change the address"),
    Action.DISCARD: Labels("Перамясціць у кошык", "Переместить в корзину", "Discard"),
    Action.RESTORE: Labels("Аднавіць", "Восстановить", "Restore"),
    Action.NAME_CONTRIBUTORS: Labels("Пазначыць суаўтараў", "Указать соавторов", "Name contributors"),
    Action.CHANGE_SECTION: Labels("Змяніць рубрыку", "Изменить рубрику", "Change the section"),
    Action.CHANGE_WEEK: Labels("Змяніць тыдзень", "Изменить неделю", "Change the week"),
    Action.CHANGE_BYLINE: Labels("Змяніць подпіс", "Изменить подпись", "Change the byline"),
    Action.ADD_LANGUAGE: Labels("Дадаць мову", "Добавить язык", "Add a language"),
    Action.DROP_LANGUAGE: Labels("Прыбраць мову", "Убрать язык", "Drop a language"),
}

TASK_ACTIONS: dict[Action, Labels] = {
    Action.CLAIM: Labels("Узяць у працу", "Взять в работу", "Claim"),
    Action.ASSIGN: Labels("Прызначыць перакладчыка", "Назначить переводчика", "Assign"),
    Action.RELEASE: Labels("Вярнуць у чаргу", "Вернуть в очередь", "Release"),
    Action.SAVE: Labels("Захаваць", "Сохранить", "Save"),
    Action.SUBMIT: Labels("Здаць пераклад", "Сдать перевод", "Hand in"),
    Action.RECALL: Labels("Забраць пераклад назад", "Забрать перевод назад", "Take back"),
    Action.RETURN: Labels("Вярнуць на дапрацоўку", "Вернуть на доработку", "Return for changes"),
    Action.ACCEPT: Labels("Прыняць", "Принять", "Accept"),
    Action.CANCEL: Labels("Адмяніць заданне", "Отменить задание", "Cancel the task"),
    Action.CHANGE_DUE_DATE: Labels("Змяніць тэрмін", "Изменить срок", "Change the due date"),
    Action.ANSWER_WARNING: Labels("Адказаць на заўвагу", "Ответить на замечание", "Answer a warning"),
}

ROLES: dict[Role, Labels] = {
    Role.ANALYST: Labels("Аналітык", "Аналитик", "Analyst"),
    Role.COORDINATOR: Labels("Каардынатар", "Координатор", "Coordinator"),
    Role.TRANSLATOR: Labels("Перакладчык", "Переводчик", "Translator"),
    Role.ADMINISTRATOR: Labels("Адміністратар", "Администратор", "Administrator"),
}

TRENDS: dict[Trend, Labels] = {
    Trend.BETTER: Labels("Паляпшэнне", "Улучшение", "Better"),
    Trend.UNCHANGED: Labels("Без змен", "Без изменений", "Unchanged"),
    Trend.WORSE: Labels("Пагаршэнне", "Ухудшение", "Worse"),
}

WHO: dict[Who, Labels] = {
    Who.ANALYST: Labels("Аналітык", "Аналитик", "An analyst"),
    Who.AUTHOR: Labels("Аўтар", "Автор", "The author"),
    Who.AUTHOR_OF_A_DRAFT: Labels(
        "Аўтар, пакуль гэта чарнавік",
        "Автор, пока это черновик",
        "The author while it is a draft",
    ),
    Who.CONTRIBUTOR: Labels("Суаўтар", "Соавтор", "A named contributor"),
    Who.COORDINATOR: Labels("Каардынатар", "Координатор", "A coordinator"),
    Who.TRANSLATOR: Labels(
        "Перакладчык на гэту мову", "Переводчик на этот язык", "A translator of the language"
    ),
    Who.HOLDER: Labels(
        "Перакладчык, у якога заданне",
        "Переводчик, у которого задание",
        "The translator who holds the task",
    ),
    Who.REVIEWER: Labels(
        "Каардынатар, які прымае пераклад",
        "Координатор, который принимает перевод",
        "The coordinator who reviews the translation",
    ),
    Who.SYSTEM: Labels("Сістэма", "Система", "The system"),
}

CHECKS: dict[Check, Labels] = {
    Check.UNANSWERED_WARNING: Labels(
        "Заўвага да перакладу без адказу",
        "Замечание к переводу без ответа",
        "A warning of the translation is unanswered",
    ),
    Check.SECTION_IS_TAKEN: Labels(
        "У рубрыцы ўжо ёсць каментарый за гэты тыдзень",
        "В рубрике уже есть комментарий за эту неделю",
        "The section has a live commentary of this week",
    ),
    Check.PICTURE_WITHOUT_CREDIT: Labels(
        "Фота без аўтарства", "Фото без указания автора", "A picture without credit"
    ),
    Check.PICTURE_WITHOUT_ALTERNATIVE: Labels(
        "Фота без апісання", "Фото без описания", "A picture without alternative text"
    ),
    Check.DEAD_LINK: Labels("Спасылка вядзе ў нікуды", "Ссылка ведёт в никуда", "A link leads nowhere"),
    Check.WITHOUT_WORDS: Labels(
        "Абзац, пункт ці спасылка без слоў",
        "Абзац, пункт или ссылка без слов",
        "A block, a list item or a link without words",
    ),
    Check.SOURCE_HAS_MOVED_ON: Labels(
        "Арыгінал з таго часу змяніўся",
        "Оригинал с тех пор изменился",
        "The source has changed since",
    ),
}

UNIT_STATUSES: dict[UnitStatus, Labels] = {
    UnitStatus.CURRENT: Labels("Актуальна", "Актуально", "Current"),
    UnitStatus.OUTDATED: Labels("Састарэла", "Устарело", "Outdated"),
    UnitStatus.MISSING: Labels("Не перакладзена", "Не переведено", "Missing"),
    UnitStatus.ORPHANED: Labels("Няма ў арыгінале", "Нет в оригинале", "No longer in the source"),
}

RETRACTED = Labels("Тэкст зняты з публікацыі", "Текст снят с публикации", "Retracted")
CORRECTION = Labels("Выпраўленне", "Исправление", "Correction")
