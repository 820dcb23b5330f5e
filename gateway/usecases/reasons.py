"""Maintenance of reasons, and their comparison with those of the merchandising system (RSN-03 to RSN-09)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from gateway.domain.disposition import Disposition
from gateway.domain.errors import Problem, RulesBroken, refuse
from gateway.domain.reason import Reason, sub_bucket_problems
from gateway.domain.reference import Reference
from gateway.formats.maintenance_csv import MerchandisingReason
from gateway.persistence.reference_data import ReferenceCache, delete_reason, put_reason, reason_is_in_use
from gateway.persistence.reference_lock import lock_reason, one_maintainer
from gateway.persistence.unit_of_work import Database, UnitOfWork

T = TypeVar("T")

MAX_DESCRIPTION = 255
LAST_RESERVED_ID = 100
"""Ids up to this one are for system reasons; new reasons get ids above it and above every other."""


@dataclass(frozen=True, slots=True)
class ListedReason:
    """A reason with what its maintainer should look at."""

    reason: Reason
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReasonDifference:
    """One difference between the reasons here and those of the merchandising system (RSN-08)."""

    reason_code: int
    what: str
    here: str
    there: str

    def __str__(self) -> str:
        return f"RSN-08: reason code {self.reason_code}: {self.what}: here {self.here}, merchandising {self.there}"


@dataclass(frozen=True, slots=True)
class ReasonEdit:
    """What to change of a reason; None leaves it. A sub-bucket of 0 takes the sub-bucket off."""

    reason_code: int | None = None
    description: str | None = None
    disposition: Disposition | None = None
    from_sub_bucket: int | None = None
    to_sub_bucket: int | None = None
    use_in_ui: bool | None = None
    publish: bool | None = None


class Reasons:
    """The reason codes of the whole system.

    Every changing method is one transaction and raises RulesBroken with every problem; then nothing was changed.
    """

    def __init__(self, database: Database, references: ReferenceCache) -> None:
        self._database, self._references = database, references

    def list(self) -> Sequence[ListedReason]:
        """Return all reasons by id, each with warnings: no role may use it (SEC-03), it cannot be used (RSN-05)."""
        reference = self._database.read(self._references.current)
        return [ListedReason(reason, tuple(_warnings(reason, reference))) for reason in reference.reasons.values()]

    def add(self, reason: Reason) -> int:
        """Add a reason and return its id; an id of 0 takes the next free one (RSN-03, RSN-05)."""

        def work(uow: UnitOfWork, reference: Reference) -> int:
            new = reason if reason.reason_id else replace(reason, reason_id=next_reason_id(reference))
            problems = []
            if new.reason_id in reference.reasons:
                text = f"reason_id {new.reason_id} is already known."
                problems.append(
                    _problem("RSN-03", text, "Leave the id out or use another.", "reason_id", new.reason_id)
                )
            problems.extend(_reason_problems(new, reference, reference.reasons.values()))
            _refuse(problems)
            put_reason(uow, new)
            return new.reason_id

        return self._change(work)

    def edit(self, reason_id: int, edit: ReasonEdit) -> None:
        """Change a reason; of a system reason only the description, of one in use not code or disposition.

        Source: RSN-05, RSN-06, RSN-09.
        """

        def work(uow: UnitOfWork, reference: Reference) -> None:
            before = _known(reference, reason_id)
            after = _edited(before, edit)
            _refuse(_edit_problems(uow, before, after, reference, reference.reasons.values()))
            put_reason(uow, after)

        self._change(work)

    def activate(self, reason_id: int) -> None:
        """Allow a reason for new work again."""

        def work(uow: UnitOfWork, reference: Reference) -> None:
            put_reason(uow, replace(_known(reference, reason_id), active=True))

        self._change(work)

    def deactivate(self, reason_id: int) -> None:
        """Keep a reason from new work; what it was used for stays (RSN-09). Not for system reasons (RSN-06)."""

        def work(uow: UnitOfWork, reference: Reference) -> None:
            reason = _known(reference, reason_id)
            _refuse(_removal_problems(reason))
            put_reason(uow, replace(reason, active=False))

        self._change(work)

    def delete(self, reason_id: int) -> None:
        """Remove a reason that nothing uses and that the system does not need (RSN-06, RSN-09)."""

        def work(uow: UnitOfWork, reference: Reference) -> None:
            reason = _known(reference, reason_id)
            problems = _removal_problems(reason)
            # Waits for adjustments that are being written with it, so that they are seen.
            lock_reason(uow, reason_id)
            if reason_is_in_use(uow, reason_id):
                text = f"reason {reason_id} is used by adjustments, templates or movements."
                problems.append(_problem("RSN-09", text, "Deactivate it instead.", "reason_id", reason_id))
            _refuse(problems)
            delete_reason(uow, reason_id)

        self._change(work)

    def import_rows(self, rows: Sequence[tuple[int, Reason]]) -> tuple[int, int]:
        """Add the reasons of a file that are new, change those that differ: all, or none and every problem.

        Returns:
            how many were added and how many changed.
        """

        def work(uow: UnitOfWork, reference: Reference) -> tuple[int, int]:
            merged = {**reference.reasons, **{reason.reason_id: reason for _, reason in rows}}
            problems: list[Problem] = []
            seen: set[int] = set()
            for row, reason in rows:
                found: list[Problem] = []
                before = reference.reasons.get(reason.reason_id)
                if reason.reason_id in seen:
                    text = f"reason_id {reason.reason_id} stands on more than one row."
                    found.append(_problem("RSN-03", text, "Name a reason once.", "reason_id", reason.reason_id))
                seen.add(reason.reason_id)
                if before == reason:
                    continue
                if before is not None:
                    found.extend(_edit_problems(uow, before, reason, reference, merged.values()))
                else:
                    found.extend(_reason_problems(reason, reference, merged.values()))
                    if reason.system:
                        text = "system reasons come with the system only."
                        found.append(_problem("RSN-06", text, "Use N.", "system", "Y"))
                problems.extend(replace(problem, line=row) for problem in found)
            _refuse(problems)
            new = [reason for _, reason in rows if reason.reason_id not in reference.reasons]
            changed = [reason for _, reason in rows if reference.reasons.get(reason.reason_id, reason) != reason]
            for reason in (*new, *changed):
                put_reason(uow, reason)
            return len(new), len(changed)

        return self._change(work)

    def check(self, exported: Iterable[MerchandisingReason]) -> Sequence[ReasonDifference]:
        """Compare active reasons with those that the merchandising system exported, by code (RSN-08)."""
        reference = self._database.read(self._references.current)
        there: dict[int, MerchandisingReason] = {}
        differences = []
        for one in exported:
            if one.reason_code in there:
                differences.append(ReasonDifference(one.reason_code, "stands twice in the list", "-", one.description))
            there[one.reason_code] = one
        for code, other in there.items():
            differences.extend(_differences(reference.reason_of_code.get(code), other))
        for code, reason in reference.reason_of_code.items():
            if reason.active and code not in there:
                differences.append(ReasonDifference(code, "is missing there", reason.description, "-"))
        return sorted(differences, key=lambda difference: difference.reason_code)

    def _change(self, work: Callable[[UnitOfWork, Reference], T]) -> T:
        def alone(uow: UnitOfWork) -> T:
            one_maintainer(uow)
            return work(uow, self._references.current(uow))

        return self._database.write(alone)


def next_reason_id(reference: Reference) -> int:
    """Return an id above every known and every reserved one (RSN-03)."""
    return max([LAST_RESERVED_ID, *reference.reasons]) + 1


def _problem(rule: str, text: str, remedy: str, field: str, value: object) -> Problem:
    return Problem(rule, text, remedy, field, str(value))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RulesBroken(problems)


def _known(reference: Reference, reason_id: int) -> Reason:
    reason = reference.reasons.get(reason_id)
    if reason is None:
        text, remedy = f"reason {reason_id} is not known.", "Use an id that `gateway reason list` shows."
        raise refuse("ADJ-16", text, remedy, field="reason_id", value=reason_id)
    return reason


def _edited(before: Reason, edit: ReasonEdit) -> Reason:
    given = {one.name: getattr(edit, one.name) for one in fields(ReasonEdit) if getattr(edit, one.name) is not None}
    for side in ("from_sub_bucket", "to_sub_bucket"):
        if given.get(side) == 0:
            given[side] = None
    return replace(before, **given)


def _edit_problems(
    uow: UnitOfWork, before: Reason, after: Reason, reference: Reference, others: Iterable[Reason]
) -> list[Problem]:
    found = _reason_problems(after, reference, others)
    if before.system:
        # Its sub-buckets are as the system was installed with them, reason 188 included; nobody can mend them.
        found = [problem for problem in found if problem.rule != "RSN-05"]
    return _change_problems(uow, before, after) + found


def _change_problems(uow: UnitOfWork, before: Reason, after: Reason) -> list[Problem]:
    changed = {one.name for one in fields(Reason) if getattr(before, one.name) != getattr(after, one.name)}
    if before.system:
        return [
            _problem(
                "RSN-06",
                f"reason {before.reason_id} is a system reason; its {name} cannot change.",
                "Only the description of a system reason can be edited.",
                name,
                getattr(after, name),
            )
            for name in sorted(changed - {"description"})
        ]
    problems = []
    if after.system:
        text = f"reason {before.reason_id} is not a system reason and cannot become one."
        problems.append(_problem("RSN-06", text, "Use N.", "system", "Y"))
    fixed = sorted(changed & {"reason_code", "disposition"})
    if fixed and reason_is_in_use(uow, before.reason_id):
        # Its past movements and messages say the old code and disposition.
        problems.extend(
            _problem(
                "RSN-09",
                f"reason {before.reason_id} is in use; its {name} cannot change.",
                "Deactivate it and add another reason.",
                name,
                getattr(after, name),
            )
            for name in fixed
        )
    return problems


def _reason_problems(reason: Reason, reference: Reference, others: Iterable[Reason]) -> list[Problem]:
    problems = []
    if not reason.description.strip() or len(reason.description) > MAX_DESCRIPTION:
        text, remedy = "the description is blank or too long.", f"Use 1 to {MAX_DESCRIPTION} characters."
        problems.append(_problem("RSN-03", text, remedy, "description", reason.description))
    if not 0 <= reason.reason_code <= 9999:
        text, remedy = f"reason_code {reason.reason_code} has more than four digits.", "Use 0 to 9999."
        problems.append(_problem("RSN-03", text, remedy, "reason_code", reason.reason_code))
    for other in others:
        if other.reason_code == reason.reason_code and other.reason_id != reason.reason_id:
            text = f"reason_code {reason.reason_code} belongs to reason {other.reason_id} ({other.description})."
            problems.append(_problem("RSN-03", text, "Use another code.", "reason_code", reason.reason_code))
    problems.extend(sub_bucket_problems(reason, frozenset(reference.sub_buckets), reference.parameters.sub_buckets))
    return problems


def _removal_problems(reason: Reason) -> list[Problem]:
    if not reason.system:
        return []
    text = f"reason {reason.reason_id} is a system reason and cannot be removed."
    return [_problem("RSN-06", text, "Only its description can be edited.", "reason_id", reason.reason_id)]


def _warnings(reason: Reason, reference: Reference) -> Iterable[str]:
    if reason.reason_id in reference.roleless_reasons:
        yield "no role may use it (SEC-03)"
    problems = sub_bucket_problems(reason, frozenset(reference.sub_buckets), reference.parameters.sub_buckets)
    if problems:
        yield "cannot be used: its sub-buckets do not fit its disposition (RSN-05)"


def _differences(here: Reason | None, there: MerchandisingReason) -> Iterable[ReasonDifference]:
    code = there.reason_code
    if here is None:
        yield ReasonDifference(code, "is missing here", "-", there.description)
        return
    if not here.active:
        yield ReasonDifference(code, "is not active here", here.description, there.description)
    if here.description.strip() != there.description.strip():
        yield ReasonDifference(code, "description", here.description, there.description)
    if there.disposition is not None and here.disposition is not there.disposition:
        yield ReasonDifference(code, "disposition", here.disposition.value, there.disposition.value)
