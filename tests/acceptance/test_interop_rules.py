"""The rules by which foreign SOAP stacks can live with the gateway, each over a real connection to a real server.

Rules 1 to 12 are about the WSDL, and proved where it is built; here are 13 to 15, about answers, and 16 to 20, about
requests. One fault cannot be provoked from outside: that of a defect of the gateway (rule 13). It is proved in process.

The request of all these tests takes two packs of batteries out of the stock. So it is seen of each accepted form that
it does just that, and of each refused one that nothing moved.
"""

from __future__ import annotations

import gzip
import re
import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from gateway.formats import contract
from gateway.formats import namespaces as ns
from tests.acceptance.raw_http import CHUNK_END, Connection, RawAnswer, chunks, head, length
from tests.acceptance.running import PASSWORD, SOAP_PATH, Running
from tests.interop.serving import backends, serving
from tests.interop.stack import SERVICE, require_valid

XML = "text/xml; charset=utf-8"
XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
VALIDATION = "ValidationWSFaultException"
ILLEGAL_ARGUMENT = "IllegalArgumentWSFaultException"
PASSWORD_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#"
BUSINESS = "saveAndConfirmInventoryAdjustment"
WRAPPER = ns.INVENTORY_ADJUSTMENT_SERVICE

TEXT = "Crème brûlée – 2 × 120 €, 日本, 😀"
LINE = (
    "<m:StrAdjItmMod><m:item_id>100000147</m:item_id><m:reason_id>83</m:reason_id>"
    "<m:quantity>2</m:quantity><m:case_size>1</m:case_size></m:StrAdjItmMod>"
)
PAYLOAD = f"<m:StrAdjModVo><m:store_id>1311</m:store_id><m:comments>{TEXT}</m:comments>{LINE}</m:StrAdjModVo>"


