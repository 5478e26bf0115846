"""How often something may be tried. A limit is a bucket that leaks: tries fill it, and it empties evenly."""

from datetime import timedelta

import msgspec


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """So many tries at once, after which the next comes free bit by bit; all of them after `seconds`."""

    name: str
    """What it is called in the headers `RateLimit` and `RateLimit-Policy`."""
    quota: int
    seconds: int

    @property
    def window(self) -> timedelta:
        """How long a full bucket takes to empty."""
        return timedelta(seconds=self.seconds)

    @property
    def cost(self) -> timedelta:
        """How long one try takes to be forgotten."""
        return self.window / self.quota


ADDRESS = Limit(name="address", quota=50, seconds=900)
"""Failed sign-ins from one place, whoever is tried. EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS sets the quota."""
ACCOUNT_AND_ADDRESS = Limit(name="account-and-address", quota=10, seconds=900)
"""Failed sign-ins to one account from one place: a stranger shuts out themselves, not the owner."""
ACCOUNT = Limit(name="account", quota=100, seconds=3600)
"""Failed sign-ins to one account from anywhere, but for devices where its owner has signed in before."""
DEVICE = Limit(name="device", quota=10, seconds=900)
"""Failed sign-ins to one account from a device where its owner has signed in before; nothing else counts."""
PROOF = Limit(name="proof", quota=10, seconds=900)
"""Wrong passwords and one-time codes of somebody who has shown the one and now shows the other."""
RESET_FROM_ADDRESS = Limit(name="reset-address", quota=20, seconds=3600)
RESET = Limit(name="reset", quota=3, seconds=3600)
"""Mails to one address: more of them would only annoy."""
NOTICE = Limit(name="notice", quota=1, seconds=900)
"""Entries in the trail about one full bucket: an attacker fills no trail."""
