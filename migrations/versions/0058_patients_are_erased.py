"""patients are erased

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
TABLE = "legal_hold"
STANDS, ERASED = sa.text("lifted_at IS NULL"), sa.text("erased_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("patient", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_patient_erased",
        "patient",
        ["erased_at"],
        postgresql_where=ERASED,
        sqlite_where=ERASED,
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by_id", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by_id", sa.Integer()),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f(f"fk_{TABLE}_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by_id"], ["staff.id"], name=op.f(f"fk_{TABLE}_placed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["staff.id"], name=op.f(f"fk_{TABLE}_lifted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_patient_id", TABLE, ["patient_id"])
    op.create_index(
        "uq_legal_hold_stands_once",
        TABLE,
        ["patient_id"],
        unique=True,
        postgresql_where=STANDS,
        sqlite_where=STANDS,
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_index("ix_patient_erased", "patient")
    op.drop_column("patient", "erased_at")
