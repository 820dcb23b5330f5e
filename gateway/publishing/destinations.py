"""Where messages go, and what the receiver allows after an unknown outcome (PUB-09)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from gateway.domain.errors import WrongSetting
from gateway.domain.outbox import DEFAULT_DESTINATION
from gateway.publishing.retry import RetryPolicy


class Mode(StrEnum):
    """What may be done with a message whose outcome is unknown (PUB-09).

    KEYED: the destination deduplicates on the message key, so it is sent again. QUERY: the destination must be asked
    first; until the gateway can ask, a person does. HOLD: it is never sent again by itself.
    """

    KEYED = "keyed"
    QUERY = "query"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Destination:
    """One receiver of messages.

    Attributes:
        name: as outbox messages name it.
        url: endpoint of its SOAP service.
        user, password: for a WS-Security UsernameToken; both or neither.
        connect_timeout_seconds, read_timeout_seconds: never without; a call that hangs would hang for ever.
        ca_file: certificates to trust instead of the usual ones; empty for the usual ones.
        allow_plain_http: a password may go over http to a host that is not this machine.
    Raises:
        WrongSetting: a value cannot be used; it is named.
    """

    url: str
    name: str = DEFAULT_DESTINATION
    mode: Mode = Mode.KEYED
    user: str = ""
    password: str = field(default="", repr=False)
    connect_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 30.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    ca_file: str = ""
    allow_plain_http: bool = False

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WrongSetting(f"destination {self.name}: {self.url!r} is no http or https address")
        if parts.username or parts.password:
            raise WrongSetting(f"destination {self.name}: user and password have their own settings, not the address")
        if not (self.connect_timeout_seconds > 0 and self.read_timeout_seconds > 0):
            raise WrongSetting(f"destination {self.name}: both timeouts must be more than 0 seconds")
        if bool(self.user) != bool(self.password):
            raise WrongSetting(f"destination {self.name}: give user and password, or neither")
        if self.password and parts.scheme == "http" and not self.allow_plain_http and not _is_loopback(parts.hostname):
            raise WrongSetting(
                f"destination {self.name}: {self.url} would carry the password in the clear; use https, or allow it "
                "with GATEWAY_ALLOW_PLAIN_HTTP=1"
            )

    @property
    def longest_call_seconds(self) -> float:
        """How long one call can take from start to end; a relay's lease must be longer.

        Connecting is tried twice; headers and body of the answer are each waited for.
        """
        return 2 * (self.connect_timeout_seconds + self.read_timeout_seconds)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
