"""In which script and language words are, as far as their letters tell."""

import re

NAMES = {"HTTP", "JSON", "RFC", "UTC", "UTF", "UUID", "XLIFF", "XML"}
"""Words that are written in Latin letters in each language. What a program reads is in backquotes."""


def in_script(text: str, language: str) -> bool:
    """Whether the letters are those of the language, and none of its sister's."""
    words = re.sub(r"`[^`]*`|\{[a-z_]+\}|https?://\S+", "", text)
    words = re.sub("|".join(rf"\b{name}\b" for name in NAMES), "", words)
    if language == "en":
        return not re.search(r"[Ѐ-ӿ]", words)
    return not re.search({"be": r"[A-Za-zищъИЩЪ]", "ru": r"[A-Za-zіўІЎ’]"}[language], words)
