"""The newsroom's glossary: how its terms and names are said in another language. Coordinators keep it.

A translation that says one of them otherwise gets a warning: see `core.comparison`.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from editorial.commentaries import views
from editorial.commentaries.views import Language, pattern_of
from editorial.core import decisions
from editorial.core.ids import new_id
from editorial.core.normalisation import Form
from editorial.core.permissions import Actor, Permission
from editorial.core.refusals import (
    AlreadyExists,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.core.rules import is_given
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.locales import Listed, Message
from editorial.web import (
    Cursor,
    IfMatch,
    Limit,
    Page,
    answer,
    operation,
    page_response,
    read_body,
    read_cursor,
    version_of,
    write_cursor,
)
from editorial.web.request import Request

sql = load_queries("translations/glossary")

Words = Annotated[
    str, Meta(min_length=1, max_length=200, description="Plain text.", examples=["border guard"])
]
Alternatives = Annotated[list[Words], Meta(max_length=20, description="Other translations that are as good.")]
Note = Annotated[
    str,
    Meta(max_length=1_000, description="For translators, as plain text: when to use it, and when not."),
    Form.TEXT,
]


class AddTerm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new entry of the glossary."""

    source_language: Language
    language: Language
    source: Words
    target: Words
    alternatives: Alternatives = msgspec.field(default_factory=list)
    exact: bool = False
    """Only these very words: no other form of them counts, neither here nor there."""
    note: Note | None = None


