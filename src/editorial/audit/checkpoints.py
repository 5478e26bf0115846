"""A checkpoint says what the tree was at a size, and is signed: C2SP's tlog-checkpoint, a signed note.

Any tool that reads such notes can check ours. A key is written as in Go's sumdb: `<name>+<id>+<base64>`, and
its private half `PRIVATE+KEY+<name>+<id>+<base64>`. The name is the origin of the tree, and a key that takes
another's place has the same one.
"""

import base64
import binascii
import re
from collections.abc import Collection
from hashlib import sha256
from typing import Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signed>[A-Za-z0-9+/]+={0,2})")
_TEXT = re.compile(
    r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*"
)
_LONGEST_NOTE = 100_000
_MOST_SIGNATURES = 64


class BadNote(ValueError):
    """Not a checkpoint, or not one that a key which is trusted has signed."""


class PublicKey(msgspec.Struct, frozen=True):
    """A key that checkpoints are verified with."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        """The key in one line, as it is published."""
        return f"{self.name}+{self.id.hex()}+{_encoded(_ED25519 + self.key)}"

    @classmethod
    def read(cls, line: str) -> Self:
        """Read a key of one line. Raises `BadNote`."""
        name, key = _key_in(line)
        return cls(name, key)

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature of a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class SealKey(msgspec.Struct, frozen=True):
    """A key that signs checkpoints."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        """Tell no secret: a repr ends up in logs."""
        return f"SealKey({self.name!r})"

    @classmethod
    def new(cls, name: str) -> Self:
        """A new random key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, line: str) -> Self:
        """Read a private key of one line. Raises `BadNote`."""
        if not line.startswith(_PRIVATE):
            raise BadNote("This is no private key.")
        name, seed = _key_in(line.removeprefix(_PRIVATE), private=True)
        return cls(name, seed)

    def written(self) -> str:
        """The private key in one line, as it is kept."""
        return f"{_PRIVATE}{self.name}+{self.public.id.hex()}+{_encoded(_ED25519 + self.seed)}"

    @property
    def public(self) -> PublicKey:
        """The key that others verify with."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return PublicKey(self.name, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The line of a signature under a text."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"— {self.name} {_encoded(self.public.id + signature)}\n"


class Checkpoint(msgspec.Struct, frozen=True):
    """What a tree was at a size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"

    def note(self, *keys: SealKey) -> str:
        """The signed checkpoint."""
        return f"{self.text}\n{''.join(key.sign(self.text) for key in keys)}"


class Note(msgspec.Struct, frozen=True):
    """A checkpoint as read, with signatures that are not verified yet."""

    checkpoint: Checkpoint
    text: str
    signatures: list[tuple[str, bytes, bytes]]
    """Name, key id and signature."""

    @classmethod
    def read(cls, note: str) -> Self:
        """Read a note. Raises `BadNote` for what is not a checkpoint, whatever its signatures."""
        text, blank, under = note.rpartition("\n\n")
        found = _TEXT.fullmatch(text + "\n")
        lines = under.split("\n")[:-1]
        if not blank or found is None or len(note) > _LONGEST_NOTE or not under.endswith("\n"):
            raise BadNote("This is no checkpoint.")
        if not 1 <= len(lines) <= _MOST_SIGNATURES:
            raise BadNote("A checkpoint has from 1 to 64 signatures.")
        signatures = []
        for line in lines:
            signature = _SIGNATURE.fullmatch(line)
            signed = _decoded(signature["signed"]) if signature else b""
            if signature is None or len(signed) < 5:
                raise BadNote("A line under the checkpoint is no signature.")
            signatures.append((signature["name"], signed[:4], signed[4:]))
        checkpoint = Checkpoint(found["origin"], int(found["size"]), _decoded(found["root"]))
        return cls(checkpoint, text + "\n", signatures)

    def signed_by(self, keys: Collection[PublicKey]) -> list[PublicKey]:
        """Which of the keys have signed. Raises `BadNote` where one of them is named, and did not."""
        found = []
        for name, key_id, signature in self.signatures:
            for key in keys:
                if (key.name, key.id) != (name, key_id):
                    continue
                if not key.signed(self.text, signature):
                    raise BadNote("A signature under the checkpoint is not good.")
                found.append(key)
        return found

    def opened(self, keys: Collection[PublicKey]) -> Checkpoint:
        """The checkpoint, if one of the keys has signed it. Raises `BadNote`."""
        if not self.signed_by(keys):
            raise BadNote("The checkpoint is not signed by a key that is known here.")
        return self.checkpoint


def _key_in(line: str, *, private: bool = False) -> tuple[str, bytes]:
    name, _, rest = line.strip().partition("+")
    written_id, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if not re.fullmatch(r"[^\s+]+", name) or len(key) != 33 or key[:1] != _ED25519:
        raise BadNote("This is no Ed25519 key of a checkpoint: <name>+<id>+<base64>.")
    public = SealKey(name, key[1:]).public if private else PublicKey(name, key[1:])
    if public.id.hex() != written_id:
        raise BadNote("The key's id is not its own: a character was changed.")
    return name, key[1:]


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadNote("This is not base64.") from fault
