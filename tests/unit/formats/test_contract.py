"""The design-time schemas say what we mean, and everything that is derived from them agrees with them."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import zeep
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.formats.schema_reader import SchemaSet

XS = f"{{{ns.XSD}}}"
UNCERTAIN = re.compile(r"not certain|our choice|inferred|proposed|\bours\b|not public|not known", re.IGNORECASE)

SAVE = f"""
<s:saveAndConfirmInventoryAdjustment xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}" xmlns:m="{ns.STR_ADJ_MOD_VO}"
                                     xmlns:x="{ns.STR_ADJ_EXT_ATT}"><m:StrAdjModVo>
 <m:store_id>1311</m:store_id><m:comments>x</m:comments>
 <m:StrAdjItmMod><m:item_id>100000147</m:item_id><m:reason_id>83</m:reason_id>
 <m:quantity>2</m:quantity><m:case_size>1</m:case_size></m:StrAdjItmMod>
</m:StrAdjModVo></s:saveAndConfirmInventoryAdjustment>"""

SEARCH = f"""
<s:lookupInventoryAdjustmentHeader xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}" xmlns:c="{ns.STR_ADJ_HDR_CRI_VO}">
<c:StrAdjHdrCriVo><c:store_id>1311</c:store_id><c:status>NO_VALUE</c:status><c:search_limit>500</c:search_limit>
</c:StrAdjHdrCriVo></s:lookupInventoryAdjustmentHeader>"""

PUBLISH = f"""
<s:publishInvAdjustCreateUsingInvAdjustDesc xmlns:s="{ns.INV_ADJUST_PUBLISHING_SERVICE}" xmlns:d="{ns.INV_ADJUST_DESC}">
<d:InvAdjustDesc><d:dc_dest_id>1311</d:dc_dest_id><d:InvAdjustDtl><d:item_id>100000147</d:item_id>
<d:adjustment_reason_code>83</d:adjustment_reason_code><d:unit_qty>2.0000</d:unit_qty>
<d:from_disposition>ATS</d:from_disposition><d:transaction_code>0</d:transaction_code><d:user_id>pos</d:user_id>
<d:create_date>2024-03-05T10:00:00Z</d:create_date>
<d:InvAdjustUin><d:uin>IMEI1</d:uin><d:status>1</d:status></d:InvAdjustUin></d:InvAdjustDtl></d:InvAdjustDesc>
</s:publishInvAdjustCreateUsingInvAdjustDesc>"""

OPERATIONS = {
    "InventoryAdjustmentService": {
        "ping": ("", ""),
        "lookupInventoryAdjustmentReason": ("Nothing", "StrAdjRsnColDesc"),
        "lookupNonSellableQuantityType": ("Nothing", "NslQtyTypColDesc"),
        "lookupInventoryAdjustmentTemplateHeader": ("StrAdjTpHdCriVo", "StrAdjTpHdColDesc"),
        "readInventoryAdjustmentTemplateDetail": ("StrAdjTplRef", "StrAdjTplDesc"),
        "lookupInventoryAdjustmentHeader": ("StrAdjHdrCriVo", "StrAdjHdrColDesc"),
        "readInventoryAdjustmentDetail": ("StrAdjRef", "StrAdjDesc"),
        "saveInventoryAdjustment": ("StrAdjModVo", "StrAdjRef"),
        "confirmInventoryAdjustment": ("StrAdjRef", "InvocationSuccess"),
        "saveAndConfirmInventoryAdjustment": ("StrAdjModVo", "StrAdjRef"),
        "cancelInventoryAdjustment": ("StrAdjRef", "InvocationSuccess"),
    },
    "InvAdjustPublishingService": {
        "ping": ("", ""),
        "publishInvAdjustCreateUsingInvAdjustDesc": ("InvAdjustDesc", "ServiceOpStatus"),
    },
}


def errors(service: str, message: str) -> str:
    """Return what the schema of *service* has against *message*; empty = nothing."""
    schema = contract.service_schema(service)
    schema.validate(etree.fromstring(message))
    return " ".join(str(error.message) for error in schema.error_log)


def adjustment_errors(message: str) -> str:
    return errors("InventoryAdjustmentService", message)


def schemas() -> Iterator[tuple[str, etree._Element]]:
    for name in contract.xsd_names():
        yield f"{name}.xsd", etree.parse(contract.xsd_path(name)).getroot()
    for service in contract.SERVICES:
        for schema in etree.fromstring(contract.read_wsdl(service)).iter(f"{XS}schema"):
            yield f"{service}.wsdl", schema


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files that a test may spoil."""
    for folder, setting in (("xsd", "_XSD_FOLDER"), ("wsdl", "_WSDL_FOLDER")):
        shutil.copytree(getattr(contract, setting), tmp_path / folder)
        monkeypatch.setattr(contract, setting, tmp_path / folder)
    return tmp_path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# -- the files ------------------------------------------------------------------------------------------------------


