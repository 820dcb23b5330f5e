"""``gateway relay``."""

from __future__ import annotations

import signal
import threading

import click

from gateway.cli.output import say
from gateway.cli.session import Session, pass_session
from gateway.lifeline import watch


@click.command("relay")
@click.option("--once", is_flag=True, help="Deliver until nothing is due, then end; exit 1 if an attempt failed.")
@click.option("--parent", type=int, hidden=True, help="Also end when the process with this id is gone.")
@pass_session
def command(session: Session, once: bool, parent: int | None) -> None:
    """Deliver the outbox to the merchandising system; any number may run."""
    relay = session.gateway.relay(None)
    stop = threading.Event()
    try:
        if once:
            ended = relay.run_once(stop)
            report({str(outcome): count for outcome, count in ended.items()})
            return
        # The message on the wire is finished and recorded before the process ends.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        if parent is not None:
            watch(parent, stop.set)
        say(f"relay {relay.name} delivers to {session.settings.merchandising_url}; stop it with Ctrl-C")
        relay.run_forever(stop)
    finally:
        relay.close()


def report(ended: dict[str, int]) -> None:
    """Print how attempts ended, by outcome.

    Raises:
        Exit: with 1 when one did not end as delivered (PUB-08).
    """
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in sorted(ended.items())) or "nothing was due")
    if set(ended) - {"delivered"}:
        raise click.exceptions.Exit(1)
