"""A sheet goes out as XLIFF and comes back: whole, safely, and with no sentence that went stale unseen."""

import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from translate.storage.xliff2 import Xliff2File

from editorial.core import sheets, texts
from editorial.core.normalisation import Form, clean
from editorial.core.sheets import EquivalentWording, SheetUnit, TranslatedUnit, UnitStatus
from editorial.core.texts import Figure, Heading, ListBlock, Paragraph, Photo, Quote, Text, Unit
from editorial.translations.xliff_document import (
    MAX_FILE,
    MAX_UNITS,
    Outcome,
    Returned,
    ReturnedUnit,
    SegmentState,
    Sheet,
    UnitOutcome,
    Unreadable,
    Unsuitable,
    check_languages,
    read,
    settle,
    write,
)

SCHEMA = etree.XMLSchema(file=str(Path(__file__).parent.parent / "schemas" / "xliff_core_2.0.xsd"))
XLIFF = "{urn:oasis:names:tc:xliff:document:2.0}"

SOURCE = Text(
    title="Grain exports fall for the third month",
    lead="Prices held, *volumes* did not.",
    photo=Photo(url="https://photos.example.org/port.jpg", credit="A. P.", alt="A silo", caption="Klaipėda"),
    blocks=[
        Paragraph(
            id="p1", text="Ports handled **12 %** less; see [the report](https://example.org/a?b=1&c=2)."
        ),
        Heading(id="h1", text="Who pays"),
        Quote(id="q1", text="“We wait,” a forwarder says."),
        ListBlock(id="l1", items=["barley", "rape & wheat", "[peas](https://example.org/peas)"]),
        Figure(id="f1", url="https://photos.example.org/map.png", alt="A map", text="Routes", credit="B. C."),
    ],
)
BELARUSIAN = {
    "title": "Экспарт збожжа падае трэці месяц",
    "lead": "Цэны ўстаялі, *аб’ёмы* — не.",
    "photo.alt": "Элеватар",
    "photo.caption": "Клайпеда",
    "p1": "Порты апрацавалі на **12 %** менш; гл. [справаздачу](https://example.org/a?b=1&c=2).",
    "h1": "Хто плаціць",
    "q1": "«Чакаем», — кажа экспедытар.",
    "l1": "ячмень\nрапс і пшаніца\n[гарох](https://example.org/peas)",
    "f1": "Маршруты",
    "f1.alt": "Мапа",
}
AWKWARD = [
    "аб’ём — сям’я, з’ява",
    "Ў, ў, І, і: «ўсё ў парадку»",
    "5 000 € and 12 % of it",
    "ўсюды, дзе ў̆ ёсць",  # a short u with a second breve on it: no single letter for that
    "0 < 1 && 2 > 1 \"quoted\" 'so'",
    "a CDATA would end here: ]]> and go on",
    "an entity in words: &amp; &#x41; &lt;b&gt;",
    "two  blanks, a\ttab, and a\nline",
    "an emoji 👩🏽‍🌾, a right-to-left שלום, a soft\u00adhyphen, a zero\u200bwidth",
    "<source>not an element</source>",
    "*emphasis*, **strong**, ***both***, \\*neither\\*, [a link](https://example.org/(a)_b)",
    "line separator \u2028",
]


def kept(words: Mapping[str, str], source: Text = SOURCE, revision: int = 1) -> dict[str, TranslatedUnit]:
    """Translations that were made from this source."""
    hashes = {unit.id: texts.unit_hash(unit) for unit in texts.units(source)}
    return {name: TranslatedUnit(text, hashes[name], revision) for name, text in words.items()}


def sheet(lines: list[SheetUnit], **source_was: str) -> Sheet:
    """Lines as they go out."""
    return Sheet(
        name="2024-W30 economy", source_language="en", language="be", lines=lines, source_was=source_was
    )


def opened(file: bytes) -> Any:
    """The file as translate-toolkit has it, which reads and writes for Weblate, Pootle and Virtaal."""
    return Xliff2File.parsestring(file)  # type: ignore[no-untyped-call]


def line(
    words: str = "Who pays",
    target: str | None = None,
    status: UnitStatus = UnitStatus.MISSING,
    kind: str = "paragraph",
) -> SheetUnit:
    """One unit with the id `x`."""
    return SheetUnit(id="x", type=kind, source=words, target=target, status=status)


def one(file: bytes) -> ReturnedUnit:
    """Read a file with a single unit."""
    (unit,) = read(file).units
    return unit


