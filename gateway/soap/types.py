# mypy: allow-subclassing-any
# (Spyne has no type information, so every class of it is Any to the type checker.)
"""The payloads of the service as Spyne models, member by member as ``xsd/`` declares them.

Order is document order: the row "15.0/16.0" of SIM's releases. A test compares each model with its schema, so that the
two cannot drift. Members that belong to another namespace than their owner carry it as ``sub_ns``. Facets are there
for reading, and for messages to people; what comes in is validated by the schema and not by them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from spyne import Boolean, ComplexModel, DateTime, Decimal, Unicode
from spyne.model.primitive import Int, Long

from gateway.formats import namespaces as ns

UNBOUNDED: Final = "unbounded"

_REQUIRED: Final = {"min_occurs": 1, "nillable": False}

NUMBER4 = Int(total_digits=4, **_REQUIRED)
NUMBER10 = Long(total_digits=10, **_REQUIRED)
NUMBER12 = Long(total_digits=12, **_REQUIRED)
NUMBER10_2 = Decimal(10, 2, **_REQUIRED)
NUMBER20_4 = Decimal(20, 4, **_REQUIRED)
SEARCH_LIMIT = Int(total_digits=3, ge=1, le=999, **_REQUIRED)
VARCHAR25 = Unicode(25, **_REQUIRED)
VARCHAR64 = Unicode(64, **_REQUIRED)
VARCHAR128 = Unicode(128, **_REQUIRED)
VARCHAR250 = Unicode(250, **_REQUIRED)
VARCHAR256 = Unicode(256, **_REQUIRED)
VARCHAR2000 = Unicode(2000, **_REQUIRED)
TEXT = Unicode(**_REQUIRED)
TRUTH = Boolean(**_REQUIRED)
TIME = DateTime(**_REQUIRED)
STATUS = Unicode(
    values=["IN_PROGRESS", "COMPLETED", "CANCELED", "UNKNOWN", "NO_VALUE"], type_name="str_adj_status", **_REQUIRED
)


def members(*pairs: tuple[str, Any]) -> list[tuple[str, Any]]:
    """Return the members of a model in the order in which they stand on the wire."""
    return list(pairs)


def optional(member: Any) -> Any:
    """Return *member* as one that may be absent. Absent is the only way to say "no value"; never ``xsi:nil``."""
    return member.customize(min_occurs=0)


def many(member: Any, most: int | str = UNBOUNDED) -> Any:
    """Return *member* as one that comes 0 to *most* times; in Python a list, or None when none came."""
    return member.customize(min_occurs=0, max_occurs=most, nillable=False)


def of(namespace: str, member: Any) -> Any:
    """Return *member* as one whose element belongs to *namespace* instead of to that of its owner."""
    return member.customize(sub_ns=namespace)


def build(model: Any, /, **values: object) -> Any:
    """Return an instance of *model* with *values*; every other member is None.

    What Spyne's own constructor does, without its walk over the type information for each of a thousand lines.
    """
    instance = model.__new__(model)
    instance.__dict__ = {**_blank(model), **values}
    return instance


@cache
def _blank(model: Any) -> dict[str, None]:
    return dict.fromkeys(model._type_info)


class Nothing(ComplexModel):
    """The payload of an operation that needs none. Whatever stands in it is ignored."""

    __namespace__ = ns.NOTHING
    _type_info = members()


class InvocationSuccess(ComplexModel):
    """Answer of an operation that changes a state and has nothing to give back."""

    __namespace__ = ns.INVOCATION_SUCCESS
    _type_info = members(("success_message", optional(TEXT)))


class StrAdjRef(ComplexModel):
    """Identity of an adjustment."""

    __namespace__ = ns.STR_ADJ_REF
    _type_info = members(("adjustment_id", NUMBER12))


class StrAdjTplRef(ComplexModel):
    """Identity of a template."""

    __namespace__ = ns.STR_ADJ_TPL_REF
    _type_info = members(("template_id", NUMBER12))


class StrAdjExtAtt(ComplexModel):
    """An extended attribute of a line (ADJ-14). Name and namespace are ours: Oracle's are not public."""

    __namespace__ = ns.STR_ADJ_EXT_ATT
    _type_info = members(
        ("name", VARCHAR64),
        ("value", optional(VARCHAR256)),
        ("barcode", optional(VARCHAR128)),
    )


