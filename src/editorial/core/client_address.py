"""From where a request comes, as far as that can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
UNKNOWN = "unknown"


def origin(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The network from which somebody came: an IPv4 address, or the /64 that one IPv6 customer has.

    `peer` is who is connected. Only where that is a proxy of ours, `forwarded` is read (the values of
    X-Forwarded-For), from its end: each of our proxies has put whom it saw there. What stands before the
    first stranger was written by the stranger, and tells nothing.
    """
    seen = peer
    if _is_trusted(peer, trusted):
        for claimed in reversed([part.strip() for value in forwarded for part in value.split(",")]):
            bare = _without_port(claimed)
            if _parsed(bare) is None:
                break
            seen = bare
            if not _is_trusted(bare, trusted):
                break
    found = _parsed(seen)
    if found is None:
        return UNKNOWN
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found)


def _parsed(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _is_trusted(address: str | None, trusted: Sequence[Network]) -> bool:
    found = _parsed(address)
    return found is not None and any(found in network for network in trusted)


def _without_port(written: str) -> str:
    if written.startswith("["):
        return written[1:].partition("]")[0]
    return written.partition(":")[0] if written.count(":") == 1 else written
