"""``gateway parameter``."""

from __future__ import annotations

from dataclasses import asdict

import click

from gateway.cli.output import json_option, show_rows
from gateway.cli.session import Session, pass_session


@click.group("parameter")
def command() -> None:
    """System parameters, the same for every gateway on one database."""


@command.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List all parameters with value, default and meaning."""
    rows = [asdict(one) for one in session.maintenance.parameters.list()]
    show_rows(rows, ["name", "value", "default", "meaning"], as_json)


@command.command("set")
@click.argument("name")
@click.argument("value")
@pass_session
def set_(session: Session, name: str, value: str) -> None:
    """Set a parameter: on, off or a number."""
    session.maintenance.parameters.set(name, value)
    click.echo(f"{name} is {value}")
