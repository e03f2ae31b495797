"""phases have a history

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0024"
down_revision = "0023"
TABLE = "series_revision"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("phases_before", sa.JSON(), nullable=False),
        sa.Column("phases_after", sa.JSON(), nullable=False),
        sa.Column("revised_by_id", sa.Integer(), nullable=False),
        sa.Column("revised_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["infusion_series.id"], name=op.f(f"fk_{TABLE}_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["staff.id"], name=op.f(f"fk_{TABLE}_revised_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_series_id", TABLE, ["series_id"])


def downgrade() -> None:
    """Why and by whom phases were changed is lost; the phases stay as they are."""
    op.drop_table(TABLE)
