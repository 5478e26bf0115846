"""Addresses as machines want them (RFC 3986), out of what people write, copy and paste."""

import re
from ipaddress import IPv6Address
from urllib.parse import quote

WRITTEN = re.compile(r"(https?://)([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
NAMES = "!$&'()*+,;=%"
"""What may stand unescaped in any part, besides letters, digits and `-._~`."""


def uri_of(address: str) -> str:
    """The same address in ASCII: a host as IDNA has it, all else that a URI may not hold percent-encoded.

    What is a URI already stays as it is.
    """
    parts = WRITTEN.fullmatch(address)
    if parts is None:
        return _mail_address(address) or _escaped(address, "")
    scheme, authority, path, query, fragment = (part or "" for part in parts.groups())
    return "".join(
        (
            scheme,
            _authority(authority),
            _escaped(path, ":@/"),
            query[:1] + _escaped(query[1:], ":@/?"),
            fragment[:1] + _escaped(fragment[1:], ":@/?"),
        )
    )


_MAIL = re.compile(r"(mailto:)([^?#]*?)(@[^@?#]*)?(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)


def _mail_address(written: str) -> str | None:
    """A mailto address as a URI (RFC 6068). None for what is none."""
    parts = _MAIL.fullmatch(written)
    if parts is None:
        return None
    scheme, name, domain, query, fragment = (part or "" for part in parts.groups())
    return "".join(
        (
            scheme,
            _escaped(name, ":@/"),
            domain[:1] + _host(domain[1:]),
            query[:1] + _escaped(query[1:], ":@/?"),
            fragment[:1] + _escaped(fragment[1:], ":@/?"),
        )
    )


def _escaped(part: str, others: str) -> str:
    return quote(re.sub("%(?![0-9A-Fa-f]{2})", "%25", part), safe=NAMES + others)


def _authority(written: str) -> str:
    user, at, rest = written.rpartition("@")
    host, colon, port = rest.rpartition(":")
    if not colon or re.fullmatch("[0-9]*", port) is None:
        host, colon, port = rest, "", ""
    return _escaped(user, ":") + at + _host(host) + colon + port


def _host(written: str) -> str:
    if written.startswith("[") and written.endswith("]"):
        try:
            return f"[{IPv6Address(written[1:-1])}]"
        except ValueError:
            return _escaped(written, "")
    try:
        named = written if written.isascii() else written.encode("idna").decode()
    except UnicodeError:
        named = written
    return _escaped(named, "")
