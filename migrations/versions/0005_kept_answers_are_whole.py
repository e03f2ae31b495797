"""kept answers are whole

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A key is written with its answer, so both columns always have a value."""
    op.execute("DELETE FROM idempotency_key WHERE status IS NULL OR answer IS NULL")
    with op.batch_alter_table("idempotency_key") as table:
        table.alter_column("status", existing_type=sa.Integer(), nullable=False)
        table.alter_column("answer", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("idempotency_key") as table:
        table.alter_column("answer", existing_type=sa.JSON(), nullable=True)
        table.alter_column("status", existing_type=sa.Integer(), nullable=True)
