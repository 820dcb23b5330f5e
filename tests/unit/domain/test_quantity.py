"""Quantities are exact decimals of 20 digits, 4 after the point."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.quantity import MAX_QUANTITY, is_storable, is_whole, plain, quantity, scaled

STORABLE = st.integers(-(10**20) + 1, 10**20 - 1).map(lambda units: Decimal(units).scaleb(-4))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", "2"),
        (" 2.50 ", "2.5"),
        ("-0.0001", "-0.0001"),
        ("9999999999999999.9999", "9999999999999999.9999"),
        ("1E+3", "1000"),
        ("2.50000", "2.5"),
    ],
)
def test_a_plain_number_is_read_exactly(text: str, expected: str) -> None:  # STK-05
    assert quantity(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two",
        "1,5",
        "NaN",
        "Infinity",
        "-Infinity",
        "0.00001",
        "10000000000000000",
        "9999999999999999.99991",
        "1E+30",
    ],
)
def test_what_does_not_fit_twenty_digits_is_refused(text: str) -> None:  # STK-05
    with pytest.raises(ValueError, match="STK-05"):
        quantity(text)


@given(STORABLE)
def test_every_storable_amount_survives_writing_and_reading(number: Decimal) -> None:  # STK-05
    assert is_storable(number)
    assert quantity(plain(number)) == number


@given(STORABLE)
def test_amounts_are_written_without_exponent_and_idle_zeros(number: Decimal) -> None:  # STK-05
    text = plain(number)
    assert "E" not in text.upper()
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize(
    ("number", "text"), [("2.5000", "2.5"), ("100", "100"), ("1E+2", "100"), ("0.0000", "0"), ("0.00010", "0.0001")]
)
def test_idle_zeros_are_not_written(number: str, text: str) -> None:  # PUB-04
    assert plain(Decimal(number)) == text


def test_a_number_of_more_than_28_digits_is_written_whole() -> None:  # STK-05
    assert plain(Decimal("123456789012345678901234567890.1234")) == "123456789012345678901234567890.1234"


@pytest.mark.parametrize(
    "text", ["1E+70", "0.00001", "NaN", "Infinity", "1" + "0" * 70 + ".00001", "10000000000000000"]
)
def test_what_cannot_be_stored_is_not_storable(text: str) -> None:  # STK-05
    assert not is_storable(Decimal(text))


@pytest.mark.parametrize("text", ["0", "2.50000000", "9999999999999999.9999", "-9999999999999999.9999"])
def test_limits_are_storable(text: str) -> None:  # STK-05
    assert is_storable(Decimal(text))


@pytest.mark.parametrize(("text", "whole"), [("2", True), ("2.0000", True), ("2.5", False), ("0.0001", False)])
def test_a_whole_number_has_no_fraction(text: str, whole: bool) -> None:  # ADJ-15
    assert is_whole(Decimal(text)) is whole


@pytest.mark.parametrize(
    ("number", "multiplier", "expected"),
    [
        ("2", "1.5", "3"),
        ("0.3333", "3", "0.9999"),
        ("0.0001", "0.5", "0.0001"),
        ("0.0001", "0.4999", "0"),
        ("1", "0.33335", "0.3334"),
        (str(MAX_QUANTITY), "1", str(MAX_QUANTITY)),
    ],
)
def test_a_product_is_rounded_half_up_to_four_places(number: str, multiplier: str, expected: str) -> None:  # ADJ-10
    assert scaled(Decimal(number), Decimal(multiplier)) == Decimal(expected)
