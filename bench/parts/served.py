"""Serves the product's application by a server that is not its own.

    python -m bench.parts.served KIND PORT FOLDER

KIND is uvicorn, granian or hypercorn, each on uvloop with one process. The last two are in FOLDER, behind all
that the product has installed: what both need is the product's.
"""

import os
import sys
from typing import Any

import uvloop

from editorial.app import create_app
from editorial.settings import Settings
from editorial.telemetry import logs


def product() -> Any:
    """The application on DATABASE_URL."""
    logs.configure("json")
    return create_app(Settings.read(os.environ), os.environ["DATABASE_URL"])[0]


def main(kind: str, port: int) -> None:
    """Serve, until told to stop."""
    match kind:
        case "uvicorn":
            import uvicorn

            uvicorn.run(product(), port=port, access_log=False, log_level="error", ws="none")
        case "granian":
            from granian import Granian
            from granian.constants import Interfaces, Loops

            Granian(
                "bench.parts.served:product",
                factory=True,
                port=port,
                interface=Interfaces.ASGI,
                loop=Loops.uvloop,
                websockets=False,
            ).serve()
        case "hypercorn":
            from hypercorn.asyncio import serve
            from hypercorn.config import Config

            config = Config()
            config.bind = [f"127.0.0.1:{port}"]
            uvloop.run(serve(product(), config))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    sys.path.append(sys.argv[3])
    main(sys.argv[1], int(sys.argv[2]))
