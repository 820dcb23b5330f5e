"""``gateway serve``."""

from __future__ import annotations

import ipaddress
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from gateway.cli.children import start, stop
from gateway.cli.output import say
from gateway.cli.session import Session, pass_session
from gateway.lifeline import watch

PORT = 8080
THREADS_PER_WORKER = 2
"""Requests spend their time computing; the second thread uses the waits for the database."""

WORKER_LIFETIME_SECONDS = 12 * 3600
WORKER_MOST_MEGABYTES = 1024
"""libxml2 keeps every distinct name it ever met, so that strange callers make a worker grow: workers are replaced."""

CONNECTIONS_PER_WORKER = 10_000
"""Connections that a worker holds. Tills keep theirs open; with the server's own limit of 1024 for all workers the next
caller waited until an idle one timed out, half a minute."""

CONNECTIONS_WAITING = 4096
"""Connections that the system accepts before a worker takes them."""

STOP_SECONDS = 30
"""How long requests under way, and the message that the relay has on the wire, may take when the server stops."""

RELAY_RESTART_SECONDS = 5.0

PATHS = {
    "SOAP service": "/InventoryAdjustmentBean/InventoryAdjustmentService",
    "WSDL": "/InventoryAdjustmentBean/InventoryAdjustmentService?wsdl",
    "health": "/healthz",
    "readiness": "/readyz",
}

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; one per core when left out.")
@click.option("--relay", is_flag=True, help="Also run the relay beside the server.")
@click.option("--tls-cert", type=_FILE, metavar="FILE", help="Certificate chain in PEM; needs --tls-key.")
@click.option("--tls-key", type=_FILE, metavar="FILE", help="Its private key in PEM.")
@pass_session
def command(
    session: Session,
    host: str,
    port: int,
    workers: int | None,
    relay: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """Run the HTTP server."""
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    # Says now, in words, what would otherwise end every worker: no schema, wrong settings.
    _ = session.gateway
    allow_plain_http = session.settings.allow_plain_http
    session.close()
    scheme = "http" if tls_cert is None else "https"
    for name, path in PATHS.items():
        say(f"{name}: {scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}")
    if tls_cert is None and not _is_loopback(host) and not allow_plain_http:
        say("passwords from other machines are refused without TLS: use --tls-cert, or see GATEWAY_ALLOW_PLAIN_HTTP")
    _allow_many_files()
    with _relay_beside() if relay else _nothing():
        _serve(host, port, workers or default_workers(), tls_cert, tls_key)


def _allow_many_files() -> None:
    """Raise this process's limit of open files, sockets included, as far as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _serve(host: str, port: int, workers: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    from granian.constants import Interfaces, SSLProtocols
    from granian.server import Server

    server = Server(
        "gateway.wsgi:application",
        backlog=CONNECTIONS_WAITING,
        backpressure=CONNECTIONS_PER_WORKER,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS_PER_WORKER,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_lifetime=WORKER_LIFETIME_SECONDS,
        workers_max_rss=WORKER_MOST_MEGABYTES,
        workers_kill_timeout=STOP_SECONDS,
        ssl_cert=tls_cert,
        ssl_key=tls_key,
        # Tills and application servers in the field do not all speak 1.3.
        ssl_protocol_min=SSLProtocols.tls12,
        process_name=None,
    )
    server.serve(target_loader=partial(_load_application, os.getpid()), wrap_loader=False)


def _load_application(server: int, *_: Any, **__: Any) -> Any:
    """Return the application; called in each worker process before it takes requests."""
    # A worker starts with the server's own handlers, under which it would ignore a stop that comes while it loads,
    # and the server would wait for it in vain. It has nothing to finish yet; granian sets its handlers afterwards.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    # A worker whose server was killed would keep the port and go on serving old code.
    watch(server, partial(os.kill, os.getpid(), signal.SIGTERM))
    from gateway.bootstrap import build
    from gateway.config import load_settings

    return build(load_settings()).wsgi_application()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _relay_beside() -> Iterator[None]:
    """Run the relay as a child process while the block runs; start it again if it ends by itself.

    It is told to stop with the server, and sees by itself when the server was killed.
    """
    stopping = threading.Event()
    child = [_start_relay()]
    lock = threading.Lock()

    def keep_alive() -> None:
        while not stopping.wait(RELAY_RESTART_SECONDS):
            with lock:
                if child[0].poll() is not None and not stopping.is_set():
                    say(f"the relay ended with exit code {child[0].returncode}; starting it again")
                    child[0] = _start_relay()

    threading.Thread(target=keep_alive, daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        with lock:
            stop(child[0], STOP_SECONDS)


def _start_relay() -> subprocess.Popen[bytes]:
    return start("relay", "--parent", str(os.getpid()))
