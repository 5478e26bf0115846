"""The languages that a commentary is translated into: add one, drop one."""

from uuid import UUID

import msgspec
from litestar import Response, delete, post

from editorial.commentaries import views
from editorial.commentaries.views import Commentary, CommentaryRow, Language
from editorial.core import decisions, workflow
from editorial.core.ids import new_id
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    LanguageIsInUse,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.core.rules import is_given
from editorial.core.states import Action, TaskState
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.locales import Listed, Message
from editorial.settings import Settings
from editorial.web import IfMatch, answer, operation, read_body, version_of
from editorial.web.request import Request

sql = load_queries("commentaries/languages")

REFUSES_WRITING = [NotFound, Forbidden, PreconditionRequired, PreconditionFailed, Conflict, Invalid]


class AddLanguage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A language to translate into."""

    language: Language


@post(
    "/v1/commentaries/{id:uuid}/languages",
    name="add_language",
    operation_id="add_language",
    status_code=201,
    opt=operation(takes=AddLanguage, refuses=REFUSES_WRITING, example={"language": "ru"}),
)
async def add_language(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[Commentary]:
    """Add a language to translate into. Where the source is approved, its task opens at once.

    A task that was cancelled opens again, with its text.
    """
    body = await read_body(request, AddLanguage)
    async with db.write(
        actor, Action.ADD_LANGUAGE, ObjectKind.COMMENTARY, id, lock=(ObjectKind.COMMENTARY, id)
    ) as tx:
        seen = await views.see_commentary(tx, actor, id, settings.site)
        decisions.decide(seen.row.subject, Action.ADD_LANGUAGE, actor, version_of(if_match))
        with body.judging() as wanted:
            language = wanted.language
            known = await views.known_languages(tx)
            if language not in known or language == seen.row.source_language:
                others = [tag for tag in known if tag != seen.row.source_language]
                raise Invalid(
                    faults=[
                        FieldError(
                            pointer="/language",
                            detail=Message("fault.one-of", allowed=Listed(others)),
                            code="unknown_language",
                        )
                    ]
                )
        # In a language that readers have seen, and that cannot be dropped, a cancelled task opens again.
        if language not in {
            edition.language for edition in seen.row.targets if edition.task_state is not TaskState.CANCELLED
        }:
            await _add_language(tx, seen.row, language)
        seen = await views.see_commentary(tx, actor, id, settings.site)
        shown = await views.show_commentary(tx, actor, seen)
    return answer(shown, version=shown.version, status=201)


@delete(
    "/v1/commentaries/{id:uuid}/languages/{language:str}",
    name="drop_language",
    operation_id="drop_language",
    status_code=200,
    opt=operation(refuses=[*REFUSES_WRITING, LanguageIsInUse]),
)
async def drop_language(
    db: Database, settings: Settings, actor: Actor, id: UUID, language: str, if_match: IfMatch = None
) -> Response[Commentary]:
    """Drop a language that nothing was accepted or published in. Its task is cancelled, its text kept."""
    async with db.write(
        actor, Action.DROP_LANGUAGE, ObjectKind.COMMENTARY, id, lock=(ObjectKind.COMMENTARY, id)
    ) as tx:
        seen = await views.see_commentary(tx, actor, id, settings.site)
        if language not in {edition.language for edition in seen.row.targets}:
            raise NotFound
        decisions.decide(seen.row.subject, Action.DROP_LANGUAGE, actor, version_of(if_match))
        await _drop_language(tx, seen.row, language)
        seen = await views.see_commentary(tx, actor, id, settings.site)
        shown = await views.show_commentary(tx, actor, seen)
    return answer(shown, version=shown.version)


def targets_of(known: list[str], wanted: list[str] | None, source: str) -> tuple[list[str], list[FieldError]]:
    """The languages to translate into (every other one, unless named), and what is wrong with them."""
    if wanted is None:
        return [language for language in known if language != source], []
    faults = [
        FieldError(
            pointer=f"/target_languages/{place}",
            detail=Message("fault.one-of", allowed=Listed(known)),
            code="unknown_language",
        )
        for place, language in enumerate(wanted)
        if is_given(language) and language not in known
    ]
    faults += [
        FieldError(
            pointer=f"/target_languages/{place}",
            detail=Message("fault.is-source-language"),
            code="source_language",
        )
        for place, language in enumerate(wanted)
        if is_given(language) and language == source
    ]
    return list(dict.fromkeys(wanted)), faults


async def change(db: Database, tx: Connection, actor: Actor, row: CommentaryRow, targets: set[str]) -> None:
    present = {edition.language for edition in row.targets}
    for language in sorted(targets - present):
        await db.step(tx, actor, Action.ADD_LANGUAGE, ObjectKind.COMMENTARY, row.id)
        await _add_language(tx, row, language)
    for language in sorted(present - targets):
        await db.step(tx, actor, Action.DROP_LANGUAGE, ObjectKind.COMMENTARY, row.id)
        await _drop_language(tx, row, language)


async def _add_language(tx: Connection, row: CommentaryRow, language: str) -> None:
    """Want the language, and open its task; one that was cancelled is open again, with its text."""
    await sql.add_edition(tx, commentary=row.id, language=language)
    earlier = next((edition for edition in row.editions if edition.language == language), None)
    standing = (
        row.source.approved_revision
        or row.source.live_revision
        or (None if earlier is None else earlier.task_source_revision)
    )
    if standing is not None:
        await sql.open_tasks(
            tx, commentary=row.id, ids=[new_id()], languages=[language], source_revision=standing
        )
    await views.sql.touch_commentary(tx, id=row.id)


async def _drop_language(tx: Connection, row: CommentaryRow, language: str) -> None:
    edition = next(edition for edition in row.targets if edition.language == language)
    if edition.first_published_at is not None or edition.task_state is TaskState.ACCEPTED:
        raise LanguageIsInUse(state=row.state)
    await sql.drop_edition(tx, commentary=row.id, language=language)
    await sql.cancel_task(tx, commentary=row.id, language=language)
    waiting: int = await sql.count_unfinished_tasks(
        tx, commentary=row.id, states=sorted(workflow.UNFINISHED_TASKS)
    )
    await sql.transition_commentary(
        tx, id=row.id, state=workflow.after_task_ended(row.state, waiting), review_note=None
    )


ROUTES = [add_language, drop_language]
