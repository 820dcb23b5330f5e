"""``gateway stock``."""

from __future__ import annotations

import click

from gateway.cli.output import json_option, show_rows
from gateway.cli.session import Session, pass_session
from gateway.domain.quantity import plain


@click.group("stock")
def command() -> None:
    """Stock positions."""


@command.command("list")
@click.option("--store", "store_id", type=int, metavar="ID", help="Of this store only.")
@click.option("--item", "item_id", metavar="ID", help="Of this item only.")
@json_option
@pass_session
def list_(session: Session, store_id: int | None, item_id: str | None, as_json: bool) -> None:
    """List what is where: available, unavailable, reserved, and the sub-buckets of the unavailable."""
    rows = [
        {
            "store_id": row.store_id,
            "item_id": row.item_id,
            "available": row.position.available,
            "unavailable": row.position.unavailable,
            "reserved": row.position.reserved,
            "total": row.position.total,
            "sub_buckets": [f"{type_id}={plain(quantity)}" for type_id, quantity in row.sub_buckets.items()],
        }
        for row in session.gateway.positions.list(store_id, item_id)
    ]
    show_rows(rows, ["store_id", "item_id", "available", "unavailable", "reserved", "total", "sub_buckets"], as_json)
