"""Real clients over a real connection: zeep and requests against the SOAP door, with use cases that do nothing."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from requests.auth import HTTPBasicAuth
from zeep.wsse.username import UsernameToken

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap.application import PATH, SoapSettings, build
from tests.unit.soap.soap_calls import PAYLOAD, StubUseCases, envelope, operation, save

ROOT = Path(__file__).parents[2]
XML = {"Content-Type": "text/xml; charset=utf-8"}


def application() -> Any:
    """Return the SOAP service over stub use cases; the server process calls this."""
    stub: Any = StubUseCases()
    return build(stub, stub, stub, stub, settings=SoapSettings())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = "tests.acceptance.test_wire_clients:application"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws", "--host", "127.0.0.1"]
    server = subprocess.Popen([*command, "--port", str(port), "--blocking-threads", "4", target], cwd=ROOT)
    url = f"http://127.0.0.1:{port}{PATH}"
    try:
        for _ in range(200):
            try:
                requests.get(url, params="wsdl", timeout=5)
                break
            except requests.ConnectionError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def zeep_client(address: str) -> zeep.Client:
    """A client made from the served WSDL and nothing else."""
    settings = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    return zeep.Client(f"{address}?wsdl", wsse=UsernameToken("pos", "secret"), settings=settings)


def test_the_wsdl_shows_the_address_that_was_called(address: str) -> None:
    wsdl = requests.get(address, params="wsdl", timeout=10)
    assert wsdl.content == contract.wsdl_with_address("InventoryAdjustmentService", address)


def test_zeep_reads_what_the_wsdl_promises(zeep_client: zeep.Client) -> None:
    service = zeep_client.service
    assert service.ping("hello") == "hello"
    reasons = service.lookupInventoryAdjustmentReason(Nothing={})
    assert [reason.reason_id for reason in reasons.StrAdjRsnDesc] == [83, 90]
    adjustment = service.readInventoryAdjustmentDetail(StrAdjRef={"adjustment_id": 17})
    assert adjustment.comments == "ünï €"
    assert [line.quantity for line in adjustment.StrAdjItm] == [Decimal(1000), Decimal("0.0001")]
    assert adjustment.create_date.utcoffset().total_seconds() == 0


def test_zeep_writes_what_the_gateway_reads(zeep_client: zeep.Client) -> None:
    line = {
        "item_id": "日本",
        "reason_id": 83,
        "quantity": Decimal("1E+3"),
        "case_size": 1,
        "added_uin_col": ["A", "B"],
    }
    payload = {"store_id": 1311, "comments": "<&>", "StrAdjItmMod": [line] * 120}
    # zeep gives the one member of an answer instead of the answer
    assert zeep_client.service.saveAndConfirmInventoryAdjustment(StrAdjModVo=payload) == 18
    done = zeep_client.service.confirmInventoryAdjustment(StrAdjRef={"adjustment_id": 17})
    assert done == "Inventory adjustment 17 confirmed."


def test_zeep_sees_a_typed_fault(zeep_client: zeep.Client) -> None:
    line = {"item_id": "x" * 26, "reason_id": 83, "quantity": 1, "case_size": 1}
    with pytest.raises(zeep.exceptions.Fault) as raised:
        zeep_client.service.saveInventoryAdjustment(StrAdjModVo={"store_id": 1, "StrAdjItmMod": [line]})
    assert raised.value.code == "soapenv:Client"
    assert "text of at most 25 characters" in raised.value.message
    (detail,) = raised.value.detail
    assert detail.tag == ns.tag(ns.EXCEPTION, "IllegalArgumentWSFaultException")


def test_a_wrong_password_is_a_security_fault(address: str) -> None:
    stranger = zeep.Client(f"{address}?wsdl", wsse=UsernameToken("pos", "wrong"))
    with pytest.raises(zeep.exceptions.Fault, match="user name or password"):
        stranger.service.lookupInventoryAdjustmentReason(Nothing={})


def test_a_digest_is_refused_in_words(address: str) -> None:
    stranger = zeep.Client(f"{address}?wsdl", wsse=UsernameToken("pos", "secret", use_digest=True))
    with pytest.raises(zeep.exceptions.Fault, match="PasswordDigest is not supported yet"):
        stranger.service.lookupInventoryAdjustmentReason(Nothing={})


def test_basic_over_the_wire(address: str) -> None:
    body = operation("saveInventoryAdjustment", PAYLOAD, "")
    reply = requests.post(address, body, headers=XML, auth=HTTPBasicAuth("pos", "secret"), timeout=10)
    assert reply.status_code == 200
    reply = requests.post(address, body, headers=XML, auth=HTTPBasicAuth("pos", "wrong"), timeout=10)
    assert (reply.status_code, reply.headers["WWW-Authenticate"].split()[0]) == (401, "Basic")
    assert b"FailedAuthentication" in reply.content


def test_chunks_gzip_and_utf_16_over_the_wire(address: str) -> None:
    body = save()
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
    for content, headers in (
        (iter(pieces), XML),
        (gzip.compress(body), XML | {"Content-Encoding": "gzip"}),
        (body.decode().encode("utf-16"), {"Content-Type": "text/xml; charset=utf-16"}),
        (body, XML | {"Expect": "100-continue"}),
    ):
        reply = requests.post(address, content, headers=headers, timeout=10)
        assert reply.status_code == 200, reply.content
        assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"


def test_soap_1_2_over_the_wire(address: str) -> None:
    media = {"Content-Type": "application/soap+xml; charset=utf-8"}
    reply = requests.post(
        address, envelope("<s:ping><arg0>x</arg0></s:ping>", "", ns.SOAP12), headers=media, timeout=10
    )
    assert reply.status_code == 200
    assert etree.fromstring(reply.content).tag == ns.tag(ns.SOAP12, "Envelope")


@pytest.mark.parametrize(
    ("method", "content", "status"),
    [("POST", b"", 400), ("POST", b"<a", 500), ("PUT", b"x", 405), ("GET", None, 404), ("POST", b" " * 9_000_000, 413)],
)
def test_refusals_over_the_wire(address: str, method: str, content: bytes | None, status: int) -> None:
    assert requests.request(method, address, data=content, headers=XML, timeout=10).status_code == status


def test_a_connection_is_used_again(address: str) -> None:
    with requests.Session() as session:
        for _ in range(20):
            assert session.post(address, save(), headers=XML, timeout=10).status_code == 200
            assert session.post(address, b"<bad", headers=XML, timeout=10).status_code == 500
