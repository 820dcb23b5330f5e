"""Who may do what: functions, stores and reasons (SEC-01, SEC-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.errors import AccessDenied


class Function(StrEnum):
    """Function permissions that a role can hold (SEC-01)."""

    ACCESS = "access"
    CREATE = "create"
    EDIT = "edit"
    COMPLETE = "complete"
    DELETE = "delete"
    ACCESS_TEMPLATES = "access_templates"
    APPLY_TEMPLATES = "apply_templates"
    CREATE_TEMPLATES = "create_templates"
    EDIT_TEMPLATES = "edit_templates"
    DELETE_TEMPLATES = "delete_templates"
    CREATE_UIN = "create_uin"
    EDIT_QUANTITY = "edit_quantity"
    MAINTAIN_REASONS = "maintain_reasons"


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated user; what it may do is looked up in the transaction that does it.

    Attributes:
        credential_version: counts up with each change of the password, so that a cached login
            does not outlive it.
    """

    user_name: str
    credential_version: int


@dataclass(frozen=True, slots=True)
class Caller:
    """A user with everything its roles allow, as it stands in this transaction.

    Attributes:
        store_ids: stores of the user; None means every store.
        reason_ids: reasons of its roles; None means every reason (SEC-02).
    """

    user_name: str
    functions: frozenset[Function]
    store_ids: frozenset[int] | None
    reason_ids: frozenset[int] | None

    def may_use_store(self, store_id: int) -> bool:
        """Say whether *store_id* is one of the caller's stores."""
        return self.store_ids is None or store_id in self.store_ids

    def may_use_reason(self, reason_id: int) -> bool:
        """Say whether one of the caller's roles holds *reason_id* (SEC-02)."""
        return self.reason_ids is None or reason_id in self.reason_ids

    def require(self, functions: Iterable[Function], store_id: int | None = None) -> None:
        """Refuse a caller that lacks one of *functions* or the store.

        Raises:
            AccessDenied: names everything that is missing (SEC-01, SEC-04).
        """
        missing = [f"function {function}" for function in functions if function not in self.functions]
        if store_id is not None and not self.may_use_store(store_id):
            missing.append(f"store {store_id}")
        if missing:
            raise AccessDenied(self.user_name, missing)

    def require_reasons(self, reason_ids: Iterable[int]) -> None:
        """Refuse a caller that lacks one of *reason_ids* (SEC-02).

        Raises:
            AccessDenied: names every missing reason.
        """
        if self.reason_ids is None:
            return
        missing = sorted(set(reason_ids) - self.reason_ids)
        if missing:
            raise AccessDenied(self.user_name, [f"reason {reason_id}" for reason_id in missing], "SEC-02")
