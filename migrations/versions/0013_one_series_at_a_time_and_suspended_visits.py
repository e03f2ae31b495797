"""one series at a time and suspended visits

Revision ID: 0013
Revises: 0012
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0013"
down_revision = "0012"
BEFORE = ("proposed", "active", "completed", "stopped")
GOES_ON = sa.text("status IN ('proposed', 'active')")
ENDED = "Ended: another series of the patient goes on. Its visits stand until a person decides."
# Of a patient's series that go on, the one that stays: one that is booked, and the newest.
OTHERS = """
    SELECT other.id FROM infusion_series AS other WHERE other.status IN ('proposed', 'active')
    AND EXISTS (
        SELECT 1 FROM infusion_series AS kept
        WHERE kept.patient_id = other.patient_id AND kept.status IN ('proposed', 'active')
        AND kept.id <> other.id AND (
            (kept.status = 'active' AND other.status = 'proposed')
            OR (kept.status = other.status AND kept.id > other.id)
        )
    )
"""


def upgrade() -> None:
    _allow_statuses((*BEFORE, "withdrawn"))
    _end_others()
    op.create_index(
        "uq_infusion_series_one_at_a_time",
        "infusion_series",
        ["patient_id"],
        unique=True,
        postgresql_where=GOES_ON,
        sqlite_where=GOES_ON,
    )
    op.create_index(op.f("ix_patient_merged_into_id"), "patient", ["merged_into_id"])
    op.add_column("appointment", sa.Column("suspended_at", UtcDateTime(), nullable=True))


def _end_others() -> None:
    """Leave a patient one series that goes on; a practitioner looks at what is booked in another."""
    others = [row.id for row in op.get_bind().execute(sa.text(OTHERS))]
    for series_id in others:
        of_it = {"id": series_id, "why": ENDED}
        _run(
            "INSERT INTO task (kind, owner, subject_kind, subject_id, details, due_at, created_at, note) "
            "SELECT 'review_series', 'practitioner', 'infusion_series', id, '{\"why\": \"two_at_once\"}',"
            " CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, '' FROM infusion_series "
            "WHERE id = :id AND status = 'active' AND NOT EXISTS (SELECT 1 FROM task WHERE "
            "kind = 'review_series' AND subject_kind = 'infusion_series' AND subject_id = :id "
            "AND done_at IS NULL)",
            id=series_id,
        )
        _run(
            "UPDATE infusion_series SET note = CASE WHEN note = '' THEN :why ELSE note || ' ' || :why "
            "END, status = CASE status WHEN 'active' THEN 'stopped' ELSE 'withdrawn' END WHERE id = :id",
            **of_it,
        )
        _run(
            "UPDATE session SET state = 'cancelled' WHERE series_id = :id AND state = 'unplaced'",
            id=series_id,
        )


def _run(sql: str, **values: object) -> None:
    op.get_bind().execute(sa.text(sql), values)


def downgrade() -> None:
    """A prescription that was withdrawn reads as stopped: the older code knows no other word."""
    op.drop_column("appointment", "suspended_at")
    op.drop_index(op.f("ix_patient_merged_into_id"), "patient")
    op.drop_index("uq_infusion_series_one_at_a_time", "infusion_series")
    op.execute("UPDATE infusion_series SET status = 'stopped' WHERE status = 'withdrawn'")
    _allow_statuses(BEFORE)


def _allow_statuses(statuses: Sequence[str]) -> None:
    with op.batch_alter_table("infusion_series") as table:
        table.drop_constraint(op.f("ck_infusion_series_seriesstatus"), type_="check")
        table.create_check_constraint("seriesstatus", f"status IN {tuple(statuses)}")
