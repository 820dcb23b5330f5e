"""Quantities: decimals with at most 20 digits, 4 of them after the point (STK-05)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

ZERO = Decimal("0.0000")
PLACES = Decimal("0.0001")
MAX_QUANTITY = Decimal("9999999999999999.9999")
"""Largest amount that a position or a line can hold: 20 digits, 4 after the point (STK-05)."""

MAX_CASE_SIZE = Decimal("99999999.99")
CASE_PLACES = Decimal("0.01")
"""What a case size can hold: 10 digits, 2 after the point (ADJ-15)."""

MAX_PUBLISHED_QUANTITY = Decimal("99999999.9999")
"""Largest amount that ``InvAdjustDtl/unit_qty`` carries: number12_4 (PUB-04)."""

EXACT = Context(prec=60)
"""Sums of many movements stay exact: 60 digits are far beyond anything that 20-digit amounts add up to."""

WHOLE_UNITS = frozenset({"EA"})
"""Units of measure that cannot be split (ADJ-15)."""


def quantity(text: str) -> Decimal:
    """Read an amount in standard units from *text*, exactly.

    Raises:
        ValueError: not a plain decimal number, or more than 20 digits, or more than 4 after the point.
    Source: STK-05.
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a decimal number (STK-05)") from None
    if not number.is_finite() or not -MAX_QUANTITY <= number <= MAX_QUANTITY:
        raise ValueError(f"{text!r} does not fit 20 digits, 4 after the point (STK-05)")
    exact = number.quantize(PLACES, context=EXACT)
    if exact != number:
        raise ValueError(f"{text!r} has more than 4 digits after the point (STK-05)")
    return exact


def is_storable(number: Decimal) -> bool:
    """Say whether *number* fits 20 digits, 4 after the point (STK-05)."""
    if not number.is_finite() or not -MAX_QUANTITY <= number <= MAX_QUANTITY:
        return False
    exponent = number.as_tuple().exponent
    return not isinstance(exponent, int) or exponent >= -4 or number == number.quantize(PLACES, context=EXACT)


def is_case_size(number: Decimal) -> bool:
    """Say whether *number* is above zero and fits 10 digits, 2 after the point, as case sizes do (ADJ-15)."""
    return is_storable(number) and 0 < number <= MAX_CASE_SIZE and number == number.quantize(CASE_PLACES, context=EXACT)


def is_whole(number: Decimal) -> bool:
    """Say whether *number* has no fraction (ADJ-15)."""
    return number == number.to_integral_value()


def scaled(number: Decimal, multiplier: Decimal) -> Decimal:
    """Return *number* times *multiplier*, rounded half up to the 4 places of a quantity (ADJ-10)."""
    return EXACT.multiply(number, multiplier).quantize(PLACES, rounding=ROUND_HALF_UP, context=EXACT)


def plain(number: Decimal) -> str:
    """Write *number* without exponent and without idle zeros, as xs:decimal wants it: 2.5000 is ``2.5``.

    Databases differ in the zeros they give back; what leaves the gateway does not.
    """
    return format(number.normalize(EXACT), "f")
