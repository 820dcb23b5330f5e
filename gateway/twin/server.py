"""Serving the twin: one process, because the journal is its memory, with several threads."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from granian.constants import Interfaces
from granian.server import Server

from gateway.twin.application import build_application
from gateway.twin.journal import Journal

THREADS: Final = 4
"""Requests at once; they spend most of their time waiting for the journal to reach the disk."""


def serve(port: int, journal_path: Path | None, host: str = "127.0.0.1") -> None:
    """Serve until the process is told to end (SIGTERM, SIGINT).

    Args:
        journal_path: where to keep the journal; None keeps none.
    Raises:
        WrongSetting: the journal cannot be used; said before anything is served.
    """
    Journal(journal_path).close()
    server = Server(
        "gateway.twin.server:build",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_access=False,
        websockets=False,
    )
    server.serve(target_loader=partial(_load, str(journal_path or "")), wrap_loader=False)


def build(journal_path: str) -> Any:
    """Return the application on the journal at *journal_path*; empty for none."""
    return build_application(Journal(Path(journal_path) if journal_path else None))


def _load(journal_path: str, *_: Any, **__: Any) -> Any:
    # Called in the worker process, which alone opens the journal.
    return build(journal_path)