class StrAdjItmMod(ComplexModel):
    """A line to add or to change."""

    __namespace__ = ns.STR_ADJ_MOD_VO
    _type_info = members(
        ("line_id", optional(NUMBER12)),
        ("item_id", VARCHAR25),
        ("reason_id", NUMBER12),
        ("quantity", NUMBER20_4),
        ("case_size", NUMBER10_2),
        ("added_uin_col", many(VARCHAR128, 5000)),
        ("removed_uin_col", many(VARCHAR128, 5000)),
        ("StrAdjExtAtt", of(ns.STR_ADJ_EXT_ATT, many(StrAdjExtAtt, 1000))),
        ("removed_ext_att_col", of(ns.STR_ADJ_EXT_ATT, many(VARCHAR128, 1000))),
    )


class StrAdjModVo(ComplexModel):
    """What a save asks for (ADJ-07)."""

    __namespace__ = ns.STR_ADJ_MOD_VO
    _type_info = members(
        ("adjustment_id", optional(NUMBER12)),
        ("store_id", NUMBER10),
        ("reference_id", optional(NUMBER12)),
        ("template_id", optional(NUMBER12)),
        ("comments", optional(VARCHAR2000)),
        ("publish", optional(TRUTH)),
        ("StrAdjItmMod", many(StrAdjItmMod, 1000)),
        ("removed_line_id_col", many(NUMBER12, 5000)),
    )


class StrAdjItm(ComplexModel):
    """A line of an adjustment."""

    __namespace__ = ns.STR_ADJ_DESC
    _type_info = members(
        ("line_id", NUMBER12),
        ("item_id", VARCHAR25),
        ("reason_id", NUMBER12),
        ("quantity", NUMBER20_4),
        ("case_size", NUMBER10_2),
        ("uin_col", many(VARCHAR128)),
        ("StrAdjExtAtt", of(ns.STR_ADJ_EXT_ATT, many(StrAdjExtAtt, 1000))),
    )


class StrAdjDesc(ComplexModel):
    """An adjustment with its lines."""

    __namespace__ = ns.STR_ADJ_DESC
    _type_info = members(
        ("adjustment_id", NUMBER12),
        ("store_id", NUMBER10),
        ("reference_id", optional(NUMBER12)),
        ("template_id", optional(NUMBER12)),
        ("status", STATUS),
        ("comments", optional(VARCHAR2000)),
        ("create_date", TIME),
        ("create_user_name", VARCHAR128),
        ("approve_date", optional(TIME)),
        ("approve_user_name", optional(VARCHAR128)),
        ("StrAdjItm", many(StrAdjItm)),
    )


class StrAdjHdrCriVo(ComplexModel):
    """What a search for adjustments asks for (ADJ-11)."""

    __namespace__ = ns.STR_ADJ_HDR_CRI_VO
    _type_info = members(
        ("store_id", NUMBER10),
        ("from_date", optional(TIME)),
        ("to_date", optional(TIME)),
        ("item_id", optional(VARCHAR25)),
        ("adjustment_id", optional(NUMBER12)),
        ("reason_id", optional(NUMBER12)),
        ("status", STATUS),
        ("user_name", optional(VARCHAR128)),
        ("nonsellable_type_id", optional(NUMBER12)),
        ("template_id", optional(NUMBER12)),
        ("search_limit", SEARCH_LIMIT),
    )


class StrAdjHdrDesc(ComplexModel):
    """An adjustment as a list shows it."""

    __namespace__ = ns.STR_ADJ_HDR_DESC
    _type_info = members(
        ("adjustment_id", NUMBER12),
        ("status", STATUS),
        ("create_date", TIME),
        ("create_user_name", VARCHAR128),
        ("template_id", optional(NUMBER12)),
        ("item_count", NUMBER10),
    )


class StrAdjHdrColDesc(ComplexModel):
    """A list of adjustments."""

    __namespace__ = ns.STR_ADJ_HDR_COL_DESC
    _type_info = members(
        ("StrAdjHdrDesc", of(ns.STR_ADJ_HDR_DESC, many(StrAdjHdrDesc))),
        ("collection_size", NUMBER4),
    )


class StrAdjTpHdCriVo(ComplexModel):
    """What a search for templates asks for (TPL-04)."""

    __namespace__ = ns.STR_ADJ_TP_HD_CRI_VO
    _type_info = members(
        ("store_id", NUMBER10),
        ("from_date", optional(TIME)),
        ("to_date", optional(TIME)),
        ("item_id", optional(VARCHAR25)),
        ("template_id", optional(NUMBER12)),
        ("description", optional(VARCHAR250)),
        ("reason_id", optional(NUMBER12)),
        ("status", STATUS),
        ("user_name", optional(VARCHAR128)),
    )


