"""The shape of our WSDLs, rule by rule: each rule is there because some SOAP stack fails without it.

Every rule is a function that returns what breaks it. One test holds the shipped files against all rules; another breaks
a copy for each rule and expects that rule, so none of them passes by looking at nothing.
"""

import re
from collections.abc import Callable, Iterator

import pytest
import zeep
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns

XS, WSDL, SOAP = f"{{{ns.XSD}}}", f"{{{ns.WSDL}}}", f"{{{ns.WSDL_SOAP11}}}"
PLAIN = {"string", "long", "int", "decimal", "boolean", "dateTime"}
QNAME_ATTRIBUTES = ("type", "ref", "base", "element", "message", "binding")
FAULTS = ["IllegalArgumentWSFaultException", "IllegalStateWSFaultException", "ValidationWSFaultException"]

Findings = Iterator[str]


def local(name: object) -> str:
    return etree.QName(str(name)).localname


def wrapper_schema(root: etree._Element) -> etree._Element:
    return next(s for s in root.iter(f"{XS}schema") if s.get("targetNamespace") == root.get("targetNamespace"))


def operations(root: etree._Element) -> list[etree._Element]:
    return list(root.iterfind(f"{WSDL}portType/{WSDL}operation"))


def rule_1_one_self_contained_file(root: etree._Element) -> Findings:
    if root.tag != f"{WSDL}definitions":
        yield "the root is no wsdl:definitions"
    for element in root.iter():
        if local(element.tag) in ("include", "redefine") or element.get("schemaLocation") is not None:
            yield f"{element.tag} points to another file"
    if root.find(f"{WSDL}import") is not None:
        yield "wsdl:import"
    inline = {schema.get("targetNamespace") for schema in root.iter(f"{XS}schema")}
    for imported in root.iter(f"{XS}import"):
        if imported.get("namespace") not in inline:
            yield f"the schema of {imported.get('namespace')} is not in the file"


def rule_2_document_literal_soap_11_only(root: etree._Element) -> Findings:
    for element in root.iter():
        for namespace in element.nsmap.values():
            if "soap12" in namespace or namespace == ns.SOAP12:
                yield f"SOAP 1.2 is declared at {element.tag}"
    if len(root.findall(f"{WSDL}binding")) != 1 or len(list(root.iter(f"{WSDL}port"))) != 1:
        yield "more or less than one binding and one port"
    for binding in root.iter(f"{SOAP}binding"):
        if (binding.get("style"), binding.get("transport")) != ("document", ns.SOAP_HTTP):
            yield "the binding is not document over HTTP"
    bodies = [*root.iter(f"{SOAP}body"), *root.iterfind(f".//{WSDL}fault/{SOAP}fault")]
    bound = [m for kind in ("input", "output", "fault") for m in root.iterfind(f"{WSDL}binding//{WSDL}{kind}")]
    if len(bodies) != len(bound):
        yield "a message of the binding has no soap:body or soap:fault"
    yield from ("use is not literal" for body in bodies if body.get("use") != "literal")


def rule_3_wrappers_hold_one_reference(root: etree._Element) -> Findings:
    schema = wrapper_schema(root)
    target_prefix = next(prefix for prefix, uri in root.nsmap.items() if uri == root.get("targetNamespace"))
    for wrapper in schema.iterchildren(f"{XS}element"):
        name = wrapper.get("name")
        if wrapper.get("type") != f"{target_prefix}:{name}":
            yield f"{name}: its type has another name"
        members = schema.findall(f"{XS}complexType[@name='{name}']/{XS}sequence/{XS}element")
        if len(members) != 1:
            yield f"{name}: holds {len(members)} elements"
        for member in members:
            ping = member.get("name") in ("arg0", "return") and member.get("form") == "unqualified"
            if not (member.get("ref") or ping) or member.get("minOccurs") != "0" or member.get("maxOccurs", "1") != "1":
                yield f"{name}: does not hold one optional reference"
    for operation in operations(root):
        if operation.get("parameterOrder") is not None:
            yield "parameterOrder"
        for part, suffix in (("input", ""), ("output", "Response")):
            message = local_name(operation.find(f"{WSDL}{part}"), "message")
            parts = root.findall(f"{WSDL}message[@name='{message}']/{WSDL}part")
            expected = [("parameters", f"{target_prefix}:{operation.get('name')}{suffix}")]
            if [(p.get("name"), p.get("element")) for p in parts] != expected:
                yield f"{operation.get('name')}: {part} is not the part 'parameters' with its wrapper"


def local_name(element: etree._Element | None, attribute: str) -> str:
    assert element is not None
    return element.get(attribute, "").rpartition(":")[2]