@pytest.fixture(scope="module", params=backends("rules"))
def gateway(
    request: pytest.FixtureRequest, database_template: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One gateway for all tests of this module, on each kind of database; at the end its books must balance."""
    with serving(request.param, database_template, tmp_path_factory.mktemp("rules")) as one:
        yield one


# -- requests --------------------------------------------------------------------------------------------------------
def envelope(body: str, header: str = "", attributes: str = "") -> str:
    """Return an envelope; prefixes: s = service, m = StrAdjModVo, xsi, xsd, wsse, wsu."""
    return (
        f'<soap:Envelope xmlns:soap="{ns.SOAP11}" xmlns:s="{WRAPPER}" xmlns:m="{ns.STR_ADJ_MOD_VO}"'
        f' xmlns:xsi="{ns.XSI}" xmlns:xsd="{ns.XSD}" xmlns:wsse="{ns.WSSE}" xmlns:wsu="{ns.WSU}"{attributes}>'
        f"<soap:Header>{header}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )


def business(payload: str = PAYLOAD, header: str = "", wrapper: str = f"s:{BUSINESS}", attributes: str = "") -> str:
    """Return the request that takes stock away."""
    return envelope(f"<{wrapper}{attributes}>{payload}</{wrapper.split()[0]}>", header)


def question_for(number: str) -> str:
    """Return the request that reads an adjustment."""
    reference = f'<r:StrAdjRef xmlns:r="{ns.STR_ADJ_REF}"><r:adjustment_id>{number}</r:adjustment_id></r:StrAdjRef>'
    return envelope(f"<s:readInventoryAdjustmentDetail>{reference}</s:readInventoryAdjustmentDetail>")


def with_(old: str, new: str) -> str:
    """Return the request in which *old* is *new*, wherever it stands."""
    assert old in PAYLOAD
    return business(PAYLOAD.replace(old, new))


@dataclass(frozen=True)
class Request:
    """What is sent: text goes out in UTF-8.

    Attributes:
        headers: of HTTP; None takes one away.
        user: sent with its password by HTTP Basic; None sends nobody.
        comments: the text that must be stored, when the request is accepted.
    """

    body: bytes | str
    headers: Mapping[str, str | None] = field(default_factory=dict)
    user: str | None = "pos"
    password: str = PASSWORD
    comments: str = TEXT

    def send(self, gateway: Running) -> requests.Response:
        """Return the answer, which is proper SOAP in every case (rules 13, 14, 15)."""
        headers: dict[str, Any] = {"Content-Type": XML, "SOAPAction": '""', **self.headers}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                gateway.soap_url,
                data=self.body.encode() if isinstance(self.body, str) else self.body,
                headers=headers,
                auth=(self.user, self.password) if self.user else None,
                timeout=20,
            )
        require_proper(answer.headers["Content-Type"], answer.content)
        return answer


def require_proper(media_type: str, content: bytes) -> None:
    """Require what rules 13 to 15 ask of every answer, whether fault or not."""
    assert media_type == XML
    assert content.startswith(XML_DECLARATION)
    content.decode("utf-8")
    require_valid(content)
    for element in etree.fromstring(content).iter():
        assert not [name for name in element.attrib if ns.XSI in str(name)], content  # neither xsi:type nor xsi:nil


# -- answers ---------------------------------------------------------------------------------------------------------
def payload_of(answer: requests.Response) -> Any:
    """Return the payload of an answer that is no fault."""
    assert answer.status_code == 200, answer.text
    (wrapper,) = etree.fromstring(answer.content).find(ns.tag(ns.SOAP11, "Body"))
    (payload,) = wrapper
    return payload


def read(gateway: Running, number: str) -> Any:
    """Return the StrAdjDesc of an adjustment."""
    return payload_of(Request(question_for(number)).send(gateway))


def require_done(gateway: Running, answer: requests.Response, comments: str = TEXT) -> None:
    """Require that the request had the effect of the plain one: this adjustment, confirmed by this user."""
    (number,) = payload_of(answer)
    found = {
        etree.QName(one).localname: one.text if len(one) == 0 else {etree.QName(x).localname: x.text for x in one}
        for one in read(gateway, number.text)
    }
    for differs in ("create_date", "approve_date"):
        found.pop(differs)
    found["StrAdjItm"].pop("line_id")
    assert found == {
        "adjustment_id": number.text,
        "store_id": "1311",
        "status": "COMPLETED",
        "comments": comments,
        "create_user_name": "pos",
        "approve_user_name": "pos",
        "StrAdjItm": {"item_id": "100000147", "reason_id": "83", "quantity": "2", "case_size": "1"},
    }


@dataclass(frozen=True)
class Fault:
    """A fault of SOAP 1.1: the Clark name that is its code, its text, the local name of its detail."""

    code: str
    text: str
    detail: str | None


def fault_of(content: bytes) -> Fault:
    """Return the fault; its shape has to be that of SOAP 1.1, section 4.4, and of the WSDL (rule 13)."""
    (fault,) = etree.fromstring(content).find(ns.tag(ns.SOAP11, "Body"))
    assert fault.tag == ns.tag(ns.SOAP11, "Fault"), content
    names = [child.tag for child in fault]  # unqualified, in this order
    assert names == [n for n in ("faultcode", "faultstring", "faultactor", "detail") if n in names], content
    assert names[:2] == ["faultcode", "faultstring"]
    prefix, code = fault[0].text.split(":")
    detail = fault.find("detail")
    local_name = None
    if detail is not None:
        (element,) = detail
        assert element.tag in declared_faults()
        local_name = etree.QName(element).localname
    return Fault(f"{{{fault[0].nsmap[prefix]}}}{code}", fault[1].text, local_name)


def declared_faults() -> set[str]:
    """Return the Clark names of the elements that the WSDL declares as faults."""
    wsdl = etree.fromstring(contract.read_wsdl(SERVICE))
    local = {str(one.get("name")) for one in wsdl.iter(ns.tag(ns.WSDL, "fault"))}
    assert {VALIDATION, ILLEGAL_ARGUMENT} < local
    return {ns.tag(ns.EXCEPTION, name) for name in local}


# -- what is refused -------------------------------------------------------------------------------------------------
CLIENT = ns.tag(ns.SOAP11, "Client")
MUST_UNDERSTAND = ns.tag(ns.SOAP11, "MustUnderstand")
FAILED_AUTHENTICATION = ns.tag(ns.WSSE, "FailedAuthentication")

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BILLION_LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>' + with_(TEXT, "&l11;")


def token(*children: str, attributes: str = "", before: str = "", after: str = "") -> str:
    """Return a wsse:Security header."""
    inner = "".join(children)
    return f"<wsse:Security{attributes}>{before}<wsse:UsernameToken>{inner}</wsse:UsernameToken>{after}</wsse:Security>"


USER = "<wsse:Username>pos</wsse:Username>"
PLAIN = f"<wsse:Password>{PASSWORD}</wsse:Password>"
TYPED = f'<wsse:Password Type="{PASSWORD_TYPE}PasswordText">{PASSWORD}</wsse:Password>'
DIGEST = f'<wsse:Password Type="{PASSWORD_TYPE}PasswordDigest">weYI3nXd8LjMNVksCKFV8t3rgHh3Rw==</wsse:Password>'
NONCE = "<wsse:Nonce>WScqanjCEAC4mQoBE07sAQ==</wsse:Nonce>"
CREATED = "<wsu:Created>2003-07-16T01:24:32Z</wsu:Created>"
STAMP = f"<wsu:Timestamp>{CREATED}<wsu:Expires>2003-07-16T01:29:32Z</wsu:Expires></wsu:Timestamp>"
STRANGE = '<x:Route xmlns:x="urn:example:route"{}/>'

ILLEGAL: dict[str, tuple[Request, str]] = {
    "malformed XML": (Request(business()[:-9]), "not well-formed"),
    "no XML": (Request("quantity=2"), "not well-formed"),
    "no SOAP": (Request(PAYLOAD.replace("m:", "")), "expected Envelope"),
    "no Body": (Request(f'<e:Envelope xmlns:e="{ns.SOAP11}"/>'), "no soap:Body"),
    "an empty Body": (Request(envelope("")), "soap:Body is empty"),
    "a Body of text": (Request(envelope("2 batteries")), "soap:Body is empty"),
    "two operations": (Request(business().replace("</soap:Body>", "<s:ping/></soap:Body>")), "soap:Body has 2"),
    "bytes that are not UTF-8": (Request(business().encode("windows-1252", "xmlcharrefreplace")), "not well-formed"),
    "bytes that are not ASCII": (
        Request(business(), {"Content-Type": "text/xml; charset=us-ascii"}),
        "of the message is not us-ascii",
    ),
    "half a UTF-16 character": (Request(business().encode("utf-16") + b"\x3c"), "of the message is not utf-16"),
    "a NUL byte": (Request(business().replace("brûlée", "\0")), "NUL byte"),
    "an encoding that nobody has": (
        Request(f'<?xml version="1.0" encoding="KLINGON"?>{business()}', {"Content-Type": "text/xml"}),
        "the encoding klingon is not accepted",
    ),
    "a number for half a character": (Request(with_("😀", "&#xD83D;&#xDE00;")), "not well-formed"),  # Axis 1.4
    "an unknown operation": (Request(business(wrapper="s:deleteEverything")), "there is no operation deleteEverything"),
    "a wrapper in the payload's namespace": (Request(business(wrapper=f"m:{BUSINESS}")), "came in"),
    "a wrapper in no namespace": (Request(business(wrapper=BUSINESS)), "came in no namespace"),
    "no payload": (Request(business("")), "StrAdjModVo"),
    "a number that is a word": (Request(with_(">2<", ">two<")), "a decimal number"),
    "a member that nobody knows": (Request(with_("<m:reason_id>", "<m:why/><m:reason_id>")), "why is not known"),
    "a member too few": (Request(with_("<m:reason_id>83</m:reason_id>", "")), "expected reason_id"),
    "a payload in a strange namespace": (Request(business(PAYLOAD.replace("m:", "xsd:"))), "came in the namespace"),
    "an element inside a number": (Request(with_(">2<", "><m:quantity>2</m:quantity><")), "holds the elements"),
    "an element inside a text": (Request(with_("Crème", "<b>Crème</b>")), "holds the elements b"),
    "a list wrapped once more": (  # PySimpleSOAP
        Request(with_("</m:case_size>", f"</m:case_size>{2 * '<m:added_uin_col>'}A{2 * '</m:added_uin_col>'}")),
        "holds the elements added_uin_col",
    ),
    "a DOCTYPE": (Request(f"<!DOCTYPE x>{business()}"), "DOCTYPE is not allowed"),
    "a DOCTYPE in UTF-16": (Request(f"<!DOCTYPE x>{business()}".encode("utf-16")), "DOCTYPE is not allowed"),
    "an entity": (Request(f'<!DOCTYPE x [<!ENTITY e "2">]>{with_(">2<", ">&e;<")}'), "DOCTYPE is not allowed"),
    "a billion laughs": (Request(BILLION_LAUGHS), "DOCTYPE is not allowed"),
}
"""Faults with the detail IllegalArgumentWSFaultException, and a part of their text."""

BROKEN: dict[str, tuple[Request, str]] = {
    "more than there is in the sub-bucket": (
        Request(business(PAYLOAD.replace(">83<", ">89<").replace(">2<", ">5000<"))),
        "ADJ-05",
    ),
    "an unknown item": (Request(with_("100000147", "999")), "ADJ-16"),
    "an unknown adjustment": (
        Request(with_("<m:store_id>", "<m:adjustment_id>999999999999</m:adjustment_id><m:store_id>")),
        "ADJ-16",
    ),
    "a permission that is missing": (Request(business(), user="clerk"), "SEC-01"),
    "another store": (Request(business(), user="pos1312"), "SEC-01"),
}
"""Faults with the detail ValidationWSFaultException, and the rule that they name."""

NOBODY: dict[str, tuple[Request, str]] = {
    "no credentials": (Request(business(), user=None), "no credentials"),
    "a wrong password": (
        Request(business(header=token(USER, "<wsse:Password>Demo</wsse:Password>")), user=None),
        "user name or password is not right",
    ),
    "an unknown user": (
        Request(business(header=token("<wsse:Username>nobody</wsse:Username>", PLAIN)), user=None),
        "user name or password is not right",
    ),
    "a digest": (
        Request(business(header=token(USER, DIGEST, NONCE, CREATED)), user=None),
        "PasswordDigest is not supported yet: send PasswordText",
    ),
}
"""Faults about the wsse:Security header: without detail, as SOAP 1.1 asks."""

UNKNOWN_HEADERS: dict[str, Request] = {
    name: Request(business(header=STRANGE.format(attributes)))
    for name, attributes in {
        "must be understood": ' soap:mustUnderstand="1"',
        "must be understood by the next": f' soap:mustUnderstand="1" soap:actor="{ns.SOAP11[:-9]}actor/next"',
    }.items()
}

HTTP_ONLY: dict[str, tuple[Request, int, str]] = {
    "no body": (Request(""), 400, "no body"),
    "gzip that is none": (Request(business(), {"Content-Encoding": "gzip"}), 400, "not gzip"),
    "gzip that ends early": (
        Request(gzip.compress(business().encode())[:-9], {"Content-Encoding": "gzip"}),
        400,
        "ends early",
    ),
    "more than 8 MiB from gzip": (
        Request(gzip.compress(business().encode() + b" " * 8_400_000), {"Content-Encoding": "gzip"}),
        413,
        "larger than",
    ),
    "no XML by its label": (Request(business(), {"Content-Type": "application/json"}), 415, "application/json"),
    "a form": (
        Request(business(), {"Content-Type": "application/x-www-form-urlencoded"}),
        415,
        "application/x-www-form-urlencoded",
    ),
    "a charset that nobody has": (Request(business(), {"Content-Type": "text/xml; charset=klingon"}), 415, "klingon"),
    "a charset of seven bits": (Request(business(), {"Content-Type": "text/xml; charset=utf-7"}), 415, "utf-7"),
    "an encoding of HTTP": (Request(business(), {"Content-Encoding": "br"}), 415, "br is not accepted"),
}
"""Refused before it was read as XML: HTTP status, and a part of the fault's text."""


@pytest.mark.parametrize(("request_", "text"), ILLEGAL.values(), ids=ILLEGAL.keys())
def test_what_cannot_be_read_is_a_fault_of_the_client(gateway: Running, request_: Request, text: str) -> None:
    # interop rule 13; and interop rule 19: child elements in a simple one, DOCTYPE, undecodable bytes, empty Body
    answer = request_.send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (500, CLIENT, ILLEGAL_ARGUMENT)
    assert text in fault.text


@pytest.mark.parametrize(("request_", "rule"), BROKEN.values(), ids=BROKEN.keys())
def test_what_breaks_a_rule_is_a_fault_of_the_client(gateway: Running, request_: Request, rule: str) -> None:
    # interop rule 13
    answer = request_.send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (500, CLIENT, VALIDATION)
    assert fault.text.startswith(f"VALIDATION_ERROR: {rule}")


@pytest.mark.parametrize(("request_", "text"), NOBODY.values(), ids=NOBODY.keys())
def test_who_is_not_known_gets_a_fault_about_the_header(gateway: Running, request_: Request, text: str) -> None:
    # interop rule 13
    answer = request_.send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (500, FAILED_AUTHENTICATION, None)
    assert text in fault.text
    assert "WWW-Authenticate" not in answer.headers


def test_a_wrong_password_by_http_basic_is_also_said_in_http(gateway: Running) -> None:
    # interop rule 13: the one fault of a message that was read without status 500 (docs/protocol.md)
    answer = Request(business(), password="Demo").send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (401, FAILED_AUTHENTICATION, None)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(("request_", "status", "text"), HTTP_ONLY.values(), ids=HTTP_ONLY.keys())
def test_only_a_problem_of_http_has_its_status(gateway: Running, request_: Request, status: int, text: str) -> None:
    # interop rule 13
    answer = request_.send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (status, CLIENT, ILLEGAL_ARGUMENT)
    assert text in fault.text


@pytest.mark.parametrize("request_", UNKNOWN_HEADERS.values(), ids=UNKNOWN_HEADERS.keys())
def test_a_header_that_must_be_understood_and_is_not_ends_the_call(gateway: Running, request_: Request) -> None:
    # interop rule 19
    answer = request_.send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (500, MUST_UNDERSTAND, None)
    assert "{urn:example:route}Route" in fault.text


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "{}">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "{}"> %p;]>',
        '<!DOCTYPE x SYSTEM "{}">',
        '<!DOCTYPE x PUBLIC "-//EXAMPLE//DTD x//EN" "{}">',
    ],
)
def test_nothing_outside_of_a_message_is_ever_fetched(gateway: Running, tmp_path: Path, declaration: str) -> None:
    # interop rule 19
    file = tmp_path / "secret.dtd"
    file.write_text('<!ENTITY e "the-secret-of-this-file">', "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        for place in (file.as_uri(), str(file), f"http://127.0.0.1:{listener.getsockname()[1]}/e.dtd"):
            body = declaration.format(place) + with_(TEXT, "&e;")
            for sent in (body, body.encode("utf-16-be"), body.encode("utf-16-le")):
                answer = Request(sent).send(gateway)
                fault = fault_of(answer.content)
                assert (answer.status_code, fault.code, fault.detail) == (500, CLIENT, ILLEGAL_ARGUMENT)
                assert "DOCTYPE is not allowed" in fault.text
                assert "secret" not in answer.text
        with pytest.raises(BlockingIOError):  # nobody knocked
            listener.accept()


# -- answers ---------------------------------------------------------------------------------------------------------
PLAIN_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", re.ASCII)
MOMENT_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)


