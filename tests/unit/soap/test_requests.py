"""Hostile and odd requests, each with its exact outcome: nothing escapes, nothing is bent or dropped silently.

The rows are those of the measurement of stock Spyne, where over twenty of them leave as a bare HTTP 500.
"""

from __future__ import annotations

import gzip
import io
import tracemalloc
from typing import Any

import pytest

from gateway.formats import namespaces as ns
from gateway.soap.application import SoapSettings
from tests.unit.soap.soap_calls import LINE, MOD, PAYLOAD, SERVICE, TOKEN, Client, envelope, operation, save

BILLION_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {c} "{"&" + p + ";"}{"&" + p + ";"}">' for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def replaced(old: str, new: str) -> bytes:
    """Return a request to save in which *old* is *new*."""
    assert old in PAYLOAD
    return save(PAYLOAD.replace(old, new, 1))


def header(value: str) -> bytes:
    return operation("saveInventoryAdjustment", PAYLOAD, TOKEN + value)


CLIENT_FAULTS: dict[str, tuple[bytes, str]] = {
    "malformed": (b"<a><b></a>", "not well-formed"),
    "not XML": (b"hello", "not well-formed"),
    "empty Body": (envelope(""), "soap:Body is empty"),
    "text-only Body": (envelope("hello"), "soap:Body is empty"),
    "two elements in Body": (envelope("<s:ping/><s:ping/>"), "soap:Body has 2 elements"),
    "Header without Body": (
        f'<e:Envelope xmlns:e="{ns.SOAP11}"><e:Header/></e:Envelope>'.encode(),
        "the envelope has no soap:Body",
    ),
    "no Envelope": (b"<hello/>", "expected Envelope"),
    "a Fault as request": (envelope("<soap:Fault><faultcode>x</faultcode></soap:Fault>"), "a soap:Fault is no request"),
    "href to nothing": (replaced("<m:StrAdjModVo>", '<m:StrAdjModVo href="#none">'), "the attribute href"),
    "href loop": (replaced("<m:StrAdjModVo>", '<m:StrAdjModVo id="a" href="#a">'), "the attribute"),
    "entity": (b'<!DOCTYPE x [<!ENTITY x "1">]>' + replaced(">1311<", ">&x;<"), "DOCTYPE is not allowed"),
    "external entity": (
        b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + replaced(">1311<", ">&x;<"),
        "DOCTYPE is not allowed",
    ),
    "undeclared entity": (replaced(">1311<", ">&x;<"), "not well-formed"),
    "DOCTYPE without use": (b"<!DOCTYPE x>" + save(), "DOCTYPE is not allowed"),
    "billion laughs": (BILLION_LAUGHS.encode() + replaced(">1311<", ">&i;<"), "DOCTYPE is not allowed"),
    "depth": (envelope("<x>" * 300 + "</x>" * 300), "depth"),
    "text over 10 MB": (replaced(">1311<", f">{'1' * 10_100_000}<"), "larger than"),
    "100 000 attributes": (
        replaced("<m:StrAdjModVo>", "<m:StrAdjModVo " + " ".join(f'a{i}="1"' for i in range(100_000)) + ">"),
        "more than 256 attributes",
    ),
    "unknown operation": (operation("deleteEverything"), "there is no operation deleteEverything"),
    "operation without namespace": (envelope("<ping/>"), "the operation ping came in no namespace"),
    "operation in the payload's namespace": (
        envelope(f"<m:saveInventoryAdjustment>{PAYLOAD}</m:saveInventoryAdjustment>"),
        "came in",
    ),
    "payload in a strange namespace": (save(PAYLOAD.replace("m:", "xsd:")), "came in the namespace"),
    "field in a strange namespace": (
        save(PAYLOAD.replace("m:item_id", "xsd:item_id")),
        "item_id came in the namespace",
    ),
    "unknown element": (
        replaced("<m:reason_id>", "<m:surprise/><m:reason_id>"),
        "surprise is not known in StrAdjItmMod",
    ),
    "unknown attribute": (replaced("<m:StrAdjItmMod>", '<m:StrAdjItmMod a="1">'), "the attribute a"),
    "attribute named like a sibling": (replaced("<m:item_id>", '<m:item_id quantity="5">'), "the attribute quantity"),
    "element inside a number": (replaced(">2<", "><m:x>2</m:x><"), "holds the elements x"),
    "element inside a text": (replaced(">100000147<", "><m:item_id>1</m:item_id><"), "holds the elements item_id"),
    "text between elements": (replaced("<m:StrAdjItmMod>", "hello<m:StrAdjItmMod>"), "holds text between"),
    "duplicate single member": (
        replaced("<m:reason_id>", "<m:item_id>2</m:item_id><m:reason_id>"),
        "item_id comes 2 times",
    ),
    "missing required member": (
        replaced("<m:case_size>1</m:case_size>", ""),
        "StrAdjItmMod is not complete; expected case_size",
    ),
    "xsi:type of another class": (replaced("<m:StrAdjModVo>", '<m:StrAdjModVo xsi:type="s:ping">'), "xsi:type"),
    "xsi:type of nothing": (replaced("<m:StrAdjModVo>", '<m:StrAdjModVo xsi:type="zz:Fault">'), "xsi:type"),
    "too long text": (replaced(">100000147<", f">{'1' * 26}<"), "text of at most 25 characters"),
    "long overflow": (replaced(">1311<", ">99999999999999999999<"), "a whole number of at most 10 digits"),
    "too many digits": (replaced(">83<", ">1234567890123<"), "a whole number of at most 12 digits"),
    "exponent": (replaced(">2<", ">1e400<"), "a decimal number"),
    "NaN": (replaced(">2<", ">NaN<"), "a decimal number"),
    "Infinity": (replaced(">2<", ">INF<"), "a decimal number"),
    "underscore": (replaced(">2<", ">1_000<"), "a decimal number"),
    "Arabic digits": (replaced(">2<", ">٢<"), "a decimal number"),
    "five fraction digits": (replaced(">2<", ">2.12345<"), "4 of them after the point"),
    "empty number": (replaced(">2<", "><"), "quantity came as ''"),
    "boolean yes": (save(PAYLOAD.replace(LINE, f"<m:publish>yes</m:publish>{LINE}")), "true or false"),
    "boolean TRUE": (save(PAYLOAD.replace(LINE, f"<m:publish>TRUE</m:publish>{LINE}")), "true or false"),
    "nil on a required member": (replaced("<m:store_id>", '<m:store_id xsi:nil="true">'), "xsi:nil"),
    "nil on an empty required member": (replaced("<m:store_id>1311<", '<m:store_id xsi:nil="true"><'), "xsi:nil"),
    "1001 lines": (save(PAYLOAD.replace(LINE, LINE * 1001)), "StrAdjItmMod comes 1001 times; at most 1000 are allowed"),
    "processing instruction": (replaced("<m:StrAdjItmMod>", "<?x y?><m:StrAdjItmMod>"), "processing instruction"),
    "surrogate references": (replaced(">100000147<", ">&#xD83D;&#xDE00;<"), "not well-formed"),
    "bytes not in the charset": (replaced(">100000147<", ">Z\u00fcrich<").replace("ü".encode(), b"\xfc"), "not"),
    "MTOM include": (
        replaced(">100000147<", '><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:1"/><'),
        "holds the elements Include",
    ),
}


