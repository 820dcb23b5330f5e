"""Callers: functions, stores and reasons."""

from __future__ import annotations

import pytest

from gateway.domain.errors import AccessDenied
from gateway.domain.permission import Caller, Function
from tests.factories import denied


def _caller(stores: frozenset[int] | None = None, reasons: frozenset[int] | None = None) -> Caller:
    return Caller("clerk", frozenset({Function.ACCESS, Function.CREATE}), stores, reasons)


def test_everything_missing_is_named_at_once() -> None:  # SEC-01
    caller = _caller(frozenset({1}))
    assert denied(caller.require, [Function.CREATE, Function.COMPLETE, Function.EDIT], 2) == (
        "function complete",
        "function edit",
        "store 2",
    )


def test_a_caller_with_everything_passes() -> None:  # SEC-01
    _caller(frozenset({1})).require([Function.ACCESS, Function.CREATE], 1)
    _caller(None).require([Function.ACCESS], 999)


def test_no_stores_is_not_every_store() -> None:  # SEC-01
    assert not _caller(frozenset()).may_use_store(1)
    assert _caller(None).may_use_store(1)


def test_missing_reasons_are_named_once_and_in_order() -> None:  # SEC-02
    assert denied(_caller(reasons=frozenset({83})).require_reasons, [93, 83, 1, 93]) == ("reason 1", "reason 93")


def test_no_reasons_is_not_every_reason() -> None:  # SEC-02
    assert denied(_caller(reasons=frozenset()).require_reasons, [83]) == ("reason 83",)
    _caller(reasons=None).require_reasons([83])
    _caller(reasons=frozenset()).require_reasons([])


@pytest.mark.parametrize(("missing", "rule"), [("function", "SEC-01"), ("reason", "SEC-02")])
def test_a_denial_cites_its_rule(missing: str, rule: str) -> None:  # SEC-04
    caller = _caller(reasons=frozenset())
    with pytest.raises(AccessDenied, match=rule):
        if missing == "function":
            caller.require([Function.COMPLETE])
        else:
            caller.require_reasons([83])


def test_functions_are_those_of_the_specification() -> None:  # SEC-01
    assert {str(one) for one in Function} == {
        "access",
        "create",
        "edit",
        "complete",
        "delete",
        "access_templates",
        "apply_templates",
        "delete_templates",
        "create_templates",
        "edit_templates",
        "create_uin",
        "edit_quantity",
        "maintain_reasons",
    }
