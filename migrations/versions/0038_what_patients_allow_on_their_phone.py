"""what patients allow on their phone

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
ADDED = ("leave_voicemail", "safe_to_text", "preferred_name")


def upgrade() -> None:
    with op.batch_alter_table("patient") as table:
        table.add_column(sa.Column("preferred_name", sa.String(80)))
        table.add_column(
            sa.Column("safe_to_text", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        table.add_column(sa.Column("leave_voicemail", sa.Boolean()))


def downgrade() -> None:
    with op.batch_alter_table("patient") as table:
        for column in ADDED:
            table.drop_column(column)
