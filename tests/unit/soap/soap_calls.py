"""Calls of the SOAP service through WSGI, and use cases that remember what they were asked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from lxml import etree

from gateway.domain.adjustment import (
    AdjustmentHeader,
    AdjustmentLine,
    AdjustmentStatus,
    ExtendedAttribute,
    InventoryAdjustment,
)
from gateway.domain.disposition import Disposition
from gateway.domain.errors import NotAuthenticated
from gateway.domain.permission import Identity
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.template import AdjustmentTemplate, TemplateHeader, TemplateLine
from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap.application import PATH, SoapSettings, build
from gateway.soap.leniency import Tally

SERVICE = ns.INVENTORY_ADJUSTMENT_SERVICE
MOD = ns.STR_ADJ_MOD_VO
PASSWORD_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

LINE = (
    "<m:StrAdjItmMod><m:item_id>100000147</m:item_id><m:reason_id>83</m:reason_id>"
    "<m:quantity>2</m:quantity><m:case_size>1</m:case_size></m:StrAdjItmMod>"
)
PAYLOAD = f"<m:StrAdjModVo><m:store_id>1311</m:store_id>{LINE}</m:StrAdjModVo>"
TOKEN = (
    f'<wsse:Security xmlns:wsse="{ns.WSSE}"><wsse:UsernameToken><wsse:Username>pos</wsse:Username>'
    "<wsse:Password>secret</wsse:Password></wsse:UsernameToken></wsse:Security>"
)


class StubUseCases:
    """All use cases of the service in one; gives back what is set and keeps what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.error: Exception | None = None
        self.adjustment = InventoryAdjustment(
            17,
            1311,
            None,
            None,
            AdjustmentStatus.IN_PROGRESS,
            "ünï €",
            None,
            NOON,
            "pos",
            None,
            None,
            [
                AdjustmentLine(1, "100000147", 83, Decimal("1E+3"), Decimal("1"), ("U1", "U2")),
                AdjustmentLine(
                    2, "日本", 83, Decimal("0.0001"), Decimal("2.5"), (), [ExtendedAttribute("LOT", "7", None)]
                ),
            ],
        )

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error

    def authenticate(self, user_name: str, password: str) -> Identity:
        if (user_name, password) not in (("pos", "secret"), ("jürgen", "pässwörd")):
            raise NotAuthenticated
        return Identity(user_name, 1)

    def anonymous(self, user_name: str) -> Identity:
        return Identity(user_name, 0)

    def save(self, identity: Identity, change: Any) -> int:
        self._note("save", identity, change)
        return 17

    def confirm(self, identity: Identity, adjustment_id: int) -> None:
        self._note("confirm", identity, adjustment_id)

    def save_and_confirm(self, identity: Identity, change: Any) -> int:
        self._note("save_and_confirm", identity, change)
        return 18

    def cancel(self, identity: Identity, adjustment_id: int) -> None:
        self._note("cancel", identity, adjustment_id)

    def find_headers(self, identity: Identity, criteria: Any) -> Sequence[Any]:
        self._note("find_headers", identity, criteria)
        if type(criteria).__name__ == "TemplateCriteria":
            return [TemplateHeader(5, "Weekly waste", AdjustmentStatus.COMPLETED, NOON, "manager", 2)]
        return [AdjustmentHeader(17, AdjustmentStatus.CANCELED, NOON, "pos", None, 2)]

    def read(self, identity: Identity, some_id: int) -> Any:
        self._note("read", identity, some_id)
        if some_id == 5:
            return AdjustmentTemplate(
                5,
                1311,
                "Weekly waste",
                AdjustmentStatus.COMPLETED,
                None,
                NOON,
                "manager",
                NOON,
                "manager",
                (TemplateLine(1, "100000147", 83, Decimal("2"), Decimal("1")),),
            )
        return self.adjustment

    def reasons(self, identity: Identity) -> Sequence[Reason]:
        self._note("reasons", identity)
        return [
            Reason(83, 83, "Theft <&>", Disposition.DECREASE_SOH),
            Reason(90, 91, "To trouble", Disposition.TO_UNAVAILABLE, None, 3),
        ]

    def sub_buckets(self, identity: Identity) -> Sequence[SubBucket]:
        self._note("sub_buckets", identity)
        return [SubBucket(3, "Trouble")]


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def root(self) -> Any:
        return etree.fromstring(self.body)

    @property
    def payload(self) -> Any:
        """The wrapper, which must be valid."""
        wrapper = self.root.find(ns.tag(ns.SOAP11, "Body"))[0]
        contract.service_schema("InventoryAdjustmentService").assertValid(wrapper)
        return wrapper

    @property
    def fault(self) -> Fault:
        return Fault.of(self.root)


