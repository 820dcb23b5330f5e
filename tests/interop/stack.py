"""What the tests ask of a SOAP client stack, so that one story can be told to all of them.

Answers come as plain dictionaries by wire name. Members that are absent on the wire are absent there, lists are lists
even of one, decimals are Decimal and times are aware datetimes, whatever the stack makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Protocol

from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns

SERVICE: Final = "InventoryAdjustmentService"

PAYLOADS: Final[Mapping[str, str]] = {
    "ping": "arg0",
    "lookupInventoryAdjustmentReason": "Nothing",
    "lookupNonSellableQuantityType": "Nothing",
    "lookupInventoryAdjustmentTemplateHeader": "StrAdjTpHdCriVo",
    "readInventoryAdjustmentTemplateDetail": "StrAdjTplRef",
    "lookupInventoryAdjustmentHeader": "StrAdjHdrCriVo",
    "readInventoryAdjustmentDetail": "StrAdjRef",
    "saveInventoryAdjustment": "StrAdjModVo",
    "confirmInventoryAdjustment": "StrAdjRef",
    "saveAndConfirmInventoryAdjustment": "StrAdjModVo",
    "cancelInventoryAdjustment": "StrAdjRef",
}
"""The one member of each operation's request, as the service is described in public; `ping` and the ten."""

DECIMALS: Final = frozenset({"quantity", "case_size"})
MOMENTS: Final = frozenset({"create_date", "approve_date"})

LISTS: Final = frozenset(
    {"StrAdjRsnDesc", "NslQtyTypDesc", "StrAdjTpHdDesc", "StrAdjTplItm", "StrAdjHdrDesc", "StrAdjItm", "uin_col"}
    | {"StrAdjExtAtt", "BusinessProblemDetail", "problemDescription", "ProblemDetailEntry"}
)
"""Members that can occur more than once; some stacks hand over one of them without a list."""

Answer = Any
"""A dictionary, or the text of a ping."""


class Refusal(Exception):
    """A SOAP fault as a stack reads it.

    Args:
        status: HTTP status.
        code: faultcode without prefix.
        text: faultstring.
        detail: the detail by wire name: ``{"ValidationWSFaultException": {...}}``; empty when there is none.
    """

    def __init__(self, status: int, code: str, text: str, detail: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {code}: {text}")
        self.status, self.code, self.text, self.detail = status, code, text, detail


class Stack(Protocol):
    """A client generated from the WSDL by some SOAP stack.

    Attributes:
        operations: names of the operations that the generated client has.
        called: names of those that answered.
    """

    operations: set[str]
    called: set[str]

    def call(
        self, operation: str, payload: Any, user: str = "pos", password: str = "demo", *, is_basic: bool | None = None
    ) -> Answer:
        """Call an operation; None as *payload* leaves it out. *is_basic* None takes what the stack was set up for.

        Raises:
            Refusal: the gateway answered with a fault.
        """


def same_shape(value: Any, name: str = "") -> Any:
    """Return an answer of a stack in the form that the module's text promises."""
    if isinstance(value, Mapping):
        members = {key: same_shape(_listed(member, key), key) for key, member in value.items() if key != "attributes"}
        return {key: member for key, member in members.items() if member is not None and member != []}
    if isinstance(value, list):
        return [same_shape(member, name) for member in value]
    if value is None:
        return None
    if name in DECIMALS:
        assert not isinstance(value, float), f"{name} came as a binary float"  # STK-05
        return Decimal(value)
    if name in MOMENTS:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        assert moment.utcoffset() is not None, f"{name} came without an offset"
        return moment
    return value


def _listed(member: Any, name: str) -> Any:
    return [member] if name in LISTS and member is not None and not isinstance(member, list) else member


def require_valid(message: bytes) -> None:
    """Require that the body of a SOAP message is as the schemas say; of a fault, that its detail is."""
    body = etree.fromstring(message).find(ns.tag(ns.SOAP11, "Body"))
    assert body is not None, message
    (content,) = body
    if etree.QName(content).localname == "Fault":
        assert [child.tag for child in content] in (
            ["faultcode", "faultstring"],
            ["faultcode", "faultstring", "detail"],
        ), message
        detail = content.find("detail")
        if detail is None:
            return
        (content,) = detail
    _schema().assertValid(content)


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    return contract.service_schema(SERVICE)
