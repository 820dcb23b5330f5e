"""A tiny HTTP server in this process that answers exactly the bytes it is told, or not at all."""

from __future__ import annotations

import socket
import struct
import threading
import time
from types import TracebackType


class Answering:
    """Answers each request with the next of *answers*; a number instead of bytes is a silence of so many seconds.

    ``b""`` closes the connection without an answer, ``None`` resets it. ``requests`` holds what came.
    """

    def __init__(self, *answers: bytes | float | None) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/InvAdjust"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Answering:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while (request := _request(connection)) is not None:
                self.requests.append(request)
                answer = self.answers.pop(0) if self.answers else b""
                if isinstance(answer, float):
                    time.sleep(answer)
                    return
                if answer is None:
                    # Closing with a linger time of zero sends a reset instead of an end.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                connection.sendall(answer)
                if b"content-length" not in answer.lower() or b"connection: close" in answer.lower():
                    return


def _request(connection: socket.socket) -> bytes | None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += (more := connection.recv(65536))
        if not more:
            return None
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(status: str, body: bytes = b"", content_type: str = "text/xml; charset=utf-8", *headers: str) -> bytes:
    """Return a complete HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body
