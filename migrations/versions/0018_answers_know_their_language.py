"""answers know their language

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Questions were shown in English alone so far."""
    # Not in a batch: that would copy the table, and lose its cascades on SQLite.
    language = sa.Column("language", sa.String(5), nullable=False, server_default="en")
    op.add_column("screening_response", language)


def downgrade() -> None:
    op.drop_column("screening_response", "language")
