"""One prefix is one namespace, and the tables agree with the shipped schemas."""

from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns


def test_every_prefix_stands_for_one_namespace() -> None:
    assert len(set(ns.PREFIXES.values())) == len(ns.PREFIXES)


def test_every_schema_namespace_has_its_own_prefix_and_file() -> None:
    assert tuple(sorted(ns.SCHEMA_NAMESPACES)) == contract.xsd_names()
    assert len(set(ns.SCHEMA_NAMESPACES.values())) == len(ns.SCHEMA_NAMESPACES)


def test_schemas_use_the_prefixes_of_the_table() -> None:
    for name in contract.xsd_names():
        for prefix, namespace in etree.parse(contract.xsd_path(name)).getroot().nsmap.items():
            assert ns.PREFIXES[namespace] == prefix, name


def test_a_payload_has_a_namespace_of_its_own() -> None:
    assert ns.payload("StrAdjModVo") == "http://www.oracle.com/retail/integration/base/bo/StrAdjModVo/v1"
    assert ns.tag(ns.STR_ADJ_REF, "adjustment_id") == f"{{{ns.STR_ADJ_REF}}}adjustment_id"


def test_what_is_ours_is_not_in_an_oracle_namespace() -> None:
    assert ns.STR_ADJ_EXT_ATT.startswith("urn:gateway:")
    assert ns.RIB_TYPES.startswith("urn:gateway:")
