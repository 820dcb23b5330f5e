"""The table of faults: complete, and each detail valid."""

from __future__ import annotations

import pytest

from gateway.domain import errors
from gateway.domain.errors import AccessDenied, BusyTryAgain, InvalidMessage, Problem, RulesBroken
from gateway.soap import faults
from tests.unit.soap.soap_calls import Client, save

ITEM_TWICE = Problem(
    "ADJ-02", "item 5 stands on two lines.", "Use one line.", field="item_id", value="5", line=2, line_id=9, item_id="5"
)


def test_rules_broken_lists_every_problem_with_what_repairs_it(client: Client) -> None:
    client.stub.error = RulesBroken([ITEM_TWICE, Problem("ADJ-15", "quantity is zero.")])
    reply = client.call(save())
    fault = reply.fault
    assert (reply.status, fault.code, fault.kind) == (500, "Client", "ValidationWSFaultException")
    assert fault.text.startswith("VALIDATION_ERROR: ADJ-02: line 2, item 5: item 5 stands on two lines.")
    assert fault.text.endswith("(and 1 more)")
    assert fault.problems == [
        {
            "": "item 5 stands on two lines.",
            "rule": "ADJ-02",
            "line": "2",
            "line_id": "9",
            "item_id": "5",
            "field": "item_id",
            "value": "5",
            "remedy": "Use one line.",
        },
        {"": "quantity is zero.", "rule": "ADJ-15"},
    ]
    assert b"shortErrorMessage>VALIDATION_ERROR" in reply.body


def test_a_thousand_problems_are_all_listed_and_the_summary_stays_short(client: Client) -> None:
    client.stub.error = RulesBroken([Problem("ADJ-16", f"item {n} is unknown.", line=n) for n in range(1, 1001)])
    fault = client.call(save()).fault
    assert len(fault.problems) == 1000
    assert len(fault.text) < 200


def test_access_denied_names_every_missing_permission(client: Client) -> None:
    client.stub.error = AccessDenied("pos", ["function complete", "store 1312"])
    fault = client.call(save()).fault
    assert (fault.code, fault.kind) == ("Client", "ValidationWSFaultException")
    assert fault.text.startswith("VALIDATION_ERROR: SEC-01")
    assert [problem["value"] for problem in fault.problems] == ["function complete", "store 1312"]


def test_busy_is_on_our_side_and_may_be_repeated(client: Client) -> None:
    for error in (BusyTryAgain(), BusyTryAgain("the store is busy, send it again")):
        client.stub.error = error
        fault = client.call(save()).fault
        assert (fault.code, fault.kind) == ("Server", "IllegalStateWSFaultException")
        assert "again" in fault.text


def test_an_invalid_message_of_a_use_case_is_the_callers(client: Client) -> None:
    client.stub.error = InvalidMessage("bad", 3, "a/b")
    fault = client.call(save()).fault
    assert (fault.code, fault.kind) == ("Client", "IllegalArgumentWSFaultException")
    assert fault.problems == [{"": "bad", "path": "a/b", "line": "3"}]


def test_texts_that_xml_cannot_hold_still_make_a_fault(client: Client) -> None:
    client.stub.error = RulesBroken([Problem("ADJ-16", "item \x00<&> is unknown", value="\ud800")])
    assert client.call(save()).fault.problems[0][""] == "item \ufffd<&> is unknown"


EXAMPLES: dict[str, Exception] = {
    "InvalidMessage": InvalidMessage("x"),
    "NotAuthenticated": errors.NotAuthenticated(),
    "AccessDenied": AccessDenied("x", ["y"]),
    "RulesBroken": RulesBroken([ITEM_TWICE]),
    "BusyTryAgain": BusyTryAgain(),
}
NOT_OF_A_CALL = {"GatewayError", "WrongSetting"}


def test_every_error_of_the_domain_has_its_row() -> None:
    known = {
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.GatewayError)
    }
    assert known == set(EXAMPLES) | NOT_OF_A_CALL
    for error in EXAMPLES.values():
        assert "reference" not in str(faults.to_fault(error).faultstring)


@pytest.mark.parametrize("error", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_every_row_leaves_as_a_valid_fault_in_both_versions(client: Client, error: Exception) -> None:
    client.stub.error = error
    assert client.call(save()).fault.text
    assert faults.fault_body12(faults.to_fault(error))


def test_a_fault_goes_through_unchanged() -> None:
    fault = faults.to_fault(InvalidMessage("x"))
    assert faults.to_fault(fault) is fault
