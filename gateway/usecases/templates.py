"""Templates: read through the web service, made and closed on the command line (TPL-01 to TPL-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from gateway.domain.adjustment import MAX_LINES, AdjustmentChange, AdjustmentStatus
from gateway.domain.errors import AccessDenied, Problem, RulesBroken, refuse
from gateway.domain.item import ItemAtStore, ItemKind
from gateway.domain.permission import Function, Identity
from gateway.domain.quantity import WHOLE_UNITS, is_case_size, is_storable, is_whole, plain
from gateway.domain.reason import Reason
from gateway.domain.reference import Reference
from gateway.domain.template import AdjustmentTemplate, TemplateCriteria, TemplateHeader, TemplateLine
from gateway.persistence import stock, templates
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases.access import caller_of, remember_denial
from gateway.usecases.adjustments import utc_now

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One row of a template file; rows of one template repeat its header. *row* counts from 1, the heading is 1."""

    row: int
    template_id: int
    store_id: int
    description: str
    comments: str | None
    status: AdjustmentStatus
    item_id: str
    reason_id: int
    quantity: Decimal
    case_size: Decimal


class Templates:
    """The adjustment templates of all stores."""

    def __init__(self, database: Database, references: ReferenceCache, now: Callable[[], datetime] = utc_now) -> None:
        self._database, self._references, self._now = database, references, now

    def find_headers(self, identity: Identity, criteria: TemplateCriteria) -> Sequence[TemplateHeader]:
        """Return the headers that meet *criteria*, newest first (TPL-04).

        Raises:
            AccessDenied: the caller lacks the function *access_templates* or the store.
            RulesBroken: the store is not known.
        """

        def work(uow: UnitOfWork) -> Sequence[TemplateHeader]:
            reference = self._references.current(uow)
            caller_of(identity, reference).require([Function.ACCESS_TEMPLATES], criteria.store_id)
            if criteria.store_id not in reference.stores:
                raise refuse(
                    "ADJ-16",
                    f"store_id {criteria.store_id} is not known.",
                    "Use a known store.",
                    field="store_id",
                    value=criteria.store_id,
                )
            return templates.find_headers(uow, criteria)

        return self._as_caller("lookupInventoryAdjustmentTemplateHeader", work)

    def read(self, identity: Identity, template_id: int) -> AdjustmentTemplate:
        """Return a template with its lines (TPL-04).

        Raises:
            AccessDenied: the caller lacks the function *access_templates*.
            RulesBroken: the template is not known at the caller's stores.
        """

        def work(uow: UnitOfWork) -> AdjustmentTemplate:
            caller = caller_of(identity, self._references.current(uow))
            caller.require([Function.ACCESS_TEMPLATES])
            template = templates.get(uow, template_id)
            if template is None or not caller.may_use_store(template.store_id):
                raise _unknown(template_id, "at your stores")
            return template

        return self._as_caller("readInventoryAdjustmentTemplateDetail", work)

    def applied(self, template_id: int, multiplier: Decimal) -> AdjustmentChange:
        """Return the new adjustment that a template times *multiplier* stands for (ADJ-10).

        Raises:
            RulesBroken: unknown or not completed template, or a multiplier that is not above zero.
        """

        def work(uow: UnitOfWork) -> AdjustmentChange:
            template = templates.get(uow, template_id)
            if template is None:
                raise _unknown(template_id)
            return template.apply(multiplier)

        return self._database.read(work)

    def import_rows(self, rows: Sequence[TemplateRow], user_name: str) -> list[int]:
        """Store the templates of a file anew: all of them, or none and every problem (TPL-01, TPL-02, TPL-03).

        Returns:
            the ids of the templates, in the order of the file.
        Raises:
            RulesBroken: every broken rule, with the row it stands in.
        """

        def work(uow: UnitOfWork) -> list[int]:
            reference = self._references.current(uow)
            problems: list[Problem] = []
            stored = []
            for group in _grouped(rows):
                head = group[0]
                before = templates.get(uow, head.template_id, lock=True) if head.template_id else None
                problems.extend(_header_problems(group, before, reference))
                items = stock.locked_items(uow, head.store_id, [row.item_id for row in group])
                problems.extend(_line_problems(group, items, reference))
                stored.append(template_of(group, before, user_name, self._now()))
            if problems:
                raise RulesBroken(problems)
            return [templates.put(uow, template) for template in stored]

        return self._database.write(work)

    def complete(self, template_id: int, user_name: str) -> None:
        """Close a template, so that it can be applied and no longer be edited (TPL-03).

        Raises:
            RulesBroken: unknown, or not in progress.
        """

        def work(uow: UnitOfWork) -> None:
            self._in_progress(uow, template_id, "completed")
            templates.complete(uow, template_id, self._now(), user_name)

        self._database.write(work)

    def delete(self, template_id: int) -> None:
        """Delete an in-progress template (TPL-03).

        Raises:
            RulesBroken: unknown, or not in progress.
        """

        def work(uow: UnitOfWork) -> None:
            self._in_progress(uow, template_id, "deleted")
            templates.remove(uow, template_id)

        self._database.write(work)

    def _in_progress(self, uow: UnitOfWork, template_id: int, action: str) -> None:
        template = templates.get(uow, template_id, lock=True)
        if template is None:
            raise _unknown(template_id)
        if template.status is not AdjustmentStatus.IN_PROGRESS:
            raise refuse(
                "TPL-03",
                f"template {template_id} is {template.status}.",
                f"Only a template in progress can be {action}.",
                field="template_id",
                value=template_id,
            )

    def _as_caller(self, action: str, work: Callable[[UnitOfWork], T]) -> T:
        try:
            return self._database.read(work)
        except AccessDenied as denied:
            remember_denial(self._database, denied, action, self._now())
            raise


