"""Every command of the command line, and the table of them in ``docs/commands.md``.

``python -m tests.unit.cli.commands`` writes that table anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli.root import gateway

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"

INTRODUCTION = """# Commands

Every command of the console script `gateway`; `python -m gateway` is the same. Each explains itself with `--help`.
Results go to stdout, progress to stderr. Commands that return rows print JSON with `--json`. Exit codes: 0 done, 1
found problems, 2 wrong usage. What to use when: [operations.md](operations.md).

CSV files are UTF-8, separated by commas, with the names of the columns in the first row; `export` shows them. An import
takes all rows or none, and reports what is wrong with every row. Passwords are asked for, or read with
`--password-stdin`; they are never an argument, apart from that of the demo.

"""


def leaves(group: click.Group = gateway, path: str = "gateway") -> Iterator[tuple[str, click.Command]]:
    """Return name and command of everything that can be run, in the order of ``--help``."""
    with click.Context(group, info_name=path) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is not None, name
            if isinstance(command, click.Group):
                yield from leaves(command, f"{path} {name}")
            else:
                yield f"{path} {name}", command


def synopsis(path: str, command: click.Command) -> str:
    """Return a command with its arguments and options, as one types it."""
    words = [path]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            words.append(parameter.make_metavar(click.Context(command)).lstrip("[").rstrip("]"))
        elif isinstance(parameter, click.Option) and not parameter.hidden:
            names = "/".join([*parameter.opts, *parameter.secondary_opts])
            value = "" if parameter.is_flag else f" {parameter.metavar or _value(parameter)}"
            text = f"{names}{value}{'…' if parameter.multiple else ''}"
            words.append(text if parameter.required else f"[{text}]")
    return " ".join(words)


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return option.opts[0].lstrip("-").upper()
    if isinstance(option.type, click.IntRange) or option.type is click.INT:
        return "N"
    if isinstance(option.type, click.Path):
        return "FILE" if option.type.file_okay else "FOLDER"
    return "TEXT"


def document() -> str:
    """Return what ``docs/commands.md`` should say."""
    rows = ["| command | does |", "|---|---|"]
    for path, command in leaves():
        purpose = (command.help or "").split("\n\n")[0].replace("\n", " ").strip()
        rows.append(f"| `{synopsis(path, command)}` | {purpose} |".replace("|--", "\\|--"))
    return INTRODUCTION + "\n".join(rows) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
