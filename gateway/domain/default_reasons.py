"""The reason codes and the sub-bucket that a fresh database holds (RSN-02)."""

from __future__ import annotations

from gateway.domain.disposition import Disposition
from gateway.domain.reason import Reason, SubBucket

TROUBLE = SubBucket(1, "Trouble")

_MINUS, _PLUS = Disposition.DECREASE_SOH, Disposition.INCREASE_SOH
_HOLD, _RELEASE = Disposition.TO_UNAVAILABLE, Disposition.FROM_UNAVAILABLE
_TROUBLE = TROUBLE.type_id
_UI, _SYSTEM, _BOTH = (True, False), (False, True), (True, True)

_ROWS: tuple[tuple[int, str, Disposition, int | None, int | None, tuple[bool, bool]], ...] = (
    # code, description, disposition, from sub-bucket, to sub-bucket, (use in UI, system)
    (1, "Wastage", _MINUS, None, None, _SYSTEM),
    (2, "Shrinkage", _MINUS, None, None, _UI),
    (3, "Repair - In", _RELEASE, _TROUBLE, None, _UI),
    (75, "Stock Count Unavailable to Missing", _RELEASE, _TROUBLE, None, _SYSTEM),
    (76, "Unit Late Sales Increase SOH", _PLUS, None, None, _SYSTEM),
    (77, "Unit Late Sales Decrease Sales", _MINUS, None, None, _SYSTEM),
    (78, "Unit and Amount Late Sales Increase SOH", _PLUS, None, None, _SYSTEM),
    (79, "Unit and Amount Late Sales Decrease SOH", _MINUS, None, None, _SYSTEM),
    (81, "Damaged - out", _MINUS, None, None, _UI),
    (82, "Damaged - Hold", _HOLD, None, _TROUBLE, _BOTH),
    (83, "Theft", _MINUS, None, None, _UI),
    (84, "Store Use", _MINUS, None, None, _UI),
    (85, "Repair - Out", _HOLD, None, _TROUBLE, _UI),
    (86, "Charity", _MINUS, None, None, _UI),
    (87, "Stock Count In", _PLUS, None, None, _SYSTEM),
    (88, "Stock Count Out", _MINUS, None, None, _SYSTEM),
    (89, "Dispose from on Hold", Disposition.DISPOSE_UNAVAILABLE, _TROUBLE, None, _UI),
    (90, "Dispose from SOH", _MINUS, None, None, _UI),
    (91, "Stock - Hold", _HOLD, None, _TROUBLE, _UI),
    (92, "Admin", _MINUS, None, None, _UI),
    (93, "Store Customer Return", _PLUS, None, None, _UI),
    (94, "Product Transformation In", _PLUS, None, None, _UI),
    (95, "Consignment", _MINUS, None, None, _UI),
    (96, "Ready to Sell", _RELEASE, _TROUBLE, None, _BOTH),
    (98, "Product Transformation Out", _MINUS, None, None, _UI),
    (180, "Customer Order Reservations - In", Disposition.RESERVE, None, None, _SYSTEM),
    (181, "Customer Order Reservations - Out", Disposition.UNRESERVE, None, None, _SYSTEM),
    (182, "Stock In", _PLUS, None, None, _BOTH),
    (183, "Stock Out", _MINUS, None, None, _UI),
    (184, "Unit Late Sales Inventory Adjustment Increase SOH", _PLUS, None, None, _SYSTEM),
    (185, "Unit Late Sales Inventory Adjustment Decrease SOH", _MINUS, None, None, _SYSTEM),
    (186, "Unit and Amount Late Sales Inventory Adjustment Increase SOH", _PLUS, None, None, _SYSTEM),
    (187, "Unit and Amount Late Sales Inventory Adjustment Decrease SOH", _MINUS, None, None, _SYSTEM),
    # Kept as SIM's guide prints it although a release from unavailable has no "to" side; nobody can use it
    # before somebody repairs it (RSN-05).
    (188, "Receipt Hold", _RELEASE, None, _TROUBLE, _SYSTEM),
)


def default_reasons() -> list[Reason]:
    """Return the 34 default reasons; id and code are the same number (RSN-02, RSN-03)."""
    return [
        Reason(code, code, description, disposition, source, target, use_in_ui, system)
        for code, description, disposition, source, target, (use_in_ui, system) in _ROWS
    ]
