"""What the README shows is what happens: its first five minutes, command by command, output by output."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

from tests.acceptance.running import environment_for, free_port, wait_until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def shown_commands() -> list[tuple[str, str]]:
    """Return each command of the console blocks before "What it does", with the output shown under it."""
    story = README.split("## What it does", 1)[0]
    found = []
    for block in re.findall(r"```console\n(.*?)```", story, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            if "<<'END'" in part:
                command, _, output = part.partition("\nEND\n")
                command += "\nEND"
            else:
                command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def test_the_first_five_minutes_are_as_the_readme_shows_them(tmp_path: Path) -> None:
    port, twin_port = free_port(), free_port()

    def here(text: str) -> str:
        """Put this test's ports, folder and programs in the place of the README's."""
        python = shlex.quote(sys.executable)
        places = {
            "127.0.0.1:8080": f"127.0.0.1:{port}",
            "127.0.0.1:8090": f"127.0.0.1:{twin_port}",
            "sqlite:///run/": f"sqlite:///{tmp_path}/",
            "run/twin.jsonl": f"{tmp_path}/twin.jsonl",
            ".venv/bin/gateway": f"{python} -m gateway",
            ".venv/bin/python": python,
        }
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)

    (first, greeting), *others = shown_commands()
    assert first == "make run"
    output = tmp_path / "output.txt"
    environment = environment_for("sqlite:///unused.db")
    environment.pop("GATEWAY_DATABASE_URL")
    started = [sys.executable, "-m", "gateway", "quickstart", "--port", str(port), "--twin-port", str(twin_port)]
    with output.open("wb") as stream:
        running = subprocess.Popen(
            [*started, "--folder", str(tmp_path)], cwd=ROOT, env=environment, stdout=stream, stderr=stream
        )
        try:
            wait_until(lambda: "tail -n 1" in output.read_text("utf-8"), f"the greeting in {output}", 60)
            came = [line for line in output.read_text("utf-8").splitlines() if line]
            for line in here(greeting).splitlines():
                assert not line or line in came
            exported: dict[str, str] = {}
            for command, shown in others:
                if command.startswith("export "):
                    name, _, value = here(command).removeprefix("export ").partition("=")
                    exported[name] = value
                    continue
                if "twin.jsonl" in command:
                    _wait_for_two_messages(tmp_path / "twin.jsonl")
                done = subprocess.run(
                    ["/bin/sh", "-c", here(command)],
                    cwd=ROOT,
                    env={**environment, **exported},
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                assert done.stdout.strip() == here(shown).strip(), f"{command}\n{done.stdout}{done.stderr}"
        finally:
            running.terminate()
            assert running.wait(60) == 0


def test_make_run_is_that_quickstart() -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(
        ["make", "--dry-run", "run"], cwd=ROOT, env=outside, capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip().splitlines()[-1].strip() == ".venv/bin/gateway quickstart"


def _wait_for_two_messages(journal: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and (not journal.exists() or journal.read_bytes().count(b"\n") < 2):
        time.sleep(0.1)
