"""The command ``gateway``: finds the nouns, and says what went wrong in words instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from gateway import __version__
from gateway.cli.output import printable
from gateway.cli.session import Session
from gateway.domain.errors import GatewayError, RulesBroken, WrongSetting

FOUND_PROBLEMS = 1
WRONG_USAGE = 2

COMMANDS: dict[str, str] = {
    "quickstart": "quickstart",
    "init": "init",
    "serve": "serve",
    "relay": "relay",
    "twin": "twin",
    "user": "user",
    "role": "role",
    "reason": "reason",
    "sub-bucket": "sub_bucket",
    "template": "template",
    "store": "store",
    "item": "item",
    "stock": "stock",
    "parameter": "parameter",
    "hospital": "hospital",
    "verify": "verify",
    "contract": "contract",
    "config": "config",
}
"""Module of each command. It is imported only when the command or the list of all commands is asked for."""


class Nouns(click.Group):
    """Imports a noun when it is needed, and turns what the gateway refuses into text and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the nouns in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a noun, or None."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(f"gateway.cli.{module}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors that are meant for the one who called become text on stderr."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except GatewayError as error:
            say_error(_texts(error))
            ctx.exit(_exit_code(error))
        except Exception as error:
            text = _database_text(error)
            if text is None:
                raise
            say_error([text])
            ctx.exit(FOUND_PROBLEMS)


def say_error(texts: Sequence[str]) -> None:
    """Print every problem on stderr, one a line."""
    for text in texts:
        for line in text.splitlines() or [""]:
            click.echo(f"error: {printable(line)}", err=True)


def _texts(error: GatewayError) -> list[str]:
    if isinstance(error, RulesBroken):
        return [str(problem) for problem in error.problems]
    return [str(error) or type(error).__name__]


def _exit_code(error: GatewayError) -> int:
    # A file with wrong rows was looked through and found wrong; a setting or an argument cannot be used at all.
    return WRONG_USAGE if isinstance(error, WrongSetting) and not hasattr(error, "findings") else FOUND_PROBLEMS


def _database_text(error: Exception) -> str | None:
    """Return what a database says that cannot be reached or used; None for every other error."""
    errors: Any = sys.modules.get("sqlalchemy.exc")
    if errors is None or not isinstance(error, errors.OperationalError):
        return None
    return f"the database cannot be used: {str(error.orig).strip()}"


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def gateway(ctx: click.Context) -> None:
    """SOAP/XML integration gateway for retail store inventory.

    Settings come from the environment (GATEWAY_…); `gateway config` lists them. Exit codes: 0 done, 1 found problems,
    2 wrong usage.
    """
    if ctx.obj is None:
        ctx.obj = Session()
    ctx.call_on_close(ctx.obj.close)