@pytest.mark.parametrize(
    ("sent", "expected"), [("2.0000", "2"), ("0.0001", "0.0001"), ("100", "100"), ("+007.50", "7.5"), (".25", "0.25")]
)
def test_decimals_are_plain_and_times_are_in_utc(gateway: Running, sent: str, expected: str) -> None:
    # interop rule 14 (no answer of this service has a boolean)
    flour = PAYLOAD.replace("100000147", "100000201").replace(">2<", f">{sent}<").replace(">1<", ">1000.00<")
    (number,) = payload_of(Request(business(flour)).send(gateway))
    detail = read(gateway, number.text)
    line = detail.find(ns.tag(ns.STR_ADJ_DESC, "StrAdjItm"))
    assert line.findtext(ns.tag(ns.STR_ADJ_DESC, "quantity")) == expected
    assert line.findtext(ns.tag(ns.STR_ADJ_DESC, "case_size")) == "1000"
    for moment in ("create_date", "approve_date"):
        assert MOMENT_IN_UTC.fullmatch(detail.findtext(ns.tag(ns.STR_ADJ_DESC, moment)))


def answers_of_every_kind(gateway: Running) -> Iterator[requests.Response]:
    """Ask for everything that can be read."""
    nothing = f'<n:Nothing xmlns:n="{ns.NOTHING}"/>'
    template = f'<t:StrAdjTplRef xmlns:t="{ns.STR_ADJ_TPL_REF}"><t:template_id>1</t:template_id></t:StrAdjTplRef>'
    searches = {
        "lookupInventoryAdjustmentTemplateHeader": ("StrAdjTpHdCriVo", ns.STR_ADJ_TP_HD_CRI_VO, ""),
        "lookupInventoryAdjustmentHeader": (
            "StrAdjHdrCriVo",
            ns.STR_ADJ_HDR_CRI_VO,
            "<c:search_limit>9</c:search_limit>",
        ),
    }
    questions = {
        "lookupInventoryAdjustmentReason": nothing,
        "lookupNonSellableQuantityType": nothing,
        "readInventoryAdjustmentTemplateDetail": template,
        BUSINESS: PAYLOAD,
        **{
            operation: f'<c:{name} xmlns:c="{namespace}"><c:store_id>1311</c:store_id><c:status>NO_VALUE</c:status>'
            f"{more}</c:{name}>"
            for operation, (name, namespace, more) in searches.items()
        },
    }
    for operation, payload in questions.items():
        yield Request(envelope(f"<s:{operation}>{payload}</s:{operation}>")).send(gateway)


