"""A commentary: read it, and change its text and its metadata by a merge patch."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch
from msgspec import UNSET, Meta, UnsetType

from editorial.commentaries import languages, views
from editorial.commentaries.languages import REFUSES_WRITING
from editorial.commentaries.views import Commentary, CommentaryRow, Language, SectionKey, Seen
from editorial.core import decisions, texts
from editorial.core.calendar import Week
from editorial.core.ids import new_block_id
from editorial.core.normalisation import Form
from editorial.core.permissions import Actor
from editorial.core.refusals import (
    FieldError,
    Invalid,
    NotFound,
)
from editorial.core.rules import is_given
from editorial.core.states import Action
from editorial.core.texts import Block, Blocks, ChangeBlock, ChangedBlocks, ChangePhoto, Photo, Text, Trend
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.locales import Message
from editorial.settings import Settings
from editorial.web import Body, IfMatch, answer, operation, patched, read_body, version_of
from editorial.web.request import Request

sql = load_queries("commentaries/edit")

Title = Annotated[
    str,
    Meta(
        max_length=texts.MAX_TITLE,
        description="Plain text: it is shown as it is written.",
        examples=["Grain exports fall for the third month"],
    ),
    Form.OPEN_LINE,
]
Lead = Annotated[
    str,
    Meta(
        max_length=texts.MAX_LEAD,
        description="Inline CommonMark: emphasis, strong, link.",
        examples=["Prices held, volumes did not."],
    ),
    Form.OPEN_TEXT,
]
BylineName = Annotated[
    str, Meta(min_length=1, max_length=200, description="One of your own bylines, by its name.")
]


class EditCommentary(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A merge patch (RFC 7396) at every depth: what is absent stays, null clears."""

    title: Title | None | UnsetType = UNSET
    lead: Lead | None | UnsetType = UNSET
    trend: Trend | None | UnsetType = UNSET
    photo: ChangePhoto | None | UnsetType = UNSET
    blocks: Blocks | ChangedBlocks | None | UnsetType = UNSET
    """All of them, as a list; or some of them, as an object by their ids."""
    week: Week | UnsetType = UNSET
    section: SectionKey | UnsetType = UNSET
    byline: BylineName | None | UnsetType = UNSET
    target_languages: Annotated[list[Language], Meta(max_length=20)] | UnsetType = UNSET
    contributors: Annotated[list[UUID], Meta(max_length=50)] | None | UnsetType = UNSET
    """The people, beside the author, who may write on this text."""


TEXT_FIELDS = ("title", "lead", "trend", "photo", "blocks")
ACTION_OF_FIELD: dict[str, Action] = {
    **dict.fromkeys(TEXT_FIELDS, Action.EDIT),
    "week": Action.CHANGE_WEEK,
    "section": Action.CHANGE_SECTION,
    "byline": Action.CHANGE_BYLINE,
    "target_languages": Action.ADD_LANGUAGE,
    "contributors": Action.NAME_CONTRIBUTORS,
}
"""Which action a member of the patch is."""


async def _section_faults(tx: Connection, section: str | None) -> list[FieldError]:
    return [] if section is None else faults_of_section(await sql.open_section(tx, key=section))


def faults_of_section(section_is_open: bool | None) -> list[FieldError]:
    """What is wrong with a section that takes new texts, or does not, or (none) is not there."""
    if section_is_open is None:
        return [
            FieldError(pointer="/section", detail=Message("fault.no-such-section"), code="unknown_section")
        ]
    if not section_is_open:
        detail = Message("fault.section-closed")
        return [FieldError(pointer="/section", detail=detail, code="section_is_closed")]
    return []


async def _own_byline(tx: Connection, person: UUID, name: str | None) -> tuple[UUID | None, list[FieldError]]:
    found: UUID | None = None if name is None else await sql.find_byline(tx, person=person, name=name)
    return found, faults_of_byline(name, found)


def faults_of_byline(name: str | None, found: UUID | None) -> list[FieldError]:
    if name is None or found is not None:
        return []
    return [FieldError(pointer="/byline", detail=Message("fault.no-such-byline"), code="unknown_byline")]


@get(
    "/v1/commentaries/{id:uuid}",
    name="get_commentary",
    operation_id="get_commentary",
    opt=operation(refuses=[NotFound]),
)
async def get_commentary(db: Database, settings: Settings, actor: Actor, id: UUID) -> Response[Commentary]:
    """Read a commentary, with what you can do to it now and why you cannot do the rest."""
    async with db.read() as connection:
        seen = await views.see_commentary(connection, actor, id, settings.site)
        shown = await views.show_commentary(connection, actor, seen)
    return answer(shown, version=shown.version)


