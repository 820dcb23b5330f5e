"""``gateway config``."""

from __future__ import annotations

import re
from typing import Any

import click

from gateway.cli.output import json_option, show_rows
from gateway.cli.session import Session, pass_session

MASK = "***"

_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@\s:]*):[^/\s]*@(?=[^@/\s]*(?:[/?#]|$))")


@click.command("config")
@json_option
@pass_session
def command(session: Session, as_json: bool) -> None:
    """List every setting: variable, value, default and meaning; secrets are masked."""
    from gateway.config import PREFIX

    settings = session.settings
    rows = [
        {
            "variable": f"{PREFIX}{name.upper()}",
            "value": _shown(getattr(settings, name)),
            "default": _shown(field.default),
            "meaning": field.description or "",
        }
        for name, field in type(settings).model_fields.items()
    ]
    show_rows(rows, ["variable", "value", "default", "meaning"], as_json)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return " ".join(str(one) for one in value)
    if hasattr(value, "get_secret_value"):
        return MASK
    return masked(str(value))


def masked(url: str) -> str:
    """Return *url* without the password that it may carry."""
    return _PASSWORD_IN_URL.sub(rf"\1:{MASK}@", url)
