"""Reference data: one picture in memory, refreshed when the database shows a new version number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, delete, insert, select, update

from gateway.domain.disposition import disposition_of
from gateway.domain.permission import Caller, Function
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.reference import Parameters, Reference, Store, User
from gateway.persistence.statement import Statement
from gateway.persistence.tables import (
    app_user,
    inv_adjust_line_item,
    inv_adjust_reason,
    inv_adjust_template_item,
    nonsellable_type,
    parameter,
    reference_version,
    role,
    role_function,
    role_reason,
    stock_movement,
    store,
    user_role,
    user_store,
)
from gateway.persistence.unit_of_work import UnitOfWork


def _select_version(_: str) -> Executable:
    return select(reference_version.c.version)


SELECT_VERSION = Statement(_select_version)


class ReferenceCache:
    """Keeps the picture of one database for all threads of a process."""

    def __init__(self) -> None:
        self._reference: Reference | None = None

    def current(self, uow: UnitOfWork) -> Reference:
        """Return the reference data as this transaction sees it; costs one small query unless it changed."""
        ((version,),) = uow.run(SELECT_VERSION)
        if uow.changes_reference_data:
            # Not committed yet and perhaps never: another change may get the same number.
            return _load(uow, version)
        reference = self._reference
        if reference is None or reference.version != version:
            reference = self._reference = _load(uow, version)
        return reference


def reference_changed(uow: UnitOfWork) -> None:
    """Tell every process that reference data changed; call it in the transaction that changes them."""
    uow.changes_reference_data = True
    uow.execute(update(reference_version).values(version=reference_version.c.version + 1))


def _load(uow: UnitOfWork, version: int) -> Reference:
    reasons = {row.id: _reason(row) for row in uow.execute(select(inv_adjust_reason).order_by(inv_adjust_reason.c.id))}
    users, roleless = _users(uow, reasons)
    return Reference(
        version=version,
        parameters=_parameters(uow),
        stores={row.store_id: Store(*row) for row in uow.execute(select(store).order_by(store.c.store_id))},
        reasons=reasons,
        reason_of_code={reason.reason_code: reason for reason in reasons.values()},
        sub_buckets={
            row.id: SubBucket(*row) for row in uow.execute(select(nonsellable_type).order_by(nonsellable_type.c.id))
        },
        users=users,
        roleless_reasons=roleless,
    )


def _reason(row: Any) -> Reason:
    return Reason(
        reason_id=row.id,
        reason_code=row.code,
        description=row.description,
        disposition=disposition_of(row.from_disposition, row.to_disposition),
        from_sub_bucket=row.from_nonsellable_type_id,
        to_sub_bucket=row.to_nonsellable_type_id,
        use_in_ui=row.displayable,
        system=row.system_required,
        publish=row.publish,
        active=row.active,
    )


def _parameters(uow: UnitOfWork) -> Parameters:
    kinds = Parameters.__annotations__
    values: dict[str, Any] = {}
    for name, value in uow.execute(select(parameter)):
        if name in kinds:
            values[name] = value == "on" if kinds[name] == "bool" else int(value)
    return Parameters(**values)


def _users(uow: UnitOfWork, reasons: Mapping[int, Reason]) -> tuple[dict[str, User], frozenset[int]]:
    functions: dict[str, set[Function]] = {}
    for role_name, function in uow.execute(select(role_function)):
        functions.setdefault(role_name, set()).add(Function(function))
    role_reasons: dict[str, set[int]] = {}
    for role_name, reason_id in uow.execute(select(role_reason)):
        role_reasons.setdefault(role_name, set()).add(reason_id)
    every_reason = {role_name for role_name, all_reasons in uow.execute(select(role)) if all_reasons}
    roles: dict[str, list[str]] = {}
    for user_name, role_name in uow.execute(select(user_role)):
        roles.setdefault(user_name, []).append(role_name)
    stores: dict[str, set[int]] = {}
    for user_name, store_id in uow.execute(select(user_store)):
        stores.setdefault(user_name, set()).add(store_id)
    users: dict[str, User] = {}
    for row in uow.execute(select(app_user)):
        mine = roles.get(row.user_name, [])
        caller = Caller(
            row.user_name,
            frozenset().union(*(functions.get(name, set()) for name in mine)),
            None if row.all_stores else frozenset(stores.get(row.user_name, set())),
            None
            if every_reason.intersection(mine)
            else frozenset().union(*(role_reasons.get(name, set()) for name in mine)),
        )
        users[row.user_name] = User(caller, row.credential_version, row.active)
    used = set(reasons) if every_reason else set().union(*role_reasons.values())
    return users, frozenset(set(reasons) - used)


def put_parameter(uow: UnitOfWork, name: str, value: str) -> None:
    """Write one system parameter: ``on``, ``off`` or a number as text."""
    uow.execute(delete(parameter).where(parameter.c.name == name))
    uow.execute(insert(parameter).values(name=name, value=value))
    reference_changed(uow)


def put_reason(uow: UnitOfWork, reason: Reason) -> None:
    """Store a new reason or write an existing one anew."""
    row = {
        "code": reason.reason_code,
        "description": reason.description,
        "from_disposition": reason.disposition.from_code,
        "to_disposition": reason.disposition.to_code,
        "from_nonsellable_type_id": reason.from_sub_bucket,
        "to_nonsellable_type_id": reason.to_sub_bucket,
        "displayable": reason.use_in_ui,
        "system_required": reason.system,
        "publish": reason.publish,
        "active": reason.active,
    }
    changed = uow.execute(update(inv_adjust_reason).where(inv_adjust_reason.c.id == reason.reason_id).values(**row))
    if changed.rowcount == 0:
        uow.execute(insert(inv_adjust_reason).values(id=reason.reason_id, **row))
    reference_changed(uow)


def delete_reason(uow: UnitOfWork, reason_id: int) -> None:
    """Remove a reason that nothing uses, and take it from the roles that hold it."""
    uow.execute(delete(role_reason).where(role_reason.c.reason_id == reason_id))
    uow.execute(delete(inv_adjust_reason).where(inv_adjust_reason.c.id == reason_id))
    reference_changed(uow)


def reason_is_in_use(uow: UnitOfWork, reason_id: int) -> bool:
    """Say whether an adjustment, a template or a movement has the reason (RSN-09)."""
    uses = (
        select(inv_adjust_line_item.c.id).where(inv_adjust_line_item.c.inv_adjust_reason_id == reason_id),
        select(inv_adjust_template_item.c.id).where(inv_adjust_template_item.c.inv_adjust_reason_id == reason_id),
        select(stock_movement.c.id).where(stock_movement.c.reason_id == reason_id),
    )
    return any(uow.execute(use.limit(1)).first() is not None for use in uses)


def put_sub_bucket(uow: UnitOfWork, sub_bucket: SubBucket) -> None:
    """Store a new sub-bucket or write an existing one's description anew."""
    table, values = nonsellable_type, {"description": sub_bucket.description}
    changed = uow.execute(update(table).where(table.c.id == sub_bucket.type_id).values(**values))
    if changed.rowcount == 0:
        uow.execute(insert(table).values(id=sub_bucket.type_id, **values))
    reference_changed(uow)


