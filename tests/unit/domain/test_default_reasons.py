"""The default reasons, against a copy of the specification's table."""

from __future__ import annotations

import pytest

from gateway.domain.default_reasons import TROUBLE, default_reasons
from gateway.domain.reason import sub_bucket_problems

SPECIFIED = """
1|Wastage|ATS-DIST||no|yes
2|Shrinkage|ATS-DIST||yes|no
3|Repair - In|TRBL-ATS|from|yes|no
75|Stock Count Unavailable to Missing|TRBL-ATS|from|no|yes
76|Unit Late Sales Increase SOH|DIST-ATS||no|yes
77|Unit Late Sales Decrease Sales|ATS-DIST||no|yes
78|Unit and Amount Late Sales Increase SOH|DIST-ATS||no|yes
79|Unit and Amount Late Sales Decrease SOH|ATS-DIST||no|yes
81|Damaged - out|ATS-DIST||yes|no
82|Damaged - Hold|ATS-TRBL|to|yes|yes
83|Theft|ATS-DIST||yes|no
84|Store Use|ATS-DIST||yes|no
85|Repair - Out|ATS-TRBL|to|yes|no
86|Charity|ATS-DIST||yes|no
87|Stock Count In|DIST-ATS||no|yes
88|Stock Count Out|ATS-DIST||no|yes
89|Dispose from on Hold|TRBL-DIST|from|yes|no
90|Dispose from SOH|ATS-DIST||yes|no
91|Stock - Hold|ATS-TRBL|to|yes|no
92|Admin|ATS-DIST||yes|no
93|Store Customer Return|DIST-ATS||yes|no
94|Product Transformation In|DIST-ATS||yes|no
95|Consignment|ATS-DIST||yes|no
96|Ready to Sell|TRBL-ATS|from|yes|yes
98|Product Transformation Out|ATS-DIST||yes|no
180|Customer Order Reservations - In|ATS-COR||no|yes
181|Customer Order Reservations - Out|COR-ATS||no|yes
182|Stock In|DIST-ATS||yes|yes
183|Stock Out|ATS-DIST||yes|no
184|Unit Late Sales Inventory Adjustment Increase SOH|DIST-ATS||no|yes
185|Unit Late Sales Inventory Adjustment Decrease SOH|ATS-DIST||no|yes
186|Unit and Amount Late Sales Inventory Adjustment Increase SOH|DIST-ATS||no|yes
187|Unit and Amount Late Sales Inventory Adjustment Decrease SOH|ATS-DIST||no|yes
188|Receipt Hold|TRBL-ATS|to|no|yes
"""
ROWS = [line.split("|") for line in SPECIFIED.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_default_reason_is_as_specified(row: list[str]) -> None:  # RSN-02
    code, description, pair, side, use_in_ui, system = row
    reason = {one.reason_code: one for one in default_reasons()}[int(code)]
    assert reason.description == description
    assert f"{reason.disposition.from_code}-{reason.disposition.to_code}" == pair
    assert reason.from_sub_bucket == (TROUBLE.type_id if side == "from" else None)
    assert reason.to_sub_bucket == (TROUBLE.type_id if side == "to" else None)
    assert (reason.use_in_ui, reason.system) == (use_in_ui == "yes", system == "yes")
    assert reason.publish
    assert reason.active


def test_there_are_34_default_reasons_and_no_others() -> None:  # RSN-02
    assert [one.reason_code for one in default_reasons()] == [int(row[0]) for row in ROWS]
    assert len(ROWS) == 34
    assert sum(row[4] == "yes" for row in ROWS) == 19
    assert sum(row[5] == "yes" for row in ROWS) == 18


def test_ids_of_default_reasons_are_their_codes() -> None:  # RSN-03
    assert all(one.reason_id == one.reason_code for one in default_reasons())


def test_the_default_sub_bucket_is_trouble() -> None:  # RSN-02
    assert TROUBLE.description == "Trouble"


@pytest.mark.parametrize("reason", default_reasons(), ids=lambda reason: str(reason.reason_code))
def test_every_default_reason_but_188_has_the_sub_buckets_it_needs(reason) -> None:  # type: ignore[no-untyped-def] # RSN-05
    problems = sub_bucket_problems(reason, frozenset({TROUBLE.type_id}), sub_buckets_on=True)
    assert bool(problems) is (reason.reason_code == 188)
