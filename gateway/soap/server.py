# mypy: allow-subclassing-any
# (Spyne has no type information, so every class of it is Any to the type checker.)
"""Runs one message through Spyne: contexts, dispatch, events, answer. Knows SOAP, not HTTP bodies or paths."""

from __future__ import annotations

from typing import Any, NamedTuple

import structlog
from spyne import MethodContext
from spyne.server import ServerBase

from gateway.formats import namespaces as ns
from gateway.soap import faults
from gateway.soap.leniency import local_name
from gateway.soap.security import REALM, BasicRefused
from gateway.soap.service import Call

log = structlog.get_logger()

OK = "200 OK"
BAD_REQUEST = "400 Bad Request"
UNAUTHORIZED = "401 Unauthorized"
INTERNAL_SERVER_ERROR = "500 Internal Server Error"


class Answer(NamedTuple):
    """What goes back: status line, body, Content-Type, and further headers."""

    status: str
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class GatewayContext(MethodContext):
    """Spyne's context of one call, without two of its costs for each of its many steps.

    The check of attribute names at each assignment is gone, and an event looks for a listener before it is fired.
    """

    __setattr__ = object.__setattr__

    def fire_event(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Run the listeners of the application, then those of the operation's service."""
        manager = self.app.event_manager
        if event in manager.handlers:
            manager.fire_event(event, self, *args, **kwargs)
        descriptor = self.descriptor
        if descriptor is not None:
            for manager in descriptor.event_managers:
                if event in manager.handlers:
                    manager.fire_event(event, self, *args, **kwargs)


class SoapServer(ServerBase):
    """One version of SOAP on one service.

    Args:
        app: Spyne's application with one of our protocols.
        content_type: that of every answer.
    """

    transport = "http://schemas.xmlsoap.org/soap/http"

    def __init__(self, app: Any, content_type: str) -> None:
        super().__init__(app)
        self._content_type = content_type

    def answer(self, body: bytes, charset: str | None, call: Call) -> Answer:
        """Return the answer to one message. Whatever happens, it is a SOAP answer or a SOAP fault.

        Args:
            body: the message as it came, inflated.
            charset: what HTTP says it is encoded in; None when HTTP says nothing.
            call: what the operations reach as ``ctx.udc``.
        """
        ctx = None
        try:
            ctx = GatewayContext(self, MethodContext.SERVER)
            ctx.udc = call
            ctx.in_string = [body]
            self._run(ctx, charset)
            if ctx.out_error is None:
                return Answer(OK, b"".join(ctx.out_string), self._content_type)
            fault = ctx.out_error
            text = b"".join(ctx.out_string)
        except Exception as error:
            fault = faults.to_fault(error)
            text = self.app.out_protocol.fault_text(fault).encode()
        finally:
            if ctx is not None:
                _let_go(ctx)
        log.info(
            "request refused",
            operation=_operation(ctx),
            user=call.identity.user_name if call.identity else None,
            code=fault.faultcode,
        )
        if isinstance(fault.__cause__, BasicRefused):
            return Answer(UNAUTHORIZED, text, self._content_type, (("WWW-Authenticate", REALM),))
        return Answer(self._status(fault), text, self._content_type)

    def refusal(self, status: str, error: Exception) -> Answer:
        """Return the fault for a message that is refused before it is read, under the HTTP *status* that says why."""
        text = self.app.out_protocol.fault_text(faults.to_fault(error)).encode()
        return Answer(status, text, self._content_type)

    def _run(self, ctx: Any, charset: str | None) -> None:
        """Take *ctx* through Spyne's stages, until its answer or its fault is written."""
        self.generate_contexts(ctx, charset)
        if ctx.in_error is None:
            self.get_in_object(ctx)
        if ctx.in_error is None:
            self.get_out_object(ctx)
        self.get_out_string(ctx)

    def _status(self, fault: Any) -> str:
        """Return 500 for every fault of SOAP 1.1 (section 6.2), 400 for a Sender of 1.2 (part 2, section 7.5.2.2)."""
        is_sender = fault.faultcode in (faults.CLIENT, faults.FAILED_AUTHENTICATION)
        if self.app.out_protocol.ns_soap_env == ns.SOAP12 and is_sender:
            return BAD_REQUEST
        return INTERNAL_SERVER_ERROR


def _let_go(ctx: Any) -> None:
    """Close *ctx* and cut it loose from the trees: it refers to itself, so only the collector would free them."""
    try:
        ctx.close()
    except Exception:
        log.exception("a listener failed after the answer")
    ctx.in_string = ctx.in_document = ctx.in_body_doc = ctx.in_header_doc = ctx.in_object = None
    ctx.out_document = ctx.out_object = ctx.in_error = ctx.out_error = None


def _operation(ctx: Any) -> str | None:
    name = ctx.method_request_string if ctx is not None else None
    return local_name(name) if name else None
