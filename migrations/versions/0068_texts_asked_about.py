"""texts asked about

Revision ID: 0068
Revises: 0067
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
TABLE, COLUMN, INDEX = "message", "ages_asked_at", "ix_message_unreported"
UNREPORTED = sa.text("status = 'sent' AND channel = 'sms'")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.Integer, nullable=False, server_default="0"))
    op.create_index(INDEX, TABLE, ["sent_at"], postgresql_where=UNREPORTED, sqlite_where=UNREPORTED)


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.drop_column(TABLE, COLUMN)
