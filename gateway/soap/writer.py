"""Compiled writers: Spyne objects to XML text, one closure per model class.

Spyne builds a tree, element by element, and then prints it; these join strings. They write what Spyne writes, except
where it writes what XML Schema forbids: decimals leave without exponent, times in UTC with ``Z``, characters that XML
cannot hold become U+FFFD, and a required member without value is an error of ours and never an ``xsi:nil``.

Answers use one prefix per namespace, that of ``gateway.formats.namespaces``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from spyne import Boolean, ComplexModel, DateTime, Integer, Unicode
from spyne import Decimal as DecimalModel

from gateway.domain.quantity import plain
from gateway.formats.namespaces import PREFIXES
from gateway.soap.reader import element_tag

Add = Callable[[str], None]

_SPECIAL = re.compile('[&<>\r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;"}


class MissingValue(ValueError):
    """A required member of an answer has no value: a defect of the gateway, not of the request."""


class Part(NamedTuple):
    """How one member is written.

    Attributes:
        key: name of the attribute in Python.
        opening, closing: its tags.
        text: from value to escaped text; None for a member that has members itself.
        write: writer of a member that has members itself.
        is_list: its value is a list.
        required: it must have a value.
    """

    key: str
    opening: str
    closing: str
    text: Callable[[Any], str] | None
    write: Callable[[Any, Add], None] | None
    is_list: bool
    required: bool


def escape(text: str) -> str:
    """Return *text* as character data. A character that XML cannot hold becomes U+FFFD, so an answer always parses."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "�"), text)


def date_time_text(value: datetime) -> str:
    """Write a time as UTC with ``Z``. A naive time is one of UTC."""
    if value.tzinfo is not UTC and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f"{value.replace(tzinfo=None).isoformat()}Z"


def truth_text(value: bool) -> str:
    """Write an xs:boolean."""
    return "true" if value else "false"


def texter(model: Any) -> Callable[[Any], str]:
    """Return what makes escaped text of a value of the simple *model*."""
    if issubclass(model, Unicode):
        return escape
    if issubclass(model, Integer):
        return str
    if issubclass(model, DecimalModel):
        return plain
    if issubclass(model, Boolean):
        return truth_text
    if issubclass(model, DateTime):
        return date_time_text
    raise TypeError(f"no writer for {model.get_type_name()}: add it to gateway.soap.writer.texter")


def prefixed(tag: str) -> str:
    """Return the Clark name *tag* with the prefix of its namespace; raises LookupError for one without prefix."""
    if not tag.startswith("{"):
        return tag
    namespace, _, name = tag[1:].partition("}")
    return f"{PREFIXES[namespace]}:{name}"


@cache
def namespaces_of(model: Any) -> frozenset[str]:
    """Return every namespace that an instance of *model* can use."""
    found: set[str] = set()
    for key, member in model.get_flat_type_info(model).items():
        tag = element_tag(model, key, member)
        if tag.startswith("{"):
            found.add(tag[1:].partition("}")[0])
        if issubclass(member, ComplexModel):
            found |= namespaces_of(member.__orig__ or member)
    return frozenset(found)


def declarations(namespaces: frozenset[str]) -> str:
    """Return the attributes that declare the prefixes of *namespaces*, in a fixed order, each after a blank."""
    return "".join(f' xmlns:{PREFIXES[namespace]}="{escape(namespace)}"' for namespace in sorted(namespaces))


@cache
def writer(model: Any) -> Callable[[Any, Add], None]:
    """Return the compiled writer of *model*: it adds the members of an instance, in order, without the outer tags.

    The writer raises MissingValue for a required member without value.
    """
    parts = [
        _part(element_tag(model, key, member), key, member) for key, member in model.get_flat_type_info(model).items()
    ]
    name = model.get_type_name()

    def write(instance: Any, add: Add) -> None:
        values = instance.__dict__
        for key, opening, closing, text, inner, is_list, required in parts:
            value = values.get(key)
            if value is None:
                if required:
                    raise MissingValue(f"{name} has no {key}")
            elif not is_list:
                if text is not None:
                    add(f"{opening}{text(value)}{closing}")
                elif inner is not None:
                    add(opening)
                    inner(value, add)
                    add(closing)
            elif text is not None:
                for one in value:
                    add(f"{opening}{text(one)}{closing}")
            elif inner is not None:
                for one in value:
                    add(opening)
                    inner(one, add)
                    add(closing)

    return write


def _part(tag: str, key: str, member: Any) -> Part:
    name = prefixed(tag)
    is_complex = issubclass(member, ComplexModel)
    return Part(
        key=key,
        opening=f"<{name}>",
        closing=f"</{name}>",
        text=None if is_complex else texter(member),
        write=writer(member.__orig__ or member) if is_complex else None,
        is_list=member.Attributes.max_occurs > 1,
        required=member.Attributes.min_occurs > 0,
    )


def element_text(tag: str, model: Any, instance: Any) -> str:
    """Return *instance* as an element named *tag* that declares every prefix it uses."""
    name = prefixed(tag)
    own = frozenset({tag[1:].partition("}")[0]}) if tag.startswith("{") else frozenset()
    pieces: list[str] = [f"<{name}{declarations(namespaces_of(model) | own)}>"]
    writer(model)(instance, pieces.append)
    pieces.append(f"</{name}>")
    return "".join(pieces)
