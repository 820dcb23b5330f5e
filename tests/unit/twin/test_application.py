"""The twin merchandiser: strict, forgetful of nothing, and never without a SOAP answer (PUB-07)."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from gateway.domain.disposition import Disposition
from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.formats.inv_adjust_desc import InvAdjustDescWriter, parse
from gateway.persistence.outbox import Claimed
from gateway.publishing.destinations import Destination
from gateway.publishing.merchandising import SERVICE, MerchandisingClient
from gateway.publishing.outcomes import Finding
from gateway.twin import application
from gateway.twin.application import PATH, build_application
from gateway.twin.journal import Journal

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CLIENT = MerchandisingClient(Destination("http://127.0.0.1:1/"))
PAYLOAD = InvAdjustDescWriter(1311, "pos", NOON).render("1 & ä😀", 83, Decimal("2.0000"), Disposition.DECREASE_SOH)


class Twin:
    """The twin in this process, on a journal that can be read."""

    def __init__(self, folder):
        self.path = folder / "journal.jsonl"
        self.start()

    def start(self) -> None:
        self.journal = Journal(self.path)
        self.app = build_application(self.journal, lambda: NOON)

    def restart(self) -> None:
        self.journal.close()
        self.start()

    def call(self, body: bytes = b"", method: str = "POST", path: str = PATH, query: str = "", **headers: str):
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "SERVER_NAME": "twin",
            "SERVER_PORT": "80",
            **headers,
        }
        started: list[str] = []
        answer = b"".join(self.app(environ, lambda status, headers: started.append(status)))
        return started[0], answer

    def publish(self, key: str, payload: str = PAYLOAD, **headers: str):
        return self.call(CLIENT.envelope(key, payload), **headers)

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def effects(self) -> list[tuple[str, str]]:
        return [(entry["key"], entry["effect"]) for entry in self.entries()]


@pytest.fixture
def twin(tmp_path):
    twin = Twin(tmp_path)
    yield twin
    twin.journal.close()


def fault_of(answer: bytes) -> tuple[str, str]:
    tree = etree.fromstring(answer)
    detail = tree.find(".//detail")[0]
    contract.service_schema(SERVICE).assertValid(detail)
    return tree.findtext(".//faultcode"), tree.findtext(".//faultstring")


def test_a_message_is_applied_and_journaled_with_exactly_these_members(twin):
    status, answer = twin.publish("key-1")
    assert status == "200 OK"
    body = etree.fromstring(answer).find(f"{{{ns.SOAP11}}}Body")
    contract.service_schema(SERVICE).assertValid(body[0])
    assert twin.entries() == [
        {
            "key": "key-1",
            "received_at": "2026-03-04T12:00:00Z",
            "family": "InvAdjust",
            "type": "InvAdjustCre",
            "business_object_id": "1311/1 & ä😀",
            "effect": "applied",
            "payload": PAYLOAD,
        }
    ]
    assert parse(twin.entries()[0]["payload"].encode()).quantity == 2


def test_the_same_key_has_its_effect_once_also_after_a_restart(twin):  # PUB-07
    twin.publish("key-1")
    assert twin.publish("key-1")[0] == "200 OK"
    twin.restart()
    assert twin.publish("key-1")[0] == "200 OK"
    twin.publish("key-2")
    expected = [("key-1", "applied"), ("key-1", "duplicate"), ("key-1", "duplicate"), ("key-2", "applied")]
    assert twin.effects() == expected


def test_the_key_comes_from_the_header_or_from_the_envelope_and_they_may_not_differ(twin):
    bare = CLIENT.envelope("x", PAYLOAD).replace(b"<wsa:MessageID", b"<wsa:Other").replace(b"MessageID>", b"Other>")
    twin.call(bare, HTTP_IDEMPOTENCY_KEY="from-header")
    twin.publish("from-envelope")
    twin.publish("same", HTTP_IDEMPOTENCY_KEY="same")
    assert fault_of(twin.publish("one", HTTP_IDEMPOTENCY_KEY="other")[1])[0] == "soapenv:Client"
    twin.call(bare)
    twin.call(bare)
    assert twin.effects() == [
        ("from-header", "applied"),
        ("from-envelope", "applied"),
        ("same", "applied"),
        ("other", "rejected"),
        (None, "applied"),
        (None, "applied"),
    ]


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (PAYLOAD.replace(">2<", ">two<"), "unit_qty"),
        (PAYLOAD.replace("<user_id>pos</user_id>", ""), "user_id"),
        (PAYLOAD.replace(ns.INV_ADJUST_DESC, "urn:other"), "not expected"),
        (PAYLOAD.replace("ATS", "AVAIL"), "maxLength"),
        ("", "no InvAdjustDesc"),
    ],
)
def test_what_is_not_valid_is_rejected_by_name_and_its_key_stays_free(twin, payload, text):
    status, answer = twin.publish("key-1", payload)
    code, reason = fault_of(answer)
    assert (status[:3], code) == ("500", "soapenv:Client")
    assert "VALIDATION_ERROR" in reason
    assert text in reason
    assert twin.publish("key-1")[0] == "200 OK"
    assert twin.effects() == [("key-1", "rejected"), ("key-1", "applied")]


def test_a_rejected_message_is_journaled_with_what_could_be_read_of_it(twin):
    wrong = PAYLOAD.replace(">2<", ">two<")
    twin.publish("key-1", wrong)
    [entry] = twin.entries()
    assert (entry["business_object_id"], entry["payload"]) == ("1311/1 & ä😀", wrong)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"<x",
        b"<x/>",
        b"\xff\xfe\x00",
        CLIENT.envelope("k", "<"),
        CLIENT.envelope("k", PAYLOAD).replace(b"<soapenv:Body>", b"<soapenv:Body><a/>"),
        CLIENT.envelope("k", PAYLOAD).replace(b"?>", b"?><!DOCTYPE x [<!ENTITY a 'b'>]>"),
        CLIENT.envelope("k", PAYLOAD).replace(ns.SOAP11.encode(), ns.SOAP12.encode()),
        CLIENT.envelope("k", PAYLOAD).replace(b"publishInvAdjustCreateUsing", b"unknown"),
        b"<a>" * 1000,
        b'<e:Envelope xmlns:e="%s"><e:Body><e:Fault/></e:Body></e:Envelope>' % ns.SOAP11.encode(),
        b'<e:Envelope xmlns:e="%s"><e:Body>text</e:Body></e:Envelope>' % ns.SOAP11.encode(),
    ],
)
def test_whatever_comes_is_answered_by_a_client_fault_and_journaled(twin, body):
    status, answer = twin.call(body)
    assert status.startswith("500")
    assert fault_of(answer)[0] == "soapenv:Client"
    assert [effect for _, effect in twin.effects()] == ["rejected"]


def test_a_flood_is_rejected(twin, monkeypatch):
    monkeypatch.setattr(application, "MAX_BODY_BYTES", 100)
    assert fault_of(twin.publish("k")[1])[0] == "soapenv:Client"


def test_our_own_failure_is_a_server_fault_and_not_a_bare_500(twin, monkeypatch):
    monkeypatch.setattr(twin.journal, "take", lambda received: 1 / 0)
    status, answer = twin.publish("k")
    assert status.startswith("500")
    assert etree.fromstring(answer).findtext(".//faultcode").endswith(":Server")
    monkeypatch.setattr(twin.journal, "reject", lambda received: 1 / 0)
    assert fault_of(twin.call(b"x")[1])[0] == "soapenv:Server"


def test_ping_answers_what_it_got(twin):
    request = (
        f'<e:Envelope xmlns:e="{ns.SOAP11}"><e:Body><p:ping xmlns:p="{ns.INV_ADJUST_PUBLISHING_SERVICE}">'
        "<arg0>hello</arg0></p:ping></e:Body></e:Envelope>"
    )
    status, answer = twin.call(request.encode())
    assert status == "200 OK"
    assert etree.fromstring(answer).findtext(".//return") == "hello"
    contract.service_schema(SERVICE).assertValid(etree.fromstring(answer).find(f"{{{ns.SOAP11}}}Body")[0])
    assert twin.effects() == []


def test_other_pages(twin):
    assert twin.call(method="GET", path="/healthz") == ("200 OK", b"ok\n")
    status, wsdl = twin.call(method="GET", query="WSDL", HTTP_HOST="twin.example:81")
    assert status == "200 OK"
    assert wsdl == contract.wsdl_with_address(SERVICE, f"http://twin.example:81{PATH}")
    assert twin.call(method="GET")[0].startswith("404")
    assert twin.call(method="PUT")[0].startswith("405")
    assert twin.call(path="/other")[0].startswith("404")


def test_threads_get_their_own_errors_and_one_effect_for_a_key(twin):
    wrong: list[str] = []

    def work(number: int) -> None:
        for n in range(20):
            twin.publish(f"shared-{n}")
            _, answer = twin.publish(f"bad-{number}-{n}", PAYLOAD.replace(">2<", f">value-{number}-{n}<"))
            if f"value-{number}-{n}" not in fault_of(answer)[1]:
                wrong.append(answer.decode())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    applied = Counter(key for key, effect in twin.effects() if effect == "applied")
    assert applied == Counter(f"shared-{n}" for n in range(20))


def test_the_server_takes_messages_over_http_and_remembers_them(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    journal = tmp_path / "journal.jsonl"
    code = f"from pathlib import Path; from gateway.twin.server import serve; serve({port}, Path({str(journal)!r}))"
    client = MerchandisingClient(Destination(f"http://127.0.0.1:{port}{PATH}"))
    message = Claimed(1, "key-1", "InvAdjust", "InvAdjustCre", "1311/1", 1, PAYLOAD, 0, False, "relay", NOON)
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", code])
        try:
            _wait_until_healthy(port)
            assert client.send(message).finding is Finding.ACCEPTED
        finally:
            process.terminate()
            process.wait(20)
    entries = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert [entry["effect"] for entry in entries] == ["applied", "duplicate"]


def _wait_until_healthy(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < deadline, "the twin does not start"
            time.sleep(0.1)
