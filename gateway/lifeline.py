"""Ends a child process when the process that started it is gone: killed, it could not say so."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

CHECK_SECONDS = 1.0


def watch(parent: int, end: Callable[[], None]) -> None:
    """Call *end* in a thread of its own once this process no longer has the parent with the id *parent*."""

    def look() -> None:
        waiting = threading.Event()
        while os.getppid() == parent:
            waiting.wait(CHECK_SECONDS)
        end()

    threading.Thread(target=look, name="lifeline", daemon=True).start()