def test_the_committed_contract_has_no_findings() -> None:
    assert contract.check() == []


@pytest.mark.parametrize("service", contract.SERVICES)
def test_building_twice_gives_the_same_bytes(service: str) -> None:
    assert contract.build_wsdl(service) == contract.build_wsdl(service) == contract.read_wsdl(service)


def test_every_element_and_type_is_annotated() -> None:
    kinds = [f"{XS}{kind}" for kind in ("schema", "element", "complexType", "simpleType", "enumeration")]
    for file, schema in schemas():
        for declared in schema.iter(*kinds):
            text = declared.findtext(f"{XS}annotation/{XS}documentation") or ""
            name = declared.get("name") or declared.get("ref") or declared.get("value")
            assert len(text.split()) > 1, f"{file}: {name} has no annotation"


def test_every_named_type_of_a_schema_is_used() -> None:
    used = {str(value) for _, schema in schemas() for element in schema.iter() for value in element.attrib.values()}
    for name in contract.xsd_names():
        schema = etree.parse(contract.xsd_path(name)).getroot()
        for declared in (*schema.iterchildren(f"{XS}simpleType"), *schema.iterchildren(f"{XS}complexType")):
            assert f"{name}:{declared.get('name')}" in used, f"{name}.xsd: {declared.get('name')} is never used"


@pytest.mark.parametrize(
    ("schema", "type_name", "names"),
    [
        ("exception", "ProblemDetailEntry", ["name", "value"]),
        ("ServiceOpStatus", "ServiceOpStatus", ["SuccessStatus", "FailStatus"]),
        ("ServiceOpStatus", "SuccessStatus", ["short_success_message", "success_description"]),
        ("ServiceOpStatus", "FailStatus", ["short_error_message", "error_description", "BusinessProblemDetail"]),
        ("StrAdjTpHdDesc", "StrAdjTpHdDesc", ["create_date", "create_user_name", "item_count"]),
        ("StrAdjHdrDesc", "StrAdjHdrDesc", ["item_count"]),
        ("StrAdjModVo", "StrAdjModVo", ["publish", "removed_line_id_col"]),
        ("StrAdjModVo", "StrAdjItmMod", ["added_uin_col", "removed_uin_col", "StrAdjExtAtt", "removed_ext_att_col"]),
        (
            "InvAdjustDesc",
            "InvAdjustDtl",
            ["user_id", "create_date", "po_nbr", "doc_type", "aux_reason_code", "weight"],
        ),
        ("InvAdjustDesc", "InvAdjustUin", ["status"]),
        ("InventoryAdjustmentService", "ping", ["arg0"]),
    ],
)
def test_what_public_sources_do_not_prove_is_said_to_be_uncertain(
    schema: str, type_name: str, names: list[str]
) -> None:
    root = etree.parse(contract.xsd_path(schema)).getroot()
    members = root.findall(f"{XS}complexType[@name='{type_name}']//{XS}element")
    texts = {
        (member.get("name") or member.get("ref", "").split(":")[1]): " ".join(
            (member.findtext(f"{XS}annotation/{XS}documentation") or "").split()
        )
        for member in members
    }
    for name in names:
        assert UNCERTAIN.search(texts[name]), f"{schema}.xsd: {name} reads as if it were certain"


