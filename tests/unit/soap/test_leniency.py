"""What is forgiven, and what stays refused: form is put right, content is never bent or dropped."""

from __future__ import annotations

from base64 import b64encode

import pytest

from gateway.formats import namespaces as ns
from tests.unit.soap.soap_calls import LINE, PAYLOAD, TOKEN, Client, envelope, operation, save

SOAPENC = "http://schemas.xmlsoap.org/soap/encoding/"
NO_NAMESPACE = PAYLOAD.replace("m:", "")
SERVICE_NAMESPACE = PAYLOAD.replace("m:", "s:")
TYPED = PAYLOAD.replace("<m:store_id>", '<m:store_id xsi:type="xsd:int">').replace(
    "<m:item_id>", f'<m:item_id xmlns:enc="{SOAPENC}" xsi:type="enc:string">'
)
MIXED_UP = (
    "<m:StrAdjModVo><m:StrAdjItmMod><m:case_size>1</m:case_size><m:quantity>2</m:quantity>"
    "<m:item_id>100000147</m:item_id><m:reason_id>83</m:reason_id></m:StrAdjItmMod>"
    "<m:store_id>1311</m:store_id></m:StrAdjModVo>"
)

FORGIVEN: dict[str, tuple[bytes, dict[str, int]]] = {
    "no namespace": (save(NO_NAMESPACE), {"namespace": 1}),
    "the service's namespace": (save(SERVICE_NAMESPACE), {"namespace": 1}),
    "payload right, members without": (
        save(NO_NAMESPACE.replace("<StrAdjModVo>", "<m:StrAdjModVo>").replace("</StrAdjModVo>", "</m:StrAdjModVo>")),
        {"namespace": 1},
    ),
    "built-in types": (save(TYPED), {"xsi_type": 1}),
    "encodingStyle": (
        operation("saveInventoryAdjustment", PAYLOAD).replace(
            b"<s:saveInventoryAdjustment>", f'<s:saveInventoryAdjustment soap:encodingStyle="{SOAPENC}">'.encode()
        ),
        {"encoding_style": 1},
    ),
    "order": (save(MIXED_UP), {"order": 1}),
    "nil": (save(PAYLOAD.replace(LINE, f'<m:comments xsi:nil="true"/>{LINE}')), {"nil": 1}),
    "all at once": (
        save(MIXED_UP.replace("m:", "").replace("<item_id>", '<item_id xsi:type="xsd:string">')),
        {"namespace": 1, "xsi_type": 1, "order": 1},
    ),
}


@pytest.mark.parametrize(("body", "counts"), FORGIVEN.values(), ids=FORGIVEN.keys())
def test_form_is_forgiven_and_counted(client: Client, body: bytes, counts: dict[str, int]) -> None:
    assert client.call(body).status == 200
    ((_, _, change),) = client.stub.calls
    assert (change.store_id, change.comments) == (1311, None)
    ((_, item_id, reason_id, quantity, case_size, *rest),) = change.lines
    assert (item_id, reason_id, quantity, case_size) == ("100000147", 83, 2, 1)
    assert rest == [(), (), (), ()]
    assert client.tally.counts() == counts


def test_a_right_request_is_not_counted(client: Client) -> None:
    assert client.call(save()).status == 200
    assert client.tally.counts() == {}


def test_a_request_that_stays_wrong_is_not_counted(client: Client) -> None:
    assert client.call(save(NO_NAMESPACE.replace(">2<", ">x<"))).fault.code == "Client"
    assert client.tally.counts() == {}


def test_base64_text_is_decoded(client: Client) -> None:
    coded = b64encode("Zürich €".encode()).decode()
    typed = f'<m:item_id xsi:type="xsd:base64Binary">{coded}<'
    assert client.call(save(PAYLOAD.replace("<m:item_id>100000147<", typed))).status == 200
    assert client.stub.calls[0][2].lines[0].item_id == "Zürich €"
    assert client.tally.counts() == {"base64_text": 1}


@pytest.mark.parametrize("content", ["!!!", b64encode(b"\xff\xfe").decode(), b64encode(b"\x00").decode()])
def test_base64_that_is_no_text_is_refused(client: Client, content: str) -> None:
    typed = f'<m:item_id xsi:type="xsd:base64Binary">{content}<'
    reply = client.call(save(PAYLOAD.replace("<m:item_id>100000147<", typed)))
    assert (reply.fault.code, client.stub.calls) == ("Client", [])
    assert "xsi:type" in reply.fault.text


