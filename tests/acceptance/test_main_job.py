"""The main job: a POS adjusts stock over SOAP, and the merchandising system hears of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from tests.acceptance.running import Running, running

SPECIFIED_REQUEST = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:s="http://www.oracle.com/retail/sim/integration/services/InventoryAdjustmentService/v1"
 xmlns:m="http://www.oracle.com/retail/integration/base/bo/StrAdjModVo/v1">
 <soapenv:Body><s:saveAndConfirmInventoryAdjustment><m:StrAdjModVo>
 <m:store_id>1311</m:store_id><m:comments>x</m:comments>
 <m:StrAdjItmMod><m:item_id>100000147</m:item_id><m:reason_id>83</m:reason_id>
 <m:quantity>2</m:quantity><m:case_size>1</m:case_size></m:StrAdjItmMod>
 </m:StrAdjModVo></s:saveAndConfirmInventoryAdjustment></soapenv:Body>
</soapenv:Envelope>"""
"""As the public descriptions of the service show it."""


def stock_of(gateway: Running, item_id: str, store_id: int = 1311) -> dict[str, str]:
    """Return the position of an item as the command line shows it."""
    shown = gateway.command("stock", "list", "--item", item_id, "--store", str(store_id), "--json")
    assert shown.returncode == 0, shown.stderr
    (row,) = json.loads(shown.stdout)
    return dict(row)


def test_a_theft_lowers_the_stock_and_reaches_merchandising(gateway: Running) -> None:  # PUB-01 PUB-04 PUB-05
    before = Decimal(stock_of(gateway, "100000147")["available"])
    answer = gateway.post(SPECIFIED_REQUEST)
    assert answer.status_code == 200, answer.text
    adjustment_id = etree.fromstring(answer.content).findtext(f".//{ns.tag(ns.payload('StrAdjRef'), 'adjustment_id')}")
    assert adjustment_id == "1"
    assert Decimal(stock_of(gateway, "100000147")["available"]) == before - 2
    (entry,) = gateway.wait_for_journal(1)
    assert entry["effect"] == "applied"
    assert (entry["family"], entry["type"], entry["business_object_id"]) == (
        "InvAdjust",
        "InvAdjustCre",
        "1311/100000147",
    )
    payload = etree.fromstring(entry["payload"].encode())
    contract.service_schema("InvAdjustDesc").assertValid(payload)
    (line,) = payload.findall(ns.tag(ns.INV_ADJUST_DESC, "InvAdjustDtl"))
    found = {etree.QName(child).localname: child.text for child in line}
    assert found["adjustment_reason_code"] == "83"
    assert Decimal(str(found["unit_qty"])) == 2
    assert found["from_disposition"] == "ATS"
    assert "to_disposition" not in found
    assert found["user_id"] == "pos"
    verified = gateway.command("verify")
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize("workers", [1, 3])
def test_many_tills_at_once_lose_no_unit(database_url: str, tmp_path: Path, workers: int) -> None:  # STK-06
    """Ten from a sub-bucket of ten: of thirty callers who take one each, exactly ten succeed."""
    with running(database_url, tmp_path, workers=workers) as gateway:
        _take_from_both_accounts_at_once(gateway)


def _take_from_both_accounts_at_once(gateway: Running) -> None:
    from_available = SPECIFIED_REQUEST.replace(">2</m:quantity", ">1</m:quantity")
    from_trouble = from_available.replace("<m:reason_id>83<", "<m:reason_id>89<")
    before = stock_of(gateway, "100000147")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(gateway.post, [from_trouble, from_available] * 30))
    taken = [answer.status_code for answer in answers[0::2]]
    assert taken.count(200) == 10
    assert all("ADJ-05" in answer.text for answer in answers[0::2] if answer.status_code != 200)
    assert [answer.status_code for answer in answers[1::2]] == [200] * 30
    after = stock_of(gateway, "100000147")
    assert Decimal(after["available"]) == Decimal(before["available"]) - 30
    assert Decimal(after["unavailable"]) == Decimal(before["unavailable"]) - 10 == 0
    verified = gateway.command("verify")
    assert verified.returncode == 0, verified.stdout
    journal = gateway.wait_for_journal(40)
    assert [entry["effect"] for entry in journal] == ["applied"] * 40
    assert len({entry["key"] for entry in journal}) == 40
