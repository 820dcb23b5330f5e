"""A save as a delta: the lines that a change makes of a stored or a new adjustment (ADJ-01, ADJ-02, ADJ-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.domain.adjustment import (
    MAX_ATTRIBUTES,
    MAX_LINES,
    AdjustmentChange,
    AdjustmentLine,
    ExtendedAttribute,
    InventoryAdjustment,
    LineChange,
)
from gateway.domain.errors import Problem


@dataclass(slots=True)
class ChangedLines:
    """The lines that a change leads to.

    Attributes:
        lines: all lines afterwards, in order; new ones have line id 0.
        numbers: for each of them its position in the request, from 1; None when the request does not name it.
        added: indexes into *lines* of the new ones.
        edited: indexes into *lines* of the stored ones that change.
        removed_line_ids: stored lines that go.
    """

    lines: list[AdjustmentLine] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    edited: list[int] = field(default_factory=list)
    removed_line_ids: list[int] = field(default_factory=list)


def new_lines(change: AdjustmentChange, problems: list[Problem]) -> ChangedLines:
    """Return the lines of a new adjustment; what cannot be goes to *problems* (ADJ-02, ADJ-07)."""
    if change.removed_line_ids:
        problems.append(
            Problem(
                "ADJ-07",
                "a new adjustment has no lines to remove.",
                "Leave removed_line_id_col out, or name the adjustment in adjustment_id.",
                field="removed_line_id_col",
                value=str(change.removed_line_ids[0]),
            )
        )
    lines: list[AdjustmentLine] = []
    for number, line in enumerate(change.lines, 1):
        if line.line_id is not None or line.removed_uins or line.removed_barcodes:
            _refuse_deltas_of_new_line(number, line, problems)
        _check_attributes(line.attributes, number, None, line.item_id, problems)
        lines.append(
            AdjustmentLine(
                0, line.item_id, line.reason_id, line.quantity, line.case_size, line.added_uins, line.attributes
            )
        )
    changed = ChangedLines(lines, list(range(1, len(lines) + 1)), list(range(len(lines))))
    _check_set_of_lines(changed, problems)
    return changed


def _refuse_deltas_of_new_line(number: int, line: LineChange, problems: list[Problem]) -> None:
    given = (
        ("line_id", line.line_id),
        ("removed_uin_col", next(iter(line.removed_uins), None)),
        ("removed_ext_att_col", next(iter(line.removed_barcodes), None)),
    )
    for name, value in given:
        if value is not None:
            problems.append(
                Problem(
                    "ADJ-07",
                    f"{name} {value} refers to a stored line, but this line is new.",
                    f"Leave {name} out of a new line.",
                    field=name,
                    value=str(value),
                    line=number,
                    item_id=line.item_id,
                )
            )


def apply_change(stored: InventoryAdjustment, change: AdjustmentChange, problems: list[Problem]) -> ChangedLines:
    """Return the lines that *change* makes of *stored*; what cannot be goes to *problems*.

    Lines that the change does not name stay; item and reason of a line, and store, reference and template of the
    header never change (ADJ-07).
    """
    for name, was, asked in (
        ("store_id", stored.store_id, change.store_id),
        ("reference_id", stored.reference_id, change.reference_id),
        ("template_id", stored.template_id, change.template_id),
    ):
        if asked is not None and asked != was:
            problems.append(
                Problem(
                    "ADJ-07",
                    f"{name} of adjustment {stored.adjustment_id} is {was}, it cannot become {asked}.",
                    "Leave it as it was when the adjustment was created.",
                    field=name,
                    value=str(asked),
                )
            )
    result = ChangedLines()
    removed = set(change.removed_line_ids)
    by_id = {line.line_id: line for line in stored.lines}
    for line_id in change.removed_line_ids:
        if line_id not in by_id:
            problems.append(_no_such_line(stored, line_id, None, None, "removed_line_id_col"))
    result.removed_line_ids = [line_id for line_id in by_id if line_id in removed]
    changes: dict[int, tuple[int, LineChange]] = {}
    fresh: list[tuple[int, LineChange]] = []
    for number, line in enumerate(change.lines, 1):
        if line.line_id is None:
            fresh.append((number, line))
        elif line.line_id not in by_id:
            problems.append(_no_such_line(stored, line.line_id, number, line.item_id, "line_id"))
        elif line.line_id in removed or line.line_id in changes:
            problems.append(
                Problem(
                    "ADJ-07",
                    f"line_id {line.line_id} is named more than once in the request.",
                    "Name a line once, either to change it or to remove it.",
                    field="line_id",
                    value=str(line.line_id),
                    line=number,
                    line_id=line.line_id,
                    item_id=line.item_id,
                )
            )
        else:
            changes[line.line_id] = (number, line)
    for stored_line in stored.lines:
        if stored_line.line_id in removed:
            continue
        if stored_line.line_id in changes:
            number, asked_line = changes[stored_line.line_id]
            result.edited.append(len(result.lines))
            result.lines.append(_edited(stored_line, asked_line, number, problems))
            result.numbers.append(number)
        else:
            result.lines.append(stored_line)
            result.numbers.append(None)
    for number, line in fresh:
        if line.removed_uins or line.removed_barcodes:
            _refuse_deltas_of_new_line(number, line, problems)
        _check_attributes(line.attributes, number, None, line.item_id, problems)
        result.added.append(len(result.lines))
        result.lines.append(
            AdjustmentLine(
                0, line.item_id, line.reason_id, line.quantity, line.case_size, line.added_uins, line.attributes
            )
        )
        result.numbers.append(number)
    _check_set_of_lines(result, problems)
    return result


def _no_such_line(
    stored: InventoryAdjustment, line_id: int, number: int | None, item_id: str | None, name: str
) -> Problem:
    return Problem(
        "ADJ-07",
        f"adjustment {stored.adjustment_id} has no line {line_id}.",
        "Read the adjustment again and use a line_id that it shows.",
        field=name,
        value=str(line_id),
        line=number,
        line_id=line_id,
        item_id=item_id,
    )


def _edited(was: AdjustmentLine, asked: LineChange, number: int, problems: list[Problem]) -> AdjustmentLine:
    for name, old, new in (("item_id", was.item_id, asked.item_id), ("reason_id", was.reason_id, asked.reason_id)):
        if old != new:
            problems.append(
                Problem(
                    "ADJ-07",
                    f"{name} of line {was.line_id} is {old}, it cannot become {new}.",
                    "Remove the line and add a new one.",
                    field=name,
                    value=str(new),
                    line=number,
                    line_id=was.line_id,
                    item_id=was.item_id,
                )
            )
    uins = list(was.uins)
    for uin in asked.removed_uins:
        if uin in uins:
            uins.remove(uin)
        else:
            problems.append(
                Problem(
                    "ADJ-07",
                    f"UIN {uin} is not on line {was.line_id}.",
                    "Remove only UINs that the line has.",
                    field="removed_uin_col",
                    value=uin,
                    line=number,
                    line_id=was.line_id,
                    item_id=was.item_id,
                )
            )
    uins.extend(asked.added_uins)
    gone = set(asked.removed_barcodes)
    attributes = [one for one in was.attributes if one.barcode not in gone]
    for new_one in asked.attributes:
        _put_attribute(attributes, new_one)
    _check_attributes(attributes, number, was.line_id, was.item_id, problems)
    return AdjustmentLine(
        was.line_id, was.item_id, was.reason_id, asked.quantity, asked.case_size, tuple(uins), tuple(attributes)
    )


def _check_attributes(
    attributes: Sequence[ExtendedAttribute], number: int, line_id: int | None, item_id: str, problems: list[Problem]
) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        problems.append(
            Problem(
                "ADJ-14",
                f"the line would have {len(attributes)} extended attributes.",
                f"Keep at most {MAX_ATTRIBUTES}.",
                field="StrAdjExtAtt",
                value=str(len(attributes)),
                line=number,
                line_id=line_id,
                item_id=item_id,
            )
        )


def _put_attribute(attributes: list[ExtendedAttribute], new_one: ExtendedAttribute) -> None:
    """Update the attribute of the same scan and name, or add it (ADJ-14)."""
    for index, one in enumerate(attributes):
        if (one.barcode, one.name) == (new_one.barcode, new_one.name):
            attributes[index] = new_one
            return
    attributes.append(new_one)


def _check_set_of_lines(changed: ChangedLines, problems: list[Problem]) -> None:
    count = len(changed.lines)
    if not 1 <= count <= MAX_LINES:
        problems.append(
            Problem(
                "ADJ-01",
                f"the adjustment would have {count} lines.",
                f"An adjustment has 1 to {MAX_LINES} lines.",
                field="StrAdjItmMod",
                value=str(count),
            )
        )
    if len({line.item_id for line in changed.lines}) == count:
        return
    seen: set[str] = set()
    for line, number in zip(changed.lines, changed.numbers, strict=True):
        if line.item_id in seen:
            problems.append(
                Problem(
                    "ADJ-02",
                    f"item_id {line.item_id} stands on more than one line.",
                    "Name an item once and put the whole quantity there.",
                    field="item_id",
                    value=line.item_id,
                    line=number,
                    line_id=line.line_id or None,
                    item_id=line.item_id,
                )
            )
        seen.add(line.item_id)
