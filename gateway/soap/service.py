# mypy: allow-subclassing-any, allow-untyped-decorators
# (Spyne has no type information, so its classes and decorators are Any to the type checker.)
"""The operations of the InventoryAdjustmentService: unpack, call one use case, pack.

Each use case is one transaction and has committed when it returns; nothing here or in Spyne's events commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from spyne import Service, Unicode, rpc

from gateway.domain.adjustment import AdjustmentChange, AdjustmentHeader, HeaderCriteria, InventoryAdjustment
from gateway.domain.errors import InvalidMessage
from gateway.domain.permission import Identity
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.template import AdjustmentTemplate, TemplateCriteria, TemplateHeader
from gateway.soap import mapping, types
from gateway.soap.faults import to_fault


class Adjustments(Protocol):
    """The use cases of adjustments, each one transaction."""

    def save(self, identity: Identity, change: AdjustmentChange) -> int:
        """Create or change an adjustment and return its id."""

    def confirm(self, identity: Identity, adjustment_id: int) -> None:
        """Move the stock and close the adjustment."""

    def save_and_confirm(self, identity: Identity, change: AdjustmentChange) -> int:
        """Do both at once and return the id."""

    def cancel(self, identity: Identity, adjustment_id: int) -> None:
        """Give the adjustment up."""

    def find_headers(self, identity: Identity, criteria: HeaderCriteria) -> Sequence[AdjustmentHeader]:
        """Search."""

    def read(self, identity: Identity, adjustment_id: int) -> InventoryAdjustment:
        """Return one with its lines."""


class Templates(Protocol):
    """The use cases of templates."""

    def find_headers(self, identity: Identity, criteria: TemplateCriteria) -> Sequence[TemplateHeader]:
        """Search."""

    def read(self, identity: Identity, template_id: int) -> AdjustmentTemplate:
        """Return one with its lines."""


class Lookups(Protocol):
    """Lists that a client needs for its choices."""

    def reasons(self, identity: Identity) -> Sequence[Reason]:
        """Return the reasons the caller may use."""

    def sub_buckets(self, identity: Identity) -> Sequence[SubBucket]:
        """Return the sub-buckets; none when they are switched off."""


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the operations call."""

    adjustments: Adjustments
    templates: Templates
    lookups: Lookups


@dataclass(slots=True)
class Call:
    """One request on its way; the operations reach it as ``ctx.udc``.

    Attributes:
        environ: WSGI's description of the HTTP request.
        identity: who is calling; None until the gate has admitted the caller, and for open operations.
    """

    use_cases: Any
    environ: Mapping[str, Any]
    identity: Identity | None = None


class GatewayService(Service):
    """Base of our SOAP services: what is refused leaves as a fault, and a missing payload is refused."""

    @classmethod
    def call_wrapper(cls, ctx: Any, args: Any = None) -> Any:
        """Call the operation. Raises SoapFault for whatever goes wrong in it."""
        try:
            return ctx.function(ctx, *_payload(ctx))
        except Exception as error:
            raise to_fault(error) from error


def _payload(ctx: Any) -> tuple[Any, ...]:
    """Return the one member of the request's wrapper. Raises InvalidMessage when a payload is missing."""
    (value,) = ctx.in_object
    if value is None and ctx.descriptor.name not in OPEN_OPERATIONS:
        (member,) = ctx.descriptor.in_message._type_info.values()
        operation, name, namespace = ctx.descriptor.name, member.get_type_name(), member.get_namespace()
        raise InvalidMessage(
            f"{operation} came without its payload; expected {name} of the namespace {namespace}", path=operation
        )
    return (value,)


def _in(model: Any) -> Any:
    """Return *model* as the payload of a request: its element belongs to its own namespace and may be missing."""
    return model.customize(sub_ns=model.get_namespace(), sub_name=model.get_type_name(), min_occurs=0)


def _out(model: Any) -> dict[str, Any]:
    """Return what makes *model* the payload of an answer."""
    return {"_returns": _in(model), "_out_variable_name": model.get_type_name()}


_LOCAL_TEXT = Unicode(min_occurs=0, nillable=False, sub_ns="")

OPEN_OPERATIONS: Final = frozenset({"ping"})
"""Operations that anyone may call; they touch nothing."""


