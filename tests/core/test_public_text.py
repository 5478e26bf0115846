"""A text as readers get it: what is left out, how blocks are numbered, what an address looks like."""

from typing import Any

import msgspec
import pytest

from editorial.core import markdown
from editorial.core.html import render, render_photo
from editorial.core.public_text import plain_lines, public_photo, public_text
from editorial.core.texts import Block, Figure, Heading, ListBlock, Paragraph, Photo, Quote, Text

ADDRESS = "https://photos.example.org/1.jpg"
NOTHING = [
    "",
    " ",
    "\u00a0",
    "\u200b\u2060\ufeff",
    "\u00ad",
    "\u115f\u1160\u3164\uffa0",
    "\u2800",
    "\u034f\ufe0f",
    "\U000e0041\U000e007f",
    "—",
    "…",
    "***",
    "&nbsp;",
    "&#8203;",
    "[](https://a.example)",
    "[ ](https://a.example)",
    "[**\u200b**](https://a.example)",
    "\u0301",
]
SOMETHING = [
    "я",
    "7",
    "½",
    "Ⅳ",
    "٣",
    "漢",
    "🌾",
    "👩\u200d🌾",
    "🇵🇱",
    "☺",
    "[7](https://a.example)",
    "&eacute;",
    "a\u0301",
]


def published(*blocks: Block) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = msgspec.to_builtins(public_text(Text(blocks=list(blocks))).blocks)
    return shown


@pytest.mark.parametrize("text", NOTHING)
def test_what_has_no_words_is_not_published(text: str) -> None:
    blocks: list[Block] = [
        Paragraph(id="a", text=text),
        Heading(id="b", text=text),
        Quote(id="c", text=text),
        ListBlock(id="d", items=[text or " ", text or " "]),
    ]
    assert published(*blocks) == []
    figure = Figure(id="e", url=ADDRESS, alt="A port.", credit="A. B.", text=text)
    assert [(one["text"], one["caption_html"]) for one in published(figure)] == [("", "")]
    photo = public_photo(Photo(url=ADDRESS, credit="A. B.", caption=text))
    assert photo is not None
    assert (photo.caption, photo.caption_html) == (None, None)
    assert 'class="caption"' not in render_photo(photo)


@pytest.mark.parametrize("text", SOMETHING)
def test_what_a_reader_can_see_is_published(text: str) -> None:
    assert [one["text"] for one in published(Paragraph(id="a", text=text))] == [text]


def test_blocks_are_numbered_as_they_are_published() -> None:
    blocks: list[Block] = [
        Paragraph(id="chosen", text="One."),
        Paragraph(id="empty", text="\u00a0"),
        ListBlock(id="title", items=["a", "—", "b"]),
        Heading(id="k3v9x2", text="Two"),
    ]
    assert published(*blocks) == [
        {"type": "paragraph", "id": "1", "text": "One."},
        {"type": "list", "id": "2", "items": ["a", "b"], "ordered": False},
        {"type": "heading", "id": "3", "text": "Two"},
    ]


@pytest.mark.parametrize(
    ("written", "readers_get"),
    [
        ("a [](https://a.example)b", "a b"),
        ("*a* [—](https://a.example) b", "*a* — b"),
        ("[a](https://a.example) [b](https://b.example)", "[a](https://a.example) [b](https://b.example)"),
        ("[в](https://фота.бел/в)", "[в](<https://xn--80a1amg.xn--90ais/%D0%B2>)"),
        (
            "*a [в](https://фота.бел/(в)?a=1&b=2) b*",
            "*a [в](<https://xn--80a1amg.xn--90ais/(%D0%B2)?a=1&amp;b=2>) b*",
        ),
        ("[a](mailto:я@фота.бел)", "[a](<mailto:%D1%8F@xn--80a1amg.xn--90ais>)"),
        ("\\[](https://a.example)", "\\[](https://a.example)"),
        ("https://фота.бел as words", "https://фота.бел as words"),
    ],
)
def test_links_of_a_source_text_have_words_and_addresses_in_ascii(written: str, readers_get: str) -> None:
    assert markdown.for_readers(written) == readers_get
    assert markdown.to_html(readers_get) == markdown.to_html(markdown.for_readers(readers_get))


def test_every_block_has_its_html() -> None:
    blocks: list[Block] = [
        Paragraph(text="*One*."),
        Heading(text="Two"),
        Quote(text="Three"),
        ListBlock(items=["a", "b"]),
        ListBlock(items=["c"], ordered=True),
        Figure(
            url="https://фота.бел/б.jpg?a=1&b=2",
            alt='*A* "port"',
            credit="*A.* <B>",
            text="*Caption* [x](javascript:alert(1)) <b>",
        ),
    ]
    assert render(public_text(Text(blocks=blocks)).blocks) == (
        "<p><em>One</em>.</p>\n"
        "<h2>Two</h2>\n"
        "<blockquote><p>Three</p></blockquote>\n"
        "<ul><li>a</li><li>b</li></ul>\n"
        "<ol><li>c</li></ol>\n"
        '<figure><img src="https://xn--80a1amg.xn--90ais/%D0%B1.jpg?a=1&amp;b=2" alt="*A* &quot;port&quot;">'
        '<figcaption><span class="caption"><em>Caption</em> [x](javascript:alert(1)) &lt;b&gt;</span> '
        '<span class="credit">*A.* &lt;B&gt;</span></figcaption></figure>'
    )


def test_a_photo_has_a_caption_as_it_is_written_and_as_html() -> None:
    photo = public_photo(
        Photo(url="https://фота.бел/б.jpg", credit="*A*", alt="*b*", caption="*c* [d](https://фота.бел) <i>")
    )
    assert photo is not None
    assert photo.url == "https://xn--80a1amg.xn--90ais/%D0%B1.jpg"
    assert (photo.credit, photo.alt) == ("*A*", "*b*")
    assert photo.caption == "*c* [d](<https://xn--80a1amg.xn--90ais>) <i>"
    link = '<a href="https://xn--80a1amg.xn--90ais" rel="noopener noreferrer">d</a>'
    assert photo.caption_html == f"<em>c</em> {link} &lt;i&gt;"
    assert render_photo(photo) == (
        '<figure><img src="https://xn--80a1amg.xn--90ais/%D0%B1.jpg" alt="*b*"><figcaption>'
        f'<span class="caption"><em>c</em> {link} &lt;i&gt;</span> <span class="credit">*A*</span>'
        "</figcaption></figure>"
    )


def test_the_plain_lines_of_a_body_are_its_words() -> None:
    blocks: list[Block] = [
        Paragraph(text="*One* [two](https://a.example)"),
        ListBlock(items=["three", "—"]),
        Figure(url=ADDRESS, alt="A port.", credit="A. B."),
    ]
    assert plain_lines(public_text(Text(blocks=blocks)).blocks) == ["One two", "three"]