def rule_4_payload_types_are_named_with_local_elements(root: etree._Element) -> Findings:
    for schema in root.iter(f"{XS}schema"):
        if schema is wrapper_schema(root):
            continue
        if schema.get("elementFormDefault") != "qualified":
            yield f"{schema.get('targetNamespace')}: elements are not qualified"
        own = next(prefix for prefix, uri in root.nsmap.items() if uri == schema.get("targetNamespace"))
        for element in schema.iter(f"{XS}element"):
            if element.get("ref", "").startswith(f"{own}:"):
                yield f"{element.get('ref')}: a reference inside its own namespace"
            if element.get("ref") is None and not (element.get("name") and element.get("type")):
                yield f"{element.get('name')}: no named type"
        yield from ("a type has no name" for t in schema.iter(f"{XS}complexType") if t.getparent() is not schema)


def rule_5_dependencies_first_and_service_last(root: etree._Element) -> Findings:
    order = [local(child.tag) for child in root if local(child.tag) != "documentation"]
    steps = ["types", "message", "portType", "binding", "service"]
    if order != sorted(order, key=steps.index) or order[-1] != "service":
        yield f"the order is {order}"
    known: set[str | None] = set()
    schemas = list(root.iter(f"{XS}schema"))
    for schema in schemas:
        for imported in schema.iterchildren(f"{XS}import"):
            if imported.get("namespace") not in known:
                yield f"{schema.get('targetNamespace')} comes before {imported.get('namespace')}"
        known.add(schema.get("targetNamespace"))
    if schemas[-1] is not wrapper_schema(root):
        yield "the schema of the service is not the last"
    for element in root.iter(f"{XS}element"):
        schema = next(element.iterancestors(f"{XS}schema"))
        imports = {i.get("namespace") for i in schema.iterchildren(f"{XS}import")}
        for attribute in ("type", "ref"):
            namespace = element.nsmap.get(element.get(attribute, "").rpartition(":")[0] or None)
            if element.get(attribute) and namespace not in {*imports, ns.XSD, schema.get("targetNamespace")}:
                yield f"{element.get(attribute)} is used and not imported"


def rule_6_every_name_has_the_one_prefix_of_its_namespace(root: etree._Element) -> Findings:
    text = etree.tostring(root).decode()
    declared = re.findall(r"xmlns(?::(\w+))?=", text)
    yield from ("a default namespace" for prefix in declared if not prefix)
    if len(declared) != len(set(declared)) or len(root.nsmap) != len(set(root.nsmap.values())):
        yield "a prefix is declared twice, or a namespace has two"
    for element in root.iter():
        for attribute in QNAME_ATTRIBUTES:
            value = element.get(attribute)
            if value is not None and value.partition(":")[0] not in root.nsmap:
                yield f"{attribute}={value!r} has no declared prefix"
    used = {element.prefix for element in root.iter()}
    used |= {v.partition(":")[0] for e in root.iter() for a, v in e.items() if a in QNAME_ATTRIBUTES}
    yield from (f"the prefix {prefix} is not used" for prefix in root.nsmap if prefix not in used)


def rule_7_service_port_type_binding_and_port_have_distinct_names(root: etree._Element) -> Findings:
    kinds = ("service", "portType", "binding", "port")
    names = [element.get("name") for kind in kinds for element in root.iter(f"{WSDL}{kind}")]
    stem = str(root.get("name")).removesuffix("Service")
    if names != [f"{stem}Service", f"{stem}PortType", f"{stem}PortBinding", f"{stem}Port"]:
        yield f"the names are {names}"


def rule_8_plain_types_and_sequences_only(root: etree._Element) -> Findings:
    allowed = {"schema", "import", "annotation", "documentation", "element", "complexType", "sequence",
               "simpleType", "restriction", "enumeration"}  # fmt: skip
    for element in root.iterfind(f"{WSDL}types//"):
        if local(element.tag) not in allowed:
            yield f"xs:{local(element.tag)}"
        for attribute in ("mixed", "abstract", "substitutionGroup", "default", "fixed"):
            if element.get(attribute) is not None:
                yield f"the attribute {attribute}"
        for attribute in ("type", "base"):
            prefix, _, name = element.get(attribute, "").rpartition(":")
            if prefix == "xs" and name not in PLAIN:
                yield f"the type xs:{name}"
    for simple in root.iter(f"{XS}simpleType"):
        if not list(simple.iter(f"{XS}enumeration")):
            yield f"{simple.get('name')} is restricted and no enumeration"


def rule_9_optional_by_absence_and_lists_without_end(root: etree._Element) -> Findings:
    for element in root.iter(f"{XS}element"):
        name = element.get("name") or element.get("ref")
        if element.get("nillable") is not None:
            yield f"{name} is nillable"
        if element.get("minOccurs") not in (None, "0"):
            yield f"{name}: minOccurs={element.get('minOccurs')}"
        if element.get("maxOccurs") not in (None, "unbounded"):
            yield f"{name}: maxOccurs={element.get('maxOccurs')}"


