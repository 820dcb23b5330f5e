"""Templates: ``inv_adjust_template`` and ``inv_adjust_template_item``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, insert, select, update

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.template import AdjustmentTemplate, TemplateCriteria, TemplateHeader, TemplateLine
from gateway.persistence.searches import made_as_asked
from gateway.persistence.sequences import move_past_given_template_ids
from gateway.persistence.tables import inv_adjust_template, inv_adjust_template_item
from gateway.persistence.unit_of_work import UnitOfWork


def get(uow: UnitOfWork, template_id: int, *, lock: bool = False) -> AdjustmentTemplate | None:
    """Return a template with its lines, or None; with *lock*, nobody else changes it before we commit."""
    query = select(inv_adjust_template).where(inv_adjust_template.c.id == template_id)
    row = uow.execute(query.with_for_update() if lock else query).first()
    if row is None:
        return None
    line = inv_adjust_template_item
    lines = uow.execute(
        select(line.c.id, line.c.item_id, line.c.inv_adjust_reason_id, line.c.quantity, line.c.case_size)
        .where(line.c.inv_adjust_template_id == template_id)
        .order_by(line.c.id)
    )
    return AdjustmentTemplate(
        template_id=row.id,
        store_id=row.store_id,
        description=row.description,
        status=AdjustmentStatus(row.status),
        comments=row.comments,
        created_at=row.create_date,
        created_by=row.create_user,
        approved_at=row.approve_date,
        approved_by=row.approve_user,
        lines=tuple(TemplateLine(*one) for one in lines),
    )


def put(uow: UnitOfWork, template: AdjustmentTemplate) -> int:
    """Store a template anew with its lines; a template id of 0 lets the database give one. Return the id."""
    values = {
        "store_id": template.store_id,
        "description": template.description,
        "comments": template.comments,
        "status": template.status,
        "create_date": template.created_at,
        "create_user": template.created_by,
        "approve_date": template.approved_at,
        "approve_user": template.approved_by,
    }
    table, template_id = inv_adjust_template, template.template_id
    if template_id and uow.execute(update(table).where(table.c.id == template_id).values(**values)).rowcount:
        _delete_lines(uow, template_id)
    else:
        given = {"id": template_id} if template_id else {}
        template_id = int(uow.execute(insert(table).values(**given, **values).returning(table.c.id)).scalar_one())
        if given:
            move_past_given_template_ids(uow)
    rows = [
        {
            "inv_adjust_template_id": template_id,
            "item_id": line.item_id,
            "inv_adjust_reason_id": line.reason_id,
            "quantity": line.quantity,
            "case_size": line.case_size,
        }
        for line in template.lines
    ]
    if rows:
        uow.execute(insert(inv_adjust_template_item), rows)
    return template_id


def complete(uow: UnitOfWork, template_id: int, approved_at: datetime, approved_by: str) -> None:
    """Close a template, so that it can be applied (TPL-03)."""
    uow.execute(
        update(inv_adjust_template)
        .where(inv_adjust_template.c.id == template_id)
        .values(status=AdjustmentStatus.COMPLETED, approve_date=approved_at, approve_user=approved_by)
    )


def remove(uow: UnitOfWork, template_id: int) -> None:
    """Delete a template with its lines (TPL-03)."""
    _delete_lines(uow, template_id)
    uow.execute(delete(inv_adjust_template).where(inv_adjust_template.c.id == template_id))


def _delete_lines(uow: UnitOfWork, template_id: int) -> None:
    line = inv_adjust_template_item
    uow.execute(delete(line).where(line.c.inv_adjust_template_id == template_id))


def find_headers(uow: UnitOfWork, criteria: TemplateCriteria) -> Sequence[TemplateHeader]:
    """Return headers that meet all *criteria*, newest first (TPL-04)."""
    head, line = inv_adjust_template, inv_adjust_template_item
    of_head = line.c.inv_adjust_template_id == head.c.id
    count = select(func.count()).where(of_head).scalar_subquery()
    rows = select(head.c.id, head.c.description, head.c.status, head.c.create_date, head.c.create_user, count)
    query = made_as_asked(rows, head, criteria)
    if criteria.template_id is not None:
        query = query.where(head.c.id == criteria.template_id)
    if criteria.item_id is not None:
        query = query.where(exists().where(of_head, line.c.item_id == criteria.item_id))
    if criteria.reason_id is not None:
        query = query.where(exists().where(of_head, line.c.inv_adjust_reason_id == criteria.reason_id))
    # Compared here and not in SQL: the databases differ in what upper and lower case are.
    part = (criteria.description or "").casefold()
    return [
        TemplateHeader(row[0], row[1], AdjustmentStatus(row[2]), row[3], row[4], row[5])
        for row in uow.execute(query)
        if part in row[1].casefold()
    ]
