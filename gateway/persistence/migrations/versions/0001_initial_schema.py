"""Initial schema: stock, adjustments, templates, UINs, users, outbox.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from gateway.persistence.columns import Amount, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_denial",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("denied_at", UtcTime(), nullable=False),
        sa.Column("user_name", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_denial")),
    )
    op.create_table(
        "app_user",
        sa.Column("user_name", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=True),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("all_stores", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_name", name=op.f("pk_app_user")),
    )
    op.create_table(
        "item",
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("description", sa.String(length=250), nullable=False),
        sa.Column("uom", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("unit_cost", Amount(), nullable=True),
        sa.Column("department", sa.String(length=120), nullable=True),
        sa.Column("class", sa.String(length=120), nullable=True),
        sa.Column("subclass", sa.String(length=120), nullable=True),
        sa.CheckConstraint("kind IN ('plain', 'serial', 'agsn')", name=op.f("ck_item_kind")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item")),
    )
    op.create_table(
        "nonsellable_type",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nonsellable_type")),
    )
    op.create_table(
        "number_sequence",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "outbox_message",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("message_type", sa.String(length=40), nullable=False),
        sa.Column("business_object_id", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("next_attempt_at", UtcTime(), nullable=False),
        sa.Column("leased_by", sa.String(length=80), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("delivered_at", UtcTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'delivered', 'hospital', 'stopped', 'deleted')",
            name=op.f("ck_outbox_message_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint(
            "destination",
            "business_object_id",
            "sequence",
            name=op.f("uq_outbox_message_destination_business_object_id_sequence"),
        ),
        sa.UniqueConstraint("destination", "message_key", name=op.f("uq_outbox_message_destination_message_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_message_undelivered",
            ["destination", "business_object_id", "sequence"],
            unique=False,
            sqlite_where=sa.text("status NOT IN ('delivered', 'deleted')"),
            postgresql_where=sa.text("status NOT IN ('delivered', 'deleted')"),
        )
        batch_op.create_index(
            "ix_outbox_message_waiting",
            ["destination", "next_attempt_at", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('pending', 'sending')"),
            postgresql_where=sa.text("status IN ('pending', 'sending')"),
        )

    op.create_table(
        "parameter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_parameter")),
    )
    op.create_table(
        "reference_version",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reference_version_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_version")),
    )
    op.create_table(
        "role",
        sa.Column("role_name", sa.String(length=60), nullable=False),
        sa.Column("all_reasons", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("role_name", name=op.f("pk_role")),
    )
    op.create_table(
        "stock_movement",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("from_account", sa.String(length=20), nullable=False),
        sa.Column("from_nonsellable_type_id", sa.BigInteger(), nullable=True),
        sa.Column("to_account", sa.String(length=20), nullable=False),
        sa.Column("to_nonsellable_type_id", sa.BigInteger(), nullable=True),
        sa.Column("reason_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", UtcTime(), nullable=False),
        sa.Column("moved_by", sa.String(length=128), nullable=False),
        sa.CheckConstraint(
            "from_account IN ('outside', 'available', 'unavailable', 'reserved')",
            name=op.f("ck_stock_movement_from_account"),
        ),
        sa.CheckConstraint(
            "origin IN ('adjustment_line', 'opening', 'wastage_run', 'balance_message', 'inventory_level')",
            name=op.f("ck_stock_movement_origin"),
        ),
        sa.CheckConstraint(
            "to_account IN ('outside', 'available', 'unavailable', 'reserved')",
            name=op.f("ck_stock_movement_to_account"),
        ),
        sa.CheckConstraint("CAST(quantity AS REAL) > 0", name=op.f("ck_stock_movement_quantity_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
    )
    with op.batch_alter_table("stock_movement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_movement_origin_origin_id"), ["origin", "origin_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_stock_movement_store_id_item_id_id"), ["store_id", "item_id", "id"], unique=False
        )

    op.create_table(
        "store",
        sa.Column("store_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store")),
    )
    op.create_table(
        "inv_adjust_reason",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("from_disposition", sa.String(length=4), nullable=False),
        sa.Column("to_disposition", sa.String(length=4), nullable=False),
        sa.Column("from_nonsellable_type_id", sa.BigInteger(), nullable=True),
        sa.Column("to_nonsellable_type_id", sa.BigInteger(), nullable=True),
        sa.Column("displayable", sa.Boolean(), nullable=False),
        sa.Column("system_required", sa.Boolean(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "from_disposition IN ('DIST', 'ATS', 'TRBL', 'COR')", name=op.f("ck_inv_adjust_reason_from_disposition")
        ),
        sa.CheckConstraint(
            "to_disposition IN ('DIST', 'ATS', 'TRBL', 'COR')", name=op.f("ck_inv_adjust_reason_to_disposition")
        ),
        sa.CheckConstraint("code BETWEEN 0 AND 9999", name=op.f("ck_inv_adjust_reason_code_four_digits")),
        sa.CheckConstraint("id > 0", name=op.f("ck_inv_adjust_reason_id_positive")),
        sa.ForeignKeyConstraint(
            ["from_nonsellable_type_id"],
            ["nonsellable_type.id"],
            name=op.f("fk_inv_adjust_reason_from_nonsellable_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["to_nonsellable_type_id"],
            ["nonsellable_type.id"],
            name=op.f("fk_inv_adjust_reason_to_nonsellable_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inv_adjust_reason")),
        sa.UniqueConstraint("code", name=op.f("uq_inv_adjust_reason_code")),
    )
    op.create_table(
        "inv_adjust_template",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=250), nullable=False),
        sa.Column("comments", sa.String(length=2000), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("create_date", UtcTime(), nullable=False),
        sa.Column("create_user", sa.String(length=128), nullable=False),
        sa.Column("approve_date", UtcTime(), nullable=True),
        sa.Column("approve_user", sa.String(length=128), nullable=True),
        sa.CheckConstraint(
            "status IN ('IN_PROGRESS', 'COMPLETED', 'CANCELED')", name=op.f("ck_inv_adjust_template_status")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.store_id"], name=op.f("fk_inv_adjust_template_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inv_adjust_template")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inv_adjust_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inv_adjust_template_store_id_create_date"), ["store_id", "create_date"], unique=False
        )

    op.create_table(
        "outbox_attempt",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.Column("relay", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('delivered', 'refused', 'transient', 'unknown', 'contract')",
            name=op.f("ck_outbox_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(["message_id"], ["outbox_message.id"], name=op.f("fk_outbox_attempt_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attempt")),
    )
    with op.batch_alter_table("outbox_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_attempt_message_id"), ["message_id"], unique=False)

    op.create_table(
        "role_function",
        sa.Column("role_name", sa.String(length=60), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "function IN ('access', 'create', 'edit', 'complete', 'delete', 'access_templates', 'apply_templates', 'create_templates', 'edit_templates', 'delete_templates', 'create_uin', 'edit_quantity', 'maintain_reasons')",
            name=op.f("ck_role_function_function"),
        ),
        sa.ForeignKeyConstraint(["role_name"], ["role.role_name"], name=op.f("fk_role_function_role_name")),
        sa.PrimaryKeyConstraint("role_name", "function", name=op.f("pk_role_function")),
    )
    op.create_table(
        "store_item_stock",
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("quantity_available", Amount(), nullable=False),
        sa.Column("quantity_unavailable", Amount(), nullable=False),
        sa.Column("quantity_reserved", Amount(), nullable=False),
        sa.Column("publish_sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "CAST(quantity_reserved AS REAL) >= 0", name=op.f("ck_store_item_stock_quantity_reserved_not_negative")
        ),
        sa.CheckConstraint(
            "CAST(quantity_unavailable AS REAL) >= 0",
            name=op.f("ck_store_item_stock_quantity_unavailable_not_negative"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_store_item_stock_item_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.store_id"], name=op.f("fk_store_item_stock_store_id")),
        sa.PrimaryKeyConstraint("store_id", "item_id", name=op.f("pk_store_item_stock")),
    )
    op.create_table(
        "store_item_stock_nonsell",
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("nonsellable_type_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.CheckConstraint(
            "CAST(quantity AS REAL) >= 0", name=op.f("ck_store_item_stock_nonsell_quantity_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["nonsellable_type_id"],
            ["nonsellable_type.id"],
            name=op.f("fk_store_item_stock_nonsell_nonsellable_type_id"),
        ),
        sa.PrimaryKeyConstraint("store_id", "item_id", "nonsellable_type_id", name=op.f("pk_store_item_stock_nonsell")),
    )
    op.create_table(
        "uin",
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("uin", sa.String(length=128), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("nonsellable_type_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('in_stock', 'unavailable', 'customer_reserved', 'removed', 'missing')", name=op.f("ck_uin_state")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_uin_item_id")),
        sa.ForeignKeyConstraint(
            ["nonsellable_type_id"], ["nonsellable_type.id"], name=op.f("fk_uin_nonsellable_type_id")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.store_id"], name=op.f("fk_uin_store_id")),
        sa.PrimaryKeyConstraint("item_id", "uin", name=op.f("pk_uin")),
    )
    with op.batch_alter_table("uin", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_uin_store_id_item_id_state"), ["store_id", "item_id", "state"], unique=False
        )

    op.create_table(
        "user_role",
        sa.Column("user_name", sa.String(length=30), nullable=False),
        sa.Column("role_name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["role_name"], ["role.role_name"], name=op.f("fk_user_role_role_name")),
        sa.ForeignKeyConstraint(["user_name"], ["app_user.user_name"], name=op.f("fk_user_role_user_name")),
        sa.PrimaryKeyConstraint("user_name", "role_name", name=op.f("pk_user_role")),
    )
    op.create_table(
        "user_store",
        sa.Column("user_name", sa.String(length=30), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.store_id"], name=op.f("fk_user_store_store_id")),
        sa.ForeignKeyConstraint(["user_name"], ["app_user.user_name"], name=op.f("fk_user_store_user_name")),
        sa.PrimaryKeyConstraint("user_name", "store_id", name=op.f("pk_user_store")),
    )
    op.create_table(
        "inv_adjust",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("reference_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inv_adjust_template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("comments", sa.String(length=2000), nullable=True),
        sa.Column("publish", sa.Boolean(), nullable=True),
        sa.Column("create_date", UtcTime(), nullable=False),
        sa.Column("create_user", sa.String(length=128), nullable=False),
        sa.Column("approve_date", UtcTime(), nullable=True),
        sa.Column("approve_user", sa.String(length=128), nullable=True),
        sa.CheckConstraint(
            "(status = 'COMPLETED') = (approve_date IS NOT NULL AND approve_user IS NOT NULL)",
            name=op.f("ck_inv_adjust_approved_when_completed"),
        ),
        sa.CheckConstraint("status IN ('IN_PROGRESS', 'COMPLETED', 'CANCELED')", name=op.f("ck_inv_adjust_status")),
        sa.ForeignKeyConstraint(
            ["inv_adjust_template_id"], ["inv_adjust_template.id"], name=op.f("fk_inv_adjust_inv_adjust_template_id")
        ),
        sa.ForeignKeyConstraint(["reference_id"], ["inv_adjust.id"], name=op.f("fk_inv_adjust_reference_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.store_id"], name=op.f("fk_inv_adjust_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inv_adjust")),
    )
    with op.batch_alter_table("inv_adjust", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inv_adjust_inv_adjust_template_id"), ["inv_adjust_template_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inv_adjust_store_id_create_date_id"), ["store_id", "create_date", "id"], unique=False
        )

    op.create_table(
        "inv_adjust_template_item",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("inv_adjust_template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("inv_adjust_reason_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("case_size", Amount(10, 2), nullable=False),
        sa.CheckConstraint("CAST(case_size AS REAL) > 0", name=op.f("ck_inv_adjust_template_item_case_size_positive")),
        sa.CheckConstraint("CAST(quantity AS REAL) > 0", name=op.f("ck_inv_adjust_template_item_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["inv_adjust_reason_id"],
            ["inv_adjust_reason.id"],
            name=op.f("fk_inv_adjust_template_item_inv_adjust_reason_id"),
        ),
        sa.ForeignKeyConstraint(
            ["inv_adjust_template_id"],
            ["inv_adjust_template.id"],
            name=op.f("fk_inv_adjust_template_item_inv_adjust_template_id"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_inv_adjust_template_item_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inv_adjust_template_item")),
        sa.UniqueConstraint(
            "inv_adjust_template_id", "item_id", name=op.f("uq_inv_adjust_template_item_inv_adjust_template_id_item_id")
        ),
    )
    op.create_table(
        "role_reason",
        sa.Column("role_name", sa.String(length=60), nullable=False),
        sa.Column("reason_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["reason_id"], ["inv_adjust_reason.id"], name=op.f("fk_role_reason_reason_id")),
        sa.ForeignKeyConstraint(["role_name"], ["role.role_name"], name=op.f("fk_role_reason_role_name")),
        sa.PrimaryKeyConstraint("role_name", "reason_id", name=op.f("pk_role_reason")),
    )
    op.create_table(
        "inv_adjust_line_item",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("inv_adjust_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.String(length=25), nullable=False),
        sa.Column("inv_adjust_reason_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("case_size", Amount(10, 2), nullable=False),
        sa.CheckConstraint("CAST(case_size AS REAL) > 0", name=op.f("ck_inv_adjust_line_item_case_size_positive")),
        sa.CheckConstraint("CAST(quantity AS REAL) > 0", name=op.f("ck_inv_adjust_line_item_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["inv_adjust_id"], ["inv_adjust.id"], name=op.f("fk_inv_adjust_line_item_inv_adjust_id")
        ),
        sa.ForeignKeyConstraint(
            ["inv_adjust_reason_id"],
            ["inv_adjust_reason.id"],
            name=op.f("fk_inv_adjust_line_item_inv_adjust_reason_id"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_inv_adjust_line_item_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inv_adjust_line_item")),
        sa.UniqueConstraint("inv_adjust_id", "item_id", name=op.f("uq_inv_adjust_line_item_inv_adjust_id_item_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inv_adjust_line_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inv_adjust_line_item_item_id"), ["item_id"], unique=False)

    op.create_table(
        "inv_adjust_line_item_att",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("line_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=True),
        sa.Column("barcode", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["inv_adjust_line_item.id"], name=op.f("fk_inv_adjust_line_item_att_line_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inv_adjust_line_item_att")),
    )
    with op.batch_alter_table("inv_adjust_line_item_att", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inv_adjust_line_item_att_line_item_id"), ["line_item_id"], unique=False)

    op.create_table(
        "inv_adjust_line_item_uin",
        sa.Column("line_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uin", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["inv_adjust_line_item.id"], name=op.f("fk_inv_adjust_line_item_uin_line_item_id")
        ),
        sa.PrimaryKeyConstraint("line_item_id", "uin", name=op.f("pk_inv_adjust_line_item_uin")),
    )
    op.execute("INSERT INTO reference_version (id, version) VALUES (1, 1)")
    op.execute("INSERT INTO number_sequence (name, next_number) VALUES ('agsn', 1)")
    _make_append_only("stock_movement")


def _make_append_only(table: str) -> None:
    """Let the database itself refuse to change or remove rows of *table* (STK-03)."""
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
