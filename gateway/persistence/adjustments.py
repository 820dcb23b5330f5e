"""Adjustments and their lines: ``inv_adjust``, ``inv_adjust_line_item`` and what hangs on the lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Executable,
    Select,
    String,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from gateway.domain.adjustment import (
    AdjustmentHeader,
    AdjustmentLine,
    AdjustmentStatus,
    ExtendedAttribute,
    HeaderCriteria,
    InventoryAdjustment,
)
from gateway.persistence.columns import Amount, UtcTime
from gateway.persistence.searches import made_as_asked
from gateway.persistence.statement import Columns, Statement, many_rows, rows_parameter
from gateway.persistence.tables import (
    inv_adjust,
    inv_adjust_line_item,
    inv_adjust_line_item_att,
    inv_adjust_line_item_uin,
    inv_adjust_reason,
)
from gateway.persistence.unit_of_work import UnitOfWork

_HEADER_COLUMNS: Columns = {
    "store_id": BigInteger(),
    "reference_id": BigInteger(),
    "inv_adjust_template_id": BigInteger(),
    "status": String(),
    "comments": String(),
    "publish": Boolean(),
    "create_date": UtcTime(),
    "create_user": String(),
    "approve_date": UtcTime(),
    "approve_user": String(),
}

_LINE_COLUMNS: Columns = {
    "inv_adjust_id": BigInteger(),
    "item_id": String(),
    "inv_adjust_reason_id": BigInteger(),
    "quantity": Amount(),
    "case_size": Amount(10, 2),
}


_HEADER_FIELDS = [field.name for field in fields(InventoryAdjustment) if field.name != "lines"]
"""Fields of an adjustment in the order of the columns of ``inv_adjust``."""


def _insert_header(_: str) -> Executable:
    return (
        insert(inv_adjust)
        .values({name: bindparam(name, type_=kind) for name, kind in _HEADER_COLUMNS.items()})
        .returning(inv_adjust.c.id)
    )


def _insert_lines(dialect_name: str) -> Executable:
    return (
        insert(inv_adjust_line_item)
        .from_select(list(_LINE_COLUMNS), many_rows(dialect_name, **_LINE_COLUMNS))
        .returning(inv_adjust_line_item.c.id, inv_adjust_line_item.c.item_id)
    )


def _insert_uins(dialect_name: str) -> Executable:
    columns: Columns = {"line_item_id": BigInteger(), "uin": String()}
    return insert(inv_adjust_line_item_uin).from_select(list(columns), many_rows(dialect_name, **columns))


def _insert_attributes(dialect_name: str) -> Executable:
    columns: Columns = {"line_item_id": BigInteger(), "name": String(), "value": String(), "barcode": String()}
    return insert(inv_adjust_line_item_att).from_select(list(columns), many_rows(dialect_name, **columns))


def _update_lines(dialect_name: str) -> Executable:
    new = many_rows(dialect_name, id=BigInteger(), quantity=Amount(), case_size=Amount(10, 2)).subquery("new")
    return (
        update(inv_adjust_line_item)
        .where(inv_adjust_line_item.c.id == new.c.id)
        .values(quantity=new.c.quantity, case_size=new.c.case_size)
    )


def _ids(dialect_name: str) -> Any:
    return many_rows(dialect_name, id=BigInteger()).subquery("ids")


def _delete_from(table: Any, column: Any) -> Statement:
    return Statement(lambda dialect_name: delete(table).where(column.in_(select(_ids(dialect_name).c.id))))


def _select_header(_: str) -> Select[Any]:
    return select(inv_adjust).where(inv_adjust.c.id == bindparam("adjustment_id"))


def _select_lines(_: str) -> Executable:
    line = inv_adjust_line_item
    return (
        select(line.c.id, line.c.item_id, line.c.inv_adjust_reason_id, line.c.quantity, line.c.case_size)
        .where(line.c.inv_adjust_id == bindparam("adjustment_id"))
        .order_by(line.c.id)
    )


def _select_uins(_: str) -> Executable:
    line, uin = inv_adjust_line_item, inv_adjust_line_item_uin
    return (
        select(uin.c.line_item_id, uin.c.uin)
        .join_from(uin, line, uin.c.line_item_id == line.c.id)
        .where(line.c.inv_adjust_id == bindparam("adjustment_id"))
        .order_by(uin.c.line_item_id, uin.c.uin)
    )


def _select_attributes(_: str) -> Executable:
    line, attribute = inv_adjust_line_item, inv_adjust_line_item_att
    return (
        select(attribute.c.line_item_id, attribute.c.name, attribute.c.value, attribute.c.barcode)
        .join_from(attribute, line, attribute.c.line_item_id == line.c.id)
        .where(line.c.inv_adjust_id == bindparam("adjustment_id"))
        .order_by(attribute.c.line_item_id, attribute.c.id)
    )


def _close(_: str) -> Executable:
    return (
        update(inv_adjust)
        .where(inv_adjust.c.id == bindparam("adjustment_id"), inv_adjust.c.status == bindparam("in_progress"))
        .values(
            status=bindparam("new_status"),
            approve_date=bindparam("approved_at", type_=UtcTime()),
            approve_user=bindparam("approved_by", type_=String()),
        )
    )


def _update_header(_: str) -> Executable:
    return (
        update(inv_adjust)
        .where(inv_adjust.c.id == bindparam("adjustment_id"))
        .values(comments=bindparam("new_comments", type_=String()), publish=bindparam("new_publish", type_=Boolean()))
    )


INSERT_HEADER = Statement(_insert_header)
INSERT_LINES = Statement(_insert_lines)
INSERT_UINS = Statement(_insert_uins)
INSERT_ATTRIBUTES = Statement(_insert_attributes)
UPDATE_LINES = Statement(_update_lines)
UPDATE_HEADER = Statement(_update_header)
CLOSE = Statement(_close)
DELETE_LINES = _delete_from(inv_adjust_line_item, inv_adjust_line_item.c.id)
DELETE_UINS = _delete_from(inv_adjust_line_item_uin, inv_adjust_line_item_uin.c.line_item_id)
DELETE_ATTRIBUTES = _delete_from(inv_adjust_line_item_att, inv_adjust_line_item_att.c.line_item_id)
SELECT_HEADER = Statement(_select_header)
LOCK_HEADER = Statement(lambda name: _select_header(name).with_for_update())
SELECT_LINES = Statement(_select_lines)
SELECT_UINS = Statement(_select_uins)
SELECT_ATTRIBUTES = Statement(_select_attributes)


def add(uow: UnitOfWork, adjustment: InventoryAdjustment) -> InventoryAdjustment:
    """Store a new adjustment; return it with the ids that the database gave (ADJ-03)."""
    ((adjustment_id,),) = uow.run(
        INSERT_HEADER,
        store_id=adjustment.store_id,
        reference_id=adjustment.reference_id,
        inv_adjust_template_id=adjustment.template_id,
        status=adjustment.status,
        comments=adjustment.comments,
        publish=adjustment.publish,
        create_date=adjustment.created_at,
        create_user=adjustment.created_by,
        approve_date=adjustment.approved_at,
        approve_user=adjustment.approved_by,
    )
    lines = add_lines(uow, adjustment_id, adjustment.lines)
    return replace(adjustment, adjustment_id=adjustment_id, lines=lines)


def add_lines(uow: UnitOfWork, adjustment_id: int, lines: Sequence[AdjustmentLine]) -> list[AdjustmentLine]:
    """Store new lines of an adjustment; return them with their ids."""
    rows = rows_parameter(
        (adjustment_id, item_id, reason_id, str(quantity), str(case_size))
        for _, item_id, reason_id, quantity, case_size, _, _ in lines
    )
    ids = {item_id: line_id for line_id, item_id in uow.run(INSERT_LINES, rows=rows)}
    stored = [
        AdjustmentLine(ids[item_id], item_id, reason_id, quantity, case_size, uins, attributes)
        for _, item_id, reason_id, quantity, case_size, uins, attributes in lines
    ]
    add_uins(uow, ((line.line_id, uin) for line in stored if line.uins for uin in line.uins))
    _add_attributes(uow, stored)
    return stored


def add_uins(uow: UnitOfWork, uins: Iterable[tuple[int, str]]) -> None:
    """Put UINs on stored lines, given as line id and UIN."""
    pairs = list(uins)
    if pairs:
        uow.run(INSERT_UINS, rows=rows_parameter(pairs))


def _add_attributes(uow: UnitOfWork, lines: Iterable[AdjustmentLine]) -> None:
    rows = [(line.line_id, *attribute) for line in lines if line.attributes for attribute in line.attributes]
    if rows:
        uow.run(INSERT_ATTRIBUTES, rows=rows_parameter(rows))


def edit_lines(uow: UnitOfWork, lines: Sequence[AdjustmentLine]) -> None:
    """Write quantity, case size, UINs and attributes of stored lines anew (ADJ-07)."""
    if not lines:
        return
    ids = rows_parameter([(line.line_id,) for line in lines])
    uow.run(UPDATE_LINES, rows=rows_parameter((line.line_id, line.quantity, line.case_size) for line in lines))
    uow.run(DELETE_UINS, rows=ids)
    uow.run(DELETE_ATTRIBUTES, rows=ids)
    add_uins(uow, ((line.line_id, uin) for line in lines for uin in line.uins))
    _add_attributes(uow, lines)


def remove_lines(uow: UnitOfWork, line_ids: Sequence[int]) -> None:
    """Delete stored lines with everything that hangs on them (ADJ-07)."""
    if not line_ids:
        return
    ids = rows_parameter([(line_id,) for line_id in line_ids])
    for statement in (DELETE_UINS, DELETE_ATTRIBUTES, DELETE_LINES):
        uow.run(statement, rows=ids)


def edit_header(uow: UnitOfWork, adjustment_id: int, comments: str | None, publish: bool | None) -> None:
    """Write what of a header can change (ADJ-07)."""
    uow.run(UPDATE_HEADER, adjustment_id=adjustment_id, new_comments=comments, new_publish=publish)


def close(
    uow: UnitOfWork,
    adjustment_id: int,
    status: AdjustmentStatus,
    approved_at: datetime | None = None,
    approved_by: str | None = None,
) -> bool:
    """Turn an in-progress adjustment into *status*; say whether it was in progress (ADJ-08)."""
    changed = uow.changed(
        CLOSE,
        adjustment_id=adjustment_id,
        in_progress=AdjustmentStatus.IN_PROGRESS,
        new_status=status,
        approved_at=approved_at,
        approved_by=approved_by,
    )
    return changed == 1


def get(uow: UnitOfWork, adjustment_id: int, *, lock: bool = False) -> InventoryAdjustment | None:
    """Return an adjustment with its lines, or None; with *lock*, nobody else changes it before we commit."""
    rows = uow.run(LOCK_HEADER if lock else SELECT_HEADER, adjustment_id=adjustment_id)
    if not rows:
        return None
    header = rows[0]
    uins: dict[int, list[str]] = {}
    for line_id, uin in uow.run(SELECT_UINS, adjustment_id=adjustment_id):
        uins.setdefault(line_id, []).append(uin)
    attributes: dict[int, list[ExtendedAttribute]] = {}
    for line_id, *attribute in uow.run(SELECT_ATTRIBUTES, adjustment_id=adjustment_id):
        attributes.setdefault(line_id, []).append(ExtendedAttribute(*attribute))
    lines = [
        AdjustmentLine._make((*line, uins.get(line[0], ()), attributes.get(line[0], ())))
        for line in uow.run(SELECT_LINES, adjustment_id=adjustment_id)
    ]
    values: dict[str, Any] = dict(zip(_HEADER_FIELDS, header, strict=True))
    values["status"] = AdjustmentStatus(values["status"])
    return InventoryAdjustment(lines=lines, **values)


def find_headers(uow: UnitOfWork, criteria: HeaderCriteria) -> list[AdjustmentHeader]:
    """Return headers that meet all *criteria*, newest first (ADJ-11)."""
    head, line, reason = inv_adjust, inv_adjust_line_item, inv_adjust_reason
    of_head = line.c.inv_adjust_id == head.c.id
    count = select(func.count()).where(of_head).scalar_subquery()
    rows = select(
        head.c.id, head.c.status, head.c.create_date, head.c.create_user, head.c.inv_adjust_template_id, count
    )
    query = made_as_asked(rows, head, criteria).limit(criteria.search_limit)
    if criteria.adjustment_id is not None:
        query = query.where(head.c.id == criteria.adjustment_id)
    if criteria.template_id is not None:
        query = query.where(head.c.inv_adjust_template_id == criteria.template_id)
    if criteria.item_id is not None:
        query = query.where(exists().where(of_head, line.c.item_id == criteria.item_id))
    if criteria.reason_id is not None:
        query = query.where(exists().where(of_head, line.c.inv_adjust_reason_id == criteria.reason_id))
    if criteria.sub_bucket is not None:
        touches = or_(
            reason.c.from_nonsellable_type_id == criteria.sub_bucket,
            reason.c.to_nonsellable_type_id == criteria.sub_bucket,
        )
        query = query.where(exists().where(of_head, line.c.inv_adjust_reason_id == reason.c.id, touches))
    return [
        AdjustmentHeader(row[0], AdjustmentStatus(row[1]), row[2], row[3], row[4], row[5]) for row in uow.execute(query)
    ]
