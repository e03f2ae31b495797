"""sent messages have an index

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
INDEX = "ix_message_sent"
SENT = sa.text("sent_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(INDEX, "message", ["sent_at"], postgresql_where=SENT, sqlite_where=SENT)


def downgrade() -> None:
    op.drop_index(INDEX, "message")
