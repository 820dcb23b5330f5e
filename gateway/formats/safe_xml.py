"""The one place where the gateway parses XML that it did not write.

Whatever comes in is read under limits and refused with a reason: a DOCTYPE, an entity, a processing instruction
(neither has a place in a SOAP message), floods of bytes, depth, elements or attributes. What can be seen in the bytes
is refused before anything is built. The scan costs a few hundredths of the parse: single-byte searches clear nearly
every message, and only one that holds something suspicious is cut into its parts to see whether it stands in
comments or CDATA, where it is text like any other.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.domain.errors import InvalidMessage

__all__ = ["Limits", "parse"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one message may hold.

    Attributes:
        max_bytes: length of the message as it came.
        max_depth: elements inside each other, the root counted; the parser itself stops at 256, so only less costs.
        max_elements: elements in the whole message.
        max_attributes: attributes of one element, namespace declarations counted.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_depth: int = 256
    max_elements: int = 500_000
    max_attributes: int = 256


DEFAULT_LIMITS: Final = Limits()

# Marks of encodings that do not write markup as ASCII bytes. The longer ones come first: UTF-32's begins as UTF-16's.
_WIDE: Final = (
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\xfe\xff", "utf-16"),
    (b"\xff\xfe", "utf-16"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_ENCODINGS: Final = re.compile(r"utf-?8|us-ascii|ascii|iso-8859-(?:[1-9]|1[013-6])|latin-?1|windows-125[0-8]")
_DECLARATION: Final = re.compile(
    r"""<\?xml\s+version\s*=\s*(?:"1\.[0-9]+"|'1\.[0-9]+')"""
    r"""(?:\s+encoding\s*=\s*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?"""
    r"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>""",
    re.ASCII,
)
_DECLARATION_LENGTH: Final = 256
_ASIDE: Final = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_ASIDE_END: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_ATTRIBUTE: Final = re.compile(rb"""\s+[^\s=<>/"']+\s*=\s*(?:"[^"]*"|'[^']*')""")
_TAG_NAME: Final = re.compile(rb"""[^\s=<>/"']+""")
# Position and advice for programmers, which the parser appends to its reason.
_PARSER_TALK: Final = re.compile(r"(?:, (?:use|try) XML_PARSE_HUGE(?: option)?)?(?:, line \d+, column \d+)?$")
_INSTRUCTION: Final = re.compile(rb"<\?")
_PARSER_DEPTH: Final = 256  # libxml2's own limit without huge_tree

_thread = threading.local()


def parse(data: bytes, *, limits: Limits = DEFAULT_LIMITS, charset: str | None = None) -> etree._Element:
    """Return the root element of *data*: without comments, CDATA as text, nothing fetched, nothing expanded.

    Args:
        data: the message, in UTF-8, UTF-16, UTF-32, ISO-8859 or windows-125x.
        limits: how much it may hold.
        charset: encoding named outside the message, such as by HTTP; goes before the XML declaration, after a mark.
    Raises:
        InvalidMessage: not well-formed, not decodable, over a limit, or with DOCTYPE, entity or processing instruction.
    """
    if len(data) > limits.max_bytes:
        raise InvalidMessage(f"the message has {len(data)} bytes; at most {limits.max_bytes} are allowed")
    text, start = _as_utf8(data, charset)
    _scan(text, start, limits)
    try:
        root = etree.fromstring(text, _parser())
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error) from None
    if limits.max_depth < _PARSER_DEPTH and _too_deep(root, limits.max_depth):
        raise InvalidMessage(f"elements are nested deeper than {limits.max_depth}")
    if root.getroottree().docinfo.internalDTD is not None:  # the scan saw it; this is the parser's own word
        raise InvalidMessage("a DOCTYPE is not allowed")
    return root


def _as_utf8(data: bytes, charset: str | None) -> tuple[bytes, int]:
    """Return *data* as UTF-8, and where its XML declaration ends.

    What is scanned is then byte for byte what is parsed, so an encoding cannot show the two different texts.
    """
    wide = next((codec for mark, codec in _WIDE if data.startswith(mark)), None)
    if wide is not None:
        return _transcoded(data, wide)
    if data.startswith(_UTF8_MARK):
        data, charset = data[len(_UTF8_MARK) :], "utf-8"
    if not data or data.isspace():
        raise InvalidMessage("the message is empty")
    if 0 in data:
        raise InvalidMessage("the message holds a NUL byte, which no XML text has")
    declared, end = _declaration(data[:_DECLARATION_LENGTH].decode("latin-1"))
    encoding = (charset or declared or "utf-8").casefold()
    if encoding in ("utf-8", "utf8") and (declared is None or declared.casefold() in ("utf-8", "utf8")):
        return data, end
    if encoding.startswith(("utf-16", "utf-32")):
        raise InvalidMessage(f"the message is said to be {encoding}, but its bytes are not")
    if _ENCODINGS.fullmatch(encoding) is None:
        raise InvalidMessage(f"the encoding {encoding} is not accepted; send UTF-8")
    return _transcoded(data, encoding)


