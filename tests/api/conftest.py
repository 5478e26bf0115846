"""The application without a database: for its document, and for what it says before it needs one."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from editorial.app import app_without_database, create_app
from editorial.settings import Settings

ORIGIN = "https://desk.example.org"


@pytest.fixture(scope="session")
def app() -> Litestar:
    """Give the application; nothing is connected."""
    return app_without_database()


@pytest.fixture(scope="session")
async def anonymous() -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that is not signed in, to an application that one front end's origin may use."""
    settings = Settings(data_dir=Path(), cors_origins=(ORIGIN,))
    served, _ = create_app(settings, "postgresql:///nowhere")
    transport = httpx.ASGITransport(app=served)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client:
        yield client