class InventoryAdjustmentService(GatewayService):
    """Adjust inventory: look up what can be chosen, search, read, save, confirm, cancel."""

    @rpc(_LOCAL_TEXT, _returns=_LOCAL_TEXT, _out_variable_name="return")
    def ping(ctx: Any, arg0: str | None) -> str:
        """Give back what came: the service is there."""
        return arg0 or ""

    @rpc(_in(types.Nothing), **_out(types.StrAdjRsnColDesc))
    def lookupInventoryAdjustmentReason(ctx: Any, nothing: Any) -> Any:
        """List the reasons the caller may use."""
        return mapping.reason_list(ctx.udc.use_cases.lookups.reasons(ctx.udc.identity))

    @rpc(_in(types.Nothing), **_out(types.NslQtyTypColDesc))
    def lookupNonSellableQuantityType(ctx: Any, nothing: Any) -> Any:
        """List the sub-buckets."""
        return mapping.sub_bucket_list(ctx.udc.use_cases.lookups.sub_buckets(ctx.udc.identity))

    @rpc(_in(types.Nothing), **_out(types.NslQtyTypColDesc))
    def lookupNonSellableQtyType(ctx: Any, nothing: Any) -> Any:
        """List the sub-buckets, under the name that SIM's user guide prints."""
        return mapping.sub_bucket_list(ctx.udc.use_cases.lookups.sub_buckets(ctx.udc.identity))

    @rpc(_in(types.StrAdjTpHdCriVo), **_out(types.StrAdjTpHdColDesc))
    def lookupInventoryAdjustmentTemplateHeader(ctx: Any, payload: Any) -> Any:
        """Search for templates."""
        criteria = mapping.to_template_criteria(payload)
        return mapping.template_list(ctx.udc.use_cases.templates.find_headers(ctx.udc.identity, criteria))

    @rpc(_in(types.StrAdjTplRef), **_out(types.StrAdjTplDesc))
    def readInventoryAdjustmentTemplateDetail(ctx: Any, reference: Any) -> Any:
        """Read a template with its lines."""
        return mapping.template_desc(ctx.udc.use_cases.templates.read(ctx.udc.identity, reference.template_id))

    @rpc(_in(types.StrAdjHdrCriVo), **_out(types.StrAdjHdrColDesc))
    def lookupInventoryAdjustmentHeader(ctx: Any, payload: Any) -> Any:
        """Search for adjustments, newest first (ADJ-11)."""
        criteria = mapping.to_header_criteria(payload)
        return mapping.header_list(ctx.udc.use_cases.adjustments.find_headers(ctx.udc.identity, criteria))

    @rpc(_in(types.StrAdjRef), **_out(types.StrAdjDesc))
    def readInventoryAdjustmentDetail(ctx: Any, reference: Any) -> Any:
        """Read an adjustment with its lines."""
        return mapping.adjustment_desc(ctx.udc.use_cases.adjustments.read(ctx.udc.identity, reference.adjustment_id))

    @rpc(_in(types.StrAdjModVo), **_out(types.StrAdjRef))
    def saveInventoryAdjustment(ctx: Any, payload: Any) -> Any:
        """Create or change an adjustment that stays in progress; no stock moves (ADJ-03)."""
        change = mapping.to_change(payload)
        return mapping.adjustment_ref(ctx.udc.use_cases.adjustments.save(ctx.udc.identity, change))

    @rpc(_in(types.StrAdjRef), **_out(types.InvocationSuccess))
    def confirmInventoryAdjustment(ctx: Any, reference: Any) -> Any:
        """Validate again, move the stock, close the adjustment (ADJ-04)."""
        ctx.udc.use_cases.adjustments.confirm(ctx.udc.identity, reference.adjustment_id)
        return mapping.success(f"Inventory adjustment {reference.adjustment_id} confirmed.")

    @rpc(_in(types.StrAdjModVo), **_out(types.StrAdjRef))
    def saveAndConfirmInventoryAdjustment(ctx: Any, payload: Any) -> Any:
        """Save and confirm in one transaction."""
        change = mapping.to_change(payload)
        return mapping.adjustment_ref(ctx.udc.use_cases.adjustments.save_and_confirm(ctx.udc.identity, change))

    @rpc(_in(types.StrAdjRef), **_out(types.InvocationSuccess))
    def cancelInventoryAdjustment(ctx: Any, reference: Any) -> Any:
        """Give an adjustment up (ADJ-08)."""
        ctx.udc.use_cases.adjustments.cancel(ctx.udc.identity, reference.adjustment_id)
        return mapping.success(f"Inventory adjustment {reference.adjustment_id} canceled.")