@pytest.mark.parametrize(("body", "text"), CLIENT_FAULTS.values(), ids=CLIENT_FAULTS.keys())
def test_a_request_that_cannot_be_read_is_a_client_fault(client: Client, body: bytes, text: str) -> None:
    reply = client.call(body)
    fault = reply.fault
    assert (fault.code, fault.kind) == ("Client", "IllegalArgumentWSFaultException")
    assert text in fault.text
    assert reply.status == (413 if "larger" in text else 500)
    assert not client.stub.calls


STATUS_CASES: dict[str, tuple[str, str, bool]] = {
    "enum FOO": ("FOO", "one of IN_PROGRESS, COMPLETED, CANCELED, UNKNOWN, NO_VALUE", False),
    "enum empty": ("", "status came as ''", False),
    "enum __class__": ("__class__", "status came as '__class__'", False),
    "UNKNOWN as filter": ("UNKNOWN", "status came as UNKNOWN", False),
    "COMPLETED": ("COMPLETED", "", True),
}


@pytest.mark.parametrize(("status", "text", "good"), STATUS_CASES.values(), ids=STATUS_CASES.keys())
def test_only_real_statuses_are_searched_for(client: Client, status: str, text: str, good: bool) -> None:
    tag = f'<c:StrAdjHdrCriVo xmlns:c="{ns.STR_ADJ_HDR_CRI_VO}"><c:store_id>1</c:store_id>'
    body = f"{tag}<c:status>{status}</c:status><c:search_limit>5</c:search_limit></c:StrAdjHdrCriVo>"
    reply = client.call(operation("lookupInventoryAdjustmentHeader", body))
    if good:
        assert reply.status == 200
    else:
        assert (reply.status, reply.fault.code) == (500, "Client")
        assert text in reply.fault.text


