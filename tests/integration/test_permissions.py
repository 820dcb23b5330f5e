"""Who may do what: every function, the stores, the reasons, and what a denied caller learns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.domain.adjustment import HeaderCriteria
from gateway.domain.errors import AccessDenied, NotAuthenticated
from gateway.domain.permission import Function, Identity
from gateway.persistence import users
from tests.factories import (
    BATTERY,
    EVERYTHING,
    FLOUR,
    NOON,
    OTHER_STORE,
    STORE,
    Retailer,
    change,
    denied,
    line,
    problems_of,
)

Call = Callable[[Retailer, Identity, int], object]

CALLS: dict[str, tuple[Call, tuple[str, ...]]] = {
    "saveInventoryAdjustment": (lambda r, who, _: r.adjustments.save(who, change(line())), ("create",)),
    "saveInventoryAdjustment of a stored one": (
        lambda r, who, stored: r.adjustments.save(who, change(line(FLOUR), adjustment_id=stored)),
        ("edit",),
    ),
    "saveAndConfirmInventoryAdjustment": (
        lambda r, who, _: r.adjustments.save_and_confirm(who, change(line())),
        ("create", "complete"),
    ),
    "saveAndConfirmInventoryAdjustment of a stored one": (
        lambda r, who, stored: r.adjustments.save_and_confirm(who, change(line(FLOUR), adjustment_id=stored)),
        ("edit", "complete"),
    ),
    "confirmInventoryAdjustment": (lambda r, who, stored: r.adjustments.confirm(who, stored), ("complete",)),
    "cancelInventoryAdjustment": (lambda r, who, stored: r.adjustments.cancel(who, stored), ("delete",)),
    "readInventoryAdjustmentDetail": (lambda r, who, stored: r.adjustments.read(who, stored), ("access",)),
    "lookupInventoryAdjustmentHeader": (
        lambda r, who, _: r.adjustments.find_headers(who, HeaderCriteria(STORE, 50)),
        ("access",),
    ),
    "lookupInventoryAdjustmentReason": (lambda r, who, _: r.lookups.reasons(who), ("access",)),
    "lookupNonSellableQuantityType": (lambda r, who, _: r.lookups.sub_buckets(who), ("access",)),
}
NEEDED = [(name, function) for name, (_, functions) in CALLS.items() for function in functions]


def _action(name: str) -> str:
    return name.split(" of ")[0]


@pytest.mark.parametrize(("name", "function"), NEEDED)
def test_a_caller_without_the_function_is_denied_by_name(
    retailer: Retailer, name: str, function: str
) -> None:  # SEC-01, SEC-04
    stored = retailer.adjustments.save(retailer.pos, change(line()))
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one != function])
    before = retailer.snapshot()
    assert denied(CALLS[name][0], retailer, clerk, stored) == (f"function {function}",)
    assert retailer.snapshot() == before
    assert retailer.denials() == [("clerk", _action(name), f"function {function}")]


@pytest.mark.parametrize("name", list(CALLS))
def test_the_functions_of_a_call_are_enough(retailer: Retailer, name: str) -> None:  # SEC-01
    stored = retailer.adjustments.save(retailer.pos, change(line()))
    call, functions = CALLS[name]
    clerk = retailer.user("clerk", [Function(one) for one in functions], [STORE], [83])
    call(retailer, clerk, stored)
    assert retailer.denials() == []


@pytest.mark.parametrize("name", list(CALLS))
def test_a_locked_user_is_no_caller(retailer: Retailer, name: str) -> None:  # SEC-01
    stored = retailer.adjustments.save(retailer.pos, change(line()))
    clerk = retailer.user("clerk")
    retailer.write(lambda uow: users.set_active(uow, "clerk", False))
    before = retailer.snapshot()
    with pytest.raises(NotAuthenticated):
        CALLS[name][0](retailer, clerk, stored)
    assert retailer.snapshot() == before


@pytest.mark.parametrize("end", ["password", "unknown"])
def test_a_login_does_not_outlive_its_password_or_its_user(retailer: Retailer, end: str) -> None:  # SEC-01
    clerk = retailer.user("clerk")
    if end == "password":
        retailer.write(lambda uow: users.set_password(uow, "clerk", "hash"))
    else:
        clerk = Identity("nobody", 1)
    with pytest.raises(NotAuthenticated):
        retailer.adjustments.save(clerk, change(line()))


def test_permissions_are_those_of_this_moment(retailer: Retailer) -> None:  # SEC-01
    clerk = retailer.user("clerk", [Function.ACCESS])
    assert denied(retailer.adjustments.save, clerk, change(line())) == ("function create",)
    retailer.user("clerk", [Function.CREATE])
    retailer.adjustments.save(clerk, change(line()))
    retailer.user("clerk", [Function.CREATE], store_ids=[OTHER_STORE])
    assert denied(retailer.adjustments.save, clerk, change(line())) == (f"store {STORE}",)


def test_roles_add_up(retailer: Retailer) -> None:  # SEC-01, SEC-02
    retailer.user("saver", [Function.CREATE], reason_ids=[83])
    retailer.user("confirmer", [Function.COMPLETE], reason_ids=[84])
    retailer.write(lambda uow: users.put_user(uow, "both", roles=["saver", "confirmer"], store_ids=[STORE], now=NOON))
    asked = change(line(BATTERY, 83), line(FLOUR, 84))
    retailer.adjustments.save_and_confirm(Identity("both", 1), asked)
    assert denied(retailer.adjustments.save, Identity("saver", 1), asked) == ("reason 84",)


def test_a_user_without_a_role_may_do_nothing(retailer: Retailer) -> None:  # SEC-01
    retailer.write(lambda uow: users.put_user(uow, "idle", roles=[], store_ids=None, now=NOON))
    assert denied(retailer.adjustments.save, Identity("idle", 1), change(line())) == ("function create",)


def test_everything_missing_is_named_at_once(retailer: Retailer) -> None:  # SEC-04
    clerk = retailer.user("clerk", [Function.ACCESS], [OTHER_STORE])
    assert denied(retailer.adjustments.save_and_confirm, clerk, change(line())) == (
        "function complete",
        f"store {STORE}",
    )
    assert retailer.denials() == [("clerk", "saveAndConfirmInventoryAdjustment", f"function complete, store {STORE}")]


def test_a_store_that_is_not_the_callers_is_denied(retailer: Retailer) -> None:  # SEC-01
    clerk = retailer.user("clerk", store_ids=[OTHER_STORE])
    before = retailer.snapshot()
    for call in (retailer.adjustments.save, retailer.adjustments.save_and_confirm):
        assert denied(call, clerk, change(line())) == (f"store {STORE}",)
    assert retailer.snapshot() == before
    retailer.adjustments.save_and_confirm(clerk, change(line(), store_id=OTHER_STORE))


@pytest.mark.parametrize("name", ["read", "confirm", "cancel", "save", "save_and_confirm"])
def test_an_adjustment_of_another_store_looks_like_one_that_does_not_exist(
    retailer: Retailer, name: str
) -> None:  # SEC-04
    stored = retailer.adjustments.save(retailer.pos, change(line()))
    clerk = retailer.user("clerk", store_ids=[OTHER_STORE])

    def call(adjustment_id: int) -> object:
        method = getattr(retailer.adjustments, name)
        if name.startswith("save"):
            return method(clerk, change(line(), adjustment_id=adjustment_id, store_id=OTHER_STORE))
        return method(clerk, adjustment_id)

    before = retailer.snapshot()
    (hidden,) = problems_of(call, stored)
    (unknown,) = problems_of(call, 999_999)
    assert str(hidden) == str(unknown).replace("999999", str(stored))
    assert (hidden.rule, hidden.field) == (unknown.rule, unknown.field)
    assert retailer.snapshot() == before


def test_a_copy_of_another_stores_adjustment_tells_nothing_about_it(retailer: Retailer) -> None:  # SEC-04, ADJ-09
    stored = retailer.adjustments.save_and_confirm(retailer.pos, change(line()))
    clerk = retailer.user("clerk", store_ids=[OTHER_STORE])

    def call(reference_id: int) -> object:
        return retailer.adjustments.save(clerk, change(line(), store_id=OTHER_STORE, reference_id=reference_id))

    (hidden,) = problems_of(call, stored)
    (unknown,) = problems_of(call, 999_999)
    assert str(hidden) == str(unknown).replace("999999", str(stored))


@pytest.mark.parametrize("name", ["save", "save_and_confirm"])
def test_creating_needs_every_reason(retailer: Retailer, name: str) -> None:  # SEC-02
    clerk = retailer.user("clerk", reason_ids=[83])
    before = retailer.snapshot()
    asked = change(line(BATTERY, 83), line(FLOUR, 84))
    with pytest.raises(AccessDenied) as caught:
        getattr(retailer.adjustments, name)(clerk, asked)
    assert (caught.value.rule, caught.value.permissions) == ("SEC-02", ("reason 84",))
    assert retailer.snapshot() == before
    assert [one[2] for one in retailer.denials()] == ["reason 84"]


@pytest.mark.parametrize("name", ["confirm", "cancel"])
def test_confirming_and_deleting_need_every_reason(retailer: Retailer, name: str) -> None:  # SEC-02
    stored = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83), line(FLOUR, 84)))
    clerk = retailer.user("clerk", reason_ids=[83])
    before = retailer.snapshot()
    assert denied(getattr(retailer.adjustments, name), clerk, stored) == ("reason 84",)
    assert retailer.snapshot() == before
    retailer.user("clerk", reason_ids=[83, 84])
    getattr(retailer.adjustments, name)(clerk, stored)


def test_editing_needs_the_reasons_of_the_lines_it_touches(retailer: Retailer) -> None:  # SEC-02
    stored = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83), line(FLOUR, 84)))
    battery, flour = retailer.adjustments.read(retailer.pos, stored).lines
    clerk = retailer.user("clerk", reason_ids=[83])
    refused = (
        change(line(FLOUR, 84, 5, line_id=flour.line_id), adjustment_id=stored),
        change(adjustment_id=stored, removed_line_ids=[flour.line_id]),
        change(line("100000155", 93, 1, added=["N"]), adjustment_id=stored),
    )
    before = retailer.snapshot()
    for asked, reason_id in zip(refused, (84, 84, 93), strict=True):
        assert denied(retailer.adjustments.save, clerk, asked) == (f"reason {reason_id}",)
    assert retailer.snapshot() == before
    retailer.adjustments.save(clerk, change(line(BATTERY, 83, 5, line_id=battery.line_id), adjustment_id=stored))
    asked = change(line(BATTERY, 83, 6, line_id=battery.line_id), adjustment_id=stored)
    assert denied(retailer.adjustments.save_and_confirm, clerk, asked) == ("reason 84",)


def test_reading_needs_no_reason(retailer: Retailer) -> None:  # SEC-02
    stored = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83)))
    clerk = retailer.user("clerk", reason_ids=[])
    assert len(retailer.adjustments.read(clerk, stored).lines) == 1


def test_an_unknown_reason_tells_no_more_than_a_forbidden_one(retailer: Retailer) -> None:  # SEC-04
    clerk = retailer.user("clerk", reason_ids=[83])
    for reason_id in (84, 9999):
        assert denied(retailer.adjustments.save, clerk, change(line(BATTERY, reason_id))) == (f"reason {reason_id}",)


def test_changing_a_quantity_needs_a_permission_only_when_the_parameter_says_so(retailer: Retailer) -> None:  # SEC-01
    stored = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83, 2)))
    (kept,) = retailer.adjustments.read(retailer.pos, stored).lines
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one is not Function.EDIT_QUANTITY])

    def asked(quantity: int) -> object:
        return change(line(BATTERY, 83, quantity, line_id=kept.line_id, case_size=quantity), adjustment_id=stored)

    retailer.adjustments.save(clerk, asked(3))  # type: ignore[arg-type]
    retailer.set_parameter("services_need_edit_quantity", "on")
    assert denied(retailer.adjustments.save, clerk, asked(4)) == ("function edit_quantity",)
    retailer.adjustments.save(clerk, asked(3))  # type: ignore[arg-type]
    retailer.adjustments.save(clerk, change(line(FLOUR), adjustment_id=stored))
    retailer.adjustments.save(retailer.pos, asked(4))  # type: ignore[arg-type]


def test_every_denial_is_written_down_with_its_time(retailer: Retailer) -> None:  # SEC-04
    clerk = retailer.user("clerk", [])
    for _ in range(3):
        denied(retailer.adjustments.save, clerk, change(line()))
    rows = retailer.rows("access_denial")
    assert [row["action"] for row in rows] == ["saveInventoryAdjustment"] * 3
    assert all(row["denied_at"] > NOON for row in rows)  # type: ignore[operator]
