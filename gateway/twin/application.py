"""The twin merchandiser as a WSGI application: a strict door around the Spyne application.

Everything is checked against the schema before anything else looks at it, every message ends in the journal, and no
request ends without a SOAP answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import structlog
from lxml import etree
from spyne.server.wsgi import WsgiApplication

from gateway.domain.errors import InvalidMessage
from gateway.domain.outbox import INV_ADJUST_CREATE, INV_ADJUST_FAMILY
from gateway.formats import contract, safe_xml
from gateway.formats import namespaces as ns
from gateway.twin import service
from gateway.twin.journal import Journal, Received

log = structlog.get_logger()

PATH: Final = "/InvAdjustPublishingBean/InvAdjustPublishingService"
MAX_BODY_BYTES: Final = 4 * 1024 * 1024

StartResponse = Callable[..., Any]

_PUBLISH = ns.tag(ns.INV_ADJUST_PUBLISHING_SERVICE, "publishInvAdjustCreateUsingInvAdjustDesc")
_DESC = ns.tag(ns.INV_ADJUST_DESC, "InvAdjustDesc")
_STORE = ns.tag(ns.INV_ADJUST_DESC, "dc_dest_id")
_ITEM = f"{ns.tag(ns.INV_ADJUST_DESC, 'InvAdjustDtl')}/{ns.tag(ns.INV_ADJUST_DESC, 'item_id')}"
_XML = "text/xml; charset=utf-8"


class _Rejected(Exception):
    """A request that is the sender's mistake."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def build_application(journal: Journal, clock: Callable[[], datetime] = utc_now) -> TwinApplication:
    """Return the WSGI application that takes messages into *journal*."""
    return TwinApplication(journal, clock)


class TwinApplication:
    """Serves the SOAP service at `PATH`, its WSDL at ``?wsdl``, and ``/healthz``."""

    def __init__(self, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._journal, self._clock = journal, clock
        self._thread = threading.local()
        self._spyne = WsgiApplication(service.application(journal), max_content_length=MAX_BODY_BYTES)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            status, content_type, body = self._answer(environ)
        except Exception:
            log.exception("twin failed")
            status, content_type, body = _fault("Server", "IllegalState", "the twin failed; its log says why")
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, str, bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
        if path == "/healthz":
            return "200 OK", "text/plain; charset=utf-8", b"ok\n"
        if path != PATH:
            return "404 Not Found", "text/plain; charset=utf-8", b"the service is at " + PATH.encode() + b"\n"
        if method in ("GET", "HEAD"):
            if environ.get("QUERY_STRING", "").lower() in ("wsdl", "singlewsdl"):
                return "200 OK", _XML, contract.wsdl_with_address(service.NAME, _own_url(environ))
            return "404 Not Found", "text/plain; charset=utf-8", b"GET ?wsdl, or POST a SOAP request\n"
        if method != "POST":
            return "405 Method Not Allowed", "text/plain; charset=utf-8", b"POST a SOAP request\n"
        return self._post(environ)

    def _post(self, environ: dict[str, Any]) -> tuple[str, str, bytes]:
        body = _body(environ)
        key: str | None = environ.get("HTTP_IDEMPOTENCY_KEY", "").strip() or None
        text = body.decode("utf-8", "replace")
        received = Received(key, self._clock(), INV_ADJUST_FAMILY, INV_ADJUST_CREATE, "", text)
        try:
            if len(body) > MAX_BODY_BYTES:
                raise _Rejected(f"the request has more than {MAX_BODY_BYTES} bytes")
            envelope = safe_xml.parse(body)
            received = _with_payload(received._replace(key=key or _message_id(envelope)), envelope)
            if _message_id(envelope) not in (None, received.key):
                raise _Rejected("Idempotency-Key and wsa:MessageID name different keys")
            self._check(envelope)
        except (InvalidMessage, _Rejected) as refusal:
            self._journal.reject(received)
            return _fault("Client", "Validation", f"VALIDATION_ERROR {refusal}")
        return self._call(environ, {service.ENVELOPE: envelope, service.RECEIVED: received})

    def _call(self, environ: dict[str, Any], handed_over: dict[str, Any]) -> tuple[str, str, bytes]:
        started: list[str] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
            started.append(status)

        answer = b"".join(self._spyne({**environ, **handed_over}, start_response))
        return started[-1], _XML, answer

    def _check(self, envelope: etree._Element) -> None:
        """Refuse what is not one request, valid against the schema of the service."""
        body = envelope.find(ns.tag(ns.SOAP11, "Body"))
        if envelope.tag != ns.tag(ns.SOAP11, "Envelope") or body is None or len(body) != 1:
            raise _Rejected("expected a SOAP 1.1 envelope whose Body holds one request")
        request = body[0]
        # One schema for each thread: an XMLSchema keeps the errors of its last document, whoever sent it.
        schema: etree.XMLSchema | None = getattr(self._thread, "schema", None)
        if schema is None:
            schema = self._thread.schema = contract.service_schema(service.NAME)
        if not schema.validate(request):
            errors: Any = schema.error_log
            raise InvalidMessage(errors[0].message, line=errors[0].line)
        if request.tag == _PUBLISH and len(request) == 0:
            raise _Rejected("the request has no InvAdjustDesc")


def _with_payload(received: Received, envelope: etree._Element) -> Received:
    """Return *received* with the business object of *envelope*, valid or not, where there is one."""
    payload = envelope.find(f".//{_DESC}")
    if payload is None:
        return received
    # A copy has only the prefixes that it uses, not those of the envelope: the payload as its sender wrote it.
    own = deepcopy(payload)
    own.tail = None
    return received._replace(
        business_object_id=f"{payload.findtext(_STORE)}/{payload.findtext(_ITEM)}",
        payload=etree.tostring(own, encoding="unicode"),
    )


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH", "")
    if length.isdigit():
        amount = min(int(length), MAX_BODY_BYTES + 1)
    else:
        # Without a length only a chunked body has an end.
        amount = MAX_BODY_BYTES + 1 if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() else 0
    body: bytes = environ["wsgi.input"].read(amount) if amount else b""
    return body


def _message_id(envelope: etree._Element) -> str | None:
    text = envelope.findtext(f"{ns.tag(ns.SOAP11, 'Header')}/{ns.tag(ns.WSA, 'MessageID')}")
    return text.strip() or None if text else None


def _own_url(environ: dict[str, Any]) -> str:
    # A test double on a private port: the Host header is as good as any setting.
    host = environ.get("HTTP_HOST") or f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}"
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}{PATH}"


def _fault(code: str, kind: str, text: str) -> tuple[str, str, bytes]:
    detail = f"{kind}WSFaultException"
    # Characters that XML cannot carry may have come with the request and stand in the text.
    clean = escape("".join(char if char.isprintable() or char in "\t\n" else "�" for char in text))
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="{ns.SOAP11}"><soapenv:Body>'
        f"<soapenv:Fault><faultcode>soapenv:{code}</faultcode><faultstring>{clean}</faultstring><detail>"
        f'<exception:{detail} xmlns:exception="{ns.EXCEPTION}"><exception:shortErrorMessage>{clean}'
        f"</exception:shortErrorMessage></exception:{detail}></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return "500 Internal Server Error", _XML, body.encode()
