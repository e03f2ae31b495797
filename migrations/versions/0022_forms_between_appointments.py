"""forms between appointments

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0022"
down_revision = "0021"
IS_ON = sa.text("ended_at IS NULL")


def upgrade() -> None:
    _create_schedules()
    _create_forms()


def _create_schedules() -> None:
    op.create_table(
        "mood_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"], ["infusion_series.id"], name=op.f("fk_mood_schedule_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["staff.id"], name=op.f("fk_mood_schedule_started_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["staff.id"], name=op.f("fk_mood_schedule_ended_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mood_schedule")),
    )
    op.create_index("ix_mood_schedule_series_id", "mood_schedule", ["series_id"])
    op.create_index(
        "uq_mood_schedule_on",
        "mood_schedule",
        ["series_id"],
        unique=True,
        postgresql_where=IS_ON,
        sqlite_where=IS_ON,
    )


def _create_forms() -> None:
    op.create_table(
        "mood_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["mood_schedule.id"], name=op.f("fk_mood_form_schedule_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["infusion_series.id"], name=op.f("fk_mood_form_series_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mood_form")),
        sa.UniqueConstraint("schedule_id", "due_on", name="uq_mood_form_due"),
        sa.UniqueConstraint("token", name=op.f("uq_mood_form_token")),
    )
    op.create_index("ix_mood_form_series_id", "mood_form", ["series_id"])


def downgrade() -> None:
    """What was answered is lost."""
    op.drop_table("mood_form")
    op.drop_table("mood_schedule")
