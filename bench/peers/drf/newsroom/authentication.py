"""Who stands behind a token."""

from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_der_private_key
from drf.newsroom.models import Person, SignedIn, SigningKey
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


@cache
def key_of(kid: str) -> Any:
    return load_der_private_key(bytes(SigningKey.objects.get(pk=kid).private_key), None).public_key()


class Bearer(BaseAuthentication):
    def authenticate(self, request: Any) -> Any:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer":
            return None
        try:
            key = key_of(jwt.get_unverified_header(token)["kid"])
            claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="editorial")
        except (jwt.PyJWTError, KeyError, SigningKey.DoesNotExist) as fault:
            raise AuthenticationFailed from fault
        if not SignedIn.objects.filter(pk=claims["sid"], ended_at=None).exists():
            raise AuthenticationFailed
        person = Person.objects.filter(pk=claims["sub"], state="active").prefetch_related("roles").first()
        if person is None:
            raise AuthenticationFailed
        return person, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"
