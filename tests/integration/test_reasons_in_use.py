"""Who may use which reason for what, and what being in use means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.default_reasons import TROUBLE
from gateway.domain.disposition import Disposition
from gateway.domain.reason import Reason
from gateway.persistence.reference_data import put_role, reason_is_in_use
from gateway.usecases.templates import TemplateRow
from tests.factories import (
    BATTERY,
    BETWEEN_SUB_BUCKETS,
    REPAIR,
    Retailer,
    change,
    line,
    problems_of,
    rules_of,
)

SYSTEM_ONLY = {1, 75, 76, 77, 78, 79, 87, 88, 180, 181, 184, 185, 186, 187, 188}
OWN = Reason(301, 42, "Own", Disposition.DECREASE_SOH)


def _lookup(retailer: Retailer) -> set[int]:
    return {one.reason_id for one in retailer.lookups.reasons(retailer.pos)}


def test_an_id_comes_in_and_a_code_goes_out(retailer: Retailer) -> None:  # RSN-03
    retailer.put_reason(replace(OWN, reason_id=84, reason_code=4711))
    retailer.put_reason(replace(OWN, reason_id=4711, reason_code=84))
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 84, 1)))
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 4711, 1)))
    assert [one.reason_code for one in retailer.messages()] == [4711, 84]


def test_a_code_is_no_id(retailer: Retailer) -> None:  # RSN-03
    retailer.put_reason(OWN)
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, 42, 1)))
    assert (problem.rule, problem.value) == ("ADJ-16", "42")


def test_system_reasons_are_for_the_system_only(retailer: Retailer) -> None:  # RSN-07
    for reason_id in sorted(SYSTEM_ONLY - {188}):
        assert rules_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, reason_id, 1))) == ["RSN-07"]
    assert "RSN-07" in rules_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, 188, 1)))


def test_a_parameter_opens_system_reasons_to_callers(retailer: Retailer) -> None:  # RSN-07
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    for reason_id in sorted(SYSTEM_ONLY - {188}):
        retailer.adjustments.save(retailer.pos, change(line(BATTERY, reason_id, 1)))
    retailer.set_parameter("callers_may_use_system_reasons", "off")
    assert rules_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, 1, 1))) == ["RSN-07"]


def test_what_is_open_when_saving_is_asked_again_when_confirming(retailer: Retailer) -> None:  # RSN-07, ADJ-04
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 1, 1)))
    retailer.set_parameter("callers_may_use_system_reasons", "off")
    assert rules_of(retailer.adjustments.confirm, retailer.pos, adjustment_id) == ["RSN-07"]


def test_a_reason_off_the_screen_is_open_to_callers_unless_it_is_the_systems(retailer: Retailer) -> None:  # RSN-07
    retailer.put_reason(replace(OWN, use_in_ui=False))
    retailer.adjustments.save(retailer.pos, change(line(BATTERY, 301, 1)))
    retailer.adjustments.save(retailer.pos, change(line(BATTERY, 82, 1)))


def test_a_lookup_shows_what_the_caller_may_use(retailer: Retailer) -> None:  # RSN-07, SEC-02
    everything = set(retailer.database.read(retailer.references.current).reasons)
    assert _lookup(retailer) == everything - SYSTEM_ONLY
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    assert _lookup(retailer) == everything
    clerk = retailer.user("clerk", reason_ids=[83, 1, 91])
    assert [one.reason_id for one in retailer.lookups.reasons(clerk)] == [1, 83, 91]


def test_an_inactive_reason_is_neither_shown_nor_usable(retailer: Retailer) -> None:  # RSN-09
    retailer.put_reason(OWN)
    assert 301 in _lookup(retailer)
    retailer.put_reason(replace(OWN, active=False))
    assert 301 not in _lookup(retailer)
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, 301, 1)))
    assert (problem.rule, problem.field, problem.value) == ("RSN-09", "reason_id", "301")


@pytest.mark.parametrize("use", ["adjustment", "canceled adjustment", "movement", "template"])
def test_a_reason_is_in_use_by_any_adjustment_template_or_movement(retailer: Retailer, use: str) -> None:  # RSN-09
    retailer.put_reason(OWN)
    assert not retailer.database.read(lambda uow: reason_is_in_use(uow, 301))
    asked = line(BATTERY, 301, 1)
    if use == "template":
        row = TemplateRow(
            2, 0, 1311, "T", None, AdjustmentStatus.IN_PROGRESS, BATTERY, 301, asked.quantity, asked.case_size
        )
        retailer.templates.import_rows([row], "pos")
    elif use == "movement":
        retailer.adjustments.save_and_confirm(retailer.pos, change(asked))
    else:
        adjustment_id = retailer.adjustments.save(retailer.pos, change(asked))
        if use == "canceled adjustment":
            retailer.adjustments.cancel(retailer.pos, adjustment_id)
    assert retailer.database.read(lambda uow: reason_is_in_use(uow, 301))
    assert not retailer.database.read(lambda uow: reason_is_in_use(uow, 84))


def test_a_reason_that_no_role_may_use_is_known(retailer: Retailer) -> None:  # SEC-03
    assert retailer.database.read(retailer.references.current).roleless_reasons == frozenset()
    retailer.database.write(lambda uow: put_role(uow, "pos", [], [83, 84]))
    retailer.user("clerk", reason_ids=[91])
    reference = retailer.database.read(retailer.references.current)
    assert reference.roleless_reasons == set(reference.reasons) - {83, 84, 91}


def test_sub_buckets_are_shown_only_while_they_are_on(retailer: Retailer) -> None:  # RSN-04
    assert retailer.lookups.sub_buckets(retailer.pos) == [TROUBLE, REPAIR]
    hold = {one.reason_id: one for one in retailer.lookups.reasons(retailer.pos)}
    assert (hold[91].to_sub_bucket, hold[96].from_sub_bucket) == (TROUBLE.type_id, TROUBLE.type_id)
    assert BETWEEN_SUB_BUCKETS.reason_id in hold
    retailer.set_parameter("sub_buckets", "off")
    assert retailer.lookups.sub_buckets(retailer.pos) == []
    reasons = retailer.lookups.reasons(retailer.pos)
    assert all(one.from_sub_bucket is None and one.to_sub_bucket is None for one in reasons)
    assert {one.reason_id for one in reasons} == set(hold) - {BETWEEN_SUB_BUCKETS.reason_id}
