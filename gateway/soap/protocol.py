# mypy: allow-subclassing-any
# (Spyne has no type information, so every class of it is Any to the type checker.)
"""Our SOAP protocols: Spyne's, with parsing, validation, reading and writing of our own.

Only overrides of public methods. Models, services, dispatch, events and faults stay Spyne's. What changes:

* bytes are parsed under limits, and nothing is logged from them;
* headers are judged, then the caller, then the request is validated by the schema, before anything is read;
* reading and writing are compiled (``reader``, ``writer``);
* a request that fails the schema is tried once more in its forgiven form, and refused with a full explanation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from lxml import etree
from spyne.protocol.soap import Soap11, Soap12

from gateway.domain.errors import InvalidMessage
from gateway.formats import namespaces as ns
from gateway.formats import safe_xml
from gateway.soap import faults
from gateway.soap.diagnosis import SchemaError, explain, explain_unreadable
from gateway.soap.leniency import Tally, forgive, local_name, namespace_of
from gateway.soap.reader import Element, Unreadable, reader
from gateway.soap.security import Gate, require_understood
from gateway.soap.service import OPEN_OPERATIONS
from gateway.soap.writer import declarations, namespaces_of, prefixed, writer

log = structlog.get_logger()

XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Schemas:
    """Compiled schemas of one service, each lent to one validation at a time.

    A schema holds the errors of its last validation, so threads that share one read each other's data in them. Lent
    and not kept per thread, because servers may start a thread for each request and compiling takes milliseconds.

    Args:
        compile_schema: returns a newly compiled schema.
    """

    def __init__(self, compile_schema: Callable[[], etree.XMLSchema]) -> None:
        self._compile = compile_schema
        self._idle: deque[etree.XMLSchema] = deque([compile_schema()])

    def first_error(self, element: Element) -> SchemaError | None:
        """Return what is wrong with *element*, the first thing only; None when it is valid."""
        try:
            schema = self._idle.pop()
        except IndexError:
            schema = self._compile()
        try:
            if schema.validate(element):
                return None
            errors: Any = schema.error_log
            first: SchemaError = errors[0]
            return first
        finally:
            self._idle.append(schema)


class Compiled:
    """What our SOAP 1.1 and 1.2 have in common; mixed in before Spyne's class.

    Args:
        schemas: schemas that know every wrapper of the service.
        gate: decides who may enter.
        tally: counts what had to be forgiven.
        limits: how much a message may hold.
    """

    app: Any
    event_manager: Any
    ns_soap_env: str

    def __init__(self, schemas: Schemas, gate: Gate, tally: Tally, limits: safe_xml.Limits) -> None:
        super().__init__()
        self._schemas, self._gate, self._tally, self._limits = schemas, gate, tally, limits
        soap = ns.PREFIXES[self.ns_soap_env]
        self._envelope_tag = ns.tag(self.ns_soap_env, "Envelope")
        self._header_tag = ns.tag(self.ns_soap_env, "Header")
        self._body_tag = ns.tag(self.ns_soap_env, "Body")
        self._fault_tag = ns.tag(self.ns_soap_env, "Fault")
        self._before_header = f'{XML_DECLARATION}<{soap}:Envelope xmlns:{soap}="{self.ns_soap_env}">'
        self._before_body = f"{self._before_header}<{soap}:Body>"
        self._after_body = f"</{soap}:Body></{soap}:Envelope>"

    def get_context(self, parent: Any, transport: Any) -> None:
        """Return nothing: our protocols keep nothing beside the call's own context."""

    # -- in ----------------------------------------------------------------------------------------------------------
    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Parse the bytes of ``ctx.in_string`` into ``ctx.in_document``. Raises SoapFault."""
        try:
            ctx.in_document = safe_xml.parse(b"".join(ctx.in_string), limits=self._limits, charset=charset)
        except InvalidMessage as error:
            raise faults.to_fault(error) from error

    def decompose_incoming_envelope(self, ctx: Any, message: Any = None) -> None:
        """Find the operation, judge headers and caller, validate; sets the parts of *ctx*. Raises SoapFault."""
        try:
            headers, wrapper = self._open(ctx.in_document)
            require_understood(headers, self.ns_soap_env)
            tag = wrapper.tag
            descriptor = self._descriptor(wrapper, tag)
            ctx.method_request_string = tag
            if descriptor.name not in OPEN_OPERATIONS:
                ctx.udc.identity = self._gate.admit(headers, ctx.udc.environ)
            self._validate(wrapper, descriptor.in_message)
        except Exception as error:
            raise faults.to_fault(error) from error
        ctx.in_header_doc, ctx.in_body_doc = headers, wrapper

    def generate_method_contexts(self, ctx: Any) -> list[Any]:
        """Return *ctx* itself, told its operation: nothing of ours runs beside the operation, so no copies."""
        (ctx.descriptor,) = self.app.interface.service_method_map[ctx.method_request_string]
        return [ctx]

    def deserialize(self, ctx: Any, message: Any) -> None:
        """Read the wrapper's members into ``ctx.in_object``. Raises SoapFault."""
        self._fire("before_deserialize", ctx)
        model = ctx.descriptor.in_message
        try:
            wrapper = reader(model)(ctx.in_body_doc)
        except Unreadable as error:
            raise faults.to_fault(explain_unreadable(ctx.in_body_doc, model, error)) from error
        ctx.in_object = list(wrapper.__dict__.values())
        # The tree is large and no longer needed; the context outlives it.
        ctx.in_string = ctx.in_document = ctx.in_body_doc = ctx.in_header_doc = None
        self._fire("after_deserialize", ctx)

    def _fire(self, event: str, ctx: Any) -> None:
        if event in self.event_manager.handlers:
            self.event_manager.fire_event(event, ctx)

    def _open(self, envelope: Element) -> tuple[list[Element], Element]:
        """Return the header blocks and the one element of the body (SOAP 1.1, section 4)."""
        if envelope.tag != self._envelope_tag:
            came = f"{local_name(envelope.tag)} of {namespace_of(envelope.tag) or 'no namespace'}"
            text = f"the message is {came}; expected Envelope of {self.ns_soap_env}"
            if local_name(envelope.tag) == "Envelope":
                raise faults.WrongVersion(text)
            raise InvalidMessage(text, line=_line(envelope), path=local_name(envelope.tag))
        headers: list[Element] = []
        for child in envelope:
            tag = child.tag
            if tag == self._body_tag:
                return headers, self._only_child(child)
            if tag == self._header_tag:
                headers = list(child)
        raise InvalidMessage("the envelope has no soap:Body", line=_line(envelope), path="Envelope")

    def _only_child(self, body: Element) -> Element:
        if len(body) != 1:
            text = f"soap:Body has {len(body)} elements" if len(body) else "soap:Body is empty"
            raise InvalidMessage(f"{text}; expected the element of one operation", _line(body), "Envelope/Body")
        return body[0]

    def _descriptor(self, wrapper: Element, tag: str) -> Any:
        """Return Spyne's description of the operation. Raises InvalidMessage when there is none of that name."""
        operations = self.app.interface.service_method_map
        descriptors = operations.get(tag)
        if descriptors:
            return descriptors[0]
        if tag == self._fault_tag:
            raise InvalidMessage("a soap:Fault is no request", _line(wrapper), "Envelope/Body/Fault")
        name, namespace = local_name(tag), namespace_of(tag) or "no namespace"
        tns = self.app.tns
        if f"{{{tns}}}{name}" in operations:
            text = f"the operation {name} came in {namespace}; expected the namespace {tns}"
        else:
            known = ", ".join(sorted(local_name(known_tag) for known_tag in operations))
            text = f"there is no operation {name} of {namespace}; expected one of {known}, of {tns}"
        raise InvalidMessage(text, line=_line(wrapper), path=f"Envelope/Body/{name}")

    def _validate(self, wrapper: Element, model: Any) -> None:
        """Validate; once more in the forgiven form. Raises InvalidMessage with a full explanation."""
        if self._schemas.first_error(wrapper) is None:
            return
        used = forgive(wrapper, model, self.app.tns)
        error = self._schemas.first_error(wrapper)
        if error is not None:
            raise explain(wrapper, model, error)
        self._tally.add(used)
        log.info("request forgiven", operation=local_name(wrapper.tag), kinds=dict(used))

    # -- out ---------------------------------------------------------------------------------------------------------
    def serialize(self, ctx: Any, message: Any) -> None:
        """Write the answer or the fault into ``ctx.out_document``, as text."""
        self._fire("before_serialize", ctx)
        if ctx.out_error is not None:
            ctx.out_document = self.fault_text(ctx.out_error)
        else:
            model = ctx.descriptor.out_message
            opening, write, closing, key = _wrapping(model)
            pieces = [self._before_body, opening]
            wrapper = model.__new__(model)
            wrapper.__dict__ = {key: ctx.out_object[0]}
            write(wrapper, pieces.append)
            pieces += (closing, self._after_body)
            ctx.out_document = "".join(pieces)
        self._fire("after_serialize", ctx)

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:
        """Encode ``ctx.out_document`` into ``ctx.out_string``."""
        ctx.out_string = [ctx.out_document.encode()]

    def fault_text(self, fault: Any) -> str:
        """Return the whole envelope of *fault*."""
        raise NotImplementedError


