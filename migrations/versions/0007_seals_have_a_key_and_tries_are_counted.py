"""seals have a key and tries are counted

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from booking.db.constraints import append_only
from booking.db.transactions import UtcDateTime

revision = "0007"
down_revision = "0006"
APPENDED = ("audit_entry", "audit_seal")


def upgrade() -> None:
    """Seals of before stay, without key and count: the entries under them are sealed anew."""
    dialect = op.get_bind().dialect.name
    for table in APPENDED:
        for statement in append_only(table).drop(dialect):
            op.execute(statement)
    with op.batch_alter_table("audit_seal") as table:
        table.drop_constraint(op.f("uq_audit_seal_last_entry_id"), type_="unique")
        table.add_column(sa.Column("count", sa.Integer(), nullable=True))
        table.add_column(sa.Column("key_id", sa.String(length=16), nullable=True))
        table.create_unique_constraint(op.f("uq_audit_seal_count"), ["count"])
    for table_name in APPENDED:
        for statement in append_only(table_name).create(dialect):
            op.execute(statement)
    _count_tries()


def _count_tries() -> None:
    op.create_table(
        "staff_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_device_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_device")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_staff_device_key_digest")),
    )
    op.create_index(op.f("ix_staff_device_staff_id"), "staff_device", ["staff_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("counter", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("counter", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"])


def downgrade() -> None:
    """Seals made with a key go: the older code would take them for its own, and for broken."""
    op.drop_table("sign_in_tries")
    op.drop_table("staff_device")
    dialect = op.get_bind().dialect.name
    for statement in append_only("audit_seal").drop(dialect):
        op.execute(statement)
    op.execute("DELETE FROM audit_seal WHERE count IS NOT NULL")
    with op.batch_alter_table("audit_seal") as table:
        table.drop_constraint(op.f("uq_audit_seal_count"), type_="unique")
        table.drop_column("key_id")
        table.drop_column("count")
        table.create_unique_constraint(op.f("uq_audit_seal_last_entry_id"), ["last_entry_id"])
    for statement in append_only("audit_seal").create(dialect):
        op.execute(statement)
