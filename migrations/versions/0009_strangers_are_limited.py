"""strangers are limited

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Flags of before count as verified: nobody can tell who raised them, and they stop until cleared."""
    op.create_table(
        "rate_window",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_window")),
    )
    op.create_index(op.f("ix_rate_window_ends_at"), "rate_window", ["ends_at"])
    # Added without copying the table, which would drop its triggers on SQLite.
    op.add_column("appointment", sa.Column("held_from", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_appointment_held_from"), "appointment", ["held_from"])
    op.add_column("flag", sa.Column("given_key", sa.String(length=80), nullable=True))
    op.add_column(
        "flag", sa.Column("is_verified", sa.Boolean(), nullable=False, server_default=sa.true())
    )


def downgrade() -> None:
    op.drop_column("flag", "is_verified")
    op.drop_column("flag", "given_key")
    op.drop_index(op.f("ix_appointment_held_from"), table_name="appointment")
    op.drop_column("appointment", "held_from")
    op.drop_table("rate_window")
