"""readiness for an appointment

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0020"
down_revision = "0019"
TABLE = "readiness_response"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("has_ride", sa.Boolean(), nullable=False),
        sa.Column("is_fasting", sa.Boolean(), nullable=False),
        sa.Column("is_well", sa.Boolean(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f(f"fk_{TABLE}_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f(f"pk_{TABLE}")),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
