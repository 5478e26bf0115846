"""What is done to each text that comes in, before it is judged and kept. Nothing else is ever changed in it.

Every text is put into NFC, its line ends become `\\n`, and unseen signs are taken out: soft hyphens and
zero-width signs come with every paste from a word processor, and hide words from search. The rest depends
on the form of the text, which its type names.
"""

import re
import unicodedata
from enum import Enum

from editorial.locales import FALLBACK, Message, render


class UnfitText(ValueError):
    """A character that no text can hold. `message` says which, for a person."""

    def __init__(self, message: Message) -> None:
        """Keep the sentence."""
        super().__init__(render(message, FALLBACK))
        self.message = message


class Form(Enum):
    """What else is normalised in a text. It is a part of its type: `Annotated[str, Meta(…), Form.LINE]`."""

    LINE = "line"
    """One line, as a name is: line breaks and tabs become one blank, and blanks at the ends go."""
    OPEN_LINE = "open line"
    """One line that a person may still be typing, as a title is: blanks at its ends stay."""
    TEXT = "text"
    """Several lines, as a note has them: blanks and line breaks at the ends go."""
    OPEN_TEXT = "open text"
    """Several lines that a person may still be typing, as a paragraph is: the ends stay as they are."""
    AS_TYPED = "as typed"
    """Not normalised at all, as a password is."""


_REFUSED = re.compile("[\x00-\x08\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ALWAYS_OUT = re.compile(
    "["
    "\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "]"
)
"""Soft hyphens, zero-width signs, marks of direction, fillers, controls of other notations."""
_BY_NEIGHBOURS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]")
"""Joiners, variation selectors and tags: they have a meaning in some scripts and in emoji only."""
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1c4f\ua840-\ua87f\ua8e0-\ua8ff"
    "\ua980-\uaa7f\uaae0-\uaaff\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010eff\U00011000-\U00011fff"
    "\U0001e900-\U0001e95f]"
)
"""Letters whose form a joiner changes: Arabic, Indic and related scripts."""
_SELECTABLE = re.compile("[0-9#*\u1800-\u18af\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
"""What a variation selector changes, beside symbols: keycaps, Mongolian, and the characters of East Asia."""
_FLAG = "\U0001f3f4"
_BREAKS = re.compile("\r\n|[\r\x0b\u2028\u2029]")
_ON_ONE_LINE = re.compile(r"[ ]*[\n\t]+[ \n\t]*")
BLANKS = " \t\n"


def clean(text: str, form: Form = Form.LINE) -> str:
    """The text as it is kept.

    Raises `UnfitText` for what Postgres or a reader's screen cannot hold: NUL, lone
    surrogates, control characters, and the two code points that XML has no place for.
    """
    if text.isascii() and text.isprintable():
        return _in_form(text, form)
    refused = _REFUSED.search(text)
    if refused is not None:
        character = refused.group()
        if "\ud800" <= character <= "\udfff":
            raise UnfitText(Message("fault.surrogate"))
        if character in "\ufffe\uffff":
            raise UnfitText(Message("fault.not-a-character", character=f"U+{ord(character):04X}"))
        name = "NUL" if character == "\0" else f"U+{ord(character):04X}"
        raise UnfitText(Message("fault.control-character", character=name))
    if form is Form.AS_TYPED:
        return text
    return _in_form(unicodedata.normalize("NFC", _BREAKS.sub("\n", without_unseen(text))), form)


def said(text: str, form: Form = Form.LINE) -> str:
    """The text as it is kept, and empty where all of it is blanks."""
    kept = clean(text, form)
    if form is Form.AS_TYPED:
        return kept
    return kept if any(character != " " and character.isprintable() for character in kept) else ""


def without_unseen(text: str) -> str:
    """The text without signs that nobody sees and that change nothing of what is seen."""
    text = _ALWAYS_OUT.sub("", text)
    if _BY_NEIGHBOURS.search(text) is None:
        return text
    kept: list[str] = []
    for place, character in enumerate(text):
        following = text[place + 1 : place + 2]
        if _BY_NEIGHBOURS.match(character) is None or _means_something(character, kept, following):
            kept.append(character)
    return "".join(kept)


def _means_something(sign: str, kept: list[str], following: str) -> bool:
    """Whether a joiner, a variation selector or a tag changes what is seen, after what is kept before it."""
    if not kept:
        return False
    before = kept[-1]
    if sign in "\u200c\u200d":
        base = next((one for one in reversed(kept) if not unicodedata.combining(one)), "")
        if _JOINED.match(base):
            return True
        joins = _is_emoji(before) or before == "\ufe0f" or "\U0001f3fb" <= before <= "\U0001f3ff"
        return sign == "\u200d" and joins and _is_emoji(following)
    if "\U000e0020" <= sign <= "\U000e007f":
        return before == _FLAG or "\U000e0020" <= before <= "\U000e007e"
    return (
        _SELECTABLE.match(before) is not None
        or unicodedata.category(before)[0] == "S"
        or before in "\u203c\u2049"
    )


def _is_emoji(character: str) -> bool:
    return character != "" and unicodedata.category(character) == "So"


def _in_form(text: str, form: Form) -> str:
    if form in {Form.LINE, Form.OPEN_LINE}:
        text = _ON_ONE_LINE.sub(" ", text)
    return text.strip(BLANKS) if form in {Form.LINE, Form.TEXT} else text
