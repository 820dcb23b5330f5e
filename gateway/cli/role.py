"""``gateway role``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import json_option, show_one, show_rows
from gateway.cli.session import Session, pass_session
from gateway.domain.permission import Function

if TYPE_CHECKING:
    from gateway.persistence.roster import ListedRole

COLUMNS = ["role", "functions", "reasons", "users"]
EVERYTHING = "all"


@click.group("role")
def command() -> None:
    """Roles: which functions and reasons users may use."""


@command.command("put")
@click.argument("role")
@click.option(
    "--function",
    "functions",
    multiple=True,
    type=click.Choice([EVERYTHING, *(one.value for one in Function)]),
    help="Function that the role allows; repeatable.",
)
@click.option("--reason", "reasons", multiple=True, metavar="CODE", help="Reason code; repeatable. all = every reason.")
@pass_session
def put(session: Session, role: str, functions: tuple[str, ...], reasons: tuple[str, ...]) -> None:
    """Add a role or write it anew with exactly these functions and reasons."""
    wrong = [code for code in reasons if code != EVERYTHING and not (code.isascii() and code.isdecimal())]
    if wrong:
        raise click.BadParameter(f"{', '.join(wrong)}: use a reason code or all.", param_hint="--reason")
    held = list(Function) if EVERYTHING in functions else [Function(one) for one in functions]
    codes = None if EVERYTHING in reasons else [int(code) for code in reasons]
    session.maintenance.users.put_role(role, held, codes)
    click.echo(f"role {role} allows {len(held)} functions and {'all' if codes is None else len(set(codes))} reasons")


@command.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List all roles."""
    show_rows([_row(role) for role in session.maintenance.users.roles()], COLUMNS, as_json)


@command.command("show")
@click.argument("role")
@json_option
@pass_session
def show(session: Session, role: str, as_json: bool) -> None:
    """Show one role."""
    show_one(_row(session.maintenance.users.show_role(role)), as_json)


def _row(role: ListedRole) -> dict[str, Any]:
    return {
        "role": role.role_name,
        "functions": [function.value for function in role.functions],
        "reasons": EVERYTHING if role.reason_ids is None else role.reason_ids,
        "users": role.user_names,
    }
