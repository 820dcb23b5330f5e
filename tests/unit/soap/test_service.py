"""Every operation: one use case called with domain values, an answer that the schema finds valid."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from gateway.domain.adjustment import (
    AdjustmentChange,
    AdjustmentStatus,
    ExtendedAttribute,
    HeaderCriteria,
    LineChange,
)
from gateway.domain.permission import Identity
from gateway.domain.template import TemplateCriteria
from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap.service import InventoryAdjustmentService
from tests.unit.soap.soap_calls import MOD, PAYLOAD, SERVICE, Client, operation

POS = Identity("pos", 1)
NOTHING = f'<n:Nothing xmlns:n="{ns.NOTHING}"/>'
REF = f'<r:StrAdjRef xmlns:r="{ns.STR_ADJ_REF}"><r:adjustment_id>17</r:adjustment_id></r:StrAdjRef>'
TEMPLATE_REF = f'<r:StrAdjTplRef xmlns:r="{ns.STR_ADJ_TPL_REF}"><r:template_id>5</r:template_id></r:StrAdjTplRef>'
CRITERIA = (
    f'<c:StrAdjHdrCriVo xmlns:c="{ns.STR_ADJ_HDR_CRI_VO}"><c:store_id>1311</c:store_id>'
    "<c:from_date>2026-03-01T00:00:00+01:00</c:from_date><c:to_date>2026-03-04T00:00:00Z</c:to_date>"
    "<c:item_id>100</c:item_id><c:adjustment_id>17</c:adjustment_id><c:reason_id>83</c:reason_id>"
    "<c:status>CANCELED</c:status><c:user_name>pos</c:user_name><c:nonsellable_type_id>3</c:nonsellable_type_id>"
    "<c:template_id>5</c:template_id><c:search_limit>50</c:search_limit></c:StrAdjHdrCriVo>"
)
TEMPLATE_CRITERIA = (
    f'<c:StrAdjTpHdCriVo xmlns:c="{ns.STR_ADJ_TP_HD_CRI_VO}"><c:store_id>1311</c:store_id>'
    "<c:from_date>2026-03-01T00:00:00Z</c:from_date><c:to_date>2026-03-04T00:00:00Z</c:to_date>"
    "<c:item_id>100</c:item_id><c:template_id>5</c:template_id><c:description>waste</c:description>"
    "<c:reason_id>83</c:reason_id><c:status>NO_VALUE</c:status><c:user_name>manager</c:user_name></c:StrAdjTpHdCriVo>"
)
FULL = f"""<m:StrAdjModVo><m:adjustment_id>17</m:adjustment_id><m:store_id>1311</m:store_id>
<m:reference_id>3</m:reference_id><m:template_id>5</m:template_id><m:comments>c</m:comments><m:publish>false</m:publish>
<m:StrAdjItmMod><m:line_id>1</m:line_id><m:item_id>i</m:item_id><m:reason_id>83</m:reason_id>
<m:quantity>2.5</m:quantity><m:case_size>6</m:case_size><m:added_uin_col>A</m:added_uin_col>
<m:added_uin_col>B</m:added_uin_col><m:removed_uin_col>C</m:removed_uin_col>
<e:StrAdjExtAtt xmlns:e="{ns.STR_ADJ_EXT_ATT}"><e:name>LOT</e:name><e:barcode>77</e:barcode></e:StrAdjExtAtt>
<e:removed_ext_att_col xmlns:e="{ns.STR_ADJ_EXT_ATT}">88</e:removed_ext_att_col></m:StrAdjItmMod>
<m:removed_line_id_col>4</m:removed_line_id_col><m:removed_line_id_col>5</m:removed_line_id_col></m:StrAdjModVo>"""

MARCH = {"created_from": datetime(2026, 2, 28, 23, tzinfo=UTC), "created_to": datetime(2026, 3, 4, tzinfo=UTC)}
NEW = AdjustmentChange(None, 1311, lines=[LineChange(None, "100000147", 83, Decimal(2), Decimal(1))])
LOT = ExtendedAttribute("LOT", None, "77")
CHANGE = AdjustmentChange(
    17, 1311, 3, 5, "c", False,
    [LineChange(1, "i", 83, Decimal("2.5"), Decimal(6), ["A", "B"], ["C"], [LOT], ["88"])],
    [4, 5],
)  # fmt: skip

OPERATIONS: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "lookupInventoryAdjustmentReason": (NOTHING, "StrAdjRsnColDesc", ("reasons", POS)),
    "lookupNonSellableQuantityType": (NOTHING, "NslQtyTypColDesc", ("sub_buckets", POS)),
    "lookupNonSellableQtyType": (NOTHING, "NslQtyTypColDesc", ("sub_buckets", POS)),
    "lookupInventoryAdjustmentTemplateHeader": (
        TEMPLATE_CRITERIA,
        "StrAdjTpHdColDesc",
        (
            "find_headers",
            POS,
            TemplateCriteria(
                1311, datetime(2026, 3, 1, tzinfo=UTC), MARCH["created_to"], "100", 5, "waste", 83, None, "manager"
            ),
        ),
    ),
    "readInventoryAdjustmentTemplateDetail": (TEMPLATE_REF, "StrAdjTplDesc", ("read", POS, 5)),
    "lookupInventoryAdjustmentHeader": (
        CRITERIA,
        "StrAdjHdrColDesc",
        (
            "find_headers",
            POS,
            HeaderCriteria(
                1311,
                50,
                MARCH["created_from"],
                MARCH["created_to"],
                "100",
                17,
                83,
                AdjustmentStatus.CANCELED,
                "pos",
                3,
                5,
            ),
        ),
    ),
    "readInventoryAdjustmentDetail": (REF, "StrAdjDesc", ("read", POS, 17)),
    "saveInventoryAdjustment": (FULL, "StrAdjRef", ("save", POS, CHANGE)),
    "confirmInventoryAdjustment": (REF, "InvocationSuccess", ("confirm", POS, 17)),
    "saveAndConfirmInventoryAdjustment": (PAYLOAD, "StrAdjRef", ("save_and_confirm", POS, NEW)),
    "cancelInventoryAdjustment": (REF, "InvocationSuccess", ("cancel", POS, 17)),
}


def comparable(value: Any) -> Any:
    """Return *value* with its sequences as lists."""
    if isinstance(value, tuple | list):
        return [comparable(one) for one in value]
    if isinstance(value, AdjustmentChange):
        return {name: comparable(getattr(value, name)) for name in AdjustmentChange.__slots__}
    return value


@pytest.mark.parametrize(("name", "row"), OPERATIONS.items(), ids=OPERATIONS.keys())
def test_an_operation_calls_its_use_case_and_answers_validly(
    client: Client, name: str, row: tuple[str, str, tuple[Any, ...]]
) -> None:
    content, answer, call = row
    wrapper = client.call(operation(name, content)).payload
    assert wrapper.tag == ns.tag(SERVICE, f"{name}Response")
    assert [child.tag for child in wrapper] == [ns.tag(ns.payload(answer), answer)]
    assert comparable(client.stub.calls) == comparable([call])


def test_the_table_above_and_the_contract_name_the_same_operations() -> None:
    wsdl = etree.fromstring(contract.read_wsdl("InventoryAdjustmentService"))
    shown = {
        element.get("name")
        for element in wsdl.iterfind(f"{ns.tag(ns.WSDL, 'portType')}/{ns.tag(ns.WSDL, 'operation')}")
    }
    served = set(InventoryAdjustmentService.public_methods)
    assert served == set(OPERATIONS) | {"ping"} == shown | set(contract.ALIASES)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_missing_payload_is_named(client: Client, name: str) -> None:
    fault = client.call(operation(name)).fault
    assert (fault.code, fault.kind) == ("Client", "IllegalArgumentWSFaultException")
    (payload,) = etree.fromstring(f"<a xmlns:m='{MOD}'>{OPERATIONS[name][0]}</a>")
    assert f"came without its payload; expected {etree.QName(payload).localname}" in fault.text
    assert not client.stub.calls


def text_of(wrapper: Any, *path: str) -> list[str]:
    """Return the texts at the local names of *path*, below the wrapper's payload."""
    return [
        str(text) for text in wrapper.xpath("*" + "".join(f"/*[local-name()='{name}']" for name in path) + "/text()")
    ]


