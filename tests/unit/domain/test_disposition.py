"""The eight dispositions, against a copy of the specification's table."""

from __future__ import annotations

import pytest

from gateway.domain.disposition import Account, Disposition, disposition_of

TABLE = [
    ("ATS", "DIST", "- Stock On Hand", Account.AVAILABLE, Account.OUTSIDE),
    ("DIST", "ATS", "+ Stock On Hand", Account.OUTSIDE, Account.AVAILABLE),
    ("ATS", "TRBL", "+ Unavailable", Account.AVAILABLE, Account.UNAVAILABLE),
    ("TRBL", "ATS", "- Unavailable", Account.UNAVAILABLE, Account.AVAILABLE),
    ("ATS", "COR", "+ Customer Order Reserve", Account.AVAILABLE, Account.RESERVED),
    ("COR", "ATS", "- Customer Order Reserve", Account.RESERVED, Account.AVAILABLE),
    ("TRBL", "DIST", "- Stock On Hand and - Unavailable", Account.UNAVAILABLE, Account.OUTSIDE),
    ("TRBL", "TRBL", "-Unavailable and + Unavailable", Account.UNAVAILABLE, Account.UNAVAILABLE),
]


@pytest.mark.parametrize(("source", "target", "display", "taken_from", "put_into"), TABLE)
def test_a_disposition_moves_between_two_accounts(
    source: str, target: str, display: str, taken_from: Account, put_into: Account
) -> None:  # RSN-01
    disposition = disposition_of(source, target)
    assert (disposition.from_code, disposition.to_code, disposition.display) == (source, target, display)
    assert (disposition.from_account, disposition.to_account) == (taken_from, put_into)


@pytest.mark.parametrize(("source", "target", "display", "taken_from", "put_into"), TABLE)
def test_only_unavailable_stock_has_sub_buckets(
    source: str, target: str, display: str, taken_from: Account, put_into: Account
) -> None:  # RSN-05
    disposition = disposition_of(source, target)
    assert disposition.takes_from_sub_bucket is (source == "TRBL")
    assert disposition.puts_into_sub_bucket is (target == "TRBL")
    assert disposition.touches_unavailable is ("TRBL" in (source, target))


def test_there_are_eight_dispositions() -> None:  # RSN-01
    assert {(one.from_code, one.to_code) for one in Disposition} == {row[:2] for row in TABLE}


@pytest.mark.parametrize(
    ("source", "target"),
    [("ATS", "ATS"), ("DIST", "TRBL"), ("DIST", "COR"), ("COR", "DIST"), ("COR", "TRBL"), ("ats", "dist"), ("", "ATS")],
)
def test_another_pair_is_no_disposition(source: str, target: str) -> None:  # RSN-01
    with pytest.raises(ValueError, match="none of the eight"):
        disposition_of(source, target)
