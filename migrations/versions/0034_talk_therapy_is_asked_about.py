"""talk therapy is asked about

Revision ID: 0034
Revises: 0033
"""

from collections.abc import Sequence

from alembic import op

revision = "0034"
down_revision = "0033"
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report", "decide_paused", "gap_limit", "decide_outage"),
    "decide_spacing",
)
ADDED = "ask_talk_therapy"


def upgrade() -> None:
    _allow_kinds((*BEFORE, ADDED))


def downgrade() -> None:
    op.execute(f"DELETE FROM task WHERE kind = '{ADDED}'")  # noqa: S608 - a code of our own
    _allow_kinds(BEFORE)


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")