def test_every_import_names_a_file_beside_it() -> None:
    for name in contract.xsd_names():
        for imported in etree.parse(contract.xsd_path(name)).getroot().iterchildren(f"{XS}import"):
            other = imported.get("schemaLocation", "").removesuffix(".xsd")
            assert ns.SCHEMA_NAMESPACES[other] == imported.get("namespace")


def test_the_package_ships_the_schemas_of_the_repository() -> None:
    package = Path(contract.__file__).resolve().parents[1]
    for folder in ("xsd", "wsdl"):
        assert (package / folder).is_dir()
    assert len(contract.xsd_names()) == 24


@pytest.mark.parametrize("name", ["../setup", "StrAdjModVo.xsd", "", "Unknown", "/etc/passwd"])
def test_only_files_of_the_contract_can_be_asked_for(name: str) -> None:
    for call in (contract.xsd_path, contract.read_wsdl, contract.build_wsdl, contract.payload_fields):
        with pytest.raises(LookupError, match="there is no"):
            call(name)


# -- the WSDL against the schemas -----------------------------------------------------------------------------------


@pytest.mark.parametrize("service", contract.SERVICES)
def test_a_strict_client_sees_exactly_the_operations_with_their_payloads(service: str) -> None:
    client = zeep.Client(str(contract.wsdl_path(service)))
    (port,) = client.wsdl.services[service].ports.values()
    seen = {}
    for name, operation in port.binding._operations.items():
        wrappers = [client.get_element(f"{{{ns.SCHEMA_NAMESPACES[service]}}}{w}") for w in (name, f"{name}Response")]
        seen[name] = tuple(
            "" if member.name in ("arg0", "return") else member.name
            for wrapper in wrappers
            for _, member in wrapper.type.elements
        )
        assert sorted(operation.abstract.fault_messages) == (
            []
            if name == "ping"
            else ["IllegalArgumentWSFaultException", "IllegalStateWSFaultException", "ValidationWSFaultException"]
        )
    assert seen == OPERATIONS[service]


def xsd_members(name: str, type_name: str) -> list[tuple[str, str, int, bool]]:
    """Return name, plain type, least occurrence and whether it repeats, read from the schema with other tools."""
    files = {n: ElementTree.parse(contract.xsd_path(n)).getroot() for n in contract.xsd_names()}

    def plain_type(prefixed: str) -> str:
        prefix, _, local = prefixed.rpartition(":")
        if prefix == "xs":
            return local
        for simple in files[prefix].findall(f"{XS}simpleType"):
            if simple.get("name") == local:
                restriction = simple.find(f"{XS}restriction")
                assert restriction is not None
                values = restriction.findall(f"{XS}enumeration")
                return local if values else plain_type(restriction.get("base", ""))
        return local

    members = []
    for member in files[name].findall(f"{XS}complexType[@name='{type_name}']/{XS}sequence/{XS}element"):
        local, declared = member.get("name", ""), member.get("type", "")
        if member.get("ref"):
            prefix, _, local = member.get("ref", "").rpartition(":")
            declared = next(e.get("type", "") for e in files[prefix].findall(f"{XS}element") if e.get("name") == local)
        repeats = member.get("maxOccurs", "1") != "1"
        members.append((local, plain_type(declared), int(member.get("minOccurs", "1")), repeats))
    return members