def _unknown(template_id: int, where: str = "") -> RulesBroken:
    return refuse(
        "ADJ-16",
        f"template {template_id} is not known{' ' + where if where else ''}.",
        "Use a template_id that lookupInventoryAdjustmentTemplateHeader shows.",
        field="template_id",
        value=template_id,
    )


def _grouped(rows: Iterable[TemplateRow]) -> list[list[TemplateRow]]:
    groups: dict[tuple[int, int, str], list[TemplateRow]] = {}
    for row in rows:
        # Without an id, store and description say which rows belong together.
        key = (row.template_id, 0, "") if row.template_id else (0, row.store_id, row.description)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _header_problems(
    group: Sequence[TemplateRow], before: AdjustmentTemplate | None, reference: Reference
) -> Iterable[Problem]:
    head = group[0]
    if not head.description.strip():
        yield Problem(
            "TPL-01", "description is blank.", "Give the template a description.", "description", "", head.row
        )
    if head.store_id not in reference.stores:
        text = f"store_id {head.store_id} is not known."
        yield Problem("ADJ-16", text, "Use a known store.", "store_id", str(head.store_id), head.row)
    if head.status is AdjustmentStatus.CANCELED:
        text = "a template cannot be CANCELED."
        yield Problem("TPL-03", text, "Use IN_PROGRESS or COMPLETED.", "status", head.status, head.row)
    if before is not None and before.status is not AdjustmentStatus.IN_PROGRESS:
        text = f"template {head.template_id} is {before.status}, it can no longer be edited."
        yield Problem("TPL-03", text, "Import it under another id.", "template_id", str(head.template_id), head.row)
    if len(group) > MAX_LINES:
        text = f"the template has {len(group)} lines."
        yield Problem("ADJ-01", text, f"Use at most {MAX_LINES}.", "item_id", str(len(group)), head.row)
    for row in group[1:]:
        for field in ("store_id", "description", "comments", "status"):
            if getattr(row, field) != getattr(head, field):
                text = f"{field} differs from row {head.row} of the same template."
                yield Problem("TPL-01", text, "Repeat the header.", field, str(getattr(row, field)), row.row)


def _line_problems(
    group: Sequence[TemplateRow], items: dict[str, ItemAtStore], reference: Reference
) -> Iterable[Problem]:
    seen: set[str] = set()
    for row in group:
        item, reason = items.get(row.item_id), reference.reasons.get(row.reason_id)
        found = [*_reason_problems(row, reason), *_item_problems(row, item)]
        if row.item_id in seen:
            text = f"item_id {row.item_id} stands on more than one line."
            found.append(Problem("ADJ-02", text, "Name an item once.", "item_id", row.item_id))
        seen.add(row.item_id)
        if not row.quantity > 0 or not is_storable(row.quantity):
            text = f"quantity is {plain(row.quantity)}."
            found.append(Problem("ADJ-15", text, "Use an amount above zero.", "quantity", plain(row.quantity)))
        if not is_case_size(row.case_size):
            text = f"case_size is {plain(row.case_size)}."
            remedy = "Use an amount above zero with at most 10 digits, 2 of them after the point."
            found.append(Problem("ADJ-15", text, remedy, "case_size", plain(row.case_size)))
        for one in found:
            yield replace(one, line=row.row, item_id=row.item_id)


def _reason_problems(row: TemplateRow, reason: Reason | None) -> Iterable[Problem]:
    value = str(row.reason_id)
    if reason is None:
        yield Problem("ADJ-16", f"reason_id {value} is not known.", "Use a known reason.", "reason_id", value)
    elif not reason.active:
        yield Problem("RSN-09", f"reason_id {value} is no longer in use.", "Use an active one.", "reason_id", value)
    elif reason.disposition.touches_unavailable:
        text = f"reason_id {value} ({reason.disposition.display}) touches unavailable stock."
        yield Problem("TPL-02", text, "Use a reason that does not.", "reason_id", value)


def _item_problems(row: TemplateRow, item: ItemAtStore | None) -> Iterable[Problem]:
    if item is None:
        text = f"item_id {row.item_id} is not known."
        yield Problem("ADJ-16", text, "Use a known item.", "item_id", row.item_id)
    elif item.kind != ItemKind.PLAIN:
        text = f"item_id {row.item_id} has UINs."
        yield Problem("TPL-02", text, "Leave items with UINs out of templates.", "item_id", row.item_id)
    elif item.uom in WHOLE_UNITS and not is_whole(row.quantity):
        text = f"quantity {plain(row.quantity)} of an item counted in {item.uom} has a fraction."
        yield Problem("ADJ-15", text, "Use a whole number.", "quantity", plain(row.quantity))


def template_of(
    group: Sequence[TemplateRow], before: AdjustmentTemplate | None, user_name: str, now: datetime
) -> AdjustmentTemplate:
    """Return the template that the rows of *group* describe.

    Args:
        before: the stored template that it replaces; it keeps who made it and when.
        user_name: who makes it, and closes it when the rows say so.
    """
    head = group[0]
    is_closed = head.status is AdjustmentStatus.COMPLETED
    return AdjustmentTemplate(
        template_id=head.template_id,
        store_id=head.store_id,
        description=head.description,
        status=head.status,
        comments=head.comments,
        created_at=before.created_at if before else now,
        created_by=before.created_by if before else user_name,
        approved_at=now if is_closed else None,
        approved_by=user_name if is_closed else None,
        lines=tuple(TemplateLine(0, row.item_id, row.reason_id, row.quantity, row.case_size) for row in group),
    )
