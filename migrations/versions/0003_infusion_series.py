"""infusion series

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "schedule_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_template")),
        sa.UniqueConstraint("slug", "version", name=op.f("uq_schedule_template_slug_version")),
    )

    op.create_table(
        "infusion_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "active",
                "completed",
                "stopped",
                name="seriesstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("preferences", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("prescribed_by_id", sa.Integer(), nullable=False),
        sa.Column("prescribed_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("next_look_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_infusion_series_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_infusion_series_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescribed_by_id"], ["staff.id"], name=op.f("fk_infusion_series_prescribed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["schedule_template.id"], name=op.f("fk_infusion_series_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_infusion_series")),
    )
    with op.batch_alter_table("infusion_series", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_infusion_series_patient_id"), ["patient_id"], unique=False
        )
        batch_op.create_index(
            "ix_infusion_series_status_look", ["status", "next_look_at"], unique=False
        )

    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "done",
                "missed",
                "unplaced",
                "cancelled",
                name="sessionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_session_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["infusion_series.id"], name=op.f("fk_session_series_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_session_appointment_id")),
        sa.UniqueConstraint("series_id", "number", name=op.f("uq_session_series_id_number")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index("ix_session_state", ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("session")
    op.drop_table("infusion_series")
    op.drop_table("schedule_template")
