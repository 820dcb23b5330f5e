"""All tables. Names are SIM's where SIM has the table, ours beside them; see ``docs/mapping/tables.md``.

What the database can hold as a rule, it holds: keys, NOT NULL, CHECK, all named. Rows of ``stock_movement`` can
only be added: triggers of the migration refuse everything else (STK-03).
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.disposition import ACCOUNT_OF, Account
from gateway.domain.item import ItemKind
from gateway.domain.ledger import Origin
from gateway.domain.outbox import OutboxStatus, Outcome
from gateway.domain.permission import Function
from gateway.domain.uin import UinState
from gateway.persistence.columns import Amount, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself only in a column that is called INTEGER."""


def _id() -> Column[int]:
    return Column("id", BigId, Identity(), primary_key=True)


def _one_of(column: str, values: type[StrEnum] | list[str]) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def _positive(column: str) -> CheckConstraint:
    # Amounts are text on SQLite, where every text is greater than zero: compare the number they stand for.
    return CheckConstraint(f"CAST({column} AS REAL) > 0", name=f"{column}_positive")


def _not_negative(column: str) -> CheckConstraint:
    return CheckConstraint(f"CAST({column} AS REAL) >= 0", name=f"{column}_not_negative")


_CODES = list(ACCOUNT_OF)

parameter = Table(
    "parameter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(256), nullable=False),
)