class Fault(NamedTuple):
    """A SOAP 1.1 fault that has nothing but what it may have, with a valid detail."""

    code: str
    text: str
    kind: str | None
    problems: list[dict[str, str]]

    @classmethod
    def of(cls, root: Any) -> Fault:
        fault = root.find(f"{ns.tag(ns.SOAP11, 'Body')}/{ns.tag(ns.SOAP11, 'Fault')}")
        assert fault is not None, etree.tostring(root)
        names = [child.tag for child in fault]
        assert names in (["faultcode", "faultstring"], ["faultcode", "faultstring", "detail"])
        prefix, code = fault.findtext("faultcode").split(":")
        namespace = fault.find("faultcode").nsmap[prefix]
        assert namespace in (ns.SOAP11, ns.WSSE)
        detail = fault.find("detail")
        if detail is None:
            return cls(code, fault.findtext("faultstring"), None, [])
        (inner,) = detail
        contract.service_schema("InventoryAdjustmentService").assertValid(inner)
        tag = ns.tag(ns.EXCEPTION, "BusinessProblemDetail")
        problems = [
            {"": problem.findtext(ns.tag(ns.EXCEPTION, "problemDescription"))}
            | {
                entry[0].text: entry[1].text
                for entry in problem.iterchildren(ns.tag(ns.EXCEPTION, "ProblemDetailEntry"))
            }
            for problem in inner.iterchildren(tag)
        ]
        assert etree.QName(inner).namespace == ns.EXCEPTION
        return cls(code, fault.findtext("faultstring"), etree.QName(inner).localname, problems)


def envelope(body: str, header: str = TOKEN, soap: str = ns.SOAP11) -> bytes:
    """Return an envelope; prefixes s = service, m = StrAdjModVo, xsi, xsd."""
    return (
        f'<soap:Envelope xmlns:soap="{soap}" xmlns:s="{SERVICE}" xmlns:m="{MOD}" xmlns:xsi="{ns.XSI}"'
        f' xmlns:xsd="{ns.XSD}"><soap:Header>{header}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>'
    ).encode()


def operation(name: str, content: str = "", header: str = TOKEN) -> bytes:
    """Return a request for operation *name* with *content* in its wrapper."""
    return envelope(f"<s:{name}>{content}</s:{name}>", header)


def save(payload: str = PAYLOAD) -> bytes:
    """Return a request to save."""
    return operation("saveInventoryAdjustment", payload)


class Client:
    """Calls a service built with *settings* over the stub use cases."""

    def __init__(self, settings: SoapSettings | None = None, stub: StubUseCases | None = None) -> None:
        self.stub = stub or StubUseCases()
        self.tally = Tally()
        use_cases: Any = self.stub
        self.app = build(
            use_cases, use_cases, use_cases, use_cases, settings=settings or SoapSettings(), tally=self.tally
        )

    def call(self, body: bytes = b"", content_type: str | None = "text/xml; charset=utf-8", **environ: Any) -> Reply:
        """POST *body*; keywords go into the WSGI environment, None takes a key out."""
        return self.http("POST", body, **{"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))} | environ)

    def http(self, method: str, body: bytes = b"", **environ: Any) -> Reply:
        """Send any request."""
        started: list[Any] = []
        whole = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": PATH,
            "QUERY_STRING": "",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8080",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        } | environ
        whole = {key: value for key, value in whole.items() if value is not None}
        pieces = self.app(whole, lambda *args: started.append(args))
        ((status, headers),) = started
        found = dict(headers)
        assert len(found) == len(headers)
        content = b"".join(pieces)
        if method != "HEAD":
            assert int(found["Content-Length"]) == len(content)
        return Reply(int(status.split()[0]), found, content)
