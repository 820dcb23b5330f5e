"""The requests in ``examples/`` work as they stand, in order, on the demo data; the answers beside them are true.

``EXAMPLES_WRITE=1`` writes the answers anew; look at the difference before you commit it.
"""

from __future__ import annotations

import os
import re

import requests
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from tests.acceptance.running import EXAMPLES, Running

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
"""Times differ from run to run; in the files they stand as one fixed moment."""

SHOWN_MOMENT = "2026-11-23T12:00:00Z"
REQUESTS = sorted(EXAMPLES.glob("*.request.xml"))


def test_every_example_is_answered_as_shown(gateway: Running) -> None:
    schema = contract.service_schema("InventoryAdjustmentService")
    for file in REQUESTS:
        body = file.read_bytes()
        named_inside = b"UsernameToken" in body
        answer = (
            requests.post(gateway.soap_url, data=body, headers={"Content-Type": "text/xml"}, timeout=30)
            if named_inside
            else gateway.post(body)
        )
        assert answer.status_code == (500 if "refused" in file.name else 200), f"{file.name}: {answer.text}"
        envelope = etree.fromstring(answer.content)
        body_element = envelope.find(ns.tag(ns.SOAP11, "Body"))
        assert body_element is not None
        content = body_element[0]
        schema.assertValid(content if "refused" not in file.name else content.find("detail")[0])
        came = MOMENT.sub(SHOWN_MOMENT, _pretty(envelope))
        shown = file.with_name(file.name.replace(".request.", ".answer."))
        if os.environ.get("EXAMPLES_WRITE"):
            shown.write_text(came, "utf-8")
        assert came == shown.read_text("utf-8"), file.name
    verified = gateway.command("verify")
    assert verified.returncode == 0, verified.stdout


def test_every_operation_has_an_example() -> None:
    wsdl = etree.fromstring(contract.read_wsdl("InventoryAdjustmentService"))
    path = f"{ns.tag(ns.WSDL, 'portType')}/{ns.tag(ns.WSDL, 'operation')}"
    operations = {one.get("name") for one in wsdl.iterfind(path)}
    shown = {_operation(etree.parse(str(file)).getroot()) for file in REQUESTS}
    assert operations <= shown
    assert "lookupNonSellableQtyType" in shown  # the user guide's name


def test_every_request_is_valid_and_has_its_answer_beside_it() -> None:
    schema = contract.service_schema("InventoryAdjustmentService")
    for file in REQUESTS:
        envelope = etree.parse(str(file)).getroot()
        schema.assertValid(envelope.find(ns.tag(ns.SOAP11, "Body"))[0])  # type: ignore[index]
        assert file.with_name(file.name.replace(".request.", ".answer.")).exists()


def _operation(envelope: etree._Element) -> str:
    body = envelope.find(ns.tag(ns.SOAP11, "Body"))
    assert body is not None
    return str(etree.QName(body[0]).localname)


def _pretty(envelope: etree._Element) -> str:
    etree.indent(envelope)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8").decode() + "\n"
