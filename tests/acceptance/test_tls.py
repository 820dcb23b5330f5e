"""Passwords travel encrypted: the gateway's own TLS, a proxy's, and what happens to a password without either."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import trustme
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from gateway.formats import namespaces as ns
from tests.acceptance.running import PASSWORD, SOAP_PATH, environment_for, free_port, run_command, wait_until
from tests.interop import demo_data

pytestmark = pytest.mark.xdist_group("tls")

XML = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
BASIC = ("pos", PASSWORD)
QUESTION = (
    f'<soap:Envelope xmlns:soap="{ns.SOAP11}" xmlns:wsse="{ns.WSSE}"><soap:Header>{{}}</soap:Header><soap:Body>'
    f'<s:lookupNonSellableQuantityType xmlns:s="{ns.INVENTORY_ADJUSTMENT_SERVICE}"><n:Nothing xmlns:n="{ns.NOTHING}"/>'
    "</s:lookupNonSellableQuantityType></soap:Body></soap:Envelope>"
)
BY_BASIC = QUESTION.format("")
BY_TOKEN = QUESTION.format(
    "<wsse:Security><wsse:UsernameToken><wsse:Username>pos</wsse:Username>"
    f"<wsse:Password>{PASSWORD}</wsse:Password></wsse:UsernameToken></wsse:Security>"
)
NOT_OVER_PLAIN_HTTP = "passwords are not accepted over plain HTTP: use https"


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: of the authority, and the server's chain and key."""

    authority: Path
    chain: Path
    key: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate for this machine's own names, of an authority that nobody else trusts."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    found = Certificates(folder / "authority.pem", folder / "chain.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(found.authority))
    for number, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(str(found.chain), append=number > 0)
    issued.private_key_pem.write_to_path(str(found.key))
    return found


