"""``gateway user``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.cli.output import json_option, say, show_one, show_rows
from gateway.cli.passwords import password_option, read_password
from gateway.cli.session import Session, pass_session

if TYPE_CHECKING:
    from gateway.persistence.roster import ListedUser

F = TypeVar("F", bound=Callable[..., Any])

COLUMNS = ["user", "active", "password", "roles", "stores", "created_at"]
EVERY_STORE = "all"


@click.group("user")
def command() -> None:
    """Users: who may log in, with which roles, at which stores."""


def _roles_and_stores(command_: F) -> F:
    stores = click.option(
        "--store", "stores", multiple=True, metavar="ID", help="Store; repeatable. all = every store."
    )
    roles = click.option("--role", "roles", multiple=True, metavar="ROLE", help="Role of the user; repeatable.")
    return roles(stores(command_))


def _store_ids(stores: tuple[str, ...]) -> list[int] | None:
    """Return the ids, or None for every store."""
    if EVERY_STORE in stores:
        return None
    wrong = [store for store in stores if not (store.isascii() and store.isdecimal())]
    if wrong:
        raise click.BadParameter(f"{', '.join(wrong)}: use a store id or all.", param_hint="--store")
    return [int(store) for store in stores]


@command.command("add")
@click.argument("user")
@_roles_and_stores
@password_option
@pass_session
def add(session: Session, user: str, roles: tuple[str, ...], stores: tuple[str, ...], password_stdin: bool) -> None:
    """Add a user; asks for the password."""
    store_ids = _store_ids(stores)
    session.maintenance.users.add(user, read_password(password_stdin), roles, store_ids)
    click.echo(f"added user {user}")
    if not roles or store_ids == []:
        say("the user can log in and do nothing before it has roles and stores: gateway user edit")


@command.command("edit")
@click.argument("user")
@_roles_and_stores
@pass_session
def edit(session: Session, user: str, roles: tuple[str, ...], stores: tuple[str, ...]) -> None:
    """Give a user other roles, other stores or both; what is not named stays."""
    if not roles and not stores:
        raise click.UsageError("name --role or --store.")
    from gateway.usecases.users import UserEdit

    store_ids = _store_ids(stores)
    change = UserEdit(roles or None, store_ids or None, every_store=store_ids is None)
    session.maintenance.users.edit(user, change)
    click.echo(f"changed user {user}")


@command.command("password")
@click.argument("user")
@password_option
@pass_session
def password(session: Session, user: str, password_stdin: bool) -> None:
    """Give a user another password; asks for it."""
    session.maintenance.users.set_password(user, read_password(password_stdin))
    click.echo(f"user {user} has another password")


@command.command("lock")
@click.argument("user")
@pass_session
def lock(session: Session, user: str) -> None:
    """Keep a user out."""
    session.maintenance.users.lock(user)
    click.echo(f"user {user} is locked")


@command.command("unlock")
@click.argument("user")
@pass_session
def unlock(session: Session, user: str) -> None:
    """Let a locked user in again."""
    session.maintenance.users.unlock(user)
    click.echo(f"user {user} is unlocked")


@command.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List all users."""
    show_rows([_row(user) for user in session.maintenance.users.list()], COLUMNS, as_json)


@command.command("show")
@click.argument("user")
@json_option
@pass_session
def show(session: Session, user: str, as_json: bool) -> None:
    """Show one user."""
    show_one(_row(session.maintenance.users.show(user)), as_json)


def _row(user: ListedUser) -> dict[str, Any]:
    return {
        "user": user.user_name,
        "active": user.active,
        "password": user.has_password,
        "roles": user.roles,
        "stores": EVERY_STORE if user.store_ids is None else user.store_ids,
        "created_at": user.created_at,
    }