reference_version = Table(
    "reference_version",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
"""One row, counted up by every change to reasons, sub-buckets, stores, users, roles and parameters, so that each
process can keep those in memory and still never act on old ones."""

number_sequence = Table(
    "number_sequence",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("next_number", BigInteger, nullable=False),
)

store = Table(
    "store",
    metadata,
    Column("store_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
)

item = Table(
    "item",
    metadata,
    Column("item_id", String(25), primary_key=True),
    Column("description", String(250), nullable=False),
    Column("uom", String(4), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("unit_cost", Amount(), nullable=True),
    Column("department", String(120), nullable=True),
    Column("class", String(120), nullable=True),
    Column("subclass", String(120), nullable=True),
    _one_of("kind", ItemKind),
)

nonsellable_type = Table(
    "nonsellable_type",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("description", String(255), nullable=False),
)

inv_adjust_reason = Table(
    "inv_adjust_reason",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Integer, nullable=False),
    Column("description", String(255), nullable=False),
    Column("from_disposition", String(4), nullable=False),
    Column("to_disposition", String(4), nullable=False),
    Column("from_nonsellable_type_id", ForeignKey("nonsellable_type.id"), nullable=True),
    Column("to_nonsellable_type_id", ForeignKey("nonsellable_type.id"), nullable=True),
    Column("displayable", Boolean, nullable=False),
    Column("system_required", Boolean, nullable=False),
    Column("publish", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("code"),
    CheckConstraint("id > 0", name="id_positive"),
    CheckConstraint("code BETWEEN 0 AND 9999", name="code_four_digits"),
    _one_of("from_disposition", _CODES),
    _one_of("to_disposition", _CODES),
)

app_user = Table(
    "app_user",
    metadata,
    Column("user_name", String(30), primary_key=True),
    Column("password_hash", String(256), nullable=True),
    Column("credential_version", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("all_stores", Boolean, nullable=False),
    Column("created_at", UtcTime(), nullable=False),
)
"""User names have at most 30 characters because ``InvAdjustDtl/user_id`` carries no more (PUB-04)."""

user_store = Table(
    "user_store",
    metadata,
    Column("user_name", ForeignKey("app_user.user_name"), primary_key=True),
    Column("store_id", ForeignKey("store.store_id"), primary_key=True),
)

role = Table(
    "role",
    metadata,
    Column("role_name", String(60), primary_key=True),
    Column("all_reasons", Boolean, nullable=False),
)

role_function = Table(
    "role_function",
    metadata,
    Column("role_name", ForeignKey("role.role_name"), primary_key=True),
    Column("function", String(40), primary_key=True),
    _one_of("function", Function),
)

role_reason = Table(
    "role_reason",
    metadata,
    Column("role_name", ForeignKey("role.role_name"), primary_key=True),
    Column("reason_id", ForeignKey("inv_adjust_reason.id"), primary_key=True),
)

user_role = Table(
    "user_role",
    metadata,
    Column("user_name", ForeignKey("app_user.user_name"), primary_key=True),
    Column("role_name", ForeignKey("role.role_name"), primary_key=True),
)

inv_adjust_template = Table(
    "inv_adjust_template",
    metadata,
    _id(),
    Column("store_id", ForeignKey("store.store_id"), nullable=False),
    Column("description", String(250), nullable=False),
    Column("comments", String(2000), nullable=True),
    Column("status", String(20), nullable=False),
    Column("create_date", UtcTime(), nullable=False),
    Column("create_user", String(128), nullable=False),
    Column("approve_date", UtcTime(), nullable=True),
    Column("approve_user", String(128), nullable=True),
    _one_of("status", AdjustmentStatus),
    Index(None, "store_id", "create_date"),
    sqlite_autoincrement=True,  # the id of a deleted template must never come back
)

inv_adjust_template_item = Table(
    "inv_adjust_template_item",
    metadata,
    _id(),
    Column("inv_adjust_template_id", ForeignKey("inv_adjust_template.id"), nullable=False),
    Column("item_id", ForeignKey("item.item_id"), nullable=False),
    Column("inv_adjust_reason_id", ForeignKey("inv_adjust_reason.id"), nullable=False),
    Column("quantity", Amount(), nullable=False),
    Column("case_size", Amount(10, 2), nullable=False),
    UniqueConstraint("inv_adjust_template_id", "item_id"),
    _positive("quantity"),
    _positive("case_size"),
)

inv_adjust = Table(
    "inv_adjust",
    metadata,
    _id(),
    Column("store_id", ForeignKey("store.store_id"), nullable=False),
    Column("reference_id", ForeignKey("inv_adjust.id"), nullable=True),
    Column("inv_adjust_template_id", ForeignKey("inv_adjust_template.id"), nullable=True),
    Column("status", String(20), nullable=False),
    Column("comments", String(2000), nullable=True),
    Column("publish", Boolean, nullable=True),
    Column("create_date", UtcTime(), nullable=False),
    Column("create_user", String(128), nullable=False),
    Column("approve_date", UtcTime(), nullable=True),
    Column("approve_user", String(128), nullable=True),
    _one_of("status", AdjustmentStatus),
    CheckConstraint(
        "(status = 'COMPLETED') = (approve_date IS NOT NULL AND approve_user IS NOT NULL)",
        name="approved_when_completed",
    ),
    Index(None, "store_id", "create_date", "id"),
    Index(None, "inv_adjust_template_id"),
)

inv_adjust_line_item = Table(
    "inv_adjust_line_item",
    metadata,
    _id(),
    Column("inv_adjust_id", ForeignKey("inv_adjust.id"), nullable=False),
    Column("item_id", ForeignKey("item.item_id"), nullable=False),
    Column("inv_adjust_reason_id", ForeignKey("inv_adjust_reason.id"), nullable=False),
    Column("quantity", Amount(), nullable=False),
    Column("case_size", Amount(10, 2), nullable=False),
    UniqueConstraint("inv_adjust_id", "item_id"),
    _positive("quantity"),
    _positive("case_size"),
    Index(None, "item_id"),
    sqlite_autoincrement=True,  # the id of a removed line must never come back
)

inv_adjust_line_item_att = Table(
    "inv_adjust_line_item_att",
    metadata,
    _id(),
    Column("line_item_id", ForeignKey("inv_adjust_line_item.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("value", String(256), nullable=True),
    Column("barcode", String(128), nullable=True),
    Index(None, "line_item_id"),
)

inv_adjust_line_item_uin = Table(
    "inv_adjust_line_item_uin",
    metadata,
    Column("line_item_id", ForeignKey("inv_adjust_line_item.id"), primary_key=True),
    Column("uin", String(128), primary_key=True),
)

store_item_stock = Table(
    "store_item_stock",
    metadata,
    Column("store_id", ForeignKey("store.store_id"), primary_key=True),
    Column("item_id", ForeignKey("item.item_id"), primary_key=True),
    Column("quantity_available", Amount(), nullable=False),
    Column("quantity_unavailable", Amount(), nullable=False),
    Column("quantity_reserved", Amount(), nullable=False),
    Column("publish_sequence", BigInteger, nullable=False, server_default=text("0")),
    _not_negative("quantity_unavailable"),
    _not_negative("quantity_reserved"),
)
"""One position: the sums of its movements, kept in step in the same transaction (STK-01 to STK-04).

``publish_sequence`` counts the messages about this position; it grows under the same row lock as the stock, so its
order is commit order (PUB-06)."""

store_item_stock_nonsell = Table(
    "store_item_stock_nonsell",
    metadata,
    Column("store_id", BigInteger, primary_key=True),
    Column("item_id", String(25), primary_key=True),
    Column("nonsellable_type_id", ForeignKey("nonsellable_type.id"), primary_key=True),
    Column("quantity", Amount(), nullable=False),
    _not_negative("quantity"),
)

stock_movement = Table(
    "stock_movement",
    metadata,
    _id(),
    Column("store_id", BigInteger, nullable=False),
    Column("item_id", String(25), nullable=False),
    Column("quantity", Amount(), nullable=False),
    Column("from_account", String(20), nullable=False),
    Column("from_nonsellable_type_id", BigInteger, nullable=True),
    Column("to_account", String(20), nullable=False),
    Column("to_nonsellable_type_id", BigInteger, nullable=True),
    Column("reason_id", BigInteger, nullable=False),
    Column("origin", String(20), nullable=False),
    Column("origin_id", BigInteger, nullable=False),
    Column("moved_at", UtcTime(), nullable=False),
    Column("moved_by", String(128), nullable=False),
    _positive("quantity"),
    _one_of("from_account", Account),
    _one_of("to_account", Account),
    _one_of("origin", Origin),
    Index(None, "store_id", "item_id", "id"),
    Index(None, "origin", "origin_id"),
)
"""The transaction history: append-only, one row per movement (STK-03)."""

uin = Table(
    "uin",
    metadata,
    Column("item_id", ForeignKey("item.item_id"), primary_key=True),
    Column("uin", String(128), primary_key=True),
    Column("store_id", ForeignKey("store.store_id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("nonsellable_type_id", ForeignKey("nonsellable_type.id"), nullable=True),
    Column("updated_at", UtcTime(), nullable=False),
    _one_of("state", UinState),
    Index(None, "store_id", "item_id", "state"),
)
"""Each serialised unit, in one store and one state (UIN-05)."""

outbox_message = Table(
    "outbox_message",
    metadata,
    _id(),
    Column("message_key", String(64), nullable=False),
    Column("destination", String(40), nullable=False),
    Column("family", String(40), nullable=False),
    Column("message_type", String(40), nullable=False),
    Column("business_object_id", String(80), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("origin", String(20), nullable=False),
    Column("origin_id", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", UtcTime(), nullable=False),
    Column("next_attempt_at", UtcTime(), nullable=False),
    Column("leased_by", String(80), nullable=True),
    Column("leased_until", UtcTime(), nullable=True),
    Column("delivered_at", UtcTime(), nullable=True),
    Column("last_error", Text, nullable=True),
    UniqueConstraint("destination", "message_key"),
    UniqueConstraint("destination", "business_object_id", "sequence"),
    _one_of("status", OutboxStatus),
    Index(
        "ix_outbox_message_waiting",
        "destination",
        "next_attempt_at",
        "id",
        sqlite_where=text("status IN ('pending', 'sending')"),
        postgresql_where=text("status IN ('pending', 'sending')"),
    ),
    Index(
        "ix_outbox_message_undelivered",
        "destination",
        "business_object_id",
        "sequence",
        sqlite_where=text("status NOT IN ('delivered', 'deleted')"),
        postgresql_where=text("status NOT IN ('delivered', 'deleted')"),
    ),
)
"""Finished messages, written in the transaction of the change they tell of (PUB-05)."""

outbox_attempt = Table(
    "outbox_attempt",
    metadata,
    _id(),
    Column("message_id", ForeignKey("outbox_message.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("started_at", UtcTime(), nullable=False),
    Column("ended_at", UtcTime(), nullable=False),
    Column("relay", String(80), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("http_status", Integer, nullable=True),
    Column("detail", Text, nullable=True),
    _one_of("outcome", Outcome),
    Index(None, "message_id"),
)
"""Every attempt to deliver a message, with how it ended (PUB-08, PUB-10)."""

access_denial = Table(
    "access_denial",
    metadata,
    _id(),
    Column("denied_at", UtcTime(), nullable=False),
    Column("user_name", String(128), nullable=False),
    Column("action", String(60), nullable=False),
    Column("permissions", Text, nullable=False),
)
"""Every denied call (SEC-04)."""
