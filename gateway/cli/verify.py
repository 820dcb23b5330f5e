"""``gateway verify``."""

from __future__ import annotations

from dataclasses import asdict

import click

from gateway.cli.output import json_option, say, show_rows
from gateway.cli.session import Session, pass_session


@click.command("verify")
@json_option
@pass_session
def command(session: Session, as_json: bool) -> None:
    """Prove that balances, UINs and messages agree with the ledger; exit 1 and the differences otherwise."""
    found = session.gateway.verify.run()
    if found.differences or as_json:
        show_rows([asdict(one) for one in found.differences], ["rule", "place", "expected", "found"], as_json)
    summary = (
        f"{found.movements} movements, {found.positions} positions, {found.sub_buckets} sub-buckets, "
        f"{found.uins} UINs, {found.messages} messages: "
    )
    if found.differences:
        say(f"{summary}{len(found.differences)} differences")
        raise click.exceptions.Exit(1)
    (say if as_json else click.echo)(f"{summary}all agree")
