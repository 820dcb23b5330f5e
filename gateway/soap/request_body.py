"""The body of a POST: how it is labelled, how much of it is read, how it is inflated. Never more than the limit."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, Final

from gateway.spyne_compat import parse_header

SOAP11_MEDIA_TYPES: Final = frozenset({"text/xml", "application/xml"})
SOAP12_MEDIA_TYPE: Final = "application/soap+xml"
CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "us-ascii",
    "ascii": "us-ascii",
    "utf-16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
    "utf-32": "utf-32",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "windows-1252": "windows-1252",
    "cp1252": "windows-1252",
}
"""What a caller may name, in lower case, and what the parser calls it; the byte order is seen in the bytes."""
MAX_GZIP_MEMBERS: Final = 100
"""A gzip stream may have several members; each costs a copy of what follows it, and nobody sends many."""
CHUNK_BYTES: Final = 64 * 1024
_DIGITS: Final = re.compile(r"\d{1,18}", re.ASCII)


class RefusedBody(Exception):
    """A body that is refused before it is read as XML.

    Attributes:
        status: HTTP status line that says why.
    """

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


def media_type(environ: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the media type of the request and the charset it names, both in lower case.

    No Content-Type at all is taken for ``text/xml``.

    Raises:
        RefusedBody: 415 for a charset that is not accepted.
    """
    header = environ.get("CONTENT_TYPE") or ""
    if header == "text/xml; charset=utf-8":  # what nearly everybody sends
        return "text/xml", "utf-8"
    if not header.strip():
        return "text/xml", None
    media, parameters = parse_header(header)
    charset = next((value for name, value in parameters.items() if name.casefold() == "charset"), None)
    if charset is None:
        return media.strip().casefold(), None
    name = str(charset).strip().strip("'\"").casefold()
    if name not in CHARSETS:
        raise RefusedBody("415 Unsupported Media Type", f"the charset {name[:40]} is not accepted; send UTF-8")
    return media.strip().casefold(), CHARSETS[name]


def read_body(environ: Mapping[str, Any], max_bytes: int) -> bytes:
    """Return the body, inflated.

    Args:
        max_bytes: most bytes of the body, as it comes and inflated.
    Raises:
        RefusedBody: 400 for a length that is no length, a body that ends early, none at all, or one that cannot be
            inflated; 413 for too much; 415 for an encoding that is not accepted.
    """
    body = _read(environ, max_bytes)
    encoding = (environ.get("HTTP_CONTENT_ENCODING") or "identity").strip().casefold()
    if encoding in ("gzip", "x-gzip"):
        body = _inflate(body, max_bytes)
    elif encoding != "identity":
        raise RefusedBody(
            "415 Unsupported Media Type", f"the encoding {encoding[:40]} is not accepted; send gzip or none"
        )
    if not body:
        raise RefusedBody("400 Bad Request", "the request has no body; expected a SOAP envelope")
    return body


def _read(environ: Mapping[str, Any], max_bytes: int) -> bytes:
    """Return the body as it comes: as long as it says, or to its end when it comes in chunks."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length is None or (length == "" and "HTTP_TRANSFER_ENCODING" in environ):
        return _read_to_end(stream, max_bytes)
    if _DIGITS.fullmatch(length) is None:
        raise RefusedBody("400 Bad Request", "the Content-Length is no number")
    expected = int(length)
    if expected > max_bytes:
        raise _too_long(max_bytes)
    body: bytes = stream.read(expected)
    if len(body) < expected:  # a server may give less at a time than is asked for
        pieces = [body]
        missing = expected - len(body)
        while missing and (piece := stream.read(min(missing, CHUNK_BYTES))):
            pieces.append(piece)
            missing -= len(piece)
        if missing:
            raise RefusedBody("400 Bad Request", f"the body ends {missing} bytes before its Content-Length")
        body = b"".join(pieces)
    return body


def _read_to_end(stream: Any, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while piece := stream.read(CHUNK_BYTES):
        total += len(piece)
        if total > max_bytes:
            raise _too_long(max_bytes)
        pieces.append(piece)
    return b"".join(pieces)


def _inflate(body: bytes, max_bytes: int) -> bytes:
    """Return gzip's content, and never hold more than *max_bytes* of it."""
    pieces: list[bytes] = []
    total = 0
    while body:
        if len(pieces) == MAX_GZIP_MEMBERS:
            raise RefusedBody("400 Bad Request", f"the gzip body has more than {MAX_GZIP_MEMBERS} members")
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            piece = member.decompress(body, max_bytes - total + 1)
        except zlib.error:
            raise RefusedBody("400 Bad Request", "the body is not gzip, though its Content-Encoding says so") from None
        total += len(piece)
        if total > max_bytes:
            raise _too_long(max_bytes)
        if not member.eof:
            raise RefusedBody("400 Bad Request", "the gzip body ends early")
        pieces.append(piece)
        body = member.unused_data
    return b"".join(pieces)


def _too_long(max_bytes: int) -> RefusedBody:
    return RefusedBody("413 Content Too Large", f"the body is larger than {max_bytes} bytes")
