"""Proves the ledger: every balance is the sum of its movements, every UIN and every message has its place (STK-03)."""

from __future__ import annotations

from gateway.domain.verification import Verification
from gateway.persistence import verification
from gateway.persistence.unit_of_work import Database


class Verify:
    """Compares the ledger with everything that is kept in step with it, in one consistent picture."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self) -> Verification:
        """Add everything up again and name what differs; changes nothing."""
        return self._database.read(verification.verify)
