"""Reason codes and sub-buckets: why stock moves, and which part of the unavailable stock it touches."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.disposition import Disposition
from gateway.domain.errors import Problem

MISSING_REASON_CODE = 75
"""Stock Count Unavailable to Missing: its UINs end as missing instead of in stock (UIN-05)."""

STOCK_IN_REASON_CODE = 182
"""Stock In: the reason that may take a UIN from another store (UIN-07)."""

STOCK_OUT_REASON_CODE = 183
"""Stock Out: the reason under which that unit leaves the other store (UIN-07)."""


@dataclass(frozen=True, slots=True)
class SubBucket:
    """A named part of the unavailable stock: trouble, repair, display … (RSN-04)."""

    type_id: int
    description: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why stock moves, and with that from where to where (RSN-01 to RSN-09).

    Attributes:
        reason_id: what requests carry.
        reason_code: what messages to merchandising carry; another number than the id (RSN-03).
        from_sub_bucket, to_sub_bucket: ids of the sub-buckets the disposition takes from and puts into.
        use_in_ui: a person may pick it.
        system: installed with the system; only its description can be edited (RSN-06).
        publish: its adjustments go to merchandising.
        active: may be used for new work; a reason in use is deactivated, never deleted (RSN-09).
    """

    reason_id: int
    reason_code: int
    description: str
    disposition: Disposition
    from_sub_bucket: int | None = None
    to_sub_bucket: int | None = None
    use_in_ui: bool = True
    system: bool = False
    publish: bool = True
    active: bool = True

    @property
    def is_system_only(self) -> bool:
        """True for a system reason that no person may pick: only the system uses it (RSN-07)."""
        return self.system and not self.use_in_ui

    @property
    def is_published(self) -> bool:
        """True when its movements go to merchandising; never between sub-buckets (PUB-02, PUB-03)."""
        return self.publish and self.disposition is not Disposition.BETWEEN_SUB_BUCKETS


def sub_bucket_problems(reason: Reason, known: frozenset[int], sub_buckets_on: bool) -> list[Problem]:
    """Name what is wrong with the sub-buckets of *reason* (RSN-04, RSN-05).

    Args:
        known: ids of the sub-buckets that exist.
        sub_buckets_on: the system parameter ``sub_buckets``.
    """
    problems: list[Problem] = []
    disposition = reason.disposition
    if not sub_buckets_on:
        if disposition is Disposition.BETWEEN_SUB_BUCKETS:
            problems.append(
                Problem(
                    "RSN-05",
                    f"reason {reason.reason_id} moves between sub-buckets, which are switched off.",
                    "Use a reason with another disposition, or switch the parameter sub_buckets on.",
                    field="reason_id",
                    value=str(reason.reason_id),
                )
            )
        return problems
    sides = (
        ("from", reason.from_sub_bucket, disposition.takes_from_sub_bucket),
        ("to", reason.to_sub_bucket, disposition.puts_into_sub_bucket),
    )
    for side, sub_bucket, needed in sides:
        field = f"{side}_nonsellable_qty_type_id"
        if needed and sub_bucket is None:
            problems.append(
                Problem(
                    "RSN-05",
                    f"reason {reason.reason_id} ({disposition.display}) has no {side} sub-bucket.",
                    f"Give the reason a {side} sub-bucket.",
                    field=field,
                )
            )
        elif not needed and sub_bucket is not None:
            problems.append(
                Problem(
                    "RSN-05",
                    f"reason {reason.reason_id} ({disposition.display}) takes no {side} sub-bucket.",
                    f"Leave the {side} sub-bucket of the reason empty.",
                    field=field,
                    value=str(sub_bucket),
                )
            )
        elif sub_bucket is not None and sub_bucket not in known:
            problems.append(
                Problem(
                    "RSN-05",
                    f"sub-bucket {sub_bucket} of reason {reason.reason_id} does not exist.",
                    f"Use one of {', '.join(str(one) for one in sorted(known))}.",
                    field=field,
                    value=str(sub_bucket),
                )
            )
    return problems
