"""Who is calling: WS-Security UsernameToken, HTTP Basic, or the anonymous user for callers with an empty header.

Policy of the field: a user name and a clear-text password over TLS. So passwords are refused on a connection that is
neither encrypted nor local, unless a setting allows it. Whether a password is right is asked of the use case.

Headers are looked at before any work (SOAP 1.1, section 4.2.3): one that must be understood and is not ends the call.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple, Protocol

from gateway.domain.errors import NotAuthenticated
from gateway.domain.permission import Identity
from gateway.formats import namespaces as ns
from gateway.soap.faults import NotUnderstood
from gateway.soap.reader import TRUE, Element

SECURITY: Final = ns.tag(ns.WSSE, "Security")
UNDERSTOOD: Final = frozenset({SECURITY})
"""Headers that may say mustUnderstand."""

USERNAME_TOKEN: Final = ns.tag(ns.WSSE, "UsernameToken")
USERNAME: Final = ns.tag(ns.WSSE, "Username")
PASSWORD: Final = ns.tag(ns.WSSE, "Password")
PASSWORD_TEXT: Final = "#PasswordText"  # noqa: S105 (the end of a type's name)
PASSWORD_DIGEST: Final = "#PasswordDigest"  # noqa: S105 (the end of a type's name)

REALM: Final = 'Basic realm="gateway", charset="UTF-8"'
MAX_CREDENTIAL_CHARACTERS: Final = 1024
"""Longest user name or password that is looked at; nobody has a longer one, and hashing costs."""

# An actor or role that means "whoever receives this first" or "whoever it is for"; both are us.
ACTOR_NEXT: Final = "http://schemas.xmlsoap.org/soap/actor/next"
ROLE_NEXT: Final = f"{ns.SOAP12}/role/next"
ROLE_RECEIVER: Final = f"{ns.SOAP12}/role/ultimateReceiver"

_LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class Access(Protocol):
    """The use case that knows users; what it returns is remembered by it, not here."""

    def authenticate(self, user_name: str, password: str) -> Identity:
        """Return the user. Raises NotAuthenticated."""

    def anonymous(self, user_name: str) -> Identity:
        """Return the user that callers without credentials act as. Raises NotAuthenticated."""


class Credentials(NamedTuple):
    """A user name and a password, and whether they came by HTTP Basic."""

    user_name: str
    password: str
    is_basic: bool

    def __repr__(self) -> str:
        return f"Credentials({self.user_name!r}, ***)"


class BasicRefused(NotAuthenticated):
    """HTTP Basic credentials that are not right: the answer also says so in HTTP, with 401 and a challenge."""


class Peers:
    """Addresses and networks, such as the proxies that are trusted.

    Args:
        networks: such as ``10.0.0.7`` or ``10.0.0.0/8``. Raises ValueError for anything else.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(one, strict=False) for one in networks]

    def __contains__(self, address: object) -> bool:
        return bool(self._networks) and _is_in(str(address), self._networks)


class Gate:
    """Decides who may enter, from the headers of HTTP and of SOAP.

    Args:
        access: the use case that knows users.
        allow_plain_http: accept passwords on any connection.
        anonymous_user: user that callers without credentials act as; None refuses them.
        trusted_proxies: peers whose X-Forwarded-Proto is believed.
    """

    def __init__(
        self, access: Access, allow_plain_http: bool, anonymous_user: str | None, trusted_proxies: Peers
    ) -> None:
        self._access = access
        self._allow_plain_http = allow_plain_http
        self._anonymous_user = anonymous_user
        self._trusted_proxies = trusted_proxies

    def admit(self, headers: Iterable[Element], environ: Mapping[str, Any]) -> Identity:
        """Return who is calling.

        Args:
            headers: the children of soap:Header.
            environ: WSGI's description of the HTTP request.
        Raises:
            NotAuthenticated: no credentials, wrong ones, or ones that may not travel on this connection.
        """
        credentials = username_token(headers) or basic(environ.get("HTTP_AUTHORIZATION"))
        if credentials is None:
            if self._anonymous_user is None:
                raise NotAuthenticated("no credentials: send a wsse:Security header with a UsernameToken")
            return self._access.anonymous(self._anonymous_user)
        if not self._allow_plain_http and not is_protected(environ, self._trusted_proxies):
            raise NotAuthenticated("passwords are not accepted over plain HTTP: use https")
        if max(len(credentials.user_name), len(credentials.password)) > MAX_CREDENTIAL_CHARACTERS:
            raise _refusal(credentials)
        try:
            return self._access.authenticate(credentials.user_name, credentials.password)
        except NotAuthenticated as error:
            raise _refusal(credentials, str(error)) from error


