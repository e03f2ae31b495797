"""series rest and end

Revision ID: 0029
Revises: 0028
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0029"
down_revision = "0028"
PAUSE = "series_pause"
UNDECIDED = sa.text("decided_at IS NULL")
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report"),
)
ADDED = ("decide_paused",)


def upgrade() -> None:
    op.add_column("infusion_series", sa.Column("last_day", sa.Date(), nullable=True))
    op.add_column("session", sa.Column("missed_slot", sa.JSON(none_as_null=True), nullable=True))
    _create_pauses()
    _allow_kinds((*BEFORE, *ADDED))


def _create_pauses() -> None:
    decisions = sa.Enum(
        "go_on", "repeat", "end", name="pausedecision", native_enum=False, create_constraint=True,
        length=32,
    )  # fmt: skip
    op.create_table(
        PAUSE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("paused_by_id", sa.Integer(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", decisions, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        _refers_to("series_id", "infusion_series"),
        _refers_to("paused_by_id", "staff"),
        _refers_to("decided_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PAUSE}")),
    )
    op.create_index(f"ix_{PAUSE}_series_id", PAUSE, ["series_id"])
    op.create_index(
        f"uq_{PAUSE}_undecided",
        PAUSE,
        ["series_id"],
        unique=True,
        postgresql_where=UNDECIDED,
        sqlite_where=UNDECIDED,
    )


def _refers_to(column: str, other_table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other_table}.id"], name=op.f(f"fk_{PAUSE}_{column}")
    )


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")


def downgrade() -> None:
    """Pauses, ends by day and tasks about pauses go; what they cancelled stays cancelled."""
    op.execute(f"DELETE FROM task WHERE kind IN ('{ADDED[0]}')")  # noqa: S608 - a code of our own
    _allow_kinds(BEFORE)
    op.drop_table(PAUSE)
    op.drop_column("session", "missed_slot")
    op.drop_column("infusion_series", "last_day")
