"""changed rules reach booked visits

Revision ID: 0063
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
TABLE, COLUMN = "derivation", "policy_version"


def upgrade() -> None:
    """What is planned by now stays as it is, until the rules change again."""
    op.add_column(TABLE, sa.Column(COLUMN, sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE derivation SET policy_version = "
        "COALESCE((SELECT MAX(version) FROM reminder_policy), 0)"
    )


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
