"""The client of the merchandising system: what it sends, and what it makes of every answer (PUB-07, PUB-08)."""

from __future__ import annotations

import gzip
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from lxml import etree

from gateway.domain.errors import WrongSetting
from gateway.domain.outbox import Outcome
from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.persistence.outbox import Claimed
from gateway.publishing import transport
from gateway.publishing.destinations import Destination
from gateway.publishing.merchandising import OPERATION, SERVICE, MerchandisingClient
from gateway.publishing.outcomes import OUTCOME_OF, Delivery, Finding, finding_of_fault
from tests.unit.publishing.http_server import Answering, http

PAYLOAD = (
    f'<InvAdjustDesc xmlns="{ns.INV_ADJUST_DESC}"><dc_dest_id>1311</dc_dest_id><InvAdjustDtl><item_id>1 &amp; ä€😀'
    "</item_id><unit_qty>2</unit_qty><transaction_code>0</transaction_code><user_id>pos</user_id>"
    "<create_date>2026-03-04T12:00:00Z</create_date></InvAdjustDtl></InvAdjustDesc>"
)
TIMEOUT_SECONDS = 0.4


def claimed(key: str = "key-1", payload: str = PAYLOAD) -> Claimed:
    now = datetime.now(UTC)
    return Claimed(1, key, "InvAdjust", "InvAdjustCre", "1311/1", 1, payload, 0, False, "relay", now)


def envelope(body: str) -> bytes:
    return f'<e:Envelope xmlns:e="{ns.SOAP11}"><e:Body>{body}</e:Body></e:Envelope>'.encode()


def response(content: str, namespace: str = ns.INV_ADJUST_PUBLISHING_SERVICE) -> bytes:
    return envelope(f'<p:{OPERATION}Response xmlns:p="{namespace}">{content}</p:{OPERATION}Response>')


def fault(code: str, text: str = "no", detail: str = "") -> bytes:
    return envelope(
        f"<e:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring><detail>{detail}</detail></e:Fault>"
    )


STATUS = (
    f'<ServiceOpStatus xmlns="{ns.SERVICE_OP_STATUS}"><SuccessStatus><short_success_message>ok'
    "</short_success_message></SuccessStatus></ServiceOpStatus>"
)
OK = response(STATUS)
HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"
VALIDATION = f'<x:ValidationWSFaultException xmlns:x="{ns.EXCEPTION}"/>'
STATE = f'<x:IllegalStateWSFaultException xmlns:x="{ns.EXCEPTION}"/>'


def send(*answers: bytes | float | None, **settings: object) -> tuple[Delivery, Answering]:
    with Answering(*answers) as server:
        destination = Destination(
            server.url,
            connect_timeout_seconds=TIMEOUT_SECONDS,
            read_timeout_seconds=TIMEOUT_SECONDS,
            **settings,
        )
        client = MerchandisingClient(destination)
        delivery = client.send(claimed())
        client.close()
        return delivery, server


