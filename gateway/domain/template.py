"""Templates: items, reasons and quantities that are adjusted together again and again (TPL, ADJ-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from gateway.domain.adjustment import AdjustmentChange, AdjustmentStatus, LineChange
from gateway.domain.errors import Problem, RulesBroken, refuse
from gateway.domain.quantity import plain, scaled


class TemplateLine(NamedTuple):
    """One item of a template; quantity in standard units (TPL-01)."""

    line_id: int
    item_id: str
    reason_id: int
    quantity: Decimal
    case_size: Decimal


@dataclass(frozen=True, slots=True)
class AdjustmentTemplate:
    """A template with its lines. Times are UTC."""

    template_id: int
    store_id: int
    description: str
    status: AdjustmentStatus
    comments: str | None
    created_at: datetime
    created_by: str
    approved_at: datetime | None
    approved_by: str | None
    lines: tuple[TemplateLine, ...]

    def apply(self, multiplier: Decimal) -> AdjustmentChange:
        """Return the new adjustment that this template times *multiplier* stands for.

        Raises:
            RulesBroken: the template is not completed (TPL-03), the multiplier is not above zero (ADJ-10).
        """
        problems: list[Problem] = []
        if self.status is not AdjustmentStatus.COMPLETED:
            problems.extend(
                refuse(
                    "TPL-03",
                    f"template {self.template_id} is {self.status}.",
                    "Only a completed template can be applied.",
                    field="template_id",
                    value=self.template_id,
                ).problems
            )
        if multiplier <= 0:
            problems.extend(
                refuse(
                    "ADJ-10",
                    f"multiplier is {plain(multiplier)}.",
                    "Use a multiplier above zero.",
                    field="multiplier",
                    value=plain(multiplier),
                ).problems
            )
        if problems:
            raise RulesBroken(problems)
        return AdjustmentChange(
            adjustment_id=None,
            store_id=self.store_id,
            template_id=self.template_id,
            lines=tuple(
                LineChange(None, line.item_id, line.reason_id, scaled(line.quantity, multiplier), line.case_size)
                for line in self.lines
            ),
        )


@dataclass(frozen=True, slots=True)
class TemplateHeader:
    """A template as lists show it; *item_count* counts its lines."""

    template_id: int
    description: str
    status: AdjustmentStatus
    created_at: datetime
    created_by: str
    item_count: int


@dataclass(frozen=True, slots=True)
class TemplateCriteria:
    """What a template search asks for; None means any (TPL-04). *description* is a part of the text."""

    store_id: int
    created_from: datetime | None = None
    created_to: datetime | None = None
    item_id: str | None = None
    template_id: int | None = None
    description: str | None = None
    reason_id: int | None = None
    status: AdjustmentStatus | None = None
    created_by: str | None = None
