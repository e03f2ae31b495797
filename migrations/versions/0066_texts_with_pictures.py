"""texts with pictures

Revision ID: 0066
Revises: 0065
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
TABLE, COLUMN = "inbound", "media_count"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
