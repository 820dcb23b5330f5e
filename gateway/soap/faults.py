# mypy: allow-subclassing-any
# (Spyne has no type information, so every class of it is Any to the type checker.)
"""The one table from what the gateway refuses to what a SOAP client gets.

| error | detail element | fault code |
|---|---|---|
| InvalidMessage | IllegalArgumentWSFaultException | Client |
| RulesBroken | ValidationWSFaultException, one BusinessProblemDetail per problem | Client |
| AccessDenied | ValidationWSFaultException, one BusinessProblemDetail per permission | Client |
| NotAuthenticated | none: it is about the header (SOAP 1.1, section 4.4) | wsse:FailedAuthentication |
| NotUnderstood | none: it is about the header | MustUnderstand |
| WrongVersion | none | VersionMismatch |
| BusyTryAgain | IllegalStateWSFaultException | Server |
| anything else | IllegalStateWSFaultException with a reference number, and nothing more | Server |

Validation faults begin with the token that clients in the field look for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import uuid4

import structlog
from spyne import Fault

from gateway.domain.errors import (
    AccessDenied,
    BusyTryAgain,
    GatewayError,
    InvalidMessage,
    NotAuthenticated,
    Problem,
    RulesBroken,
)
from gateway.formats import namespaces as ns
from gateway.soap import types
from gateway.soap.writer import element_text, escape

log = structlog.get_logger()

VALIDATION_ERROR: Final = "VALIDATION_ERROR"
CLIENT: Final = "Client"
SERVER: Final = "Server"
MUST_UNDERSTAND: Final = "MustUnderstand"
VERSION_MISMATCH: Final = "VersionMismatch"
FAILED_AUTHENTICATION: Final = "FailedAuthentication"
"""Fault code of WS-Security (SOAP Message Security 1.0, section 12); its namespace is that of wsse."""


class NotUnderstood(GatewayError):
    """A header that must be understood is not (SOAP 1.1, section 4.2.3).

    Args:
        tags: Clark names of the headers.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        self.tags = tuple(tags)
        super().__init__(f"the header {', '.join(tags)} says that it must be understood, and is not")


class WrongVersion(GatewayError):
    """The envelope belongs to another version of SOAP than the Content-Type (SOAP 1.1, section 4.1.2)."""


class SoapFault(Fault):
    """A fault on its way out; a fault of Spyne's so that its events and error handling see what they know.

    Args:
        code: one of the codes above, without prefix.
        text: faultstring.
        detail_object: instance of a fault model; its class names the detail element. None = no detail.
        not_understood: Clark names of headers, for SOAP 1.2.
    """

    def __init__(self, code: str, text: str, detail_object: Any = None, *, not_understood: Sequence[str] = ()) -> None:
        super().__init__(code, text)
        self.detail_object = detail_object
        self.not_understood = tuple(not_understood)


class Detail(NamedTuple):
    """One problem as the wire carries it: sentences, and named values."""

    text: str
    entries: Sequence[tuple[str, str]]


def to_fault(error: BaseException) -> SoapFault:
    """Return the fault for *error*. What is not in the table is logged whole and leaves with a number only."""
    match error:
        case SoapFault():
            return error
        case InvalidMessage():
            return _illegal_argument(error)
        case RulesBroken():
            return _rules_broken(error)
        case AccessDenied():
            return _access_denied(error)
        case NotAuthenticated():
            return SoapFault(FAILED_AUTHENTICATION, str(error))
        case NotUnderstood():
            return SoapFault(MUST_UNDERSTAND, str(error), not_understood=error.tags)
        case WrongVersion():
            return SoapFault(VERSION_MISMATCH, str(error))
        case BusyTryAgain():
            text = str(error) or "others are changing the same data; nothing was changed, send the request again"
            return SoapFault(SERVER, text, _detail(types.IllegalStateWSFaultException, text))
        case _:
            return _unknown(error)


def _illegal_argument(error: InvalidMessage) -> SoapFault:
    entries = [("path", error.path or ""), ("line", "" if error.line is None else str(error.line))]
    problem = Detail(error.text, [(name, value) for name, value in entries if value])
    text = str(error)
    return SoapFault(CLIENT, text, _detail(types.IllegalArgumentWSFaultException, error.text, text, [problem]))


def _rules_broken(error: RulesBroken) -> SoapFault:
    problems = error.problems
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    first = str(problems[0]) if problems else "a business rule is broken"
    return _validation(f"{first}{more}", str(error), map(_problem, problems))