def written(unit: str) -> bytes:
    """A file as somebody else might write it, with one unit."""
    return (
        '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="be">'
        f'<file id="f">{unit}</file></xliff>'
    ).encode()


def came(target: str | None, source: str = "Who pays", **changes: Any) -> Returned:
    """The unit `x`, as it comes back from a tool that has kept what it was given."""
    unit: dict[str, Any] = {
        "id": "x",
        "source": source,
        "target": target,
        "state": SegmentState.TRANSLATED,
        "source_hash": texts.unit_hash(Unit("x", "paragraph", source)),
        "has_codes": False,
        "is_whole": True,
    }
    return Returned(source_language="en", language="be", units=[ReturnedUnit(**unit | changes)])


def outcome(
    returned: Returned, lines: list[SheetUnit], same: tuple[EquivalentWording, ...] = ()
) -> tuple[str, str | None]:
    """What becomes of the only unit of a file: what was taken of it, or why it was not."""
    taken, (settled,) = settle(returned, lines, same)
    assert (settled.outcome is Outcome.TAKEN) == bool(taken)
    assert (settled.outcome is Outcome.REFUSED) == bool(settled.code) == bool(settled.reason)
    return settled.outcome.value, settled.code or taken.get(settled.unit)


def test_every_unit_of_a_text_goes_out_and_comes_back() -> None:
    lines = sheets.sheet(SOURCE, kept(BELARUSIAN))
    returned = read(write(sheet(lines)))
    assert (returned.source_language, returned.language) == ("en", "be")
    assert [(unit.id, unit.source) for unit in returned.units] == [
        ("title", "Grain exports fall for the third month"),
        ("lead", "Prices held, *volumes* did not."),
        ("photo.alt", "A silo"),
        ("photo.caption", "Klaipėda"),
        ("p1", "Ports handled **12 %** less; see [the report](https://example.org/a?b=1&c=2)."),
        ("h1", "Who pays"),
        ("q1", "“We wait,” a forwarder says."),
        ("l1", "barley\nrape & wheat\n[peas](https://example.org/peas)"),
        ("f1", "Routes"),
        ("f1.alt", "A map"),
    ]
    assert {unit.id: unit.target for unit in returned.units} == BELARUSIAN
    assert {unit.state for unit in returned.units} == {SegmentState.TRANSLATED}


def test_the_file_is_valid_by_the_schema_of_the_standard() -> None:
    was = Text(title="Grain exports fell", lead=SOURCE.lead, blocks=SOURCE.blocks)
    lines = sheets.sheet(SOURCE, {**kept(BELARUSIAN), **kept({"title": "Быў экспарт"}, was)})
    SCHEMA.assertValid(etree.fromstring(write(sheet(lines, title="Grain exports fell"))))
    SCHEMA.assertValid(etree.fromstring(write(sheet(sheets.sheet(SOURCE, {})))))


def test_the_state_of_a_segment_tells_how_the_translation_stands() -> None:
    was = Text(title="Grain exports fell", lead="Prices held.", blocks=[Paragraph(id="gone", text="Gone")])
    made = {**kept({"h1": "Хто плаціць"}), **kept({"title": "Экспарт упаў", "gone": "Няма"}, was)}
    file = write(sheet(sheets.sheet(SOURCE, made), title="Grain exports fell"))
    root = etree.fromstring(file)
    segments = {
        unit.get("id"): (unit.find(f"{XLIFF}segment").get("state"), unit.findtext(f".//{XLIFF}target"))
        for unit in root.iter(f"{XLIFF}unit")
    }
    assert segments["h1"] == ("translated", "Хто плаціць")
    assert segments["title"] == ("initial", "Экспарт упаў")
    assert segments["lead"] == ("initial", None)
    assert "gone" not in segments
    notes = [
        note.text
        for unit in root.iter(f"{XLIFF}unit")
        if unit.get("id") == "title"
        for note in unit.iter(f"{XLIFF}note")
        if note.get("category") == "source-was"
    ]
    assert notes == ["The source has changed; this translation was made from: Grain exports fell"]


@pytest.mark.parametrize("words", AWKWARD)
def test_awkward_words_survive_as_source_and_as_translation(words: str) -> None:
    kept_as = clean(words, Form.TEXT)
    unit = one(write(sheet([line(kept_as, kept_as, UnitStatus.CURRENT)])))
    assert (unit.source, unit.target) == (kept_as, kept_as)


