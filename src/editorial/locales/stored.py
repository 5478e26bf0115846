"""Messages at rest: a reason that the system gives today is read later, in each reader's language."""

from typing import Any

import msgspec

from editorial.locales.catalogues import has
from editorial.locales.messages import Code, LanguageName, Listed, Message, Param, Verbatim


def written(message: Message) -> str:
    """A message as JSON, for a column of the database: `{"key": …, "params": {…}}`."""
    return msgspec.json.encode(_plain(message)).decode()


def read(stored: str | None) -> Message | None:
    """The message that `written` has stored. What is none, or has no words any more, is taken as words."""
    if stored is None:
        return None
    try:
        found = _message(msgspec.json.decode(stored))
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError):
        return Verbatim(stored)
    return found


def _plain(param: Param) -> Any:
    match param:
        case Code():
            return {"code": param.key}
        case Verbatim():
            return {"words": param.key}
        case LanguageName():
            return {"language": param.tag, "form": param.form}
        case Listed():
            return {"list": [_plain(one) for one in param.parts], "separator": param.key}
        case Message():
            return {"key": param.key, "params": {name: _plain(one) for name, one in param.params.items()}}
        case _:
            return param


def _message(found: Any) -> Message:
    made = _param(found)
    if not isinstance(made, Message):
        raise TypeError("no message")
    return made


def _param(found: Any) -> Param:
    match found:
        case {"code": code}:
            return Code(code)
        case {"words": words}:
            return Verbatim(words)
        case {"language": tag, "form": form}:
            return LanguageName(tag, form)
        case {"list": parts, "separator": separator}:
            return Listed([_param(one) for one in parts], separator)
        case {"key": key, "params": params}:
            if not has(key):
                raise KeyError(key)
            return Message(key, **{name: _param(one) for name, one in params.items()})
        case str() | int() | float() | None:
            return found
        case _:
            raise TypeError("no parameter")
