"""The command line as its users meet it: a shop from nothing, maintenance, and real processes."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from pydantic import SecretStr

from gateway.cli.root import gateway
from gateway.cli.session import Session
from gateway.config import Settings
from tests.acceptance.running import environment_for, free_port, run_command, wait_until

PASSWORD = "correct horse"


class Shop:
    """The commands on one database."""

    def __init__(self, database_url: str) -> None:
        self.settings = Settings(database_url=database_url, log_level="ERROR")

    def run(self, *arguments: str, stdin: str | None = None, code: int = 0) -> Result:
        """Run a command and return what it printed."""
        done = CliRunner().invoke(gateway, arguments, obj=Session(self.settings), input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the rows that a command prints as JSON."""
        found: list[dict[str, Any]] = json.loads(self.run(*arguments, "--json").stdout)
        return found


@pytest.fixture
def empty(database_url: str) -> Shop:
    """Default rows only."""
    shop = Shop(database_url)
    shop.run("init")
    return shop


@pytest.fixture
def shop(database_url: str) -> Shop:
    """The demo."""
    shop = Shop(database_url)
    shop.run("init", "--demo", "--demo-password", PASSWORD)
    return shop


def test_a_retailer_sets_up_from_nothing(empty: Shop, tmp_path: Path) -> None:  # SEC-01, SEC-02, RSN-03
    items = tmp_path / "items.csv"
    items.write_text("item_id,description,uom,kind\n1,Lamp,EA,plain\n2,Rope,M,plain\n", "utf-8")
    empty.run("store", "add", "1", "Only one", "--timezone", "Europe/Paris", "--currency", "EUR")
    assert "added 2 items, changed 0" in empty.run("item", "import", str(items)).stdout
    empty.run("item", "add", "3", "Clock", "--kind", "serial", "--unit-cost", "9.5")
    empty.run("sub-bucket", "add", "Repair")
    empty.run("reason", "add", "300", "To repair", "--disposition", "ATS-TRBL", "--to-sub-bucket", "2")
    empty.run(
        "role", "put", "till", "--function", "access", "--function", "create", "--reason", "300", "--reason", "83"
    )
    added = empty.run(
        "user", "add", "till1", "--role", "till", "--store", "1", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    assert PASSWORD not in added.output
    (user,) = empty.rows("user", "list")
    assert (user["user"], user["roles"], user["stores"], user["active"]) == ("till1", ["till"], [1], True)
    assert empty.rows("role", "list")[0]["reasons"] == [83, 189]
    assert [row["item_id"] for row in empty.rows("item", "list")] == ["1", "2", "3"]
    warned = {row["reason_code"] for row in empty.rows("reason", "list") if row["warnings"]}
    assert not warned & {83, 300}
    assert {81, 188} <= warned  # SEC-03


def test_everything_wrong_with_a_file_is_said_at_once(empty: Shop, tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,description,uom,kind\n,Lamp,EA,plain\n2,Rope,METER,odd\n", "utf-8")
    refused = empty.run("item", "import", str(items), code=1)
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        "error: items.csv, row 2, column item_id: '' is blank; fill it in.",
        "error: items.csv, row 3, column uom: 'METER' cannot be used: use at most 4 printable characters.",
        "error: items.csv, row 3, column kind: 'odd' cannot be used: use one of plain, serial, agsn.",
    ]
    assert empty.rows("item", "list") == []


@pytest.mark.parametrize("noun", ["reason", "item", "store"])
def test_an_export_imports_without_a_change(shop: Shop, tmp_path: Path, noun: str) -> None:
    file = tmp_path / "export.csv"
    shop.run(noun, "export", "--output", str(file))
    assert shop.run(noun, "export").stdout_bytes == file.read_bytes()
    assert f"added 0 {noun}s, changed 0" in shop.run(noun, "import", str(file)).stdout


def test_reason_codes_are_compared_with_merchandising(shop: Shop, tmp_path: Path) -> None:  # RSN-08
    exported = list(csv.DictReader(io.StringIO(shop.run("reason", "export").stdout)))
    columns = ["reason_code", "description"]
    file = tmp_path / "merchandising.csv"

    def write(rows: list[dict[str, str]]) -> None:
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    write(exported)
    assert "all 38 reason codes agree" in shop.run("reason", "check", str(file)).stdout
    write([{**row, "description": "Stolen"} if row["reason_code"] == "83" else row for row in exported[:-1]])
    found = shop.run("reason", "check", str(file), "--json", code=1)
    assert json.loads(found.stdout) == [
        {"reason_code": 83, "what": "description", "here": "Theft", "there": "Stolen"},
        {"reason_code": 203, "what": "is missing there", "here": "Back from repair", "there": "-"},
    ]


def test_reasons_are_kept_by_their_rules(shop: Shop) -> None:  # RSN-06, RSN-09
    assert "RSN-06" in shop.run("reason", "delete", "1", code=1).stderr
    assert "RSN-09" in shop.run("reason", "delete", "98", code=1).stderr
    shop.run("reason", "deactivate", "98")
    shop.run("reason", "activate", "98")
    shop.run("reason", "edit", "1", "--description", "Spoilage")
    shop.run("reason", "delete", "203")
    assert "name what to change" in shop.run("reason", "edit", "1", code=2).stderr


def test_sub_buckets_stay_on_while_one_holds_stock(shop: Shop) -> None:  # RSN-04
    refused = shop.run("parameter", "set", "sub_buckets", "off", code=1).stderr
    assert "item 100000147: store 1311 has 10" in refused
    assert "item 100000241: store 1311 has 4" in refused
    shop.run("parameter", "set", "search_limit", "100")
    assert {row["name"]: row["value"] for row in shop.rows("parameter", "list")}["search_limit"] == "100"


def test_a_template_goes_from_file_to_adjustment(shop: Shop, tmp_path: Path) -> None:  # TPL-03, ADJ-10
    file = tmp_path / "templates.csv"
    file.write_text(
        "template_id,store_id,description,comments,status,item_id,reason_id,quantity,case_size\n"
        ",1311,Gift,,IN_PROGRESS,100000211,98,2,1\n,1311,Gift,,IN_PROGRESS,100000201,98,0.25,1\n",
        "utf-8",
    )
    assert "stored templates 4" in shop.run("template", "import", str(file)).stdout
    assert "IN_PROGRESS" in shop.run("template", "apply", "4", "--user", "pos", code=1).stderr
    shop.run("template", "complete", "4")
    assert "TPL-03" in shop.run("template", "delete", "4", code=1).stderr
    saved = shop.run("template", "apply", "4", "--multiplier", "2.5", "--user", "clerk", code=1)
    assert "reason 98" in saved.stderr  # SEC-02: with the rights of that user
    assert "saved adjustment 1" in shop.run("template", "apply", "4", "--multiplier", "2.5", "--user", "pos").stdout
    assert "ghost" in shop.run("template", "apply", "4", "--user", "ghost", code=1).stderr
    shop.run("template", "delete", "3")
    assert [row["template_id"] for row in shop.rows("template", "list", "--status", "COMPLETED")] == [4, 2, 1]
    shown = json.loads(shop.run("template", "show", "4", "--json").stdout)
    assert [line["item_id"] for line in shown["lines"]] == ["100000211", "100000201"]


def test_a_template_file_with_broken_rules_names_the_rows(shop: Shop, tmp_path: Path) -> None:  # TPL-02
    file = tmp_path / "templates.csv"
    file.write_text(
        "template_id,store_id,description,comments,status,item_id,reason_id,quantity,case_size\n"
        ",1311,Bad,,IN_PROGRESS,100000155,98,1,1\n,1311,Bad,,IN_PROGRESS,100000211,91,1,1\n",
        "utf-8",
    )
    refused = shop.run("template", "import", str(file), code=1).stderr
    assert "TPL-02: line 2, item 100000155" in refused
    assert "TPL-02: line 3, item 100000211" in refused


def test_users_are_locked_and_get_passwords_without_echo(shop: Shop) -> None:
    shop.run("user", "lock", "clerk")
    assert json.loads(shop.run("user", "show", "clerk", "--json").stdout)["active"] is False
    shop.run("user", "unlock", "clerk")
    asked = shop.run("user", "password", "clerk", stdin=f"{PASSWORD} 2\n{PASSWORD} 2\n")
    assert PASSWORD not in asked.output
    shop.run("user", "edit", "clerk", "--store", "all")
    assert json.loads(shop.run("user", "show", "clerk", "--json").stdout)["stores"] == "all"
    assert "use a store id or all" in shop.run("user", "edit", "clerk", "--store", "main", code=2).stderr


def test_settings_are_listed_with_secrets_masked() -> None:
    secret = Settings(
        database_url="postgresql+psycopg://joe:hidden@host/db", merchandising_password=SecretStr("hidden")
    )
    shown = CliRunner().invoke(gateway, ["config", "--json"], obj=Session(secret))
    assert "hidden" not in shown.output
    rows = {row["variable"]: row for row in json.loads(shown.stdout)}
    assert set(rows) == {f"GATEWAY_{name.upper()}" for name in Settings.model_fields}
    assert all(row["meaning"] for row in rows.values())
    assert rows["GATEWAY_DATABASE_URL"]["value"] == "postgresql+psycopg://joe:***@host/db"


def test_an_empty_hospital_and_outbox_are_no_problem(shop: Shop) -> None:
    assert shop.rows("hospital", "list") == []
    assert shop.run("relay", "--once").stdout == "nothing was due\n"


def test_a_command_before_init_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    shop = Shop(f"sqlite:///{file}")
    assert "run `gateway init`" in shop.run("verify", code=2).stderr
    assert not file.exists()
    file.touch()
    assert "run `gateway init`" in shop.run("serve", code=2).stderr


def test_a_database_out_of_reach_is_said_without_traceback() -> None:
    shop = Shop(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none")
    assert "the database cannot be used" in shop.run("verify", code=1).stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_init_and_verify_run_as_processes(folder: Path) -> None:
    environment = environment_for("sqlite:///gateway.db")
    started = subprocess.run(
        [sys.executable, "-m", "gateway", "init", "--demo"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr
    assert started.stderr == ""
    password = started.stdout.split("password of pos, pos1312, clerk, manager, admin: ")[1].strip()
    assert len(password) >= 12
    assert (folder / "gateway.db").exists()
    in_folder = {**environment, "GATEWAY_DATABASE_URL": f"sqlite:///{folder / 'gateway.db'}"}
    verified = run_command(in_folder, "verify")
    assert (verified.returncode, "all agree" in verified.stdout) == (0, True), verified.stderr
    again = run_command(in_folder, "init", "--demo")
    assert (again.returncode, "nothing was added" in again.stdout) == (0, True), again.stderr


def test_verify_names_what_does_not_agree(folder: Path) -> None:  # STK-03
    shop = Shop(f"sqlite:///{folder / 'gateway.db'}")
    shop.run("init", "--demo", "--demo-password", PASSWORD)
    with sqlite3.connect(folder / "gateway.db") as database:
        database.execute("UPDATE store_item_stock SET quantity_available = '7' WHERE item_id = '100000201'")
    found = shop.run("verify", code=1)
    assert "item 100000201, available" in found.stdout
    assert "2 differences" in found.stderr


def test_a_wrong_setting_stops_the_start_and_names_its_variable(folder: Path) -> None:
    environment = {**environment_for(f"sqlite:///{folder / 'gateway.db'}"), "GATEWAY_RELAY_WORKERS": "many"}
    refused = run_command(environment, "config")
    assert refused.returncode == 2
    assert "GATEWAY_RELAY_WORKERS='many'" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A server with its relay as a real process; yields it, its port and its log."""
    url, port, log = f"sqlite:///{folder / 'gateway.db'}", free_port(), folder / "server.log"
    environment = environment_for(url, GATEWAY_MERCHANDISING_URL=f"http://127.0.0.1:{free_port()}/nobody")
    assert run_command(environment, "init", "--demo", "--demo-password", PASSWORD).returncode == 0
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", "--port", str(port), "--workers", "2", "--relay"],
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(lambda: is_ready(port), f"the server: {log.read_text('utf-8')}")
            wait_until(lambda: "relay started" in log.read_text("utf-8"), "the relay")
            yield process, port, log
        finally:
            process.kill()
            process.wait()


def is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def relay_of(server: int) -> int | None:
    """Return the process id of the relay that a server started, while it runs."""
    found = subprocess.run(["ps", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    for line in found.splitlines():
        pid, state, arguments = line.split(maxsplit=2)
        if arguments.endswith(f"gateway relay --parent {server}") and not state.startswith("Z"):
            return int(pid)
    return None


def test_the_relay_ends_with_its_server(served: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    process, port, log = served
    assert relay_of(process.pid) is not None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, log.read_text("utf-8")
    assert relay_of(process.pid) is None
    assert not is_ready(port)
    said = log.read_text("utf-8")
    assert "relay stopped" in said
    assert f"SOAP service: http://127.0.0.1:{port}/InventoryAdjustmentBean/InventoryAdjustmentService" in said


def test_a_stop_while_workers_still_load_is_heard(folder: Path) -> None:
    environment, log = environment_for(f"sqlite:///{folder / 'gateway.db'}"), folder / "server.log"
    assert run_command(environment, "init").returncode == 0
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", "--port", str(free_port()), "--workers", "2"],
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(lambda: "Spawning worker-2" in log.read_text("utf-8"), "the second worker")
            time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            # Less than the 30 s after which a worker that did not hear it is killed.
            assert process.wait(25) == 0, log.read_text("utf-8")
        finally:
            process.kill()
            process.wait()


def test_relay_and_workers_end_when_their_server_is_killed(served: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    process, port, _ = served
    assert relay_of(process.pid) is not None
    process.kill()
    process.wait()
    wait_until(lambda: relay_of(process.pid) is None, "the relay to end", 15)
    # A worker that stayed would keep the port and go on serving.
    wait_until(lambda: not is_ready(port), "the workers to end", 15)


def test_a_relay_that_dies_is_started_again(served: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    process, _, _ = served
    first = relay_of(process.pid)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: relay_of(process.pid) not in (None, first), "another relay", 60)


def test_quickstart_serves_the_demo_and_stops_in_order(folder: Path) -> None:
    port, twin_port, log = free_port(), free_port(), folder / "log"
    arguments = ["quickstart", "--port", str(port), "--twin-port", str(twin_port), "--demo-password", PASSWORD]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", *arguments],
            cwd=folder,
            env=environment_for("sqlite:///elsewhere.db"),
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(lambda: is_ready(port), f"the server: {log.read_text('utf-8')}")
            assert (folder / "run" / "gateway.db").exists()
            assert not (folder / "elsewhere.db").exists()
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) == 0, log.read_text("utf-8")
            assert not is_ready(port)
            with pytest.raises(requests.ConnectionError):
                requests.get(f"http://127.0.0.1:{twin_port}/healthz", timeout=2)
        finally:
            process.kill()
            process.wait()
