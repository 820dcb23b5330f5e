"""A database from nothing: schema, default reasons, and on request the demo data (RSN-02)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.default_reasons import TROUBLE, default_reasons
from gateway.domain.disposition import Account
from gateway.domain.errors import Problem, RulesBroken
from gateway.domain.ledger import Movement, Origin, Position
from gateway.domain.quantity import ZERO
from gateway.domain.reference import Reference
from gateway.persistence import stock, templates, uins, users
from gateway.persistence.items import get_items, put_items
from gateway.persistence.openings import opened_stores
from gateway.persistence.reference_data import ReferenceCache, put_reason, put_role, put_store, put_sub_bucket
from gateway.persistence.reference_lock import one_installer, one_maintainer
from gateway.persistence.roster import all_roles
from gateway.persistence.schema import migrate
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases.access import Access
from gateway.usecases.adjustments import utc_now
from gateway.usecases.demo_data import DemoData, read_demo_data

OPENING_REASON_CODE = 201
"""Initial position: from outside into the store, never published."""

OPENING_USER = "demo"
"""Who laid the first positions down, as the ledger says it."""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `Initialise.run` added; zeros when everything was there."""

    sub_buckets: int
    reasons: int


@dataclass(frozen=True, slots=True)
class DemoLoaded:
    """What `Initialise.load_demo` did.

    Attributes:
        was_there: the demo data were there; only passwords can have changed.
        created: how many of each thing were laid down.
        user_names: the users of the demo.
        password: of all of them; None when it stayed as it was.
    """

    was_there: bool
    created: dict[str, int]
    user_names: tuple[str, ...]
    password: str | None


class Initialise:
    """Creates or migrates the database and fills it; harmless to repeat."""

    def __init__(self, database: Database, access: Access, now: Callable[[], datetime] = utc_now) -> None:
        self._database, self._access, self._now = database, access, now

    def run(self) -> Initialised:
        """Create or migrate the schema; give an empty reason table the default reasons (RSN-02).

        What was edited since is never overwritten, and what was deleted does not come back.
        """
        with one_installer(self._database.engine):
            migrate(self._database.engine)
            return self._database.write(_put_defaults)

    def load_demo(self, password: str | None = None) -> DemoLoaded:
        """Lay the demo data down; where they are, only give its users another *password*.

        Args:
            password: of every demo user; None makes one up, or leaves those of users who are there.
        Raises:
            RulesBroken: the database holds other data under ids of the demo; names them. Nothing was changed.
        """
        data = read_demo_data()
        if self._database.read(lambda uow: _is_there(uow, data)):
            return self._renew_passwords(data, password)
        chosen = secrets.token_urlsafe(12) if password is None else password
        hashes = {user.user_name: self._access.hash(chosen) for user in data.users}

        def work(uow: UnitOfWork) -> DemoLoaded:
            one_maintainer(uow)
            reference = ReferenceCache().current(uow)
            problems = _conflicts(uow, data, reference)
            if problems:
                raise RulesBroken(problems)
            self._lay_down(uow, data, reference.parameters.sub_buckets, hashes)
            return DemoLoaded(False, _counts(data), tuple(hashes), chosen)

        return self._database.write(work)

    def _lay_down(self, uow: UnitOfWork, data: DemoData, sub_buckets_on: bool, hashes: dict[str, str]) -> None:
        now = self._now()
        for store in data.stores:
            put_store(uow, store)
        put_items(uow, data.items)
        for sub_bucket in data.sub_buckets:
            put_sub_bucket(uow, sub_bucket)
        for reason in data.reasons:
            put_reason(uow, reason)
        _lay_down_stock(uow, data, sub_buckets_on, now)
        for template in data.templates(now):
            templates.put(uow, template)
        reason_of_code = ReferenceCache().current(uow).reason_of_code
        for role_name, functions, codes in data.roles:
            ids = None if codes is None else [reason_of_code[code].reason_id for code in codes]
            put_role(uow, role_name, functions, ids)
        for user_name, role_name, store_ids in data.users:
            users.put_user(
                uow, user_name, roles=[role_name], store_ids=store_ids, now=now, password_hash=hashes[user_name]
            )

    def _renew_passwords(self, data: DemoData, password: str | None) -> DemoLoaded:
        names = tuple(user.user_name for user in data.users)
        if password is not None:
            hashes = {name: self._access.hash(password) for name in names}

            def work(uow: UnitOfWork) -> None:
                one_maintainer(uow)
                for name, password_hash in hashes.items():
                    users.set_password(uow, name, password_hash)

            self._database.write(work)
        return DemoLoaded(True, {}, names, password)


