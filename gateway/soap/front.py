"""The WSGI front of a SOAP service: contracts by GET, messages by POST, every other thing refused with a reason.

Nothing leaves as a bare HTTP 500: a POST is always answered with a SOAP message, in the version its Content-Type names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog

from gateway.domain.errors import InvalidMessage
from gateway.formats import contract
from gateway.soap.request_body import (
    SOAP11_MEDIA_TYPES,
    SOAP12_MEDIA_TYPE,
    RefusedBody,
    media_type,
    read_body,
)
from gateway.soap.security import Peers
from gateway.soap.server import Answer, SoapServer
from gateway.soap.service import Call

log = structlog.get_logger()

StartResponse = Callable[..., Any]

ALLOWED_METHODS: Final = "GET, HEAD, POST"
LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST: Final = re.compile(r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", re.ASCII)


class Addresses:
    """Tells which address of the service a WSDL shows.

    A WSDL sends clients wherever it says, so a Host header is believed only when it is on a list.

    Args:
        path: path of the service.
        public_url: scheme and host under which clients reach the gateway, such as ``https://gateway.example``; wins.
        allowed_hosts: names, with or without port, that a Host header may have. Loopback names are always allowed.
        default_url: used when the Host is not allowed.
        trusted_proxies: peers whose X-Forwarded-Proto and X-Forwarded-Host are believed.
    """

    def __init__(
        self,
        path: str,
        *,
        public_url: str | None,
        allowed_hosts: Iterable[str],
        default_url: str,
        trusted_proxies: Peers,
    ) -> None:
        self._path = path
        self._public_url = public_url.rstrip("/") if public_url else None
        self._allowed_hosts = frozenset(host.casefold() for host in allowed_hosts)
        self._default_url = default_url.rstrip("/")
        self._trusted_proxies = trusted_proxies

    def address(self, environ: Mapping[str, Any]) -> str:
        """Return the address to show to whoever sent this request."""
        return f"{self._public_url or self._base(environ)}{self._path}"

    def _base(self, environ: Mapping[str, Any]) -> str:
        scheme, host = str(environ.get("wsgi.url_scheme", "http")), str(environ.get("HTTP_HOST") or "")
        if str(environ.get("REMOTE_ADDR") or "") in self._trusted_proxies:
            scheme = _last(environ.get("HTTP_X_FORWARDED_PROTO")) or scheme
            host = _last(environ.get("HTTP_X_FORWARDED_HOST")) or host
        host, scheme = host.strip().casefold(), scheme.casefold()
        match = _HOST.fullmatch(host)
        if match is None or scheme not in ("http", "https"):
            return self._default_url
        allowed = match[1] in LOOPBACK_NAMES or not self._allowed_hosts.isdisjoint((host, match[1]))
        return f"{scheme}://{host}" if allowed else self._default_url


class SoapFront:
    """A WSGI application: one SOAP service in SOAP 1.1 and 1.2.

    Args:
        service: name of the contract.
        soap11, soap12: the servers of both versions.
        use_cases: what the operations call.
        addresses: tells which address the WSDL shows.
        max_body_bytes: most bytes of a request.
    """

    def __init__(
        self,
        service: str,
        soap11: SoapServer,
        soap12: SoapServer,
        use_cases: Any,
        addresses: Addresses,
        max_body_bytes: int,
    ) -> None:
        self._service = service
        self._soap11 = soap11
        self._soap12 = soap12
        self._use_cases = use_cases
        self._addresses = addresses
        self._max_body_bytes = max_body_bytes

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        try:
            if method == "POST":
                answer = self._post(environ)
            elif method in ("GET", "HEAD"):
                answer = self._get(environ)
            else:
                answer = _plain("405 Method Not Allowed", f"{method[:20]} is not answered here.", _ALLOW)
        except Exception as error:
            answer = self._soap11.refusal("500 Internal Server Error", error)
        status, body, content_type, headers = answer
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers])
        return [body] if method != "HEAD" else []

    def _post(self, environ: dict[str, Any]) -> Answer:
        server = self._soap11
        try:
            media, charset = media_type(environ)
            if media == SOAP12_MEDIA_TYPE:
                server = self._soap12
            elif media not in SOAP11_MEDIA_TYPES:
                raise RefusedBody(
                    "415 Unsupported Media Type", f"{media[:60]} is not accepted; send text/xml or {SOAP12_MEDIA_TYPE}"
                )
            body = read_body(environ, self._max_body_bytes)
        except RefusedBody as refused:
            log.info("request refused before reading", status=refused.status)
            return server.refusal(refused.status, InvalidMessage(str(refused)))
        return server.answer(body, charset, Call(self._use_cases, environ))

    def _get(self, environ: Mapping[str, Any]) -> Answer:
        """Return the WSDL or a schema; the names of the query count in any case."""
        query = {
            name.casefold(): value
            for name, value in parse_qsl(environ.get("QUERY_STRING") or "", keep_blank_values=True)
        }
        if "wsdl" in query or "singlewsdl" in query:
            text = contract.wsdl_with_address(self._service, self._addresses.address(environ))
            return Answer("200 OK", text, "text/xml; charset=utf-8")
        if "xsd" in query:
            return _schema(query["xsd"])
        return _plain("404 Not Found", "This is a SOAP service: POST to it, or GET ?wsdl for its contract.")


_ALLOW: Final = (("Allow", ALLOWED_METHODS),)


def _schema(name: str) -> Answer:
    try:
        return Answer("200 OK", contract.xsd_path(name.removesuffix(".xsd")).read_bytes(), "text/xml; charset=utf-8")
    except LookupError:
        return _plain("404 Not Found", "There is no such schema.")


def _plain(status: str, text: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8", headers)


def _last(values: Any) -> str:
    """Return what the nearest proxy says in a list of proxies' words."""
    return str(values or "").rpartition(",")[2].strip()
