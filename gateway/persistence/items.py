"""Items of the assortment: ``item``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.domain.item import Item, ItemKind
from gateway.persistence.statement import Statement, one_of
from gateway.persistence.tables import item, store_item_stock
from gateway.persistence.unit_of_work import UnitOfWork

_COLUMNS = [
    item.c.item_id,
    item.c.description,
    item.c.uom,
    item.c.kind,
    item.c.unit_cost,
    item.c.department,
    item.c["class"],
    item.c.subclass,
]


def _select_items(dialect_name: str) -> Executable:
    return select(*_COLUMNS).where(one_of(item.c.item_id, "item_ids", dialect_name))


def _select_ranged(dialect_name: str) -> Executable:
    stock = store_item_stock
    return select(stock.c.item_id).where(one_of(stock.c.item_id, "item_ids", dialect_name)).distinct()


SELECT_ITEMS = Statement(_select_items)
SELECT_RANGED = Statement(_select_ranged)


def all_items(uow: UnitOfWork) -> list[Item]:
    """Return every item, by id."""
    return [_item(row) for row in uow.execute(select(*_COLUMNS).order_by(item.c.item_id))]


def get_items(uow: UnitOfWork, item_ids: Sequence[str]) -> dict[str, Item]:
    """Return the known ones among *item_ids*."""
    return {row[0]: _item(row) for row in uow.run(SELECT_ITEMS, item_ids=item_ids)}


def ranged_item_ids(uow: UnitOfWork, item_ids: Sequence[str]) -> set[str]:
    """Return those of *item_ids* that have a position at any store (ADJ-16)."""
    return {row[0] for row in uow.run(SELECT_RANGED, item_ids=item_ids)}


def put_items(uow: UnitOfWork, items: Iterable[Item]) -> None:
    """Store new items and write existing ones anew."""
    rows = [
        {
            "item_id": one.item_id,
            "description": one.description,
            "uom": one.uom,
            "kind": one.kind,
            "unit_cost": one.unit_cost,
            "department": one.department,
            "class": one.item_class,
            "subclass": one.subclass,
        }
        for one in items
    ]
    if not rows:
        return
    statement: Any = (sqlite if uow.dialect.name == "sqlite" else postgresql).insert(item)
    changing = {name: statement.excluded[name] for name in rows[0] if name != "item_id"}
    uow.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=changing), rows)


def _item(row: Sequence[Any]) -> Item:
    return Item(row[0], row[1], row[2], ItemKind(row[3]), *row[4:])
