"""InvAdjustDesc: one change of stock, as the merchandising system takes it from the integration bus (PUB-01, PUB-04).

`InvAdjustDescWriter` writes the lines of one adjustment, `render` writes a single value, `parse` reads one back.
Members and their order are those of ``xsd/InvAdjustDesc.xsd``; what the receiver does not use is never sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple, cast

from lxml import etree

from gateway.domain.disposition import Account, Disposition
from gateway.domain.errors import InvalidMessage
from gateway.domain.quantity import plain
from gateway.domain.uin import UinState
from gateway.formats import namespaces as ns
from gateway.formats import safe_xml

TRANSACTION_CODE: Final = 0
"""What SIM puts into ``transaction_code`` of every message; the receiver does not use it."""

UIN_STATUS: Final[Mapping[UinState, int]] = MappingProxyType(
    {
        UinState.IN_STOCK: 0,
        UinState.REMOVED: 6,
        UinState.UNAVAILABLE: 7,
        UinState.MISSING: 8,
        UinState.CUSTOMER_RESERVED: 10,
    }
)
"""State of a unit to ``InvAdjustUin/status``. Not certain: no public source gives the codes of this payload, so the
table is ours and stands in this one place (UIN-08)."""

MAX_USER_NAME_LENGTH: Final = 30
"""Characters that ``user_id`` carries."""

_ROOT = ns.tag(ns.INV_ADJUST_DESC, "InvAdjustDesc")
_DTL = ns.tag(ns.INV_ADJUST_DESC, "InvAdjustDtl")
_UIN = ns.tag(ns.INV_ADJUST_DESC, "InvAdjustUin")
_OURS = ns.tag(ns.INV_ADJUST_DESC, "")
# A carriage return must be a reference, or a reader turns it into a line feed.
_SPECIAL = re.compile("[&<>\r]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANY_SPECIAL = re.compile("[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


class InvAdjustUin(NamedTuple):
    """One unit of a serialised item that the change moved, with its state as a code of `UIN_STATUS` (UIN-08)."""

    uin: str
    status: int


class InvAdjustDtl(NamedTuple):
    """One InvAdjustDesc with its only line (PUB-01).

    Attributes:
        location: number of the store, as text.
        quantity: in standard units of the item, without sign: the direction is in the dispositions (PUB-04).
        from_disposition, to_disposition: codes such as ``ATS``; None for the outside of the store.
        created_at: when the change was confirmed, UTC.
    """

    location: str
    item_id: str
    reason_code: int | None
    quantity: Decimal
    from_disposition: str | None
    to_disposition: str | None
    user_name: str
    created_at: datetime
    uins: tuple[InvAdjustUin, ...] = ()


class InvAdjustDescWriter:
    """Writes the messages of one adjustment; what its lines share is written once.

    Args:
        store_id: where the stock changed.
        user_name: who confirmed.
        created_at: when, with time zone; written in UTC.
        literal_dist: send ``DIST`` for the outside of the store instead of leaving that side out (PUB-04).
    Raises:
        ValueError: the user name or the time cannot be written.
    """

    def __init__(self, store_id: int, user_name: str, created_at: datetime, literal_dist: bool = False) -> None:
        if len(user_name) > MAX_USER_NAME_LENGTH:
            raise ValueError(f"{user_name!r} is longer than the {MAX_USER_NAME_LENGTH} characters of user_id")
        self._head = _head(str(store_id))
        self._tail = _tail(user_name, created_at)
        self._literal_dist = literal_dist
        # Lines of an adjustment share few reasons, so the members between item and quantity are cut once per reason.
        self._dispositions: dict[Disposition, str] = {}

    def render(
        self,
        item_id: str,
        reason_code: int,
        quantity: Decimal,
        disposition: Disposition,
        uins: Sequence[str] = (),
        uin_status: UinState | None = None,
    ) -> str:
        """Return the message of one line, without XML declaration.

        Args:
            reason_code: the code, not the id, of the reason (RSN-03).
            quantity: in standard units, > 0 and at most `MAX_PUBLISHED_QUANTITY`; the caller has checked it.
            uins: units that the line moved, all of them now in *uin_status*.
        Raises:
            ValueError: a text holds a character that XML cannot carry, or UINs come without their state.
        """
        pair = self._dispositions.get(disposition)
        if pair is None:
            pair = self._dispositions[disposition] = _pair(*self._codes(disposition))
        if _ANY_SPECIAL.search(item_id) is not None:
            item_id = _escaped(item_id)
        units = _units(uins, uin_status) if uins else ""
        return (
            f"{self._head}{item_id}</item_id><adjustment_reason_code>{reason_code}</adjustment_reason_code>"
            f"<unit_qty>{plain(quantity)}</unit_qty>{pair}{self._tail}{units}</InvAdjustDtl></InvAdjustDesc>"
        )

    def _codes(self, disposition: Disposition) -> tuple[str | None, str | None]:
        if self._literal_dist:
            return disposition.from_code, disposition.to_code
        return (
            None if disposition.from_account is Account.OUTSIDE else disposition.from_code,
            None if disposition.to_account is Account.OUTSIDE else disposition.to_code,
        )


def render(dtl: InvAdjustDtl) -> str:
    """Return *dtl* as XML without declaration, in the order of the XSD.

    Raises:
        ValueError: a text holds a character that XML cannot carry.
    """
    reason = "" if dtl.reason_code is None else _element("adjustment_reason_code", str(dtl.reason_code))
    units = "".join(_unit(unit.uin, unit.status) for unit in dtl.uins)
    return (
        f"{_head(dtl.location)}{_escaped(dtl.item_id)}</item_id>{reason}{_element('unit_qty', plain(dtl.quantity))}"
        f"{_pair(dtl.from_disposition, dtl.to_disposition)}{_tail(dtl.user_name, dtl.created_at)}{units}"
        "</InvAdjustDtl></InvAdjustDesc>"
    )


def parse(message: bytes | etree._Element) -> InvAdjustDtl:
    """Read an InvAdjustDesc of one line, ours or another sender's.

    A side that is absent, empty or ``DIST`` is the outside of the store. Members that we never send are passed over.

    Args:
        message: the XML, or its root; validate it against the XSD first where facets matter.
    Raises:
        InvalidMessage: not an InvAdjustDesc with one line, or a member is missing or unreadable.
    """
    root = safe_xml.parse(message) if isinstance(message, bytes) else message
    if root.tag != _ROOT:
        raise InvalidMessage(f"expected {_ROOT}, found {root.tag}", line=_line(root))
    lines = root.findall(_DTL)
    if len(lines) != 1:
        raise InvalidMessage(f"expected one InvAdjustDtl, found {len(lines)}", line=_line(root))
    header, line = _texts(root), _texts(lines[0])
    try:
        return InvAdjustDtl(
            location=header["dc_dest_id"],
            item_id=line["item_id"],
            reason_code=int(line["adjustment_reason_code"]) if line.get("adjustment_reason_code") else None,
            quantity=Decimal(line["unit_qty"].strip()),
            from_disposition=_side(line.get("from_disposition")),
            to_disposition=_side(line.get("to_disposition")),
            user_name=line["user_id"],
            created_at=_moment(line["create_date"]),
            uins=tuple(_parsed_unit(unit) for unit in lines[0].iterfind(_UIN)),
        )
    except KeyError as missing:
        raise InvalidMessage(f"InvAdjustDesc has no {missing.args[0]}", line=_line(lines[0])) from None
    except (ValueError, ArithmeticError) as error:
        raise InvalidMessage(f"InvAdjustDesc holds an unreadable value: {error}", line=_line(lines[0])) from error


def _head(location: str) -> str:
    return (
        f'<InvAdjustDesc xmlns="{ns.INV_ADJUST_DESC}"><dc_dest_id>{_escaped(location)}</dc_dest_id>'
        "<InvAdjustDtl><item_id>"
    )


def _pair(from_code: str | None, to_code: str | None) -> str:
    source = "" if from_code is None else _element("from_disposition", from_code)
    return source if to_code is None else source + _element("to_disposition", to_code)


def _tail(user_name: str, created_at: datetime) -> str:
    if created_at.tzinfo is None:
        raise ValueError(f"{created_at!r} has no time zone")
    moment = created_at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return (
        f"{_element('transaction_code', str(TRANSACTION_CODE))}{_element('user_id', user_name)}"
        f"{_element('create_date', moment)}"
    )


def _units(uins: Sequence[str], state: UinState | None) -> str:
    if state is None:
        raise ValueError("UINs come without the state they are in (UIN-08)")
    status = UIN_STATUS[state]
    return "".join([_unit(uin, status) for uin in uins])


def _unit(uin: str, status: int) -> str:
    return f"<InvAdjustUin>{_element('uin', uin)}<status>{status}</status></InvAdjustUin>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{_escaped(text)}</{name}>"


def _escaped(text: str) -> str:
    if _ANY_SPECIAL.search(text) is None:
        return text
    wrong = _NOT_XML.search(text)
    if wrong is not None:
        raise ValueError(f"{text!r} holds {wrong[0]!r}, which XML cannot carry")
    return _SPECIAL.sub(lambda match: _REFERENCES[match[0]], text)


def _texts(parent: etree._Element) -> dict[str, str]:
    return {
        child.tag.removeprefix(_OURS): child.text or "" for child in parent if len(child) == 0 and _is_ours(child.tag)
    }


def _is_ours(tag: object) -> bool:
    return isinstance(tag, str) and tag.startswith(_OURS)


def _side(code: str | None) -> str | None:
    return None if code in (None, "", "DIST") else code


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        # xs:dateTime allows it; other senders mean UTC no less often than their own zone, so nothing is guessed.
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def _parsed_unit(unit: etree._Element) -> InvAdjustUin:
    texts = _texts(unit)
    return InvAdjustUin(texts["uin"], int(texts["status"]))


def _line(element: etree._Element) -> int | None:
    return cast("int | None", element.sourceline)
