"""Other ``gateway`` commands as child processes: the relay beside the server, and what the quickstart runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping


def start(
    *arguments: str, environment: Mapping[str, str] | None = None, log: int | None = None
) -> subprocess.Popen[bytes]:
    """Start ``gateway`` with *arguments* and return the running child.

    A Ctrl-C on the terminal goes to this process alone, which then stops its children in order.

    Args:
        environment: instead of this process's own.
        log: file descriptor for everything that the child prints; None lets it print where we do.
    """
    # This very interpreter and package, and no shell: nothing in the command comes from outside.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gateway", *arguments],
        env=dict(os.environ if environment is None else environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def stop(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Tell *child* to end; kill it when it has not ended after *seconds*."""
    child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
