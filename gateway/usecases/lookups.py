"""What callers may choose from: reasons and sub-buckets (RSN, SEC-02, SEC-03)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.domain.errors import AccessDenied
from gateway.domain.permission import Caller, Function, Identity
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.reference import Reference
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases.access import caller_of, remember_denial
from gateway.usecases.adjustments import utc_now


class Lookups:
    """Reasons and sub-buckets as a caller sees them."""

    def __init__(self, database: Database, references: ReferenceCache, now: Callable[[], datetime] = utc_now) -> None:
        self._database, self._references, self._now = database, references, now

    def reasons(self, identity: Identity) -> Sequence[Reason]:
        """Return the reasons that the caller may use, by id (RSN-07, SEC-02).

        With sub-buckets switched off none is mentioned, and reasons that only move between them are left out (RSN-04).

        Raises:
            AccessDenied: the caller lacks the function *access*.
        """
        reference, caller = self._who(identity, "lookupInventoryAdjustmentReason")
        parameters = reference.parameters
        usable = [
            reason
            for reason in reference.reasons.values()
            if reason.active
            and caller.may_use_reason(reason.reason_id)
            and (parameters.callers_may_use_system_reasons or not reason.is_system_only)
        ]
        if parameters.sub_buckets:
            return usable
        return [
            replace(reason, from_sub_bucket=None, to_sub_bucket=None)
            for reason in usable
            if not (reason.disposition.takes_from_sub_bucket and reason.disposition.puts_into_sub_bucket)
        ]

    def sub_buckets(self, identity: Identity) -> Sequence[SubBucket]:
        """Return the sub-buckets by id; none when they are switched off (RSN-04).

        Raises:
            AccessDenied: the caller lacks the function *access*.
        """
        reference, _ = self._who(identity, "lookupNonSellableQuantityType")
        return list(reference.sub_buckets.values()) if reference.parameters.sub_buckets else []

    def _who(self, identity: Identity, action: str) -> tuple[Reference, Caller]:
        def work(uow: UnitOfWork) -> tuple[Reference, Caller]:
            reference = self._references.current(uow)
            caller = caller_of(identity, reference)
            caller.require([Function.ACCESS])
            return reference, caller

        try:
            return self._database.read(work)
        except AccessDenied as denied:
            remember_denial(self._database, denied, action, self._now())
            raise
