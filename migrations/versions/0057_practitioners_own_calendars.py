"""practitioners own calendars

Revision ID: 0057
Revises: 0056
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
CALENDAR, TIME = "busy_calendar", "busy_time"
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report", "decide_paused", "gap_limit", "decide_outage"),
    *("decide_spacing", "ask_talk_therapy", "gap_exceeded"),
)
ADDED = ("calendar_conflict", "calendar_unread")


def upgrade() -> None:
    op.create_table(
        CALENDAR,
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("read_until", sa.DateTime(timezone=True)),
        sa.Column("etag", sa.String(200)),
        sa.Column("last_modified", sa.String(200)),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.String(32)),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{CALENDAR}_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f(f"pk_{CALENDAR}")),
    )
    op.create_index(f"ix_{CALENDAR}_next_read_at", CALENDAR, ["next_read_at"])
    op.create_table(
        TIME,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f(f"ck_{TIME}_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            [f"{CALENDAR}.staff_id"],
            name=op.f(f"fk_{TIME}_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TIME}")),
    )
    op.create_index(f"ix_{TIME}_staff_id_ends_at", TIME, ["staff_id", "ends_at"])
    _allow_kinds((*BEFORE, *ADDED))


def downgrade() -> None:
    op.execute(f"DELETE FROM task WHERE kind IN {ADDED}")  # noqa: S608 - codes of our own
    _allow_kinds(BEFORE)
    for table in (TIME, CALENDAR):
        op.drop_table(table)


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")
