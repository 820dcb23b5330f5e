"""HTTP in front: contracts, methods, versions, addresses."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap.application import PATH, SoapSettings
from tests.unit.soap.soap_calls import PAYLOAD, TOKEN, Client, envelope, operation, save

LOCATION = f".//{ns.tag(ns.WSDL_SOAP11, 'address')}"


def address(client: Client, **environ: Any) -> str:
    """Return the address that the served WSDL shows."""
    reply = client.http("GET", **{"QUERY_STRING": "wsdl"} | environ)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return str(reply.root.find(LOCATION).get("location")).removesuffix(PATH)


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "Wsdl", "wsdl=1", "singleWsdl", "SINGLEWSDL", "x=1&wsdl"])
def test_the_contract_is_served_whatever_the_case(client: Client, query: str) -> None:
    reply = client.http("GET", QUERY_STRING=query)
    assert reply.status == 200
    assert reply.body == contract.wsdl_with_address("InventoryAdjustmentService", f"http://localhost:8080{PATH}")
    assert b"wsdl/soap12/" not in reply.body


def test_head_is_get_without_the_body(client: Client) -> None:
    get, head = (client.http(method, QUERY_STRING="wsdl") for method in ("GET", "HEAD"))
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


@pytest.mark.parametrize("query", ["xsd=StrAdjModVo.xsd", "XSD=StrAdjModVo", "xsd=StrAdjModVo.xsd&x"])
def test_schemas_are_served(client: Client, query: str) -> None:
    reply = client.http("GET", QUERY_STRING=query)
    assert (reply.status, reply.body) == (200, contract.xsd_path("StrAdjModVo").read_bytes())


@pytest.mark.parametrize("query", ["xsd=", "xsd=../setup.cfg", "xsd=%2e%2e/x", "xsd=Nope.xsd", "", "x", "wsdlx"])
def test_what_is_not_there_is_404(client: Client, query: str) -> None:
    for method in ("GET", "HEAD"):
        assert client.http(method, QUERY_STRING=query).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_405_and_told_which_are_not(client: Client, method: str) -> None:
    reply = client.http(method, save())
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, POST")


ADDRESSES: dict[str, tuple[dict[str, Any], str]] = {
    "loopback with any port": ({"HTTP_HOST": "127.0.0.1:54321"}, "http://127.0.0.1:54321"),
    "loopback name": ({"HTTP_HOST": "LocalHost"}, "http://localhost"),
    "loopback of IPv6": ({"HTTP_HOST": "[::1]:8080"}, "http://[::1]:8080"),
    "allowed name": ({"HTTP_HOST": "sim.example"}, "http://sim.example"),
    "allowed name with any port": (
        {"HTTP_HOST": "sim.example:8443", "wsgi.url_scheme": "https"},
        "https://sim.example:8443",
    ),
    "allowed port": ({"HTTP_HOST": "other.example:99"}, "http://other.example:99"),
    "port that is not allowed": ({"HTTP_HOST": "other.example:98"}, "http://default.example"),
    "somebody else": ({"HTTP_HOST": "evil.example:666"}, "http://default.example"),
    "markup": ({"HTTP_HOST": 'localhost"/><x a="'}, "http://default.example"),
    "path": ({"HTTP_HOST": "localhost:80/evil"}, "http://default.example"),
    "user": ({"HTTP_HOST": "localhost@evil.example"}, "http://default.example"),
    "no Host": ({"HTTP_HOST": None}, "http://default.example"),
    "stranger who says how he came": (
        {"HTTP_HOST": "sim.example", "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "10.1.1.1"},
        "http://sim.example",
    ),
    "proxy": (
        {
            "HTTP_HOST": "x",
            "HTTP_X_FORWARDED_HOST": "sim.example",
            "HTTP_X_FORWARDED_PROTO": "https",
            "REMOTE_ADDR": "10.0.0.7",
        },
        "https://sim.example",
    ),
    "proxy with somebody else's host": (
        {"HTTP_HOST": "x", "HTTP_X_FORWARDED_HOST": "evil.example", "REMOTE_ADDR": "10.0.0.7"},
        "http://default.example",
    ),
}


@pytest.mark.parametrize(("environ", "expected"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_the_address_is_believed_only_of_those_on_the_list(environ: dict[str, Any], expected: str) -> None:
    settings = SoapSettings(
        allowed_hosts=("SIM.example", "other.example:99"),
        default_url="http://default.example/",
        trusted_proxies=("10.0.0.7",),
    )
    client = Client(settings)
    assert address(client, HTTP_HOST="evil.example") == "http://default.example"  # nothing of it is kept
    assert address(client, **environ) == expected


def test_the_public_url_goes_before_everything() -> None:
    client = Client(SoapSettings(public_url="https://gateway.example/"))
    assert address(client, HTTP_HOST="localhost:1") == "https://gateway.example"


def test_soap_1_2_is_answered_in_soap_1_2(client: Client) -> None:
    body = f"<s:saveInventoryAdjustment>{PAYLOAD}</s:saveInventoryAdjustment>"
    reply = client.call(envelope(body, TOKEN, ns.SOAP12), 'application/soap+xml; charset=utf-8; action="x"')
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/soap+xml; charset=utf-8")
    assert reply.root.tag == ns.tag(ns.SOAP12, "Envelope")
    reply = client.call(envelope(body.replace(">2<", ">x<"), TOKEN, ns.SOAP12), "application/soap+xml")
    assert reply.status == 400
    assert reply.root.findtext(f".//{ns.tag(ns.SOAP12, 'Code')}/{ns.tag(ns.SOAP12, 'Value')}") == "soap12env:Sender"
    detail = reply.root.find(f".//{ns.tag(ns.SOAP12, 'Detail')}")
    contract.service_schema("InventoryAdjustmentService").assertValid(detail[0])
    client.stub.error = RuntimeError()
    reply = client.call(envelope(body, TOKEN, ns.SOAP12), "application/soap+xml")
    assert reply.status == 500
    assert reply.root.findtext(f".//{ns.tag(ns.SOAP12, 'Code')}/{ns.tag(ns.SOAP12, 'Value')}") == "soap12env:Receiver"


@pytest.mark.parametrize(("media", "soap"), [("text/xml", ns.SOAP12), ("text/xml", "urn:x")])
def test_another_version_than_the_content_type_is_a_mismatch(client: Client, media: str, soap: str) -> None:
    reply = client.call(envelope("<s:ping/>", "", soap), media)
    assert (reply.status, reply.fault.code) == (500, "VersionMismatch")


def test_a_refused_body_of_soap_1_2_is_refused_in_soap_1_2(client: Client) -> None:
    reply = client.call(b"", "application/soap+xml")
    assert reply.status == 400
    assert etree.QName(reply.root).namespace == ns.SOAP12


def test_the_body_is_left_alone_by_get(client: Client) -> None:
    assert client.http("GET", operation("ping"), QUERY_STRING="wsdl").status == 200
    assert not client.stub.calls
