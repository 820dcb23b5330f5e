"""How an attempt ended, and what follows from it: one table (PUB-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.domain.outbox import Outcome


class Finding(StrEnum):
    """What was seen on the wire; `OUTCOME_OF` says what it means."""

    ACCEPTED = "accepted"
    """An answer of the service that is no fault; the destination has the message."""
    NOT_REACHED = "not reached"
    """No connection: refused, unknown host, no route, connect timeout. Nothing was sent."""
    OVERLOADED = "overloaded"
    """HTTP 408, 425, 429, 502, 503 or 504: the way to the service is closed for now."""
    SERVER_FAULT = "server fault"
    """A soap:Server fault (or SOAP 1.2's Receiver): the receiver's trouble, not the message's."""
    TIMED_OUT = "timed out"
    """Sent, and no answer in time."""
    CONNECTION_LOST = "connection lost"
    """Sent, at least in part, and the connection broke before the answer was complete."""
    EMPTY_ANSWER = "empty answer"
    """HTTP 2xx without a body."""
    UNREADABLE_ANSWER = "unreadable answer"
    """An answer that is cut off, not well-formed, or too large to be read."""
    FAILED_WITHOUT_FAULT = "failed without a fault"
    """HTTP 5xx of the application, and no SOAP fault with it."""
    UNEXPECTED = "unexpected"
    """Our own code failed around the call; whether the message went out is not known."""
    CLIENT_FAULT = "client fault"
    """A soap:Client fault (or SOAP 1.2's Sender): the message is at fault."""
    VALIDATION_FAULT = "validation fault"
    """The detail or the text names a broken business rule or argument. JAX-WS servers send those as soap:Server."""
    MESSAGE_TOO_LARGE = "message too large"
    """HTTP 413."""
    CANNOT_BE_SENT = "cannot be sent"
    """The message key or payload cannot go into a request; nothing was sent."""
    NOT_SOAP = "not SOAP"
    """A page or another document where a SOAP answer belongs; or HTTP 4xx without a fault."""
    NOT_AUTHORISED = "not authorised"
    """HTTP 401, 403 or 407, or a WS-Security fault."""
    REDIRECTED = "redirected"
    """HTTP 3xx: never followed."""
    WRONG_NAMESPACE = "wrong namespace"
    """SOAP, but not the answer of this operation; or a VersionMismatch or MustUnderstand fault."""
    NOT_TRUSTED = "not trusted"
    """The TLS handshake failed, the certificate for one. Nothing was sent."""


OUTCOME_OF: Final[Mapping[Finding, Outcome]] = MappingProxyType(
    {
        Finding.ACCEPTED: Outcome.DELIVERED,
        # Retried with growing delay, then hospital.
        Finding.NOT_REACHED: Outcome.TRANSIENT,
        Finding.OVERLOADED: Outcome.TRANSIENT,
        Finding.SERVER_FAULT: Outcome.TRANSIENT,
        # It may have arrived: what the destination's mode allows.
        Finding.TIMED_OUT: Outcome.UNKNOWN,
        Finding.CONNECTION_LOST: Outcome.UNKNOWN,
        Finding.EMPTY_ANSWER: Outcome.UNKNOWN,
        Finding.UNREADABLE_ANSWER: Outcome.UNKNOWN,
        Finding.FAILED_WITHOUT_FAULT: Outcome.UNKNOWN,
        Finding.UNEXPECTED: Outcome.UNKNOWN,
        # Hospital at once: only a person can help.
        Finding.CLIENT_FAULT: Outcome.REFUSED,
        Finding.VALIDATION_FAULT: Outcome.REFUSED,
        Finding.MESSAGE_TOO_LARGE: Outcome.REFUSED,
        Finding.CANNOT_BE_SENT: Outcome.REFUSED,
        # The destination is not what the setting says; no message is at fault, so none burns an attempt.
        Finding.NOT_SOAP: Outcome.CONTRACT,
        Finding.NOT_AUTHORISED: Outcome.CONTRACT,
        Finding.REDIRECTED: Outcome.CONTRACT,
        Finding.WRONG_NAMESPACE: Outcome.CONTRACT,
        Finding.NOT_TRUSTED: Outcome.CONTRACT,
    }
)
"""The table of PUB-08: every finding has exactly one outcome."""

_BY_HTTP_STATUS: Final[Mapping[int, Finding]] = MappingProxyType(
    {
        401: Finding.NOT_AUTHORISED,
        403: Finding.NOT_AUTHORISED,
        407: Finding.NOT_AUTHORISED,
        408: Finding.OVERLOADED,
        413: Finding.MESSAGE_TOO_LARGE,
        425: Finding.OVERLOADED,
        429: Finding.OVERLOADED,
        502: Finding.OVERLOADED,
        503: Finding.OVERLOADED,
        504: Finding.OVERLOADED,
    }
)

_CLOSES_THE_WAY = frozenset({Finding.NOT_REACHED, Finding.OVERLOADED, Finding.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class Delivery:
    """How handing over one message ended.

    Attributes:
        finding: what was seen.
        reason: for the operator; empty when accepted.
        answer: what the destination answered, as it came, cut to `MAX_KEPT_CHARACTERS`; None when nothing came.
        retry_after_seconds: how long the destination asked to be left alone.
    """

    finding: Finding
    reason: str = ""
    http_status: int | None = None
    answer: str | None = None
    retry_after_seconds: float | None = None

    @property
    def outcome(self) -> Outcome:
        """What follows (PUB-08)."""
        return OUTCOME_OF[self.finding]

    @property
    def closes_the_way(self) -> bool:
        """True when no other message to this destination would do better right now."""
        return self.finding in _CLOSES_THE_WAY or self.outcome is Outcome.CONTRACT


MAX_KEPT_CHARACTERS = 4000
"""How much of an answer is kept in the history of a message."""


def finding_of_status(http_status: int) -> Finding | None:
    """Return what an HTTP status says before anybody looks at the body; None when the body decides."""
    if 300 <= http_status < 400:
        return Finding.REDIRECTED
    return _BY_HTTP_STATUS.get(http_status)


def finding_of_fault(code: str, text: str, details: frozenset[str]) -> Finding:
    """Return what a SOAP fault says.

    Args:
        code: ``faultcode`` as it came, such as ``soapenv:Client.Validation``.
        text: ``faultstring``.
        details: local names of the elements in ``detail``.
    """
    local = code.strip().rpartition(":")[2]
    first = local.partition(".")[0]
    if local in _SECURITY_FAULTS:
        return Finding.NOT_AUTHORISED
    if first in ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown"):
        return Finding.WRONG_NAMESPACE
    if details & _REFUSING_DETAILS or "VALIDATION_ERROR" in text:
        return Finding.VALIDATION_FAULT
    if first in ("Client", "Sender"):
        return Finding.CLIENT_FAULT
    return Finding.SERVER_FAULT


_REFUSING_DETAILS = frozenset({"ValidationWSFaultException", "IllegalArgumentWSFaultException"})
_SECURITY_FAULTS = frozenset(
    {
        "FailedAuthentication",
        "FailedCheck",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "SecurityTokenUnavailable",
        "UnsupportedAlgorithm",
        "UnsupportedSecurityToken",
    }
)
