"""Say in words why a request is not valid: where, in which line, what came, what was expected.

libxml2 finds the place; its message alone names types that nobody outside knows. The models say what was expected.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple, Protocol

from spyne import Boolean, ComplexModel, DateTime, Integer, Unicode
from spyne import Decimal as DecimalModel

from gateway.domain.errors import InvalidMessage
from gateway.soap.leniency import Place, local_name, namespace_of, places
from gateway.soap.reader import NIL, Element, Unreadable

SHOWN_CHARACTERS: Final = 60
"""How much of a wrong value is shown."""

_SEGMENT = re.compile(r"(?:([^:\[\]]+):)?([^:\[\]]+)(?:\[(\d+)\])?")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)", re.DOTALL)
_ATTRIBUTE = re.compile(r"attribute '([^']*)'")
_CLARK = re.compile(r"\{[^}]*\}")


class SchemaError(Protocol):
    """One entry of libxml2's error log."""

    message: str
    line: int
    path: str | None


class Spot(NamedTuple):
    """The element at fault.

    Attributes:
        element: the element itself.
        owner: model of the element it stands in; None for the wrapper and below unknown elements.
        place: where it belongs; None when its owner does not know it.
        path: from the wrapper down, with the number of a line in brackets.
    """

    element: Element
    owner: Any
    place: Place | None
    path: str


def explain(wrapper: Element, model: Any, error: SchemaError) -> InvalidMessage:
    """Return the refusal for the first *error* that the schema found in *wrapper*.

    Args:
        wrapper: the operation's element.
        model: Spyne's model of the wrapper.
    """
    spot = _spot(wrapper, model, error.path or "")
    return InvalidMessage(_text(spot, model, error), line=_line(spot.element) or error.line, path=spot.path)


def explain_unreadable(wrapper: Element, model: Any, error: Unreadable) -> InvalidMessage:
    """Return the refusal for a value that the schema allows and the gateway cannot hold."""
    chain = [error.element]
    while chain[-1] is not wrapper and (parent := chain[-1].getparent()) is not None:
        chain.append(parent)
    spot = _follow(wrapper, model, chain[-2::-1])
    expected = f"; expected {describe(spot.place.member)}" if spot.place else ""
    return InvalidMessage(
        f"{_name(spot)} came as {shown(error.element)}{expected} ({error.reason})",
        line=_line(error.element),
        path=spot.path,
    )


def describe(member: Any) -> str:
    """Return in words what a value of *member* may be."""
    facets = member.Attributes
    if issubclass(member, ComplexModel):
        return "its elements"
    if issubclass(member, Unicode):
        if facets.values:
            return f"one of {', '.join(sorted(facets.values, key=list(facets.values).index))}"
        return f"text of at most {facets.max_len} characters" if facets.max_len < float("inf") else "text"
    if issubclass(member, Integer):
        if facets.ge > float("-inf") and facets.ge == 1:
            return f"a whole number from {facets.ge} to {facets.le}"
        return f"a whole number of at most {facets.total_digits} digits"
    if issubclass(member, DecimalModel):
        fraction = f"{facets.fraction_digits} of them after the point"
        return f"a decimal number of at most {facets.total_digits} digits, {fraction}"
    if issubclass(member, Boolean):
        return "true or false"
    if issubclass(member, DateTime):
        return "a date and time such as 2026-03-04T05:06:07Z, years 1 to 9999"
    return str(member.get_type_name())


def shown(element: Element) -> str:
    """Return the text of *element* as it can be shown: in quotes, and not too much of it."""
    text = element.text or ""
    return f"'{text}'" if len(text) <= SHOWN_CHARACTERS else f"'{text[:SHOWN_CHARACTERS]}…' ({len(text)} characters)"


