"""``gateway sub-bucket``."""

from __future__ import annotations

import click

from gateway.cli.output import json_option, say, show_rows
from gateway.cli.session import Session, pass_session


@click.group("sub-bucket")
def command() -> None:
    """Sub-buckets: the named parts of the unavailable stock."""


@command.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List all sub-buckets."""
    rows = [{"type_id": one.type_id, "description": one.description} for one in session.maintenance.sub_buckets.list()]
    show_rows(rows, ["type_id", "description"], as_json)


@command.command("add")
@click.argument("description")
@click.option("--id", "type_id", type=click.IntRange(1), help="Id; the next free one when left out.")
@pass_session
def add(session: Session, description: str, type_id: int | None) -> None:
    """Add a sub-bucket."""
    added = session.maintenance.sub_buckets.add(description, type_id or 0)
    click.echo(f"added sub-bucket {added}")
    say("reasons move stock into it and out of it: gateway reason add")
