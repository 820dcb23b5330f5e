"""What a proof of the ledger finds (STK-03)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up.

    Attributes:
        rule: id of the rule it breaks.
        place: store, item and account, or the message or line.
        expected: what the movements say.
        found: what stands there instead.
    """

    rule: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what did not add up."""

    movements: int
    positions: int
    sub_buckets: int
    uins: int
    messages: int
    differences: tuple[Difference, ...]
