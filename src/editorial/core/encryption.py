"""Secrets that have to be kept readable, sealed with a key that is not in the database.

A dump of the database alone opens nothing then. Without a key in the settings they are kept as they are;
`doctor` says so.
"""

import base64
import binascii
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MARK = b"sealed:1:"
_NONCE = 12


class EncryptionKeyError(Exception):
    """A secret is sealed with a key that the settings do not have."""


class SecretBox:
    """Seals with the first of its keys, and opens with any."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """`keys` are 32 bytes each, in base64."""
        self._keys = [AESGCM(read_key(key)) for key in keys]

    def close(self, secret: bytes, about: str) -> bytes:
        """A secret as it is kept. `about` says whose it is, so that it opens in no other place."""
        if not self._keys:
            return secret
        nonce = os.urandom(_NONCE)
        return _MARK + nonce + self._keys[0].encrypt(nonce, secret, about.encode())

    def open(self, kept: bytes, about: str) -> bytes:
        """The secret that is kept. Raises `EncryptionKeyError`."""
        if not kept.startswith(_MARK):
            return kept
        nonce, sealed = kept[len(_MARK) :][:_NONCE], kept[len(_MARK) + _NONCE :]
        for key in self._keys:
            try:
                return key.decrypt(nonce, sealed, about.encode())
            except InvalidTag:
                continue
        raise EncryptionKeyError(
            "A secret in the database is sealed with a key that EDITORIAL_ENCRYPTION_KEYS does not name."
        )


def read_key(written: str) -> bytes:
    """A key out of the settings. Raises `ValueError`."""
    try:
        key = base64.b64decode(written, validate=True)
    except binascii.Error as fault:
        raise ValueError("a key is written in base64") from fault
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key
