"""``gateway reason``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.cli.files import export, file_argument, output_option
from gateway.cli.output import json_option, say, show_rows
from gateway.cli.session import Session, pass_session
from gateway.domain.disposition import Disposition

F = TypeVar("F", bound=Callable[..., Any])

COLUMNS = [
    "reason_id",
    "reason_code",
    "description",
    "disposition",
    "from_sub_bucket",
    "to_sub_bucket",
    "use_in_ui",
    "system",
    "publish",
    "active",
    "warnings",
]
_DISPOSITIONS = click.Choice([one.value for one in Disposition])


@click.group("reason")
def command() -> None:
    """Reason codes: why stock moves, and from where to where."""


@command.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List all reasons, with a warning for those that no role may use."""
    rows = []
    for listed in session.maintenance.reasons.list():
        row = {name: getattr(listed.reason, name) for name in COLUMNS if name != "warnings"}
        row["disposition"] = listed.reason.disposition.value
        warnings = list(listed.warnings)
        rows.append({**row, "warnings": warnings if as_json else "; ".join(warnings)})
    show_rows(rows, COLUMNS, as_json)
    warned = sum(bool(row["warnings"]) for row in rows)
    if warned:
        say(f"reasons with warnings: {warned}")


def _sub_buckets(command_: F) -> F:
    kind = click.IntRange(0)
    to = click.option("--to-sub-bucket", type=kind, metavar="ID", help="Sub-bucket that stock is put into; 0 = none.")
    from_ = click.option("--from-sub-bucket", type=kind, metavar="ID", help="Sub-bucket it is taken from; 0 = none.")
    return from_(to(command_))


@command.command("add")
@click.argument("code", type=click.IntRange(0, 9999))
@click.argument("description")
@click.option("--disposition", type=_DISPOSITIONS, required=True, help="From where to where stock moves.")
@_sub_buckets
@click.option("--id", "reason_id", type=click.IntRange(1), help="Id; the next free one when left out.")
@click.option("--use-in-ui/--no-use-in-ui", default=True, help="A person may pick it (default), or not.")
@click.option("--publish/--no-publish", default=True, help="Merchandising hears of it (default), or not.")
@pass_session
def add(
    session: Session,
    code: int,
    description: str,
    disposition: str,
    from_sub_bucket: int | None,
    to_sub_bucket: int | None,
    reason_id: int | None,
    use_in_ui: bool,
    publish: bool,
) -> None:
    """Add a reason."""
    from gateway.domain.reason import Reason

    reason = Reason(
        reason_id=reason_id or 0,
        reason_code=code,
        description=description,
        disposition=Disposition(disposition),
        from_sub_bucket=from_sub_bucket or None,
        to_sub_bucket=to_sub_bucket or None,
        use_in_ui=use_in_ui,
        publish=publish,
    )
    added = session.maintenance.reasons.add(reason)
    click.echo(f"added reason {added} with code {code}")
    say("give it to roles: gateway role put")


@command.command("edit")
@click.argument("reason_id", type=int, metavar="ID")
@click.option("--code", type=click.IntRange(0, 9999), help="Another reason code.")
@click.option("--description", help="Another description.")
@click.option("--disposition", type=_DISPOSITIONS, help="Another disposition.")
@_sub_buckets
@click.option("--use-in-ui/--no-use-in-ui", default=None, help="A person may pick it, or not.")
@click.option("--publish/--no-publish", default=None, help="Merchandising hears of it, or not.")
@pass_session
def edit(
    session: Session,
    reason_id: int,
    code: int | None,
    description: str | None,
    disposition: str | None,
    from_sub_bucket: int | None,
    to_sub_bucket: int | None,
    use_in_ui: bool | None,
    publish: bool | None,
) -> None:
    """Change a reason; of a system reason only the description."""
    from gateway.usecases.reasons import ReasonEdit

    change = ReasonEdit(
        reason_code=code,
        description=description,
        disposition=None if disposition is None else Disposition(disposition),
        from_sub_bucket=from_sub_bucket,
        to_sub_bucket=to_sub_bucket,
        use_in_ui=use_in_ui,
        publish=publish,
    )
    if change == ReasonEdit():
        raise click.UsageError("name what to change.")
    session.maintenance.reasons.edit(reason_id, change)
    click.echo(f"changed reason {reason_id}")


@command.command("activate")
@click.argument("reason_id", type=int, metavar="ID")
@pass_session
def activate(session: Session, reason_id: int) -> None:
    """Allow a reason for new work again."""
    session.maintenance.reasons.activate(reason_id)
    click.echo(f"reason {reason_id} is active")


@command.command("deactivate")
@click.argument("reason_id", type=int, metavar="ID")
@pass_session
def deactivate(session: Session, reason_id: int) -> None:
    """Keep a reason from new work."""
    session.maintenance.reasons.deactivate(reason_id)
    click.echo(f"reason {reason_id} is no longer active")


@command.command("delete")
@click.argument("reason_id", type=int, metavar="ID")
@pass_session
def delete(session: Session, reason_id: int) -> None:
    """Delete a reason that nothing uses."""
    session.maintenance.reasons.delete(reason_id)
    click.echo(f"deleted reason {reason_id}")


@command.command("check")
@file_argument
@json_option
@pass_session
def check(session: Session, file: Path, as_json: bool) -> None:
    """Compare with a CSV list of merchandising's reason codes; exit 1 and the differences if there are any."""
    from gateway.formats.csv_tables import values
    from gateway.formats.maintenance_csv import MERCHANDISING_REASONS

    exported = MERCHANDISING_REASONS.read_file(file)
    found = session.maintenance.reasons.check(values(exported))
    if found or as_json:
        columns = ["reason_code", "what", "here", "there"]
        show_rows([{name: getattr(one, name) for name in columns} for one in found], columns, as_json)
    if found:
        say(f"{len(found)} differences (RSN-08)")
        raise click.exceptions.Exit(1)
    (say if as_json else click.echo)(f"all {len(exported)} reason codes agree")


@command.command("import")
@file_argument
@pass_session
def import_(session: Session, file: Path) -> None:
    """Add and change reasons from a CSV file, as `reason export` writes it; all rows or none."""
    from gateway.formats.maintenance_csv import REASONS

    added, changed = session.maintenance.reasons.import_rows(REASONS.read_file(file))
    click.echo(f"added {added} reasons, changed {changed}")


@command.command("export")
@output_option
@pass_session
def export_(session: Session, output: Path | None) -> None:
    """Write all reasons as CSV."""
    from gateway.formats.maintenance_csv import REASONS

    export(REASONS, [listed.reason for listed in session.maintenance.reasons.list()], output)
