"""``gateway store``."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.files import export, file_argument, output_option
from gateway.cli.output import json_option, show_rows
from gateway.cli.session import Session, pass_session

COLUMNS = ["store_id", "name", "timezone", "currency"]


@click.group("store")
def command() -> None:
    """Stores that stock is kept for."""


@command.command("add")
@click.argument("store_id", type=click.IntRange(1), metavar="ID")
@click.argument("name")
@click.option("--timezone", required=True, metavar="ZONE", help="IANA name, such as Europe/Paris.")
@click.option("--currency", required=True, metavar="CODE", help="ISO 4217 code, such as EUR.")
@pass_session
def add(session: Session, store_id: int, name: str, timezone: str, currency: str) -> None:
    """Add a store."""
    from gateway.domain.reference import Store

    session.maintenance.stores.add(Store(store_id, name, timezone, currency))
    click.echo(f"added store {store_id}")


@command.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List all stores."""
    stores = session.maintenance.stores.list()
    show_rows([{name: getattr(store, name) for name in COLUMNS} for store in stores], COLUMNS, as_json)


@command.command("import")
@file_argument
@pass_session
def import_(session: Session, file: Path) -> None:
    """Add and change stores from a CSV file, as `store export` writes it; all rows or none."""
    from gateway.formats.maintenance_csv import STORES

    added, changed = session.maintenance.stores.import_rows(STORES.read_file(file))
    click.echo(f"added {added} stores, changed {changed}")


@command.command("export")
@output_option
@pass_session
def export_(session: Session, output: Path | None) -> None:
    """Write all stores as CSV."""
    from gateway.formats.maintenance_csv import STORES

    export(STORES, session.maintenance.stores.list(), output)
