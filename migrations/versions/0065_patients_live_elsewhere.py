"""patients live elsewhere

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
TABLE, COLUMN = "patient", "time_zone"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