def _transcoded(data: bytes, encoding: str) -> tuple[bytes, int]:
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InvalidMessage(f"byte {error.start + 1} of the message is not {encoding}") from None
    _, end = _declaration(text[:_DECLARATION_LENGTH])
    # The declaration names the old encoding; as many line ends stay as it had, so that line numbers stay right.
    return ("\n" * text.count("\n", 0, end) + text[end:]).encode(), 0


def _declaration(text: str) -> tuple[str | None, int]:
    """Return the encoding that the XML declaration at the start of *text* names, and where the declaration ends."""
    if not text.startswith("<?xml") or text[5:6] not in (" ", "\t", "\r", "\n"):
        return None, 0
    match = _DECLARATION.match(text)
    if match is None:
        raise InvalidMessage("the XML declaration cannot be read", line=1)
    return match[1] or match[2], match.end()


def _scan(text: bytes, start: int, limits: Limits) -> None:
    """Refuse what can be seen in the bytes from *start* on. Every test is a search or two in C."""
    doctype = text.find(b"!", start) >= 0 and b"<!DOCTYPE" in text
    instruction = text.find(b"?", start) >= 0 and _INSTRUCTION.search(text, start) is not None
    # An element takes four bytes at least (<a/>), so a short message needs no count.
    elements = len(text) > 4 * limits.max_elements and text.count(b"<") > limits.max_elements
    attributes = _may_exceed(text, start, limits.max_attributes)
    if not (doctype or instruction or elements or attributes):
        return
    markup = _without_asides(text, start)
    if doctype and b"<!DOCTYPE" in markup:
        raise InvalidMessage("a DOCTYPE is not allowed")
    if elements and markup.count(b"<") - markup.count(b"</") > limits.max_elements:
        raise InvalidMessage(f"the message has more than {limits.max_elements} elements")
    if attributes and any(_exceeds(tag, limits.max_attributes) for tag in markup.split(b"<")):
        raise InvalidMessage(f"an element has more than {limits.max_attributes} attributes")


def _may_exceed(text: bytes, start: int, max_attributes: int) -> bool:
    """Return whether one element of *text* may have too many attributes: cheap, and never a false no.

    An attribute takes five bytes at least (`` a=""``) and no ``<`` stands inside a tag. So a tag with too many of them
    fills some block of half its length without a ``<``; a message of short elements has no such block.
    """
    block = 5 * max_attributes // 2 + 1
    return (
        any(text.find(b"<", position, position + block) < 0 for position in range(start, len(text) - block, block))
        and text.count(b"=") > max_attributes
    )


def _without_asides(text: bytes, start: int) -> bytes:
    """Return *text* from *start* without comments and CDATA. Raises InvalidMessage for a processing instruction."""
    kept: list[bytes] = []
    position = start
    while (aside := _ASIDE.search(text, position)) is not None:
        if aside[0] == b"<?":
            line = text.count(b"\n", 0, aside.start()) + 1
            if text[aside.end() : aside.end() + 4] in (b"xml ", b"xml\n"):
                raise InvalidMessage("an XML declaration may only stand at the very start", line=line)
            raise InvalidMessage("a processing instruction is not allowed", line=line)
        end = text.find(_ASIDE_END[aside[0]], aside.end())
        if end < 0:  # never closed: the parser refuses it at the right place
            break
        kept.append(text[position : aside.start()])
        position = end + 3
    kept.append(text[position:])
    return b"".join(kept)


def _exceeds(tag: bytes, max_attributes: int) -> bool:
    """Return whether *tag* (the bytes after ``<``, with the text behind it) has more than *max_attributes*."""
    if tag.count(b"=") <= max_attributes or (name := _TAG_NAME.match(tag)) is None:
        return False
    position = name.end()
    for _ in range(max_attributes + 1):
        if (attribute := _ATTRIBUTE.match(tag, position)) is None:
            return False
        position = attribute.end()
    return True


def _too_deep(root: etree._Element, max_depth: int) -> bool:
    """Return whether an element below *root* is nested deeper than *max_depth*; costs a twentieth of the parse."""
    tests: dict[int, etree.XPath] = _thread.__dict__.setdefault("depth_tests", {})
    if max_depth not in tests:
        tests[max_depth] = etree.XPath("boolean(" + "/*" * (max_depth + 1) + ")")
    return bool(tests[max_depth](root))


def _parser() -> etree.XMLParser:
    """Return this thread's parser: a parser keeps the errors of its last document, so threads must not share one."""
    parser: etree.XMLParser | None = getattr(_thread, "parser", None)
    if parser is None:
        parser = _thread.parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )
    return parser


def _not_well_formed(error: etree.XMLSyntaxError) -> InvalidMessage:
    line, column = error.position
    reason = _PARSER_TALK.sub("", str(error.msg)).strip()
    return InvalidMessage(f"the message is not well-formed XML: {reason}, column {column}", line=line)
