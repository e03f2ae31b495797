"""what payers authorise

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "planner_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planner_rates")),
        sa.UniqueConstraint("slug", name=op.f("uq_planner_rates_slug")),
    )
    _create_authorisations()


def _create_authorisations() -> None:
    op.create_table(
        "series_authorisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"], ["infusion_series.id"], name=op.f("fk_series_authorisation_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f("fk_series_authorisation_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_authorisation")),
    )
    op.create_index("ix_series_authorisation_series_id", "series_authorisation", ["series_id"])


def downgrade() -> None:
    op.drop_table("series_authorisation")
    op.drop_table("planner_rates")
