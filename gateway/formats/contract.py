"""The contracts we serve and call: where the shipped files are, how they are built, and whether they agree.

``xsd/`` holds the design-time schemas, written by hand; ``wsdl/`` holds what a client sees, built from them and from
``wsdl/frames/``. Names are given without suffix: ``StrAdjModVo``, ``InventoryAdjustmentService``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from gateway.formats import namespaces as ns
from gateway.formats import wsdl_builder
from gateway.formats.schema_reader import Field, SchemaSet, plain

__all__ = ["ALIASES", "SERVICES", "Field", "build_wsdl", "check", "payload_fields", "read_wsdl"]
__all__ += ["service_schema", "write_wsdl", "wsdl_path", "wsdl_with_address", "xsd_names", "xsd_path"]

SERVICES: Final = ("InvAdjustPublishingService", "InventoryAdjustmentService")
"""Services with a schema, a frame and a WSDL."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lookupNonSellableQtyType": "lookupNonSellableQuantityType",
    }
)
"""Operation names that a request may use in place of the WSDL's. SIM's user guide prints the short one."""

_PACKAGE = Path(__file__).resolve().parents[1]
_XSD_FOLDER = _PACKAGE / "xsd"
_WSDL_FOLDER = _PACKAGE / "wsdl"
# libxml2 compiles schemas on shared tables; two threads doing it at once have been reported to race.
_COMPILING = threading.Lock()
_ADDRESS = b'<soap:address location="'


def xsd_names() -> tuple[str, ...]:
    """Return the names of all schema files, sorted."""
    return tuple(sorted(path.stem for path in _XSD_FOLDER.glob("*.xsd")))


def xsd_path(name: str) -> Path:
    """Return the file of schema *name*. Raises LookupError when there is none; never leaves the folder."""
    if name not in xsd_names():
        raise LookupError(f"there is no schema {name}; there are {', '.join(xsd_names())}")
    return _XSD_FOLDER / f"{name}.xsd"


def service_schema(name: str) -> etree.XMLSchema:
    """Return a newly compiled schema for *name*, a service or a payload. Costs about 4 ms for a service.

    That of a service validates every wrapper element of a request or an answer and every fault detail. Keep one per
    thread: an ``XMLSchema`` holds the errors of its last validation, and threads that share it see each other's.
    """
    with _COMPILING:
        return etree.XMLSchema(etree.parse(xsd_path(name)))


def wsdl_path(name: str) -> Path:
    """Return the file of the WSDL of service *name*. Raises LookupError when there is no such service."""
    if name not in SERVICES:
        raise LookupError(f"there is no WSDL {name}; there are {', '.join(SERVICES)}")
    return _WSDL_FOLDER / f"{name}.wsdl"


def read_wsdl(name: str) -> bytes:
    """Return the WSDL of service *name* as shipped, with its placeholder address."""
    return wsdl_path(name).read_bytes()


