"""A translation sheet as an XLIFF 2.0 file, and back: for translators who work in tools of their own.

The words travel as they are kept, CommonMark and all, in one segment for each unit: why, says
`docs/adr/0010-exchange.md`. On the way back nothing is believed that the file does not prove: a unit is
taken only where the source that it brings is the source of today.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser, tostring

import msgspec

from editorial.core import sheets, texts
from editorial.core.normalisation import Form, UnfitText, clean
from editorial.core.sheets import EquivalentWording, SheetUnit, UnitStatus
from editorial.core.texts import Unit
from editorial.locales import FALLBACK, Listed, Message, render

MEDIA_TYPE = "application/xliff+xml"
MAX_FILE = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 100_000
BLANKS = " \t\n"
"""What a text that is kept has none of at its ends (`normalisation.clean`). Any other blank is a word."""
MAX_UNITS = 4 + 2 * texts.MAX_BLOCKS

XLIFF = "urn:oasis:names:tc:xliff:document:2.0"
VERSIONS = ("2.0", "2.1")


class Unreadable(ValueError):
    """The file is no XML that can be read safely. The message says why, in a sentence."""

    def __init__(self, message: Message) -> None:
        """Say it, for people."""
        super().__init__(render(message, FALLBACK))
        self.message = message


class Unsuitable(ValueError):
    """The file is XML, but nothing that can be taken into the task. The message says why, in a sentence."""

    def __init__(self, code: str, message: Message) -> None:
        """Name the kind of fault, for programs, and say it, for people."""
        self.code = code
        super().__init__(render(message, FALLBACK))
        self.message = message


class SegmentState(StrEnum):
    """How far a segment is, in the standard's words; the least far comes first."""

    INITIAL = "initial"
    TRANSLATED = "translated"
    REVIEWED = "reviewed"
    FINAL = "final"


_BY_RANK = list(SegmentState)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out: the units of a task, and what the outdated ones were made from."""

    name: str
    """What a translator calls the text by. Nothing in it may lead to a person, or to when it was written."""
    source_language: str
    language: str
    lines: Sequence[SheetUnit]
    source_was: Mapping[str, str]
    """The earlier source of each outdated unit, by unit id."""


class ReturnedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit as it came back: its segments joined in their order."""

    id: str
    source: str
    target: str | None
    """None where no segment has a translation."""
    state: SegmentState
    """That of the segment that is least far."""
    source_hash: str | None
    """The hash that the unit went out with, unless the tool has dropped it."""
    has_codes: bool
    """It holds inline codes, and nothing goes out with any."""
    is_whole: bool
    """Every segment that has words has a translation."""


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it came back."""

    source_language: str
    language: str
    units: list[ReturnedUnit]


class Outcome(StrEnum):
    """What became of a unit of the file."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class UnitOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one unit of the file, and why."""

    unit: str
    outcome: Outcome
    code: str | None = None
    """Where it was refused: the kind of fault, for programs."""
    reason: Message | None = None
    """Where it was refused: why, in a sentence."""


_MARKUP_NOTE = (
    "The signs of markup are part of the text: *emphasis*, **strong**, [words](https://example.org). "
    "Keep them, and move them with the words."
)
_NOTES = {
    "title": f"The title. At most {texts.MAX_TITLE} characters.",
    "lead": "The lead.",
    "photo_alt": "What the photo shows, for readers who cannot see it.",
    "photo_caption": "The caption of the photo.",
    "heading": "A heading.",
    "quote": "A quotation.",
    "list": "A list: one item a line.",
    "figure": "The caption of a picture.",
    "figure_alt": "What the picture shows, for readers who cannot see it.",
}


def write(sheet: Sheet) -> bytes:
    """The sheet as an XLIFF 2.0 file. What has no source any more stays at home."""
    root = Element(
        "xliff",
        {
            "xmlns": XLIFF,
            "version": VERSIONS[0],
            "srcLang": sheet.source_language,
            "trgLang": sheet.language,
        },
    )
    file = SubElement(root, "file", {"id": "text", "original": sheet.name, "xml:space": "preserve"})
    SubElement(SubElement(file, "notes"), "note").text = _MARKUP_NOTE
    for line in sheet.lines:
        if line.source is not None:
            _add_unit(file, line, line.source, sheet.source_was.get(line.id))
    file_bytes: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return file_bytes