@given(st.text(), st.text())
@example("0", "\xa0")
@example("\xa0", "0")
def test_whatever_text_may_be_kept_survives(source: str, target: str) -> None:
    try:
        source, target = clean(source, Form.TEXT), clean(target, Form.TEXT)
    except ValueError:
        return
    unit = one(write(sheet([line(source, target, UnitStatus.CURRENT)])))
    assert unit.source == source
    assert unit.target == (target if source and target else None)


def test_another_program_reads_the_file_translates_and_saves_it() -> None:
    was = Text(title="Grain exports fell", lead=SOURCE.lead, blocks=[Paragraph(id="gone", text="Gone")])
    made = {**kept({"h1": "Хто плаціць"}), **kept({"title": "Экспарт упаў"}, was)}
    lines = sheets.sheet(SOURCE, made)
    store = opened(write(sheet(lines, title="Grain exports fell")))
    found = {unit.getid(): unit for unit in store.units}
    assert {name: unit.source for name, unit in found.items()} == {
        unit.id: unit.text for unit in texts.units(SOURCE)
    }
    assert [name for name, unit in found.items() if unit.istranslated()] == ["h1"]
    assert [name for name, unit in found.items() if unit.isfuzzy()] == ["title"]
    for name, words in BELARUSIAN.items():
        found[name].target = words
        found[name].marktranslated()
    saved = bytes(store)
    SCHEMA.assertValid(etree.fromstring(saved))
    taken, settled = settle(read(saved), lines)
    assert taken == {name: words for name, words in BELARUSIAN.items() if name != "h1"}
    assert UnitOutcome(unit="h1", outcome=Outcome.UNCHANGED) in settled


@pytest.mark.parametrize("words", AWKWARD)
def test_awkward_words_survive_another_program(words: str) -> None:
    kept_as = clean(words, Form.TEXT)
    lines = [line(kept_as)]
    store = opened(write(sheet(lines)))
    assert store.units[0].source == kept_as
    store.units[0].target = kept_as
    assert outcome(read(bytes(store)), lines) == ("taken", kept_as)


def test_segments_of_a_unit_are_joined_with_what_stands_between_them() -> None:
    unit = one(
        written(
            '<unit id="x"><segment state="final"><source>One.</source><target>Адзін.</target></segment>'
            "<ignorable><source> </source></ignorable>"
            '<segment state="translated"><source>Two.</source><target>Два.</target></segment>'
            "<ignorable><source>\n</source><target>\n</target></ignorable>"
            '<segment state="reviewed"><source>Three.</source><target>Тры.</target></segment></unit>'
        )
    )
    assert (unit.source, unit.target) == ("One. Two.\nThree.", "Адзін. Два.\nТры.")
    assert (unit.state, unit.is_whole) == (SegmentState.TRANSLATED, True)


def test_translations_that_a_tool_has_moved_are_joined_in_their_new_order() -> None:
    unit = one(
        written(
            '<unit id="x"><segment><source>One.</source><target order="3">Адзін.</target></segment>'
            "<ignorable><source> </source></ignorable>"
            '<segment><source>Two.</source><target order="1">Два.</target></segment></unit>'
        )
    )
    assert (unit.source, unit.target) == ("One. Two.", "Два. Адзін.")


def test_a_unit_of_which_some_segments_have_no_translation_is_not_whole() -> None:
    unit = one(
        written(
            '<unit id="x"><segment><source>One.</source><target>Адзін.</target></segment>'
            "<segment><source>Two.</source><target> </target></segment></unit>"
        )
    )
    assert not unit.is_whole
    nothing = one(written('<unit id="x"><segment><source>One.</source><target> \n</target></segment></unit>'))
    assert nothing.target is None


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<![CDATA[a < b & c]]>", "a < b & c"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("аб&#x2019;ём &#1118;", "аб’ём ў"),
        ("one<!-- a remark --> two", "one two"),
        ("one <?tool hint?>two", "one two"),
        ('one <mrk id="1" type="term">two</mrk> three', "one two three"),
        ('one <sm id="1" type="comment"/>two<em startRef="1"/> three', "one two three"),
    ],
)
def test_words_are_read_however_they_are_written(markup: str, words: str) -> None:
    unit = one(written(f'<unit id="x"><segment><source>{markup}</source></segment></unit>'))
    assert (unit.source, unit.has_codes) == (words, False)


