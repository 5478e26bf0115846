"""The text itself: what survives, what is refused, how it is shown."""

import pytest

from editorial.core import markdown, texts
from editorial.core.html import render
from editorial.core.public_text import PublishedParagraph
from editorial.core.texts import Block, Figure, Heading, ListBlock, Paragraph, Photo, Text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("*soft* and **strong**", "<em>soft</em> and <strong>strong</strong>"),
        ("[a page](https://example.org/a)", '<a href="https://example.org/a">a page</a>'),
        ("[mail](mailto:desk@example.org)", '<a href="mailto:desk@example.org">mail</a>'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("![no image](https://example.org/a.png)", '!<a href="https://example.org/a.png">no image</a>'),
        ("`no code`", "`no code`"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("\\*as it is\\*", "*as it is*"),
        ("аб’ём «у двукоссі» & 12 000", "аб’ём «у двукоссі» &amp; 12 000"),
    ],
)
def test_inline_text_is_a_small_part_of_commonmark(text: str, html: str) -> None:
    assert markdown.to_html(text) == html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "/relative",
        "#part",
        "ftp://example.org",
    ],
)
def test_a_link_leads_to_http_https_or_mailto_only(address: str) -> None:
    faults = texts.faults_of_blocks([Heading(text="Title"), Paragraph(text=f"A [link]({address}).")])
    assert [(one.pointer, one.code) for one in faults] == [("/blocks/1/text", "link")]
    assert "<a" not in render([PublishedParagraph(id="1", text=f"A [link]({address}).")])


def test_a_link_has_an_address() -> None:
    assert texts.faults_of_blocks([Paragraph(text="A [link]().")])


def test_a_link_in_a_lists_item_and_in_a_caption_is_looked_at_too() -> None:
    bad = "[x](javascript:alert(1))"
    blocks: list[Block] = [
        ListBlock(items=["fine", bad]),
        Figure(url="https://photos.example.org/1.jpg", alt="A port.", credit="A. B.", text=bad),
    ]
    assert [one.pointer for one in texts.faults_of_blocks(blocks)] == ["/blocks/0/items/1", "/blocks/1/text"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "/relative", ""])
def test_a_link_in_a_lead_and_in_a_photos_caption_is_looked_at_too(address: str) -> None:
    bad = f"[x]({address})"
    photo = Photo(url="https://photos.example.org/1.jpg", credit="A. B.", alt=bad, caption=bad)
    faults = texts.faults_of_text(Text(title=bad, lead=bad, photo=photo))
    # A title and an alternative text are plain: there is no link in them.
    assert [(one.pointer, one.code) for one in faults] == [("/lead", "link"), ("/photo/caption", "link")]


def test_two_blocks_cannot_have_one_id() -> None:
    blocks = [Paragraph(id="a", text="1"), Paragraph(text="2"), Paragraph(id="a", text="3")]
    assert [(one.pointer, one.code) for one in texts.faults_of_blocks(blocks)] == [
        ("/blocks/2/id", "duplicate_id")
    ]


def test_the_words_of_a_text_are_what_is_left_without_marks() -> None:
    assert markdown.plain("*Soft* **strong** [link](https://example.org) 5 \\* 3") == "Soft strong link 5 * 3"
