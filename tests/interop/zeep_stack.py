"""The Python stack: zeep."""

from __future__ import annotations

from typing import Any

import requests
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.helpers import serialize_object
from zeep.plugins import HistoryPlugin
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from tests.interop.stack import PAYLOADS, Refusal, require_valid, same_shape

ONLY_MEMBERS = {
    "saveInventoryAdjustment": "adjustment_id",
    "saveAndConfirmInventoryAdjustment": "adjustment_id",
    "confirmInventoryAdjustment": "success_message",
    "cancelInventoryAdjustment": "success_message",
}
"""zeep hands over the only member of a payload instead of the payload; that member's name, by operation."""


class ZeepStack:
    """A zeep client, see `tests.interop.stack.Stack`.

    Args:
        wsdl_url: where the WSDL is.
        is_basic: send user and password by HTTP Basic instead of as a UsernameToken.
    """

    def __init__(self, wsdl_url: str, is_basic: bool) -> None:
        self._is_basic = is_basic
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.hooks["response"].append(self._note)
        self._status = 0
        self.history = HistoryPlugin(maxlen=1)
        self.client = Client(
            wsdl_url,
            transport=Transport(session=self._session, timeout=30, operation_timeout=60),
            plugins=[self.history],
        )
        (binding,) = self.client.wsdl.bindings.values()
        self.operations = set(binding.all())
        self.called: set[str] = set()

    def call(
        self, operation: str, payload: Any, user: str = "pos", password: str = "demo", *, is_basic: bool | None = None
    ) -> Any:
        """Call an operation. Raises Refusal."""
        by_header = self._is_basic if is_basic is None else is_basic
        self._session.auth = (user, password) if by_header else None
        self.client.wsse = None if by_header else UsernameToken(user, password)
        arguments = {} if payload is None else {PAYLOADS[operation]: payload}
        try:
            answer = self.client.service[operation](**arguments)
        except Fault as fault:
            raise self._refusal(fault) from fault
        require_valid(self.sent())
        require_valid(etree.tostring(self.history.last_received["envelope"]))
        self.called.add(operation)
        if operation in ONLY_MEMBERS:
            return {ONLY_MEMBERS[operation]: answer}
        return same_shape(serialize_object(answer, dict))

    def sent(self) -> bytes:
        """Return the last request."""
        return etree.tostring(self.history.last_sent["envelope"])

    def _note(self, response: requests.Response, **_: Any) -> None:
        self._status = response.status_code

    def _refusal(self, fault: Fault) -> Refusal:
        require_valid(etree.tostring(self.history.last_received["envelope"]))
        detail = {}
        if fault.detail is not None:
            (element,) = fault.detail
            typed = self.client.wsdl.types.deserialize(element)
            detail = {type(typed).__name__: same_shape(serialize_object(typed, dict))}
        return Refusal(self._status, str(fault.code).rpartition(":")[2], str(fault.message), detail)
