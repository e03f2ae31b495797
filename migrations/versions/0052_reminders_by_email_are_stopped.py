"""reminders by email are stopped

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.create_table(
        "email_preference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_preference")),
        sa.UniqueConstraint("address", name=op.f("uq_email_preference_address")),
        sa.UniqueConstraint("token", name=op.f("uq_email_preference_token")),
    )


def downgrade() -> None:
    """Who stopped reminders by e-mail gets them again: there is no other place for it."""
    op.drop_table("email_preference")