def test_answers_carry_what_the_use_cases_gave(client: Client) -> None:
    read = client.call(operation("readInventoryAdjustmentDetail", REF)).payload
    assert text_of(read, "comments") == ["ünï €"]
    assert text_of(read, "create_date") == ["2026-03-04T12:00:00Z"]
    assert text_of(read, "StrAdjItm", "quantity") == ["1000", "0.0001"]
    assert text_of(read, "StrAdjItm", "item_id") == ["100000147", "日本"]
    assert text_of(read, "StrAdjItm", "uin_col") == ["U1", "U2"]
    assert text_of(read, "StrAdjItm", "StrAdjExtAtt", "name") == ["LOT"]
    reasons = client.call(operation("lookupInventoryAdjustmentReason", NOTHING)).payload
    assert text_of(reasons, "StrAdjRsnDesc", "disposition_desc") == ["- Stock On Hand", "+ Unavailable"]
    assert text_of(reasons, "StrAdjRsnDesc", "reason_code") == ["83", "91"]
    assert text_of(reasons, "StrAdjRsnDesc", "to_nonsellable_qty_type_id") == ["3"]
    assert text_of(reasons, "collection_size") == ["2"]
    template = client.call(operation("readInventoryAdjustmentTemplateDetail", TEMPLATE_REF)).payload
    assert text_of(template, "approve_user_name") == ["manager"]
    assert text_of(template, "StrAdjTplItm", "line_id") == ["1"]
    headers = client.call(operation("lookupInventoryAdjustmentHeader", CRITERIA)).payload
    assert text_of(headers, "StrAdjHdrDesc", "status") == ["CANCELED"]
    assert text_of(client.call(operation("confirmInventoryAdjustment", REF)).payload, "success_message") == [
        "Inventory adjustment 17 confirmed."
    ]
    assert text_of(client.call(operation("cancelInventoryAdjustment", REF)).payload, "success_message") == [
        "Inventory adjustment 17 canceled."
    ]
    assert text_of(client.call(operation("saveAndConfirmInventoryAdjustment", PAYLOAD)).payload, "adjustment_id") == [
        "18"
    ]


