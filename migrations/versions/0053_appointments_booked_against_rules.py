"""appointments booked against rules

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.add_column(
        "appointment", sa.Column("exempt_rules", sa.JSON(), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    """What was booked against a rule can't take place by the older one: somebody is asked to call."""
    op.drop_column("appointment", "exempt_rules")