@pytest.mark.parametrize("service", contract.SERVICES)
def test_every_wsdl_type_is_the_design_time_type_without_its_limits(service: str) -> None:
    client = zeep.Client(str(contract.wsdl_path(service)))
    compared = 0
    for name, namespace in ns.SCHEMA_NAMESPACES.items():
        if namespace not in {schema.get("targetNamespace") for _, schema in schemas() if _ == f"{service}.wsdl"}:
            continue
        for complex_type in ElementTree.parse(contract.xsd_path(name)).getroot().findall(f"{XS}complexType"):
            type_name = complex_type.get("name", "")
            if type_name.removesuffix("Response") in contract.ALIASES:
                continue
            shown = client.get_type(f"{{{namespace}}}{type_name}")
            seen = [
                (local, member.type.name, int(member.min_occurs), member.max_occurs == "unbounded")
                for local, member in shown.elements
            ]
            assert seen == xsd_members(name, type_name), f"{name}:{type_name}"
            compared += 1
    assert compared == {"InventoryAdjustmentService": 48, "InvAdjustPublishingService": 17}[service]


def test_the_alias_is_accepted_and_not_shown() -> None:
    alias = f'<s:lookupNonSellableQtyType xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}"/>'
    assert adjustment_errors(alias) == ""
    assert b"lookupNonSellableQtyType" not in contract.read_wsdl("InventoryAdjustmentService")


def test_a_limit_is_told_in_the_wsdl() -> None:
    text = " ".join(contract.read_wsdl("InventoryAdjustmentService").decode().split())
    for limit in ("At most 25 characters.", "At most 12 digits.", "At most 20 digits, 4 of them after the point.",
                  "From 1 to 999.", "At most 1000 of them."):  # fmt: skip
        assert limit in text


def test_only_the_address_changes_when_a_wsdl_is_served() -> None:
    shipped = contract.read_wsdl("InventoryAdjustmentService").decode()
    served = contract.wsdl_with_address("InventoryAdjustmentService", 'https://sim.example/a?b="1"&c=<2>').decode()
    assert etree.fromstring(served.encode()).xpath("string(//@location)") == 'https://sim.example/a?b="1"&c=<2>'
    changed = [(old, new) for old, new in zip(shipped.splitlines(), served.splitlines(), strict=True) if old != new]
    assert len(changed) == 1
    assert "soap:address" in changed[0][1]


@pytest.mark.parametrize("url", ["", "sim.example", "javascript:alert(1)", "http://", "http://a b/", "http://a/\x01"])
def test_an_address_that_no_client_can_call_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        contract.wsdl_with_address("InventoryAdjustmentService", url)


# -- check can fail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        ("wsdl/InventoryAdjustmentService.wsdl", 'type="xs:long"', 'type="xs:int"', "differs from xsd/"),
        (
            "wsdl/InventoryAdjustmentService.wsdl",
            "Inventory adjustments of",
            "Adjustments of",
            "gateway contract build",
        ),
        ("wsdl/frames/InventoryAdjustmentService.wsdl", "pingResponse", "pongResponse", "does not declare"),
        ("xsd/StrAdjRef.xsd", "RibTypes:number12", "RibTypes:varchar225", "type StrAdjRef differs from xsd/"),
        ("xsd/StrAdjRef.xsd", 'name="adjustment_id"', 'name="id"', "differs from xsd/ at id"),
        ("xsd/StrAdjRef.xsd", "RibTypes:number12", "RibTypes:number99", "does not compile"),
        ("xsd/StrAdjRef.xsd", 'targetNamespace="http://www', 'targetNamespace="http://w3', "target namespace"),
        ("xsd/StrAdjRef.xsd", "<xs:schema", "<xs:scheme", "does not compile"),
        ("xsd/InvAdjustPublishingService.xsd", 'element name="pingResponse"', 'element name="pong"', "pingResponse"),
    ],
)
def test_a_disagreement_is_found(copied: Path, file: str, old: str, new: str, finding: str) -> None:
    spoil(copied / file, old, new)
    assert any(finding in text for text in contract.check()), contract.check()