@pytest.mark.parametrize(
    "markup",
    [
        'one <ph id="1"/>two',
        'one <pc id="1">two</pc>',
        'one <sc id="1"/>two<ec startRef="1"/>',
        'one <cp hex="001F"/>',
        '<mrk id="1"><pc id="2">deep</pc></mrk>',
        '<b xmlns="http://www.w3.org/1999/xhtml">two</b>',
    ],
)
def test_inline_codes_are_noticed_since_nothing_goes_out_with_any(markup: str) -> None:
    unit = written(
        f'<unit id="x"><segment><source>Who pays</source><target>{markup}</target></segment></unit>'
    )
    assert outcome(read(unit), [line()]) == ("refused", "inline_code")


def test_units_are_found_in_groups_and_files_of_version_2_1_are_read() -> None:
    file = written(
        '<group id="g"><group id="h"><unit id="x"><segment><source>a</source></segment></unit>'
        "</group></group>"
    ).replace(b'"2.0"', b'"2.1"')
    assert one(file).id == "x"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_a_file_may_come_in_the_encoding_that_it_declares(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = written('<unit id="x"><segment><source>Ў і ў</source></segment></unit>').decode()
    file = f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode(encoding)
    assert one(file).source == "Ў і ў"


BOMB = "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FILE = written('<unit id="x"><segment><source>a</source></segment></unit>')
BY_ENTITY = FILE.replace(b"<source>a<", b"<source>&i;<")


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "not well-formed"),
        (b"{}", "not well-formed"),
        (b"PK\x03\x04", "not well-formed"),
        (FILE[:-9], "not well-formed"),
        (FILE + b"<more/>", "not well-formed"),
        (FILE.replace(b"<source>a", b"<source>a\0"), "not well-formed"),
        (FILE.replace(b"<source>a", b"<source>&#x1;"), "not well-formed"),
        (FILE.replace(b"<source>a", b"<source>\xff\xfe"), "not well-formed"),
        (FILE.replace(b"<source>a", b"<source>&nbsp;"), "not well-formed"),
        (FILE.replace(b"<source>a", b"<source>&i;"), "not well-formed"),
        (FILE.replace(b' id="x"', b' id="x" id="y"'), "not well-formed"),
        (b'<?xml version="1.0" encoding="utf-16"?>' + FILE, "not well-formed"),
        (b'<?xml version="1.0" encoding="utf-8"?>' + FILE.decode().encode("utf-16"), "not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?>' + FILE, "encoding"),
        (b'<?xml version="1.0" encoding="big5"?>' + FILE, "encoding"),
        (b"<!DOCTYPE xliff>" + FILE, "DOCTYPE"),
        (b'<!DOCTYPE xliff SYSTEM "https://example.org/xliff.dtd">' + FILE, "DOCTYPE"),
        (b'<!DOCTYPE xliff [<!ENTITY i "words">]>' + BY_ENTITY, "DOCTYPE"),
        (f'<!DOCTYPE xliff [<!ENTITY a "ha">{BOMB}]>'.encode() + BY_ENTITY, "DOCTYPE"),
        (b'<!DOCTYPE xliff [<!ENTITY i SYSTEM "file:///etc/passwd">]>' + BY_ENTITY, "DOCTYPE"),
        (b'<!DOCTYPE xliff [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]>' + FILE, "DOCTYPE"),
        (
            b'<!DOCTYPE xliff [<!ENTITY i "'
            + b"a" * 50_000
            + b'">]>'
            + BY_ENTITY.replace(b"&i;", b"&i;" * 50_000),
            "DOCTYPE",
        ),
        (b"<a>" * 1_000_000, "nested deeper"),
        (written("<a/>" * 1_000_000), "elements"),
        (b"<a>" + b" " * MAX_FILE + b"</a>", "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:60]),
)
def test_what_is_not_xml_or_is_a_trap_is_refused_at_once(file: bytes, sentence: str) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable, match=sentence):
        read(file)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"<html/>", "not_xliff"),
        (b"<xliff/>", "wrong_version"),
        (b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"/>', "wrong_version"),
        (FILE.replace(b'"2.0"', b'"2.2"'), "wrong_version"),
        (FILE.replace(b":document:2.0", b":document:2.2"), "wrong_version"),
        (b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0"/>', "files"),
        (FILE.replace(b"</xliff>", b'<file id="g"/></xliff>'), "files"),
        (written("<unit><segment><source>a</source></segment></unit>"), "no_id"),
        (written('<unit id="x"/><group id="g"><unit id="x"/></group>'), "repeated_unit"),
        (written("".join(f'<unit id="u{n}"/>' for n in range(10_000))), "too_many_units"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:60]),
)
def test_xml_that_is_no_such_file_is_refused_with_a_sentence(file: bytes, code: str) -> None:
    with pytest.raises(Unsuitable, match=r"^[A-Z].+\.$") as refused:
        read(file)
    assert refused.value.code == code


