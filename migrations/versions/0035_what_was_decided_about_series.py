"""what was decided about series

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0035"
down_revision = "0034"
TABLE = "series_decision"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('healed', 'stopped')", name=op.f(f"ck_{TABLE}_decisionkind")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["infusion_series.id"], name=op.f(f"fk_{TABLE}_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f(f"fk_{TABLE}_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_series_id", TABLE, ["series_id"])


def downgrade() -> None:
    """Who planned a series anew or stopped it stays in the audit trail alone."""
    op.drop_table(TABLE)
