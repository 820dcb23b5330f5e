"""What a reason must say about sub-buckets, and who hears of its movements."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.disposition import Disposition
from gateway.domain.reason import Reason, sub_bucket_problems

KNOWN = frozenset({1, 2})


def _reason(disposition: Disposition, source: int | None = None, target: int | None = None) -> Reason:
    return Reason(200, 1200, "Any", disposition, source, target)


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("source", [None, 1])
@pytest.mark.parametrize("target", [None, 2])
def test_each_side_has_a_sub_bucket_exactly_when_it_is_unavailable(
    disposition: Disposition, source: int | None, target: int | None
) -> None:  # RSN-05
    problems = sub_bucket_problems(_reason(disposition, source, target), KNOWN, sub_buckets_on=True)
    wrong = {"from_nonsellable_qty_type_id"} if (source is not None) != (disposition.from_code == "TRBL") else set()
    wrong |= {"to_nonsellable_qty_type_id"} if (target is not None) != (disposition.to_code == "TRBL") else set()
    assert {one.field for one in problems} == wrong
    assert {one.rule for one in problems} <= {"RSN-05"}


def test_a_sub_bucket_must_exist() -> None:  # RSN-05
    (problem,) = sub_bucket_problems(_reason(Disposition.TO_UNAVAILABLE, None, 9), KNOWN, sub_buckets_on=True)
    assert "sub-bucket 9" in problem.text
    assert problem.remedy == "Use one of 1, 2."


@pytest.mark.parametrize("disposition", [one for one in Disposition if one is not Disposition.BETWEEN_SUB_BUCKETS])
def test_without_sub_buckets_none_is_needed(disposition: Disposition) -> None:  # RSN-04
    assert sub_bucket_problems(_reason(disposition), KNOWN, sub_buckets_on=False) == []


def test_moving_between_sub_buckets_exists_only_with_sub_buckets() -> None:  # RSN-05
    reason = _reason(Disposition.BETWEEN_SUB_BUCKETS, 1, 2)
    assert [one.rule for one in sub_bucket_problems(reason, KNOWN, sub_buckets_on=False)] == ["RSN-05"]


@pytest.mark.parametrize("disposition", list(Disposition))
def test_the_publish_flag_decides_except_between_sub_buckets(disposition: Disposition) -> None:  # PUB-02, PUB-03
    reason = _reason(disposition)
    assert reason.is_published is (disposition is not Disposition.BETWEEN_SUB_BUCKETS)
    assert not replace(reason, publish=False).is_published


@pytest.mark.parametrize(
    ("system", "use_in_ui", "only"),
    [(True, False, True), (True, True, False), (False, True, False), (False, False, False)],
)
def test_a_reason_is_for_the_system_only_when_no_person_may_pick_it(
    system: bool, use_in_ui: bool, only: bool
) -> None:  # RSN-07
    assert replace(_reason(Disposition.DECREASE_SOH), system=system, use_in_ui=use_in_ui).is_system_only is only