def rule_10_the_three_faults_on_every_operation_but_ping(root: etree._Element) -> Findings:
    for kind in ("portType", "binding"):
        for operation in root.iterfind(f"{WSDL}{kind}/{WSDL}operation"):
            faults = operation.findall(f"{WSDL}fault")
            expected = [] if operation.get("name") == "ping" else FAULTS
            if [fault.get("name") for fault in faults] != expected:
                yield f"{kind}: {operation.get('name')} does not declare the three faults"
            for fault in faults:
                bound = fault.find(f"{SOAP}fault")
                if kind == "binding" and (bound is None or bound.get("name") != fault.get("name")):
                    yield f"{operation.get('name')}: wsdl:fault and soap:fault have different names"
    declared = {e.get("name") for s in root.iter(f"{XS}schema") if s.get("targetNamespace") == ns.EXCEPTION
                for e in s.iterchildren(f"{XS}element")}  # fmt: skip
    for name in FAULTS:
        parts = [part.get("element") for part in root.findall(f"{WSDL}message[@name='{name}']/{WSDL}part")]
        if parts != [f"exception:{name}"] or name not in declared:
            yield f"{name} is not one message with one element of the exception namespace"


def rule_11_no_security_header_is_declared(root: etree._Element) -> Findings:
    kinds = ("header", "headerfault", "Policy", "PolicyReference")
    yield from (str(element.tag) for element in root.iter() if local(element.tag) in kinds)


def rule_12_every_soap_action_is_empty(root: etree._Element) -> Findings:
    bound = root.findall(f"{WSDL}binding/{WSDL}operation")
    if [o.get("name") for o in bound] != [o.get("name") for o in operations(root)]:
        yield "the binding does not bind every operation"
    for operation in bound:
        action = operation.find(f"{SOAP}operation")
        if action is None or action.get("soapAction") != "":
            yield f"{operation.get('name')}: the soapAction is not empty"


RULES: dict[str, Callable[[etree._Element], Findings]] = {
    name: rule for name, rule in list(globals().items()) if name.startswith("rule_")
}

