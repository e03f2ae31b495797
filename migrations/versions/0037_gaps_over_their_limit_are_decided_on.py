"""gaps over their limit are decided on

Revision ID: 0037
Revises: 0036
"""

from collections.abc import Sequence

from alembic import op

revision = "0037"
down_revision = "0036"
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report", "decide_paused", "gap_limit", "decide_outage"),
    *("decide_spacing", "ask_talk_therapy"),
)
ADDED = "gap_exceeded"


def upgrade() -> None:
    _allow_kinds((*BEFORE, ADDED))


def downgrade() -> None:
    op.execute(f"DELETE FROM task WHERE kind = '{ADDED}'")  # noqa: S608 - a code of our own
    _allow_kinds(BEFORE)


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")
