"""Mail to a server that asks for encryption and a login: real TLS, and nothing in the clear."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from editorial.core.letters import LetterKind, letter
from editorial.identity.mail import NotDelivered, _send, compose
from editorial.settings import Settings
from postbox import Postbox

ELSEWHERE = "127.0.0.2"
"""This machine by an address that counts as another one: what is near may do without encryption."""
USER, PASSWORD = "newsroom@example.org", "a p@ss/word:1"
WITHIN_TLS = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
"""The mail server does not know that all of its connection is encrypted."""
ENCRYPTED = [("smtp", "starttls"), pytest.param("smtps", "tls", marks=WITHIN_TLS)]
IN_ADDRESS = "newsroom%40example.org:a%20p%40ss%2Fword%3A1"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate with its key, for the address of the mail server and signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ELSEWHERE))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("mail") / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


Opened = Callable[..., AbstractAsyncContextManager[Postbox]]


@pytest.fixture
def opened(certificate: Path) -> Opened:
    """Give what opens a mail server that asks for a login, and takes one only over TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=given == right, handled=False)

    @asynccontextmanager
    async def open_one(kind: str) -> AsyncIterator[Postbox]:
        postbox = Postbox()
        loop = asyncio.get_running_loop()

        def serve() -> SMTP:
            if kind == "clear":
                return SMTP(postbox, hostname="mail.example.org", loop=loop)
            return SMTP(
                postbox,
                hostname="mail.example.org",
                tls_context=context if kind == "starttls" else None,
                require_starttls=kind == "starttls",
                auth_require_tls=kind == "starttls",
                auth_required=True,
                authenticator=knows,
                loop=loop,
            )

        server = await loop.create_server(serve, ELSEWHERE, 0, ssl=context if kind == "tls" else None)
        postbox.address = f"{ELSEWHERE}:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield postbox

    return open_one


async def post(address: str) -> EmailMessage:
    """Send a mail as the worker does. Raises `NotDelivered`."""
    settings = Settings(data_dir=Path(), smtp_url=address, mail_from="desk@example.org")
    written = letter(LetterKind.PASSWORD_CHANGED, "en", token=None, page=None, until=None)
    message = compose(settings, uuid4(), "somebody@example.org", written)
    await _send(settings, message)
    return message


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("scheme", "kind"), ENCRYPTED)
async def test_a_mail_goes_encrypted_and_with_a_login(opened: Opened, scheme: str, kind: str) -> None:
    async with opened(kind) as postbox:
        sent = await post(f"{scheme}://{IN_ADDRESS}@{postbox.address}")
        assert (await postbox.next_mail())["Message-ID"] == sent["Message-ID"]


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_login_sends_nothing(opened: Opened) -> None:
    async with opened("starttls") as postbox:
        with pytest.raises(NotDelivered) as refusal:
            await post(f"smtp://newsroom%40example.org:wrong@{postbox.address}")
        assert refusal.value.why == "refused"
        assert postbox.is_empty()


@pytest.mark.parametrize(("scheme", "kind"), ENCRYPTED)
async def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    opened: Opened, scheme: str, kind: str
) -> None:
    async with opened(kind) as postbox:
        with pytest.raises(NotDelivered):
            await post(f"{scheme}://{IN_ADDRESS}@{postbox.address}")
        assert postbox.is_empty()


@pytest.mark.usefixtures("trusted")
async def test_a_server_elsewhere_that_cannot_encrypt_gets_neither_login_nor_mail(opened: Opened) -> None:
    async with opened("clear") as postbox:
        with pytest.raises(NotDelivered):
            await post(f"smtp://{IN_ADDRESS}@{postbox.address}")
        assert postbox.is_empty()
