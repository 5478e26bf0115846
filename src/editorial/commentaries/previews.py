"""A text that is approved and not published yet, as readers would get it, by a link that ends.

The link names one text: when its approval is withdrawn, or another text is approved in its place, it leads
nowhere, however long it was made for; and likewise when the person who made it could make it no more. It
opens nothing by itself: whoever follows it has to be signed in and see the commentary, or be the server of a
front end with the scope `preview:read`.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import PathParameter
from msgspec import Meta

from editorial.commentaries import views as commentary_views
from editorial.commentaries.views import Language, Seen
from editorial.core import slugs
from editorial.core.ids import new_id
from editorial.core.permissions import Actor, ActorKind, Scope, Visibility
from editorial.core.refusals import Forbidden, Invalid, NotFound, NothingIsReady, PreviewHasEnded
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import load_queries
from editorial.locales import Message
from editorial.published import views as published_views
from editorial.published.views import PublishedCommentary
from editorial.settings import Settings
from editorial.web import operation, read_body
from editorial.web.request import Request

sql = load_queries("commentaries/previews")


class MakePreview(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A link to the approved text of one language."""

    language: Language
    hours: Annotated[int, Meta(ge=1, le=720, description="After how many hours the link ends.")] = 24


class PreviewLink(msgspec.Struct, kw_only=True):
    """A link, shown this once."""

    url: str
    language: str
    revision: int
    """The text that it shows. When that is not the approved one any more, the link has ended."""
    expires_at: datetime


class Preview(msgspec.Struct, kw_only=True):
    """A text as readers would get it."""

    revision: int
    is_live: bool
    """Readers see this very text by now."""
    scheduled_for: datetime | None
    expires_at: datetime
    page: PublishedCommentary
    """Before the first publication its address is the title's own, as long as that is free then, and its
    times are those of the schedule, or of this moment."""


def _reads(seen: Seen, actor: Actor, language: str) -> bool:
    """Whether somebody may read the approved text of a language before readers do."""
    return seen.sight is Visibility.WHOLE or (
        seen.sight is Visibility.TRANSLATION and actor.translates(language)
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@post(
    "/v1/commentaries/{id:uuid}/previews",
    name="make_preview",
    operation_id="make_preview",
    status_code=201,
    opt=operation(
        takes=MakePreview,
        refuses=[NotFound, Forbidden, NothingIsReady, Invalid],
        example={"language": "be", "hours": 48},
    ),
)
async def make_preview(
    request: Request, db: Database, settings: Settings, actor: Actor, id: UUID
) -> Response[PreviewLink]:
    """Make a link to an approved text as readers would get it.

    For its authors and coordinators. The link is shown once, and ends.
    """
    body = await read_body(request, MakePreview)
    token = secrets.token_urlsafe(32)
    async with db.write(
        actor, "make_preview", ObjectKind.COMMENTARY, id, lock=(ObjectKind.COMMENTARY, id)
    ) as tx:
        seen = await commentary_views.see_commentary(tx, actor, id, settings.site)
        if seen.sight is not Visibility.WHOLE:
            raise Forbidden(Message("reason.preview-is-for"))
        wanted = body.checked()
        made = await sql.add_preview_link(
            tx,
            id=new_id(),
            token_hash=_hash(token),
            commentary=id,
            language=wanted.language,
            created_by=actor.person_id,
            hours=wanted.hours,
        )
        if made is None:
            raise NothingIsReady(Message("reason.nothing-approved-in-language"), state=seen.row.state)
    url = f"/v1/previews/{token}"
    link = PreviewLink(
        url=url, language=wanted.language, revision=made["revision"], expires_at=made["expires_at"]
    )
    return Response(link, status_code=201, headers={"Location": url})


@get(
    "/v1/previews/{token:str}",
    name="get_preview",
    operation_id="get_preview",
    opt=operation(scope=Scope.PREVIEW_READ, refuses=[NotFound, PreviewHasEnded]),
)
async def get_preview(
    db: Database,
    settings: Settings,
    actor: Actor,
    token: Annotated[str, PathParameter(max_length=100, description="The last part of the link.")],
) -> Response[Preview]:
    """Read a text that is not published yet, as readers would get it.

    With a service token of the scope `preview:read`, or signed in as somebody who may read this text: an
    author, a coordinator, a translator of the language.
    """
    async with db.read() as connection:
        row = await sql.get_preview(connection, token_hash=_hash(token))
        if row is None:
            raise NotFound
        if actor.kind is not ActorKind.SERVICE:
            seen = await commentary_views.see_commentary(
                connection, actor, row["commentary_id"], settings.site
            )
            if not _reads(seen, actor, row["language"]):
                raise NotFound
    if not row["stands"]:
        raise PreviewHasEnded
    shown = dict(row)
    if shown["slug"] is None:
        shown["slug"] = slugs.slug_candidates(shown["title"], shown["language"], shown["week"], "")[0]
    preview = Preview(
        revision=row["revision"],
        is_live=bool(row["is_live"]),
        scheduled_for=row["scheduled_for"],
        expires_at=row["expires_at"],
        page=published_views.page_of(shown),
    )
    # `no-store` is on every answer of the desk.
    return Response(preview, headers={"X-Robots-Tag": "noindex, nofollow, noarchive"})


ROUTES = [make_preview, get_preview]
