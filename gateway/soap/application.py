"""Puts the SOAP service together: settings and use cases in, a WSGI application out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from spyne import Application

from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.formats.safe_xml import Limits
from gateway.soap.front import Addresses, SoapFront
from gateway.soap.leniency import Tally
from gateway.soap.protocol import GatewaySoap11, GatewaySoap12, Schemas
from gateway.soap.security import Access, Gate, Peers
from gateway.soap.server import SoapServer
from gateway.soap.service import Adjustments, InventoryAdjustmentService, Lookups, Templates, UseCases

SERVICE: Final = "InventoryAdjustmentService"
PATH: Final = "/InventoryAdjustmentBean/InventoryAdjustmentService"


@dataclass(frozen=True, slots=True)
class SoapSettings:
    """What can be set about the SOAP door.

    Attributes:
        public_url: scheme and host under which clients reach the gateway, such as ``https://gateway.example``; the
            WSDL shows it. None = the Host of the request when it is allowed, else *default_url*.
        default_url: what the WSDL shows when nothing better is known.
        allowed_hosts: names, with or without port, that the WSDL may show from a Host header; loopback ones always may.
        max_body_bytes: most bytes of a request, as it comes and inflated.
        allow_plain_http: accept passwords on connections that are neither encrypted nor local.
        anonymous_user: user that callers without credentials act as; None refuses them.
        trusted_proxies: addresses or networks whose X-Forwarded-Proto and X-Forwarded-Host are believed.
    """

    public_url: str | None = None
    default_url: str = "http://localhost:8080"
    allowed_hosts: tuple[str, ...] = ()
    max_body_bytes: int = 8 * 1024 * 1024
    allow_plain_http: bool = False
    anonymous_user: str | None = None
    trusted_proxies: tuple[str, ...] = ()


def build(
    adjustments: Adjustments,
    templates: Templates,
    lookups: Lookups,
    access: Access,
    *,
    settings: SoapSettings,
    tally: Tally | None = None,
) -> SoapFront:
    """Return the SOAP service as a WSGI application; it answers on whatever path it is mounted.

    Args:
        tally: counts what had to be forgiven, to be shown elsewhere; a new one when left out.
    Raises:
        ValueError: a proxy that is no address and no network.
    """
    tns = ns.SCHEMA_NAMESPACES[SERVICE]
    proxies = Peers(settings.trusted_proxies)
    gate = Gate(access, settings.allow_plain_http, settings.anonymous_user, proxies)
    schemas = Schemas(partial(contract.service_schema, SERVICE))
    parts = (schemas, gate, tally or Tally(), Limits(max_bytes=settings.max_body_bytes))

    def server(protocol: Any, content_type: str) -> SoapServer:
        app = Application(
            [InventoryAdjustmentService], tns, SERVICE, in_protocol=protocol(*parts), out_protocol=protocol(*parts)
        )
        return SoapServer(app, content_type)

    return SoapFront(
        SERVICE,
        server(GatewaySoap11, "text/xml; charset=utf-8"),
        server(GatewaySoap12, "application/soap+xml; charset=utf-8"),
        UseCases(adjustments, templates, lookups),
        Addresses(
            PATH,
            public_url=settings.public_url,
            allowed_hosts=settings.allowed_hosts,
            default_url=settings.default_url,
            trusted_proxies=proxies,
        ),
        settings.max_body_bytes,
    )
