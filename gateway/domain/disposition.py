"""Dispositions: from where to where an adjustment moves stock (RSN-01)."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """Where stock can be; the parts of a position, and the world outside the store (STK-01)."""

    OUTSIDE = "outside"
    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    RESERVED = "reserved"


ACCOUNT_OF = {
    "DIST": Account.OUTSIDE,
    "ATS": Account.AVAILABLE,
    "TRBL": Account.UNAVAILABLE,
    "COR": Account.RESERVED,
}
"""The account behind each half of a disposition pair, as the wire names it (STK-01)."""


_DISPLAY = {
    "ATS-DIST": "- Stock On Hand",
    "DIST-ATS": "+ Stock On Hand",
    "ATS-TRBL": "+ Unavailable",
    "TRBL-ATS": "- Unavailable",
    "ATS-COR": "+ Customer Order Reserve",
    "COR-ATS": "- Customer Order Reserve",
    "TRBL-DIST": "- Stock On Hand and - Unavailable",
    "TRBL-TRBL": "-Unavailable and + Unavailable",
}
"""Display texts as SIM prints them, irregular blanks included (RSN-01)."""


class Disposition(StrEnum):
    """The eight movements that a reason can stand for; the value is the pair ``FROM-TO`` (RSN-01)."""

    DECREASE_SOH = "ATS-DIST"
    INCREASE_SOH = "DIST-ATS"
    TO_UNAVAILABLE = "ATS-TRBL"
    FROM_UNAVAILABLE = "TRBL-ATS"
    RESERVE = "ATS-COR"
    UNRESERVE = "COR-ATS"
    DISPOSE_UNAVAILABLE = "TRBL-DIST"
    BETWEEN_SUB_BUCKETS = "TRBL-TRBL"

    from_code: str
    to_code: str
    from_account: Account
    to_account: Account
    display: str

    def __init__(self, pair: str) -> None:
        # Read for every line of every adjustment, so worked out once per member instead of per call.
        self.from_code, self.to_code = pair.split("-")
        self.from_account, self.to_account = ACCOUNT_OF[self.from_code], ACCOUNT_OF[self.to_code]
        self.display = _DISPLAY[pair]

    @property
    def takes_from_sub_bucket(self) -> bool:
        """True when stock leaves the unavailable account (RSN-05)."""
        return self.from_account is Account.UNAVAILABLE

    @property
    def puts_into_sub_bucket(self) -> bool:
        """True when stock enters the unavailable account (RSN-05)."""
        return self.to_account is Account.UNAVAILABLE

    @property
    def touches_unavailable(self) -> bool:
        """True when either side is the unavailable account (TPL-02)."""
        return self.takes_from_sub_bucket or self.puts_into_sub_bucket


def disposition_of(from_code: str, to_code: str) -> Disposition:
    """Return the disposition of a wire pair such as ``ATS``, ``DIST``.

    Raises:
        ValueError: the pair is none of the eight (RSN-01).
    """
    try:
        return Disposition(f"{from_code}-{to_code}")
    except ValueError:
        raise ValueError(f"{from_code} to {to_code} is none of the eight dispositions (RSN-01)") from None