def test_every_answer_is_as_the_wsdl_says(gateway: Running) -> None:
    # interop rule 14; that each is valid by the schemas is required wherever a request is sent
    wsdl = etree.fromstring(contract.read_wsdl(SERVICE))
    promised = {one.get("targetNamespace") for one in wsdl.iter(ns.tag(ns.XSD, "schema"))}
    for answer in answers_of_every_kind(gateway):
        payload = payload_of(answer)
        assert etree.QName(payload).namespace in promised - {WRAPPER}
        assert {etree.QName(one).namespace for one in payload.iter()} <= promised
        for one in payload.iter():
            local_name = etree.QName(one).localname
            if local_name in ("quantity", "case_size"):
                assert PLAIN_DECIMAL.fullmatch(one.text), answer.text
            elif local_name.endswith("_date"):
                assert MOMENT_IN_UTC.fullmatch(one.text), answer.text


TEXTS = {
    "euro": "120 €",
    "French": "crème brûlée",
    "Japanese": "日本語の在庫",
    "emoji": "😀 🏪 👩‍🔬",
    "right to left": "مخزون שלום",
    "markup": "<b>&amp; \"quoted\" 'too' ]]>",
    "blanks": "  two before,\ttab,\nnext line,  two behind  ",
    "the last characters of all": "\ud7ff\ue000\ufffd\U0001f600\U0010fffd",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_text_is_stored_and_comes_back_as_it_was(gateway: Running, text: str) -> None:
    # interop rule 15
    written = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    answer = Request(with_(TEXT, written)).send(gateway)
    require_done(gateway, answer, text)
    (number,) = payload_of(answer)
    raw = Request(question_for(number.text)).send(gateway).content
    assert re.search(rb"&#(?!13;|9;|10;)", raw) is None  # the characters themselves, which gSOAP needs


# -- requests that are taken as they are -----------------------------------------------------------------------------
UNQUALIFIED = PAYLOAD.replace("m:", "")
NAMESPACES: dict[str, str] = {
    "as the schema says": business(),
    "members in the service's namespace": business(PAYLOAD.replace("m:", "s:")),
    "service's namespace as the default": business(UNQUALIFIED, wrapper=f'{BUSINESS} xmlns="{WRAPPER}"'),
    "members in no namespace": business(UNQUALIFIED),
    "only lines in no namespace": with_(LINE, LINE.replace("m:", "")),
    "only the payload element in no namespace": business(
        PAYLOAD.replace("<m:StrAdjModVo>", "<StrAdjModVo>").replace("</m:StrAdjModVo>", "</StrAdjModVo>")
    ),
    "own default namespace": business(
        UNQUALIFIED.replace("<StrAdjModVo>", f'<StrAdjModVo xmlns="{ns.STR_ADJ_MOD_VO}">')
    ),
}


@pytest.mark.parametrize("body", NAMESPACES.values(), ids=NAMESPACES.keys())
def test_the_namespace_of_payload_members_does_not_matter(gateway: Running, body: str) -> None:
    # interop rule 16
    require_done(gateway, Request(body).send(gateway))


@pytest.mark.parametrize("namespace", ["", ns.STR_ADJ_MOD_VO, WRAPPER.removesuffix("/v1"), f"{WRAPPER}/", WRAPPER[:-1]])
def test_the_namespace_of_the_wrapper_is_strict(gateway: Running, namespace: str) -> None:
    # interop rule 16
    answer = Request(business(wrapper=f'{BUSINESS} xmlns="{namespace}"')).send(gateway)
    fault = fault_of(answer.content)
    assert (answer.status_code, fault.code, fault.detail) == (500, CLIENT, ILLEGAL_ARGUMENT)
    assert f"expected the namespace {WRAPPER}" in fault.text


ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ENCODING_STYLE = f' soap:encodingStyle="{ENCODING}"'


def typed(**types: str) -> str:
    """Return the request with xsi:type on the named members."""
    payload = PAYLOAD
    for name, type_ in types.items():
        payload = payload.replace(f"<m:{name}>", f'<m:{name} xsi:type="{type_}">')
    return business(payload)


SOAP_LITE = (
    f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope{ENCODING_STYLE} xmlns:soap="{ns.SOAP11}"'
    f' xmlns:soapenc="{ENCODING}" xmlns:xsd="{ns.XSD}" xmlns:xsi="{ns.XSI}"><soap:Body><{BUSINESS} xmlns="{WRAPPER}">'
    '<StrAdjModVo><store_id xsi:type="xsd:int">1311</store_id>'
    f'<comments xsi:type="xsd:base64Binary">{b64encode(TEXT.encode()).decode()}</comments>'
    '<StrAdjItmMod><item_id xsi:type="xsd:int">100000147</item_id><reason_id xsi:type="xsd:int">83</reason_id>'
    '<quantity xsi:type="xsd:int">2</quantity><case_size xsi:type="xsd:int">1</case_size></StrAdjItmMod>'
    f"</StrAdjModVo></{BUSINESS}></soap:Body></soap:Envelope>"
)
SOAPACTION: dict[str, str | None] = {
    "missing": None,
    "of nothing": "",
    "of two quotes": '""',
    "unquoted": f"{WRAPPER}/{BUSINESS}",
    "quoted": f'"{WRAPPER}/{BUSINESS}"',
    "of another operation": f'"{WRAPPER}/ping"',
    "of a stranger": '"urn:example:other#doThat"',
}
MEDIA: dict[str, str | None] = {
    "without charset": "text/xml",
    "without a blank": "text/xml;charset=utf-8",
    "quoted": 'text/xml; charset="UTF-8"',
    "in capitals": "TEXT/XML; CHARSET=UTF-8",
    "with more": 'text/xml; action="x"; charset=utf-8',
    "of any XML": "application/xml; charset=utf-8",
    "left out": None,
}
TOKENS = {
    "without a type": token(USER, PLAIN),
    "with a type": token(USER, TYPED),
    "with a short type": token(USER, TYPED.replace(PASSWORD_TYPE, "#").replace("##", "#")),
    "that must be understood": token(USER, TYPED, attributes=' soap:mustUnderstand="1"'),
    "that need not be understood": token(USER, TYPED, attributes=' soap:mustUnderstand="0"'),
    "with an id": token(USER, TYPED).replace("<wsse:UsernameToken>", '<wsse:UsernameToken wsu:Id="UsernameToken-1">'),
    "behind a timestamp": token(USER, TYPED, before=STAMP),
    "before a timestamp": token(USER, TYPED, after=STAMP),
    "behind another header": STRANGE.format("") + token(USER, TYPED, NONCE, CREATED),
}
ADDRESSING = f'<a:Action xmlns:a="{ns.WSA}">urn:any</a:Action><a:To xmlns:a="{ns.WSA}">http://example/</a:To>'
XML_IN = '<?xml version="1.0" encoding="{}"?>\n'
LATIN = "Crème brûlée"
WINDOWS = "Crème brûlée – 120 €"


def encoded(text: str, charset: str, media_type: str | None, declared: str = "", mark: bytes = b"") -> Request:
    """Return the request with *text* in an encoding, named in HTTP, in the XML declaration, by a mark or in several."""
    declaration = XML_IN.format(declared) if declared else ""
    body = mark + (declaration + with_(TEXT, text)).encode(charset)
    return Request(body, {"Content-Type": media_type}, comments=text)


UTF8_MARK, LE_MARK, BE_MARK = b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"
ACCEPTED: dict[str, Request] = {
    "xsi:type of a text": Request(typed(comments="xsd:string", item_id="xsd:string")),
    "xsi:type of another number": Request(typed(store_id="xsd:int", quantity="xsd:double", case_size="xsd:integer")),
    "xsi:type of the SOAP encoding": Request(
        typed(comments="e:string").replace("<m:comments ", f'<m:comments xmlns:e="{ENCODING}" ')
    ),
    "xsi:type of an older schema": Request(
        typed(store_id="old:long").replace("<m:store_id ", '<m:store_id xmlns:old="http://www.w3.org/1999/XMLSchema" ')
    ),
    "all that SOAP::Lite writes": Request(SOAP_LITE),
    "encodingStyle of the envelope": Request(business().replace("<soap:Envelope", f"<soap:Envelope{ENCODING_STYLE}")),
    "encodingStyle of the body": Request(business().replace("<soap:Body", f"<soap:Body{ENCODING_STYLE}")),
    "encodingStyle of the wrapper": Request(business(attributes=ENCODING_STYLE)),
    **{f"SOAPAction {name}": Request(business(), {"SOAPAction": value}) for name, value in SOAPACTION.items()},
    **{f"Content-Type {name}": Request(business(), {"Content-Type": value}) for name, value in MEDIA.items()},
    "mark of UTF-8": encoded(TEXT, "utf-8", XML, mark=UTF8_MARK),
    "mark of UTF-8 before a declaration": encoded(TEXT, "utf-8", "text/xml", "utf-8", UTF8_MARK),
    "UTF-16 LE by its mark": encoded(TEXT, "utf-16-le", "text/xml", mark=LE_MARK),
    "UTF-16 BE by its mark": encoded(TEXT, "utf-16-be", "text/xml", mark=BE_MARK),
    "UTF-16 LE by HTTP and mark": encoded(TEXT, "utf-16-le", "text/xml; charset=utf-16", "UTF-16", LE_MARK),
    "UTF-16 BE by HTTP and mark": encoded(TEXT, "utf-16-be", "text/xml; charset=UTF-16", "utf-16", BE_MARK),
    "UTF-16 LE by HTTP alone": encoded(TEXT, "utf-16-le", "text/xml; charset=utf-16le"),
    "UTF-16 BE by HTTP alone": encoded(TEXT, "utf-16-be", "text/xml; charset=utf-16be"),
    "UTF-16 LE by the declaration": encoded(TEXT, "utf-16-le", "text/xml", "UTF-16LE"),
    "ISO-8859-1 by HTTP": encoded(LATIN, "iso-8859-1", "text/xml; charset=ISO-8859-1"),
    "ISO-8859-1 by the declaration": encoded(LATIN, "iso-8859-1", "text/xml", "ISO-8859-1"),
    "ISO-8859-1 by both": encoded(LATIN, "iso-8859-1", "text/xml; charset=iso-8859-1", "iso-8859-1"),
    "ISO-8859-1 by HTTP against the declaration": encoded(LATIN, "iso-8859-1", "text/xml; charset=iso-8859-1", "utf-8"),
    "windows-1252 by HTTP": encoded(WINDOWS, "windows-1252", "text/xml; charset=windows-1252"),
    "windows-1252 by the declaration": encoded(WINDOWS, "windows-1252", "text/xml", "windows-1252"),
    "windows-1252 by both": encoded(WINDOWS, "windows-1252", 'text/xml; charset="Windows-1252"', "Windows-1252"),
    "numbers for characters": Request(
        with_(TEXT, TEXT.encode("ascii", "xmlcharrefreplace").decode()).encode("ascii"),
        {"Content-Type": "text/xml; charset=us-ascii"},
    ),
    "CDATA": Request(with_(TEXT, f"<![CDATA[{TEXT} <&>]]>"), comments=f"{TEXT} <&>"),
    "CDATA in pieces": Request(with_(TEXT, f"<![CDATA[{TEXT[:5]}]]>{TEXT[5:9]}<![CDATA[{TEXT[9:]}]]>")),
    "CDATA in a number": Request(with_(">2<", "><![CDATA[2]]><")),
    "CDATA that looks like a DOCTYPE": Request(
        with_(TEXT, "<![CDATA[<!DOCTYPE x [<!ENTITY e '2'>]>]]>"), comments="<!DOCTYPE x [<!ENTITY e '2'>]>"
    ),
    "comments": Request(
        "<!-- a -->" + with_("<m:StrAdjItmMod>", "<!-- b --><m:StrAdjItmMod><!-- c -->") + "<!-- d -->"
    ),
    "a comment in a text": Request(with_("Crème", "Crè<!-- e -->me")),
    "a comment in a number": Request(with_(">1311<", "><!-- f -->1311<")),
    "CRLF": Request(business().replace("><", ">\r\n<")),
    "CRLF in a text": Request(with_(TEXT, "one\r\ntwo"), comments="one\ntwo"),  # XML 1.0, section 2.11
    "blanks around numbers": Request(business(PAYLOAD.replace(">1311<", ">\n 1311\n<").replace(">2<", "> 2 <"))),
    "unknown headers": Request(business(header=ADDRESSING + STRANGE.format(""))),
    "an unknown header that need not be understood": Request(
        business(header=STRANGE.format(' soap:mustUnderstand="0"'))
    ),
    "a header for somebody else": Request(
        business(header=STRANGE.format(' soap:mustUnderstand="1" soap:actor="urn:example:other"'))
    ),
    "no Header": Request(business().replace("<soap:Header></soap:Header>", "")),
    **{f"a token {name}": Request(business(header=header), user=None) for name, header in TOKENS.items()},
    "gzip": Request(gzip.compress(business().encode()), {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("request_", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_clients_write_is_taken_as_they_mean_it(gateway: Running, request_: Request) -> None:
    # interop rule 17
    require_done(gateway, request_.send(gateway), request_.comments)


def test_a_token_may_have_its_members_in_any_order(gateway: Running) -> None:
    # interop rule 17
    question = f'<s:lookupNonSellableQuantityType><n:Nothing xmlns:n="{ns.NOTHING}"/></s:lookupNonSellableQuantityType>'
    for order in permutations((USER, TYPED, NONCE, CREATED)):
        assert Request(envelope(question, token(*order)), user=None).send(gateway).status_code == 200, order


# -- the WSDL --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["wsdl", "WSDL", "Wsdl", "wSdL="])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_wsdl_comes_in_any_case_with_the_address_that_was_called(gateway: Running, query: str, host: str) -> None:
    # interop rule 18
    url = gateway.soap_url.replace("127.0.0.1", host)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{url}?{query}", headers={"X-Forwarded-Host": "elsewhere.example"}, timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/xml")
    (address,) = etree.fromstring(answer.content).iter(ns.tag(ns.WSDL_SOAP11, "address"))
    assert address.get("location") == url
    assert url.endswith(SOAP_PATH)


# -- HTTP/1.1 --------------------------------------------------------------------------------------------------------
BODY = business().encode()


def require_raw_success(answer: RawAnswer) -> None:
    """Require that an answer is that of the request that takes stock away."""
    assert answer.status == 200, answer
    require_proper(answer.headers["content-type"], answer.body)
    assert b"saveAndConfirmInventoryAdjustmentResponse" in answer.body


@pytest.fixture
def connection(gateway: Running) -> Iterator[Connection]:
    """A connection to the gateway."""
    with Connection(gateway.soap_url) as one:
        yield one


def test_a_connection_is_kept_for_the_next_request(gateway: Running, connection: Connection) -> None:
    # interop rule 20
    for _ in range(2):
        connection.send(head(gateway.soap_url, length(BODY)), BODY)
        require_raw_success(connection.answer())
    connection.send(head(gateway.soap_url, length(BODY[:-9])), BODY[:-9])
    refused = connection.answer()
    assert (refused.status, fault_of(refused.body).code) == (500, CLIENT)
    connection.send(head(gateway.soap_url, length(BODY)), BODY)
    require_raw_success(connection.answer())
    connection.send(head(gateway.soap_url, length(BODY), "Connection: close"), BODY)
    require_raw_success(connection.answer())
    assert connection.is_hung_up()


def test_two_requests_at_once_are_answered_in_their_order(gateway: Running, connection: Connection) -> None:
    # interop rule 20
    connection.send(head(gateway.soap_url, length(BODY)) + BODY + head(gateway.soap_url, length(b"<a")) + b"<a")
    require_raw_success(connection.answer())
    assert connection.answer().status == 500


def test_a_body_that_is_refused_unread_is_not_taken_for_the_next_request(
    gateway: Running, connection: Connection
) -> None:
    # interop rule 20
    connection.send(hidden_request(gateway.soap_url))
    assert connection.answer().status == 415
    connection.send(head(gateway.soap_url, length(b"<a")), b"<a")
    try:
        assert connection.answer().status == 500
    except ConnectionError:  # hung up, because the body had not all come when it was refused: as safe
        assert connection.is_hung_up()


@pytest.mark.parametrize("size", [1, 100, 1_000_000])
def test_a_request_may_come_in_chunks(gateway: Running, connection: Connection, size: int) -> None:
    # interop rule 20
    for _ in range(2):
        connection.send(head(gateway.soap_url, "Transfer-Encoding: chunked"), *chunks(BODY, size), CHUNK_END)
        require_raw_success(connection.answer())


def test_chunks_may_have_extensions_and_trailers(gateway: Running, connection: Connection) -> None:
    # interop rule 20
    pieces = [piece.replace(b"\r\n", b";name=value\r\n", 1) for piece in chunks(BODY, 500)]
    connection.send(head(gateway.soap_url, "Transfer-Encoding: chunked"), *pieces, b"0\r\nX-Sum: 1\r\n\r\n")
    require_raw_success(connection.answer())


def test_a_caller_who_waits_is_told_to_continue(gateway: Running, connection: Connection) -> None:
    # interop rule 20 (.NET sends this)
    connection.send(head(gateway.soap_url, length(BODY), "Expect: 100-continue"))
    assert connection.answer().status == 100
    connection.send(BODY)
    require_raw_success(connection.answer())


def test_a_caller_who_waits_with_too_much_is_refused_before_it_is_sent(
    gateway: Running, connection: Connection
) -> None:
    # interop rules 13 and 20
    connection.send(head(gateway.soap_url, "Content-Length: 9000000", "Expect: 100-continue"))
    answer = connection.answer()
    assert (answer.status, fault_of(answer.body).detail) == (413, ILLEGAL_ARGUMENT)


def test_http_1_0_is_answered_in_kind(gateway: Running, connection: Connection) -> None:
    # interop rule 20
    connection.send(head(gateway.soap_url, length(BODY), "Connection: keep-alive", version="1.0"), BODY)
    require_raw_success(connection.answer())
    connection.send(head(gateway.soap_url, length(BODY), version="1.0"), BODY)
    answer = connection.answer()
    require_raw_success(answer)
    assert answer.version == "HTTP/1.0"
    assert connection.is_hung_up()


def test_the_same_length_twice_is_one_length(gateway: Running, connection: Connection) -> None:
    # interop rule 20; RFC 9110, section 8.6
    connection.send(head(gateway.soap_url, length(BODY), length(BODY)), BODY)
    require_raw_success(connection.answer())


def test_chunks_go_before_a_length_and_end_the_connection(gateway: Running, connection: Connection) -> None:
    # interop rule 20; RFC 9112, section 6.3: nothing that follows may be taken for a request
    smuggled = head(gateway.soap_url, length(BODY)) + BODY
    both = head(gateway.soap_url, "Content-Length: 5", "Transfer-Encoding: chunked")
    connection.send(both, *chunks(BODY, 500), CHUNK_END, smuggled)
    require_raw_success(connection.answer())
    assert connection.is_hung_up()


NO_LENGTH: dict[str, tuple[str, ...]] = {
    "two lengths": (length(BODY), "Content-Length: 5"),
    "two lengths, the right one last": ("Content-Length: 5", length(BODY)),
    "a list of lengths": (f"{length(BODY)}, 5",),
    "a negative length": ("Content-Length: -1",),
    "a length with a sign": (length(BODY).replace(": ", ": +"),),
    "a length in words": ("Content-Length: many",),
    "a length beyond all numbers": (f"Content-Length: {'9' * 40}",),
    "a coding that nobody has": ("Transfer-Encoding: banana",),
    "a blank behind a name": (length(BODY).replace(":", " :"),),
    "a line that goes on": (length(BODY), "X-Note: one\r\n two"),
    "no name": (length(BODY), ": value"),
}
FLOODS: dict[str, tuple[str, ...]] = {
    "many headers": (length(BODY), *(f"X-{number}: 1" for number in range(1000))),
    "a large header": (length(BODY), f"X-Large: {'a' * 1_000_000}"),
}


@pytest.mark.parametrize("lines", NO_LENGTH.values(), ids=NO_LENGTH.keys())
def test_a_length_that_cannot_be_trusted_is_refused(
    gateway: Running, connection: Connection, lines: tuple[str, ...]
) -> None:
    # interop rule 20; the server refuses these itself, before there is anything of SOAP
    connection.send(head(gateway.soap_url, *lines), BODY)
    assert connection.answer().status == 400
    assert connection.is_hung_up()


@pytest.mark.parametrize("lines", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_of_headers_is_refused(gateway: Running, connection: Connection, lines: tuple[str, ...]) -> None:
    # interop rule 20
    connection.send(head(gateway.soap_url, *lines), BODY)
    try:
        assert connection.answer().status == 431
    except ConnectionError:  # hung up on what was still being sent: refused too
        return
    assert connection.is_hung_up()


def hidden_request(url: str) -> bytes:
    """Return a request that is refused for its label, with a good one as its body."""
    good = head(url, length(BODY)) + BODY
    return head(url, "Content-Type: application/json", length(good)) + good


def half_a_length(url: str) -> bytes:
    """Return a request that ends before its length."""
    return head(url, length(BODY + b"<")) + BODY


def half_a_chunk(url: str) -> bytes:
    """Return a request in chunks that ends within its XML."""
    return head(url, "Transfer-Encoding: chunked") + b"".join(chunks(BODY[:-20], 100))


@pytest.mark.parametrize(("broken_off", "status"), [(half_a_length, 400), (half_a_chunk, 500)])
def test_a_request_that_breaks_off_is_not_carried_out(
    gateway: Running, connection: Connection, broken_off: Any, status: int
) -> None:
    # interop rule 20
    connection.send(broken_off(gateway.soap_url))
    connection.finish()
    answer = connection.answer()
    fault = fault_of(answer.body)
    assert (answer.status, fault.code, fault.detail) == (status, CLIENT, ILLEGAL_ARGUMENT)


# -- nothing moved ---------------------------------------------------------------------------------------------------
def books(gateway: Running) -> tuple[str, str]:
    """Return the stock, and what the proof of the ledger says; it must hold."""
    stock, verified = gateway.command("stock", "list", "--json"), gateway.command("verify")
    assert (stock.returncode, verified.returncode) == (0, 0), stock.stderr + verified.stdout + verified.stderr
    return stock.stdout, verified.stdout


def newest(gateway: Running) -> int:
    """Return the number of a new adjustment; the next one has the next number, if nobody made one in between."""
    operation = "saveInventoryAdjustment"
    (number,) = payload_of(Request(envelope(f"<s:{operation}>{PAYLOAD}</s:{operation}>")).send(gateway))
    return int(number.text)


def test_nothing_that_is_refused_leaves_a_trace(gateway: Running) -> None:
    # interop rules 13, 16, 19 and 20
    before, number = books(gateway), newest(gateway)
    refused = [
        *(one for table in (ILLEGAL, BROKEN, NOBODY) for one, _ in table.values()),
        *(one for one, *_ in HTTP_ONLY.values()),
        *UNKNOWN_HEADERS.values(),
        Request(business(), password="Demo"),
    ]
    for request_ in refused:
        assert request_.send(gateway).status_code != 200
    raw = [head(gateway.soap_url, *lines) + BODY for lines in (*NO_LENGTH.values(), *FLOODS.values())]
    raw += [make(gateway.soap_url) for make in (half_a_length, half_a_chunk, hidden_request)]
    for sent in raw:
        with Connection(gateway.soap_url) as connection:
            connection.send(sent)
            connection.finish()
            try:
                assert connection.answer().status in (400, 415, 431, 500)
            except ConnectionError:
                assert connection.is_hung_up()
    assert newest(gateway) == number + 1
    assert books(gateway) == before
    require_done(gateway, Request(business()).send(gateway))
    assert books(gateway) != before
