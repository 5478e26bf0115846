"""How a person is named in an answer, to those who may know who they are."""

from uuid import UUID

import msgspec


class PersonName(msgspec.Struct, kw_only=True):
    """A person, for those who may know."""

    id: UUID
    display_name: str | None
    """Null where the person was erased."""
