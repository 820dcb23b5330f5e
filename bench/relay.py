"""How much of the speed of bare HTTP the relay keeps: messages a second, relay over posting the same bytes.

Both sides send the same requests, over the same kind of session, to the same server, which runs in a process of its
own and answers with a fixed ServiceOpStatus. They take turns in small portions and the best portion of each counts, so
that other load on the machine hits both or neither.

Two ratios are printed. *wall* is what a user sees; the server's time is in both sides, which favours the relay. *cpu*
is the processor time of this process alone (on PostgreSQL without the database server's), so it knows neither the
server nor the disk; it is the harder one.

    python -m bench.relay [--postgres URL] [--messages N] [--least RATIO]

Exit code 1 when a wall ratio is below RATIO.
"""

from __future__ import annotations

import argparse
import gc
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import structlog
from sqlalchemy import make_url

from gateway.domain.disposition import Disposition
from gateway.domain.outbox import DEFAULT_DESTINATION, INV_ADJUST_CREATE, INV_ADJUST_FAMILY, OutboxMessage
from gateway.formats import namespaces as ns
from gateway.formats.inv_adjust_desc import InvAdjustDescWriter
from gateway.persistence import outbox
from gateway.persistence.engine import make_engine
from gateway.persistence.schema import migrate
from gateway.persistence.unit_of_work import Database
from gateway.publishing.destinations import Destination
from gateway.publishing.merchandising import OPERATION, MerchandisingClient
from gateway.publishing.relay import Relay
from gateway.publishing.transport import new_session

PORTION = 500
ANSWER = (
    f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="{ns.SOAP11}"><e:Body><p:{OPERATION}Response '
    f'xmlns:p="{ns.INV_ADJUST_PUBLISHING_SERVICE}"><s:ServiceOpStatus xmlns:s="{ns.SERVICE_OP_STATUS}">'
    "<s:SuccessStatus><s:short_success_message>applied</s:short_success_message></s:SuccessStatus>"
    f"</s:ServiceOpStatus></p:{OPERATION}Response></e:Body></e:Envelope>"
).encode()


def serve() -> None:
    """Answer every request of one connection after the other with `ANSWER`; print the port first."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
    answer %= (len(ANSWER), ANSWER)
    import threading

    def one(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = b""
        while more := connection.recv(65536):
            buffer += more
            # Every request ends with the same envelope tag.
            if buffer.endswith(b"Envelope>"):
                connection.sendall(answer)
                buffer = b""

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


@contextmanager
def running_server() -> Iterator[str]:
    """Run `serve` in a process of its own and yield its URL."""
    process = subprocess.Popen([sys.executable, "-m", "bench.relay", "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    finally:
        process.terminate()
        process.wait()


def messages(first: int, count: int) -> list[OutboxMessage]:
    """Messages as an adjustment makes them, each about another item."""
    writer = InvAdjustDescWriter(1311, "pos", datetime.now(UTC))
    return [
        OutboxMessage(
            f"{number:032x}",
            DEFAULT_DESTINATION,
            INV_ADJUST_FAMILY,
            INV_ADJUST_CREATE,
            f"1311/{number}",
            1,
            writer.render(str(number), 83, Decimal("2.0000"), Disposition.DECREASE_SOH),
        )
        for number in range(first, first + count)
    ]


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Return wall and CPU seconds of *work*."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(database: Database, url: str, count: int) -> tuple[float, float]:
    """Print the speeds on *database* and return the ratios (wall, cpu)."""
    destination = Destination(url)
    client = MerchandisingClient(destination)
    relay = Relay(database, destination, client)
    bare = new_session()
    best = {"bare": [float("inf")] * 2, "relay": [float("inf")] * 2}

    for first in range(0, count, PORTION):
        portion = messages(first, PORTION)
        bodies = [client.envelope(message.message_key, message.payload) for message in portion]
        now = datetime.now(UTC)
        database.write(lambda uow, p=portion, n=now: outbox.add(uow, p, "adjustment_line", range(PORTION), n))

        def post(bodies: Sequence[bytes] = bodies, portion: Sequence[OutboxMessage] = portion) -> None:
            for body, message in zip(bodies, portion, strict=True):
                headers = {
                    "Content-Type": "text/xml; charset=utf-8",
                    "SOAPAction": '""',
                    "Idempotency-Key": message.message_key,
                }
                answer = bare.post(url, data=body, headers=headers, timeout=(5, 30), allow_redirects=False)
                assert answer.status_code == 200
                assert answer.content

        def relayed() -> None:
            delivered = relay.run_once()
            assert delivered.total() == PORTION

        for name, work in (("bare", post), ("relay", relayed)):
            best[name] = [min(pair) for pair in zip(best[name], timed(work), strict=True)]
    client.close()
    wall, cpu = (best["bare"][0] / best["relay"][0], best["bare"][1] / best["relay"][1])
    kind = "sqlite" if database.is_sqlite else "postgresql"
    for name in best:
        per_message = [1000 * seconds / PORTION for seconds in best[name]]
        rate = PORTION / best[name][0]
        print(f"{kind:10} {name:5} {rate:7.0f} messages/s {per_message[0]:6.3f} ms wall {per_message[1]:6.3f} ms cpu")
    print(f"{kind:10} ratio relay/bare: wall {wall:.2f}, cpu {cpu:.2f}")
    return wall, cpu


def main(arguments_given: Sequence[str] | None = None) -> int:
    """Measure on SQLite, and on PostgreSQL where a URL is given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", metavar="URL", help="an empty database that may be filled")
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--least", type=float, default=0.5, help="exit with 1 below this wall ratio")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(arguments_given)
    if arguments.serve:
        serve()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    ratios = []
    with running_server() as url, tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'bench.db'}"]
        if arguments.postgres:
            urls.append(make_url(arguments.postgres).set(drivername="postgresql+psycopg").render_as_string(False))
        for database_url in urls:
            engine = make_engine(database_url)
            migrate(engine)
            ratios.append(measure(Database(engine), url, arguments.messages)[0])
            engine.dispose()
    return 0 if min(ratios) >= arguments.least else 1


if __name__ == "__main__":
    raise SystemExit(main())
