"""docs/settings.md, drawn from `Settings`: each variable, its default, and what it means."""

from pathlib import Path

import msgspec

from editorial.settings import Settings, variable_of
from editorial.web.openapi.sentences import told_of_members

_HEAD = """# Settings

Drawn from `src/editorial/settings.py` by `editorial settings`. The program reads the environment once, at the start,
and names every fault of it. An unknown `EDITORIAL_…` variable is a fault, too.

| variable | default | meaning |
|---|---|---|
"""

_IN_WORDS = {"database_url": "the embedded Postgres", "database_owner_url": "`DATABASE_URL`"}
"""Defaults that are no values."""


def settings_document() -> str:
    """The page as Markdown."""
    meanings = told_of_members(Settings)
    rows = [
        f"| `{variable_of(field.name)}` | {_default(field)} | {meanings[field.name]} |"
        for field in msgspec.structs.fields(Settings)
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.name in _IN_WORDS:
        return _IN_WORDS[field.name]
    if field.type is Path or field.name == "data_dir":
        return "your user data folder"
    if field.default is None or field.default == ():
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
