"""Start a commentary."""

from typing import Annotated

import msgspec
from litestar import Response, post
from msgspec import Meta

from editorial.commentaries import views
from editorial.commentaries.edit import BylineName, Lead, Title, faults_of_byline, faults_of_section
from editorial.commentaries.languages import targets_of
from editorial.commentaries.views import Commentary, Language, SectionKey
from editorial.core import decisions, texts
from editorial.core.calendar import Week
from editorial.core.ids import new_block_id, new_random_id
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    FieldError,
    Forbidden,
    Invalid,
)
from editorial.core.rules import is_given
from editorial.core.states import Action
from editorial.core.texts import Blocks, Photo, Text, Trend
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import load_queries
from editorial.locales import Listed, Message
from editorial.settings import Settings
from editorial.web import answer, operation, read_body
from editorial.web.request import Request

sql = load_queries("commentaries/create")


class CreateCommentary(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new commentary: where it belongs, and as much of its text as there is."""

    week: Week
    section: SectionKey
    source_language: Language
    title: Title = ""
    lead: Lead = ""
    trend: Trend | None = None
    byline: BylineName | None = None
    photo: Photo | None = None
    blocks: Blocks = msgspec.field(default_factory=list)
    target_languages: Annotated[list[Language], Meta(max_length=20)] | None = None
    """Every other language of the newsroom, unless you say which."""


@post(
    "/v1/commentaries",
    name="create_commentary",
    operation_id="create_commentary",
    status_code=201,
    opt=operation(
        takes=CreateCommentary,
        refuses=[Forbidden, Invalid],
        example={
            "week": "2024-W30",
            "section": "economy",
            "source_language": "en",
            "trend": "worse",
            "title": "Grain exports fall for the third month",
            "lead": "Prices held, volumes did not.",
            "blocks": [{"type": "paragraph", "text": "Ports handled **12 %** less than a month ago."}],
        },
    ),
)
async def create_commentary(
    request: Request, db: Database, settings: Settings, actor: Actor
) -> Response[Commentary]:
    """Start a commentary. It is a draft, and yours."""
    body = await read_body(request, CreateCommentary)
    decisions.may_create(actor)
    commentary_id = new_random_id()
    async with db.write(actor, Action.CREATE, ObjectKind.COMMENTARY, commentary_id) as tx:
        with body.judging() as created:
            place = await sql.place_to_begin(
                tx, section=created.section or None, author=actor.person_id, byline=created.byline
            )
            known: list[str] = place["languages"]
            faults = faults_of_section(place["section_is_open"]) if is_given(created.section) else []
            if is_given(created.source_language) and created.source_language not in known:
                detail = Message("fault.one-of", allowed=Listed(known))
                faults.append(FieldError(pointer="/source_language", detail=detail, code="unknown_language"))
            targets, target_faults = targets_of(known, created.target_languages, created.source_language)
            faults += target_faults + faults_of_byline(created.byline, place["byline"])
            faults += texts.faults_of_text(
                Text(lead=created.lead, photo=created.photo, blocks=created.blocks)
            )
            if faults:
                raise Invalid(faults=faults)
        await sql.begin_commentary(
            tx,
            id=commentary_id,
            week=created.week,
            section=created.section,
            source_language=created.source_language,
            author=actor.person_id,
            byline=place["byline"],
            targets=targets,
            title=created.title,
            lead=created.lead,
            trend=created.trend,
            photo=created.photo,
            blocks=texts.with_ids(created.blocks, new_block_id),
        )
        seen = await views.see_commentary(tx, actor, commentary_id, settings.site)
        shown = await views.show_commentary(tx, actor, seen)
    return answer(shown, version=shown.version, status=201, location=f"/v1/commentaries/{commentary_id}")


ROUTES = [create_commentary]