HTTP_CASES: dict[str, tuple[dict[str, Any], int]] = {
    "zero bytes": ({"body": b""}, 400),
    "Content-Length -1": ({"CONTENT_LENGTH": "-1"}, 400),
    "Content-Length empty": ({"CONTENT_LENGTH": ""}, 400),
    "Content-Length abc": ({"CONTENT_LENGTH": "abc"}, 400),
    "Content-Length with a plus": ({"CONTENT_LENGTH": "+5"}, 400),
    "body ends early": ({"CONTENT_LENGTH": "99999"}, 400),
    "unknown charset": ({"content_type": "text/xml; charset=klingon"}, 415),
    "EBCDIC": ({"content_type": "text/xml; charset=cp037"}, 415),
    "application/json": ({"content_type": "application/json"}, 415),
    "multipart": ({"content_type": 'multipart/related; type="application/xop+xml"; boundary=x'}, 415),
    "form": ({"content_type": "application/x-www-form-urlencoded"}, 415),
    "deflate": ({"HTTP_CONTENT_ENCODING": "deflate"}, 415),
    "not gzip": ({"HTTP_CONTENT_ENCODING": "gzip"}, 400),
    "gzip ends early": ({"body": gzip.compress(save())[:-4], "HTTP_CONTENT_ENCODING": "gzip"}, 400),
    "too long": ({"CONTENT_LENGTH": str(9 * 1024 * 1024)}, 413),
    "absurdly long": ({"CONTENT_LENGTH": "9" * 18}, 413),
    "too long without a length": (
        {"body": b" " * (8 * 1024 * 1024 + 1), "CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"},
        413,
    ),
    "gzip bomb": ({"body": gzip.compress(b" " * 50_000_000), "HTTP_CONTENT_ENCODING": "gzip"}, 413),
    "gzip of endless members": ({"body": gzip.compress(b"") * 1000, "HTTP_CONTENT_ENCODING": "gzip"}, 400),
    "gzip bomb of two members": ({"body": gzip.compress(b" " * 5_000_000) * 2, "HTTP_CONTENT_ENCODING": "gzip"}, 413),
}


@pytest.mark.parametrize(("arguments", "status"), HTTP_CASES.values(), ids=HTTP_CASES.keys())
def test_what_http_says_wrongly_is_refused_in_http_and_in_soap(
    client: Client, arguments: dict[str, Any], status: int
) -> None:
    reply = client.call(**({"body": save()} | arguments))
    assert (reply.status, reply.fault.code) == (status, "Client")
    assert reply.fault.kind == "IllegalArgumentWSFaultException"
    assert not client.stub.calls


