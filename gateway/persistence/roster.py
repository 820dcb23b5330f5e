"""Users and roles as maintenance lists them, with everything they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gateway.domain.permission import Function
from gateway.persistence.tables import app_user, role, role_function, role_reason, user_role, user_store
from gateway.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ListedUser:
    """A user; None for the stores means every store. *created_at* is UTC."""

    user_name: str
    active: bool
    has_password: bool
    roles: tuple[str, ...]
    store_ids: tuple[int, ...] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ListedRole:
    """A role; None for the reasons means every reason (SEC-01, SEC-02)."""

    role_name: str
    functions: tuple[Function, ...]
    reason_ids: tuple[int, ...] | None
    user_names: tuple[str, ...]


def all_users(uow: UnitOfWork) -> dict[str, ListedUser]:
    """Return every user, by name."""
    roles: dict[str, list[str]] = {}
    for user_name, role_name in uow.execute(select(user_role.c.user_name, user_role.c.role_name)):
        roles.setdefault(user_name, []).append(role_name)
    stores: dict[str, list[int]] = {}
    for user_name, store_id in uow.execute(select(user_store.c.user_name, user_store.c.store_id)):
        stores.setdefault(user_name, []).append(store_id)
    return {
        row.user_name: ListedUser(
            row.user_name,
            row.active,
            row.password_hash is not None,
            tuple(sorted(roles.get(row.user_name, ()))),
            None if row.all_stores else tuple(sorted(stores.get(row.user_name, ()))),
            row.created_at,
        )
        for row in uow.execute(select(app_user).order_by(app_user.c.user_name))
    }


def all_roles(uow: UnitOfWork) -> dict[str, ListedRole]:
    """Return every role, by name."""
    functions: dict[str, set[Function]] = {}
    for role_name, function in uow.execute(select(role_function.c.role_name, role_function.c.function)):
        functions.setdefault(role_name, set()).add(Function(function))
    reasons: dict[str, list[int]] = {}
    for role_name, reason_id in uow.execute(select(role_reason.c.role_name, role_reason.c.reason_id)):
        reasons.setdefault(role_name, []).append(reason_id)
    users: dict[str, list[str]] = {}
    for user_name, role_name in uow.execute(select(user_role.c.user_name, user_role.c.role_name)):
        users.setdefault(role_name, []).append(user_name)
    return {
        row.role_name: ListedRole(
            row.role_name,
            tuple(one for one in Function if one in functions.get(row.role_name, ())),
            None if row.all_reasons else tuple(sorted(reasons.get(row.role_name, ()))),
            tuple(sorted(users.get(row.role_name, ()))),
        )
        for row in uow.execute(select(role).order_by(role.c.role_name))
    }
