"""two records become one

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.create_table(
        "patient_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("merged_by_id", sa.Integer(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_patient_merge_{column}")
            )
            for column, table in (
                *(("survivor_id", "patient"), ("merged_id", "patient")),
                *(("merged_by_id", "staff"), ("undone_by_id", "staff")),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merge")),
    )
    for column in ("survivor_id", "merged_id"):
        op.create_index(op.f(f"ix_patient_merge_{column}"), "patient_merge", [column])


def downgrade() -> None:
    op.drop_table("patient_merge")
