"""Everything that comes in goes through one parse, which refuses what could hurt and reads everything else."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.domain.errors import InvalidMessage
from gateway.formats import safe_xml
from gateway.formats.safe_xml import Limits, parse

DOCTYPE = b"<!DOCTYPE a [<!ENTITY x 'y'>]>"
SMALL = Limits(max_bytes=2000, max_depth=4, max_elements=20, max_attributes=6)


def attributes(count: int) -> bytes:
    return b" ".join(b'a%d=""' % number for number in range(count))


def request_of(lines: int) -> bytes:
    line = b"<m:l><m:item_id>100000147</m:item_id><m:reason_id>83</m:reason_id><m:quantity>2</m:quantity></m:l>\n"
    return b'<?xml version="1.0" encoding="UTF-8"?><e xmlns:m="urn:m">' + line * lines + b"</e>"


def test_a_plain_message_is_read() -> None:
    root = parse(b'<?xml version="1.0"?><a b="1"><c>\xe2\x82\xac</c></a>')
    assert (root.tag, root.get("b"), root.findtext("c")) == ("a", "1", "€")


@pytest.mark.parametrize(
    "message",
    [
        DOCTYPE + b"<a>&x;</a>",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<?xml version='1.0'?><!-- before --><!DOCTYPE a><a/>",
        b"\xef\xbb\xbf" + DOCTYPE + b"<a/>",
        (DOCTYPE + b"<a/>").decode().encode("utf-16"),
        (DOCTYPE + b"<a/>").decode().encode("utf-16-le"),
        (DOCTYPE + b"<a/>").decode().encode("utf-16-be"),
        (DOCTYPE + b"<a/>").decode().encode("utf-32"),
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + DOCTYPE + b"<a/>",
    ],
)
def test_a_doctype_is_refused_in_every_encoding(message: bytes) -> None:
    with pytest.raises(InvalidMessage, match="DOCTYPE is not allowed"):
        parse(message)


def test_a_doctype_is_refused_before_the_parser_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml.etree, "fromstring", lambda *_: pytest.fail("was parsed"))
    with pytest.raises(InvalidMessage, match="DOCTYPE"):
        parse(DOCTYPE + b"<a/>")


def test_a_doctype_that_the_scan_missed_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "_scan", lambda *_: None)
    with pytest.raises(InvalidMessage, match="DOCTYPE"):
        parse(DOCTYPE + b"<a/>")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (b"<a><![CDATA[<!DOCTYPE b>]]></a>", "<!DOCTYPE b>"),
        (b"<a><!-- <!DOCTYPE b> <?php ?> -->t</a>", "t"),
        (b"<a><![CDATA[<!-- <!DOCTYPE b>]]></a>", "<!-- <!DOCTYPE b>"),
        (b"<a><![CDATA[<?pi ?>]]></a>", "<?pi ?>"),
        (b"<a>why? wow! &lt;!DOCTYPE b&gt;</a>", "why? wow! <!DOCTYPE b>"),
        (b"<!-- <!DOCTYPE b> --><a>t</a>", "t"),
    ],
)
def test_comments_and_cdata_may_mention_what_is_not_allowed(message: bytes, text: str) -> None:
    assert "".join(parse(message).itertext()) == text


@pytest.mark.parametrize(
    "place", ["<!-- x --><!DOCTYPE a><a/>", "<a><![CDATA[x]]><?pi?></a>", "<?pi?><a/>", "<a/><?pi?>"]
)
def test_an_aside_does_not_hide_what_follows_it(place: str) -> None:
    with pytest.raises(InvalidMessage, match="not allowed"):
        parse(place.encode())


@pytest.mark.parametrize("message", [b"<a>&x;</a>", b'<a b="&x;"/>'])
def test_an_entity_reference_is_refused(message: bytes) -> None:
    with pytest.raises(InvalidMessage, match="Entity 'x' not defined"):
        parse(message)


def test_the_five_built_in_entities_and_character_references_are_read() -> None:
    assert parse(b"<a>&lt;&gt;&amp;&apos;&quot;&#8364;&#x1F600;</a>").text == "<>&'\"€😀"


def test_a_processing_instruction_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidMessage, match="processing instruction") as caught:
        parse(b"<a>\n<?php echo ?></a>")
    assert caught.value.line == 2


def test_space_before_the_xml_declaration_is_named() -> None:
    with pytest.raises(InvalidMessage, match="very start"):
        parse(b'\n<?xml version="1.0"?><a/>')


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-15", "windows-1252"]
)
def test_encodings_of_real_clients_are_read(encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)
    message = f'<?xml version="1.0" encoding="{declared}"?>\n<a>\u20ac\u00fc</a>'
    assert parse(message.encode(encoding)).text == "€ü"


def test_the_charset_of_the_transport_goes_before_the_declaration() -> None:
    assert parse("<a>ü</a>".encode("latin-1"), charset="ISO-8859-1").text == "ü"
    assert parse('<?xml version="1.0" encoding="utf-16"?><a>ü</a>'.encode(), charset="utf-8").text == "ü"


@pytest.mark.parametrize("encoding", ["utf-7", "ebcdic-cp-us", "idna", "unicode_escape", "zlib"])
def test_other_encodings_are_refused_by_name(encoding: str) -> None:
    with pytest.raises(InvalidMessage, match=f"encoding {encoding} is not accepted"):
        parse(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"hello", "not well-formed"),
        (b"<a>", "not well-formed"),
        (b"<a>\xff</a>", "not well-formed"),
        (b"<a>\x00</a>", "NUL"),
        (b"<a><!-- never closed </a>", "not well-formed"),
        (b"<a><![CDATA[ <!DOCTYPE b </a>", "DOCTYPE|not well-formed"),
        (b'<?xml version="1.0" encoding="utf-8" encoding="utf-7"?><a/>', "declaration"),
        (b'<?xml version="1.0" encoding="utf-16"?><a/>', "said to be utf-16"),
        ('<?xml version="1.0" encoding="us-ascii"?><a>ü</a>'.encode(), "not us-ascii"),
        (b"\xff\xfe<\x00a\x00", "not well-formed"),
        (b"\xff\xfe<\x00a\x00/\x00>", "not utf-16"),
    ],
)
def test_what_is_not_xml_is_an_invalid_message_with_a_reason(message: bytes, reason: str) -> None:
    with pytest.raises(InvalidMessage, match=reason):
        parse(message)


def test_an_error_names_line_and_column_once() -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse(b"<a>\n  <b c></b></a>")
    assert caught.value.line == 2
    assert str(caught.value).count("line 2") == str(caught.value).count("column") == 1


def test_lines_are_counted_as_sent_in_transcoded_messages_too() -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse('<?xml version="1.0"\nencoding="utf-16"?>\n<a>\n<b></a>'.encode("utf-16"))
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"<a>" + b" " * 2000 + b"</a>", "2007 bytes; at most 2000"),
        (b"<a>" * 5 + b"</a>" * 5, "deeper than 4"),
        (b"<a>" + b"<b/>" * 20 + b"</a>", "more than 20 elements"),
        (b"<a " + attributes(7) + b"/>", "more than 6 attributes"),
        (b"<a " + attributes(7).replace(b'""', b"'>'") + b"/>", "more than 6 attributes"),
        (b"<a><!-- --><b " + attributes(7) + b"/></a>", "more than 6 attributes"),
        (b"<a" + b"".join(b' xmlns:p%d="urn:%d"' % (n, n) for n in range(7)) + b"/>", "more than 6 attributes"),
    ],
)
def test_floods_are_refused(message: bytes, reason: str) -> None:
    with pytest.raises(InvalidMessage, match=reason):
        parse(message, limits=SMALL)


@pytest.mark.parametrize(
    "message",
    [
        b"<a>" * 4 + b"</a>" * 4,
        b"<a>" + b"<b/>" * 19 + b"</a>",
        b"<a>" + b"<b></b>" * 19 + b"</a>",
        b"<a>" + b"<b/>" * 10 + b"<!-- <b/><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/> --></a>",
        b"<a " + attributes(6) + b"/>",
        b"<a>" + b"=" * 500 + b"</a>",
        b'<a b="' + b"c=d " * 100 + b'"/>',
        b"<a><![CDATA[<b " + attributes(7) + b"/>]]></a>",
    ],
)
def test_a_message_at_the_limit_is_read(message: bytes) -> None:
    parse(message, limits=SMALL)


def test_the_parsers_own_depth_is_the_default_limit() -> None:
    parse(b"<a>" * 250 + b"</a>" * 250)
    with pytest.raises(InvalidMessage, match="depth"):
        parse(b"<a>" * 257 + b"</a>" * 257)


@pytest.mark.parametrize(
    "message",
    [
        b"<!--" * 2_000_000,
        b"<![CDATA[" * 1_000_000,
        b"<?" * 4_000_000,
        b"<a " + b"b=" * 4_000_000,
        b"<a " + attributes(500_000),
    ],
    ids=["comments", "cdata", "instructions", "equals", "attributes"],
)
def test_hostile_messages_are_refused_in_linear_time(message: bytes) -> None:
    began = time.process_time()
    with pytest.raises(InvalidMessage):
        parse(message)
    assert time.process_time() - began < 3  # seconds; a quadratic scan takes minutes


def test_a_hundred_kilobytes_are_parsed_at_the_speed_of_the_parser() -> None:
    message, parser = request_of(1000), etree.XMLParser(resolve_entities=False, remove_comments=True)

    def fastest(call: object) -> float:
        times = []
        for _ in range(60):
            began = time.perf_counter()
            call(message)  # type: ignore[operator]
            times.append(time.perf_counter() - began)
        return min(times)

    assert fastest(parse) < 1.5 * fastest(lambda data: etree.fromstring(data, parser))


def test_each_thread_has_its_own_parser() -> None:
    parsers = [safe_xml._parser(), safe_xml._parser()]
    thread = threading.Thread(target=lambda: parsers.append(safe_xml._parser()))
    thread.start()
    thread.join()
    assert parsers[0] is parsers[1] is not parsers[2]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(parse(data), etree._Element)
    except InvalidMessage as error:
        assert str(error)


@given(st.text(alphabet="<>!?-[]=/ \"'abDOCTYPECDATAxml&;\n", max_size=60))
def test_what_is_read_has_no_doctype_and_no_instruction(text: str) -> None:
    try:
        root = parse(f"<a>{text}</a>".encode())
    except InvalidMessage:
        return
    reference = etree.fromstring(f"<a>{text}</a>".encode(), etree.XMLParser(resolve_entities=False))
    assert not list(reference.iter(etree.PI))
    assert "".join(reference.xpath("//text()")) == "".join(root.itertext())