def _add_unit(file: Element, line: SheetUnit, source: str, source_was: str | None) -> None:
    unit = SubElement(
        file,
        "unit",
        {
            "id": line.id,
            "name": f"{line.type} {texts.unit_hash(Unit(line.id, line.type, source))}",
            "type": f"editorial:{line.type}",
            "xml:space": "preserve",
        },
    )
    notes = [({"category": "about"}, _NOTES[line.type])] if line.type in _NOTES else []
    if line.status is UnitStatus.OUTDATED:
        was = "The source has changed; this translation was made from another."
        if source_was:
            was = f"The source has changed; this translation was made from: {source_was}"
        notes.append(({"category": "source-was", "appliesTo": "source"}, was))
    if notes:
        listed = SubElement(unit, "notes")
        for attributes, words in notes:
            SubElement(listed, "note", attributes).text = words
    is_done = line.status is UnitStatus.CURRENT
    state = SegmentState.TRANSLATED if is_done else SegmentState.INITIAL
    segment = SubElement(unit, "segment", {"state": state.value})
    SubElement(segment, "source").text = source
    if line.target:
        SubElement(segment, "target").text = line.target


def read(file: bytes) -> Returned:
    """What a file says, whatever it says. Raises `Unreadable`, `Unsuitable`."""
    root = _parse(file)
    _check_version(root)
    files = root.findall(_named("file"))
    if len(files) != 1:
        raise Unsuitable("files", Message("file.one-file-element", count=len(files)))
    units: dict[str, ReturnedUnit] = {}
    for element in files[0].iter(_named("unit")):
        if len(units) == MAX_UNITS:
            raise Unsuitable("too_many_units", Message("file.too-many-units", most=MAX_UNITS))
        unit = _unit(element)
        if unit.id in units:
            raise Unsuitable("repeated_unit", Message("file.repeated-unit", unit=unit.id))
        units[unit.id] = unit
    return Returned(
        source_language=root.get("srcLang", ""), language=root.get("trgLang", ""), units=list(units.values())
    )


class _Bounded(TreeBuilder):
    """Builds the tree, unless it grows too deep or too large, or begins with a DTD.

    A DTD is refused at its first word: entities, and all that can be done with them, stand in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def doctype(self, *_: Any) -> None:
        raise Unreadable(Message("file.has-doctype"))

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable(Message("file.too-deep", most=MAX_DEPTH))
        if self._elements > MAX_ELEMENTS:
            raise Unreadable(Message("file.too-many-elements", most=MAX_ELEMENTS))
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parse(file: bytes) -> Element:
    if len(file) > MAX_FILE:
        raise Unreadable(Message("file.too-large", most=MAX_FILE))
    parser = XMLParser(target=_Bounded())  # noqa: S314  # `_Bounded` refuses what makes it unsafe
    try:
        parser.feed(file)
        root: Element = parser.close()
    except Unreadable:
        raise
    except ParseError as fault:
        line, column = fault.position
        raise Unreadable(Message("file.not-well-formed", line=line, column=column + 1)) from fault
    except (LookupError, ValueError) as fault:
        raise Unreadable(Message("file.unknown-encoding")) from fault
    return root


def _check_version(root: Element) -> None:
    space, _, name = root.tag.rpartition("}")
    version = root.get("version", "")
    if name != "xliff":
        raise Unsuitable("not_xliff", Message("file.not-xliff"))
    if space != f"{{{XLIFF}" or version not in VERSIONS:
        versions = Listed(VERSIONS)
        if re.fullmatch(r"\d\.\d", version):
            raise Unsuitable(
                "wrong_version", Message("file.wrong-version", version=version, versions=versions)
            )
        raise Unsuitable("wrong_version", Message("file.unknown-version", versions=versions))


def _named(name: str) -> str:
    return f"{{{XLIFF}}}{name}"


_SEGMENT = _named("segment")
_PARTS = {_SEGMENT, _named("ignorable")}
_ANNOTATIONS = {_named("mrk"), _named("sm"), _named("em")}


class _Part(msgspec.Struct, kw_only=True):
    """A segment, or what stands between two."""

    source: str
    target: str | None
    state: SegmentState
    place: int
    """Where its translation stands among the others'."""
    has_codes: bool
    is_segment: bool

    @property
    def is_translated(self) -> bool:
        return bool((self.target or "").strip(BLANKS))

    @property
    def has_words(self) -> bool:
        return self.is_segment and bool(self.source.strip(BLANKS))


def _unit(element: Element) -> ReturnedUnit:
    name = element.get("id")
    if not name:
        raise Unsuitable("no_id", Message("file.unit-without-id"))
    parts = [
        _part(child, place)
        for place, child in enumerate((one for one in element if one.tag in _PARTS), start=1)
    ]
    in_order = sorted(parts, key=lambda part: part.place)
    return ReturnedUnit(
        id=name,
        source="".join(part.source for part in parts),
        target="".join(part.source if part.target is None else part.target for part in in_order)
        if any(part.has_words and part.is_translated for part in parts)
        else None,
        state=min((part.state for part in parts), key=_BY_RANK.index, default=SegmentState.INITIAL),
        source_hash=_hash_in(element.get("name", "")),
        has_codes=any(part.has_codes for part in parts),
        is_whole=all(part.is_translated for part in parts if part.has_words),
    )