def test_xliff_1_2_is_named_as_what_it_is() -> None:
    with pytest.raises(Unsuitable, match=r"The file is XLIFF 1\.2; accepted are 2\.0, 2\.1\."):
        read(b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"><file/></xliff>')


def test_as_many_units_as_a_text_can_have_go_out_and_come_back() -> None:
    blocks: list[texts.Block] = [
        Figure(id=f"f{n}", url="https://example.org/", alt="a", text="b", credit="c")
        for n in range(texts.MAX_BLOCKS)
    ]
    source = Text(title=SOURCE.title, lead=SOURCE.lead, photo=SOURCE.photo, blocks=blocks)
    assert len(read(write(sheet(sheets.sheet(source, {})))).units) == MAX_UNITS


@given(st.binary(max_size=200))
def test_no_bytes_get_anything_but_a_refusal(file: bytes) -> None:
    with pytest.raises((Unreadable, Unsuitable)):
        read(file)


@given(st.data())
def test_a_file_that_was_damaged_is_read_or_refused(drawn: st.DataObject) -> None:
    file = bytearray(write(sheet(sheets.sheet(SOURCE, kept(BELARUSIAN)))))
    for _ in range(drawn.draw(st.integers(1, 4))):
        place = drawn.draw(st.integers(0, len(file) - 1))
        file[place : place + drawn.draw(st.integers(0, 40))] = drawn.draw(st.binary(max_size=8))
    try:
        returned = read(bytes(file))
    except (Unreadable, Unsuitable):
        return
    settle(returned, sheets.sheet(SOURCE, {}))


@pytest.mark.parametrize(
    ("given_languages", "wanted", "fits"),
    [
        (("en", "be"), ("en", "be"), True),
        (("EN", "Be"), ("en", "be"), True),
        (("en-GB", "be-BY"), ("en", "be"), True),
        (("en-001", "be"), ("en", "be"), True),
        (("en", "ru"), ("en", "be"), False),
        (("be", "en"), ("en", "be"), False),
        (("en", ""), ("en", "be"), False),
        (("en", "be-tarask"), ("en", "be"), False),
        (("en", "be"), ("en", "be-tarask"), False),
        (("en", "pt"), ("en", "pt-BR"), False),
        (("en", "pt-br"), ("en", "pt-BR"), True),
        (("eng", "be"), ("en", "be"), False),
    ],
)
def test_the_languages_of_a_file_are_those_of_the_task(
    given_languages: tuple[str, str], wanted: tuple[str, str], fits: bool
) -> None:
    returned = Returned(source_language=given_languages[0], language=given_languages[1], units=[])
    if fits:
        check_languages(returned, *wanted)
        return
    with pytest.raises(Unsuitable) as refused:
        check_languages(returned, *wanted)
    assert refused.value.code == "wrong_language"


def test_a_translation_is_taken_in_the_form_in_which_texts_are_kept() -> None:
    decomposed = unicodedata.normalize("NFD", "Ў ёсць й")
    assert outcome(came(f"  {decomposed}\r\nда\n"), [line()]) == ("taken", "Ў ёсць й\nда")


def test_what_brings_nothing_new_stays_as_it_is() -> None:
    current = line(target="Хто плаціць", status=UnitStatus.CURRENT)
    assert outcome(came("Хто плаціць"), [current]) == ("unchanged", None)
    assert outcome(came(None), [current]) == ("unchanged", None)
    assert outcome(came(None), [line()]) == ("unchanged", None)


def test_an_old_translation_counts_for_the_new_source_only_if_somebody_says_so() -> None:
    outdated = line(target="Хто плаціць", status=UnitStatus.OUTDATED)
    assert outcome(came("Хто плаціць", state=SegmentState.INITIAL), [outdated]) == ("unchanged", None)
    for state in (SegmentState.TRANSLATED, SegmentState.REVIEWED, SegmentState.FINAL):
        assert outcome(came("Хто плаціць", state=state), [outdated]) == ("taken", "Хто плаціць")
    changed = came("Хто заплаціць", state=SegmentState.INITIAL)
    assert outcome(changed, [outdated]) == ("taken", "Хто заплаціць")


def test_a_sheet_that_comes_back_untouched_changes_nothing() -> None:
    was = Text(title="Grain exports fell", lead="Prices held.", blocks=[])
    made = {**kept({"h1": "Хто плаціць"}), **kept({"title": "Экспарт упаў", "lead": "Цэны."}, was)}
    lines = sheets.sheet(SOURCE, made)
    taken, settled = settle(read(write(sheet(lines))), lines)
    assert taken == {}
    assert {one.outcome for one in settled} == {Outcome.UNCHANGED}


def test_a_unit_whose_source_has_changed_since_is_refused() -> None:
    now = [line("Who has paid")]
    assert outcome(came("Хто плаціць"), now) == ("refused", "source_changed")
    dropped = came("Хто плаціць", source_hash=None)
    assert outcome(dropped, now) == ("refused", "source_changed")
    heading = [line(kind="heading")]
    assert outcome(came("Хто плаціць"), heading) == ("refused", "source_changed")


def test_the_source_tells_by_itself_when_a_tool_has_dropped_the_hash() -> None:
    assert outcome(came("Хто плаціць", source_hash=None), [line()]) == ("taken", "Хто плаціць")
    trimmed = came("Хто плаціць", " Who pays\n", source_hash=None)
    assert outcome(trimmed, [line()]) == ("taken", "Хто плаціць")
    squeezed = came("Хто плаціць", "Who  pays", source_hash=None)
    assert outcome(squeezed, [line()]) == ("refused", "source_changed")


@pytest.mark.parametrize("name", ["", ' name="a4864e3aff8faddb80878a00410a99ae"', ' name="Who pays"'])
def test_a_name_that_is_not_ours_is_no_hash(name: str) -> None:
    unit = f'<unit id="x"{name}><segment><source>Who pays</source><target>Хто</target></segment></unit>'
    assert one(written(unit)).source_hash is None
    assert outcome(read(written(unit)), [line()]) == ("taken", "Хто")


def test_blanks_of_the_source_may_differ_where_the_hash_says_that_it_is_the_same() -> None:
    right = texts.unit_hash(Unit("x", "paragraph", "Who pays"))
    assert outcome(came("Хто", " Who  pays ", source_hash=right), [line()]) == ("taken", "Хто")
    assert outcome(came("Хто", "Who\npays", source_hash=right), [line()]) == ("refused", "source_altered")
    assert outcome(came("Хто", "Who paid", source_hash=right), [line()]) == ("refused", "source_altered")


def test_a_list_that_has_lost_its_lines_is_refused() -> None:
    items = line("barley\nrape", kind="list")
    right = texts.unit_hash(Unit("x", "list", "barley\nrape"))
    for lost in ("barleyrape", "barley rape"):
        returned = came("ячмень рапс", lost, source_hash=right)
        assert outcome(returned, [items]) == ("refused", "source_altered")


def test_an_earlier_wording_of_the_same_meaning_is_as_good_as_the_present_one() -> None:
    was, now = (texts.unit_hash(Unit("x", "paragraph", words)) for words in ("Who payes", "Who pays"))
    typo = EquivalentWording(unit="x", was=was, became=now)
    assert outcome(came("Хто плаціць", "Who payes"), [line()], (typo,)) == ("taken", "Хто плаціць")
    elsewhere = EquivalentWording(unit="y", was=was, became=now)
    assert outcome(came("Хто", "Who payes"), [line()], (elsewhere,)) == ("refused", "source_changed")


def test_a_unit_that_the_text_does_not_have_is_refused() -> None:
    orphan = SheetUnit(id="x", type="orphan", source=None, target="Хто", status=UnitStatus.ORPHANED)
    assert outcome(came("Хто плаціць"), []) == ("refused", "unknown_unit")
    assert outcome(came("Хто плаціць"), [orphan]) == ("refused", "unknown_unit")


def test_a_unit_that_is_half_translated_is_refused() -> None:
    assert outcome(came("Хто", is_whole=False), [line()]) == ("refused", "half_translated")


def test_one_refusal_keeps_nothing_else_out() -> None:
    lines = sheets.sheet(SOURCE, {})
    file = write(sheet(sheets.sheet(SOURCE, kept(BELARUSIAN))))
    changed = file.replace(b"Who pays", b"Who paid")
    taken, settled = settle(read(changed), lines)
    assert taken == {name: words for name, words in BELARUSIAN.items() if name != "h1"}
    assert [(one.unit, one.code) for one in settled if one.outcome is Outcome.REFUSED] == [
        ("h1", "source_altered")
    ]
