"""a lost answer signs nobody out

Revision ID: 0061
Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
KEY = "uq_staff_session_replaced_digest"


def upgrade() -> None:
    with op.batch_alter_table("staff_session") as table:
        table.add_column(sa.Column("replaced_digest", sa.String(64)))
        table.create_unique_constraint(op.f(KEY), ["replaced_digest"])


def downgrade() -> None:
    with op.batch_alter_table("staff_session") as table:
        table.drop_constraint(op.f(KEY), type_="unique")
        table.drop_column("replaced_digest")
