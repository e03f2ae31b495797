"""tasks know who decided

Revision ID: 0069
Revises: 0068
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
TABLE, COLUMN, INDEX = "task", "by_practitioner", "ix_task_subject"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.false()))
    tasks = sa.table(TABLE, sa.column("done_by_id"), sa.column(COLUMN, sa.Boolean))
    staff = sa.table("staff", sa.column("id"), sa.column("role"))
    practitioners = sa.select(staff.c.id).where(staff.c.role == "practitioner")
    by_one = tasks.c.done_by_id.in_(practitioners.scalar_subquery())
    op.execute(tasks.update().where(by_one).values({COLUMN: True}))
    op.create_index(INDEX, TABLE, ["subject_kind", "subject_id", "kind"])


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.drop_column(TABLE, COLUMN)
