"""The demo data as the files in ``gateway/demo`` say them, read here with nothing of the gateway's own reading."""

from __future__ import annotations

import csv
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

import gateway
from gateway.domain.default_reasons import default_reasons

FOLDER = Path(gateway.__file__).parent / "demo"
DISPLAY = {
    ("ATS", "DIST"): "- Stock On Hand",
    ("DIST", "ATS"): "+ Stock On Hand",
    ("ATS", "TRBL"): "+ Unavailable",
    ("TRBL", "ATS"): "- Unavailable",
    ("TRBL", "DIST"): "- Stock On Hand and - Unavailable",
    ("TRBL", "TRBL"): "-Unavailable and + Unavailable",
}
"""Display texts of the dispositions that callers meet, as SIM prints them (RSN-01)."""


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a demo file."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reasons() -> list[dict[str, Any]]:
    """Return the reasons that a caller without restrictions may use, as `StrAdjRsnDesc` shows them (RSN-02, RSN-07)."""
    shown = [
        _shown_reason(
            reason.reason_id,
            reason.reason_code,
            reason.description,
            (reason.disposition.from_code, reason.disposition.to_code),
            reason.to_sub_bucket,
            reason.from_sub_bucket,
        )
        for reason in default_reasons()
        if reason.use_in_ui or not reason.system
    ]
    for row in rows("reasons"):
        shown.append(
            _shown_reason(
                int(row["reason_id"]),
                int(row["reason_code"]),
                row["description"],
                (row["from_disposition"], row["to_disposition"]),
                _number(row["to_nonsellable_type_id"]),
                _number(row["from_nonsellable_type_id"]),
            )
        )
    return sorted(shown, key=itemgetter("reason_id"))


def sub_buckets() -> list[dict[str, Any]]:
    """Return the sub-buckets as `NslQtyTypDesc` shows them."""
    return [{"type_id": int(row["type_id"]), "description": row["description"]} for row in rows("nonsellable_types")]


def template(template_id: int) -> list[dict[str, str]]:
    """Return the rows of a template; each repeats its header."""
    return [row for row in rows("templates") if int(row["template_id"]) == template_id]


def template_lines(template_id: int, multiplier: int = 1) -> list[dict[str, Any]]:
    """Return item, reason, quantity and case size of a template's lines, the quantity times *multiplier* (ADJ-10)."""
    return [
        {
            "item_id": row["item_id"],
            "reason_id": int(row["reason_id"]),
            "quantity": Decimal(row["quantity"]) * multiplier,
            "case_size": Decimal(row["case_size"]),
        }
        for row in template(template_id)
    ]


def _number(text: str) -> int | None:
    return int(text) if text else None


def _shown_reason(
    reason_id: int, code: int, description: str, pair: tuple[str, str], to_bucket: int | None, from_bucket: int | None
) -> dict[str, Any]:
    shown = {
        "reason_id": reason_id,
        "reason_code": code,
        "description": description,
        "disposition_desc": DISPLAY[pair],
        "to_nonsellable_qty_type_id": to_bucket,
        "from_nonsellable_qty_type_id": from_bucket,
    }
    return {name: value for name, value in shown.items() if value is not None}