@pytest.mark.parametrize(("content", "text"), [("<arg0>hello</arg0>", "hello"), ("", None), ("<arg0/>", None)])
def test_ping_gives_back_what_came(client: Client, content: str, text: str | None) -> None:
    (answer,) = client.call(operation("ping", content, "")).payload
    assert (answer.tag, answer.text) == ("return", text)


@pytest.mark.parametrize("inside", ["", "text", "<x/>", '<y xmlns="urn:y" z="1">t</y>'])
def test_nothing_may_hold_anything(client: Client, inside: str) -> None:
    body = f'<n:Nothing xmlns:n="{ns.NOTHING}" a="1">{inside}</n:Nothing>'
    assert client.call(operation("lookupInventoryAdjustmentReason", body)).status == 200


def test_an_empty_list_is_an_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.stub, "sub_buckets", lambda identity: [])
    wrapper = client.call(operation("lookupNonSellableQuantityType", NOTHING)).payload
    assert text_of(wrapper, "collection_size") == ["0"]


def test_a_line_change_has_its_fields_where_the_mapping_puts_them() -> None:
    assert LineChange._fields == (
        "line_id", "item_id", "reason_id", "quantity", "case_size",
        "added_uins", "removed_uins", "attributes", "removed_barcodes",
    )  # fmt: skip
