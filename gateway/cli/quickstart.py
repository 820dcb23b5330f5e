"""``gateway quickstart``: the first five minutes in one command; what ``make run`` runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from gateway.cli.children import start, stop
from gateway.cli.output import say
from gateway.domain.errors import WrongSetting

SOAP_PATH = "/InventoryAdjustmentBean/InventoryAdjustmentService"
PUBLISHING_PATH = "/InvAdjustPublishingBean/InvAdjustPublishingService"
START_SECONDS = 60
STOP_SECONDS = 40
"""Longer than the server gives its requests and its relay."""

_TEXT = """
The gateway is running. Stop it with Ctrl-C.

  WSDL            {url}{soap}?wsdl
  merchandising   {twin}{publishing}?wsdl  (the twin)
  users           pos, pos1312, clerk, manager, admin, all with the password {password}
  data            {folder}/gateway.db
  twin's journal  {folder}/twin.jsonl

Try a first adjustment: two packs of batteries are stolen in store 1311.

  curl -s -u pos:{password} -H 'Content-Type: text/xml' --data-binary @examples/16-theft.request.xml \\
    {url}{soap}

Or from Python:

  {python} - <<'END'
  from zeep import Client
  from zeep.wsse.username import UsernameToken
  service = Client("{url}{soap}?wsdl",
                   wsse=UsernameToken("pos", "{password}")).service
  line = {{"item_id": "100000147", "reason_id": 83, "quantity": 2, "case_size": 1}}
  print(service.saveAndConfirmInventoryAdjustment(
      StrAdjModVo={{"store_id": 1311, "comments": "stolen", "StrAdjItmMod": [line]}}))
  END

Then look what became of it:

  export GATEWAY_DATABASE_URL={database}
  {gateway} stock list --item 100000147
  {gateway} verify
  tail -n 1 {folder}/twin.jsonl
"""


@click.command("quickstart")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of the gateway.")
@click.option("--twin-port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="Port of the twin.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("run"),
    show_default=True,
    help="Where the database and the twin's journal are kept.",
)
@click.option("--demo-password", "password", default="demo", show_default=True, help="Password of the demo users.")
def command(port: int, twin_port: int, folder: Path, password: str) -> None:
    """Try it: demo data, the twin merchandising system and the server with its relay, all on this machine.

    Listens on loopback only. A second start goes on with the data of the first; remove the folder to begin anew.
    """
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        # Both stop everything in order, also where a shell started it in the background, which ignores SIGINT.
        signal.signal(signal_number, signal.default_int_handler)
    for one in (port, twin_port):
        _require_free(one)
    folder.mkdir(parents=True, exist_ok=True)
    url, twin = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{twin_port}"
    database = f"sqlite:///{folder}/gateway.db"
    environment = {
        **os.environ,
        "GATEWAY_DATABASE_URL": database,
        "GATEWAY_MERCHANDISING_URL": f"{twin}{PUBLISHING_PATH}",
    }
    code = start("init", "--demo", "--demo-password", password, environment=environment).wait()
    if code != 0:
        raise click.exceptions.Exit(code)
    with ExitStack() as stack:
        log = stack.enter_context((folder / "quickstart.log").open("ab"))
        try:
            journal = f"{folder}/twin.jsonl"
            children = []
            for arguments in (
                ("twin", "--port", str(twin_port), "--journal", journal),
                ("serve", "--port", str(port), "--workers", "1", "--relay"),
            ):
                child = start(*arguments, environment=environment, log=log.fileno())
                stack.callback(stop, child, STOP_SECONDS)
                children.append(child)
            for address in (f"{twin}/healthz", f"{url}/readyz"):
                _wait_for(address, children, log.name)
            greeting = _TEXT.format(
                url=url,
                twin=twin,
                soap=SOAP_PATH,
                publishing=PUBLISHING_PATH,
                password=password,
                folder=folder,
                database=database,
                python=_shown(sys.executable),
                gateway=_shown(sys.argv[0]),
            )
            click.echo(greeting)
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
            raise WrongSetting(f"the gateway or the twin ended by itself; {log.name} says why")
        except KeyboardInterrupt:
            say("stopping")


def _wait_for(address: str, children: list[subprocess.Popen[bytes]], log: str) -> None:
    end, parts = time.monotonic() + START_SECONDS, urlsplit(address)
    while time.monotonic() < end and all(child.poll() is None for child in children):
        connection = HTTPConnection(parts.netloc, timeout=5)
        try:
            connection.request("GET", parts.path)
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (HTTPException, OSError):
            time.sleep(0.1)
        finally:
            connection.close()
    raise WrongSetting(f"{address} does not answer; {log} says why")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise WrongSetting(f"port {port} is taken; choose another with --port or --twin-port ({error})") from error


def _shown(program: str) -> str:
    """Return *program* as one would type it here."""
    try:
        return str(Path(program).relative_to(Path.cwd()))
    except ValueError:
        return program
