"""The files of maintenance and of the demo: which columns each has, and what a row of it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.disposition import ACCOUNT_OF, Account, Disposition, disposition_of
from gateway.domain.item import Item, ItemKind
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.reference import Store
from gateway.domain.uin import MAX_UIN_LENGTH, Uin, UinState
from gateway.formats.csv_tables import Column, CsvTable, amount, choice, flag, text_of, whole_number, words

_ID: Final = whole_number(1)
_CODE: Final = whole_number(0, 9999)
_ITEM_ID: Final = text_of(25)
_INSIDE: Final = [account for account in Account if account is not Account.OUTSIDE]


class StockRow(NamedTuple):
    """What lies in one account of one item at one store; *quantity* in standard units."""

    store_id: int
    item_id: str
    account: Account
    sub_bucket: int | None
    quantity: Decimal


class TemplateLineRow(NamedTuple):
    """One line of a template, with the header that all its rows repeat; an id of 0 asks for a new one (TPL-01)."""

    template_id: int
    store_id: int
    description: str
    comments: str | None
    status: AdjustmentStatus
    item_id: str
    reason_id: int
    quantity: Decimal
    case_size: Decimal


class UserRow(NamedTuple):
    """A user of the demo. ``all`` stands for every store and every reason, ``everything`` for all functions."""

    user_name: str
    stores: Sequence[str]
    functions: Sequence[str]
    reason_codes: Sequence[str]


class MerchandisingReason(NamedTuple):
    """A reason code as the merchandising system exports it; without disposition, that is not compared (RSN-08)."""

    reason_code: int
    description: str
    disposition: Disposition | None


def _case_size(text: str) -> Decimal:
    size = amount(text)
    if size <= 0 or size != round(size, 2):
        raise ValueError("use an amount above zero with at most 2 digits after the point")
    return size


def _cost(text: str) -> Decimal:
    cost = amount(text)
    if cost < 0:
        raise ValueError("use zero or more")
    return cost


def _named(kind: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
    """Return a builder that hands the cells over in the order of the columns."""
    return lambda cells: kind(*cells.values())


ITEMS: Final[CsvTable[Item]] = CsvTable(
    [
        Column("item_id", _ITEM_ID),
        Column("description", text_of(250)),
        Column("uom", text_of(4)),
        Column("kind", lambda text: ItemKind(choice(ItemKind)(text))),
        Column("unit_cost", _cost, required=False, may_lack=True),
        Column("department", text_of(120), required=False, may_lack=True),
        Column("class", text_of(120), required=False, may_lack=True),
        Column("subclass", text_of(120), required=False, may_lack=True),
    ],
    _named(Item),
    lambda item: (
        item.item_id,
        item.description,
        item.uom,
        item.kind,
        item.unit_cost,
        item.department,
        item.item_class,
        item.subclass,
    ),
)
"""Items of the assortment; ``unit_cost`` in the store's currency for one ``uom`` (UIN-01)."""

STORES: Final[CsvTable[Store]] = CsvTable(
    [
        Column("store_id", _ID),
        Column("name", text_of(120)),
        Column("timezone", text_of(64)),
        Column("currency", text_of(3)),
    ],
    _named(Store),
    lambda store: (store.store_id, store.name, store.timezone, store.currency),
)

SUB_BUCKETS: Final[CsvTable[SubBucket]] = CsvTable(
    [Column("type_id", _ID), Column("description", text_of(255))],
    _named(SubBucket),
    lambda sub_bucket: (sub_bucket.type_id, sub_bucket.description),
)
"""Parts of the unavailable stock (RSN-04)."""


def _reason(cells: dict[str, Any]) -> Reason:
    return Reason(
        reason_id=cells["reason_id"],
        reason_code=cells["reason_code"],
        description=cells["description"],
        disposition=disposition_of(cells["from_disposition"], cells["to_disposition"]),
        from_sub_bucket=cells["from_nonsellable_type_id"],
        to_sub_bucket=cells["to_nonsellable_type_id"],
        use_in_ui=cells["use_in_ui"],
        system=cells["system"],
        publish=cells["publish"],
        active=cells["active"] is not False,
    )


