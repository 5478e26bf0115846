"""The text itself: typed blocks with stable ids, the units of translation and their hashes.

A *unit* is the smallest piece that is translated, hashed, compared and commented: the title, the lead, a
block, the photo's alternative text and its caption.
"""

import hashlib
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from editorial.core import markdown
from editorial.core.normalisation import BLANKS, Form
from editorial.core.refusals import FieldError
from editorial.core.rules import Broken, Rule, is_given
from editorial.locales import Message

MAX_TITLE = 300
MAX_LEAD = 3_000
MAX_UNIT = 20_000
MAX_BLOCKS = 500
MAX_ITEMS = 100

TITLE, LEAD, PHOTO_ALT, PHOTO_CAPTION = "title", "lead", "photo.alt", "photo.caption"
NAMES_OF_UNITS = frozenset(name.partition(".")[0] for name in (TITLE, LEAD, PHOTO_ALT, PHOTO_CAPTION))
"""What no block is called: a block's units are its id, and its id with a part after a dot."""


def _broken_id(written: str) -> Broken | None:
    if written not in NAMES_OF_UNITS:
        return None
    return Broken(Message("fault.block-id-taken", block=written), "taken_id")


BlockId = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9_-]{1,40}$",
        description=(
            "The block's stable id. One without an id gets one. "
            f"{', '.join(sorted(NAMES_OF_UNITS))} are names of other parts of a text."
        ),
        examples=["k3v9x2"],
    ),
    Rule(_broken_id),
]
UnitText = Annotated[
    str,
    Meta(
        max_length=MAX_UNIT,
        description="Inline CommonMark: emphasis, strong, link.",
        examples=["Prices *rose*."],
    ),
    Form.OPEN_TEXT,
]
HeadingText = Annotated[
    str,
    Meta(
        max_length=MAX_UNIT,
        description="Inline CommonMark on one line: emphasis, strong, link.",
        examples=["What *changed*"],
    ),
    Form.OPEN_LINE,
]
ItemText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_UNIT,
        description="Inline CommonMark on one line: emphasis, strong, link.",
    ),
    Form.OPEN_LINE,
]
PlainText = Annotated[
    str,
    Meta(
        max_length=MAX_UNIT,
        description="Plain text: it is shown as it is written.",
        examples=["Grain ships wait in a port."],
    ),
    Form.OPEN_TEXT,
]
PhotoAddress = Annotated[
    str,
    Meta(max_length=2_000, pattern="^https?://[^\\s]+$", examples=["https://photos.example.org/market.jpg"]),
]
Credit = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=300,
        description="Plain text: it is shown as it is written.",
        examples=["A. Photographer"],
    ),
]
Licence = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="Plain text: it is shown as it is written.",
        examples=["CC BY 4.0"],
    ),
]


class Trend(StrEnum):
    """Did the situation get better, stay as it was, or get worse this week?"""

    BETTER = "better"
    UNCHANGED = "unchanged"
    WORSE = "worse"


class OneBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What all blocks have in common."""

    def __post_init__(self) -> None:
        """Rename a block that was stored when it could be called as another part of the text is.

        Revisions never change, so it is renamed wherever one is read, and the next revision keeps the name.
        """
        name = getattr(self, "id", UNSET)
        if name in NAMES_OF_UNITS:
            msgspec.structs.force_setattr(self, "id", f"{name}-block")


class Paragraph(OneBlock, frozen=True, kw_only=True, tag="paragraph", forbid_unknown_fields=True):
    """A paragraph."""

    text: UnitText
    id: BlockId | UnsetType = UNSET


class Heading(OneBlock, frozen=True, kw_only=True, tag="heading", forbid_unknown_fields=True):
    """A heading inside the body."""

    text: HeadingText
    id: BlockId | UnsetType = UNSET


class Quote(OneBlock, frozen=True, kw_only=True, tag="quote", forbid_unknown_fields=True):
    """Somebody's words, set off from the text."""

    text: UnitText
    id: BlockId | UnsetType = UNSET


