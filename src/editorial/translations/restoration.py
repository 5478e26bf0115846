"""An earlier revision of a translation, taken as a new one."""

from uuid import UUID

import msgspec
from litestar import Response, post

from editorial.commentaries.revisions import revision_as_written
from editorial.core import decisions
from editorial.core.permissions import Actor
from editorial.core.refusals import Conflict, Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from editorial.core.sheets import TranslatedUnit
from editorial.core.states import Action
from editorial.database.access import Database
from editorial.database.queries import Connection
from editorial.settings import Settings
from editorial.translations import task_writes
from editorial.translations.task_writes import TaskChange
from editorial.translations.views import TaskRow, TranslationTask
from editorial.web import IfMatch, answer, operation, version_of


@post(
    "/v1/translation-tasks/{id:uuid}/revisions/{number:int}/restoration",
    name="restore_translation",
    operation_id="restore_translation",
    status_code=200,
    opt=operation(refuses=[NotFound, Forbidden, PreconditionRequired, PreconditionFailed, Conflict]),
)
async def restore_translation(
    db: Database, settings: Settings, actor: Actor, id: UUID, number: int, if_match: IfMatch = None
) -> Response[TranslationTask]:
    """Take an earlier revision of a translation as a new one.

    It is a save, with a save's rules. Each unit stays tied to the source that it was made from then.
    """
    version = version_of(if_match)

    async def restore(connection: Connection, row: TaskRow) -> TaskChange:
        if not 0 < number <= (row.revision or 0):
            raise NotFound
        decisions.decide(row.subject(settings.claim_limit), Action.SAVE, actor, version)
        earlier = await revision_as_written(connection, row.commentary_id, row.language, number)
        kept = msgspec.convert(earlier["units"] or {}, dict[str, TranslatedUnit])
        return task_writes.as_saved(row, actor, kept, action="restore_revision")

    shown = await task_writes.take_step(db, settings, actor, id, restore)
    return answer(shown, version=shown.version)


ROUTES = [restore_translation]
