"""Maintenance of users and roles (SEC-01, SEC-02)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from gateway.domain.errors import Problem, RulesBroken, refuse
from gateway.domain.permission import Function, Identity
from gateway.domain.reference import Reference
from gateway.persistence import users
from gateway.persistence.reference_data import ReferenceCache, put_role
from gateway.persistence.reference_lock import one_maintainer
from gateway.persistence.roster import ListedRole, ListedUser, all_roles, all_users
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases.access import Access, checked_user_name
from gateway.usecases.adjustments import utc_now

T = TypeVar("T")

MIN_PASSWORD = 8
MAX_PASSWORD = 1024
"""Characters; longer ones would only cost time to hash."""

MAX_ROLE_NAME = 60


@dataclass(frozen=True, slots=True)
class UserEdit:
    """What to change of a user; None leaves it. *every_store* goes before *store_ids*."""

    roles: Sequence[str] | None = None
    store_ids: Sequence[int] | None = None
    every_store: bool = False


class Users:
    """Users with their passwords, roles and stores, and the roles.

    Every changing method is one transaction and raises RulesBroken with every problem; then nothing was changed.
    """

    def __init__(
        self, database: Database, references: ReferenceCache, access: Access, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database, self._references, self._access, self._now = database, references, access, now

    def list(self) -> Sequence[ListedUser]:
        """Return all users by name."""
        return list(self._database.read(all_users).values())

    def show(self, user_name: str) -> ListedUser:
        """Return one user.

        Raises:
            RulesBroken: no such user.
        """
        return _known_user(self._database.read(all_users), user_name)

    def identity(self, user_name: str) -> Identity:
        """Return a user to act as, for who runs the gateway and needs no password of it.

        Raises:
            RulesBroken: no such user, or it is locked.
        """
        user = self._database.read(self._references.current).users.get(user_name)
        if user is None:
            raise _unknown_user(user_name)
        if not user.active:
            text, remedy = f"user {user_name} is locked.", "Unlock it with `gateway user unlock`."
            raise refuse("SEC-01", text, remedy, field="user", value=user_name)
        return Identity(user_name, user.credential_version)

    def roles(self) -> Sequence[ListedRole]:
        """Return all roles by name."""
        return list(self._database.read(all_roles).values())

    def show_role(self, role_name: str) -> ListedRole:
        """Return one role.

        Raises:
            RulesBroken: no such role.
        """
        role = self._database.read(all_roles).get(role_name)
        if role is None:
            raise RulesBroken([_unknown_role(role_name)])
        return role

    def add(self, user_name: str, password: str, roles: Sequence[str], store_ids: Sequence[int] | None) -> None:
        """Add a user; None for the stores means every store (SEC-01)."""
        checked_user_name(user_name)
        password_hash = self._hashed(password)

        def work(uow: UnitOfWork, reference: Reference) -> None:
            problems = [*_role_problems(uow, roles), *_store_problems(reference, store_ids or ())]
            if user_name in reference.users:
                text, remedy = f"user {user_name} is already known.", "Use `gateway user edit` to change it."
                problems.append(Problem("SEC-01", text, remedy, "user", user_name))
            _refuse(problems)
            users.put_user(
                uow, user_name, roles=roles, store_ids=store_ids, now=self._now(), password_hash=password_hash
            )

        self._change(work)

    def edit(self, user_name: str, edit: UserEdit) -> None:
        """Give a user other roles or stores (SEC-01)."""

        def work(uow: UnitOfWork, reference: Reference) -> None:
            before = _known_user(all_users(uow), user_name)
            roles = before.roles if edit.roles is None else edit.roles
            store_ids = before.store_ids if edit.store_ids is None else tuple(edit.store_ids)
            if edit.every_store:
                store_ids = None
            _refuse([*_role_problems(uow, roles), *_store_problems(reference, store_ids or ())])
            users.put_user(uow, user_name, roles=roles, store_ids=store_ids, now=self._now())

        self._change(work)

    def set_password(self, user_name: str, password: str) -> None:
        """Give a user another password; remembered logins with the old one end."""
        password_hash = self._hashed(password)
        self._change(lambda uow, _: _must_exist(users.set_password(uow, user_name, password_hash), user_name))

    def lock(self, user_name: str) -> None:
        """Keep a user out until it is unlocked."""
        self._change(lambda uow, _: _must_exist(users.set_active(uow, user_name, False), user_name))

    def unlock(self, user_name: str) -> None:
        """Let a user in again."""
        self._change(lambda uow, _: _must_exist(users.set_active(uow, user_name, True), user_name))

    def put_role(self, role_name: str, functions: Iterable[Function], reason_codes: Sequence[int] | None) -> None:
        """Store a role anew; None for the reason codes means every reason (SEC-01, SEC-02)."""
        if not role_name.strip() or len(role_name) > MAX_ROLE_NAME or not role_name.isprintable():
            text, remedy = f"role name {role_name!r} cannot be used.", f"Use 1 to {MAX_ROLE_NAME} printable characters."
            raise refuse("SEC-01", text, remedy, field="role", value=role_name)
        held = list(dict.fromkeys(functions))

        def work(uow: UnitOfWork, reference: Reference) -> None:
            codes = None if reason_codes is None else list(dict.fromkeys(reason_codes))
            _refuse(
                [
                    Problem(
                        "SEC-02", f"reason code {code} is not known.", "Use a known code.", "reason_codes", str(code)
                    )
                    for code in codes or ()
                    if code not in reference.reason_of_code
                ]
            )
            ids = None if codes is None else [reference.reason_of_code[code].reason_id for code in codes]
            put_role(uow, role_name, held, ids)

        self._change(work)

    def _hashed(self, password: str) -> str:
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
            text, remedy = "the password is too short or too long.", f"Use {MIN_PASSWORD} to {MAX_PASSWORD} characters."
            raise refuse("SEC-01", text, remedy, field="password")
        return self._access.hash(password)

    def _change(self, work: Callable[[UnitOfWork, Reference], T]) -> T:
        def alone(uow: UnitOfWork) -> T:
            one_maintainer(uow)
            return work(uow, self._references.current(uow))

        return self._database.write(alone)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RulesBroken(problems)


def _unknown_user(user_name: str) -> RulesBroken:
    text, remedy = f"user {user_name} is not known.", "Use a name that `gateway user list` shows."
    return refuse("SEC-01", text, remedy, field="user", value=user_name)


def _known_user(known: dict[str, ListedUser], user_name: str) -> ListedUser:
    if user_name not in known:
        raise _unknown_user(user_name)
    return known[user_name]


def _must_exist(exists: bool, user_name: str) -> None:
    if not exists:
        raise _unknown_user(user_name)


def _unknown_role(role_name: str) -> Problem:
    return Problem("SEC-01", f"role {role_name} is not known.", "Make it with `gateway role put`.", "role", role_name)


def _role_problems(uow: UnitOfWork, roles: Iterable[str]) -> list[Problem]:
    known = all_roles(uow)
    return [_unknown_role(name) for name in dict.fromkeys(roles) if name not in known]


def _store_problems(reference: Reference, store_ids: Iterable[int]) -> list[Problem]:
    return [
        Problem("ADJ-16", f"store {one} is not known.", "Use an id that `gateway store list` shows.", "store", str(one))
        for one in dict.fromkeys(store_ids)
        if one not in reference.stores
    ]