REASONS: Final[CsvTable[Reason]] = CsvTable(
    [
        Column("reason_id", _ID),
        Column("reason_code", _CODE),
        Column("description", text_of(255)),
        Column("from_disposition", choice(ACCOUNT_OF)),
        Column("to_disposition", choice(ACCOUNT_OF)),
        Column("from_nonsellable_type_id", _ID, required=False),
        Column("to_nonsellable_type_id", _ID, required=False),
        Column("use_in_ui", flag),
        Column("system", flag),
        Column("publish", flag),
        Column("active", flag, required=False, may_lack=True),
    ],
    _reason,
    lambda reason: (
        reason.reason_id,
        reason.reason_code,
        reason.description,
        reason.disposition.from_code,
        reason.disposition.to_code,
        reason.from_sub_bucket,
        reason.to_sub_bucket,
        reason.use_in_ui,
        reason.system,
        reason.publish,
        reason.active,
    ),
)
"""Reasons with their dispositions and sub-buckets; a file without ``active`` holds active ones (RSN-03, RSN-05)."""


def _merchandising_reason(cells: dict[str, Any]) -> MerchandisingReason:
    pair = cells["from_disposition"], cells["to_disposition"]
    if (pair[0] is None) != (pair[1] is None):
        raise ValueError("fill in both dispositions or neither")
    disposition = None if pair[0] is None else disposition_of(*pair)
    return MerchandisingReason(cells["reason_code"], cells["description"], disposition)


MERCHANDISING_REASONS: Final[CsvTable[MerchandisingReason]] = CsvTable(
    [
        Column("reason_code", _CODE),
        Column("description", text_of(255)),
        Column("from_disposition", choice(ACCOUNT_OF), required=False, may_lack=True),
        Column("to_disposition", choice(ACCOUNT_OF), required=False, may_lack=True),
    ],
    _merchandising_reason,
    lambda reason: (
        reason.reason_code,
        reason.description,
        reason.disposition and reason.disposition.from_code,
        reason.disposition and reason.disposition.to_code,
    ),
)
"""The reason codes of the merchandising system (RSN-08)."""


def _template_line(cells: dict[str, Any]) -> TemplateLineRow:
    return TemplateLineRow(*[cells["template_id"] or 0, *list(cells.values())[1:]])


TEMPLATES: Final[CsvTable[TemplateLineRow]] = CsvTable(
    [
        Column("template_id", whole_number(0), required=False),
        Column("store_id", _ID),
        Column("description", text_of(250)),
        Column("comments", text_of(2000), required=False),
        Column("status", lambda text: AdjustmentStatus(choice(AdjustmentStatus)(text))),
        Column("item_id", _ITEM_ID),
        Column("reason_id", _ID),
        Column("quantity", amount),
        Column("case_size", _case_size),
    ],
    _template_line,
    lambda line: (line.template_id or None, *line[1:]),
)
"""Templates, one row a line; a blank ``template_id`` asks for a new template (TPL-01 to TPL-03)."""

STOCK: Final[CsvTable[StockRow]] = CsvTable(
    [
        Column("store_id", _ID),
        Column("item_id", _ITEM_ID),
        Column("account", lambda text: Account(choice(_INSIDE)(text))),
        Column("nonsellable_type_id", _ID, required=False),
        Column("quantity", amount),
    ],
    _named(StockRow),
    tuple,
)
"""First positions, one row an account (STK-01)."""


def _uin(cells: dict[str, Any]) -> Uin:
    return Uin(cells["item_id"], cells["uin"], cells["store_id"], cells["state"], cells["nonsellable_type_id"])


UINS: Final[CsvTable[Uin]] = CsvTable(
    [
        Column("store_id", _ID),
        Column("item_id", _ITEM_ID),
        Column("uin", text_of(MAX_UIN_LENGTH)),
        Column("state", lambda text: UinState(choice(UinState)(text))),
        Column("nonsellable_type_id", _ID, required=False),
    ],
    _uin,
    lambda uin: (uin.store_id, uin.item_id, uin.uin, uin.state, uin.sub_bucket),
)
"""Serialised units, each in one store and one state (UIN-05)."""

USERS: Final[CsvTable[UserRow]] = CsvTable(
    [
        Column("user", text_of(30)),
        Column("stores", words),
        Column("functions", words),
        Column("reason_codes", words),
    ],
    _named(UserRow),
    lambda user: (user.user_name, " ".join(user.stores), " ".join(user.functions), " ".join(user.reason_codes)),
)