def _text(spot: Spot, model: Any, error: SchemaError) -> str:
    element, message = spot.element, error.message
    if "Missing child element" in message:
        return f"{_name(spot)} is not complete; expected {_expected(message)}"
    if "This element is not expected" in message:
        return _unexpected(spot, model, message)
    attribute = _ATTRIBUTE.search(message)
    if attribute:
        return _wrong_attribute(spot, attribute[1])
    if NIL in element.attrib:
        return f"{_name(spot)} carries xsi:nil; expected its value, or nothing at all where it may be absent"
    if "Element content is not allowed" in message and spot.place is not None:
        inside = ", ".join(dict.fromkeys(local_name(child.tag) for child in element))
        return (
            f"{_name(spot)} holds the elements {inside}; expected {describe(spot.place.member)} and no element inside"
        )
    if "Character content" in message:
        return f"{_name(spot)} holds text between its elements; only elements may stand there"
    if spot.place is not None and not issubclass(spot.place.member, ComplexModel):
        return f"{_name(spot)} came as {shown(element)}; expected {describe(spot.place.member)}"
    return _CLARK.sub("", message)


def _unexpected(spot: Spot, model: Any, message: str) -> str:
    element, place, name = spot.element, spot.place, local_name(spot.element.tag)
    expected = _expected(message)
    instead = f"; expected {expected}" if expected else "; nothing more is expected here"
    if place is None:
        owner = "here" if spot.owner is None else f"in {_owner_name(spot, model)}"
        return f"the element {name} is not known {owner}{instead}"
    if element.tag != place.tag:
        came = namespace_of(element.tag) or "no namespace"
        return f"{name} came in the namespace {came}; expected {namespace_of(place.tag) or 'no namespace'}"
    parent = element.getparent()
    count = 0 if parent is None else sum(1 for child in parent if child.tag == element.tag)
    most = place.member.Attributes.max_occurs
    if count > most:
        return f"{name} comes {count} times; at most {most} {'is' if most == 1 else 'are'} allowed"
    return f"{name} is out of place{instead}"


def _wrong_attribute(spot: Spot, name: str) -> str:
    if local_name(name) == "type" and namespace_of(name):
        return f"{_name(spot)} carries xsi:type={spot.element.get(name)!r}; types may not be changed here"
    return f"{_name(spot)} carries the attribute {local_name(name)}; it takes none"


def _expected(message: str) -> str:
    """Return the elements that libxml2 expected, as a list in words."""
    match = _EXPECTED.search(message)
    if match is None:
        return ""
    names = [local_name(name.strip()) for name in match[1].split(",")]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _name(spot: Spot) -> str:
    return local_name(spot.element.tag)


def _owner_name(spot: Spot, model: Any) -> str:
    return str((spot.owner or model).get_type_name())


def _spot(wrapper: Element, model: Any, path: str) -> Spot:
    """Return what libxml2's *path* leads to: ``/s:op/m:Payload/*[2]``, with the prefixes of the document."""
    elements: list[Element] = []
    current = wrapper
    for segment in path.strip("/").split("/")[1:]:
        match = _SEGMENT.fullmatch(segment)
        if match is None:
            break
        prefix, name, number = match.groups()
        alike = [
            child for child in current if name == "*" or (child.prefix == prefix and local_name(child.tag) == name)
        ]
        index = int(number or 1) - 1
        if index >= len(alike):
            break
        current = alike[index]
        elements.append(current)
    return _follow(wrapper, model, elements)


def _follow(wrapper: Element, model: Any, elements: list[Element]) -> Spot:
    """Return the last of *elements*, each inside the one before it, the first in *wrapper*."""
    spot = Spot(wrapper, None, None, local_name(wrapper.tag))
    owner = model
    for element in elements:
        place = places(owner).get(local_name(element.tag)) if owner is not None else None
        step = local_name(element.tag)
        if place is None or place.member.Attributes.max_occurs > 1:
            step += _number(element)
        spot = Spot(element, owner, place, f"{spot.path}/{step}")
        is_complex = place is not None and issubclass(place.member, ComplexModel)
        owner = (place.member.__orig__ or place.member) if is_complex and place is not None else None
    return spot


def _line(element: Element) -> int | None:
    line: Any = element.sourceline
    return None if line is None else int(line)


def _number(element: Element) -> str:
    """Return the number of *element* among its like, in brackets; nothing when it is the only one."""
    parent = element.getparent()
    alike = [element] if parent is None else [child for child in parent if child.tag == element.tag]
    return f"[{alike.index(element) + 1}]" if len(alike) > 1 else ""