def _refusal(credentials: Credentials, text: str = "user name or password is not right") -> NotAuthenticated:
    return BasicRefused(text) if credentials.is_basic else NotAuthenticated(text)


def require_understood(headers: Iterable[Element], soap_namespace: str) -> None:
    """Refuse headers for us that must be understood and are not (SOAP 1.1, section 4.2; SOAP 1.2 part 1, section 2.4).

    Raises:
        NotUnderstood: names every such header.
    """
    must_understand = f"{{{soap_namespace}}}mustUnderstand"
    strange = []
    for header in headers:
        must = header.get(must_understand)
        if must and must.strip() in TRUE and header.tag not in UNDERSTOOD and _is_for_us(header, soap_namespace):
            strange.append(str(header.tag))
    if strange:
        raise NotUnderstood(strange)


def _is_for_us(header: Element, soap_namespace: str) -> bool:
    if soap_namespace == ns.SOAP11:
        return (header.get(f"{{{soap_namespace}}}actor") or "") in ("", ACTOR_NEXT)
    return (header.get(f"{{{soap_namespace}}}role") or "") in ("", ROLE_NEXT, ROLE_RECEIVER)


def username_token(headers: Iterable[Element]) -> Credentials | None:
    """Return the credentials of the wsse:Security header; None when there is no UsernameToken.

    Order of its children does not matter; Nonce, Created, Timestamp and whatever else stands there is passed over
    (UsernameToken Profile 1.0, section 3.1).

    Raises:
        NotAuthenticated: two tokens, no user name, a digest, or an unknown type of password.
    """
    tokens = [token for header in headers if header.tag == SECURITY for token in header.iterchildren(USERNAME_TOKEN)]
    if not tokens:
        return None
    if len(tokens) > 1:
        raise NotAuthenticated("more than one wsse:UsernameToken came; send one")
    user_name = password = None
    for child in tokens[0]:
        if child.tag == USERNAME:
            user_name = child.text
        elif child.tag == PASSWORD:
            _require_text(child.get("Type") or PASSWORD_TEXT)
            password = child.text or ""
    if not user_name or not user_name.strip():
        raise NotAuthenticated("the wsse:UsernameToken has no wsse:Username")
    if password is None:
        raise NotAuthenticated("the wsse:UsernameToken has no wsse:Password")
    return Credentials(user_name.strip(), password, is_basic=False)


def _require_text(password_type: str) -> None:
    if password_type.endswith(PASSWORD_DIGEST):
        raise NotAuthenticated(
            "a password of the type PasswordDigest is not supported yet: send PasswordText over https"
        )
    if not password_type.endswith(PASSWORD_TEXT):
        raise NotAuthenticated("the type of the wsse:Password is not known: send PasswordText over https")


def basic(authorization: str | None) -> Credentials | None:
    """Return the credentials of an ``Authorization: Basic`` header (RFC 7617); None when there is none.

    Raises:
        BasicRefused: it cannot be read.
    """
    scheme, _, coded = (authorization or "").partition(" ")
    if scheme.casefold() != "basic":
        return None
    try:
        pair = b64decode(coded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise BasicRefused("the Authorization header cannot be read") from None
    try:
        user_name, colon, password = pair.decode("utf-8").partition(":")
    except UnicodeDecodeError:  # what older clients send; the challenge asks for UTF-8
        user_name, colon, password = pair.decode("iso-8859-1").partition(":")
    if not colon or not user_name:
        raise BasicRefused("the Authorization header has no user name and password")
    return Credentials(user_name, password, is_basic=True)


def is_protected(environ: Mapping[str, Any], trusted_proxies: Peers) -> bool:
    """Return whether a password may travel on this connection: it is encrypted or does not leave the machine.

    What a proxy says is believed only of those that are trusted; and then it counts alone, because the connection that
    ends here is not the one that the password came by.
    """
    peer = str(environ.get("REMOTE_ADDR") or "")
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO")
    if forwarded is not None and peer in trusted_proxies:
        return str(forwarded).rpartition(",")[2].strip().casefold() == "https"
    return environ.get("wsgi.url_scheme") == "https" or is_loopback(peer)


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Return whether *address* is one of this machine's own."""
    return _is_in(address, _LOOPBACK)


def _is_in(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks)
