"""``gateway quickstart``."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from gateway.cli.output import say
from gateway.cli.session import Session, pass_session

STOP_SECONDS = 40
"""Longer than the server gives its requests and its relay."""

TWIN_PATH = "/InvAdjustPublishingBean/InvAdjustPublishingService"


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
@click.option("--demo-password", metavar="P", help="Password of all demo users; a random one is printed without it.")
@pass_session
def command(session: Session, port: int, twin_port: int, folder: Path, demo_password: str | None) -> None:
    """Try it: demo data, the twin merchandising system and the server with its relay, all on this machine."""
    # From here on, so that a signal that comes while things start stops what has been started.
    signal.signal(signal.SIGTERM, _interrupt)
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "twin.jsonl"
    settings = {
        "GATEWAY_DATABASE_URL": f"sqlite:///{folder.resolve() / 'gateway.db'}",
        "GATEWAY_MERCHANDISING_URL": f"http://127.0.0.1:{twin_port}{TWIN_PATH}",
    }
    _load_demo(session, settings["GATEWAY_DATABASE_URL"], demo_password or secrets.token_urlsafe(12))
    say(f"what merchandising receives: {journal}")
    twin = ["twin", "--port", str(twin_port), "--journal", str(journal)]
    serve = ["serve", "--port", str(port), "--relay"]
    code = 0
    with suppress(KeyboardInterrupt), _running(twin, settings), _running(serve, settings) as server:
        code = server.wait()
    raise click.exceptions.Exit(code)


def _load_demo(session: Session, database_url: str, password: str) -> None:
    trial = Session(session.settings.model_copy(update={"database_url": database_url}))
    try:
        initialise = trial.gateway_before_init().initialise
        initialise.run()
        names = ", ".join(initialise.load_demo(password).user_names)
    finally:
        trial.close()
    click.echo(f"password of {names}: {password}")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _running(arguments: list[str], settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run another command of this program while the block runs."""
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "gateway", *arguments],
        env={**os.environ, **settings},
        # A Ctrl-C on the terminal comes to this process alone, which then stops the others in order.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
