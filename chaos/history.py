"""What was asked and what was answered, written down as it happens."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec


class Told(msgspec.Struct, kw_only=True, frozen=True):
    """What an answer says of one object."""

    kind: str
    """`commentary` or `translation_task`."""
    id: str
    version: int
    state: str
    holder: str | None = None


class Call(msgspec.Struct, kw_only=True):
    """One attempt at one request. Its name goes with it as X-Request-Id, and into the trail."""

    name: str
    intent: str
    """What the attempts of one request have in common: an Idempotency-Key, or the name of the only one."""
    writer: int
    server: str
    method: str
    route: str
    """The template of the address, as the document has it."""
    action: str | None = None
    """What is to be done; none for a read."""
    kind: str = ""
    object_id: str | None = None
    began: float = 0.0
    ended: float = 0.0
    status: int | None = None
    """None: there was no answer, and whether anything was done is not known."""
    was_sent: bool = True
    """False where no connection was had: then nothing can have been done."""
    fault: str = ""
    code: str = ""
    content_type: str = ""
    retry_after: str | None = None
    named: str | None = None
    """The request id in the answer."""
    replayed: bool = False
    body_hash: str = ""
    told: list[Told] = msgspec.field(default_factory=list)


class History:
    """The calls so far, in the memory and in a file that survives us."""

    def __init__(self, path: Path) -> None:
        """Write to a new file."""
        self.calls: list[Call] = []
        self._file = path.open("wb")

    def add(self, call: Call) -> None:
        """Write a call down, once it is known how it ended."""
        self.calls.append(call)
        self._file.write(msgspec.json.encode(call) + b"\n")
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def now() -> float:
    """The clock of the history: it never jumps, and all writers share it."""
    return time.monotonic()
