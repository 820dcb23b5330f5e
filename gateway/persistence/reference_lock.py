"""Who waits for whom while reference data change, and what the change of ``sub_buckets`` has to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Engine, Float, cast, func, select, text

from gateway.persistence.tables import inv_adjust_reason, reference_version, store_item_stock, store_item_stock_nonsell
from gateway.persistence.unit_of_work import UnitOfWork

_INSTALLING = 7_031_311
"""Number of the advisory lock that keeps two installations of one PostgreSQL database apart; any number does."""


class UnavailableStock(NamedTuple):
    """Unavailable stock of one item at one store, in standard units."""

    store_id: int
    item_id: str
    quantity: Decimal


def one_maintainer(uow: UnitOfWork) -> None:
    """Let only one transaction at a time change reference data; callers who only read them do not wait.

    Call it before anything is read: what a change is checked against must still hold when it is written. On SQLite a
    writing transaction is alone anyway.
    """
    uow.execute(select(reference_version.c.version).with_for_update())


def no_callers(uow: UnitOfWork) -> None:
    """Wait until no call is under way and keep new ones out until this transaction ends.

    Every call reads the version of the reference data first, and PostgreSQL keeps its weak lock on that table to the
    end of the call; the strongest lock on the same table therefore meets all of them. Locking the stock tables would
    not be enough: a confirm that read the old parameter and waits for them would go on with it. Must be the first
    statement of its transaction, or two of these would wait for each other. On SQLite a writing transaction is alone
    anyway.
    """
    if uow.dialect.name == "postgresql":
        uow.execute(text("LOCK TABLE reference_version IN ACCESS EXCLUSIVE MODE"))


def lock_reason(uow: UnitOfWork, reason_id: int) -> None:
    """Keep others from writing lines that use a reason until this transaction ends (RSN-09)."""
    uow.execute(select(inv_adjust_reason.c.id).where(inv_adjust_reason.c.id == reason_id).with_for_update())


def unavailable_stock(uow: UnitOfWork, most: int) -> Sequence[UnavailableStock]:
    """Return up to *most* positions with unavailable stock, in the account or in any sub-bucket (RSN-04)."""
    stock, nonsell = store_item_stock, store_item_stock_nonsell
    # Amounts are text on SQLite; whether one is zero, its nearest binary number says reliably.
    account = select(stock.c.store_id, stock.c.item_id, stock.c.quantity_unavailable).where(
        cast(stock.c.quantity_unavailable, Float) != 0
    )
    parts = select(nonsell.c.store_id, nonsell.c.item_id, nonsell.c.quantity).where(
        cast(nonsell.c.quantity, Float) != 0
    )
    found: dict[tuple[int, str], Decimal] = {}
    for query in (parts, account):
        for store_id, item_id, quantity in uow.execute(query.order_by("store_id", "item_id").limit(most)):
            found[store_id, item_id] = Decimal(quantity)
    return [UnavailableStock(*key, quantity) for key, quantity in sorted(found.items())][:most]


@contextmanager
def one_installer(engine: Engine) -> Iterator[None]:
    """Let only one process at a time create or migrate the schema of a PostgreSQL database.

    SQLite needs nothing: its migration begins with the one write lock.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(select(func.pg_advisory_lock(_INSTALLING)))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(_INSTALLING)))
