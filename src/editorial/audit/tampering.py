"""What can be done to a trail behind its back, in words."""

from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What was done to the trail."""

    CHANGED_ENTRY = "changed_entry"
    DELETED_ENTRY = "deleted_entry"
    INSERTED_ENTRY = "inserted_entry"
    REORDERED_ENTRY = "reordered_entry"
    TRUNCATED_TAIL = "truncated_tail"
    REWRITTEN_HISTORY = "rewritten_history"
    """The tree is signed, and is not the one that a checkpoint kept elsewhere was made of."""
    REPLACED_KEY = "replaced_key"
    FORGED_CHECKPOINT = "forged_checkpoint"
    CHANGED_TREE = "changed_tree"
    """A node that proofs are read from is not what the leaves make of it."""
    UNEXPLAINED_ROW = "unexplained_row"
    UNEXPLAINED_ERASURE = "unexplained_erasure"
    UNWATCHED_TABLE = "unwatched_table"
    CHANGED_DEFINITION = "changed_definition"
    """A view, function, trigger, policy, constraint or grant is not the one that the migrations make."""


class Tampered(Exception):
    """The first fault that was found."""

    def __init__(self, kind: Kind, says: str, **where: Any) -> None:
        """Name the fault, say it in a sentence, and tell where it is: entry, place, table, row."""
        super().__init__(says)
        self.kind = kind
        self.where = {name: value for name, value in where.items() if value is not None}