class GatewaySoap11(Compiled, Soap11):
    """SOAP 1.1 as the WSDL shows it."""

    def fault_text(self, fault: Any) -> str:
        """Return the whole envelope of *fault*."""
        return f"{self._before_body}{faults.fault_body11(fault)}{self._after_body}"


class GatewaySoap12(Compiled, Soap12):
    """SOAP 1.2, for callers that send it."""

    def fault_text(self, fault: Any) -> str:
        """Return the whole envelope of *fault*, with the headers that were not understood."""
        blocks = faults.not_understood_headers12(fault)
        soap = ns.PREFIXES[ns.SOAP12]
        header = f"<{soap}:Header>{blocks}</{soap}:Header>" if blocks else ""
        return f"{self._before_header}{header}<{soap}:Body>{faults.fault_body12(fault)}{self._after_body}"


@cache
def _wrapping(model: Any) -> tuple[str, Callable[[Any, Callable[[str], None]], None], str, str]:
    """Return the opening tag, the writer and the closing tag of an answer's wrapper, and the name of its one member."""
    namespace = model.get_namespace()
    name = prefixed(f"{{{namespace}}}{model.get_type_name()}")
    (key,) = model._type_info
    return f"<{name}{declarations(namespaces_of(model) | {namespace})}>", writer(model), f"</{name}>", key


def _line(element: Element) -> int | None:
    line: Any = element.sourceline
    return None if line is None else int(line)
