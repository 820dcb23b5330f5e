"""Which stores got their first positions laid down: the opening movements of ``stock_movement``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from gateway.domain.ledger import Origin
from gateway.persistence.tables import stock_movement
from gateway.persistence.unit_of_work import UnitOfWork


def opened_stores(uow: UnitOfWork, store_ids: Sequence[int]) -> set[int]:
    """Return those of *store_ids* with at least one opening movement (STK-03)."""
    move = stock_movement.c
    return {
        store_id
        for store_id in store_ids
        # One row is enough to know; a large ledger is not read.
        if uow.execute(select(move.id).where(move.store_id == store_id, move.origin == Origin.OPENING).limit(1)).first()
        is not None
    }