def put_store(uow: UnitOfWork, one: Store) -> None:
    """Store a new store or write an existing one anew."""
    values = {"name": one.name, "timezone": one.timezone, "currency": one.currency}
    changed = uow.execute(update(store).where(store.c.store_id == one.store_id).values(**values))
    if changed.rowcount == 0:
        uow.execute(insert(store).values(store_id=one.store_id, **values))
    reference_changed(uow)


def put_role(uow: UnitOfWork, role_name: str, functions: Iterable[Function], reason_ids: Sequence[int] | None) -> None:
    """Store a role anew with its functions and reasons; None means every reason (SEC-01, SEC-02)."""
    uow.execute(delete(role_function).where(role_function.c.role_name == role_name))
    uow.execute(delete(role_reason).where(role_reason.c.role_name == role_name))
    changed = uow.execute(update(role).where(role.c.role_name == role_name).values(all_reasons=reason_ids is None))
    if changed.rowcount == 0:
        uow.execute(insert(role).values(role_name=role_name, all_reasons=reason_ids is None))
    rows = [{"role_name": role_name, "function": function} for function in functions]
    if rows:
        uow.execute(insert(role_function), rows)
    reasons = [{"role_name": role_name, "reason_id": reason_id} for reason_id in reason_ids or ()]
    if reasons:
        uow.execute(insert(role_reason), reasons)
    reference_changed(uow)