@lru_cache(maxsize=32)
def wsdl_with_address(name: str, url: str) -> bytes:
    """Return the WSDL of service *name* that tells clients to call *url*; everything else is as shipped.

    Raises:
        ValueError: *url* is no absolute http or https address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is no address that a client can call; expected http://… or https://…")
    start, _, rest = read_wsdl(name).partition(_ADDRESS)
    if not rest:
        raise ValueError(f"wsdl/{name}.wsdl has no soap:address")
    # Cut and not parsed: every other byte stays as it was proved and committed.
    return start + _ADDRESS + escape(url, {'"': "&quot;"}).encode() + rest[rest.index(b'"') :]


def build_wsdl(service: str) -> bytes:
    """Return the WSDL of *service* as it follows from ``xsd/`` and the frame; the same input gives the same bytes.

    Raises:
        LookupError: no such service, or the frame names what the schemas do not declare.
    """
    frame = wsdl_path(service).parent / "frames" / f"{service}.wsdl"
    return wsdl_builder.build(frame.read_bytes(), _design_schemas())


def write_wsdl(service: str) -> Path:
    """Build the WSDL of *service*, write it where it is shipped, and return its path."""
    path = wsdl_path(service)
    path.write_bytes(build_wsdl(service))
    return path


def payload_fields(name: str, type_name: str | None = None) -> list[Field]:
    """Return the members of a payload, in the order of the wire, with type, occurrence and limits.

    Args:
        name: schema file, such as ``StrAdjModVo``.
        type_name: type within it, such as ``StrAdjItmMod``; that of the payload itself when left out.
    Raises:
        LookupError: no such schema or type.
    """
    xsd_path(name)
    return _shipped_schemas().fields(ns.SCHEMA_NAMESPACES[name], type_name or name)


def check() -> list[str]:
    """Return what disagrees between ``xsd/``, the prefix table and ``wsdl/``, one sentence each; empty = all agree."""
    return [finding for part in (_check_files, _check_wsdls) for finding in part()]


def _design_schemas() -> SchemaSet:
    return SchemaSet(etree.parse(xsd_path(name)).getroot() for name in xsd_names())


@lru_cache(maxsize=1)
def _shipped_schemas() -> SchemaSet:
    return _design_schemas()


def _check_files() -> Iterator[str]:
    for name in sorted(ns.SCHEMA_NAMESPACES.keys() - set(xsd_names())):
        yield f"xsd/{name}.xsd: is missing, though the prefix table names it"
    for name in sorted(set(xsd_names()) - ns.SCHEMA_NAMESPACES.keys()):
        yield f"xsd/{name}.xsd: the prefix table does not name it"
    for name in xsd_names():
        try:
            found = etree.parse(xsd_path(name)).getroot().get("targetNamespace")
            service_schema(name)
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
            yield f"xsd/{name}.xsd: does not compile: {error}"
            continue
        if found != ns.SCHEMA_NAMESPACES.get(name, found):
            yield f"xsd/{name}.xsd: its target namespace is {found}, the prefix table says {ns.SCHEMA_NAMESPACES[name]}"


def _check_wsdls() -> Iterator[str]:
    try:
        design = _design_schemas()
    except (ValueError, etree.XMLSyntaxError) as error:
        yield f"xsd/: {error}"
        return
    for service in SERVICES:
        try:
            committed, built = read_wsdl(service), build_wsdl(service)
            yield from _check_text(service, committed, built)
            yield from _check_wrappers(service, design, SchemaSet.of_wsdl(committed))
            yield from _check_types(service, design, SchemaSet.of_wsdl(committed))
        except (LookupError, OSError, ValueError, etree.XMLSyntaxError) as error:
            yield f"wsdl/{service}.wsdl: {error}"


def _check_text(service: str, committed: bytes, built: bytes) -> Iterator[str]:
    if committed == built:
        return
    lines = zip(committed.splitlines(), built.splitlines(), strict=False)
    number = next((n for n, (old, new) in enumerate(lines, start=1) if old != new), None)
    place = f"first difference in line {number}" if number else "one is the beginning of the other"
    yield f"wsdl/{service}.wsdl: is not what xsd/ and the frame give ({place}); run: gateway contract build"


def _check_wrappers(service: str, design: SchemaSet, shown: SchemaSet) -> Iterator[str]:
    namespace = ns.SCHEMA_NAMESPACES[service]
    hidden = {*ALIASES, *(f"{alias}Response" for alias in ALIASES)}
    declared, visible = set(design.element_names(namespace)), set(shown.element_names(namespace))
    for name in sorted(declared - visible - hidden):
        yield f"wsdl/{service}.wsdl: does not show {name}, which xsd/{service}.xsd declares"
    for name in sorted(visible & hidden):
        yield f"wsdl/{service}.wsdl: shows the alias {name}"
    for name in sorted(visible - declared):
        yield f"wsdl/{service}.wsdl: shows {name}, which xsd/{service}.xsd does not declare"


def _check_types(service: str, design: SchemaSet, shown: SchemaSet) -> Iterator[str]:
    own = ns.SCHEMA_NAMESPACES[service]
    needed = {n for n in design.dependencies_first(own) if design.element_names(n)}
    for namespace in sorted(needed ^ set(shown.namespaces)):
        fault = "lacks" if namespace in needed else "has no need for"
        yield f"wsdl/{service}.wsdl: {fault} the schema of {namespace}"
    for namespace in sorted(needed & set(shown.namespaces)):
        names = shown.complex_type_names(namespace)
        if namespace != own:
            for name in sorted(set(design.complex_type_names(namespace)) ^ set(names)):
                yield f"wsdl/{service}.wsdl: type {name} of {namespace} is not in both the WSDL and xsd/"
        for name in names:
            expected, found = list(plain(design.fields(namespace, name))), shown.fields(namespace, name)
            if expected != found:
                odd = next((a or b for a, b in _pairs(expected, found) if a != b), None)
                yield f"wsdl/{service}.wsdl: type {name} differs from xsd/ at {odd.name if odd else 'its end'}"


def _pairs(left: list[Field], right: list[Field]) -> Iterator[tuple[Field | None, Field | None]]:
    for index in range(max(len(left), len(right))):
        yield (left[index] if index < len(left) else None), (right[index] if index < len(right) else None)
