"""Every sentence that a person reads, in each language of the interface.

`<language>/<domain>.po` has the sentences of one subject in one language: GNU gettext PO, read by Babel. A message has
a key in dotted form (`history.commentary.submit`), the same in each language, and a text with named places in braces.
A language that lacks a message takes it from its parent (`be-tarask` from `be`), then from English. Adding a language
is adding a folder: Python has no list of them.

Code makes a `Message`: a key with its parameters. Where a sentence leaves the program (an answer, a mail, a line on a
terminal), `render` says it in the reader's language.
"""

from editorial.locales.catalogues import (
    FALLBACK,
    InterfaceLanguage,
    UnknownMessage,
    has,
    languages,
    lookup,
    nearest,
)
from editorial.locales.messages import (
    Code,
    Label,
    LanguageName,
    Listed,
    Message,
    Param,
    Translated,
    Verbatim,
    in_every_language,
    render,
    values,
)

__all__ = [
    "FALLBACK",
    "Code",
    "InterfaceLanguage",
    "Label",
    "LanguageName",
    "Listed",
    "Message",
    "Param",
    "Translated",
    "UnknownMessage",
    "Verbatim",
    "has",
    "in_every_language",
    "languages",
    "lookup",
    "nearest",
    "render",
    "values",
]
