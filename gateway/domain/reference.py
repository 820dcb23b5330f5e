"""Reference data: what rarely changes and every call needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.permission import Caller
from gateway.domain.reason import Reason, SubBucket


@dataclass(frozen=True, slots=True)
class Store:
    """A store; *timezone* is an IANA name, *currency* an ISO 4217 code."""

    store_id: int
    name: str
    timezone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """System parameters, kept in the database and the same for every gateway on it.

    Attributes:
        sub_buckets: the unavailable stock is divided into sub-buckets (RSN-04).
        callers_may_use_system_reasons: callers may use system reasons that are not for the UI (RSN-07).
        services_need_edit_quantity: changing the quantity of a stored line through a web service needs the function
            ``edit_quantity``; off by default, because SIM asks for it on mobile devices only (SEC-01).
        search_limit: most headers that a list shows when nobody says how many (ADJ-11).
        mobile_search_limit: the same on mobile devices (ADJ-11).
    """

    sub_buckets: bool = True
    callers_may_use_system_reasons: bool = False
    services_need_edit_quantity: bool = False
    search_limit: int = 500
    mobile_search_limit: int = 50


@dataclass(frozen=True, slots=True)
class User:
    """A user as reference data knows it: whether it may log in, and what it may do once it has."""

    caller: Caller
    credential_version: int
    active: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """One consistent picture of the reference data.

    Attributes:
        version: counts up with every change; the picture holds as long as the database shows the same number.
        roleless_reasons: reasons that no role may use (SEC-03).
    """

    version: int
    parameters: Parameters
    stores: Mapping[int, Store]
    reasons: Mapping[int, Reason]
    reason_of_code: Mapping[int, Reason]
    sub_buckets: Mapping[int, SubBucket]
    users: Mapping[str, User]
    roleless_reasons: frozenset[int]
