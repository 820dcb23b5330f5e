"""Models and schemas cannot drift: each member is compared with its element."""

from __future__ import annotations

from typing import Any

import pytest
from spyne import Boolean, ComplexModel, DateTime, Decimal, Unicode
from spyne.model.primitive import Int, Long

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap import types
from gateway.soap.reader import element_tag

MODELS = [
    model
    for model in vars(types).values()
    if isinstance(model, type) and issubclass(model, ComplexModel) and model is not ComplexModel
]
SCHEMA_OF = {namespace: name for name, namespace in ns.SCHEMA_NAMESPACES.items()}
BASES = (
    (Int, "int"),
    (Long, "long"),
    (Decimal, "decimal"),
    (Boolean, "boolean"),
    (DateTime, "dateTime"),
    (Unicode, "string"),
)


def as_field(model: Any, key: str, member: Any) -> tuple[Any, ...]:
    """Return what a member says of itself, in the words of the schema."""
    a = member.Attributes
    facets: dict[str, str] = {}
    base = next((name for model_base, name in BASES if issubclass(member, model_base)), "")
    if base in ("int", "long", "decimal"):
        facets = {"totalDigits": str(a.total_digits)}
        if base == "decimal":
            facets["fractionDigits"] = str(a.fraction_digits)
        if a.ge > float("-inf") and a.ge == 1:
            facets |= {"minInclusive": str(a.ge), "maxInclusive": str(a.le)}
    values = tuple(a.values) if base == "string" and a.values else ()
    if not values and base == "string" and a.max_len < float("inf"):
        facets = {"maxLength": str(a.max_len)}
    most = None if a.max_occurs == float("inf") else int(a.max_occurs)
    return element_tag(model, key, member), base, a.min_occurs, most, facets, values


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.get_type_name())
def test_model_and_schema_say_the_same(model: Any) -> None:
    name = SCHEMA_OF[model.get_namespace()]
    declared = [
        (
            ns.tag(field.namespace, field.name),
            field.base,
            field.min_occurs,
            field.max_occurs,
            dict(field.facets),
            tuple(field.values),
        )
        for field in contract.payload_fields(name, model.get_type_name())
    ]
    assert [as_field(model, key, member) for key, member in model._type_info.items()] == declared


def test_every_payload_of_the_service_has_a_model() -> None:
    schemas = {SCHEMA_OF[model.get_namespace()] for model in MODELS}
    foreign = {"InvAdjustDesc", "InvAdjustPublishingService", "InventoryAdjustmentService", "RibTypes"}
    assert schemas == set(contract.xsd_names()) - foreign - {"ServiceOpStatus"}


def test_a_status_lists_its_values_in_the_order_of_the_schema() -> None:
    assert list(types.STATUS.Attributes.values) == ["IN_PROGRESS", "COMPLETED", "CANCELED", "UNKNOWN", "NO_VALUE"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.get_type_name())
def test_what_build_makes_is_what_spyne_makes(model: Any) -> None:
    assert types.build(model).__dict__ == model().__dict__
