"""The command line as a whole: help, documents, errors, quick start-up."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from gateway.cli import relay, serve, twin
from gateway.cli.root import gateway, say_error
from gateway.cli.session import Session
from gateway.config import Settings
from gateway.domain.errors import NotAuthenticated, Problem, RulesBroken, WrongSetting
from gateway.formats.csv_tables import Finding, WrongFile
from tests.unit.cli.commands import DOCUMENT, document, leaves

COMMANDS = list(leaves())

HEAVY = ("sqlalchemy", "alembic", "pydantic", "spyne", "zeep", "lxml", "rich", "granian", "argon2")


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_command_explains_itself(path: str, command: click.Command) -> None:
    assert command.help, f"{path} has no help"
    first = command.help.split("\n\n")[0]
    assert first.endswith("."), f"{path}: the purpose is one sentence"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.hidden or parameter.help, f"{path} {parameter.opts[0]} has no help"
    answer = CliRunner().invoke(gateway, [*path.split()[1:], "--help"])
    assert answer.exit_code == 0
    assert answer.output.startswith("Usage: ")


def test_the_document_of_the_commands_is_up_to_date() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run: python -m tests.unit.cli.commands"


def test_help_is_there_before_anything_heavy_is_loaded() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom gateway.cli.root import gateway\n"
        "assert CliRunner().invoke(gateway, ['--help']).exit_code == 0\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_comes_within_half_a_second() -> None:
    before = os.times()
    subprocess.run([sys.executable, "-m", "gateway", "--help"], capture_output=True, check=True)
    after = os.times()
    # Computing time: what others do on this machine does not count.
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used < 0.5


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["reason"], ["relay", "--twice"], ["init", "--demo-password", "x"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    answer = CliRunner().invoke(gateway, arguments, obj=Session(Settings(database_url="sqlite:///nowhere.db")))
    assert answer.exit_code == 2


PROBLEMS = [Problem("RSN-05", "first.", "Mend it."), Problem("RSN-06", "second.")]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RulesBroken(PROBLEMS), 1, "error: RSN-05: first. Mend it.\nerror: RSN-06: second.\n"),
        (WrongSetting("GATEWAY_X=1: no"), 2, "error: GATEWAY_X=1: no\n"),
        (
            WrongFile([Finding("a.csv", 2, "b", "c", "cannot be.")]),
            1,
            "error: a.csv, row 2, column b: 'c' cannot be.\n",
        ),
        (NotAuthenticated(), 1, "error: user name or password is not right\n"),
    ],
    ids=["rules", "setting", "file", "other"],
)
def test_errors_are_said_in_words(error: Exception, code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_session: Session) -> None:
        raise error

    monkeypatch.setattr(Session, "gateway", property(refuse))
    answer = CliRunner().invoke(gateway, ["verify"], obj=Session(Settings()))
    assert (answer.exit_code, answer.stderr, answer.stdout) == (code, said, "")


def test_an_error_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: Session) -> None:
        raise LookupError("a mistake in the program")

    monkeypatch.setattr(Session, "gateway", property(broken))
    assert isinstance(CliRunner().invoke(gateway, ["verify"], obj=Session(Settings())).exception, LookupError)


def test_what_is_printed_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say_error(["red \x1b[31m alert"])
    assert "\x1b" not in capsys.readouterr().err


def test_the_version_is_shown() -> None:
    from gateway import __version__

    assert CliRunner().invoke(gateway, ["--version"]).output == f"gateway {__version__}\n"


def test_ports_and_paths_are_those_of_the_rest_of_the_program() -> None:
    from gateway.bootstrap import DEFAULT_PORT
    from gateway.soap.application import PATH

    assert serve.PORT == DEFAULT_PORT
    assert serve.PATHS["SOAP service"] == PATH
    assert Settings().merchandising_url == f"http://127.0.0.1:8090{twin.PATH}"


def test_only_delivered_messages_count_as_success() -> None:  # PUB-08
    relay.report({"delivered": 3})
    with pytest.raises(click.exceptions.Exit) as ended:
        relay.report({"delivered": 3, "refused": 1})
    assert ended.value.exit_code == 1
