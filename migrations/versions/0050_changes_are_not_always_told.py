"""changes are not always told

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.add_column("appointment", sa.Column("untold_sequence", sa.Integer(), nullable=True))


def downgrade() -> None:
    """What the desk told nobody of stays untold: its messages are skipped already."""
    op.drop_column("appointment", "untold_sequence")
