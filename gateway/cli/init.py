"""``gateway init``."""

from __future__ import annotations

import click

from gateway.cli.output import say
from gateway.cli.session import Session, pass_session


@click.command("init")
@click.option("--demo", is_flag=True, help="Also load two stores with items, stock, UINs, templates and users.")
@click.option("--demo-password", metavar="P", help="Password of all demo users; a random one is printed without it.")
@pass_session
def command(session: Session, demo: bool, demo_password: str | None) -> None:
    """Create or migrate the database; default reasons and sub-bucket if it has none."""
    if demo_password is not None and not demo:
        raise click.UsageError("--demo-password goes with --demo.")
    if demo_password == "":
        raise click.UsageError("--demo-password is blank.")
    from sqlalchemy.engine import make_url

    gateway = session.gateway_before_init()
    done = gateway.initialise.run()
    click.echo(f"database {make_url(session.settings.database_url).render_as_string(hide_password=True)} is ready")
    if done.reasons or done.sub_buckets:
        click.echo(f"created {done.reasons} default reasons, {done.sub_buckets} sub-bucket")
    if not demo:
        return
    loaded = gateway.initialise.load_demo(demo_password)
    if loaded.was_there:
        click.echo("the demo data are there already; nothing was added")
    else:
        click.echo("created " + ", ".join(f"{count} {noun}" for noun, count in loaded.created.items()))
    names = ", ".join(loaded.user_names)
    if loaded.password is None:
        say("the demo users keep their passwords; --demo-password gives them another")
    elif demo_password is None:
        click.echo(f"password of {names}: {loaded.password}")
    else:
        click.echo(f"users {names} have the given password")
