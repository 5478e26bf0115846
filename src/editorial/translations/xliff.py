"""A translation task as an XLIFF file, and back: for translators who work in tools of their own."""

import asyncio
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, put
from msgspec import UNSET, Meta

from editorial.core import decisions, texts
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    NothingWasTaken,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.core.slugs import slug_of
from editorial.core.states import Action
from editorial.database.access import Database
from editorial.database.queries import Connection
from editorial.settings import Settings
from editorial.translations import task_writes, views, xliff_document
from editorial.translations.task_writes import TaskChange
from editorial.translations.views import TaskRow, TranslationTask
from editorial.translations.xliff_document import (
    Outcome,
    Returned,
    Sheet,
    UnitOutcome,
    Unreadable,
    Unsuitable,
)
from editorial.web import IfMatch, answer, file_answer, operation, read_file, version_of
from editorial.web.request import Request

Xliff = Annotated[str, Meta(description="A translation task as an XLIFF 2.0 file (OASIS).")]

EXAMPLE = """\
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="be">
  <file id="text">
    <unit id="title" name="title a4864e3aff8faddb80878a00410a99ae">
      <segment state="translated">
        <source>Grain exports fall for the third month</source>
        <target>Экспарт збожжа падае трэці месяц</target>
      </segment>
    </unit>
  </file>
</xliff>
"""


class ReturnedFile(msgspec.Struct, kw_only=True):
    """What became of a translated file, unit by unit, and the task as it is now."""

    units: list[UnitOutcome]
    """In the order of the file. Units of the task that the file does not name stay as they are."""
    task: TranslationTask


@get(
    "/v1/translation-tasks/{id:uuid}/xliff",
    name="get_translation_file",
    operation_id="get_translation_file",
    opt=operation(refuses=[NotFound], gives_as=xliff_document.MEDIA_TYPE),
)
async def get_translation_file(db: Database, settings: Settings, actor: Actor, id: UUID) -> Response[Xliff]:
    """Give a task as an XLIFF 2.0 file, to be translated in a tool of one's own.

    Each unit of the task is a `<unit>` with its id, and its words are inline CommonMark. What is current is
    `translated`. What is missing or outdated is `initial`; the outdated has its old translation, and the
    source that it was made from in a note. The ETag is the version of the task.
    """
    async with db.read() as connection:
        row = await views.see_task(connection, actor, id)
        shown = await views.show_task(connection, actor, row, settings)
    name = f"{row.week}-{row.section}-{slug_of(row.source.title, row.source_language)}".rstrip("-")
    sheet = Sheet(
        name=name,
        source_language=row.source_language,
        language=row.language,
        lines=row.lines,
        source_was={
            line.id: line.source_was
            for line in (shown.title, shown.lead, *shown.blocks)
            if line.source_was is not UNSET
        },
    )
    return file_answer(
        xliff_document.write(sheet).decode(),
        kind=xliff_document.MEDIA_TYPE,
        name=f"{name}-{row.language}.xlf",
        version=row.version,
    )


@put(
    "/v1/translation-tasks/{id:uuid}/xliff",
    name="return_translation_file",
    operation_id="return_translation_file",
    request_max_body_size=xliff_document.MAX_FILE,
    opt=operation(
        takes=Xliff,
        takes_as=xliff_document.MEDIA_TYPE,
        refuses=[
            NotFound,
            Forbidden,
            PreconditionRequired,
            PreconditionFailed,
            Conflict,
            Invalid,
            NothingWasTaken,
        ],
        example=EXAMPLE,
    ),
)
async def return_translation_file(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[ReturnedFile]:
    """Bring a translated file back: what fits becomes the holder's draft, in one save that renews the claim.

    Each unit is judged on its own, and the answer says what became of it. One that was made from a source
    that has changed since is refused, and so is one that the task does not have. An empty translation, and
    an old one of an outdated unit that is still `initial`, change nothing. Where every unit that has a
    translation is refused, so is the file, and nothing is saved.
    """
    returned = await asyncio.to_thread(_read, await read_file(request, xliff_document.MEDIA_TYPE))
    version = version_of(if_match)
    units: list[UnitOutcome] = []

    async def save(_: Connection, row: TaskRow) -> TaskChange:
        decisions.decide(row.subject(settings.claim_limit), Action.SAVE, actor, version)
        if isinstance(returned, Invalid):
            raise returned
        words, units[:] = _settled(row, returned)
        return task_writes.as_saved(row, actor, views.merged(row, words))

    task = await task_writes.take_step(db, settings, actor, id, save)
    return answer(ReturnedFile(units=units, task=task), version=task.version)


def _read(file: bytes) -> Returned | Invalid:
    """A file, or the refusal that it will get when the rest has been judged. Raises `Malformed`."""
    try:
        return xliff_document.read(file)
    except Unreadable as fault:
        raise Malformed(fault.message) from fault
    except Unsuitable as fault:
        return _invalid(fault)


def _invalid(fault: Unsuitable) -> Invalid:
    return Invalid(fault.message, faults=[FieldError(pointer="", detail=fault.message, code=fault.code)])


def _settled(row: TaskRow, returned: Returned) -> tuple[dict[str, str], list[UnitOutcome]]:
    """The words that can be saved, and what becomes of each unit. Raises `Invalid`, `NothingWasTaken`."""
    try:
        xliff_document.check_languages(returned, row.source_language, row.language)
    except Unsuitable as fault:
        raise _invalid(fault) from fault
    words, outcomes = xliff_document.settle(returned, row.lines, row.same)
    unfit = _unfit(row, words)
    outcomes = [unfit.get(one.unit, one) for one in outcomes]
    words = {unit: text for unit, text in words.items() if unit not in unfit}
    translated = {unit.id for unit in returned.units if unit.target is not None}
    if translated and all(one.outcome is Outcome.REFUSED for one in outcomes if one.unit in translated):
        raise NothingWasTaken(
            faults=[
                FieldError(pointer=f"/units/{one.unit}", detail=one.reason, code=one.code)
                for one in outcomes
                if one.code and one.reason
            ]
        )
    return words, outcomes


def _unfit(row: TaskRow, words: dict[str, str]) -> dict[str, UnitOutcome]:
    """The units whose words could not be saved at the desk either, with the reason that it would give."""
    try:
        views.merged(row, words)
    except Invalid as refusal:
        reasons = {fault.pointer: fault for fault in reversed(refusal.faults)}
        return {
            unit: UnitOutcome(unit=unit, outcome=Outcome.REFUSED, code=fault.code, reason=fault.detail)
            for unit in words
            if (fault := reasons.get(texts.pointer_of(unit))) is not None
        }
    return {}


ROUTES = [get_translation_file, return_translation_file]
