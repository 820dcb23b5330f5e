"""How every client stack has to see what the gateway refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interop.stack import PAYLOADS, Refusal, Stack

STORE = 1311
VALIDATION = "ValidationWSFaultException"
ILLEGAL_ARGUMENT = "IllegalArgumentWSFaultException"


def refused(stack: Stack, operation: str, payload: Any, user: str = "pos", **more: Any) -> Refusal:
    """Call an operation that must be refused and return the refusal."""
    with pytest.raises(Refusal) as caught:
        stack.call(operation, payload, user, **more)
    return caught.value


def every_broken_rule_arrives_with_its_data(stack: Stack) -> None:
    """Four broken rules in one request, all of them told, each with rule, line, item, field and value."""
    payload = {
        "store_id": STORE,
        "StrAdjItmMod": [
            line("100000147", 89, 500),
            line("100000155", 83, 2, added_uin_col=["TV-1312-0001"]),
            line("100000202", 83, "1.5"),
            line("100000241", 77_777, 1),
        ],
    }
    refusal = refused(stack, "saveAndConfirmInventoryAdjustment", payload)
    assert (refusal.status, refusal.code) == (500, "Client")
    assert refusal.text.startswith("VALIDATION_ERROR")
    assert list(refusal.detail) == [VALIDATION]
    detail = refusal.detail[VALIDATION]
    assert detail["shortErrorMessage"] == refusal.text
    problems = detail["BusinessProblemDetail"]
    entries = [entries_of(problem) for problem in problems]
    shown = [tuple(one.get(name) for name in ("rule", "line", "item_id", "field", "value")) for one in entries]
    assert shown == [
        ("ADJ-05", "1", "100000147", "quantity", "500"),
        ("UIN-02", "2", "100000155", "quantity", "2"),
        ("UIN-05", "2", "100000155", "added_uin_col", "TV-1312-0001"),
        ("ADJ-15", "3", "100000202", "quantity", "1.5"),
        ("ADJ-16", "4", "100000241", "reason_id", "77777"),
    ]
    for problem, one in zip(problems, entries, strict=True):
        (text,) = problem["problemDescription"]
        assert text in detail["errorDescription"]
        assert one["remedy"] in detail["errorDescription"]
        assert one["value"] in text


def unreadable_requests_are_the_callers_fault(stack: Stack) -> None:
    """A payload that is missing, and a status that nothing has."""
    for operation in PAYLOADS.keys() - {"ping"}:
        refusal = refused(stack, operation, None)
        assert (refusal.status, refusal.code) == (500, "Client")
        assert not refusal.text.startswith("VALIDATION_ERROR")
        (problem,) = refusal.detail[ILLEGAL_ARGUMENT]["BusinessProblemDetail"]
        assert PAYLOADS[operation] in refusal.text
        assert entries_of(problem)["path"] == operation
    criteria = {"store_id": STORE, "status": "UNKNOWN", "search_limit": 1}
    refusal = refused(stack, "lookupInventoryAdjustmentHeader", criteria)
    assert "NO_VALUE" in refusal.detail[ILLEGAL_ARGUMENT]["shortErrorMessage"]


def who_may_not_is_told_what_is_missing(stack: Stack) -> None:
    """Functions, stores and reasons (SEC-01, SEC-02, SEC-04)."""
    own = {"store_id": STORE, "StrAdjItmMod": [line("100000202", 83, 1)]}
    saved = stack.call("saveInventoryAdjustment", own, "clerk")
    for operation, payload, user, rule, permission in (
        ("confirmInventoryAdjustment", saved, "clerk", "SEC-01", "function complete"),
        ("cancelInventoryAdjustment", saved, "clerk", "SEC-01", "function delete"),
        ("saveAndConfirmInventoryAdjustment", own, "clerk", "SEC-01", "function complete"),
        (
            "saveInventoryAdjustment",
            {"store_id": STORE, "StrAdjItmMod": [line("100000202", 2, 1)]},
            "clerk",
            "SEC-02",
            "reason 2",
        ),
        ("saveInventoryAdjustment", own, "pos1312", "SEC-01", "store 1311"),
        (
            "lookupInventoryAdjustmentHeader",
            {"store_id": STORE, "status": "NO_VALUE", "search_limit": 1},
            "pos1312",
            "SEC-01",
            "store 1311",
        ),
        (
            "lookupInventoryAdjustmentTemplateHeader",
            {"store_id": STORE, "status": "NO_VALUE"},
            "pos1312",
            "SEC-01",
            "store 1311",
        ),
    ):
        refusal = refused(stack, operation, payload, user)
        assert refusal.text.startswith("VALIDATION_ERROR")
        (problem,) = refusal.detail[VALIDATION]["BusinessProblemDetail"]
        assert problem["problemDescription"] == [f"user {user} lacks the permission {permission}"]
        assert entries_of(problem) == {"rule": rule, "field": "permission", "value": permission}


def another_stores_adjustment_is_unknown(stack: Stack) -> None:
    """Word for word what an id gets that nobody has, whatever one wants to do with it (SEC-04, ADJ-16)."""
    saved = stack.call("saveInventoryAdjustment", {"store_id": STORE, "StrAdjItmMod": [line("100000202", 83, 1)]})
    hidden, missing = saved["adjustment_id"], 999_999_999_999
    change = {"store_id": 1312, "StrAdjItmMod": [line("100000203", 83, 1)]}
    for operation, payload in (
        ("readInventoryAdjustmentDetail", {}),
        ("confirmInventoryAdjustment", {}),
        ("cancelInventoryAdjustment", {}),
        ("saveInventoryAdjustment", change),
        ("saveAndConfirmInventoryAdjustment", change),
    ):
        told = []
        for number in (hidden, missing):
            refusal = refused(stack, operation, {"adjustment_id": number, **payload}, "pos1312")
            (problem,) = refusal.detail[VALIDATION]["BusinessProblemDetail"]
            assert entries_of(problem)["rule"] == "ADJ-16"
            assert str(number) in refusal.text
            told.append(refusal.text.replace(str(number), "?"))
        assert told[0] == told[1]
    assert stack.call("readInventoryAdjustmentDetail", {"adjustment_id": hidden})["status"] == "IN_PROGRESS"


def wrong_passwords_are_refused(stack: Stack) -> None:
    """Wrong password and unknown user sound alike; by HTTP Basic the status says it too. A ping needs no password."""
    for is_basic, status in ((False, 500), (True, 401)):
        told = set()
        for user, password in (("pos", "Demo"), ("nobody", "demo")):
            refusal = refused(stack, "lookupInventoryAdjustmentReason", {}, user, password=password, is_basic=is_basic)
            assert (refusal.status, refusal.code, refusal.detail) == (status, "FailedAuthentication", {})
            told.add(refusal.text)
        assert len(told) == 1
    assert stack.call("ping", "?", "nobody", "demo") == "?"


def line(item_id: str, reason_id: int, quantity: Any, **more: Any) -> dict[str, Any]:
    """Return a line of a request."""
    return {"item_id": item_id, "reason_id": reason_id, "quantity": quantity, "case_size": 1, **more}


def entries_of(problem: dict[str, Any]) -> dict[str, str]:
    """Return the named values of a problem."""
    return {entry["name"]: entry["value"] for entry in problem["ProblemDetailEntry"]}
