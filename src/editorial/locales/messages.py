"""Messages: what code says, before it is in a language."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime

from editorial.locales import catalogues
from editorial.locales.catalogues import FALLBACK, UnknownMessage, nearest

Param: TypeAlias = "Message | str | int | float | UUID | date | None"


class Message:
    """A sentence or a label: a key of the catalogues, with its parameters. A frozen value.

    A parameter may be a message itself: then its words stand in the sentence, and programs get its value. One
    named `count` chooses the plural form.
    """

    __slots__ = ("key", "params")
    key: str
    params: dict[str, Param]

    def __init__(self, key: str, /, **params: Param) -> None:
        """Name the key, and give each place of its text a value."""
        self.key = key
        self.params = params

    def in_(self, language: str) -> str:
        """The words in a language that has a catalogue. `render` takes any tag."""
        if not self.params:
            return _plain(self.key, language)
        text = catalogues.text(self.key, language).form(self.params.get("count"))
        try:
            return text.format_map({name: _shown(one, language) for name, one in self.params.items()})
        except KeyError as missing:
            raise UnknownMessage(f"{self.key} needs the parameter {missing}") from None

    @property
    def value(self) -> Any:
        """What a program gets in place of the words, where this is a parameter of another message."""
        return self.key

    def __eq__(self, other: object) -> bool:
        """Whether two messages say the same."""
        return isinstance(other, Message) and (type(self), self.key, self.params) == (
            type(other),
            other.key,
            other.params,
        )

    def __hash__(self) -> int:
        """Equal messages hash alike."""
        return hash((self.key, *self.params))

    def __repr__(self) -> str:
        """The key and the parameters, for tests and tracebacks."""
        params = "".join(f", {name}={one!r}" for name, one in self.params.items())
        return f"{type(self).__name__}({self.key!r}{params})"


class Label(Message):
    """What a word of the machines is called: `Label("state.commentary", "draft")`.

    `form` chooses an inflected form that the catalogues have: `in` is the label within a sentence.
    """

    __slots__ = ("_value",)

    def __init__(self, family: str, value: str, form: str = "") -> None:
        """Name the family of labels and the machine's word."""
        super().__init__(f"{family}.{value}.{form}" if form else f"{family}.{value}")
        self._value = str(value)

    @property
    def value(self) -> str:
        """The machine's word."""
        return self._value


class LanguageName(Message):
    """What a language is called, given as a BCP 47 tag: in the nominative; a variety keeps its tag.

    The forms of a catalogue are `language.<tag>.<form>`; what is not there is the name as CLDR has it, put into
    `language.<form>`.
    """

    __slots__ = ("form", "tag")

    def __init__(self, tag: str, form: str = "") -> None:
        """Name the language, and the form in which its name is needed: `into` follows a word for translation."""
        super().__init__(f"language.{tag}.{form}" if form else f"language.{tag}")
        self.tag = tag
        self.form = form

    def in_(self, language: str) -> str:
        """The name in a language that has a catalogue."""
        return _language_name(self.tag, self.form, language)

    @property
    def value(self) -> str:
        """The tag."""
        return self.tag


class Listed(Message):
    """Several messages or words one after the other. The catalogues have what is put between them."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[Param], separator: str = "list.comma") -> None:
        """List the parts, with the separator of this key."""
        super().__init__(separator)
        self.parts = tuple(parts)

    def in_(self, language: str) -> str:
        """The parts in a language that has a catalogue."""
        return _plain(self.key, language).join(str(_shown(one, language)) for one in self.parts)

    @property
    def value(self) -> list[Any]:
        """The value of each part."""
        return [_value(one) for one in self.parts]

    def __eq__(self, other: object) -> bool:
        """Whether two lists say the same."""
        return isinstance(other, Listed) and (self.key, self.parts) == (other.key, other.parts)

    def __hash__(self) -> int:
        """Equal lists hash alike."""
        return hash((self.key, len(self.parts)))


class Translated(Message):
    """Words that the newsroom keeps in its languages: the name of a section. `name` is what programs call it."""

    __slots__ = ("words",)

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        """Take the words by language."""
        super().__init__(name)
        self.words = words

    def in_(self, language: str) -> str:
        """The words in a language or its parent, else in English, else in any; the name where there are none."""
        for one in catalogues.parents(language):
            if one in self.words:
                return self.words[one]
        return next(iter(self.words.values()), self.key)

    def __eq__(self, other: object) -> bool:
        """Whether two say the same."""
        return isinstance(other, Translated) and (self.key, self.words) == (other.key, other.words)

    def __hash__(self) -> int:
        """Equal ones hash alike."""
        return hash(self.key)


class Verbatim(Message):
    """Words that are in no catalogue, because a person wrote them, or another program: taken as they are."""

    __slots__ = ()

    def in_(self, language: str) -> str:
        """The words."""
        return self.key


class Code(Verbatim):
    """A word that a program reads, as it is: a field's name, a media type. In a sentence it is in backquotes."""

    __slots__ = ()

    def in_(self, language: str) -> str:
        """The word, marked."""
        return f"`{self.key}`"

    @property
    def value(self) -> str:
        """The word."""
        return self.key


def render(message: Message, language: str) -> str:
    """A message in a language, given as any BCP 47 tag: its catalogue's, its nearest parent's, or English.

    Raises `UnknownMessage` for a key that there is not, or a parameter that is missing.
    """
    return message.in_(nearest(language))


def in_every_language(message: Message) -> dict[str, str]:
    """A message in each language that has a catalogue."""
    return {language: message.in_(language) for language in catalogues.languages()}


def values(message: Message) -> dict[str, Any]:
    """The parameters of a message for a program, which may word the sentence itself: no words, only values."""
    return {name: _value(one) for name, one in message.params.items() if one is not None}


def _value(param: Param) -> Any:
    if isinstance(param, Message):
        return param.value
    return param.isoformat() if isinstance(param, date) else param


@cache
def _plain(key: str, language: str) -> str:
    """A message without parameters. Raises `UnknownMessage` where its text needs one."""
    try:
        return catalogues.text(key, language).form(None).format_map({})
    except KeyError as missing:
        raise UnknownMessage(f"{key} needs the parameter {missing}") from None


def _shown(param: Param, language: str) -> object:
    """A parameter as it stands in a sentence."""
    if isinstance(param, Message):
        return param.in_(language)
    if isinstance(param, datetime):
        return format_datetime(
            param.astimezone(UTC), _plain("pattern.moment", language), locale=_locale(language)
        )
    if isinstance(param, date):
        return format_date(param, _plain("pattern.day", language), locale=_locale(language))
    return param


@cache
def _locale(language: str) -> Locale:
    """Babel's data for a language: names of languages and months. English where Babel knows none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)


@cache
def _language_name(tag: str, form: str, language: str) -> str:
    base = tag.partition("-")[0]
    names = _locale(language).languages
    whole = names.get(tag.replace("-", "_"))
    named = base if whole is None else tag
    key = f"language.{named}.{form}" if form else f"language.{named}"
    own = catalogues.text_of_its_own(key, language)
    name = own or whole or names.get(base)
    if name is None:
        name, named = tag, tag
    if form and own is None:
        name = catalogues.text(f"language.{form}", language).form(None).format(language=name)
    return str(name) if named == tag else f"{name} ({tag})"
