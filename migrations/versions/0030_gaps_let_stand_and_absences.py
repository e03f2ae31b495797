"""gaps let stand and absences

Revision ID: 0030
Revises: 0029
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0030"
down_revision = "0029"
TABLE = "patient_absence"
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report", "decide_paused"),
)
ADDED = ("gap_limit",)


def upgrade() -> None:
    op.add_column("session", sa.Column("allowed_gap", sa.Integer(), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f(f"ck_{TABLE}_in_order")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f(f"fk_{TABLE}_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f(f"fk_{TABLE}_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_patient_id", TABLE, ["patient_id"])
    _allow_kinds((*BEFORE, *ADDED))


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")


def downgrade() -> None:
    """When patients are away is forgotten, and which gaps were let stand; the visits stay as they are."""
    op.execute(f"DELETE FROM task WHERE kind IN ('{ADDED[0]}')")  # noqa: S608 - a code of our own
    _allow_kinds(BEFORE)
    op.drop_table(TABLE)
    op.drop_column("session", "allowed_gap")
