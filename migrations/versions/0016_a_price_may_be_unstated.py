"""a price may be unstated

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Let a clinic leave out what a service costs: pages then say nothing of it."""
    with op.batch_alter_table("service") as service:
        service.alter_column("price_cents", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("UPDATE service SET price_cents = 0 WHERE price_cents IS NULL")
    with op.batch_alter_table("service") as service:
        service.alter_column("price_cents", existing_type=sa.Integer(), nullable=False)