def _access_denied(error: AccessDenied) -> SoapFault:
    details = (
        Detail(
            f"user {error.user_name} lacks the permission {permission}",
            [("rule", error.rule), ("field", "permission"), ("value", permission)],
        )
        for permission in error.permissions
    )
    return _validation(str(error), None, details)


def _validation(summary: str, description: str | None, problems: Iterable[Detail]) -> SoapFault:
    text = f"{VALIDATION_ERROR}: {summary}"
    return SoapFault(CLIENT, text, _detail(types.ValidationWSFaultException, text, description, problems))


def _problem(problem: Problem) -> Detail:
    values = (
        ("rule", problem.rule),
        ("line", problem.line),
        ("line_id", problem.line_id),
        ("item_id", problem.item_id),
        ("field", problem.field),
        ("value", problem.value),
        ("remedy", problem.remedy),
    )
    return Detail(problem.text, [(name, str(value)) for name, value in values if value not in (None, "")])


def _unknown(error: BaseException) -> SoapFault:
    reference = str(uuid4())
    log.error("request failed", reference=reference, exc_info=error)
    text = f"the gateway failed; its log has more under the reference {reference}"
    problem = Detail(text, [("reference", reference)])
    return SoapFault(SERVER, text, _detail(types.IllegalStateWSFaultException, text, None, [problem]))


def _detail(model: Any, short: str, description: str | None = None, problems: Iterable[Detail] = ()) -> Any:
    return types.build(
        model,
        shortErrorMessage=short,
        errorDescription=description,
        BusinessProblemDetail=[
            types.build(
                types.BusinessProblemDetail,
                problemDescription=[problem.text],
                ProblemDetailEntry=[
                    types.build(types.ProblemDetailEntry, name=name, value=value) for name, value in problem.entries
                ],
            )
            for problem in problems
        ],
    )


def fault_body11(fault: Fault) -> str:
    """Return the soap:Fault element of SOAP 1.1: faultcode, faultstring, detail, and nothing else (section 4.4)."""
    code = str(fault.faultcode)
    declared = ""
    if code == FAILED_AUTHENTICATION:
        declared, prefix = f' xmlns:wsse="{ns.WSSE}"', "wsse"
    else:
        prefix = ns.PREFIXES[ns.SOAP11]
    soap = ns.PREFIXES[ns.SOAP11]
    return (
        f"<{soap}:Fault><faultcode{declared}>{prefix}:{escape(code)}</faultcode>"
        f"<faultstring>{escape(str(fault.faultstring))}</faultstring>"
        f"{''.join(_detail_element('detail', fault))}</{soap}:Fault>"
    )


def fault_body12(fault: Fault) -> str:
    """Return the Fault element of SOAP 1.2: Code, Reason, Detail (part 1, section 5.4)."""
    code = str(fault.faultcode)
    soap = ns.PREFIXES[ns.SOAP12]
    subcode = ""
    if code == FAILED_AUTHENTICATION:
        subcode = f'<{soap}:Subcode><{soap}:Value xmlns:wsse="{ns.WSSE}">wsse:{code}</{soap}:Value></{soap}:Subcode>'
    value = {CLIENT: "Sender", SERVER: "Receiver", FAILED_AUTHENTICATION: "Sender"}.get(code, code)
    return (
        f"<{soap}:Fault><{soap}:Code><{soap}:Value>{soap}:{escape(value)}</{soap}:Value>{subcode}</{soap}:Code>"
        f'<{soap}:Reason><{soap}:Text xml:lang="en">{escape(str(fault.faultstring))}</{soap}:Text></{soap}:Reason>'
        f"{''.join(_detail_element(f'{soap}:Detail', fault))}</{soap}:Fault>"
    )


def not_understood_headers12(fault: Fault) -> str:
    """Return the NotUnderstood header blocks of SOAP 1.2 (part 1, section 5.4.8)."""
    soap = ns.PREFIXES[ns.SOAP12]
    blocks = []
    for tag in getattr(fault, "not_understood", ()):
        namespace, _, name = tag.rpartition("}")
        declared = f' xmlns:h="{escape(namespace[1:])}"' if namespace else ""
        blocks.append(f'<{soap}:NotUnderstood{declared} qname="{"h:" if namespace else ""}{escape(name)}"/>')
    return "".join(blocks)


def _detail_element(name: str, fault: Fault) -> Iterator[str]:
    inner = getattr(fault, "detail_object", None)
    if inner is not None:
        model = type(inner)
        yield f"<{name}>"
        yield element_text(f"{{{ns.EXCEPTION}}}{model.get_type_name()}", model, inner)
        yield f"</{name}>"
