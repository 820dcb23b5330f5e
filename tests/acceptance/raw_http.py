"""HTTP/1 by hand, for requests that no HTTP library would send, and for what the libraries hide."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

SECONDS = 20
CHUNK_END = b"0\r\n\r\n"


class RawAnswer(NamedTuple):
    """What came back; the names of the headers in lower case."""

    version: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One connection to the server of *url*; what is sent on it goes out byte for byte."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((str(parts.hostname), int(parts.port or 80)), SECONDS)
        self._stream = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()
        self._socket.close()

    def send(self, *pieces: bytes) -> None:
        """Send *pieces*; a server that has refused already may have hung up."""
        with suppress(ConnectionError):
            for piece in pieces:
                self._socket.sendall(piece)

    def finish(self) -> None:
        """Say that nothing more will be sent, and go on listening."""
        with suppress(OSError):  # the server has hung up already
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> RawAnswer:
        """Return the next answer, an interim one too. Raises ConnectionError when the server hung up."""
        first = self._stream.readline()
        if not first:
            raise ConnectionResetError("the server hung up")
        version, status, *_ = first.decode("latin-1").split()
        headers: dict[str, str] = {}
        while line := self._stream.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.casefold()] = value.strip()
        return RawAnswer(version, int(status), headers, self._stream.read(int(headers.get("content-length", "0"))))

    def is_hung_up(self) -> bool:
        """Return True once the server has closed the connection. Raises TimeoutError when it keeps it."""
        try:
            return self._stream.read(1) == b""
        except ConnectionError:
            return True


def head(url: str, *lines: str, version: str = "1.1", user: str = "pos", password: str = "demo") -> bytes:
    """Return the head of a POST of XML with HTTP Basic credentials and the further header *lines*."""
    parts = urlsplit(url)
    credentials = b64encode(f"{user}:{password}".encode()).decode()
    every = [
        f"POST {parts.path} HTTP/{version}",
        f"Host: {parts.netloc}",
        f"Authorization: Basic {credentials}",
        *([] if any(line.startswith("Content-Type:") for line in lines) else ["Content-Type: text/xml; charset=utf-8"]),
        *lines,
    ]
    return "".join(f"{line}\r\n" for line in every).encode("latin-1") + b"\r\n"


def length(body: bytes) -> str:
    """Return the header that tells the length of *body*."""
    return f"Content-Length: {len(body)}"


def chunks(body: bytes, size: int) -> Iterable[bytes]:
    """Return *body* in chunks of *size* bytes, without the last one, which is empty."""
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
