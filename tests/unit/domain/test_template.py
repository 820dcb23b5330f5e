"""Applying a template."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.domain.adjustment import AdjustmentStatus, LineChange
from gateway.domain.template import AdjustmentTemplate, TemplateLine
from tests.factories import problems_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
TEMPLATE = AdjustmentTemplate(
    template_id=7,
    store_id=1311,
    description="Bakery",
    status=AdjustmentStatus.COMPLETED,
    comments=None,
    created_at=NOON,
    created_by="pos",
    approved_at=NOON,
    approved_by="pos",
    lines=(
        TemplateLine(1, "A", 83, Decimal("2.5000"), Decimal(1)),
        TemplateLine(2, "B", 84, Decimal("0.0001"), Decimal(6)),
    ),
)


def test_applying_multiplies_quantities_and_keeps_everything_else() -> None:  # ADJ-10
    change = TEMPLATE.apply(Decimal("1.5"))
    assert (change.adjustment_id, change.store_id, change.template_id, change.reference_id) == (None, 1311, 7, None)
    assert list(change.lines) == [
        LineChange(None, "A", 83, Decimal("3.75"), Decimal(1)),
        LineChange(None, "B", 84, Decimal("0.0002"), Decimal(6)),
    ]


@pytest.mark.parametrize("multiplier", ["0", "-1", "-0.0001"])
def test_a_multiplier_is_above_zero(multiplier: str) -> None:  # ADJ-10
    (problem,) = problems_of(TEMPLATE.apply, Decimal(multiplier))
    assert (problem.rule, problem.field, problem.value) == ("ADJ-10", "multiplier", multiplier)


def test_a_template_in_progress_cannot_be_applied() -> None:  # TPL-03
    (problem,) = problems_of(replace(TEMPLATE, status=AdjustmentStatus.IN_PROGRESS).apply, Decimal(1))
    assert (problem.rule, problem.value) == ("TPL-03", "7")


def test_both_mistakes_are_named_at_once() -> None:  # TPL-03, ADJ-10
    problems = problems_of(replace(TEMPLATE, status=AdjustmentStatus.IN_PROGRESS).apply, Decimal(0))
    assert [one.rule for one in problems] == ["TPL-03", "ADJ-10"]
