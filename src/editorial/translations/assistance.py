"""What helps a translator: answers to warnings, and what was accepted before for the same words."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, put
from litestar.params import QueryParameter
from msgspec import Meta
from rapidfuzz import fuzz

from editorial.commentaries import views as commentary_views
from editorial.core import decisions, texts
from editorial.core.normalisation import Form
from editorial.core.permissions import Actor, Information
from editorial.core.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.core.sheets import UnitStatus
from editorial.core.states import Action
from editorial.database.access import Database
from editorial.database.queries import Connection
from editorial.settings import Settings
from editorial.translations import task_writes
from editorial.translations import views as task_views
from editorial.translations.task_writes import TaskChange, WarningAnswer
from editorial.translations.views import TaskRow, TranslationTask, sql
from editorial.web import IfMatch, answer, operation, read_body, version_of
from editorial.web.request import Request

WarningId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
NEAREST = 10
"""How many remembered units are looked at for each unit: the nearest by trigrams."""
OFFERED = 3
"""How many of them are offered at the most."""
LEAST_SCORE = 70
"""The least likeness (0 to 100) at which a remembered unit is of any help."""


class AnswerWarning(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a warning is no fault."""

    reason: Annotated[str, Meta(min_length=1, max_length=1_000), Form.TEXT]


class Suggestion(msgspec.Struct, kw_only=True):
    """A translation that was accepted before, for the same or nearly the same source."""

    text: str
    source: str
    """What it was a translation of."""
    score: int
    """How like the source is to the one at hand: 100 for the very same, at least 70 (normalised Indel)."""
    commentary_id: UUID
    week: str
    section: str


class UnitSuggestions(msgspec.Struct, kw_only=True):
    """What is offered for one unit, best first."""

    unit: str
    suggestions: list[Suggestion]


class SuggestionList(msgspec.Struct, kw_only=True):
    """What is offered for the units of a task that are not translated yet."""

    data: list[UnitSuggestions]
    next_cursor: str | None = None


REFUSES = [NotFound, Forbidden, PreconditionRequired, PreconditionFailed, Conflict]


@put(
    "/v1/translation-tasks/{id:uuid}/warnings/{warning:str}",
    name="answer_warning",
    operation_id="answer_warning",
    opt=operation(
        takes=AnswerWarning,
        refuses=[*REFUSES, Invalid],
        example={"reason": "The source has the figure of May, and the note says June: the author agreed."},
    ),
)
async def answer_warning(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    warning: WarningId,
    if_match: IfMatch = None,
) -> Response[TranslationTask]:
    """Say why a warning is no fault. For the holder, and for the coordinator who reviews; each reads it."""
    body = await read_body(request, AnswerWarning)
    return await _say(db, settings, actor, id, warning, if_match, lambda: body.checked().reason)


@delete(
    "/v1/translation-tasks/{id:uuid}/warnings/{warning:str}",
    name="withdraw_answer",
    operation_id="withdraw_answer",
    status_code=200,
    opt=operation(refuses=REFUSES),
)
async def withdraw_answer(
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    warning: WarningId,
    if_match: IfMatch = None,
) -> Response[TranslationTask]:
    """Take an answer back: the warning stands again."""
    return await _say(db, settings, actor, id, warning, if_match, lambda: None)


async def _say(
    db: Database,
    settings: Settings,
    actor: Actor,
    task_id: UUID,
    warning: str,
    if_match: str | None,
    reason_given: Callable[[], str | None],
) -> Response[TranslationTask]:
    """Answer a warning that the task has, or take the answer back. Raises `NotFound` where it has none."""
    version = version_of(if_match)

    async def say(_: Connection, row: TaskRow) -> TaskChange:
        if warning not in {one.key for one in row.differences()}:
            raise NotFound
        decisions.decide(row.subject(settings.claim_limit), Action.ANSWER_WARNING, actor, version)
        reason = reason_given()
        row.answers.pop(warning, None)
        if reason is not None:
            row.answers[warning] = reason
        return WarningAnswer(
            action=Action.ANSWER_WARNING,
            state=row.state,
            holder=row.assignee_id,
            open_warnings=row.open_warnings(),
            warning=warning,
            reason=reason,
        )

    shown = await task_writes.take_step(db, settings, actor, task_id, say)
    return answer(shown, version=shown.version)


@get(
    "/v1/translation-tasks/{id:uuid}/suggestions",
    name="list_suggestions",
    operation_id="list_suggestions",
    opt=operation(refuses=[NotFound, Invalid]),
)
async def list_suggestions(
    db: Database,
    actor: Actor,
    id: UUID,
    unit: Annotated[
        str | None,
        QueryParameter(
            name="unit",
            required=False,
            max_length=50,
            description="One unit; else all that are missing.",
        ),
    ] = None,
) -> Response[SuggestionList]:
    """Read what was accepted before for the same or nearly the same words. Offered, never filled in unasked.

    Only from texts that you may see, and never from one that was retracted.
    """
    async with db.read() as connection:
        row = await task_views.see_task(connection, actor, id)
        missing = {line.id for line in row.lines if line.status is UnitStatus.MISSING}
        units = {one.id: one for one in texts.units(row.source) if one.id in ({unit} if unit else missing)}
        if unit is not None and not units:
            raise NotFound
        found = await sql.remembered_like(
            connection,
            source_language=row.source_language,
            language=row.language,
            units=[
                {"unit": one.id, "source_hash": texts.unit_hash(one), "source": one.text}
                for one in units.values()
            ],
            languages=commentary_views.languages_of(actor),
            sees_all=actor.may_know(Information.UNFINISHED_TEXT),
            seen_in=commentary_views.translator_states(),
            nearest=NEAREST,
        )
    offered: dict[str, list[Suggestion]] = {name: [] for name in units}
    for remembered in found:
        offered[remembered["unit"]].append(_suggestion(remembered, units[remembered["unit"]].text))
    return answer(
        SuggestionList(
            data=[
                UnitSuggestions(unit=name, suggestions=_best(suggestions))
                for name, suggestions in offered.items()
                if _best(suggestions)
            ]
        )
    )


def _suggestion(remembered: Any, source: str) -> Suggestion:
    score = 100 if remembered["is_exact"] else round(fuzz.ratio(remembered["source"], source))
    return Suggestion(
        text=remembered["target"],
        source=remembered["source"],
        score=score,
        commentary_id=remembered["commentary_id"],
        week=remembered["week"],
        section=remembered["section"],
    )


def _best(suggestions: list[Suggestion]) -> list[Suggestion]:
    """The best of them, each wording once."""
    ordered = sorted(suggestions, key=lambda one: -one.score)
    by_wording = {one.text: one for one in reversed(ordered) if one.score >= LEAST_SCORE}
    return sorted(by_wording.values(), key=lambda one: -one.score)[:OFFERED]


ROUTES = [answer_warning, withdraw_answer, list_suggestions]
