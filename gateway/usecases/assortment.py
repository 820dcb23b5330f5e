"""Maintenance of stores and items."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from gateway.domain.errors import Problem, RulesBroken
from gateway.domain.item import Item
from gateway.domain.reference import Store
from gateway.persistence.items import all_items, get_items, put_items, ranged_item_ids
from gateway.persistence.reference_data import ReferenceCache, put_store
from gateway.persistence.reference_lock import one_maintainer
from gateway.persistence.unit_of_work import Database, UnitOfWork

LAST_STORE_ID = 9_999_999_999
"""The largest store id of the business object: ten digits."""


class Stores:
    """The stores that stock is kept for. Changing methods raise RulesBroken with every problem."""

    def __init__(self, database: Database, references: ReferenceCache) -> None:
        self._database, self._references = database, references

    def list(self) -> Sequence[Store]:
        """Return all stores by id."""
        return list(self._database.read(self._references.current).stores.values())

    def add(self, store: Store) -> None:
        """Add a store (ADJ-16)."""

        def work(uow: UnitOfWork) -> None:
            one_maintainer(uow)
            problems = _store_problems(store)
            if store.store_id in self._references.current(uow).stores:
                text, remedy = f"store {store.store_id} is already known.", "Change it with `gateway store import`."
                problems.append(Problem("ADJ-16", text, remedy, "store_id", str(store.store_id)))
            _refuse(problems)
            put_store(uow, store)

        self._database.write(work)

    def import_rows(self, rows: Sequence[tuple[int, Store]]) -> tuple[int, int]:
        """Add the stores of a file that are new, change those that differ: all, or none and every problem.

        Returns:
            how many were added and how many changed.
        """

        def work(uow: UnitOfWork) -> tuple[int, int]:
            one_maintainer(uow)
            known = self._references.current(uow).stores
            _refuse(
                [replace(problem, line=row) for row, store in rows for problem in _store_problems(store)]
                + _repeated([(row, str(store.store_id)) for row, store in rows], "store_id")
            )
            new = [store for _, store in rows if store.store_id not in known]
            changed = [store for _, store in rows if known.get(store.store_id, store) != store]
            for store in (*new, *changed):
                put_store(uow, store)
            return len(new), len(changed)

        return self._database.write(work)


class Items:
    """The items of the assortment. Changing methods raise RulesBroken with every problem."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, containing: str = "") -> Sequence[Item]:
        """Return the items, by id, whose id or description contains a text; upper and lower case are the same."""
        part = containing.casefold()
        items = self._database.read(all_items)
        return [item for item in items if part in item.item_id.casefold() or part in item.description.casefold()]

    def add(self, item: Item) -> None:
        """Add an item (UIN-01)."""

        def work(uow: UnitOfWork) -> None:
            if get_items(uow, [item.item_id]):
                text, remedy = f"item {item.item_id} is already known.", "Change it with `gateway item import`."
                raise RulesBroken([Problem("ADJ-16", text, remedy, "item_id", item.item_id)])
            put_items(uow, [item])

        self._database.write(work)

    def import_rows(self, rows: Sequence[tuple[int, Item]]) -> tuple[int, int]:
        """Add the items of a file that are new, change those that differ: all, or none and every problem.

        An item with a position keeps its unit and its kind: its quantities are in that unit, and every unit of it has
        its UIN or none has (UIN-02, IVL-05).

        Returns:
            how many were added and how many changed.
        """

        def work(uow: UnitOfWork) -> tuple[int, int]:
            item_ids = [item.item_id for _, item in rows]
            known, ranged = get_items(uow, item_ids), ranged_item_ids(uow, item_ids)
            problems = _repeated([(row, item.item_id) for row, item in rows], "item_id")
            for row, item in rows:
                if item.item_id in ranged:
                    problems.extend(_fixed_problems(row, known[item.item_id], item))
            _refuse(problems)
            new = [item for _, item in rows if item.item_id not in known]
            changed = [item for _, item in rows if known.get(item.item_id, item) != item]
            put_items(uow, [*new, *changed])
            return len(new), len(changed)

        return self._database.write(work)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RulesBroken(problems)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _store_problems(store: Store) -> list[Problem]:
    problems = []
    if not 1 <= store.store_id <= LAST_STORE_ID:
        text = f"store_id {store.store_id} cannot be used."
        problems.append(Problem("ADJ-16", text, f"Use 1 to {LAST_STORE_ID}.", "store_id", str(store.store_id)))
    if not store.name.strip() or len(store.name) > 120:
        problems.append(Problem("ADJ-16", "the name is blank or too long.", "Use 1 to 120 characters.", "name"))
    # A machine without time zone data knows none; that is no reason to refuse all.
    if _timezones() and store.timezone not in _timezones():
        text, remedy = f"time zone {store.timezone!r} is not known.", "Use an IANA name such as Europe/Paris."
        problems.append(Problem("ADJ-16", text, remedy, "timezone", store.timezone))
    if len(store.currency) != 3 or not (store.currency.isascii() and store.currency.isalpha()):
        text, remedy = f"currency {store.currency!r} is none.", "Use an ISO 4217 code such as EUR."
        problems.append(Problem("ADJ-16", text, remedy, "currency", store.currency))
    elif not store.currency.isupper():
        text = f"currency {store.currency!r} is not in capitals."
        problems.append(Problem("ADJ-16", text, f"Use {store.currency.upper()}.", "currency", store.currency))
    return problems


def _repeated(keys: Sequence[tuple[int, str]], field: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for row, key in keys:
        if first.setdefault(key, row) != row:
            text = f"{field} {key} stands on row {first[key]} already."
            problems.append(Problem("ADJ-16", text, "Name it once.", field, key, row))
    return problems


def _fixed_problems(row: int, before: Item, after: Item) -> list[Problem]:
    changes = (("uom", "IVL-05", before.uom, after.uom), ("kind", "UIN-02", before.kind, after.kind))
    return [
        Problem(
            rule,
            f"{field} of item {after.item_id} cannot change from {old} to {new}: there are positions of it.",
            f"Use {old}.",
            field,
            new,
            row,
            item_id=after.item_id,
        )
        for field, rule, old, new in changes
        if old != new
    ]
