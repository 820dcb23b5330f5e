"""``gateway hospital``."""

from __future__ import annotations

import click

from gateway.cli.output import json_option, show_rows
from gateway.cli.session import Session, pass_session

COLUMNS = [
    "key",
    "destination",
    "message_type",
    "business_object_id",
    "sequence",
    "status",
    "attempts",
    "blocked_behind",
    "created_at",
    "last_error",
]


@click.group("hospital")
def command() -> None:
    """Messages that only a person can help."""


@command.command("list")
@click.option("--destination", metavar="NAME", help="Only messages to this destination.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Most rows.")
@json_option
@pass_session
def list_(session: Session, destination: str | None, limit: int, as_json: bool) -> None:
    """List messages in the hospital, oldest first, and how many wait behind each."""
    rows = session.gateway.hospital.list(destination, limit)
    show_rows([{name: getattr(row, name) for name in COLUMNS} for row in rows], COLUMNS, as_json)