def _hash_in(name: str) -> str | None:
    found = re.fullmatch(r"\S+ ([0-9a-f]{32})", name)
    return found and found[1]


def _part(element: Element, place: int) -> _Part:
    is_segment = element.tag == _SEGMENT
    source, target = element.find(_named("source")), element.find(_named("target"))
    order = "" if target is None else target.get("order", "")
    state = element.get("state", "") if is_segment else SegmentState.FINAL
    return _Part(
        source=_words(source) or "",
        target=_words(target),
        state=SegmentState(state) if state in _BY_RANK else SegmentState.INITIAL,
        place=int(order) if re.fullmatch(r"[1-9]\d{0,5}", order) else place,
        has_codes=any(_has_codes(one) for one in (source, target) if one is not None),
        is_segment=is_segment,
    )


def _words(element: Element | None) -> str | None:
    return None if element is None else "".join(element.itertext())


def _has_codes(element: Element) -> bool:
    """Whether there is more in it than words and remarks on them."""
    return any(one.tag not in _ANNOTATIONS for one in element.iter() if one is not element)


def check_languages(returned: Returned, source_language: str, language: str) -> None:
    """Raise `Unsuitable` where a file is of another pair of languages.

    Tools like to name a region: `be-BY` will do for `be`, but not the other way round.
    """
    for name, given, wanted in (
        ("srcLang", returned.source_language, source_language),
        ("trgLang", returned.language, language),
    ):
        if not re.fullmatch(rf"{re.escape(wanted)}(-([a-z]{{2}}|\d{{3}}))?", given, re.IGNORECASE):
            raise Unsuitable(
                "wrong_language", Message("file.wrong-language", attribute=name, language=wanted)
            )


def settle(
    returned: Returned, lines: Iterable[SheetUnit], same: Sequence[EquivalentWording] = ()
) -> tuple[dict[str, str], list[UnitOutcome]]:
    """What of a file can be taken into a sheet, by unit id, and what became of each of its units.

    A unit that the file leaves empty stays as it is, and so does one that the file does not name.
    """
    by_id = {line.id: line for line in lines}
    taken: dict[str, str] = {}
    settled: list[UnitOutcome] = []
    for unit in returned.units:
        try:
            words = _taken(unit, by_id.get(unit.id), same)
        except Unsuitable as fault:
            settled.append(
                UnitOutcome(unit=unit.id, outcome=Outcome.REFUSED, code=fault.code, reason=fault.message)
            )
            continue
        if words is None:
            settled.append(UnitOutcome(unit=unit.id, outcome=Outcome.UNCHANGED))
        else:
            taken[unit.id] = words
            settled.append(UnitOutcome(unit=unit.id, outcome=Outcome.TAKEN))
    return taken, settled


def _taken(unit: ReturnedUnit, line: SheetUnit | None, same: Sequence[EquivalentWording]) -> str | None:
    """The words that a unit brings, or none where it brings nothing new. Raises `Unsuitable`."""
    if line is None or line.source is None:
        raise Unsuitable("unknown_unit", Message("fault.no-such-unit"))
    if unit.target is None:
        return None
    if unit.has_codes:
        raise Unsuitable("inline_code", Message("file.inline-code"))
    _check_source(unit, Unit(line.id, line.type, line.source), same)
    if not unit.is_whole:
        raise Unsuitable("half_translated", Message("file.half-translated"))
    try:
        words = clean(unit.target, texts.form_of(line.type))
    except UnfitText as fault:
        raise Unsuitable("character", fault.message) from fault
    if words == line.target:
        # An old translation that comes back untouched says nothing of the new source, unless somebody
        # has said that it still holds.
        stands = line.status is UnitStatus.CURRENT or unit.state is SegmentState.INITIAL
        return None if stands else words
    return words


def _check_source(unit: ReturnedUnit, source: Unit, same: Sequence[EquivalentWording]) -> None:
    """Raise `Unsuitable` where a unit was made from another source than that of today.

    The hash is exact, and beside it blanks may differ: some tools trim them. Where a tool has dropped it,
    the words have to be the very same.
    """
    if unit.source_hash is None:
        if not _is_kept_as(unit.source, source.text):
            raise _changed()
    elif unit.source_hash == texts.unit_hash(source):
        if _rows(unit.source) != _rows(source.text):
            raise Unsuitable("source_altered", Message("file.source-altered"))
    elif unit.source_hash not in sheets.hashes_of_equivalent_wording(source, same):
        raise _changed()


def _changed() -> Unsuitable:
    return Unsuitable("source_changed", Message("file.source-changed"))


def _rows(text: str) -> list[list[str]]:
    return [row.split() for row in text.split("\n")]


def _is_kept_as(came: str, kept: str) -> bool:
    try:
        return clean(came, Form.TEXT) == clean(kept, Form.TEXT)
    except ValueError:
        return False
