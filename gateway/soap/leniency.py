"""What is forgiven in a request that fails its schema, so that real clients get through (decision 8).

Only form is forgiven, never content: each step says the same thing in the schema's words.

| kind | what came | what becomes of it |
|---|---|---|
| namespace | a payload member in the service's namespace or in none (tclws, string-built XML) | moved to its own |
| xsi_type | ``xsi:type`` of a built-in type of XML Schema or SOAP encoding (SOAP::Lite, SOAP Toolkit) | removed |
| base64_text | text sent as ``xsd:base64Binary`` (SOAP::Lite for anything but ASCII) | decoded |
| encoding_style | ``encodingStyle`` | removed |
| nil | ``xsi:nil`` that is false, or true on an empty optional member (.NET) | removed; the empty member too |
| order | members in another order | put in the schema's order |

Unknown elements, elements inside simple values, repeated members and wrong values are left as they are, and so are
refused when the request is validated again. The wrapper element keeps its name: its namespace is strict.
"""

from __future__ import annotations

import binascii
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from spyne import ComplexModel, Unicode

from gateway.formats import namespaces as ns
from gateway.soap.reader import NIL, TRUE, Element, element_tag

XSI_TYPE: Final = f"{{{ns.XSI}}}type"
ENCODING_STYLES: Final = (f"{{{ns.SOAP11}}}encodingStyle", f"{{{ns.SOAP12}}}encodingStyle")
BUILT_IN_TYPES: Final = frozenset(
    {
        ns.XSD,
        "http://www.w3.org/1999/XMLSchema",
        "http://www.w3.org/2000/10/XMLSchema",
        "http://schemas.xmlsoap.org/soap/encoding/",
        "http://www.w3.org/2003/05/soap-encoding",
    }
)
BINARY_TYPES: Final = frozenset({"base64Binary", "base64", "hexBinary"})


class Place(NamedTuple):
    """Where a member belongs: its Clark name, its position in the schema's order, its model."""

    tag: str
    position: int
    member: Any


class Tally:
    """How often each kind of leniency was used since the start; any number of threads may add to it."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, used: Mapping[str, int]) -> None:
        """Count one request that used the kinds of *used*."""
        with self._lock:
            self._counts.update(used.keys())

    def counts(self) -> dict[str, int]:
        """Return the number of requests per kind."""
        with self._lock:
            return dict(self._counts)


def forgive(wrapper: Element, model: Any, service_namespace: str) -> Counter[str]:
    """Put what can be forgiven in *wrapper* into the schema's form, and return how often each kind was used.

    Args:
        wrapper: the operation's element; changed in place.
        model: Spyne's model of the wrapper.
        service_namespace: namespace of the wrapper, in which members of payloads may stand.
    """
    used: Counter[str] = Counter()
    _forgive_attributes(wrapper, None, used)
    _forgive_members(wrapper, model, frozenset({"", service_namespace}), used)
    return used


@cache
def places(model: Any) -> dict[str, Place]:
    """Return the members of *model* by local name."""
    found = {}
    for position, (key, member) in enumerate(model.get_flat_type_info(model).items()):
        tag = element_tag(model, key, member)
        found[local_name(tag)] = Place(tag, position, member)
    return found


def local_name(tag: str) -> str:
    """Return the Clark name *tag* without its namespace."""
    return tag.rpartition("}")[2]


def namespace_of(tag: str) -> str:
    """Return the namespace of the Clark name *tag*; empty for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _forgive_members(element: Element, model: Any, foreign: frozenset[str], used: Counter[str]) -> None:
    known = places(model)
    order: list[int] = []
    for child in list(element):
        place = known.get(local_name(child.tag))
        if place is None:
            order.append(-1)
            continue
        if child.tag != place.tag and namespace_of(child.tag) in foreign:
            child.tag = place.tag
            used["namespace"] += 1
        _forgive_attributes(child, place.member, used)
        if _is_absent(child, place.member):
            used["nil"] += 1
            _remove(child)
            continue
        order.append(place.position if child.tag == place.tag else -1)
        if issubclass(place.member, ComplexModel):
            _forgive_members(child, place.member.__orig__ or place.member, foreign, used)
    if -1 not in order and any(left > right for left, right in pairwise(order)):
        # Sorting is stable, so lines keep their order among themselves, and with it the numbers we report them by.
        children = [child for _, child in sorted(zip(order, element, strict=True), key=lambda pair: pair[0])]
        element[:] = children
        used["order"] += 1


def _forgive_attributes(element: Element, member: Any, used: Counter[str]) -> None:
    attributes = element.attrib
    if not attributes:
        return
    for name in ENCODING_STYLES:
        if name in attributes:
            del attributes[name]
            used["encoding_style"] += 1
    if XSI_TYPE in attributes:
        _forgive_type(element, member, used)
    if NIL in attributes and attributes[NIL].strip() in ("false", "0"):
        del attributes[NIL]
        used["nil"] += 1


def _forgive_type(element: Element, member: Any, used: Counter[str]) -> None:
    prefix, _, name = str(element.get(XSI_TYPE)).strip().rpartition(":")
    if str(element.nsmap.get(prefix or None)) not in BUILT_IN_TYPES:
        return
    if name not in BINARY_TYPES:
        del element.attrib[XSI_TYPE]
        used["xsi_type"] += 1
        return
    # Taking the type away would store the base64 digits as the text. Decode it, or leave it to be refused.
    if name == "hexBinary" or member is None or not issubclass(member, Unicode) or len(element):
        return
    try:
        text = b64decode("".join((element.text or "").split()), validate=True).decode("utf-8")
        element.text = text
    except (binascii.Error, ValueError):  # not base64, not UTF-8, or characters that XML cannot hold
        return
    del element.attrib[XSI_TYPE]
    used["base64_text"] += 1


def _is_absent(element: Element, member: Any) -> bool:
    """Return whether *element* is an empty optional member that says that it has no value.

    Text behind it would be lost with it, so there must be none.
    """
    return (
        (element.get(NIL) or "").strip() in TRUE
        and member.Attributes.min_occurs == 0
        and len(element) == 0
        and not f"{element.text or ''}{element.tail or ''}".strip()
    )


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
