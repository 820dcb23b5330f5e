"""Tills keep their connections open; however many are idle, the next caller is answered."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.acceptance.running import running

IDLE = 1200
"""More than the 1024 that the HTTP server allows all workers together unless it is told otherwise."""


def test_idle_connections_keep_nobody_out(tmp_path: Path) -> None:
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    with running(f"sqlite:///{tmp_path}/gateway.db", tmp_path, relay=False) as gateway, ExitStack() as stack:
        address = urlsplit(gateway.url)
        assert address.hostname is not None
        assert address.port is not None
        for _ in range(IDLE):
            one = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=10))
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: till\r\n\r\n")
            assert one.recv(12) == b"HTTP/1.1 200"
        assert requests.get(f"{gateway.url}/readyz", timeout=10).status_code == 200
