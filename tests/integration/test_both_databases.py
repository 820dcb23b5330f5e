"""The same day on SQLite and on PostgreSQL ends in the same answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal

import pytest

from gateway.domain.adjustment import AdjustmentStatus, ExtendedAttribute, HeaderCriteria
from gateway.domain.errors import AccessDenied, RulesBroken
from gateway.domain.template import TemplateCriteria
from gateway.usecases.templates import TemplateRow
from tests.factories import (
    BATTERY,
    FLOUR,
    OTHER_STORE,
    STORE,
    TELEVISION,
    WATCH,
    Retailer,
    change,
    line,
)


def _answer(call: Callable[..., object], *arguments: object) -> object:
    try:
        return call(*arguments)
    except RulesBroken as broken:
        return [asdict(problem) for problem in broken.problems]
    except AccessDenied as denied:
        return str(denied)


def _day(retailer: Retailer) -> list[object]:
    """Do a bit of everything; return every answer and everything that is kept in the end."""
    pos, work = retailer.pos, retailer.adjustments
    clerk = retailer.user("clerk", store_ids=[OTHER_STORE], reason_ids=[83, 93])
    retailer.add_items(["NEW"], uom="KG", ranged=False)
    lot = ExtendedAttribute("Lot", "ä'<&>", "0123")
    row = TemplateRow(
        2, 0, STORE, "Täglich", None, AdjustmentStatus.COMPLETED, FLOUR, 84, Decimal("0.3333"), Decimal(6)
    )
    (template_id,) = retailer.templates.import_rows([row], "pos")
    answers = [
        _answer(work.save_and_confirm, pos, change(line(BATTERY, 83, 120), line(FLOUR, 91, "1.2345"))),
        _answer(work.save, pos, change(line(FLOUR, 96, "1.2346"), line("NOPE"), line(BATTERY, 83, "1.5"))),
        _answer(work.save, pos, change(line(FLOUR, 96, "1.2", case_size="12.50", attributes=[lot]), comments="ü\n")),
        _answer(work.save_and_confirm, pos, change(line("NEW", 93, "0.0001"), publish=False)),
        _answer(
            work.save_and_confirm,
            pos,
            change(line(WATCH, 93, 3, added=["MINE"]), line(TELEVISION, 182, 1, added=["TV-1312-2"])),
        ),
        _answer(work.save, clerk, change(line(), store_id=STORE)),
        _answer(
            work.save_and_confirm, clerk, change(line(TELEVISION, 83, 1, added=["TV-1312-1"]), store_id=OTHER_STORE)
        ),
        _answer(work.read, clerk, 1),
        _answer(work.save, pos, retailer.templates.applied(template_id, Decimal("1.5"))),
        _answer(work.confirm, pos, 2),
        _answer(work.confirm, pos, 2),
        _answer(work.save, pos, change(adjustment_id=2)),
        _answer(work.save_and_confirm, pos, change(line(BATTERY), reference_id=1)),
        _answer(work.save, pos, change(line(TELEVISION, 91, 2, added=["TV-1311-1", "TV-1311-1"]))),
    ]
    answers += [_answer(work.read, pos, number) for number in range(1, 9)]
    answers += [
        _answer(work.find_headers, pos, HeaderCriteria(STORE, 999)),
        _answer(work.find_headers, pos, HeaderCriteria(STORE, 3, item_id=FLOUR)),
        _answer(retailer.templates.find_headers, pos, TemplateCriteria(STORE, description="ÄG")),
        _answer(retailer.templates.read, pos, template_id),
        _answer(retailer.lookups.reasons, clerk),
    ]
    kept = retailer.snapshot()
    for message in kept["outbox_message"]:
        del message["message_key"]  # a new one each time, by design
    return [*answers, kept, retailer.messages(), retailer.denials(), retailer.verify.run()]


@pytest.fixture
def both(new_retailer: Callable[[str], Retailer]) -> tuple[Retailer, Retailer]:
    """A retailer on each database."""
    return new_retailer("sqlite"), new_retailer("postgresql")


def test_a_day_ends_alike_on_both_databases(both: tuple[Retailer, Retailer]) -> None:  # STK-03, STK-05
    days = [_day(one) for one in both]
    for number, (lite, post) in enumerate(zip(*days, strict=True)):
        if isinstance(lite, dict):
            for name in lite:
                assert lite[name] == post[name], name
        else:
            assert lite == post, f"answer {number}"
    assert days[0][-1].differences == ()  # type: ignore[attr-defined]