def test_a_wrapper_without_operation_is_found(copied: Path) -> None:
    spoil(
        copied / "xsd/InvAdjustPublishingService.xsd",
        '  <xs:element name="ping"',
        '  <xs:element name="lost" type="InvAdjustPublishingService:ping"/>\n  <xs:element name="ping"',
    )
    assert contract.check() == [
        "wsdl/InvAdjustPublishingService.wsdl: does not show lost, which xsd/InvAdjustPublishingService.xsd declares"
    ]


def test_a_missing_and_an_unknown_file_are_found(copied: Path) -> None:
    (copied / "xsd/ServiceOpStatus.xsd").rename(copied / "xsd/Status.xsd")
    (copied / "wsdl/InventoryAdjustmentService.wsdl").unlink()
    findings = " ".join(contract.check())
    for part in ("xsd/ServiceOpStatus.xsd: is missing", "xsd/Status.xsd: the prefix table", "No such file"):
        assert part in findings


def test_a_build_writes_what_is_shipped(copied: Path) -> None:
    path = copied / "wsdl/InventoryAdjustmentService.wsdl"
    shipped = path.read_bytes()
    path.write_bytes(b"")
    assert contract.write_wsdl("InventoryAdjustmentService") == path
    assert path.read_bytes() == shipped


# -- messages -------------------------------------------------------------------------------------------------------


def test_a_request_of_the_field_is_valid() -> None:
    assert adjustment_errors(SAVE) == ""


def test_a_search_and_a_publication_are_valid() -> None:
    assert adjustment_errors(SEARCH) == ""
    assert errors("InvAdjustPublishingService", PUBLISH) == ""


@pytest.mark.parametrize("service", contract.SERVICES)
def test_a_wrapper_without_its_payload_is_valid_and_one_with_two_is_not(service: str) -> None:
    for operation, payloads in OPERATIONS[service].items():
        for wrapper, payload in zip((operation, f"{operation}Response"), payloads, strict=True):
            start = f'<s:{wrapper} xmlns:s="{ns.SCHEMA_NAMESPACES[service]}"'
            assert errors(service, f"{start}/>") == ""
            if payload:
                twice = f'<{payload} xmlns="{ns.payload(payload)}"/>' * 2
                assert errors(service, f"{start}>{twice}</s:{wrapper}>")


def test_ping_holds_unqualified_text() -> None:
    start = f'<s:ping xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}">'
    assert adjustment_errors(f"{start}<arg0>hello</arg0></s:ping>") == ""
    assert adjustment_errors(f"{start}<s:arg0>hello</s:arg0></s:ping>")


@pytest.mark.parametrize("content", ["", "text", "<a/>", "<x:a xmlns:x='urn:x' b='1'>t</x:a>"])
def test_nothing_may_hold_anything(content: str) -> None:
    start = f'<s:lookupInventoryAdjustmentReason xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}" xmlns:n="{ns.NOTHING}">'
    nothing = f"<n:Nothing>{content}</n:Nothing>"
    assert adjustment_errors(f"{start}{nothing}</s:lookupInventoryAdjustmentReason>") == ""


