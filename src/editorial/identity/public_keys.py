"""The public halves of the keys that access tokens are signed with."""

import msgspec
from litestar import Response, get

from editorial.identity import tokens
from editorial.identity.authentication import Credentials
from editorial.web import answer, operation


class KeySet(msgspec.Struct, kw_only=True):
    """The keys that access tokens are verified with (RFC 7517)."""

    keys: list[tokens.PublicKey]


@get(
    "/.well-known/jwks.json",
    name="get_keys",
    operation_id="get_keys",
    opt=operation(public=True, refuses=[]),
)
async def get_keys(credentials: Credentials) -> Response[KeySet]:
    """Read the keys that access tokens are verified with."""
    response = answer(KeySet(keys=(await credentials.ring()).public_keys()))
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


ROUTES = [get_keys]
