"""corrections and interrupted forms

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Keep what a corrected record said before, and what was typed when a sign-in ended."""
    op.create_table(
        "patient_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("old", sa.String(length=254), nullable=True),
        sa.Column("new", sa.String(length=254), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_change_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["staff.id"], name=op.f("fk_patient_change_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_change")),
    )
    op.create_index(op.f("ix_patient_change_patient_id"), "patient_change", ["patient_id"])
    op.create_table(
        "interrupted_form",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_interrupted_form_staff_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_interrupted_form")),
    )
    op.create_index(op.f("ix_interrupted_form_staff_id"), "interrupted_form", ["staff_id"])
    op.create_index(op.f("ix_interrupted_form_kept_at"), "interrupted_form", ["kept_at"])


def downgrade() -> None:
    """Older code knows neither."""
    op.drop_table("interrupted_form")
    op.drop_table("patient_change")