CASES = [
    ("an answer of the service", http("200 OK", OK), Finding.ACCEPTED),
    ("an answer without a status", http("200 OK", response("")), Finding.ACCEPTED),
    ("a status that nobody knows", http("200 OK", response(STATUS.replace("Success", "Odd"))), Finding.ACCEPTED),
    ("a compressed answer", http("200 OK", gzip.compress(OK), "text/xml", "Content-Encoding: gzip"), Finding.ACCEPTED),
    ("an answer that ends with the connection", b"HTTP/1.1 200 OK\r\n\r\n" + OK, Finding.ACCEPTED),
    ("408", http("408 Request Timeout"), Finding.OVERLOADED),
    ("425", http("425 Too Early"), Finding.OVERLOADED),
    ("429", http("429 Too Many Requests", HTML, "text/html"), Finding.OVERLOADED),
    ("502", http("502 Bad Gateway", HTML, "text/html"), Finding.OVERLOADED),
    ("503", http("503 Service Unavailable"), Finding.OVERLOADED),
    ("504", http("504 Gateway Timeout"), Finding.OVERLOADED),
    ("a server fault", http("500 Error", fault("e:Server")), Finding.SERVER_FAULT),
    ("a server fault with its detail", http("500 Error", fault("e:Server", detail=STATE)), Finding.SERVER_FAULT),
    ("a server fault with status 200", http("200 OK", fault("e:Server")), Finding.SERVER_FAULT),
    ("silence", 3.0, Finding.TIMED_OUT),
    ("a reset", None, Finding.CONNECTION_LOST),
    ("a closed connection", b"", Finding.CONNECTION_LOST),
    ("no HTTP", b"220 mail.example ESMTP\r\n\r\n", Finding.CONNECTION_LOST),
    ("a body cut by length", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + OK, Finding.TIMED_OUT),
    (
        "a body cut by its end",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n" + OK,
        Finding.CONNECTION_LOST,
    ),
    ("an empty 200", http("200 OK"), Finding.EMPTY_ANSWER),
    ("202 accepted", http("202 Accepted"), Finding.EMPTY_ANSWER),
    ("a cut answer", http("200 OK", OK[:-20]), Finding.UNREADABLE_ANSWER),
    ("broken compression", http("200 OK", b"x" * 50, "text/xml", "Content-Encoding: gzip"), Finding.CONNECTION_LOST),
    ("a bare 500", http("500 Internal Server Error"), Finding.FAILED_WITHOUT_FAULT),
    ("a page with 500", http("500 Internal Server Error", HTML, "text/html"), Finding.FAILED_WITHOUT_FAULT),
    ("500 with broken XML", http("500 Internal Server Error", OK[:-20]), Finding.FAILED_WITHOUT_FAULT),
    ("500 without a fault in it", http("500 Internal Server Error", OK), Finding.FAILED_WITHOUT_FAULT),
    ("a client fault", http("500 Error", fault("e:Client")), Finding.CLIENT_FAULT),
    ("a client fault with status 400", http("400 Bad Request", fault("e:Client.X")), Finding.CLIENT_FAULT),
    ("a validation fault", http("500 Error", fault("e:Server", detail=VALIDATION)), Finding.VALIDATION_FAULT),
    ("a validation text", http("500 Error", fault("e:Server", "VALIDATION_ERROR x")), Finding.VALIDATION_FAULT),
    ("413", http("413 Content Too Large"), Finding.MESSAGE_TOO_LARGE),
    ("a page", http("200 OK", HTML, "text/html"), Finding.NOT_SOAP),
    ("a page that says it is XML", http("200 OK", HTML), Finding.NOT_SOAP),
    ("JSON", http("200 OK", b'{"ok": true}', "application/json"), Finding.NOT_SOAP),
    ("other XML", http("200 OK", b"<ok/>"), Finding.NOT_SOAP),
    ("404", http("404 Not Found"), Finding.NOT_SOAP),
    ("400 without a fault", http("400 Bad Request", b"<bad/>"), Finding.NOT_SOAP),
    ("400 with an answer", http("400 Bad Request", OK), Finding.NOT_SOAP),
    ("401", http("401 Unauthorized"), Finding.NOT_AUTHORISED),
    ("403", http("403 Forbidden", HTML, "text/html"), Finding.NOT_AUTHORISED),
    ("407", http("407 Proxy Authentication Required"), Finding.NOT_AUTHORISED),
    ("a security fault", http("500 Error", fault("wsse:FailedAuthentication")), Finding.NOT_AUTHORISED),
    ("a redirect", http("302 Found", b"", "text/xml", "Location: http://127.0.0.1:1/"), Finding.REDIRECTED),
    ("another namespace", http("200 OK", response(STATUS, "urn:other")), Finding.WRONG_NAMESPACE),
    ("another operation", http("200 OK", envelope("<pong/>")), Finding.WRONG_NAMESPACE),
    ("an empty Body", http("200 OK", envelope("")), Finding.WRONG_NAMESPACE),
    ("SOAP 1.2", http("200 OK", OK.replace(ns.SOAP11.encode(), ns.SOAP12.encode())), Finding.WRONG_NAMESPACE),
    ("a version fault", http("500 Error", fault("e:VersionMismatch")), Finding.WRONG_NAMESPACE),
    ("a DOCTYPE", http("200 OK", b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + OK), Finding.ACCEPTED),
]


@pytest.mark.parametrize(("answer", "finding"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_every_answer_has_its_finding(answer, finding):  # PUB-08
    delivery, server = send(answer)
    assert (delivery.finding, len(server.requests)) == (finding, 1)
    assert bool(delivery.reason) or finding is Finding.ACCEPTED


def test_every_finding_has_an_outcome_and_a_case():  # PUB-08
    tried_elsewhere = {
        Finding.NOT_REACHED,
        Finding.NOT_TRUSTED,
        Finding.CANNOT_BE_SENT,
        Finding.UNEXPECTED,
    }
    assert set(OUTCOME_OF) == set(Finding)
    assert {case[2] for case in CASES} | tried_elsewhere == set(Finding)
    assert set(OUTCOME_OF.values()) == set(Outcome)


def test_a_refused_connection_was_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    delivery = MerchandisingClient(Destination(f"http://127.0.0.1:{port}/")).send(claimed())
    assert (delivery.finding, delivery.outcome) == (Finding.NOT_REACHED, Outcome.TRANSIENT)
    assert delivery.closes_the_way


def test_an_unknown_host_was_not_sent():
    delivery = MerchandisingClient(Destination("http://no-such-host.invalid/")).send(claimed())
    assert delivery.finding is Finding.NOT_REACHED


def test_a_server_without_tls_is_not_trusted():
    class Plain(Answering):
        def _serve(self, connection):
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Plain() as server:
        destination = Destination(server.url.replace("http:", "https:"), read_timeout_seconds=1)
        delivery = MerchandisingClient(destination).send(claimed())
    assert (delivery.finding, delivery.outcome) == (Finding.NOT_TRUSTED, Outcome.CONTRACT)


@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "ä", " a", ""])
def test_a_key_that_no_header_can_carry_is_refused_without_sending(key):
    delivery = MerchandisingClient(Destination("http://127.0.0.1:1/")).send(claimed(key))
    assert (delivery.finding, delivery.outcome) == (Finding.CANNOT_BE_SENT, Outcome.REFUSED)