@pytest.mark.parametrize(
    "name", ["IllegalArgumentWSFaultException", "IllegalStateWSFaultException", "ValidationWSFaultException"]
)
@pytest.mark.parametrize("service", contract.SERVICES)
def test_a_fault_detail_is_valid_in_every_service(service: str, name: str) -> None:
    entry = "<ProblemDetailEntry><name>item_id</name><value>1</value></ProblemDetailEntry>"
    problem = f"<BusinessProblemDetail><problemDescription>ADJ-16</problemDescription>{entry}</BusinessProblemDetail>"
    rest = f"<errorDescription>d</errorDescription>{problem * 2}"
    assert (
        errors(service, f'<{name} xmlns="{ns.EXCEPTION}"><shortErrorMessage>s</shortErrorMessage>{rest}</{name}>') == ""
    )
    assert "shortErrorMessage" in errors(service, f'<{name} xmlns="{ns.EXCEPTION}">{rest}</{name}>')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<m:quantity>2</m:quantity>", "<m:quantity>-2.0001</m:quantity>"),
        ("<m:quantity>2</m:quantity>", "<m:quantity>1234567890123456.1234</m:quantity>"),
        ("<m:store_id>1311<", "<m:store_id> 01311 <"),
        ("<m:comments>x<", "<m:comments>" + "日" * 2000 + "<"),
        ("<m:comments>x</m:comments>", "<m:publish>0</m:publish>"),
        ("<m:case_size>1</m:case_size>", "<m:case_size>1.50</m:case_size><m:added_uin_col>A</m:added_uin_col>"),
        (
            "<m:case_size>1</m:case_size>",
            "<m:case_size>1</m:case_size><x:StrAdjExtAtt><x:name>LOT</x:name><x:barcode>1</x:barcode></x:StrAdjExtAtt>"
            "<x:removed_ext_att_col>2</x:removed_ext_att_col>",
        ),
        ("</m:StrAdjItmMod>", "</m:StrAdjItmMod><m:removed_line_id_col>7</m:removed_line_id_col>"),
    ],
)
def test_what_the_limits_allow_is_valid(old: str, new: str) -> None:
    assert old in SAVE
    assert adjustment_errors(SAVE.replace(old, new)) == ""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("100000147", "1" * 26, "maxLength"),
        ("<m:comments>x<", "<m:comments>" + "x" * 2001 + "<", "maxLength"),
        (">83<", ">1234567890123<", "totalDigits"),
        (">83<", ">8.3<", "number12"),
        (">1311<", ">12345678901<", "totalDigits"),
        ("<m:quantity>2<", "<m:quantity>1.00001<", "fractionDigits"),
        ("<m:quantity>2<", "<m:quantity>12345678901234567.1234<", "totalDigits"),
        ("<m:quantity>2<", "<m:quantity>1E3<", "number20_4"),
        ("<m:quantity>2<", "<m:quantity><b/><", "quantity"),
        ("<m:case_size>1</m:case_size>", "", "case_size"),
        ("<m:case_size>1<", "<m:case_size>1.005<", "fractionDigits"),
        ("<m:store_id>1311</m:store_id><m:comments>x</m:comments>", "<m:comments>x</m:comments>", "store_id"),
        ("<m:comments>x</m:comments>", "<m:publish>yes</m:publish>", "boolean"),
        ("<m:comments>x</m:comments>", "<m:user_name>x</m:user_name>", "user_name"),
        ("<m:comments>", "<m:comments a='1'>", "attribute"),
        ("</m:StrAdjItmMod>", "</m:StrAdjItmMod><m:publish>1</m:publish>", "publish"),
    ],
)
def test_what_the_limits_forbid_is_named(old: str, new: str, named: str) -> None:
    assert old in SAVE
    found = adjustment_errors(SAVE.replace(old, new))
    assert found
    assert named in found


@pytest.mark.parametrize(
    ("part", "most"),
    [
        ("<m:StrAdjItmMod><m:item_id>1</m:item_id><m:reason_id>1</m:reason_id><m:quantity>1</m:quantity>"
         "<m:case_size>1</m:case_size></m:StrAdjItmMod>", 999),
        ("<m:removed_line_id_col>1</m:removed_line_id_col>", 5000),
    ],
)  # fmt: skip
def test_lists_end_at_their_limit(part: str, most: int) -> None:
    assert adjustment_errors(SAVE.replace("</m:StrAdjItmMod>", "</m:StrAdjItmMod>" + part * most)) == ""
    assert adjustment_errors(SAVE.replace("</m:StrAdjItmMod>", "</m:StrAdjItmMod>" + part * (most + 1)))