def test_lines_keep_their_order_when_members_are_sorted(client: Client) -> None:
    lines = "".join(LINE.replace("100000147", f"item {n}") for n in range(20))
    payload = f"<m:StrAdjModVo>{lines}<m:store_id>1311</m:store_id></m:StrAdjModVo>"
    assert client.call(save(payload)).status == 200
    assert [line.item_id for line in client.stub.calls[0][2].lines] == [f"item {n}" for n in range(20)]


WRAPPED_LIST = "<m:added_uin_col><m:added_uin_col>1</m:added_uin_col></m:added_uin_col>"

REFUSED = {
    "nil with a value": (PAYLOAD.replace(LINE, f'<m:comments xsi:nil="true">x</m:comments>{LINE}'), "xsi:nil"),
    "nil with text behind it": (PAYLOAD.replace(LINE, f'<m:comments xsi:nil="true"/>text{LINE}'), "xsi:nil"),
    "unknown member in no namespace": (NO_NAMESPACE.replace("<reason_id>", "<why/><reason_id>"), "why is not known"),
    "wrapped list": (
        PAYLOAD.replace("</m:StrAdjItmMod>", f"{WRAPPED_LIST}</m:StrAdjItmMod>"),
        "added_uin_col holds the elements added_uin_col",
    ),
    "member twice, out of order": (
        MIXED_UP.replace("<m:store_id>", "<m:store_id>1</m:store_id><m:store_id>"),
        "comes 2 times",
    ),
    "hexBinary": (PAYLOAD.replace("<m:item_id>", '<m:item_id xsi:type="xsd:hexBinary">'), "xsi:type"),
}


@pytest.mark.parametrize(("payload", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_content_is_never_forgiven(client: Client, payload: str, text: str) -> None:
    reply = client.call(save(payload))
    assert (reply.fault.code, client.stub.calls) == ("Client", [])
    assert text in reply.fault.text


def test_the_wrapper_keeps_its_namespace(client: Client) -> None:
    reply = client.call(envelope(f"<saveInventoryAdjustment>{PAYLOAD}</saveInventoryAdjustment>", TOKEN))
    assert "expected the namespace" in reply.fault.text


def test_ping_takes_its_argument_in_any_of_these_namespaces(client: Client) -> None:
    for name in ("arg0", "s:arg0"):
        assert client.call(operation("ping", f"<{name}>hello</{name}>", "")).payload[0].text == "hello"


def test_extended_attributes_in_the_service_namespace_are_moved_to_ours(client: Client) -> None:
    attribute = "<s:StrAdjExtAtt><s:name>LOT</s:name><s:value>7</s:value></s:StrAdjExtAtt>"
    assert client.call(save(PAYLOAD.replace("</m:StrAdjItmMod>", f"{attribute}</m:StrAdjItmMod>"))).status == 200
    ((name, value, barcode),) = client.stub.calls[0][2].lines[0].attributes
    assert (name, value, barcode) == ("LOT", "7", None)


def test_a_refusal_says_where_in_which_line_what_came_and_what_was_expected(client: Client) -> None:
    payload = PAYLOAD.replace(LINE, f"\n{LINE}\n{LINE.replace('>2<', '>two<')}")
    reply = client.call(save(payload))
    assert reply.fault.text == (
        "quantity came as 'two'; expected a decimal number of at most 20 digits, 4 of them after the point"
        " (saveInventoryAdjustment/StrAdjModVo/StrAdjItmMod[2]/quantity, line 3)"
    )
    (problem,) = reply.fault.problems
    assert problem["path"] == "saveInventoryAdjustment/StrAdjModVo/StrAdjItmMod[2]/quantity"
    assert problem["line"] == "3"
    assert ns.RIB_TYPES not in reply.fault.text


def test_a_long_value_is_shown_in_part(client: Client) -> None:
    reply = client.call(save(PAYLOAD.replace("100000147", "x" * 5000)))
    assert f"'{'x' * 60}…' (5000 characters)" in reply.fault.text
    assert len(reply.fault.text) < 300


def test_all_that_could_come_next_is_named(client: Client) -> None:
    reply = client.call(save("<m:StrAdjModVo><m:store_id>1</m:store_id><m:comment/></m:StrAdjModVo>"))
    assert (
        "the element comment is not known in StrAdjModVo; expected reference_id, template_id, comments"
        in reply.fault.text
    )
