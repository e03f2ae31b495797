"""texts are read and tasks taken

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0046"
down_revision = "0045"
UNREAD = sa.text("read_at IS NULL")
# What a person still had to read is what has a task
READ_BEFORE = """
    UPDATE inbound SET read_at = received_at WHERE id NOT IN (
        SELECT subject_id FROM task WHERE subject_kind = 'inbound' AND done_at IS NULL)
"""


def upgrade() -> None:
    with op.batch_alter_table("task") as table:
        table.add_column(sa.Column("assigned_to_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_task_assigned_to_id"), "staff", ["assigned_to_id"], ["id"]
        )
    with op.batch_alter_table("inbound") as table:
        table.add_column(sa.Column("read_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("read_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_inbound_read_by_id"), "staff", ["read_by_id"], ["id"])
    op.create_index(
        "ix_inbound_unread", "inbound", ["sender"], postgresql_where=UNREAD, sqlite_where=UNREAD
    )
    op.execute(READ_BEFORE)


def downgrade() -> None:
    """Who had read a text, and who had taken a task, is no longer known."""
    op.drop_index("ix_inbound_unread", "inbound")
    with op.batch_alter_table("inbound") as table:
        table.drop_constraint(op.f("fk_inbound_read_by_id"), type_="foreignkey")
        table.drop_column("read_by_id")
        table.drop_column("read_at")
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("fk_task_assigned_to_id"), type_="foreignkey")
        table.drop_column("assigned_to_id")
