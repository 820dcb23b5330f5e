# mypy: allow-subclassing-any, allow-untyped-decorators
# (Spyne has no type information, so its classes and decorators are Any to the type checker.)
"""InvAdjustPublishingService as a Spyne application: what the merchandising system serves.

The models hold what the twin reads of a message; the schema, not they, decides what is valid.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from spyne import Application, ComplexModel, Service, Unicode, rpc
from spyne.protocol.soap import Soap11

from gateway.formats import namespaces as ns
from gateway.twin.journal import Effect, Journal, Received

NAME: Final = "InvAdjustPublishingService"
ENVELOPE: Final = "gateway.twin.envelope"
"""Key of the WSGI environment under which the front hands over the parsed and validated request."""
RECEIVED: Final = "gateway.twin.received"
"""The same for the `Received` that it made of it."""

_OPTIONAL = {"min_occurs": 0, "nillable": False}


class InvAdjustDtl(ComplexModel):
    """One changed item."""

    __namespace__ = ns.INV_ADJUST_DESC
    _type_info: ClassVar = [("item_id", Unicode(**_OPTIONAL))]


class InvAdjustDesc(ComplexModel):
    """One change of stock."""

    __namespace__ = ns.INV_ADJUST_DESC
    _type_info: ClassVar = [
        ("dc_dest_id", Unicode(**_OPTIONAL)),
        ("InvAdjustDtl", InvAdjustDtl.customize(max_occurs="unbounded", **_OPTIONAL)),
    ]


class SuccessStatus(ComplexModel):
    """One thing that was done."""

    __namespace__ = ns.SERVICE_OP_STATUS
    _type_info: ClassVar = [
        ("short_success_message", Unicode(**_OPTIONAL)),
        ("success_description", Unicode(**_OPTIONAL)),
    ]


class ServiceOpStatus(ComplexModel):
    """The answer."""

    __namespace__ = ns.SERVICE_OP_STATUS
    _type_info: ClassVar = [("SuccessStatus", SuccessStatus.customize(max_occurs="unbounded", **_OPTIONAL))]


_PAYLOAD = InvAdjustDesc.customize(sub_ns=ns.INV_ADJUST_DESC, **_OPTIONAL)
_STATUS = ServiceOpStatus.customize(sub_ns=ns.SERVICE_OP_STATUS, sub_name="ServiceOpStatus", **_OPTIONAL)
_PLAIN_TEXT = Unicode(sub_ns="", **_OPTIONAL)
_TEXTS = {Effect.APPLIED: "applied", Effect.DUPLICATE: "duplicate: this message key had its effect before"}


class ParsedSoap11(Soap11):
    """SOAP 1.1 that starts from the request as the front has parsed and validated it."""

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Take over the front's document; the empty part is Spyne's table of XML ids."""
        ctx.in_document = (ctx.transport.req_env[ENVELOPE], {})


def application(journal: Journal) -> Application:
    """Return the Spyne application that writes to *journal*."""

    class InvAdjustPublishingService(Service):
        """Takes changes of stock."""

        @rpc(_PLAIN_TEXT, _returns=_PLAIN_TEXT.customize(sub_name="return"), _out_variable_name="return")
        def ping(ctx: Any, arg0: str | None) -> str | None:
            """Answer with what came."""
            return arg0

        @rpc(_PAYLOAD, _returns=_STATUS, _out_variable_name="ServiceOpStatus")
        def publishInvAdjustCreateUsingInvAdjustDesc(ctx: Any, InvAdjustDesc: Any) -> Any:  # noqa: N803 - the wire's
            """Apply one change of stock, once for its key."""
            received: Received = ctx.transport.req_env[RECEIVED]
            effect = journal.take(received)
            done = SuccessStatus(
                short_success_message=_TEXTS[effect], success_description=f"{received.business_object_id} {effect}"
            )
            return ServiceOpStatus(SuccessStatus=[done])

    return Application(
        [InvAdjustPublishingService],
        tns=ns.INV_ADJUST_PUBLISHING_SERVICE,
        name=NAME,
        in_protocol=ParsedSoap11(),
        out_protocol=Soap11(),
    )
