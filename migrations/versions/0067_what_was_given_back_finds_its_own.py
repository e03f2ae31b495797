"""what was given back finds its own

Revision ID: 0067
Revises: 0066
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
TABLE, COLUMN = "patient_change", "is_given_back"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.false()))
    changes = sa.table(
        TABLE, sa.column("patient_id"), sa.column("changed_at"), sa.column(COLUMN, sa.Boolean)
    )
    merges = sa.table("patient_merge", sa.column("survivor_id"), sa.column("undone_at"))
    by_undoing = sa.exists().where(
        merges.c.survivor_id == changes.c.patient_id, merges.c.undone_at == changes.c.changed_at
    )
    op.execute(changes.update().where(by_undoing).values({COLUMN: True}))


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
