"""How much the SOAP layer costs over the floor, as ratios of CPU time.

    python -m bench.soap_layer

Layer: a WSGI call of ``saveAndConfirmInventoryAdjustment`` with a UsernameToken, through front, protocol, reading,
mapping, a use case that does nothing, and writing the answer; users are remembered by the use case. Floor: what no
implementation on lxml can leave out: lxml parses, the schema validates, plain loops walk into slotted objects, a
prepared answer goes back. Both in this process, by turns, each with the collector off and run in between; of many
repetitions the least CPU time counts, because other load only ever adds.
"""

from __future__ import annotations

import gc
import io
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import structlog
from lxml import etree

from gateway.domain.permission import Identity
from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.soap.application import SoapSettings, build

TARGETS = {1: 3.5, 10: 1.8, 100: 1.3, 1000: 1.1}
"""Lines of the request, and the ratio that the layer has to stay below."""


class Ratio(NamedTuple):
    """Result for one size of request; times in milliseconds of CPU."""

    lines: int
    floor_ms: float
    layer_ms: float
    target: float

    @property
    def ratio(self) -> float:
        """How many times the floor the layer takes."""
        return self.layer_ms / self.floor_ms

    def show(self, what: str = "") -> bool:
        """Print the result; say whether it misses its target."""
        is_missed = self.ratio > self.target
        print(
            f"{what:<11} {self.lines:>5} lines: {self.layer_ms:>8.3f} ms over {self.floor_ms:>8.3f} ms ="
            f" {self.ratio:>5.2f}, target {self.target}{' MISSED' if is_missed else ''}"
        )
        return is_missed


class Idle:
    """Use cases that know one user and do nothing."""

    identity = Identity("pos", 1)

    def authenticate(self, user_name: str, password: str) -> Identity:
        """Know everybody."""
        return self.identity

    def save_and_confirm(self, identity: Identity, change: Any) -> int:
        """Do nothing."""
        return 17


def request(lines: int) -> bytes:
    """Return a request with so many lines, as a careful client writes it."""
    line = (
        "<m:StrAdjItmMod><m:item_id>1000{0:05d}</m:item_id><m:reason_id>83</m:reason_id>"
        "<m:quantity>{0}.25</m:quantity><m:case_size>1</m:case_size></m:StrAdjItmMod>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{ns.SOAP11}" xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}"'
        f' xmlns:m="{ns.STR_ADJ_MOD_VO}"><soapenv:Header><wsse:Security xmlns:wsse="{ns.WSSE}">'
        "<wsse:UsernameToken><wsse:Username>pos</wsse:Username><wsse:Password>secret</wsse:Password>"
        "</wsse:UsernameToken></wsse:Security></soapenv:Header><soapenv:Body><s:saveAndConfirmInventoryAdjustment>"
        "<m:StrAdjModVo><m:store_id>1311</m:store_id><m:comments>broken in transport</m:comments>"
        f"{''.join(line.format(number) for number in range(1, lines + 1))}</m:StrAdjModVo>"
        "</s:saveAndConfirmInventoryAdjustment></soapenv:Body></soapenv:Envelope>"
    ).encode()


def environ(body: bytes) -> dict[str, Any]:
    """Return what a WSGI server hands over for *body*."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/InventoryAdjustmentBean/InventoryAdjustmentService",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }


@dataclass(slots=True)
class Line:
    """What the floor makes of a line."""

    line_id: int | None = None
    item_id: str = ""
    reason_id: int = 0
    quantity: Decimal = Decimal(0)
    case_size: Decimal = Decimal(0)


@dataclass(slots=True)
class Change:
    """What the floor makes of a request."""

    store_id: int = 0
    comments: str | None = None
    lines: list[Line] | None = None


class Floor:
    """The least that can be done with a request: parse, validate, walk, answer what was prepared."""

    def __init__(self) -> None:
        self._schema = contract.service_schema("InventoryAdjustmentService")
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        self._body = ns.tag(ns.SOAP11, "Body")
        self.answer = b"<prepared/>" * 40
        self._tags = {
            ns.tag(ns.STR_ADJ_MOD_VO, name): name
            for name in ("store_id", "comments", "StrAdjItmMod", "line_id", "item_id", "reason_id", "quantity")
        } | {ns.tag(ns.STR_ADJ_MOD_VO, "case_size"): "case_size"}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer one request."""
        self.walk(self.parsed(environ))
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(self.answer)))])
        return [self.answer]

    def parsed(self, environ: dict[str, Any]) -> Any:
        """Return the valid payload of one request."""
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        wrapper: Any = etree.fromstring(body, self._parser).find(self._body)[0]
        if not self._schema.validate(wrapper):
            raise ValueError("the request of the benchmark is not valid")
        return wrapper[0]

    def walk(self, payload: Any) -> Change:
        """Return what *payload* asks for."""
        change, lines, tags = Change(), [], self._tags
        for child in payload:
            name = tags[child.tag]
            if name == "StrAdjItmMod":
                line = Line()
                for member in child:
                    name = tags[member.tag]
                    if name == "item_id":
                        line.item_id = member.text
                    elif name == "reason_id":
                        line.reason_id = int(member.text)
                    elif name == "quantity":
                        line.quantity = Decimal(member.text)
                    elif name == "case_size":
                        line.case_size = Decimal(member.text)
                    else:
                        line.line_id = int(member.text)
                lines.append(line)
            elif name == "store_id":
                change.store_id = int(child.text)
            else:
                change.comments = child.text
        change.lines = lines
        return change


def layer() -> Callable[..., list[bytes]]:
    """Return the service with idle use cases."""
    idle: Any = Idle()
    return build(idle, idle, idle, idle, settings=SoapSettings())


def cpu_ms(application: Callable[..., list[bytes]], body: bytes, calls: int) -> float:
    """Return the CPU time of one call, taken over *calls* of them."""
    environs = [environ(body) for _ in range(calls)]
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        for one in environs:
            application(one, _start_response)
        return (time.process_time() - start) / calls * 1000
    finally:
        gc.enable()


def _start_response(status: str, headers: list[tuple[str, str]]) -> None:
    if status != "200 OK":
        raise ValueError(f"the benchmark's request was answered with {status}")


def measure(sizes: tuple[int, ...] = tuple(TARGETS), seconds: float = 2.0) -> list[Ratio]:
    """Return the ratio for each size of request.

    Args:
        seconds: how long to repeat for each size.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    floor, ours = Floor(), layer()
    ratios = []
    for lines in sizes:
        body, calls = request(lines), max(1, 200 // lines)
        best = {floor: float("inf"), ours: float("inf")}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for application in best:
                best[application] = min(best[application], cpu_ms(application, body, calls))
        ratios.append(Ratio(lines, best[floor], best[ours], TARGETS.get(lines, float("inf"))))
    return ratios


def main() -> None:
    """Print the ratios."""
    for one in measure():
        one.show()


if __name__ == "__main__":
    main()
