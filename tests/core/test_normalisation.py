"""What is done to each text that comes in: what survives, what is taken out, what is refused."""

import sys
import unicodedata

import pytest

from editorial.core.normalisation import Form, clean, said


@pytest.mark.parametrize(
    "text",
    [
        "аб’ём, аб'ём, абʼём",
        "«Двукоссе», „двукоссе“, “double”, ‘single’",
        "12\u00a0000 і 12\u202f000 (вузкі)",
        "Ўсё ў Ўшачах",
        "і І ї Ї ґ",
        "за́мак",
        "— – − ‑",
        "🇵🇱 👩\u200d💻 👩🏽\u200d🌾 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0f",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم",
        "क्\u200dष, क्\u200cष, শ্রী",
        "葛\U000e0100城",
        "شَ\u200cهر",
    ],
)
def test_what_people_write_survives_byte_for_byte(text: str) -> None:
    assert clean(text) == text


def test_a_text_is_kept_in_nfc() -> None:
    decomposed = unicodedata.normalize("NFD", "Ўсё й ё ї")
    assert decomposed != "Ўсё й ё ї"
    assert clean(decomposed) == "Ўсё й ё ї"
    assert clean("Нови\u00ad\u0306") == "Новй"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("дзяр\u00adжаўная", "дзяржаўная"),
        ("Вілей\u200dшчына", "Вілейшчына"),
        ("Вілей\u200cшчына", "Вілейшчына"),
        ("пера\u2060будова", "перабудова"),
        ("вобл\u200bасць", "вобласць"),
        ("\ufeffМінск\u200e\u200f", "Мінск"),
        ("\u202e\u2066Мінск\u2069\u202c", "Мінск"),
        ("Мін\ufe0fск", "Мінск"),
        ("Мін\U000e0067ск", "Мінск"),
        ("a\u200d💻", "a💻"),
        ("\u200d\ufe0fa", "a"),
    ],
)
def test_signs_that_nobody_sees_are_taken_out(pasted: str, kept: str) -> None:
    assert clean(pasted) == kept


VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Signs of category Cf that are seen: they stand over or round the figures after them."""


def test_no_format_character_hides_a_word() -> None:
    signs = (chr(code) for code in range(sys.maxunicode + 1) if code not in VISIBLE_FORMATS)
    hidden = [
        sign for sign in signs if unicodedata.category(sign) == "Cf" and clean(f"сло{sign}ва") != "слова"
    ]
    assert hidden == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\t", " \n\t ", "\n\n"])
def test_a_line_has_a_blank_where_a_line_ends(line_end: str) -> None:
    for form in (Form.LINE, Form.OPEN_LINE):
        assert clean(f"One{line_end}Two", form) == "One Two"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b"])
def test_a_text_keeps_its_lines(line_end: str) -> None:
    for form in (Form.TEXT, Form.OPEN_TEXT):
        assert clean(f"One{line_end}Two", form) == "One\nTwo"


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        (Form.LINE, "first word"),
        (Form.OPEN_LINE, "  first word "),
        (Form.TEXT, "first word"),
        (Form.OPEN_TEXT, "  first word "),
        (Form.AS_TYPED, "  first word "),
    ],
)
def test_a_text_that_is_being_typed_keeps_its_ends(form: Form, kept: str) -> None:
    assert clean("  first word ", form) == kept


@pytest.mark.parametrize(
    "unseen", ["\u00a0", "\u200b", "\u2060\ufeff", " \u3000\n\u00ad ", "\u202e\u202c", "\u2028", "\u3164"]
)
def test_what_nobody_sees_is_no_text(unseen: str) -> None:
    for form in set(Form) - {Form.AS_TYPED}:
        assert said(unseen, form) == ""
        assert said(f"{unseen}а{unseen}", form).strip() != ""


@pytest.mark.parametrize("seen", [".", "☺", "👩\u200d🌾", "ў"])
def test_what_somebody_sees_is_kept_with_all_that_is_in_it(seen: str) -> None:
    assert said(seen) == seen


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\x1bb", "a\ufffeb", "\uffff", "\x0c", "\x7f", "a\x85b"])
def test_what_no_screen_and_no_feed_can_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="character"):
        clean(text)


def test_a_password_is_taken_as_it_is_typed() -> None:
    typed = " \u00ad\u0438\u0306\u200b\n\u3000"
    assert said(typed, Form.AS_TYPED) == clean(typed, Form.AS_TYPED) == typed
    with pytest.raises(ValueError, match="character"):
        clean("a\0b", Form.AS_TYPED)