def _put_defaults(uow: UnitOfWork) -> Initialised:
    one_maintainer(uow)
    reference = ReferenceCache().current(uow)
    if not reference.sub_buckets:
        put_sub_bucket(uow, TROUBLE)
    defaults = [] if reference.reasons else default_reasons()
    for reason in defaults:
        put_reason(uow, reason)
    return Initialised(0 if reference.sub_buckets else 1, len(defaults))


def _is_there(uow: UnitOfWork, data: DemoData) -> bool:
    """Say whether the demo was laid down: every store of it has opening movements."""
    store_ids = [store.store_id for store in data.stores]
    return opened_stores(uow, store_ids) == set(store_ids)


def _conflicts(uow: UnitOfWork, data: DemoData, reference: Reference) -> list[Problem]:
    codes = {reason.reason_code for reason in data.reasons}
    taken: list[tuple[str, Iterable[object]]] = [
        ("store", (store.store_id for store in data.stores if store.store_id in reference.stores)),
        ("item", get_items(uow, [item.item_id for item in data.items])),
        ("reason", (reason.reason_id for reason in data.reasons if reason.reason_id in reference.reasons)),
        ("reason code", sorted(codes & reference.reason_of_code.keys())),
        (
            "sub-bucket",
            (one.type_id for one in data.sub_buckets if reference.sub_buckets.get(one.type_id, one) != one),
        ),
        ("template", (one for one in sorted({line.template_id for line in data.template_lines}) if _get(uow, one))),
        ("role", sorted({role.role_name for role in data.roles} & all_roles(uow).keys())),
        ("user", (user.user_name for user in data.users if user.user_name in reference.users)),
    ]
    return [
        Problem("RSN-02", f"{noun} {one} exists already.", "Load the demo into an empty database.", noun, str(one))
        for noun, found in taken
        for one in found
    ]


def _get(uow: UnitOfWork, template_id: int) -> bool:
    return templates.get(uow, template_id) is not None


def _lay_down_stock(uow: UnitOfWork, data: DemoData, sub_buckets_on: bool, now: datetime) -> None:
    """Move every position of the demo in from outside, and keep positions and sub-buckets in step (STK-03)."""
    reason_id = ReferenceCache().current(uow).reason_of_code[OPENING_REASON_CODE].reason_id
    movements: list[tuple[int, Movement]] = []
    accounts: dict[tuple[int, str], dict[Account, Decimal]] = {}
    parts: dict[tuple[int, str, int], Decimal] = {}
    for row, (store_id, item_id, account, given, quantity) in data.stock:
        sub_bucket = given if sub_buckets_on else None
        position = accounts.setdefault((store_id, item_id), dict.fromkeys(Account, ZERO))
        position[account] += quantity
        if sub_bucket is not None:
            key = store_id, item_id, sub_bucket
            parts[key] = parts.get(key, ZERO) + quantity
        if quantity > 0:
            move = Movement(store_id, item_id, quantity, Account.OUTSIDE, None, account, sub_bucket, reason_id)
            movements.append((row, move))
    for store_id in sorted({store_id for store_id, _ in accounts}):
        item_ids = [item_id for one, item_id in accounts if one == store_id]
        stock.range_items(uow, store_id, item_ids)
        # The same locks in the same order as everybody who changes a position (STK-06).
        stock.locked_items(uow, store_id, item_ids)
    stock.add_movements(uow, movements, Origin.OPENING, now, OPENING_USER)
    stock.put_positions(
        uow,
        [
            (*key, Position(one[Account.AVAILABLE], one[Account.UNAVAILABLE], one[Account.RESERVED]), 0)
            for key, one in accounts.items()
        ],
    )
    if parts:
        stock.put_sub_buckets(uow, [(*key, quantity) for key, quantity in parts.items()])
    units = data.uins if sub_buckets_on else [one._replace(sub_bucket=None) for one in data.uins]
    uins.put_uins(uow, units, now)


def _counts(data: DemoData) -> dict[str, int]:
    sized: Sequence[tuple[str, int]] = (
        ("stores", len(data.stores)),
        ("items", len(data.items)),
        ("sub-buckets", len(data.sub_buckets)),
        ("reasons", len(data.reasons)),
        ("positions", len({(row.store_id, row.item_id) for _, row in data.stock})),
        ("UINs", len(data.uins)),
        ("templates", len({line.template_id for line in data.template_lines})),
        ("roles", len(data.roles)),
        ("users", len(data.users)),
    )
    return dict(sized)
