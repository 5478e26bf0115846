"""The type of a request in a route: Litestar's, for any user, authentication and state."""

from typing import Any, TypeAlias

import litestar

Request: TypeAlias = litestar.Request[Any, Any, Any]
