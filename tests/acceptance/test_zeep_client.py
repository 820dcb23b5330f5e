"""A zeep client built from the running gateway's WSDL calls every operation and understands every fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.acceptance.running import Running
from tests.interop import refusals, story
from tests.interop.serving import MANY_ITEMS, backends, serving
from tests.interop.zeep_stack import ZeepStack


@pytest.fixture(scope="module", params=backends("zeep"))
def gateway(
    request: pytest.FixtureRequest, database_template: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One gateway for all tests of this module, on each kind of database."""
    with serving(request.param, database_template, tmp_path_factory.mktemp("zeep")) as one:
        yield one


@pytest.fixture(params=["token", "basic"])
def client(request: pytest.FixtureRequest, gateway: Running) -> ZeepStack:
    """A client of each kind: built from ``?wsdl`` with a UsernameToken, from ``?singleWsdl`` with HTTP Basic."""
    if request.param == "token":
        return ZeepStack(f"{gateway.soap_url}?wsdl", is_basic=False)
    return ZeepStack(f"{gateway.soap_url}?singleWsdl", is_basic=True)


@pytest.fixture
def token_client(gateway: Running) -> ZeepStack:
    """A client with a UsernameToken."""
    return ZeepStack(f"{gateway.soap_url}?wsdl", is_basic=False)


def test_every_operation_answers_what_was_sent_before(client: ZeepStack, request: pytest.FixtureRequest) -> None:
    # ADJ-03 ADJ-04 ADJ-06 ADJ-07 ADJ-08 ADJ-09 ADJ-10 ADJ-11 ADJ-14 RSN-01 RSN-02 RSN-05 RSN-07 SEC-02 TPL-04
    # UIN-02 UIN-04 UIN-05 UIN-06
    story.whole_story(client, 1 if request.node.callspec.params["client"] == "token" else 2)


def test_headers_are_found_by_every_criterion(token_client: ZeepStack) -> None:  # ADJ-11
    story.find_headers_by_every_criterion(token_client)


def test_a_time_travels_with_the_offset_the_caller_wrote(token_client: ZeepStack) -> None:  # ADJ-11
    moment = datetime(2026, 11, 23, 1, 2, 3, 450_000, tzinfo=story.INDIA)
    criteria = {"store_id": story.STORE, "from_date": moment, "status": "NO_VALUE", "search_limit": 1}
    token_client.call("lookupInventoryAdjustmentHeader", criteria)
    assert b"from_date>2026-11-23T01:02:03.450000+05:30<" in token_client.sent()


def test_the_largest_adjustment_comes_back_whole(token_client: ZeepStack) -> None:  # ADJ-01 STK-05
    story.save_confirm_and_read_many_lines(token_client, len(MANY_ITEMS))


def test_every_broken_rule_arrives_as_a_typed_fault(client: ZeepStack) -> None:  # ADJ-05 ADJ-15 ADJ-16 UIN-02 UIN-05
    refusals.every_broken_rule_arrives_with_its_data(client)


def test_a_request_without_payload_is_an_illegal_argument(client: ZeepStack) -> None:
    refusals.unreadable_requests_are_the_callers_fault(client)


def test_who_may_not_is_told_what_permission_is_missing(client: ZeepStack) -> None:  # SEC-01 SEC-02 SEC-04
    refusals.who_may_not_is_told_what_is_missing(client)


def test_another_stores_adjustment_is_as_unknown_as_one_that_is_not_there(client: ZeepStack) -> None:  # SEC-04 ADJ-16
    refusals.another_stores_adjustment_is_unknown(client)


def test_a_wrong_password_is_refused(token_client: ZeepStack) -> None:
    refusals.wrong_passwords_are_refused(token_client)
