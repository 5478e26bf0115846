"""A translation sheet: how each translated unit stands to its source, and the translated text as a whole.

Hashes decide what is stale, never dates: a translated unit remembers the hash of the source unit that it was made from.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from editorial.core.texts import (
    LEAD,
    PHOTO_ALT,
    PHOTO_CAPTION,
    TITLE,
    Block,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Text,
    Unit,
    block_id,
    unit_hash,
    units,
)


class UnitStatus(StrEnum):
    """How a translated unit stands to its source."""

    CURRENT = "current"
    OUTDATED = "outdated"
    MISSING = "missing"
    ORPHANED = "orphaned"


class TranslatedUnit(msgspec.Struct, frozen=True):
    """A translated unit: its words, and which source unit (by hash and revision) it was made from."""

    text: str
    made_from: str
    source_revision: int


class EquivalentWording(msgspec.Struct, frozen=True):
    """Two wordings of one source unit that mean the same."""

    unit: str
    was: str
    became: str


class SheetUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a translation sheet."""

    id: str
    type: str
    source: str | None
    target: str | None
    status: UnitStatus
    made_from_revision: int | None = None


def sheet(
    source: Text, kept: Mapping[str, TranslatedUnit], same: Iterable[EquivalentWording] = ()
) -> list[SheetUnit]:
    """How each unit of a translation stands to its source; what has no source any more comes last."""
    meanings = _meanings(same)
    lines: list[SheetUnit] = []
    seen: set[str] = set()
    for unit in units(source):
        seen.add(unit.id)
        translated = kept.get(unit.id)
        if translated is None or not translated.text:
            status = UnitStatus.MISSING
        elif translated.made_from in _same_as(unit.id, unit_hash(unit), meanings):
            status = UnitStatus.CURRENT
        else:
            status = UnitStatus.OUTDATED
        lines.append(
            SheetUnit(
                id=unit.id,
                type=unit.type,
                source=unit.text,
                target=translated.text if translated else None,
                status=status,
                made_from_revision=translated.source_revision if translated else None,
            )
        )
    lines.extend(
        SheetUnit(
            id=name,
            type="orphan",
            source=None,
            target=translated.text,
            status=UnitStatus.ORPHANED,
            made_from_revision=translated.source_revision,
        )
        for name, translated in kept.items()
        if name not in seen and translated.text
    )
    return lines


def _meanings(same: Iterable[EquivalentWording]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for one in same:
        found.setdefault((one.unit, one.became), set()).add(one.was)
    return found


def _same_as(unit: str, present: str, meanings: Mapping[tuple[str, str], set[str]]) -> set[str]:
    """Every hash whose wording means what the present one means."""
    found: set[str] = set()
    waiting = [present]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(meanings.get((unit, one), ()))
    return found


def hashes_of_equivalent_wording(unit: Unit, same: Iterable[EquivalentWording]) -> set[str]:
    """The hash of a unit, and of every earlier wording of it that means the same."""
    return _same_as(unit.id, unit_hash(unit), _meanings(same))


def unfinished(lines: Iterable[SheetUnit]) -> tuple[str, ...]:
    """The units that a translator still has to touch."""
    return tuple(line.id for line in lines if line.status in {UnitStatus.MISSING, UnitStatus.OUTDATED})


def frame(text: Text) -> tuple[Any, ...]:
    """What a translation takes over from its source as it is: everything but the words of its units."""
    photo = None if text.photo is None else (text.photo.url, text.photo.credit, text.photo.licence)
    return (
        [(unit.id, unit.type) for unit in units(text)],
        text.trend,
        photo,
        [
            (block.url, block.credit, block.licence) if isinstance(block, Figure) else block.ordered
            for block in text.blocks
            if isinstance(block, Figure | ListBlock)
        ],
    )


def needs_translator(
    source: Text, kept: Mapping[str, TranslatedUnit], same: Iterable[EquivalentWording] = ()
) -> bool:
    """Whether the words of a translation have to be touched to say what its source says now."""
    return any(line.status is not UnitStatus.CURRENT for line in sheet(source, kept, same))


def is_behind(
    source: Text, kept: Mapping[str, TranslatedUnit], made_from: Text, same: Iterable[EquivalentWording] = ()
) -> bool:
    """Whether a translation that was put together from `made_from` says anything else than `source`."""
    return needs_translator(source, kept, same) or frame(made_from) != frame(source)


def assemble(source: Text, translated: Mapping[str, str]) -> Text:
    """The translated text as it would be published: the source's structure with the translated words.

    Blocks that are not translated yet are left out; the photo's address, credit and licence are the source's.
    """
    blocks: list[Block] = []
    for block in source.blocks:
        name = block_id(block)
        words = translated.get(name)
        match block:
            case ListBlock():
                if words:
                    blocks.append(
                        msgspec.structs.replace(block, items=[line for line in words.split("\n") if line])
                    )
            case Figure():
                alt = translated.get(f"{name}.alt", "")
                if alt or words:
                    blocks.append(msgspec.structs.replace(block, text=words or "", alt=alt))
            case Paragraph() | Heading() | Quote():
                if words:
                    blocks.append(msgspec.structs.replace(block, text=words))
    photo = source.photo
    if photo is not None:
        photo = msgspec.structs.replace(
            photo,
            alt=translated.get(PHOTO_ALT) or None,
            caption=translated.get(PHOTO_CAPTION) or None,
        )
    return Text(
        title=translated.get(TITLE, ""),
        lead=translated.get(LEAD, ""),
        trend=source.trend,
        photo=photo,
        blocks=blocks,
    )