@pytest.mark.parametrize(("limit", "valid"), [(0, False), (1, True), (999, True), (1000, False), (-1, False)])
def test_a_search_limit_is_from_1_to_999(limit: int, valid: bool) -> None:  # ADJ-11
    assert (adjustment_errors(SEARCH.replace(">500<", f">{limit}<")) == "") is valid


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED", "CANCELED", "UNKNOWN", "NO_VALUE"])
def test_the_five_statuses_are_valid_and_no_other(status: str) -> None:
    assert adjustment_errors(SEARCH.replace("NO_VALUE", status)) == ""
    assert "enumeration" in adjustment_errors(SEARCH.replace("NO_VALUE", f"{status}D"))


def test_the_hooks_of_old_releases_are_let_pass() -> None:
    for hook in (ns.EXT_OF_INV_ADJUST_DESC, ns.LOC_OF_INV_ADJUST_DESC):
        message = PUBLISH.replace("</d:InvAdjustDesc>", f'<h:Any xmlns:h="{hook}"><h:b/></h:Any></d:InvAdjustDesc>')
        assert errors("InvAdjustPublishingService", message) == ""
    other = PUBLISH.replace("</d:InvAdjustDesc>", '<h:Any xmlns:h="urn:x"/></d:InvAdjustDesc>')
    assert errors("InvAdjustPublishingService", other)


@pytest.mark.parametrize(
    ("old", "new"),
    [("2.0000", "123456789.0001"), (">0<", ">12345<"), (">ATS<", ">ATSXX<"), (">1311<", ">12345678901<")],
)
def test_a_publication_beyond_its_limits_is_refused(old: str, new: str) -> None:
    assert old in PUBLISH
    assert errors("InvAdjustPublishingService", PUBLISH.replace(old, new))


# -- the reader -----------------------------------------------------------------------------------------------------


def test_the_reader_gives_names_types_limits_in_wire_order() -> None:
    fields = {field.name: field for field in contract.payload_fields("StrAdjModVo", "StrAdjItmMod")}
    assert list(fields) == ["line_id", "item_id", "reason_id", "quantity", "case_size", "added_uin_col",
                            "removed_uin_col", "StrAdjExtAtt", "removed_ext_att_col"]  # fmt: skip
    quantity, uin, attribute = fields["quantity"], fields["added_uin_col"], fields["StrAdjExtAtt"]
    assert (quantity.type_name, quantity.base, quantity.min_occurs) == ("number20_4", "decimal", 1)
    assert quantity.facets == {"totalDigits": "20", "fractionDigits": "4"}
    assert (uin.min_occurs, uin.max_occurs, uin.namespace) == (0, 5000, ns.STR_ADJ_MOD_VO)
    assert (attribute.base, attribute.namespace) == ("", ns.STR_ADJ_EXT_ATT)


def test_the_reader_follows_a_type_down_to_the_built_in_one() -> None:
    limit = contract.payload_fields("StrAdjHdrCriVo")[-1]
    assert (limit.type_name, limit.base) == ("search_limit", "int")
    assert limit.facets == {"totalDigits": "3", "minInclusive": "1", "maxInclusive": "999"}


def test_the_reader_tells_enumerations_lists_and_unqualified_members() -> None:
    (status,) = (field for field in contract.payload_fields("StrAdjDesc") if field.name == "status")
    assert status.values == ("IN_PROGRESS", "COMPLETED", "CANCELED", "UNKNOWN", "NO_VALUE")
    assert contract.payload_fields("StrAdjRsnColDesc")[0].max_occurs is None
    assert contract.payload_fields("InventoryAdjustmentService", "ping")[0].namespace == ""
    assert contract.payload_fields("Nothing") == []


def test_two_schemas_of_one_namespace_are_refused() -> None:
    schema = etree.parse(contract.xsd_path("StrAdjRef")).getroot()
    with pytest.raises(ValueError, match="two schemas"):
        SchemaSet([schema, schema])


def test_an_unknown_type_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="declares no complexType"):
        contract.payload_fields("StrAdjRef", "StrAdjItm")
