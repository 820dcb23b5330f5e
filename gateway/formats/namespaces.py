"""Every XML namespace the gateway reads or writes, and the prefix each one always gets.

One prefix stands for one namespace in every schema, WSDL and message of ours, so that a fragment means the same
wherever it is read (the older stacks that resolve prefixes by file and not by scope need this).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# -- XML itself, SOAP, WSDL, web service extensions ------------------------------------------------------------------
XML: Final = "http://www.w3.org/XML/1998/namespace"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP11: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP_HTTP: Final = "http://schemas.xmlsoap.org/soap/http"
SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
WSA: Final = "http://www.w3.org/2005/08/addressing"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

# -- Services --------------------------------------------------------------------------------------------------------
INVENTORY_ADJUSTMENT_SERVICE: Final = (
    "http://www.oracle.com/retail/sim/integration/services/InventoryAdjustmentService/v1"
)
ACTIVITY_LOCK_SERVICE: Final = "http://www.oracle.com/retail/sim/integration/services/ActivityLockService/v1"
INV_ADJUST_PUBLISHING_SERVICE: Final = (
    "http://www.oracle.com/retail/igs/integration/services/InvAdjustPublishingService/v1"
)
EXCEPTION: Final = "http://www.oracle.com/retail/integration/services/exception/v1"

# -- Oracle Retail integration bus -----------------------------------------------------------------------------------
RIB_MESSAGES: Final = "http://www.oracle.com/retail/integration/rib/RibMessages"
APPLICATION_MESSAGES: Final = "http://www.oracle.com/retail/integration/rib/ApplicationMessages/v1"
EXT_OF_INV_ADJUST_DESC: Final = "http://www.oracle.com/retail/integration/custom/bo/ExtOfInvAdjustDesc/v1"
LOC_OF_INV_ADJUST_DESC: Final = "http://www.oracle.com/retail/integration/base/bo/LocOfInvAdjustDesc/v1"

# -- InventoryLevel --------------------------------------------------------------------------------------------------
INVENTORY_LEVEL: Final = "http://www.ibm.com/websphere/crossworlds/2002/BOSchema/InventoryLevel"
INVENTORY_SERIAL_NUMBER: Final = "http://www.ibm.com/websphere/crossworlds/2002/BOSchema/InventorySerialNumber"

# -- Our own ---------------------------------------------------------------------------------------------------------
# Oracle's names for extended attributes are not public, so these live where nobody can take them for Oracle's.
STR_ADJ_EXT_ATT: Final = "urn:gateway:integration:base:bo:StrAdjExtAtt:v1"
# Types only: no element of this namespace exists, so it never shows on the wire nor in a WSDL.
RIB_TYPES: Final = "urn:gateway:integration:base:RibTypes:v1"


def payload(name: str) -> str:
    """Return the namespace of the Oracle payload *name*, such as ``StrAdjModVo``: each payload has its own."""
    return f"http://www.oracle.com/retail/integration/base/bo/{name}/v1"


INV_ADJUST_DESC: Final = payload("InvAdjustDesc")
INVOCATION_SUCCESS: Final = payload("InvocationSuccess")
NOTHING: Final = payload("Nothing")
NSL_QTY_TYP_COL_DESC: Final = payload("NslQtyTypColDesc")
NSL_QTY_TYP_DESC: Final = payload("NslQtyTypDesc")
SERVICE_OP_STATUS: Final = payload("ServiceOpStatus")
STR_ADJ_DESC: Final = payload("StrAdjDesc")
STR_ADJ_HDR_COL_DESC: Final = payload("StrAdjHdrColDesc")
STR_ADJ_HDR_CRI_VO: Final = payload("StrAdjHdrCriVo")
STR_ADJ_HDR_DESC: Final = payload("StrAdjHdrDesc")
STR_ADJ_MOD_VO: Final = payload("StrAdjModVo")
STR_ADJ_REF: Final = payload("StrAdjRef")
STR_ADJ_RSN_COL_DESC: Final = payload("StrAdjRsnColDesc")
STR_ADJ_RSN_DESC: Final = payload("StrAdjRsnDesc")
STR_ADJ_TP_HD_COL_DESC: Final = payload("StrAdjTpHdColDesc")
STR_ADJ_TP_HD_CRI_VO: Final = payload("StrAdjTpHdCriVo")
STR_ADJ_TP_HD_DESC: Final = payload("StrAdjTpHdDesc")
STR_ADJ_TPL_DESC: Final = payload("StrAdjTplDesc")
STR_ADJ_TPL_REF: Final = payload("StrAdjTplRef")

SCHEMA_NAMESPACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "InvAdjustDesc": INV_ADJUST_DESC,
        "InvAdjustPublishingService": INV_ADJUST_PUBLISHING_SERVICE,
        "InventoryAdjustmentService": INVENTORY_ADJUSTMENT_SERVICE,
        "InvocationSuccess": INVOCATION_SUCCESS,
        "Nothing": NOTHING,
        "NslQtyTypColDesc": NSL_QTY_TYP_COL_DESC,
        "NslQtyTypDesc": NSL_QTY_TYP_DESC,
        "RibTypes": RIB_TYPES,
        "ServiceOpStatus": SERVICE_OP_STATUS,
        "StrAdjDesc": STR_ADJ_DESC,
        "StrAdjExtAtt": STR_ADJ_EXT_ATT,
        "StrAdjHdrColDesc": STR_ADJ_HDR_COL_DESC,
        "StrAdjHdrCriVo": STR_ADJ_HDR_CRI_VO,
        "StrAdjHdrDesc": STR_ADJ_HDR_DESC,
        "StrAdjModVo": STR_ADJ_MOD_VO,
        "StrAdjRef": STR_ADJ_REF,
        "StrAdjRsnColDesc": STR_ADJ_RSN_COL_DESC,
        "StrAdjRsnDesc": STR_ADJ_RSN_DESC,
        "StrAdjTpHdColDesc": STR_ADJ_TP_HD_COL_DESC,
        "StrAdjTpHdCriVo": STR_ADJ_TP_HD_CRI_VO,
        "StrAdjTpHdDesc": STR_ADJ_TP_HD_DESC,
        "StrAdjTplDesc": STR_ADJ_TPL_DESC,
        "StrAdjTplRef": STR_ADJ_TPL_REF,
        "exception": EXCEPTION,
    }
)
"""Name of each schema file of ``xsd/`` (without suffix) and its target namespace; the name is also its prefix."""

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        XSD: "xs",
        XSI: "xsi",
        WSDL: "wsdl",
        WSDL_SOAP11: "soap",
        SOAP11: "soapenv",
        SOAP12: "soap12env",
        WSA: "wsa",
        WSSE: "wsse",
        WSU: "wsu",
        ACTIVITY_LOCK_SERVICE: "ActivityLockService",
        RIB_MESSAGES: "rib",
        APPLICATION_MESSAGES: "app",
        EXT_OF_INV_ADJUST_DESC: "ExtOfInvAdjustDesc",
        LOC_OF_INV_ADJUST_DESC: "LocOfInvAdjustDesc",
        INVENTORY_LEVEL: "InventoryLevel",
        INVENTORY_SERIAL_NUMBER: "InventorySerialNumber",
        **{namespace: name for name, namespace in SCHEMA_NAMESPACES.items()},
    }
)
"""Namespace to prefix, one to one."""


def tag(namespace: str, name: str) -> str:
    """Return the name lxml uses for element *name* of *namespace*: ``{namespace}name``."""
    return f"{{{namespace}}}{name}"