@patch(
    "/v1/commentaries/{id:uuid}",
    name="edit_commentary",
    operation_id="edit_commentary",
    opt=operation(
        takes=EditCommentary,
        refuses=REFUSES_WRITING,
        example={"title": "Grain exports fall again", "trend": "worse"},
    ),
)
async def edit_commentary(
    request: Request,
    db: Database,
    settings: Settings,
    actor: Actor,
    id: UUID,
    if_match: IfMatch = None,
) -> Response[Commentary]:
    """Change the text or the metadata. A changed text is a new revision; an unchanged one is none."""
    body = await read_body(request, EditCommentary)
    version = version_of(if_match)
    wanted = _actions_of(body)
    if wanted in ([], [Action.EDIT]):
        shown = await _edit_text(db, settings, actor, id, version, body)
        return answer(shown, version=shown.version)
    async with db.write(actor, wanted[0], ObjectKind.COMMENTARY, id, lock=(ObjectKind.COMMENTARY, id)) as tx:
        seen = await views.see_commentary(tx, actor, id, settings.site)
        for action in wanted:
            decisions.decide(seen.row.subject, action, actor, version)
        await _apply_patch(db, tx, actor, seen.row, body)
        seen = await views.see_commentary(tx, actor, id, settings.site)
        shown = await views.show_commentary(tx, actor, seen)
    return answer(shown, version=shown.version)


async def _edit_text(
    db: Database, settings: Settings, actor: Actor, id: UUID, version: int | None, body: Body[EditCommentary]
) -> Commentary:
    async def edited(_: Connection, seen: Seen) -> Text:
        decisions.decide(seen.row.subject, Action.EDIT, actor, version)
        with body.judging() as wanted:
            text, faults = _patched(seen.row.text, wanted)
            if faults:
                raise Invalid(faults=faults)
        return text

    return await views.write_text(db, settings, actor, id, Action.EDIT, edited)


def _actions_of(body: Body[EditCommentary]) -> list[Action]:
    named = body.raw if isinstance(body.raw, dict) else {}
    return list(dict.fromkeys(action for field, action in ACTION_OF_FIELD.items() if field in named))


async def _apply_patch(
    db: Database, tx: Connection, actor: Actor, row: CommentaryRow, body: Body[EditCommentary]
) -> None:
    with body.judging() as wanted:
        change = await _judged(db, tx, actor, row, wanted)
    await _write(db, tx, actor, row, change)


class Change(msgspec.Struct, kw_only=True):
    """What a patch makes of a commentary. What is none stays as it is."""

    text: Text
    week: str | None
    section: str | None
    changes_byline: bool
    byline: UUID | None
    targets: set[str] | None = None
    contributors: set[UUID] | None = None


async def _judged(
    db: Database, tx: Connection, actor: Actor, row: CommentaryRow, wanted: EditCommentary
) -> Change:
    """Look at all that a patch names. Raises `Invalid` with every fault."""
    text, faults = _patched(row.text, wanted)
    section = None if wanted.section is UNSET or wanted.section == row.section else wanted.section
    week = None if wanted.week is UNSET or wanted.week == row.week else wanted.week
    faults += await _section_faults(tx, section)
    byline = None
    changes_byline = wanted.byline is not UNSET and wanted.byline != row.byline
    if changes_byline and wanted.byline is not UNSET:
        # Whose bylines these are is read in the step that needs it, and stands in the trail with it.
        await db.step(tx, actor, Action.CHANGE_BYLINE, ObjectKind.COMMENTARY, row.id)
        byline, byline_faults = await _own_byline(tx, row.author_id, wanted.byline)
        faults += byline_faults
    change = Change(text=text, week=week, section=section, changes_byline=changes_byline, byline=byline)
    if wanted.target_languages is not UNSET:
        known = await views.known_languages(tx)
        targets, target_faults = languages.targets_of(known, wanted.target_languages, row.source_language)
        faults += target_faults
        change.targets = set(targets)
    if wanted.contributors is not UNSET:
        named = wanted.contributors or []
        faults += await _faults_of_contributors(tx, row, named)
        change.contributors = set(named)
    if faults:
        raise Invalid(faults=faults)
    return change


