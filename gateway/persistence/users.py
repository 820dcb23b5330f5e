"""Users with their password hashes, roles and stores, and the list of denied calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from gateway.persistence.reference_data import reference_changed
from gateway.persistence.tables import access_denial, app_user, user_role, user_store
from gateway.persistence.unit_of_work import UnitOfWork


class Credentials(NamedTuple):
    """What a login is checked against; no hash means that nobody can log in as this user with a password."""

    password_hash: str | None
    credential_version: int
    active: bool


def credentials(uow: UnitOfWork, user_name: str) -> Credentials | None:
    """Return the credentials of a user, or None."""
    row = uow.execute(
        select(app_user.c.password_hash, app_user.c.credential_version, app_user.c.active).where(
            app_user.c.user_name == user_name
        )
    ).first()
    return None if row is None else Credentials(*row)


def put_user(
    uow: UnitOfWork,
    user_name: str,
    *,
    roles: Iterable[str],
    store_ids: Sequence[int] | None,
    now: datetime,
    password_hash: str | None = None,
) -> None:
    """Store a user anew with its roles and stores; None for the stores means every store.

    Without *password_hash* an existing user keeps its password.
    """
    known = uow.execute(select(app_user.c.credential_version).where(app_user.c.user_name == user_name)).scalar()
    if known is None:
        uow.execute(
            insert(app_user).values(
                user_name=user_name,
                password_hash=password_hash,
                credential_version=1,
                active=True,
                all_stores=store_ids is None,
                created_at=now,
            )
        )
    else:
        uow.execute(update(app_user).where(app_user.c.user_name == user_name).values(all_stores=store_ids is None))
        if password_hash is not None:
            set_password(uow, user_name, password_hash)
    uow.execute(delete(user_role).where(user_role.c.user_name == user_name))
    uow.execute(delete(user_store).where(user_store.c.user_name == user_name))
    role_rows = [{"user_name": user_name, "role_name": name} for name in roles]
    if role_rows:
        uow.execute(insert(user_role), role_rows)
    store_rows = [{"user_name": user_name, "store_id": store_id} for store_id in store_ids or ()]
    if store_rows:
        uow.execute(insert(user_store), store_rows)
    reference_changed(uow)


def set_password(uow: UnitOfWork, user_name: str, password_hash: str) -> bool:
    """Give a user another password; logins that a process remembers end with it. Say whether the user exists."""
    changed = uow.execute(
        update(app_user)
        .where(app_user.c.user_name == user_name)
        .values(password_hash=password_hash, credential_version=app_user.c.credential_version + 1)
    )
    reference_changed(uow)
    return bool(changed.rowcount)


def set_active(uow: UnitOfWork, user_name: str, active: bool) -> bool:
    """Let a user in or keep it out. Say whether the user exists."""
    changed = uow.execute(update(app_user).where(app_user.c.user_name == user_name).values(active=active))
    reference_changed(uow)
    return bool(changed.rowcount)


def add_denial(uow: UnitOfWork, denied_at: datetime, user_name: str, action: str, permissions: Sequence[str]) -> None:
    """Remember a denied call (SEC-04)."""
    uow.execute(
        insert(access_denial).values(
            denied_at=denied_at, user_name=user_name, action=action, permissions=", ".join(permissions)
        )
    )