@pytest.fixture(scope="module")
def database_url(database_template: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demo, for all servers of this module; what they do with it is not the matter here, so one kind is enough."""
    copy = tmp_path_factory.mktemp("tls") / "gateway.db"
    shutil.copy(database_template.sqlite_file, copy)
    url = f"sqlite:///{copy}"
    made = run_command(environment_for(url), "init", "--demo", "--demo-password", PASSWORD)
    assert made.returncode == 0, made.stderr
    return url


@contextmanager
def served(database_url: str, log: Path, *arguments: str, **settings: str) -> Iterator[int]:
    """Run ``gateway serve`` with further *arguments* and *settings*; give its port once it listens."""
    port = free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--port", str(port), "--workers", "1", *arguments]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment_for(database_url, **settings), stdout=output, stderr=output)
        try:
            wait_until(lambda: _listens(port, server), f"the server; see {log.read_text('utf-8')}")
            yield port
        finally:
            server.terminate()
            server.wait(60)


def _listens(port: int, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, "the server ended"
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


@pytest.fixture(scope="module")
def https(database_url: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service over the gateway's own TLS."""
    files = ("--tls-cert", str(certificates.chain), "--tls-key", str(certificates.key))
    with served(database_url, tmp_path_factory.mktemp("https") / "log", *files) as port:
        yield f"https://localhost:{port}{SOAP_PATH}"


@pytest.fixture(scope="module")
def strict(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same without TLS on all addresses, with a proxy on this machine; passwords need protection."""
    with served(
        database_url,
        tmp_path_factory.mktemp("strict") / "log",
        *("--host", "0.0.0.0"),
        GATEWAY_TRUSTED_PROXIES="127.0.0.1",
    ) as port:
        yield f"http://127.0.0.1:{port}{SOAP_PATH}"


@pytest.fixture(scope="module")
def lenient(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same without TLS on all addresses, where the operator allowed passwords."""
    with served(
        database_url,
        tmp_path_factory.mktemp("lenient") / "log",
        *("--host", "0.0.0.0"),
        GATEWAY_ALLOW_PLAIN_HTTP="1",
    ) as port:
        yield f"http://127.0.0.1:{port}{SOAP_PATH}"


@pytest.fixture(scope="module")
def own_address() -> str:
    """An address of this machine that is not loopback; calls to it come from it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, suppress(OSError):
        one.connect(("192.0.2.1", 9))  # sends nothing; it only asks for the way
        address = str(one.getsockname()[0])
        if not address.startswith("127."):
            return address
    pytest.skip("this machine has no address but loopback; the tests with a proxy cover the same decision")


@pytest.fixture
def session(certificates: Certificates) -> Iterator[requests.Session]:
    """An HTTP client that trusts the authority and nobody else."""
    with requests.Session() as one:
        one.trust_env = False
        one.verify = str(certificates.authority)
        yield one


def ask(session: requests.Session, url: str, by: str, **headers: str) -> requests.Response:
    """Ask for what only known users get, with the password in the ``token`` or by HTTP ``basic``."""
    body, credentials = (BY_TOKEN, None) if by == "token" else (BY_BASIC, BASIC)
    return session.post(url, body.encode(), headers={**XML, **headers}, auth=credentials, timeout=20)


def require_answered(answer: requests.Response) -> None:
    """Require that the caller was let in."""
    assert answer.status_code == 200, answer.text
    assert "<NslQtyTypDesc:description>" in answer.text


def require_refused(answer: requests.Response) -> None:
    """Require that the password was refused for the way it came."""
    assert answer.status_code == 500, answer.text
    fault = etree.fromstring(answer.content).find(f".//{ns.tag(ns.SOAP11, 'Fault')}")
    assert [child.text for child in fault] == ["wsse:FailedAuthentication", NOT_OVER_PLAIN_HTTP]


def address_in(wsdl: bytes) -> str:
    """Return where the WSDL sends its clients."""
    (address,) = etree.fromstring(wsdl).iter(ns.tag(ns.WSDL_SOAP11, "address"))
    return str(address.get("location"))


@pytest.mark.parametrize("by", ["token", "basic"])
def test_a_password_is_accepted_over_tls(https: str, session: requests.Session, by: str) -> None:
    require_answered(ask(session, https, by))


def test_zeep_calls_over_tls_where_the_wsdl_sends_it(https: str, session: requests.Session) -> None:
    client = zeep.Client(f"{https}?wsdl", wsse=UsernameToken("pos", PASSWORD), transport=Transport(session=session))
    assert client.service._binding_options["address"] == https
    found = client.service.lookupNonSellableQuantityType(Nothing={}).NslQtyTypDesc
    assert [one.description for one in found] == [row["description"] for row in demo_data.sub_buckets()]
    assert client.service.ping("€ 日本") == "€ 日本"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_wsdl_shows_the_https_address_that_was_called(https: str, session: requests.Session, host: str) -> None:
    url = https.replace("localhost", host)
    assert address_in(session.get(f"{url}?wsdl", timeout=20).content) == url


def test_who_does_not_know_the_authority_does_not_get_through(https: str, session: requests.Session) -> None:
    session.verify = True
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(session, https, "token")


def shake_hands(url: str, certificates: Certificates, version: ssl.TLSVersion) -> str | None:
    """Return the version of TLS that a client gets which knows only *version*."""
    context = ssl.create_default_context(cafile=str(certificates.authority))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # else the client itself would refuse what is old
    context.minimum_version = context.maximum_version = version
    parts = urlsplit(url)
    with (
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), 20) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as wrapped,
    ):
        return wrapped.version()


@pytest.mark.parametrize(
    ("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
def test_tls_from_1_2_on_is_spoken(https: str, certificates: Certificates, version: ssl.TLSVersion, name: str) -> None:
    assert shake_hands(https, certificates, version) == name


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("name", ["TLSv1", "TLSv1_1"])
def test_older_tls_is_refused_by_the_server(https: str, certificates: Certificates, name: str) -> None:
    with pytest.raises(ssl.SSLError, match=r"ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE)"):
        shake_hands(https, certificates, ssl.TLSVersion[name])


def test_plain_http_gets_nothing_where_tls_is_spoken(https: str, session: requests.Session) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        ask(session, https.replace("https:", "http:"), "basic")


@pytest.mark.parametrize("by", ["token", "basic"])
def test_a_password_from_another_address_is_refused_over_plain_http(
    strict: str, session: requests.Session, own_address: str, by: str
) -> None:
    require_refused(ask(session, strict.replace("127.0.0.1", own_address), by))


def test_what_a_stranger_says_of_its_connection_is_not_believed(
    strict: str, session: requests.Session, own_address: str
) -> None:
    url = strict.replace("127.0.0.1", own_address)
    require_refused(ask(session, url, "token", **{"X-Forwarded-Proto": "https"}))


@pytest.mark.parametrize("by", ["token", "basic"])
def test_a_password_from_this_machine_is_accepted_over_plain_http(
    strict: str, session: requests.Session, by: str
) -> None:
    require_answered(ask(session, strict, by))


@pytest.mark.parametrize("by", ["token", "basic"])
def test_behind_a_proxy_counts_how_the_password_came_to_it(strict: str, session: requests.Session, by: str) -> None:
    require_refused(ask(session, strict, by, **{"X-Forwarded-Proto": "http"}))
    require_refused(ask(session, strict, by, **{"X-Forwarded-Proto": "https, http"}))
    require_answered(ask(session, strict, by, **{"X-Forwarded-Proto": "https"}))


def test_behind_a_proxy_the_wsdl_shows_the_https_address(strict: str, session: requests.Session) -> None:
    answer = session.get(f"{strict}?wsdl", headers={"X-Forwarded-Proto": "https"}, timeout=20)
    assert address_in(answer.content) == strict.replace("http:", "https:")


@pytest.mark.parametrize("by", ["token", "basic"])
def test_an_operator_may_allow_passwords_over_plain_http(
    lenient: str, session: requests.Session, own_address: str, by: str
) -> None:
    require_answered(ask(session, lenient.replace("127.0.0.1", own_address), by))


@pytest.mark.parametrize("given", ["--tls-cert", "--tls-key"])
def test_a_certificate_without_its_key_is_no_tls(database_url: str, certificates: Certificates, given: str) -> None:
    refused = run_command(environment_for(database_url), "serve", given, str(certificates.chain))
    assert refused.returncode == 2
    assert "--tls-cert and --tls-key go together" in refused.stderr
