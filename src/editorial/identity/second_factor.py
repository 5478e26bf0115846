"""The second factor: a one-time code (RFC 6238) or a recovery code. Each is valid once."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from uuid import UUID

import pyotp
import structlog

from editorial.core.encryption import EncryptionKeyError, SecretBox
from editorial.core.refusals import Unavailable
from editorial.database.queries import Connection, Queries, Value
from editorial.settings import Settings


class _Queries(Queries, file="identity/second_factor"):
    lock_secret: Value[bytes | None]
    spend_step: Value[UUID | None]
    spend_recovery_code: Value[UUID | None]


sql = _Queries()
log = structlog.get_logger("editorial.identity.second_factor")

STEP_SECONDS = 30
DRIFT = (0, -1, 1)
"""A phone's clock may be one step off."""
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A new random secret: 160 bits in base32, as authenticators take it."""
    return pyotp.random_base32(32)


def address_of(secret: str) -> str:
    """The content of the QR code. It names no person, because phones get lost."""
    return pyotp.TOTP(secret).provisioning_uri(name="account")


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step that a code belongs to, if it is one of this secret at about this time."""
    now = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    shown = code.encode()
    found = [
        now + drift for drift in DRIFT if hmac.compare_digest(totp.generate_otp(now + drift).encode(), shown)
    ]
    return found[0] if found else None


def new_recovery_codes() -> list[str]:
    """Codes to keep on paper: 59 bits each, without letters that are mistaken for one another."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    ]


def hash_of_recovery_code(person: UUID, code: str) -> bytes:
    """The stored hash of a recovery code. It is too long to guess, so a plain hash is enough."""
    written = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(f"{person.hex}:{written}".encode()).digest()


def kept(settings: Settings, person: UUID, secret: str) -> bytes:
    """Encrypt a secret for storage."""
    return SecretBox(settings.encryption_keys).close(secret.encode(), str(person))


def opened(settings: Settings, person: UUID, secret: bytes) -> str:
    """Decrypt a stored secret. Raises `Unavailable`, and logs, where its key is missing."""
    try:
        return SecretBox(settings.encryption_keys).open(secret, str(person)).decode()
    except EncryptionKeyError as fault:
        log.error("a secret cannot be opened", why=str(fault))
        raise Unavailable from fault


async def is_shown(tx: Connection, settings: Settings, person: UUID, code: str) -> bool:
    """Whether a code is valid; this uses it up. Of two simultaneous uses, one succeeds."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        spent = await sql.spend_recovery_code(
            tx, person=person, code_hash=hash_of_recovery_code(person, code)
        )
        return spent is not None
    found = await sql.lock_secret(tx, person=person)
    if found is None:
        return False
    secret = opened(settings, person, found)
    step = step_of(secret, digits, datetime.now(UTC))
    if step is None:
        return False
    # Encrypted again each time, so that a new or changed key takes effect.
    sealed = kept(settings, person, secret)
    return await sql.spend_step(tx, person=person, step=step, secret=sealed) is not None
