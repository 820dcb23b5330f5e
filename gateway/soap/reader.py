"""Compiled readers: XML elements to Spyne objects, one closure per model class.

Spyne's own reader looks up the attributes of each member's class for each element; these look everything up once.
They do what it does, without checking anything, so **they are safe only after validation by the schema**: validation
is what makes order, names and values certain, and keeps ``xsi:nil`` away, which no member of ours allows. Where Spyne
bends a value, these read it right: the offset of a negative time zone with minutes, 24:00:00.

Half the cost of a walk in lxml is asking an element for its name. A valid document has its members in order, so a few
names tell the rest: as many children as there are required members are exactly those; and if child *i* bears the name
of member *i*, then members 0 to *i* are all there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from lxml import etree
from spyne import Boolean, ComplexModel, DateTime, Integer, Unicode
from spyne import Decimal as DecimalModel

from gateway.formats.namespaces import XSI

Element = etree._Element
Convert = Callable[[str], Any]

NIL = f"{{{XSI}}}nil"
TRUE = ("true", "1")

_DATE_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:(Z)|([+-])(\d\d):(\d\d))?", re.ASCII)


class Unreadable(ValueError):
    """A value that the schema lets pass but that Python cannot hold, such as the year 10000.

    Attributes:
        element: the element that holds the value.
        reason: what cannot be held, in words.
    """

    def __init__(self, element: Element, reason: str) -> None:
        super().__init__(reason)
        self.element, self.reason = element, reason


class Member(NamedTuple):
    """What the reader knows of one member of a model.

    Attributes:
        tag: Clark name of its element.
        key: name of the attribute in Python.
        convert: from text to value.
        read: reader of a member that has members itself; None for a simple one.
        is_list: it may come more than once.
        required: it must come at least once.
    """

    tag: str
    key: str
    convert: Convert
    read: Callable[[Element], Any] | None
    is_list: bool
    required: bool


def date_time(text: str) -> datetime:
    """Read an ``xs:dateTime``: with its offset, or naive when it names none; fractions rounded to microseconds.

    24:00:00 is the next midnight, as XML Schema defines it.

    Raises:
        ValueError: outside what Python holds: years 1 to 9999, real days.
    """
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("the year must have four digits and be above zero")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, zulu, sign, offset_hours, offset_minutes = match.groups()[6:]
    zone = None
    if zulu:
        zone = UTC
    elif sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        zone = timezone(-offset if sign == "-" else offset)
    if hour != 24 and (fraction is None or len(fraction) <= 6):
        micros = int(fraction.ljust(6, "0")) if fraction else 0
        return datetime(year, month, day, hour, minute, second, micros, zone)
    rest = timedelta(hours=hour, minutes=minute, seconds=second)
    if fraction:
        rest += timedelta(microseconds=round(Decimal(f"0.{fraction}") * 1_000_000))
    try:
        return datetime(year, month, day, tzinfo=zone) + rest
    except OverflowError:
        raise ValueError("the time lies after the year 9999") from None


def truth(text: str) -> bool:
    """Read an ``xs:boolean``."""
    return text.strip() in TRUE


def converter(model: Any) -> Convert:
    """Return what makes a value of the simple *model* from text."""
    if issubclass(model, Unicode):
        return str
    if issubclass(model, Integer):
        return int
    if issubclass(model, DecimalModel):
        return Decimal
    if issubclass(model, Boolean):
        return truth
    if issubclass(model, DateTime):
        return date_time
    raise TypeError(f"no reader for {model.get_type_name()}: add it to gateway.soap.reader.converter")


def members_of(model: Any) -> list[Member]:
    """Return the members of *model* in document order."""
    return [
        Member(
            tag=element_tag(model, key, member),
            key=key,
            convert=str if issubclass(member, ComplexModel) else converter(member),
            read=reader(member.__orig__ or member) if issubclass(member, ComplexModel) else None,
            is_list=member.Attributes.max_occurs > 1,
            required=member.Attributes.min_occurs > 0,
        )
        for key, member in model.get_flat_type_info(model).items()
    ]


def element_tag(model: Any, key: str, member: Any) -> str:
    """Return the Clark name of *member*, known as *key* in *model*; without braces when it is unqualified."""
    namespace = member.Attributes.sub_ns
    if namespace is None:
        namespace = model.get_namespace()
    name = member.Attributes.sub_name or key
    return f"{{{namespace}}}{name}" if namespace else str(name)


@cache
def reader(model: Any) -> Callable[[Element], Any]:
    """Return the compiled reader of *model*: from an element that the schema found valid to an instance.

    The reader raises Unreadable for a value that Python cannot hold.
    """
    members = members_of(model)
    by_tag = {member.tag: member for member in members}
    new, blank = model.__new__, dict.fromkeys(member.key for member in members)
    required = [member for member in members if member.required]
    # As many children as required members are exactly those, provided that each is simple and single.
    is_plain = not any(member.is_list or member.read for member in required)
    fill_required = _filler(required)
    required_count = len(required) if required and is_plain else -1
    leading = _leading(members)
    required_leads = required_count > 0 and required[-1] in leading
    if 2 * sum(member.required for member in leading) < len(leading):
        leading = []  # so many may be absent that a guess would mostly be wrong
    tags, keys, converts = _columns(leading)
    positions = {tag: position for position, tag in enumerate(tags)}

    def read(element: Element) -> Any:
        instance = new(model)
        instance.__dict__ = values = blank.copy()
        count = len(element)
        if count == required_count:
            fill_required(values, element)
            return instance
        children = list(element)
        done = 0
        # The schema fixed the order, so the name of one child can tell who all those before it are.
        if required_leads and count > required_count and children[required_count - 1].tag == required[-1].tag:
            fill_required(values, children[:required_count])
            done = required_count
        elif leading and count >= len(leading) and children[len(leading) - 1].tag == tags[-1]:
            _fill(values, keys, converts, children)
            done = len(leading)
        elif positions and children and (start := positions.get(children[0].tag)) is not None:
            done = min(count, len(leading) - start)
            end = start + done
            if children[done - 1].tag == tags[end - 1]:
                _fill(values, keys[start:end], converts[start:end], children)
            else:
                done = 0
        while done < count:
            child = children[done]
            tag = child.tag
            member = by_tag[tag]
            if member.is_list:
                end = _end_of_run(children, done, tag)
                values[member.key] = _read_list(member, children[done:end])
                done = end
            else:
                values[member.key] = member.read(child) if member.read else _read_simple(member.convert, child)
                done += 1
        return instance

    def read_nothing(element: Element) -> Any:
        instance = new(model)
        instance.__dict__ = {}
        return instance

    return read if members else read_nothing


def _leading(members: Sequence[Member]) -> list[Member]:
    """Return the members at the start that are simple and single."""
    end = next((i for i, member in enumerate(members) if member.is_list or member.read), len(members))
    return list(members[:end])


def _columns(members: Sequence[Member]) -> tuple[list[str], list[str], list[Convert]]:
    """Return names on the wire, names in Python, and converters of *members*."""
    return [m.tag for m in members], [m.key for m in members], [m.convert for m in members]


def _fill(
    values: dict[str, Any], keys: Sequence[str], converts: Sequence[Convert], children: Sequence[Element]
) -> None:
    """Read simple members into *values*: the first of *keys* from the first of *children*, and so on."""
    try:
        for key, convert, child in zip(keys, converts, children, strict=False):
            values[key] = convert(child.text or "")
    except ValueError:
        for convert, child in zip(converts, children, strict=False):
            _read_simple(convert, child)  # finds the one again and names it


def _filler(members: Sequence[Member]) -> Callable[[dict[str, Any], Iterable[Element]], None]:
    """Return what reads *members*, all of them and nothing else, from the children of an element into a dictionary.

    A new line has four members and comes by the thousand: for four the loop is written out, which takes a quarter off.
    """
    _, keys, converts = _columns(members)
    if len(members) != 4:
        return lambda values, elements: _fill(values, keys, converts, list(elements))
    key0, key1, key2, key3 = keys
    convert0, convert1, convert2, convert3 = converts

    def fill_four(values: dict[str, Any], elements: Iterable[Element]) -> None:
        child0, child1, child2, child3 = elements
        try:
            values[key0] = convert0(child0.text or "")
            values[key1] = convert1(child1.text or "")
            values[key2] = convert2(child2.text or "")
            values[key3] = convert3(child3.text or "")
        except ValueError:
            _fill(values, keys, converts, list(elements))  # finds the one again and names it

    return fill_four


def _read_simple(convert: Convert, element: Element) -> Any:
    try:
        return convert(element.text or "")
    except ValueError as error:
        raise Unreadable(element, str(error)) from None


def _read_list(member: Member, elements: list[Element]) -> list[Any]:
    """Read all occurrences of *member*."""
    if member.read is not None:
        return list(map(member.read, elements))
    convert = member.convert
    if convert is str:
        return [element.text or "" for element in elements]
    return [_read_simple(convert, element) for element in elements]


def _end_of_run(children: list[Element], start: int, tag: str) -> int:
    """Return where the run of elements named *tag* ends that begins at *start*.

    Equal names stand together in a valid document, so the end is found by halving instead of asking each.
    """
    low, high = start + 1, len(children)
    if low == high or children[-1].tag == tag:
        return high
    while low < high:
        middle = (low + high) // 2
        if children[middle].tag == tag:
            low = middle + 1
        else:
            high = middle
    return low
