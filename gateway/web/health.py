"""Health for load balancers and container engines: ``/healthz`` and ``/readyz``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

_log = structlog.get_logger(__name__)

PATHS = ("/healthz", "/readyz")


class Health:
    """Says whether the process lives (``/healthz``) and whether it can do its work (``/readyz``).

    Args:
        is_ready: True when the database answers and has this version's schema.
    """

    def __init__(self, is_ready: Callable[[], bool]) -> None:
        self._is_ready = is_ready

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
            return [b""]
        ready = environ.get("PATH_INFO") == "/healthz" or self._ready()
        body = json.dumps({"status": "ok" if ready else "not ready"}).encode()
        start_response(
            "200 OK" if ready else "503 Service Unavailable",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")],
        )
        return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else body]

    def _ready(self) -> bool:
        try:
            return self._is_ready()
        except SQLAlchemyError:
            _log.warning("database not reachable", exc_info=True)
            return False