# For each rule, changes of InventoryAdjustmentService.wsdl that it has to notice: text and what to put in its place.
BROKEN = [
    ("rule_1", "<xs:import namespace=", '<xs:import schemaLocation="x.xsd" namespace='),
    ("rule_1", "<xs:import namespace=", '<xs:import namespace="urn:x"/><xs:import namespace='),
    ("rule_1", "<wsdl:types>", '<wsdl:import namespace="urn:x" location="x.wsdl"/><wsdl:types>'),
    ("rule_2", "xmlns:xs=", 'xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs='),
    ("rule_2", 'style="document"', 'style="rpc"'),
    ("rule_2", '<soap:body use="literal"/>', '<soap:body use="encoded"/>'),
    ("rule_2", '<soap:body use="literal"/>', ""),
    ("rule_2", "</wsdl:service>", '<wsdl:port name="Other"/></wsdl:service>'),
    ("rule_3", '<wsdl:part name="parameters"', '<wsdl:part name="body"'),
    ("rule_3", 'type="InventoryAdjustmentService:pingResponse"', 'type="InventoryAdjustmentService:ping"'),
    ("rule_3", '<xs:element ref="Nothing:Nothing" minOccurs="0">', '<xs:element ref="Nothing:Nothing">'),
    ("rule_3", 'name="arg0" form="unqualified"', 'name="arg0"'),
    ("rule_3", '<wsdl:operation name="ping"', '<wsdl:operation name="ping" parameterOrder="ping"'),
    ("rule_4", 'elementFormDefault="qualified"', 'elementFormDefault="unqualified"'),
    ("rule_4", 'name="StrAdjItmMod" type="StrAdjModVo:StrAdjItmMod"', 'ref="StrAdjModVo:StrAdjItmMod"'),
    ("rule_4", 'name="Nothing" type="Nothing:Nothing"', 'name="Nothing"'),
    ("rule_5", "</wsdl:service>", '</wsdl:service><wsdl:message name="late"/>'),
    ("rule_5", "</xs:schema>\n  </wsdl:types>", '</xs:schema><xs:schema targetNamespace="urn:late"/></wsdl:types>'),
    ("rule_5", '<xs:import namespace="urn:gateway:integration:base:bo:StrAdjExtAtt:v1"/>', ""),
    ("rule_6", 'type="xs:long"', 'type="long"'),
    ("rule_6", "<xs:schema ", '<xs:schema xmlns="urn:x" '),
    ("rule_6", "<xs:schema ", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:y="urn:y" '),
    ("rule_6", "xmlns:soap=", 'xmlns:unused="urn:x" xmlns:soap='),
    ("rule_7", 'portType name="InventoryAdjustmentPortType"', 'portType name="InventoryAdjustmentService"'),
    ("rule_8", 'type="xs:long"', 'type="xs:anyType"'),
    ("rule_8", "<xs:sequence>", '<xs:sequence><xs:any processContents="skip"/>'),
    ("rule_8", '<xs:complexType name="Nothing">', '<xs:complexType name="Nothing" mixed="true">'),
    ("rule_8", '<xs:enumeration value="UNKNOWN">', '<xs:maxLength value="20"/><xs:enumeration value="UNKNOWN">'),
    ("rule_9", 'minOccurs="0"', 'minOccurs="0" nillable="true"'),
    ("rule_9", 'maxOccurs="unbounded"', 'maxOccurs="1000"'),
    ("rule_9", 'minOccurs="0"', 'minOccurs="2"'),
    ("rule_10", '<soap:fault name="IllegalStateWSFaultException"', '<soap:fault name="fault"'),
    ("rule_10", '<wsdl:fault name="IllegalStateWSFaultException"', '<wsdl:fault name="Other"'),
    ("rule_10", 'element="exception:ValidationWSFaultException"', 'element="Nothing:Nothing"'),
    ("rule_11", '<soap:body use="literal"/>', '<soap:body use="literal"/><soap:header use="literal"/>'),
    ("rule_11", "<wsdl:service ", '<wsp:Policy xmlns:wsp="urn:p"/><wsdl:service '),
    ("rule_12", 'soapAction=""', 'soapAction="urn:ping"'),
    ("rule_12", '<soap:operation soapAction=""/>', ""),
]


@pytest.mark.parametrize("service", contract.SERVICES)
@pytest.mark.parametrize("rule", RULES)
def test_the_shipped_wsdl_keeps_the_rule(service: str, rule: str) -> None:
    assert list(RULES[rule](etree.fromstring(contract.read_wsdl(service)))) == []


@pytest.mark.parametrize(("rule", "old", "new"), BROKEN)
def test_the_rule_notices_a_wsdl_that_breaks_it(rule: str, old: str, new: str) -> None:
    text = contract.read_wsdl("InventoryAdjustmentService").decode()
    assert old in text
    (check,) = (function for name, function in RULES.items() if name.startswith(f"{rule}_"))
    assert list(check(etree.fromstring(text.replace(old, new, 1).encode())))


def test_every_rule_is_broken_at_least_once() -> None:
    assert {name.split("_")[1] for name in RULES} == {rule.split("_")[1] for rule, _, _ in BROKEN}


@pytest.mark.parametrize("service", contract.SERVICES)
def test_rule_15_the_file_is_utf_8_and_says_so(service: str) -> None:
    text = contract.read_wsdl(service)
    assert re.match(rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]UTF-8['\"]\?>", text)
    assert text.decode("utf-8")


def test_rule_14_an_answer_valid_by_the_schemas_is_what_the_wsdl_promises() -> None:
    answer = f"""
    <s:readInventoryAdjustmentDetailResponse xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}">
    <StrAdjDesc xmlns="{ns.STR_ADJ_DESC}"><adjustment_id>7</adjustment_id><store_id>1311</store_id>
    <status>COMPLETED</status><comments>€ 日本</comments><create_date>2024-03-05T10:00:00.000Z</create_date>
    <create_user_name>pos</create_user_name><StrAdjItm><line_id>8</line_id><item_id>100000147</item_id>
    <reason_id>83</reason_id><quantity>1234567890123456.7890</quantity><case_size>1.00</case_size>
    <uin_col>A</uin_col><uin_col>B</uin_col>
    <x:StrAdjExtAtt xmlns:x="{ns.STR_ADJ_EXT_ATT}"><x:name>LOT</x:name><x:value>9</x:value></x:StrAdjExtAtt>
    </StrAdjItm></StrAdjDesc></s:readInventoryAdjustmentDetailResponse>"""
    root = etree.fromstring(answer, etree.XMLParser(remove_blank_text=True))
    contract.service_schema("InventoryAdjustmentService").assertValid(root)
    client = zeep.Client(str(contract.wsdl_path("InventoryAdjustmentService")), settings=zeep.Settings(strict=True))
    read = client.get_element(str(root.tag)).parse(root, client.wsdl.types)
    line = read.StrAdjDesc.StrAdjItm[0]
    assert (format(line.quantity, "f"), line.uin_col) == ("1234567890123456.7890", ["A", "B"])
    assert (line.StrAdjExtAtt[0].name, read.StrAdjDesc.comments) == ("LOT", "€ 日本")
