"""What a developer's browser and tools get from the running gateway by HTTP GET."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from tests.acceptance.running import SOAP_PATH, Running
from tests.interop.serving import serving
from tests.interop.stack import SERVICE


@pytest.fixture(scope="module")
def gateway(database_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One gateway for all tests of this module; no test of it touches the database, so one kind is enough."""
    with serving("sqlite", database_template, tmp_path_factory.mktemp("contract")) as one:
        yield one


def get(gateway: Running, query: str, host: str = "127.0.0.1", **headers: str) -> requests.Response:
    """Ask for something of the service under a name of this machine."""
    url = gateway.soap_url.replace("127.0.0.1", host)
    return requests.get(f"{url}?{query}", headers=headers, timeout=30)


def address_in(wsdl: bytes) -> str:
    """Return where the WSDL sends its clients."""
    (address,) = etree.fromstring(wsdl).iter(ns.tag(ns.WSDL_SOAP11, "address"))
    return str(address.get("location"))


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "Wsdl", "wsdl=", "singleWsdl", "singlewsdl", "SINGLEWSDL"])
def test_the_wsdl_is_served_under_every_name_that_tools_use(gateway: Running, query: str) -> None:
    answer = get(gateway, query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer.content == contract.wsdl_with_address(SERVICE, gateway.soap_url)


def test_the_wsdl_is_one_file_without_references_to_others(gateway: Running) -> None:
    wsdl = etree.fromstring(get(gateway, "singleWsdl").content)
    assert not [one for one in wsdl.iter("{*}import", "{*}include") if one.get("schemaLocation") or one.get("location")]


def test_the_address_in_the_wsdl_is_the_one_that_was_called(gateway: Running) -> None:
    port = urlsplit(gateway.url).port
    for host in ("127.0.0.1", "localhost"):
        assert address_in(get(gateway, "wsdl", host).content) == f"http://{host}:{port}{SOAP_PATH}"


def test_a_made_up_host_is_not_put_into_the_wsdl(gateway: Running) -> None:
    for headers in ({"Host": "elsewhere.example"}, {"X-Forwarded-Host": "elsewhere.example"}):
        answer = get(gateway, "wsdl", **headers)
        assert answer.status_code == 200
        assert b"elsewhere" not in answer.content


def test_each_schema_is_served_as_it_was_shipped(gateway: Running) -> None:
    for name in contract.xsd_names():
        for query in (f"xsd={name}.xsd", f"XSD={name}"):
            answer = get(gateway, query)
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
            assert answer.content == contract.xsd_path(name).read_bytes()


@pytest.mark.parametrize("query", ["xsd=Other.xsd", "xsd=../bootstrap.py", "xsd=", "anything", ""])
def test_what_is_not_there_is_not_found(gateway: Running, query: str) -> None:
    assert get(gateway, query).status_code == 404
