"""What is where: positions of items at stores, as an operator looks at them (STK-01, STK-02)."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.ledger import StockRow
from gateway.persistence import stock
from gateway.persistence.unit_of_work import Database


class Positions:
    """Looks at stock; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, store_id: int | None = None, item_id: str | None = None) -> Sequence[StockRow]:
        """Return positions by store and item; None means every one."""
        return self._database.read(lambda uow: stock.positions(uow, store_id, item_id))
