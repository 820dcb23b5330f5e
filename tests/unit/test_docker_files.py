"""What the container files name exists: commands with their options, copied files, the health path."""

import configparser
import json
import re
import shlex
from pathlib import Path

import click
import pytest

from gateway.cli.root import gateway
from gateway.web.health import PATHS

TOP = Path(__file__).parents[2]
DOCKERFILE = TOP / "docker" / "Dockerfile"
COMPOSE = TOP / "docker" / "compose.yaml"
EXAMPLE = TOP / "docker" / ".env.example"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    pairs = [line.strip().split(None, 1) for line in joined.splitlines()]
    return [(word, rest) for word, rest in pairs]


def of(instruction: str) -> list[str]:
    return [rest for word, rest in instructions() if word == instruction]


def gateway_commands() -> list[list[str]]:
    """Every call of the console script in Dockerfile and compose file, without the script itself."""
    found = [json.loads(one) for one in of("CMD")]
    for run in of("RUN"):
        found += [shlex.split(part) for part in run.split("&&")]
    for listed in re.findall(r"^ *command: \[(gateway,.*)\]$", COMPOSE.read_text("utf-8"), re.MULTILINE):
        found.append([word.strip().strip("\"'") for word in listed.split(",")])
    return [words[1:] for words in found if words and Path(words[0]).name == "gateway"]


def test_there_are_commands_to_check() -> None:
    assert {command[0] for command in gateway_commands()} >= {"init", "serve", "relay"}


@pytest.mark.parametrize("words", gateway_commands(), ids=" ".join)
def test_every_command_exists_with_its_options(words: list[str]) -> None:
    context = click.Context(gateway)
    if words == ["--version"]:
        assert any("--version" in option.opts for option in gateway.params)
        return
    command = gateway.get_command(context, words[0])
    assert command is not None, words[0]
    # Parses without running; an unknown option or a wrong value raises.
    command.make_context(words[0], words[1:], parent=context)


def test_what_is_copied_exists() -> None:
    for arguments in of("COPY"):
        words = arguments.split()
        if words[0].startswith("--from="):
            continue
        for source in words[:-1]:
            assert (TOP / source).exists(), source


def test_what_is_copied_is_let_through_to_the_build() -> None:
    let_through = {
        line.removeprefix("!")
        for line in (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {word for one in of("COPY") if not one.startswith("--from=") for word in one.split()[:-1]}
    assert copied == let_through


def test_the_health_checks_ask_paths_that_are_served() -> None:
    text = DOCKERFILE.read_text("utf-8") + COMPOSE.read_text("utf-8")
    asked = set(re.findall(r"http://127\.0\.0\.1:\d+(/\w+)", text))
    assert asked
    assert asked <= set(PATHS)


def test_the_image_runs_as_a_user_without_rights() -> None:
    words = [word for word, _ in instructions()]
    assert of("USER") == ["gateway"]
    assert words.index("USER") > words.index("RUN")


def test_base_images_are_pinned_and_alike() -> None:
    assert {one.split()[0] for one in of("FROM")} == {"python:3.12-slim"}


def test_the_installed_name_is_that_of_the_package() -> None:
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg", "utf-8")
    assert any(setup["metadata"]["name"] in run.split() for run in of("RUN"))


def test_ports_are_published_on_loopback_only() -> None:
    published = re.findall(r"ports: \[(.*)\]", COMPOSE.read_text("utf-8"))
    assert len(published) == 2
    assert all(port.strip('"').startswith("127.0.0.1:") for port in published)


def test_no_secret_stands_in_the_files() -> None:
    example = dict(
        line.lstrip("#").split("=", 1)
        for line in EXAMPLE.read_text("utf-8").splitlines()
        if re.match(r"#?[A-Z_]+=", line)
    )
    assert {key for key in example if "PASSWORD" in key} == {"POSTGRES_PASSWORD", "GATEWAY_MERCHANDISING_PASSWORD"}
    assert all(not value for key, value in example.items() if "PASSWORD" in key)
