"""``gateway item``."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.files import export, file_argument, output_option
from gateway.cli.output import json_option, show_rows
from gateway.cli.session import Session, pass_session
from gateway.domain.item import ItemKind

COLUMNS = ["item_id", "description", "uom", "kind", "unit_cost", "department", "class", "subclass"]


@click.group("item")
def command() -> None:
    """Items of the assortment."""


@command.command("add")
@click.argument("item_id", metavar="ID")
@click.argument("description")
@click.option("--uom", default="EA", show_default=True, help="Unit that quantities are in; EA cannot be split.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ItemKind]),
    default=ItemKind.PLAIN.value,
    show_default=True,
    help="plain; serial = every unit has a UIN; agsn = the system generates them.",
)
@click.option("--unit-cost", metavar="AMOUNT", default="", help="Cost of one unit in the store's currency.")
@click.option("--department", default="", help="Department.")
@click.option("--class", "item_class", default="", help="Class.")
@click.option("--subclass", default="", help="Subclass.")
@pass_session
def add(
    session: Session,
    item_id: str,
    description: str,
    uom: str,
    kind: str,
    unit_cost: str,
    department: str,
    item_class: str,
    subclass: str,
) -> None:
    """Add an item."""
    from gateway.formats.maintenance_csv import ITEMS

    cells = (item_id, description, uom, kind, unit_cost, department, item_class, subclass)
    # The same checks as for a file.
    session.maintenance.items.add(ITEMS.read_texts(dict(zip(COLUMNS, cells, strict=True)), "arguments"))
    click.echo(f"added item {item_id}")


@command.command("list")
@click.option("--containing", default="", metavar="TEXT", help="Only items whose id or description contains this.")
@json_option
@pass_session
def list_(session: Session, containing: str, as_json: bool) -> None:
    """List items."""
    from gateway.formats.maintenance_csv import ITEMS

    items = session.maintenance.items.list(containing)
    show_rows([dict(zip(COLUMNS, ITEMS.take(item), strict=True)) for item in items], COLUMNS, as_json)


@command.command("import")
@file_argument
@pass_session
def import_(session: Session, file: Path) -> None:
    """Add and change items from a CSV file, as `item export` writes it; all rows or none."""
    from gateway.formats.maintenance_csv import ITEMS

    added, changed = session.maintenance.items.import_rows(ITEMS.read_file(file))
    click.echo(f"added {added} items, changed {changed}")


@command.command("export")
@output_option
@pass_session
def export_(session: Session, output: Path | None) -> None:
    """Write all items as CSV."""
    from gateway.formats.maintenance_csv import ITEMS

    export(ITEMS, session.maintenance.items.list(), output)
