"""Stock Spyne is the oracle: the same input gives the same objects, the same objects give the same infoset.

Where stock bends values, ours differs on purpose. The exceptions, all of them:

* in: offsets west of Greenwich with minutes (stock reads -05:30 as -04:30) – not generated here, see test_reader;
* in: fractions of a second that round up to a whole second (stock cannot) – not generated;
* in: 24:00:00, xsi:nil, values that the schema refuses – not generated;
* out: decimals with an exponent or idle zeros (stock writes ``1E+3`` and ``2.5000``), compared as numbers;
* out: UTC is ``Z`` and not ``+00:00``, every time leaves in UTC, compared as instants;
* out: characters that XML cannot hold (stock fails), required members without value (stock writes nil) – not generated.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from spyne import Application, ComplexModel
from spyne import Boolean as BooleanModel
from spyne import DateTime as DateTimeModel
from spyne import Decimal as DecimalModel
from spyne import Integer as IntegerModel
from spyne.protocol.soap import Soap11

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap import types
from gateway.soap.reader import element_tag, reader
from gateway.soap.service import InventoryAdjustmentService
from gateway.soap.writer import element_text
from tests.unit.soap.test_types import MODELS

STOCK = Soap11(validator=None)
APP = Application(
    [InventoryAdjustmentService], ns.INVENTORY_ADJUSTMENT_SERVICE, in_protocol=STOCK, out_protocol=Soap11()
)
SCHEMA = contract.service_schema("InventoryAdjustmentService")
PAYLOADS = [model for model in MODELS if model.get_type_name() in contract.xsd_names()]

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=25
)
offsets = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))) | st.builds(
    lambda hours, minutes: timezone(timedelta(hours=hours, minutes=minutes)),
    st.integers(0, 13),
    st.sampled_from([0, 30, 45]),
)


def values(member: Any) -> st.SearchStrategy[Any]:
    """Return values that the schema allows for *member*."""
    a = member.Attributes
    if issubclass(member, ComplexModel):
        return objects(member.__orig__ or member)
    if issubclass(member, IntegerModel):
        if a.ge == 1:
            return st.integers(1, 999)
        digits = int(a.total_digits)
        return st.integers(-(10 ** min(digits, 9)) + 1, 10 ** min(digits, 9) - 1 if digits < 10 else 10**digits - 1)
    if issubclass(member, DecimalModel):
        places = int(a.fraction_digits)
        limit = Decimal(10) ** int(a.total_digits - places) - Decimal(1).scaleb(-places)
        return st.decimals(-limit, limit, places=places) | st.sampled_from(
            [Decimal("1E+3"), Decimal("0.0001"[: places + 2])]
        )
    if issubclass(member, BooleanModel):
        return st.booleans()
    if issubclass(member, DateTimeModel):
        return st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001 (bounds)
    if a.values:
        return st.sampled_from(list(a.values))
    return texts


def objects(model: Any) -> st.SearchStrategy[Any]:
    """Return instances of *model* that the schema allows."""
    fields = {}
    for key, member in model._type_info.items():
        one = values(member)
        if member.Attributes.max_occurs > 1:
            fields[key] = (
                st.lists(one, min_size=1, max_size=4)
                if member.Attributes.min_occurs
                else st.none() | st.lists(one, min_size=1, max_size=4)
            )
        else:
            fields[key] = one if member.Attributes.min_occurs else st.none() | one
    return st.fixed_dictionaries(fields).map(lambda found: types.build(model, **found))


def as_xml(model: Any, instance: Any, tag: str) -> Any:
    """Write *instance* by hand, with lxml, as the schema wants it."""
    element = etree.Element(tag)
    for key, member in model._type_info.items():
        value = getattr(instance, key)
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            name = element_tag(model, key, member)
            if issubclass(member, ComplexModel):
                element.append(as_xml(member.__orig__ or member, one, name))
                continue
            child = etree.SubElement(element, name)
            if isinstance(one, bool):
                child.text = "true" if one else "false"
            elif isinstance(one, datetime):
                child.text = one.isoformat()
            elif isinstance(one, Decimal):
                child.text = format(one, "f")
            else:
                child.text = str(one)
    return element


def plain(model: Any, instance: Any) -> Any:
    """Return *instance* as dictionaries and lists, so that two can be compared."""
    if isinstance(instance, list):
        return [plain(model, one) for one in instance]
    if isinstance(instance, ComplexModel):
        members = type(instance)._type_info
        return {key: plain(member, getattr(instance, key)) for key, member in members.items()}
    return instance


def tag_of(model: Any) -> str:
    return ns.tag(model.get_namespace(), model.get_type_name())


class StockContext:
    """As much of a context as stock Spyne's reader asks for."""

    app = APP
    protocol = None


def infoset(element: Any) -> Any:
    """Return *element* with its values in one spelling: numbers as numbers, times as instants."""
    if len(element):
        return (element.tag, dict(element.attrib), [infoset(child) for child in element])
    text: Any = element.text or ""
    local = etree.QName(element).localname
    if local in ("quantity", "case_size"):
        text = Decimal(text)
    elif local.endswith("_date"):
        text = datetime.fromisoformat(text).astimezone(UTC)
    return (element.tag, dict(element.attrib), text)


@pytest.mark.parametrize("model", PAYLOADS, ids=lambda model: model.get_type_name())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_the_same_input_gives_the_same_objects(model: Any, data: st.DataObject) -> None:
    instance = data.draw(objects(model))
    document = etree.fromstring(etree.tostring(as_xml(model, instance, tag_of(model))))
    SCHEMA.assertValid(document)
    stock = STOCK.from_element(StockContext(), model, document)
    ours = reader(model)(document)
    assert type(ours) is type(stock)
    assert plain(model, ours) == plain(model, stock) == plain(model, instance)


@pytest.mark.parametrize("model", PAYLOADS, ids=lambda model: model.get_type_name())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_the_same_objects_give_the_same_infoset(model: Any, data: st.DataObject) -> None:
    instance = data.draw(objects(model))
    parent = etree.Element("parent")
    STOCK.to_parent(StockContext(), model, instance, parent, model.get_namespace())
    ours = etree.fromstring(element_text(tag_of(model), model, instance).encode())
    SCHEMA.assertValid(ours)
    assert infoset(ours) == infoset(parent[0])
