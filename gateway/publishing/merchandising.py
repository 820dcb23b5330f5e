"""The client of the merchandising system: hands over one message and says how that ended (PUB-07, PUB-08).

zeep keeps the contract: WSDL, binding, reading of answers and faults. The request is written by hand around the
stored payload, because zeep would take apart and rebuild what is already finished XML, at forty times the price; and
it is posted by us, because zeep neither bounds an answer nor separates what was not sent from what may have arrived.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape

import requests
import zeep
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.persistence.outbox import Claimed
from gateway.publishing.destinations import Destination
from gateway.publishing.outcomes import (
    MAX_KEPT_CHARACTERS,
    Delivery,
    Finding,
    finding_of_fault,
    finding_of_status,
)
from gateway.publishing.transport import Poster, Unusable

SERVICE: Final = "InvAdjustPublishingService"
OPERATION: Final = "publishInvAdjustCreateUsingInvAdjustDesc"

MAX_RETRY_AFTER_SECONDS: Final = 3600.0
"""How long a destination may at most ask to be left alone."""

_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
_RESPONSE = ns.tag(ns.INV_ADJUST_PUBLISHING_SERVICE, f"{OPERATION}Response")
_BODY, _FAULT = ns.tag(ns.SOAP11, "Body"), ns.tag(ns.SOAP11, "Fault")
_HTML = (b"<!doctype html", b"<html")


class _ShapeCheck(zeep.Plugin):
    """Looks at the answer that zeep has parsed before zeep reads it: zeep takes any element for the expected one."""

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> Any:
        """Refuse what is not an answer of our operation."""
        if etree.QName(envelope).localname != "Envelope":
            raise Unusable(Finding.NOT_SOAP, f"the answer is a {envelope.tag}, not a SOAP envelope")
        body = envelope.find(_BODY)
        if body is None:
            raise Unusable(Finding.WRONG_NAMESPACE, f"the answer is no SOAP 1.1 envelope with a Body: {envelope.tag}")
        found = next((child.tag for child in body if isinstance(child.tag, str)), "nothing")
        if found not in (_RESPONSE, _FAULT):
            raise Unusable(Finding.WRONG_NAMESPACE, f"the answer holds {found} instead of {_RESPONSE}")
        return envelope, http_headers


class MerchandisingClient:
    """Sends messages to one destination; threads may share it, each gets its own HTTP session.

    Args:
        destination: where to, with what credentials and timeouts.
        monotonic: clock for the time limit of one call.
    """

    def __init__(self, destination: Destination, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.destination = destination
        self._poster = Poster(destination, monotonic)
        self._head, self._tail = _frame(destination)
        transport = zeep.Transport(
            session=self._poster.session(),
            timeout=destination.connect_timeout_seconds,
            operation_timeout=destination.read_timeout_seconds,
        )
        self._client = zeep.Client(
            str(contract.wsdl_path(SERVICE)),
            transport=transport,
            plugins=[_ShapeCheck()],
            settings=zeep.Settings(
                strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False
            ),
        )
        self._binding = next(iter(self._client.wsdl.services[SERVICE].ports.values())).binding
        self._operation = self._binding.get(OPERATION)

    def send(self, message: Claimed) -> Delivery:
        """Hand over *message* and say how that ended; errors of the way and of the receiver are results, not raised."""
        key = message.message_key
        if not (key and key.isascii() and key.isprintable() and key == key.strip()):
            return Delivery(Finding.CANNOT_BE_SENT, f"the message key {key!r} cannot go into an HTTP header (PUB-07)")
        try:
            response = self._poster.post(self.envelope(key, message.payload), {**_HEADERS, "Idempotency-Key": key})
        except Unusable as unusable:
            return Delivery(unusable.finding, unusable.reason)
        return self._judged(response)

    def envelope(self, key: str, payload: str) -> bytes:
        """Return the request for *payload*: it goes in as it is stored, without being parsed again."""
        return b"".join((self._head[0], escape(key).encode(), self._head[1], payload.encode(), self._tail))

    def close(self) -> None:
        """Close the HTTP sessions of all threads."""
        self._poster.close()

    def _judged(self, response: requests.Response) -> Delivery:
        status, body = response.status_code, response.content
        answer = body[: 4 * MAX_KEPT_CHARACTERS].decode("utf-8", "replace")[:MAX_KEPT_CHARACTERS].replace("\0", "�")

        def because(finding: Finding, reason: str) -> Delivery:
            wait = _retry_after_seconds(response.headers.get("Retry-After"))
            return Delivery(finding, f"HTTP {status}: {reason}", status, answer or None, wait)

        finding = finding_of_status(status)
        if finding is not None:
            return because(finding, f"{response.reason or ''} {response.headers.get('Location', '')}".strip())
        try:
            _look_at(body, response.headers.get("Content-Type", ""))
            self._binding.process_reply(self._client, self._operation, response)
        except Unusable as unusable:
            if status >= 500:
                return because(Finding.FAILED_WITHOUT_FAULT, unusable.reason)
            if unusable.finding is Finding.EMPTY_ANSWER and status >= 300:
                return because(Finding.NOT_SOAP, unusable.reason)
            return because(unusable.finding, unusable.reason)
        except zeep.exceptions.Fault as fault:
            return because(*_judged_fault(fault, body, status))
        except zeep.exceptions.TransportError as error:
            if status >= 500:
                return because(Finding.FAILED_WITHOUT_FAULT, _first_line(error.message))
            return because(Finding.UNREADABLE_ANSWER, _first_line(error.message))
        except (zeep.exceptions.Error, LookupError, TypeError, ValueError) as error:
            # The right wrapper, so the service took the message. What a ServiceOpStatus holds is not known for
            # certain: one that zeep cannot read is kept as it came and is no reason to send again.
            return Delivery(Finding.ACCEPTED, f"{type(error).__name__}: {error}", status, answer)
        return Delivery(Finding.ACCEPTED, "", status, answer)


def _frame(destination: Destination) -> tuple[tuple[bytes, bytes], bytes]:
    """Return the request around key and payload, cut where they go in."""
    security = ""
    if destination.user:
        security = (
            f'<wsse:Security xmlns:wsse="{ns.WSSE}" soapenv:mustUnderstand="1"><wsse:UsernameToken>'
            f"<wsse:Username>{escape(destination.user)}</wsse:Username>"
            '<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0'
            f'#PasswordText">{escape(destination.password)}</wsse:Password></wsse:UsernameToken></wsse:Security>'
        )
    before_key = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="{ns.SOAP11}">'
        f'<soapenv:Header>{security}<wsa:MessageID xmlns:wsa="{ns.WSA}">'
    )
    before_payload = (
        f"</wsa:MessageID></soapenv:Header><soapenv:Body>"
        f'<{SERVICE}:{OPERATION} xmlns:{SERVICE}="{ns.INV_ADJUST_PUBLISHING_SERVICE}">'
    )
    tail = f"</{SERVICE}:{OPERATION}></soapenv:Body></soapenv:Envelope>"
    return (before_key.encode(), before_payload.encode()), tail.encode()


def _look_at(body: bytes, content_type: str) -> None:
    """Refuse a body that no parser needs to see."""
    start = body[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        raise Unusable(Finding.EMPTY_ANSWER, "the answer has no body")
    if "html" in content_type.lower() or start.startswith(_HTML):
        raise Unusable(Finding.NOT_SOAP, f"the answer is a page ({content_type})")
    if not start.startswith((b"<", b"--")) and start[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise Unusable(Finding.NOT_SOAP, f"the answer is no XML ({content_type})")


def _judged_fault(fault: zeep.exceptions.Fault, body: bytes, status: int) -> tuple[Finding, str]:
    if fault.code is None and b"Fault" not in body:
        # zeep takes every answer that is not 200 for a fault, with or without one in it.
        finding = Finding.FAILED_WITHOUT_FAULT if status >= 500 else Finding.NOT_SOAP
        return finding, "SOAP without a fault in it"
    code, text = str(fault.code or ""), str(fault.message or "")
    details = frozenset(
        etree.QName(child).localname
        for child in (fault.detail if isinstance(fault.detail, etree._Element) else ())
        if isinstance(child.tag, str)
    )
    return finding_of_fault(code, text, details), f"{code}: {text}"


def _retry_after_seconds(value: str | None) -> float | None:
    """Return the ``Retry-After`` header in seconds, of either form; None when absent or unreadable."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else _seconds_until(value)
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _seconds_until(http_date: str) -> float:
    return email.utils.parsedate_to_datetime(http_date).timestamp() - time.time()


def _first_line(message: object) -> str:
    # zeep appends the whole answer, which is kept beside the reason anyway.
    return str(message).partition("\n")[0]
