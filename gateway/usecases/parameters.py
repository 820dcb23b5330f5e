"""Maintenance of the system parameters and of sub-buckets (RSN-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from gateway.domain.errors import Problem, RulesBroken, refuse
from gateway.domain.quantity import plain
from gateway.domain.reason import SubBucket
from gateway.domain.reference import Parameters
from gateway.persistence.reference_data import ReferenceCache, put_parameter, put_sub_bucket
from gateway.persistence.reference_lock import no_callers, one_maintainer, unavailable_stock
from gateway.persistence.unit_of_work import Database, UnitOfWork

MEANINGS = {
    "sub_buckets": "the unavailable stock is divided into sub-buckets (RSN-04)",
    "callers_may_use_system_reasons": "callers may use system reasons that are not for the UI (RSN-07)",
    "services_need_edit_quantity": "changing a stored quantity through a web service needs edit_quantity (SEC-01)",
    "search_limit": "most headers that a search shows when it does not say how many, 1 to 999 (ADJ-11)",
    "mobile_search_limit": "the same on mobile devices, 1 to 999 (ADJ-11)",
}

SHOWN_POSITIONS = 10
"""How many positions with unavailable stock a refusal names."""


@dataclass(frozen=True, slots=True)
class ListedParameter:
    """A parameter as it stands; switches are ``on`` or ``off``."""

    name: str
    value: str
    default: str
    meaning: str


class ParametersMaintenance:
    """The system parameters: the same for every gateway on one database."""

    def __init__(self, database: Database, references: ReferenceCache) -> None:
        self._database, self._references = database, references

    def list(self) -> Sequence[ListedParameter]:
        """Return every parameter with its value, default and meaning."""
        current, default = self._database.read(self._references.current).parameters, Parameters()
        return [
            ListedParameter(
                one.name,
                _text(getattr(current, one.name)),
                _text(getattr(default, one.name)),
                MEANINGS.get(one.name, ""),
            )
            for one in fields(Parameters)
        ]

    def set(self, name: str, value: str) -> None:
        """Write a parameter.

        Raises:
            RulesBroken: no such parameter, no such value, or ``sub_buckets`` while there is unavailable stock (RSN-04).
        """
        checked = _checked(name, value)

        def work(uow: UnitOfWork) -> None:
            if name == "sub_buckets":
                no_callers(uow)
                if _text(self._references.current(uow).parameters.sub_buckets) != checked:
                    _refuse_with_unavailable_stock(uow)
            put_parameter(uow, name, checked)

        self._database.write(work)


class SubBuckets:
    """The named parts of the unavailable stock (RSN-04)."""

    def __init__(self, database: Database, references: ReferenceCache) -> None:
        self._database, self._references = database, references

    def list(self) -> Sequence[SubBucket]:
        """Return all sub-buckets by id."""
        return list(self._database.read(self._references.current).sub_buckets.values())

    def add(self, description: str, type_id: int = 0) -> int:
        """Add a sub-bucket and return its id; an id of 0 takes the next free one.

        Raises:
            RulesBroken: the id or the description is taken or cannot be used.
        """

        def work(uow: UnitOfWork) -> int:
            one_maintainer(uow)
            known = self._references.current(uow).sub_buckets
            number = type_id or max(known, default=0) + 1
            problems = []
            if number < 1 or number in known:
                text = f"sub-bucket id {number} is already known or below 1."
                problems.append(Problem("RSN-04", text, "Leave the id out or use another.", "type_id", str(number)))
            if not description.strip() or len(description) > 255:
                text = "the description is blank or too long."
                problems.append(Problem("RSN-04", text, "Use 1 to 255 characters.", "description", description))
            if any(one.description.casefold() == description.casefold() for one in known.values()):
                text = f"there is a sub-bucket {description!r} already."
                problems.append(Problem("RSN-04", text, "Use another description.", "description", description))
            if problems:
                raise RulesBroken(problems)
            put_sub_bucket(uow, SubBucket(number, description))
            return number

        return self._database.write(work)


def _text(value: bool | int) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _checked(name: str, value: str) -> str:
    known = {one.name: one.default for one in fields(Parameters)}
    if name not in known:
        text, remedy = f"parameter {name} is not known.", f"Use one of {', '.join(known)}."
        raise refuse("RSN-04", text, remedy, field="name", value=name)
    if isinstance(known[name], bool):
        if value not in ("on", "off"):
            raise refuse("RSN-04", f"{name} cannot be {value!r}.", "Use on or off.", field=name, value=value)
    elif not (value.isascii() and value.isdecimal() and 1 <= int(value) <= 999):
        raise refuse("ADJ-11", f"{name} cannot be {value!r}.", "Use 1 to 999.", field=name, value=value)
    else:
        value = str(int(value))
    return value


def _refuse_with_unavailable_stock(uow: UnitOfWork) -> None:
    found = unavailable_stock(uow, SHOWN_POSITIONS + 1)
    problems = [
        Problem(
            "RSN-04",
            f"store {one.store_id} has {plain(one.quantity)} unavailable.",
            "Bring all unavailable stock to zero first.",
            "sub_buckets",
            item_id=one.item_id,
        )
        for one in found[:SHOWN_POSITIONS]
    ]
    if len(found) > SHOWN_POSITIONS:
        problems.append(Problem("RSN-04", "More positions have unavailable stock.", field="sub_buckets"))
    if problems:
        raise RulesBroken(problems)