TEXT = "Zürich"
IN_TEXT = save(PAYLOAD.replace("100000147", TEXT)).decode()
SERVED: dict[str, dict[str, Any]] = {
    "UTF-8": {"body": IN_TEXT.encode()},
    "no Content-Type": {"body": IN_TEXT.encode(), "content_type": None},
    "no charset": {"body": IN_TEXT.encode(), "content_type": "text/xml"},
    "charset in quotes and capitals": {"body": IN_TEXT.encode(), "content_type": 'Text/XML; Charset="UTF-8"'},
    "UTF-8 with mark": {"body": b"\xef\xbb\xbf" + IN_TEXT.encode(), "content_type": "text/xml"},
    "UTF-16 with mark": {"body": IN_TEXT.encode("utf-16"), "content_type": "text/xml; charset=utf-16"},
    "UTF-16 without a word in HTTP": {"body": IN_TEXT.encode("utf-16"), "content_type": "text/xml"},
    "UTF-16LE": {"body": IN_TEXT.encode("utf-16-le"), "content_type": "text/xml; charset=utf-16le"},
    "UTF-32": {"body": IN_TEXT.encode("utf-32"), "content_type": "text/xml; charset=utf-32"},
    "ISO-8859-1": {"body": IN_TEXT.encode("latin-1"), "content_type": "text/xml; charset=ISO-8859-1"},
    "ISO-8859-1 by declaration": {
        "body": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + IN_TEXT.encode("latin-1"),
        "content_type": "text/xml",
    },
    "windows-1252": {"body": IN_TEXT.encode("cp1252"), "content_type": "text/xml; charset=windows-1252"},
    "HTTP wins over the declaration": {
        "body": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + IN_TEXT.encode(),
        "content_type": "text/xml; charset=utf-8",
    },
    "application/xml": {"body": IN_TEXT.encode(), "content_type": "application/xml"},
    "gzip": {"body": gzip.compress(IN_TEXT.encode()), "HTTP_CONTENT_ENCODING": "gzip"},
    "gzip of two members": {
        "body": gzip.compress(IN_TEXT.encode()[:99]) + gzip.compress(IN_TEXT.encode()[99:]),
        "HTTP_CONTENT_ENCODING": "gzip",
    },
    "any SOAPAction": {"body": IN_TEXT.encode(), "HTTP_SOAPACTION": SERVICE},
    "comments": {"body": IN_TEXT.replace(TEXT, f"Zü<!-- x -->rich<!-- {TEXT} -->").encode()},
    "CDATA": {"body": IN_TEXT.replace(TEXT, f"<![CDATA[{TEXT}]]>").encode()},
    "CRLF": {"body": IN_TEXT.replace("><", ">\r\n<").replace("\r\n</m:item_id", "</m:item_id").encode()},
    "chunks": {"body": IN_TEXT.encode(), "CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"},
}


@pytest.mark.parametrize("arguments", SERVED.values(), ids=SERVED.keys())
def test_what_real_clients_send_is_served(client: Client, arguments: dict[str, Any]) -> None:
    reply = client.call(**arguments)
    assert reply.status == 200, reply.body
    assert client.stub.calls[0][2].lines[0].item_id == TEXT
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert reply.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')


def test_a_stream_that_gives_little_at_a_time_is_read_whole(client: Client) -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size if size and size > 0 else 7, 7))

    body = save()
    assert client.call(body, **{"wsgi.input": Trickle(body)}).status == 200


def test_a_gzip_bomb_is_never_held_whole(client: Client) -> None:
    bomb = gzip.compress(b" " * 100_000_000)
    tracemalloc.start()
    try:
        assert client.call(bomb, HTTP_CONTENT_ENCODING="gzip").status == 413
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000


def test_the_limit_is_a_setting() -> None:
    client = Client(SoapSettings(max_body_bytes=len(save())))
    assert client.call(save()).status == 200
    assert client.call(save() + b" ").status == 413


def test_exceptions_of_ours_leave_with_a_number_and_nothing_else(client: Client) -> None:
    client.stub.error = RuntimeError("secret of the house")
    reply = client.call(save())
    assert (reply.status, reply.fault.code, reply.fault.kind) == (500, "Server", "IllegalStateWSFaultException")
    assert b"secret" not in reply.body
    assert len(reply.fault.problems[0]["reference"]) == 36


def test_a_defect_in_the_front_is_still_a_fault(client: Client) -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError("connection reset")

    reply = client.call(save(), **{"wsgi.input": Broken()})
    assert (reply.status, reply.fault.code) == (500, "Server")
    assert b"connection reset" not in reply.body


def test_ten_thousand_uins_on_a_line_are_read_in_order(client: Client) -> None:
    uins = [f"U{number}" for number in range(5000)]
    added = "".join(f"<m:added_uin_col>{uin}</m:added_uin_col>" for uin in uins)
    removed = added.replace("added", "removed")
    assert client.call(save(PAYLOAD.replace("</m:StrAdjItmMod>", f"{added}{removed}</m:StrAdjItmMod>"))).status == 200
    line = client.stub.calls[0][2].lines[0]
    assert list(line.added_uins) == uins and list(line.removed_uins) == uins


def test_members_in_the_default_namespace_are_the_same(client: Client) -> None:
    payload = PAYLOAD.replace("m:", "").replace("<StrAdjModVo>", f'<StrAdjModVo xmlns="{MOD}">')
    assert client.call(save(payload)).status == 200
    assert client.tally.counts() == {}
