"""Who may enter: tokens, Basic, nobody; over which connection; and headers that must be understood."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from gateway.formats import namespaces as ns
from gateway.soap.application import SoapSettings
from gateway.soap.security import Credentials, Peers, is_protected
from tests.unit.soap.soap_calls import PASSWORD_TYPE, PAYLOAD, TOKEN, Client, envelope, operation, save

UTILITY = ns.WSU


def security(inner: str, attributes: str = "") -> str:
    return f'<wsse:Security xmlns:wsse="{ns.WSSE}" xmlns:wsu="{UTILITY}"{attributes}>{inner}</wsse:Security>'


def token(*children: str) -> str:
    return security(f"<wsse:UsernameToken>{''.join(children)}</wsse:UsernameToken>")


USER = "<wsse:Username>pos</wsse:Username>"
PASSWORD = "<wsse:Password>secret</wsse:Password>"
TYPED = f'<wsse:Password Type="{PASSWORD_TYPE}PasswordText">secret</wsse:Password>'
NONCE = "<wsse:Nonce>AAAA</wsse:Nonce>"
CREATED = "<wsu:Created>2026-03-04T05:06:07Z</wsu:Created>"
STAMP = "<wsu:Timestamp><wsu:Created>2026-03-04T05:06:07Z</wsu:Created></wsu:Timestamp>"


def asked(header: str, operation_name: str = "saveInventoryAdjustment") -> bytes:
    return operation(operation_name, PAYLOAD, header)


def basic(user: str, password: str, charset: str = "utf-8") -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Basic {b64encode(f'{user}:{password}'.encode(charset)).decode()}"}


GOOD = {
    "plain": token(USER, PASSWORD),
    "typed": token(USER, TYPED),
    "type without its address": token(USER, '<wsse:Password Type="#PasswordText">secret</wsse:Password>'),
    "nonce and created": token(USER, TYPED, NONCE, CREATED),
    "any order": token(NONCE, CREATED, TYPED, USER),
    "timestamp before": security(f"{STAMP}<wsse:UsernameToken>{USER}{TYPED}</wsse:UsernameToken>"),
    "must be understood": TOKEN.replace("<wsse:Security ", '<wsse:Security soap:mustUnderstand="1" '),
    "beside strange headers": f'<x:a xmlns:x="urn:x"/>{TOKEN}<x:b xmlns:x="urn:x" soap:mustUnderstand="0"/>',
    "user name with blanks around": token("<wsse:Username>\n pos\n</wsse:Username>", PASSWORD),
}


@pytest.mark.parametrize("header", GOOD.values(), ids=GOOD.keys())
def test_a_password_in_clear_text_is_enough(client: Client, header: str) -> None:
    assert client.call(asked(header)).status == 200
    assert client.stub.calls[0][1].user_name == "pos"


BAD = {
    "nothing": ("", "no credentials"),
    "empty Security": (security(""), "no credentials"),
    "only a timestamp": (security(STAMP), "no credentials"),
    "wrong password": (token(USER, "<wsse:Password>wrong</wsse:Password>"), "user name or password is not right"),
    "unknown user": (token("<wsse:Username>x</wsse:Username>", PASSWORD), "user name or password is not right"),
    "no user name": (token(PASSWORD), "no wsse:Username"),
    "empty user name": (token("<wsse:Username> </wsse:Username>", PASSWORD), "no wsse:Username"),
    "no password": (token(USER), "no wsse:Password"),
    "empty password": (token(USER, "<wsse:Password/>"), "user name or password is not right"),
    "blank behind the password": (token(USER, "<wsse:Password>secret </wsse:Password>"), "not right"),
    "two tokens": (security(2 * f"<wsse:UsernameToken>{USER}{PASSWORD}</wsse:UsernameToken>"), "more than one"),
    "digest": (
        token(USER, f'<wsse:Password Type="{PASSWORD_TYPE}PasswordDigest">x=</wsse:Password>'),
        "PasswordDigest is not supported yet",
    ),
    "unknown type": (token(USER, '<wsse:Password Type="urn:x">secret</wsse:Password>'), "type of the wsse:Password"),
    "endless password": (token(USER, f"<wsse:Password>{'x' * 100_000}</wsse:Password>"), "not right"),
}


@pytest.mark.parametrize(("header", "text"), BAD.values(), ids=BAD.keys())
def test_a_caller_who_is_not_known_gets_a_security_fault(client: Client, header: str, text: str) -> None:
    reply = client.call(asked(header))
    assert (reply.status, reply.fault.code, reply.fault.kind) == (500, "FailedAuthentication", None)
    assert text in reply.fault.text
    assert "WWW-Authenticate" not in reply.headers
    assert not client.stub.calls
    assert "secret" not in reply.fault.text


def test_an_endless_password_is_not_even_compared(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[str] = []
    monkeypatch.setattr(client.stub, "authenticate", lambda user_name, password: asked_for.append(user_name))
    assert client.call(asked(BAD["endless password"][0])).fault.code == "FailedAuthentication"
    assert not asked_for


def test_the_caller_is_asked_for_before_the_request_is_looked_at(client: Client) -> None:
    assert client.call(operation("saveInventoryAdjustment", "<nonsense/>", "")).fault.code == "FailedAuthentication"


def test_ping_asks_nobody(client: Client) -> None:
    assert client.call(operation("ping", "<arg0>x</arg0>", "")).status == 200
    assert client.call(operation("ping", "<arg0>x</arg0>", token(USER))).status == 200


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_basic_is_enough(client: Client, charset: str) -> None:
    assert client.call(asked(""), **basic("jürgen", "pässwörd", charset)).status == 200
    assert client.stub.calls[0][1].user_name == "jürgen"


@pytest.mark.parametrize(
    "environ",
    [basic("pos", "wrong"), {"HTTP_AUTHORIZATION": "Basic !!!"}, {"HTTP_AUTHORIZATION": "Basic cG9z"}, basic("", "x")],
)
def test_wrong_basic_is_401_with_a_challenge_and_a_fault(client: Client, environ: dict[str, str]) -> None:
    reply = client.call(asked(""), **environ)
    assert (reply.status, reply.fault.code) == (401, "FailedAuthentication")
    assert reply.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert not client.stub.calls


def test_the_token_goes_before_basic(client: Client) -> None:
    assert client.call(save(), **basic("jürgen", "pässwörd")).status == 200
    assert client.stub.calls[0][1].user_name == "pos"


def test_other_schemes_are_no_credentials(client: Client) -> None:
    assert "no credentials" in client.call(asked(""), HTTP_AUTHORIZATION="Bearer abc").fault.text


def test_callers_without_credentials_act_as_the_anonymous_user() -> None:
    client = Client(SoapSettings(anonymous_user="legacy"))
    assert client.call(asked(""), REMOTE_ADDR="10.1.1.1").status == 200
    assert client.stub.calls[0][1].user_name == "legacy"


def test_the_anonymous_user_is_no_way_around_a_wrong_password() -> None:
    client = Client(SoapSettings(anonymous_user="legacy"))
    assert client.call(asked(BAD["wrong password"][0])).fault.code == "FailedAuthentication"
    assert client.call(asked(""), **basic("pos", "wrong")).status == 401


PROTECTED: dict[str, tuple[dict[str, Any], bool]] = {
    "loopback": ({"REMOTE_ADDR": "127.0.0.1"}, True),
    "loopback, other number": ({"REMOTE_ADDR": "127.8.9.1"}, True),
    "loopback of IPv6": ({"REMOTE_ADDR": "::1"}, True),
    "loopback of IPv4 in IPv6": ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, True),
    "network": ({"REMOTE_ADDR": "10.1.1.1"}, False),
    "network, TLS": ({"REMOTE_ADDR": "10.1.1.1", "wsgi.url_scheme": "https"}, True),
    "nobody": ({"REMOTE_ADDR": ""}, False),
    "not an address": ({"REMOTE_ADDR": "localhost"}, False),
    "stranger who says https": ({"REMOTE_ADDR": "10.1.1.1", "HTTP_X_FORWARDED_PROTO": "https"}, False),
    "proxy that says https": ({"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_PROTO": "https"}, True),
    "proxy that says HTTPS after another": ({"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_PROTO": "http, HTTPS"}, True),
    "proxy that says http": ({"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_PROTO": "https, http"}, False),
    "proxy that says http over TLS": (
        {"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_PROTO": "http", "wsgi.url_scheme": "https"},
        False,
    ),
    "proxy in a network": ({"REMOTE_ADDR": "192.168.1.9", "HTTP_X_FORWARDED_PROTO": "https"}, True),
}


@pytest.mark.parametrize(("environ", "expected"), PROTECTED.values(), ids=PROTECTED.keys())
def test_passwords_travel_only_encrypted_or_inside(environ: dict[str, Any], expected: bool) -> None:
    proxies = ("10.0.0.7", "192.168.1.0/24")
    assert is_protected({"wsgi.url_scheme": "http"} | environ, Peers(proxies)) is expected
    client = Client(SoapSettings(trusted_proxies=proxies))
    reply = client.call(save(), **environ)
    assert reply.status == (200 if expected else 500)
    if not expected:
        assert reply.fault.code == "FailedAuthentication"
        assert "not accepted over plain HTTP" in reply.fault.text
        assert not client.stub.calls


def test_plain_http_can_be_allowed() -> None:
    client = Client(SoapSettings(allow_plain_http=True))
    assert client.call(save(), REMOTE_ADDR="10.1.1.1").status == 200


def test_a_proxy_must_be_an_address() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Peers(["nonsense"])


STRANGE = '<x:a xmlns:x="urn:x" soap:mustUnderstand="{}"{}/>'
NEXT = ' soap:actor="http://schemas.xmlsoap.org/soap/actor/next"'
OTHER = ' soap:actor="urn:somebody:else"'


@pytest.mark.parametrize(
    ("header", "understood"),
    [
        (STRANGE.format("1", ""), False),
        (STRANGE.format("true", ""), False),
        (STRANGE.format("1", NEXT), False),
        (STRANGE.format("1", OTHER), True),
        (STRANGE.format("0", ""), True),
        ('<x:a xmlns:x="urn:x"/>', True),
    ],
)
def test_headers_that_must_be_understood_end_the_call_before_any_work(
    client: Client, header: str, understood: bool
) -> None:
    reply = client.call(asked(header + TOKEN))
    if understood:
        assert reply.status == 200
    else:
        assert (reply.status, reply.fault.code, reply.fault.kind) == (500, "MustUnderstand", None)
        assert "{urn:x}a" in reply.fault.text
        assert not client.stub.calls


def test_headers_that_must_be_understood_come_before_the_password(client: Client) -> None:
    assert client.call(asked(STRANGE.format("1", ""))).fault.code == "MustUnderstand"


def test_credentials_do_not_print_their_password() -> None:
    assert "secret" not in repr(Credentials("pos", "secret", False))


def test_soap_1_2_names_the_headers_and_the_subcode(client: Client) -> None:
    strange = STRANGE.format("true", "").replace("soap:", "soap:")
    media = "application/soap+xml; charset=utf-8"
    body = f"<s:saveInventoryAdjustment>{PAYLOAD}</s:saveInventoryAdjustment>"
    reply = client.call(envelope(body, strange, ns.SOAP12), media)
    assert reply.status == 500
    block = reply.root.find(f".//{ns.tag(ns.SOAP12, 'NotUnderstood')}")
    prefix, name = block.get("qname").split(":")
    assert (block.nsmap[prefix], name) == ("urn:x", "a")
    reply = client.call(envelope(body, "", ns.SOAP12), media)
    values = [value.text for value in reply.root.iter(ns.tag(ns.SOAP12, "Value"))]
    assert (reply.status, values) == (400, ["soap12env:Sender", "wsse:FailedAuthentication"])
    reply = client.call(envelope(body, "", ns.SOAP12), media, **basic("pos", "wrong"))
    assert reply.status == 401