def test_the_request_carries_key_and_payload_and_is_valid():  # PUB-07
    _, server = send(http("200 OK", OK), user="gate", password="p<&>w")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head.decode().split("\r\n"))}
    assert headers["idempotency-key"] == "key-1"
    assert headers["soapaction"] == '""'
    assert headers["content-type"] == "text/xml; charset=utf-8"
    tree = etree.fromstring(body)
    assert tree.findtext(f".//{{{ns.WSA}}}MessageID") == "key-1"
    assert tree.findtext(f".//{{{ns.WSSE}}}Username") == "gate"
    assert tree.findtext(f".//{{{ns.WSSE}}}Password") == "p<&>w"
    contract.service_schema(SERVICE).assertValid(tree.find(f"{{{ns.SOAP11}}}Body")[0])
    assert PAYLOAD.encode() in body


def test_the_answer_is_kept_as_it_came():
    delivery, _ = send(http("200 OK", OK))
    assert delivery.answer == OK.decode()


@pytest.mark.parametrize(
    ("value", "at_least", "at_most"),
    [
        ("7", 7, 7),
        ("999999", 3600, 3600),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True), 0, 0),
        (format_datetime(datetime(2090, 1, 1, tzinfo=UTC), usegmt=True), 3600, 3600),
    ],
)
def test_retry_after_is_honoured(value, at_least, at_most):
    delivery, _ = send(http("503 Service Unavailable", b"", "text/plain", f"Retry-After: {value}"))
    assert at_least <= delivery.retry_after_seconds <= at_most


def test_an_unreadable_retry_after_is_passed_over():
    delivery, _ = send(http("503 Service Unavailable", b"", "text/plain", "Retry-After: soon"))
    assert delivery.retry_after_seconds is None


def test_a_flood_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 10_000)
    delivery, _ = send(http("200 OK", OK + b" " * 20_000))
    assert delivery.finding is Finding.UNREADABLE_ANSWER


def test_an_answer_that_drips_ends_with_the_call():
    class Dripping(Answering):
        def _serve(self, connection):
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
                with suppress(OSError):
                    for _ in range(100):
                        connection.sendall(b" ")
                        threading.Event().wait(0.1)

    with Dripping() as server:
        client = MerchandisingClient(Destination(server.url, connect_timeout_seconds=0.2, read_timeout_seconds=0.3))
        assert client.send(claimed()).finding is Finding.TIMED_OUT


def test_a_thread_keeps_its_connection_and_shares_it_with_no_other():
    with Answering(*[http("200 OK", OK)] * 6) as server:
        client = MerchandisingClient(Destination(server.url))

        def three() -> None:
            for _ in range(3):
                assert client.send(claimed()).finding is Finding.ACCEPTED

        threads = [threading.Thread(target=three) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(server.requests), server.connections) == (6, 2)
        client.close()


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("soap:Client", Finding.CLIENT_FAULT),
        ("Client.Validation.Item", Finding.CLIENT_FAULT),
        ("env:Sender", Finding.CLIENT_FAULT),
        ("S:Server", Finding.SERVER_FAULT),
        ("env:Receiver", Finding.SERVER_FAULT),
        ("", Finding.SERVER_FAULT),
        ("x:MustUnderstand", Finding.WRONG_NAMESPACE),
        ("wsse:InvalidSecurity", Finding.NOT_AUTHORISED),
    ],
)
def test_fault_codes(code, finding):
    assert finding_of_fault(code, "", frozenset()) is finding


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://example/"},
        {"url": "http:///x"},
        {"url": "http://user:secret@example/"},
        {"url": "http://example/", "user": "a", "password": "b"},
        {"url": "https://example/", "user": "a"},
        {"url": "https://example/", "read_timeout_seconds": 0},
    ],
)
def test_a_destination_that_cannot_be_used_is_refused(settings):
    with pytest.raises(WrongSetting, match="destination merchandising"):
        Destination(**settings)


def test_a_password_may_go_in_the_clear_to_this_machine_or_where_it_is_allowed():
    Destination("http://127.0.0.1/", user="a", password="b")
    Destination("http://localhost:80/", user="a", password="b")
    Destination("http://example/", user="a", password="b", allow_plain_http=True)
    assert "secret" not in repr(Destination("https://example/", user="a", password="secret"))