async def _write(db: Database, tx: Connection, actor: Actor, row: CommentaryRow, change: Change) -> None:
    text, week, section = change.text, change.week, change.section
    if text != row.text:
        await db.step(tx, actor, Action.EDIT, ObjectKind.COMMENTARY, row.id)
        await views.add_source_revision(tx, row, text, actor)
    if week is not None:
        await db.step(tx, actor, Action.CHANGE_WEEK, ObjectKind.COMMENTARY, row.id)
        await sql.change_metadata(tx, id=row.id, week=week, section=None)
    if section is not None:
        await db.step(tx, actor, Action.CHANGE_SECTION, ObjectKind.COMMENTARY, row.id)
        await sql.change_metadata(tx, id=row.id, week=None, section=section)
    if change.changes_byline:
        await db.step(tx, actor, Action.CHANGE_BYLINE, ObjectKind.COMMENTARY, row.id)
        await sql.change_byline(tx, id=row.id, byline=change.byline)
    if change.targets is not None:
        await languages.change(db, tx, actor, row, change.targets)
    if change.contributors is not None:
        await _name_contributors(db, tx, actor, row, change.contributors)


def _patched(text: Text, wanted: EditCommentary) -> tuple[Text, list[FieldError]]:
    changed: dict[str, Any] = {}
    faults: list[FieldError] = []
    empty = Text()
    for field in TEXT_FIELDS:
        value = getattr(wanted, field)
        try:
            if isinstance(value, ChangePhoto):
                value = patched(text.photo, value, Photo, "/photo")
            elif isinstance(value, dict):
                value = _patched_blocks(text.blocks, value)
        except Invalid as refusal:
            faults += refusal.faults
            continue
        if value is not UNSET:
            changed[field] = getattr(empty, field) if value is None else value
    found = texts.faults_of_text(msgspec.structs.replace(empty, **changed))
    faults += _at_ids(found, changed.get("blocks", []), wanted.blocks)
    if "blocks" in changed:
        changed["blocks"] = texts.with_ids(changed["blocks"], new_block_id)
    return msgspec.structs.replace(text, **changed), faults


def _patched_blocks(blocks: list[Block], changes: dict[str, ChangeBlock | None]) -> list[Block]:
    """The blocks with what a patch by their ids makes of them. Raises `Invalid` with every fault."""
    known = {texts.block_id(block) for block in blocks}
    faults = [
        FieldError(pointer=f"/blocks/{name}", detail=Message("fault.no-such-block"), code="unknown_block")
        for name in changes
        if name not in known
    ]
    found: list[Block] = []
    for block in blocks:
        name = texts.block_id(block)
        change = changes.get(name, UNSET)
        if change is None:
            continue
        try:
            found.append(block if change is UNSET else patched(block, change, Block, f"/blocks/{name}"))
        except Invalid as refusal:
            faults += refusal.faults
    if faults:
        raise Invalid(faults=faults)
    return found


def _at_ids(faults: list[FieldError], blocks: list[Block], sent: Any) -> list[FieldError]:
    """Faults of blocks, where a body names them: by their places, or by their ids."""
    if not isinstance(sent, dict):
        return faults
    found: list[FieldError] = []
    for fault in faults:
        if not fault.pointer.startswith("/blocks/"):
            found.append(fault)
            continue
        _, _, place, *rest = fault.pointer.split("/")
        pointer = "/".join(["/blocks", texts.block_id(blocks[int(place)]), *rest])
        found.append(msgspec.structs.replace(fault, pointer=pointer))
    return found


async def _faults_of_contributors(tx: Connection, row: CommentaryRow, people: list[UUID]) -> list[FieldError]:
    named_already = {person.id for person in row.contributors}
    asked = [person for person in people if is_given(person)]
    analysts = {found["id"] for found in await sql.analysts_among(tx, people=asked)} | named_already
    return [
        FieldError(
            pointer=f"/contributors/{place}",
            detail=Message("fault.no-such-writer"),
            code="unknown_person",
        )
        for place, person in enumerate(people)
        if is_given(person) and (person not in analysts or person == row.author_id)
    ]


async def _name_contributors(
    db: Database, tx: Connection, actor: Actor, row: CommentaryRow, people: set[UUID]
) -> None:
    named_already = {person.id for person in row.contributors}
    if people == named_already:
        return
    await db.step(tx, actor, Action.NAME_CONTRIBUTORS, ObjectKind.COMMENTARY, row.id)
    for person in sorted(people - named_already):
        await sql.name_contributor(tx, commentary=row.id, person=person)
    for person in sorted(named_already - people):
        await sql.unname_contributor(tx, commentary=row.id, person=person)
    await views.sql.touch_commentary(tx, id=row.id)


ROUTES = [get_commentary, edit_commentary]
