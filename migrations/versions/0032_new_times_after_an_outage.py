"""new times after an outage

Revision ID: 0032
Revises: 0031
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0032"
down_revision = "0031"
CASE, PLAN, PATIENT, APPOINTMENT = (
    *("outage_case", "outage_plan"),
    *("affected_patient", "affected_appointment"),
)
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report", "decide_paused", "gap_limit"),
)
ADDED = ("decide_outage",)


def upgrade() -> None:
    _create_cases()
    _create_plans()
    _create_patients()
    _create_appointments()
    _allow_kinds((*BEFORE, *ADDED))


def _create_cases() -> None:
    statuses = ("planning", "proposed", "applied", "ended")
    op.create_table(
        CASE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", _codes("casestatus", *statuses), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("plan_again_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        _refers(CASE, "outage_id", "outage"),
        _refers(CASE, "recorded_by_id", "staff"),
        _refers(CASE, "decided_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CASE}")),
        sa.UniqueConstraint("outage_id", name=op.f(f"uq_{CASE}_outage_id")),
    )
    op.create_index(f"ix_{CASE}_status", CASE, ["status"])


def _create_plans() -> None:
    scopes, methods = ("all_locations", "same_location"), ("jointly", "one_by_one")
    op.create_table(
        PLAN,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("scope", _codes("planscope", *scopes), nullable=False),
        sa.Column("method", _codes("method", *methods), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("unplaced", sa.Integer(), nullable=False),
        sa.Column("least_unplaced", sa.Integer(), nullable=False),
        sa.Column("one_by_one_unplaced", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=True),
        _refers(PLAN, "case_id", CASE, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PLAN}")),
    )
    op.create_index(f"ix_{PLAN}_case_id", PLAN, ["case_id"])


def _create_patients() -> None:
    statuses = (*("to_call", "asked", "accepted", "chose_other", "declined", "expired", "settled"),)
    outcomes = ("reached", "voicemail", "no_answer")
    op.create_table(
        PATIENT,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("status", _codes("answerstatus", *statuses), nullable=False),
        *(
            sa.Column(name, UtcDateTime(), nullable=True)
            for name in ("asked_at", "answer_by", "held_until", "answered_at", "called_at")
        ),
        sa.Column("call_outcome", _codes("calloutcome", *outcomes), nullable=True),
        _refers(PATIENT, "case_id", CASE, ondelete="CASCADE"),
        _refers(PATIENT, "patient_id", "patient"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PATIENT}")),
        sa.UniqueConstraint("case_id", "patient_id", name=f"uq_{PATIENT}_once"),
        sa.UniqueConstraint("token", name=op.f(f"uq_{PATIENT}_token")),
    )
    op.create_index(f"ix_{PATIENT}_status", PATIENT, ["status"])


def _create_appointments() -> None:
    reasons = ("no_day", "not_cleared", "full", "taken")
    op.create_table(
        APPOINTMENT,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("affected_patient_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("old_location_id", sa.Integer(), nullable=False),
        sa.Column("old_starts_at", UtcDateTime(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("local_date", sa.Date(), nullable=True),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("no_time_reason", _codes("notimereason", *reasons), nullable=True),
        _refers(APPOINTMENT, "affected_patient_id", PATIENT, ondelete="CASCADE"),
        _refers(APPOINTMENT, "appointment_id", "appointment", ondelete="CASCADE"),
        _refers(APPOINTMENT, "old_location_id", "location"),
        _refers(APPOINTMENT, "location_id", "location"),
        _refers(APPOINTMENT, "hold_id", "appointment", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{APPOINTMENT}")),
        sa.UniqueConstraint(
            "affected_patient_id",
            "appointment_id",
            name=f"uq_{APPOINTMENT}_once",
        ),
    )
    for column in ("appointment_id", "hold_id"):
        op.create_index(f"ix_{APPOINTMENT}_{column}", APPOINTMENT, [column])


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _refers(
    table: str, column: str, other: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")


def downgrade() -> None:
    """Who was asked about what is lost; appointments stay as they are, and holds end by themselves."""
    op.execute(f"DELETE FROM task WHERE kind = '{ADDED[0]}'")  # noqa: S608 - a code of our own
    _allow_kinds(BEFORE)
    for table in (APPOINTMENT, PATIENT, PLAN, CASE):
        op.drop_table(table)
