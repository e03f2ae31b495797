"""changes at the desk can be undone

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0040"
down_revision = "0039"
TABLE = "appointment_change"
ACTIONS = ("move", "cancel", "check_in", "fulfil", "mark_no_show")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice_at", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(f"action IN {ACTIONS}", name=op.f(f"ck_{TABLE}_action")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f(f"fk_{TABLE}_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_appointment_id", TABLE, ["appointment_id"])
    op.create_index(f"ix_{TABLE}_made_at", TABLE, ["made_at"])


def downgrade() -> None:
    """What was done at the desk stays done."""
    op.drop_table(TABLE)
