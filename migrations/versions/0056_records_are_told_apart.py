"""records are told apart

Revision ID: 0056
Revises: 0055
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
TABLE = "distinct_records"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lower_id", sa.Integer(), nullable=False),
        sa.Column("higher_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("lower_id < higher_id", name=op.f(f"ck_{TABLE}_two_records_in_order")),
        sa.ForeignKeyConstraint(["lower_id"], ["patient.id"], name=op.f(f"fk_{TABLE}_lower_id")),
        sa.ForeignKeyConstraint(["higher_id"], ["patient.id"], name=op.f(f"fk_{TABLE}_higher_id")),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["staff.id"], name=op.f(f"fk_{TABLE}_marked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("lower_id", "higher_id", name=op.f(f"uq_{TABLE}_lower_id_higher_id")),
    )
    op.create_index(f"ix_{TABLE}_higher_id", TABLE, ["higher_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
