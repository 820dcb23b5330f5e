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
    """Five broken rules in one request, all of them told, each with rule, line, item, field and value."""
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
    assert refusal.text.startswith("VALIDATION_ERROR: ADJ-05")
    description, problems = told(refusal, VALIDATION)
    names = ("rule", "line", "item_id", "field", "value")
    expected = [
        ("ADJ-05", "1", "100000147", "quantity", "500"),
        ("UIN-02", "2", "100000155", "quantity", "2"),
        ("UIN-05", "2", "100000155", "added_uin_col", "TV-1312-0001"),
        ("ADJ-15", "3", "100000202", "quantity", "1.5"),
        ("ADJ-16", "4", "100000241", "reason_id", "77777"),
    ]
    assert [tuple(entries.get(name) for name in names) for _, entries in problems] == expected
    sentences = []
    for text, entries in problems:
        assert entries.keys() == {*names, "remedy"}
        assert entries["value"] in text
        place = f"line {entries['line']}, item {entries['item_id']}"
        sentences.append(f"{entries['rule']}: {place}: {text} {entries['remedy']}")
    assert description == "; ".join(sentences)


def unreadable_requests_are_the_callers_fault(stack: Stack) -> None:
    """A payload that is missing, and a status that nothing has."""
    for operation in PAYLOADS.keys() - {"ping"}:
        refusal = refused(stack, operation, None)
        description, problems = told(refusal, ILLEGAL_ARGUMENT)
        ((text, entries),) = problems
        assert PAYLOADS[operation] in text
        assert description == f"{text} ({operation})"
        assert entries == {"path": operation}
    criteria = {"store_id": STORE, "status": "UNKNOWN", "search_limit": 1}
    refusal = refused(stack, "lookupInventoryAdjustmentHeader", criteria)
    description, problems = told(refusal, ILLEGAL_ARGUMENT)
    ((text, entries),) = problems
    assert "NO_VALUE" in text
    assert description == f"{text} (status)"
    assert entries == {"path": "status"}


def who_may_not_is_told_what_is_missing(stack: Stack) -> None:
    """Functions, stores and reasons (SEC-01, SEC-02, SEC-04)."""
    own = {"store_id": STORE, "StrAdjItmMod": [line("100000202", 83, 1)]}
    shrinkage = {"store_id": STORE, "StrAdjItmMod": [line("100000202", 2, 1)]}
    search = {"store_id": STORE, "status": "NO_VALUE"}
    saved = stack.call("saveInventoryAdjustment", own, "clerk")
    for operation, payload, user, rule, permission in (
        ("confirmInventoryAdjustment", saved, "clerk", "SEC-01", "function complete"),
        ("cancelInventoryAdjustment", saved, "clerk", "SEC-01", "function delete"),
        ("saveAndConfirmInventoryAdjustment", own, "clerk", "SEC-01", "function complete"),
        ("saveInventoryAdjustment", shrinkage, "clerk", "SEC-02", "reason 2"),
        ("saveInventoryAdjustment", own, "pos1312", "SEC-01", "store 1311"),
        ("lookupInventoryAdjustmentHeader", {**search, "search_limit": 1}, "pos1312", "SEC-01", "store 1311"),
        ("lookupInventoryAdjustmentTemplateHeader", search, "pos1312", "SEC-01", "store 1311"),
    ):
        refusal = refused(stack, operation, payload, user)
        assert refusal.text == f"VALIDATION_ERROR: {rule}: user {user} lacks the permission: {permission}"
        text = f"user {user} lacks the permission {permission}"
        entries = {"rule": rule, "field": "permission", "value": permission}
        assert told(refusal, VALIDATION) == (None, [(text, entries)])
    after = stack.call("readInventoryAdjustmentDetail", saved, "clerk")
    assert (after["adjustment_id"], after["status"]) == (saved["adjustment_id"], "IN_PROGRESS")


def another_stores_adjustment_is_unknown(stack: Stack) -> None:
    """Word for word what an id gets that nobody has, whatever one wants to do with it (SEC-04, ADJ-16)."""
    saved = stack.call("saveInventoryAdjustment", {"store_id": STORE, "StrAdjItmMod": [line("100000202", 83, 1)]})
    before = stack.call("readInventoryAdjustmentDetail", saved)
    change = {"store_id": 1312, "StrAdjItmMod": [line("100000203", 83, 1)]}
    for operation, payload in (
        ("readInventoryAdjustmentDetail", {}),
        ("confirmInventoryAdjustment", {}),
        ("cancelInventoryAdjustment", {}),
        ("saveInventoryAdjustment", change),
        ("saveAndConfirmInventoryAdjustment", change),
    ):
        for number in (before["adjustment_id"], 999_999_999_999):
            refusal = refused(stack, operation, {"adjustment_id": number, **payload}, "pos1312")
            text = f"adjustment {number} is not known at your stores."
            description, ((problem, entries),) = told(refusal, VALIDATION)
            assert problem == text
            assert description == f"ADJ-16: {text} {entries.pop('remedy')}"
            assert refusal.text == f"VALIDATION_ERROR: {description}"
            assert entries == {"rule": "ADJ-16", "field": "adjustment_id", "value": str(number)}
    assert stack.call("readInventoryAdjustmentDetail", saved) == before


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


def told(refusal: Refusal, fault: str) -> tuple[str | None, list[tuple[str, dict[str, str]]]]:
    """Require the declared *fault*; return its description, and of each problem the text and the named values."""
    assert (refusal.status, refusal.code, list(refusal.detail)) == (500, "Client", [fault])
    detail = dict(refusal.detail[fault])
    assert refusal.text.startswith("VALIDATION_ERROR") is (fault == VALIDATION)
    if fault == VALIDATION:
        assert detail["shortErrorMessage"] == refusal.text
    else:
        assert refusal.text.startswith(detail["shortErrorMessage"])
    problems = []
    for problem in detail["BusinessProblemDetail"]:
        (text,) = problem["problemDescription"]
        problems.append((text, {entry["name"]: entry["value"] for entry in problem["ProblemDetailEntry"]}))
    return detail.get("errorDescription"), problems