class ChangeTerm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of an entry."""

    source: Words | UnsetType = UNSET
    target: Words | UnsetType = UNSET
    alternatives: Alternatives | None | UnsetType = UNSET
    exact: bool | UnsetType = UNSET
    note: Note | None | UnsetType = UNSET


class GlossaryTerm(msgspec.Struct, kw_only=True):
    """How a term or a name is said in another language."""

    id: UUID
    version: int
    source_language: str
    language: str
    source: str
    target: str
    alternatives: list[str]
    exact: bool
    note: str | None


def _must_keep_the_glossary(actor: Actor) -> None:
    if not actor.may(Permission.CHANGE_GLOSSARY):
        raise Forbidden(Message("reason.glossary-is-for"))


async def _term(connection: Connection, term_id: UUID) -> GlossaryTerm:
    """One entry. Raises `NotFound`."""
    row = await sql.get_term(connection, id=term_id)
    if row is None:
        raise NotFound
    return msgspec.convert(dict(row), GlossaryTerm)


@get(
    "/v1/glossary",
    name="list_glossary_terms",
    operation_id="list_glossary_terms",
    opt=operation(refuses=[Invalid]),
)
async def list_glossary_terms(
    request: Request,
    db: Database,
    limit: Limit = 25,
    cursor: Cursor = None,
    source_language: Annotated[
        str | None, QueryParameter(name="source_language", required=False, max_length=20)
    ] = None,
    language: Annotated[str | None, QueryParameter(name="language", required=False, max_length=20)] = None,
    q: Annotated[
        str | None,
        QueryParameter(name="q", required=False, max_length=200, description="Words on either side."),
    ] = None,
) -> Response[Page[GlossaryTerm]]:
    """List the terms of the glossary, in the order of the alphabet."""
    after = read_cursor(cursor, tuple[str, UUID])
    async with db.read() as connection:
        rows = await sql.list_terms(
            connection,
            source_language=source_language,
            language=language,
            words=pattern_of(q),
            after_source=after[0] if after else None,
            after_id=after[1] if after else None,
            page=limit + 1,
        )
    page = Page(data=[msgspec.convert(dict(row), GlossaryTerm) for row in rows[:limit]])
    if len(rows) > limit:
        last = page.data[-1]
        page.next_cursor = write_cursor(last.source.lower(), last.id)
    return page_response(request, page)


@post(
    "/v1/glossary",
    name="add_glossary_term",
    operation_id="add_glossary_term",
    status_code=201,
    opt=operation(
        takes=AddTerm,
        refuses=[Forbidden, AlreadyExists, Invalid],
        example={
            "source_language": "en",
            "language": "be",
            "source": "State Border Committee",
            "target": "Дзяржаўны пагранічны камітэт",
            "alternatives": ["ДПК"],
        },
    ),
)
async def add_glossary_term(request: Request, db: Database, actor: Actor) -> Response[GlossaryTerm]:
    """Add a term to the glossary."""
    body = await read_body(request, AddTerm)
    _must_keep_the_glossary(actor)
    term_id = new_id()
    async with db.write(actor, "add_term", ObjectKind.GLOSSARY, term_id) as tx:
        with body.judging() as wanted:
            known = set(await views.known_languages(tx))
            faults = _faults_of_languages(wanted, known)
            if faults:
                raise Invalid(faults=faults)
        await sql.add_term(tx, id=term_id, **msgspec.structs.asdict(wanted))
        term = await _term(tx, term_id)
    return answer(term, version=term.version, status=201, location=f"/v1/glossary/{term_id}")


def _faults_of_languages(wanted: AddTerm, known: set[str]) -> list[FieldError]:
    faults = [
        FieldError(
            pointer=f"/{field}",
            detail=Message("fault.one-of", allowed=Listed(sorted(known))),
            code="unknown_language",
        )
        for field in ("source_language", "language")
        if is_given(getattr(wanted, field)) and getattr(wanted, field) not in known
    ]
    if is_given(wanted.language) and wanted.source_language == wanted.language:
        faults.append(
            FieldError(
                pointer="/language", detail=Message("fault.is-source-language"), code="source_language"
            )
        )
    return faults


@get(
    "/v1/glossary/{id:uuid}",
    name="get_glossary_term",
    operation_id="get_glossary_term",
    opt=operation(refuses=[NotFound]),
)
async def get_glossary_term(db: Database, id: UUID) -> Response[GlossaryTerm]:
    """Read one term."""
    async with db.read() as connection:
        term = await _term(connection, id)
    return answer(term, version=term.version)


async def _locked(tx: Connection, actor: Actor, term_id: UUID, version: int | None) -> GlossaryTerm:
    """An entry that the actor is about to change."""
    if await sql.lock_term(tx, id=term_id) is None:
        raise NotFound
    _must_keep_the_glossary(actor)
    term = await _term(tx, term_id)
    decisions.check_version(term.version, version)
    return term


@patch(
    "/v1/glossary/{id:uuid}",
    name="change_glossary_term",
    operation_id="change_glossary_term",
    opt=operation(
        takes=ChangeTerm,
        refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed, AlreadyExists, Invalid],
        example={"alternatives": ["ДПК", "Пагранкамітэт"]},
    ),
)
async def change_glossary_term(
    request: Request, db: Database, actor: Actor, id: UUID, if_match: IfMatch = None
) -> Response[GlossaryTerm]:
    """Change a term. Warnings of translations are told by it from their next reading on."""
    body = await read_body(request, ChangeTerm)
    async with db.write(actor, "change_term", ObjectKind.GLOSSARY, id) as tx:
        term = await _locked(tx, actor, id, version_of(if_match))
        wanted = msgspec.structs.asdict(body.checked())
        changed = {name: getattr(term, name) if value is UNSET else value for name, value in wanted.items()}
        changed["alternatives"] = changed["alternatives"] or []
        await sql.change_term(tx, id=id, **changed)
        term = await _term(tx, id)
    return answer(term, version=term.version)


@delete(
    "/v1/glossary/{id:uuid}",
    name="remove_glossary_term",
    operation_id="remove_glossary_term",
    status_code=204,
    opt=operation(refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed]),
)
async def remove_glossary_term(db: Database, actor: Actor, id: UUID, if_match: IfMatch = None) -> None:
    """Remove a term from the glossary."""
    async with db.write(actor, "remove_term", ObjectKind.GLOSSARY, id) as tx:
        await _locked(tx, actor, id, version_of(if_match))
        await sql.remove_term(tx, id=id)


ROUTES = [
    list_glossary_terms,
    add_glossary_term,
    get_glossary_term,
    change_glossary_term,
    remove_glossary_term,
]
