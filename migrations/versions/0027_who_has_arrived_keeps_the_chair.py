"""who has arrived keeps the chair

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Until then a booking may move an appointment to another chair; who is here, or was, stays."""
    pinned = sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("claim", pinned)
    op.execute(
        "UPDATE claim SET pinned = true WHERE appointment_id IN "
        "(SELECT id FROM appointment WHERE status NOT IN ('pending', 'booked'))"
    )


def downgrade() -> None:
    op.drop_column("claim", "pinned")
