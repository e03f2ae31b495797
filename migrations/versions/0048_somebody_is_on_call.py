"""somebody is on call

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0048"
down_revision = "0047"
TABLE = "on_call_turn"


def upgrade() -> None:
    op.add_column("staff", sa.Column("phone", sa.String(32), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{TABLE}_{column}"))
            for column in ("staff_id", "added_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    for column in ("staff_id", "last_day"):
        op.create_index(op.f(f"ix_{TABLE}_{column}"), TABLE, [column])


def downgrade() -> None:
    """Nobody is on call any more, and no number of staff is kept."""
    op.drop_table(TABLE)
    op.drop_column("staff", "phone")