class StrAdjTpHdDesc(ComplexModel):
    """A template as a list shows it."""

    __namespace__ = ns.STR_ADJ_TP_HD_DESC
    _type_info = members(
        ("template_id", NUMBER12),
        ("description", VARCHAR250),
        ("status", STATUS),
        ("create_date", TIME),
        ("create_user_name", VARCHAR128),
        ("item_count", NUMBER10),
    )


class StrAdjTpHdColDesc(ComplexModel):
    """A list of templates."""

    __namespace__ = ns.STR_ADJ_TP_HD_COL_DESC
    _type_info = members(
        ("StrAdjTpHdDesc", of(ns.STR_ADJ_TP_HD_DESC, many(StrAdjTpHdDesc))),
        ("collection_size", NUMBER4),
    )


class StrAdjTplItm(ComplexModel):
    """A line of a template."""

    __namespace__ = ns.STR_ADJ_TPL_DESC
    _type_info = members(
        ("line_id", NUMBER12),
        ("item_id", VARCHAR25),
        ("reason_id", NUMBER12),
        ("quantity", NUMBER20_4),
        ("case_size", NUMBER10_2),
    )


class StrAdjTplDesc(ComplexModel):
    """A template with its lines."""

    __namespace__ = ns.STR_ADJ_TPL_DESC
    _type_info = members(
        ("template_id", NUMBER12),
        ("store_id", NUMBER10),
        ("description", VARCHAR250),
        ("status", STATUS),
        ("comments", optional(VARCHAR2000)),
        ("create_date", TIME),
        ("create_user_name", VARCHAR128),
        ("approve_date", optional(TIME)),
        ("approve_user_name", optional(VARCHAR128)),
        ("StrAdjTplItm", many(StrAdjTplItm)),
    )


class StrAdjRsnDesc(ComplexModel):
    """A reason. The sub-bucket that stock goes to stands before the one it comes from."""

    __namespace__ = ns.STR_ADJ_RSN_DESC
    _type_info = members(
        ("reason_id", NUMBER12),
        ("reason_code", NUMBER4),
        ("description", VARCHAR256),
        ("disposition_desc", VARCHAR256),
        ("to_nonsellable_qty_type_id", optional(NUMBER12)),
        ("from_nonsellable_qty_type_id", optional(NUMBER12)),
    )


class StrAdjRsnColDesc(ComplexModel):
    """All reasons a caller may use."""

    __namespace__ = ns.STR_ADJ_RSN_COL_DESC
    _type_info = members(
        ("StrAdjRsnDesc", of(ns.STR_ADJ_RSN_DESC, many(StrAdjRsnDesc))),
        ("collection_size", NUMBER4),
    )


class NslQtyTypDesc(ComplexModel):
    """A sub-bucket of the unavailable stock."""

    __namespace__ = ns.NSL_QTY_TYP_DESC
    _type_info = members(("type_id", NUMBER12), ("description", VARCHAR256))


class NslQtyTypColDesc(ComplexModel):
    """All sub-buckets."""

    __namespace__ = ns.NSL_QTY_TYP_COL_DESC
    _type_info = members(
        ("NslQtyTypDesc", of(ns.NSL_QTY_TYP_DESC, many(NslQtyTypDesc))),
        ("collection_size", NUMBER4),
    )


class ProblemDetailEntry(ComplexModel):
    """A named value of a problem. Names of its members are ours: Oracle's are not public."""

    __namespace__ = ns.EXCEPTION
    _type_info = members(("name", TEXT), ("value", optional(TEXT)))


class BusinessProblemDetail(ComplexModel):
    """One problem of a request."""

    __namespace__ = ns.EXCEPTION
    _type_info = members(
        ("problemDescription", many(TEXT).customize(min_occurs=1)),
        ("ProblemDetailEntry", many(ProblemDetailEntry)),
    )


_FAULT_MEMBERS: Final = [
    ("shortErrorMessage", TEXT),
    ("errorDescription", optional(TEXT)),
    ("BusinessProblemDetail", many(BusinessProblemDetail)),
]


class IllegalArgumentWSFaultException(ComplexModel):
    """Detail of a fault on the caller's side: what came cannot be read."""

    __namespace__ = ns.EXCEPTION
    _type_info = members(*_FAULT_MEMBERS)


class IllegalStateWSFaultException(ComplexModel):
    """Detail of a fault on our side."""

    __namespace__ = ns.EXCEPTION
    _type_info = members(*_FAULT_MEMBERS)


class ValidationWSFaultException(ComplexModel):
    """Detail of a fault about broken business rules and missing permissions."""

    __namespace__ = ns.EXCEPTION
    _type_info = members(*_FAULT_MEMBERS)
