"""visits are found by their start

Revision ID: 0060
Revises: 0059
"""

from alembic import op

revision = "0060"
down_revision = "0059"
INDEX = "ix_appointment_start"


def upgrade() -> None:
    op.create_index(INDEX, "appointment", ["starts_at"])


def downgrade() -> None:
    op.drop_index(INDEX, "appointment")
