"""Reads what schemas declare: the members of each type, in order, with base type, occurrence and limits.

Knows as much of XML Schema as the files of ``xsd/`` and our WSDLs use: global elements with a named type, sequences of
elements, restricted simple types, imports. The contract check, the WSDL build and tests stand on it; messages are
validated by lxml, never by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from gateway.formats import namespaces as ns

_SCHEMA = ns.tag(ns.XSD, "schema")
_IMPORT = ns.tag(ns.XSD, "import")
_ELEMENT = ns.tag(ns.XSD, "element")
_COMPLEX = ns.tag(ns.XSD, "complexType")
_SIMPLE = ns.tag(ns.XSD, "simpleType")
_SEQUENCE = ns.tag(ns.XSD, "sequence")
_RESTRICTION = ns.tag(ns.XSD, "restriction")
_ENUMERATION = "enumeration"


@dataclass(frozen=True, slots=True)
class SimpleType:
    """A simple type, followed down to the built-in type it restricts.

    Attributes:
        base: local name of the built-in type, such as ``long`` or ``string``.
        facets: limit name to its value as written, such as ``{"totalDigits": "12"}``; the nearest restriction wins.
        values: the allowed values of an enumeration, in order; empty for every other type.
    """

    base: str
    facets: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a payload.

    Attributes:
        name: local name of the element.
        namespace: namespace of the element on the wire; empty for an unqualified one.
        type_name: local name of its type as declared, such as ``number12``, ``dateTime`` or ``StrAdjItmMod``.
        base: local name of the built-in type below it; empty when the member has members itself.
        min_occurs: 0 or 1.
        max_occurs: most occurrences; None = no limit.
        facets: limits of the value, as in ``SimpleType``.
        values: allowed values of an enumeration, in order.
    """

    name: str
    namespace: str
    type_name: str
    base: str
    min_occurs: int
    max_occurs: int | None
    facets: Mapping[str, str]
    values: tuple[str, ...]


class SchemaSet:
    """Schemas that refer to each other, found by target namespace.

    Args:
        schemas: ``xs:schema`` elements, one per namespace.
    """

    def __init__(self, schemas: Iterable[etree._Element]) -> None:
        self._schemas: dict[str, etree._Element] = {}
        for schema in schemas:
            namespace = schema.get("targetNamespace", "")
            if namespace in self._schemas:
                raise ValueError(f"two schemas have the target namespace {namespace}")
            self._schemas[namespace] = schema

    @classmethod
    def of_wsdl(cls, wsdl: bytes) -> SchemaSet:
        """Return the inline schemas of *wsdl*, one of our own files."""
        return cls(etree.fromstring(wsdl).iter(_SCHEMA))

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Target namespaces, in the order in which the schemas came."""
        return tuple(self._schemas)

    def schema(self, namespace: str) -> etree._Element:
        """Return the ``xs:schema`` element of *namespace*. Raises LookupError when there is none."""
        try:
            return self._schemas[namespace]
        except KeyError:
            raise LookupError(f"no schema has the target namespace {namespace}") from None

    def dependencies_first(self, namespace: str) -> list[str]:
        """Return *namespace* and all it imports, each after what it imports itself; *namespace* is last."""
        order: list[str] = []

        def visit(current: str) -> None:
            if current not in order:
                for imported in self.schema(current).iterchildren(_IMPORT):
                    visit(imported.get("namespace", ""))
                order.append(current)

        visit(namespace)
        return order

    def element_names(self, namespace: str) -> list[str]:
        """Return the names of the global elements of *namespace*, in order."""
        return [element.get("name", "") for element in self.schema(namespace).iterchildren(_ELEMENT)]

    def complex_type_names(self, namespace: str) -> list[str]:
        """Return the names of the types of *namespace* that have members, in order."""
        return [element.get("name", "") for element in self.schema(namespace).iterchildren(_COMPLEX)]

    def fields(self, namespace: str, type_name: str) -> list[Field]:
        """Return the members of the complex type *type_name*, in document order.

        Wildcards are left out: what they let pass is ignored by the gateway. Raises LookupError for an unknown type.
        """
        complex_type = self._named(_COMPLEX, namespace, type_name)
        return [
            self._field(element)
            for sequence in complex_type.iterchildren(_SEQUENCE)
            for element in sequence.iterchildren(_ELEMENT)
        ]

    def simple_type(self, qualified_name: str) -> SimpleType | None:
        """Return the simple type *qualified_name* (``{namespace}name``); None when it has members."""
        namespace, name = split(qualified_name)
        if namespace == ns.XSD:
            return SimpleType(name)
        try:
            simple_type = self._named(_SIMPLE, namespace, name)
        except LookupError:
            self._named(_COMPLEX, namespace, name)
            return None
        restriction = next(simple_type.iterchildren(_RESTRICTION))
        below = self.simple_type(resolve(restriction, restriction.get("base", "")))
        if below is None:
            raise LookupError(f"the simple type {qualified_name} restricts a type that is not simple")
        written = [(split(str(facet.tag))[1], facet.get("value")) for facet in restriction if facet.get("value")]
        facets = {name: str(value) for name, value in written if name != _ENUMERATION}
        values = tuple(str(value) for name, value in written if name == _ENUMERATION)
        return SimpleType(below.base, {**below.facets, **facets}, values or below.values)

    def _field(self, element: etree._Element) -> Field:
        declaration, name, namespace = element, element.get("name", ""), _wire_namespace(element)
        reference = element.get("ref")
        if reference is not None:
            namespace, name = split(resolve(element, reference))
            declaration = self._named(_ELEMENT, namespace, name)
        type_name = resolve(declaration, declaration.get("type", ""))
        simple = self.simple_type(type_name) or SimpleType("")
        most = element.get("maxOccurs", "1")
        return Field(
            name=name,
            namespace=namespace,
            type_name=split(type_name)[1],
            base=simple.base,
            min_occurs=int(element.get("minOccurs", "1")),
            max_occurs=None if most == "unbounded" else int(most),
            facets=simple.facets,
            values=simple.values,
        )

    def _named(self, kind: str, namespace: str, name: str) -> etree._Element:
        for element in self.schema(namespace).iterchildren(kind):
            if element.get("name") == name:
                return element
        raise LookupError(f"the schema of {namespace} declares no {split(kind)[1]} {name}")


def split(qualified_name: str) -> tuple[str, str]:
    """Return namespace and local name of ``{namespace}name``."""
    namespace, _, name = qualified_name.removeprefix("{").rpartition("}")
    return namespace, name


def resolve(element: etree._Element, prefixed_name: str) -> str:
    """Return ``{namespace}name`` for the ``prefix:name`` that an attribute of *element* holds."""
    prefix, _, name = prefixed_name.rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    if namespace is None:
        raise LookupError(f"{prefixed_name}: the prefix is not declared")
    return ns.tag(namespace, name)


def plain(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield *fields* as a running service shows them: built-in types without limits, lists without an end.

    Enumerations keep their name and values: clients read them as such.
    """
    for member in fields:
        yield Field(
            name=member.name,
            namespace=member.namespace,
            type_name=member.type_name if member.values or not member.base else member.base,
            base=member.base,
            min_occurs=member.min_occurs,
            max_occurs=member.max_occurs if member.max_occurs == 1 else None,
            facets={},
            values=member.values,
        )


def _wire_namespace(element: etree._Element) -> str:
    schema = next(element.iterancestors(_SCHEMA))
    form = element.get("form", schema.get("elementFormDefault", "unqualified"))
    return schema.get("targetNamespace", "") if form == "qualified" else ""
