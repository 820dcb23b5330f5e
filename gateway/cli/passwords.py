"""Passwords: asked for twice without echo, or read from stdin; never an argument that others could see."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def password_option(command: F) -> F:
    """Add ``--password-stdin``."""
    text = "Read the password from the first line of stdin instead of asking."
    return click.option("--password-stdin", is_flag=True, help=text)(command)


def read_password(from_stdin: bool) -> str:
    """Return the password; nothing of it is shown."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
