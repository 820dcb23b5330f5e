"""Makes the WSDL of a service from its design-time schemas and its hand-written frame.

A running SIM shows plain types: whole numbers as ``xs:long`` or ``xs:int``, every list without an end, no lengths and
no digits; the limits are in the documentation and are enforced by the service. The shape of the file is the one that
all foreign SOAP stacks we tried can read: one file, dependencies first, the service last, SOAP 1.1 alone, every name
prefixed, wrappers with a named type. The same input gives the same bytes.
"""

from __future__ import annotations

import re
import textwrap

from lxml import etree

from gateway.formats import namespaces as ns
from gateway.formats.schema_reader import SchemaSet, SimpleType, resolve, split

_LINE_WIDTH = 110
_DOCUMENTATION = (ns.tag(ns.XSD, "documentation"), ns.tag(ns.WSDL, "documentation"))


def build(frame: bytes, schemas: SchemaSet) -> bytes:
    """Return the finished WSDL.

    Args:
        frame: definitions with port type, service and address; no types, messages or binding.
        schemas: the design-time schemas of the service and of everything they import.
    Raises:
        LookupError: the frame names something that the schemas do not declare.
    """
    source = etree.fromstring(frame, etree.XMLParser(remove_comments=True, remove_blank_text=True))
    target = source.get("targetNamespace", "")
    order = [n for n in schemas.dependencies_first(target) if schemas.element_names(n)]
    shown = {ns.PREFIXES[n]: n for n in (ns.WSDL, ns.WSDL_SOAP11, ns.XSD, *order)}
    definitions = etree.Element(ns.tag(ns.WSDL, "definitions"), nsmap=shown)
    definitions.set("name", source.get("name", ""))
    definitions.set("targetNamespace", target)

    port_type = _only(source, "portType")
    service = _only(source, "service")
    wrappers = _messages(port_type, "input", "output")
    faults = _messages(port_type, "fault")
    definitions.extend(source.iterchildren(ns.tag(ns.WSDL, "documentation")))
    types = etree.SubElement(definitions, ns.tag(ns.WSDL, "types"))
    for namespace in order:
        types.append(_PlainSchema(schemas, namespace, wrappers if namespace == target else None).element)
    for name in wrappers:
        _add_message(definitions, schemas, target, name, "parameters")
    for name in faults:
        _add_message(definitions, schemas, ns.EXCEPTION, name, "fault")
    definitions.append(port_type)
    definitions.append(_binding(port_type, service, target))
    definitions.append(service)
    return serialize(definitions)


def serialize(definitions: etree._Element) -> bytes:
    """Return *definitions* in UTF-8, indented, with long texts and the declarations of the root broken into lines."""
    etree.cleanup_namespaces(definitions, keep_ns_prefixes=[str(prefix) for prefix in definitions.nsmap])
    etree.indent(definitions, "  ")
    for documentation in definitions.iter(*_DOCUMENTATION):
        _wrap(documentation)
    text = etree.tostring(definitions, xml_declaration=True, encoding="UTF-8") + b"\n"
    root_end = text.index(b">", text.index(b"<wsdl:definitions"))
    return re.sub(rb" (?=(?:xmlns:\w+|name|targetNamespace)=)", b"\n    ", text[:root_end]) + text[root_end:]


class _PlainSchema:
    """One inline schema: the design-time schema without limits, wildcards and file names.

    Args:
        only: names of the wrappers to show; None = everything. An alias is accepted but not shown.
    """

    def __init__(self, schemas: SchemaSet, namespace: str, only: list[str] | None) -> None:
        self._schemas = schemas
        source = schemas.schema(namespace)
        self.element = _xs(None, "schema")
        self.element.set("targetNamespace", namespace)
        self.element.set("elementFormDefault", source.get("elementFormDefault", "unqualified"))
        _document(self.element, _documentation(source))
        for child in source:
            kind, name = split(str(child.tag))[1], child.get("name", "")
            if kind == "import" and schemas.element_names(child.get("namespace", "")):
                _xs(self.element, "import").set("namespace", child.get("namespace", ""))
            elif only is not None and name not in only:
                continue
            elif kind == "element":
                self._element(self.element, child)
            elif kind == "complexType":
                self._complex_type(child)
            elif kind == "simpleType":
                self._enumeration(child)

    def _complex_type(self, source: etree._Element) -> None:
        complex_type = _xs(self.element, "complexType")
        complex_type.set("name", source.get("name", ""))
        _document(complex_type, _documentation(source))
        sequence = _xs(complex_type, "sequence")
        for member in source.iterfind(f"{{{ns.XSD}}}sequence/{{{ns.XSD}}}element"):
            self._element(sequence, member)

    def _enumeration(self, source: etree._Element) -> None:
        simple_type = _xs(self.element, "simpleType")
        simple_type.set("name", source.get("name", ""))
        _document(simple_type, _documentation(source))
        restriction = _xs(simple_type, "restriction")
        restriction.set("base", "xs:string")
        for value in source.iter(ns.tag(ns.XSD, "enumeration")):
            enumeration = _xs(restriction, "enumeration")
            enumeration.set("value", value.get("value", ""))
            _document(enumeration, _documentation(value))

    def _element(self, parent: etree._Element, source: etree._Element) -> None:
        element = _xs(parent, "element")
        limits = ""
        if source.get("ref") is not None:
            element.set("ref", _prefixed(resolve(source, source.get("ref", ""))))
        else:
            element.set("name", source.get("name", ""))
            if source.get("form") is not None:
                element.set("form", source.get("form", ""))
            type_name = resolve(source, source.get("type", ""))
            simple = self._schemas.simple_type(type_name)
            if simple is not None and not simple.values:
                type_name, limits = ns.tag(ns.XSD, simple.base), _limits(simple)
            element.set("type", _prefixed(type_name))
        if source.get("minOccurs") is not None:
            element.set("minOccurs", source.get("minOccurs", ""))
        most = source.get("maxOccurs", "1")
        if most != "1":
            element.set("maxOccurs", "unbounded")
            if most != "unbounded":
                limits = f"{limits} At most {most} of them."
        _document(element, f"{_documentation(source)} {limits}")


