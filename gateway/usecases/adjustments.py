"""Save, confirm, cancel and find inventory adjustments; each public method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from gateway.domain.adjustment import (
    AdjustmentChange,
    AdjustmentHeader,
    AdjustmentStatus,
    HeaderCriteria,
    InventoryAdjustment,
)
from gateway.domain.adjustment_changes import ChangedLines, apply_change, new_lines
from gateway.domain.adjustment_rules import CREATE_UIN_DENIED, Situation, check_lines
from gateway.domain.errors import AccessDenied, Problem, RulesBroken
from gateway.domain.item import ItemKind
from gateway.domain.permission import Caller, Function, Identity
from gateway.domain.reference import Reference
from gateway.persistence import adjustments, stock, templates
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases import posting
from gateway.usecases.access import caller_of, remember_denial
from gateway.usecases.situation import load_situation

T = TypeVar("T")


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Adjustments:
    """The inventory adjustments of all stores.

    Every method takes the authenticated caller first and raises:
        AccessDenied: the caller lacks a function, the store or a reason (SEC-01, SEC-02); remembered (SEC-04).
        RulesBroken: every broken rule of the request; nothing was changed.
        NotAuthenticated: the caller was locked since it logged in.
        BusyTryAgain: others changed the same rows too often; nothing was changed.

    Args:
        now: the time in UTC; given by tests.
        literal_dist: send ``DIST`` instead of leaving the side of the outside world out (PUB-04).
    """

    def __init__(
        self,
        database: Database,
        references: ReferenceCache,
        now: Callable[[], datetime] = utc_now,
        literal_dist: bool = False,
    ) -> None:
        self._database, self._references, self._now = database, references, now
        self._literal_dist = literal_dist

    def save(self, identity: Identity, change: AdjustmentChange) -> int:
        """Create or change an in-progress adjustment; moves no stock and publishes nothing (ADJ-03, ADJ-07).

        Returns:
            the id of the adjustment.
        """

        def work(uow: UnitOfWork) -> int:
            reference, caller = self._who(uow, identity)
            return self._save(uow, caller, reference, change, self._now())[0].adjustment_id

        return self._write(identity, "saveInventoryAdjustment", work)

    def save_and_confirm(self, identity: Identity, change: AdjustmentChange) -> int:
        """Save and confirm in one transaction: all of it or nothing (ADJ-04).

        Returns:
            the id of the adjustment.
        """

        def work(uow: UnitOfWork) -> int:
            reference, caller = self._who(uow, identity)
            caller.require([Function.COMPLETE], change.store_id)
            now = self._now()
            saved, situation = self._save(uow, caller, reference, change, now, confirming=True)
            self._post(uow, saved, situation, caller, now)
            return saved.adjustment_id

        return self._write(identity, "saveAndConfirmInventoryAdjustment", work)

    def confirm(self, identity: Identity, adjustment_id: int) -> None:
        """Check every line again, move the stock, close the adjustment and queue what merchandising hears (ADJ-04)."""

        def work(uow: UnitOfWork) -> None:
            reference, caller = self._who(uow, identity)
            caller.require([Function.COMPLETE])
            stored = self._open_one(uow, caller, adjustment_id)
            caller.require_reasons(line.reason_id for line in stored.lines)
            situation = load_situation(uow, caller, reference, stored.store_id, stored.lines, stored.publish is False)
            problems: list[Problem] = []
            check_lines(stored.lines, [None] * len(stored.lines), situation, problems)
            if problems:
                raise RulesBroken(problems)
            now = self._now()
            adjustments.close(uow, adjustment_id, AdjustmentStatus.COMPLETED, now, caller.user_name)
            self._post(uow, stored, situation, caller, now)

        self._write(identity, "confirmInventoryAdjustment", work)

    def cancel(self, identity: Identity, adjustment_id: int) -> None:
        """Turn an in-progress adjustment into a canceled one (ADJ-08)."""

        def work(uow: UnitOfWork) -> None:
            _, caller = self._who(uow, identity)
            caller.require([Function.DELETE])
            stored = self._open_one(uow, caller, adjustment_id)
            caller.require_reasons(line.reason_id for line in stored.lines)
            adjustments.close(uow, adjustment_id, AdjustmentStatus.CANCELED)

        self._write(identity, "cancelInventoryAdjustment", work)

    def read(self, identity: Identity, adjustment_id: int) -> InventoryAdjustment:
        """Return an adjustment with its lines."""

        def work(uow: UnitOfWork) -> InventoryAdjustment:
            _, caller = self._who(uow, identity)
            caller.require([Function.ACCESS])
            return _visible(adjustments.get(uow, adjustment_id), caller, adjustment_id)

        return self._read(identity, "readInventoryAdjustmentDetail", work)

    def find_headers(self, identity: Identity, criteria: HeaderCriteria) -> Sequence[AdjustmentHeader]:
        """Return the headers that meet *criteria*, newest first (ADJ-11)."""

        def work(uow: UnitOfWork) -> Sequence[AdjustmentHeader]:
            reference, caller = self._who(uow, identity)
            caller.require([Function.ACCESS], criteria.store_id)
            problems = _unknown_store(reference, criteria.store_id)
            if not 1 <= criteria.search_limit <= 999:
                problems.append(
                    Problem(
                        "ADJ-11",
                        f"search_limit is {criteria.search_limit}.",
                        "Use 1 to 999.",
                        "search_limit",
                        str(criteria.search_limit),
                    )
                )
            if problems:
                raise RulesBroken(problems)
            return adjustments.find_headers(uow, criteria)

        return self._read(identity, "lookupInventoryAdjustmentHeader", work)

    def _who(self, uow: UnitOfWork, identity: Identity) -> tuple[Reference, Caller]:
        reference = self._references.current(uow)
        return reference, caller_of(identity, reference)

    def _write(self, identity: Identity, action: str, work: Callable[[UnitOfWork], T]) -> T:
        return self._remembering_denials(identity, action, lambda: self._database.write(work))

    def _read(self, identity: Identity, action: str, work: Callable[[UnitOfWork], T]) -> T:
        return self._remembering_denials(identity, action, lambda: self._database.read(work))

    def _remembering_denials(self, identity: Identity, action: str, run: Callable[[], T]) -> T:
        try:
            return run()
        except AccessDenied as denied:
            remember_denial(self._database, denied, action, self._now())
            raise
        except RulesBroken as broken:
            if any(problem.rule == CREATE_UIN_DENIED for problem in broken.problems):
                missing = AccessDenied(identity.user_name, [f"function {Function.CREATE_UIN}"])
                remember_denial(self._database, missing, action, self._now())
            raise

    def _open_one(self, uow: UnitOfWork, caller: Caller, adjustment_id: int) -> InventoryAdjustment:
        stored = _visible(adjustments.get(uow, adjustment_id, lock=True), caller, adjustment_id)
        if stored.status is not AdjustmentStatus.IN_PROGRESS:
            raise RulesBroken(
                [
                    Problem(
                        "ADJ-08",
                        f"adjustment {adjustment_id} is {stored.status}.",
                        "Only an adjustment in progress can be changed, confirmed or canceled.",
                        "adjustment_id",
                        str(adjustment_id),
                    )
                ]
            )
        return stored

    def _save(
        self,
        uow: UnitOfWork,
        caller: Caller,
        reference: Reference,
        change: AdjustmentChange,
        now: datetime,
        confirming: bool = False,
    ) -> tuple[InventoryAdjustment, Situation]:
        """Write what *change* asks for; with *confirming*, all its lines are checked and it is closed at once."""
        closing = (AdjustmentStatus.COMPLETED, now, caller.user_name) if confirming else None
        if change.adjustment_id is None:
            return self._create(uow, caller, reference, change, now, closing)
        caller.require([Function.EDIT], change.store_id)
        stored = self._open_one(uow, caller, change.adjustment_id)
        problems: list[Problem] = []
        changed = apply_change(stored, change, problems)
        lines = changed.lines
        touched = range(len(lines)) if confirming else [*changed.edited, *changed.added]
        removed = [line for line in stored.lines if line.line_id in changed.removed_line_ids]
        caller.require_reasons(
            [
                *(line.reason_id for line in change.lines),
                *(line.reason_id for line in removed),
                *(lines[index].reason_id for index in touched),
            ]
        )
        self._require_edit_quantity(caller, reference, stored, changed)
        publish = change.publish if change.publish is not None else stored.publish
        checked, numbers = [lines[index] for index in touched], [changed.numbers[index] for index in touched]
        situation = load_situation(uow, caller, reference, stored.store_id, checked, publish is False)
        check_lines(checked, numbers, situation, problems)
        if problems:
            raise RulesBroken(problems)
        return self._write_changes(uow, stored, change, changed, publish, closing), situation

    def _create(
        self,
        uow: UnitOfWork,
        caller: Caller,
        reference: Reference,
        change: AdjustmentChange,
        now: datetime,
        closing: tuple[AdjustmentStatus, datetime, str] | None,
    ) -> tuple[InventoryAdjustment, Situation]:
        caller.require([Function.CREATE], change.store_id)
        caller.require_reasons(line.reason_id for line in change.lines)
        problems = self._header_problems(uow, caller, reference, change)
        changed = new_lines(change, problems)
        situation = load_situation(uow, caller, reference, change.store_id, changed.lines, change.publish is False)
        check_lines(changed.lines, changed.numbers, situation, problems)
        if problems:
            raise RulesBroken(problems)
        status, approved_at, approved_by = closing or (AdjustmentStatus.IN_PROGRESS, None, None)
        new = InventoryAdjustment(
            adjustment_id=0,
            store_id=change.store_id,
            reference_id=change.reference_id,
            template_id=change.template_id,
            status=status,
            comments=change.comments,
            publish=change.publish,
            created_at=now,
            created_by=caller.user_name,
            approved_at=approved_at,
            approved_by=approved_by,
            lines=changed.lines,
        )
        return adjustments.add(uow, new), situation

    def _write_changes(
        self,
        uow: UnitOfWork,
        stored: InventoryAdjustment,
        change: AdjustmentChange,
        changed: ChangedLines,
        publish: bool | None,
        closing: tuple[AdjustmentStatus, datetime, str] | None,
    ) -> InventoryAdjustment:
        comments = change.comments if change.comments is not None else stored.comments
        adjustments.edit_header(uow, stored.adjustment_id, comments, publish)
        adjustments.remove_lines(uow, changed.removed_line_ids)
        adjustments.edit_lines(uow, [changed.lines[index] for index in changed.edited])
        lines = list(changed.lines)
        if changed.added:
            added = adjustments.add_lines(uow, stored.adjustment_id, [lines[index] for index in changed.added])
            for index, line in zip(changed.added, added, strict=True):
                lines[index] = line
        if closing is not None:
            adjustments.close(uow, stored.adjustment_id, *closing)
        return replace(stored, comments=comments, publish=publish, lines=lines)

    def _header_problems(
        self, uow: UnitOfWork, caller: Caller, reference: Reference, change: AdjustmentChange
    ) -> list[Problem]:
        problems = _unknown_store(reference, change.store_id)
        if change.template_id is not None:
            caller.require([Function.APPLY_TEMPLATES])
            problems.extend(_template_problems(uow, change.store_id, change.template_id))
        if change.reference_id is not None:
            problems.extend(_reference_problems(uow, change.store_id, change.reference_id))
        return problems

    def _require_edit_quantity(
        self, caller: Caller, reference: Reference, stored: InventoryAdjustment, changed: ChangedLines
    ) -> None:
        if not reference.parameters.services_need_edit_quantity:
            return
        before = {line.line_id: line.quantity for line in stored.lines}
        if any(changed.lines[index].quantity != before[changed.lines[index].line_id] for index in changed.edited):
            caller.require([Function.EDIT_QUANTITY])

    def _post(
        self, uow: UnitOfWork, adjustment: InventoryAdjustment, situation: Situation, caller: Caller, now: datetime
    ) -> None:
        posting.confirm(uow, adjustment.lines, situation, caller.user_name, now, self._literal_dist)


def _visible(stored: InventoryAdjustment | None, caller: Caller, adjustment_id: int) -> InventoryAdjustment:
    """Return *stored* if the caller may see it; otherwise say the same as when it does not exist (SEC-04)."""
    if stored is None or not caller.may_use_store(stored.store_id):
        raise RulesBroken(
            [
                Problem(
                    "ADJ-16",
                    f"adjustment {adjustment_id} is not known at your stores.",
                    "Use an adjustment_id that lookupInventoryAdjustmentHeader shows.",
                    "adjustment_id",
                    str(adjustment_id),
                )
            ]
        )
    return stored


def _unknown_store(reference: Reference, store_id: int) -> list[Problem]:
    if store_id in reference.stores:
        return []
    return [Problem("ADJ-16", f"store_id {store_id} is not known.", "Use a known store.", "store_id", str(store_id))]


def _template_problems(uow: UnitOfWork, store_id: int, template_id: int) -> list[Problem]:
    template = templates.get(uow, template_id)
    if template is None or template.store_id != store_id:
        rule, text = "ADJ-16", f"template {template_id} is not known at store {store_id}."
    elif template.status is not AdjustmentStatus.COMPLETED:
        rule, text = "ADJ-10", f"template {template_id} is {template.status}."
    else:
        return []
    return [Problem(rule, text, "Apply a completed template of the same store.", "template_id", str(template_id))]


def _reference_problems(uow: UnitOfWork, store_id: int, reference_id: int) -> list[Problem]:
    copied = adjustments.get(uow, reference_id)
    if copied is None or copied.store_id != store_id:
        rule, text = "ADJ-16", f"adjustment {reference_id} is not known at store {store_id}."
    elif copied.status is not AdjustmentStatus.COMPLETED:
        rule, text = "ADJ-09", f"adjustment {reference_id} is {copied.status}."
    elif any(
        kind != ItemKind.PLAIN for kind in stock.item_kinds(uow, [line.item_id for line in copied.lines]).values()
    ):
        rule, text = "ADJ-09", f"adjustment {reference_id} has items with UINs, it cannot be copied."
    else:
        return []
    remedy = "Copy a completed adjustment of the same store without UIN items."
    return [Problem(rule, text, remedy, "reference_id", str(reference_id))]
