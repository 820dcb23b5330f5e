"""A gateway, its relay and the twin as real processes on free ports, as a user starts them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

PASSWORD = "demo"
SOAP_PATH = "/InventoryAdjustmentBean/InventoryAdjustmentService"
PUBLISHING_PATH = "/InvAdjustPublishingBean/InvAdjustPublishingService"
EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True, slots=True)
class Running:
    """What a test needs to know of the running processes."""

    url: str
    environment: dict[str, str]
    journal_file: Path
    log_file: Path

    @property
    def soap_url(self) -> str:
        """Address of the SOAP service."""
        return self.url + SOAP_PATH

    def post(self, body: bytes | str, user: str = "pos", **more: Any) -> requests.Response:
        """Send a SOAP message with HTTP Basic credentials."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **more.pop("headers", {})}
        data = body.encode() if isinstance(body, str) else body
        return requests.post(self.soap_url, data=data, headers=headers, auth=(user, PASSWORD), timeout=60, **more)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a ``gateway`` command on the same database."""
        return run_command(self.environment, *arguments)

    def journal(self) -> list[dict[str, str]]:
        """Return what the twin has received so far."""
        if not self.journal_file.exists():
            return []
        return [json.loads(line) for line in self.journal_file.read_text("utf-8").splitlines()]

    def wait_for_journal(self, count: int, seconds: float = 30) -> list[dict[str, str]]:
        """Return the journal once it has *count* entries."""
        wait_until(lambda: len(self.journal()) >= count, f"{count} messages at the twin", seconds)
        return self.journal()


def run_command(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a ``gateway`` command and return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Return once *condition* holds; fail with *what* was waited for."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment_for(database_url: str, **settings: str) -> dict[str, str]:
    """Return this process's environment without its gateway settings, with those for *database_url*."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    root = str(Path(__file__).parents[2])
    return {
        **clean,
        "PYTHONPATH": os.pathsep.join(filter(None, (root, clean.get("PYTHONPATH")))),
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_RELAY_RETRY_SECONDS": "0.2",
        "GATEWAY_RELAY_RETRY_MOST_SECONDS": "2",
        **settings,
    }


@contextmanager
def running(
    database_url: str, folder: Path, *, relay: bool = True, workers: int = 1, **settings: str
) -> Iterator[Running]:
    """Load the demo data, start twin and gateway, and stop them at the end."""
    port, twin_port = free_port(), free_port()
    environment = environment_for(
        database_url, GATEWAY_MERCHANDISING_URL=f"http://127.0.0.1:{twin_port}{PUBLISHING_PATH}", **settings
    )
    made = run_command(environment, "init", "--demo", "--demo-password", PASSWORD)
    assert made.returncode == 0, made.stderr
    journal, log = folder / "twin.jsonl", folder / "gateway.log"
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        twin = ["twin", "--port", str(twin_port), "--journal", str(journal)]
        serve = ["serve", "--port", str(port), "--workers", str(workers), *(["--relay"] if relay else [])]
        for arguments in (twin, serve):
            process = subprocess.Popen(
                [sys.executable, "-m", "gateway", *arguments], env=environment, stdout=output, stderr=output
            )
            stack.callback(_stop, process)
        for address in (f"http://127.0.0.1:{twin_port}/healthz", f"http://127.0.0.1:{port}/readyz"):
            wait_until(lambda address=address: _answers(address), f"{address}; see {log.read_text('utf-8')}")
        yield Running(f"http://127.0.0.1:{port}", environment, journal, log)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