class ListBlock(OneBlock, frozen=True, kw_only=True, tag="list", forbid_unknown_fields=True):
    """A list. Translated as one unit, one item a line."""

    items: Annotated[list[ItemText], Meta(min_length=1, max_length=MAX_ITEMS)]
    ordered: bool = False
    id: BlockId | UnsetType = UNSET


class Figure(OneBlock, frozen=True, kw_only=True, tag="figure", forbid_unknown_fields=True):
    """A picture in the body. Its caption is a unit, and so is its alternative text (`<id>.alt`)."""

    url: PhotoAddress
    alt: PlainText
    credit: Credit
    text: UnitText = ""
    licence: Licence | None = None
    id: BlockId | UnsetType = UNSET


Block = Paragraph | Heading | Quote | ListBlock | Figure
Blocks = Annotated[list[Block], Meta(max_length=MAX_BLOCKS)]
UnitId = Annotated[str, Meta(max_length=100)]
"""What a client may call a unit by. Whether there is such a unit is another question."""


class Photo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The photo over the text. Alternative text and caption are in the edition's language."""

    url: PhotoAddress
    credit: Credit
    alt: PlainText | None = None
    caption: UnitText | None = None
    licence: Licence | None = None


class ChangePhoto(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of the photo. Where there is none, it needs what a photo needs."""

    url: PhotoAddress | None | UnsetType = UNSET
    credit: Credit | None | UnsetType = UNSET
    alt: PlainText | None | UnsetType = UNSET
    caption: UnitText | None | UnsetType = UNSET
    licence: Licence | None | UnsetType = UNSET


class BlockType(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    LIST = "list"
    FIGURE = "figure"


class ChangeBlock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merge patch of one block, which keeps its id and its place."""

    type: BlockType | UnsetType = UNSET
    text: UnitText | None | UnsetType = UNSET
    items: Annotated[list[ItemText], Meta(min_length=1, max_length=MAX_ITEMS)] | None | UnsetType = UNSET
    ordered: bool | None | UnsetType = UNSET
    url: PhotoAddress | None | UnsetType = UNSET
    alt: PlainText | None | UnsetType = UNSET
    credit: Credit | None | UnsetType = UNSET
    licence: Licence | None | UnsetType = UNSET


ChangedBlocks = Annotated[dict[BlockId, ChangeBlock | None], Meta(max_length=MAX_BLOCKS)]
"""Blocks to change, by their ids; null takes one out."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """What one revision of one edition says."""

    title: str = ""
    lead: str = ""
    trend: Trend | None = None
    photo: Photo | None = None
    blocks: list[Block] = msgspec.field(default_factory=list)


class Unit(msgspec.Struct, frozen=True):
    """A piece of text that is translated on its own."""

    id: str
    type: str
    text: str


INLINE_TYPES = frozenset({"lead", "photo_caption", "paragraph", "heading", "quote", "list", "figure"})
"""Types of units whose text is inline CommonMark. The others are words only."""


def block_id(block: Block) -> str:
    """The id of a block that has one."""
    if block.id is UNSET:
        raise LookupError("the block has no id yet")
    return block.id


def with_ids(blocks: Iterable[Block], make: Callable[[], str]) -> list[Block]:
    """The blocks with an id each; `make()` gives a new one. Ids that came with them are kept."""
    return [
        msgspec.structs.replace(block, id=make()) if is_given(block) and block.id is UNSET else block
        for block in blocks
    ]


def faults_of_blocks(blocks: Iterable[Block]) -> list[FieldError]:
    """What no type can say of a list of blocks: an id that stands twice, a link that leads nowhere safe.

    A block that cannot be read is `UNSET` there.
    """
    faults: list[FieldError] = []
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        if not is_given(block):
            continue
        if block.id is not UNSET:
            if block.id in seen:
                detail = Message("fault.duplicate-block", block=block.id)
                faults.append(FieldError(pointer=f"/blocks/{place}/id", detail=detail, code="duplicate_id"))
            seen.add(block.id)
        if isinstance(block, ListBlock):
            for number, item in enumerate(block.items):
                faults += faults_of_links(item, f"/blocks/{place}/items/{number}")
        else:
            faults += faults_of_links(block.text, f"/blocks/{place}/text")
    return faults


def faults_of_text(text: Text) -> list[FieldError]:
    """What no type can say of a whole text: its blocks, and the links of its lead and its photo's caption."""
    caption = "" if text.photo is None else text.photo.caption or ""
    return [
        *faults_of_links(text.lead, "/lead"),
        *faults_of_links(caption, "/photo/caption"),
        *faults_of_blocks(text.blocks),
    ]


def faults_of_links(text: str, pointer: str) -> list[FieldError]:
    """Links of an inline text whose address is not http, https or mailto."""
    return [
        FieldError(
            pointer=pointer,
            detail=Message("fault.unsafe-link", address=address[:100]),
            code="link",
        )
        for address in markdown.links(text)
        if not markdown.is_safe(address)
    ]


def unit_text(block: Block) -> str:
    """The words of a block; a list's items stand one a line."""
    return "\n".join(block.items) if isinstance(block, ListBlock) else block.text


def units(text: Text) -> list[Unit]:
    """Everything in a text that is translated, in reading order. What has no words is not translated."""
    found = [_unit(TITLE, "title", text.title), _unit(LEAD, "lead", text.lead)]
    if text.photo is not None:
        found += [
            _unit(PHOTO_ALT, "photo_alt", text.photo.alt or ""),
            _unit(PHOTO_CAPTION, "photo_caption", text.photo.caption or ""),
        ]
    for block in text.blocks:
        kind = block.__struct_config__.tag
        found.append(_unit(block_id(block), str(kind), unit_text(block)))
        if isinstance(block, Figure):
            found.append(_unit(f"{block_id(block)}.alt", "figure_alt", block.alt))
    return [unit for unit in found if has_words(unit)]


def has_words(unit: Unit) -> bool:
    """Whether a unit says something to a reader."""
    return markdown.has_words(unit.text) if unit.type in INLINE_TYPES else markdown.says_something(unit.text)


def _unit(name: str, kind: str, words: str) -> Unit:
    # A blank at the end is a text that is still being typed, and nothing to translate.
    return Unit(name, kind, words.strip(BLANKS))


def form_of(kind: str) -> Form:
    """In which form the words of a type of unit are kept, when they come as a whole."""
    return Form.LINE if kind in {"title", "heading"} else Form.TEXT


def pointer_of(unit: str) -> str:
    """Where a unit stands in a text that is sent, block by block."""
    return f"/{unit}" if unit in {TITLE, LEAD} else f"/blocks/{unit}"


def unit_hash(unit: Unit) -> str:
    """What a translation remembers of its source: kind and words, not place."""
    return hashlib.sha256(f"{unit.type}\x1f{unit.text}".encode()).hexdigest()[:32]


def trimmed(text: Text) -> Text:
    """The text without blanks at the ends of its parts."""
    photo = text.photo
    if photo is not None:
        photo = msgspec.structs.replace(
            photo,
            alt=photo.alt and photo.alt.strip(BLANKS),
            caption=photo.caption and photo.caption.strip(BLANKS),
        )
    blocks: list[Block] = []
    for block in text.blocks:
        match block:
            case ListBlock():
                blocks.append(
                    msgspec.structs.replace(block, items=[item.strip(BLANKS) for item in block.items])
                )
            case Figure():
                words, alt = block.text.strip(BLANKS), block.alt.strip(BLANKS)
                blocks.append(msgspec.structs.replace(block, text=words, alt=alt))
            case Paragraph() | Heading() | Quote():
                blocks.append(msgspec.structs.replace(block, text=block.text.strip(BLANKS)))
    return msgspec.structs.replace(
        text, title=text.title.strip(BLANKS), lead=text.lead.strip(BLANKS), photo=photo, blocks=blocks
    )


def missing_parts(text: Text) -> tuple[str, ...]:
    """Which of title, lead, blocks and trend a text lacks before it can be reviewed."""
    lacking: list[str] = []
    if not markdown.says_something(text.title):
        lacking.append("title")
    if not markdown.has_words(text.lead):
        lacking.append("lead")
    if not any(isinstance(block, Figure) or markdown.has_words(unit_text(block)) for block in text.blocks):
        lacking.append("blocks")
    if text.trend is None:
        lacking.append("trend")
    return tuple(lacking)