def _limits(simple: SimpleType) -> str:
    """Return the limits of a value as a sentence for people; empty when there are none."""
    facets = simple.facets
    if "maxLength" in facets:
        count = facets["maxLength"]
        return f"At most {count} character{'' if count == '1' else 's'}."
    if "minInclusive" in facets:
        return f"From {facets['minInclusive']} to {facets['maxInclusive']}."
    if "fractionDigits" in facets:
        return f"At most {facets['totalDigits']} digits, {facets['fractionDigits']} of them after the point."
    return f"At most {facets['totalDigits']} digits." if "totalDigits" in facets else ""


def _messages(port_type: etree._Element, *kinds: str) -> list[str]:
    """Return the messages that operations name as *kinds*, each once, in order of first use."""
    named = [
        split(resolve(part, part.get("message", "")))[1]
        for part in port_type.iter(*(ns.tag(ns.WSDL, kind) for kind in kinds))
    ]
    return list(dict.fromkeys(named))


def _add_message(parent: etree._Element, schemas: SchemaSet, namespace: str, name: str, part_name: str) -> None:
    if name not in schemas.element_names(namespace):
        raise LookupError(f"the frame names {name}, which the schema of {namespace} does not declare")
    message = _wsdl(parent, "message", name)
    _wsdl(message, "part", part_name).set("element", _prefixed(ns.tag(namespace, name)))


def _binding(port_type: etree._Element, service: etree._Element, target: str) -> etree._Element:
    """Return the SOAP 1.1 binding that the port of *service* names, for every operation of *port_type*."""
    port = _only(service, "port")
    binding = etree.Element(ns.tag(ns.WSDL, "binding"))
    binding.set("name", split(resolve(port, port.get("binding", "")))[1])
    binding.set("type", _prefixed(ns.tag(target, port_type.get("name", ""))))
    style = _soap(binding, "binding")
    style.set("style", "document")
    style.set("transport", ns.SOAP_HTTP)
    for operation in port_type.iterchildren(ns.tag(ns.WSDL, "operation")):
        bound = _wsdl(binding, "operation", operation.get("name", ""))
        _soap(bound, "operation").set("soapAction", "")
        for direction in ("input", "output"):
            _soap(_wsdl(bound, direction), "body").set("use", "literal")
        for fault in operation.iterchildren(ns.tag(ns.WSDL, "fault")):
            detail = _soap(_wsdl(bound, "fault", fault.get("name", "")), "fault")
            detail.set("name", fault.get("name", ""))
            detail.set("use", "literal")
    return binding


def _wsdl(parent: etree._Element, kind: str, name: str = "") -> etree._Element:
    element = etree.SubElement(parent, ns.tag(ns.WSDL, kind))
    if name:
        element.set("name", name)
    return element


def _soap(parent: etree._Element, kind: str) -> etree._Element:
    return etree.SubElement(parent, ns.tag(ns.WSDL_SOAP11, kind))


def _xs(parent: etree._Element | None, kind: str) -> etree._Element:
    name = ns.tag(ns.XSD, kind)
    return etree.Element(name, nsmap={"xs": ns.XSD}) if parent is None else etree.SubElement(parent, name)


def _only(parent: etree._Element, kind: str) -> etree._Element:
    found = parent.findall(ns.tag(ns.WSDL, kind))
    if len(found) != 1:
        raise LookupError(f"the frame has {len(found)} elements wsdl:{kind} where one is expected")
    return found[0]


def _prefixed(qualified_name: str) -> str:
    namespace, name = split(qualified_name)
    return f"{ns.PREFIXES[namespace]}:{name}"


def _documentation(source: etree._Element) -> str:
    path = f"{{{ns.XSD}}}annotation/{{{ns.XSD}}}documentation"
    return " ".join((source.findtext(path) or "").split())


def _document(element: etree._Element, text: str) -> None:
    _xs(_xs(element, "annotation"), "documentation").text = " ".join(text.split())


def _wrap(documentation: etree._Element) -> None:
    indent = "  " * sum(1 for _ in documentation.iterancestors())
    text = " ".join((documentation.text or "").split())
    markup = len("<wsdl:documentation></wsdl:documentation>")
    if len(indent) + markup + len(text) > _LINE_WIDTH:
        start = f"\n{indent}  "
        lines = textwrap.wrap(text, _LINE_WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False)
        text = f"{start}{start.join(lines)}\n{indent}"
    documentation.text = text
