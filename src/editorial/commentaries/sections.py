"""The sections of the digest: everybody reads them, coordinators keep them."""

from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from editorial.core import decisions
from editorial.core.permissions import SYSTEM, Actor, Permission
from editorial.core.refusals import (
    AlreadyExists,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import load_queries
from editorial.locales import Message
from editorial.web import IfMatch, answer, operation, patched, read_body, version_of
from editorial.web.request import Request

sql = load_queries("commentaries/sections")

Key = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60, examples=["security"])]
LabelText = Annotated[str, Meta(min_length=1, max_length=100, description="Plain text.")]
Position = Annotated[int, Meta(ge=0, le=1_000)]


class SectionLabels(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A section's name in each language."""

    be: LabelText
    ru: LabelText
    en: LabelText


class ChangeSectionLabels(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of a section's names."""

    be: LabelText | None | UnsetType = UNSET
    ru: LabelText | None | UnsetType = UNSET
    en: LabelText | None | UnsetType = UNSET


class AddSection(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new heading of the digest."""

    key: Key
    labels: SectionLabels
    position: Position


class ChangeSection(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of a section."""

    labels: ChangeSectionLabels | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    is_closed: bool | UnsetType = UNSET
    """A closed section takes no new texts, and nothing in it can be published."""


class Section(msgspec.Struct, kw_only=True):
    """A heading of the digest."""

    key: str
    version: int
    labels: SectionLabels
    position: int
    is_closed: bool


class SectionList(msgspec.Struct, kw_only=True):
    """All sections, in the order of the digest."""

    data: list[Section]
    next_cursor: str | None = None


FIRST_SECTIONS: tuple[tuple[str, str, str, str], ...] = (
    ("domestic-policy", "Унутраная палітыка", "Внутренняя политика", "Domestic policy"),
    ("foreign-policy", "Знешняя палітыка", "Внешняя политика", "Foreign policy"),
    ("economy", "Эканоміка", "Экономика", "Economy"),
    ("security", "Бяспека", "Безопасность", "Security"),
    ("society", "Грамадства", "Общество", "Society"),
)
"""Key and names of the sections that a newsroom starts with."""


async def add_first_sections(db: Database) -> None:
    """Add the sections that a newsroom starts with, where they are missing."""
    async with db.write(SYSTEM, "add_section", ObjectKind.SECTION) as tx:
        if await sql.list_sections(tx):
            return
        for place, (key, be, ru, en) in enumerate(FIRST_SECTIONS, start=1):
            await sql.add_section(tx, key=key, labels=SectionLabels(be=be, ru=ru, en=en), position=place)


def _must_coordinate(actor: Actor) -> None:
    if not actor.may(Permission.CHANGE_SECTIONS):
        raise Forbidden(Message("reason.sections-are-for"))


@get("/v1/sections", name="list_sections", operation_id="list_sections", opt=operation(refuses=[]))
async def list_sections(db: Database) -> Response[SectionList]:
    """List the sections of the digest, in its order."""
    async with db.read() as connection:
        rows = await sql.list_sections(connection)
    return answer(SectionList(data=[msgspec.convert(dict(row), Section) for row in rows]))


@post(
    "/v1/sections",
    name="add_section",
    operation_id="add_section",
    status_code=201,
    opt=operation(
        takes=AddSection,
        refuses=[Forbidden, AlreadyExists, Invalid],
        example={
            "key": "culture",
            "labels": {"be": "Культура", "ru": "Культура", "en": "Culture"},
            "position": 6,
        },
    ),
)
async def add_section(request: Request, db: Database, actor: Actor) -> Response[Section]:
    """Add a heading to the digest."""
    body = await read_body(request, AddSection)
    _must_coordinate(actor)
    wanted = body.checked()
    async with db.write(actor, "add_section", ObjectKind.SECTION) as tx:
        added = await sql.add_section(tx, key=wanted.key, labels=wanted.labels, position=wanted.position)
        if added is None:
            raise AlreadyExists
        row = await sql.get_section(tx, key=wanted.key)
    section = msgspec.convert(dict(row), Section)
    return answer(section, version=section.version, status=201)


@patch(
    "/v1/sections/{key:str}",
    name="change_section",
    operation_id="change_section",
    opt=operation(
        takes=ChangeSection,
        refuses=[Forbidden, NotFound, PreconditionRequired, PreconditionFailed, Invalid],
        example={"is_closed": True},
    ),
)
async def change_section(
    request: Request, db: Database, actor: Actor, key: str, if_match: IfMatch = None
) -> Response[Section]:
    """Change a section's names or its place, close it or open it."""
    body = await read_body(request, ChangeSection)
    async with db.write(actor, "change_section", ObjectKind.SECTION) as tx:
        row = await sql.get_section(tx, key=key)
        if row is None:
            raise NotFound
        _must_coordinate(actor)
        section = msgspec.convert(dict(row), Section)
        decisions.check_version(section.version, version_of(if_match))
        with body.judging() as wanted:
            labels = section.labels
            if wanted.labels is not UNSET:
                labels = patched(labels, wanted.labels, SectionLabels, "/labels")
        await sql.change_section(
            tx,
            key=key,
            labels=labels,
            position=section.position if wanted.position is UNSET else wanted.position,
            is_closed=section.is_closed if wanted.is_closed is UNSET else wanted.is_closed,
        )
        section = msgspec.convert(dict(await sql.get_section(tx, key=key)), Section)
    return answer(section, version=section.version)


ROUTES = [list_sections, add_section, change_section]
