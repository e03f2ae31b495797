"""patients and bookings

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from booking.db.constraints import no_overlap
from booking.db.transactions import UtcDateTime

revision = "0002"
down_revision = "0001"
CLAIMS = no_overlap("claim", "resource_id")
VISITS = no_overlap(
    "appointment",
    "patient_id",
    condition="patient_id IS NOT NULL AND status IN ('booked', 'arrived')",
)


def upgrade() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("family_key", sa.String(length=80), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["patient.id"], name=op.f("fk_patient_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_email"), ["email"], unique=False)
        batch_op.create_index("ix_patient_match", ["birth_date", "family_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_phone"), ["phone"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "booked",
                "arrived",
                "fulfilled",
                "cancelled",
                "noshow",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("is_infusion", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "online",
                "api",
                "desk",
                "series",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "treated",
                "stopped_early",
                "no_ride",
                "had_eaten",
                "blood_pressure",
                "declined",
                "seen",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'pending') = (expires_at IS NOT NULL)",
            name=op.f("ck_appointment_holds_expire"),
        ),
        sa.CheckConstraint(
            "status = 'pending' OR patient_id IS NOT NULL",
            name=op.f("ck_appointment_booked_for_someone"),
        ),
        sa.CheckConstraint(
            "starts_at < ends_at", name=op.f("ck_appointment_starts_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_appointment_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_appointment_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_appointment_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("reference", name=op.f("uq_appointment_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_appointment_token")),
        sa.UniqueConstraint("uid", name=op.f("uq_appointment_uid")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_appointment_location_start", ["location_id", "starts_at"], unique=False
        )
        batch_op.create_index(
            "ix_appointment_patient_ends", ["patient_id", "ends_at"], unique=False
        )
        batch_op.create_index(
            "uq_appointment_one_infusion_a_day",
            ["patient_id", "local_date"],
            unique=True,
            postgresql_where=sa.text(
                "is_infusion AND (status IN ('booked', 'arrived') OR outcome IN ('treated', 'stopped_early'))"
            ),
            sqlite_where=sa.text(
                "is_infusion AND (status IN ('booked', 'arrived') OR outcome IN ('treated', 'stopped_early'))"
            ),
        )

    op.create_table(
        "call_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("wanted_start", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_call_request_location_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_request")),
    )

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_consent_asked_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "seen_at_visit",
                "call_first",
                name="flagkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("family_key", sa.String(length=80), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("cleared_at", UtcDateTime(), nullable=True),
        sa.Column("cleared_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cleared_by_id"], ["staff.id"], name=op.f("fk_flag_cleared_by_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_flag_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index("ix_flag_birth_date", ["birth_date", "cleared_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_flag_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "suitability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "undecided",
                "deferred",
                "suitable",
                "declined",
                "not_suitable",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("found_by_id", sa.Integer(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["found_by_id"], ["staff.id"], name=op.f("fk_suitability_found_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_suitability_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suitability")),
    )
    with op.batch_alter_table("suitability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suitability_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "booking_draft",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_booking_draft_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_booking_draft")),
    )

    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_claim_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_claim_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_claim_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_claim_appointment_id"), ["appointment_id"], unique=False
        )
        batch_op.create_index("ix_claim_resource_ends", ["resource_id", "ends_at"], unique=False)

    op.create_table(
        "screening_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "help_first",
                "adults_only",
                "call_first",
                "flagged",
                "go_on",
                name="screeningoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_screening_response_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_screening_response_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_screening_response_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["questionnaire.version"], name=op.f("fk_screening_response_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_response")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_screening_response_appointment_id")),
    )
    with op.batch_alter_table("screening_response", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_screening_response_patient_id"), ["patient_id"], unique=False
        )

    for rule in (CLAIMS, VISITS):
        for statement in rule.create(op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for rule in (VISITS, CLAIMS):
        for statement in rule.drop(op.get_bind().dialect.name):
            op.execute(statement)
    op.drop_table("screening_response")
    op.drop_table("claim")
    op.drop_table("booking_draft")
    op.drop_table("suitability")
    op.drop_table("flag")
    op.drop_table("consent")
    op.drop_table("call_request")
    op.drop_table("appointment")
    op.drop_table("patient")
