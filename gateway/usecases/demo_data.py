"""The files of ``gateway/demo``, read and put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from gateway.domain.item import Item
from gateway.domain.permission import Function
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.reference import Store
from gateway.domain.template import AdjustmentTemplate
from gateway.domain.uin import Uin
from gateway.formats.csv_tables import values
from gateway.formats.maintenance_csv import (
    ITEMS,
    REASONS,
    STOCK,
    STORES,
    SUB_BUCKETS,
    TEMPLATES,
    UINS,
    USERS,
    StockRow,
    TemplateLineRow,
    UserRow,
)
from gateway.usecases.templates import TemplateRow, template_of

FOLDER = Path(__file__).parent.parent / "demo"

EVERY_FUNCTION = "everything"
ALL = "all"
TEMPLATE_USER = "admin"
"""Who made and closed the templates of the demo."""

FUNCTIONS: Mapping[str, Sequence[Function]] = {
    **{one.value: (one,) for one in Function},
    "templates": (Function.ACCESS_TEMPLATES, Function.APPLY_TEMPLATES),
    EVERY_FUNCTION: tuple(Function),
}
"""What the short names of ``users.csv`` stand for (SEC-01)."""


class DemoRole(NamedTuple):
    """A role of the demo; None for the reason codes means every reason."""

    role_name: str
    functions: Sequence[Function]
    reason_codes: Sequence[int] | None


class DemoUser(NamedTuple):
    """A user of the demo; None for the stores means every store."""

    user_name: str
    role_name: str
    store_ids: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class DemoData:
    """Everything that ``gateway init --demo`` lays down. *stock* carries the row of each position in its file."""

    stores: Sequence[Store]
    items: Sequence[Item]
    sub_buckets: Sequence[SubBucket]
    reasons: Sequence[Reason]
    stock: Sequence[tuple[int, StockRow]]
    uins: Sequence[Uin]
    template_lines: Sequence[TemplateLineRow]
    roles: Sequence[DemoRole]
    users: Sequence[DemoUser]

    def templates(self, now: datetime) -> list[AdjustmentTemplate]:
        """Return the templates as made *now*."""
        groups = groupby(self.template_lines, lambda line: line.template_id)
        return [template_of([TemplateRow(0, *line) for line in lines], None, TEMPLATE_USER, now) for _, lines in groups]


def read_demo_data(folder: Path = FOLDER) -> DemoData:
    """Read the demo files.

    Raises:
        WrongFile: one of them cannot be used.
    """
    users = list(values(USERS.read_file(folder / "users.csv")))
    roles: dict[tuple[Sequence[str], Sequence[str]], DemoRole] = {}
    for user in users:
        # Users who may do the same share a role, which is named for the first of them.
        roles.setdefault((user.functions, user.reason_codes), _role(user))
    return DemoData(
        stores=list(values(STORES.read_file(folder / "stores.csv"))),
        items=list(values(ITEMS.read_file(folder / "items.csv"))),
        sub_buckets=list(values(SUB_BUCKETS.read_file(folder / "nonsellable_types.csv"))),
        reasons=list(values(REASONS.read_file(folder / "reasons.csv"))),
        stock=STOCK.read_file(folder / "stock.csv"),
        uins=list(values(UINS.read_file(folder / "uins.csv"))),
        template_lines=list(values(TEMPLATES.read_file(folder / "templates.csv"))),
        roles=list(roles.values()),
        users=[
            DemoUser(
                user.user_name,
                roles[user.functions, user.reason_codes].role_name,
                _numbers(user.stores),
            )
            for user in users
        ],
    )


def _numbers(names: Iterable[str]) -> list[int] | None:
    found = list(names)
    return None if found == [ALL] else [int(name) for name in found]


def _role(user: UserRow) -> DemoRole:
    functions = dict.fromkeys(function for name in user.functions for function in FUNCTIONS[name])
    return DemoRole(user.user_name, list(functions), _numbers(user.reason_codes))
