"""a time is promised in a zone

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Times booked so far were promised in the zone their location has now."""
    # Not in a batch: that would copy the table, and lose its triggers and cascades on SQLite.
    zone = sa.Column("time_zone", sa.String(60), nullable=False, server_default="UTC")
    op.add_column("appointment", zone)
    op.execute(
        "UPDATE appointment SET time_zone = "
        "(SELECT time_zone FROM location WHERE location.id = appointment.location_id)"
    )


def downgrade() -> None:
    op.drop_column("appointment", "time_zone")
