"""``gateway template``."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.files import file_argument
from gateway.cli.output import json_option, show_one, show_rows
from gateway.cli.session import Session, pass_session
from gateway.domain.adjustment import AdjustmentStatus

if TYPE_CHECKING:
    from gateway.formats.maintenance_csv import TemplateLineRow
    from gateway.usecases.templates import TemplateRow

HEADER_COLUMNS = ["template_id", "store_id", "description", "status", "created_at", "created_by", "item_count"]
LINE_COLUMNS = ["item_id", "reason_id", "quantity", "case_size"]


@click.group("template")
def command() -> None:
    """Templates: what is adjusted together again and again."""


def acting_user() -> str:
    """Return who is at this machine; kept as the author of what the command line makes."""
    try:
        return getpass.getuser()[:128]
    except (OSError, KeyError):
        return "command line"


def rows_of(lines: Sequence[tuple[int, TemplateLineRow]]) -> list[TemplateRow]:
    """Return rows of a file as the use case takes them."""
    from gateway.usecases.templates import TemplateRow

    return [TemplateRow(row, *line) for row, line in lines]


@command.command("import")
@file_argument
@pass_session
def import_(session: Session, file: Path) -> None:
    """Add and change templates from a CSV file, one row a line; all rows or none."""
    from gateway.formats.maintenance_csv import TEMPLATES

    rows = rows_of(TEMPLATES.read_file(file))
    stored = session.gateway.templates.import_rows(rows, acting_user())
    click.echo(f"stored templates {', '.join(str(one) for one in stored) or 'none'}")


@command.command("complete")
@click.argument("template_id", type=int, metavar="ID")
@pass_session
def complete(session: Session, template_id: int) -> None:
    """Close a template, so that it can be applied and no longer be edited."""
    session.gateway.templates.complete(template_id, acting_user())
    click.echo(f"template {template_id} is completed")


@command.command("delete")
@click.argument("template_id", type=int, metavar="ID")
@pass_session
def delete(session: Session, template_id: int) -> None:
    """Delete a template that is in progress."""
    session.gateway.templates.delete(template_id)
    click.echo(f"deleted template {template_id}")


@command.command("list")
@click.option("--store", type=int, metavar="ID", help="Only templates of this store.")
@click.option("--status", type=click.Choice([one.value for one in AdjustmentStatus]), help="Only with this status.")
@json_option
@pass_session
def list_(session: Session, store: int | None, status: str | None, as_json: bool) -> None:
    """List templates, newest first."""
    found = session.maintenance.templates.list(store, AdjustmentStatus(status) if status else None)
    rows = [
        {"store_id": store_id, **{name: getattr(head, name) for name in HEADER_COLUMNS if name != "store_id"}}
        for store_id, head in found
    ]
    show_rows(rows, HEADER_COLUMNS, as_json)


@command.command("show")
@click.argument("template_id", type=int, metavar="ID")
@json_option
@pass_session
def show(session: Session, template_id: int, as_json: bool) -> None:
    """Show a template with its lines."""
    template = session.maintenance.templates.show(template_id)
    names = ["template_id", "store_id", "description", "comments", "status", "created_at", "created_by"]
    head = {name: getattr(template, name) for name in [*names, "approved_at", "approved_by"]}
    lines = [{name: getattr(line, name) for name in LINE_COLUMNS} for line in template.lines]
    if as_json:
        show_one({**head, "lines": lines}, as_json)
        return
    show_one(head, as_json)
    click.echo()
    show_rows(lines, LINE_COLUMNS, as_json)


def _multiplier(_ctx: click.Context, _param: click.Parameter, text: str) -> Decimal:
    from gateway.domain.quantity import quantity

    try:
        return quantity(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@command.command("apply")
@click.argument("template_id", type=int, metavar="ID")
@click.option("--multiplier", metavar="M", default="1", show_default=True, callback=_multiplier, help="Above zero.")
@click.option("--user", required=True, metavar="U", help="Who the adjustment is made as, with the rights of this user.")
@pass_session
def apply(session: Session, template_id: int, multiplier: Decimal, user: str) -> None:
    """Save a new adjustment in progress with the lines of a template times M."""
    gateway = session.gateway
    identity = session.maintenance.users.identity(user)
    change = gateway.templates.applied(template_id, multiplier)
    adjustment_id = gateway.adjustments.save(identity, change)
    click.echo(f"saved adjustment {adjustment_id} in progress at store {change.store_id}")
