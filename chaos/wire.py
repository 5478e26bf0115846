"""The way to Postgres, as a process of its own: it can be cut (SIGUSR1), held up (SIGSTOP) and killed.

python -m chaos.wire SOCKET TARGET
"""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path


class Wire:
    """Passes on what is said, both ways, until it is cut."""

    def __init__(self, target: str) -> None:
        """Lead to the socket `target`."""
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one connection to the target."""
        try:
            back, forth = await asyncio.open_unix_connection(self._target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, forth}
        self._open |= ends
        try:
            await asyncio.gather(_pass_on(reader, forth), _pass_on(back, writer))
        finally:
            self._open -= ends
            for one in ends:
                one.transport.abort()

    def cut(self) -> None:
        """Break every connection at once, in the middle of whatever is being said."""
        for one in self._open:
            one.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while said := await reader.read(65_536):
            writer.write(said)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


async def main(socket: str, target: str) -> None:
    """Carry until killed."""
    wire = Wire(target)
    server = await asyncio.start_unix_server(wire.carry, socket, backlog=500)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, wire.cut)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    Path(sys.argv[1]).unlink(missing_ok=True)
    asyncio.run(main(*sys.argv[1:3]))
