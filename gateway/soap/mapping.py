"""Spyne objects to domain values, and back: what a name on the wire means in the domain.

Absent and empty are two things: an absent ``comments`` leaves the stored ones, an empty one empties them. ``NO_VALUE``
as a filter means any status. Times come with an offset and become UTC; one without an offset is taken as UTC, because
nothing on the wire says where the caller is. Times leave as UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from gateway.domain.adjustment import (
    AdjustmentChange,
    AdjustmentHeader,
    AdjustmentLine,
    AdjustmentStatus,
    ExtendedAttribute,
    HeaderCriteria,
    InventoryAdjustment,
    LineChange,
)
from gateway.domain.errors import InvalidMessage
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.template import AdjustmentTemplate, TemplateCriteria, TemplateHeader, TemplateLine
from gateway.soap import types

ANY_STATUS: Final = "NO_VALUE"


def to_change(payload: Any) -> AdjustmentChange:
    """Return what a StrAdjModVo asks for (ADJ-07)."""
    return AdjustmentChange(
        payload.adjustment_id,
        payload.store_id,
        payload.reference_id,
        payload.template_id,
        payload.comments,
        payload.publish,
        [_line_change(line.__dict__) for line in payload.StrAdjItmMod or ()],
        payload.removed_line_id_col or (),
    )


_single_members = itemgetter("line_id", "item_id", "reason_id", "quantity", "case_size")
_lists = itemgetter("added_uin_col", "removed_uin_col", "StrAdjExtAtt", "removed_ext_att_col")
_NO_LISTS: Final = (None, None, None, None)
_EMPTY_LISTS: Final = ((), (), (), ())


def _line_change(line: dict[str, Any]) -> LineChange:
    # Run for each line of each save. Straight from the dictionary into the tuple it takes half the time that it takes
    # attribute by attribute; the order of LineChange's fields is proved by a test.
    lists = _lists(line)
    if lists == _NO_LISTS:
        return tuple.__new__(LineChange, _single_members(line) + _EMPTY_LISTS)
    added, removed, attributes, barcodes = lists
    return LineChange(
        line["line_id"],
        line["item_id"],
        line["reason_id"],
        line["quantity"],
        line["case_size"],
        added or (),
        removed or (),
        [ExtendedAttribute(one.name, one.value, one.barcode) for one in attributes or ()],
        barcodes or (),
    )


def to_header_criteria(payload: Any) -> HeaderCriteria:
    """Return what a StrAdjHdrCriVo searches for (ADJ-11). Raises InvalidMessage for the status UNKNOWN."""
    return HeaderCriteria(
        store_id=payload.store_id,
        search_limit=payload.search_limit,
        created_from=to_utc(payload.from_date, "from_date"),
        created_to=to_utc(payload.to_date, "to_date"),
        item_id=payload.item_id,
        adjustment_id=payload.adjustment_id,
        reason_id=payload.reason_id,
        status=to_status_filter(payload.status),
        created_by=payload.user_name,
        sub_bucket=payload.nonsellable_type_id,
        template_id=payload.template_id,
    )


def to_template_criteria(payload: Any) -> TemplateCriteria:
    """Return what a StrAdjTpHdCriVo searches for (TPL-04). Raises InvalidMessage for the status UNKNOWN."""
    return TemplateCriteria(
        store_id=payload.store_id,
        created_from=to_utc(payload.from_date, "from_date"),
        created_to=to_utc(payload.to_date, "to_date"),
        item_id=payload.item_id,
        template_id=payload.template_id,
        description=payload.description,
        reason_id=payload.reason_id,
        status=to_status_filter(payload.status),
        created_by=payload.user_name,
    )


def to_status_filter(status: str) -> AdjustmentStatus | None:
    """Return the status to search for; None for any.

    Raises:
        InvalidMessage: UNKNOWN, which no adjustment has.
    """
    if status == ANY_STATUS:
        return None
    try:
        return AdjustmentStatus(status)
    except ValueError:
        known = ", ".join(AdjustmentStatus)
        raise InvalidMessage(
            f"status came as {status}, which nothing has; expected one of {known}, or {ANY_STATUS} for any status",
            path="status",
        ) from None


def to_utc(value: datetime | None, field: str) -> datetime | None:
    """Return *value* in UTC; a time without offset is one of UTC already.

    Raises:
        InvalidMessage: in UTC it lies outside the years 1 to 9999.
    """
    if value is None:
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidMessage(f"{field} lies outside the years 1 to 9999 in UTC", path=field) from None


def adjustment_ref(adjustment_id: int) -> Any:
    """Return a StrAdjRef."""
    return types.build(types.StrAdjRef, adjustment_id=adjustment_id)


def success(message: str) -> Any:
    """Return an InvocationSuccess."""
    return types.build(types.InvocationSuccess, success_message=message)


def adjustment_desc(adjustment: InventoryAdjustment) -> Any:
    """Return a StrAdjDesc."""
    return types.build(
        types.StrAdjDesc,
        adjustment_id=adjustment.adjustment_id,
        store_id=adjustment.store_id,
        reference_id=adjustment.reference_id,
        template_id=adjustment.template_id,
        status=adjustment.status.value,
        comments=adjustment.comments,
        create_date=adjustment.created_at,
        create_user_name=adjustment.created_by,
        approve_date=adjustment.approved_at,
        approve_user_name=adjustment.approved_by,
        StrAdjItm=[_adjustment_line(line) for line in adjustment.lines],
    )


def _adjustment_line(line: AdjustmentLine) -> Any:
    return types.build(
        types.StrAdjItm,
        line_id=line.line_id,
        item_id=line.item_id,
        reason_id=line.reason_id,
        quantity=line.quantity,
        case_size=line.case_size,
        uin_col=line.uins or None,
        StrAdjExtAtt=[_extended_attribute(one) for one in line.attributes] or None,
    )


def _extended_attribute(attribute: ExtendedAttribute) -> Any:
    name, value, barcode = attribute
    return types.build(types.StrAdjExtAtt, name=name, value=value, barcode=barcode)


def header_list(headers: Sequence[AdjustmentHeader]) -> Any:
    """Return a StrAdjHdrColDesc."""
    rows = [
        types.build(
            types.StrAdjHdrDesc,
            adjustment_id=header.adjustment_id,
            status=header.status.value,
            create_date=header.created_at,
            create_user_name=header.created_by,
            template_id=header.template_id,
            item_count=header.item_count,
        )
        for header in headers
    ]
    return _collection(types.StrAdjHdrColDesc, "StrAdjHdrDesc", rows)


def template_list(headers: Sequence[TemplateHeader]) -> Any:
    """Return a StrAdjTpHdColDesc."""
    rows = [
        types.build(
            types.StrAdjTpHdDesc,
            template_id=header.template_id,
            description=header.description,
            status=header.status.value,
            create_date=header.created_at,
            create_user_name=header.created_by,
            item_count=header.item_count,
        )
        for header in headers
    ]
    return _collection(types.StrAdjTpHdColDesc, "StrAdjTpHdDesc", rows)


def template_desc(template: AdjustmentTemplate) -> Any:
    """Return a StrAdjTplDesc."""
    return types.build(
        types.StrAdjTplDesc,
        template_id=template.template_id,
        store_id=template.store_id,
        description=template.description,
        status=template.status.value,
        comments=template.comments,
        create_date=template.created_at,
        create_user_name=template.created_by,
        approve_date=template.approved_at,
        approve_user_name=template.approved_by,
        StrAdjTplItm=[_template_line(line) for line in template.lines],
    )


def _template_line(line: TemplateLine) -> Any:
    line_id, item_id, reason_id, quantity, case_size = line
    return types.build(
        types.StrAdjTplItm,
        line_id=line_id,
        item_id=item_id,
        reason_id=reason_id,
        quantity=quantity,
        case_size=case_size,
    )


def reason_list(reasons: Iterable[Reason]) -> Any:
    """Return a StrAdjRsnColDesc. The codes of a disposition do not travel, only its display text (RSN-01)."""
    rows = [
        types.build(
            types.StrAdjRsnDesc,
            reason_id=reason.reason_id,
            reason_code=reason.reason_code,
            description=reason.description,
            disposition_desc=reason.disposition.display,
            to_nonsellable_qty_type_id=reason.to_sub_bucket,
            from_nonsellable_qty_type_id=reason.from_sub_bucket,
        )
        for reason in reasons
    ]
    return _collection(types.StrAdjRsnColDesc, "StrAdjRsnDesc", rows)


def sub_bucket_list(sub_buckets: Iterable[SubBucket]) -> Any:
    """Return an NslQtyTypColDesc."""
    rows = [types.build(types.NslQtyTypDesc, type_id=one.type_id, description=one.description) for one in sub_buckets]
    return _collection(types.NslQtyTypColDesc, "NslQtyTypDesc", rows)


def _collection(model: Any, key: str, rows: list[Any]) -> Any:
    return types.build(model, **{key: rows}, collection_size=len(rows))
